//! A result's rows as CSV, for the record.
//!
//! RFC 4180 as PostgreSQL writes it: NULL is nothing between the commas, an
//! empty text is `""`. What the server sent goes into one buffer that is used
//! again and again, and nothing is kept of it.

use super::report::DriverRow;
use super::value::Value;
use crate::effect::Output;

/// Bytes that are handed on together.
const PIECE: usize = 64 * 1024;
/// What is kept of one result at most, in bytes.
const LIMIT: u64 = 1 << 30;

/// Rows on their way to the record; held back until it is known whether what
/// is shown is all of them.
pub(super) struct Csv {
    buffer: Vec<u8>,
    /// Rows that end in the buffer.
    ready: u64,
    /// Rows so far.
    rows: u64,
    /// Bytes handed on.
    bytes: u64,
    most: u64,
    columns: usize,
    kept: bool,
    full: bool,
}

impl Default for Csv {
    fn default() -> Self {
        Self { buffer: Vec::new(), ready: 0, rows: 0, bytes: 0, most: LIMIT, columns: 0, kept: false, full: false }
    }
}

impl Csv {
    /// The names of the columns, before the first row.
    pub(super) fn names(&mut self, names: &[String]) {
        self.columns = names.len();
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                self.buffer.push(b',');
            }
            field(name.as_bytes(), self.columns == 1, &mut self.buffer);
        }
        self.buffer.push(b'\n');
    }

    /// From now on what comes, and what has come, goes to the record.
    pub(super) fn keep(&mut self) {
        self.kept = true;
    }

    /// How many rows are in the record, where there were too many.
    pub(super) fn cut_at(&self) -> Option<u64> {
        self.full.then_some(self.rows)
    }

    /// Takes the next row.
    pub(super) fn row(&mut self, row: &impl DriverRow, output: &mut dyn Output) {
        if self.full {
            return;
        }
        if self.bytes + self.buffer.len() as u64 >= self.most {
            self.full = true;
            return self.flush(output);
        }
        let mut first = true;
        row.each(&mut |value: Value<'_>| {
            if !std::mem::take(&mut first) {
                self.buffer.push(b',');
            }
            match value.bytes {
                None => {}
                // In pieces, so that a huge one is not there twice.
                Some(bytes) if bytes.len() > PIECE && self.kept => {
                    self.buffer.push(b'"');
                    for piece in bytes.chunks(PIECE) {
                        doubled(piece, &mut self.buffer);
                        self.hand_on(output);
                    }
                    self.buffer.push(b'"');
                }
                Some(bytes) => field(bytes, self.columns == 1, &mut self.buffer),
            }
        });
        self.buffer.push(b'\n');
        self.ready += 1;
        self.rows += 1;
        if self.kept && self.buffer.len() >= PIECE {
            self.hand_on(output);
        }
    }

    /// Hands on what is left, where it goes to the record.
    pub(super) fn flush(&mut self, output: &mut dyn Output) {
        if self.kept && !self.buffer.is_empty() {
            self.hand_on(output);
        }
    }

    fn hand_on(&mut self, output: &mut dyn Output) {
        // What cannot be recorded is known to the recorder.
        let _ = output.keep_rows(&self.buffer, std::mem::take(&mut self.ready));
        self.bytes += self.buffer.len() as u64;
        self.buffer.clear();
    }
}

fn field(bytes: &[u8], is_only: bool, out: &mut Vec<u8>) {
    // A line of its own that says so would end what `COPY` reads.
    let ends_copy = is_only && bytes == b"\\.";
    if !bytes.is_empty() && !ends_copy && !needs_quotes(bytes) {
        out.extend_from_slice(bytes);
        return;
    }
    out.push(b'"');
    doubled(bytes, out);
    out.push(b'"');
}

/// Looks at several bytes at a time, which costs less than to stop at the
/// first that matters.
fn needs_quotes(bytes: &[u8]) -> bool {
    let matters = |byte: u8| (byte == b',') | (byte == b'"') | (byte == b'\n') | (byte == b'\r');
    bytes.chunks(32).any(|chunk| chunk.iter().fold(false, |found, byte| found | matters(*byte)))
}

/// Appends `bytes` with each quote twice.
fn doubled(bytes: &[u8], out: &mut Vec<u8>) {
    let mut pieces = bytes.split(|byte| *byte == b'"');
    out.extend_from_slice(pieces.next().unwrap_or_default());
    for piece in pieces {
        out.extend_from_slice(b"\"\"");
        out.extend_from_slice(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{OutputError, Stream, Waiting};
    use crate::sql::table::Cell;

    struct Row(Vec<Option<String>>);

    impl DriverRow for Row {
        fn names(&self) -> Vec<String> {
            Vec::new()
        }

        fn cells(&self) -> Vec<Cell> {
            self.0.iter().map(|text| Cell { text: text.clone(), numeric: false }).collect()
        }
    }

    #[derive(Default)]
    struct Record {
        csv: Vec<u8>,
        rows: u64,
        largest: usize,
    }

    impl Output for Record {
        fn write(&mut self, _: Stream, _: &[u8]) -> Result<(), OutputError> {
            Ok(())
        }

        fn waiting(&mut self, _: &Waiting) {}

        fn keep_rows(&mut self, csv: &[u8], rows: u64) -> Result<(), OutputError> {
            self.csv.extend_from_slice(csv);
            self.rows += rows;
            self.largest = self.largest.max(csv.len());
            Ok(())
        }
    }

    fn written(names: &[&str], rows: &[&[Option<&str>]]) -> (String, Record) {
        let mut record = Record::default();
        let mut csv = Csv::default();
        csv.names(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        csv.keep();
        for row in rows {
            csv.row(&Row(row.iter().map(|text| text.map(str::to_owned)).collect()), &mut record);
        }
        csv.flush(&mut record);
        (String::from_utf8(std::mem::take(&mut record.csv)).expect("text"), record)
    }

    #[test]
    fn null_is_told_from_empty_and_what_must_be_is_quoted() {
        let rows: &[&[Option<&str>]] = &[
            &[None, Some(""), Some("plain")],
            &[Some("a,b"), Some("say \"hi\""), Some("two\nlines\r")],
            &[Some("NULL"), Some("(null)"), Some("\\.")],
        ];
        let (csv, record) = written(&["a", "b,c", "d"], rows);
        assert_eq!(csv, "a,\"b,c\",d\n,\"\",plain\n\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\r\"\nNULL,(null),\\.\n");
        assert_eq!(record.rows, 3);
    }

    #[test]
    fn a_line_of_its_own_that_would_end_what_copy_reads_is_quoted() {
        assert_eq!(written(&["a"], &[&[Some("\\.")], &[None]]).0, "a\n\"\\.\"\n\n");
    }

    #[test]
    fn a_huge_value_is_handed_on_in_pieces() {
        let huge = "\"x".repeat(3 * PIECE);
        let (csv, record) = written(&["a", "b"], &[&[Some(&huge), Some("y")]]);
        assert_eq!(csv, format!("a,b\n\"{}\",y\n", huge.replace('"', "\"\"")));
        assert!(record.largest <= 2 * PIECE + 1024, "{}", record.largest);
        assert_eq!(record.rows, 1);
    }

    #[test]
    fn beyond_the_limit_whole_rows_are_left_out_and_counted() {
        let mut record = Record::default();
        let mut csv = Csv { most: 10, ..Csv::default() };
        csv.names(&["a".to_owned()]);
        csv.keep();
        for _ in 0..5 {
            csv.row(&Row(vec![Some("xyz".to_owned())]), &mut record);
        }
        csv.flush(&mut record);
        assert_eq!(record.csv, b"a\nxyz\nxyz\n");
        assert_eq!((record.rows, csv.cut_at()), (2, Some(2)));
    }

    #[test]
    fn nothing_is_handed_on_that_is_not_kept() {
        let mut record = Record::default();
        let mut csv = Csv::default();
        csv.names(&["a".to_owned()]);
        csv.row(&Row(vec![Some("x".to_owned())]), &mut record);
        csv.flush(&mut record);
        assert!(record.csv.is_empty());
        csv.keep();
        csv.flush(&mut record);
        assert_eq!((record.csv.as_slice(), record.rows), (&b"a\nx\n"[..], 1));
    }
}
