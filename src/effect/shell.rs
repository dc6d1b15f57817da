//! Running code in an interpreter.

use super::Output;
use async_trait::async_trait;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A block to run.
#[derive(Debug, Clone)]
pub struct ShellRequest {
    /// The interpreter's name: `bash`, `sh`, `python` …
    pub interpreter: String,
    /// The bytes to run.
    pub code: String,
    /// Line of the first line of `code` in the runbook, from 1, so that the
    /// shell's own messages can be put beside it.
    pub line: usize,
    /// The folder to run in, where the block's annotations name one.
    pub cwd: Option<PathBuf>,
    /// Variables that the block starts with beside those of the blocks before
    /// it: the secrets it refers to, and what was asked for because nothing
    /// sets it. In bash they are not exported, so that no process has them in
    /// its environment, nor are they in other shells; further interpreters find
    /// them in their environment.
    pub variables: Vec<(String, String)>,
    /// Ends the block's whole process tree. What stands stopped is not timed.
    pub timeout: Option<Duration>,
    /// It never ends by itself. Its timeout is then how it is to end: as by
    /// Ctrl-C, and by force only where it stays.
    pub is_followed: bool,
    /// It is known to take over the terminal, where there is one.
    pub interactive: bool,
    /// Standard output and standard error are looked at, each for itself, so
    /// they go through pipes even where the block has a terminal: as they do
    /// in `$(…)`.
    pub streams_apart: bool,
}

/// What the responder wants of a running block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Ctrl-C: the block's processes get SIGINT.
    Interrupt,
    /// The same for a block that has been watched for long enough: one that
    /// stays is ended by force.
    Leave,
    /// End the block's whole process tree, with the grace a timeout gives.
    Terminate,
}

/// How a block's process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With this code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
    /// Ended by the engine for running too long.
    TimedOut,
    /// Ended after the responder asked for it.
    Interrupted,
}

/// What came of running a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellResult {
    /// How its process ended.
    pub ending: Ending,
    /// How long it took.
    pub duration: Duration,
    /// Processes it left running: id and name.
    pub left_behind: Vec<(u32, String)>,
    /// Whether the blocks after it find the directory, variables, functions
    /// and options it left, or as much of that as
    /// [its interpreter](Shell::carries_state) can leave. Otherwise they find
    /// those from before it.
    pub state_kept: bool,
    /// Commands that failed and did not end the block, by line, where the
    /// interpreter tells.
    pub went_on_after: Vec<FailedCommand>,
}

/// A command of a block that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedCommand {
    /// Its line in the block, from 1.
    pub line: usize,
    /// Its exit code.
    pub code: i32,
}

/// The block cannot be parsed, so nothing of it was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Line in the block, from 1.
    pub line: usize,
    /// What the interpreter says.
    pub message: String,
}

/// The block could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// The interpreter is not there.
    #[error("{0} is not installed here")]
    Missing(String),
    /// It is there and would not start.
    #[error("{interpreter} could not be started: {problem}")]
    Start {
        /// The interpreter.
        interpreter: String,
        /// What the system said.
        problem: String,
    },
}

/// What a file holds, as far as that can be told without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Its length; never 0.
    pub bytes: u64,
    /// When it was last changed, by the clock of its file system.
    pub changed: Option<SystemTime>,
}

/// A file that a block names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHere {
    /// Where the block would find it: a whole path.
    pub path: PathBuf,
    /// What it holds; `None` where there is no regular file, or an empty one.
    pub content: Option<Content>,
}

/// Runs blocks one at a time and carries state from each to the next.
#[async_trait(?Send)]
pub trait Shell {
    /// Whether the interpreter is on this machine.
    fn available(&self, interpreter: &str) -> bool;

    /// Whether a block for this interpreter leaves a state to those after it:
    /// the folder and the exported variables at least.
    fn carries_state(&self, _interpreter: &str) -> bool {
        false
    }

    /// Whether a block would find this program, named by name or by path.
    fn finds(&self, program: &str) -> bool;

    /// Which of these commands and of these files that a block writes to, named
    /// as it names them, must not be touched here at all.
    fn refuses(&self, commands: &[String], files: &[String]) -> Vec<String>;

    /// Which of these programs cannot be started here. Where that cannot be
    /// told, none.
    fn missing(&self, programs: &[String]) -> Vec<String>;

    /// Looks up these files, each as the next block would find it if it started
    /// in `cwd`; without one, it starts where the last block ended. `~/` leads
    /// to the home folder. One answer for each, in their order.
    fn look_up(&self, cwd: Option<&Path>, files: &[String]) -> Vec<FileHere>;

    /// Parses `code` whole without running any of it.
    ///
    /// # Errors
    /// If the interpreter cannot be started.
    async fn check(&mut self, interpreter: &str, code: &str) -> Result<Option<SyntaxError>, ShellError>;

    /// Runs a block to its end. `control` brings what the responder wants
    /// meanwhile. A failing block is a result, not an error.
    ///
    /// # Errors
    /// If it could not be started.
    async fn run(
        &mut self,
        request: &ShellRequest,
        output: &mut dyn Output,
        control: &mut tokio::sync::mpsc::UnboundedReceiver<Control>,
    ) -> Result<ShellResult, ShellError>;

    /// The state that blocks have left, to be given to
    /// [`restore`](Self::restore) when the run is resumed. Whatever holds one
    /// of `secrets` is left out.
    fn state(&self, secrets: &[String]) -> Option<Vec<u8>>;

    /// The variables that blocks have left set for the next one, by name; those
    /// of the environment are not among them.
    fn variables(&self) -> Vec<String>;

    /// Takes up the state of an earlier process.
    fn restore(&mut self, state: &[u8]);
}
