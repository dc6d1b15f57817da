//! What the grammar makes of a text.

use super::tree::{Stored, Tree, Trouble, place};
use crate::language::shell::effort;
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::LazyLock;
use tree_sitter::{Language, Parser, TreeCursor};

thread_local! {
    /// Making a parser costs more than parsing most blocks.
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// What the grammar calls its nodes, and what they can be to others, by number.
struct Names {
    kinds: Vec<Kind>,
    fields: Vec<&'static str>,
}

#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    /// It is a node of the grammar, and no sign or keyword.
    is_named: bool,
    /// It is asked for.
    is_kept: bool,
}

/// What the grammar gives up on.
const ERROR: Kind = Kind { name: "ERROR", is_named: true, is_kept: true };

/// The signs and keywords that are asked for.
const KEPT: &[&str] = &["&", "&&", "||", "until"];

static LANGUAGE: LazyLock<Language> = LazyLock::new(|| tree_sitter_bash::LANGUAGE.into());

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let language: &'static Language = &LANGUAGE;
    let ids = 0..u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
    let kind = |id| {
        let (name, is_named) = (language.node_kind_for_id(id).unwrap_or_default(), language.node_kind_is_named(id));
        Kind { name, is_named, is_kept: is_named || KEPT.contains(&name) }
    };
    let fields = 0..=u16::try_from(language.field_count()).unwrap_or(u16::MAX);
    let field = |id| language.field_name_for_id(id).unwrap_or_default();
    Names { kinds: ids.map(kind).collect(), fields: fields.map(field).collect() }
});

/// Parses `code`. `None` where that takes too much [effort], or the parser
/// cannot be set up.
pub(super) fn parse(code: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&LANGUAGE).ok()?;
            *slot = Some(parser);
        }
        let parser = slot.as_mut()?;
        parser.reset();
        Some(laid_flat(&effort::parse(parser, &in_range(code))?))
    })
}

/// The same tree, as it is kept here.
fn laid_flat(tree: &tree_sitter::Tree) -> Tree {
    let root = tree.root_node();
    let is_sound = !root.has_error();
    let mut cursor = root.walk();
    let mut nodes: Vec<Stored> = Vec::with_capacity(root.descendant_count() / 2);
    let mut above: Vec<usize> = Vec::new();
    loop {
        let at = nodes.len();
        let node = stored(&cursor, at, above.last().copied().unwrap_or_default(), is_sound);
        nodes.extend(node);
        if node.is_some() && cursor.goto_first_child() {
            above.push(at);
            continue;
        }
        while !cursor.goto_next_sibling() {
            let after = place(nodes.len());
            let Some(parent) = above.pop() else { return Tree::new(nodes) };
            nodes[parent].after = after;
            if !cursor.goto_parent() {
                return Tree::new(nodes);
            }
        }
    }
}

/// The node at `cursor`, as it is without any in it; `None` for a sign or
/// keyword that nobody asks for.
fn stored(cursor: &TreeCursor<'_>, at: usize, parent: usize, is_sound: bool) -> Option<Stored> {
    let node = cursor.node();
    // What is no symbol of the grammar is an error.
    let kind = NAMES.kinds.get(usize::from(node.kind_id())).copied().unwrap_or(ERROR);
    if is_sound && !kind.is_kept && node.child_count() == 0 {
        return None;
    }
    let field = cursor.field_id().and_then(|id| NAMES.fields.get(usize::from(id.get())).copied());
    let trouble = match () {
        () if is_sound => Trouble::Nothing,
        () if node.is_error() || node.is_missing() => Trouble::Here,
        () if node.has_error() => Trouble::Inside,
        () => Trouble::Nothing,
    };
    Some(Stored {
        kind: kind.name,
        field: field.unwrap_or_default(),
        start: place(node.start_byte()),
        end: place(node.end_byte()),
        parent: place(parent),
        after: place(at + 1),
        is_named: kind.is_named,
        trouble,
    })
}

/// `code` as the grammar can take it. Its scanner calls C's `isdigit` on what
/// follows a `{` and on what follows `{1..`, and beyond U+00FF that reads memory
/// which is not its own. A letter for each byte of such a character is as much a
/// part of a word, leaves every other byte where it is, and ends the number.
pub(in crate::language::shell) fn in_range(code: &str) -> Cow<'_, str> {
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
