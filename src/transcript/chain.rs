//! How the lines of a transcript hang together.
//!
//! A line is an entry's JSON with two members added at its end:
//!
//! ```text
//! {"v":1,"seq":2,…,"prev":"<hash of the line before>","hash":"<hash>"}\n
//! ```
//!
//! `hash` is the SHA-256 of the line's own bytes up to the comma before
//! `"hash"`; `prev` of the first line is that of `runbook.md`. The end of the
//! line has one form only, so no byte of it can change unseen either.

use crate::run::{Entry, Event, FORMAT, Line};
use crate::source::Digest;

const PREV: &str = ",\"prev\":\"";
const HASH: &str = ",\"hash\":\"";
/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// The state of the chain after some lines: what the next must link to.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Hash of the last line; `None` before the first line of a record that is
    /// read without knowing its runbook.
    head: Option<Digest>,
    /// Lines so far.
    lines: u64,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// No line end.
    #[error("it has no line end")]
    NoEnd,
    /// It does not end as a line does.
    #[error("it does not end in its hash")]
    Form,
    /// Its bytes are not those that were hashed.
    #[error("its bytes are not the ones that were written")]
    Hash,
    /// It does not follow the line before it.
    #[error("it does not follow what stands before it: something was changed, removed or put in there")]
    Link,
    /// Its number is not its place.
    #[error("it has the number {0}")]
    Number(u64),
    /// It is of another version of the format.
    #[error("it is of version {0} of the format, and this program reads {FORMAT}")]
    Version(u32),
    /// The first event does not name the runbook that the chain begins with.
    #[error("it names another runbook than the chain begins with")]
    Runbook,
    /// It is whole and does not make sense.
    #[error("it cannot be read: {0}")]
    Json(String),
}

impl Chain {
    /// A chain that begins with the digest of the run's runbook.
    #[must_use]
    pub fn begin(runbook: Digest) -> Self {
        Self { head: Some(runbook), lines: 0 }
    }

    /// A chain that begins with whatever its first line says.
    #[must_use]
    pub fn unanchored() -> Self {
        Self { head: None, lines: 0 }
    }

    /// Hash of the last line; before the first, of the runbook.
    #[must_use]
    pub fn head(&self) -> Option<&Digest> {
        self.head.as_ref()
    }

    /// How many lines there are.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The next line, with its end, for `entry`, whose number is to be
    /// [`lines`](Self::lines) and one.
    ///
    /// # Errors
    /// If the entry has no JSON.
    pub(super) fn encode(&mut self, entry: &Entry) -> Result<Vec<u8>, serde_json::Error> {
        let mut line = serde_json::to_vec(entry)?;
        line.pop();
        line.extend_from_slice(PREV.as_bytes());
        line.extend_from_slice(self.head.as_ref().map_or("", Digest::as_str).as_bytes());
        line.push(b'"');
        let hash = Digest::of(&line);
        line.extend_from_slice(HASH.as_bytes());
        line.extend_from_slice(hash.as_str().as_bytes());
        line.extend_from_slice(b"\"}\n");
        self.head = Some(hash);
        self.lines += 1;
        Ok(line)
    }

    /// Takes the next line, with its end, off a record.
    ///
    /// # Errors
    /// If it is not the one that was written there. The chain then stays
    /// where it is.
    pub(super) fn decode(&mut self, line: &[u8]) -> Result<Line, Flaw> {
        let json = line.strip_suffix(b"\n").ok_or(Flaw::NoEnd)?;
        let whole = json.strip_suffix(b"}").ok_or(Flaw::Form)?;
        let (body, hash) = split_member(whole, HASH).ok_or(Flaw::Form)?;
        if Digest::of(body) != hash {
            return Err(Flaw::Hash);
        }
        let (_, prev) = split_member(body, PREV).ok_or(Flaw::Form)?;
        if self.head.as_ref().is_some_and(|head| *head != prev) {
            return Err(Flaw::Link);
        }
        let line = Line::parse(json).map_err(|error| Flaw::Json(error.to_string()))?;
        if line.version() != FORMAT {
            return Err(Flaw::Version(line.version()));
        }
        if line.seq() != self.lines + 1 {
            return Err(Flaw::Number(line.seq()));
        }
        if matches!(line.event(), Some(Event::RunStarted(header)) if header.digest != prev) {
            return Err(Flaw::Runbook);
        }
        self.head = Some(hash);
        self.lines += 1;
        Ok(line)
    }
}

/// Splits the member `name` with its hash off the end of `bytes`.
fn split_member<'a>(bytes: &'a [u8], name: &str) -> Option<(&'a [u8], Digest)> {
    let quoted = bytes.strip_suffix(b"\"")?;
    let (rest, digits) = quoted.split_at_checked(quoted.len().checked_sub(DIGITS)?)?;
    let digest = Digest::parse(std::str::from_utf8(digits).ok()?)?;
    Some((rest.strip_suffix(name.as_bytes())?, digest))
}
