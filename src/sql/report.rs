//! What comes of a statement: written as psql writes it, kept, and counted.

use super::csv::Csv;
use super::statement::Statement;
use super::table::{Cell, Kept, Table};
use super::value::{Value, Waiting};
use super::watch::write;
use crate::effect::{Output, StatementResult, Stream};
use std::time::Duration;

/// A row as a driver hands it out.
pub(super) trait DriverRow {
    fn names(&self) -> Vec<String>;

    fn cells(&self) -> Vec<Cell>;

    /// Hands over the values one after the other, as the server wrote them.
    fn each(&self, take: &mut dyn FnMut(Value<'_>)) {
        for cell in self.cells() {
            take(Value { bytes: cell.text.as_deref().map(str::as_bytes), numeric: cell.numeric });
        }
    }
}

/// Writes the rows and the completion of a statement as they come.
pub(super) struct Report<'a> {
    statement: &'a Statement,
    table: Option<Table>,
    csv: Csv,
    result: StatementResult,
    /// The count of the completion, once there is one.
    count: Option<u64>,
}

impl<'a> Report<'a> {
    pub(super) fn new(statement: &'a Statement) -> Self {
        Self { statement, table: None, csv: Csv::default(), result: StatementResult::default(), count: None }
    }

    pub(super) fn row(&mut self, row: &impl DriverRow, output: &mut dyn Output) {
        if self.table.is_none() {
            self.columns(row.names());
        }
        let Some(table) = &mut self.table else { return };
        if self.result.first_row.is_none() {
            let (mut first, mut numeric) = (Vec::new(), Vec::new());
            row.each(&mut |value| {
                first.push(value.bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()));
                numeric.push(value.numeric);
            });
            self.result.first_row = Some(first);
            self.result.numeric = numeric;
        }
        if table.takes_rows() {
            let mut text = String::new();
            table.row(Waiting::row(row), output, &mut text);
            write(output, Stream::Out, &text);
        } else {
            table.count_row();
        }
        if table.must_be_kept() {
            self.csv.keep();
        }
        self.csv.row(row, output);
    }

    /// The names of the columns of the rows that come, or would if there were
    /// any.
    pub(super) fn columns(&mut self, names: Vec<String>) {
        self.table = Some(Table::new(&names));
        self.csv.names(&names);
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

    /// Writes what has come so far, when there will be no more.
    pub(super) fn fail(mut self, output: &mut dyn Output) {
        let mut text = String::new();
        if let Some(mut table) = self.table.take() {
            let kept = self.keep(&mut table, output, &mut text);
            table.break_off(kept.as_ref(), &mut text);
        }
        write(output, Stream::Out, &text);
    }

    /// Writes what is left, and gives the result.
    pub(super) fn finish(mut self, duration: Duration, output: &mut dyn Output) -> StatementResult {
        let mut text = String::new();
        let with_rows = self.table.is_some();
        if let Some(mut table) = self.table.take() {
            let kept = self.keep(&mut table, output, &mut text);
            self.result.rows = Some(table.finish(kept.as_ref(), &mut text));
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

    /// Shows the rows that wait for more, sees to it that all are kept where
    /// they must be, and says where.
    fn keep(&mut self, table: &mut Table, output: &mut dyn Output, text: &mut String) -> Option<Kept> {
        table.flush(output, text);
        if !table.must_be_kept() {
            return None;
        }
        self.csv.keep();
        self.csv.flush(output);
        output.rows_file().map(|file| Kept { file, rows: self.csv.cut_at() })
    }
}
