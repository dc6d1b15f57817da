//! Bytes as a word of shell code, and secrets in words of shell code.

/// `bytes` as one word, literally.
pub(super) fn single_quoted(bytes: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for &byte in bytes {
        match byte {
            b'\'' => word.extend_from_slice(b"'\\''"),
            byte => word.push(byte),
        }
    }
    word.push(b'\'');
    word
}

/// Lines of a secret shorter than this are not looked for by themselves: they
/// would be found everywhere.
const SHORTEST_LINE: usize = 4;

/// Secrets, to be found in shell code however the shell has quoted them there.
///
/// A shell prints a value bare, in either kind of quotes, with backslashes, or
/// as `$'…'` with escapes. Both sides are compared without the characters that
/// quoting adds, so that each of these looks the same; what is taken for a
/// secret and is none only costs a variable that is not kept.
pub(super) struct QuotedSecrets {
    needles: Vec<Vec<u8>>,
}

impl QuotedSecrets {
    pub(super) fn new(secrets: &[String]) -> Self {
        let mut needles = Vec::new();
        for secret in secrets {
            let lines = secret.lines().filter(|line| line.len() >= SHORTEST_LINE);
            for text in std::iter::once(secret.as_str()).chain(lines) {
                for escaped in [Escaped::Nothing, Escaped::Control, Escaped::ControlAndHigh] {
                    let needle = bare(&escape(text.as_bytes(), escaped));
                    // All quotes: there is nothing left to tell it by.
                    let needle = if needle.is_empty() { text.as_bytes().to_vec() } else { needle };
                    if !needle.is_empty() && !needles.contains(&needle) {
                        needles.push(needle);
                    }
                }
            }
        }
        Self { needles }
    }

    /// Whether one of the secrets is somewhere in `code`.
    pub(super) fn found_in(&self, code: &[u8]) -> bool {
        let stripped = bare(code);
        let holds = |hay: &[u8], needle: &[u8]| hay.windows(needle.len()).any(|window| window == needle);
        self.needles.iter().any(|needle| holds(&stripped, needle) || holds(code, needle))
    }
}

/// What `$'…'` escapes: never the printable ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escaped {
    Nothing,
    Control,
    /// In a locale in which characters beyond ASCII are not printable.
    ControlAndHigh,
}

fn escape(text: &[u8], escaped: Escaped) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for &byte in text {
        let letter = match byte {
            0x07 => Some(b'a'),
            0x08 => Some(b'b'),
            b'\t' => Some(b't'),
            b'\n' => Some(b'n'),
            0x0b => Some(b'v'),
            0x0c => Some(b'f'),
            b'\r' => Some(b'r'),
            0x1b => Some(b'E'),
            _ => None,
        };
        let high = byte >= 0x80 && escaped == Escaped::ControlAndHigh;
        match letter {
            _ if escaped == Escaped::Nothing => bytes.push(byte),
            Some(letter) => bytes.push(letter),
            None if byte < 0x20 || byte == 0x7f || high => bytes.extend(format!("{byte:03o}").bytes()),
            None => bytes.push(byte),
        }
    }
    bytes
}

/// Without the characters that quoting adds.
fn bare(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| !matches!(byte, b'\\' | b'\'' | b'"' | b'$')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    /// The ways in which bash prints a value back.
    const FORMS: [&str; 5] = ["declare -p x", "declare -p a", "printf %q \"$x\"", "alias q", "echo \"${x@Q}\""];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_secret_is_found_in_every_form_that_bash_prints_it_in(
            secret in "[a-zA-Z0-9]{2}[\\x01-\\x7f\u{e9}\u{20ac}]{0,6}[a-z]{2}",
            locale in prop::sample::select(vec!["C", "C.UTF-8"]),
        ) {
            let secrets = QuotedSecrets::new(std::slice::from_ref(&secret));
            for form in FORMS {
                let script = format!("x=$1; a=(\"$x\"); alias q=\"$x\"; {form}");
                let output = Command::new("bash").args(["-c", &script, "bash", &secret]).env("LC_ALL", locale).output();
                prop_assert!(secrets.found_in(&output.unwrap().stdout), "{form}");
            }
        }
    }

    #[test]
    fn one_line_of_a_secret_is_found() {
        let secrets = QuotedSecrets::new(&["-----BEGIN KEY-----\nMIIEpAIB\n".to_owned()]);
        assert!(secrets.found_in(b"declare -- x=\"MIIEpAIB\""));
        assert!(!secrets.found_in(b"declare -- x=\"nothing\""));
    }

    #[test]
    fn a_quoted_word_keeps_its_quotes() {
        assert_eq!(single_quoted(b"it's"), b"'it'\\''s'");
    }
}
