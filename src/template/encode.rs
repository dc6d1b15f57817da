//! A value in the form its place allows, or the reason why it cannot stand
//! there.
//!
//! For now only values of harmless characters go in; the encodings for all
//! others belong in `shell` and `sql`, by place.

use super::expression::Evaluated;
use super::{Form, Language, Place};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Why a value is refused, and how to mend it.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) help: String,
}

fn refuse(reason: impl Into<String>, help: impl Into<String>) -> Refusal {
    Refusal { reason: reason.into(), help: help.into() }
}

/// What stands around a value: its place, and the text on both sides.
pub(super) struct Surroundings<'a> {
    pub(super) place: Place,
    pub(super) before: &'a str,
    pub(super) after: &'a str,
}

/// How the value is written there. A secret gives the reference to the
/// environment variable `secret`.
pub(super) fn encode(
    value: &Evaluated,
    language: Language,
    around: &Surroundings<'_>,
    secret: &str,
) -> Result<String, Refusal> {
    match (value, language) {
        (Evaluated::Raw(text), _) => Ok(text.clone()),
        (Evaluated::Secret(name), Language::Shell) => secret_in_shell(name, secret, around),
        (Evaluated::Secret(name), Language::Sql(_)) => Err(refuse(
            format!("`{name}` is a secret, and a secret in SQL would stand in the server's log"),
            "do what needs the secret in a shell block",
        )),
        (Evaluated::Secret(name), Language::Plain) => {
            Err(refuse(format!("`{name}` is a secret, and this text is shown"), "take it out of this text"))
        }
        (_, Language::Shell) => shell(&as_text(value, language), around),
        (_, Language::Sql(_)) => sql(value, &as_text(value, language), around),
        (_, Language::Plain) => Ok(as_text(value, language)),
    }
}

fn as_text(value: &Evaluated, language: Language) -> String {
    match value {
        Evaluated::Text(text) | Evaluated::Number(text) | Evaluated::Raw(text) => text.clone(),
        Evaluated::Bool(flag) => flag.to_string(),
        Evaluated::Moment(moment) => timestamp(*moment, language),
        Evaluated::Secret(_) => String::new(),
    }
}

fn timestamp(moment: Timestamp, language: Language) -> String {
    let utc = moment.to_zoned(TimeZone::UTC);
    match language {
        Language::Sql(Form::Postgres) => format!("{}+00", utc.strftime("%Y-%m-%d %H:%M:%S.%3f")),
        Language::Sql(Form::Sqlite) => utc.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Language::Shell | Language::Plain => utc.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

/// Whether no shell and no database reads any character of `text` as more
/// than itself.
fn is_harmless(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./:@%+=,-".contains(&byte))
}

/// The first character that is not harmless, as a person can read it.
fn first_harmful(text: &str) -> String {
    match text.chars().find(|c| !is_harmless(c.encode_utf8(&mut [0; 4]))) {
        None => "it is empty".to_owned(),
        Some(' ') => "it holds a space".to_owned(),
        Some('\n') => "it holds a line end".to_owned(),
        Some(c) => format!("it holds `{}`", c.escape_default()),
    }
}

const USE_RAW: &str = "use a value of letters, digits and _ . / : @ % + = , - only, or write `| raw` behind the name if \
    the value is meant to be read as code";

fn check_harmless(text: &str) -> Result<(), Refusal> {
    if is_harmless(text) {
        return Ok(());
    }
    Err(refuse(format!("the value cannot be put here safely yet: {}", first_harmful(text)), USE_RAW))
}

fn shell(text: &str, around: &Surroundings<'_>) -> Result<String, Refusal> {
    let Surroundings { place, before, after } = *around;
    check_shell_place(around)?;
    check_harmless(text)?;
    if text.starts_with('-') && begins_word(before, place) {
        return Err(refuse(
            format!("the value `{text}` would be read as an option, for it begins with `-`"),
            "put `./` before a path, or `--` before the arguments and something before the value",
        ));
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && place == Place::Bare && after.starts_with(['<', '>']) {
        return Err(refuse(
            "the number would name a file descriptor, for a redirection follows",
            "put a space between them",
        ));
    }
    let word = &before[before.rfind(char::is_whitespace).map_or(0, |at| at + 1)..];
    if place == Place::Bare && word.contains('{') && (text.contains(',') || text.contains("..")) {
        return Err(refuse(
            "the value would be more than one word inside `{…}`",
            "write the words out, without braces",
        ));
    }
    Ok(text.to_owned())
}

/// Whether a value in this place can be taken for anything but text, whatever
/// it is.
fn check_shell_place(around: &Surroundings<'_>) -> Result<(), Refusal> {
    let Surroundings { place, before, .. } = *around;
    match place {
        Place::Bare | Place::SingleQuoted | Place::DoubleQuoted | Place::Heredoc | Place::QuotedHeredoc => {}
        // The name of a program in a fixed folder is as good as an argument.
        Place::Command if !begins_word(before, place) => {}
        Place::Command => {
            return Err(refuse(
                "a value cannot name the command to run",
                "write the command in the runbook, or `| raw` behind the name",
            ));
        }
        Place::EscapeQuoted => {
            // `\x` and `\0` take the characters after them.
            let near: String = before.chars().rev().take(10).collect();
            if near.contains('\\') {
                return Err(refuse("a backslash stands close before the value", "use `'…'` instead of `$'…'`"));
            }
        }
        Place::Name => return Err(refuse("a value cannot name the variable to set", "write the name in the runbook")),
        Place::Elsewhere(where_) => return Err(inside(where_)),
    }
    if matches!(place, Place::SingleQuoted | Place::QuotedHeredoc) {
        return Ok(());
    }
    if before.ends_with('\\') {
        return Err(refuse("a backslash stands before the value", "take the backslash away"));
    }
    let dollar = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if dollar.ends_with('$') && !dollar.ends_with("\\$") {
        return Err(refuse(
            "the value would become a part of the variable's name before it",
            "write `${name}` for the variable",
        ));
    }
    Ok(())
}

fn inside(place: &str) -> Refusal {
    refuse(
        format!("a value cannot be put inside {place} safely"),
        "set a variable of the shell first, `name={{ … }}`, and use that",
    )
}

/// Whether a value behind `before` is the beginning of a word, for the shell or
/// for a program that is given the text in quotes.
fn begins_word(before: &str, place: Place) -> bool {
    let before = match (place, before.strip_suffix(['\'', '"'])) {
        // Behind other text inside the quotes.
        (Place::SingleQuoted | Place::DoubleQuoted, None) => return false,
        (_, Some(before)) => before.trim_end_matches(['\'', '"']),
        (_, None) => before,
    };
    before.is_empty() || before.ends_with(|c: char| c.is_whitespace() || ";|&()<>`".contains(c))
}

fn secret_in_shell(name: &str, variable: &str, around: &Surroundings<'_>) -> Result<String, Refusal> {
    check_shell_place(around)?;
    match around.place {
        Place::Bare => Ok(format!("\"${variable}\"")),
        Place::DoubleQuoted => Ok(format!("${{{variable}}}")),
        _ => Err(refuse(
            format!("`{name}` is a secret, and only a bare word or `\"…\"` can refer to it"),
            format!("write \"{{{{ {name} }}}}\""),
        )),
    }
}

fn sql(value: &Evaluated, text: &str, around: &Surroundings<'_>) -> Result<String, Refusal> {
    let Surroundings { place, before, after } = *around;
    let is_moment = matches!(value, Evaluated::Moment(_));
    match place {
        Place::Bare => {
            let glues = |c: char| c.is_alphanumeric() || "_$'\"`.@#\\".contains(c) || !c.is_ascii();
            if before.ends_with(|c: char| glues(c) || c == ':') || after.starts_with(glues) {
                return Err(refuse(
                    "the value would be a part of the word beside it",
                    "put a space between them, or all of it in one quoted text",
                ));
            }
            if text.starts_with('-') && before.ends_with('-') {
                return Err(refuse("`--` would begin a comment", "put a space before the value"));
            }
            if matches!(value, Evaluated::Number(_) | Evaluated::Bool(_)) {
                return Ok(text.to_owned());
            }
            if !is_moment {
                check_harmless(text)?;
            }
            Ok(format!("'{text}'"))
        }
        Place::SingleQuoted | Place::EscapeQuoted => {
            let near: String = before.chars().rev().take(10).collect();
            if place == Place::EscapeQuoted && near.contains('\\') {
                return Err(refuse("a backslash stands close before the value", "use a plain quoted text"));
            }
            if !is_moment {
                check_harmless(text)?;
            }
            Ok(text.to_owned())
        }
        Place::Name => Err(refuse(
            "a value cannot name a table or a column",
            "write the name in the runbook, or `| raw` behind the variable",
        )),
        Place::Elsewhere(where_) => {
            Err(refuse(format!("a value cannot be put inside {where_} safely"), "use it outside, as a value"))
        }
        Place::Command | Place::DoubleQuoted | Place::Heredoc | Place::QuotedHeredoc => {
            Err(refuse("a value cannot be put here safely", "use it as a value of its own"))
        }
    }
}
