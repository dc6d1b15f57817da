//! Where in a statement the word stands that an error is about, for servers
//! that name it and do not say where.

/// The one place of `word` in `statement`, as a word of its own; `None` where
/// it stands more than once, or nowhere.
pub(super) fn only_place(word: &str, statement: &str) -> Option<usize> {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let starts_word = part_of_word(word.chars().next());
    let ends_word = part_of_word(word.chars().next_back());
    let mut places = statement.match_indices(word).map(|(at, _)| at).filter(|&at| {
        let before = statement[..at].chars().next_back();
        let after = statement[at + word.len()..].chars().next();
        !(starts_word && part_of_word(before) || ends_word && part_of_word(after))
    });
    let place = places.next()?;
    places.next().is_none().then_some(place)
}

#[cfg(test)]
mod tests {
    use super::only_place;

    #[test]
    fn a_word_is_found_where_it_stands_alone_and_once() {
        assert_eq!(only_place("id", "SELECT ids, id FROM t"), Some(12));
        assert_eq!(only_place("id", "SELECT id, id FROM t"), None);
        assert_eq!(only_place("id", "SELECT ids FROM t"), None);
        assert_eq!(only_place("FORM t", "SELECT 1 FORM t"), Some(9));
    }
}
