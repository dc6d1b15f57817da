//! What a machine and its user bring along: variables, and interpreters of the
//! user's own.

use crate::parse;
use crate::runbook::{Block, Class, Item, Runbook};
use std::collections::HashSet;

/// What blocks will find where they run.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The names of the variables in their environment.
    pub environment: HashSet<String>,
    /// The labels of blocks that the user has an interpreter for.
    pub interpreters: HashSet<String>,
}

impl From<HashSet<String>> for Surroundings {
    fn from(environment: HashSet<String>) -> Self {
        Self { environment, interpreters: HashSet::new() }
    }
}

/// Takes blocks for programs whose label names one of `interpreters`, whatever
/// their text reads like. A label of shells or of SQL keeps its meaning: an
/// interpreter of a shell's name only takes its place.
pub(super) fn take_for_scripts(runbook: &mut Runbook, interpreters: &HashSet<String>) {
    if interpreters.is_empty() {
        return;
    }
    for item in runbook.steps.iter_mut().flat_map(|step| &mut step.items) {
        if let Item::Block(block) = item
            && interpreters.contains(&block.label)
            && !parse::is_for_shell_or_sql(&block.label)
        {
            become_script(block);
        }
    }
}

fn become_script(block: &mut Block) {
    block.class = Class::Script;
    block.language.clone_from(&block.label);
    block.why = format!("labelled `{}`: for an interpreter of your configuration", block.label);
    block.doubtful = false;
}
