//! A block's text with its values filled in.

use super::Plan;
use super::place::place;
use crate::language::sql::SqlDialect;
use crate::language::{self, Context};
use crate::runbook::{Block, Class, Value};
use crate::source::{Diagnostic, SourceFile};
use crate::template::{self, Language, Place, Request};
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
        let language = match block.class {
            Class::Sql => Language::Sql(dialect == SqlDialect::Sqlite),
            _ => Language::Shell,
        };
        let request = Request { language, values: self.values, now: self.now, place: &|_, _| Place::Bare };
        template::render(&block.run, &request)
            .map(|rendered| Filled { text: rendered.text, secrets: rendered.secrets })
            .map_err(|errors| errors.into_iter().map(|error| {
                Diagnostic::error("value", place(self.file, block, error.span), error.message)
            }).collect())
    }
}
