//! What a block's comments say of what is to be done.

use super::Facts;
use crate::language::{self, shell};
use crate::runbook::Block;

impl Facts {
    /// Takes in what the comments of the page's own text make conditional, and
    /// what they tell a person to do.
    pub(super) fn read_comments(&mut self, block: &Block) {
        if self.nothing_to_do && self.leaves.is_none() {
            self.by_hand = language::instructions(&block.run);
            if self.by_hand.is_some() {
                self.why = "nothing to run: its comments say what to do by hand".to_owned();
            }
        } else if block.is_shell() && self.runs_by_default() {
            self.conditions = shell::conditions(&block.run);
            self.then_by_hand = shell::closing_comments(&block.run).and_then(language::instructions);
        }
    }
}
