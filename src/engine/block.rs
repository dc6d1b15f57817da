//! One block: shown as it will run, asked about, run, and what is done when
//! it fails.

use super::attempt::AttemptEnd;
use super::prepare::Prepared;
use super::{Engine, EngineError, Flow};
use crate::effect::{BlockAnswer, BlockCard, BlockQuestion, FailureAnswer, FailureQuestion};
use crate::plan::Disposition;
use crate::run::{BlockRef, Event, Mark, RunOutcome};
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
enum Decision {
    Run(Box<Prepared>),
    End(BlockEnd),
}

impl<'a> Engine<'a> {
    /// All of a block's life.
    pub(super) async fn block(&mut self, step: &'a Step, block: &'a Block) -> Result<BlockEnd, EngineError> {
        let reference = BlockRef { step: step.id.clone(), number: block.number };
        if self.progress.blocks.contains(&reference) {
            return Ok(BlockEnd::Done);
        }
        let facts = self.plan.facts(block);
        if !facts.runs() {
            self.recorder.view.prose(self.file.slice(block.span));
            return Ok(BlockEnd::Shown);
        }
        let mut text = None;
        let end = loop {
            let prepared = match self.decide(step, block, &reference, text.take()).await? {
                Decision::Run(prepared) => prepared,
                Decision::End(end) => break end,
            };
            match self.run_and_settle(step, block, &reference, *prepared).await? {
                Settled::End(end) => break end,
                Settled::Edited(edited) => text = Some(edited),
            }
        };
        if !matches!(end, BlockEnd::Leave(..)) {
            self.block_is_over(&reference);
        }
        Ok(end)
    }

    /// Shows the block and asks until it is to be run or left.
    async fn decide(
        &mut self,
        step: &Step,
        block: &Block,
        reference: &BlockRef,
        mut text: Option<String>,
    ) -> Result<Decision, EngineError> {
        let mut may_ask = self.plan.facts(block).default == Disposition::Run;
        let mut may_leave_out = may_ask;
        loop {
            let prepared = self.prepare(block, text.as_deref()).await?;
            self.show(&prepared, block);
            if std::mem::take(&mut may_ask) && self.fill_in(block, text.as_deref(), &prepared).await? {
                continue;
            }
            if let Some((without, example)) = prepared
                .without_example
                .as_ref()
                .filter(|_| prepared.open.is_empty() && std::mem::take(&mut may_leave_out))
            {
                let example = self.recorder.mask(example);
                let question = format!("The page gives this as an example: `{example}`. Leave it out?");
                if self.prompter.confirm(&question, true).await? {
                    self.edited(reference, &prepared, without)?;
                    text = Some(without.clone());
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
                    self.fill_in(block, text.as_deref(), &prepared).await?;
                    continue;
                }
                BlockAnswer::Run => {
                    self.answered(reference, "run?", "yes")?;
                    return Ok(Decision::Run(Box::new(prepared)));
                }
                BlockAnswer::Edit(edited) => {
                    self.edited(reference, &prepared, &edited)?;
                    text = Some(edited);
                    may_ask = true;
                    continue;
                }
                BlockAnswer::Skip(reason) => {
                    let reason = self.recorder.mask(&reason);
                    let event = Event::BlockSkipped { block: reference.clone(), reason: reason.clone() };
                    self.recorder.record_durably(&event)?;
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

    fn block_question(&self, block: &Block, prepared: &Prepared) -> BlockQuestion {
        let facts = self.plan.facts(block);
        let typed = prepared.effect == Effect::Destructive || block.settings.confirm == Some(Confirm::Typed);
        BlockQuestion {
            effect: prepared.effect,
            blocked: prepared.blocked.clone(),
            open: prepared.open.iter().map(|open| open.name.clone()).collect(),
            typed: typed.then(|| prepared.word.clone()),
            code: prepared.shown.clone(),
            extension: prepared.extension,
            steps: self.destinations(),
            skip_by_default: (facts.default == Disposition::Ask && !prepared.edited).then(|| facts.why.clone()),
        }
    }

    fn show(&mut self, prepared: &Prepared, block: &Block) {
        self.recorder.view.block(&BlockCard {
            language: &block.language,
            target: &prepared.target,
            line: if prepared.edited { 0 } else { block.code_line },
            code: &prepared.shown,
            effect: prepared.effect,
            reasons: &prepared.reasons,
            timeout: prepared.timeout.map(HumanDuration),
            endless: prepared.endless,
            values: &prepared.filled_in,
            expects: block.expects.as_deref(),
        });
    }

    /// Runs the block until it succeeds or the responder has said what to do
    /// about its failure.
    async fn run_and_settle(
        &mut self,
        step: &'a Step,
        block: &'a Block,
        reference: &BlockRef,
        prepared: Prepared,
    ) -> Result<Settled, EngineError> {
        loop {
            let problem = match self.attempts(block, reference, &prepared).await? {
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
            if let Some(settled) = self.after_failure(step, reference, &prepared, problem).await? {
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
            code: prepared.shown.clone(),
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
                    let event = Event::Accepted { block: reference.clone(), reason: reason.clone() };
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
        let before = prepared.shown.clone();
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
enum Settled {
    End(BlockEnd),
    Edited(String),
}
