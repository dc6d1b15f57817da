//! The commands of a text that holds nothing but plain ones: words, quotes,
//! variables, pipes, redirections to files, substitutions and loops. Most
//! blocks are such texts, and their words can be told without the grammar,
//! which costs far more.

/// Words that begin a construct, or a command that the grammar has a node of
/// its own for. Loops are told apart before these are looked at.
const NOT_PLAIN: &[&str] = &[
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "select", "function",
    "in", "time", "coproc", "test", "declare", "typeset", "export", "readonly", "local", "unset", "unsetenv",
];

/// Substitutions and loops that stand deeper in each other are left to the
/// grammar.
const DEEPEST: usize = 6;

/// What a plain text is made of.
pub(super) enum Plain<'t, 'a> {
    /// A command: its name and what is given to it, as they are written.
    Command(&'a str, &'t [&'a str]),
    /// `for`, `while` or `until`.
    Loop,
}

/// Gives all that `code` is made of to `take`; `None` where it holds anything
/// else, and only the grammar can tell. Some may have been given by then.
pub(super) fn each<'a>(code: &'a str, take: &mut dyn FnMut(Plain<'_, 'a>)) -> Option<()> {
    let mut scan = Scan { code, bytes: code.as_bytes(), at: 0, depth: 0, substitutions: 0, take };
    scan.statements(End::Text)
}

/// What ends statements.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The end of the text.
    Text,
    /// The parenthesis of a substitution.
    Parenthesis,
    /// `do`
    Do,
    /// `done`
    Done,
}

struct Scan<'a, 't> {
    code: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// How many substitutions and loops are open.
    depth: usize,
    /// How many substitutions are open.
    substitutions: usize,
    take: &'t mut dyn FnMut(Plain<'_, 'a>),
}

impl<'a> Scan<'a, '_> {
    /// Takes statements, and the word that ends them.
    fn statements(&mut self, end: End) -> Option<()> {
        let mut words: Vec<&'a str> = Vec::new();
        let mut is_empty = true;
        // After a redirection come others or the command's end, and so do they
        // after a loop.
        let (mut is_redirected, mut is_loop) = (false, false);
        // After `|` and `&&` a command has to follow on the same line.
        let mut expects_command = false;
        loop {
            self.blanks();
            let byte = self.byte();
            let closes = byte == Some(b')') && end == End::Parenthesis;
            let ends_line = closes || matches!(byte, None | Some(b'\n' | b'#'));
            if ends_line || matches!(byte, Some(b'|' | b'&' | b';')) {
                match words.split_first() {
                    Some((name, arguments)) => (self.take)(Plain::Command(name, arguments)),
                    None if !is_loop && (!ends_line || expects_command) => return None,
                    None => {}
                }
                is_empty &= words.is_empty() && !is_loop;
                words.clear();
                (is_redirected, is_loop, expects_command) = (false, false, false);
                match byte {
                    _ if closes => return (!is_empty).then_some(()),
                    None => return (end == End::Text).then_some(()),
                    Some(b'#' | b'\n') if self.substitutions > 0 => return None,
                    Some(b'#') => self.comment()?,
                    Some(b'\n') => self.at += 1,
                    _ => expects_command = self.operator()?,
                }
            } else if (is_loop || !words.is_empty()) && self.redirection()? {
                is_redirected = true;
            } else if is_loop || is_redirected {
                return None;
            } else if !words.is_empty() {
                words.push(self.word(false)?);
            } else {
                match self.keyword() {
                    "do" if end == End::Do && !is_empty && !expects_command => return Some(()),
                    "done" if end == End::Done && !is_empty && !expects_command => return Some(()),
                    "for" => {
                        self.list()?;
                        self.body()?;
                        is_loop = true;
                    }
                    "while" | "until" => {
                        self.nested(End::Do)?;
                        self.body()?;
                        is_loop = true;
                    }
                    "" => words.push(self.word(true)?),
                    _ => return None,
                }
            }
        }
    }

    fn nested(&mut self, end: End) -> Option<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.statements(end)?;
        self.depth -= 1;
        Some(())
    }

    /// Takes what stands between `do` and `done`.
    fn body(&mut self) -> Option<()> {
        (self.take)(Plain::Loop);
        self.nested(End::Done)
    }

    /// Takes a word of a loop; empty where none stands here.
    fn keyword(&mut self) -> &'a str {
        // No other letter begins one.
        if !matches!(self.byte(), Some(b'f' | b'w' | b'u' | b'd')) {
            return "";
        }
        let rest = &self.code[self.at..];
        let word = rest.split([' ', '\t', '\n', ';', '|', ')']).next().unwrap_or_default();
        let is_keyword = matches!(word, "for" | "while" | "until" | "do" | "done");
        let is_apart = word == "done" || rest[word.len()..].starts_with([' ', '\t', '\n']);
        if !is_keyword || !is_apart {
            return "";
        }
        self.at += word.len();
        word
    }

    /// Takes what stands between `for` and the `do` of its body.
    fn list(&mut self) -> Option<()> {
        self.blanks();
        let name = self.at;
        self.name()?;
        let is_odd = NOT_PLAIN.contains(&&self.code[name..self.at]);
        self.blanks();
        if is_odd || !self.starts_with(b"in ") {
            return None;
        }
        self.at += "in".len();
        self.blanks();
        self.word(false)?;
        self.blanks();
        while !matches!(self.byte(), Some(b';' | b'\n')) {
            self.word(false)?;
            self.blanks();
        }
        if self.byte() == Some(b'\n') && self.substitutions > 0 {
            return None;
        }
        self.at += 1;
        while self.byte().is_some_and(|byte| matches!(byte, b' ' | b'\t') || byte == b'\n' && self.substitutions == 0) {
            self.at += 1;
        }
        (self.keyword() == "do").then_some(())
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn starts_with(&self, text: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(text)
    }

    /// Passes over white space; a line that ends in ` \` goes on with the next.
    fn blanks(&mut self) {
        let start = self.at;
        loop {
            match self.byte() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.at > start && self.goes_on() => self.at += 2,
                _ => return,
            }
        }
    }

    /// Whether what follows a `\` here is a line with something on it.
    fn goes_on(&self) -> bool {
        let Some(next) = self.bytes[self.at..].strip_prefix(b"\\\n") else { return false };
        let first = next.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        first.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/' | b'"' | b'\'' | b'$'))
    }

    fn comment(&mut self) -> Option<()> {
        while let Some(byte) = self.byte().filter(|byte| *byte != b'\n') {
            if byte < b' ' && byte != b'\t' {
                return None;
            }
            self.at += 1;
        }
        Some(())
    }

    /// Takes `;`, `|`, `||` or `&&`: whether a command has to follow.
    fn operator(&mut self) -> Option<bool> {
        let operator: &[u8] = [&b"&&"[..], b"||", b"|", b";"].into_iter().find(|sign| self.starts_with(sign))?;
        self.at += operator.len();
        let next = self.byte();
        if matches!(next, Some(b'|' | b'&' | b';')) {
            return None;
        }
        Some(operator != b";")
    }

    /// Takes `> file`, `2>> file` or `2>&1`, if one stands here.
    fn redirection(&mut self) -> Option<bool> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.byte() != Some(b'>') || self.at > start + 1 {
            self.at = start;
            return Some(false);
        }
        self.at += 1;
        if self.starts_with(b"&1") || self.starts_with(b"&2") {
            self.at += 2;
            let ends = matches!(self.byte(), None | Some(b' ' | b'\n' | b'|' | b';' | b')'));
            return ends.then_some(true);
        }
        self.at += usize::from(self.byte() == Some(b'>'));
        self.at += usize::from(self.byte() == Some(b' '));
        self.byte().filter(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'.' | b'~' | b'"' | b'$'))?;
        self.word(false)?;
        Some(true)
    }

    /// Takes a word, which is the name of a command or none.
    fn word(&mut self, is_name: bool) -> Option<&'a str> {
        let start = self.at;
        let first = self.byte()?;
        if is_name && !(first.is_ascii_alphabetic() || matches!(first, b'.' | b'/' | b'~' | b'_' | b'"' | b'\'' | b'$'))
        {
            return None;
        }
        let mut is_quoted = false;
        let mut expanded = None;
        loop {
            match self.byte() {
                None | Some(b' ' | b'\t' | b'\n' | b'|' | b'&' | b';') => break,
                Some(b')') if self.substitutions > 0 => break,
                Some(quote @ (b'\'' | b'"')) => {
                    self.quoted(quote)?;
                    is_quoted = true;
                }
                // The grammar has its own mind about some of these.
                Some(b'$') if is_quoted || expanded == Some(self.at) => return None,
                Some(b'$') => {
                    self.expansion()?;
                    expanded = Some(self.at);
                }
                Some(byte) if is_plain(byte) => self.at += 1,
                _ => return None,
            }
        }
        let word = &self.code[start..self.at];
        // A pattern to be compared with.
        let is_odd =
            word.as_bytes().contains(&b'=') && (word.starts_with('=') || word.contains("==") || word.contains("=~"));
        (!word.is_empty() && !is_odd && (!is_name || is_name_of_command(word))).then_some(word)
    }

    fn quoted(&mut self, quote: u8) -> Option<()> {
        self.at += 1;
        loop {
            match self.byte()? {
                byte if byte == quote => {
                    self.at += 1;
                    return Some(());
                }
                b'$' if quote == b'"' => self.expansion()?,
                b'\\' | b'`' if quote == b'"' => return None,
                // It may be left to fill in.
                b'<' => return None,
                byte if byte < b' ' => return None,
                _ => self.at += 1,
            }
        }
    }

    /// Takes `$NAME`, `${NAME}` or `$(…)`.
    fn expansion(&mut self) -> Option<()> {
        self.at += 1;
        match self.byte()? {
            b'(' => {
                self.at += 1;
                if self.byte() == Some(b'(') {
                    return None;
                }
                self.substitutions += 1;
                self.nested(End::Parenthesis)?;
                self.substitutions -= 1;
                self.at += 1;
                Some(())
            }
            b'{' => {
                self.at += 1;
                self.name()?;
                let closes = self.byte() == Some(b'}');
                self.at += 1;
                closes.then_some(())
            }
            _ => self.name(),
        }
    }

    /// Takes the name of a variable.
    fn name(&mut self) -> Option<()> {
        self.byte().filter(|byte| byte.is_ascii_alphabetic() || *byte == b'_')?;
        while self.byte().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.at += 1;
        }
        Some(())
    }
}

/// Whether nothing in the name of a command makes it an assignment, or the
/// beginning of it a word of the grammar.
fn is_name_of_command(word: &str) -> bool {
    let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(word.len());
    !NOT_PLAIN.contains(&&word[..end])
        && !word.contains(['=', '%', '@', ',', ':', '*', '?'])
        && !word.contains("$(")
        && word.matches('$').count() < 2
}

/// Whether a byte outside of quotes means nothing to the shell but itself, or a
/// pattern of file names.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'.' | b'/' | b':' | b',' | b'@' | b'%' | b'+' | b'~' | b'=' | b'*' | b'?' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: &str) -> Option<Vec<String>> {
        let mut commands = Vec::new();
        each(code, &mut |found| match found {
            Plain::Command(name, arguments) => commands.push(format!("{name}({})", arguments.join("¦"))),
            Plain::Loop => commands.push("loop".to_owned()),
        })?;
        Some(commands)
    }

    #[test]
    fn plain_commands_are_told_with_their_words() {
        for (code, commands) in [
            ("ls -l /srv\n", vec!["ls(-l¦/srv)"]),
            ("# All\nls | head -n 5 && ps; w # now\n", vec!["ls()", "head(-n¦5)", "ps()", "w()"]),
            ("curl -s \\\n  \"http://x?a=$B\" 2>/dev/null\n", vec!["curl(-s¦\"http://x?a=$B\")"]),
            ("a --b='c d' $E/f >> log 2>&1 | g\n", vec!["a(--b='c d'¦$E/f)", "g()"]),
            ("", vec![]),
            ("ls \"$(id -u a)\" ${B}/c", vec!["id(-u¦a)", "ls(\"$(id -u a)\"¦${B}/c)"]),
            ("for a in $(ls | sort) b; do\n  rm $a\ndone >f\nw", vec!["ls()", "sort()", "loop", "rm($a)", "w()"]),
            ("ls | while read -r a; do rm $a; done", vec!["ls()", "read(-r¦a)", "loop", "rm($a)"]),
        ] {
            assert_eq!(read(code).as_deref(), Some(&commands.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>()[..]));
        }
    }

    #[test]
    fn everything_else_is_left_to_the_grammar() {
        for code in [
            "A=1 ls",
            "A=1",
            "(ls)",
            "ls &",
            "ls <a",
            "cat <<E\nE",
            "a `b`",
            "a \\ b",
            "> a",
            "ls > a b",
            "ls |",
            "ls &&\nps",
            "a;;b",
            "'a",
            "\"a",
            "a {b,c}",
            "[ a = b ]",
            "! a",
            "a\r\n",
            "export A",
            "a $1",
            "a == b",
            "a \\\n\nb",
            "a \\\n# b\nc",
            "a 2>&1b",
            "a $B$C",
            "a $((b))",
            "a $()",
            "a ${b:-c}",
            "for a in b; do done",
            "for a; do b; done",
            "while a; b; done",
            "do a",
            "done",
            "$(a) b",
            "a \"<b>\"",
        ] {
            assert_eq!(read(code), None, "{code:?}");
        }
    }
}
