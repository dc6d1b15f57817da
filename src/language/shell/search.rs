//! Whether the exit code of a text is that of a search.

use super::syntax::{Node, Tree, text};

/// Programs whose exit code 1 says that nothing was found.
const SEARCHES: &[&str] = &["grep", "egrep", "fgrep", "zgrep", "rg", "ag"];

/// Whether the last thing that `code` does is to look for something, so that
/// its exit code 1 is an answer and not a failure.
pub(super) fn ends_in_search(tree: &Tree, code: &str) -> bool {
    last_command(tree.root_node()).is_some_and(|command| {
        let name = command.child_by_field_name("name").map(|name| text(name, code)).unwrap_or_default();
        is_search(name.rsplit('/').next().unwrap_or(name))
    })
}

/// Whether a program of this name looks for something.
pub(super) fn is_search(name: &str) -> bool {
    SEARCHES.contains(&name)
}

/// The command whose exit code is that of `node`. A loop, a condition or an
/// `a && b` says more with its 1 than that nothing was found.
pub(super) fn last_command(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "command" => Some(node),
        "program" | "pipeline" | "redirected_statement" => {
            // A redirection stands behind the statement that it is for.
            let inner = node.child_by_field_name("body");
            let last = node.named_children().filter(|child| child.kind() != "comment").last();
            inner.or(last).and_then(last_command)
        }
        _ => None,
    }
}
