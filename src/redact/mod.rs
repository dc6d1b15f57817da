//! Masking secrets in a stream of bytes.
//!
//! Everything a block prints passes through a [`Redactor`] before it reaches
//! a file or a screen. A secret is looked for as it is and in the forms that
//! tools commonly give it (`forms`), and shown as `«name»`.
//!
//! The promise, whatever the pieces in which the stream arrives: a byte that
//! belongs to an occurrence of a secret is never passed on.

mod finder;
mod forms;
#[cfg(test)]
mod tests;

use finder::Finder;
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// Masks secrets in a stream of bytes.
///
/// Where occurrences overlap, all of their bytes are masked, under the name of
/// the one that begins first; where several begin at the same byte, under that
/// of the longest.
#[derive(Default)]
pub struct Redactor {
    /// By first byte; each list holds the longest first.
    needles: Vec<Vec<Needle>>,
    longest: usize,
    finder: Finder,
    /// What stands in the place of each secret, `«name»`.
    masks: Vec<String>,
    /// The end of the stream so far: it may be the beginning of a secret.
    held: Vec<u8>,
    /// How many bytes at the front of `held` belong to an occurrence whose
    /// mask is already written.
    masked: usize,
}

/// One form of a secret.
struct Needle {
    bytes: Zeroizing<Vec<u8>>,
    mask: usize,
}

impl Redactor {
    /// The shortest secret, in bytes, that can be masked in all its forms.
    ///
    /// A shorter one is masked only as it stands, wherever its bytes happen to
    /// occur, which shreds the text around it: better to refuse it beforehand.
    pub const SHORTEST: usize = 6;

    /// A redactor for these secrets, each a name and its value.
    ///
    /// Empty values are left out.
    pub fn new<N, V>(secrets: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut redactor = Self::default();
        for (name, value) in secrets {
            redactor.take_in(name.as_ref(), value.as_ref());
        }
        redactor.make_ready();
        redactor
    }

    /// Masks this secret too, in everything not yet passed on.
    pub fn add(&mut self, name: &str, value: &str) {
        self.take_in(name, value);
        self.make_ready();
    }

    fn take_in(&mut self, name: &str, value: &str) {
        let mask = self.masks.len();
        self.needles.resize_with(256, Vec::new);
        for bytes in forms::of(value) {
            let Some(&first) = bytes.first() else { continue };
            let list = &mut self.needles[usize::from(first)];
            if list.iter().any(|needle| needle.bytes == bytes) {
                continue;
            }
            self.longest = self.longest.max(bytes.len());
            list.push(Needle { bytes, mask });
            list.sort_by_key(|needle| std::cmp::Reverse(needle.bytes.len()));
        }
        self.masks.push(format!("«{name}»"));
    }

    fn make_ready(&mut self) {
        self.finder = Finder::new(self.needles.iter().flatten().map(|needle| needle.bytes.as_slice()));
        self.hide_telling_masks();
    }

    /// A mask must not show a secret, as the name `hunter2` would that of a
    /// password `hunter2`.
    fn hide_telling_masks(&mut self) {
        for index in 0..self.masks.len() {
            for plain in ["«secret»", "***", ""] {
                if !self.holds_secret(self.masks[index].as_bytes()) {
                    break;
                }
                plain.clone_into(&mut self.masks[index]);
            }
        }
    }

    /// Whether a secret, in any of its forms, stands in `bytes`.
    #[must_use]
    pub fn holds_secret(&self, bytes: &[u8]) -> bool {
        self.next_occurrence(bytes, 0).is_some()
    }

    /// Whether there is nothing to mask, so that bytes need not pass through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.longest == 0 && self.held.is_empty()
    }

    /// Takes the next bytes of the stream and gives those that can be passed on:
    /// as [`push`](Self::push), but the bytes themselves where they are all
    /// that there is to pass on. What is in `out` is replaced.
    pub fn pass<'b>(&mut self, bytes: &'b [u8], out: &'b mut Vec<u8>) -> &'b [u8] {
        let is_clean = self.held.is_empty() && self.undecided(bytes) == bytes.len() && !self.holds_secret(bytes);
        if is_clean {
            return bytes;
        }
        out.clear();
        self.push(bytes, out);
        out
    }

    /// Takes the next bytes of the stream and appends to `out` those that can
    /// be passed on. Bytes that may be the beginning of a secret are held
    /// back, at most one less than the longest form has.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.is_empty() {
            out.extend_from_slice(bytes);
            return;
        }
        self.held.extend_from_slice(bytes);
        let end = self.undecided(&self.held);
        self.release(end, out);
    }

    /// Appends to `out` what was held back: the stream has ended. The next
    /// push begins another.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        let end = self.held.len();
        self.release(end, out);
        self.masked = 0;
    }

    /// `text` with its secrets masked; apart from any stream.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        if self.longest == 0 {
            return text.to_owned();
        }
        let mut out = Vec::with_capacity(text.len());
        self.mask(text.as_bytes(), text.len(), 0, &mut out);
        String::from_utf8(out).expect("a secret is text, so no character is cut in masking it")
    }

    /// The first of these bytes from which on a secret may have begun that is
    /// not yet all there.
    fn undecided(&self, bytes: &[u8]) -> usize {
        let end = bytes.len();
        let from = end.saturating_sub(self.longest.saturating_sub(1));
        (from..end).find(|&at| self.begins_a_secret(&bytes[at..])).unwrap_or(end)
    }

    fn release(&mut self, end: usize, out: &mut Vec<u8>) {
        let mut held = std::mem::take(&mut self.held);
        let masked = self.mask(&held, end, self.masked, out);
        self.masked = masked.saturating_sub(end);
        held.copy_within(end.., 0);
        let rest = held.len() - end;
        held[rest..].zeroize();
        held.truncate(rest);
        self.held = held;
    }

    /// Appends `bytes[..end]` to `out`, masked, and says up to where bytes are
    /// masked: that may be beyond `end`. No secret begins before `end` that is
    /// not all in `bytes`; the first `masked` bytes are masked already.
    fn mask(&self, bytes: &[u8], end: usize, mut masked: usize, out: &mut Vec<u8>) -> usize {
        let mut clean = masked.min(end);
        let mut from = 0;
        while let Some((at, needle)) = self.next_occurrence(bytes, from).filter(|(at, _)| *at < end) {
            from = at + 1;
            if at >= masked {
                out.extend_from_slice(&bytes[clean..at]);
                out.extend_from_slice(self.masks[needle.mask].as_bytes());
            }
            masked = masked.max(at + needle.bytes.len());
            clean = masked.min(end);
        }
        out.extend_from_slice(&bytes[clean..end]);
        masked
    }

    /// The first place from `from` on where a secret stands, and the longest one
    /// that stands there.
    fn next_occurrence(&self, bytes: &[u8], from: usize) -> Option<(usize, &Needle)> {
        if self.longest == 0 {
            return None;
        }
        let mut from = from;
        while let Some(at) = self.finder.candidate(bytes, from) {
            if let Some(needle) = self.occurrence(&bytes[at..]) {
                return Some((at, needle));
            }
            from = at + 1;
        }
        None
    }

    /// The longest secret that `bytes` begins with.
    fn occurrence(&self, bytes: &[u8]) -> Option<&Needle> {
        let list = self.needles.get(usize::from(*bytes.first()?))?;
        list.iter().find(|needle| bytes.starts_with(&needle.bytes))
    }

    /// Whether `bytes` is a beginning, not the whole, of a secret.
    fn begins_a_secret(&self, bytes: &[u8]) -> bool {
        if !self.finder.may_begin(bytes) {
            return false;
        }
        let list = bytes.first().and_then(|&first| self.needles.get(usize::from(first)));
        list.is_some_and(|list| list.iter().any(|n| n.bytes.len() > bytes.len() && n.bytes.starts_with(bytes)))
    }
}

impl Drop for Redactor {
    fn drop(&mut self) {
        self.held.zeroize();
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("masks", &self.masks).finish_non_exhaustive()
    }
}
