//! From events to a run. The live view, resuming and the report all use this.

use super::TransactionDecision;
use super::record::{
    ActionRecord, Answer, Attempt, BlockRecord, Check, ChoiceRecord, ConnectionRecord, Edit, JumpRecord, MarkRecord,
    Moment, NoteRecord, Reason, Resolution, Resumption, RollbackRecord, RunState, SessionRecord, StatementRecord,
    StepRecord, Suspension, TransactionRecord, VariableRecord, WithinRecord,
};
use super::{BlockFinished, BlockOutcome, BlockRef, Carried, Entry, Event, Line, RunStarted, StepOutcome, StepOutline};
use crate::runbook::StepKind;
use std::collections::HashMap;

/// A run, as its events tell it.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The first event: what was to be run, who by, and where.
    pub header: RunStarted,
    /// Where it stands.
    pub state: RunState,
    /// Why it ended so, where that was said.
    pub reason: Option<String>,
    /// Its steps, in the order of the plan; then those outside it, in the
    /// order in which they were come to.
    pub steps: Vec<StepRecord>,
    /// The variables, in the order in which they first got a value.
    pub variables: Vec<VariableRecord>,
    /// The connections, in the order in which they were opened.
    pub connections: Vec<ConnectionRecord>,
    /// The ways that were taken.
    pub choices: Vec<ChoiceRecord>,
    /// Each change of where shell blocks run.
    pub within: Vec<WithinRecord>,
    /// What blocks have set in the shells that are entered.
    pub carried: Vec<Carried>,
    /// The answers to questions that were about no block.
    pub answers: Vec<Answer>,
    /// What the responder wrote down.
    pub notes: Vec<NoteRecord>,
    /// The milestones.
    pub marks: Vec<MarkRecord>,
    /// The changes of order.
    pub jumps: Vec<JumpRecord>,
    /// The rollbacks that were offered.
    pub rollbacks: Vec<RollbackRecord>,
    /// Each time it was put aside.
    pub suspensions: Vec<Suspension>,
    /// Each time it was taken up again.
    pub resumptions: Vec<Resumption>,
    /// When it began.
    pub first: Moment,
    /// When the latest event happened.
    pub last: Moment,
    /// When it ended.
    pub ended: Option<Moment>,
    /// How many events were of a newer version and passed over.
    pub foreign: u64,
    pub(super) index: HashMap<String, usize>,
    pub(super) cursor: Cursor,
    /// Where the run was when a rollback was begun: its step, and the place
    /// to return to.
    rolling_back: Option<(String, Cursor)>,
}

/// Where in the order of the steps the run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cursor {
    /// Before the first step.
    Start,
    /// At a step, which is not left yet.
    At(String),
    /// Past a step.
    After(String),
}

/// The events do not make a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// There are none.
    #[error("the transcript is empty")]
    Empty,
    /// The first is not the start of a run.
    #[error("the first event is not the start of a run")]
    NoStart,
    /// A run starts in the middle of a run.
    #[error("event {seq}: the run starts a second time")]
    SecondStart {
        /// Sequence number.
        seq: u64,
    },
    /// An event is missing, or there twice.
    #[error("event {expected} is missing: {found} stands in its place")]
    Gap {
        /// The sequence number that should come.
        expected: u64,
        /// The one that came.
        found: u64,
    },
    /// Something came of a block that never started.
    #[error("event {seq}: block {number} of `{step}` never started")]
    NotStarted {
        /// Sequence number.
        seq: u64,
        /// The step.
        step: String,
        /// The block's number.
        number: usize,
    },
}

impl Run {
    /// Makes a run of its events.
    ///
    /// # Errors
    /// If they do not begin with the start of a run, leave a number out, or
    /// tell of the end of a block that never started.
    pub fn fold(entries: impl IntoIterator<Item = impl Into<Line>>) -> Result<Self, FoldError> {
        let mut entries = entries.into_iter();
        let mut run = Self::begin(entries.next().ok_or(FoldError::Empty)?)?;
        for entry in entries {
            run.apply(entry)?;
        }
        Ok(run)
    }

    /// A run of which only the first event is known.
    ///
    /// # Errors
    /// If that is not the start of a run.
    pub fn begin(first: impl Into<Line>) -> Result<Self, FoldError> {
        let Line::Known(entry) = first.into() else { return Err(FoldError::NoStart) };
        let Entry { seq, at, elapsed_ms, event: Event::RunStarted(header), .. } = *entry else {
            return Err(FoldError::NoStart);
        };
        if seq != 1 {
            return Err(FoldError::Gap { expected: 1, found: seq });
        }
        let moment = Moment { seq, at, elapsed_ms, session: 0 };
        let steps: Vec<_> = header.steps.iter().cloned().map(StepRecord::new).collect();
        Ok(Self {
            state: RunState::Running,
            reason: None,
            index: steps.iter().enumerate().map(|(at, step)| (step.outline.id.clone(), at)).collect(),
            steps,
            variables: Vec::new(),
            connections: Vec::new(),
            choices: Vec::new(),
            within: Vec::new(),
            carried: Vec::new(),
            answers: Vec::new(),
            notes: Vec::new(),
            marks: Vec::new(),
            jumps: Vec::new(),
            rollbacks: Vec::new(),
            suspensions: Vec::new(),
            resumptions: Vec::new(),
            first: moment.clone(),
            last: moment,
            ended: None,
            foreign: 0,
            cursor: Cursor::Start,
            rolling_back: None,
            header: *header,
        })
    }

    /// Takes the next event in.
    ///
    /// # Errors
    /// If it is not the next, or does not fit what came before. The run then
    /// is as it was.
    pub fn apply(&mut self, entry: impl Into<Line>) -> Result<(), FoldError> {
        let line = entry.into();
        let expected = self.last.seq + 1;
        if line.seq() != expected {
            return Err(FoldError::Gap { expected, found: line.seq() });
        }
        match line {
            Line::Known(entry) => {
                let resumed = matches!(entry.event, Event::RunResumed { .. });
                let session = self.last.session + u32::from(resumed);
                let at = Moment { seq: entry.seq, at: entry.at, elapsed_ms: entry.elapsed_ms, session };
                self.take(entry.event, &at)?;
                self.last = at;
            }
            Line::Foreign(entry) => {
                self.foreign += 1;
                self.last =
                    Moment { seq: entry.seq, at: entry.at, elapsed_ms: entry.elapsed_ms, session: self.last.session };
            }
        }
        Ok(())
    }

    fn take(&mut self, event: Event, at: &Moment) -> Result<(), FoldError> {
        let now = || at.clone();
        self.carry(&event);
        match event {
            Event::RunStarted(_) => return Err(FoldError::SecondStart { seq: at.seq }),
            Event::VariableSet { name, value, source, kind } => {
                let record = VariableRecord { name, value, source, kind, at: now() };
                match self.variables.iter_mut().find(|variable| variable.name == record.name) {
                    Some(variable) => *variable = record,
                    None => self.variables.push(record),
                }
            }
            Event::Connected { connection, target, session } => {
                self.connections.push(ConnectionRecord { name: connection, target, session, at: now() });
            }
            Event::StepStarted { step } => self.step_started(step, at),
            Event::StepFinished { step, outcome, reason } => self.step_finished(step, outcome, reason, at),
            Event::Chosen { step, block, choice, others, reason } => {
                self.choices.push(ChoiceRecord { step, block, choice, others, reason, at: now() });
            }
            Event::Entered { block, within, section } => {
                self.within.push(WithinRecord { block: Some(block), within, section, reason: None, at: now() });
            }
            Event::Left { within, reason } => {
                let section = self.within.last().map(|record| record.section.clone()).unwrap_or_default();
                self.within.push(WithinRecord { block: None, within, section, reason: Some(reason), at: now() });
            }
            Event::Carried { .. } => {}
            Event::Answered { block, question, answer, by } => {
                let answer = Answer { question, answer, by, at: now() };
                match block {
                    Some(block) => self.block(&block).answers.push(answer),
                    None => self.answers.push(answer),
                }
            }
            Event::Edited { block, before, after } => self.block(&block).edits.push(Edit { before, after, at: now() }),
            Event::BlockStarted(started) => {
                let block = self.block(&started.block);
                // It is run after all: what was said of it before no longer holds.
                block.done = false;
                block.skipped = None;
                block.accepted = None;
                block.attempts.push(Attempt::new(*started, now()));
            }
            Event::StatementFinished(end) => {
                let statement = StatementRecord { end: *end, at: now() };
                self.attempt(&statement.end.block.clone(), at)?.statements.push(statement);
            }
            Event::SessionTaken { block, connection, session } => {
                self.attempt(&block, at)?.session = Some(SessionRecord { connection, known_as: session });
            }
            Event::Committing { block, transaction } => self.attempt(&block, at)?.committing = Some(transaction),
            Event::TransactionEnded { block, decision, affected, uncounted, reason, .. } => {
                let by = self.block(&block).kept_by();
                let attempt = self.attempt(&block, at)?;
                if decision != TransactionDecision::Unknown {
                    attempt.committing = None;
                }
                let statements = attempt.statements.len();
                let at = now();
                let ended = TransactionRecord { decision, affected, uncounted, reason, at, statements, by };
                attempt.transactions.push(ended);
            }
            Event::BlockFinished(finished) => self.block_finished(*finished, at)?,
            Event::Checked { block, expectation, held, found } => {
                self.attempt(&block, at)?.checks.push(Check { expectation, held, found });
            }
            Event::Compared(compared) => {
                let block = compared.block.clone();
                self.attempt(&block, at)?.compared = Some(*compared);
            }
            Event::Accepted { block, part, reason } => {
                self.block(&block).settled(part, true, Reason { text: reason, at: now() });
            }
            Event::BlockSkipped { block, part, reason } => {
                self.block(&block).settled(part, false, Reason { text: reason, at: now() });
            }
            Event::ActionDone { step, text, line, done, task, note } => {
                self.step_entry(&step).actions.push(ActionRecord { text, line, done, task, note, at: now() });
            }
            Event::Note { step, text, by } => self.notes.push(NoteRecord { step, text, by, at: now() }),
            Event::Marked { mark, by } => self.marks.push(MarkRecord { mark, by, at: now() }),
            Event::Jumped { from, to, reason } => {
                self.step_entry(&to).begin_afresh();
                self.cursor = Cursor::At(to.clone());
                self.jumps.push(JumpRecord { from, to, reason, at: now() });
            }
            Event::RollbackOffered { step, rollback, accepted } => {
                if accepted {
                    let place = self.rolling_back.take().map_or_else(|| self.cursor.clone(), |(_, place)| place);
                    self.rolling_back = Some((rollback.clone(), place));
                }
                self.rollbacks.push(RollbackRecord { step, rollback, accepted, at: now() });
            }
            Event::RunSuspended { reason } => {
                self.state = RunState::Suspended;
                self.suspensions.push(Suspension { reason, at: now() });
            }
            Event::RunResumed { by, host, version: _, changed, salvaged, salvaged_rows, dropped } => {
                self.state = RunState::Running;
                if let Some(attempt) = self.cut_off_attempt() {
                    attempt.salvaged = salvaged;
                    attempt.salvaged_rows = salvaged_rows;
                }
                self.resumptions.push(Resumption { by, host, changed, dropped, at: now() });
            }
            Event::UnknownResolved { block, decision, reason } => {
                let resolution = Resolution { decision, reason, at: now() };
                let ran = resolution.decision == Resolution::RAN;
                let attempt = self.attempt(&block, at)?;
                attempt.resolution = Some(resolution);
                let part = attempt.started.part;
                self.block(&block).over(part, ran);
            }
            Event::RunFinished { outcome, reason } => {
                self.state = RunState::Finished(outcome);
                self.reason = reason;
                self.ended = Some(now());
            }
        }
        Ok(())
    }

    fn step_started(&mut self, id: String, at: &Moment) {
        let step = self.step_entry(&id);
        if step.outcome.is_some() {
            step.begin_afresh();
        }
        if step.started.is_none() {
            step.visits = 1;
            step.started = Some(at.clone());
        }
        self.cursor = Cursor::At(id);
    }

    fn step_finished(&mut self, id: String, outcome: StepOutcome, reason: Option<String>, at: &Moment) {
        let step = self.step_entry(&id);
        step.outcome = Some(outcome);
        step.reason = reason;
        step.finished = Some(at.clone());
        self.cursor = match self.rolling_back.take_if(|(rollback, _)| *rollback == id) {
            Some((_, place)) => place,
            None => Cursor::After(id),
        };
    }

    fn block_finished(&mut self, finished: BlockFinished, at: &Moment) -> Result<(), FoldError> {
        let succeeded = finished.outcome == BlockOutcome::Succeeded;
        let block = finished.block.clone();
        let attempt = self.attempt(&block, at)?;
        let part = attempt.started.part;
        attempt.finished = Some(finished);
        attempt.ended = Some(at.clone());
        self.block(&block).over(part, succeeded);
        Ok(())
    }

    /// The record of a step, made now if it is not in the plan.
    fn step_entry(&mut self, id: &str) -> &mut StepRecord {
        let place = match self.index.get(id) {
            Some(place) => *place,
            None => {
                let outline = StepOutline {
                    id: id.to_owned(),
                    title: id.to_owned(),
                    line: 0,
                    kind: StepKind::Step,
                    blocks: 0,
                    option_of: None,
                };
                self.index.insert(id.to_owned(), self.steps.len());
                self.steps.push(StepRecord::new(outline));
                self.steps.len() - 1
            }
        };
        &mut self.steps[place]
    }

    fn block(&mut self, block: &BlockRef) -> &mut BlockRecord {
        self.step_entry(&block.step).block_entry(block.number)
    }

    /// The latest try of a block.
    fn attempt(&mut self, block: &BlockRef, at: &Moment) -> Result<&mut Attempt, FoldError> {
        let not_started = || FoldError::NotStarted { seq: at.seq, step: block.step.clone(), number: block.number };
        let place = *self.index.get(&block.step).ok_or_else(not_started)?;
        let record = self.steps[place].blocks.iter_mut().find(|record| record.number == block.number);
        record.and_then(|record| record.attempts.last_mut()).ok_or_else(not_started)
    }

    fn cut_off_attempt(&mut self) -> Option<&mut Attempt> {
        let attempts = self.steps.iter_mut().flat_map(|step| &mut step.blocks).flat_map(|block| &mut block.attempts);
        attempts.filter(|attempt| attempt.finished.is_none()).max_by_key(|attempt| attempt.at.seq)
    }
}

impl Resolution {
    /// The decision that the block did run and is not to be run again.
    pub const RAN: &str = "ran";
}

impl StepRecord {
    fn new(outline: StepOutline) -> Self {
        Self {
            outline,
            started: None,
            finished: None,
            outcome: None,
            reason: None,
            visits: 0,
            blocks: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// The step is come to again after it was left: its blocks are to be
    /// offered again.
    fn begin_afresh(&mut self) {
        if self.started.is_some() {
            self.visits += 1;
        }
        self.outcome = None;
        self.reason = None;
        self.finished = None;
        for block in &mut self.blocks {
            block.done = false;
            block.parts = None;
        }
    }

    fn block_entry(&mut self, number: usize) -> &mut BlockRecord {
        let place = match self.blocks.binary_search_by_key(&number, |block| block.number) {
            Ok(place) => place,
            Err(place) => {
                self.blocks.insert(place, BlockRecord { number, ..BlockRecord::default() });
                place
            }
        };
        &mut self.blocks[place]
    }
}

impl BlockRecord {
    /// Who said last whether changes are to be kept.
    fn kept_by(&self) -> Option<String> {
        let attempt = self.attempts.last()?;
        let since = attempt.transactions.last().map_or(attempt.at.seq, |end| end.at.seq);
        let answers = self.answers.iter().rev().take_while(|answer| answer.at.seq > since);
        let mut decided = answers.filter(|answer| answer.question == Answer::KEEP);
        decided.find(|answer| Answer::DECIDES.contains(&answer.answer.as_str())).map(|answer| answer.by.clone())
    }
}

impl Answer {
    /// The question whether a transaction's changes are kept.
    pub const KEEP: &str = "keep the changes?";
    /// What somebody may have answered it.
    pub const DECIDES: [&str; 2] = ["commit", "roll back"];
}

impl Attempt {
    fn new(started: super::BlockStarted, at: Moment) -> Self {
        Self {
            started,
            at,
            finished: None,
            ended: None,
            statements: Vec::new(),
            session: None,
            transactions: Vec::new(),
            committing: None,
            checks: Vec::new(),
            compared: None,
            resolution: None,
            salvaged: None,
            salvaged_rows: None,
        }
    }
}
