//! Yes or no, in its several weights.

use super::{Asker, Tone, ends, offer, text};
use crate::effect::{ActionAnswer, ActionQuestion, NoAnswer, TypedQuestion, UnknownAnswer, UnknownQuestion};
use crate::terminal::menu::{self, Entry};

/// Asks for a word before something destructive; anything else is a no.
pub(in crate::terminal) fn typed(asker: &mut dyn Asker, question: &TypedQuestion) -> Result<bool, NoAnswer> {
    asker.say(Tone::Warning, &question.warning);
    asker.say(Tone::Question, &format!("To go on, type `{}`; anything else stops it.", question.word));
    Ok(asker.line()?.trim() == question.word.trim())
}

/// Asks yes or no; the second of the pair is what Enter means.
pub(in crate::terminal) fn confirm(asker: &mut dyn Asker, question: &(String, bool)) -> Result<bool, NoAnswer> {
    let (question, default) = question;
    loop {
        asker.say(Tone::Question, question);
        asker.say(Tone::Plain, &format!("yes or no; Enter: {}", if *default { "yes" } else { "no" }));
        let line = asker.line()?;
        if line.trim().is_empty() {
            return Ok(*default);
        }
        match menu::yes_or_no(&line) {
            Some(answer) => return Ok(answer),
            None => asker.say(Tone::Warning, &format!("`{}` is neither yes nor no", line.trim())),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Done,
    Skip,
    Note,
    Suspend,
    Abort,
}

const ACTIONS: [Entry<Action>; 5] = {
    const fn entry(
        value: Action,
        word: &'static str,
        key: char,
        takes: Option<&'static str>,
        help: &'static str,
    ) -> Entry<Action> {
        Entry { value, word, key: Some(key), also: &[], takes, help }
    }
    [
        entry(Action::Done, "done", 'd', None, "It is done."),
        entry(Action::Skip, "skip", 's', Some("why"), "It is not done; the reason goes on record."),
        entry(Action::Note, "note", 'n', Some("text"), "Writes something down, then asks again."),
        entry(Action::Suspend, "suspend", 'u', None, "Puts the run aside, to be resumed."),
        entry(Action::Abort, "abort", 'a', None, "Ends the run, after asking."),
    ]
};

/// Asks what was done about an action. Enter alone says nothing: it would
/// put on record that something was done.
pub(in crate::terminal) fn action(asker: &mut dyn Asker, question: &ActionQuestion) -> Result<ActionAnswer, NoAnswer> {
    asker.say(Tone::Markdown, &question.text);
    loop {
        let nudge = "nothing was recorded: d and Enter when it is done";
        let (choice, rest) = offer(asker, "Is this done?", &ACTIONS, None, nudge)?;
        let answer = match choice {
            Action::Done => Some(ActionAnswer::Done),
            Action::Skip => text(asker, "Why is it not done?", &rest)?.map(ActionAnswer::Skip),
            Action::Note => text(asker, "What is to be noted?", &rest)?.map(ActionAnswer::Note),
            Action::Suspend => Some(ActionAnswer::Suspend),
            Action::Abort => ends(asker)?.then_some(ActionAnswer::Abort),
        };
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Ran,
    Again,
    Suspend,
}

/// Whole words only: none of these can be told from the screen.
const FATES: [Entry<Fate>; 3] = [
    Entry {
        value: Fate::Ran,
        word: "ran",
        key: None,
        also: &[],
        takes: Some("how you know"),
        help: "It did run: the run goes on after it.",
    },
    Entry {
        value: Fate::Again,
        word: "again",
        key: None,
        also: &[],
        takes: Some("how you know"),
        help: "It did not run, or may run twice: it is shown, and asked about, again.",
    },
    Entry {
        value: Fate::Suspend,
        word: "suspend",
        key: None,
        also: &[],
        takes: None,
        help: "Leaves the run as it is, to find out.",
    },
];

/// Asks what became of a block that was running when the record broke off.
pub(in crate::terminal) fn unknown(
    asker: &mut dyn Asker,
    question: &UnknownQuestion,
) -> Result<UnknownAnswer, NoAnswer> {
    let what = format!("{}: this block started {} and its end is not on record:", question.step, question.started);
    asker.say(Tone::Warning, &what);
    for line in question.code.lines() {
        asker.say(Tone::Plain, &format!("    {line}"));
    }
    if let Some(hint) = &question.hint {
        asker.say(Tone::Plain, hint);
    }
    loop {
        let nudge = "nothing was decided: find out whether it took effect, then type a word";
        let (fate, rest) = offer(asker, "Did it run?", &FATES, None, nudge)?;
        let basis = "How do you know?";
        let answer = match fate {
            Fate::Ran => text(asker, basis, &rest)?.map(UnknownAnswer::Ran),
            Fate::Again => text(asker, basis, &rest)?.map(UnknownAnswer::Again),
            Fate::Suspend => Some(UnknownAnswer::Suspend),
        };
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
}
