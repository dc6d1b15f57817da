//! Before a block runs.

use super::{Asker, Tone, edited, ends, jump, mark, offer, text};
use crate::effect::{BlockAnswer, BlockQuestion, NoAnswer};
use crate::runbook::Effect;
use crate::terminal::menu::Entry;
use crate::terminal::stake;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Run,
    Lines,
    Rest,
    Stop,
    Here,
    TryAgain,
    Edit,
    Skip,
    Note,
    Mark,
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

const ENTRIES: [Entry<Choice>; 13] = [
    entry(Choice::Run, "run", 'r', None, "Runs it as it is shown."),
    entry(Choice::Lines, "lines", 'l', None, "Runs it line by line: each of its commands is asked about by itself."),
    entry(Choice::Rest, "all", 'l', None, "Shows this command and all that are left, to be run as one."),
    entry(Choice::Stop, "stop", 't', Some("why"), "Stops here: this command and those after it are left out."),
    entry(Choice::Here, "here", 'h', None, "Runs it and what follows on this machine, after showing it again."),
    entry(Choice::TryAgain, "try again", 't', None, "Looks once more whether it can be run: connects again."),
    entry(Choice::Edit, "edit", 'e', None, "Opens it in your editor, then shows it and asks again."),
    entry(Choice::Skip, "skip", 's', Some("why"), "Leaves it out; the reason goes on record."),
    entry(Choice::Note, "note", 'n', Some("text"), "Writes something down, then asks again."),
    entry(Choice::Mark, "mark", 'm', Some("what"), "Records that the incident is detected, mitigated or resolved."),
    entry(Choice::Jump, "jump", 'j', Some("step"), "Goes on at another step."),
    entry(Choice::Suspend, "suspend", 'u', None, "Puts the run aside, to be resumed."),
    entry(Choice::Abort, "abort", 'a', None, "Ends the run, after asking."),
];

/// Asks what to do with a block.
pub(in crate::terminal) fn block(asker: &mut dyn Asker, question: &BlockQuestion) -> Result<BlockAnswer, NoAnswer> {
    let is_blocked = question.blocked.is_some();
    let runs = !is_blocked || !question.open.is_empty();
    let offered = |entry: &&Entry<Choice>| match entry.value {
        Choice::Run => runs,
        Choice::Lines => question.commands > 1,
        Choice::Rest => question.part.is_some_and(|part| !part.is_end()),
        Choice::Stop => question.part.is_some(),
        Choice::Here => question.inside,
        Choice::TryAgain => question.may_try_again,
        _ => true,
    };
    let entries: Vec<Entry<Choice>> = ENTRIES.iter().filter(offered).copied().collect();
    if let Some(problem) = &question.blocked {
        asker.say(Tone::Warning, &format!("This cannot be run: {problem}"));
    }
    let skip = question.skip_by_default.as_ref().map(|reason| format!("skip ({reason})"));
    let enter = match &skip {
        Some(skip) => Some((Choice::Skip, skip.as_str())),
        None if !is_blocked && question.effect == Effect::Read && question.typed.is_none() => {
            Some((Choice::Run, "run"))
        }
        None => None,
    };
    let (ask, nudge) = if runs && is_blocked {
        ("Fill it in and run it?", "nothing was run: r and Enter asks for what is open")
    } else if runs {
        ("Run this?", "nothing was run: that takes r and Enter")
    } else {
        ("What now?", "nothing was done: type a letter, then Enter")
    };
    loop {
        let (choice, rest) = offer(asker, ask, &entries, enter, nudge)?;
        let answer = match choice {
            // What it asks for first comes before the word.
            Choice::Run if is_blocked => Some(BlockAnswer::Run),
            Choice::Run => word(asker, question)?.then_some(BlockAnswer::Run),
            Choice::Lines => Some(BlockAnswer::Lines),
            Choice::Rest => Some(BlockAnswer::Rest),
            Choice::Stop => text(asker, "Why is it stopped here?", &rest)?.map(BlockAnswer::Stop),
            Choice::Here => Some(BlockAnswer::Here),
            Choice::TryAgain => Some(BlockAnswer::TryAgain),
            Choice::Edit => edited(asker, &question.code, question.extension).map(BlockAnswer::Edit),
            Choice::Skip => match (&question.skip_by_default, rest.is_empty()) {
                (Some(reason), true) => Some(BlockAnswer::Skip(reason.clone())),
                _ => text(asker, "Why is it skipped?", &rest)?.map(BlockAnswer::Skip),
            },
            Choice::Note => text(asker, "What is to be noted?", &rest)?.map(BlockAnswer::Note),
            Choice::Mark => mark(asker, &rest)?.map(BlockAnswer::Mark),
            Choice::Jump => jump(asker, &question.steps, &rest)?.map(BlockAnswer::Jump),
            Choice::Suspend => Some(BlockAnswer::Suspend),
            Choice::Abort => ends(asker)?.then_some(BlockAnswer::Abort),
        };
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
}

/// Whether the word that the block asks for was typed; no word is asked for
/// most blocks.
fn word(asker: &mut dyn Asker, question: &BlockQuestion) -> Result<bool, NoAnswer> {
    let Some(word) = &question.typed else { return Ok(true) };
    // A long card has scrolled by: what the word is for stands right above it.
    asker.say(Tone::Warning, &stake::line(question.effect, &question.reasons, &question.place));
    asker.say(Tone::Question, &format!("To run it, type `{word}`; anything else goes back."));
    let typed = is_typed(&asker.line()?, word);
    if !typed {
        asker.say(Tone::Plain, &format!("that was not `{word}`: nothing was run"));
    }
    Ok(typed)
}

/// Whether `line` is `word`. Quotes around names, and how several names are
/// kept apart, make no difference; their letters do.
fn is_typed(line: &str, word: &str) -> bool {
    let names = |text: &str| -> Vec<String> {
        let plain = text.replace(['"', '`', '[', ']'], "");
        plain.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let typed = names(line);
    !typed.is_empty() && typed == names(word)
}
