//! The course of each question, apart from the terminal it is asked on.
//!
//! Every answer is a typed line: one stray key never answers anything. How
//! much has to be typed grows with what can be lost: Enter is enough to run
//! what only reads, a letter and Enter runs what changes something, and what
//! asks for a word gets the word. A habit formed on the harmless questions
//! does not answer the others.

mod block;
mod commit;
mod decision;
mod failure;
mod value;

pub(super) use block::block;
pub(super) use commit::commit;
pub(super) use decision::{action, confirm, typed, unknown};
pub(super) use failure::failure;
pub(super) use value::{address, choice, password, value};

use super::editor::{Edited, EditorError};
use super::menu::{self, Entry, Typed};
use crate::effect::NoAnswer;
use crate::run::Mark;

/// How something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// What is asked.
    Question,
    /// What goes with it.
    Plain,
    /// What should not be missed.
    Warning,
    /// The page's own words.
    Markdown,
}

/// What stands before a line that is typed while a clock runs, asked for again
/// and again; `None` once its time is up.
pub(super) type Clock<'a> = &'a mut dyn FnMut() -> Option<String>;

/// The terminal, as a conversation needs it.
pub(super) trait Asker {
    /// Says something, to be seen before the next line is read.
    fn say(&mut self, tone: Tone, text: &str);

    /// Reads a line.
    fn line(&mut self) -> Result<String, NoAnswer>;

    /// Reads a line while a clock runs; `None` if its time is up first.
    fn line_within(&mut self, clock: Clock<'_>) -> Result<Option<String>, NoAnswer>;

    /// Reads a line that is not shown.
    fn secret(&mut self) -> Result<String, NoAnswer>;

    /// Lets the responder change a text.
    fn edit(&mut self, text: &str, extension: &str) -> Result<Edited, EditorError>;
}

/// Asks `question` with a menu until one of `entries` is typed: its value and
/// what followed it. `enter` is what an empty line means, and how to say so;
/// where it is `None`, an empty line means nothing and `nudge` is said.
fn offer<T: Copy>(
    asker: &mut dyn Asker,
    question: &str,
    entries: &[Entry<T>],
    enter: Option<(T, &str)>,
    nudge: &str,
) -> Result<(T, String), NoAnswer> {
    loop {
        asker.say(Tone::Question, question);
        let mut menu = menu::line(entries);
        if let Some((_, means)) = enter {
            menu.push_str(&format!("\u{a0} Enter: {means}"));
        }
        asker.say(Tone::Plain, &menu);
        let line = asker.line()?;
        match (menu::read(&line, entries), enter) {
            ((Typed::Entry(value, _), rest), _) => return Ok((value, rest.to_owned())),
            ((Typed::Nothing, _), Some((value, _))) => return Ok((value, String::new())),
            ((Typed::Nothing, _), None) => asker.say(Tone::Plain, nudge),
            ((Typed::Help, _), _) => {
                for line in menu::help(entries) {
                    asker.say(Tone::Plain, &line);
                }
            }
            ((Typed::Unclear, _), _) => {
                asker.say(Tone::Warning, &format!("`{}` is none of these; ? explains them", line.trim()));
            }
        }
    }
}

/// A text that must not be empty: `given`, or what is typed when asked.
/// `None` when the responder goes back.
fn text(asker: &mut dyn Asker, question: &str, given: &str) -> Result<Option<String>, NoAnswer> {
    if !given.is_empty() {
        return Ok(Some(given.to_owned()));
    }
    asker.say(Tone::Question, question);
    asker.say(Tone::Plain, "Enter alone goes back");
    let line = asker.line()?;
    let text = line.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Another text for the block, or `None` where there is none.
fn edited(asker: &mut dyn Asker, code: &str, extension: &str) -> Option<String> {
    match asker.edit(code, extension) {
        Ok(Edited::Changed(text)) => return Some(text),
        Ok(Edited::Unchanged) => asker.say(Tone::Plain, "nothing was changed"),
        Ok(Edited::Emptied) => {
            asker.say(Tone::Warning, "nothing was left of the block, so it stays as it was; to leave it out, skip it");
        }
        Err(error) => asker.say(Tone::Warning, &error.to_string()),
    }
    None
}

/// The id of a step to go on with, or `None` when the responder goes back.
fn jump(asker: &mut dyn Asker, steps: &[(String, String)], given: &str) -> Result<Option<String>, NoAnswer> {
    let ids: Vec<&str> = steps.iter().map(|(id, _)| id.as_str()).collect();
    let titles: Vec<&str> = steps.iter().map(|(_, title)| title.as_str()).collect();
    let find = |line: &str| menu::pick(line, &ids).or_else(|| menu::pick(line, &titles)).map(|at| ids[at].to_owned());
    if !given.is_empty() {
        if let Some(step) = find(given) {
            return Ok(Some(step));
        }
        asker.say(Tone::Warning, &format!("there is no step `{given}`"));
    }
    loop {
        asker.say(Tone::Question, "Which step next?");
        for (number, title) in (1..).zip(&titles) {
            asker.say(Tone::Plain, &format!("{number:>3}  {title}"));
        }
        asker.say(Tone::Plain, "a number or a title; Enter alone goes back");
        let line = asker.line()?;
        if line.trim().is_empty() {
            return Ok(None);
        }
        match find(&line) {
            Some(step) => return Ok(Some(step)),
            None => asker.say(Tone::Warning, &format!("there is no step `{}`", line.trim())),
        }
    }
}

/// A milestone, or `None` when the responder goes back.
fn mark(asker: &mut dyn Asker, given: &str) -> Result<Option<Mark>, NoAnswer> {
    const fn entry(value: Mark, word: &'static str, key: char, help: &'static str) -> Entry<Mark> {
        Entry { value, word, key: Some(key), also: &[], takes: None, help }
    }
    const MARKS: [Entry<Mark>; 3] = [
        entry(Mark::Detected, "detected", 'd', "Somebody noticed."),
        entry(Mark::Mitigated, "mitigated", 'm', "Users no longer suffer."),
        entry(Mark::Resolved, "resolved", 'r', "The cause is gone."),
    ];
    let mut line = given.to_owned();
    loop {
        match menu::read(&line, &MARKS).0 {
            Typed::Entry(mark, _) => return Ok(Some(mark)),
            Typed::Help => menu::help(&MARKS).iter().for_each(|line| asker.say(Tone::Plain, line)),
            Typed::Unclear => asker.say(Tone::Warning, &format!("`{}` is no milestone", line.trim())),
            Typed::Nothing => {}
        }
        asker.say(Tone::Question, "Which milestone was reached?");
        asker.say(Tone::Plain, &format!("{}\u{a0} Enter: back", menu::line(&MARKS)));
        line = asker.line()?;
        if line.trim().is_empty() {
            return Ok(None);
        }
    }
}

/// Whether the responder really means to end the run.
fn ends(asker: &mut dyn Asker) -> Result<bool, NoAnswer> {
    confirm(asker, &("End the run here? What has run stays as it is.".to_owned(), false))
}

#[cfg(test)]
mod tests;
