//! Characters in commands that only look like those that were meant: what a
//! word processor, a chat or a web page makes of quotes, dashes and spaces.
//!
//! Only where code stands: in a string or a comment `“` may well be meant.

use super::sql::SqlDialect;
use super::{Context, shell, sql};
use crate::source::Span;

/// What kind of sign it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// `“`, `’` and their like, where a quote was meant.
    Quote,
    /// `–`, `—`, `−`, where an option or a minus was meant.
    Dash,
    /// A space that is none, a character without width, a carriage return.
    Invisible,
}

/// A character that was not meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistyped {
    /// Where it stands in the code.
    pub span: Span,
    /// What it looks like.
    pub sign: Sign,
    /// What was meant in its place; empty where nothing was.
    pub meant: &'static str,
}

/// The mistyped characters of a shell text, in its order.
#[must_use]
pub fn mistyped_shell(code: &str) -> Vec<Mistyped> {
    let is_code = |text: &str| mask(&shell::contexts(text));
    find(code, &is_code, option_dash)
}

/// The mistyped characters of a SQL text, in its order.
#[must_use]
pub fn mistyped_sql(code: &str, dialect: SqlDialect) -> Vec<Mistyped> {
    find(code, &|text: &str| mask(&sql::contexts(text, dialect)), sql_dash)
}

fn mask(contexts: &[Context]) -> Vec<bool> {
    let is_code = |context: &Context| {
        matches!(
            context,
            Context::Bare
                | Context::Command
                | Context::Backticks
                | Context::Evaluated
                | Context::Arithmetic
                | Context::Identifier
        )
    };
    contexts.iter().map(is_code).collect()
}

/// What a dash at a place means, if it is mistyped.
type DashRule = fn(&str, usize) -> Option<&'static str>;

/// How often the text is read anew after a quote that changes what follows it.
/// A block with more of them is not looked at to its end; what was found keeps
/// it from running all the same.
const MOST_READINGS: usize = 16;

fn find(code: &str, is_code: &dyn Fn(&str) -> Vec<bool>, dash: DashRule) -> Vec<Mistyped> {
    if !code.chars().any(is_suspicious) {
        return Vec::new();
    }
    let (mut found, neutral, read) = quotes(code, is_code);
    let is_code = is_code(&neutral);
    for (at, c) in code.char_indices().take_while(|(at, _)| *at < read) {
        let span = Span::new(at, at + c.len_utf8());
        let ends_line = c == '\r' && code.as_bytes().get(at + 1) == Some(&b'\n');
        let mistyped = match c {
            // Of a carriage return no context makes sense.
            '\r' if !ends_line => Some((Sign::Invisible, "\n")),
            _ if c.is_ascii() || !is_code[at] => None,
            _ if is_dash(c) => dash(code, at).map(|meant| (Sign::Dash, meant)),
            _ if joins(code, at) => None,
            _ => invisible(c).map(|meant| (Sign::Invisible, meant)),
        };
        found.extend(mistyped.map(|(sign, meant)| Mistyped { span, sign, meant }));
    }
    found.sort_by_key(|mistyped| mistyped.span);
    found
}

fn is_suspicious(c: char) -> bool {
    c == '\r' || (!c.is_ascii() && (is_dash(c) || ascii_quote(c).is_some() || invisible(c).is_some()))
}

fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn ascii_quote(c: char) -> Option<&'static str> {
    match c {
        '“' | '”' | '„' | '‟' | '″' => Some("\""),
        '‘' | '’' | '‚' | '‛' | '′' => Some("'"),
        _ => None,
    }
}

fn invisible(c: char) -> Option<&'static str> {
    match c {
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(" "),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => Some(""),
        _ => None,
    }
}

/// Whether what has no width here belongs between two characters of a script
/// or an emoji that it joins.
fn joins(code: &str, at: usize) -> bool {
    let mut after = code[at..].chars();
    matches!(after.next(), Some('\u{200c}' | '\u{200d}'))
        && after.next().is_some_and(|c| !c.is_ascii())
        && code[..at].chars().next_back().is_some_and(|c| !c.is_ascii())
}

/// The quotes, and the text with ASCII ones in their place, byte for byte as
/// long: what stands between them is no code any more. And up to where the text
/// has been read.
fn quotes(code: &str, is_code: &dyn Fn(&str) -> Vec<bool>) -> (Vec<Mistyped>, String, usize) {
    let mut found = Vec::new();
    let mut neutral = code.to_owned();
    let mut from = 0;
    for _ in 0..MOST_READINGS {
        let code_here = is_code(&neutral);
        let mut read_anew = false;
        while let Some((at, quote, meant)) = next_quote(code, from, &code_here) {
            let end = at + quote.len_utf8();
            from = end;
            if is_apostrophe(code, at, quote) {
                continue;
            }
            found.push(Mistyped { span: Span::new(at, end), sign: Sign::Quote, meant });
            let line = code[end..].split('\n').next().unwrap_or_default();
            let Some(length) = line.find(|c| ascii_quote(c) == Some(meant)) else { continue };
            let close = end + length;
            let closing = line[length..].chars().next().map_or(1, char::len_utf8);
            from = close + closing;
            found.push(Mistyped { span: Span::new(close, from), sign: Sign::Quote, meant });
            let filler = |length: usize| "x".repeat(length - 1);
            neutral.replace_range(at..end, &format!("{meant}{}", filler(end - at)));
            neutral.replace_range(close..from, &format!("{}{meant}", filler(closing)));
            // Signs between the quotes have been read as code, and what follows
            // them by that.
            read_anew = line[..length].contains(|c: char| c.is_ascii_punctuation());
            if read_anew {
                break;
            }
        }
        if !read_anew {
            return (found, neutral, code.len());
        }
    }
    (found, neutral, from)
}

fn next_quote(code: &str, from: usize, is_code: &[bool]) -> Option<(usize, char, &'static str)> {
    let quotes = code[from..].char_indices().filter(|(_, c)| !c.is_ascii());
    quotes
        .map(|(at, c)| (from + at, c))
        .filter(|(at, _)| is_code[*at])
        .find_map(|(at, c)| ascii_quote(c).map(|meant| (at, c, meant)))
}

/// Whether it stands in the middle of a word, such as `don’t`.
fn is_apostrophe(code: &str, at: usize, quote: char) -> bool {
    let before = code[..at].chars().next_back();
    let after = code[at + quote.len_utf8()..].chars().next();
    quote == '’' && before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphabetic)
}

/// Programs whose long options begin with one dash.
const ONE_DASH: &[&str] = &["find", "java", "openssl", "terraform", "tofu"];

/// A dash at the beginning of a word of shell, before a letter, is that of an
/// option. Two hyphens become one long dash where text is made pretty.
fn option_dash(code: &str, at: usize) -> Option<&'static str> {
    let before = &code[..at];
    let dashes_before = before.len() - before.trim_end_matches(|c| is_dash(c) || c == '-').len();
    let word_begins = before[..before.len() - dashes_before]
        .chars()
        .next_back()
        .is_none_or(|c| c.is_whitespace() || invisible(c).is_some());
    if !word_begins {
        return None;
    }
    let rest = code[at..].trim_start_matches(|c| is_dash(c) || c == '-');
    let dashes_after = code[at..].chars().take_while(|c| is_dash(*c) || *c == '-').count() - 1;
    let letters = rest.chars().take_while(char::is_ascii_alphanumeric).count();
    if letters == 0 {
        return None;
    }
    if letters == 1 || dashes_before + dashes_after > 0 || code[at..].starts_with('\u{2212}') {
        return Some("-");
    }
    let line = before.rsplit('\n').next().unwrap_or_default();
    let command = line.rsplit(['|', ';', '&', '(']).next().unwrap_or_default();
    let program = command.split_whitespace().find(|word| *word != "sudo").unwrap_or_default();
    Some(if ONE_DASH.contains(&program) { "-" } else { "--" })
}

/// A dash of SQL is the two of a comment at a line's beginning, and a minus
/// elsewhere.
fn sql_dash(code: &str, at: usize) -> Option<&'static str> {
    let line = code[..at].rsplit('\n').next().unwrap_or_default();
    let next_too = code[at..].chars().nth(1).is_some_and(|c| is_dash(c) || c == '-');
    let begins = line.trim_start().is_empty() && !next_too;
    Some(if begins && !code[at..].starts_with('\u{2212}') { "--" } else { "-" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mended(code: &str, found: &[Mistyped]) -> String {
        let mut text = code.to_owned();
        for mistyped in found.iter().rev() {
            text.replace_range(mistyped.span.start..mistyped.span.end, mistyped.meant);
        }
        text
    }

    fn shell(code: &str) -> String {
        mended(code, &mistyped_shell(code))
    }

    #[test]
    fn quotes_in_commands_are_those_of_the_shell() {
        for (typed, meant) in [
            ("grep “a b” x", "grep \"a b\" x"),
            ("grep ‘a b’ x", "grep 'a b' x"),
            ("psql -c “it's x” # “ok”", "psql -c \"it's x\" # “ok”"),
            ("echo “it's” && echo \"a “b”\" ‘c’", "echo \"it's\" && echo \"a “b”\" 'c'"),
            ("echo “a", "echo \"a"),
        ] {
            assert_eq!(shell(typed), meant, "{typed}");
        }
    }

    #[test]
    fn what_stands_in_strings_comments_and_documents_is_meant() {
        for code in [
            "echo \"he said “hi” – bye\"",
            "echo 'a\u{a0}b – c' # don’t – “x”",
            "cat <<EOF\n“quoted” – text\u{a0}\nEOF\n",
            "echo don’t",
            "echo Step 1 – done, 3–5 more",
            "echo 👨\u{200d}👩 नमस्\u{200d}ते",
        ] {
            assert_eq!(mistyped_shell(code), [], "{code}");
        }
    }

    #[test]
    fn a_dash_before_a_word_is_that_of_an_option() {
        for (typed, meant) in [
            ("ls –l", "ls -l"),
            ("ls –la", "ls --la"),
            ("kubectl logs —tail=5 −f", "kubectl logs --tail=5 -f"),
            ("ls ––all –-color -–x", "ls --all --color --x"),
            ("sudo find . –name x", "sudo find . -name x"),
            ("a | find . –name x | sort –reverse", "a | find . -name x | sort --reverse"),
        ] {
            assert_eq!(shell(typed), meant, "{typed}");
        }
    }

    #[test]
    fn spaces_that_are_none_and_characters_without_width_are_found() {
        assert_eq!(shell("ls\u{a0}-l\u{2009}a\u{3000}b"), "ls -l a b");
        assert_eq!(shell("\u{feff}ls \u{200b}-l fi\u{ad}le"), "ls -l file");
        assert_eq!(shell("ls \u{a0}–l"), "ls  -l");
    }

    #[test]
    fn a_text_that_is_not_read_to_its_end_has_nothing_false_found_in_it() {
        let line = "echo “it's” “a” ‘b’ '–x “c”' –y\n";
        let found = mistyped_shell(&line.repeat(2 * MOST_READINGS));
        let columns: std::collections::BTreeSet<usize> =
            found.iter().map(|mistyped| mistyped.span.start % line.len()).collect();
        let first: std::collections::BTreeSet<usize> =
            mistyped_shell(line).iter().map(|mistyped| mistyped.span.start).collect();
        assert!(!found.is_empty() && columns.is_subset(&first), "{columns:?} {first:?}");
    }

    #[test]
    fn a_lone_carriage_return_is_found_and_that_of_a_line_end_is_not() {
        assert_eq!(shell("a\rb\r\nc\n"), "a\nb\r\nc\n");
    }

    #[test]
    fn sql_has_its_own_quotes_comments_and_minus() {
        let sql = |code: &str| mended(code, &mistyped_sql(code, SqlDialect::Postgres));
        assert_eq!(
            sql("SELECT ‘a’, '‘b’' – 1 -- “c”\n– note\n— note"),
            "SELECT 'a', '‘b’' - 1 -- “c”\n-- note\n-- note"
        );
        assert_eq!(sql("SELECT\u{a0}1"), "SELECT 1");
    }

    proptest! {
        #[test]
        fn ascii_is_never_touched_and_places_are_in_order(code in "(\\PC|[“”‘’–—\u{a0}\r\n\"'#$ -]){0,60}") {
            let found = mistyped_shell(&code);
            for mistyped in &found {
                let text = &code[mistyped.span.start..mistyped.span.end];
                prop_assert!(!text.is_ascii() || text == "\r");
                prop_assert!(mistyped.meant != text);
            }
            prop_assert!(found.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
        }
    }
}
