//! Words that announce what a command should print.

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
