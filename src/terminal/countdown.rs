//! A line that is typed while a clock runs in front of it.

use super::visible;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// How often the clock is looked at.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// Before what is typed.
const PROMPT: &str = "> ";

/// Columns that what is typed has at least: the longest answer.
const LEAST: usize = "rollback".len();

/// What came of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typed {
    /// It was typed, and ended with Enter.
    Line(String),
    /// The time was up before.
    TimeUp,
    /// Ctrl-C, Ctrl-D, or the terminal is gone.
    Interrupted,
}

/// Reads a line from standard input, whose keys come one by one and unechoed,
/// and shows it on `out` behind what `clock` says. With `redraws` the line
/// replaces itself; without it is written once.
pub(super) fn read(
    out: &mut dyn Write,
    clock: &mut dyn FnMut() -> Option<String>,
    columns: usize,
    redraws: bool,
) -> io::Result<Typed> {
    let mut line = Line::default();
    let mut shown = String::new();
    loop {
        let Some(before) = clock() else {
            settle(out, redraws, &line.text)?;
            return Ok(Typed::TimeUp);
        };
        let now = line.behind(&before, columns);
        if redraws && now != shown {
            write!(out, "\r\x1b[K{now}")?;
            out.flush()?;
        } else if shown.is_empty() {
            write!(out, "{PROMPT}")?;
            out.flush()?;
        }
        shown = now;
        let stdin = io::stdin();
        let mut waiting = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut waiting, Some(&TICK)) {
            Ok(0) => continue,
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let mut bytes = [0; 512];
        // Not through a buffer: it would keep keys for a later question.
        let length = match rustix::io::read(&stdin, &mut bytes) {
            Ok(0) => return Ok(Typed::Interrupted),
            Ok(length) => length,
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => continue,
            Err(error) => return Err(error.into()),
        };
        // What was typed before the time was up counts only if it came by then.
        if clock().is_none() {
            continue;
        }
        if let Some(typed) = line.take(&bytes[..length]) {
            settle(out, redraws, &line.text)?;
            return Ok(typed);
        }
    }
}

/// Leaves what was typed on the screen, without the clock.
fn settle(out: &mut dyn Write, redraws: bool, text: &str) -> io::Result<()> {
    let typed = visible::inline(text);
    if redraws {
        writeln!(out, "\r\x1b[K{PROMPT}{typed}")?;
    } else {
        writeln!(out, "{typed}")?;
    }
    out.flush()
}

/// A line as it is being typed.
#[derive(Default)]
struct Line {
    text: String,
    /// Bytes of a character that is not whole yet.
    partial: Vec<u8>,
    escape: Escape,
}

/// Where in the bytes of a key that is no character we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Escape {
    #[default]
    None,
    Begun,
    Sequence,
}

impl Line {
    /// Takes keys; says what the line came to, once it has ended. What comes
    /// behind its end answers nothing.
    fn take(&mut self, bytes: &[u8]) -> Option<Typed> {
        for &byte in bytes {
            match (self.escape, byte) {
                (Escape::Begun, b'[' | b'O') => self.escape = Escape::Sequence,
                (Escape::Begun, _) => self.escape = Escape::None,
                (Escape::Sequence, 0x40..=0x7e) => self.escape = Escape::None,
                (Escape::Sequence, _) => {}
                (Escape::None, b'\r' | b'\n') => return Some(Typed::Line(self.text.clone())),
                // Ctrl-C, Ctrl-D.
                (Escape::None, 0x03 | 0x04) => return Some(Typed::Interrupted),
                (Escape::None, 0x1b) => self.escape = Escape::Begun,
                (Escape::None, 0x08 | 0x7f) => {
                    self.text.pop();
                }
                // Ctrl-U: start afresh.
                (Escape::None, 0x15) => self.text.clear(),
                (Escape::None, 0..=0x1f) => {}
                (Escape::None, byte) => self.character(byte),
            }
        }
        None
    }

    fn character(&mut self, byte: u8) {
        self.partial.push(byte);
        match std::str::from_utf8(&self.partial) {
            Ok(text) => {
                self.text.push_str(text);
                self.partial.clear();
            }
            Err(error) if error.error_len().is_some() => self.partial.clear(),
            Err(_) => {}
        }
    }

    /// The line with what stands before it, on one line of the screen: of what
    /// is typed the end is shown where not all fits, and of what stands before
    /// it the last parts.
    fn behind(&self, before: &str, columns: usize) -> String {
        let typed = visible::inline(&self.text);
        let ends_in_space = if self.text.ends_with(' ') { " " } else { "" };
        let room = columns.saturating_sub(1);
        let fits = |before: &&str| before.width() + PROMPT.len() + LEAST <= room;
        let mut parts = std::iter::successors(Some(before), |before| before.split_once(" · ").map(|(_, rest)| rest));
        let before = parts.find(fits).unwrap_or_default();
        let left = room.saturating_sub(before.width() + PROMPT.len());
        let mut shown = format!("{typed}{ends_in_space}");
        while shown.width() > left && !shown.is_empty() {
            shown.remove(0);
        }
        format!("{before}{PROMPT}{shown}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[&[u8]]) -> (Line, Option<Typed>) {
        let mut line = Line::default();
        let ended = keys.iter().find_map(|keys| line.take(keys));
        (line, ended)
    }

    #[test]
    fn a_line_is_what_was_typed_and_mended() {
        let ended = |keys: &[&[u8]]| typed(keys).1;
        assert_eq!(ended(&[b"comit\x7f\x7fmit\r"]), Some(Typed::Line("commit".to_owned())));
        assert_eq!(ended(&[b"yes\x15no", b"\r"]), Some(Typed::Line("no".to_owned())));
        assert_eq!(ended(&[b"a\x1b[D\x1b[1;5Cb\x1bOPc\r"]), Some(Typed::Line("abc".to_owned())));
        assert_eq!(
            ended(&["é".as_bytes().split_at(1).0, "é".as_bytes().split_at(1).1, b"\r"]),
            Some(Typed::Line("é".to_owned()))
        );
        assert_eq!(ended(&[b"com\x03mit\r"]), Some(Typed::Interrupted));
        assert_eq!(ended(&[b"commit"]), None, "Enter is missing");
    }

    #[test]
    fn what_comes_behind_the_end_of_a_line_is_not_taken() {
        let (line, ended) = typed(&[b"\rcommit\r"]);
        assert_eq!((line.text.as_str(), ended), ("", Some(Typed::Line(String::new()))));
    }

    #[test]
    fn the_line_stays_on_one_line_of_the_screen() {
        let (line, _) = typed(&[b"rollback"]);
        assert_eq!(line.behind("open 3 s · rolled back in 9 s ", 60), "open 3 s · rolled back in 9 s > rollback");
        assert_eq!(line.behind("open 3 s · rolled back in 9 s ", 38), "rolled back in 9 s > rollback");
        assert_eq!(line.behind("rolled back in 9 s ", 26), "> rollback", "the clock goes first");
        assert_eq!(line.behind("", 8), "> lback");
    }
}
