//! Trying a block, once or again and again: start on record, run, judge, end
//! on record.

use super::capture::FirstRow;
use super::compare::{Comparison, compare};
use super::judge::{Evidence, judge};
use super::patience::Patience;
use super::prepare::Prepared;
use super::{Engine, EngineError};
use crate::effect::{Control, NoAnswer, Waiting};
use crate::run::{BlockFinished, BlockOutcome, BlockRef, BlockStarted, Compared, Event, Gap, OutputRef};
use crate::runbook::{Block, Class, Expect, HumanDuration};
use std::time::Duration;

/// What came of all tries together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AttemptEnd {
    /// The last try did what it should.
    Succeeded,
    /// Its changes were taken back because the responder would not keep them.
    Declined(String),
    /// The last try failed, for this reason.
    Failed(String),
}

/// What came of one try, before it is on record.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) outcome: BlockOutcome,
    pub(super) exit: Option<i32>,
    pub(super) signal: Option<i32>,
    pub(super) error: Option<String>,
    pub(super) duration: Duration,
    pub(super) output: Option<OutputRef>,
    pub(super) remarks: Vec<String>,
    pub(super) evidence: Evidence,
    pub(super) row: FirstRow,
    /// An answer was needed and nobody gave it: the run cannot go on.
    pub(super) unanswered: Option<NoAnswer>,
}

/// What a waiting block shows of its progress between two tries.
const TICK: Duration = Duration::from_millis(500);

impl Engine<'_> {
    /// Tries the block as often as its annotations ask for.
    pub(super) async fn attempts(
        &mut self,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
    ) -> Result<AttemptEnd, EngineError> {
        let mut patience = if prepared.part.is_some() { Patience::Once } else { Patience::of(&block.settings) };
        let began = self.clock.elapsed();
        loop {
            let problem = match self.attempt(block, reference, prepared).await? {
                (BlockOutcome::Succeeded, _) => return Ok(AttemptEnd::Succeeded),
                (BlockOutcome::RolledBack, reason) => return Ok(AttemptEnd::Declined(reason)),
                // What the responder ended, and what may have been done, is not tried again unasked.
                (BlockOutcome::Interrupted | BlockOutcome::Unknown, reason) => return Ok(AttemptEnd::Failed(reason)),
                (BlockOutcome::Failed | BlockOutcome::TimedOut, reason) => reason,
            };
            match patience.next(self.clock.elapsed().saturating_sub(began)) {
                Some(pause) => {
                    self.recorder.view.say(&format!("trying again in {}", HumanDuration(pause)));
                    if !self.pause(pause).await {
                        return Ok(AttemptEnd::Failed(format!("{problem}; the responder stopped waiting")));
                    }
                }
                None => return Ok(AttemptEnd::Failed(problem)),
            }
        }
    }

    /// Waits; false where the responder ended the waiting.
    async fn pause(&mut self, pause: Duration) -> bool {
        while self.control.try_recv().is_ok() {}
        let began = tokio::time::Instant::now();
        loop {
            let elapsed = began.elapsed();
            let Some(left) = pause.checked_sub(elapsed).filter(|left| !left.is_zero()) else { return true };
            self.recorder.view.waiting(&Waiting { elapsed, left: Some(left) });
            tokio::select! {
                control = self.control.recv() => if control.is_some() { return false },
                () = tokio::time::sleep(left.min(TICK)) => {}
            }
        }
    }

    async fn attempt(
        &mut self,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
    ) -> Result<(BlockOutcome, String), EngineError> {
        let first = prepared.part.map_or(0, |part| part.number);
        let number = self.tries.entry((reference.clone(), first)).or_default();
        *number += 1;
        let number = *number;
        // Ctrl-C pressed while nothing ran is not meant for this block.
        while let Ok(Control::Interrupt | Control::Terminate) = self.control.try_recv() {}
        let started = BlockStarted {
            block: reference.clone(),
            part: prepared.part,
            attempt: number,
            class: prepared.class,
            language: block.language.clone(),
            line: prepared.line,
            code: prepared.shown.clone(),
            digest: prepared.digest.clone(),
            effect: prepared.effect,
            target: prepared.target.clone(),
            timeout_ms: prepared.timeout.map(millis),
        };
        self.recorder.record_durably(&Event::BlockStarted(Box::new(started)))?;
        let mut attempt = if prepared.class == Class::Sql {
            self.run_sql(block, reference, prepared).await?
        } else {
            self.run_shell(block, prepared).await?
        };
        if self.is_to_be_judged(prepared.part, &mut attempt) {
            self.judge(block, reference, &mut attempt)?;
            self.capture(block, reference, &mut attempt)?;
        }
        let problem = attempt.error.clone().unwrap_or_default();
        let outcome = attempt.outcome;
        tracing::debug!(step = reference.step, block = reference.number, try_ = number, ?outcome, "block ended");
        let finished = BlockFinished {
            block: reference.clone(),
            part: prepared.part,
            attempt: number,
            outcome,
            exit: attempt.exit,
            signal: attempt.signal,
            error: attempt.error,
            duration_ms: millis(attempt.duration),
            output: attempt.output,
            remarks: attempt.remarks,
        };
        self.recorder.record_durably(&Event::BlockFinished(Box::new(finished)))?;
        if outcome == BlockOutcome::Succeeded {
            self.compare(block, reference, &attempt.evidence)?;
        }
        if let Some(why) = attempt.unanswered {
            return Err(why.into());
        }
        Ok((outcome, problem))
    }

    fn judge(&mut self, block: &Block, reference: &BlockRef, attempt: &mut Attempt) -> Result<(), EngineError> {
        let Some(expect) = &block.settings.expect else { return Ok(()) };
        if !matches!(attempt.outcome, BlockOutcome::Succeeded | BlockOutcome::Failed) {
            return Ok(());
        }
        for verdict in judge(expect, &attempt.evidence) {
            let expectation = self.recorder.mask(&verdict.expectation);
            let found = verdict.found.map(|found| self.recorder.mask(&found));
            if !verdict.held && attempt.outcome == BlockOutcome::Succeeded {
                attempt.outcome = BlockOutcome::Failed;
                let found = found.as_deref().unwrap_or("something else");
                attempt.error = Some(format!("expected {expectation}; found {found}"));
            }
            let held = verdict.held;
            self.recorder.record(&Event::Checked { block: reference.clone(), expectation, held, found })?;
        }
        Ok(())
    }

    /// Holds the output against what the page shows. That fails nothing.
    fn compare(&mut self, block: &Block, reference: &BlockRef, evidence: &Evidence) -> Result<(), EngineError> {
        let output = format!("{}\n{}", evidence.stdout, evidence.stderr);
        let found = compare(block.expects.as_deref(), block.expects_not.as_deref(), &output);
        let Some(Comparison { likeness, gaps, unwanted }) = found else { return Ok(()) };
        let mask = |text: &String| self.recorder.mask(text);
        let gaps =
            gaps.iter().map(|gap| Gap { expected: mask(&gap.expected), found: gap.found.as_ref().map(mask) }).collect();
        let unwanted = unwanted.iter().map(mask).collect();
        let compared = Compared { block: reference.clone(), likeness, gaps, unwanted };
        self.recorder.record(&Event::Compared(Box::new(compared)))
    }

    /// Sets the variables that the annotations name, from a success only.
    fn capture(&mut self, block: &Block, reference: &BlockRef, attempt: &mut Attempt) -> Result<(), EngineError> {
        if attempt.outcome != BlockOutcome::Succeeded {
            return Ok(());
        }
        for (name, source) in &block.settings.capture {
            let set = super::capture::capture(source, &attempt.evidence, &attempt.row)
                .and_then(|text| self.set_captured(name, &text, reference));
            match set {
                Ok(event) => self.recorder.record(&event)?,
                Err(problem) => {
                    attempt.outcome = BlockOutcome::Failed;
                    attempt.error = Some(self.recorder.mask(&format!("{name} could not be captured: {problem}")));
                }
            }
        }
        Ok(())
    }
}

/// Whether a block's output must be kept in memory to be looked at.
pub(super) fn looks_at_output(block: &Block) -> bool {
    block.expects.is_some() || block.expects_not.is_some() || looks_at_streams(block)
}

/// Whether a value or a verdict comes from what it prints: that must not depend
/// on whether somebody watches.
pub(super) fn looks_at_streams(block: &Block) -> bool {
    let looks = |expect: &Expect| expect.stdout.is_some() || expect.stderr.is_some();
    !block.settings.capture.is_empty() || block.settings.expect.as_ref().is_some_and(looks)
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
