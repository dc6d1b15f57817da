//! Several ways to do the same thing: one of them is to be chosen.

use super::manner::{Manner, manner, of_section, rank};
use super::sections::Anchors;
use super::steps::{empty, has_work};
use crate::runbook::{Block, Section, Step, StepKind, Way};
use crate::source::Span;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// A way among the steps at hand, and what it is called.
struct Found {
    steps: Range<usize>,
    title: String,
}

/// Finds the alternatives among the steps of one section, the first of which
/// is the section's own, perhaps without anything to do. `tabs` holds the ids
/// of those that are ways whatever they are called.
pub(super) fn within_section(steps: &mut Vec<Step>, tabs: &HashSet<String>, ids: &mut Anchors) {
    if steps.len() < 2 {
        return;
    }
    choices_inside(steps, tabs, ids);
    let manners = manners(steps, tabs);
    let mut heads = Vec::new();
    let mut at = 1;
    while at < steps.len() {
        let ways = ways_from(steps, &manners, at);
        let Some(end) = ways.last().map(|way| way.steps.end) else {
            at += 1;
            continue;
        };
        if is_first_way(steps, at, end, manners[at]) {
            let head = &mut steps[at - 1];
            head.kind = StepKind::Choice;
            let id = head.id.clone();
            let title = as_written(head, &ways);
            offer(&mut steps[at - 1..at], &id, &title);
            offer_all(steps, &ways, &id);
        } else if ways.len() > 1 && !has_work(&steps[at - 1]) && manners[at - 1] == Manner::None {
            steps[at - 1].kind = StepKind::Choice;
            let id = steps[at - 1].id.clone();
            offer_all(steps, &ways, &id);
        } else if ways.len() > 1 {
            let above = steps[at].id.rsplit_once('/').map_or("", |(above, _)| above);
            let above = steps[at - 1..at].iter().find(|step| step.id == above).unwrap_or(&steps[0]);
            let head = head_before(&steps[at], &above.id, &above.title, ids);
            offer_all(steps, &ways, &head.id);
            heads.push((at, head));
        }
        at = end;
    }
    insert(steps, heads);
}

/// The ways that begin at `at`, one directly after the other. A counted way
/// reaches up to the next number; the last has no more parts than are named
/// as those of the ways before it.
fn ways_from(steps: &[Step], manners: &[Manner], at: usize) -> Vec<Found> {
    /// A way of more parts than this is none.
    const MOST_PARTS: usize = 64;
    let mut ways: Vec<Found> = Vec::new();
    let mut inner: HashSet<String> = HashSet::new();
    // Where a title comes again, another choice begins.
    let mut titles = HashSet::new();
    let mut start = at;
    while start < steps.len() && manners[start] != Manner::None && titles.insert(steps[start].title.to_lowercase()) {
        let mut end = start + 1;
        if manners[start] == Manner::Numbered {
            let next = rank(&steps[start].title).map(|rank| rank + 1);
            let is_next = |place: &usize| manners[*place] == Manner::Numbered && rank(&steps[*place].title) == next;
            end = match (start + 1..steps.len()).take(MOST_PARTS).find(is_next) {
                Some(next) => next,
                None => {
                    let known = |step: &&Step| step.option_of.is_some() || inner.contains(&step.title.to_lowercase());
                    start + 1 + steps[start + 1..].iter().take_while(known).count()
                }
            };
            inner.extend(steps[start + 1..end].iter().map(|step| step.title.to_lowercase()));
        }
        ways.push(Found { steps: start..end, title: steps[start].title.clone() });
        start = end;
    }
    ways
}

/// What the steps' titles say, but for those that are settled: a heading's
/// own title is for the sections beside it.
fn manners(steps: &[Step], tabs: &HashSet<String>) -> Vec<Manner> {
    let settled = |step: &Step| step.option_of.is_some() || step.kind == StepKind::Choice;
    let of_step = |(at, step): (usize, &Step)| match step {
        step if at == 0 || settled(step) => Manner::None,
        step if tabs.contains(&step.id) => Manner::Numbered,
        step => manner(&step.title),
    };
    steps.iter().enumerate().map(of_step).collect()
}

/// Makes out the choices between parts of a counted way, whose own lead-in is
/// the first of its steps.
fn choices_inside(steps: &mut Vec<Step>, tabs: &HashSet<String>, ids: &mut Anchors) {
    let manners = manners(steps, tabs);
    let mut heads = Vec::new();
    let mut at = 1;
    while at < steps.len() {
        let Some(end) = ways_from(steps, &manners, at).last().map(|way| way.steps.end) else {
            at += 1;
            continue;
        };
        // The last of the ways has no end of its own yet: what names means
        // right behind it is a part of it.
        let mut owner = at;
        let mut inner = at + 1;
        while manners[at] == Manner::Numbered && inner < end {
            let count = manners[inner..end].iter().take_while(|manner| **manner == Manner::Means).count();
            if manners[inner] == Manner::Numbered {
                owner = inner;
            }
            if count > 1 {
                let head = head_before(&steps[inner], &steps[owner].id, &steps[owner].title, ids);
                for way in inner..inner + count {
                    let title = steps[way].title.clone();
                    offer(&mut steps[way..=way], &head.id, &title);
                }
                heads.push((inner, head));
            }
            inner += count.max(1);
        }
        at = end;
    }
    insert(steps, heads);
}

fn offer_all(steps: &mut [Step], ways: &[Found], head: &str) {
    for way in ways {
        let own = &mut steps[way.steps.clone()];
        let runs = own[0].blocks().find(|block| block.class.is_executable());
        let command = runs.filter(|_| is_bare(&way.title)).map(first_command);
        offer(own, head, command.as_ref().unwrap_or(&way.title));
    }
}

/// Makes the steps one way to do what `head` asks about. Steps that are ways
/// of a choice within stay so.
fn offer(way: &mut [Step], head: &str, title: &str) {
    let first = way.iter().find(|step| has_work(step) || step.kind == StepKind::Choice).or(way.first());
    let Some(first) = first.map(|step| step.id.clone()) else { return };
    for step in way.iter_mut().filter(|step| step.option_of.is_none()) {
        step.option_of = Some(head.to_owned());
        step.way = Some(Way { first: first.clone(), title: title.to_owned() });
    }
}

/// Finds sections beside each other that are ways to do the same ("Option 1:
/// …", "Using Helm"), each of one or more steps. `idle` holds the sections' own
/// steps that have nothing to do.
pub(super) fn across_sections(steps: &mut Vec<Step>, idle: Vec<Step>, sections: &[Section], ids: &mut Anchors) {
    let runs = runs(sections);
    if runs.is_empty() {
        return;
    }
    let mut idle: HashMap<String, Step> = idle.into_iter().map(|step| (step.id.clone(), step)).collect();
    let by_anchor: HashMap<&str, &Section> =
        sections.iter().map(|section| (section.anchor.as_str(), section)).collect();
    set_apart(steps, runs.iter().flatten().copied(), ids);
    // A choice within a way is made out before the choice of that way.
    for level in (1..=6).rev() {
        let mut heads = Vec::new();
        for run in runs.iter().filter(|run| run[0].level == level) {
            let ways: Vec<Found> = run
                .iter()
                .map(|section| Found { steps: steps_within(steps, section), title: section.title.clone() })
                .collect();
            if ways.iter().any(|way| way.steps.is_empty()) {
                continue;
            }
            let first = ways[0].steps.start;
            let parent = run[0].parent.as_deref().and_then(|anchor| by_anchor.get(anchor));
            let begins = |parent: &Section| first == 0 || steps[first - 1].span.start < parent.extent.start;
            let own = parent.filter(|parent| begins(parent)).and_then(|parent| idle.remove(&parent.anchor));
            let head = match (own, parent) {
                (Some(own), _) => Step { kind: StepKind::Choice, ..own },
                (None, Some(parent)) => head_before(&steps[first], &parent.anchor, &parent.title, ids),
                (None, None) => head_before(&steps[first], "start", "Options", ids),
            };
            offer_all(steps, &ways, &head.id);
            heads.push((first, head));
        }
        insert(steps, heads);
    }
}

/// Gives every choice whose own step is the first of its ways, and that stands
/// in one of the sections, a step of its own that asks: the other step can then
/// be a part of the section's way.
fn set_apart<'s>(steps: &mut Vec<Step>, ways: impl Iterator<Item = &'s Section>, ids: &mut Anchors) {
    let mut heads: Vec<(usize, Step)> = Vec::new();
    for way in ways {
        let within = steps_within(steps, way);
        for at in within.clone() {
            if steps[at].option_of.as_ref() != Some(&steps[at].id) {
                continue;
            }
            let head = head_before(&steps[at], &steps[at].id, &steps[at].title, ids);
            let own = steps[at].id.clone();
            steps[at].kind = StepKind::Step;
            for step in steps[at..within.end].iter_mut().filter(|step| step.option_of.as_ref() == Some(&own)) {
                step.option_of = Some(head.id.clone());
            }
            heads.push((at, head));
        }
    }
    heads.sort_by_key(|(at, _)| *at);
    insert(steps, heads);
}

/// Puts each head before the step that has its index, which rises.
fn insert(steps: &mut Vec<Step>, heads: Vec<(usize, Step)>) {
    if heads.is_empty() {
        return;
    }
    let mut heads = heads.into_iter().peekable();
    for (at, step) in std::mem::take(steps).into_iter().enumerate() {
        while let Some((_, head)) = heads.next_if(|(before, _)| *before == at) {
            steps.push(head);
        }
        steps.push(step);
    }
}

/// Runs of two and more sections with the same parent, one directly after the
/// other, whose titles offer ways. An alternative takes the section before it
/// along.
fn runs(sections: &[Section]) -> Vec<Vec<&Section>> {
    let mut runs: Vec<Vec<&Section>> = Vec::new();
    // The latest section of each level, with its manner.
    let mut latest: [Option<(&Section, Manner)>; 7] = [None; 7];
    for section in sections {
        let manner = of_section(&section.title);
        let slot = &mut latest[usize::from(section.level.min(6))];
        let before = slot.replace((section, manner)).filter(|(before, _)| are_neighbours(before, section));
        let Some((before, of_before)) = before.filter(|_| manner != Manner::None) else { continue };
        if of_before == Manner::None && manner != Manner::Instead {
            continue;
        }
        let is_last = |run: &&mut Vec<&Section>| run.last().is_some_and(|last| last.anchor == before.anchor);
        match runs.iter_mut().rev().take(6).find(is_last) {
            Some(run) => run.push(section),
            None => runs.push(vec![before, section]),
        }
    }
    runs
}

fn are_neighbours(one: &Section, next: &Section) -> bool {
    one.extent.end == next.extent.start && one.level == next.level && one.parent == next.parent
}

/// The steps that stand within `section`. Steps are in page order.
fn steps_within(steps: &[Step], section: &Section) -> Range<usize> {
    let start = steps.partition_point(|step| step.span.start < section.extent.start);
    let end = steps.partition_point(|step| step.span.start < section.extent.end);
    start..end
}

/// Whether the step before `at` is itself the first of the ways `at..end`.
fn is_first_way(steps: &[Step], at: usize, end: usize, manner: Manner) -> bool {
    let before = &steps[at - 1];
    match manner {
        Manner::Instead => has_work(before) && before.option_of.is_none(),
        // A tool's name offers another way only for what another tool does:
        // before two ways with the same tool stands what prepares for both.
        Manner::Means => at == 1 && has_work(before) && !steps[at..end].iter().any(|way| shares_tool(before, way)),
        Manner::Numbered | Manner::None => false,
    }
}

fn shares_tool(one: &Step, other: &Step) -> bool {
    one.blocks()
        .any(|a| a.class.is_executable() && other.blocks().any(|b| b.class.is_executable() && a.language == b.language))
}

/// What the way is called that stands before the first that has a name: after
/// its first command where the others are, else after its language.
fn as_written(head: &Step, ways: &[Found]) -> String {
    let Some(block) = head.blocks().find(|block| block.class.is_executable()) else { return "As written".to_owned() };
    if ways.iter().any(|way| is_bare(&way.title)) {
        return first_command(block);
    }
    if block.language.is_empty() { "As written".to_owned() } else { format!("As written ({})", block.language) }
}

/// Whether a title says no more than that this is another way.
fn is_bare(title: &str) -> bool {
    matches!(title.to_lowercase().as_str(), "or" | "alternatively" | "alternative" | "either" | "otherwise")
}

/// The first line of a block that is no comment, short.
fn first_command(block: &Block) -> String {
    /// Beyond this the line says no more.
    const LONGEST: usize = 60;
    let mut lines = block.run.lines().map(str::trim);
    let line = lines.find(|line| !line.is_empty() && !line.starts_with(['#', '-'])).unwrap_or("as written");
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    line.chars().take(LONGEST - 1).collect::<String>() + "…"
}

/// A step that does nothing but ask which way to take.
fn head_before(first: &Step, above: &str, title: &str, ids: &mut Anchors) -> Step {
    let id = ids.give_slug(format!("{above}/options"));
    let at = Span::new(first.span.start, first.span.start);
    Step { kind: StepKind::Choice, ..empty(id, title.to_owned(), first.line, at, &first.section) }
}
