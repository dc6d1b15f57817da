//! What one asks of a run: how far it is, and where to go on.

use super::fold::Cursor;
use super::record::{Attempt, BlockRecord, ResumePoint, RunState, StepRecord};
use super::{BlockRef, Run, StepOutcome};

impl Run {
    /// The step with this id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&StepRecord> {
        self.index.get(id).map(|place| &self.steps[*place])
    }

    /// The block, if anything is known of it.
    #[must_use]
    pub fn block_record(&self, block: &BlockRef) -> Option<&BlockRecord> {
        self.step(&block.step)?.blocks.iter().find(|record| record.number == block.number)
    }

    /// Every try of every block, step by step.
    pub fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.steps.iter().flat_map(|step| &step.blocks).flat_map(|block| &block.attempts)
    }

    /// Whether the step has been left and needs nothing more. A failure that
    /// the responder left as it was counts: resuming does not come back to it.
    #[must_use]
    pub fn is_done(&self, step: &str) -> bool {
        self.step(step).and_then(|step| step.outcome).is_some_and(|outcome| outcome != StepOutcome::Aborted)
    }

    /// Whether the run has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        matches!(self.state, RunState::Finished(_))
    }

    /// The block of which nobody knows what it did: it started and its end is
    /// not on record, or its end is that the connection was lost around
    /// COMMIT, and the responder has not said what became of it. While a block
    /// runs, it is that block.
    #[must_use]
    pub fn unknown_block(&self) -> Option<&BlockRef> {
        let unsettled = self.steps.iter().flat_map(|step| step.blocks.iter().map(move |block| (step, block)));
        unsettled
            .filter_map(|(step, block)| {
                let attempt = block.attempts.last().filter(|attempt| attempt.is_unknown())?;
                // A try that did end was seen by the responder, who may have
                // dealt with it without naming it unknown.
                let dealt_with = attempt.finished.is_some() && (block.done || step.outcome.is_some());
                (!dealt_with).then_some(attempt)
            })
            .max_by_key(|attempt| attempt.at.seq)
            .map(|attempt| &attempt.started.block)
    }

    /// The step that the run is at: begun, or jumped to, and not left.
    #[must_use]
    pub fn current_step(&self) -> Option<&str> {
        match &self.cursor {
            Cursor::At(step) => Some(step),
            Cursor::Start | Cursor::After(_) => None,
        }
    }

    /// Numbers of the blocks of `step` that need not be offered again: they
    /// succeeded, were skipped or accepted, or are said to have run, since
    /// the step was last begun.
    #[must_use]
    pub fn blocks_done(&self, step: &str) -> Vec<usize> {
        let blocks = self.step(step).map_or(&[][..], |step| &step.blocks);
        blocks.iter().filter(|block| block.done).map(|block| block.number).collect()
    }

    /// Where to go on, were the run taken up now.
    #[must_use]
    pub fn resume_point(&self) -> ResumePoint {
        let unknown = self.unknown_block().cloned();
        let plan = &self.header.steps;
        let step = match &self.cursor {
            Cursor::Start => plan.first().map(|step| step.id.clone()),
            Cursor::At(step) => Some(step.clone()),
            Cursor::After(step) => {
                plan.iter().skip_while(|planned| planned.id != *step).nth(1).map(|step| step.id.clone())
            }
        };
        let blocks_done = step.as_deref().map_or_else(Vec::new, |step| self.blocks_done(step));
        ResumePoint { unknown, step, blocks_done }
    }
}
