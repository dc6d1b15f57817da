//! What a text is, told from its content alone.
//!
//! Labels are often missing and sometimes wrong, so what a block holds is
//! looked at as well. The forms that can hardly be anything else come first;
//! commands are known by the shell's grammar and by their names, SQL by its
//! statements. Where nothing fits, nothing is said.

mod data;
mod first_look;
mod output;
mod powershell;
mod programs;
mod promql;
mod prose;
mod queries;
mod remainder;
mod shapes;
#[cfg(test)]
mod tests;

use super::shell;
use super::sql::{self, SqlDialect};
use crate::runbook::{Class, Reading};
use regex::bytes::{Regex, RegexBuilder};
use std::borrow::Cow;
use std::cell::LazyCell;
use std::sync::OnceLock;

/// Of longer texts only the beginning is looked at: nobody writes such a block
/// by hand.
const MOST_BYTES: usize = 64 * 1024;

/// What `code` reads as.
#[must_use]
pub fn recognise(code: &str) -> Option<Reading> {
    if code.len() > MOST_BYTES {
        // It tells what a text is that is only shown, and never what is run.
        let is_shown = |reading: &Reading| matches!(reading.class, Class::Output | Class::Config | Class::Prose);
        return recognise(beginning(code)).filter(is_shown);
    }
    if code.trim().is_empty() {
        return None;
    }
    let flush = without_indent(code);
    let code = flush.as_ref();
    let text = Text::of(code);
    if let Some(reading) = programs::by_shebang(&text) {
        return Some(reading);
    }
    let plausible = LazyCell::new(|| shell::plausibility(code));
    // These have words in them that the shell would take too.
    let before_shell = data::diff(&text)
        .or_else(|| data::dockerfile(&text))
        .or_else(|| data::cron(&text))
        .or_else(|| powershell::reading(&text))
        .or_else(|| output::screen(&text))
        .or_else(|| output::answers(&text))
        .or_else(|| queries::reading(&text));
    if let Some(reading) = before_shell {
        return Some(reading);
    }
    if shell::may_hold_commands(code) && plausible.is_shell() {
        return Some(Reading::certain(Class::Shell, "bash", "shell commands"));
    }
    let sql = sql::reading(code).map(of_sql);
    if let Some(reading) = sql.clone().filter(|reading| reading.certain) {
        return Some(reading);
    }
    output::objects(&text)
        .or_else(|| data::template(&text))
        .or_else(|| data::structured(&text))
        .or_else(|| programs::console(&text))
        .or_else(|| programs::python(&text))
        .or_else(|| programs::ruby(&text))
        .or_else(|| programs::javascript(&text))
        .or_else(|| output::log(&text))
        .or_else(|| output::table(&text))
        .or_else(|| data::yaml(&text))
        .or_else(|| data::settings(&text))
        .or_else(|| prose::markdown(&text))
        .or_else(|| prose::reading(&text).filter(|reading| reading.certain))
        .or_else(|| output::drawing(&text))
        .or_else(|| by_shape(&text))
        .or_else(|| data::nested(&text, *plausible))
        .or_else(|| {
            (plausible.may_be_shell() && !shapes::has_columns(&text))
                .then(|| Reading::likely(Class::Shell, "bash", "shell commands"))
        })
        .or_else(|| shapes::names(&text))
        .or_else(|| prose::reading(&text).map(|reading| of_words(reading, &text, *plausible)))
        .or(sql)
        .or_else(|| remainder::reading(&text, *plausible))
}

/// The first lines of a text that is too long.
fn beginning(code: &str) -> &str {
    const LENGTH: usize = 8 * 1024;
    let end = code.floor_char_boundary(LENGTH);
    code[..end].rfind('\n').map_or("", |end| &code[..=end])
}

/// Words between lines that are none: hardly a command stands there that
/// anybody knows, so nobody types them, in whatever language they are.
fn of_words(reading: Reading, text: &Text<'_>, plausible: shell::Plausibility) -> Reading {
    // A word that begins a line may be a program's name as well.
    let is_plain = plausible.known * 4 <= text.content.len();
    if is_plain { Reading { language: "", ..reading } } else { reading }
}

fn by_shape(text: &Text<'_>) -> Option<Reading> {
    shapes::variables(text)
        .or_else(|| shapes::exchange(text))
        .or_else(|| shapes::synopsis(text))
        .or_else(|| shapes::folders(text))
        .or_else(|| shapes::options(text))
        .or_else(|| shapes::listing(text))
        .or_else(|| shapes::code(text))
        .or_else(|| shapes::progress(text))
}

/// `code` without the spaces that all of its lines begin with: blocks in lists
/// are often further in than they need be.
fn without_indent(code: &str) -> Cow<'_, str> {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let least = code.lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    if least == 0 {
        return Cow::Borrowed(code);
    }
    Cow::Owned(code.split_inclusive('\n').map(|line| line.get(least..).unwrap_or("\n")).collect())
}

fn of_sql(found: sql::SqlReading) -> Reading {
    let language = match found.dialect {
        SqlDialect::Postgres => "postgresql",
        SqlDialect::Mysql => "mysql",
        SqlDialect::Sqlite => "sqlite",
        SqlDialect::Unknown => "sql",
    };
    Reading { class: Class::Sql, language, what: "SQL", certain: found.certain }
}

/// A text as all of these look at it.
struct Text<'a> {
    code: &'a str,
    /// Its lines that are not blank, without white space at their ends.
    lines: Vec<&'a str>,
    /// Those of them that are no `#` comments.
    content: Vec<&'a str>,
}

impl<'a> Text<'a> {
    fn of(code: &'a str) -> Self {
        let lines: Vec<&str> = code.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        let content = lines.iter().copied().filter(|line| !line.trim_start().starts_with('#')).collect();
        Self { code, lines, content }
    }

    /// The first line that holds something.
    fn first(&self) -> &'a str {
        self.content.first().copied().unwrap_or_default()
    }

    /// How many of its lines, comments left out, `pattern` fits.
    fn fitting(&self, pattern: &Pattern) -> usize {
        self.content.iter().filter(|line| pattern.is_match(line)).count()
    }

    /// Whether `pattern` fits at least `part` in `whole` of its lines.
    fn mostly(&self, pattern: &Pattern, part: usize, whole: usize) -> bool {
        !self.content.is_empty() && self.fitting(pattern) * whole >= self.content.len() * part
    }
}

/// A pattern that lines are matched against.
struct Pattern {
    /// Whether a line can fit at all. Most cannot, so that most patterns are
    /// never built: to build one costs more than to read a page without it.
    may_fit: fn(&str) -> bool,
    written: &'static str,
    /// For lines of ASCII.
    ascii: OnceLock<Regex>,
    /// For others, where the pattern is not of ASCII itself.
    unicode: OnceLock<Regex>,
}

impl Pattern {
    const fn new(may_fit: fn(&str) -> bool, written: &'static str) -> Self {
        Self { may_fit, written, ascii: OnceLock::new(), unicode: OnceLock::new() }
    }

    fn is_match(&self, line: &str) -> bool {
        (self.may_fit)(line) && self.fits(line)
    }

    fn fits(&self, line: &str) -> bool {
        let pattern = if self.written.is_ascii() || (line.is_ascii() && !line.contains(NONE)) {
            self.ascii.get_or_init(|| build(&self.written.replace(|c: char| !c.is_ascii(), NONE), false))
        } else {
            self.unicode.get_or_init(|| build(self.written, true))
        };
        pattern.is_match(line.as_bytes())
    }
}

/// Stands in a pattern for every character that a line of ASCII does not have.
const NONE: &str = "\0";

/// Where `\w` and its like mean ASCII alone, a pattern is cheap: the tables of
/// Unicode cost more to build than all matching does.
fn build(pattern: &str, unicode: bool) -> Regex {
    let built = RegexBuilder::new(pattern).unicode(unicode).build();
    built.expect("the pattern is a constant, and tested")
}

/// A pattern of one of these files, compiled once, when a line first may fit.
macro_rules! pattern {
    ($name:ident, $pattern:expr) => {
        pattern!($name, |_| true, $pattern);
    };
    ($name:ident, $may_fit:expr, $pattern:expr) => {
        pub(super) static $name: super::Pattern = super::Pattern::new($may_fit, $pattern);
    };
}
use pattern;
