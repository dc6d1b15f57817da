//! Where quoted texts and comments end in a statement's text.

/// Whose rules of quotes and comments a text follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// Postgres and SQLite.
    Standard,
    /// MySQL and MariaDB.
    Mysql,
}

/// `text` with a sign in the place of each quoted text in it, and without its
/// comments.
pub(super) fn without_literals(text: &str, rules: Rules) -> String {
    let is_mysql = rules == Rules::Mysql;
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '#' if is_mysql => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment_length(rest, !is_mysql),
            '\'' => {
                // Where a backslash may escape the quote, as it does behind an E.
                kept.push_str("'…'");
                let escapes = is_mysql || kept.trim_end_matches("'…'").ends_with(['e', 'E']);
                quoted_length(rest, '\'', escapes)
            }
            '"' if is_mysql => {
                kept.push_str("'…'");
                quoted_length(rest, '"', true)
            }
            '"' | '`' => {
                let length = quoted_length(rest, c, false);
                kept.push_str(&rest[..length]);
                length
            }
            '$' if !is_mysql && dollar_quoted_length(rest) > 1 => {
                kept.push_str("'…'");
                dollar_quoted_length(rest)
            }
            c => {
                kept.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    kept
}

/// Length of the comment that `text` begins with, and that may hold others
/// where it `nests`.
pub(super) fn comment_length(text: &str, nests: bool) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") && (nests || depth == 0) {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Length of the quoted text that `text` begins with. A doubled quote stands
/// for itself, as does one behind a backslash where these escape.
pub(super) fn quoted_length(text: &str, quote: char, escapes: bool) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if c == '\\' && escapes {
            characters.next();
        } else if c == quote && characters.next_if(|&(_, next)| next == quote).is_none() {
            return at + quote.len_utf8();
        }
    }
    text.len()
}

/// Length of the `$tag$ … $tag$` that `text` begins with; of the `$` alone
/// where it is not one.
pub(super) fn dollar_quoted_length(text: &str) -> usize {
    let Some(end) = text[1..].find('$') else { return 1 };
    let tag = &text[..end + 2];
    let name = &tag[1..tag.len() - 1];
    let is_tag =
        !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !is_tag {
        return 1;
    }
    text[tag.len()..].find(tag).map_or(text.len(), |end| end + 2 * tag.len())
}

#[cfg(test)]
mod tests {
    use super::{Rules, without_literals};

    #[test]
    fn quoted_texts_are_left_out() {
        for (text, kept) in [
            ("SET a = 'it''s', b = E'\\'x' -- 'c'", "SET a = '…', b = E'…' "),
            ("SELECT $1, $a$ 'b' $a$, \"c\"", "SELECT $1, '…', \"c\""),
            ("ALTER ROLE app PASSWORD 'hunt", "ALTER ROLE app PASSWORD '…'"),
            ("UPDATE \"it's\" SET a = 'hunt", "UPDATE \"it's\" SET a = '…'"),
        ] {
            assert_eq!(without_literals(text, Rules::Standard), kept);
        }
    }

    #[test]
    fn mysql_quotes_texts_in_two_ways() {
        for (text, kept) in [
            ("SET a = \"it's\", b = 'it\\'s' # 'c'", "SET a = '…', b = '…' "),
            ("UPDATE `it's` SET a = \"hunt", "UPDATE `it's` SET a = '…'"),
        ] {
            assert_eq!(without_literals(text, Rules::Mysql), kept);
        }
    }
}
