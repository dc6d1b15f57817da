//! What is left where nothing tells what a text is.
//!
//! Pages show much that has no form of its own: a line of a message, some
//! names, a formula, steps in a few words each. What a person sees at once is
//! that nobody types it anywhere. That is enough to know: it is only shown.

use super::Text;
use crate::language::shell::Plausibility;
use crate::runbook::{Class, Reading};

/// What `text` is most like, if nothing of it can be typed. It is in no
/// language, so its reading names none.
pub(super) fn reading(text: &Text<'_>, plausible: Plausibility) -> Option<Reading> {
    if text.content.is_empty() {
        return Some(of(Class::Prose, "remarks"));
    }
    if plausible.known > 0 || plausible.may_be_shell() || text.content.iter().any(|line| may_be_typed(line)) {
        return None;
    }
    let words = text.content.iter().filter(|line| is_wording(line)).count();
    let data = text.content.iter().filter(|line| !is_wording(line) && is_datum(line)).count();
    let printed = text.content.len() - words - data;
    Some(if data > words && data > printed {
        of(Class::Config, "data that nobody types")
    } else if words > printed {
        of(Class::Prose, "notes that nobody types")
    } else {
        of(Class::Output, "a message that nobody types")
    })
}

fn of(class: Class, what: &'static str) -> Reading {
    Reading::likely(class, "", what)
}

/// Whether a console of some program may take the line: it stands after an
/// arrow or a sign of a prompt, calls something, or is one word.
fn may_be_typed(line: &str) -> bool {
    let line = line.trim();
    let is_prompted = ["> ", "-> ", "=> ", "$", "(", "\\"].iter().any(|sign| line.starts_with(sign));
    // `jobs.reclaim(…)`, `Job.find(…)`.
    let before_call = line.split('(').next().filter(|before| before.len() < line.len()).unwrap_or_default();
    let called = before_call.rsplit(' ').next().unwrap_or_default();
    let calls = called.split_once(['.', ':']).is_some_and(|(object, method)| {
        object.starts_with(|c: char| c.is_ascii_alphabetic()) && method.ends_with(|c: char| c.is_ascii_alphanumeric())
    });
    let is_word = line.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '_')) || line.ends_with(';');
    is_prompted && !line.starts_with("(") || calls || is_word
}

/// Whether a line is an item of a list, or says something in words.
fn is_wording(line: &str) -> bool {
    let line = line.trim_start();
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_item = ["- ", "* ", "• "].iter().any(|mark| line.starts_with(mark))
        || (after_number.len() < line.len()
            && after_number.starts_with([')', '.'])
            && after_number[1..].starts_with(' '));
    let letters = line.bytes().filter(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80 || *byte == b' ').count();
    // `Success! Data written to: a/b` is a message about something.
    let is_wordy = !line.contains(": ") && letters * 10 >= line.len() * 8 && line.contains(' ');
    is_item || is_wordy || line.contains('→') || line.contains("->")
}

/// Whether a line gives a name and its value, or is a part of a structure, or
/// one word.
fn is_datum(line: &str) -> bool {
    let line = line.trim();
    line.ends_with([',', '{', '[', '(', '}', ']', ':', ';'])
        || [" = ", " >= ", " <= "].iter().any(|sign| line.contains(sign))
        || line.contains("\": ")
        || line.starts_with(['"', '^', '<', '['])
        || !line.contains(char::is_whitespace)
}
