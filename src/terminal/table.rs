//! Tables of a page, aligned and folded to the width.

use super::style::{self, Span};
use super::wrap;
use pulldown_cmark::Alignment;

/// Between two columns.
const GAP: usize = 2;

/// A table as it is read, row by row; the first row is its head.
pub(super) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<Vec<Span>>>,
    row: Vec<Vec<Span>>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Self { alignments, rows: Vec::new(), row: Vec::new() }
    }

    pub(super) fn cell(&mut self, cell: Vec<Span>) {
        self.row.push(cell);
    }

    pub(super) fn end_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
    }

    /// The table in at most `room` columns. Where its columns would become
    /// too narrow to read, each row becomes a list of `head: cell`.
    pub(super) fn lines(self, room: usize) -> Vec<Vec<Span>> {
        match self.widths(room) {
            Some(widths) => self.grid(&widths),
            None => self.records(room),
        }
    }

    /// The width of each column, or `None` where there is no room for them.
    fn widths(&self, room: usize) -> Option<Vec<usize>> {
        let count = self.alignments.len();
        let mut widths = vec![1; count];
        for cells in &self.rows {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(wrap::width(cell));
            }
        }
        let room = room.checked_sub(GAP * count.saturating_sub(1))?;
        let mut total: usize = widths.iter().sum();
        while total > room {
            let widest = widths.iter_mut().max()?;
            if *widest <= NARROWEST_COLUMN {
                return None;
            }
            *widest -= 1;
            total -= 1;
        }
        Some(widths)
    }

    fn grid(&self, widths: &[usize]) -> Vec<Vec<Span>> {
        let mut lines = Vec::new();
        for (number, cells) in self.rows.iter().enumerate() {
            let mut folded: Vec<Vec<Vec<Span>>> = Vec::new();
            for (width, cell) in widths.iter().zip(cells) {
                let cell = if number == 0 { strong(cell) } else { cell.clone() };
                // A word that is wider than its column is broken: the columns
                // after it must stay where they are.
                let parts = wrap::words(&cell, *width);
                folded.push(parts.iter().flat_map(|part| wrap::cells(part, Some(*width))).collect());
            }
            let height = folded.iter().map(Vec::len).max().unwrap_or(0);
            for at in 0..height {
                let mut line = Vec::new();
                for (column, width) in widths.iter().enumerate() {
                    if column > 0 {
                        line.push(Span::plain(" ".repeat(GAP)));
                    }
                    let part = folded.get(column).and_then(|parts| parts.get(at)).cloned().unwrap_or_default();
                    line.extend(aligned(part, *width, self.alignments[column]));
                }
                lines.push(line);
            }
            if number == 0 {
                let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
                lines.push(vec![Span::new(rules.join(&" ".repeat(GAP)), style::QUIET)]);
            }
        }
        lines
    }

    fn records(mut self, room: usize) -> Vec<Vec<Span>> {
        let mut lines = Vec::new();
        let head = if self.rows.is_empty() { Vec::new() } else { self.rows.remove(0) };
        for (number, cells) in self.rows.iter().enumerate() {
            if number > 0 {
                lines.push(Vec::new());
            }
            for (title, cell) in head.iter().zip(cells) {
                let mut spans = strong(title);
                spans.push(Span::new(": ", style::STRONG));
                spans.extend(cell.iter().cloned());
                lines.extend(wrap::words(&spans, room));
            }
        }
        lines
    }
}

/// A column narrower than this cannot be read.
const NARROWEST_COLUMN: usize = 8;

fn strong(cell: &[Span]) -> Vec<Span> {
    cell.iter().map(|span| Span::new(span.text.clone(), span.style.bold())).collect()
}

fn aligned(part: Vec<Span>, width: usize, alignment: Alignment) -> Vec<Span> {
    let free = width.saturating_sub(wrap::width(&part));
    let before = match alignment {
        Alignment::Right => free,
        Alignment::Center => free / 2,
        Alignment::Left | Alignment::None => 0,
    };
    let mut line = vec![Span::plain(" ".repeat(before))];
    line.extend(part);
    line.push(Span::plain(" ".repeat(free - before)));
    line
}
