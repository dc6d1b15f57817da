//! One block: shown as it will run, asked about, run, and what is done when
//! it fails.

use super::attempt::AttemptEnd;
use super::fill_in::OpenLine;
use super::lines::Commands;
use super::prepare::Prepared;
use super::{Engine, EngineError, Flow, following, inside};
use crate::effect::{BlockAnswer, BlockCard, BlockQuestion, FailureAnswer, FailureQuestion};
use crate::plan::Disposition;
use crate::run::{BlockRef, Event, Mark, Part, RunOutcome};
use crate::runbook::{Block, Confirm, Effect, HumanDuration, OnFailure, Reaction, Step};

/// How a block was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BlockEnd {
    /// It was only something to look at.
    Shown,
    /// It ran and did what it should.
    Done,
    /// It failed, and was left so.
    Failed(String),
    /// It failed, and that was accepted for this reason.
    Accepted(String),
    /// It was not run, or nothing of it was kept.
    Skipped(String),
    /// The order of the page was left; with the problem, if there was one.
    Leave(Flow, Option<String>),
}

/// What the responder decided before the block ran.
pub(super) enum Decision {
    Run(Box<Prepared>),
    /// Command by command.
    Lines(Box<Prepared>),
    /// None of the commands that are left.
    Stop(String),
    End(BlockEnd),
}

/// What is asked about: a block, or some of its commands.
pub(super) enum Asked<'w> {
    Block(Option<String>),
    Commands(Commands<'w>),
}

impl Asked<'_> {
    /// What the responder typed in the page's place.
    fn text(&self) -> Option<&str> {
        match self {
            Self::Block(text) => text.as_deref(),
            Self::Commands(commands) => commands.edited.as_deref(),
        }
    }

    /// The text whose open places are asked for, where it is not the page's.
    fn open_text<'t>(&'t self, prepared: &'t Prepared) -> Option<&'t str> {
        self.text().or(prepared.part.map(|_| prepared.written.as_str()))
    }

    fn edit(&mut self, edited: String) {
        match self {
            Self::Block(text) => *text = Some(edited),
            Self::Commands(commands) => commands.edited = Some(edited),
        }
    }
}

impl<'a> Engine<'a> {
    /// All of a block's life.
    pub(super) async fn block(&mut self, step: &'a Step, block: &'a Block) -> Result<BlockEnd, EngineError> {
        let reference = BlockRef { step: step.id.clone(), number: block.number };
        if self.progress.blocks.contains(&reference) {
            return Ok(BlockEnd::Done);
        }
        if let Some(end) = self.leave_by(block)? {
            self.block_is_over(&reference);
            return Ok(end);
        }
        let facts = self.plan.facts(block);
        if !facts.runs() {
            self.recorder.view.prose(self.file.slice(block.span));
            return Ok(BlockEnd::Shown);
        }
        let chosen = self.one_way(step, block, &reference).await?;
        let block = chosen.as_ref().unwrap_or(block);
        let end = match self.go_on_by_lines(step, block, &reference).await? {
            Some(end) => end,
            None => self.whole_block(step, block, &reference).await?,
        };
        if !matches!(end, BlockEnd::Leave(..)) {
            self.block_is_over(&reference);
        }
        Ok(end)
    }

    async fn whole_block(
        &mut self,
        step: &'a Step,
        block: &Block,
        reference: &BlockRef,
    ) -> Result<BlockEnd, EngineError> {
        self.late_values(block).await?;
        if let Some(end) = self.by_stages(step, block, reference).await? {
            return Ok(end);
        }
        let mut text = None;
        loop {
            let prepared = match self.decide(step, block, reference, Asked::Block(text.take())).await? {
                Decision::Run(prepared) => prepared,
                Decision::Lines(whole) => return self.by_lines(step, block, reference, &whole, 0, &[]).await,
                Decision::Stop(reason) => return Ok(BlockEnd::Skipped(reason)),
                Decision::End(end) => return Ok(end),
            };
            match self.run_and_settle(step, block, reference, &prepared).await? {
                Settled::End(end) => return Ok(end),
                Settled::Edited(edited) => text = Some(edited),
            }
        }
    }

    /// Shows the block and asks until it is to be run or left.
    pub(super) async fn decide(
        &mut self,
        step: &Step,
        block: &Block,
        reference: &BlockRef,
        mut asked: Asked<'_>,
    ) -> Result<Decision, EngineError> {
        let mut may_ask = self.plan.facts(block).default == Disposition::Run;
        let mut may_leave_out = may_ask;
        loop {
            let prepared = match &asked {
                Asked::Block(text) => self.prepare(block, text.as_deref()).await?,
                Asked::Commands(commands) => {
                    let draft = self.draft(block, commands);
                    self.prepare_part(block, draft).await?
                }
            };
            // Shown once it can be shown as it will run: a card that still lacks
            // its values would only be read twice.
            if std::mem::take(&mut may_ask) && !prepared.open.is_empty() {
                self.show_open(&prepared, block);
                if self.fill_in(block, asked.open_text(&prepared), &prepared).await? {
                    continue;
                }
            }
            self.show(&prepared, block);
            if let Some((without, example)) = prepared
                .without_example
                .as_ref()
                .filter(|_| prepared.open.is_empty() && std::mem::take(&mut may_leave_out))
            {
                let example = self.recorder.mask(example);
                let question = format!("The page gives this as an example: `{example}`. Leave it out?");
                if self.prompter.confirm(&question, true).await? {
                    self.edited(reference, &prepared, without)?;
                    asked.edit(without.clone());
                    continue;
                }
            }
            if prepared.needs_no_question(block) {
                return Ok(Decision::Run(Box::new(prepared)));
            }
            let question = self.block_question(block, &prepared);
            let answer = loop {
                match self.prompter.block(&question).await? {
                    BlockAnswer::Note(note) => self.note(step, &note)?,
                    BlockAnswer::Mark(mark) => self.mark(mark)?,
                    answer => break answer,
                }
            };
            let end = match answer {
                BlockAnswer::Run if !prepared.open.is_empty() => {
                    self.fill_in(block, asked.open_text(&prepared), &prepared).await?;
                    continue;
                }
                BlockAnswer::Run => {
                    self.answered(reference, "run?", "yes")?;
                    return Ok(Decision::Run(Box::new(prepared)));
                }
                BlockAnswer::Edit(edited) => {
                    self.edited(reference, &prepared, &edited)?;
                    asked.edit(edited);
                    may_ask = true;
                    continue;
                }
                BlockAnswer::Lines => {
                    self.answered(reference, "run?", "command by command")?;
                    return Ok(Decision::Lines(Box::new(prepared)));
                }
                BlockAnswer::Rest => {
                    if let Asked::Commands(commands) = &mut asked {
                        commands.take_all();
                    }
                    continue;
                }
                BlockAnswer::Stop(reason) => return Ok(Decision::Stop(self.recorder.mask(&reason))),
                BlockAnswer::Here => {
                    self.stay_in(Vec::new(), "the responder chose to")?;
                    continue;
                }
                BlockAnswer::TryAgain => continue,
                BlockAnswer::Skip(reason) => {
                    let reason = self.recorder.mask(&reason);
                    self.not_run(reference, prepared.part, &reason)?;
                    self.pass_by(step, block, &prepared.written)?;
                    BlockEnd::Skipped(reason)
                }
                BlockAnswer::Jump(to) => BlockEnd::Leave(self.jump(step, to, "the responder chose to")?, None),
                BlockAnswer::Suspend => BlockEnd::Leave(Flow::Suspend, None),
                BlockAnswer::Abort => {
                    let flow = Flow::End(RunOutcome::Aborted, "the responder ended it".to_owned());
                    BlockEnd::Leave(flow, None)
                }
                BlockAnswer::Note(_) | BlockAnswer::Mark(_) => continue,
            };
            return Ok(Decision::End(end));
        }
    }

    /// Puts on record that the block, or a part of it, is not run.
    pub(super) fn not_run(&mut self, block: &BlockRef, part: Option<Part>, reason: &str) -> Result<(), EngineError> {
        let event = Event::BlockSkipped { block: block.clone(), part, reason: reason.to_owned() };
        self.recorder.record_durably(&event)
    }

    /// Where the block runs, for a person: a shell's name alone says no more
    /// than that it is here.
    fn place_of(&self, block: &Block, prepared: &Prepared) -> String {
        match prepared.target.strip_prefix(&prepared.runs_on).filter(|_| !block.is_sql()) {
            // What it opens runs elsewhere, which its reasons tell.
            Some("") if prepared.entered.is_some() => format!("from {}", self.machine),
            Some("") => format!("on {}", self.machine),
            Some(inside) => inside.trim_start().to_owned(),
            None => format!("on {}", prepared.target),
        }
    }

    fn block_question(&self, block: &Block, prepared: &Prepared) -> BlockQuestion {
        let facts = self.plan.facts(block);
        let typed = prepared.effect == Effect::Destructive || block.settings.confirm == Some(Confirm::Typed);
        BlockQuestion {
            effect: prepared.effect,
            blocked: prepared.blocked.clone(),
            open: prepared.open.iter().map(|open| open.name.clone()).collect(),
            typed: typed.then(|| prepared.word.clone()),
            reasons: prepared.reasons.clone(),
            place: self.place_of(block, prepared),
            code: self.recorder.mask(&prepared.written),
            extension: prepared.extension,
            steps: self.destinations(),
            commands: self.commands(block, prepared).len(),
            part: prepared.part,
            inside: !self.within(block).is_empty(),
            may_try_again: prepared.may_try_again,
            skip_by_default: (facts.default != Disposition::Run && !prepared.edited).then(|| facts.why.clone()),
        }
    }

    /// Shows what is asked about next: where it stands.
    fn show_open(&mut self, prepared: &Prepared, block: &Block) {
        let number = |at: usize| if prepared.edited { 0 } else { prepared.line + at };
        let line = |line: &OpenLine| (number(line.at), self.recorder.mask(&line.text));
        let lines: Vec<_> = prepared.open_lines.iter().map(line).collect();
        self.recorder.view.open_lines(&block.language, &lines);
    }

    fn show(&mut self, prepared: &Prepared, block: &Block) {
        let line = if prepared.edited { 0 } else { prepared.line };
        let entered = prepared.entered.as_ref();
        self.recorder.view.block(&BlockCard {
            language: &block.language,
            target: &prepared.target,
            line,
            code: &prepared.shown,
            lines: entered.map_or(&[], |entered| &entered.lines),
            inside: &entered.map(|entered| inside::card(entered, line.max(1) - 1)).unwrap_or_default(),
            notes: &prepared.notes,
            part: prepared.part,
            effect: prepared.effect,
            reasons: &prepared.reasons,
            timeout: prepared.timeout.map(HumanDuration),
            endless: prepared.endless,
            awaited: &if prepared.endless { following::awaited(block) } else { Vec::new() },
            values: &prepared.filled_in,
            expects: block.expects.as_deref(),
        });
    }

    /// Runs the block until it succeeds or the responder has said what to do
    /// about its failure.
    pub(super) async fn run_and_settle(
        &mut self,
        step: &'a Step,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
    ) -> Result<Settled, EngineError> {
        let settled = self.settle(step, block, reference, prepared).await?;
        self.progress.defined.extend(prepared.defines.iter().cloned());
        if let Settled::End(end @ (BlockEnd::Done | BlockEnd::Accepted(_) | BlockEnd::Failed(_))) = &settled {
            let before = self.within(block).len();
            self.move_on(step, block, reference, prepared)?;
            self.carry_along(reference, block, prepared, before, matches!(end, BlockEnd::Failed(_)))?;
        }
        Ok(settled)
    }

    async fn settle(
        &mut self,
        step: &'a Step,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
    ) -> Result<Settled, EngineError> {
        loop {
            let problem = match self.attempts(block, reference, prepared).await? {
                AttemptEnd::Succeeded => return Ok(Settled::End(BlockEnd::Done)),
                AttemptEnd::Declined(reason) => return Ok(Settled::End(BlockEnd::Skipped(reason))),
                // What ended the session ended the block: nobody is asked.
                AttemptEnd::Failed(_) if *self.ended.borrow() => {
                    return Ok(Settled::End(BlockEnd::Leave(Flow::Suspend, None)));
                }
                AttemptEnd::Failed(problem) => problem,
            };
            match &block.settings.on_failure {
                Some(OnFailure::Do(Reaction::Continue)) => return Ok(Settled::End(BlockEnd::Failed(problem))),
                Some(OnFailure::Do(Reaction::Abort)) => {
                    return Ok(Settled::End(self.ends_in(step, RunOutcome::Failed, &problem)));
                }
                Some(OnFailure::Jump(jump)) => {
                    let flow = self.jump(step, jump.jump.clone(), &problem)?;
                    return Ok(Settled::End(BlockEnd::Leave(flow, Some(problem))));
                }
                Some(OnFailure::Do(Reaction::Ask)) | None => {}
            }
            if let Some(settled) = self.after_failure(step, reference, prepared, problem).await? {
                return Ok(settled);
            }
        }
    }

    /// What the responder makes of a failure; `None` to run the same again.
    async fn after_failure(
        &mut self,
        step: &'a Step,
        reference: &BlockRef,
        prepared: &Prepared,
        problem: String,
    ) -> Result<Option<Settled>, EngineError> {
        let rollback = step.settings.rollback.as_ref().and_then(|id| self.plan.runbook.step(id));
        let question = FailureQuestion {
            problem: problem.clone(),
            code: self.recorder.mask(&prepared.written),
            extension: prepared.extension,
            rollback: rollback.map(|step| step.title.clone()),
            steps: self.destinations(),
        };
        loop {
            let end = match self.prompter.failure(&question).await? {
                FailureAnswer::Retry => {
                    self.answered(reference, "after the failure?", "retry")?;
                    return Ok(None);
                }
                FailureAnswer::Edit(edited) => {
                    self.edited(reference, prepared, &edited)?;
                    return Ok(Some(Settled::Edited(edited)));
                }
                FailureAnswer::Accept(reason) => {
                    let reason = self.recorder.mask(&reason);
                    let event =
                        Event::Accepted { block: reference.clone(), part: prepared.part, reason: reason.clone() };
                    self.recorder.record_durably(&event)?;
                    BlockEnd::Accepted(reason)
                }
                FailureAnswer::Skip(reason) => {
                    let reason = self.recorder.mask(&reason);
                    self.answered(reference, "after the failure?", &format!("leave it failed: {reason}"))?;
                    BlockEnd::Failed(format!("{problem}; left so: {reason}"))
                }
                FailureAnswer::RollBack => match rollback {
                    Some(target) => {
                        self.take_back(step, target).await?;
                        continue;
                    }
                    None => continue,
                },
                FailureAnswer::Note(text) => {
                    self.note(step, &text)?;
                    continue;
                }
                FailureAnswer::Jump(to) => {
                    BlockEnd::Leave(self.jump(step, to, "the responder chose to")?, Some(problem.clone()))
                }
                FailureAnswer::Suspend => BlockEnd::Leave(Flow::Suspend, None),
                FailureAnswer::Abort => self.ends_in(step, RunOutcome::Aborted, &problem),
                FailureAnswer::GiveUp => self.ends_in(step, RunOutcome::Failed, &problem),
            };
            return Ok(Some(Settled::End(end)));
        }
    }

    /// The run ends in this step.
    fn ends_in(&self, step: &Step, outcome: RunOutcome, problem: &str) -> BlockEnd {
        let flow = Flow::End(outcome, format!("{}: {problem}", step.title));
        BlockEnd::Leave(flow, Some(problem.to_owned()))
    }

    fn mark(&mut self, mark: Mark) -> Result<(), EngineError> {
        let by = self.prompter.who();
        self.recorder.record_durably(&Event::Marked { mark, by })
    }

    fn edited(&mut self, block: &BlockRef, prepared: &Prepared, after: &str) -> Result<(), EngineError> {
        let after = self.recorder.mask(after);
        let before = self.recorder.mask(&prepared.written);
        self.recorder.record_durably(&Event::Edited { block: block.clone(), before, after })
    }

    /// Not synced by itself: the start of the block, or the next answer, is.
    pub(super) fn answered(&mut self, block: &BlockRef, question: &str, answer: &str) -> Result<(), EngineError> {
        let by = self.prompter.who();
        self.recorder.record(&answered(block, question, answer, by))
    }

    fn jump(&mut self, step: &Step, to: String, reason: &str) -> Result<Flow, EngineError> {
        let event = Event::Jumped { from: step.id.clone(), to: to.clone(), reason: self.recorder.mask(reason) };
        self.recorder.record_durably(&event)?;
        Ok(Flow::Jump(to))
    }
}

/// An answer about a block, for the record.
pub(super) fn answered(block: &BlockRef, question: &str, answer: &str, by: String) -> Event {
    Event::Answered { block: Some(block.clone()), question: question.to_owned(), answer: answer.to_owned(), by }
}

/// What came of running a block and asking about its failure.
pub(super) enum Settled {
    End(BlockEnd),
    Edited(String),
}
