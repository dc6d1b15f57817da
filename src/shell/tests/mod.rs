//! What the runner promises, against real interpreters.

mod carried;
mod contract;
mod ending;
mod interpreters;
mod output;
mod stubborn;
mod went_on;

use super::{Environment, Runner};
use crate::effect::{Control, Ending, Output, OutputError, Shell, ShellRequest, ShellResult, Stream, Waiting};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A runner in a folder of its own, and what its last block wrote.
struct Bench {
    runner: Runner,
    folder: TempDir,
    scratch: TempDir,
    seen: Seen,
    sender: UnboundedSender<Control>,
    receiver: UnboundedReceiver<Control>,
}

/// Keeps output, and sends something once a word is in it.
#[derive(Default)]
struct Seen {
    out: Vec<u8>,
    err: Vec<u8>,
    on_word: Option<(&'static str, UnboundedSender<Control>, Control)>,
    waited: Vec<Waiting>,
}

impl Output for Seen {
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), OutputError> {
        match stream {
            Stream::Out => self.out.extend_from_slice(bytes),
            Stream::Err => self.err.extend_from_slice(bytes),
        }
        if let Some((word, ..)) = &self.on_word
            && String::from_utf8_lossy(&self.out).contains(word)
            && let Some((_, sender, control)) = self.on_word.take()
        {
            sender.send(control).unwrap();
        }
        Ok(())
    }

    fn waiting(&mut self, waiting: &Waiting) {
        self.waited.push(waiting.clone());
    }
}

impl Bench {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Environment)) -> Self {
        let (folder, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut environment = Environment::inherited().unwrap();
        environment.variables.retain(|(name, _)| name != "BASH_ENV");
        environment.variables.push(("LC_ALL".into(), "C.UTF-8".into()));
        environment.cwd = folder.path().canonicalize().unwrap();
        environment.scratch = scratch.path().to_owned();
        environment.grace = Duration::from_millis(300);
        change(&mut environment);
        let (sender, receiver) = unbounded_channel();
        Self { runner: Runner::new(environment), folder, scratch, seen: Seen::default(), sender, receiver }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    async fn request(&mut self, request: &ShellRequest) -> ShellResult {
        self.seen.out.clear();
        self.seen.err.clear();
        self.runner.run(request, &mut self.seen, &mut self.receiver).await.unwrap()
    }

    async fn result(&mut self, code: &str) -> ShellResult {
        self.request(&bash(code)).await
    }

    /// Runs a block that must succeed and keep its state; gives its output.
    async fn run(&mut self, code: &str) -> String {
        let result = self.result(code).await;
        assert_eq!(result.ending, Ending::Exit(0), "{code}\n{}", self.err());
        assert!(result.state_kept, "{code}\n{}", self.err());
        self.out()
    }

    fn out(&self) -> String {
        String::from_utf8_lossy(&self.seen.out).into_owned()
    }

    fn err(&self) -> String {
        String::from_utf8_lossy(&self.seen.err).into_owned()
    }

    /// Sends `control` once `word` is in the output.
    fn when(&mut self, word: &'static str, control: Control) {
        self.seen.on_word = Some((word, self.sender.clone(), control));
    }
}

fn bash(code: &str) -> ShellRequest {
    ShellRequest {
        interpreter: "bash".to_owned(),
        code: code.to_owned(),
        line: 7,
        cwd: None,
        variables: Vec::new(),
        timeout: None,
        is_followed: false,
        interactive: false,
        streams_apart: false,
    }
}

/// Whether a process lives; a zombie does not.
fn lives(id: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Waits until `condition` holds; what never comes to hold hangs the test.
async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
