//! Taking up a run that an earlier process began.

use super::{CutOff, Engine, EngineError, Flow, Stay};
use crate::effect::{UnknownAnswer, UnknownQuestion};
use crate::run::{BlockRef, Event, Part, Parts};
use std::collections::{HashMap, HashSet};

/// What an earlier process has done of a run.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Steps that are over.
    pub steps: HashSet<String>,
    /// Blocks that are over, in steps that are not.
    pub blocks: HashSet<BlockRef>,
    /// Actions that are over: step and line.
    pub actions: HashSet<(String, usize)>,
    /// The block that was running when the record broke off.
    pub unknown: Option<Unfinished>,
    /// Choices that are made: the step that asks, and the title of the way.
    pub chosen: HashMap<String, String>,
    /// Steps that ran something, in that order.
    pub acted: Vec<String>,
    /// Ways taken in a block that holds several: their titles.
    pub variants: HashMap<BlockRef, String>,
    /// Blocks that are run command by command, and how far.
    pub parts: HashMap<BlockRef, Parts>,
    /// The names of commands that blocks which ran have given another meaning;
    /// `*` for all.
    pub defined: HashSet<String>,
    /// The shell that a block has entered, in which those after it run.
    pub inside: Option<Stay>,
    /// How often each block was tried, by its first command of those that were
    /// run; 0 for all of it.
    pub attempts: HashMap<(BlockRef, usize), u32>,
    /// Whether something failed and was left so.
    pub failed: bool,
    /// What earlier statements have set in the session that each connection had,
    /// and a new one has not: the statements, secrets masked.
    pub session_settings: HashMap<String, Vec<String>>,
    /// Why the last try of a block failed, where nothing was made of that yet.
    pub last_failures: HashMap<BlockRef, String>,
}

/// A block that was started and whose end is not on record.
#[derive(Debug, Clone)]
pub struct Unfinished {
    /// The block.
    pub block: BlockRef,
    /// The commands of it that were running, where it was not all of them.
    pub part: Option<Part>,
    /// Its text as it ran, secrets masked.
    pub code: String,
    /// When it started, for a person.
    pub started: String,
    /// What the record tells of it all the same.
    pub hint: Option<String>,
    /// What it has done to a database, as far as that is on record.
    pub cut_off: Option<CutOff>,
}

impl Progress {
    /// Makes steps new again: a jump to what was done does it again.
    pub(super) fn forget_from<'s>(&mut self, steps: impl Iterator<Item = &'s str>) {
        for step in steps {
            self.steps.remove(step);
            self.blocks.retain(|block| block.step != step);
            self.parts.retain(|block, _| block.step != step);
            self.variants.retain(|block, _| block.step != step);
            self.actions.retain(|(of, _)| of != step);
        }
    }
}

impl Engine<'_> {
    /// Asks what became of the block that was running; it is never run again
    /// without being asked about like any other.
    pub(super) async fn settle_unknown(&mut self) -> Result<Flow, EngineError> {
        let Some(unfinished) = self.progress.unknown.take() else { return Ok(Flow::Next) };
        let title = self.plan.runbook.step(&unfinished.block.step).map_or(&unfinished.block.step, |step| &step.title);
        let step = title.clone();
        let hint = match &unfinished.cut_off {
            Some(cut_off) => Some(self.look_up(&unfinished.block, cut_off, &unfinished.code).await?),
            None => unfinished.hint.clone(),
        };
        let question =
            UnknownQuestion { step, code: unfinished.code.clone(), started: unfinished.started.clone(), hint };
        let (decision, reason) = match self.prompter.unknown(&question).await? {
            UnknownAnswer::Suspend => return Ok(Flow::Suspend),
            UnknownAnswer::Ran(basis) => {
                match unfinished.part.filter(|part| !part.is_end()) {
                    Some(part) => {
                        let parts = Parts { over: part.last, of: part.of };
                        self.progress.parts.insert(unfinished.block.clone(), parts);
                    }
                    None => {
                        self.progress.blocks.insert(unfinished.block.clone());
                    }
                }
                ("ran", self.recorder.mask(&basis))
            }
            UnknownAnswer::Again(basis) => ("run again", self.recorder.mask(&basis)),
        };
        let decision = decision.to_owned();
        self.recorder.record_durably(&Event::UnknownResolved { block: unfinished.block, decision, reason })?;
        Ok(Flow::Next)
    }
}
