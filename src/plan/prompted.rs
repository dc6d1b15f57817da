//! Values among statements that a shell block types at the prompt of a
//! database's client: they are no words of a shell.

use super::{Facts, blank};
use crate::language::Context;
use crate::language::shell;
use crate::language::sql::{self, SqlDialect};
use crate::runbook::Value;
use crate::template::TemplateError;
use std::collections::BTreeMap;

/// A refusal for each value that would be read there as something else than a
/// value, or a name in the place of one.
pub(super) fn refused(text: &str, facts: &Facts, values: &BTreeMap<String, Value>) -> Vec<TemplateError> {
    if facts.placeholders.is_empty() {
        return Vec::new();
    }
    let prompts: Vec<_> = shell::prompts(text)
        .into_iter()
        .filter_map(|(program, lines)| Some((dialect(&program)?, &text[lines.start..lines.end], lines)))
        .collect();
    let refused = |found: &super::Found| {
        let value = values.get(blank::key(values, found)?)?.text.as_str();
        let (dialect, statements, lines) = prompts.iter().find(|(.., lines)| lines.contains(found.span))?;
        let fits = match sql::places_at(statements, &[found.span.start - lines.start], *dialect)[0].context {
            Context::Bare => is_number(value),
            Context::Identifier => value.split('.').all(is_name),
            _ => true,
        };
        (!fits).then(|| TemplateError::Refused {
            span: found.span,
            reason: format!("in a statement `{value}` would be read as code"),
            help: "put quotes around the placeholder where it stands for a text".to_owned(),
            is_option: false,
        })
    };
    facts.placeholders.iter().filter_map(refused).collect()
}

/// What the client `program` takes for statements.
fn dialect(program: &str) -> Option<SqlDialect> {
    match program {
        "psql" => Some(SqlDialect::Postgres),
        "mysql" | "mariadb" => Some(SqlDialect::Mysql),
        "sqlite3" => Some(SqlDialect::Sqlite),
        _ => None,
    }
}

fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.split('.').count() <= 2
        && digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_name(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
