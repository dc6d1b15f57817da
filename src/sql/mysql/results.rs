//! What a statement gives. A procedure gives one result after the other.

use crate::effect::{Output, StatementResult};
use crate::sql::report::Report;
use crate::sql::statement::Statement;
use sqlx::mysql::MySqlRow;
use std::time::Duration;

/// Writes the results of a statement as they come.
pub(super) struct Results<'a> {
    statement: &'a Statement,
    report: Report<'a>,
    /// Rows of the result at hand.
    rows: u64,
    /// The server has said that the result at hand is over.
    is_over: bool,
    /// The last one before it that had rows.
    before: Option<StatementResult>,
}

impl<'a> Results<'a> {
    pub(super) fn new(statement: &'a Statement) -> Self {
        Self { statement, report: Report::new(statement), rows: 0, is_over: false, before: None }
    }

    pub(super) fn row(&mut self, row: &MySqlRow, output: &mut dyn Output) {
        self.go_on(output);
        self.rows += 1;
        self.report.row(row, output);
    }

    /// The server says that a result is over, and how many rows it changed.
    pub(super) fn complete(&mut self, affected: u64, output: &mut dyn Output) {
        self.go_on(output);
        // What was changed by a statement with RETURNING is what it returns;
        // the server says 0.
        let returned = if self.statement.changes_rows() { self.rows } else { 0 };
        self.report.complete(affected.max(returned));
        self.is_over = true;
    }

    /// Begins the next result where the one at hand is over.
    fn go_on(&mut self, output: &mut dyn Output) {
        if !self.is_over {
            return;
        }
        let report = std::mem::replace(&mut self.report, Report::new(self.statement));
        let result = report.finish(Duration::ZERO, output);
        if result.rows.is_some() {
            self.before = Some(result);
        }
        (self.rows, self.is_over) = (0, false);
    }

    /// Whether the names of the columns must be asked for.
    pub(super) fn wants_columns(&self) -> bool {
        self.before.is_none() && self.report.wants_columns()
    }

    pub(super) fn columns(&mut self, names: Vec<String>) {
        self.report.columns(names);
    }

    /// Writes the rows that wait for more, when there will be none.
    pub(super) fn fail(self, output: &mut dyn Output) {
        self.report.fail(output);
    }

    /// Writes what is left, and gives the result.
    pub(super) fn finish(self, duration: Duration, output: &mut dyn Output) -> StatementResult {
        let last = self.report.finish(duration, output);
        match self.before {
            Some(before) if last.rows.is_none() => {
                StatementResult { affected: last.affected, duration: last.duration, ..before }
            }
            _ => last,
        }
    }
}
