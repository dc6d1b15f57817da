//! A bash that stays, to parse one text after another.
//!
//! To start a bash for each text costs as much as a short block does. This one
//! is told by an empty line that there is a text in its file; a subshell of it
//! then sources that, as the driver will. The text stands behind a `set -n`,
//! from which on everything is parsed and nothing is run, and behind an `exit`
//! that would end the subshell if it were not so.

use super::driver::in_environment;
use super::environment::Environment;
use super::leftover::RUN_VARIABLE;
use super::scratch::Scratch;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const LOOP: &str = r#"
while builtin read -r; do
  (builtin source "$1") </dev/null 2>&1
  builtin printf '\0%s\0' "$?"
done"#;

/// The lines before the text.
const GUARD: &str = "builtin set -n\nbuiltin exit 97\n";

/// How many lines they are.
pub(super) const GUARD_LINES: usize = 2;

/// What a subshell ends with that has come past `set -n`.
const RAN: &str = "97";

/// The file's name in the private folder.
const NAME: &str = "check";

#[derive(Debug)]
pub(super) struct Checker {
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Killed when this is dropped.
    _child: Child,
}

/// What bash says of a text.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) messages: String,
    pub(super) succeeded: bool,
}

impl Checker {
    /// Starts one that reads its texts from `scratch`.
    pub(super) fn start(bash: &Path, environment: &Environment, scratch: &Scratch) -> io::Result<Self> {
        let mut command = Command::new(bash);
        in_environment(command.as_std_mut(), environment);
        // What is no block must not be taken for one that was left behind.
        command.env_remove(RUN_VARIABLE).env("LC_ALL", "C");
        // Privileged: no function of the environment takes the place of a
        // command, and no file of it is run.
        command.args(["--norc", "--noprofile", "-p", "-O", "extglob", "-c", LOOP, "bash"]);
        command.arg(Self::path(scratch));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // Ctrl-C at the terminal is not for it.
        let mut child = command.process_group(0).kill_on_drop(true).spawn()?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("it has no standard streams"));
        };
        Ok(Self { requests, answers: BufReader::new(answers), _child: child })
    }

    /// Where the text is that it parses.
    pub(super) fn path(scratch: &Scratch) -> PathBuf {
        scratch.path().join(NAME)
    }

    /// Has `code` parsed, without a NUL in it. Line numbers in what is said
    /// count from the first of [`GUARD_LINES`].
    ///
    /// # Errors
    /// If there is no answer. This is of no use then.
    pub(super) async fn check(&mut self, scratch: &Scratch, code: &str) -> io::Result<Said> {
        let _text = scratch.file(NAME, format!("{GUARD}{code}").as_bytes())?;
        self.requests.write_all(b"\n").await?;
        let messages = self.answer().await?;
        let status = self.answer().await?;
        if status == RAN {
            return Err(io::Error::other("it does not only parse"));
        }
        Ok(Said { messages, succeeded: status == "0" })
    }

    /// What comes up to the next NUL.
    async fn answer(&mut self) -> io::Result<String> {
        let mut bytes = Vec::new();
        self.answers.read_until(0, &mut bytes).await?;
        match bytes.pop() {
            Some(0) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
