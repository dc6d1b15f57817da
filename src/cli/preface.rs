//! What a responder is told before the first step: what would hurt, what does
//! not return, what is passed over, what is left open. Four lines at most.

use super::blanks;
use crate::engine::Given;
use crate::plan::{Facts, Plan};
use crate::runbook::{Block, Effect, Step};
use crate::source::SourceFile;
use std::collections::BTreeMap;

/// How many places a line names.
const NAMED: usize = 3;

/// The lines for a run of these steps.
pub(super) fn lines(file: &SourceFile, plan: &Plan, steps: &[usize], given: &BTreeMap<String, Given>) -> Vec<String> {
    let walked: Vec<&Step> = steps.iter().map(|index| &plan.runbook.steps[*index]).collect();
    let (aside, walked): (Vec<&Step>, Vec<&Step>) = walked.into_iter().partition(|step| plan.aside(step).is_some());
    let lines = [effects(plan, &walked), unreturning(plan, &walked), passed_over(plan, &aside)];
    lines.into_iter().flatten().chain(blanks::line(file, plan, steps, given)).collect()
}

fn blocks<'p>(plan: &'p Plan, step: &'p Step) -> impl Iterator<Item = (&'p Block, &'p Facts)> {
    step.blocks().map(|block| (block, plan.facts(block))).filter(|(_, facts)| facts.runs_by_default())
}

/// `Destroys something in 2 steps: line 40 removes all unused volumes; line 77
/// force-pushes. Changes something in 5.`
fn effects(plan: &Plan, steps: &[&Step]) -> Option<String> {
    // The ways of a choice are one step to whoever walks it.
    let mut worst: Vec<Option<Effect>> = Vec::new();
    for step in steps {
        let effect = blocks(plan, step).map(|(_, facts)| facts.effect).max();
        match worst.last_mut().filter(|_| step.way.is_some()) {
            Some(of_choice) => *of_choice = effect.max(*of_choice),
            None => worst.push(effect),
        }
    }
    let count = |effect: Effect| worst.iter().filter(|worst| **worst == Some(effect)).count();
    let destructive =
        steps.iter().flat_map(|step| blocks(plan, step)).filter(|(_, facts)| facts.effect == Effect::Destructive);
    let places: Vec<String> = destructive
        .map(|(block, facts)| {
            let reason = facts.reasons.first().map_or("cannot be undone", String::as_str);
            format!("line {} {}", block.line_start, shortened(reason))
        })
        .collect();
    let mut parts = Vec::new();
    if !places.is_empty() {
        parts.push(format!(
            "Destroys something in {}: {}.",
            in_steps(count(Effect::Destructive)),
            listed(&places, "; ")
        ));
    }
    // What is not understood is taken for a change.
    let unknown = count(Effect::Unknown);
    let what = if unknown > 0 { "Changes something, or may," } else { "Changes something" };
    match count(Effect::Write) + unknown {
        0 => {}
        number if parts.is_empty() => parts.push(format!("{what} in {}.", in_steps(number))),
        number => parts.push(format!("{what} in {number} more.")),
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// `Runs until Ctrl-C: line 12. Takes over the terminal: lines 30, 41.`
fn unreturning(plan: &Plan, steps: &[&Step]) -> Option<String> {
    let lines = |is_meant: fn(&Facts) -> bool| {
        let found = steps.iter().flat_map(|step| blocks(plan, step)).filter(|(_, facts)| is_meant(facts));
        found.map(|(block, _)| block.line_start.to_string()).collect::<Vec<_>>()
    };
    let part = |what: &str, lines: &[String]| {
        let word = if lines.len() == 1 { "line" } else { "lines" };
        (!lines.is_empty()).then(|| format!("{what}: {word} {}.", listed(lines, ", ")))
    };
    let endless = part("Runs until Ctrl-C", &lines(|facts| facts.endless.is_some()));
    let interactive = part("Takes over the terminal", &lines(|facts| facts.interactive.is_some()));
    let parts: Vec<String> = endless.into_iter().chain(interactive).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// `Passed over: Root cause, Prevention (2 more).`
fn passed_over(plan: &Plan, aside: &[&Step]) -> Option<String> {
    let mut titles: Vec<String> = Vec::new();
    for step in aside {
        // Of a section, not of each of its steps.
        let of_section = plan.aside(step).and_then(|reason| reason.split_once('“')?.1.split_once('”'));
        let title = of_section.map_or_else(|| plan.runbook.full_title(step), |(title, _)| title.to_owned());
        if titles.last() != Some(&title) {
            titles.push(title);
        }
    }
    (!titles.is_empty()).then(|| format!("Passed over: {}.", listed(&titles, ", ")))
}

fn in_steps(number: usize) -> String {
    if number == 1 { "1 step".to_owned() } else { format!("{number} steps") }
}

fn listed(all: &[String], between: &str) -> String {
    let named = all.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(between);
    match all.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} ({more} more)"),
    }
}

/// The beginning of a long reason.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::plan::{Plan, Selection, select};
    use crate::source::SourceFile;
    use std::collections::{BTreeMap, HashSet};

    fn told(page: &str) -> Vec<String> {
        let file = SourceFile::new("page.md", page);
        let plan = Plan::read(&file, HashSet::new());
        let steps = select(&plan.runbook, &Selection::default()).expect("something to do");
        lines(&file, &plan, &steps, &BTreeMap::new())
    }

    fn section(title: &str, code: &str) -> String {
        format!("## {title}\n\n```sh\n{code}\n```\n\n")
    }

    #[test]
    fn the_ways_of_a_choice_are_one_step_that_changes_something() {
        let page = "# Page\n\n## Restart it\n\n**Option 1:**\n\n```sh\nsystemctl restart x\n```\n\n\
                    **Option 2:**\n\n```sh\nsystemctl restart y\n```\n";
        assert_eq!(told(page), ["Changes something in 1 step."]);
    }

    #[test]
    fn what_would_hurt_is_told_before_anything_runs() {
        let page = [
            section("Look", "cat x"),
            section("Clear", "rm -rf /srv/x"),
            section("Restart", "systemctl restart x"),
            section("Follow", "tail -f x"),
            section("Edit", "nano x"),
            section("Root cause", "cat y"),
            section("Fetch", "cat <run-id>"),
        ];
        let told = told(&format!("# Page\n\n{}", page.concat()));
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("Destroys something in 1 step: line 11 "), "{told:?}");
        assert!(told[0].ends_with(". Changes something in 2 more."), "{told:?}");
        assert_eq!(told[1], "Runs until Ctrl-C: line 23. Takes over the terminal: line 29.");
        assert_eq!(told[2], "Passed over: Root cause.");
        assert_eq!(told[3], "This page leaves open: run-id (line 42)");
    }

    #[test]
    fn nothing_is_told_of_what_is_not_there() {
        assert_eq!(told("# Page\n\n```sh\ncat x\n```\n"), Vec::<String>::new());
    }

    #[test]
    fn of_many_places_the_first_are_named() {
        let page: String = (0..5).map(|at| section(&format!("S{at}"), "rm -rf /srv/x")).collect();
        let told = told(&format!("# Page\n\n{page}"));
        assert!(told[0].starts_with("Destroys something in 5 steps: line 5 "), "{told:?}");
        assert!(told[0].ends_with(" (2 more)."), "{told:?}");
    }
}
