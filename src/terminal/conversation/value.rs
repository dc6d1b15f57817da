//! Values, and one of several ways.

use super::{Asker, Tone, confirm};
use crate::effect::{AddressQuestion, ChoiceAnswer, ChoiceQuestion, NoAnswer, PasswordQuestion, ValueQuestion};
use crate::runbook::{Value, VariableKind};
use crate::terminal::menu;
use zeroize::Zeroizing;

/// Asks for a value until one fits its declaration. White space around it is
/// not part of it, except in a secret.
pub(in crate::terminal) fn value(asker: &mut dyn Asker, question: &ValueQuestion) -> Result<String, NoAnswer> {
    let variable = &question.variable;
    if let Some(problem) = &question.problem {
        asker.say(Tone::Warning, problem);
    }
    loop {
        let ask = variable.prompt.clone().unwrap_or_else(|| format!("What is {}?", question.name));
        asker.say(Tone::Question, &ask);
        for (number, choice) in (1..).zip(&variable.choices) {
            asker.say(Tone::Plain, &format!("{number:>3}  {choice}"));
        }
        let default = variable.default_text().filter(|_| !variable.secret);
        let mut hint = hint(question);
        match &default {
            _ if question.may_stay_open => hint.push_str("; Enter: leave it open"),
            Some(default) => hint.push_str(&format!("; Enter: {default}")),
            None => {}
        }
        asker.say(Tone::Plain, &hint);
        let line = if variable.secret { asker.secret()? } else { asker.line()?.trim().to_owned() };
        let text = if line.is_empty() && question.may_stay_open {
            return Ok(String::new());
        } else if line.is_empty() {
            let Some(default) = default else {
                asker.say(Tone::Warning, "a value is needed");
                continue;
            };
            default
        } else {
            let choices: Vec<&str> = variable.choices.iter().map(String::as_str).collect();
            match menu::pick(&line, &choices) {
                Some(at) => choices[at].to_owned(),
                None => line,
            }
        };
        match Value::check(&question.name, variable, &text) {
            Ok(value) => return Ok(value.text),
            Err(error) => asker.say(Tone::Warning, &error.to_string()),
        }
    }
}

/// Asks where a connection leads: without it its blocks can still be skipped.
pub(in crate::terminal) fn address(
    asker: &mut dyn Asker,
    question: &AddressQuestion,
) -> Result<Option<String>, NoAnswer> {
    if let Some(problem) = &question.problem {
        asker.say(Tone::Warning, problem);
    }
    asker.say(Tone::Question, &format!("Where is the database `{}`?", question.connection));
    asker.say(Tone::Plain, "its URL, not shown as you type; Enter: go on without it");
    let url = asker.secret()?.trim().to_owned();
    Ok(Some(url).filter(|url| !url.is_empty()))
}

/// Asks for a password, once: without it the connection's blocks can still be
/// skipped.
pub(in crate::terminal) fn password(
    asker: &mut dyn Asker,
    question: &PasswordQuestion,
) -> Result<Option<Zeroizing<String>>, NoAnswer> {
    let PasswordQuestion { connection, user, server, problem } = question;
    if let Some(problem) = problem {
        asker.say(Tone::Warning, problem);
    }
    asker.say(Tone::Question, &format!("What is the password of {user} for {connection} ({server})?"));
    asker.say(Tone::Plain, "not shown as you type, and kept for this run only; Enter: go on without it");
    let password = Zeroizing::new(asker.secret()?);
    Ok((!password.is_empty()).then_some(password))
}

/// What may be typed.
fn hint(question: &ValueQuestion) -> String {
    let variable = &question.variable;
    let what = match variable.kind() {
        _ if variable.secret => "not shown as you type",
        _ if !variable.choices.is_empty() => "a number or the text",
        VariableKind::Int => "a whole number",
        VariableKind::Bool => "true or false",
        VariableKind::Duration => "a duration such as 30s or 5m",
        VariableKind::Path => "a path",
        VariableKind::String | VariableKind::Choice => "a text",
    };
    match &variable.pattern {
        Some(pattern) => format!("{}: {what} that matches {pattern}", question.name),
        None => format!("{}: {what}", question.name),
    }
}

/// Asks for one of several ways. A reason may follow the number.
pub(in crate::terminal) fn choice(asker: &mut dyn Asker, question: &ChoiceQuestion) -> Result<ChoiceAnswer, NoAnswer> {
    let titles: Vec<&str> = question.options.iter().map(|(title, _)| title.as_str()).collect();
    let has_letters = have_other_numbers(&titles);
    let kind = if has_letters { "letter" } else { "number" };
    loop {
        asker.say(Tone::Question, &question.question);
        for (at, (title, problem)) in question.options.iter().enumerate() {
            let problem = problem.as_ref().map(|problem| format!(" (not here: {problem})")).unwrap_or_default();
            let mark = if has_letters { letter(at).to_string() } else { (at + 1).to_string() };
            asker.say(Tone::Plain, &format!("{mark:>3}  {title}{problem}"));
            for line in question.about.get(at).into_iter().flatten() {
                asker.say(Tone::Plain, &format!("     {line}"));
            }
        }
        let default = question.default.and_then(|default| titles.get(default)).copied();
        let enter = default.map(|title| format!("; Enter: {title}")).unwrap_or_default();
        asker.say(Tone::Plain, &format!("a {kind} or the text, and why if you like{enter}"));
        let line = asker.line()?;
        let found = if has_letters { lettered(&line, &titles) } else { picked(&line, &titles) };
        let default = || question.default.filter(|_| line.trim().is_empty()).map(|default| (default, None));
        let Some((index, reason)) = found.or_else(default) else {
            let problem = match line.trim() {
                "" => format!("nothing was chosen: type a {kind}, then Enter"),
                line => format!("`{line}` is none of these"),
            };
            asker.say(Tone::Warning, &problem);
            continue;
        };
        if let Some((title, Some(problem))) = question.options.get(index) {
            let sure = format!("{title} cannot be run from here: {problem}. Take it all the same?");
            if !confirm(asker, &(sure, false))? {
                continue;
            }
        }
        return Ok(ChoiceAnswer { index, reason });
    }
}

/// The option, and the reason that followed its number.
fn picked(line: &str, titles: &[&str]) -> Option<(usize, Option<String>)> {
    let line = line.trim();
    if let Some(index) = menu::pick(line, titles) {
        return Some((index, None));
    }
    let (number, reason) = line.split_once(char::is_whitespace)?;
    let index = number.parse::<usize>().ok()?.checked_sub(1).filter(|index| *index < titles.len())?;
    Some((index, Some(reason.trim().to_owned())))
}

/// Whether titles begin with numbers that are not their places in the list: who
/// types such a number may mean either.
fn have_other_numbers(titles: &[&str]) -> bool {
    titles.len() <= LETTERS
        && titles.iter().enumerate().any(|(at, title)| number(title).is_some_and(|own| own != at + 1))
}

/// How many options can have letters.
const LETTERS: usize = 26;

fn letter(at: usize) -> char {
    ('a'..='z').nth(at).unwrap_or('?')
}

/// The number that a title begins with: `2. Jobs that do not end`.
fn number(title: &str) -> Option<usize> {
    let (number, rest) = title.split_once(['.', ')'])?;
    if rest.starts_with(' ') { number.parse().ok() } else { None }
}

/// The option that is named by its letter, by the number in its title or by
/// its text, and the reason that followed the first two.
fn lettered(line: &str, titles: &[&str]) -> Option<(usize, Option<String>)> {
    let line = line.trim();
    if let Some(index) = titles.iter().position(|title| title.eq_ignore_ascii_case(line)) {
        return Some((index, None));
    }
    let (mark, reason) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let reason = Some(reason.trim()).filter(|reason| !reason.is_empty()).map(str::to_owned);
    let is_meant = |at: usize, title: &str| match mark.parse::<usize>() {
        Ok(own) => number(title) == Some(own),
        Err(_) => mark.eq_ignore_ascii_case(letter(at).encode_utf8(&mut [0; 4])),
    };
    let mut meant = titles.iter().enumerate().filter(|(at, title)| is_meant(*at, title)).map(|(at, _)| at);
    let index = meant.next()?;
    meant.next().is_none().then_some((index, reason))
}
