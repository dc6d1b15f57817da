//! The shell of a rehearsal: it refuses what the rehearsal does not hold.

use crate::effect::{Control, FileHere, Output, Shell, ShellError, ShellRequest, ShellResult, SyntaxError};
use crate::rehearsal::Rehearsal;
use crate::shell::Runner;
use async_trait::async_trait;
use std::path::{Component, Path};
use tokio::sync::mpsc::UnboundedReceiver;

/// A runner in a rehearsal's environment.
pub(super) struct Confined<'a> {
    pub(super) runner: Runner,
    pub(super) rehearsal: &'a Rehearsal,
}

impl Confined<'_> {
    /// Whether a file, as a block writes its name, is not one of the
    /// rehearsal's own. A name that only the shell can tell is taken for one.
    fn is_outside(&self, file: &str) -> bool {
        let name = file.trim_matches(['"', '\'']);
        let leaves = Path::new(name).components().any(|part| part == Component::ParentDir);
        leaves || (name.starts_with('/') && !Path::new(name).starts_with(self.rehearsal.dir()))
    }
}

#[async_trait(?Send)]
impl Shell for Confined<'_> {
    fn available(&self, interpreter: &str) -> bool {
        self.runner.available(interpreter)
    }

    fn carries_state(&self, interpreter: &str) -> bool {
        self.runner.carries_state(interpreter)
    }

    fn finds(&self, program: &str) -> bool {
        self.runner.finds(program)
    }

    /// Bare names are left to the shell, which refuses them when they are
    /// started: an earlier block may have made a function of one.
    fn refuses(&self, commands: &[String], files: &[String]) -> Vec<String> {
        let paths: Vec<_> = commands.iter().filter(|command| command.contains('/')).cloned().collect();
        let mut refused = if paths.is_empty() { paths } else { self.rehearsal.unrehearsed(&paths) };
        refused.extend(files.iter().filter(|file| self.is_outside(file)).cloned());
        refused
    }

    fn missing(&self, programs: &[String]) -> Vec<String> {
        self.runner.missing(programs)
    }

    /// What lies outside is not what a stand-in would touch.
    fn look_up(&self, cwd: Option<&Path>, files: &[String]) -> Vec<FileHere> {
        let mut found = self.runner.look_up(cwd, files);
        for file in found.iter_mut().filter(|file| !file.path.starts_with(self.rehearsal.dir())) {
            file.content = None;
        }
        found
    }

    async fn check(&mut self, interpreter: &str, code: &str) -> Result<Option<SyntaxError>, ShellError> {
        self.runner.check(interpreter, code).await
    }

    async fn run(
        &mut self,
        request: &ShellRequest,
        output: &mut dyn Output,
        control: &mut UnboundedReceiver<Control>,
    ) -> Result<ShellResult, ShellError> {
        self.runner.run(request, output, control).await
    }

    fn variables(&self) -> Vec<String> {
        self.runner.variables()
    }

    fn state(&self, secrets: &[String]) -> Option<Vec<u8>> {
        self.runner.state(secrets)
    }

    fn restore(&mut self, state: &[u8]) {
        self.runner.restore(state);
    }
}
