//! A block that escalates: what its comments make depend on what came of the
//! commands before is asked about first.

use super::block::BlockEnd;
use super::prepare::Prepared;
use super::{Engine, EngineError};
use crate::language::shell::{self, Stage};
use crate::plan::Disposition;
use crate::run::BlockRef;
use crate::runbook::{Block, Step};

impl<'a> Engine<'a> {
    /// Goes through a block stage by stage. `None` where it is to be asked
    /// about as a whole.
    pub(super) async fn by_stages(
        &mut self,
        step: &'a Step,
        block: &Block,
        reference: &BlockRef,
    ) -> Result<Option<BlockEnd>, EngineError> {
        let facts = self.plan.facts(block);
        if facts.conditions.is_empty() || facts.default != Disposition::Run {
            return Ok(None);
        }
        let whole = self.prepare(block, None).await?;
        let stages = self.stages(block, &whole);
        if stages.len() > 1 {
            return self.by_lines(step, block, reference, &whole, 0, &stages).await.map(Some);
        }
        let conditions = shell::conditions(&whole.written);
        if conditions.is_empty() {
            return Ok(None);
        }
        // One condition for all of it; or it cannot be taken apart, and nobody
        // is to run what is the last resort along with the rest.
        let condition = conditions.join("; ");
        if self.is_wanted(reference, &condition, &whole.written).await? {
            return Ok(None);
        }
        let reason = not_needed(&condition);
        self.not_run(reference, None, &reason)?;
        self.pass_by(step, block, &whole.written)?;
        Ok(Some(BlockEnd::Skipped(reason)))
    }

    /// The stages of a block that can be run one by one.
    pub(super) fn stages(&self, block: &Block, whole: &Prepared) -> Vec<Stage> {
        let is_broken = whole.blocked.is_some() && whole.open.is_empty();
        if is_broken || self.plan.facts(block).conditions.is_empty() {
            return Vec::new();
        }
        shell::stages(&whole.written, &self.commands(block, whole))
    }

    /// Whether commands are to be run that are needed only on a condition.
    pub(super) async fn is_wanted(
        &mut self,
        block: &BlockRef,
        condition: &str,
        code: &str,
    ) -> Result<bool, EngineError> {
        let command = code.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
        let command = self.recorder.mask(&shortened(command.unwrap_or_default()));
        let question = format!("Needed only if {condition}. Go on to `{command}`?");
        let wanted = self.prompter.confirm(&question, false).await?;
        self.answered(block, &format!("only if: {condition}"), if wanted { "yes" } else { "no" })?;
        Ok(wanted)
    }
}

/// Why commands were left out whose condition did not hold.
pub(super) fn not_needed(condition: &str) -> String {
    format!("only if: {condition}; it was not needed")
}

/// The beginning of a long command.
fn shortened(command: &str) -> String {
    const LONGEST: usize = 60;
    match command.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &command[..end]),
        None => command.to_owned(),
    }
}
