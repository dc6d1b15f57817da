//! A syntax tree, laid flat: every node once, in the order of the text, parents
//! before what they hold.
//!
//! The grammar's own tree is walked through by a cursor that finds each node
//! anew; here a node is a place in a list, and to go from one to the next costs
//! nothing. It is walked through once, when it is made.

use std::fmt;
use std::ops::Range;

/// A place in a text or a tree. No text that is parsed has that many.
pub(super) fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A text, as the grammar understands it. Of its signs and keywords only those
/// are in it that somebody asks for.
#[derive(PartialEq, Eq)]
pub(in crate::language::shell) struct Tree {
    nodes: Vec<Stored>,
}

/// What is known of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    /// What the grammar calls it.
    pub(super) kind: &'static str,
    /// What it is to the node that it stands in; empty where that has no name.
    pub(super) field: &'static str,
    pub(super) start: u32,
    pub(super) end: u32,
    /// The index of the node that it stands in; its own for the root.
    pub(super) parent: u32,
    /// The index behind the last of those that stand in it.
    pub(super) after: u32,
    /// It is a node of the grammar, and no sign or keyword.
    pub(super) is_named: bool,
    pub(super) trouble: Trouble,
}

/// What is wrong with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Nothing,
    /// Something is wrong with what stands in it.
    Inside,
    /// The grammar gives up on it, or has made it up.
    Here,
}

impl Tree {
    /// `nodes` are not empty.
    pub(super) fn new(nodes: Vec<Stored>) -> Self {
        Self { nodes }
    }

    pub(in crate::language::shell) fn root_node(&self) -> Node<'_> {
        Node { tree: self, at: 0 }
    }

    /// All of its nodes, in the order of the text, parents first.
    pub(super) fn all(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.nodes.len()).map(|at| Node { tree: self, at })
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.nodes).finish()
    }
}

/// A node of a tree.
#[derive(Clone, Copy)]
pub(in crate::language::shell) struct Node<'tree> {
    tree: &'tree Tree,
    at: usize,
}

impl<'tree> Node<'tree> {
    fn stored(self) -> &'tree Stored {
        &self.tree.nodes[self.at]
    }

    /// Its place among [`Tree::all`].
    pub(super) fn index(self) -> usize {
        self.at
    }

    /// What the grammar calls it.
    pub(in crate::language::shell) fn kind(self) -> &'static str {
        self.stored().kind
    }

    /// Whether it is a node of the grammar, and no sign or keyword.
    pub(in crate::language::shell) fn is_named(self) -> bool {
        self.stored().is_named
    }

    /// Whether the grammar gives up on it, or has made it up.
    pub(super) fn is_trouble(self) -> bool {
        self.stored().trouble == Trouble::Here
    }

    /// Whether the grammar gives up on it, or on something that stands in it.
    pub(in crate::language::shell) fn has_error(self) -> bool {
        self.stored().trouble != Trouble::Nothing
    }

    pub(in crate::language::shell) fn start_byte(self) -> usize {
        self.stored().start as usize
    }

    pub(in crate::language::shell) fn end_byte(self) -> usize {
        self.stored().end as usize
    }

    pub(in crate::language::shell) fn byte_range(self) -> Range<usize> {
        self.start_byte()..self.end_byte()
    }

    /// What stands in it.
    pub(in crate::language::shell) fn children(self) -> impl Iterator<Item = Node<'tree>> {
        let end = self.stored().after as usize;
        let mut next = self.at + 1;
        std::iter::from_fn(move || {
            let node = Node { at: next, ..self };
            (next < end).then(|| {
                next = node.stored().after as usize;
                node
            })
        })
    }

    /// Those of its children that are nodes of the grammar.
    pub(in crate::language::shell) fn named_children(self) -> impl Iterator<Item = Node<'tree>> {
        self.children().filter(|child| child.is_named())
    }

    /// The first child that `field` says of what it is.
    pub(in crate::language::shell) fn child_by_field_name(self, field: &str) -> Option<Node<'tree>> {
        self.children().find(|child| child.stored().field == field)
    }

    /// The node that it stands in.
    pub(in crate::language::shell) fn parent(self) -> Option<Node<'tree>> {
        (self.at > 0).then(|| Node { at: self.stored().parent as usize, ..self })
    }

    /// The node of the grammar that comes after it in the one that both stand in.
    pub(in crate::language::shell) fn next_named_sibling(self) -> Option<Node<'tree>> {
        self.parent()?.named_children().find(|sibling| sibling.at > self.at)
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stored().fmt(f)
    }
}
