//! Bytes to text, where a file is not the UTF-8 it should be.

use super::Misread;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::fmt;

/// What a file that is not UTF-8 seems to be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// UTF-16, the lower byte first.
    Utf16Le,
    /// UTF-16, the higher byte first.
    Utf16Be,
    /// One byte for each character.
    OneByte(Misread),
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Utf16Le | Self::Utf16Be => f.write_str("UTF-16"),
            Self::OneByte(encoding) => encoding.fmt(f),
        }
    }
}

/// A file is not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUtf8 {
    /// Offset of the first byte that is not.
    pub offset: usize,
    /// Its line, from 1.
    pub line: usize,
    /// What it seems to be instead, and its text read so; `None` where nothing
    /// fits, as in a file that is no text at all.
    pub likely: Option<(Written, String)>,
}

/// Takes `bytes` for text.
///
/// # Errors
/// If they are not UTF-8.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotUtf8> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let line = bytes[..offset].iter().filter(|byte| **byte == b'\n').count() + 1;
        NotUtf8 { offset, line, likely: guess(&bytes) }
    })
}

fn guess(bytes: &[u8]) -> Option<(Written, String)> {
    for (mark, encoding, written) in
        [([0xff, 0xfe], UTF_16LE, Written::Utf16Le), ([0xfe, 0xff], UTF_16BE, Written::Utf16Be)]
    {
        if let Some(text) = bytes.strip_prefix(&mark).and_then(|bytes| cleanly(bytes, encoding)) {
            return Some((written, text));
        }
    }
    if bytes.contains(&0) {
        return None;
    }
    let readings = [Misread::Windows1252, Misread::MacRoman];
    let scored = readings.into_iter().filter_map(|reading| {
        let text = read_by_pieces(bytes, reading)?;
        Some((likelihood(&text), Written::OneByte(reading), text))
    });
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    (best.0 > 0).then_some((best.1, best.2))
}

fn cleanly(bytes: &[u8], encoding: &'static Encoding) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

/// Reads what is UTF-8 as that, and only the rest by `reading`: a page is often
/// good but for the piece that was pasted into it. `None` where a byte stands
/// for no character.
fn read_by_pieces(bytes: &[u8], reading: Misread) -> Option<String> {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let rest = cleanly(chunk.invalid(), reading.encoding())?;
        if rest.chars().any(|c| c.is_control()) {
            return None;
        }
        text.push_str(&rest);
    }
    Some(text)
}

/// How much `text` reads like something that a person wrote.
fn likelihood(text: &str) -> i64 {
    let mut before = ' ';
    let mut score = 0;
    for c in text.chars() {
        score += match c {
            _ if c.is_ascii() => 0,
            '“' | '”' | '‘' | '’' | '„' | '–' | '—' | '…' | '•' | '·' | '°' | '±' | '§' | '€' | '£' | '×' | '→'
            | '«' | '»' | '\u{a0}' => 1,
            // No word goes on in capitals.
            _ if c.is_uppercase() && before.is_lowercase() => -2,
            _ if c.is_alphabetic() => 1,
            _ => -1,
        };
        before = c;
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str, reading: Misread) -> Vec<u8> {
        reading.encoding().encode(text).0.into_owned()
    }

    #[track_caller]
    fn likely(bytes: &[u8]) -> (Written, String) {
        decode(bytes.to_vec()).expect_err("not UTF-8").likely.expect("something fits")
    }

    #[test]
    fn utf_8_is_taken_as_it_is() {
        assert_eq!(decode("é ✅".into()).as_deref(), Ok("é ✅"));
    }

    #[test]
    fn the_first_byte_that_is_wrong_is_named_by_offset_and_line() {
        let error = decode(b"one\ntwo \xff".to_vec()).expect_err("not UTF-8");
        assert_eq!((error.offset, error.line), (8, 2));
    }

    #[test]
    fn one_byte_encodings_are_told_apart_by_how_they_read() {
        let page = "Le café — “déjà vu”, naïve à côté… 5 °C\n";
        for reading in [Misread::MacRoman, Misread::Windows1252] {
            assert_eq!(likely(&bytes(page, reading)), (Written::OneByte(reading), page.to_owned()));
        }
    }

    #[test]
    fn good_utf_8_around_one_bad_byte_stays_as_it_is() {
        assert_eq!(likely(b"caf\xc3\xa9 \xe2\x86\x92 na\xefve").1, "café → naïve");
    }

    #[test]
    fn utf_16_is_known_by_its_mark() {
        let bytes: Vec<u8> = "\u{feff}# Title é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(likely(&bytes), (Written::Utf16Le, "# Title é\n".to_owned()));
        let bytes: Vec<u8> = "\u{feff}# é\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(likely(&bytes), (Written::Utf16Be, "# é\n".to_owned()));
    }

    #[test]
    fn a_file_that_is_no_text_is_taken_for_nothing() {
        assert_eq!(decode(b"\x7fELF\x02\x00\xff\xff".to_vec()).expect_err("no text").likely, None);
    }
}
