//! What happened, in a few sentences.

use super::model::{ChangeFate, DatabaseChange, Report};
use super::visible::visible_line;
use super::wording::{Times, clause, count, day, duration, list};
use crate::run::{Mark, Run, RunOutcome, RunState, StepOutcome};

/// The sentences, from facts alone.
pub(super) fn summary(run: &Run, report: &Report) -> Vec<String> {
    let mut sentences = vec![opening(run, report)];
    sentences.push(steps(run));
    sentences.extend(ending(run, report));
    sentences.extend(database(report));
    sentences.extend(milestones(report));
    sentences.extend(sessions(run));
    sentences
}

fn opening(run: &Run, report: &Report) -> String {
    let times = Times::since(&report.started);
    let did = if report.rehearsal { "rehearsed" } else { "ran" };
    let incident = report.incident.as_ref().map_or_else(String::new, |id| format!(" for incident {id}"));
    let when = match report.outcome {
        Some(_) => format!(
            "on {} from {} to {} UTC ({})",
            day(&report.started),
            times.time(&report.started),
            times.time(run.ended.as_ref().map_or(&report.ended, |at| &at.at)),
            duration(report.duration_ms)
        ),
        None => format!("beginning on {} at {} UTC", day(&report.started), times.time(&report.started)),
    };
    format!("{} {did} “{}” on {}{incident}, {when}.", report.responder, report.title, report.host)
}

fn steps(run: &Run) -> String {
    let planned = || run.header.steps.iter().filter_map(|step| run.step(&step.id));
    let with = |outcome| planned().filter(|step| step.outcome == Some(outcome)).count() as u64;
    let total = run.header.steps.len() as u64 - with(StepOutcome::NotChosen);
    let done = with(StepOutcome::Done) + with(StepOutcome::NothingToDo);
    if done == total {
        return match total {
            1 => "Its one step was done.".to_owned(),
            2 => "Both steps were done.".to_owned(),
            _ => format!("All {total} steps were done."),
        };
    }
    let not_reached = planned().filter(|step| step.started.is_none() && step.outcome.is_none()).count() as u64;
    let not_ended = planned().filter(|step| step.started.is_some() && step.outcome.is_none()).count() as u64;
    let parts = [
        (with(StepOutcome::Accepted), "failed and was accepted", "failed and were accepted"),
        (with(StepOutcome::Failed), "failed", "failed"),
        (with(StepOutcome::Skipped), "was skipped", "were skipped"),
        (with(StepOutcome::Aborted), "was broken off", "were broken off"),
        (not_ended, "was begun and not ended", "were begun and not ended"),
        (not_reached, "was not reached", "were not reached"),
    ];
    let rest = parts.into_iter().filter(|(number, ..)| *number > 0);
    let rest = rest.map(|(number, one, many)| format!("{number} {}", if number == 1 { one } else { many }));
    let were = if done == 1 { "was" } else { "were" };
    let first = format!("{done} of {} {were} done", count(total, "step", "steps"));
    let all: Vec<_> = std::iter::once(first).chain(rest).collect();
    format!("{}.", list(&all))
}

fn ending(run: &Run, report: &Report) -> Option<String> {
    let because = report.reason.as_deref().map_or_else(String::new, |reason| format!(": {}", clause(reason)));
    match run.state {
        RunState::Finished(RunOutcome::Completed) => None,
        RunState::Finished(RunOutcome::Failed) => Some(format!("The run ended with a failure{because}.")),
        RunState::Finished(RunOutcome::Aborted) => Some(format!("The run was ended before its time{because}.")),
        RunState::Suspended => {
            let why = run.suspensions.last().map(|suspension| clause(&suspension.reason));
            let why = why.filter(|why| !why.is_empty()).map_or_else(String::new, |why| format!(" ({why})"));
            Some(format!("The run is suspended{why} and can be resumed."))
        }
        RunState::Running => Some(format!(
            "The run has not ended: its record reaches to {} UTC.",
            Times::since(&report.started).time(&report.ended)
        )),
    }
}

fn database(report: &Report) -> Option<String> {
    if report.database.is_empty() {
        return None;
    }
    let rows = |fates: &[ChangeFate]| {
        let changes = report.database.iter().filter(|change| fates.contains(&change.fate));
        changes.filter_map(|change| change.affected).sum::<u64>()
    };
    // Nobody counts the rows of a TRUNCATE, or of a function.
    let is_kept = |change: &&DatabaseChange| matches!(change.fate, ChangeFate::Kept | ChangeFate::KeptAtOnce);
    let uncounted = report.database.iter().filter(is_kept).any(|change| change.uncounted);
    let any = |fate| report.database.iter().any(|change| change.fate == fate);
    let (kept, taken) = (
        rows(&[ChangeFate::Kept, ChangeFate::KeptAtOnce]),
        rows(&[ChangeFate::TakenBack, ChangeFate::TakenBackInPart]),
    );
    let was = |number| if number == 1 { "was" } else { "were" };
    let mut parts = Vec::new();
    if any(ChangeFate::Kept) || any(ChangeFate::KeptAtOnce) {
        let others = if uncounted { ", and changes kept whose rows are not counted" } else { "" };
        parts.push(match (kept, uncounted) {
            (0, true) => "changes were kept whose rows are not counted".to_owned(),
            _ => format!("{} {} changed and kept{others}", count(kept, "row", "rows"), was(kept)),
        });
    }
    if any(ChangeFate::TakenBackInPart) {
        parts.push("what took effect at once stays, though its transaction was taken back".to_owned());
    }
    if any(ChangeFate::TakenBack) {
        let changes = if taken == 1 {
            "a change to 1 row".to_owned()
        } else {
            format!("changes to {} rows", super::wording::grouped(taken))
        };
        parts.push(format!("{changes} {} taken back", was(taken)));
    }
    if any(ChangeFate::Unknown) {
        parts.push("whether some changes were kept is not known".to_owned());
    }
    if any(ChangeFate::Refused) && parts.is_empty() {
        parts.push("every change was refused by the server".to_owned());
    }
    let may_be_kept = [ChangeFate::Kept, ChangeFate::KeptAtOnce, ChangeFate::TakenBackInPart, ChangeFate::Unknown];
    let kept_none = !may_be_kept.into_iter().any(any);
    let end = if kept_none { ": nothing was kept" } else { "" };
    Some(format!("In the database, {}{end}.", parts.join("; ")))
}

fn milestones(report: &Report) -> Option<String> {
    let times = Times::since(&report.started);
    let said = [(Mark::Mitigated, "mitigated"), (Mark::Resolved, "resolved")].into_iter().filter_map(|(mark, name)| {
        let milestone = report.milestones.iter().rfind(|milestone| milestone.mark == mark)?;
        let since = match milestone.since_detected_ms {
            Some(ms) => format!("{} after it was detected", duration(ms)),
            None => format!("{} after the run began", duration(milestone.since_start_ms)),
        };
        Some(format!("{name} at {} ({since})", times.time(&milestone.at)))
    });
    let said: Vec<_> = said.collect();
    (!said.is_empty()).then(|| format!("The incident was marked {}.", list(&said)))
}

fn sessions(run: &Run) -> Option<String> {
    let unattended = run.header.unattended.is_some();
    let resumed = run.resumptions.len() as u64;
    let mut said = Vec::new();
    if unattended {
        said.push("`--yes` answered for the responder where it could".to_owned());
    }
    if resumed > 0 {
        let by: std::collections::BTreeSet<_> = run.resumptions.iter().map(|each| visible_line(&each.by)).collect();
        let by: Vec<_> = by.into_iter().collect();
        said.push(format!("the run was resumed {} by {}", count(resumed, "time", "times"), list(&by)));
    }
    let sentence = list(&said);
    let first = sentence.chars().next()?;
    Some(format!("{}{}.", first.to_uppercase(), &sentence[first.len_utf8()..]))
}
