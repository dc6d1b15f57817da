//! Which steps of a page a run walks through.

use crate::runbook::{Runbook, Section, Step};

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
        indices.retain(|index| !is_rollback(runbook, &runbook.steps[*index]));
    }
    if indices.is_empty() {
        return Err(SelectError::Empty(selection.anchor.clone().unwrap_or_else(|| runbook.title.clone())));
    }
    Ok(indices)
}

/// Whether another step names this one as what takes it back.
fn is_rollback(runbook: &Runbook, step: &Step) -> bool {
    runbook.steps.iter().any(|other| {
        let settings = std::iter::once(&other.settings).chain(other.blocks().map(|block| &block.settings));
        settings.filter_map(|settings| settings.rollback.as_deref()).any(|rollback| rollback == root(&step.id))
    })
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
/// (`Trigger`, `Step 1: …`, `Symptoms`) show that it does. With them stand all
/// sections of their level, and those above it that hold none of these. Empty
/// for a page that is one procedure.
#[must_use]
pub fn scenarios(runbook: &Runbook) -> Vec<&Section> {
    let holds_steps = |section: &&Section| runbook.steps.iter().any(|step| section.extent.contains(step.span));
    let parents = std::iter::once(None).chain(runbook.sections.iter().map(|section| Some(section.anchor.as_str())));
    let level = parents.into_iter().find_map(|parent| {
        let siblings = runbook.sections.iter().filter(|section| section.parent.as_deref() == parent);
        let siblings: Vec<_> = siblings.filter(holds_steps).collect();
        repeat_themselves(runbook, &siblings).then(|| siblings[0].level)
    });
    let Some(level) = level else { return Vec::new() };
    let at_level: Vec<_> =
        runbook.sections.iter().filter(|section| section.level == level).filter(holds_steps).collect();
    let stands_alone = |section: &&Section| {
        section.level == level
            || section.level < level && !at_level.iter().any(|inner| section.extent.contains(inner.extent))
    };
    runbook.sections.iter().filter(stands_alone).filter(holds_steps).collect()
}

/// Whether at least two of the sections repeat inner headings or lead-ins in a
/// way that single steps of one procedure would not.
fn repeat_themselves(runbook: &Runbook, siblings: &[&Section]) -> bool {
    if siblings.iter().any(|section| stem(&section.title).starts_with("step ")) {
        return false;
    }
    let mut seen = std::collections::HashSet::new();
    siblings.iter().any(|section| {
        let headings = runbook
            .sections
            .iter()
            .filter(|inner| inner.parent.as_deref() == Some(section.anchor.as_str()))
            .map(|inner| stem(&inner.title));
        let lead_ins = runbook
            .steps
            .iter()
            .filter(|step| step.section == section.anchor && step.id.contains('/') && step.option_of.is_none())
            .map(|step| stem(&step.title));
        let inner: std::collections::HashSet<_> = headings.chain(lead_ins).collect();
        let repeated: Vec<_> = inner.iter().filter(|title| seen.contains(*title)).collect();
        let telling = repeated.len() >= 2 || repeated.iter().any(|title| OPENINGS.contains(&title.as_str()));
        seen.extend(inner);
        telling
    })
}

/// How the account of one incident begins; a step of a procedure does not.
const OPENINGS: [&str; 6] = ["trigger", "triggers", "symptom", "symptoms", "step 1", "alert"];

/// A title up to its colon: `Step 1: Check the logs` and `Step 1: Pause the
/// queue` stand in the same place of two procedures.
fn stem(title: &str) -> String {
    title.split(':').next().unwrap_or(title).trim().to_lowercase()
}
