//! What is left to fill in, in a shell block.

use super::syntax::{Item, text};
use super::table::is_in;
use super::variables::Variables;
use crate::language::Context;
use crate::language::placeholder::{self, Placeholder};
use crate::source::Span;

/// Every `<name>` that is no redirection.
pub(super) fn angles(code: &str, contexts: &[Context]) -> Vec<Placeholder> {
    placeholder::angles(code, |at, end| {
        let stands_in_word = |at: usize| {
            matches!(
                contexts[at],
                Context::Bare
                    | Context::Command
                    | Context::SingleQuoted
                    | Context::DoubleQuoted
                    | Context::Identifier
                    | Context::Evaluated
                    | Context::Backticks
            )
        };
        // `2<file>` names a descriptor, and `$<` nothing.
        stands_in_word(at)
            && stands_in_word(end - 1)
            && !code[..at].ends_with(['$', '&'])
            && (!is_quoted(contexts[at]) || is_meant_in_quotes(code, contexts, at, end))
    })
}

fn is_quoted(context: Context) -> bool {
    matches!(context, Context::SingleQuoted | Context::DoubleQuoted)
}

/// Programs for which `<name>` in quotes is a pattern or text.
const TAKE_TEXT: &str = "grep egrep fgrep zgrep rg ag sed awk gawk mawk perl printf echo cat tee jq yq xmllint";

/// Programs whose quoted arguments are code or addresses, in which a `<name>`
/// is what it is outside of quotes.
const TAKE_CODE: &str = "ssh bash sh zsh su psql mysql mariadb sqlite3 redis-cli kubectl docker mongosh";

/// Whether the `<name>` in quotes is left to fill in: where the quoted word is
/// nothing else, or is code or an address.
fn is_meant_in_quotes(code: &str, contexts: &[Context], at: usize, end: usize) -> bool {
    // The name of the command, behind wrappers as well.
    let name_end = (0..at).rev().find(|at| contexts[*at] == Context::Command).map_or(0, |last| last + 1);
    let name_start = (0..name_end).rev().find(|at| contexts[*at] != Context::Command).map_or(0, |before| before + 1);
    let name = code.get(name_start..name_end).unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or(name);
    if is_in(TAKE_TEXT, name) {
        return false;
    }
    let is_whole =
        code[..at].ends_with(['"', '\'']) && code[end..].starts_with(['"', '\'']) && !is_quoted(contexts[at - 1]);
    let word = &code[code[..at].rfind(|c: char| c.is_whitespace() || "\"'".contains(c)).map_or(0, |at| at + 1)..at];
    let holds_text = TAKE_TEXT.split(' ').any(|text| {
        let inside = &code[name_end..at];
        inside.split(|c: char| c.is_whitespace() || "\"'|;&(".contains(c)).any(|word| word == text)
    });
    !holds_text && (is_whole || is_in(TAKE_CODE, name) || word.contains("://"))
}

/// `code` with a plain word of the same length in the place of each `<name>`.
pub(super) fn filled_in(code: &str, angles: &[Placeholder]) -> String {
    let mut filled = String::with_capacity(code.len());
    let mut at = 0;
    for (number, placeholder) in angles.iter().enumerate() {
        filled.push_str(&code[at..placeholder.span.start]);
        filled.push_str(&filling(number, placeholder));
        at = placeholder.span.end;
    }
    filled.push_str(&code[at..]);
    filled
}

/// The word that stands for a placeholder: of its length, and another for each
/// as long as the length allows.
fn filling(number: usize, placeholder: &Placeholder) -> String {
    let length = placeholder.span.end - placeholder.span.start;
    let number = number.to_string();
    let number = if number.len() < length { number.as_str() } else { "" };
    format!("x{number:_>width$}", width = length - 1)
}

/// `text`, which quotes the filled-in code, with the placeholders back in it.
pub(super) fn put_back(text: &str, angles: &[Placeholder]) -> String {
    let mut text = text.to_owned();
    for (number, placeholder) in angles.iter().enumerate() {
        text = text.replace(&filling(number, placeholder), &placeholder.text);
    }
    text
}

/// Commands whose arguments are names of variables, or text to look for.
const TAKE_NAMES: &str = "printenv read getopts mapfile readarray grep egrep fgrep rg sed awk echo printf test [ [[ trap \
    unset export local declare typeset let";

/// Options that are followed by the name of a variable or a signal.
const BEFORE_NAMES: &str = "-e --env --build-arg -v --var --set -s --signal -o --option";

/// The `<name>`s, and the words that are placeholders by their spelling or
/// their use.
pub(super) fn all(
    code: &str,
    contexts: &[Context],
    items: &[Item<'_>],
    angles: &[Placeholder],
    variables: &Variables,
    known: &dyn Fn(&str) -> bool,
) -> Vec<Placeholder> {
    let mut found = angles.to_vec();
    let is_free = |span: Span| {
        !matches!(contexts[span.start], Context::Comment | Context::Expansion | Context::HeredocDelimiter)
            && !angles.iter().any(|other| other.span.contains(span))
    };
    found.extend(placeholder::words(code).filter(|word| is_free(word.span) && !known(&word.name)));
    let mut name = "";
    for item in items {
        // Commands inside the arguments of another come before the rest of
        // these; that is near enough for a question.
        if item.node.kind() == "command_name" {
            name = text(item.node, code);
        }
        let is_argument = item.parent.is_some_and(|parent| items[parent].node.kind() == "command");
        if item.node.kind() != "word" || !is_argument {
            continue;
        }
        let node = item.node;
        let option = item.previous.map(|before| text(items[before].node, code)).unwrap_or_default();
        if is_in(TAKE_NAMES, name) || is_in(BEFORE_NAMES, option) {
            continue;
        }
        let word = text(node, code);
        let value = word.rsplit('=').next().unwrap_or(word);
        let span = Span::new(node.end_byte() - value.len(), node.end_byte());
        let is_variable = known(value) || variables.sets.iter().any(|set| set == value);
        if is_shouted(value) && !is_variable && is_free(span) && !value.starts_with("YOUR_") {
            found.push(Placeholder::new(value, value, span));
        }
    }
    placeholder::in_order(found)
}

/// `SERVICE_ID`: capitals with an underscore between.
fn is_shouted(word: &str) -> bool {
    let mut parts = word.split('_');
    parts.clone().count() > 1
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
}
