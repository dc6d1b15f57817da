//! Command lines: the bash that runs a block between two states, and what
//! starts another interpreter.

use super::changes::Changes;
use super::environment::Environment;
use super::failures::{self, Failures};
use super::hook::{Hook, Paths};
use super::interpreter::Interpreter;
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
    left: Place,
    _slots: Vec<Slot>,
    _files: Vec<ScratchFile>,
}

/// Where what a block leaves will be.
#[derive(Debug)]
enum Place {
    Nowhere,
    State(Slot),
    Changes(Slot),
}

/// What a block has left.
#[derive(Debug)]
pub(super) enum Left {
    /// Bash leaves all its state.
    State(State, Failures),
    /// Another interpreter leaves what it has changed.
    Changes(Changes),
}

impl Launch {
    /// What the block has left, if that is whole.
    pub(super) fn left(&mut self) -> Option<Left> {
        match &mut self.left {
            Place::Nowhere => None,
            Place::State(slot) => {
                let content = slot.content().ok()?;
                let (failures, records) = failures::split(&content);
                Some(Left::State(State::decode(records)?, failures))
            }
            Place::Changes(slot) => Some(Left::Changes(Changes::decode(&slot.content().ok()?)?)),
        }
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
    /// Runs `text` in bash, starting with `state`, and has the state saved; and
    /// which commands failed on the way, if it is to `watch` for them.
    pub(super) fn block(
        self,
        state: &State,
        variables: Variables<'_>,
        text: ScratchFile,
        watch: bool,
    ) -> io::Result<Launch> {
        let (saved, mut restore) = (self.slot("state")?, self.slot("restore")?);
        let mut command = self.command(if watch { "watch" } else { "block" }, &restore);
        // Before the state, whose options might export them.
        let mut code = given(variables, Hook::Sh, &restore, &mut command);
        code.extend(state.code());
        restore.fill(&code)?;
        command.arg(saved.path()).arg(&text.path);
        Ok(Launch { command, left: Place::State(saved), _slots: vec![restore], _files: vec![text] })
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
        match interpreter.hook.filter(|hook| hook.works_in(self.workplace.scratch.path())) {
            Some(hook) => self.hooked(hook, state, variables, (interpreter, program), text),
            None => {
                let mut restore = self.slot("restore")?;
                let mut command = self.command("replace", &restore);
                restore.fill(&exporting(state, variables, &restore, &mut command))?;
                command.args(["-", program]).args(&interpreter.arguments).arg(&text.path);
                Ok(Launch { command, left: Place::Nowhere, _slots: vec![restore], _files: vec![text] })
            }
        }
    }

    /// The same for one that can be made to leave what it has changed.
    fn hooked(
        self,
        hook: Hook,
        state: &State,
        variables: Variables<'_>,
        (interpreter, program): (&Interpreter, &str),
        text: ScratchFile,
    ) -> io::Result<Launch> {
        let (saved, mut restore, mut import) = (self.slot("state")?, self.slot("restore")?, self.slot("import")?);
        let (name, content) = hook.script();
        let script = self.workplace.scratch.file_below("hook", name, content.as_bytes())?;
        let paths = Paths {
            script: &script.path,
            bash: self.bash,
            leave: &self.workplace.script.path,
            state: saved.path(),
            import: import.path(),
            text: &text.path,
        };
        let mut command = self.command("replace", &restore);
        command.arg(paths.state).arg(program).args(&interpreter.arguments);
        hook.finish(&mut command, paths);
        let preparation = hook.preparation(paths, &state.variables());
        let mut code = if hook.keeps_private() {
            import.fill(&given(variables, hook, &import, &mut command))?;
            state.environment_code()
        } else {
            exporting(state, variables, &restore, &mut command)
        };
        code.extend(preparation);
        restore.fill(&code)?;
        let slots = vec![restore, import];
        Ok(Launch { command, left: Place::Changes(saved), _slots: slots, _files: vec![text, script] })
    }

    fn slot(self, name: &str) -> io::Result<Slot> {
        Slot::new(&self.workplace.scratch, name)
    }

    /// The command as far as the state, which `restore` makes.
    fn command(self, mode: &str, restore: &Slot) -> Command {
        let mut command = session::leader(self.bash.as_os_str(), self.leader);
        in_environment(&mut command, self.environment);
        command.args(["--norc", "--noprofile"]).arg(&self.workplace.script.path).arg(mode).arg(restore.path());
        command
    }
}

/// Code that sets `variables`, in the language of `hook`. They are not in the
/// environment, which is there to be read in /proc, unless the code would be on
/// disk.
fn given(variables: Variables<'_>, hook: Hook, slot: &Slot, command: &mut Command) -> Vec<u8> {
    if !slot.is_in_memory() {
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        return Vec::new();
    }
    variables.iter().flat_map(|(name, value)| hook.assignment(name, value.as_bytes())).collect()
}

/// Code for what an interpreter takes notice of that has all its variables from
/// the environment.
fn exporting(state: &State, variables: Variables<'_>, slot: &Slot, command: &mut Command) -> Vec<u8> {
    let mut code = given(variables, Hook::Sh, slot, command);
    for (name, _) in variables {
        code.extend_from_slice(format!("builtin export {name}\n").as_bytes());
    }
    code.extend(state.environment_code());
    code
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
    command.args(&interpreter.arguments).arg(&text.path);
    Launch { command, left: Place::Nowhere, _slots: Vec::new(), _files: vec![text] }
}

/// Starts `command` with nothing but `environment`, and no input.
pub(super) fn in_environment(command: &mut Command, environment: &Environment) {
    let variables = environment.variables.iter().map(|(name, value)| (name, value));
    command.env_clear().envs(variables).current_dir(&environment.cwd).stdin(Stdio::null());
}
