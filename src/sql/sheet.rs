//! Rows as psql lays them out: aligned in columns, or, where those would be
//! wider than the screen, turned so that each value has a line (`\x auto`).

use super::value::Shown;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Where nothing limits a line, columns are padded up to this width; what is
/// wider runs over.
const WIDEST: usize = 120;
/// However narrow the screen, a value's lines are as wide as this.
const NARROWEST: usize = 8;
/// What psql marks a line with that goes on after a line end, and one that is
/// broken.
const GOES_ON: char = '+';
const BROKEN: char = '.';

/// How the rows of a result are laid out, decided by the first of them.
pub(super) struct Sheet {
    names: Vec<String>,
    form: Form,
}

enum Form {
    Aligned { columns: Vec<Column>, fold: bool },
    Turned { names: usize, values: usize, fold: Option<usize> },
}

/// A column of the aligned form.
struct Column {
    width: usize,
    right: bool,
}

impl Sheet {
    /// For these rows, on a screen so wide; `right` tells which columns hold
    /// numbers.
    pub(super) fn new(names: &[String], rows: &[Vec<Shown>], right: &[bool], width: Option<usize>) -> Self {
        let mut columns: Vec<Column> = names
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let cells = rows.iter().filter_map(|row| row.get(index)).map(Shown::width);
                let width = cells.chain([name.width()]).max().unwrap_or(0);
                Column { width, right: right.get(index).copied().unwrap_or(false) }
            })
            .collect();
        let whole: usize = columns.iter().map(|column| column.width + 3).sum();
        let form = match (width, columns.as_mut_slice()) {
            (Some(width), columns) if whole.saturating_sub(1) <= width => {
                Form::Aligned { columns: columns.iter().map(Column::copied).collect(), fold: false }
            }
            // A plan or a definition in one column is read from top to bottom.
            (Some(width), [column]) => {
                column.width = width.saturating_sub(2).max(NARROWEST);
                Form::Aligned { columns: vec![column.copied()], fold: true }
            }
            (Some(width), _) => turned(names, rows, width),
            (None, columns) => {
                for column in &mut *columns {
                    column.width = column.width.min(WIDEST);
                }
                Form::Aligned { columns: columns.iter().map(Column::copied).collect(), fold: false }
            }
        };
        Self { names: names.to_vec(), form }
    }

    /// Whether each value has a line of its own, or each row has but one value.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.form, Form::Turned { .. }) || self.names.len() == 1
    }

    pub(super) fn header(&self, out: &mut String) {
        let Form::Aligned { columns, .. } = &self.form else { return };
        for (index, (column, name)) in columns.iter().zip(&self.names).enumerate() {
            out.push_str(if index == 0 { " " } else { "| " });
            let space = column.width.saturating_sub(name.width());
            pad(space / 2, out);
            out.push_str(name);
            if index + 1 < self.names.len() {
                pad(space - space / 2 + 1, out);
            }
        }
        if !columns.is_empty() {
            out.push('\n');
        }
        let rules: Vec<String> = columns.iter().map(|column| "-".repeat(column.width + 2)).collect();
        out.push_str(&rules.join("+"));
        if columns.is_empty() {
            out.push_str("--");
        }
        out.push('\n');
    }

    /// The row of this number, from 1.
    pub(super) fn row(&self, number: u64, cells: &[Shown], out: &mut String) {
        match &self.form {
            Form::Aligned { columns, .. } if columns.is_empty() => {}
            Form::Aligned { columns, fold: true } => folded_row(&columns[0], cells, out),
            Form::Aligned { columns, fold: false } => aligned_row(columns, cells, out),
            Form::Turned { names, values, fold } => {
                record(number, *names, *values, out);
                for (name, cell) in self.names.iter().zip(cells) {
                    out.push_str(name);
                    pad(names.saturating_sub(name.width()), out);
                    turned_value(cell, *names, *values, *fold, out);
                }
            }
        }
    }
}

impl Column {
    fn copied(&self) -> Self {
        Self { width: self.width, right: self.right }
    }
}

fn turned(names: &[String], rows: &[Vec<Shown>], width: usize) -> Form {
    let of_names = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let of_values = rows.iter().flatten().map(Shown::width).max().unwrap_or(0);
    // A bar between spaces, and the mark of a broken line.
    let room = width.saturating_sub(of_names + 3).max(NARROWEST);
    let fold = (of_values > room).then_some(room - 1);
    Form::Turned { names: of_names, values: fold.unwrap_or(of_values), fold }
}

/// `-[ RECORD 1 ]-+-----`, as psql draws it.
fn record(number: u64, names: usize, values: usize, out: &mut String) {
    let title = format!("-[ RECORD {number} ]");
    out.push_str(&title);
    let mut line = String::new();
    for _ in 0..names + 1 {
        line.push('-');
    }
    line.push('+');
    for _ in 0..values + 1 {
        line.push('-');
    }
    out.extend(line.chars().skip(title.len()));
    out.push('\n');
}

fn turned_value(cell: &Shown, names: usize, values: usize, fold: Option<usize>, out: &mut String) {
    let last = cell.lines.len() - 1;
    for (index, line) in cell.lines.iter().enumerate() {
        let pieces = pieces(line, fold);
        let broken = pieces.len() - 1;
        for (at, piece) in pieces.iter().enumerate() {
            if index + at > 0 {
                pad(names, out);
            }
            out.push_str(" |");
            out.push(if at > 0 { BROKEN } else { ' ' });
            out.push_str(piece);
            if let Some(mark) = mark(at < broken, index < last) {
                pad(values.saturating_sub(piece.width()), out);
                out.push(mark);
            }
            out.push('\n');
        }
    }
}

/// How a line of a value ends that is broken, or is not its last.
fn mark(broken: bool, goes_on: bool) -> Option<char> {
    if broken { Some(BROKEN) } else { goes_on.then_some(GOES_ON) }
}

/// A cell of several lines takes several lines of the table, each but its
/// last marked with `+`.
fn aligned_row(layout: &[Column], cells: &[Shown], out: &mut String) {
    let height = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(1);
    for line in 0..height {
        for (index, (column, cell)) in layout.iter().zip(cells).enumerate() {
            let text = cell.lines.get(line).map_or("", String::as_str);
            let space = column.width.saturating_sub(text.width());
            let goes_on = line + 1 < cell.lines.len();
            let last = index + 1 == layout.len();
            if index > 0 {
                out.push('|');
            }
            if !(last && text.is_empty() && !goes_on) {
                out.push(' ');
            }
            if column.right {
                pad(space, out);
            }
            out.push_str(text);
            if !column.right && (goes_on || !last) {
                pad(space, out);
            }
            if goes_on {
                out.push(GOES_ON);
            } else if !last {
                out.push(' ');
            }
        }
        out.push('\n');
    }
}

/// The only cell of a row, broken where it is wider than its column.
fn folded_row(column: &Column, cells: &[Shown], out: &mut String) {
    for cell in cells {
        let last = cell.lines.len() - 1;
        for (index, line) in cell.lines.iter().enumerate() {
            let pieces = pieces(line, Some(column.width));
            let broken = pieces.len() - 1;
            for (at, piece) in pieces.iter().enumerate() {
                let mark = mark(at < broken, index < last);
                if at > 0 {
                    out.push(BROKEN);
                } else if !piece.is_empty() || mark.is_some() {
                    out.push(' ');
                }
                out.push_str(piece);
                if let Some(mark) = mark {
                    pad(column.width.saturating_sub(piece.width()), out);
                    out.push(mark);
                }
                out.push('\n');
            }
        }
    }
}

/// `line` in pieces of at most so many columns; at least one.
fn pieces(line: &str, columns: Option<usize>) -> Vec<&str> {
    let Some(columns) = columns else { return vec![line] };
    let mut pieces = Vec::new();
    let (mut start, mut width) = (0, 0);
    for (at, c) in line.char_indices() {
        let wide = c.width().unwrap_or(0);
        if width + wide > columns && at > start {
            pieces.push(&line[start..at]);
            (start, width) = (at, 0);
        }
        width += wide;
    }
    pieces.push(&line[start..]);
    pieces
}

fn pad(width: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', width));
}
