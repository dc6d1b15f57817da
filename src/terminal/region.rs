//! The part of the screen where a block's output appears: every line of it
//! starts with a gutter, so that it can be told from what the program says.

use super::filter::{Filter, Piece};
use crate::effect::Stream;
use anstyle::Style;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

const OUT_GUTTER: &str = "│ ";
const ERR_GUTTER: &str = "┊ ";
/// Columns that a gutter takes.
const GUTTER: usize = 2;

/// Columns that a line of output can have on a terminal with so many.
pub(super) fn room(columns: usize) -> usize {
    // The last column stays free: a terminal's cursor there is neither on this
    // line nor on the next.
    columns.saturating_sub(GUTTER + 1).max(2)
}

/// Columns between tab stops of output.
const TAB: usize = 8;

/// What the region may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Columns of the terminal; `None` where lines are never broken.
    pub(super) columns: Option<usize>,
    /// Colours are wanted.
    pub(super) color: bool,
    /// The cursor can be moved: a carriage return overwrites its line.
    pub(super) cursor: bool,
}

/// Where the output stands.
#[derive(Debug, Default)]
pub(super) struct Region {
    filters: [Filter; 2],
    wanted: [Style; 2],
    shown: Style,
    /// The stream whose line is open.
    open: Option<Stream>,
    /// Column in the open line, gutter not counted.
    column: usize,
    /// A carriage return came, and nothing after it yet.
    returned: bool,
}

impl Region {
    /// The terminal's column, from 0, in the middle of an open line.
    pub(super) fn open_column(&self) -> Option<usize> {
        self.open.map(|_| GUTTER + self.column)
    }

    /// What to write for these bytes.
    pub(super) fn write(&mut self, stream: Stream, bytes: &[u8], frame: Frame) -> String {
        let mut filter = std::mem::take(&mut self.filters[index(stream)]);
        let mut out = String::with_capacity(bytes.len() + bytes.len() / 2 + 16);
        filter.push(bytes, &mut |piece| self.piece(stream, piece, frame, &mut out));
        self.filters[index(stream)] = filter;
        // Whoever writes next, or a kill, finds the terminal's own colours.
        self.reset(&mut out);
        out
    }

    /// What to write to end the region: the open line, and the colours.
    pub(super) fn close(&mut self, frame: Frame) -> String {
        let mut out = String::new();
        for stream in [Stream::Out, Stream::Err] {
            let mut filter = std::mem::take(&mut self.filters[index(stream)]);
            filter.finish(&mut |piece| self.piece(stream, piece, frame, &mut out));
        }
        self.end_line(&mut out);
        self.wanted = Default::default();
        out
    }

    fn piece(&mut self, stream: Stream, piece: Piece<'_>, frame: Frame, out: &mut String) {
        match piece {
            Piece::Style(style) => self.wanted[index(stream)] = style,
            Piece::Return => self.returned = self.open.is_some(),
            // Only within its own line, and only where that can be.
            Piece::Back if frame.cursor => {
                if self.open == Some(stream) && self.column > 0 && !self.returned {
                    self.column -= 1;
                    out.push('\u{8}');
                }
            }
            Piece::Back => {
                for shown in super::visible::name('\u{8}').unwrap_or_default().chars() {
                    self.char(stream, shown, frame, out);
                }
            }
            Piece::Newline => {
                if self.open != Some(stream) {
                    self.start_line(stream, frame, out);
                }
                self.end_line(out);
            }
            Piece::Tab => {
                for _ in 0..TAB - self.column % TAB {
                    self.char(stream, ' ', frame, out);
                }
            }
            Piece::Plain(text) => self.plain(stream, text, frame, out),
            Piece::Text(c) => self.char(stream, c, frame, out),
        }
    }

    /// Writes characters that take a column each.
    fn plain(&mut self, stream: Stream, text: &str, frame: Frame, out: &mut String) {
        let mut rest = text;
        while !rest.is_empty() {
            let room = self.make_room(stream, 1, frame, out).min(rest.len());
            let (now, later) = rest.split_at(room);
            out.push_str(now);
            self.column += room;
            rest = later;
        }
    }

    fn char(&mut self, stream: Stream, c: char, frame: Frame, out: &mut String) {
        let wide = c.width().unwrap_or(0);
        self.make_room(stream, wide, frame, out);
        out.push(c);
        self.column += wide;
    }

    /// Opens a line with so many columns left, in the stream's style, and says
    /// how many there are.
    fn make_room(&mut self, stream: Stream, columns: usize, frame: Frame, out: &mut String) -> usize {
        if self.open != Some(stream) {
            self.start_line(stream, frame, out);
        }
        if std::mem::take(&mut self.returned) {
            self.restart_line(stream, frame, out);
        }
        let limit = frame.columns.map_or(usize::MAX, room);
        if self.column + columns > limit {
            self.end_line(out);
            self.start_line(stream, frame, out);
        }
        let wanted = self.wanted[index(stream)];
        if frame.color && wanted != self.shown {
            self.reset(out);
            out.push_str(&wanted.render().to_string());
            self.shown = wanted;
        }
        limit.saturating_sub(self.column)
    }

    fn start_line(&mut self, stream: Stream, frame: Frame, out: &mut String) {
        self.end_line(out);
        self.gutter(stream, frame, out);
        self.open = Some(stream);
    }

    fn restart_line(&mut self, stream: Stream, frame: Frame, out: &mut String) {
        if frame.cursor {
            self.reset(out);
            out.push_str("\r\x1b[K");
            self.gutter(stream, frame, out);
            self.column = 0;
        } else {
            // On a medium that keeps everything nothing is overwritten.
            self.start_line(stream, frame, out);
        }
    }

    fn gutter(&mut self, stream: Stream, frame: Frame, out: &mut String) {
        let (text, style) = match stream {
            Stream::Out => (OUT_GUTTER, super::style::QUIET),
            Stream::Err => (ERR_GUTTER, anstyle::AnsiColor::Yellow.on_default()),
        };
        if frame.color {
            write!(out, "{style}{text}{style:#}").expect("a string takes what is written to it");
        } else {
            out.push_str(text);
        }
    }

    fn end_line(&mut self, out: &mut String) {
        self.reset(out);
        if self.open.take().is_some() {
            out.push('\n');
        }
        self.column = 0;
        self.returned = false;
    }

    fn reset(&mut self, out: &mut String) {
        if self.shown != Style::new() {
            out.push_str("\x1b[0m");
            self.shown = Style::new();
        }
    }
}

fn index(stream: Stream) -> usize {
    match stream {
        Stream::Out => 0,
        Stream::Err => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAIN: Frame = Frame { columns: None, color: false, cursor: false };
    const TERMINAL: Frame = Frame { columns: Some(12), color: true, cursor: true };

    fn shown(chunks: &[(Stream, &[u8])], frame: Frame) -> String {
        let mut region = Region::default();
        let mut out = String::new();
        for (stream, bytes) in chunks {
            out.push_str(&region.write(*stream, bytes, frame));
        }
        out + &region.close(frame)
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

    proptest! {
        #[test]
        fn nothing_but_text_colour_and_line_control_is_written(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            size in 1_usize..9,
            color in any::<bool>(),
        ) {
            let allowed = regex::Regex::new(r"^(?:\x1b\[[0-9;]*m|\r\x1b\[K|\n|\x08|[^\p{Cc}\p{Bidi_C}])*$").expect("a pattern");
            let frame = Frame { color, ..TERMINAL };
            let chunks: Vec<_> = bytes.chunks(size).map(|chunk| (Stream::Out, chunk)).collect();
            let out = shown(&chunks, frame);
            prop_assert!(allowed.is_match(&out), "{out:?}");
            prop_assert!(color || !out.replace("\r\x1b[K", "").contains('\x1b'));
            prop_assert!(out.is_empty() || out.ends_with('\n'));
        }

        #[test]
        fn how_the_bytes_are_cut_changes_nothing_without_colour(
            bytes in proptest::collection::vec(any::<u8>(), 0..200), size in 1_usize..9,
        ) {
            let frame = Frame { color: false, ..TERMINAL };
            let chunks: Vec<_> = bytes.chunks(size).map(|chunk| (Stream::Out, chunk)).collect();
            prop_assert_eq!(shown(&chunks, frame), shown(&[(Stream::Out, &bytes)], frame));
        }
    }
}
