//! Differences: of an edit, of what the same code printed earlier and later,
//! and of what the page shows and what came.

use super::build::title;
use super::excerpt::{Outputs, whole};
use super::model::{ComparedReport, Comparison};
use super::visible::{visible_code, visible_line};
use crate::run::{Attempt, BlockOutcome, Compared, OutputRef, Run};
use crate::runbook::Effect;
use similar::TextDiff;
use std::collections::HashMap;

/// The difference as a unified diff with three lines around each change;
/// empty where there is none.
pub(super) fn diff(before: &str, after: &str, before_name: &str, after_name: &str) -> String {
    let (before, after) = (with_end(before), with_end(after));
    TextDiff::from_lines(&before, &after).unified_diff().context_radius(3).header(before_name, after_name).to_string()
}

fn with_end(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

/// For all code that ran more than once, what it printed the first time and
/// the last.
pub(super) fn comparisons(run: &Run, outputs: &Outputs<'_>) -> Vec<Comparison> {
    let mut tries: Vec<&Attempt> = run.attempts().filter(|attempt| is_diagnostic(attempt)).collect();
    tries.sort_by_key(|attempt| attempt.at.seq);
    let mut groups: Vec<Vec<&Attempt>> = Vec::new();
    let mut places = HashMap::new();
    for attempt in tries {
        let same = (&attempt.started.code, &attempt.started.target);
        let place = *places.entry(same).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(attempt);
    }
    groups.iter().filter_map(|group| comparison(run, group, outputs)).collect()
}

/// What the page shows and the output does not, and the other way round.
pub(super) fn with_page(compared: &Compared) -> ComparedReport {
    let mut diff = String::new();
    for gap in &compared.gaps {
        diff.push_str(&format!("-{}\n", visible_line(&gap.expected)));
        if let Some(found) = &gap.found {
            diff.push_str(&format!("+{}\n", visible_line(found)));
        }
    }
    for unwanted in &compared.unwanted {
        diff.push_str(&format!("+{}\n", visible_line(unwanted)));
    }
    if !diff.is_empty() {
        diff.insert_str(0, "--- page\n+++ output\n");
    }
    ComparedReport { likeness: compared.likeness, diff }
}

/// What was repeated to look again. A write that was tried again is not.
fn is_diagnostic(attempt: &Attempt) -> bool {
    let looked = matches!(attempt.started.effect, Effect::Read | Effect::Unknown);
    looked && attempt.finished.as_ref().is_some_and(|end| end.outcome != BlockOutcome::RolledBack)
}

fn comparison(run: &Run, group: &[&Attempt], outputs: &Outputs<'_>) -> Option<Comparison> {
    let [first, .., last] = group else { return None };
    let (before, after) = (first.output(), last.output());
    if size(before) == 0 && size(after) == 0 {
        return None;
    }
    let (diff, problem) = if digest(before) == digest(after) {
        (None, None)
    } else {
        match (text(before, outputs), text(after, outputs)) {
            (Ok(before), Ok(after)) => (Some(diff(&before, &after, &first.at.at, &last.at.at)), None),
            (Err(problem), _) | (_, Err(problem)) => (None, Some(problem)),
        }
    };
    Some(Comparison {
        steps: (title(run, &first.started.block.step), title(run, &last.started.block.step)),
        code: visible_code(&first.started.code),
        before: first.at.at.clone(),
        after: last.at.at.clone(),
        times: group.len(),
        diff,
        problem,
    })
}

fn size(output: Option<&OutputRef>) -> u64 {
    output.map_or(0, |output| output.bytes)
}

fn digest(output: Option<&OutputRef>) -> Option<&str> {
    output.filter(|output| output.bytes > 0).map(|output| output.digest.as_str())
}

fn text(output: Option<&OutputRef>, outputs: &Outputs<'_>) -> Result<String, String> {
    let Some(output) = output else { return Ok(String::new()) };
    match whole(output, outputs) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err("too long to be compared here".to_owned()),
        Err(error) => Err(format!("output/{} cannot be read: {error}", output.file)),
    }
}
