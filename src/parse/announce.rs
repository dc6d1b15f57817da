//! Words that announce what stands below them: a command, or what it prints.

/// Words for what is done with commands.
const REQUESTS: &str = "run runs running rerun re-run execute executes executing executed invoke invoking type typing \
    enter issue command commands cli shell terminal";

/// Whether the last sentence of a paragraph asks for a command.
pub(super) fn asks_for_command(text: &str) -> bool {
    let text = text.trim_end();
    let start = text.trim_end_matches(['.', ':']).rfind(". ").map_or(0, |at| at + 2);
    text[start..]
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .any(|word| REQUESTS.split_whitespace().any(|request| word.eq_ignore_ascii_case(request)))
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
        for text in ["Then run:", "Look first. To drain it, execute the following", "The *command* is:", "Re-run it."] {
            assert!(asks_for_command(text), "{text}");
        }
        for text in ["", "The file holds:", "Run the tests before. The file then has", "A runner is there:"] {
            assert!(!asks_for_command(text), "{text}");
        }
    }
}
