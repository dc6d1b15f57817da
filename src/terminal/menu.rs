//! What a typed line means: a letter or a word of a menu, and what follows it.

/// One thing that can be answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<T> {
    /// What it means.
    pub(super) value: T,
    /// The word in full.
    pub(super) word: &'static str,
    /// The letter of the word that is enough, if one is: what cannot be taken
    /// back has none.
    pub(super) key: Option<char>,
    /// Other words for it.
    pub(super) also: &'static [&'static str],
    /// What may follow on the same line: a reason, a text, a step.
    pub(super) takes: Option<&'static str>,
    /// What it does, for `?`.
    pub(super) help: &'static str,
}

/// What was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed<T> {
    /// An entry, and what followed it.
    Entry(T, Option<&'static str>),
    /// Nothing.
    Nothing,
    /// A question mark.
    Help,
    /// Nothing that the menu knows.
    Unclear,
}

/// What `line` means, and the text after the entry's word. Only a whole word
/// or its letter counts: a line that merely begins like one does not.
pub(super) fn read<'a, T: Copy>(line: &'a str, entries: &[Entry<T>]) -> (Typed<T>, &'a str) {
    let line = line.trim();
    if line.is_empty() {
        return (Typed::Nothing, "");
    }
    if line == "?" || line.eq_ignore_ascii_case("help") {
        return (Typed::Help, "");
    }
    for entry in entries {
        let words = std::iter::once(entry.word).chain(entry.also.iter().copied());
        for word in words.filter(|word| word.contains(' ')) {
            if line.eq_ignore_ascii_case(word) {
                return (Typed::Entry(entry.value, entry.takes), "");
            }
        }
    }
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let meant = entries.iter().find(|entry| {
        let mut letter = [0; 4];
        let letter = entry.key.map_or("", |key| key.encode_utf8(&mut letter));
        std::iter::once(entry.word)
            .chain(entry.also.iter().copied())
            .chain([letter])
            .any(|word| !word.is_empty() && first.eq_ignore_ascii_case(word))
    });
    match meant {
        Some(entry) if rest.is_empty() || entry.takes.is_some() => (Typed::Entry(entry.value, entry.takes), rest),
        _ => (Typed::Unclear, ""),
    }
}

/// The menu on a line: `[r]un  [e]dit`. Spaces that no line may be broken at
/// are no-break spaces.
pub(super) fn line<T>(entries: &[Entry<T>]) -> String {
    let words: Vec<String> = entries.iter().map(|entry| keyed(entry.word, entry.key)).collect();
    words.join("\u{a0} ") + "\u{a0} [?]"
}

/// Every entry with what it does, in two columns.
pub(super) fn help<T>(entries: &[Entry<T>]) -> Vec<String> {
    let names: Vec<String> = entries
        .iter()
        .map(|entry| match entry.takes {
            Some(takes) => format!("{}\u{a0}<{}>", keyed(entry.word, entry.key), takes.replace(' ', "\u{a0}")),
            None => keyed(entry.word, entry.key),
        })
        .collect();
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    names.iter().zip(entries).map(|(name, entry)| format!("{name:\u{a0}<widest$}\u{a0} {}", entry.help)).collect()
}

fn keyed(word: &str, key: Option<char>) -> String {
    match key.and_then(|key| word.split_once(key).map(|parts| (key, parts))) {
        // Without spaces in it, so that the menu breaks between its words.
        Some((key, (before, after))) => format!("{before}[{key}]{after}").replace(' ', "\u{a0}"),
        None => word.to_owned(),
    }
}

/// What was picked from a numbered list: by number from 1, or by the text of
/// an item, which wins where an item is itself a number.
pub(super) fn pick(line: &str, items: &[&str]) -> Option<usize> {
    let line = line.trim();
    if line.is_empty() {
        return None;
    }
    items
        .iter()
        .position(|item| *item == line)
        .or_else(|| {
            let mut same = items.iter().enumerate().filter(|(_, item)| item.eq_ignore_ascii_case(line));
            let first = same.next()?;
            same.next().is_none().then_some(first.0)
        })
        .or_else(|| line.parse::<usize>().ok()?.checked_sub(1).filter(|index| *index < items.len()))
}

/// Yes or no; `None` for anything else.
pub(super) fn yes_or_no(line: &str) -> Option<bool> {
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MENU: [Entry<u8>; 3] = [
        Entry { value: 1, word: "run", key: Some('r'), also: &[], takes: None, help: "Runs it." },
        Entry { value: 2, word: "skip", key: Some('s'), also: &[], takes: Some("reason"), help: "Leaves it out." },
        Entry { value: 3, word: "roll back", key: Some('b'), also: &["rollback"], takes: None, help: "Takes it back." },
    ];

    #[test]
    fn a_letter_or_the_whole_word_answers() {
        for line in ["r", "R", "run", " Run \t"] {
            assert_eq!(read(line, &MENU).0, Typed::Entry(1, None), "{line:?}");
        }
        for line in ["b", "rollback", "roll back"] {
            assert_eq!(read(line, &MENU).0, Typed::Entry(3, None), "{line:?}");
        }
    }

    #[test]
    fn what_only_resembles_a_word_answers_nothing() {
        for line in ["ru", "rr", "runs", "run it", "r r", "y", "yes", "1", "rm", "roll"] {
            assert_eq!(read(line, &MENU).0, Typed::Unclear, "{line:?}");
        }
        assert_eq!(read("  ", &MENU).0, Typed::Nothing);
        assert_eq!(read("?", &MENU).0, Typed::Help);
    }

    #[test]
    fn a_reason_may_follow_on_the_line() {
        assert_eq!(read("s  already done ", &MENU), (Typed::Entry(2, Some("reason")), "already done"));
        assert_eq!(read("skip", &MENU), (Typed::Entry(2, Some("reason")), ""));
    }

    #[test]
    fn the_menu_shows_its_letters() {
        assert_eq!(line(&MENU), "[r]un\u{a0} [s]kip\u{a0} roll\u{a0}[b]ack\u{a0} [?]");
        assert_eq!(help(&MENU)[1], "[s]kip\u{a0}<reason>\u{a0} Leaves it out.");
    }

    #[test]
    fn an_item_is_picked_by_number_or_text() {
        let items = ["alpha", "Beta", "1"];
        assert_eq!(pick("2", &items), Some(1));
        assert_eq!(pick("beta", &items), Some(1));
        assert_eq!(pick("1", &items), Some(2), "the text of an item wins");
        assert_eq!(pick("4", &items), None);
        assert_eq!(pick("0", &items), None);
        assert_eq!(pick("", &items), None);
    }

    proptest! {
        #[test]
        fn nothing_runs_but_r_and_run(line in "[a-z ?]{0,6}") {
            let runs = read(&line, &MENU).0 == Typed::Entry(1, None);
            prop_assert_eq!(runs, matches!(line.trim(), "r" | "run"));
        }
    }
}
