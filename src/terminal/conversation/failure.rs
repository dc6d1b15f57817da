//! After a block failed.

use super::{Asker, edited, ends, jump, offer, text};
use crate::effect::{FailureAnswer, FailureQuestion, NoAnswer};
use crate::terminal::menu::Entry;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Retry,
    Edit,
    Accept,
    Skip,
    RollBack,
    Note,
    Jump,
    Suspend,
    Abort,
}

const fn entry(
    value: Choice,
    word: &'static str,
    key: char,
    takes: Option<&'static str>,
    help: &'static str,
) -> Entry<Choice> {
    Entry { value, word, key: Some(key), also: &[], takes, help }
}

const ENTRIES: [Entry<Choice>; 9] = [
    entry(Choice::Retry, "retry", 'r', None, "Runs the same again."),
    entry(Choice::Edit, "edit", 'e', None, "Opens it in your editor, then shows it and asks again."),
    entry(Choice::Accept, "accept", 'c', Some("why"), "Takes it as good enough; the reason goes on record."),
    entry(Choice::Skip, "skip", 's', Some("why"), "Leaves it failed and goes on; the reason goes on record."),
    Entry {
        also: &["rollback", "back"],
        ..entry(Choice::RollBack, "roll back", 'b', None, "Runs the step that takes this one back.")
    },
    entry(Choice::Note, "note", 'n', Some("text"), "Writes something down, then asks again."),
    entry(Choice::Jump, "jump", 'j', Some("step"), "Goes on at another step."),
    entry(Choice::Suspend, "suspend", 'u', None, "Puts the run aside, to be resumed."),
    entry(Choice::Abort, "abort", 'a', None, "Ends the run, after asking."),
];

/// Asks what to do about a failure. Enter alone does nothing: to run
/// something again that has just failed is a decision.
pub(in crate::terminal) fn failure(
    asker: &mut dyn Asker,
    question: &FailureQuestion,
) -> Result<FailureAnswer, NoAnswer> {
    let entries: Vec<Entry<Choice>> =
        ENTRIES.into_iter().filter(|entry| entry.value != Choice::RollBack || question.rollback.is_some()).collect();
    let mut ask = format!("This failed: {}. What now?", question.problem.trim_end_matches('.'));
    if let Some(rollback) = &question.rollback {
        ask.push_str(&format!(" ({rollback} would take it back.)"));
    }
    loop {
        let nudge = "nothing was done: type a letter, then Enter";
        let (choice, rest) = offer(asker, &ask, &entries, None, nudge)?;
        let answer = match choice {
            Choice::Retry => Some(FailureAnswer::Retry),
            Choice::Edit => edited(asker, &question.code, question.extension).map(FailureAnswer::Edit),
            Choice::Accept => text(asker, "Why is it good enough?", &rest)?.map(FailureAnswer::Accept),
            Choice::Skip => text(asker, "Why is it left failed?", &rest)?.map(FailureAnswer::Skip),
            Choice::RollBack => Some(FailureAnswer::RollBack),
            Choice::Note => text(asker, "What is to be noted?", &rest)?.map(FailureAnswer::Note),
            Choice::Jump => jump(asker, &question.steps, &rest)?.map(FailureAnswer::Jump),
            Choice::Suspend => Some(FailureAnswer::Suspend),
            Choice::Abort => ends(asker)?.then_some(FailureAnswer::Abort),
        };
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
}
