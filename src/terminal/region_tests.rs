//! What is written for a block's output.

use super::*;
use proptest::prelude::*;

const PLAIN: Frame = Frame { columns: None, color: false, cursor: false, rows: 0 };
const TERMINAL: Frame = Frame { columns: Some(12), color: true, cursor: true, rows: 8 };

fn shown(chunks: &[(Stream, &[u8])], frame: Frame) -> String {
    let mut region = Region::default();
    let mut out = Vec::new();
    for (stream, bytes) in chunks {
        region.write(*stream, bytes, frame, &mut out);
    }
    region.close(frame, &mut out);
    String::from_utf8(out).expect("it is UTF-8")
}

#[test]
fn every_line_starts_with_the_gutter_of_its_stream() {
    let chunks: [(Stream, &[u8]); 3] =
        [(Stream::Out, b"one\ntwo"), (Stream::Err, b"oops\n"), (Stream::Out, b"three\n\n")];
    assert_eq!(shown(&chunks, PLAIN), "│ one\n│ two\n┊ oops\n│ three\n│ \n");
}

#[test]
fn a_line_without_an_end_is_ended() {
    assert_eq!(shown(&[(Stream::Out, b"no end")], PLAIN), "│ no end\n");
    assert_eq!(shown(&[], PLAIN), "");
}

#[test]
fn a_carriage_return_overwrites_its_own_line_only() {
    let frame = Frame { color: false, ..TERMINAL };
    assert_eq!(shown(&[(Stream::Out, b"10%\r20%\r\n")], frame), "│ 10%\r\x1b[K│ 20%\n");
    assert_eq!(shown(&[(Stream::Out, b"10%\r20%\r\n")], PLAIN), "│ 10%\n│ 20%\n");
    assert_eq!(shown(&[(Stream::Out, b"\r\r")], frame), "");
}

#[test]
fn long_lines_go_on_behind_the_gutter() {
    let frame = Frame { color: false, ..TERMINAL };
    assert_eq!(shown(&[(Stream::Out, b"abcdefghijkl")], frame), "│ abcdefghi\n│ jkl\n");
    assert_eq!(shown(&[(Stream::Out, b"a\tb")], PLAIN), "│ a       b\n");
}

#[test]
fn colours_end_with_the_line_and_go_on_in_the_next() {
    let red = "\x1b[31m";
    assert_eq!(
        shown(&[(Stream::Err, b"\x1b[31ma\nb")], TERMINAL),
        format!("\x1b[33m┊ \x1b[0m{red}a\x1b[0m\n\x1b[33m┊ \x1b[0m{red}b\x1b[0m\n")
    );
}

#[test]
fn a_character_taken_back_goes_within_its_own_line_only() {
    let out = shown(&[(Stream::Out, b"\x08ab\x08 \x08\x08\x08c\n")], TERMINAL);
    assert_eq!(out.matches('\u{8}').count(), 3, "{out:?}");
    assert_eq!(shown(&[(Stream::Out, b"ab\x08c\n")], PLAIN), "│ ab␈c\n");
}

/// A terminal of a few rows, as far as a region makes use of it.
#[derive(Debug, Default)]
struct Screen {
    rows: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

impl Screen {
    const HEIGHT: usize = TERMINAL.rows;

    fn with(above: &[&str], output: &str) -> Self {
        let mut screen = Self::default();
        screen.print(&above.iter().map(|line| format!("{line}\n")).collect::<String>());
        screen.print(output);
        screen
    }

    fn line(&mut self) -> &mut Vec<char> {
        if self.rows.len() <= self.row {
            self.rows.resize(self.row + 1, Vec::new());
        }
        &mut self.rows[self.row]
    }

    fn print(&mut self, output: &str) {
        let sequence = regex::Regex::new(r"\x1b\[([0-9;]*)([A-Za-z])|.|\n").expect("a pattern");
        for found in sequence.captures_iter(output) {
            let column = self.column;
            self.line();
            match (found.get(2).map(|letter| letter.as_str()), &found[0]) {
                (Some("m"), _) => {}
                (Some(letter), _) => self.control(letter, found[1].parse().unwrap_or(1)),
                (None, "\n") => (self.row, self.column) = (self.row + 1, 0),
                (None, "\r") => self.column = 0,
                (None, "\x08") => self.column -= 1,
                (None, text) => {
                    let line = self.line();
                    line.resize(line.len().max(column + 1), ' ');
                    line[column] = text.chars().next().expect("a character");
                    self.column += 1;
                }
            }
        }
        self.line();
    }

    fn control(&mut self, letter: &str, number: usize) {
        let (column, top) = (self.column, self.rows.len().saturating_sub(Self::HEIGHT));
        match letter {
            "A" => self.row = self.row.saturating_sub(number).max(top),
            "B" => self.row = (self.row + number).min(self.rows.len() - 1),
            "C" => self.column += number,
            "K" => self.line().truncate(column),
            "J" => {
                self.line().truncate(column);
                let below = self.row + 1;
                self.rows[below..].iter_mut().for_each(Vec::clear);
            }
            _ => panic!("{letter} is not to be written"),
        }
    }

    fn lines(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.iter().collect::<String>().trim_end().to_owned()).collect()
    }
}

#[test]
fn progress_of_several_lines_is_drawn_in_its_place() {
    let frame = Frame { columns: Some(40), ..TERMINAL };
    let pull = b"layer a: 0%\nlayer b: 0%\n\x1b[2A\x1b[2K\rlayer a: 50%\x1b[2B\r\x1b[1A\x1b[2K\rlayer b: done\x1b[1B\r\
                 \x1b[2A\x1b[2K\rlayer a: done\x1b[2B\rpulled\n";
    let bars = b"one 1/2\ntwo 1/2\n\x1b[2F\x1b[Jone 2/2\ntwo 2/2\nend\n";
    for cut in [1, 3, 1000] {
        let chunks: Vec<_> = pull.chunks(cut).map(|chunk| (Stream::Out, chunk)).collect();
        let screen = Screen::with(&["above"], &shown(&chunks, frame));
        assert_eq!(screen.lines(), ["above", "│ layer a: done", "│ layer b: done", "│ pulled", ""]);
        let chunks: Vec<_> = bars.chunks(cut).map(|chunk| (Stream::Out, chunk)).collect();
        let screen = Screen::with(&["above"], &shown(&chunks, frame));
        assert_eq!(screen.lines(), ["above", "│ one 2/2", "│ two 2/2", "│ end", ""]);
    }
}

#[test]
fn where_the_cursor_cannot_be_moved_each_state_is_a_line_of_its_own() {
    assert_eq!(shown(&[(Stream::Out, b"a: 0%\n\x1b[1A\x1b[2K\ra: 50%\n")], PLAIN), "│ a: 0%\n│ a: 50%\n");
}

/// Bytes that are mostly text and pieces of what moves the cursor.
fn moving() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        "[a-z]{1,14}".prop_map(String::into_bytes),
        "\x1b\\[[0-9]{0,2}[ABEFGJKmn]".prop_map(String::into_bytes),
        proptest::sample::select(vec!["\r", "\n", "\n", "\x08", "\t", "\x1b[2A", "\x1b[1B", "\x1b]0;t\x07"])
            .prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(fragment, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn nothing_but_text_colour_and_line_control_is_written(
        bytes in moving(),
        size in 1_usize..9,
        color in any::<bool>(),
    ) {
        let allowed = r"^(?:\x1b\[[0-9;]*m|\x1b\[[0-9]+[ABC]|\x1b\[[JK]|\r|\n|\x08|[^\p{Cc}\p{Bidi_C}])*$";
        let allowed = regex::Regex::new(allowed).expect("a pattern");
        let colour = regex::Regex::new(r"\x1b\[[0-9;]*m").expect("a pattern");
        let frame = Frame { color, ..TERMINAL };
        let chunks: Vec<_> = bytes.chunks(size).map(|chunk| (Stream::Out, chunk)).collect();
        let out = shown(&chunks, frame);
        prop_assert!(allowed.is_match(&out), "{out:?}");
        prop_assert!(color || !colour.is_match(&out));
        prop_assert!(out.is_empty() || out.ends_with(['\n', '\r']));
    }

    #[test]
    fn how_the_bytes_are_cut_changes_nothing_without_colour(
        bytes in moving(), size in 1_usize..9,
    ) {
        let frame = Frame { color: false, ..TERMINAL };
        let chunks: Vec<_> = bytes.chunks(size).map(|chunk| (Stream::Out, chunk)).collect();
        prop_assert_eq!(shown(&chunks, frame), shown(&[(Stream::Out, &bytes)], frame));
    }

    #[test]
    fn nothing_above_the_output_is_touched_and_what_comes_after_it_has_a_line_of_its_own(
        bytes in moving(), size in 1_usize..9,
    ) {
        let chunks: Vec<_> = bytes.chunks(size).map(|chunk| (Stream::Out, chunk)).collect();
        let above = ["first", "second", "third"];
        let screen = Screen::with(&above, &shown(&chunks, TERMINAL));
        let lines = screen.lines();
        prop_assert_eq!(&lines[..3], &above);
        let used = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        prop_assert!(screen.column == 0 && screen.row >= used, "{lines:?} and then row {}", screen.row);
        prop_assert!(lines[3..used].iter().all(|line| line.is_empty() || line.starts_with('│')), "{lines:?}");
    }
}
