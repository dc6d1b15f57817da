//! Words that announce what stands below them: a command, or what it prints.

/// What is done with commands.
const DOING: &str = "run runs running rerun re-run execute executes executing executed invoke invoking type typing enter \
    issue";

/// What asks for a command where a colon follows.
const NAMING: &str = "command commands use used using with by via cli shell terminal";

/// Whether the end of a paragraph asks for a command.
pub(super) fn asks_for_command(text: &str) -> bool {
    let text = text.trim_end();
    // What stands in parentheses behind it is said by the way.
    let text = text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")).map_or(text, |(text, _)| text);
    let start = text.trim_end_matches(['.', ':']).rfind(". ").map_or(0, |at| at + 2);
    let last = text[start..].trim_end_matches(['*', '_']);
    let holds = |list: &str| {
        last.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| !word.is_empty()).any(|word| {
            list.as_bytes().split(|byte| *byte == b' ').any(|other| word.as_bytes().eq_ignore_ascii_case(other))
        })
    };
    holds(DOING)
        || (last.ends_with(':') && holds(NAMING))
        || ["following command", "command below"].iter().any(|asking| last.contains(asking))
}

/// Whether a paragraph announces that output follows.
pub(super) fn announces_output(text: &str) -> bool {
    /// How such an announcement begins.
    const OPENINGS: [&str; 19] = [
        "expected",
        "expected output",
        "expected result",
        "expected response",
        "example output",
        "sample output",
        "typical output",
        "output",
        "the output",
        "result",
        "response",
        "returns",
        "prints",
        "should show",
        "should print",
        "should return",
        "should output",
        "you should see",
        "you should get",
    ];
    let line = text.trim_end().lines().next_back().unwrap_or_default();
    let line = line.trim_start_matches(['>', ' ', '\t', '-', '*', '#', '_']).trim_end_matches([' ', '*', '_']);
    let (line, colon) = line.strip_suffix(':').map_or((line, false), |line| (line, true));
    // Beyond this it is a sentence about output rather than its announcement.
    if line.len() > 60 {
        return false;
    }
    let line = line.trim_end_matches(['*', '_']).to_lowercase();
    let line = line.strip_suffix(':').map_or(line.as_str(), str::trim_end);
    OPENINGS.iter().any(|opening| {
        line.strip_prefix(opening).is_some_and(|rest| rest.is_empty() || (colon && rest.starts_with([' ', ',', '('])))
    })
}

#[cfg(test)]
mod tests {
    use super::asks_for_command;

    #[test]
    fn the_last_sentence_asks_for_a_command() {
        for text in [
            "Then run:",
            "Look first. To drain it, execute the following",
            "The *command* is:",
            "Re-run it.",
            "Check by running it (if it is there).",
        ] {
            assert!(asks_for_command(text), "{text}");
        }
        for text in [
            "",
            "The file holds:",
            "Run the tests before. The file then has",
            "A runner is there:",
            "Not changed by this command.",
        ] {
            assert!(!asks_for_command(text), "{text}");
        }
    }
}
