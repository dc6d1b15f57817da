//! What is on the page and no part of its procedure: passed over, unless it is
//! just what was asked for.

use super::{Disposition, Facts, Plan};
use crate::runbook::{Runbook, Step};

/// Lets what is no part of the procedure be skipped, with the reason.
pub(super) fn set_aside(runbook: &Runbook, facts: &mut [Facts]) {
    let blocks = runbook.steps.iter().flat_map(|step| step.blocks().map(move |block| (step, block)));
    for ((step, block), facts) in blocks.zip(facts).filter(|(_, facts)| facts.runs_by_default()) {
        if let Some(reason) = block.aside.as_ref().or(step.aside.as_ref()) {
            facts.default = Disposition::Skip;
            facts.why.clone_from(reason);
            facts.aside = Some(reason.clone());
        }
    }
}

impl Plan {
    /// Makes what is no part of the procedure one, where nothing else was asked
    /// for: a run of `PAGE#prevention` is about prevention. `from` is the step
    /// that the run was told to start at. Blocks that are set aside by
    /// themselves, such as the example of a mistake, stay so.
    pub fn ask_for(&mut self, steps: &[usize], from: Option<&str>) {
        let of_step = |index: &usize| self.runbook.steps.get(*index);
        let all_aside = steps.iter().filter_map(of_step).all(|step| step.aside.is_some());
        let begins = steps.first().and_then(of_step).filter(|_| from.is_some()).and_then(|step| step.aside.clone());
        let wanted: Vec<usize> = if all_aside {
            steps.to_vec()
        } else if let Some(reason) = begins {
            let same = |index: &&usize| self.runbook.steps[**index].aside.as_ref() == Some(&reason);
            steps.iter().take_while(same).copied().collect()
        } else {
            return;
        };
        for index in wanted {
            let step = &mut self.runbook.steps[index];
            step.aside = None;
            for block in step.blocks().filter(|block| block.aside.is_none()) {
                if let Some(facts) = self.places.get(&block.id).and_then(|place| self.facts.get_mut(*place))
                    && facts.aside.take().is_some()
                {
                    facts.default = Disposition::of(block);
                    facts.why.clone_from(&block.why);
                }
            }
        }
    }

    /// Why the whole step is passed over, if it is: by its heading, or because
    /// there is nothing in it but blocks that are.
    #[must_use]
    pub fn aside<'s>(&'s self, step: &'s Step) -> Option<&'s str> {
        let of_blocks = || {
            let mut reasons = step.blocks().map(|block| self.facts(block)).filter(|facts| facts.runs());
            let first = reasons.next()?.aside.as_deref()?;
            let by_hand = step.blocks().any(|block| self.facts(block).by_hand.is_some());
            (!by_hand && step.actions().next().is_none() && reasons.all(|facts| facts.aside.is_some())).then_some(first)
        };
        step.aside.as_deref().or_else(of_blocks)
    }
}
