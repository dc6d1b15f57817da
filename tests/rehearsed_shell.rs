//! Blocks of a rehearsal run by the runner that production has.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use runbook::effect::{Ending, Output, OutputError, Shell, ShellRequest, Stream, Waiting};
use runbook::rehearsal::Rehearsal;
use runbook::shell::{Environment, Runner};
use std::path::Path;
use tokio::sync::mpsc::unbounded_channel;

/// The two streams apart: which comes first of two pipes is nobody's promise.
#[derive(Default)]
struct Text {
    out: String,
    err: String,
}

impl Output for Text {
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), OutputError> {
        let text = if stream == Stream::Out { &mut self.out } else { &mut self.err };
        text.push_str(&String::from_utf8_lossy(bytes));
        Ok(())
    }

    fn waiting(&mut self, _: &Waiting) {}
}

async fn run(runner: &mut Runner, code: &str) -> (Ending, bool, Text) {
    let request = ShellRequest {
        interpreter: "bash".to_owned(),
        code: code.to_owned(),
        line: 1,
        cwd: None,
        variables: Vec::new(),
        timeout: None,
        is_followed: false,
        interactive: false,
        streams_apart: false,
    };
    let (_sender, mut control) = unbounded_channel();
    let mut text = Text::default();
    let result = runner.run(&request, &mut text, &mut control).await.unwrap();
    (result.ending, result.state_kept, text)
}

#[tokio::test]
async fn state_is_carried_and_commands_are_refused() {
    let beside = tempfile::tempdir().unwrap();
    std::fs::write(beside.path().join("r.sh"), "echo \"railway $*\"").unwrap();
    let mut described = runbook::runbook::Rehearsal::default();
    described.commands.insert("railway".to_owned(), "r.sh".to_owned());
    let rehearsal = Rehearsal::prepare(beside.path(), &described, Path::new("/bin/echo")).unwrap();
    let mut runner = Runner::new(Environment::isolated(rehearsal.environment(), rehearsal.dir()));

    let (ending, kept, text) = run(&mut runner, "a='1 2'; mkdir d; cd d; export PATH=/usr/bin; railway up").await;
    assert_eq!((ending, kept), (Ending::Exit(0), true), "{}", text.err);
    assert!(text.err.contains("PATH: readonly variable"), "{}", text.err);
    assert_eq!(text.out, "railway up\n");
    // Nothing of the rehearsal's own is in the state that goes on record.
    let state = String::from_utf8(runner.state(&[]).unwrap()).unwrap();
    assert!(!state.contains("PATH=") && !state.contains("command_not_found"), "{state}");

    let (ending, kept, text) = run(&mut runner, "echo \"$a ${PWD##*/}\"; kubectl get pods").await;
    assert_eq!((ending, kept), (Ending::Exit(127), true));
    assert_eq!(text.out, "1 2 d\n");
    assert!(text.err.starts_with("rehearsal: `kubectl` is not rehearsed;"), "{}", text.err);
    assert!(!runner.available("python"));
}
