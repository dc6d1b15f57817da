//! Whether the scripts of sed and awk only look.

/// Whether a sed script only prints: no `e`, no `w`, nothing that is not known.
pub(super) fn sed_only_prints(script: &str) -> bool {
    let mut rest = script;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', ';', '{', '}']);
        let Some(c) = rest.chars().next() else { return true };
        rest = match c {
            '#' => rest.split_once('\n').map_or("", |(_, next)| next),
            '0'..='9' | '$' | ',' | '!' | '+' | '~' => &rest[1..],
            '/' | '\\' => {
                let from = if c == '\\' { &rest[1..] } else { rest };
                match after_delimited(from, 1) {
                    Some(next) => next.trim_start_matches(['I', 'M']),
                    None => return false,
                }
            }
            'p' | 'd' | 'P' | 'D' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | '=' | 'z' => &rest[1..],
            'q' | 'Q' | 'l' => rest[1..].trim_start_matches(|c: char| c.is_ascii_digit() || c == ' '),
            'b' | 't' | 'T' | ':' => {
                let end = rest.find(['\n', ';', '}']).unwrap_or(rest.len());
                &rest[end..]
            }
            'a' | 'i' | 'c' => {
                // Text up to the line's end, further lines behind a backslash.
                let mut end = 0;
                loop {
                    end += rest[end..].find('\n').unwrap_or(rest.len() - end);
                    if !rest[..end].ends_with('\\') || end == rest.len() {
                        break &rest[end..];
                    }
                    end += 1;
                }
            }
            's' | 'y' => match after_delimited(&rest[1..], 2) {
                Some(next) => {
                    let flags = next.trim_start_matches(|f: char| "gpIiMm".contains(f) || f.is_ascii_digit());
                    if !flags.is_empty() && !flags.starts_with([' ', '\t', '\n', ';', '}']) {
                        return false;
                    }
                    flags
                }
                None => return false,
            },
            _ => return false,
        };
    }
}

/// What follows `parts` texts, each ended by the character `text` begins with.
fn after_delimited(text: &str, parts: usize) -> Option<&str> {
    let delimiter = text.chars().next().filter(|c| !c.is_whitespace() && *c != '\\')?;
    let mut left = parts;
    let mut chars = text.char_indices().skip(1);
    let mut in_set = false;
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            // Where a set begins and ends is not worth the doubt.
            '[' | ']' if delimiter != c => in_set = c == '[',
            _ if c == delimiter => {
                if in_set {
                    return None;
                }
                left -= 1;
                if left == 0 {
                    return Some(&text[at + c.len_utf8()..]);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether an awk program only prints to its own output. `>` is a comparison
/// outside of actions and in parentheses; where a regular expression stands,
/// that cannot be told so simply.
pub(super) fn awk_only_prints(program: &str) -> bool {
    let runs = ["system", "getline", "@", "fflush", "close"].iter().any(|word| program.contains(word));
    if runs {
        return false;
    }
    if !program.contains(['>', '|']) {
        return true;
    }
    if program.contains(['/', '#', '\\', '\n']) {
        return !program.replace("||", "").replace("&&", "").contains(['>', '|']);
    }
    let (mut braces, mut parentheses, mut quoted) = (0_usize, 0_usize, false);
    let mut chars = program.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            '(' => parentheses += 1,
            ')' => parentheses = parentheses.saturating_sub(1),
            '|' if chars.peek() == Some(&'|') => {
                chars.next();
            }
            '|' => return false,
            '>' if braces > 0 && parentheses == 0 => return false,
            _ => {}
        }
    }
    !quoted
}
