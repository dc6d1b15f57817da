//! Characters that mean something to the shell.

/// Whether a byte may be the sign of anything but itself, in code or in what
/// stands in it.
pub(super) fn means_something(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'\t' | b' ' | b'#' | b'(' | b')' | b'[' | b']' | b'{' | b'}')
        || matches!(byte, b';' | b'&' | b'|' | b'<' | b'>')
        || means_something_in_quotes(byte)
        || byte == b'\''
}

/// The same in double quotes.
pub(super) fn means_something_in_quotes(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'`' | b'$')
}

/// Whether `c` ends the name of a command that nothing in it expands or quotes.
pub(super) fn ends_plain_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')' | '<' | '>' | '`' | '"' | '\'' | '$' | '\\')
}
