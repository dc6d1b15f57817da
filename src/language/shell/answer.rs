//! Whether a command that failed has only given an answer.

use super::search::{is_search, last_command};
use super::syntax::{self, Node, text};
use crate::source::Span;

/// Programs whose exit code 1 answers the question that they were asked.
const ASKING: &[&str] = &["test", "[", "diff", "cmp", "pgrep", "pidof", "which", "type", "command", "hash", "expr"];

/// Whether the command of `code` that is on this line, from 1, and ended
/// with `exit` has not failed at all: its 1 says no, or the text looks at its
/// exit code itself.
#[must_use]
pub fn is_answer(code: &str, line: usize, exit: i32) -> bool {
    let Some(tree) = syntax::parse(code) else { return false };
    let Some(statement) = span_of(code, line).and_then(|line| last_on(tree.root_node(), line)) else { return false };
    let says_no = || {
        let command = last_command(statement);
        let name = command.and_then(|command| command.child_by_field_name("name"));
        let name = name.map(|name| text(name, code)).unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or(name);
        is_search(name) || ASKING.contains(&name) || matches!(statement.kind(), "test_command" | "compound_statement")
    };
    (exit == 1 && says_no()) || is_looked_at(statement, code)
}

/// The bytes of a line, from 1, with its line end.
fn span_of(code: &str, line: usize) -> Option<Span> {
    let mut at = 0;
    let mut spans = code.split('\n').map(|line| {
        let start = at;
        at += line.len() + 1;
        Span::new(start, at)
    });
    spans.nth(line.saturating_sub(1))
}

/// Of the statements that begin on this line, the last and innermost: of several
/// on one line it is the one that may have gone wrong. Where none begins, that
/// which goes on there, for bash may give any line of it.
fn last_on(node: Node<'_>, line: Span) -> Option<Node<'_>> {
    if node.start_byte() >= line.end || node.end_byte() < line.start {
        return None;
    }
    let children: Vec<Node<'_>> = node.named_children().collect();
    let inner = children.into_iter().rev().find_map(|child| last_on(child, line));
    inner.or_else(|| is_statement(node).then_some(node))
}

fn is_statement(node: Node<'_>) -> bool {
    let is_whole = !node.parent().is_some_and(|parent| matches!(parent.kind(), "pipeline" | "redirected_statement"));
    is_whole
        && matches!(
            node.kind(),
            "command"
                | "pipeline"
                | "redirected_statement"
                | "test_command"
                | "compound_statement"
                | "subshell"
                | "variable_assignment"
        )
}

/// Whether the statement that comes next reads the exit code.
fn is_looked_at(statement: Node<'_>, code: &str) -> bool {
    let mut next = statement.next_named_sibling();
    while next.is_some_and(|next| next.kind() == "comment") {
        next = next.and_then(|next| next.next_named_sibling());
    }
    let reads = |words: &str| words.contains("$?") || words.contains("${?") || words.contains("PIPESTATUS");
    next.is_some_and(|next| reads(text(next, code)))
}

#[cfg(test)]
mod tests {
    use super::is_answer;

    #[test]
    fn a_search_and_a_test_say_no_by_1() {
        for code in
            ["grep -q x f", "cat f | grep x", "[ -f x ]", "[[ -f x ]]", "test -f x", "diff a b >c", "(( n > 1 ))"]
        {
            assert!(is_answer(&format!("true\n{code}\ntrue"), 2, 1), "{code}");
            assert!(!is_answer(&format!("true\n{code}\ntrue"), 2, 2), "{code}");
        }
        assert!(!is_answer("true\nsystemctl stop app\ntrue", 2, 1));
        assert!(!is_answer("grep x f | sort -o /nowhere/y\ntrue", 1, 1));
    }

    #[test]
    fn the_one_in_question_may_stand_in_a_loop() {
        let code = "for host in a b; do\n  ping -c1 $host\n  grep $host f\ndone\ntrue";
        assert!(!is_answer(code, 2, 1));
        assert!(is_answer(code, 3, 1));
    }

    #[test]
    fn an_exit_code_that_is_read_is_no_failure() {
        for next in ["rc=$?", "if [ $? -ne 0 ]; then echo no; fi", "# so what\necho \"$?\"", "echo ${PIPESTATUS[0]}"] {
            assert!(is_answer(&format!("app status\n{next}\ntrue"), 1, 4), "{next}");
        }
        assert!(!is_answer("app status\necho done; rc=$?", 1, 4));
    }

    #[test]
    fn any_line_of_a_command_names_it() {
        let code = "grep x \\\n  f |\n  grep y\nstop \\\n  x\ntrue";
        assert!((1..=3).all(|line| is_answer(code, line, 1)));
        assert!((4..=5).all(|line| !is_answer(code, line, 1)));
    }

    #[test]
    fn nothing_is_on_a_line_that_is_not_there() {
        assert!(!is_answer("true", 9, 1));
        assert!(!is_answer("", 0, 1));
    }
}
