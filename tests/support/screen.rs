//! What a person reads of what a program writes to a terminal.

/// Takes a program's output piece by piece and keeps its text: escape
/// sequences are dropped, and every way of going elsewhere on the screen
/// begins a new line, so that texts from different places never run together.
#[derive(Default)]
pub(crate) struct Screen {
    text: Vec<u8>,
    state: State,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum State {
    #[default]
    Text,
    /// After a carriage return, which ends a line unless a line feed does.
    Return,
    /// After ESC.
    Escape,
    /// In `ESC [ …`.
    Control,
    /// In an operating system command or another string, to BEL or `ESC \`.
    TextString,
    /// After an ESC in one.
    StringEscape,
}

impl Screen {
    /// Adds what came next; sequences and characters may be cut anywhere.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.state = self.next(byte);
        }
    }

    /// All of the text so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }

    /// Length of the text so far, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Where `needle` stands at or after byte `from`.
    pub(crate) fn find(&self, needle: &str, from: usize) -> Option<usize> {
        let needle = needle.as_bytes();
        assert!(!needle.is_empty(), "an empty text is everywhere");
        self.text[from..].windows(needle.len()).position(|window| window == needle).map(|at| from + at)
    }

    /// The text from byte `from` to byte `to`.
    pub(crate) fn between(&self, from: usize, to: usize) -> String {
        String::from_utf8_lossy(&self.text[from..to]).into_owned()
    }

    fn next(&mut self, byte: u8) -> State {
        match (self.state, byte) {
            (State::Return, b'\n') => {
                self.text.push(b'\n');
                State::Text
            }
            (State::Return, b'\r') => State::Return,
            (State::Return, _) => {
                self.new_line();
                self.state = State::Text;
                self.next(byte)
            }
            (State::Text, 0x1b) => State::Escape,
            (State::Text, b'\r') => State::Return,
            (State::Text, _) => {
                if byte >= b' ' && byte != 0x7f || matches!(byte, b'\n' | b'\t') {
                    self.text.push(byte);
                }
                State::Text
            }
            (State::Escape, b'[') => State::Control,
            (State::Escape, b']' | b'P' | b'X' | b'^' | b'_') => State::TextString,
            // Intermediates, as in `ESC ( B`.
            (State::Escape, b' '..=b'/') => State::Escape,
            (State::Escape, _) => State::Text,
            (State::Control, b'A' | b'B' | b'E' | b'F' | b'G' | b'H' | b'f') => {
                self.new_line();
                State::Text
            }
            (State::Control, b'@'..=b'~') => State::Text,
            (State::Control, _) => State::Control,
            (State::TextString | State::StringEscape, 0x07) | (State::StringEscape, b'\\') => State::Text,
            (State::TextString | State::StringEscape, 0x1b) => State::StringEscape,
            (State::TextString | State::StringEscape, _) => State::TextString,
        }
    }

    fn new_line(&mut self) {
        if self.text.last().is_some_and(|last| *last != b'\n') {
            self.text.push(b'\n');
        }
    }
}
