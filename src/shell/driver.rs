//! Command lines: the bash that runs a block between two states, and what
//! starts another interpreter.

use super::changes::Changes;
use super::child::Child;
use super::environment::Environment;
use super::failures::{self, Failures};
use super::hook::{Hook, Paths};
use super::interpreter::Interpreter;
use super::leader::LEADER;
use super::quote::single_quoted;
use super::ready::ReadyShell;
use super::scratch::{Scratch, ScratchFile};
use super::slot::Slot;
use super::state::State;
use super::stdio::{self, Channel, Terminal};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What bash reads that runs a block, that becomes another interpreter, and
/// that writes down a difficult state; commented there. The first finds the
/// last by its name.
const DRIVER: (&str, &str) = ("driver", include_str!("driver.bash"));
const REPLACE: (&str, &str) = ("replace", include_str!("replace.bash"));
const VARIABLES: (&str, &str) = ("variables", include_str!("variables.bash"));

/// Variables that a block starts with beside those of its state.
type Variables<'a> = &'a [(String, String)];

/// The private folder, with what bash reads in it.
#[derive(Debug)]
pub(super) struct Workplace {
    driver: PathBuf,
    replace: PathBuf,
    _scripts: [ScratchFile; 3],
    pub(super) scratch: Scratch,
}

impl Workplace {
    pub(super) fn new(parent: &Path) -> io::Result<Self> {
        let scratch = Scratch::new(parent)?;
        let script = |(name, text): (&str, &str)| scratch.file(name, text.as_bytes());
        let (driver, replace, variables) = (script(DRIVER)?, script(REPLACE)?, script(VARIABLES)?);
        let (driver_path, replace_path) = (driver.path.clone(), replace.path.clone());
        Ok(Self { driver: driver_path, replace: replace_path, _scripts: [driver, replace, variables], scratch })
    }
}

/// How a block is to be started, and what must live while it runs.
#[derive(Debug)]
pub(super) struct Launch {
    begin: Begin,
    leaves: Leaves,
}

#[derive(Debug)]
enum Begin {
    Command(Command),
    /// By the shell that waits for it.
    Ready(ReadyShell),
}

/// A shell that waits for its block, and the places of the states before and
/// after that.
#[derive(Debug)]
pub(super) struct Prepared {
    shell: ReadyShell,
    saved: Slot,
    restore: Slot,
}

impl Prepared {
    /// Whether it is still of use.
    pub(super) fn is_of_use(&self) -> bool {
        self.shell.is_of_use()
    }
}

/// What a block that has been started will leave, and what must live until then.
#[derive(Debug)]
pub(super) struct Leaves {
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
    fn new(command: Command, left: Place, slots: Vec<Slot>, files: Vec<ScratchFile>) -> Self {
        Self { begin: Begin::Command(command), leaves: Leaves { left, _slots: slots, _files: files } }
    }

    /// Whether bash runs it and leaves its state.
    pub(super) fn is_bash(&self) -> bool {
        matches!(self.leaves.left, Place::State(_))
    }

    /// Starts the block, without a terminal or on this one.
    pub(super) fn start(self, terminal: Option<Terminal>) -> io::Result<(Child, Channel, Leaves)> {
        let (child, channel) = match (self.begin, terminal) {
            (Begin::Ready(shell), _) => shell.wake()?,
            (Begin::Command(command), None) => {
                let (channel, streams) = Channel::piped(stdio::empty()?)?;
                (Child::lead(command, streams)?, channel)
            }
            (Begin::Command(command), Some(terminal)) => {
                let (channel, streams) = Channel::on_terminal(terminal)?;
                (Child::start(command, streams)?, channel)
            }
        };
        Ok((child, channel, self.leaves))
    }
}

impl Leaves {
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
    /// which commands failed on the way, if it is to `watch` for them. In the
    /// shell that is `prepared` for it, if there is one.
    pub(super) fn block(
        self,
        state: &State,
        variables: Variables<'_>,
        text: ScratchFile,
        watch: bool,
        prepared: Option<Prepared>,
    ) -> io::Result<Launch> {
        // Before the state, whose options might export them.
        let mut code = assignment("__runbook_file", text.path.as_os_str());
        if watch {
            code.extend(assignment("__runbook_watch", "1".as_ref()));
        }
        let (begin, saved, mut restore) = match prepared {
            Some(Prepared { shell, saved, restore }) => {
                code.extend(assignments(variables, Hook::Sh));
                (Begin::Ready(shell), saved, restore)
            }
            None => {
                let (mut command, saved, restore) = self.between("block")?;
                code.extend(given(variables, Hook::Sh, &restore, &mut command));
                (Begin::Command(command), saved, restore)
            }
        };
        code.extend(state.code());
        restore.fill(&code)?;
        let leaves = Leaves { left: Place::State(saved), _slots: vec![restore], _files: vec![text] };
        Ok(Launch { begin, leaves })
    }

    /// Starts a shell that waits for its block; none where the block's variables
    /// would have to be in its environment.
    pub(super) fn prepare(self) -> io::Result<Option<Prepared>> {
        let (command, saved, restore) = self.between("wait")?;
        if !restore.is_in_memory() {
            return Ok(None);
        }
        Ok(Some(Prepared { shell: ReadyShell::start(command)?, saved, restore }))
    }

    /// The driver between two states, which will be in these places: what it
    /// leaves, and what it starts with.
    fn between(self, mode: &str) -> io::Result<(Command, Slot, Slot)> {
        let (saved, restore) = (self.slot("state")?, self.slot("restore")?);
        let mut command = self.command(&self.workplace.driver, mode, &restore);
        command.arg(saved.path());
        Ok((command, saved, restore))
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
                let mut command = self.command(&self.workplace.replace, "block", &restore);
                restore.fill(&exporting(state, variables, &restore, &mut command))?;
                command.args(["-", program]).args(&interpreter.arguments).arg(&text.path);
                Ok(Launch::new(command, Place::Nowhere, vec![restore], vec![text]))
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
            leave: &self.workplace.replace,
            state: saved.path(),
            import: import.path(),
            text: &text.path,
        };
        let mut command = self.command(&self.workplace.replace, "block", &restore);
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
        Ok(Launch::new(command, Place::Changes(saved), vec![restore, import], vec![text, script]))
    }

    fn slot(self, name: &str) -> io::Result<Slot> {
        Slot::new(&self.workplace.scratch, name)
    }

    /// The command as far as the state, which `restore` makes.
    fn command(self, script: &Path, mode: &str, restore: &Slot) -> Command {
        let mut command = led(self.bash, self.leader);
        in_environment(&mut command, self.environment);
        command.args(["--norc", "--noprofile"]).arg(script).arg(mode).arg(restore.path());
        command
    }
}

/// A command that runs `program`; at a terminal, `leader` leads the session for
/// it.
fn led(program: &Path, leader: Option<&Path>) -> Command {
    let Some(leader) = leader else { return Command::new(program) };
    let mut command = Command::new(leader);
    command.arg0(LEADER).arg(program);
    command
}

/// Code of bash that sets a variable of the driver.
fn assignment(name: &str, value: &OsStr) -> Vec<u8> {
    [name.as_bytes(), b"=", &single_quoted(value.as_bytes())[..], b"\n"].concat()
}

/// Code that sets `variables`, in the language of `hook`.
fn assignments(variables: Variables<'_>, hook: Hook) -> Vec<u8> {
    variables.iter().flat_map(|(name, value)| hook.assignment(name, value.as_bytes())).collect()
}

/// Code that sets `variables`, in the language of `hook`. They are not in the
/// environment, which is there to be read in /proc, unless the code would be on
/// disk.
fn given(variables: Variables<'_>, hook: Hook, slot: &Slot, command: &mut Command) -> Vec<u8> {
    if !slot.is_in_memory() {
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        return Vec::new();
    }
    assignments(variables, hook)
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
    let mut command = led(program, leader);
    in_environment(&mut command, environment);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.args(&interpreter.arguments).arg(&text.path);
    Launch::new(command, Place::Nowhere, Vec::new(), vec![text])
}

/// Starts `command` with nothing but `environment`, in its folder.
pub(super) fn in_environment(command: &mut Command, environment: &Environment) {
    let variables = environment.variables.iter().map(|(name, value)| (name, value));
    command.env_clear().envs(variables).current_dir(&environment.cwd);
}
