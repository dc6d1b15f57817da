//! The syntax tree of a shell text, and what is read from its nodes.

use std::cell::RefCell;
use tree_sitter::{Node, Parser, Tree};

thread_local! {
    /// Making a parser costs more than parsing most blocks.
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// Parses `code`. `None` only where the parser cannot be set up or gives up.
pub(super) fn parse(code: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
            *slot = Some(parser);
        }
        let parser = slot.as_mut()?;
        parser.reset();
        parser.parse(code, None)
    })
}

/// All named nodes of the tree, in the order of the text, parents first.
pub(super) fn nodes(tree: &Tree) -> Vec<Node<'_>> {
    let mut cursor = tree.walk();
    let mut found = Vec::new();
    loop {
        if cursor.node().is_named() {
            found.push(cursor.node());
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
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

/// The command's words as the program would get them, where that can be told:
/// quotes taken off, expansions left as they are written.
pub(super) fn words(command: Node<'_>, code: &str) -> Vec<String> {
    let mut cursor = command.walk();
    let mut words: Vec<String> = Vec::new();
    for child in command.named_children(&mut cursor) {
        match child.kind() {
            "command_name" => words.push(unquoted(text(child, code))),
            "variable_assignment" if words.is_empty() => {}
            "file_redirect" | "heredoc_redirect" | "herestring_redirect" | "comment" => {}
            _ => words.push(unquoted(text(child, code))),
        }
    }
    words
}

/// `word` without its quotes and backslashes.
pub(super) fn unquoted(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    let mut quote = None;
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '$') if matches!(chars.peek(), Some('\'' | '"')) => {}
            (None, '\\') => plain.extend(chars.next().filter(|next| *next != '\n')),
            (Some('"'), '\\') => match chars.next() {
                Some(next @ ('"' | '\\' | '$' | '`')) => plain.push(next),
                Some('\n') | None => {}
                Some(next) => plain.extend(['\\', next]),
            },
            (_, c) => plain.push(c),
        }
    }
    plain
}
