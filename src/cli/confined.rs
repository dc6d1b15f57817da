//! The shell of a rehearsal: it refuses what the rehearsal does not hold.

use crate::effect::{Control, Output, Shell, ShellError, ShellRequest, ShellResult, SyntaxError};
use crate::rehearsal::Rehearsal;
use crate::shell::Runner;
use async_trait::async_trait;
use tokio::sync::mpsc::UnboundedReceiver;

/// A runner in a rehearsal's environment.
pub(super) struct Confined<'a> {
    pub(super) runner: Runner,
    pub(super) rehearsal: &'a Rehearsal,
}

#[async_trait(?Send)]
impl Shell for Confined<'_> {
    fn available(&self, interpreter: &str) -> bool {
        self.runner.available(interpreter)
    }

    /// Bare names are left to the shell, which refuses them when they are
    /// started: an earlier block may have made a function of one.
    fn refuses(&self, commands: &[String]) -> Vec<String> {
        let paths: Vec<_> = commands.iter().filter(|command| command.contains('/')).cloned().collect();
        if paths.is_empty() { paths } else { self.rehearsal.unrehearsed(&paths) }
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

    fn state(&self, secrets: &[String]) -> Option<Vec<u8>> {
        self.runner.state(secrets)
    }

    fn restore(&mut self, state: &[u8]) {
        self.runner.restore(state);
    }
}
