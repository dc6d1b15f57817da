//! How long what a block has entered stays entered.

use super::{Found, Plan, scenarios};
use crate::language::shell;
use crate::runbook::{Block, Section, Step};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// Headings of this level stand for procedures; the one above, for the page.
const PROCEDURE: u8 = 2;

/// Shells in shells are followed from block to block this deep.
const DEEPEST: usize = 8;

impl Plan {
    /// Anchor of the section that what `block` of `step` enters is left with;
    /// empty for the whole page.
    ///
    /// It is the nearest one around it in which another step follows: somebody
    /// who connects under one heading goes on under those beside it. The end of
    /// a procedure ends it in any case, unless nothing of the procedure is done
    /// there, in the block or after it: then its heading was about no more than
    /// to connect.
    #[must_use]
    pub fn stay_of(&self, step: &Step, block: &Block) -> String {
        Stays::new(self).of(step, block)
    }

    /// Whether what is left with the section `stay` is still entered at `step`.
    #[must_use]
    pub fn stays_at(&self, step: &Step, stay: &str) -> bool {
        stay.is_empty() || self.runbook.section(stay).is_some_and(|section| section.extent.contains(step.span))
    }

    /// The variables that nothing sets of those that `text` reads here, where it
    /// runs `within` shells that were entered before it: what it reads there is
    /// set there, or not. `is_set` says of a variable whether a block before this
    /// one has set it.
    #[must_use]
    pub fn unset_behind(&self, block: &Block, text: &str, within: usize, is_set: &dyn Fn(&str) -> bool) -> Vec<Found> {
        let Some(back) = shell::comes_back(text, within) else { return Vec::new() };
        let behind = self.analyse_where(block, &text[back..], None, is_set, &|_| false).unset;
        let in_text = |found: Found| Found { span: Span::new(found.span.start + back, found.span.end + back), ..found };
        behind.into_iter().map(in_text).collect()
    }

    /// The variables that `text` reads inside of the `within` shells that were
    /// entered before it, of those of which `is_lost` says that nothing sets them
    /// there any more.
    #[must_use]
    pub fn lost_inside(&self, block: &Block, text: &str, within: usize, is_lost: &dyn Fn(&str) -> bool) -> Vec<Found> {
        let neutral = self.without_values(block, text);
        let end = shell::comes_back(&neutral, within).unwrap_or(neutral.len());
        let is_known = |name: &str| name != "*" && !is_lost(name);
        let unset = shell::analyse(&neutral, &is_known, &|_| false).unset;
        unset.into_iter().filter(|found| found.span.start < end).map(Found::from).collect()
    }

    /// Forgets the variables that blocks read inside what those before them
    /// enter: it is not known here what is set there.
    pub(super) fn leave_out_what_is_read_inside(&mut self) {
        for (id, unset) in Stays::new(self).unset_of_blocks_inside() {
            if let Some(facts) = self.places.get(&id).and_then(|place| self.facts.get_mut(*place)) {
                facts.unset = unset;
            }
        }
    }
}

/// A page's sections, for many questions about them.
struct Stays<'p> {
    plan: &'p Plan,
    sections: HashMap<&'p str, &'p Section>,
    scenarios: HashSet<&'p str>,
}

impl<'p> Stays<'p> {
    fn new(plan: &'p Plan) -> Self {
        let sections = plan.runbook.sections.iter().map(|section| (section.anchor.as_str(), section)).collect();
        let scenarios = scenarios(&plan.runbook).into_iter().map(|section| section.anchor.as_str()).collect();
        Self { plan, sections, scenarios }
    }

    fn of(&self, step: &Step, block: &Block) -> String {
        let steps = &self.plan.runbook.steps;
        let next = steps.get(steps.partition_point(|other| other.span.start <= step.span.start));
        let is_later = |other: &Block| other.span.start > block.span.start && self.plan.facts(other).runs_by_default();
        let goes_on = works_inside(&block.run) || step.blocks().any(is_later);
        let mut around = self.sections.get(step.section.as_str()).copied();
        while let Some(section) = around {
            let is_followed = next.is_some_and(|next| section.extent.contains(next.span));
            let is_procedure = section.level == PROCEDURE || self.scenarios.contains(section.anchor.as_str());
            if is_followed || (is_procedure && goes_on) {
                return section.anchor.clone();
            }
            around = section.parent.as_deref().and_then(|parent| self.sections.get(parent).copied());
        }
        String::new()
    }

    /// The blocks that run inside what those before them enter, if each is run,
    /// and the variables that they read outside.
    fn unset_of_blocks_inside(&self) -> Vec<(String, Vec<Found>)> {
        let mut found = Vec::new();
        let mut inside: Option<(Vec<String>, String)> = None;
        for step in &self.plan.runbook.steps {
            let stays = |stay: &str| {
                stay.is_empty() || self.sections.get(stay).is_some_and(|section| section.extent.contains(step.span))
            };
            inside = inside.filter(|(_, stay)| stays(stay));
            for block in step.blocks().filter(|block| self.plan.can_enter(block)) {
                let facts = self.plan.facts(block);
                if !facts.runs_by_default() && facts.leaves.is_none() {
                    continue;
                }
                let within = inside.as_ref().map_or(&[][..], |(within, _)| within);
                // Most blocks neither stand inside of anything nor enter it.
                if within.is_empty() && facts.opens.is_none() {
                    continue;
                }
                if !within.is_empty() && !facts.unset.is_empty() {
                    let is_set = |name: &str| self.plan.sets_before(block, name);
                    found.push((block.id.clone(), self.plan.unset_behind(block, &block.run, within.len(), &is_set)));
                }
                let Ok(Some(entered)) = shell::enter(&block.run, within) else { continue };
                if entered.within.len() > DEEPEST {
                    continue;
                }
                inside = match inside {
                    _ if entered.within.is_empty() => None,
                    Some((_, stay)) => Some((entered.within, stay)),
                    None => Some((entered.within, self.of(step, block))),
                };
            }
        }
        found
    }
}

/// Whether `code` does more inside what it leaves entered than to settle there:
/// to go to a folder, to set variables.
fn works_inside(code: &str) -> bool {
    let Ok(Some(entered)) = shell::enter(code, &[]) else { return false };
    let innermost = entered.inside.last().filter(|inside| {
        inside.is_shell && inside.span.end == code.len() && inside.through.len() == entered.within.len()
    });
    let Some(inside) = innermost else { return false };
    let body = &entered.shell[inside.span.start..inside.span.end];
    let only_sets = |command: Span| {
        let settings = shell::settings(&body[command.start..command.end], 1, &|_| false);
        !settings.is_empty() && settings.iter().all(|setting| setting.code.is_some())
    };
    !shell::split(body).into_iter().all(only_sets)
}
