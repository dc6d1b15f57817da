//! Whether arguments have a form in which a program only looks.

use super::table::{Form, is_in};
use super::word::{Expands, Word};

/// The arguments of a program, taken apart.
#[derive(Debug, Default)]
pub(super) struct Parsed<'a> {
    /// Options as they are named, `-X` or `--request`, with their values.
    pub(super) options: Vec<(String, Option<Word>)>,
    pub(super) operands: Vec<&'a Word>,
}

/// Takes `arguments` apart by `form`, clusters of letters too.
///
/// # Errors
/// In words, what is not known of them.
pub(super) fn parse<'a>(form: &Form, arguments: &'a [Word]) -> Result<Parsed<'a>, String> {
    parse_up_to(form, arguments, usize::MAX)
}

/// The same for a program whose first operand is a script, behind which no
/// word can be an option of another meaning.
pub(super) fn parse_script<'a>(form: &Form, arguments: &'a [Word]) -> Result<Parsed<'a>, String> {
    let options_end = if is_in(form.programs, "awk") { 1 } else { usize::MAX };
    parse_up_to(form, arguments, options_end)
}

fn parse_up_to<'a>(form: &Form, arguments: &'a [Word], options_end: usize) -> Result<Parsed<'a>, String> {
    let mut parsed = Parsed::default();
    let mut rest = arguments.iter();
    let mut only_operands = false;
    while let Some(argument) = rest.next() {
        if parsed.operands.len() >= options_end {
            parsed.operands.push(argument);
            continue;
        }
        if argument.expands == Expands::Freely || (argument.is_open() && !only_operands) {
            return Err(format!("`{argument}` may be an option, and only the shell can tell"));
        }
        let mut next_value = |name: String| match rest.next() {
            Some(value) if value.expands == Expands::Freely => {
                Err(format!("`{value}` may be several words, and only the shell can tell"))
            }
            value => Ok((name, value.cloned())),
        };
        if only_operands || !argument.starts_with('-') || argument.len() == 1 {
            parsed.operands.push(argument);
        } else if *argument == *"--" {
            only_operands = true;
        } else if argument.starts_with("--") {
            let (name, glued) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (argument.as_str(), None),
            };
            let option = match glued {
                _ if is_in(form.long, name) => (name.to_owned(), glued.map(Word::plain)),
                Some(value) if is_in(form.long_with_value, name) => {
                    let mut value = Word::plain(value);
                    value.expands = argument.expands;
                    (name.to_owned(), Some(value))
                }
                None if is_in(form.long_with_value, name) => next_value(name.to_owned())?,
                _ => return Err(format!("what `{name}` does is not known here")),
            };
            parsed.options.push(option);
        } else if !argument[1..].bytes().all(|byte| byte.is_ascii_digit()) {
            for (at, letter) in argument[1..].char_indices() {
                let name = format!("-{letter}");
                if form.letters.contains(letter) {
                    parsed.options.push((name, None));
                    continue;
                }
                let glued = &argument[1 + at + letter.len_utf8()..];
                if form.letters_maybe_with_value.contains(letter) {
                    parsed.options.push((name, (!glued.is_empty()).then(|| Word::plain(glued))));
                } else if !form.letters_with_value.contains(letter) {
                    return Err(format!("what `{name}` does is not known here"));
                } else if glued.is_empty() {
                    parsed.options.push(next_value(name)?);
                } else {
                    parsed.options.push((name, Some(Word::plain(glued))));
                }
                break;
            }
        }
    }
    if parsed.operands.len() > form.operands {
        return Err(format!("what it does with `{}` is not known here", parsed.operands[form.operands]));
    }
    Ok(parsed)
}
