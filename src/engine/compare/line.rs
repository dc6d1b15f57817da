//! One line that the page shows, looked for in the lines that came.

use super::wording::Wording;
use regex::Regex;
use similar::TextDiff;
use std::sync::LazyLock;

/// A line of the output, its white space made even.
pub(super) struct Line<'o> {
    /// As it came.
    pub(super) text: &'o str,
    even: String,
}

impl<'o> Line<'o> {
    pub(super) fn new(text: &'o str) -> Self {
        Self { text, even: even(text) }
    }

    /// Whether it holds `part` as whole words, the white space of both made
    /// even: `active` is not in `inactive`.
    pub(super) fn holds(&self, part: &str) -> bool {
        let part = even(part);
        let is_end = |c: Option<char>, edge: Option<char>| {
            !(c.is_some_and(char::is_alphanumeric) && edge.is_some_and(char::is_alphanumeric))
        };
        !part.is_empty()
            && self.even.match_indices(&part).any(|(at, part)| {
                let (before, after) = (&self.even[..at], &self.even[at + part.len()..]);
                is_end(before.chars().next_back(), part.chars().next())
                    && is_end(after.chars().next(), part.chars().next_back())
            })
    }

    /// Whether it holds `part` in any case.
    fn holds_in_any_case(&self, part: &str) -> bool {
        self.even.to_lowercase().contains(part)
    }
}

fn even(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a line fits the output.
pub(super) enum Fit {
    /// It says nothing that could be looked for.
    Untold,
    /// It is there, in this line where it is of one.
    Here(Option<usize>),
    /// It is there, before lines that the page shows before it.
    Elsewhere,
    /// It is there with other numbers, or without some of its words: the line
    /// that comes nearest.
    Like(Option<String>),
    /// It is not there; the line that comes nearest.
    Missing(Option<String>),
}

/// A line that the page shows.
pub(super) struct Expected {
    /// As it stands in the page.
    pub(super) text: String,
    /// It, but for what is never the same twice.
    same: Option<Regex>,
    /// It, but for whatever holds a digit.
    like: Option<Regex>,
    wording: Option<Wording>,
}

/// Lines of the output that are looked through for the nearest one.
const NEAREST_AMONG: usize = 400;
/// How much of a line the nearest one shares with it at least.
const NEAR: f32 = 0.5;

impl Expected {
    /// The lines of `text` that say something, `most` at most.
    pub(super) fn all(text: &str, most: usize) -> Vec<Self> {
        let says =
            |line: &&str| line.chars().any(char::is_alphanumeric) || line.chars().any(|c| !c.is_ascii() && c != '…');
        text.lines().filter(says).take(most).map(Self::new).collect()
    }

    fn new(text: &str) -> Self {
        let text = text.trim();
        Self {
            text: text.to_owned(),
            same: pattern(text, &VARYING),
            like: pattern(text, &WITH_DIGITS),
            wording: Wording::read(text),
        }
    }

    /// Looks for it in `lines`, from the `next` on first.
    pub(super) fn look(&self, lines: &[Line<'_>], next: usize) -> Fit {
        let literally = |pattern: &Option<Regex>, line: &Line<'_>| {
            line.holds(&self.text) || pattern.as_ref().is_some_and(|pattern| pattern.is_match(&line.even))
        };
        // Words name a value that must be that one.
        let same = if self.wording.is_some() { &None } else { &self.same };
        if let Some(at) = lines[next..].iter().position(|line| literally(same, line)) {
            return Fit::Here(Some(next + at));
        }
        if lines[..next].iter().any(|line| literally(same, line)) {
            return Fit::Elsewhere;
        }
        if let Some(wording) = &self.wording {
            // Where words name nothing that must be there, or it is there in
            // part, the nearest line shows what came in its place.
            return match wording.look(lines) {
                Fit::Untold => self.nearest(lines).map_or(Fit::Untold, |line| Fit::Like(Some(line))),
                Fit::Like(None) => Fit::Like(self.nearest(lines)),
                fit => fit,
            };
        }
        match lines.iter().find(|line| literally(&self.like, line)) {
            Some(line) => Fit::Like(Some(line.text.to_owned())),
            None => Fit::Missing(self.nearest(lines)),
        }
    }

    fn nearest(&self, lines: &[Line<'_>]) -> Option<String> {
        let wanted = even(&self.text);
        let wanted: Vec<&str> = wanted.split(' ').collect();
        let scored = lines.iter().take(NEAREST_AMONG).map(|line| {
            let words: Vec<&str> = line.even.split(' ').collect();
            (TextDiff::from_slices(&wanted, &words).ratio(), line)
        });
        let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (best.0 >= NEAR).then(|| best.1.text.to_owned())
    }

    /// Whether, as something that must not come, it says nothing that could
    /// be looked for.
    pub(super) fn is_untold_as_unwanted(&self) -> bool {
        self.unwanted_texts().is_empty()
    }

    /// The lines in which it came, though it must not.
    pub(super) fn find_unwanted<'o>(&self, lines: &[Line<'o>]) -> impl Iterator<Item = &'o str> {
        let texts = self.unwanted_texts();
        lines
            .iter()
            .filter(|line| texts.iter().any(|text| line.holds_in_any_case(text)))
            .map(|line| line.text)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// In lower case, and in the singular: "syntax errors" are one `syntax
    /// error` at a time.
    fn unwanted_texts(&self) -> Vec<String> {
        let texts = match &self.wording {
            Some(wording) => wording.quoted.clone(),
            None => vec![self.text.trim_end_matches('.').to_owned()],
        };
        let texts = texts.iter().map(|text| even(text).to_lowercase());
        texts
            .map(|text| text.strip_prefix("any ").unwrap_or(&text).to_owned())
            .map(|text| text.strip_suffix('s').unwrap_or(&text).to_owned())
            .filter(|text| text.chars().any(char::is_alphanumeric))
            .collect()
    }
}

/// What is never the same twice: what the page leaves open, moments, ids and
/// hashes.
static VARYING: LazyLock<Regex> = LazyLock::new(|| {
    let parts = [
        r"\.{3,}|…",
        r"<[A-Za-z][\w .-]*>",
        r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?",
        r"\d\d?/\d\d?/\d{2,4}",
        r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2}\b",
        r"\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?",
        r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
        r"\b(?:[0-9a-f]*[a-f][0-9a-f]*[0-9][0-9a-f]*|[0-9a-f]*[0-9][0-9a-f]*[a-f][0-9a-f]*)\b",
    ];
    Regex::new(&parts.join("|")).expect("the pattern is tested")
});

/// Any word that holds a digit, beside what is never the same twice.
static WITH_DIGITS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\.{3,}|…|<[A-Za-z][\w .-]*>|[^\s|]*\d[^\s|]*").expect("the pattern is tested"));

/// The shortest run of hexadecimal digits that is taken for a hash.
const SHORTEST_HASH: usize = 7;

/// `text` as a pattern in which what `open` finds may be anything of one word,
/// or of several where the page leaves it open. `None` where nothing else would
/// be left of it.
fn pattern(text: &str, open: &Regex) -> Option<Regex> {
    let text = even(text);
    let mut pattern = String::new();
    let mut at = 0;
    let mut says = false;
    let mut literal = |part: &str, pattern: &mut String| {
        says |= part.chars().any(char::is_alphanumeric);
        pattern.push_str(&regex::escape(part));
    };
    for found in open.find_iter(&text) {
        let is_hex = found.as_str().bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_word = found.as_str().bytes().any(|byte| byte.is_ascii_alphabetic());
        if is_hex && is_word && std::ptr::eq(open, &*VARYING) && found.len() < SHORTEST_HASH {
            continue;
        }
        literal(&text[at..found.start()], &mut pattern);
        let is_open = found.as_str().starts_with(['.', '…', '<']);
        // A moment's parts stand apart.
        let parts = found.as_str().split(' ').count();
        pattern.push_str(&if is_open { ".*".to_owned() } else { vec![r"\S+"; parts].join(" ") });
        at = found.end();
    }
    literal(&text[at..], &mut pattern);
    let whole = format!(r"(?:^|[^0-9A-Za-z]){pattern}(?:$|[^0-9A-Za-z])");
    (says && at > 0).then(|| Regex::new(&whole).ok()).flatten()
}
