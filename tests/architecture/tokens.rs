//! Enough of Rust's lexer to tell code from comments and literals.

/// A word or a sign of the code. Comments, texts and characters are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// The word; `::`; else one character.
    pub(crate) text: String,
    /// From 1.
    pub(crate) line: usize,
}

/// The tokens of a source file.
pub(crate) fn tokenize(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { rest: source, line: 1, tokens: Vec::new() };
    while !lexer.rest.is_empty() {
        lexer.step();
    }
    lexer.tokens
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn step(&mut self) {
        let rest = self.rest;
        let Some(first) = rest.chars().next() else { return };
        if rest.starts_with("//") {
            self.skip(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.skip(block_comment(rest));
        } else if let Some(length) = raw_string(rest) {
            self.skip(length);
        } else if let Some(quote) = ["\"", "b\"", "c\""].into_iter().find(|quote| rest.starts_with(quote)) {
            self.skip(quoted(rest, quote.len(), '"'));
        } else if rest.starts_with("b'") {
            self.skip(quoted(rest, 2, '\''));
        } else if first == '\'' {
            self.quote(rest);
        } else if is_word(first) {
            let name = rest.strip_prefix("r#").unwrap_or(rest);
            let length = name.find(|c| !is_word(c)).unwrap_or(name.len());
            self.token(&name[..length], rest.len() - name.len() + length);
        } else if rest.starts_with("::") {
            self.token("::", 2);
        } else if first.is_whitespace() {
            self.skip(first.len_utf8());
        } else {
            self.token(&rest[..first.len_utf8()], first.len_utf8());
        }
    }

    /// A character, or the name of a lifetime or label.
    fn quote(&mut self, rest: &str) {
        let mut after = rest[1..].chars();
        let first = after.next();
        if first == Some('\\') || after.next() == Some('\'') {
            self.skip(quoted(rest, 1, '\''));
        } else {
            let name = &rest[1..];
            self.skip(1 + name.find(|c| !is_word(c)).unwrap_or(name.len()));
        }
    }

    fn token(&mut self, text: &str, length: usize) {
        self.tokens.push(Token { text: text.to_owned(), line: self.line });
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        self.line += self.rest[..length].matches('\n').count();
        self.rest = &self.rest[length..];
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Length of the comment, which may hold others, at the start of `rest`.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// Length of the raw text at the start of `rest`, if there is one.
fn raw_string(rest: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"]
        .into_iter()
        .find(|prefix| rest.strip_prefix(prefix).is_some_and(|after| after.trim_start_matches('#').starts_with('"')))?;
    let after = &rest[prefix.len()..];
    let hashes = after.find('"')?;
    let end = format!("\"{}", &after[..hashes]);
    let start = prefix.len() + hashes + 1;
    Some(rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len()))
}

/// Length of a literal whose content begins at `start` and ends at `quote`.
fn quoted(rest: &str, start: usize, quote: char) -> usize {
    let mut characters = rest[start..].char_indices();
    while let Some((at, c)) = characters.next() {
        if c == '\\' {
            characters.next();
        } else if c == quote {
            return start + at + c.len_utf8();
        }
    }
    rest.len()
}

#[test]
fn code_is_told_from_comments_and_literals() {
    let source = r####"
// unsafe crate::a
/* unsafe /* crate::b */ unsafe */
let text = "unsafe \" crate::c"; let raw = r#"unsafe " crate::d"#; let bytes = b"unsafe";
let c = '"'; let escaped = '\''; let byte = b'"'; fn f<'a>(x: &'a str) { r#unsafe } // crate::e
"####;
    let words: Vec<(String, usize)> = tokenize(source)
        .into_iter()
        .filter(|token| token.text.chars().all(is_word))
        .map(|token| (token.text, token.line))
        .collect();
    let expected = [
        ("let", 4),
        ("text", 4),
        ("let", 4),
        ("raw", 4),
        ("let", 4),
        ("bytes", 4),
        ("let", 5),
        ("c", 5),
        ("let", 5),
        ("escaped", 5),
        ("let", 5),
        ("byte", 5),
        ("fn", 5),
        ("f", 5),
        ("x", 5),
        ("str", 5),
        ("unsafe", 5),
    ];
    assert_eq!(words, expected.map(|(word, line)| (word.to_owned(), line)));
}
