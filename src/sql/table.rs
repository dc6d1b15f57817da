//! What of a query's rows is shown: all of a short result, the first of a long
//! one.

use super::sheet::Sheet;
use super::value::{Shown, Value, Waiting, grouped, visible};
use crate::effect::{Extent, Output};

/// A value, as a driver gives it that has no better way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// `None` is NULL.
    pub(super) text: Option<String>,
    /// Numbers stand at the right of their column.
    pub(super) numeric: bool,
}

/// How many lines a result may have to be shown whole, and how many are shown
/// of a longer one: a screenful.
#[derive(Debug, Clone, Copy)]
struct Lines {
    whole: usize,
    first: usize,
}

const TABLE: Lines = Lines { whole: 100, first: 40 };
/// Of one value to a line, which a person scrolls through anyway.
const LIST: Lines = Lines { whole: 400, first: 120 };

/// Rows that are looked at before the first is written: the widths are theirs.
const ROWS_ALIGNED: usize = 200;
/// Bytes of rows that wait for more at most.
const BYTES_WAITING: usize = 256 * 1024;
/// Rows that are shown of a result that is judged by what is shown.
pub(super) const ROWS_JUDGED: u64 = 10_000;
/// Bytes of a value that are shown: on a terminal, and of the only row there or
/// where there is no terminal.
const LONG: usize = 2_000;
const LONGEST: usize = 10_000;

/// Lays out rows as they come.
pub(super) struct Table {
    names: Vec<String>,
    waiting: Vec<Vec<Waiting>>,
    waiting_bytes: usize,
    /// Once it is decided how and how many rows are shown.
    sheet: Option<Sheet>,
    rows: u64,
    shown: u64,
    /// Something of the rows is not shown.
    leaves_out: bool,
    extent: Extent,
}

impl Table {
    pub(super) fn new(names: &[String]) -> Self {
        let names = names.iter().map(|name| visible(name).replace('\n', "\\n")).collect();
        Self {
            names,
            waiting: Vec::new(),
            waiting_bytes: 0,
            sheet: None,
            rows: 0,
            shown: 0,
            leaves_out: false,
            extent: Extent::default(),
        }
    }

    /// Whether it has to see the next row, which it otherwise only counts.
    pub(super) fn takes_rows(&self) -> bool {
        self.sheet.is_none() || (self.extent.judged && self.rows < ROWS_JUDGED)
    }

    /// Counts a row that is not shown.
    pub(super) fn count_row(&mut self) {
        self.rows += 1;
        self.leaves_out = true;
    }

    /// Whether the rows must be kept: what is shown of them is not all, or so
    /// much that the rest cannot be waited for.
    pub(super) fn must_be_kept(&self) -> bool {
        self.leaves_out || (self.extent.judged && self.sheet.is_some() && self.rows > ROWS_ALIGNED as u64)
    }

    /// Takes a row and appends to `out` what can be written.
    pub(super) fn row(&mut self, row: Vec<Waiting>, output: &dyn Output, out: &mut String) {
        if self.rows == 0 {
            self.extent = output.extent();
        }
        self.rows += 1;
        if let Some(sheet) = &self.sheet {
            let cells: Vec<Shown> = row.iter().map(|cell| cell.shown(usize::MAX, output)).collect();
            self.shown += 1;
            sheet.row(self.shown, &cells, out);
            return;
        }
        self.waiting_bytes += row.iter().map(Waiting::bytes).sum::<usize>();
        self.waiting.push(row);
        let most = match () {
            () if self.extent.judged => ROWS_ALIGNED,
            () if self.names.len() == 1 => LIST.whole + 1,
            () => TABLE.whole + 1,
        };
        if self.waiting.len() >= most || self.waiting_bytes >= BYTES_WAITING {
            self.settle(self.waiting.len() >= most, output, out);
        }
    }

    /// Appends what waits for more rows, when there will be none.
    pub(super) fn flush(&mut self, output: &dyn Output, out: &mut String) {
        if self.sheet.is_none() {
            self.extent = output.extent();
            self.settle(false, output, out);
        }
    }

    /// Decides how the rows are shown, and appends those that are. Where there
    /// are `many`, they are more than can be shown whole.
    fn settle(&mut self, many: bool, output: &dyn Output, out: &mut String) {
        let waiting = std::mem::take(&mut self.waiting);
        let most = match self.extent {
            Extent { judged: true, .. } => usize::MAX,
            Extent { width: Some(_), .. } if waiting.len() > 1 => LONG,
            Extent { .. } => LONGEST,
        };
        let mut rows: Vec<Vec<Shown>> =
            waiting.iter().map(|row| row.iter().map(|cell| cell.shown(most, output)).collect()).collect();
        let right: Vec<bool> = (0..self.names.len()).map(|index| stands_right(index, &waiting)).collect();
        let width = self.extent.width.filter(|_| !self.extent.judged);
        let mut sheet = Sheet::new(&self.names, &rows, &right, width);
        if !self.extent.judged {
            let most = if sheet.is_list() { LIST } else { TABLE };
            let lines = lines(&sheet, &rows);
            let is_whole = !many && lines.last().is_none_or(|last| *last <= most.whole);
            if !is_whole {
                let fitting = lines.iter().take_while(|line| **line <= most.first).count().max(1);
                self.leaves_out |= fitting < rows.len();
                rows.truncate(fitting);
                sheet = Sheet::new(&self.names, &rows, &right, width);
            }
        }
        sheet.header(out);
        for cells in &rows {
            self.shown += 1;
            sheet.row(self.shown, cells, out);
        }
        self.leaves_out |= rows.iter().flatten().any(|cell| !cell.is_whole);
        self.sheet = Some(sheet);
    }

    /// Appends the count of a table that is written, and gives it. `kept` is
    /// the file that has all of the rows, or the first of them where they were
    /// too many.
    pub(super) fn finish(self, kept: Option<&Kept>, out: &mut String) -> u64 {
        let hidden = self.rows - self.shown;
        let more = match hidden {
            0 => String::new(),
            1 => "1 more row".to_owned(),
            hidden => format!("{} more rows", grouped(hidden)),
        };
        match kept {
            Some(Kept { file, rows: Some(rows) }) => {
                out.push_str(&format!("… {more}; the first {} rows, 1 GiB, are in {file}\n", grouped(*rows)));
            }
            Some(_) if !self.leaves_out => {}
            Some(Kept { file, rows: None }) if hidden == 0 => out.push_str(&format!("… in full in {file}\n")),
            Some(Kept { file, rows: None }) => out.push_str(&format!("… {more}: all are in {file}\n")),
            None if hidden > 0 => out.push_str(&format!("… {more} not shown\n")),
            None => {}
        }
        let rows = if self.rows == 1 { "row" } else { "rows" };
        out.push_str(&format!("({} {rows})\n", self.rows));
        self.rows
    }

    /// As [`finish`](Self::finish), of a statement that failed after some rows.
    pub(super) fn break_off(self, kept: Option<&Kept>, out: &mut String) {
        if self.rows > 0 {
            let place = kept.map(|kept| format!(", in {}", kept.file)).unwrap_or_default();
            let rows = if self.rows == 1 { "row" } else { "rows" };
            out.push_str(&format!("({} {rows} before it ended: not all{place})\n", grouped(self.rows)));
        }
    }
}

/// Where the rows of a result are kept.
pub(super) struct Kept {
    pub(super) file: String,
    /// How many of them, where it is not all.
    pub(super) rows: Option<u64>,
}

impl Waiting {
    /// All values of a row.
    pub(super) fn row(row: &impl super::report::DriverRow) -> Vec<Self> {
        let mut cells = Vec::new();
        row.each(&mut |value: Value<'_>| cells.push(Self::new(value)));
        cells
    }
}

/// Whether a column has numbers in all rows, NULLs left out.
fn stands_right(index: usize, rows: &[Vec<Waiting>]) -> bool {
    let mut values = rows.iter().filter_map(|row| row.get(index)).filter(|cell| !cell.is_null()).peekable();
    values.peek().is_some() && values.all(Waiting::is_numeric)
}

/// How many lines are written up to the end of each row.
fn lines(sheet: &Sheet, rows: &[Vec<Shown>]) -> Vec<usize> {
    let mut text = String::new();
    let mut written = 0;
    let count = |(row, number): (&Vec<Shown>, u64)| {
        text.clear();
        sheet.row(number, row, &mut text);
        written += text.matches('\n').count();
        written
    };
    rows.iter().zip(1..).map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{OutputError, Stream, Waiting as Wait};

    struct Screen(Extent);

    impl Output for Screen {
        fn write(&mut self, _: Stream, _: &[u8]) -> Result<(), OutputError> {
            Ok(())
        }

        fn waiting(&mut self, _: &Wait) {}

        fn extent(&self) -> Extent {
            self.0
        }
    }

    const ANY: Screen = Screen(Extent { width: None, judged: false });

    fn wide(width: usize) -> Screen {
        Screen(Extent { width: Some(width), judged: false })
    }

    fn text(value: &str) -> Waiting {
        Waiting::new(Value { bytes: Some(value.as_bytes()), numeric: false })
    }

    fn number(value: &str) -> Waiting {
        Waiting::new(Value { bytes: Some(value.as_bytes()), numeric: true })
    }

    fn null() -> Waiting {
        Waiting::new(Value { bytes: None, numeric: false })
    }

    fn table(screen: &Screen, names: &[&str], rows: Vec<Vec<Waiting>>) -> String {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut table = Table::new(&names);
        let mut out = String::new();
        for row in rows {
            if table.takes_rows() {
                table.row(row, screen, &mut out);
            } else {
                table.count_row();
            }
        }
        table.flush(screen, &mut out);
        let kept = table.must_be_kept().then(|| Kept { file: "x.csv".to_owned(), rows: None });
        table.finish(kept.as_ref(), &mut out);
        out
    }

    fn numbers(count: u64) -> Vec<Vec<Waiting>> {
        (1..=count).map(|n| vec![number(&n.to_string()), text("x")]).collect()
    }

    #[test]
    fn columns_are_aligned_and_numbers_stand_right() {
        let rows = vec![vec![number("7"), text("a")], vec![number("42"), null()], vec![null(), text("日本")]];
        let expected = "   id   |  name\n--------+--------\n      7 | a\n     42 | (null)\n (null) | 日本\n(3 rows)\n";
        assert_eq!(table(&ANY, &["id", "name"], rows), expected);
    }

    #[test]
    fn an_empty_result_keeps_its_header() {
        assert_eq!(table(&ANY, &["id"], vec![]), " id\n----\n(0 rows)\n");
    }

    #[test]
    fn lines_of_a_cell_are_continued_and_controls_are_shown() {
        let rows = vec![vec![text("a\nbc"), text("x")], vec![text("\u{1b}[2J\t\u{202e}\u{9b}"), text("y")]];
        let out = table(&ANY, &["t", "u"], rows);
        assert!(out.contains(" a                    +| x\n bc                    |\n"), "{out}");
        assert!(out.contains("\\x1B[2J\\t\\u202E\\u009B | y\n"), "{out}");
    }

    #[test]
    fn a_short_result_is_shown_whole_and_a_long_one_by_its_first_rows() {
        let whole = table(&ANY, &["n", "x"], numbers(100));
        assert_eq!(whole.lines().count(), 103);
        assert!(whole.ends_with(" 100 | x\n(100 rows)\n"), "{whole}");
        let first = table(&ANY, &["n", "x"], numbers(1234));
        assert_eq!(first.lines().count(), 44);
        assert!(first.ends_with("\n 40 | x\n… 1,194 more rows: all are in x.csv\n(1234 rows)\n"), "{first}");
    }

    #[test]
    fn what_is_judged_is_shown_whole_and_aligned_however_narrow_the_screen() {
        let judged = Screen(Extent { width: Some(5), judged: true });
        let out = table(&judged, &["number", "letter"], numbers(1234));
        assert_eq!(out.lines().count(), 1237);
        assert!(out.ends_with("   1234 | x\n(1234 rows)\n"), "{out}");
        assert!(out.starts_with(" number | letter\n"), "{out}");
    }

    #[test]
    fn a_table_wider_than_the_screen_is_turned() {
        let rows = || vec![vec![number("1"), text("ready")], vec![number("2"), text("waiting for a lock")]];
        let names = ["id", "state"];
        assert_eq!(table(&wide(25), &names, rows()), table(&ANY, &names, rows()));
        assert_eq!(
            table(&wide(20), &names, rows()),
            "-[ RECORD 1 ]------\nid    | 1\nstate | ready\n-[ RECORD 2 ]------\n\
             id    | 2\nstate | waiting for.\n      |. a lock\n(2 rows)\n"
        );
    }

    #[test]
    fn one_wide_column_is_broken_and_not_turned() {
        let out = table(&wide(14), &["plan"], vec![vec![text("Seq Scan on jobs")], vec![text("  Filter\nx")]]);
        assert_eq!(out, "     plan\n--------------\n Seq Scan on .\n.jobs\n   Filter    +\n x\n(2 rows)\n");
        assert!(out.lines().all(|line| line.len() <= 14));
    }

    #[test]
    fn a_long_value_is_shortened_and_its_rest_is_in_the_file() {
        let out = table(&wide(80), &["a", "b"], vec![vec![text(&"x".repeat(5000)), text("y")], vec![null(), null()]]);
        assert!(out.contains("… (3,000 more bytes)"), "{out}");
        assert!(out.ends_with("… in full in x.csv\n(2 rows)\n"), "{out}");
    }

    #[test]
    fn a_huge_cell_does_not_widen_the_others() {
        let out = table(&ANY, &["t"], vec![vec![text(&"x".repeat(5000))], vec![text("y")]]);
        assert!(out.lines().filter(|line| line.len() > 200).count() == 1, "only the huge one is long");
    }

    #[test]
    fn a_result_without_columns_has_rows_all_the_same() {
        assert_eq!(table(&ANY, &[], vec![vec![], vec![]]), "--\n(2 rows)\n");
    }
}
