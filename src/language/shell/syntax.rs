//! The syntax tree of a shell text, and what is read from its nodes.

mod grammar;
mod plain;
mod tree;

use super::effort;
use super::word::Word;
use crate::source::Span;

#[cfg(test)]
pub(super) use grammar::in_range;
pub(super) use tree::{Node, Tree};

/// Parses `code`. `None` where that takes too much [effort], or the parser
/// cannot be set up.
pub(super) fn parse(code: &str) -> Option<Tree> {
    if code.len() > effort::LONGEST {
        return None;
    }
    plain::parse(code).or_else(|| grammar::parse(code))
}

/// A node of the grammar, and how it stands among those of its kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'tree> {
    pub(super) node: Node<'tree>,
    /// What the grammar calls it.
    pub(super) kind: &'static str,
    /// Index of the item it is a child of.
    pub(super) parent: Option<usize>,
    /// Index of the child before it.
    pub(super) previous: Option<usize>,
    /// An `&` stands behind the statement it belongs to.
    pub(super) in_background: bool,
    /// It stands in the body of a function.
    pub(super) in_function: bool,
    /// It runs in a process of its own, and leaves no variables behind.
    pub(super) in_subshell: bool,
}

/// Nodes whose commands all run in the background if they do.
const STATEMENTS: &[&str] = &["redirected_statement", "pipeline", "list", "subshell", "compound_statement"];
/// Nodes that run in a process of their own.
pub(super) const SUBSHELLS: &[&str] = &["subshell", "command_substitution", "process_substitution", "pipeline"];

/// All named nodes of the tree, in the order of the text, parents first.
pub(super) fn items(tree: &Tree) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    // For each node, the item that it is or stands in, and the last item that
    // is its child.
    let mut seen: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    for node in tree.all() {
        let above = node.parent().map_or(0, Node::index);
        let (parent, previous) = seen.get(above).copied().unwrap_or_default();
        let mut here = parent;
        if node.is_named() {
            let (in_function, in_subshell) = parent.map_or((false, false), |at| {
                let kind = items[at].kind;
                (
                    items[at].in_function || kind == "function_definition",
                    items[at].in_subshell || SUBSHELLS.contains(&kind),
                )
            });
            here = Some(items.len());
            items.push(Item {
                node,
                kind: node.kind(),
                parent,
                previous,
                in_background: false,
                in_function,
                in_subshell,
            });
            if let Some(above) = seen.get_mut(above) {
                above.1 = here;
            }
        } else if let Some(before) = previous.filter(|_| node.kind() == "&") {
            items[before].in_background = true;
        }
        seen.push((here, None));
    }
    inherit_background(&mut items);
    items
}

fn inherit_background(items: &mut [Item<'_>]) {
    for at in 0..items.len() {
        let inherited = items[at]
            .parent
            .is_some_and(|parent| items[parent].in_background && STATEMENTS.contains(&items[parent].kind));
        items[at].in_background |= inherited;
    }
}

/// Where the grammar first gives up on the text.
pub(super) fn first_error(tree: &Tree) -> Option<Span> {
    tree.all().find(|node| node.is_trouble()).map(|node| node.byte_range().into())
}

/// The text that `node` covers.
pub(super) fn text<'a>(node: Node<'_>, code: &'a str) -> &'a str {
    code.get(node.byte_range()).unwrap_or_default()
}

/// The words of each of `items` that is a command, by its index; none for the
/// others.
pub(super) fn commands(items: &[Item<'_>], code: &str) -> Vec<Vec<Word>> {
    items.iter().map(|item| if item.kind == "command" { words(item.node, code) } else { Vec::new() }).collect()
}

/// The command's words as the program would get them, where that can be told.
fn words(command: Node<'_>, code: &str) -> Vec<Word> {
    word_nodes(command).map(|node| Word::read(text(node, code))).collect()
}

/// Where each word of a command begins.
pub(super) fn word_starts(command: Node<'_>) -> Vec<usize> {
    word_nodes(command).map(|node| node.start_byte()).collect()
}

fn word_nodes(command: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut is_before = true;
    command.named_children().filter(move |child| match child.kind() {
        "variable_assignment" if is_before => false,
        "file_redirect" | "heredoc_redirect" | "herestring_redirect" | "comment" => false,
        _ => {
            is_before = false;
            true
        }
    })
}

/// `word` without its quotes and backslashes.
pub(super) fn unquoted(word: &str) -> String {
    Word::read(word).to_string()
}
