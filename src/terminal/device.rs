//! The one way to the terminal. The screen and the prompts share it, so that
//! a question never lands in the middle of a line of output.

use super::mode;
use super::passage::Passage;
use super::region::{self, Frame, Region};
use super::style::{self, Span};
use super::wrap;
use crate::effect::{Presentation, Stream};
use anstream::ColorChoice;
use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::rc::Rc;
use std::time::Duration;

/// Prose wider than this is hard to read.
const WIDEST_PROSE: usize = 100;
/// Taken for the width where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 80;

/// How wide lines can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// As wide as standard error's terminal is at the moment.
    OfStderr,
    /// Always this.
    Fixed(usize),
}

/// A shared handle on where the conversation is written. Clones write to the
/// same place.
#[derive(Clone)]
pub struct Device(Rc<RefCell<State>>);

struct State {
    writer: Box<dyn Write>,
    color: bool,
    cursor: bool,
    width: Width,
    region: Region,
    waiting: Option<Waiting>,
    /// What is written goes through, all but untouched.
    passage: Option<Passage>,
    /// The last two bytes written: two line ends leave an empty line.
    tail: [u8; 2],
}

/// The waiting line as it stands on the screen.
struct Waiting {
    text: String,
    /// The column of an open line of output above it, to return to.
    below: Option<usize>,
}

impl Device {
    /// Standard error, coloured as `color` says; `Auto` looks at the terminal,
    /// `NO_COLOR` and `CLICOLOR_FORCE`.
    #[must_use]
    pub fn stderr(color: ColorChoice) -> Self {
        let color = match color {
            ColorChoice::Auto => anstream::AutoStream::choice(&io::stderr()) != ColorChoice::Never,
            ColorChoice::Always | ColorChoice::AlwaysAnsi => true,
            ColorChoice::Never => false,
        };
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self::new(Box::new(io::stderr()), Width::OfStderr, color, io::stderr().is_terminal() && !dumb)
    }

    /// Any writer. `cursor` says that it is a terminal whose cursor can be
    /// moved: only then is there a waiting line.
    #[must_use]
    pub fn new(writer: Box<dyn Write>, width: Width, color: bool, cursor: bool) -> Self {
        Self(Rc::new(RefCell::new(State {
            writer,
            color,
            cursor,
            width,
            region: Region::default(),
            waiting: None,
            passage: None,
            tail: *b" \n",
        })))
    }

    /// Whether to use colours.
    #[must_use]
    pub fn color(&self) -> bool {
        self.0.borrow().color
    }

    /// Whether what is on the screen can be written over.
    #[must_use]
    pub fn moves_cursor(&self) -> bool {
        self.0.borrow().cursor
    }

    /// Columns for prose.
    #[must_use]
    pub fn prose_width(&self) -> usize {
        self.columns().unwrap_or(DEFAULT_WIDTH).clamp(20, WIDEST_PROSE)
    }

    /// `text` with lines that are too wide for the terminal broken between words,
    /// behind the space that they begin with. A path that is too wide stands on a
    /// line of its own, so that it can be copied.
    #[must_use]
    pub fn fitted(&self, text: &str) -> String {
        let Some(columns) = self.columns() else { return text.to_owned() };
        let fit = |line: &str| {
            let spans = [Span::plain(line)];
            if wrap::width(&spans) <= columns {
                return line.to_owned();
            }
            let indent = &line[..line.len() - line.trim_start().len()];
            let lines = wrap::words(&spans, columns.saturating_sub(indent.len()));
            let lines: Vec<_> = lines.iter().map(|line| format!("{indent}{}", style::paint(line, false))).collect();
            lines.join("\n")
        };
        text.split('\n').map(fit).collect::<Vec<_>>().join("\n")
    }

    /// Columns of the terminal, or `None` where lines need not be broken.
    #[must_use]
    pub fn columns(&self) -> Option<usize> {
        self.0.borrow().columns()
    }

    /// Columns of the terminal, or those that are taken for it.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns().unwrap_or(DEFAULT_WIDTH)
    }

    /// Columns that a line of a block's output can have, or `None` where lines
    /// need not be broken.
    #[must_use]
    pub fn output_width(&self) -> Option<usize> {
        self.columns().map(region::room)
    }

    /// Writes `text`, which is safe to be shown, as lines of their own.
    pub fn print(&self, text: &str) {
        let mut state = self.0.borrow_mut();
        let mut out = state.settled();
        out.push_str(text);
        if !text.is_empty() && !text.ends_with('\n') {
            out.push('\n');
        }
        state.write(&out);
    }

    /// Leaves one empty line before what follows, however often it is asked
    /// for.
    pub fn gap(&self) {
        let mut state = self.0.borrow_mut();
        let settled = state.settled();
        state.write(&settled);
        if state.tail != *b"\n\n" {
            state.write("\n");
        }
    }

    /// Says that somebody else has written to the terminal, whole lines.
    pub fn written_by_another(&self) {
        self.0.borrow_mut().tail = *b" \n";
    }

    /// Brings the cursor to the start of a line that nothing else is on.
    pub fn settle(&self) {
        let mut state = self.0.borrow_mut();
        let out = state.settled();
        state.write(&out);
    }

    /// Writes some of a block's output: made harmless, in its region, or all but
    /// untouched.
    pub fn output(&self, stream: Stream, bytes: &[u8]) {
        let mut state = self.0.borrow_mut();
        if let Some(passage) = &mut state.passage {
            let passed = passage.pass(bytes);
            return state.write_bytes(&passed);
        }
        let frame = state.frame();
        let mut out = state.erased();
        out.push_str(&state.region.write(stream, bytes, frame));
        state.write(&out);
    }

    /// Shows a block's output in this way from now on.
    pub fn present(&self, how: Presentation) {
        let mut state = self.0.borrow_mut();
        match how {
            Presentation::Through if state.passage.is_some() => {}
            Presentation::Through => {
                let out = state.settled();
                state.write(&out);
                state.passage = Some(Passage::default());
                mode::leave_output_untouched(true);
            }
            Presentation::Lines => {
                let out = state.settled();
                state.write(&out);
            }
            // What has the whole screen puts it right by itself before it stops.
            Presentation::Away if state.passage.is_some() => {}
            Presentation::Away => {
                let out = state.settled();
                state.write(&out);
            }
        }
    }

    /// Puts the waiting line, which fits on the screen, there in place of the
    /// one before.
    pub fn waiting(&self, text: &str) {
        let mut state = self.0.borrow_mut();
        if !state.cursor
            || state.passage.is_some()
            || !state.region.is_at_its_end()
            || state.waiting.as_ref().is_some_and(|waiting| waiting.text == text)
        {
            return;
        }
        let mut out = state.erased();
        let below = state.region.open_column();
        if below.is_some() {
            out.push('\n');
        }
        let span = Span::new(text, style::QUIET);
        out.push_str(&style::paint(&[span], state.color));
        state.waiting = Some(Waiting { text: text.to_owned(), below });
        state.write(&out);
    }
}

impl State {
    fn columns(&self) -> Option<usize> {
        match self.width {
            Width::Fixed(width) => Some(width),
            Width::OfStderr => rustix::termios::tcgetwinsize(io::stderr())
                .ok()
                .map(|size| usize::from(size.ws_col))
                .filter(|columns| *columns > 0),
        }
    }

    fn frame(&self) -> Frame {
        let rows = match self.width {
            Width::Fixed(_) => 0,
            Width::OfStderr => rustix::termios::tcgetwinsize(io::stderr()).map_or(0, |size| size.ws_row.into()),
        };
        Frame { columns: self.columns(), color: self.color, cursor: self.cursor, rows }
    }

    /// What takes the waiting line away.
    fn erased(&mut self) -> String {
        match self.waiting.take() {
            None => String::new(),
            Some(Waiting { below: None, .. }) => "\r\x1b[K".to_owned(),
            Some(Waiting { below: Some(column), .. }) => format!("\r\x1b[K\x1b[A\x1b[{}G", column + 1),
        }
    }

    /// What ends whatever is open: the screen is as it should be, and the
    /// cursor at the start of a line.
    fn settled(&mut self) -> String {
        if let Some(mut passage) = self.passage.take() {
            mode::leave_output_untouched(false);
            return passage.undo();
        }
        let frame = self.frame();
        self.erased() + &self.region.close(frame)
    }

    /// One write for each piece, nothing kept back. A terminal that is gone
    /// must not end the run: the record is elsewhere.
    fn write(&mut self, text: &str) {
        self.write_bytes(text.as_bytes());
    }

    fn write_bytes(&mut self, bytes: &[u8]) {
        match *bytes {
            [] => {}
            [only] => self.tail = [self.tail[1], only],
            [.., before, last] => self.tail = [before, last],
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.writer.write(rest) {
                Ok(0) => break,
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A child may have left the shared terminal in non-blocking
                // mode; then a slow line is waited for.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(_) => break,
            }
        }
        let _ = self.writer.flush();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A writer whose text can be looked at.
    #[derive(Clone, Default)]
    pub(in crate::terminal) struct Captured(Rc<RefCell<Vec<u8>>>);

    impl Captured {
        pub(in crate::terminal) fn device(&self, width: usize, color: bool, cursor: bool) -> Device {
            Device::new(Box::new(self.clone()), Width::Fixed(width), color, cursor)
        }

        pub(in crate::terminal) fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).expect("UTF-8")
        }
    }

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_path_too_wide_for_its_line_stands_on_its_own_unbroken() {
        let fitted = |text: &str| Captured::default().device(24, false, false).fitted(text);
        let path = "/home/ana/.local/state/runbook/runs/1/report.html";
        assert_eq!(fitted(&format!("\nReport    {path}")), format!("\nReport\n{path}"));
        assert_eq!(fitted("  a note that is wider than this"), "  a note that is wider\n  than this");
        assert_eq!(fitted("as  it   is\n"), "as  it   is\n");
    }

    #[test]
    fn the_waiting_line_replaces_itself_and_leaves_nothing() {
        let captured = Captured::default();
        let device = captured.device(40, false, true);
        device.waiting("1 s");
        device.waiting("1 s");
        device.waiting("2 s");
        device.print("done");
        assert_eq!(captured.text(), "1 s\r\x1b[K2 s\r\x1b[Kdone\n");
    }

    #[test]
    fn the_waiting_line_goes_below_an_open_line_and_gives_it_back() {
        let captured = Captured::default();
        let device = captured.device(40, false, true);
        device.output(Stream::Out, b"abc");
        device.waiting("1 s");
        device.output(Stream::Out, b"d\n");
        assert_eq!(captured.text(), "│ abc\n1 s\r\x1b[K\x1b[A\x1b[6Gd\n");
    }

    #[test]
    fn without_a_cursor_there_is_no_waiting_line() {
        let captured = Captured::default();
        captured.device(40, false, false).waiting("1 s");
        assert_eq!(captured.text(), "");
    }

    #[test]
    fn what_is_said_ends_an_open_line_of_output() {
        let captured = Captured::default();
        let device = captured.device(40, false, false);
        device.output(Stream::Out, b"abc");
        device.print("done");
        assert_eq!(captured.text(), "│ abc\ndone\n");
    }
}
