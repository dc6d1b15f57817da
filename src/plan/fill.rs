//! A block's text with its values filled in.

use super::place::place;
use super::{Facts, Found, Plan, blank, prompted};
use crate::language::sql::SqlDialect;
use crate::language::{Context, shell, sql};
use crate::runbook::{Block, Class, Value};
use crate::source::{Diagnostic, SourceFile};
use crate::template::{self, Form, Language, Place, Request, Substitution, TemplateError};
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
    /// The variables that it needs set: those that the references are to, and
    /// those that nothing else sets, with their values.
    pub variables: Vec<(String, String)>,
    /// The names whose values it took for what the page leaves open; each once.
    pub took: Vec<String>,
    /// What it leaves open still, in the text it was made from.
    pub open: Vec<Found>,
}

/// Why a block cannot be filled in.
#[derive(Debug, Clone)]
pub struct Unfilled {
    /// A finding for each value that is missing, or that cannot stand where it
    /// would have to.
    pub findings: Vec<Diagnostic>,
    /// What the page leaves open there and whose value cannot stand there, each
    /// with the reason.
    pub refused: Vec<(Found, String)>,
}

impl Filler<'_> {
    /// Fills in a block for the server it will run on; `None` where it is no
    /// SQL, or where the server is not known.
    ///
    /// # Errors
    /// If a value is missing, or cannot stand where it would have to.
    pub fn fill(&self, block: &Block, dialect: Option<SqlDialect>) -> Result<Filled, Unfilled> {
        self.fill_text(block, &block.run, self.plan.facts(block), dialect)
    }

    /// Fills in a text that stands for the block's own, and of which this is
    /// known. What the responder typed is no template.
    ///
    /// # Errors
    /// If a value is missing, or cannot stand where it would have to.
    pub fn fill_text(
        &self,
        block: &Block,
        text: &str,
        facts: &Facts,
        dialect: Option<SqlDialect>,
    ) -> Result<Filled, Unfilled> {
        let is_template = text == block.run && self.plan.is_template(block);
        let mut filled = Filled { text: String::new(), variables: Vec::new(), took: Vec::new(), open: Vec::new() };
        let mut substitutions = Vec::new();
        for found in &facts.placeholders {
            match blank::key(self.values, found) {
                Some(name) => {
                    substitutions.push(Substitution { span: found.span, name: name.to_owned() });
                    take(&mut filled.took, name);
                }
                None => filled.open.push(found.clone()),
            }
        }
        if block.is_shell() {
            let refused = prompted::refused(text, facts, self.values);
            if !refused.is_empty() {
                return Err(self.unfilled(block, text, facts, &refused));
            }
        }
        if !is_template && substitutions.is_empty() {
            text.clone_into(&mut filled.text);
        } else {
            let dialect = dialect.unwrap_or(SqlDialect::Unknown);
            let is_sql = block.is_sql();
            let kinds = |contexts: Vec<Context>| contexts.into_iter().map(kind).collect();
            let places = |text: &str, at: &[usize]| match block.class {
                _ if is_sql => kinds(sql::contexts_at(text, at, dialect)),
                _ if block.is_shell() || block.class == Class::Unknown => kinds(shell::contexts_at(text, at)),
                _ => vec![Place::Elsewhere("a program in another language"); at.len()],
            };
            let language = if is_sql { Language::Sql(form(dialect)) } else { Language::Shell };
            let request = Request { language, values: self.values, now: self.now, places: &places };
            let rendered = template::substitute(text, &substitutions, is_template, &request);
            let rendered = rendered.map_err(|errors| self.unfilled(block, text, facts, &errors))?;
            filled.text = rendered.text;
            filled.variables = rendered.secrets;
        }
        for found in &facts.unset {
            match self.values.get(&found.name) {
                Some(value) => {
                    filled.variables.push((found.name.clone(), value.text.clone()));
                    take(&mut filled.took, &found.name);
                }
                None => filled.open.push(found.clone()),
            }
        }
        filled.open.sort_by_key(|found| found.span);
        Ok(filled)
    }

    fn unfilled(&self, block: &Block, text: &str, facts: &Facts, errors: &[TemplateError]) -> Unfilled {
        let placeholder = |error: &TemplateError| facts.placeholders.iter().find(|found| found.span == error.span());
        let refused = |error: &TemplateError| Some((placeholder(error)?.clone(), error.to_string()));
        let finding = |error: &TemplateError| match placeholder(error) {
            None => self.diagnostic(block, error),
            Some(found) => {
                let span = if text == block.run { place(self.file, block, found.span) } else { block.span };
                let message = format!("`{}` cannot be filled in: {error}", found.text);
                Diagnostic::error("placeholder", span, message)
                    .with_help("give another value, or edit the block to say what is meant")
            }
        };
        Unfilled {
            findings: errors.iter().map(finding).collect(),
            refused: errors.iter().filter_map(refused).collect(),
        }
    }
}

/// Adds a name, once.
fn take(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|other| other == name) {
        names.push(name.to_owned());
    }
}

impl Filler<'_> {
    fn diagnostic(&self, block: &Block, error: &TemplateError) -> Diagnostic {
        let span = place(self.file, block, error.span());
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
