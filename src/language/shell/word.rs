//! A word of a command, and what the shell may make of it.

use std::fmt;
use std::ops::Deref;

/// What the expansions in a word can turn it into, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expands {
    /// It is what it says.
    Nothing,
    /// One word that still begins as it is written.
    Inside,
    /// One word, but any: an option as well.
    Whole,
    /// Any number of any words.
    Freely,
}

/// A word as the program gets it: quotes taken off, expansions left as they
/// are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    text: String,
    /// With its quotes.
    pub(super) written: String,
    pub(super) expands: Expands,
}

impl Word {
    /// A word without expansions.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { written: text.clone(), text, expands: Expands::Nothing }
    }

    /// Arguments that are not in the text, such as those that xargs reads.
    pub(super) fn unseen() -> Self {
        Self { text: "…".to_owned(), written: "…".to_owned(), expands: Expands::Freely }
    }

    /// Reads `written` as the shell would.
    pub(super) fn read(written: &str) -> Self {
        let mut reader = Reader { plain: String::with_capacity(written.len()), expands: Expands::Nothing };
        reader.read(written);
        Self { text: reader.plain, written: written.to_owned(), expands: reader.expands }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it can turn into an option, or into several words.
    pub(super) fn is_open(&self) -> bool {
        self.expands >= Expands::Whole
    }

    /// Takes the word for any number of words where it holds a variable, out of
    /// quotes, of which `holds_several` says that its value is several.
    pub(super) fn doubt(&mut self, holds_several: &dyn Fn(&str) -> bool) {
        let in_quotes =
            self.written.matches('"').count() == 2 && self.written.starts_with('"') && self.written.ends_with('"');
        if self.expands == Expands::Nothing || in_quotes {
            return;
        }
        let mut variables = self.written.match_indices('$').filter_map(|(at, _)| variable_at(&self.written[at..]));
        if variables.any(holds_several) {
            self.expands = Expands::Freely;
        }
    }

    /// The same text, of which a program makes a part up.
    pub(super) fn filled_later(mut self) -> Self {
        self.expands = self.expands.max(Expands::Inside);
        self
    }
}

struct Reader {
    plain: String,
    expands: Expands,
}

impl Reader {
    fn read(&mut self, written: &str) {
        let mut quote = None;
        let mut chars = written.char_indices().peekable();
        let mut brace = false;
        while let Some((at, c)) = chars.next() {
            match (quote, c) {
                (Some('\''), '\'') | (Some('"'), '"') => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                (None, '$') if matches!(chars.peek(), Some((_, '\'' | '"'))) => {}
                (None, '\\') => self.plain.extend(chars.next().map(|(_, next)| next).filter(|next| *next != '\n')),
                (Some('"'), '\\') => match chars.next().map(|(_, next)| next) {
                    Some(next @ ('"' | '\\' | '$' | '`')) => self.plain.push(next),
                    Some('\n') | None => {}
                    Some(next) => self.plain.extend(['\\', next]),
                },
                (None | Some('"'), '$' | '`') => {
                    self.expansion(&written[at..], quote.is_some());
                    self.plain.push(c);
                }
                (None, '<' | '>') if matches!(chars.peek(), Some((_, '('))) => {
                    self.expands = self.expands.max(Expands::Inside);
                    self.plain.push(c);
                }
                (None, '{') => {
                    brace = true;
                    self.plain.push(c);
                }
                (None, ',' | '.') if brace => {
                    // `{a,b}` and `{1..3}` are several words.
                    let several = c == ',' || matches!(chars.peek(), Some((_, '.')));
                    if several {
                        self.expands = Expands::Freely;
                    }
                    self.plain.push(c);
                }
                (None, '*' | '?' | '[') if self.plain.starts_with('-') => {
                    self.expands = self.expands.max(Expands::Whole);
                    self.plain.push(c);
                }
                (_, c) => self.plain.push(c),
            }
        }
    }

    /// Notes the expansion that `rest` begins with.
    fn expansion(&mut self, rest: &str, quoted: bool) {
        let after = rest[1..].chars().next();
        let expands = match after {
            Some(c) if rest.starts_with('$') && !(c.is_alphanumeric() || "_{(@*?#$!-[".contains(c)) => return,
            None => return,
            // What is always a number cannot be more than one word.
            Some('?' | '#' | '$' | '!') if rest.starts_with('$') => Expands::Inside,
            Some(_) if rest.starts_with("$((") || rest.starts_with("${#") => Expands::Inside,
            // `"$@"` is as many words as there are.
            Some('@') => Expands::Freely,
            Some('{') if rest.starts_with("${@") || rest.split('}').next().is_some_and(|name| name.contains("[@]")) => {
                Expands::Freely
            }
            // An unquoted variable is taken for the one word that its author
            // means; `Word::doubt` is for those that hold several.
            Some(_) if !quoted && !is_plain_variable(rest) => Expands::Freely,
            Some(_) if self.plain.is_empty() || (self.plain.starts_with('-') && !self.plain.contains('=')) => {
                Expands::Whole
            }
            Some(_) => Expands::Inside,
        };
        self.expands = self.expands.max(expands);
    }
}

/// Whether `rest` begins with `$name` or `${name}`, and nothing else is done to
/// its value.
fn is_plain_variable(rest: &str) -> bool {
    variable_at(rest).is_some()
}

/// The name in the `$name` or `${name}` that `text` begins with.
fn variable_at(text: &str) -> Option<&str> {
    let after = text.strip_prefix('$')?;
    let (inner, braced) = after.strip_prefix('{').map_or((after, false), |inner| (inner, true));
    let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
    (end > 0 && (!braced || inner[end..].starts_with('}'))).then(|| &inner[..end])
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

/// `words` with a blank between them.
pub(super) fn joined(words: &[Word]) -> String {
    words.iter().map(Word::as_str).collect::<Vec<_>>().join(" ")
}

/// The most that any of `words` expands to.
pub(super) fn most_expanding(words: &[Word]) -> Expands {
    words.iter().map(|word| word.expands).max().unwrap_or(Expands::Nothing)
}

/// Where a command's standard input comes from, as far as the text tells.
#[derive(Debug, Clone, Copy)]
pub(super) enum Input<'a> {
    /// From where the shell has its own.
    Own,
    /// From a here-document or a here-string, in which the shell may expand
    /// something.
    Text { code: &'a str, expands: bool },
    /// From another command or a file.
    Unseen,
}

impl Input<'_> {
    /// Whether nothing is given to the command.
    pub(super) fn is_own(self) -> bool {
        matches!(self, Self::Own)
    }
}
