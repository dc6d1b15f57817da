//! Which steps of a page a run walks through.

use crate::runbook::{Block, Class, Runbook, Section, Step};
use std::collections::{HashMap, HashSet};

/// What the command line says about where to start and stop.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// `PAGE#ANCHOR`: a section, or one step.
    pub anchor: Option<String>,
    /// Start at this step.
    pub from: Option<String>,
    /// Run only this step.
    pub only: Option<String>,
}

/// The selection fits nothing, or too much.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// No section or step has that anchor.
    #[error("the page has no `#{anchor}`{}", nearest.as_ref().map_or_else(String::new, |near| format!("; did you mean `#{near}`?")))]
    Unknown {
        /// What was asked for.
        anchor: String,
        /// The anchor of the page that is nearest to it.
        nearest: Option<String>,
    },
    /// The page holds several scenarios and none was chosen.
    #[error("the page holds several scenarios: choose one")]
    Several {
        /// Anchor and title of each.
        scenarios: Vec<(String, String)>,
    },
    /// There is nothing to do in what was chosen.
    #[error("there is nothing to do in `{0}`")]
    Empty(String),
}

/// The indices of the steps to walk through, in page order. Steps that take
/// others back are left out unless they are asked for by name: they are run
/// when they are needed.
///
/// # Errors
/// If an anchor is not in the page, the page holds several scenarios and none
/// is named, or nothing is left.
pub fn select(runbook: &Runbook, selection: &Selection) -> Result<Vec<usize>, SelectError> {
    if let Some(only) = &selection.only {
        let (indices, _) = under(runbook, only)?;
        return Ok(indices);
    }
    let (mut indices, by_name) = match &selection.anchor {
        Some(anchor) => under(runbook, anchor)?,
        None => {
            let scenarios = scenarios(runbook);
            if !scenarios.is_empty() && selection.from.is_none() {
                let scenarios =
                    scenarios.into_iter().map(|section| (section.anchor.clone(), section.title.clone())).collect();
                return Err(SelectError::Several { scenarios });
            }
            ((0..runbook.steps.len()).collect(), false)
        }
    };
    if let Some(from) = &selection.from {
        let (start, _) = under(runbook, from)?;
        let first = start.first().copied().unwrap_or(usize::MAX);
        let scenario =
            scenarios(runbook).into_iter().find(|section| section.extent.contains(runbook.steps[first].span));
        indices.retain(|index| *index >= first);
        if let (None, Some(scenario)) = (&selection.anchor, scenario) {
            indices.retain(|index| scenario.extent.contains(runbook.steps[*index].span));
        }
        if indices.is_empty() {
            return Err(unknown(runbook, from));
        }
    }
    if !by_name {
        let rollbacks = rollbacks(runbook);
        indices.retain(|index| !rollbacks.contains(root(&runbook.steps[*index].id)));
    }
    if indices.is_empty() {
        return Err(SelectError::Empty(selection.anchor.clone().unwrap_or_else(|| runbook.title.clone())));
    }
    Ok(indices)
}

/// The ids that steps name as what takes them back.
fn rollbacks(runbook: &Runbook) -> HashSet<&str> {
    let of_steps = runbook.steps.iter().map(|step| &step.settings);
    let of_blocks = runbook.blocks().map(|block| &block.settings);
    of_steps.chain(of_blocks).filter_map(|settings| settings.rollback.as_deref()).collect()
}

/// A lead-in's step belongs to the step of its heading.
fn root(id: &str) -> &str {
    id.split_once('/').map_or(id, |(root, _)| root)
}

/// The steps under an anchor, and whether the anchor names one step itself.
fn under(runbook: &Runbook, anchor: &str) -> Result<(Vec<usize>, bool), SelectError> {
    let anchor = anchor.trim_start_matches('#');
    if let Some(section) = runbook.section(anchor) {
        let inside = |step: &Step| section.extent.contains(step.span);
        let indices: Vec<_> = indices(runbook, inside);
        let by_name = indices.iter().all(|index| root(&runbook.steps[*index].id) == anchor);
        return if indices.is_empty() { Err(SelectError::Empty(anchor.to_owned())) } else { Ok((indices, by_name)) };
    }
    let indices = indices(runbook, |step| step.id == anchor);
    if indices.is_empty() { Err(unknown(runbook, anchor)) } else { Ok((indices, true)) }
}

fn indices(runbook: &Runbook, keep: impl Fn(&Step) -> bool) -> Vec<usize> {
    runbook.steps.iter().enumerate().filter(|(_, step)| keep(step)).map(|(index, _)| index).collect()
}

fn unknown(runbook: &Runbook, anchor: &str) -> SelectError {
    let anchors =
        runbook.sections.iter().map(|section| &section.anchor).chain(runbook.steps.iter().map(|step| &step.id));
    let nearest = anchors
        .map(|known| (strsim::jaro_winkler(known, anchor), known))
        .filter(|(score, _)| *score > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known.clone());
    SelectError::Unknown { anchor: anchor.to_owned(), nearest }
}

/// The sections that are procedures of their own, where the page holds more
/// than one: siblings that repeat the same inner headings or lead-ins
/// (`Trigger`, `Step 1: …`, `Symptoms`), or that call themselves incidents
/// (`Issue: …`), show that it does. With them stand all sections of their
/// level, and those above it that hold none of these, but for what is no part
/// of a procedure. Empty for a page that is one procedure.
#[must_use]
pub fn scenarios(runbook: &Runbook) -> Vec<&Section> {
    let sections: Vec<&Section> = runbook.sections.iter().filter(|section| holds_procedure(runbook, section)).collect();
    let mut children: HashMap<Option<&str>, Vec<&Section>> = HashMap::new();
    for section in &sections {
        children.entry(section.parent.as_deref()).or_default().push(section);
    }
    let inner = Inner::of(runbook);
    let parents = std::iter::once(None).chain(sections.iter().copied().map(Some));
    let level = parents.into_iter().find_map(|parent| {
        let siblings = children.get(&parent.map(|parent| parent.anchor.as_str()))?;
        (are_incidents(parent, siblings) || inner.repeat(siblings)).then(|| siblings[0].level)
    });
    let Some(level) = level else { return Vec::new() };
    // In page order, so that the first that begins after a section is the only
    // one that can stand in it.
    let at_level: Vec<&Section> = sections.iter().copied().filter(|section| section.level == level).collect();
    let holds_some = |section: &Section| {
        let next = at_level.partition_point(|inner| inner.extent.start < section.extent.start);
        at_level.get(next).is_some_and(|inner| section.extent.contains(inner.extent))
    };
    let stands_alone = |section: &&Section| section.level == level || section.level < level && !holds_some(section);
    let scenarios: Vec<&Section> = sections.iter().copied().filter(stands_alone).collect();
    if scenarios.len() < 2 { Vec::new() } else { scenarios }
}

/// Whether there is something to do in the section, and not only to look up.
fn holds_procedure(runbook: &Runbook, section: &Section) -> bool {
    let steps = &runbook.steps;
    let first = steps.partition_point(|step| step.span.start < section.extent.start);
    let within = steps[first..].iter().take_while(|step| step.span.start < section.extent.end);
    within.into_iter().any(|step| {
        let is_code = |block: &Block| block.class.is_executable() || block.class == Class::Unknown;
        let runs = |block: &Block| is_code(block) && block.run.lines().any(|line| !is_blank(line));
        step.aside.is_none() && (step.actions().next().is_some() || step.blocks().any(runs))
    })
}

/// Whether a line of code does nothing.
fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || line.starts_with("--")
}

/// Headings and lead-ins that stand directly in a section.
struct Inner<'r> {
    by_section: HashMap<&'r str, HashSet<String>>,
}

impl<'r> Inner<'r> {
    fn of(runbook: &'r Runbook) -> Self {
        let mut by_section: HashMap<&str, HashSet<String>> = HashMap::new();
        for section in &runbook.sections {
            if let Some(parent) = &section.parent {
                by_section.entry(parent).or_default().insert(stem(&section.title));
            }
        }
        for step in runbook.steps.iter().filter(|step| step.id.contains('/') && step.option_of.is_none()) {
            by_section.entry(&step.section).or_default().insert(stem(&step.title));
        }
        Self { by_section }
    }

    /// Whether at least two of the sections repeat inner headings or lead-ins
    /// in a way that single steps of one procedure would not.
    fn repeat(&self, siblings: &[&Section]) -> bool {
        if siblings.iter().any(|section| stem(&section.title).starts_with("step ")) {
            return false;
        }
        let mut seen: HashSet<&str> = HashSet::new();
        siblings.iter().any(|section| {
            let Some(inner) = self.by_section.get(section.anchor.as_str()) else { return false };
            let repeated: Vec<&str> = inner.iter().map(String::as_str).filter(|title| seen.contains(title)).collect();
            let telling = repeated.len() >= 2 || repeated.iter().any(|title| OPENINGS.contains(title));
            seen.extend(inner.iter().map(String::as_str));
            telling
        })
    }
}

/// How the account of one incident begins; a step of a procedure does not.
const OPENINGS: [&str; 6] = ["trigger", "triggers", "symptom", "symptoms", "step 1", "alert"];

/// Whether the siblings are incidents by what they or the section over them
/// are called.
fn are_incidents(parent: Option<&Section>, siblings: &[&Section]) -> bool {
    let is_incident = |section: &&&Section| {
        let title = unnumbered(&section.title);
        INCIDENTS.iter().any(|word| {
            title.strip_prefix(word).is_some_and(|rest| {
                let rest = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit() || c == '#');
                rest.trim_start().starts_with([':', '-', '–', '—', '.']) || rest.is_empty()
            })
        })
    };
    if siblings.len() > 1 && siblings.iter().filter(is_incident).count() * 2 > siblings.len() {
        return true;
    }
    let is_collection = |section: &Section| {
        let title = unnumbered(&section.title);
        let title = title.trim();
        COLLECTIONS.contains(&title)
    };
    siblings.len() > 1
        && parent.is_some_and(is_collection)
        && !siblings.iter().any(|section| stem(&section.title).starts_with("step "))
}

/// What a section of its own incident calls itself before a number or colon.
const INCIDENTS: [&str; 9] =
    ["scenario", "issue", "problem", "incident", "alert", "case", "runbook", "playbook", "failure"];

/// Titles over several incidents.
const COLLECTIONS: [&str; 14] = [
    "common incidents",
    "common issues",
    "common issues and solutions",
    "common issues & solutions",
    "common problems",
    "common failures",
    "common scenarios",
    "incident scenarios",
    "failure scenarios",
    "scenarios",
    "known issues",
    "incident playbooks",
    "playbooks",
    "alerts",
];

fn unnumbered(title: &str) -> String {
    title.trim_start_matches(|c: char| !c.is_alphabetic()).to_lowercase()
}

/// A title up to its colon: `Step 1: Check the logs` and `Step 1: Pause the
/// queue` stand in the same place of two procedures.
fn stem(title: &str) -> String {
    title.split(':').next().unwrap_or(title).trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Selection, scenarios, select};
    use crate::plan::{Disposition, Plan};
    use crate::source::SourceFile;
    use std::collections::HashSet;

    const CODE: &str = "```sh\nls\n```\n\n";

    fn plan(page: &str) -> Plan {
        Plan::read(&SourceFile::new("page.md", page), HashSet::new())
    }

    fn anchors(page: &str) -> Vec<String> {
        scenarios(&plan(page).runbook).into_iter().map(|section| section.anchor.clone()).collect()
    }

    #[test]
    fn what_is_to_be_looked_up_is_no_scenario() {
        let incident =
            |title: &str| format!("## {title}\n\n**Symptoms:**\n\n- slow\n\n**Fix:**\n\n{CODE}**Check:**\n\n{CODE}");
        let page = format!(
            "# Page\n\n{}{}## Quick reference\n\n{CODE}## Later\n\n```sh\n# to be written\n```\n",
            incident("Queue full"),
            incident("Disk full")
        );
        assert_eq!(anchors(&page), ["queue-full", "disk-full"]);
        let named =
            select(&plan(&page).runbook, &Selection { anchor: Some("quick-reference".into()), ..Selection::default() });
        assert_eq!(named.map(|steps| steps.len()), Ok(1));
    }

    #[test]
    fn sections_that_call_themselves_incidents_are_scenarios() {
        let page = format!("# Page\n\n## Issue: port in use\n\n{CODE}## Issue: no space\n\n{CODE}");
        assert_eq!(anchors(&page), ["issue-port-in-use", "issue-no-space"]);
        let page = format!("# Page\n\n## Common problems\n\n### Slow\n\n{CODE}### Gone\n\n{CODE}");
        assert_eq!(anchors(&page), ["slow", "gone"]);
        for titles in [["Issue a certificate", "Install it"], ["Step 1", "Step 2"], ["Drain", "Alert the team"]] {
            let page = format!("# Page\n\n## {}\n\n{CODE}## {}\n\n{CODE}", titles[0], titles[1]);
            assert!(anchors(&page).is_empty(), "{titles:?}");
        }
    }

    #[test]
    fn what_was_asked_for_by_name_is_run_and_an_example_of_a_mistake_is_not() {
        let page = format!("# Page\n\n## Fix\n\n{CODE}## Prevention\n\n{CODE}Do not do this:\n\n{CODE}");
        let defaults = |anchor: Option<&str>, from: Option<&str>| {
            let mut plan = plan(&page);
            let selection = Selection { anchor: anchor.map(str::to_owned), from: from.map(str::to_owned), only: None };
            let steps = select(&plan.runbook, &selection).expect("steps");
            plan.ask_for(&steps, from);
            plan.runbook.blocks().map(|block| plan.facts(block).default).collect::<Vec<_>>()
        };
        use Disposition::{Run, Skip};
        assert_eq!(defaults(None, None), [Run, Skip, Skip]);
        assert_eq!(defaults(Some("fix"), None), [Run, Skip, Skip]);
        assert_eq!(defaults(Some("prevention"), None), [Run, Run, Skip]);
        assert_eq!(defaults(None, Some("prevention")), [Run, Run, Skip]);
    }
}
