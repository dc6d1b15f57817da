//! Text that was written as UTF-8, read as something else on its way here,
//! and saved as it was then understood: `✅` that has become `‚úÖ`.
//!
//! A character of UTF-8 outside ASCII is two to four bytes, the first of which
//! says how many follow. Read by a one-byte encoding they become as many
//! characters, and put back into bytes by that encoding they are valid UTF-8
//! again. Text in any language does that now and then by chance (`CAFÉ…`), so
//! single places prove nothing: either the whole page's characters outside
//! ASCII must come back, or those must be there that nobody writes.

use super::{Diagnostic, Span};
use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};
use std::fmt;

/// The encoding that UTF-8 was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misread {
    /// Mac Roman.
    MacRoman,
    /// Windows-1252, or the Latin-1 that it extends.
    Windows1252,
}

impl Misread {
    pub(super) fn encoding(self) -> &'static Encoding {
        match self {
            Self::MacRoman => MACINTOSH,
            Self::Windows1252 => WINDOWS_1252,
        }
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MacRoman => "Mac Roman",
            Self::Windows1252 => "Windows-1252",
        })
    }
}

/// What happened to a page's text, and how to take it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Garbled {
    /// The readings to be taken back, the latest first: more than one where
    /// the text was garbled more than once.
    readings: Vec<(Misread, Extent)>,
    /// How many characters of the original are affected.
    pub characters: usize,
    /// The first place, in the garbled text.
    pub first: Span,
    /// What stands there.
    pub before: String,
    /// What it was.
    pub after: String,
}

/// How much of a page was garbled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of it: whatever can be put back is.
    Whole,
    /// Pieces pasted into a page that is otherwise good: only what nobody
    /// writes is put back.
    Pieces,
}

/// Text that was garbled again and again stops here.
const MOST_READINGS: usize = 3;
/// The points of [`Sequence::weight`] from which chance is ruled out.
const ENOUGH: usize = 8;
/// Points that must stand against each character that stays as it is, for a
/// page to count as garbled as a whole.
const AGAINST_ONE: usize = 32;
/// The longest sample shown, in characters.
const SAMPLE: usize = 16;

impl Garbled {
    /// Looks whether `text` was garbled. Takes time in proportion to its
    /// length.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let (reading, extent, sequences) = look(text)?;
        let first = sequences.iter().find(|sequence| sequence.weight() >= ENOUGH).or(sequences.first())?.span;
        let mut readings = vec![(reading, extent)];
        let mut mended = undo(text, reading, extent);
        while let Some((reading, extent, _)) = look(&mended).filter(|_| readings.len() < MOST_READINGS) {
            readings.push((reading, extent));
            mended = undo(&mended, reading, extent);
        }
        let sample = run_around(text, first);
        let before: String = text[sample.start..sample.end].to_owned();
        let found =
            Self { readings, characters: sequences.len(), first: sample, before: String::new(), after: String::new() };
        let cut = |text: String| match text.char_indices().nth(SAMPLE) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text,
        };
        let after = cut(found.mend(&before));
        Some(Self { before: cut(before), after, ..found })
    }

    /// `text`, which is the page's or a part of it, as it once was.
    #[must_use]
    pub fn mend(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (reading, extent) in &self.readings {
            text = undo(&text, *reading, *extent);
        }
        text
    }

    /// Where in `text`, which is the page's or a part of it, garbled
    /// characters stand, in order.
    #[must_use]
    pub fn places(&self, text: &str) -> Vec<Span> {
        let Some((reading, extent)) = self.readings.first() else { return Vec::new() };
        let (found, _) = sequences(text, *reading);
        found.iter().filter(|sequence| is_meant(text, sequence, *extent)).map(|sequence| sequence.span).collect()
    }

    /// What was taken for what: `UTF-8 read as Mac Roman`.
    #[must_use]
    pub fn how(&self) -> String {
        let readings: Vec<_> = self.readings.iter().rev().map(|(reading, _)| reading.to_string()).collect();
        format!("UTF-8 read as {}", readings.join(", and that as "))
    }

    /// The finding, at its first place.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let many = if self.characters == 1 { "1 character" } else { &format!("{} characters", self.characters) };
        let verb = if self.characters == 1 { "was" } else { "were" };
        let message = format!("{many} of this page {verb} garbled on the way here: {}", self.how());
        Diagnostic::warning("mojibake", self.first, message).with_label(format!("was {}", self.after)).with_help(
            format!(
                "{} stands for {}; --mend takes the text as it was written, and leaves the file as it is",
                self.before, self.after
            ),
        )
    }
}

/// Some characters that are the bytes of one other.
struct Sequence {
    span: Span,
    /// What they were.
    original: char,
}

impl Sequence {
    /// How little it looks like chance.
    fn weight(&self) -> usize {
        match self.original {
            // Quotes, dashes, arrows, boxes, check marks, emoji: what people
            // write beside ASCII, and what becomes three or four odd characters.
            '\u{2010}'..='\u{2bff}' | '\u{2000}'..='\u{200f}' | '\u{fe00}'..='\u{feff}' | '\u{fffd}' => ENOUGH,
            '\u{1f000}'..='\u{1faff}' => ENOUGH,
            // The accents and signs of Western Europe.
            '\u{a0}'..='\u{ff}' => 4,
            '\u{800}'.. => 4,
            '\u{100}'..='\u{17f}' | '\u{370}'..='\u{6ff}' => 1,
            _ => 0,
        }
    }
}

/// Which reading explains the page, if one does.
fn look(text: &str) -> Option<(Misread, Extent, Vec<Sequence>)> {
    if text.is_ascii() {
        return None;
    }
    let readings = [Misread::Windows1252, Misread::MacRoman];
    let explained = readings.into_iter().filter_map(|reading| {
        let (mut sequences, unexplained) = sequences(text, reading);
        let points: usize = sequences.iter().map(Sequence::weight).sum();
        let whole = points >= ENOUGH && points >= AGAINST_ONE * unexplained;
        let extent = if whole { Extent::Whole } else { Extent::Pieces };
        sequences.retain(|sequence| is_meant(text, sequence, extent));
        let telling = sequences.iter().any(|sequence| sequence.weight() >= ENOUGH);
        (whole || telling).then_some((points, (reading, extent, sequences)))
    });
    // The first of those with most points.
    explained.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, found)| found)
}

/// Whether a sequence is to be put back.
fn is_meant(text: &str, sequence: &Sequence, extent: Extent) -> bool {
    // `MANHÃ…` is a word in capitals and its dots.
    let after_capital = || text[..sequence.span.start].chars().next_back().is_some_and(char::is_uppercase);
    match (extent, sequence.weight()) {
        (Extent::Whole, _) | (_, ENOUGH..) => true,
        (Extent::Pieces, _) => matches!(sequence.original, '\u{a0}'..='\u{ff}') && !after_capital(),
    }
}

fn undo(text: &str, reading: Misread, extent: Extent) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut at = 0;
    for sequence in sequences(text, reading).0.iter().filter(|sequence| is_meant(text, sequence, extent)) {
        mended.push_str(&text[at..sequence.span.start]);
        mended.push(sequence.original);
        at = sequence.span.end;
    }
    mended.push_str(&text[at..]);
    mended
}

/// Everything that `reading` could have made of one character, and how many
/// other characters outside ASCII there are.
fn sequences(text: &str, reading: Misread) -> (Vec<Sequence>, usize) {
    let table = Table::of(reading);
    let mut found = Vec::new();
    let mut unexplained = 0;
    let mut at = 0;
    while let Some(skipped) = text.as_bytes()[at..].iter().position(|byte| !byte.is_ascii()) {
        at += skipped;
        match sequence(text, at, &table) {
            Some(sequence) => {
                at = sequence.span.end;
                found.push(sequence);
            }
            None => {
                let c = text[at..].chars().next().map_or(1, char::len_utf8);
                // A byte order mark is no text.
                unexplained += usize::from(at > 0 || !text.starts_with('\u{feff}'));
                at += c;
            }
        }
    }
    (found, unexplained)
}

fn sequence(text: &str, start: usize, table: &Table) -> Option<Sequence> {
    let mut bytes = [0; 4];
    let mut chars = text[start..].chars();
    let mut end = start;
    let mut take = |slot: &mut u8| {
        let c = chars.next()?;
        *slot = table.byte(c)?;
        end += c.len_utf8();
        Some(*slot)
    };
    let length = match take(&mut bytes[0])? {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    for slot in &mut bytes[1..length] {
        take(slot)?;
    }
    let original = std::str::from_utf8(&bytes[..length]).ok()?.chars().next()?;
    Some(Sequence { span: Span::new(start, end), original })
}

/// The characters outside ASCII that stand together around `span`.
fn run_around(text: &str, span: Span) -> Span {
    let before = text[..span.start].rfind(|c: char| c.is_ascii()).map_or(0, |at| at + 1);
    let after = text[span.end..].find(|c: char| c.is_ascii()).map_or(text.len(), |at| span.end + at);
    Span::new(before, after)
}

/// From the characters of an encoding back to its bytes.
struct Table(Vec<(char, u8)>);

impl Table {
    fn of(reading: Misread) -> Self {
        let bytes: Vec<u8> = (0x80..=0xff).collect();
        let (characters, _) = reading.encoding().decode_without_bom_handling(&bytes);
        let mut pairs: Vec<_> = characters.chars().zip(0x80..=0xff).collect();
        if reading == Misread::Windows1252 {
            // Where Latin-1 was meant to the letter, these stand for themselves.
            pairs.extend((0x80..=0x9f).map(|byte| (char::from(byte), byte)));
        }
        pairs.sort_unstable();
        Self(pairs)
    }

    fn byte(&self, c: char) -> Option<u8> {
        self.0.binary_search_by_key(&c, |(known, _)| *known).ok().map(|place| self.0[place].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn garble(text: &str, reading: Misread) -> String {
        reading.encoding().decode_without_bom_handling(text.as_bytes()).0.into_owned()
    }

    fn latin1(text: &str) -> String {
        text.bytes().map(char::from).collect()
    }

    #[track_caller]
    fn mended(text: &str) -> String {
        Garbled::find(text).unwrap_or_else(|| panic!("nothing found in {text:?}")).mend(text)
    }

    #[test]
    fn a_page_read_as_mac_roman_is_found_with_its_first_place_and_a_sample() {
        let text = "ok\n‚úÖ All in sync ‚Äî done";
        let found = Garbled::find(text).expect("it is garbled");
        assert_eq!(found.how(), "UTF-8 read as Mac Roman");
        assert_eq!((found.characters, found.before.as_str(), found.after.as_str()), (2, "‚úÖ", "✅"));
        assert_eq!(found.first.start, 3);
        assert_eq!(found.mend(text), "ok\n✅ All in sync — done");
    }

    #[test]
    fn a_page_read_as_windows_1252_or_as_latin_1_is_found() {
        let page = "It’s “done” → ✅ 🚨 naïve café ±2";
        assert_eq!(mended(&garble(page, Misread::Windows1252)), page);
        assert_eq!(mended(&latin1(page)), page);
    }

    #[test]
    fn what_was_garbled_twice_is_taken_back_twice() {
        let page = "It’s “done” → ✅";
        for (first, second) in [
            (Misread::Windows1252, Misread::Windows1252),
            (Misread::MacRoman, Misread::Windows1252),
            (Misread::MacRoman, Misread::MacRoman),
        ] {
            let garbled = garble(&garble(page, first), second);
            assert_eq!(mended(&garbled), page, "{garbled}");
        }
    }

    #[test]
    fn pieces_pasted_into_a_good_page_are_mended_and_nothing_else() {
        let text = "Après le café, l’équipe dÃ©jÃ\u{a0} prête â€” enfin. MANHÃ… à demain.";
        assert_eq!(mended(text), "Après le café, l’équipe déjà prête — enfin. MANHÃ… à demain.");
    }

    #[test]
    fn good_pages_are_left_alone() {
        for text in [
            "Â ‚ é à Ã √ ¬ ä",
            "“Un café”—puis l’addition…",
            "LE CAFÉ… EST FERMÉ… DÉSOLÉ…",
            "AMANHÃ… e “IRMÔ e não",
            "Grüße an ‚Ärzte‘ und „Übung“",
            "√2 ≈ 1.41, ¬p ∨ q, ≤ 5 °C",
            "Résumé – naïve façade, 100 €",
            "Привет, мир — “да”",
            "請先確認 ✅ 然後重啟 → 完成",
            "Türkçe “şey” İstanbul’da ğ",
            "Żółć gęślą jaźń …",
            "• a\n• b\n└── c\n",
        ] {
            assert_eq!(Garbled::find(text), None, "{text}");
        }
    }

    #[test]
    fn a_page_with_a_byte_order_mark_is_still_garbled_as_a_whole() {
        assert_eq!(mended("\u{feff}‚úÖ dÃ"), "\u{feff}✅ dÃ");
        assert_eq!(mended("\u{feff}‚úÖ caf√©"), "\u{feff}✅ café");
    }

    #[test]
    fn the_finding_says_how_much_and_what_it_was() {
        let diagnostic = Garbled::find("‚úÖ ‚úÖ").expect("it is garbled").diagnostic();
        assert_eq!(diagnostic.code, "mojibake");
        assert_eq!(
            diagnostic.message,
            "2 characters of this page were garbled on the way here: UTF-8 read as Mac Roman"
        );
        assert!(diagnostic.help.is_some_and(|help| help.starts_with("‚úÖ stands for ✅; --mend")));
    }

    /// Text as pages have it: words, with characters outside ASCII between.
    fn page() -> impl Strategy<Value = String> {
        "([a-z ]{0,6}(\\PC|[é–—“”’…→✅🚨🔧ü±░├│]|[А-я]|[一-龥])){1,30}[a-z]{0,4}"
    }

    proptest! {
        #[test]
        fn what_any_reading_garbled_is_mended_byte_for_byte(page in page(), western in any::<bool>()) {
            // What looks garbled before it is garbled is taken back further.
            prop_assume!(Garbled::find(&page).is_none());
            let page = format!("{page} ✅");
            let reading = if western { Misread::Windows1252 } else { Misread::MacRoman };
            let garbled = garble(&page, reading);
            prop_assert_eq!(mended(&garbled), page);
        }

        #[test]
        fn good_text_is_never_touched(
            text in "([A-Za-z]{1,8}([éèàùçäöüßñøå]|É|Ö)[a-z]{0,3}|[A-Z]{1,5}|[“„][a-zé]{1,9}[”“]|[a-z]{1,4}’[a-zé]{2}| [–—→✅•🚨] |[ ,.…\n]){0,60}",
        ) {
            prop_assert_eq!(Garbled::find(&text), None);
        }

        #[test]
        fn a_mended_page_is_not_mended_again(text in "\\PC{0,60}") {
            if let Some(found) = Garbled::find(&text).filter(|found| found.readings.len() < MOST_READINGS) {
                prop_assert_eq!(Garbled::find(&found.mend(&text)), None);
            }
        }
    }
}
