//! The commands of a text that holds nothing but plain ones: words, quotes,
//! variables, pipes, redirections to files. Most blocks are such texts, and
//! their words can be told without the grammar, which costs far more.

/// Words that begin a construct, or a command that the grammar has a node of
/// its own for.
const NOT_PLAIN: &[&str] = &[
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "select", "function",
    "in", "time", "coproc", "test", "declare", "typeset", "export", "readonly", "local", "unset", "unsetenv",
];

/// Gives each command of `code` to `take`, with its words as they are written;
/// `None` where the text holds anything else, and only the grammar can tell.
/// Some commands may have been given by then.
pub(super) fn each<'a>(code: &'a str, take: &mut dyn FnMut(&'a str, &[&'a str])) -> Option<()> {
    let mut scan = Scan { code, bytes: code.as_bytes(), at: 0 };
    let mut words: Vec<&'a str> = Vec::new();
    // After a redirection come others or the command's end.
    let mut redirected = false;
    // After `|` and `&&` a command has to follow on the same line.
    let mut expects_command = false;
    loop {
        scan.blanks();
        let end_of_line = matches!(scan.byte(), None | Some(b'\n' | b'#'));
        let ends = end_of_line || matches!(scan.byte(), Some(b'|' | b'&' | b';'));
        if !ends {
            if scan.redirection(&words)? {
                redirected = true;
            } else {
                if redirected {
                    return None;
                }
                words.push(scan.word(words.is_empty())?);
            }
            continue;
        }
        match words.split_first() {
            Some((name, arguments)) => take(name, arguments),
            None if !end_of_line || expects_command => return None,
            None => {}
        }
        words.clear();
        redirected = false;
        expects_command = false;
        match scan.byte() {
            None => return Some(()),
            Some(b'#') => scan.comment()?,
            Some(b'\n') => scan.at += 1,
            _ => expects_command = scan.operator()?,
        }
    }
}

struct Scan<'a> {
    code: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
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
    fn redirection(&mut self, words: &[&str]) -> Option<bool> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.byte() != Some(b'>') || self.at > start + 1 {
            self.at = start;
            return Some(false);
        }
        if words.is_empty() {
            return None;
        }
        self.at += 1;
        if self.starts_with(b"&1") || self.starts_with(b"&2") {
            self.at += 2;
            return Some(matches!(self.byte(), None | Some(b' ' | b'\n' | b'|' | b';'))).filter(|ends| *ends);
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
        loop {
            match self.byte() {
                None | Some(b' ' | b'\t' | b'\n' | b'|' | b'&' | b';') => break,
                Some(quote @ (b'\'' | b'"')) => {
                    self.quoted(quote)?;
                    is_quoted = true;
                }
                // The grammar has its own mind about some of these, and ends the
                // name of a command there.
                Some(b'$') if is_quoted || is_name && self.at > start => return None,
                Some(b'$') => self.variable()?,
                Some(byte) if is_plain(byte) => self.at += 1,
                _ => return None,
            }
        }
        let word = &self.code[start..self.at];
        // A pattern to be compared with, and what a name makes an assignment.
        let is_odd = word.starts_with('=') || word.contains("==") || word.contains("=~");
        let is_other = is_name && !is_name_of_command(word);
        (!word.is_empty() && !is_odd && !is_other).then_some(word)
    }

    fn quoted(&mut self, quote: u8) -> Option<()> {
        self.at += 1;
        loop {
            match self.byte()? {
                byte if byte == quote => {
                    self.at += 1;
                    return Some(());
                }
                b'$' if quote == b'"' => self.variable()?,
                b'\\' | b'`' if quote == b'"' => return None,
                byte if byte < b' ' => return None,
                _ => self.at += 1,
            }
        }
    }

    /// Takes `$NAME`.
    fn variable(&mut self) -> Option<()> {
        self.at += 1;
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
    !NOT_PLAIN.contains(&&word[..end]) && !word.contains(['=', '%', '@', ',', ':', '*', '?'])
}

/// Whether a byte outside of quotes means nothing to the shell but itself, or a
/// pattern of file names.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:,@%+~=*?-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: &str) -> Option<Vec<String>> {
        let mut commands = Vec::new();
        each(code, &mut |name, arguments| commands.push(format!("{name}({})", arguments.join("¦"))))?;
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
        ] {
            assert_eq!(read(code).as_deref(), Some(&commands.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>()[..]));
        }
    }

    #[test]
    fn everything_else_is_left_to_the_grammar() {
        for code in [
            "A=1 ls",
            "A=1",
            "for a in b; do c; done",
            "(ls)",
            "ls &",
            "ls <a",
            "cat <<E\nE",
            "a `b`",
            "a $(b)",
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
            "a ${b}",
            "a \\\n\nb",
            "a \\\n# b\nc",
            "a 2>&1b",
        ] {
            assert_eq!(read(code), None, "{code:?}");
        }
    }
}
