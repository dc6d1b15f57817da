//! A child's output, made harmless: of everything a terminal can be told,
//! only colour, tab, line feed and carriage return get through.
//!
//! Titles, clipboard access, hyperlinks and questions to the terminal are shown
//! as text, control characters and direction marks by name. Of what moves the
//! cursor or erases only that is left which can be held within a block's own
//! lines; the rest is dropped. The result does not depend on how the bytes were
//! cut into pieces.

use super::visible;
use anstyle::{Ansi256Color, AnsiColor, Color, Effects, RgbColor, Style};

/// What is left of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Characters of ASCII that can be shown, one column each, and line ends.
    Lines(&'a [u8]),
    /// Such characters without line ends, and those that stand for bytes that
    /// cannot be shown: so many of them, one column each, in UTF-8.
    Pictures(&'a [u8], usize),
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
    /// So many lines up, to write over them.
    Up(usize),
    /// And down again.
    Down(usize),
    /// The line that it is in is erased, from here on or all of it.
    Erase { whole: bool },
    /// All from here on is erased.
    EraseBelow,
}

/// No sequence that is let through is longer.
const LONGEST_PARAMETERS: usize = 64;

/// A string sequence that is never ended would hide everything after it.
const LONGEST_STRING: usize = 4096;

/// How much of such a string is shown.
const SHOWN_STRING: usize = 120;

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
    pictures: Pictures,
}

/// Text that is made of bytes that are no text, in UTF-8.
#[derive(Debug, Default)]
struct Pictures {
    text: Vec<u8>,
    columns: usize,
}

/// What a byte is shown as that belongs to no character, and how many bytes of
/// it that are: 0 where what stands around it must be looked at.
type Picture = ([u8; 4], u8);

static PICTURES: [Picture; 256] = {
    let mut pictures = [([0; 4], 0); 256];
    let mut byte = 0;
    while byte < pictures.len() {
        pictures[byte] = picture(byte as u8);
        byte += 1;
    }
    pictures
};

const fn picture(byte: u8) -> Picture {
    match byte {
        b' '..=b'~' => ([byte, 0, 0, 0], 1),
        b'\t'..=b'\r' | 0x08 | 0x1b | FIRST_LEAD..=LAST_LEAD => ([0; 4], 0),
        // The pictures of the control characters follow each other.
        0..=0x1f => ([0xe2, 0x90, 0x80 + byte, 0], 3),
        0x7f => ([0xe2, 0x90, 0xa1, 0], 3),
        _ => REPLACED,
    }
}

/// That of a byte that belongs to nothing.
const REPLACED: Picture = ([REPLACEMENT[0], REPLACEMENT[1], REPLACEMENT[2], 0], 3);

/// Whether a character begins that does not go on: most do, of bytes that are no
/// text.
fn is_cut_off(bytes: &[u8]) -> bool {
    matches!(bytes, [FIRST_LEAD..=LAST_LEAD, next, ..] if !matches!(next, 0x80..=0xbf))
}

impl Pictures {
    /// Takes what can be shown of the front of `bytes` without a look at what
    /// stands around it; says how many bytes that is.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        // In pieces that never need more room than there is.
        for piece in bytes.chunks(PIECE) {
            let mut shown = [0; 4 * PIECE];
            let (mut end, before) = (0, taken);
            for byte in piece {
                let (picture, length) = match PICTURES[usize::from(*byte)] {
                    (_, 0) if is_cut_off(&bytes[taken..]) => REPLACED,
                    (_, 0) => break,
                    known => known,
                };
                shown[end..end + picture.len()].copy_from_slice(&picture);
                end += usize::from(length);
                taken += 1;
            }
            self.text.extend_from_slice(&shown[..end]);
            if taken - before < piece.len() {
                break;
            }
        }
        self.columns += taken;
        taken
    }

    fn replace(&mut self) {
        self.text.extend_from_slice(&REPLACEMENT);
        self.columns += 1;
    }

    fn hand_on(&mut self, emit: &mut impl FnMut(Piece<'_>)) {
        if self.columns > 0 {
            emit(Piece::Pictures(&self.text, self.columns));
            self.text.clear();
            self.columns = 0;
        }
    }
}

/// How many bytes are looked at before what they are shown as is kept.
const PIECE: usize = 16;

/// Stands for what is no character.
const REPLACEMENT: [u8; 3] = *b"\xef\xbf\xbd";

/// The bytes that characters of more than one begin with.
const FIRST_LEAD: u8 = 0xc2;
const LAST_LEAD: u8 = 0xf4;

impl Filter {
    /// Takes some bytes and hands on what may be shown of them.
    pub(super) fn push(&mut self, bytes: &[u8], emit: &mut impl FnMut(Piece<'_>)) {
        let mut rest = self.complete(bytes, emit);
        while let Some(byte) = rest.first() {
            let is_ground = matches!(self.state, State::Ground);
            // Nearly all output is this.
            let plain = if is_ground && is_plain(*byte) { plain_prefix(rest) } else { 0 };
            if plain > 0 {
                let (lines, after) = rest.split_at(plain);
                emit(Piece::Lines(lines));
                rest = after;
                continue;
            }
            let used = if is_ground { self.pictured(rest, emit) } else { 0 };
            if used > 0 {
                rest = &rest[used..];
                continue;
            }
            let Some((c, used)) = first_char(rest) else {
                self.partial.extend_from_slice(rest);
                return;
            };
            self.char(c, emit);
            rest = &rest[used..];
        }
    }

    /// Hands on what begins with bytes that are no text; says how many it took.
    fn pictured(&mut self, bytes: &[u8], emit: &mut impl FnMut(Piece<'_>)) -> usize {
        let mut used = 0;
        loop {
            used += self.pictures.take(&bytes[used..]);
            match bytes.get(used) {
                Some(FIRST_LEAD..=LAST_LEAD) => match first_char(&bytes[used..]) {
                    Some((char::REPLACEMENT_CHARACTER, wrong)) => {
                        self.pictures.replace();
                        used += wrong;
                    }
                    _ => break,
                },
                _ => break,
            }
        }
        self.pictures.hand_on(emit);
        used
    }

    /// Ends the stream: what was incomplete is shown as such, and the next
    /// bytes start afresh.
    pub(super) fn finish(&mut self, emit: &mut impl FnMut(Piece<'_>)) {
        if !self.partial.is_empty() {
            self.partial.clear();
            self.char(char::REPLACEMENT_CHARACTER, emit);
        }
        *self = Self::default();
    }

    /// Takes the rest of a character off the front of `bytes`, and gives what
    /// follows it.
    fn complete<'b>(&mut self, bytes: &'b [u8], emit: &mut impl FnMut(Piece<'_>)) -> &'b [u8] {
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

    fn char(&mut self, c: char, emit: &mut impl FnMut(Piece<'_>)) {
        match std::mem::take(&mut self.state) {
            State::Ground => self.ground(c, emit),
            State::Escape => match c {
                '[' => self.state = State::Control(String::new()),
                ']' | 'P' | 'X' | '^' | '_' => {
                    emit(Piece::Text(visible::picture('\u{1b}')));
                    emit(Piece::Text(c));
                    self.state = State::Text(0);
                }
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
                'A' | 'B' | 'E' | 'F' | 'G' | 'J' | 'K' => moved(c, &parameters, emit),
                // What the terminal answers would be typed at the block.
                'c' | 'n' => {
                    for shown in [visible::picture('\u{1b}'), '['].into_iter().chain(parameters.chars()).chain([c]) {
                        emit(Piece::Text(shown));
                    }
                }
                '@'..='~' | '\u{18}' | '\u{1a}' => {}
                _ => self.ground(c, emit),
            },
            State::Text(length) => match c {
                '\u{7}' | '\u{9c}' | '\u{18}' | '\u{1a}' => self.ground(c, emit),
                '\u{1b}' => self.state = State::TextEscape,
                // No honest title or link holds a line end: what follows was
                // meant to be read.
                '\n' => self.ground(c, emit),
                _ if length < LONGEST_STRING => {
                    match length {
                        0..SHOWN_STRING => self.shown(c, emit),
                        SHOWN_STRING => emit(Piece::Text('…')),
                        _ => {}
                    }
                    self.state = State::Text(length + 1);
                }
                _ => self.ground(c, emit),
            },
            State::TextEscape if c == '\\' => {
                emit(Piece::Text(visible::picture('\u{1b}')));
                emit(Piece::Text(c));
            }
            State::TextEscape => {
                self.state = State::Escape;
                self.char(c, emit);
            }
        }
    }

    fn ground(&mut self, c: char, emit: &mut impl FnMut(Piece<'_>)) {
        match c {
            '\u{1b}' => self.state = State::Escape,
            '\n' => emit(Piece::Newline),
            '\r' => emit(Piece::Return),
            '\u{8}' => emit(Piece::Back),
            '\t' => emit(Piece::Tab),
            _ => self.shown(c, emit),
        }
    }

    /// Shows what moves nothing.
    fn shown(&self, c: char, emit: &mut impl FnMut(Piece<'_>)) {
        match c {
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

/// What is left of a sequence that moves or erases: what progress of several
/// lines is drawn with.
fn moved(last: char, parameters: &str, emit: &mut impl FnMut(Piece<'_>)) {
    let number = match parameters {
        "" => Some(0),
        digits => digits.parse::<u16>().ok(),
    };
    let Some(number) = number.map(usize::from) else { return };
    if matches!(last, 'E' | 'F') || (last == 'G' && number <= 1) {
        emit(Piece::Return);
    }
    match (last, number) {
        ('A' | 'F', _) => emit(Piece::Up(number.max(1))),
        ('B' | 'E', _) => emit(Piece::Down(number.max(1))),
        ('K', 0) => emit(Piece::Erase { whole: false }),
        ('K', 2) => emit(Piece::Erase { whole: true }),
        ('J', 0) => emit(Piece::EraseBelow),
        _ => {}
    }
}

/// Whether it is printable ASCII or a line end.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n')
}

/// How many such bytes `bytes` begins with.
fn plain_prefix(bytes: &[u8]) -> usize {
    // So many at once that the compiler has the processor compare them together.
    const WIDTH: usize = 32;
    let (pieces, _) = bytes.as_chunks::<WIDTH>();
    let whole = pieces.iter().take_while(|piece| piece.iter().fold(true, |all, byte| all & is_plain(*byte))).count();
    let rest = &bytes[whole * WIDTH..];
    whole * WIDTH + rest.iter().take_while(|byte| is_plain(**byte)).count()
}

/// The character that `bytes` begins with and its length, a replacement for
/// what is none, as much of it as belongs together; `None` where more must be
/// seen.
fn first_char(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    // How many bytes follow, and between what the first of them is.
    let (more, low, high) = match first {
        0..=0x7f => return Some((char::from(first), 1)),
        0xc2..=0xdf => (1, 0x80, 0xbf),
        0xe0 => (2, 0xa0, 0xbf),
        0xed => (2, 0x80, 0x9f),
        0xe1..=0xef => (2, 0x80, 0xbf),
        0xf0 => (3, 0x90, 0xbf),
        0xf4 => (3, 0x80, 0x8f),
        0xf1..=0xf3 => (3, 0x80, 0xbf),
        // No character begins so.
        _ => return Some((char::REPLACEMENT_CHARACTER, 1)),
    };
    let mut number = u32::from(first & (0x3f >> more));
    for at in 1..=more {
        let byte = *bytes.get(at)?;
        if !(if at == 1 { low..=high } else { 0x80..=0xbf }).contains(&byte) {
            return Some((char::REPLACEMENT_CHARACTER, at));
        }
        number = (number << 6) | u32::from(byte & 0x3f);
    }
    Some((char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER), more + 1))
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
#[path = "filter_tests.rs"]
mod tests;
