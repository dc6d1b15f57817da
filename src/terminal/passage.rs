//! What a block that had the whole screen has changed of the terminal, so
//! that it can be put right again: that and nothing else.
//!
//! And the one thing that is changed on the way. A program such as `sudo`,
//! `script` or `ssh -t` runs another in a terminal of its own, which it sets
//! like the block's. That leaves line ends alone, for they are recorded as they
//! were printed, and so does its copy: a line feed arrives with no carriage
//! return, and each line would begin where the one before ended.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// No sequence that is followed is longer.
const LONGEST: usize = 64;

/// Private modes that are off on a terminal as it should be.
const OFF: [u16; 16] = [1, 5, 6, 9, 47, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1047, 1049, 2004];
/// Private modes that are on.
const ON: [u16; 2] = [7, 25];
/// Those that show another screen.
const SCREENS: [u16; 3] = [47, 1047, 1049];

#[derive(Debug, Default)]
enum State {
    #[default]
    Ground,
    Escape,
    /// After ESC and one of `( ) * + # %`.
    Designation(u8),
    Control(Vec<u8>),
    /// In the string of an OSC, DCS, SOS, PM or APC.
    Text,
    TextEscape,
}

/// Follows the bytes that went through to the screen.
#[derive(Debug, Default)]
pub(super) struct Passage {
    state: State,
    /// Private modes that are not as they should be.
    modes: BTreeSet<u16>,
    styled: bool,
    keypad: bool,
    charset: bool,
    region: bool,
    insert: bool,
    cursor_shape: bool,
    /// How many kitty keyboard modes are stacked.
    keyboards: usize,
    /// The cursor may be elsewhere than at a line's start.
    within_line: bool,
    /// The same of the cursor's saved place.
    saved: bool,
    /// The same where the screen that was left for another one is concerned.
    within_line_before: bool,
    /// Rows and columns were addressed: a line feed only moves down.
    addressed: bool,
    /// The last byte was a carriage return.
    returned: bool,
}

impl Passage {
    /// Follows what is to be written, and gives it as it is to be.
    pub(super) fn pass<'b>(&mut self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let mut passed = Cow::Borrowed(bytes);
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' && self.lacks_return() {
                self.byte(b'\r');
                if let Cow::Borrowed(_) = passed {
                    passed = Cow::Owned(bytes[..at].to_vec());
                }
                passed.to_mut().push(b'\r');
            }
            self.byte(*byte);
            if let Cow::Owned(passed) = &mut passed {
                passed.push(*byte);
            }
        }
        passed
    }

    /// Whether a line feed would not begin a line, though it is meant to.
    fn lacks_return(&self) -> bool {
        let has_other_screen = self.modes.iter().any(|mode| SCREENS.contains(mode));
        !self.returned && !self.addressed && !has_other_screen && matches!(self.state, State::Ground)
    }

    /// What undoes the changes, and leaves the cursor at the start of a line.
    pub(super) fn undo(&mut self) -> String {
        let done = std::mem::take(self);
        let mut out = String::new();
        // A sequence that was cut off must not swallow what comes next.
        if !matches!(done.state, State::Ground) {
            out.push('\u{18}');
        }
        let other_screen = done.modes.iter().any(|mode| SCREENS.contains(mode));
        for mode in &done.modes {
            let letter = if ON.contains(mode) { 'h' } else { 'l' };
            out.push_str(&format!("\x1b[?{mode}{letter}"));
        }
        if done.keyboards > 0 {
            out.push_str(&format!("\x1b[<{}u", done.keyboards));
        }
        for (changed, undo) in [
            // That moves the cursor.
            (done.region, "\x1b7\x1b[r\x1b8"),
            (done.keypad, "\x1b>"),
            (done.charset, "\x0f\x1b(B"),
            (done.insert, "\x1b[4l"),
            (done.cursor_shape, "\x1b[0 q"),
            (done.styled, "\x1b[0m"),
        ] {
            if changed {
                out.push_str(undo);
            }
        }
        let within_line = if other_screen { done.within_line_before } else { done.within_line };
        if within_line {
            out.push_str("\r\n");
        }
        out
    }

    fn byte(&mut self, byte: u8) {
        self.returned = byte == b'\r';
        self.state = match (std::mem::take(&mut self.state), byte) {
            (State::Text | State::TextEscape, 0x07) | (State::TextEscape, b'\\') => State::Ground,
            (State::Text | State::TextEscape, 0x1b) => State::TextEscape,
            (State::Text | State::TextEscape, 0x18 | 0x1a) => State::Ground,
            (State::Text | State::TextEscape, _) => State::Text,
            (_, 0x1b) => State::Escape,
            (_, 0x18 | 0x1a) => State::Ground,
            (State::Ground, _) => {
                self.ground(byte);
                State::Ground
            }
            (State::Escape, b'[') => State::Control(Vec::new()),
            (State::Escape, b']' | b'P' | b'X' | b'^' | b'_') => State::Text,
            (State::Escape, b' '..=b'/') => State::Designation(byte),
            (State::Escape, _) => {
                self.escape(byte);
                State::Ground
            }
            (State::Designation(first), _) => {
                if first == b'(' {
                    self.charset = byte != b'B';
                }
                State::Ground
            }
            (State::Control(parameters), b'@'..=b'~') => {
                self.control(&parameters, byte);
                State::Ground
            }
            (State::Control(mut parameters), _) => {
                if parameters.len() <= LONGEST {
                    parameters.push(byte);
                }
                State::Control(parameters)
            }
        };
    }

    fn ground(&mut self, byte: u8) {
        match byte {
            b'\r' => self.within_line = false,
            0x0e => self.charset = true,
            0x0f => self.charset = false,
            b'\n' | 0x00..=0x07 => {}
            _ => self.within_line = true,
        }
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'=' => self.keypad = true,
            b'>' => self.keypad = false,
            // The whole terminal set back.
            b'c' => *self = Self::default(),
            b'7' => self.saved = self.within_line,
            b'8' => self.within_line = self.saved,
            b'D' | b'M' => self.within_line = true,
            _ => {}
        }
    }

    fn control(&mut self, parameters: &[u8], last: u8) {
        match (parameters, last) {
            ([b'?', modes @ ..], b'h' | b'l') => {
                for mode in modes.split(|byte| *byte == b';').filter_map(number) {
                    self.mode(mode, last == b'h');
                }
            }
            ([b'>', ..], b'u') => self.keyboards += 1,
            ([b'<', count @ ..], b'u') => {
                self.keyboards = self.keyboards.saturating_sub(number(count).unwrap_or(1).into());
            }
            ([.., b' '], b'q') => self.cursor_shape = !matches!(parameters, [b' '] | [b'0', b' ']),
            ([b'?' | b'>' | b'<' | b'=', ..], _) => {}
            (_, b'm') => self.styled = !matches!(parameters, [] | [b'0'] | [b'0', b'0']),
            (_, b'r') => (self.region, self.within_line) = (!parameters.is_empty(), true),
            ([_, ..], b'H') => (self.addressed, self.within_line) = (true, true),
            (b"4", b'h' | b'l') => self.insert = last == b'h',
            // Erasing moves nothing, and neither do questions.
            (_, b'J' | b'K' | b'X' | b'c' | b'h' | b'l' | b'n' | b't') => {}
            _ => self.within_line = true,
        }
    }

    fn mode(&mut self, mode: u16, set: bool) {
        if SCREENS.contains(&mode) {
            let there = self.modes.iter().any(|mode| SCREENS.contains(mode));
            if set && !there {
                self.within_line_before = self.within_line;
            } else if !set && there {
                self.within_line = self.within_line_before;
                self.addressed = false;
            }
        }
        let is_changed = (OFF.contains(&mode) && set) || (ON.contains(&mode) && !set);
        if is_changed {
            self.modes.insert(mode);
        } else {
            self.modes.remove(&mode);
        }
    }
}

fn number(digits: &[u8]) -> Option<u16> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn undone(output: &str) -> String {
        let mut passage = Passage::default();
        passage.pass(output.as_bytes());
        passage.undo()
    }

    #[test]
    fn what_put_itself_right_is_left_alone() {
        assert_eq!(undone(""), "");
        assert_eq!(undone("plain\r\n"), "");
        assert_eq!(undone("\x1b[?1049h\x1b[?1h\x1b=text\x1b[12;1H~\x1b[?1l\x1b>\r\x1b[K\x1b[?1049l"), "");
        assert_eq!(undone("\x1b[31mred\x1b[0m\r\n\x1b[?2004h\x1b[?2004l\x1b(0\x1b(B\x1b[?25l\x1b[?25h"), "");
    }

    #[test]
    fn what_died_in_the_middle_is_undone() {
        assert_eq!(undone("\x1b[?1049h\x1b[2;5Htext"), "\x1b[?1049l");
        assert_eq!(undone("\x1b[?25l\r"), "\x1b[?25h");
        assert_eq!(undone("\x1b[?1000;1006h"), "\x1b[?1000l\x1b[?1006l");
        assert_eq!(undone("\x1b[?2004h\x1b=\x1b[4h\x1b[1;31m\r"), "\x1b[?2004l\x1b>\x1b[4l\x1b[0m");
        assert_eq!(undone("\x1b[>1u\x1b[>3u\x1b[<u"), "\x1b[<1u");
        assert_eq!(undone("text\x1b[2;20r"), "\x1b7\x1b[r\x1b8\r\n");
    }

    #[test]
    fn the_next_line_starts_where_nothing_else_stands() {
        assert_eq!(undone("prompt> "), "\r\n");
        assert_eq!(undone("prompt> \x1b[?1049h\x1b[3;3Hx\x1b[?1049l"), "\r\n");
        assert_eq!(undone("done\r\n\x1b[?1049h\x1b[3;3Hx\x1b[?1049l"), "");
    }

    #[test]
    fn a_line_of_a_terminal_within_the_blocks_begins_at_its_start() {
        let passed = |pieces: &[&str]| {
            let mut passage = Passage::default();
            let passed: Vec<u8> = pieces.iter().flat_map(|piece| passage.pass(piece.as_bytes()).into_owned()).collect();
            String::from_utf8(passed).expect("UTF-8") + &passage.undo()
        };
        assert_eq!(passed(&["1\n2\r\n\n", "3\r", "\n", "\n"]), "1\r\n2\r\n\r\n3\r\n\r\n");
        assert_eq!(passed(&["\x1b[31mred\x1b[0m\n"]), "\x1b[31mred\x1b[0m\r\n");
        assert_eq!(passed(&["\x1b]0;a\nb\x07"]), "\x1b]0;a\nb\x07", "a title has no lines");
        let screen = "\x1b[?1049hx\n\x1b[5;5Hy\n\x1b[?1049l";
        assert_eq!(passed(&[screen, "1\n"]), format!("{screen}1\r\n"), "a program that draws knows what it does");
        assert_eq!(passed(&["\x1b[5;5Hy\n\r"]), "\x1b[5;5Hy\n\r");
    }

    #[test]
    fn a_sequence_that_was_cut_off_is_given_up() {
        assert_eq!(undone("\x1b]0;title"), "\u{18}");
        assert_eq!(undone("\x1b[12"), "\u{18}");
    }

    proptest! {
        #[test]
        fn the_undoing_needs_no_undoing(output in "(\x1b\\[[?>]?[0-9;]{0,6}[hlmruHq]|\x1b[=>c]|[a-z\r\n\x0e]|\x1b\\(0){0,12}") {
            let mut passage = Passage::default();
            passage.pass(output.as_bytes());
            let undo = passage.undo();
            passage.pass(undo.as_bytes());
            prop_assert_eq!(passage.undo(), "");
        }
    }
}
