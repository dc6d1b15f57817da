//! Words that announce what stands below them: a command, or what it prints.

/// What is done with commands.
const DOING: &str = "run runs running rerun re-run execute executes executing executed invoke invoking type typing enter \
    issue";

/// What asks for a command where a colon follows.
const NAMING: &str = "command commands use used using cli shell terminal";

/// What does so where hardly anything comes between.
const BY: &str = "with by via";

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
        || (last.ends_with(':') && (holds(NAMING) || ends_with_means(last)))
        || ["following command", "command below"].iter().any(|asking| last.contains(asking))
}

/// "Drain it with:", "Drain it with the client:", and not "With these settings
/// the file is:".
fn ends_with_means(sentence: &str) -> bool {
    let words = sentence.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| !word.is_empty());
    words.rev().take(3).any(|word| BY.split(' ').any(|other| word.eq_ignore_ascii_case(other)))
}

/// Whether a paragraph announces that output follows.
pub(super) fn announces_output(text: &str) -> bool {
    /// How such an announcement begins.
    const OPENINGS: [&str; 32] = [
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
        "the expected output",
        "the expected result",
        "the expected response",
        "this returns",
        "this will return",
        "this prints",
        "this will print",
        "returning",
        "will give",
        "gives",
        "this gives",
        "this will give",
        "yields",
    ];
    let line = text.trim_end().lines().next_back().unwrap_or_default();
    let line = line.trim_start_matches(['>', ' ', '\t', '-', '*', '#', '_']).trim_end_matches([' ', '*', '_']);
    let (line, colon) = line.strip_suffix(':').map_or((line, false), |line| (line, true));
    let opens = |line: &str| {
        OPENINGS.iter().any(|opening| {
            line.strip_prefix(opening)
                .is_some_and(|rest| rest.is_empty() || (colon && rest.starts_with([' ', ',', '('])))
        })
    };
    // "If it works, the output is:", and not "…, the output of this command:".
    let clause = line.rfind(". ").or_else(|| line.rfind(", ")).map_or("", |at| &line[at + 2..]);
    if colon && clause.len() <= LONGEST && !names_command(clause) && opens(&clause.to_lowercase()) {
        return true;
    }
    if line.len() > LONGEST {
        return false;
    }
    let line = line.trim_end_matches(['*', '_']).to_lowercase();
    let line = line.strip_suffix(':').map_or(line.as_str(), str::trim_end);
    let is_alike = || {
        ["similar to", "similar to this", "something like", "something like this", "look like", "looks like"]
            .iter()
            .any(|alike| line.ends_with(alike))
    };
    let is_of_output = || ["output", "response", "result"].iter().any(|seen| line.contains(seen));
    opens(line) || (colon && is_alike() && is_of_output() && !names_command(line))
}

/// Beyond this many bytes it is a sentence about output rather than its
/// announcement.
const LONGEST: usize = 60;

/// Whether a part of a sentence speaks of a command, which may be what follows.
fn names_command(text: &str) -> bool {
    ["command", "run ", "execut", "query"].iter().any(|word| text.contains(word))
}

/// What is seen, and words that lead to it.
const SEEN: &str = "output outputs error errors message messages log logs response responses result results prints \
    printed printing shows shown returns returned answer answers warning warnings displayed displays reports see seeing \
    traceback stacktrace exception appears logged";

/// What holds what somebody wrote, and how it gets there.
const WRITTEN: &str = "file files config configuration configurations settings setting manifest manifests values section \
    stanza snippet template contents content add adding append define defined parameter parameters property properties \
    field fields attribute attributes annotation annotations format";

/// What a paragraph that ends in a colon says of what stands below it, where
/// that does not tell by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mention {
    /// It is seen somewhere.
    Seen,
    /// It is written somewhere.
    Written,
}

/// What the end of a paragraph mentions of what stands below it.
pub(super) fn mention(text: &str) -> Option<Mention> {
    let text = text.trim_end().trim_end_matches(['*', '_']);
    let text = text.strip_suffix(':')?;
    let last = text.rfind(". ").map_or(text, |at| &text[at + 2..]);
    let words = || last.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').filter(|word| !word.is_empty());
    let holds = |list: &str| words().any(|word| list.split_whitespace().any(|other| word.eq_ignore_ascii_case(other)));
    let lower = last.to_ascii_lowercase();
    if holds(SEEN) || ["looks like", "look like", "similar to"].iter().any(|seen| lower.contains(seen)) {
        return Some(Mention::Seen);
    }
    let names_file = || {
        words().any(|word| {
            let ending = word.rsplit_once('.').filter(|(name, _)| !name.is_empty()).map(|(_, ending)| ending);
            matches!(
                ending,
                Some("yml" | "yaml" | "json" | "toml" | "ini" | "conf" | "cfg" | "env" | "tf" | "properties" | "php")
            )
        })
    };
    let is_script_to_be = lower.starts_with("create a") && holds("script program");
    (holds(WRITTEN) || names_file() || is_script_to_be).then_some(Mention::Written)
}

#[cfg(test)]
mod tests {
    use super::{Mention, asks_for_command, mention};

    #[test]
    fn what_stands_below_a_colon_is_seen_or_written() {
        for text in ["In the log you will see:", "It looks like this:", "The error is **then**:"] {
            assert_eq!(mention(text), Some(Mention::Seen), "{text}");
        }
        for text in ["Add to the configuration:", "In `app.yaml`:", "Look. The file is:", "Create a small script that:"]
        {
            assert_eq!(mention(text), Some(Mention::Written), "{text}");
        }
        for text in ["", "See the log.", "There is an error. Then:", "Once more:"] {
            assert_eq!(mention(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_sentence_asks_for_a_command() {
        for text in [
            "Then run:",
            "Look first. To drain it, execute the following",
            "The *command* is:",
            "Re-run it.",
            "Check by running it (if it is there).",
            "Drain it with:",
            "Drain it with the client:",
        ] {
            assert!(asks_for_command(text), "{text}");
        }
        for text in [
            "",
            "The file holds:",
            "Run the tests before. The file then has",
            "A runner is there:",
            "Not changed by this command.",
            "With these settings, the service expects:",
        ] {
            assert!(!asks_for_command(text), "{text}");
        }
    }
}
