//! A block's text with its values filled in.

use super::place::place;
use super::{Facts, Found, Plan, blank, prompted};
use crate::language::sql::SqlDialect;
use crate::language::{shell, sql};
use crate::runbook::{Block, Class, Value};
use crate::source::{Context, Diagnostic, Limit, Place, SourceFile};
use crate::template::{self, Form, Language, Request, Substitution, TemplateError};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What blocks of a page are filled with.
pub struct Filler<'a> {
    /// The page.
    pub file: &'a SourceFile,
    /// What is known of it.
    pub plan: &'a Plan,
    /// The values of its variables.
    pub values: &'a BTreeMap<String, Value>,
    /// Names of values that are meant to be read as options.
    pub options: &'a BTreeSet<String>,
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
    /// What the page leaves open there and whose value cannot stand there.
    pub refused: Vec<Refused>,
}

/// Something that the page leaves open, with a value that cannot stand there.
#[derive(Debug, Clone)]
pub struct Refused {
    /// What it is.
    pub found: Found,
    /// Why not, and the safe form.
    pub reason: String,
    /// Only because the value would be read as an option.
    pub is_option: bool,
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
                    let may_be_option = self.options.contains(name);
                    substitutions.push(Substitution { span: found.span, name: name.to_owned(), may_be_option });
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
            let places = |text: &str, at: &[usize]| match block.class {
                _ if is_sql => sql::places_at(text, at, dialect),
                _ if block.is_shell() || block.class == Class::Unknown => self.places_in_shell(block, text, at),
                _ => vec![Context::Foreign.into(); at.len()],
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
        let refused = |error: &TemplateError| {
            let reason = match error.help() {
                Some(help) => format!("{error}; {help}"),
                None => error.to_string(),
            };
            let is_option = matches!(error, TemplateError::Refused { is_option: true, .. });
            Some(Refused { found: placeholder(error)?.clone(), reason, is_option })
        };
        let finding = |error: &TemplateError| match placeholder(error) {
            None => self.diagnostic(block, error),
            Some(found) => {
                let span = if text == block.run { place(self.file, block, found.span) } else { block.span };
                let message = format!("`{}` cannot be filled in: {error}", found.text);
                let help = error.help().unwrap_or_else(|| "give another value, or edit the block".to_owned());
                Diagnostic::error("placeholder", span, message).with_help(help)
            }
        };
        Unfilled {
            findings: errors.iter().map(finding).collect(),
            refused: errors.iter().filter_map(refused).collect(),
        }
    }
}

impl Filler<'_> {
    /// The places of a text that a shell reads. Not every one quotes as bash
    /// does.
    fn places_in_shell(&self, block: &Block, text: &str, at: &[usize]) -> Vec<Place> {
        let mut places = shell::places_at(text, at);
        let interpreter = self.plan.facts(block).interpreter_name();
        if !matches!(interpreter.as_str(), "bash" | "sh" | "zsh") {
            places.iter_mut().for_each(|place| place.limit = Some(Limit::ReadAgain(interpreter.clone())));
        }
        places
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
        SqlDialect::Mysql => Form::Mysql,
        SqlDialect::Postgres | SqlDialect::Unknown => Form::Postgres,
    }
}
