//! A text with the values of its variables put in, to see what it does.

use super::scan;
use crate::source::Context;

/// `code` with these variables, name and value, written as their values, where
/// every place of theirs can be: it is looked at, and never run. `None` where
/// there is no such variable.
#[must_use]
pub fn settled(code: &str, values: &[(String, String)]) -> Option<String> {
    let contexts = scan::contexts(code);
    let mut settled = code.to_owned();
    let mut places: Vec<(usize, usize, &str)> = Vec::new();
    for (name, value) in values {
        if is_one_word(value) {
            places
                .extend(places_of(code, name, &contexts)?.into_iter().map(|(start, end)| (start, end, value.as_str())));
        }
    }
    places.sort_unstable();
    for (start, end, value) in places.iter().rev() {
        settled.replace_range(*start..*end, value);
    }
    (!places.is_empty()).then_some(settled)
}

/// Whether the shell takes `value` for the same one word wherever it stands,
/// and no program takes it for an option.
fn is_one_word(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:@%+=,-".contains(&byte);
    !value.is_empty() && !value.starts_with('-') && value.bytes().all(is_plain)
}

/// Where `$name` and `${name}` stand. `None` where the text does something else
/// with the name as well: it may set it.
fn places_of(code: &str, name: &str, contexts: &[Context]) -> Option<Vec<(usize, usize)>> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut places = Vec::new();
    for (at, _) in code.match_indices(name) {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        if before.ends_with(is_of_name) || after.starts_with(is_of_name) {
            continue;
        }
        let (start, end) = match (before.strip_suffix("${"), before.strip_suffix('$')) {
            (Some(rest), _) if after.starts_with('}') => (rest.len(), at + name.len() + 1),
            (None, Some(rest)) => (rest.len(), at + name.len()),
            _ if matches!(contexts[at], Context::Comment | Context::SingleQuoted) => continue,
            _ => return None,
        };
        if matches!(contexts[start], Context::Bare | Context::Command | Context::DoubleQuoted | Context::Heredoc)
            && !code[..start].ends_with('\\')
        {
            places.push((start, end));
        }
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::settled;

    fn with(code: &str, value: &str) -> Option<String> {
        settled(code, &[("HOST".to_owned(), value.to_owned())])
    }

    #[test]
    fn a_value_of_one_harmless_word_stands_where_its_variable_did() {
        for (code, seen) in [
            ("curl $HOST/a \"${HOST}\" # $HOST\n", "curl db-1/a \"db-1\" # $HOST\n"),
            ("echo '$HOST' $HOST $HOSTS \\$HOST\n", "echo '$HOST' db-1 $HOSTS \\$HOST\n"),
        ] {
            assert_eq!(with(code, "db-1").as_deref(), Some(seen));
        }
    }

    #[test]
    fn what_may_be_more_than_a_word_is_left_as_it_is() {
        for value in ["", "-rf", "a b", "a;b", "*", "$X", "a?b"] {
            assert_eq!(with("curl $HOST\n", value), None, "{value:?}");
        }
        for code in ["HOST=a; curl $HOST\n", "curl ${HOST:-x}\n", "read HOST; curl $HOST\n", "curl '$HOST'\n", "ls\n"] {
            assert_eq!(with(code, "db-1"), None, "{code:?}");
        }
    }
}
