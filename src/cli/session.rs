//! The world of a run: the real clock, record, screen, shell and databases,
//! put together around the engine.

use super::confined::Confined;
use super::exit::{CliError, Exit};
use super::journal::{Record, SystemClock};
use super::print::Printer;
use super::rehearse::shell_environment;
use super::{preface, signals};
use crate::effect::{Prompter, Shell};
use crate::engine::{Assignment, Ended, Engine, EngineError, Given, Progress, World};
use crate::plan::Plan;
use crate::redact::Redactor;
use crate::rehearsal::Rehearsal;
use crate::report::Format;
use crate::run::{Event, RunId, RunOutcome, RunStarted};
use crate::shell::{RUN_VARIABLE, Runner, adopt_orphans};
use crate::source::SourceFile;
use crate::sql::{Connections, Target};
use crate::terminal::{Device, OwnTerminal, Screen, suspend};
use crate::transcript::{Folder, Holder, Store, Writer};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

/// Who runs, and where.
pub(super) struct Responder {
    pub(super) user: String,
    pub(super) host: String,
}

impl Responder {
    pub(super) fn here() -> Self {
        let from_environment = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok();
        let uid = rustix::process::getuid().as_raw();
        let user = from_environment
            .filter(|user| !user.is_empty())
            .or_else(|| name_of(uid))
            .unwrap_or_else(|| format!("uid {uid}"));
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self { user, host }
    }

    pub(super) fn holder(&self) -> Holder {
        Holder {
            user: self.user.clone(),
            host: self.host.clone(),
            pid: std::process::id(),
            since: super::journal::rfc3339(jiff::Timestamp::now()),
        }
    }
}

/// The user's name in the machine's own list, where an environment as bare as
/// that of cron says none.
fn name_of(uid: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid.to_string()).then(|| name.to_owned())
    })
}

/// How a run begins in this process.
pub(super) enum Beginning {
    /// From its first event.
    Started(Box<RunStarted>),
    /// Again, with this event, and the shell's state of before.
    Resumed { event: Box<Event>, shell_state: Option<Vec<u8>> },
}

/// Everything a run needs but its record.
pub(super) struct Session<'a> {
    pub(super) id: &'a RunId,
    pub(super) file: &'a SourceFile,
    pub(super) plan: &'a Plan,
    pub(super) steps: Vec<usize>,
    pub(super) given: BTreeMap<String, Given>,
    pub(super) progress: Progress,
    pub(super) connections: BTreeMap<String, Target>,
    pub(super) rehearsal: Option<&'a Rehearsal>,
    pub(super) device: Device,
    /// Where blocks find a terminal; none where nobody attends the run.
    pub(super) terminal: Option<OwnTerminal>,
    pub(super) prompter: Box<dyn Prompter>,
}

impl Session<'_> {
    /// What the responder calls the machine that shell blocks run on.
    fn machine(&self) -> String {
        let host = Responder::here().host;
        if self.rehearsal.is_some() { format!("{host}, in a rehearsal where nothing is real") } else { host }
    }

    /// Runs until the end of the run, or until it is put aside.
    pub(super) async fn run(
        self,
        writer: Writer,
        clock: &Rc<SystemClock>,
        beginning: Beginning,
    ) -> Result<Ended, CliError> {
        let machine = self.machine();
        let uncaught = |error| CliError::new(Exit::Failed, format!("signals cannot be caught: {error}"));
        let signals = signals::listen().map_err(uncaught)?;
        let mut environment = shell_environment(self.rehearsal)?;
        environment.variables.push((RUN_VARIABLE.into(), self.id.as_str().into()));
        let mut record = Record::new(writer);
        let preface = match &beginning {
            Beginning::Started(_) => preface::lines(self.file, self.plan, &self.steps, &self.given),
            Beginning::Resumed { .. } => Vec::new(),
        };
        let mut screen = Screen::new(self.device).with_preface(preface);
        let mut prompter = self.prompter;
        adopt_orphans().map_err(uncaught)?;
        let mut runner = Runner::new(environment);
        if let Some(terminal) = self.terminal {
            suspend::listen().map_err(uncaught)?;
            runner = runner.at_terminal(Box::new(terminal), own_program());
        }
        let mut shell: Box<dyn Shell> = match self.rehearsal {
            Some(rehearsal) => Box::new(Confined { runner, rehearsal }),
            None => Box::new(runner),
        };
        let mut databases = Connections::new(self.connections.clone());
        if let Beginning::Resumed { shell_state: Some(state), .. } = &beginning {
            shell.restore(state);
        }
        let secrets = passwords(&self.connections);
        let assignment = Assignment {
            file: self.file,
            plan: self.plan,
            steps: self.steps,
            given: self.given,
            secrets,
            progress: self.progress,
            machine,
        };
        let world = World {
            clock: &**clock,
            journal: &mut record,
            view: &mut screen,
            prompter: &mut *prompter,
            shell: &mut *shell,
            databases: &mut databases,
            control: signals.control,
            ended: signals.ended,
        };
        tracing::info!(steps = assignment.steps.len(), rehearsal = self.rehearsal.is_some(), "the run begins");
        let engine = Engine::new(assignment, world);
        let ended = match beginning {
            Beginning::Started(started) => engine.start(*started).await,
            Beginning::Resumed { event, .. } => engine.resume(&event).await,
        };
        ended.map_err(CliError::from)
    }
}

/// This program itself, even where its file was replaced since it started.
fn own_program() -> PathBuf {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { running } else { std::env::current_exe().unwrap_or(running) }
}

/// The passwords that blocks could print, though no page declares them. One
/// too short to be told from other text is left alone.
fn passwords(connections: &BTreeMap<String, Target>) -> Vec<(String, String)> {
    let of_connections = connections.iter().flat_map(|(name, target)| {
        target.passwords().into_iter().map(move |password| (format!("password of {name}"), password))
    });
    let of_environment = std::env::var("PGPASSWORD").ok().map(|password| ("PGPASSWORD".to_owned(), password));
    of_connections.chain(of_environment).filter(|(_, password)| password.len() >= Redactor::SHORTEST).collect()
}

impl From<EngineError> for CliError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Journal(error) => error.into(),
            EngineError::NoAnswer(error) => error.into(),
            EngineError::Value(error) => Self::usage(error),
        }
    }
}

/// Says how the run was left, and writes its reports beside its record.
pub(super) fn conclude(
    store: &Store,
    id: &RunId,
    ended: &Result<Ended, CliError>,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let exit = match ended {
        Ok(Ended::Finished(RunOutcome::Completed)) => Exit::Done,
        Ok(Ended::Finished(RunOutcome::Failed | RunOutcome::Aborted)) => Exit::Failed,
        Ok(Ended::Suspended) => Exit::Done,
        Ok(Ended::Interrupted) => Exit::Interrupted,
        Err(error) => error.exit,
    };
    if let Ok(Ended::Finished(outcome)) = ended {
        // Nothing will start from it any more.
        store.open(id)?.forget_state();
        printer.note(&format!("\n{}", closing(*outcome)));
    }
    if exit != Exit::NoRecord {
        let folder = store.open(id)?;
        let page = write_reports(&folder)?;
        printer.note(&format!("Report    {}", page.display()));
    }
    if !matches!(ended, Ok(Ended::Finished(_))) {
        printer.note(&format!("Resume    runbook resume {id}"));
    }
    Ok(exit)
}

fn closing(outcome: RunOutcome) -> &'static str {
    match outcome {
        RunOutcome::Completed => "✓ The run is completed.",
        RunOutcome::Failed => "✗ The run is over; something in it failed and was left so.",
        RunOutcome::Aborted => "✗ The run was ended before its time.",
    }
}

/// Writes the report as Markdown and as a page; gives the page's path.
fn write_reports(folder: &Folder) -> Result<PathBuf, CliError> {
    let report = super::report::build(folder)?;
    let mut page = folder.path().to_owned();
    for (format, name) in [(Format::Markdown, "report.md"), (Format::Html, "report.html")] {
        page = folder.path().join(name);
        super::report::write(&page, &report.render(format))?;
    }
    Ok(page)
}
