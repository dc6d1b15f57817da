//! Words that a text names as stand-ins: "replace SERVICE_ID with …", "where
//! `worker-1` is your worker".

use super::Context;
use super::letters::Needles;
use super::placeholder::{self, Placeholder};
use super::shell::contexts as shell_contexts;
use super::spelling::Spelling;
use super::sql::{SqlDialect, is_comment};
use crate::source::Span;

/// More names than this in one text are no instruction.
const MOST: usize = 12;

/// A sentence that says of words that they are to be replaced.
struct Sentence {
    /// Words of which one stands in it, as far as they never change.
    needs: Needles,
    /// What one of its later words begins with.
    goes_on: &'static [&'static str],
    /// Its first group holds the words.
    pattern: Spelling,
}

impl Sentence {
    const fn new(needs: &'static [&'static str], goes_on: &'static [&'static str], pattern: &'static str) -> Self {
        Self { needs: Needles::new(needs), goes_on, pattern: Spelling::new(pattern) }
    }

    /// Whether it may stand in `prose`. None of them goes on behind a full stop
    /// or a semicolon.
    fn may_stand_in(&self, prose: &str) -> bool {
        self.needs.stand_in(prose)
            && prose.split(['.', ';']).any(|clause| {
                may_hold_word(clause)
                    && self.needs.stand_in(clause)
                    && clause.split_whitespace().any(|word| self.is_gone_on_by(word))
            })
    }

    fn is_gone_on_by(&self, word: &str) -> bool {
        let word = word.as_bytes();
        let begins =
            |head: &&str| word.get(..head.len()).is_some_and(|found| found.eq_ignore_ascii_case(head.as_bytes()));
        self.goes_on.iter().any(begins)
    }
}

/// Whether one of the words that [`WORD`] finds may stand in `text`.
fn may_hold_word(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    text.contains(['`', '_']) || text.as_bytes().windows(2).any(|pair| pair[0].is_ascii_uppercase() && is_part(pair[1]))
}

/// One of these stands in every text that holds any of the [`SENTENCES`].
static NEEDED: Needles =
    Needles::new(&["replac", "substitut", "swap", "chang", "updat", "adjust", "set", "where", "place", "instead"]);

static SENTENCES: [Sentence; 7] = [
    Sentence::new(
        &["replac", "substitut", "swap"],
        &["with", "by", "for"],
        r"(?i)\b(?:replac|substitut|swapp?)(?:e|ing)?\s+([^.;\n]{2,120}?)\s+(?:with|by|for)\b",
    ),
    Sentence::new(&["substitut"], &["for"], r"(?i)\bsubstitut(?:e|ing)\s+[^.;\n]{2,80}?\s+for\s+([^.;\n]{2,80})"),
    Sentence::new(&["substitut"], &["`"], r"(?i)\bsubstitut(?:e|ing)\s+(`[^`\n]+`)"),
    Sentence::new(
        &["chang", "updat", "adjust", "set"],
        &["match", "reflect", "whatever", "your", "the"],
        r"(?i)\b(?:chang|updat|adjust|sett?)(?:e|ing)?\s+([^.;\n]{2,80}?)\s+(?:to|with|for)\s+(?:match|reflect|whatever|(?:your|the)\s+(?:own|actual|real|correct|right|desired)?)",
    ),
    Sentence::new(
        &["where"],
        &["is", "are", "equals", "means", "stands", "refers"],
        r"(?i)\bwhere\s+([^.;\n]{2,80}?)\s+(?:is|are|equals|means|stands\s+for|refers\s+to)\b",
    ),
    Sentence::new(
        &["placeholder", "replaced", "substituted"],
        &["is", "should", "must", "needs", "has"],
        r"(?i)(`[^`\n]+`)\s+(?:is\s+a\s+placeholder|(?:should|must|needs\s+to|has\s+to)\s+be\s+(?:replaced|substituted))",
    ),
    Sentence::new(&["place", "instead"], &["of"], r"(?i)\b(?:in\s+place|instead)\s+of\s+(`[^`\n]+`)"),
];

/// A word in backticks, or one that no prose has: `SERVICE_ID`, `job_name`.
static WORD: Spelling =
    Spelling::new(r"`([^`\s]{2,60})`|\b([A-Z][A-Z0-9]*[_-][A-Z0-9_-]*[A-Z0-9]|[A-Z]{3,}|[a-z0-9]+_[a-z0-9_]+)\b");

/// The words that `prose` names as stand-ins; each once.
#[must_use]
pub fn named(prose: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    if !NEEDED.stand_in(prose) || !may_hold_word(prose) {
        return names;
    }
    let sentences = SENTENCES.iter().filter(|sentence| sentence.may_stand_in(prose));
    for words in sentences.flat_map(|sentence| sentence.pattern.places(prose, &[1])) {
        let words = &prose[words];
        for word in WORD.places(words, &[1, 2]) {
            let word = words[word].trim_matches(['<', '>', '$', '"', '\'', '{', '}']);
            if word.len() >= 2 && names.len() < MOST && !names.iter().any(|name| name == word) {
                names.push(word.to_owned());
            }
        }
    }
    names
}

/// Where the named words stand in shell text, outside of comments and as no
/// variable, option or command.
#[must_use]
pub fn named_in_shell(code: &str, names: &[String]) -> Vec<Placeholder> {
    if names.is_empty() {
        return Vec::new();
    }
    let contexts = shell_contexts(code);
    let stands = |at: usize| {
        !matches!(
            contexts[at],
            Context::Comment | Context::Command | Context::Expansion | Context::HeredocDelimiter | Context::Arithmetic
        )
    };
    found(code, names, stands)
}

/// Where the named words stand in SQL, outside of comments.
#[must_use]
pub fn named_in_sql(code: &str, dialect: SqlDialect, names: &[String]) -> Vec<Placeholder> {
    if names.is_empty() {
        return Vec::new();
    }
    let is_comment = is_comment(code, dialect);
    found(code, names, |at| !is_comment(at))
}

fn found(code: &str, names: &[String], stands: impl Fn(usize) -> bool) -> Vec<Placeholder> {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut found = Vec::new();
    for name in names {
        for (at, text) in code.match_indices(name.as_str()) {
            let end = at + text.len();
            let is_whole = !code[..at].ends_with(|c: char| inside(c) || "$".contains(c))
                && !code[..at].ends_with("${")
                && !code[end..].starts_with(|c: char| inside(c) || c == '=' || c == '(');
            if is_whole && stands(at) {
                found.push(Placeholder::new(text, text, Span::new(at, end)));
            }
        }
    }
    placeholder::in_order(found)
}

/// What stands before an example, and nothing else on its line.
static EXAMPLE: Spelling =
    Spelling::new(r"(?i)^\s*(?:#+|--|//)\s*\W*(?:for\s+)?(?:e\.?\s?g\.?|example|sample|such\s+as)\b");

/// Whether the first word of a comment may be what an [`EXAMPLE`] begins with.
fn may_be_example(comment: &str) -> bool {
    let first = comment.trim_start_matches(|c: char| !c.is_alphanumeric()).as_bytes();
    let begins = |word: &&str| first.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()));
    ["e", "for", "sample", "such", "_"].iter().any(begins) || !comment.is_ascii()
}

/// The lines that a comment of `code` calls an example, and that do again with
/// a value what a line before them does with one of `placeholders`.
#[must_use]
pub fn worked_examples(code: &str, placeholders: &[Span]) -> Vec<Span> {
    let mut examples = Vec::new();
    if placeholders.is_empty() {
        return examples;
    }
    let mut left_open: Vec<&str> = Vec::new();
    let mut is_example = false;
    let mut at = 0;
    for line in code.split_inclusive('\n') {
        let span = Span::new(at, at + line.len());
        at = span.end;
        let text = line.trim();
        let is_comment = text.starts_with('#') || text.starts_with("--");
        if text.is_empty() || is_comment {
            is_example = may_be_example(text) && EXAMPLE.is_in(text);
            continue;
        }
        let next = placeholders.partition_point(|open| open.end <= span.start);
        let is_open = placeholders.get(next).is_some_and(|open| open.start < span.end);
        let head = head(text);
        if is_example && !is_open && left_open.contains(&head) {
            examples.push(span);
        } else if is_open {
            left_open.push(head);
        }
        // An example goes on to the end of its statement.
        is_example &= text.ends_with('\\') || (code.contains(';') && !text.ends_with(';'));
    }
    examples
}

/// The first two words, which say what is done to what.
fn head(line: &str) -> &str {
    let second = line.match_indices(char::is_whitespace).nth(1);
    &line[..second.map_or(line.len(), |(at, _)| at)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_names_its_stand_ins() {
        for (prose, names) in [
            ("Replace `SERVICE_ID` with the actual service:", vec!["SERVICE_ID"]),
            ("# Via the CLI (replace SERVICE_ID with the actual service)", vec!["SERVICE_ID"]),
            ("where `worker-1` is your worker", vec!["worker-1"]),
            ("substitute `abc123`", vec!["abc123"]),
            ("Substitute your pod for `web-0` below", vec!["web-0"]),
            ("Change `eu-west-1` to your own region.", vec!["eu-west-1"]),
            ("replacing `a1` and `b2` by what you found", vec!["a1", "b2"]),
            ("`my-app` should be replaced first", vec!["my-app"]),
            ("use the id of the job in place of `job-7`", vec!["job-7"]),
            ("Replace the disk with a new one.", vec![]),
            ("Find out where the file is.", vec![]),
            ("Change `replicas` to 3.", vec![]),
        ] {
            assert_eq!(named(prose), names, "{prose}");
        }
    }

    #[test]
    fn what_every_sentence_needs_is_looked_for_first() {
        for sentence in &SENTENCES {
            assert!(sentence.needs.all(|needle| NEEDED.stand_in(needle)));
        }
    }

    #[test]
    fn a_named_word_is_found_where_it_is_used() {
        let names = ["worker-1".to_owned(), "ID".to_owned()];
        let places = |code: &str| named_in_shell(code, &names).len();
        assert_eq!(places("ssh worker-1 'stop worker-1' # worker-1"), 2);
        assert_eq!(places("ls worker-10 my-worker-1 $ID ${ID} ID=3"), 0);
        assert_eq!(named_in_sql("DELETE FROM j WHERE i = ID -- ID", SqlDialect::Unknown, &names).len(), 1);
    }

    #[test]
    fn words_may_be_parted_by_any_white_space() {
        for (line, wanted) in
            [("a\u{a0}b c", "a\u{a0}b"), ("fsid\u{3000}=\u{a0}1", "fsid\u{3000}="), ("a", "a"), ("", "")]
        {
            assert_eq!(head(line), wanted);
        }
    }

    #[test]
    fn an_example_that_repeats_what_is_left_open_is_told() {
        let code = "repair it --status done <V>\n\n# Example:\nrepair it --status done 7\nls\n";
        let open = code.find('<').map(|at| Span::new(at, at + 3)).expect("it is there");
        let examples: Vec<_> = worked_examples(code, &[open]).iter().map(|span| &code[span.start..span.end]).collect();
        assert_eq!(examples, ["repair it --status done 7\n"]);
        assert!(worked_examples("# Example:\nrepair it 7\n", &[]).is_empty());
        assert!(worked_examples("# Example:\nls\u{a0}-l\n", &[]).is_empty(), "white space of more than one byte");
        assert!(worked_examples("id\u{a0}\u{a0}= <V>\n", &[Span::new(7, 10)]).is_empty());
    }
}
