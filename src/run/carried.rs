//! What blocks have set in the shells that were entered.

use super::{Event, Run};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that a block has set in a shell that was entered. Each block gets
/// a new shell there, in which it is set again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Carried {
    /// Which of the shells, counted from 1 for the outermost.
    pub depth: usize,
    /// Line in the runbook, from 1; that of the block where it was edited.
    pub line: usize,
    /// What sets it again, secrets masked; none where nothing does, as for the
    /// output of a command.
    pub code: Option<String>,
    /// The variables it sets; `PWD` for the folder, `*` for what cannot be
    /// told.
    pub sets: Vec<String>,
}

impl Run {
    /// Takes what an event says of the shells that are entered.
    pub(super) fn carry(&mut self, event: &Event) {
        match event {
            Event::Carried { settings, .. } => self.carried.extend(settings.iter().cloned()),
            Event::Left { within, .. } => self.carried.retain(|setting| setting.depth <= within.len()),
            _ => {}
        }
    }
}
