//! A block's text with its values filled in.

use super::Plan;
use super::place::Places;
use crate::language::sql::{SqlDialect, sql_context};
use crate::language::{Context, shell};
use crate::runbook::{Block, Value};
use crate::source::{Diagnostic, SourceFile};
use crate::template::{self, Form, Language, Place, Request, TemplateError};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What blocks of a page are filled with.
pub struct Filler<'a> {
    /// The page.
    pub file: &'a SourceFile,
    /// What is known of it.
    pub plan: &'a Plan,
    /// The values of its variables.
    pub values: &'a BTreeMap<String, Value>,
    /// What `now()` gives.
    pub now: Timestamp,
}

/// A block as it will run.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Its text. Secrets stand in it only as references.
    pub text: String,
    /// The variables that the references are to, with their values.
    pub secrets: Vec<(String, String)>,
}

impl Filler<'_> {
    /// Fills in a block for the server it will run on; `None` where it is no
    /// SQL, or where the server is not known.
    ///
    /// # Errors
    /// With a finding for each value that is missing, or that cannot stand
    /// where it would have to.
    pub fn fill(&self, block: &Block, dialect: Option<SqlDialect>) -> Result<Filled, Vec<Diagnostic>> {
        if !self.plan.is_template(block) {
            return Ok(Filled { text: block.run.clone(), secrets: Vec::new() });
        }
        let dialect = dialect.unwrap_or(SqlDialect::Unknown);
        let is_sql = block.is_sql();
        let language = if is_sql { Language::Sql(form(dialect)) } else { Language::Shell };
        let place_of = |text: &str, at: usize| {
            kind(if is_sql { sql_context(text, at, dialect) } else { shell::shell_context(text, at) })
        };
        let request = Request { language, values: self.values, now: self.now, place: &place_of };
        match template::render(&block.run, &request) {
            Ok(rendered) => Ok(Filled { text: rendered.text, secrets: rendered.secrets }),
            Err(errors) => {
                let places = Places::new(self.file, block);
                Err(errors.iter().map(|error| self.diagnostic(&places, error)).collect())
            }
        }
    }
}

impl Filler<'_> {
    fn diagnostic(&self, places: &Places<'_>, error: &TemplateError) -> Diagnostic {
        let span = places.of(error.span());
        let diagnostic = Diagnostic { span, ..error.diagnostic(0) };
        match error {
            TemplateError::Undefined { name, .. } if self.plan.runbook.front_matter.variables.contains_key(name) => {
                diagnostic.with_help(format!("give it with --var {name}=VALUE, or run in a terminal to be asked"))
            }
            _ => diagnostic,
        }
    }
}

/// How the server writes a timestamp; one that is not known is taken for a
/// Postgres, whose form says its time zone.
fn form(dialect: SqlDialect) -> Form {
    match dialect {
        SqlDialect::Sqlite => Form::Sqlite,
        SqlDialect::Postgres | SqlDialect::Mysql | SqlDialect::Unknown => Form::Postgres,
    }
}

/// What the lexers call a context, in the words of the templates.
fn kind(context: Context) -> Place {
    match context {
        Context::Bare => Place::Bare,
        Context::Command => Place::Command,
        Context::SingleQuoted => Place::SingleQuoted,
        Context::DoubleQuoted => Place::DoubleQuoted,
        Context::EscapeQuoted => Place::EscapeQuoted,
        Context::Heredoc => Place::Heredoc,
        Context::QuotedHeredoc => Place::QuotedHeredoc,
        Context::Identifier => Place::Name,
        Context::HeredocDelimiter => Place::Elsewhere("the word that ends a here-document"),
        Context::Comment => Place::Elsewhere("a comment"),
        Context::Backticks => Place::Elsewhere("backticks, which are read twice"),
        Context::Evaluated => Place::Elsewhere("text that the shell reads a second time"),
        Context::Arithmetic => Place::Elsewhere("arithmetic"),
        Context::Expansion => Place::Elsewhere("an expansion"),
        Context::DollarQuoted => Place::Elsewhere("a dollar-quoted string"),
        Context::ClientCommand => Place::Elsewhere("a command of the database's client"),
    }
}
