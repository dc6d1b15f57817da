//! The loop over the steps, and what is decided in it.
//!
//! The engine owns no terminal, process, database, file or clock: it asks
//! the traits of [`crate::effect`]. What it decides by itself stands in files
//! without I/O: whether a result is what was expected (`judge`), what it sets
//! (`capture`), how it compares with what the page shows (`compare`), whether to
//! try again (`patience`).
//!
//! | where is … | in |
//! |---|---|
//! | the order of steps, jumps, the end of a run | `mod.rs` |
//! | one step: its prose and actions | `step.rs` |
//! | which of several ways is taken | `choice.rs` |
//! | one block: fill, show, ask, run, after a failure | `block.rs` |
//! | a connection, its password | `connecting.rs` |
//! | running shell, running SQL | `shell_block.rs`, `sql_block.rs`, `sql_script.rs` |
//! | what a statement changes; whether that is kept | `sql_preview.rs`, `sql_decision.rs` |
//! | COMMIT and what became of it; of a block that was cut off | `commit.rs`, `cut_off.rs` |
//! | tables that no rollback restores | `at_once.rs` |
//! | asking for values; for what a block leaves open | `values.rs`, `fill_in.rs` |
//! | a block command by command, or as it escalates; one of its ways | `lines.rs`, `stages.rs`, `variant.rs` |
//! | inside which shell a block runs, and what is set there | `inside.rs`, `carry.rs` |
//! | files that a block would replace | `replaced.rs` |
//! | tries whose output is held back; what the waiting line tells | `polling.rs`, `waiting.rs` |
//! | what never ends by itself | `following.rs` |
//! | masking, recording, showing | `recorder.rs` |
//! | taking steps back, resuming | `rollback.rs`, `resume.rs` |

mod at_once;
mod attempt;
mod block;
mod capture;
mod carry;
mod choice;
mod commit;
mod compare;
mod connecting;
mod cut_off;
mod fill_in;
mod following;
mod inside;
mod judge;
mod lines;
mod own_commits;
mod patience;
mod polling;
mod prepare;
mod recorder;
mod replaced;
mod resume;
mod rollback;
mod rows;
mod savepoints;
mod shell_block;
mod sql_block;
mod sql_decision;
mod sql_preview;
mod sql_script;
mod stages;
mod step;
#[cfg(test)]
mod tests;
mod values;
mod variant;
mod waiting;

pub use commit::commit;
pub use cut_off::CutOff;
pub use inside::Stay;
pub use resume::{Progress, Unfinished};
pub use values::Given;

use crate::effect::{Clock, Control, Databases, Journal, JournalError, NoAnswer, Prompter, ServerKind, Shell, View};
use crate::language::sql::SqlDialect;
use crate::plan::Plan;
use crate::run::{BlockRef, DatabaseSession, Event, RunOutcome, RunStarted};
use crate::runbook::{Step, Value};
use crate::source::SourceFile;
use recorder::Recorder;
use replaced::OwnFiles;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

/// The world a run happens in.
pub struct World<'a> {
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Where everything is recorded.
    pub journal: &'a mut dyn Journal,
    /// What the responder sees.
    pub view: &'a mut dyn View,
    /// What the responder says.
    pub prompter: &'a mut dyn Prompter,
    /// What runs shell blocks and scripts.
    pub shell: &'a mut dyn Shell,
    /// What runs SQL blocks.
    pub databases: &'a mut dyn Databases,
    /// What the responder does to a running block.
    pub control: UnboundedReceiver<Control>,
    /// True once the responder's session is over: nothing new is begun then.
    pub ended: watch::Receiver<bool>,
}

/// What to run.
pub struct Assignment<'a> {
    /// The page.
    pub file: &'a SourceFile,
    /// What is known of it.
    pub plan: &'a Plan,
    /// Indices of the steps to walk through, in order.
    pub steps: Vec<usize>,
    /// Values from flags, files and the environment.
    pub given: BTreeMap<String, Given>,
    /// What must not be seen beside the values that are secret, such as the
    /// passwords of connections: name and text.
    pub secrets: Vec<(String, String)>,
    /// What an earlier process has done of it.
    pub progress: Progress,
}

/// How a run left the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It is over.
    Finished(RunOutcome),
    /// It can be resumed.
    Suspended,
    /// It can be resumed; the responder pressed Ctrl-C at a prompt, or the
    /// session ended.
    Interrupted,
}

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The record cannot be kept.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An answer was needed and there was nobody to ask.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// A value given on the command line does not fit its variable.
    #[error(transparent)]
    Value(#[from] crate::runbook::ValueError),
}

/// Where a run goes after a step or a block.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Flow {
    /// On to what follows.
    Next,
    /// On to the step with this id.
    Jump(String),
    /// Out, to be resumed.
    Suspend,
    /// Out, for good, as this and for this reason.
    End(RunOutcome, String),
}

/// One run, from its first step to its last.
pub struct Engine<'a> {
    file: &'a SourceFile,
    plan: &'a Plan,
    route: Vec<usize>,
    clock: &'a dyn Clock,
    recorder: Recorder<'a>,
    prompter: &'a mut dyn Prompter,
    shell: &'a mut dyn Shell,
    databases: &'a mut dyn Databases,
    control: UnboundedReceiver<Control>,
    ended: watch::Receiver<bool>,
    given: BTreeMap<String, Given>,
    values: BTreeMap<String, Value>,
    /// Names of values of which somebody has said that they are options.
    options: BTreeSet<String>,
    progress: Progress,
    tries: HashMap<(BlockRef, usize), u32>,
    not_chosen: HashSet<String>,
    /// Ids of the steps that the responder jumped to: they are walked through
    /// even if they are no part of the procedure.
    sought: HashSet<String>,
    /// The condition of the step at hand, and whether it holds: steps that
    /// share it are asked about once.
    condition: Option<(String, bool)>,
    /// What the commands of a block have printed that is run one by one.
    printed: judge::Evidence,
    /// The files that this run has made.
    own_files: OwnFiles,
    /// The sessions that are on record, by their connections.
    connected: HashMap<String, DatabaseSession>,
    /// Ids of the steps that ran something, in the order they did.
    acted: Vec<String>,
    failed: bool,
}

/// The rules that a server's SQL follows.
#[must_use]
pub fn dialect(server: ServerKind) -> SqlDialect {
    match server {
        ServerKind::Postgres => SqlDialect::Postgres,
        ServerKind::Sqlite => SqlDialect::Sqlite,
        ServerKind::Mysql => SqlDialect::Mysql,
    }
}

impl<'a> Engine<'a> {
    /// Gets ready to run `assignment`. Nothing happens yet.
    #[must_use]
    pub fn new(assignment: Assignment<'a>, world: World<'a>) -> Self {
        let mut recorder = Recorder::new(world.journal, world.view);
        for (name, secret) in &assignment.secrets {
            recorder.add_secret(name, secret);
        }
        Self {
            file: assignment.file,
            plan: assignment.plan,
            route: assignment.steps,
            clock: world.clock,
            recorder,
            prompter: world.prompter,
            shell: world.shell,
            databases: world.databases,
            control: world.control,
            ended: world.ended,
            given: assignment.given,
            values: BTreeMap::new(),
            options: BTreeSet::new(),
            not_chosen: HashSet::new(),
            sought: HashSet::new(),
            condition: None,
            printed: judge::Evidence::default(),
            own_files: OwnFiles::default(),
            connected: HashMap::new(),
            acted: assignment.progress.acted.clone(),
            tries: assignment.progress.attempts.clone(),
            failed: assignment.progress.failed,
            progress: assignment.progress,
        }
    }

    /// Records the run's beginning and walks through its steps.
    ///
    /// # Errors
    /// If the record cannot be kept, or an answer is needed that nobody gives;
    /// in the second case the run is suspended on record.
    pub async fn start(mut self, started: RunStarted) -> Result<Ended, EngineError> {
        self.recorder.record_durably(&Event::RunStarted(Box::new(started)))?;
        self.walk().await
    }

    /// Records that the run is taken up again, which `resumed` tells, and goes
    /// on with it.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub async fn resume(mut self, resumed: &Event) -> Result<Ended, EngineError> {
        self.recorder.record_durably(resumed)?;
        self.walk().await
    }

    /// All of a run after its first event: whatever ends it is on record.
    async fn walk(&mut self) -> Result<Ended, EngineError> {
        let (reason, ended) = match self.walk_steps().await {
            Ok(Ended::Suspended) if *self.ended.borrow() => ("the session ended".to_owned(), Ok(Ended::Interrupted)),
            Ok(Ended::Suspended) => ("the responder put it aside".to_owned(), Ok(Ended::Suspended)),
            Ok(ended) => return Ok(ended),
            Err(EngineError::Journal(error)) => return Err(error.into()),
            Err(EngineError::NoAnswer(NoAnswer::Interrupted)) => {
                ("interrupted at a prompt".to_owned(), Ok(Ended::Interrupted))
            }
            Err(error) => (self.recorder.mask(&error.to_string()), Err(error)),
        };
        self.recorder.record_durably(&Event::RunSuspended { reason })?;
        ended
    }

    async fn walk_steps(&mut self) -> Result<Ended, EngineError> {
        self.gather_values().await?;
        if self.settle_unknown().await? == Flow::Suspend {
            return Ok(Ended::Suspended);
        }
        let mut position = 0;
        while let Some(&index) = self.route.get(position) {
            if *self.ended.borrow() {
                return Ok(Ended::Suspended);
            }
            let step = &self.plan.runbook.steps[index];
            tracing::debug!(step = step.id, position, "coming to a step");
            match self.step(step, position).await? {
                Flow::Next => position += 1,
                Flow::Jump(id) => {
                    self.switch_ways(&id)?;
                    position = self.position_of(&id, position);
                    self.forget_choices(position);
                    self.sought.insert(id);
                }
                Flow::Suspend => return Ok(Ended::Suspended),
                Flow::End(outcome, reason) => {
                    self.offer_rollbacks().await?;
                    return self.finish(outcome, Some(reason));
                }
            }
        }
        let outcome = if self.failed { RunOutcome::Failed } else { RunOutcome::Completed };
        self.finish(outcome, None)
    }

    fn finish(&mut self, outcome: RunOutcome, reason: Option<String>) -> Result<Ended, EngineError> {
        self.recorder.record_durably(&Event::RunFinished { outcome, reason })?;
        Ok(Ended::Finished(outcome))
    }

    /// The place of a step in the route; a step that is not in it, such as one
    /// that an `on_failure` names, is put in after the present one.
    fn position_of(&mut self, id: &str, after: usize) -> usize {
        let steps = &self.plan.runbook.steps;
        if let Some(position) = self.route.iter().position(|index| steps[*index].id == id) {
            self.progress.forget_from(self.route[position..].iter().map(|index| steps[*index].id.as_str()));
            return position;
        }
        if let Some(index) = steps.iter().position(|step| step.id == id) {
            self.route.insert(after + 1, index);
        }
        after + 1
    }

    /// The steps one can jump to: id and title.
    fn destinations(&self) -> Vec<(String, String)> {
        let step = |index: &usize| &self.plan.runbook.steps[*index];
        self.route.iter().map(step).map(|step| (step.id.clone(), step.title.clone())).collect()
    }

    fn note(&mut self, step: &Step, text: &str) -> Result<(), EngineError> {
        let by = self.prompter.who();
        let text = self.recorder.mask(text);
        self.recorder.record_durably(&Event::Note { step: Some(step.id.clone()), text, by })
    }
}
