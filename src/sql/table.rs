//! A query's rows as an aligned table, as psql prints it.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Rows that are read before the first is written: the widths are theirs.
const ROWS_ALIGNED: usize = 200;
/// Bytes of cells that are read before the first row is written.
const BYTES_ALIGNED: usize = 256 * 1024;
/// Columns are padded up to this width; what is wider runs over.
const WIDEST: usize = 120;
/// Rows that are written of one result. The rest are counted.
pub(super) const ROWS_WRITTEN: u64 = 10_000;
/// What stands for NULL: no type prints this for a value but text that says
/// just that.
const NULL: &str = "(null)";

/// A value, as the server writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// `None` is NULL.
    pub(super) text: Option<String>,
    /// Numbers stand at the right of their column.
    pub(super) numeric: bool,
}

/// Lays out rows as they come, without keeping them.
pub(super) struct Table {
    names: Vec<String>,
    waiting: Vec<Vec<Cell>>,
    waiting_bytes: usize,
    layout: Option<Vec<Column>>,
    rows: u64,
}

/// How a column is laid out, decided by the first rows.
struct Column {
    width: usize,
    right: bool,
}

impl Table {
    pub(super) fn new(names: &[String]) -> Self {
        let names = names.iter().map(|name| visible(name).replace('\n', "\\n")).collect();
        Self { names, waiting: Vec::new(), waiting_bytes: 0, layout: None, rows: 0 }
    }

    /// Whether the next row will be written, or only counted.
    pub(super) fn writes_rows(&self) -> bool {
        self.rows < ROWS_WRITTEN
    }

    /// Counts a row that is not written.
    pub(super) fn count_row(&mut self) {
        self.rows += 1;
    }

    /// Takes a row and appends to `out` what can be written.
    pub(super) fn row(&mut self, mut cells: Vec<Cell>, out: &mut String) {
        self.rows += 1;
        for text in cells.iter_mut().filter_map(|cell| cell.text.as_mut()) {
            *text = visible(text);
        }
        if let Some(layout) = &self.layout {
            write_row(layout, &cells, out);
            return;
        }
        self.waiting_bytes += cells.iter().filter_map(|cell| cell.text.as_ref()).map(String::len).sum::<usize>();
        self.waiting.push(cells);
        if self.waiting.len() >= ROWS_ALIGNED || self.waiting_bytes >= BYTES_ALIGNED {
            self.flush(out);
        }
    }

    /// Appends what was not yet written.
    pub(super) fn flush(&mut self, out: &mut String) {
        if self.layout.is_some() {
            return;
        }
        let waiting = std::mem::take(&mut self.waiting);
        let layout: Vec<Column> = self.names.iter().enumerate().map(|(i, name)| column(i, name, &waiting)).collect();
        write_header(&layout, &self.names, out);
        for cells in &waiting {
            write_row(&layout, cells, out);
        }
        self.layout = Some(layout);
    }

    /// Appends the rest of the table and the count; says the count.
    pub(super) fn finish(mut self, out: &mut String) -> u64 {
        self.flush(out);
        if self.rows > ROWS_WRITTEN {
            out.push_str(&format!("… {} more rows not shown\n", grouped(self.rows - ROWS_WRITTEN)));
        }
        let rows = if self.rows == 1 { "row" } else { "rows" };
        out.push_str(&format!("({} {rows})\n", self.rows));
        self.rows
    }
}

fn column(index: usize, name: &str, rows: &[Vec<Cell>]) -> Column {
    let cells = || rows.iter().filter_map(|row| row.get(index));
    let lines = cells().flat_map(|cell| cell.text.as_deref().unwrap_or(NULL).split('\n'));
    let width = lines.map(UnicodeWidthStr::width).chain([name.width()]).max().unwrap_or(0);
    let mut values = cells().filter(|cell| cell.text.is_some()).peekable();
    let right = values.peek().is_some() && values.all(|cell| cell.numeric);
    Column { width: width.min(WIDEST), right }
}

fn write_header(layout: &[Column], names: &[String], out: &mut String) {
    for (index, (column, name)) in layout.iter().zip(names).enumerate() {
        out.push_str(if index == 0 { " " } else { "| " });
        let space = column.width.saturating_sub(name.width());
        pad(space / 2, out);
        out.push_str(name);
        if index + 1 < names.len() {
            pad(space - space / 2 + 1, out);
        }
    }
    out.push('\n');
    let rules: Vec<String> = layout.iter().map(|column| "-".repeat(column.width + 2)).collect();
    out.push_str(&rules.join("+"));
    if layout.is_empty() {
        out.push_str("--");
    }
    out.push('\n');
}

/// A cell of several lines takes several lines of the table, each but its
/// last marked with `+`.
fn write_row(layout: &[Column], cells: &[Cell], out: &mut String) {
    let mut lines: Vec<_> =
        cells.iter().map(|cell| cell.text.as_deref().unwrap_or(NULL).split('\n').peekable()).collect();
    loop {
        for (index, (column, cell)) in layout.iter().zip(&mut lines).enumerate() {
            let text = cell.next().unwrap_or("");
            let space = column.width.saturating_sub(text.width());
            let goes_on = cell.peek().is_some();
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
                out.push('+');
            } else if !last {
                out.push(' ');
            }
        }
        out.push('\n');
        if lines.iter_mut().all(|cell| cell.peek().is_none()) {
            return;
        }
    }
}

fn pad(width: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', width));
}

/// `text` with all but its newlines and what a terminal shows as it is
/// written out: `\t`, `\x1B`, `\u202E`.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push(c),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_ascii_control() => out.push_str(&format!("\\x{:02X}", u32::from(c))),
            c if hidden(c) => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Characters that move or hide others: C1 controls, zero-width and
/// bidirectional ones.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
        || (c.width() == Some(0) && matches!(c, '\u{e0000}'..='\u{e007f}'))
}

/// `990,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Cell {
        Cell { text: Some(value.to_owned()), numeric: false }
    }

    fn number(value: &str) -> Cell {
        Cell { text: Some(value.to_owned()), numeric: true }
    }

    fn null() -> Cell {
        Cell { text: None, numeric: false }
    }

    fn table(names: &[&str], rows: Vec<Vec<Cell>>) -> String {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut table = Table::new(&names);
        let mut out = String::new();
        for row in rows {
            table.row(row, &mut out);
        }
        table.finish(&mut out);
        out
    }

    #[test]
    fn columns_are_aligned_and_numbers_stand_right() {
        let rows = vec![vec![number("7"), text("a")], vec![number("42"), null()], vec![null(), text("日本")]];
        let expected = "   id   |  name\n--------+--------\n      7 | a\n     42 | (null)\n (null) | 日本\n(3 rows)\n";
        assert_eq!(table(&["id", "name"], rows), expected);
    }

    #[test]
    fn an_empty_result_keeps_its_header() {
        assert_eq!(table(&["id"], vec![]), " id\n----\n(0 rows)\n");
    }

    #[test]
    fn lines_of_a_cell_are_continued_and_controls_are_shown() {
        let rows = vec![vec![text("a\nbc"), text("x")], vec![text("\u{1b}[2J\t\u{202e}\u{9b}"), text("y")]];
        let out = table(&["t", "u"], rows);
        assert!(out.contains(" a                    +| x\n bc                    |\n"), "{out}");
        assert!(out.contains("\\x1B[2J\\t\\u202E\\u009B | y\n"), "{out}");
    }

    #[test]
    fn rows_beyond_the_limit_are_counted() {
        let names = ["n".to_owned()];
        let mut table = Table::new(&names);
        let mut out = String::new();
        for n in 0..ROWS_WRITTEN + 1234 {
            if table.writes_rows() {
                table.row(vec![number(&n.to_string())], &mut out);
            } else {
                table.count_row();
            }
        }
        assert_eq!(table.finish(&mut out), ROWS_WRITTEN + 1234);
        assert!(out.ends_with("9999\n… 1,234 more rows not shown\n(11234 rows)\n"), "{}", &out[out.len() - 80..]);
    }

    #[test]
    fn a_huge_cell_does_not_widen_the_others() {
        let out = table(&["t"], vec![vec![text(&"x".repeat(5000))], vec![text("y")]]);
        assert!(out.lines().filter(|line| line.len() > 200).count() == 1, "only the huge one is long");
    }
}
