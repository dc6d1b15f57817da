//! A block that escalates: its comments make what follows them depend on what
//! came of the commands before: `# If it persists`, `# Nuclear option`.

use super::split;
use super::table::is_in;
use super::variants;
use crate::source::Span;

/// Commands of a block that are done together, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The first of them, from 0.
    pub first: usize,
    /// The last of them.
    pub last: usize,
    /// What must be so for them to be needed, in the comment's own words: "it
    /// persists".
    pub only_if: Option<String>,
}

/// The stages that the comments of `code` divide its `commands` into, which
/// are those of [`split`](super::split); none where no comment sets a
/// condition.
#[must_use]
pub fn stages(code: &str, commands: &[Span]) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for (at, span) in commands.iter().enumerate() {
        let heads = head(&code[span.start..span.end]);
        let condition = behind(code, *span).and_then(condition).or_else(|| heads.and_then(condition));
        // A condition behind a command is about nothing else.
        let was_alone = at > 0 && behind(code, commands[at - 1]).and_then(self::condition).is_some();
        match stages.last_mut() {
            Some(stage) if condition.is_none() && !was_alone && !(stage.only_if.is_some() && ends_it(heads)) => {
                stage.last = at;
            }
            _ => stages.push(Stage { first: at, last: at, only_if: condition }),
        }
    }
    if stages.iter().any(|stage| stage.only_if.is_some()) { stages } else { Vec::new() }
}

/// The conditions that comments of `code` set for some of its commands, in
/// their order.
#[must_use]
pub fn conditions(code: &str) -> Vec<String> {
    if !code.contains('#') {
        return Vec::new();
    }
    stages(code, &split(code)).into_iter().filter_map(|stage| stage.only_if).collect()
}

/// The comments below the last command of `code`, where it has both and holds
/// one way only.
#[must_use]
pub fn closing_comments(code: &str) -> Option<&str> {
    let last_line = code.trim_end().lines().next_back()?;
    if !last_line.trim_start().starts_with('#') || !variants(code).is_empty() {
        return None;
    }
    let last = split(code).last()?.end;
    let below = last + code[last..].find('\n')? + 1;
    Some(&code[below..])
        .filter(|below| below.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#')))
}

/// The first line of the comment directly before a command, with which the
/// split has `text` begin.
fn head(text: &str) -> Option<&str> {
    let mut first = None;
    for line in text.lines().map(str::trim) {
        match line.strip_prefix('#') {
            Some(_) if first.is_none() => first = Some(line),
            Some(_) => {}
            // A paragraph of comments of its own is about no command.
            None if line.is_empty() => first = None,
            None => break,
        }
    }
    first
}

/// The comment behind a command, on its last line.
fn behind(code: &str, span: Span) -> Option<&str> {
    let line = code[span.end..].lines().next()?.trim();
    line.starts_with('#').then_some(line)
}

/// Whether a comment begins what is for all again: a look at how it went.
fn ends_it(comment: Option<&str>) -> bool {
    let Some(comment) = comment else { return false };
    let words = bare(comment).to_ascii_lowercase();
    let mut words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.find(|word| !is_in("then and finally now", word)).unwrap_or_default();
    is_in("verify verification check confirm validate monitor watch test always", first)
}

/// A comment without its marks and the number it may begin with.
fn bare(comment: &str) -> &str {
    comment
        .trim_start_matches(|c: char| !c.is_alphabetic())
        .trim_end_matches(|c: char| c.is_whitespace() || "#=-*:".contains(c))
}

/// What a comment says must be so for what follows to be needed.
fn condition(comment: &str) -> Option<String> {
    let text = bare(comment);
    // Only ASCII is made lower-case, so that the lengths stay the same.
    let lower = text.to_ascii_lowercase();
    let stem = stem(&lower);
    if ["nuclear option", "last resort", "as a last resort", "as last resort", "the nuclear option"].contains(&stem) {
        return Some("nothing else has helped".to_owned());
    }
    for opening in ["only if ", "only when ", "or if ", "but if ", "and if ", "if "] {
        let Some(rest) = lower.strip_prefix(opening) else { continue };
        let clause = self::stem(rest);
        let is_plain = !opening.starts_with("only") && tells(&rest[clause.len()..]);
        let said = &text[opening.len()..opening.len() + clause.len()];
        return (!clause.is_empty() && !is_plain).then(|| said.trim().to_owned());
    }
    let as_needed = ["when needed", "as needed", "if needed", "if necessary"];
    let tail = as_needed.iter().any(|words| lower.ends_with(words) || lower.ends_with(&format!("({words})")));
    tail.then(|| "it is needed".to_owned())
}

/// What stands before the first break of a sentence.
fn stem(text: &str) -> &str {
    let ends = [" - ", " – ", " — ", ": ", ":", ",", ";", "(", ". "];
    let end = ends.iter().filter_map(|mark| text.find(mark)).min().unwrap_or(text.len());
    text[..end].trim_end()
}

/// Whether what follows an "if" says what that means rather than what to do:
/// ", the index is broken".
fn tells(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix(',') else { return false };
    let first = rest.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
    is_in("the it this that these those there you we they its your everything all no nothing something a an", first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The condition of each stage, and its commands without their comments.
    fn read(code: &str) -> Vec<(String, String)> {
        let commands = split(code);
        let text = |at: usize| code[commands[at].start..commands[at].end].lines().next_back().unwrap_or_default();
        let stage = |stage: &Stage| {
            let texts: Vec<&str> = (stage.first..=stage.last).map(text).collect();
            (stage.only_if.clone().unwrap_or_default(), texts.join("|"))
        };
        stages(code, &commands).iter().map(stage).collect()
    }

    fn stage(condition: &str, commands: &str) -> (String, String) {
        (condition.to_owned(), commands.to_owned())
    }

    #[test]
    fn comments_that_escalate_divide_a_block() {
        assert_eq!(
            read(
                "# Most often enough\na\nb\n# If it persists - new keys\nc\nd\n\n# If still failing: look\ne\n# Nuclear option\nf\n"
            ),
            [
                stage("", "a|b"),
                stage("it persists", "c|d"),
                stage("still failing", "e"),
                stage("nothing else has helped", "f"),
            ]
        );
        assert_eq!(
            read("a\n\n# 2. Only if the disk is full\nb\n\n# Verify\nc\n"),
            [stage("", "a"), stage("the disk is full", "b"), stage("", "c")]
        );
    }

    #[test]
    fn what_follows_a_condition_stays_under_it_until_the_result_is_looked_at() {
        assert_eq!(read("a\n# If that fails\nb\n\n# then start it\nc\n"), [stage("", "a"), stage("that fails", "b|c")]);
    }

    #[test]
    fn a_condition_behind_a_command_is_about_that_command() {
        assert_eq!(read("a\nb  # if needed\nc\n"), [stage("", "a"), stage("needed", "b"), stage("", "c")]);
        assert_eq!(read("a\n# Restart (if necessary)\nb\n"), [stage("", "a"), stage("it is needed", "b")]);
    }

    #[test]
    fn a_block_of_one_conditional_command_is_one_stage() {
        assert_eq!(read("# If you use Docker\na\n"), [stage("you use Docker", "a")]);
    }

    #[test]
    fn comments_below_the_last_command_close_a_block() {
        for (code, closing) in [
            ("a\nb # x\n\n# Tell them\n# all\n", Some("\n# Tell them\n# all\n")),
            ("# Tell them\na\n", None),
            ("a # tell them\n", None),
            ("# Tell them\n", None),
            ("cat <<EOF\n# Tell them\nEOF\n", None),
            ("a\n# or tell them\n", None),
            ("", None),
        ] {
            assert_eq!(closing_comments(code), closing, "{code}");
        }
    }

    #[test]
    fn other_comments_divide_nothing() {
        for code in [
            "# Stop\na\n# Start\nb\n",
            "a\n# If it prints 0, the queue is empty\nb\n",
            "a\n# If that fails see the other page\n\n# Start\nb\n",
            "a\n# If that fails\n",
            "cat <<EOF\n# If it persists\nEOF\nb\n",
            "echo '\n# If it persists\n'\nb\n",
            "if true; then\n# if needed\na\nfi\nb\n",
            "# Check if it runs\na\n# Notify\nb\n",
        ] {
            assert_eq!(read(code), [], "{code}");
        }
    }
}
