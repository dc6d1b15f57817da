//! What comes of a statement: written as psql writes it, and counted.

use super::statement::Statement;
use super::table::{Cell, Table};
use super::watch::write;
use crate::effect::{Output, StatementResult, Stream};
use std::time::Duration;

/// A row as a driver hands it out.
pub(super) trait DriverRow {
    fn names(&self) -> Vec<String>;

    fn cells(&self) -> Vec<Cell>;
}

/// Writes the rows and the completion of a statement as they come.
pub(super) struct Report<'a> {
    statement: &'a Statement,
    table: Option<Table>,
    result: StatementResult,
    /// The count of the completion, once there is one.
    count: Option<u64>,
}

impl<'a> Report<'a> {
    pub(super) fn new(statement: &'a Statement) -> Self {
        Self { statement, table: None, result: StatementResult::default(), count: None }
    }

    pub(super) fn row(&mut self, row: &impl DriverRow, output: &mut dyn Output) {
        if self.table.is_none() {
            self.columns(row.names());
        }
        let Some(table) = &mut self.table else { return };
        if !table.writes_rows() {
            table.count_row();
            return;
        }
        let cells = row.cells();
        if self.result.first_row.is_none() {
            self.result.first_row = Some(cells.iter().map(|cell| cell.text.clone()).collect());
        }
        let mut text = String::new();
        table.row(cells, &mut text);
        write(output, Stream::Out, &text);
    }

    /// The names of the columns of the rows that come, or would if there were
    /// any.
    pub(super) fn columns(&mut self, names: Vec<String>) {
        self.table = Some(Table::new(&names));
        self.result.columns = names;
    }

    /// The server says that the statement is done.
    pub(super) fn complete(&mut self, count: u64) {
        self.count = Some(count);
    }

    /// Whether the names of the columns must be asked for: drivers do not tell
    /// them where there are no rows.
    pub(super) fn wants_columns(&self) -> bool {
        self.table.is_none() && self.count.is_some() && self.statement.may_return_rows()
    }

    /// Writes the rows that wait for more, when there will be none.
    pub(super) fn fail(mut self, output: &mut dyn Output) {
        if let Some(table) = &mut self.table {
            let mut text = String::new();
            table.flush(&mut text);
            write(output, Stream::Out, &text);
        }
    }

    /// Writes what is left, and gives the result.
    pub(super) fn finish(mut self, duration: Duration, output: &mut dyn Output) -> StatementResult {
        let mut text = String::new();
        let with_rows = self.table.is_some();
        if let Some(table) = self.table.take() {
            self.result.rows = Some(table.finish(&mut text));
        }
        if let Some(count) = self.count {
            let changes = self.statement.changes_rows();
            // What these run is not told by their text.
            let runs_others = matches!(self.statement.verb(), "EXECUTE" | "CALL");
            if changes || (runs_others && !with_rows && count > 0) {
                self.result.affected = Some(count);
            }
            if changes || !with_rows {
                text.push_str(&self.statement.tag(count));
                text.push('\n');
            }
        }
        write(output, Stream::Out, &text);
        self.result.duration = duration;
        self.result
    }
}
