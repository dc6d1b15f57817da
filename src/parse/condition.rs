//! Lead-ins that make what follows depend on what came of the steps before:
//! "If that fails:".

use crate::runbook::Section;
use std::collections::HashMap;

/// What each section depends on, by its own title or by that of one it stands
/// in. The title over the whole page is not asked.
pub(super) fn of_sections(sections: &[Section]) -> HashMap<String, String> {
    let mut conditions: HashMap<String, String> = HashMap::new();
    for section in sections {
        let inherited = section.parent.as_ref().and_then(|parent| conditions.get(parent)).cloned();
        let own = || only_if(&section.title).or_else(|| takes_back(&section.title));
        if let Some(condition) = inherited.or_else(|| section.parent.as_ref().and_then(|_| own())) {
            conditions.insert(section.anchor.clone(), condition);
        }
    }
    conditions
}

/// A plan for the way back is kept at hand, and not walked after the way
/// there. "Roll back the deployment" is a step like any other.
fn takes_back(title: &str) -> Option<String> {
    let title = title.to_lowercase();
    let title = title.trim_start_matches(|c: char| !c.is_alphabetic());
    let stem = title.split([':', '(']).next().unwrap_or(title).trim();
    let is_plan = matches!(
        stem,
        "rollback"
            | "roll back"
            | "rollback plan"
            | "rollback procedure"
            | "rollback procedures"
            | "rollback steps"
            | "rollback instructions"
            | "back-out plan"
            | "backout plan"
            | "backout procedure"
    );
    is_plan.then(|| "what was done has to be taken back".to_owned())
}

/// The condition in `title`, in its own words and without the "if": something
/// is tried only where what stands before it did not help. `None` for any
/// other title, "If you use Docker" among them.
pub(super) fn only_if(title: &str) -> Option<String> {
    let title = title.trim().trim_matches(['*', '_', ' ']).trim_end_matches([':', ',', ' ', '*']);
    // Only ASCII is made lower-case, so that the lengths stay the same.
    let lower = title.to_ascii_lowercase();
    let start = ["or ", "but ", "and "].iter().find(|word| lower.starts_with(**word)).map_or(0, |word| word.len());
    let lower = &lower[start..];
    if ["as a last resort", "as last resort"].contains(&lower) {
        return Some("nothing else has helped".to_owned());
    }
    let rest = lower.strip_prefix("if ")?;
    let condition = rest.split([':', ',', ';', '(', '–', '—']).next().unwrap_or(rest).replace('’', "'");
    let words: Vec<&str> = condition.split_whitespace().collect();
    let is_any = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let lasts = words.iter().any(|word| word.starts_with("persist"))
        || is_any(&["still", "remains", "continues", "unresolved"]);
    let of_before =
        is_any(&["it", "this", "that", "these", "those", "above", "neither", "none", "nothing", "previous"])
            || words.len() <= 2;
    let fails =
        is_any(&["fails", "fail", "failed", "doesn't", "don't", "didn't", "unsuccessful", "help", "helps", "helped"])
            || is_any(&["not"]) && is_any(&["work", "help", "resolve", "resolved", "fix", "enough", "working"])
            || is_any(&["nothing"]) && is_any(&["works", "worked"]);
    (lasts || of_before && fails).then(|| title[start + 3..].trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{only_if, takes_back};

    #[test]
    fn a_plan_for_the_way_back_is_a_condition() {
        for title in ["Rollback", "7. Rollback Procedures", "Rollback Plan (if needed)", "Backout plan"] {
            assert!(takes_back(title).is_some(), "{title}");
        }
        for title in ["Rollback Deployment", "Roll back the release", "Rolling back a PR", "Emergency Rollback SQL"] {
            assert!(takes_back(title).is_none(), "{title}");
        }
    }

    #[test]
    fn what_did_not_help_is_a_condition() {
        for (title, condition) in [
            ("If persists:", "persists"),
            ("If that fails", "that fails"),
            ("**If still stuck:**", "still stuck"),
            ("If the problem persists", "the problem persists"),
            ("If this doesn't work", "this doesn't work"),
            ("If none of these help, escalate", "none of these help, escalate"),
            ("Or if it still fails:", "it still fails"),
            ("As a last resort:", "nothing else has helped"),
        ] {
            assert_eq!(only_if(title).as_deref(), Some(condition), "{title}");
        }
    }

    #[test]
    fn other_conditions_are_left_to_the_reader() {
        for title in [
            "If you use Docker",
            "If needed",
            "If the disk is full",
            "Check if it persists",
            "If a deploy failed yesterday",
            "Iffy still",
        ] {
            assert_eq!(only_if(title), None, "{title}");
        }
    }
}
