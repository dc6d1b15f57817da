//! A file as its author wrote it: the text, and where every byte of it stands.
//!
//! Everything that later speaks of the runbook (a block, a diagnostic, a line
//! of the report) holds a [`Span`] into one [`SourceFile`], so a message can
//! always name the author's own line.

mod context;
mod decode;
mod diagnostic;
mod digest;
mod garbled;

pub use context::{Context, Limit, Place};
pub use decode::{NotUtf8, Written, decode};
pub use diagnostic::{Diagnostic, Severity, render};
pub use digest::Digest;
pub use garbled::{Garbled, Misread};

use serde::Serialize;

/// A half-open range of byte offsets, `start..end`, into a [`SourceFile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset one past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The same span moved `by` bytes to the right: from a slice's own
    /// coordinates to those of the file the slice was taken from.
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        Self::new(self.start + by, self.end + by)
    }

    /// Whether `other` lies wholly inside this span.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A place as a person counts it: both numbers start at 1, and the column is
/// in characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The bytes of one file, read once, with the start of each line.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    text: String,
    line_starts: Vec<usize>,
}

impl SourceFile {
    /// Wraps `text`; `name` is how messages call the file.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
            .collect();
        Self { name: name.into(), text, line_starts }
    }

    /// How messages call the file: the path as the user gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text, exactly as read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text that `span` covers.
    ///
    /// # Panics
    /// If the span does not lie on character boundaries of this file.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }

    /// The line, from 1, that holds the byte at `offset`.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// Line and column of the byte at `offset`.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let line = self.line(offset);
        let start = self.line_starts[line - 1];
        let end = offset.min(self.text.len());
        let column = self.text.get(start..end).map_or(1, |before| before.chars().count() + 1);
        Position { line, column }
    }

    /// Line and column of each of `offsets`. Where they come in order, no byte
    /// of a line is counted twice, however long the line and however many they
    /// are.
    pub fn positions(&self, offsets: impl IntoIterator<Item = usize>) -> impl Iterator<Item = Position> {
        let mut last = (0, Position { line: 1, column: 1 });
        offsets.into_iter().map(move |offset| {
            let (at, before) = last;
            let between = self.text.get(at..offset).filter(|_| self.line(offset) == before.line);
            let position = match between {
                Some(between) => Position { column: before.column + between.chars().count(), ..before },
                None => self.position(offset),
            };
            last = (offset, position);
            position
        })
    }

    /// The bytes of line `line` (from 1) without its line end, or `None`
    /// where the file has no such line.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Option<Span> {
        let start = *self.line_starts.get(line.checked_sub(1)?)?;
        let end = self.line_starts.get(line).map_or(self.text.len(), |next| next - 1);
        let end = if self.text[start..end].ends_with('\r') { end - 1 } else { end };
        Some(Span::new(start, end))
    }

    /// SHA-256 of the text.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let file = SourceFile::new("a.md", "é1\nzwei\r\n");
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(2), Position { line: 1, column: 2 });
        assert_eq!(file.position(4), Position { line: 2, column: 1 });
        for offsets in [&[0, 2, 2, 3, 4, 6][..], &[4, 0, 2, 6, 5, 99, 3, 1], &[]] {
            let one_by_one: Vec<Position> = offsets.iter().map(|offset| file.position(*offset)).collect();
            assert_eq!(file.positions(offsets.iter().copied()).collect::<Vec<_>>(), one_by_one);
        }
        assert_eq!(file.slice(file.line_span(2).expect("line 2")), "zwei");
        assert_eq!(file.line_span(4), None);
    }
}
