//! Trying a block, once or again and again: start on record, run, judge, end
//! on record.

use super::capture::FirstRow;
use super::compare::{Comparison, compare};
use super::judge::{Evidence, judge};
use super::patience::Patience;
use super::polling;
use super::prepare::Prepared;
use super::{Engine, EngineError};
use crate::effect::NoAnswer;
use crate::run::{BlockFinished, BlockOutcome, BlockRef, BlockStarted, Compared, Event, Gap, OutputRef, Watched};
use crate::runbook::{Block, Capture, Class, Effect, Expect};
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
    pub(super) watched: Option<Watched>,
    pub(super) error: Option<String>,
    pub(super) duration: Duration,
    pub(super) output: Option<OutputRef>,
    pub(super) remarks: Vec<String>,
    pub(super) evidence: Evidence,
    pub(super) row: FirstRow,
    /// A part of it is kept whatever comes: to run it again does that again.
    pub(super) kept: bool,
    /// An answer was needed and nobody gave it: the run cannot go on.
    pub(super) unanswered: Option<NoAnswer>,
}

/// A try that is on record.
struct Tried {
    outcome: BlockOutcome,
    reason: String,
    kept: bool,
}

/// What a waiting block shows of its progress between two tries.
const TICK: Duration = Duration::from_millis(500);

/// Said of a try that failed after a part of it was committed.
const KEPT: &str = "; what it changed before that is kept, and to run it again would change it twice";

impl Engine<'_> {
    /// Tries the block as often as its annotations ask for.
    pub(super) async fn attempts(
        &mut self,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
    ) -> Result<AttemptEnd, EngineError> {
        let patience = if prepared.part.is_some() { Patience::Once } else { Patience::of(&block.settings) };
        self.recorder.awaited.tries_begin(patience != Patience::Once, patience.within());
        let end = self.tries(block, reference, prepared, patience).await;
        // However it ended, its last try is shown whole.
        self.recorder.release();
        end
    }

    async fn tries(
        &mut self,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
        mut patience: Patience,
    ) -> Result<AttemptEnd, EngineError> {
        // What asks about what it has done must be seen.
        let polls = patience.within().is_some() && (prepared.class != Class::Sql || prepared.effect == Effect::Read);
        let mut before: Option<String> = None;
        let began = self.clock.active();
        let earlier = self.tries.get(&(reference.clone(), first_command(prepared))).copied().unwrap_or_default();
        for number in earlier + 1.. {
            self.recorder.awaited.try_begins(number, self.clock.active().saturating_sub(began));
            if polls {
                self.recorder.begin_try(before.is_some());
            }
            let problem = match self.attempt(block, reference, prepared).await? {
                Tried { outcome: BlockOutcome::Succeeded, .. } => break,
                Tried { outcome: BlockOutcome::RolledBack, reason, .. } => return Ok(AttemptEnd::Declined(reason)),
                // What the responder ended, and what may have been done, is not tried again unasked.
                Tried { outcome: BlockOutcome::Interrupted | BlockOutcome::Unknown, reason, .. }
                | Tried { kept: true, reason, .. } => return Ok(AttemptEnd::Failed(reason)),
                Tried { outcome: BlockOutcome::Failed | BlockOutcome::TimedOut, reason, .. } => reason,
            };
            let elapsed = self.clock.active().saturating_sub(began);
            let Some(pause) = patience.next(elapsed) else { return Ok(AttemptEnd::Failed(problem)) };
            let now = if polls { self.recorder.printed() } else { None };
            match (&before, &now) {
                (Some(before), Some(now)) => {
                    let changes = polling::changes(before, now);
                    if !changes.is_empty() {
                        self.recorder.view.changed(number, &changes);
                    }
                }
                // Too long to be compared; how it goes on has been said.
                _ if polls && number > earlier + 1 => {}
                _ => self.recorder.view.say(&patience.announce(pause)),
            }
            before = now;
            if !self.pause(elapsed, pause).await {
                return Ok(AttemptEnd::Failed(format!("{problem}; the responder stopped waiting")));
            }
        }
        Ok(AttemptEnd::Succeeded)
    }

    /// Waits between two tries, `before` after the first began; false where the
    /// responder ended the waiting.
    async fn pause(&mut self, before: Duration, pause: Duration) -> bool {
        while self.control.try_recv().is_ok() {}
        let began = self.clock.active();
        loop {
            let elapsed = self.clock.active().saturating_sub(began);
            let Some(left) = pause.checked_sub(elapsed).filter(|left| !left.is_zero()) else { return true };
            let wait = self.recorder.awaited.pausing(before + elapsed, left);
            self.recorder.view.waiting(&wait);
            tokio::select! {
                control = self.control.recv() => if control.is_some() { return false },
                () = tokio::time::sleep(left.min(TICK)) => {}
            }
        }
    }

    /// Runs it once: how it ended, why, and whether it may be run again unasked.
    async fn attempt(
        &mut self,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
    ) -> Result<Tried, EngineError> {
        let number = self.tries.entry((reference.clone(), first_command(prepared))).or_default();
        *number += 1;
        let number = *number;
        // Ctrl-C pressed while nothing ran is not meant for this block.
        while self.control.try_recv().is_ok() {}
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
            left_out: prepared.left_out.iter().map(|line| self.recorder.mask(line)).collect(),
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
        let kept = attempt.kept && attempt.outcome != BlockOutcome::Succeeded;
        if kept && let Some(error) = &mut attempt.error {
            error.push_str(KEPT);
        }
        let reason = attempt.error.clone().unwrap_or_default();
        let outcome = attempt.outcome;
        tracing::debug!(step = reference.step, block = reference.number, try_ = number, ?outcome, "block ended");
        let finished = BlockFinished {
            block: reference.clone(),
            part: prepared.part,
            attempt: number,
            outcome,
            exit: attempt.exit,
            signal: attempt.signal,
            watched: attempt.watched,
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
        Ok(Tried { outcome, reason, kept })
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
            let set = super::capture::capture(source, &attempt.evidence, &attempt.row).and_then(|text| {
                let kind = super::capture::kind(source, &text, &attempt.row);
                self.set_captured(name, source, (&text, kind), reference)
            });
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

/// The first of the block's commands that it is; 0 where it is the whole.
fn first_command(prepared: &Prepared) -> usize {
    prepared.part.map_or(0, |part| part.number)
}

/// Whether a block's output must be kept in memory to be looked at.
pub(super) fn looks_at_output(block: &Block) -> bool {
    block.expects.is_some() || block.expects_not.is_some() || looks_at_streams(block)
}

/// Whether a value or a verdict comes from what it prints: that must not depend
/// on whether somebody watches.
pub(super) fn looks_at_streams(block: &Block) -> bool {
    let looks = |expect: &Expect| expect.stdout.is_some() || expect.stderr.is_some();
    block.settings.capture.values().any(Capture::reads_output) || block.settings.expect.as_ref().is_some_and(looks)
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
