//! What a block's comments ask a person to do, where there is nothing in it
//! but comments.

/// Words that say of a comment that there is nothing to do yet.
const NOTHING: &[&str] = &["tbd", "todo", "n/a", "none", "nothing", "placeholder", "coming", "wip", "fixme"];

/// Words that a comment begins with that tells somebody to do something, or
/// where to do it.
const INSTRUCTIONS: &[&str] = &[
    "add",
    "adjust",
    "apply",
    "ask",
    "call",
    "cancel",
    "change",
    "check",
    "choose",
    "click",
    "close",
    "comment",
    "configure",
    "confirm",
    "connect",
    "contact",
    "copy",
    "create",
    "cut",
    "delete",
    "deploy",
    "disable",
    "edit",
    "enable",
    "ensure",
    "enter",
    "escalate",
    "execute",
    "fix",
    "from",
    "generate",
    "go",
    "in",
    "increase",
    "inform",
    "inspect",
    "log",
    "login",
    "lower",
    "make",
    "manually",
    "mark",
    "merge",
    "message",
    "move",
    "navigate",
    "notify",
    "on",
    "open",
    "page",
    "paste",
    "pause",
    "pick",
    "post",
    "press",
    "promote",
    "publish",
    "push",
    "put",
    "raise",
    "re-run",
    "reboot",
    "rebuild",
    "reduce",
    "remove",
    "rename",
    "replace",
    "request",
    "reset",
    "restart",
    "restore",
    "resume",
    "retry",
    "revert",
    "review",
    "revoke",
    "roll",
    "rollback",
    "rotate",
    "run",
    "save",
    "scale",
    "select",
    "send",
    "set",
    "sign",
    "start",
    "stop",
    "switch",
    "tell",
    "test",
    "toggle",
    "trigger",
    "turn",
    "uncomment",
    "unlock",
    "update",
    "upload",
    "use",
    "verify",
    "via",
    "visit",
    "wait",
    "watch",
];

/// The lines of `comments` without their marks, if one of them tells somebody
/// to do something. `comments` holds nothing but comments.
#[must_use]
pub fn instructions(comments: &str) -> Option<String> {
    let lines: Vec<&str> = comments.lines().map(bare).filter(|line| !line.is_empty()).collect();
    lines.iter().any(|line| instructs(line)).then(|| lines.join("\n"))
}

/// A comment's line without its marks and the number it may begin with.
fn bare(line: &str) -> &str {
    let line = line.trim().trim_start_matches(['#', '-', '/', '*', '=', ' ', '\t']);
    line.trim_end_matches(['*', '/', '=', '#', ' '])
}

fn instructs(line: &str) -> bool {
    let lower = line.to_lowercase();
    let mut words = lower.split(|c: char| c.is_whitespace() || ",:;.()".contains(c)).filter(|word| !word.is_empty());
    if words.clone().any(|word| NOTHING.contains(&word)) || lower.contains("to be ") || lower.contains("will be ") {
        return false;
    }
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let first =
        words.find(|word| !is_number(word) && !["then", "and", "please", "first", "next", "step"].contains(word));
    let Some(first) = first else { return false };
    // A title such as "Restart" alone is no instruction.
    INSTRUCTIONS.contains(&first) && words.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::instructions;

    #[test]
    fn comments_that_tell_somebody_to_do_something_are_instructions() {
        for (comments, text) in [
            ("# In the dashboard, run: jobs.reset()\n", "In the dashboard, run: jobs.reset()"),
            ("# Edit .env: X=1\n\n#   Y=2\n", "Edit .env: X=1\nY=2"),
            ("-- Set the job to pending in the console", "Set the job to pending in the console"),
            ("# 1. Revoke tokens in the vault\n# 2. TBD", "1. Revoke tokens in the vault\n2. TBD"),
            ("# Then wait for an hour", "Then wait for an hour"),
        ] {
            assert_eq!(instructions(comments).as_deref(), Some(text), "{comments}");
        }
    }

    #[test]
    fn comments_that_only_tell_are_none() {
        for comments in [
            "# TBD - will be automated",
            "# TODO: add the command",
            "# Run by cron: to be written",
            "# Nothing to do here",
            "# Restart",
            "# This is the old way\n# It was slow",
            "# =====",
            "",
        ] {
            assert_eq!(instructions(comments), None, "{comments}");
        }
    }
}
