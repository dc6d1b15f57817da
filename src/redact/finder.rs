//! Finding where one of many texts may stand, without looking at every byte.
//!
//! After Wu and Manber: what the last three bytes of a window say about how far
//! the next text can begin is looked up, and so much is passed over. Where no
//! text stands, which is nearly everywhere, that is almost the window's width.

use zeroize::Zeroizing;

/// Bytes that are looked at together.
const BLOCK: usize = 3;
/// Bits of a block's hash.
const BITS: u32 = 16;
/// A wider window needs no more steps worth mentioning.
const WIDEST: usize = 128;

/// Knows where the texts it was made of cannot begin.
#[derive(Default)]
pub(super) struct Finder {
    /// The width of the window: that of the shortest text, or less.
    window: usize,
    /// By the hash of the window's last block, how far the window can move.
    shifts: Zeroizing<Vec<u8>>,
    /// By the hash of a block, whether a text begins with it.
    beginnings: Zeroizing<Vec<bool>>,
}

impl Finder {
    /// One for these texts, none of which is empty.
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        let window = texts.clone().map(<[u8]>::len).min().unwrap_or(0).min(WIDEST);
        if window < BLOCK {
            // Too narrow to skip by.
            return Self::default();
        }
        let furthest = u8::try_from(window - BLOCK + 1).unwrap_or(u8::MAX);
        let mut shifts = Zeroizing::new(vec![furthest; 1 << BITS]);
        let mut beginnings = Zeroizing::new(vec![false; 1 << BITS]);
        for text in texts {
            beginnings[hash(text)] = true;
            for (at, block) in text[..window].windows(BLOCK).enumerate() {
                let shift = u8::try_from(window - BLOCK - at).unwrap_or(u8::MAX);
                let known = &mut shifts[hash(block)];
                *known = shift.min(*known);
            }
        }
        Self { window, shifts, beginnings }
    }

    /// The first place from `from` on where a text may begin; none where none
    /// does any more.
    pub(super) fn candidate(&self, bytes: &[u8], from: usize) -> Option<usize> {
        if self.window < BLOCK {
            return (from < bytes.len()).then_some(from);
        }
        let mut at = from;
        while let Some(block) = bytes.get(at + self.window - BLOCK..at + self.window) {
            match self.shifts[hash(block)] {
                0 if self.beginnings[hash(&bytes[at..])] => return Some(at),
                0 => at += 1,
                shift => at += usize::from(shift),
            }
        }
        None
    }

    /// Whether a text may begin like `bytes`.
    pub(super) fn may_begin(&self, bytes: &[u8]) -> bool {
        self.window < BLOCK || bytes.len() < BLOCK || self.beginnings[hash(bytes)]
    }
}

/// The hash of the first block of `bytes`.
fn hash(bytes: &[u8]) -> usize {
    let block = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
    (block.wrapping_mul(0x9e37_79b1) >> (u32::BITS - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_place_is_passed_over_where_a_text_begins(
            texts in proptest::collection::vec("[ab]{1,7}", 1..6),
            before in "[ab]{0,20}",
            after in "[abc]{0,9}",
            long in 0_usize..300,
        ) {
            let mut texts: Vec<String> = texts;
            texts.push("ab".repeat(long + 4));
            for text in &texts {
                let finder = Finder::new(texts.iter().map(String::as_bytes));
                let all = format!("{before}{text}{after}");
                let begins = |at: &usize| texts.iter().any(|text| all.as_bytes()[*at..].starts_with(text.as_bytes()));
                let mut from = 0;
                for at in (0..all.len()).filter(begins) {
                    while from <= at {
                        let candidate = finder.candidate(all.as_bytes(), from);
                        prop_assert!(candidate.is_some_and(|candidate| candidate <= at), "{all} from {from}");
                        from = candidate.map_or(from, |candidate| candidate + 1);
                    }
                }
                prop_assert!(finder.may_begin(text.as_bytes()));
            }
        }
    }
}
