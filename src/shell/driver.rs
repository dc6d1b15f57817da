//! Command lines: the bash that runs a block between two states, and what
//! starts another interpreter.

use super::environment::Environment;
use super::interpreter::Interpreter;
use super::quote::single_quoted;
use super::scratch::{Scratch, ScratchFile};
use super::session;
use super::slot::Slot;
use super::state::State;
use std::io;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// What the driving bash reads; commented there.
const SCRIPT: &str = include_str!("driver.bash");

/// Variables that a block starts with beside those of its state.
type Variables<'a> = &'a [(String, String)];

/// The private folder, with the driver in it.
#[derive(Debug)]
pub(super) struct Workplace {
    script: ScratchFile,
    pub(super) scratch: Scratch,
}

impl Workplace {
    pub(super) fn new(parent: &Path) -> io::Result<Self> {
        let scratch = Scratch::new(parent)?;
        Ok(Self { script: scratch.file("driver", SCRIPT.as_bytes())?, scratch })
    }
}

/// A block's command, and what must live while it runs.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) command: Command,
    /// Where the state after the block will be, if it leaves one.
    state: Option<Slot>,
    _restore: Option<Slot>,
    _text: ScratchFile,
}

impl Launch {
    /// The state that the block has left, if that is whole.
    pub(super) fn state(&mut self) -> Option<State> {
        State::decode(&self.state.as_mut()?.content().ok()?)
    }
}

/// A bash that makes a state and then runs something in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Driver<'a> {
    pub(super) bash: &'a Path,
    pub(super) environment: &'a Environment,
    pub(super) workplace: &'a Workplace,
    /// What leads the session of a block at a terminal.
    pub(super) leader: Option<&'a Path>,
}

impl Driver<'_> {
    /// Runs `text` in bash, starting with `state`, and has the state saved.
    pub(super) fn block(self, state: &State, variables: Variables<'_>, text: ScratchFile) -> io::Result<Launch> {
        let saved = Slot::new(&self.workplace.scratch, "state")?;
        let (mut command, restore) = self.start("block", state.code(), variables, "")?;
        command.arg(saved.path()).arg(&text.path);
        Ok(Launch { command, state: Some(saved), _restore: Some(restore), _text: text })
    }

    /// Becomes `interpreter`, which is there as `program`, to run `text` in the
    /// folder and with the exported variables of `state`.
    pub(super) fn replace(
        self,
        state: &State,
        variables: Variables<'_>,
        (interpreter, program): (&Interpreter, &str),
        text: ScratchFile,
    ) -> io::Result<Launch> {
        let (mut command, restore) = self.start("replace", state.environment_code(), variables, "builtin export ")?;
        command.args(["-", program]).args(interpreter.arguments).arg(&text.path);
        Ok(Launch { command, state: None, _restore: Some(restore), _text: text })
    }

    /// The command as far as the state: `code` makes it. `variables` are set
    /// by `declaration`.
    fn start(
        self,
        mode: &str,
        code: Vec<u8>,
        variables: Variables<'_>,
        declaration: &str,
    ) -> io::Result<(Command, Slot)> {
        let mut command = session::leader(self.bash.as_os_str(), self.leader);
        in_environment(&mut command, self.environment);
        let mut restore = Slot::new(&self.workplace.scratch, "restore")?;
        let mut prelude = Vec::new();
        if restore.is_in_memory() {
            // Not in the environment, which is there to be read in /proc; and
            // before the state, whose options might export them.
            for (name, value) in variables {
                prelude.extend_from_slice(format!("{declaration}{name}=").as_bytes());
                prelude.extend_from_slice(&single_quoted(value.as_bytes()));
                prelude.push(b'\n');
            }
        } else {
            command.envs(variables.iter().map(|(name, value)| (name, value)));
        }
        prelude.extend(code);
        restore.fill(&prelude)?;
        command.args(["--norc", "--noprofile"]).arg(&self.workplace.script.path).arg(mode).arg(restore.path());
        Ok((command, restore))
    }
}

/// What runs `text` where there is no bash, and so no state either.
pub(super) fn direct(
    program: &Path,
    interpreter: &Interpreter,
    environment: &Environment,
    variables: Variables<'_>,
    text: ScratchFile,
    leader: Option<&Path>,
) -> Launch {
    let mut command = session::leader(program.as_os_str(), leader);
    in_environment(&mut command, environment);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.args(interpreter.arguments).arg(&text.path);
    Launch { command, state: None, _restore: None, _text: text }
}

/// Starts `command` with nothing but `environment`, and no input.
pub(super) fn in_environment(command: &mut Command, environment: &Environment) {
    let variables = environment.variables.iter().map(|(name, value)| (name, value));
    command.env_clear().envs(variables).current_dir(&environment.cwd).stdin(Stdio::null());
}
