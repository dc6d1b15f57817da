//! A block that is run command by command.

use super::outcome::BlockOutcome;
use super::record::{BlockRecord, PartReason, Parts, Reason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Some commands of a block, which are run by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// The first of them, from 1.
    pub number: usize,
    /// The last of them.
    pub last: usize,
    /// How many commands the block has.
    pub of: usize,
}

impl Part {
    /// Whether nothing of the block comes after it.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.last >= self.of
    }
}

/// For a person: `command 2 of 5`.
impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.number == self.last {
            write!(f, "command {} of {}", self.number, self.of)
        } else {
            write!(f, "commands {} to {} of {}", self.number, self.last, self.of)
        }
    }
}

impl BlockRecord {
    /// Why its last try failed; `None` where it did not, or nobody knows.
    #[must_use]
    pub fn last_failure(&self) -> Option<&str> {
        let finished = self.attempts.last()?.finished.as_ref()?;
        let failed = matches!(finished.outcome, BlockOutcome::Failed | BlockOutcome::TimedOut);
        finished.error.as_deref().filter(|_| failed)
    }

    /// A try of it, or of some of its commands, ended.
    pub(super) fn over(&mut self, part: Option<Part>, well: bool) {
        match part {
            Some(part) => {
                let over = if well { part.last } else { part.number - 1 };
                self.parts = Some(Parts { over, of: part.of });
                self.done = well && part.is_end();
            }
            None => {
                self.parts = None;
                self.done = well;
            }
        }
    }

    /// The responder said that nothing more is to be done about it, or about
    /// some of its commands.
    pub(super) fn settled(&mut self, part: Option<Part>, accepted: bool, reason: Reason) {
        match part {
            Some(part) => {
                self.over(Some(part), true);
                self.part_reasons.push(PartReason { part, accepted, reason });
            }
            None => {
                *(if accepted { &mut self.accepted } else { &mut self.skipped }) = Some(reason);
                self.done = true;
            }
        }
    }
}
