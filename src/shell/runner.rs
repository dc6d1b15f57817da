//! One block from its start to its end.

use super::checker::Checker;
use super::driver::{self, Driver, Launch, Left, Prepared, Workplace};
use super::environment::Environment;
use super::failures;
use super::interpreter::{BASH, Interpreter};
use super::joint::Joint;
use super::orphans::Earlier;
use super::quote::QuotedSecrets;
use super::running::{Limits, Running};
use super::state::State;
use super::stdio::Record;
use super::syntax;
use crate::effect::{
    Content, Control, Ending, FileHere, JoinedTerminal, Output, Shell, ShellError, ShellRequest, ShellResult, Stream,
    SyntaxError, UserTerminal,
};
use crate::redact::Redactor;
use async_trait::async_trait;
use std::io;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::UnboundedReceiver;

/// Runs blocks as processes of this machine.
pub struct Runner {
    environment: Environment,
    /// Made when first needed.
    workplace: Option<Workplace>,
    /// Started when there is a text for bash to parse.
    checker: Option<Checker>,
    /// The shell for the next block.
    prepared: Option<Prepared>,
    /// The state of a bash that has run nothing.
    fresh: Option<State>,
    /// How the state for the next block differs from that.
    state: State,
    /// Whether a block has ever left anything.
    has_left: bool,
    earlier: Earlier,
    terminal: Option<Attended>,
}

/// The terminal that blocks are joined to.
struct Attended {
    terminal: Box<dyn UserTerminal>,
    /// This program, which leads their sessions when it is called [`LEADER`].
    program: PathBuf,
}

impl Runner {
    /// A runner of blocks that start with `environment`.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self {
            environment,
            workplace: None,
            checker: None,
            prepared: None,
            fresh: None,
            state: State::default(),
            has_left: false,
            earlier: Earlier::default(),
            terminal: None,
        }
    }

    /// Gives every block a terminal of its own, joined to this one. `program`
    /// becomes what leads the block's session when it is called
    /// [`LEADER`](super::LEADER).
    #[must_use]
    pub fn at_terminal(self, terminal: Box<dyn UserTerminal>, program: PathBuf) -> Self {
        Self { terminal: Some(Attended { terminal, program }), ..self }
    }

    /// Which of these commands no block could start: see
    /// [`Environment::missing`].
    #[must_use]
    pub fn missing(&self, commands: &[String]) -> Vec<String> {
        self.environment.missing(commands)
    }

    /// Makes the private folder if there is none yet.
    fn prepare(&mut self) -> io::Result<()> {
        if self.workplace.is_none() {
            self.workplace = Some(Workplace::new(&self.environment.scratch)?);
        }
        Ok(())
    }

    fn interpreter(&self, name: &str) -> Option<Interpreter> {
        Interpreter::named(name, &self.environment)
    }

    /// The keyboard for a block, and what leads its session then; none where
    /// the run is not attended, or its terminal is gone.
    fn join(&self) -> Option<(Box<dyn JoinedTerminal>, &Path)> {
        let attended = self.terminal.as_ref()?;
        match attended.terminal.join() {
            Ok(user) => Some((user, &attended.program)),
            Err(error) => {
                tracing::warn!(%error, "the block runs without a terminal");
                None
            }
        }
    }

    /// The command that runs the block.
    fn launch(
        &self,
        workplace: &Workplace,
        request: &ShellRequest,
        state: &State,
        leader: Option<&Path>,
        prepared: Option<Prepared>,
    ) -> Result<Launch, ShellError> {
        let missing = || ShellError::Missing(request.interpreter.clone());
        let interpreter = self.interpreter(&request.interpreter).ok_or_else(missing)?;
        let (name, program) = interpreter.locate(&self.environment).ok_or_else(missing)?;
        let bash = if interpreter.is_bash() { Some(program.clone()) } else { self.environment.find(BASH) };
        let launched = (|| {
            // Bash puts this name before its messages.
            let file = format!("block-at-line-{}{}", request.line, interpreter.extension);
            let text = workplace.scratch.file(&file, request.code.as_bytes())?;
            let environment = &self.environment;
            match &bash {
                Some(bash) => {
                    let driver = Driver { bash, environment, workplace, leader };
                    if interpreter.is_bash() {
                        let watch = failures::can_watch(&request.code, state);
                        driver.block(state, &request.variables, text, watch, prepared)
                    } else {
                        driver.replace(state, &request.variables, (&interpreter, &name), text)
                    }
                }
                None => Ok(driver::direct(&program, &interpreter, environment, &request.variables, text, leader)),
            }
        })();
        launched.map_err(|error| start_error(&request.interpreter, &error))
    }

    /// Starts the shell for the next block, which is probably like the last.
    fn make_ready(&mut self) {
        let (Some(workplace), Some(bash)) = (&self.workplace, self.environment.find(BASH)) else { return };
        let driver = Driver { bash: &bash, environment: &self.environment, workplace, leader: None };
        // Where that fails, so will the next block, which says it.
        self.prepared = driver.prepare().ok().flatten();
    }

    /// Finds out what state a bash has that has run nothing.
    async fn learn_fresh_state(&mut self) -> io::Result<()> {
        let (Some(workplace), Some(bash)) = (&self.workplace, self.environment.find(BASH)) else { return Ok(()) };
        if self.fresh.is_none() {
            let driver = Driver { bash: &bash, environment: &self.environment, workplace, leader: None };
            let text = workplace.scratch.file("nothing", b"")?;
            let launch = driver.block(&State::default(), &[], text, false, None)?;
            let (mut child, mut channel, mut leaves) = launch.start(None)?;
            while channel.read().await.is_some() {}
            child.wait().await?;
            if let Some(Left::State(state, _)) = leaves.left() {
                self.fresh = Some(state);
            }
        }
        Ok(())
    }

    /// The state for this block: that of the blocks before it, in the folder
    /// that is asked for. A folder that is gone is replaced by an empty one,
    /// where a relative path finds nothing: the block must not take effect
    /// somewhere else.
    fn starting_state(&self, request: &ShellRequest, record: &mut Record<'_>) -> Result<State, ShellError> {
        let mut state = self.state.clone();
        if let Some(cwd) = &request.cwd {
            let cwd = self.environment.cwd.join(cwd);
            if !cwd.is_dir() {
                let problem = format!("there is no folder {}", cwd.display());
                return Err(ShellError::Start { interpreter: request.interpreter.clone(), problem });
            }
            state.set_cwd(Some(&cwd));
        } else if let (Some(cwd), Some(workplace)) = (state.cwd(), &self.workplace)
            && !cwd.is_dir()
        {
            let empty = workplace.scratch.path().join("gone");
            let said = format!("runbook: {} is gone; this runs in an empty folder instead\n", cwd.display());
            record.write(Stream::Err, said.as_bytes());
            std::fs::create_dir_all(&empty).map_err(|error| start_error(&request.interpreter, &error))?;
            state.set_cwd(Some(&empty));
        }
        Ok(state)
    }

    /// Takes up the state that a block has left.
    fn keep(&mut self, left: State, request: &ShellRequest) {
        let mut left = match &self.fresh {
            Some(fresh) => left.since(fresh),
            None => left,
        };
        // A block's own folder is for it alone; where it went from there is not.
        if let Some(own) = &request.cwd
            && let after = left.cwd().unwrap_or(&self.environment.cwd)
            && same_folder(after, &self.environment.cwd.join(own))
        {
            left.set_cwd(self.state.cwd());
        }
        self.has_left |= !left.is_empty();
        self.state = left;
    }

    /// Has the bash parse `code` that stays for it; `None` where it cannot.
    async fn check_again(&mut self, bash: &Path, code: &str) -> Option<Option<SyntaxError>> {
        let workplace = self.workplace.as_ref()?;
        // Bash takes a file with NULs for no script at all.
        if code.contains('\0') {
            return None;
        }
        // One that is left in the middle of an answer is not taken up again.
        let mut checker = match self.checker.take() {
            Some(checker) => checker,
            None => Checker::start(bash, &self.environment, &workplace.scratch).ok()?,
        };
        let found = syntax::check_again(&mut checker, &workplace.scratch, code).await.ok()?;
        self.checker = Some(checker);
        Some(found)
    }
}

#[async_trait(?Send)]
impl Shell for Runner {
    fn available(&self, interpreter: &str) -> bool {
        self.interpreter(interpreter).is_some_and(|known| known.locate(&self.environment).is_some())
    }

    fn carries_state(&self, interpreter: &str) -> bool {
        self.interpreter(interpreter).is_some_and(|known| known.carries_state())
            && self.environment.find(BASH).is_some()
    }

    fn finds(&self, program: &str) -> bool {
        self.environment.find(program).is_some()
    }

    fn refuses(&self, _: &[String], _: &[String]) -> Vec<String> {
        Vec::new()
    }

    fn missing(&self, programs: &[String]) -> Vec<String> {
        self.environment.missing(programs)
    }

    fn look_up(&self, cwd: Option<&Path>, files: &[String]) -> Vec<FileHere> {
        let last = self.state.cwd().unwrap_or(&self.environment.cwd);
        let start = cwd.map_or_else(|| last.to_owned(), |cwd| self.environment.cwd.join(cwd));
        let home = self.environment.get("HOME").map_or(Path::new("/"), Path::new);
        let whole = |file: &String| match file.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
            _ => start.join(file),
        };
        files.iter().map(|file| found_at(whole(file))).collect()
    }

    async fn check(&mut self, interpreter: &str, code: &str) -> Result<Option<SyntaxError>, ShellError> {
        let missing = || ShellError::Missing(interpreter.to_owned());
        let known = self.interpreter(interpreter).ok_or_else(missing)?;
        let (_, program) = known.locate(&self.environment).ok_or_else(missing)?;
        let error = |error: io::Error| start_error(interpreter, &error);
        self.prepare().map_err(error)?;
        if known.is_bash() && syntax::is_beyond_doubt(code) {
            return Ok(None);
        }
        if interpreter == BASH
            && let Some(found) = self.check_again(&program, code).await
        {
            return Ok(found);
        }
        let Some(workplace) = &self.workplace else { return Ok(None) };
        let text = workplace.scratch.file("block", code.as_bytes()).map_err(error)?;
        syntax::check(&known, &program, &self.environment, &text).await.map_err(error)
    }

    async fn run(
        &mut self,
        request: &ShellRequest,
        output: &mut dyn Output,
        control: &mut UnboundedReceiver<Control>,
    ) -> Result<ShellResult, ShellError> {
        let error = |error: io::Error| start_error(&request.interpreter, &error);
        // Never beside a block that is not its own.
        let prepared = self.prepared.take();
        self.prepare().map_err(error)?;
        self.learn_fresh_state().await.map_err(error)?;
        let mut record = Record::new(output);
        let state = self.starting_state(request, &mut record)?;
        let Some(workplace) = &self.workplace else {
            return Err(error(io::ErrorKind::NotFound.into()));
        };
        let (joined, leader) = self.join().unzip();
        let prepared = prepared.filter(|prepared| leader.is_none() && prepared.is_of_use());
        let launch = self.launch(workplace, request, &state, leader, prepared)?;
        let joined = joined.map(|user| Joint::new(user, request)).transpose().map_err(error)?;
        let (joint, terminal) = joined.unzip();
        // With a terminal the responder is asked first, and that takes longer.
        let is_followed_by_its_like = joint.is_none() && launch.is_bash();
        let (child, channel, mut leaves) = launch.start(terminal).map_err(error)?;
        let limits =
            Limits { timeout: request.timeout, is_followed: request.is_followed, grace: self.environment.grace };
        let running = Running::new(child, channel, joint, limits, self.earlier.clone());
        let result = running.finish(&mut record, control).await.map_err(error)?;
        if is_followed_by_its_like && matches!(result.ending, Ending::Exit(_)) {
            self.make_ready();
        }
        let left = if result.state_kept { leaves.left() } else { None };
        drop(leaves);
        let state_kept = left.is_some();
        let mut went_on_after = Vec::new();
        match left {
            Some(Left::State(state, failures)) => {
                went_on_after = failures.before(result.ending);
                self.keep(state, request);
            }
            Some(Left::Changes(changes)) => self.state.apply(changes),
            None => {}
        }
        Ok(ShellResult { state_kept, went_on_after, ..result })
    }

    fn state(&self, secrets: &[String]) -> Option<Vec<u8>> {
        let quoted = QuotedSecrets::new(secrets);
        let encoded = Redactor::new(secrets.iter().map(|secret| ("", secret)));
        let state = self.state.without(|text| quoted.found_in(text) || encoded.holds_secret(text));
        // One that is empty again takes the place of what it was.
        self.has_left.then(|| state.encode())
    }

    fn variables(&self) -> Vec<String> {
        self.state.variables()
    }

    fn restore(&mut self, state: &[u8]) {
        match State::decode(state) {
            Some(state) => {
                self.state = state;
                self.has_left = true;
            }
            None => tracing::warn!("the shell's state on record is not whole; blocks start afresh"),
        }
    }
}

fn found_at(path: PathBuf) -> FileHere {
    let found = std::fs::metadata(&path).ok().filter(|found| found.is_file() && found.len() > 0);
    let content = found.map(|found| Content { bytes: found.len(), changed: found.modified().ok() });
    FileHere { path, content }
}

fn start_error(interpreter: &str, error: &io::Error) -> ShellError {
    ShellError::Start { interpreter: interpreter.to_owned(), problem: error.to_string() }
}

fn same_folder(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| -> Option<PathBuf> { path.canonicalize().ok() };
    a == b || real(a).is_some_and(|a| real(b) == Some(a))
}
