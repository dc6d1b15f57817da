//! A child's output, made harmless: of everything a terminal can be told,
//! only colour, tab, line feed and carriage return get through.
//!
//! Titles, cursor movement, clipboard access, reports and hyperlinks are
//! dropped; control characters and direction marks are shown by name. The
//! result does not depend on how the bytes were cut into pieces.

use super::visible;
use anstyle::{Ansi256Color, AnsiColor, Color, Effects, RgbColor, Style};

/// What is left of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Characters of ASCII that can be shown, one column each.
    Plain(&'a str),
    /// A character that can be shown.
    Text(char),
    /// All text from here on looks like this.
    Style(Style),
    /// `\t`.
    Tab,
    /// `\n`.
    Newline,
    /// `\r`.
    Return,
    /// `\b`: how a terminal shows that a typed character was taken back.
    Back,
}

/// No sequence that is let through is longer.
const LONGEST_PARAMETERS: usize = 64;

/// A string sequence that is never ended would hide everything after it.
const LONGEST_STRING: usize = 4096;

#[derive(Debug, Default)]
enum State {
    #[default]
    Ground,
    Escape,
    /// After ESC and an intermediate character.
    Intermediate,
    Control(String),
    /// In the string of an OSC, DCS, SOS, PM or APC.
    Text(usize),
    /// After an ESC in such a string.
    TextEscape,
}

/// Filters one stream.
#[derive(Debug, Default)]
pub(super) struct Filter {
    state: State,
    style: Style,
    /// The bytes of a character that is not complete yet.
    partial: Vec<u8>,
}

impl Filter {
    /// Takes some bytes and hands on what may be shown of them.
    pub(super) fn push<'a>(&mut self, bytes: &'a [u8], emit: &mut impl FnMut(Piece<'a>)) {
        let mut rest = self.complete(bytes, emit);
        while let Some(byte) = rest.first() {
            let is_ground = matches!(self.state, State::Ground);
            // Nearly all output is this.
            let plain = if is_ground { plain_prefix(rest) } else { 0 };
            if plain > 0 {
                let (text, after) = rest.split_at(plain);
                emit(Piece::Plain(std::str::from_utf8(text).expect("ASCII is UTF-8")));
                rest = after;
                continue;
            }
            let (c, used) = match byte {
                0..=0x7f => (char::from(*byte), 1),
                // No character begins so.
                0x80..=0xc1 | 0xf5.. => (char::REPLACEMENT_CHARACTER, 1),
                _ => match first_char(rest) {
                    Some(found) => found,
                    None => {
                        self.partial.extend_from_slice(rest);
                        return;
                    }
                },
            };
            if is_ground {
                self.ground(c, emit);
            } else {
                self.char(c, emit);
            }
            rest = &rest[used..];
        }
    }

    /// Ends the stream: what was incomplete is shown as such, and the next
    /// bytes start afresh.
    pub(super) fn finish<'a>(&mut self, emit: &mut impl FnMut(Piece<'a>)) {
        if !self.partial.is_empty() {
            self.partial.clear();
            self.char(char::REPLACEMENT_CHARACTER, emit);
        }
        *self = Self::default();
    }

    /// Takes the rest of a character off the front of `bytes`, and gives what
    /// follows it.
    fn complete<'a>(&mut self, bytes: &'a [u8], emit: &mut impl FnMut(Piece<'a>)) -> &'a [u8] {
        let mut rest = bytes;
        while let (false, [byte, after @ ..]) = (self.partial.is_empty(), rest) {
            self.partial.push(*byte);
            rest = after;
            let Some((c, used)) = first_char(&self.partial) else { continue };
            self.char(c, emit);
            if used < self.partial.len() {
                // The byte did not belong to it.
                self.partial.clear();
                return &bytes[bytes.len() - rest.len() - 1..];
            }
            self.partial.clear();
        }
        rest
    }

    fn char<'a>(&mut self, c: char, emit: &mut impl FnMut(Piece<'a>)) {
        match std::mem::take(&mut self.state) {
            State::Ground => self.ground(c, emit),
            State::Escape => match c {
                '[' => self.state = State::Control(String::new()),
                ']' | 'P' | 'X' | '^' | '_' => self.state = State::Text(0),
                ' '..='/' => self.state = State::Intermediate,
                '0'..='~' | '\u{18}' | '\u{1a}' => {}
                _ => self.ground(c, emit),
            },
            State::Intermediate => match c {
                ' '..='/' => self.state = State::Intermediate,
                '0'..='~' | '\u{18}' | '\u{1a}' => {}
                _ => self.ground(c, emit),
            },
            State::Control(mut parameters) => match c {
                ' '..='?' => {
                    if parameters.len() <= LONGEST_PARAMETERS {
                        parameters.push(c);
                    }
                    self.state = State::Control(parameters);
                }
                'm' => {
                    if let Some(style) = recolored(self.style, &parameters) {
                        self.style = style;
                        emit(Piece::Style(style));
                    }
                }
                '@'..='~' | '\u{18}' | '\u{1a}' => {}
                _ => self.ground(c, emit),
            },
            State::Text(length) => match c {
                '\u{7}' | '\u{9c}' | '\u{18}' | '\u{1a}' => {}
                '\u{1b}' => self.state = State::TextEscape,
                // No honest title or link holds a line end: what follows was
                // meant to be read.
                '\n' => self.ground(c, emit),
                _ if length < LONGEST_STRING => self.state = State::Text(length + 1),
                _ => self.ground(c, emit),
            },
            State::TextEscape if c == '\\' => {}
            State::TextEscape => {
                self.state = State::Escape;
                self.char(c, emit);
            }
        }
    }

    fn ground<'a>(&mut self, c: char, emit: &mut impl FnMut(Piece<'a>)) {
        match c {
            '\u{1b}' => self.state = State::Escape,
            '\n' => emit(Piece::Newline),
            '\r' => emit(Piece::Return),
            '\u{8}' => emit(Piece::Back),
            '\t' => emit(Piece::Tab),
            '\0'..='\u{1f}' | '\u{7f}' => emit(Piece::Text(visible::picture(c))),
            _ if c.is_control() || visible::is_deceptive(c) => {
                for shown in visible::name(c).unwrap_or_default().chars() {
                    emit(Piece::Text(shown));
                }
            }
            _ => emit(Piece::Text(c)),
        }
    }
}

/// How many bytes of printable ASCII `bytes` begins with.
fn plain_prefix(bytes: &[u8]) -> usize {
    const WIDE: usize = 32;
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    // Looking at all of a piece without a branch is several times faster.
    let wide = |piece: &&[u8]| piece.iter().fold(true, |all, byte| all & is_plain(byte));
    let whole = bytes.chunks_exact(WIDE).take_while(wide).count() * WIDE;
    whole + bytes[whole..].iter().take_while(|byte| is_plain(byte)).count()
}

/// The character that `bytes` begins with and its length, a replacement for
/// what is none; `None` where more must be seen.
fn first_char(bytes: &[u8]) -> Option<(char, usize)> {
    let bytes = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        Err(error) => return error.error_len().map(|length| (char::REPLACEMENT_CHARACTER, length)),
    };
    valid.chars().next().map(|c| (c, c.len_utf8()))
}

/// `style` after the SGR sequence with these parameters; `None` where they are
/// not those of an SGR. Concealing and blinking are not followed: hidden text
/// could be copied unseen.
fn recolored(mut style: Style, parameters: &str) -> Option<Style> {
    let plain = |c: char| c.is_ascii_digit() || c == ';' || c == ':';
    if parameters.len() > LONGEST_PARAMETERS || !parameters.chars().all(plain) {
        return None;
    }
    let mut fields = parameters.split(';');
    while let Some(field) = fields.next() {
        let mut parts = field.split(':');
        let code: u16 = parts.next().filter(|code| !code.is_empty()).map_or(Some(0), |code| code.parse().ok())?;
        let with = |effect: Effects| style.effects(style.get_effects().insert(effect));
        let without = |effect: Effects| style.effects(style.get_effects().remove(effect));
        style = match code {
            0 => Style::new(),
            1 => with(Effects::BOLD),
            2 => with(Effects::DIMMED),
            3 => with(Effects::ITALIC),
            4 if field.ends_with(":0") => without(Effects::UNDERLINE),
            4 => with(Effects::UNDERLINE),
            7 => with(Effects::INVERT),
            9 => with(Effects::STRIKETHROUGH),
            22 => without(Effects::BOLD.insert(Effects::DIMMED)),
            23 => without(Effects::ITALIC),
            24 => without(Effects::UNDERLINE),
            27 => without(Effects::INVERT),
            29 => without(Effects::STRIKETHROUGH),
            38 | 48 => {
                let color = if field.contains(':') { extended(&mut colon_form(field)) } else { extended(&mut fields) };
                match color {
                    Some(color) if code == 38 => style.fg_color(Some(color)),
                    Some(color) => style.bg_color(Some(color)),
                    None => style,
                }
            }
            30..=37 | 90..=97 => style.fg_color(basic(code)),
            39 => style.fg_color(None),
            40..=47 | 100..=107 => style.bg_color(basic(code - 10)),
            49 => style.bg_color(None),
            _ => style,
        };
    }
    Some(style)
}

/// The numbers of `38:2::r:g:b` in the order of `38;2;r;g;b`: the colon form
/// may name a colour space before the colour.
fn colon_form(field: &str) -> impl Iterator<Item = &str> {
    let mut parts: Vec<&str> = field.split(':').skip(1).collect();
    if parts.first() == Some(&"2") && parts.len() > 4 {
        parts.remove(1);
    }
    parts.into_iter()
}

fn extended<'a>(numbers: &mut impl Iterator<Item = &'a str>) -> Option<Color> {
    let kind = numbers.next()?;
    let mut number = || numbers.next()?.parse::<u8>().ok();
    match kind {
        "5" => Some(Ansi256Color(number()?).into()),
        "2" => Some(RgbColor(number()?, number()?, number()?).into()),
        _ => None,
    }
}

fn basic(code: u16) -> Option<Color> {
    const COLORS: [AnsiColor; 8] = [
        AnsiColor::Black,
        AnsiColor::Red,
        AnsiColor::Green,
        AnsiColor::Yellow,
        AnsiColor::Blue,
        AnsiColor::Magenta,
        AnsiColor::Cyan,
        AnsiColor::White,
    ];
    let color = *COLORS.get(usize::from(code % 10))?;
    Some(color.bright(code >= 90).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What comes of the chunks, character by character.
    fn filtered<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Piece<'a>> {
        let mut filter = Filter::default();
        let mut pieces = Vec::new();
        let mut keep = |piece: Piece<'a>| match piece {
            Piece::Plain(text) => pieces.extend(text.chars().map(Piece::Text)),
            piece => pieces.push(piece),
        };
        for chunk in chunks {
            filter.push(chunk, &mut keep);
        }
        filter.finish(&mut keep);
        pieces
    }

    fn text(bytes: &[u8]) -> String {
        filtered([bytes])
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Text(c) => Some(c),
                Piece::Newline => Some('\n'),
                Piece::Return => Some('\r'),
                Piece::Tab => Some('\t'),
                Piece::Back => Some('\u{8}'),
                Piece::Style(_) | Piece::Plain(_) => None,
            })
            .collect()
    }

    #[test]
    fn titles_links_clipboard_and_cursor_movement_are_dropped() {
        assert_eq!(text(b"a\x1b]0;title\x07b"), "ab");
        assert_eq!(text(b"a\x1b]52;c;aGk=\x1b\\b"), "ab");
        assert_eq!(text(b"\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\"), "link");
        assert_eq!(text(b"\x1b[2J\x1b[H\x1b[?1049hx\x1b[6n\x1bc\x1b(0y"), "xy");
        assert_eq!(text(b"\x1bP1$r0m\x1b\\z"), "z");
    }

    #[test]
    fn a_string_that_never_ends_hides_no_further_line() {
        assert_eq!(text(b"a\x1b]0;open\nnext"), "a\nnext");
        let mut long = b"\x1b]0;".to_vec();
        long.extend(vec![b'x'; LONGEST_STRING]);
        long.extend(b"!seen");
        assert!(text(&long).ends_with("seen"));
    }

    #[test]
    fn controls_and_direction_marks_are_shown_by_name() {
        assert_eq!(text("a\u{7}bc\u{202e}d\u{9b}31m".as_bytes()), "a␇bc<U+202E>d<U+009B>31m");
        assert_eq!(text(b"\x00\x7f"), "␀␡");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_such() {
        assert_eq!(text(b"a\xffb\xc3"), "a\u{fffd}b\u{fffd}");
        assert_eq!(text(b"\xe2\x82A"), "\u{fffd}A");
    }

    #[test]
    fn colours_pass_and_concealing_does_not() {
        assert_eq!(filtered([b"\x1b[1;31m".as_slice()]), [Piece::Style(AnsiColor::Red.on_default().bold())]);
        assert_eq!(filtered([b"\x1b[8m".as_slice()]), [Piece::Style(Style::new())]);
        assert_eq!(filtered([b"\x1b[38;5;9m".as_slice()]), filtered([b"\x1b[38:5:9m".as_slice()]));
        assert_eq!(filtered([b"\x1b[38;2;1;2;3m".as_slice()]), filtered([b"\x1b[38:2::1:2:3m".as_slice()]));
        assert_eq!(filtered([b"\x1b[>4;1m".as_slice()]), []);
    }

    /// Bytes that are mostly pieces of control sequences.
    fn hostile() -> impl Strategy<Value = Vec<u8>> {
        let fragment = prop_oneof![
            any::<u8>().prop_map(|byte| vec![byte]),
            any::<char>().prop_map(|c| c.to_string().into_bytes()),
            "[0-9;:?]{0,6}[a-zA-Z]".prop_map(|text| text.into_bytes()),
            proptest::sample::select(vec![
                "\x1b",
                "\x1b[",
                "\x1b]",
                "\x1bP",
                "\x1b\\",
                "\x07",
                "\r",
                "\n",
                "\t",
                "\u{9b}",
                "\u{9d}",
                "\u{9c}",
                "\u{202e}",
                "\u{2066}",
                "\x1b[31m",
                "\x1b[0m",
                "\x1b[2K",
                "52;c;",
                "8;;http://x"
            ])
            .prop_map(|text| text.as_bytes().to_vec()),
        ];
        proptest::collection::vec(fragment, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_control_or_direction_mark_ever_gets_through(bytes in hostile()) {
            for piece in filtered([bytes.as_slice()]) {
                if let Piece::Text(c) = piece {
                    prop_assert!(!c.is_control() && !visible::is_deceptive(c), "{c:?}");
                }
            }
        }

        #[test]
        fn how_the_bytes_are_cut_changes_nothing(bytes in hostile(), size in 1_usize..8) {
            prop_assert_eq!(filtered(bytes.chunks(size)), filtered([bytes.as_slice()]));
        }

        #[test]
        fn ordinary_text_gets_through_unchanged(line in "[ -~äöü字]{0,40}") {
            prop_assert_eq!(text(line.as_bytes()), line);
        }
    }
}
