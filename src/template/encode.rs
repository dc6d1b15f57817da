//! A value in the form its place allows, or the reason why it cannot stand
//! there.

mod shell;
mod sql;

use super::expression::Evaluated;
use super::{Form, Language};
use crate::source::Place;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Why a value is refused, and how to mend it.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) help: String,
    /// It is refused only because it would be read as an option.
    pub(super) is_option: bool,
}

pub(super) fn refuse(reason: impl Into<String>, help: impl Into<String>) -> Refusal {
    Refusal { reason: reason.into(), help: help.into(), is_option: false }
}

/// What stands around a value: its place, and the text on both sides.
pub(super) struct Surroundings<'a> {
    pub(super) place: &'a Place,
    pub(super) before: &'a str,
    pub(super) after: &'a str,
    /// Some here-document of the text loses the tabs that its lines begin with.
    pub(super) strips_tabs: bool,
}

/// What a value is allowed that others are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Allowed {
    /// To name a command, a table or a column, where it can be no more than a
    /// name.
    pub(super) name: bool,
    /// To be read as an option.
    pub(super) option: bool,
}

/// A secret, and the variable that text refers to it by.
pub(super) struct Secret<'a> {
    pub(super) name: &'a str,
    pub(super) variable: &'a str,
    pub(super) text: &'a str,
}

/// How the value is written there. `secret` is the one that it names, if it
/// does.
pub(super) fn encode(
    value: &Evaluated,
    language: Language,
    around: &Surroundings<'_>,
    secret: Option<&Secret<'_>>,
    allowed: Allowed,
) -> Result<String, Refusal> {
    match (value, secret, language) {
        (Evaluated::Raw(text), ..) => Ok(text.clone()),
        (_, Some(secret), Language::Shell) => shell::secret(secret, around, allowed),
        (_, Some(secret), Language::Sql(form)) => sql::secret(secret, form, around),
        (_, Some(secret), Language::Plain) => {
            let reason = format!("`{}` is a secret, and this text is shown", secret.name);
            Err(refuse(reason, "take it out of this text"))
        }
        (_, None, Language::Shell) => shell::text(&as_text(value, language), around, allowed),
        (_, None, Language::Sql(form)) => sql::value(value, &as_text(value, language), form, around, allowed),
        (_, None, Language::Plain) => Ok(as_text(value, language)),
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
        Language::Sql(Form::Mysql) => utc.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string(),
        Language::Sql(Form::Sqlite) => utc.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Language::Shell | Language::Plain => utc.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

/// Whether no shell and no database reads any character of `text` as more
/// than itself.
fn is_harmless(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./:@%+=,-".contains(&byte))
}

/// The first character of `text` for which `is_wrong`, as a person can read it.
fn first(text: &str, is_wrong: impl Fn(char) -> bool) -> String {
    match text.chars().find(|c| is_wrong(*c)) {
        None => "it is empty".to_owned(),
        Some(' ') => "it holds a space".to_owned(),
        Some('\n') => "it holds a line end".to_owned(),
        Some(c) => format!("it holds `{}`", c.escape_default()),
    }
}

fn first_harmful(text: &str) -> String {
    first(text, |c| !is_harmless(c.encode_utf8(&mut [0; 4])))
}

/// Neither a shell nor a database can be given one.
fn refuse_nul(text: &str) -> Result<(), Refusal> {
    if text.contains('\0') {
        return Err(refuse("the value holds a NUL character, which can stand in no text", "use a value without one"));
    }
    Ok(())
}

/// The end of `before`: what is close to the value.
fn near(before: &str) -> impl Iterator<Item = char> + '_ {
    const NEAR: usize = 10;
    before.chars().rev().take(NEAR)
}
