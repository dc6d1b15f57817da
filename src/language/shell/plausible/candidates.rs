//! Whether a command can stand in a text at all, told without the grammar.

use super::{KEYWORDS, is_familiar, is_name_character, is_option};
use crate::language::shell::table::is_in;

/// Whether a command that is known may stand in `code` at all: what follows a
/// line's beginning or one of the signs behind which the grammar can see a
/// command may be the name of one. Most data and statements hold none, and the
/// grammar takes longest over what it does not understand.
pub(in crate::language) fn may_hold_commands(code: &str) -> bool {
    if defines_function(code) {
        return true;
    }
    let has_options = code.split_whitespace().any(is_option);
    let begins = ['\n', '\r', ';', '|', '&', '(', ')', '{', '}', '`', '!', '<', '>'];
    let mut after_redirection = false;
    code.split_inclusive(begins).any(|piece| {
        let mut words = piece.trim_end_matches(begins).split_whitespace().filter(|word| *word != "\\");
        // The first word is then the file, and the command may come after it.
        let count = if after_redirection { 2 } else { 1 };
        let goes_on = after_redirection && !piece.ends_with(['\n', '\r', ';', '|', '&']);
        after_redirection = goes_on || piece.ends_with(['<', '>']);
        words.by_ref().take(count).any(|word| may_be_known(word, has_options))
    })
}

/// Whether `()` stands before something that may be the body of a function.
fn defines_function(code: &str) -> bool {
    code.match_indices('(').any(|(at, _)| {
        let body = code[at + 1..].trim_start().strip_prefix(')').map(str::trim_start);
        body.is_some_and(|body| body.starts_with(['{', '(', '[']) || body.starts_with("if"))
    })
}

/// Whether a word may be the name of a command that is known, begin a construct
/// of the grammar, or stand before a command.
fn may_be_known(word: &str, has_options: bool) -> bool {
    let plain = word.trim_matches(['"', '\'', '\\']);
    // In quotes it is a word of the grammar no more.
    let bare = word.trim_start_matches('\\');
    let begin = &bare[..bare.find(|c: char| !is_name_character(c)).unwrap_or(bare.len())];
    word.contains(['/', '$', '[', '='])
        || plain.starts_with(|c: char| c.is_ascii_lowercase()) && (has_options || plain.contains('.'))
        || is_in(KEYWORDS, bare)
        || is_in(KEYWORDS, begin)
        || is_in("declare typeset export readonly local unset unsetenv test", begin)
        || is_familiar(plain)
}
