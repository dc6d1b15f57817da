//! Which variables a run needs, and when.

use super::Plan;
use crate::runbook::{Block, Step};
use crate::template;
use std::collections::BTreeSet;

impl Plan {
    /// The variables that blocks and conditions of these steps refer to before
    /// a block of theirs captures them. What is captured only on a condition,
    /// or on one of several ways, may never be.
    #[must_use]
    pub fn needed_variables(&self, steps: &[usize]) -> BTreeSet<String> {
        let mut needed = BTreeSet::new();
        let mut captured: BTreeSet<&String> = BTreeSet::new();
        for step in steps.iter().map(|index| &self.runbook.steps[*index]) {
            let condition = step.settings.when.as_ref().map(|when| references(&format!("{{{{ {when} }}}}")));
            needed.extend(condition.into_iter().flatten().filter(|name| !captured.contains(name)));
            for block in step.blocks().filter(|block| self.facts(block).runs_by_default()) {
                needed.extend(self.variables_of(block).into_iter().filter(|name| !captured.contains(name)));
                if is_certain(step) {
                    captured.extend(block.settings.capture.keys());
                }
            }
        }
        needed
    }

    /// The variables that a block's text refers to.
    #[must_use]
    pub fn variables_of(&self, block: &Block) -> Vec<String> {
        if self.is_template(block) { references(&block.run) } else { Vec::new() }
    }
}

/// Whether a run that comes to the step goes through it.
fn is_certain(step: &Step) -> bool {
    step.option_of.is_none() && step.only_if.is_none() && step.settings.when.is_none() && step.aside.is_none()
}

fn references(text: &str) -> Vec<String> {
    let references = template::references(text).unwrap_or_default();
    references.into_iter().map(|(name, _)| name).collect()
}
