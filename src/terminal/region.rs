//! The part of the screen where a block's output appears: every line of it
//! starts with a gutter, so that it can be told from what the program says.

use super::filter::{Filter, Piece};
use crate::effect::Stream;
use anstyle::Style;
use std::sync::LazyLock;
use unicode_width::UnicodeWidthChar;

/// What a line of each stream begins with.
const GUTTERS: [&str; 2] = ["│ ", "┊ "];

/// The same in colour.
static COLORED_GUTTERS: LazyLock<[String; 2]> = LazyLock::new(|| {
    let styles = [super::style::QUIET, anstyle::AnsiColor::Yellow.on_default()];
    [0, 1].map(|stream| format!("{style}{}{style:#}", GUTTERS[stream], style = styles[stream]))
});

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
    /// Rows of the terminal; 0 where that is not known.
    pub(super) rows: usize,
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
    /// The row that the cursor is in, from 0.
    row: usize,
    /// How many rows begin with a gutter.
    drawn: usize,
    /// The furthest row that the cursor can go down to: one more than are drawn
    /// at most, for each is drawn after the one above it.
    last: usize,
    /// The furthest row that the cursor has been in: the terminal has it.
    bottom: usize,
}

impl Region {
    /// The terminal's column, from 0, in the middle of an open line.
    pub(super) fn open_column(&self) -> Option<usize> {
        self.open.map(|_| GUTTER + self.column)
    }

    /// Whether the cursor is at the end of the output, where something else can
    /// be written below it.
    pub(super) fn is_at_its_end(&self) -> bool {
        self.drawn <= self.row + usize::from(self.open.is_some())
    }

    /// Adds what to write for these bytes, which is UTF-8.
    pub(super) fn write(&mut self, stream: Stream, bytes: &[u8], frame: Frame, out: &mut Vec<u8>) {
        let mut filter = std::mem::take(&mut self.filters[index(stream)]);
        out.reserve(bytes.len() + bytes.len() / 2);
        filter.push(bytes, &mut |piece| self.piece(stream, piece, frame, out));
        self.filters[index(stream)] = filter;
        // Whoever writes next, or a kill, finds the terminal's own colours.
        self.reset(out);
    }

    /// Adds what to write to end the region: the open line, and the colours.
    pub(super) fn close(&mut self, frame: Frame, out: &mut Vec<u8>) {
        for stream in [Stream::Out, Stream::Err] {
            let mut filter = std::mem::take(&mut self.filters[index(stream)]);
            filter.finish(&mut |piece| self.piece(stream, piece, frame, out));
        }
        if !self.is_at_its_end() {
            self.down(Stream::Out, self.drawn - 1 - self.row, out);
            // It has the line there to itself, begun or not.
            self.open = Some(Stream::Out);
        }
        self.end_line(out);
        self.wanted = Default::default();
        (self.row, self.drawn, self.last, self.bottom) = (0, 0, 0, 0);
    }

    fn piece(&mut self, stream: Stream, piece: Piece<'_>, frame: Frame, out: &mut Vec<u8>) {
        match piece {
            Piece::Style(style) => self.wanted[index(stream)] = style,
            Piece::Return => self.returned = self.open.is_some(),
            // Only within its own line, and only where that can be.
            Piece::Back if frame.cursor => {
                if self.open == Some(stream) && self.column > 0 && !self.returned {
                    self.column -= 1;
                    out.push(b'\x08');
                }
            }
            Piece::Back => {
                for shown in super::visible::name('\u{8}').unwrap_or_default().chars() {
                    self.char(stream, shown, frame, out);
                }
            }
            Piece::Newline => self.newline(stream, frame, out),
            Piece::Tab => {
                for _ in 0..TAB - self.column % TAB {
                    self.char(stream, ' ', frame, out);
                }
            }
            Piece::Lines(text) => self.lines(stream, text, frame, out),
            Piece::Pictures(text, columns) => self.pictures(stream, text, columns, frame, out),
            Piece::Text(c) => self.char(stream, c, frame, out),
            Piece::Up(_) | Piece::Down(_) | Piece::Erase { .. } | Piece::EraseBelow if !frame.cursor => {}
            Piece::Up(rows) => self.up(stream, rows, frame, out),
            Piece::Down(rows) => self.down(stream, rows, out),
            Piece::Erase { .. } | Piece::EraseBelow if self.open.is_none() => {}
            Piece::Erase { whole } => {
                let column = if std::mem::take(&mut self.returned) { Some(0) } else { whole.then_some(self.column) };
                match column {
                    Some(column) => {
                        self.restart_line(stream, frame, out);
                        self.forward(column, out);
                    }
                    None => self.erase("\x1b[K", out),
                }
            }
            Piece::EraseBelow => {
                if std::mem::take(&mut self.returned) {
                    self.restart_line(stream, frame, out);
                }
                self.erase("\x1b[J", out);
                self.drawn = self.row + 1;
                self.last = self.bottom.min(self.drawn);
            }
        }
    }

    /// Erases in the terminal's own colours.
    fn erase(&mut self, sequence: &str, out: &mut Vec<u8>) {
        self.reset(out);
        add(out, sequence);
    }

    /// Moves up, within the rows that are the block's own and still there.
    fn up(&mut self, stream: Stream, rows: usize, frame: Frame, out: &mut Vec<u8>) {
        // One row less than fits, for the waiting line.
        let first = (self.bottom + 2).saturating_sub(frame.rows);
        let rows = rows.min(self.row.saturating_sub(first));
        if rows > 0 {
            add(out, &format!("\x1b[{rows}A"));
            self.row -= rows;
            self.arrive(stream, out);
        }
    }

    /// Moves down, no further than the block has been.
    fn down(&mut self, stream: Stream, rows: usize, out: &mut Vec<u8>) {
        let rows = rows.min(self.last - self.row);
        if rows > 0 {
            add(out, &format!("\x1b[{rows}B"));
            self.row += rows;
            self.arrive(stream, out);
        }
    }

    /// In another row: behind its gutter, if it has one.
    fn arrive(&mut self, stream: Stream, out: &mut Vec<u8>) {
        self.reset(out);
        if self.row >= self.drawn {
            out.push(b'\r');
            (self.open, self.column, self.returned) = (None, 0, false);
        } else if self.open.is_none() {
            self.forward(0, out);
            self.open = Some(stream);
        }
    }

    /// Goes from the start of a line to this column behind its gutter.
    fn forward(&mut self, column: usize, out: &mut Vec<u8>) {
        add(out, &format!("\r\x1b[{}C", GUTTER + column));
        self.column = column;
    }

    /// Writes lines of characters that take a column each.
    fn lines(&mut self, stream: Stream, text: &[u8], frame: Frame, out: &mut Vec<u8>) {
        let limit = frame.columns.map_or(usize::MAX, room);
        let plain = Style::new();
        let is_plain = !frame.color || (self.wanted[index(stream)] == plain && self.shown == plain);
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', text) {
            let words = &text[from..end];
            // Most of them are: whole, and shown as they are.
            if self.open.is_none() && is_plain && words.len() <= limit {
                add(out, gutter(stream, frame));
                out.extend_from_slice(&text[from..=end]);
                self.begin_row();
                self.end_row();
            } else {
                self.words(stream, words, frame, out);
                self.newline(stream, frame, out);
            }
            from = end + 1;
        }
        self.words(stream, &text[from..], frame, out);
    }

    fn newline(&mut self, stream: Stream, frame: Frame, out: &mut Vec<u8>) {
        if self.open != Some(stream) {
            self.start_line(stream, frame, out);
        }
        self.end_line(out);
    }

    /// Writes characters of one byte that take a column each.
    fn words(&mut self, stream: Stream, text: &[u8], frame: Frame, out: &mut Vec<u8>) {
        let mut rest = text;
        while !rest.is_empty() {
            let room = self.make_room(stream, 1, frame, out).min(rest.len());
            let (now, later) = rest.split_at(room);
            out.extend_from_slice(now);
            self.column += room;
            rest = later;
        }
    }

    /// The same of characters of which not each is a single byte.
    fn pictures(&mut self, stream: Stream, text: &[u8], columns: usize, frame: Frame, out: &mut Vec<u8>) {
        let (mut rest, mut left) = (text, columns);
        while left > 0 {
            let room = self.make_room(stream, 1, frame, out).min(left);
            // Looked for only where the line has to be broken.
            let begins = |(_, byte): &(usize, &u8)| **byte & 0b1100_0000 != 0b1000_0000;
            let cut = if room < left { rest.iter().enumerate().filter(begins).nth(room) } else { None };
            let end = cut.map_or(rest.len(), |(at, _)| at);
            out.extend_from_slice(&rest[..end]);
            self.column += room;
            (rest, left) = (&rest[end..], left - room);
        }
    }

    fn char(&mut self, stream: Stream, c: char, frame: Frame, out: &mut Vec<u8>) {
        let wide = width(c);
        self.make_room(stream, wide, frame, out);
        add(out, c.encode_utf8(&mut [0; 4]));
        self.column += wide;
    }

    /// Opens a line with so many columns left, in the stream's style, and says
    /// how many there are.
    fn make_room(&mut self, stream: Stream, columns: usize, frame: Frame, out: &mut Vec<u8>) -> usize {
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
            add(out, &wanted.render().to_string());
            self.shown = wanted;
        }
        limit.saturating_sub(self.column)
    }

    fn start_line(&mut self, stream: Stream, frame: Frame, out: &mut Vec<u8>) {
        self.end_line(out);
        add(out, gutter(stream, frame));
        self.open = Some(stream);
        self.begin_row();
    }

    fn begin_row(&mut self) {
        self.drawn = self.drawn.max(self.row + 1);
    }

    fn end_row(&mut self) {
        self.row += 1;
        self.last = self.last.max(self.row);
        self.bottom = self.bottom.max(self.row);
    }

    fn restart_line(&mut self, stream: Stream, frame: Frame, out: &mut Vec<u8>) {
        if frame.cursor {
            self.reset(out);
            add(out, "\r\x1b[K");
            add(out, gutter(stream, frame));
            self.column = 0;
        } else {
            // On a medium that keeps everything nothing is overwritten.
            self.start_line(stream, frame, out);
        }
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        self.reset(out);
        if self.open.take().is_some() {
            out.push(b'\n');
            self.end_row();
        }
        self.column = 0;
        self.returned = false;
    }

    fn reset(&mut self, out: &mut Vec<u8>) {
        if self.shown != Style::new() {
            add(out, "\x1b[0m");
            self.shown = Style::new();
        }
    }
}

/// What a line begins with.
fn gutter(stream: Stream, frame: Frame) -> &'static str {
    let at = index(stream);
    if frame.color { &COLORED_GUTTERS[at] } else { GUTTERS[at] }
}

fn add(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// How many columns a character takes.
fn width(c: char) -> usize {
    match c {
        ' '..='~' => 1,
        _ => c.width().unwrap_or(0),
    }
}

fn index(stream: Stream) -> usize {
    match stream {
        Stream::Out => 0,
        Stream::Err => 1,
    }
}

#[cfg(test)]
#[path = "region_tests.rs"]
mod tests;
