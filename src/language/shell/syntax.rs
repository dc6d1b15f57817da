//! The syntax tree of a shell text, and what is read from its nodes.

use super::effort;
use super::word::Word;
use crate::source::Span;
use std::borrow::Cow;
use std::cell::RefCell;
use tree_sitter::{Node, Parser, Tree};

thread_local! {
    /// Making a parser costs more than parsing most blocks.
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// Parses `code`. `None` where that takes too much [effort], or the parser
/// cannot be set up.
pub(super) fn parse(code: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
            *slot = Some(parser);
        }
        let parser = slot.as_mut()?;
        parser.reset();
        effort::parse(parser, &in_range(code))
    })
}

/// `code` as the grammar can take it. Its scanner calls C's `isdigit` on what
/// follows a `{` and on what follows `{1..`, and beyond U+00FF that reads memory
/// which is not its own. A letter for each byte of such a character is as much a
/// part of a word, leaves every other byte where it is, and ends the number.
pub(super) fn in_range(code: &str) -> Cow<'_, str> {
    let mut taken = Cow::Borrowed(code);
    let mut at = 0;
    while let Some(brace) = code[at..].find('{').map(|offset| at + offset) {
        let rest = &code[brace + 1..];
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        at = brace + 1 + number;
        if let Some(c) = code[at..].chars().next().filter(|c| *c > '\u{ff}') {
            taken.to_mut().replace_range(at..at + c.len_utf8(), &"x".repeat(c.len_utf8()));
        }
    }
    taken
}

/// A node of the grammar, and how it stands in the tree. The tree itself would
/// search from its root for each of these.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'tree> {
    pub(super) node: Node<'tree>,
    /// What the grammar calls it.
    pub(super) kind: &'tree str,
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
    let mut cursor = tree.walk();
    let mut items: Vec<Item<'_>> = Vec::new();
    // For each level the item that stands there, and its last child.
    let mut above: Vec<(Option<usize>, Option<usize>)> = vec![(None, None)];
    loop {
        let node = cursor.node();
        let (parent, previous) = above.last().copied().unwrap_or_default();
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
            if let Some(level) = above.last_mut() {
                level.1 = here;
            }
        } else if let Some(before) = previous.filter(|_| node.kind() == "&") {
            items[before].in_background = true;
        }
        if cursor.goto_first_child() {
            above.push((here, None));
            continue;
        }
        while !cursor.goto_next_sibling() {
            above.pop();
            if !cursor.goto_parent() {
                inherit_background(&mut items);
                return items;
            }
        }
    }
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
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return Some(node.byte_range().into());
        }
        let inside = node.has_error() && cursor.goto_first_child();
        if inside {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
        }
    }
}

/// The children of `node` that are nodes of the grammar.
pub(super) fn named_children<'tree>(node: Node<'tree>) -> Vec<Node<'tree>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
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
    word_nodes(command).into_iter().map(|node| Word::read(text(node, code))).collect()
}

/// Where each word of a command begins.
pub(super) fn word_starts(command: Node<'_>) -> Vec<usize> {
    word_nodes(command).into_iter().map(|node| node.start_byte()).collect()
}

fn word_nodes(command: Node<'_>) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    for child in named_children(command) {
        match child.kind() {
            "variable_assignment" if nodes.is_empty() => {}
            "file_redirect" | "heredoc_redirect" | "herestring_redirect" | "comment" => {}
            _ => nodes.push(child),
        }
    }
    nodes
}

/// `word` without its quotes and backslashes.
pub(super) fn unquoted(word: &str) -> String {
    Word::read(word).to_string()
}
