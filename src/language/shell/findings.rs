//! What all the commands of a text do together.

use super::syntax::{self, Item};
use super::{command, table, words};
use crate::runbook::Effect;
use std::borrow::Cow;
use std::collections::BTreeMap;
use tree_sitter::{Node, Tree};

/// How often a command may stand in a command (`sudo bash -c '…'`) before it is
/// no longer looked into.
pub(super) const DEEPEST: usize = 12;

/// How many reasons are kept.
const MOST_REASONS: usize = 40;

/// What is known of some commands.
#[derive(Debug, Clone)]
pub(super) struct Findings {
    pub(super) effect: Effect,
    reasons: Vec<(Effect, String)>,
    pub(super) commands: Vec<String>,
    pub(super) endless: Option<String>,
    pub(super) interactive: Option<String>,
    pub(super) opens: Option<String>,
}

impl Default for Findings {
    fn default() -> Self {
        Self {
            effect: Effect::Read,
            reasons: Vec::new(),
            commands: Vec::new(),
            endless: None,
            interactive: None,
            opens: None,
        }
    }
}

impl Findings {
    /// Adds that something has `effect`, and why.
    pub(super) fn add(&mut self, effect: Effect, reason: impl Into<String>) {
        if effect == Effect::Read {
            return;
        }
        self.effect = self.effect.max(effect);
        // Nobody reads more; what is worst is always said.
        if self.reasons.len() >= MOST_REASONS && self.reasons.iter().any(|(known, _)| *known >= effect) {
            return;
        }
        let reason = reason.into();
        if !self.reasons.iter().any(|(_, known)| *known == reason) {
            self.reasons.push((effect, reason));
        }
    }

    /// Adds all that is known of other commands.
    pub(super) fn merge(&mut self, other: Findings) {
        for (effect, reason) in other.reasons {
            self.add(effect, reason);
        }
        for command in other.commands {
            self.call(&command);
        }
        self.endless = self.endless.take().or(other.endless);
        self.interactive = self.interactive.take().or(other.interactive);
        self.opens = self.opens.take().or(other.opens);
    }

    /// Adds a program that is called.
    pub(super) fn call(&mut self, program: &str) {
        if !self.commands.iter().any(|known| known == program) {
            self.commands.push(program.to_owned());
        }
    }

    /// The same where programs are not looked for on this machine.
    pub(super) fn elsewhere(mut self) -> Self {
        self.commands.clear();
        self
    }

    /// The reasons, those of the worst effect first.
    pub(super) fn reasons(&self) -> Vec<String> {
        let mut reasons = self.reasons.clone();
        reasons.sort_by_key(|(effect, _)| std::cmp::Reverse(*effect));
        reasons.into_iter().map(|(_, reason)| reason).collect()
    }
}

/// What is known of a command that stands too deep in others.
pub(super) fn too_deep() -> Findings {
    let mut found = Findings::default();
    found.add(Effect::Unknown, "commands in commands are not looked into this deep");
    found
}

/// What the text `code` would do if a shell ran it; `depth` counts the texts
/// it stands in.
pub(super) fn of_code(code: &str, depth: usize) -> Findings {
    if depth > DEEPEST {
        return too_deep();
    }
    let tree = syntax::parse(code);
    let items = tree.as_ref().map(syntax::items).unwrap_or_default();
    find(tree.as_ref(), &items, code, depth)
}

/// What the commands among `items` do.
pub(super) fn find(tree: Option<&Tree>, items: &[Item<'_>], code: &str, depth: usize) -> Findings {
    let functions: Vec<&str> = items
        .iter()
        .filter(|item| item.node.kind() == "function_definition")
        .filter_map(|item| item.node.child_by_field_name("name"))
        .map(|name| syntax::text(name, code))
        .collect();
    let inputs = inputs(items, code);
    let mut found = Findings::default();
    for (at, item) in items.iter().enumerate() {
        match item.node.kind() {
            "command" => {
                let words = syntax::words(item.node, code);
                // A function is judged by its body, which stands here too.
                if words.first().is_some_and(|name| functions.contains(&name.as_str())) {
                    continue;
                }
                let mut one = command::judge(&words, input_of(at, items, &inputs), depth);
                if item.in_background {
                    (one.endless, one.interactive, one.opens) = (None, None, None);
                }
                found.merge(one);
            }
            "file_redirect" => redirect(item.node, code, &mut found),
            _ => {}
        }
    }
    if tree.is_none_or(|tree| tree.root_node().has_error()) {
        found.merge(words::find(code, &functions, depth));
    }
    found
}

/// The here-documents and here-strings, by the index of what they are given to.
fn inputs<'a>(items: &[Item<'_>], code: &'a str) -> BTreeMap<usize, Cow<'a, str>> {
    let mut inputs = BTreeMap::new();
    for item in items {
        let text = syntax::text(item.node, code);
        match (item.node.kind(), item.parent) {
            ("heredoc_body", Some(redirect)) => {
                // In `cat <<EOF | ssh host` the grammar puts the rest of the
                // line into the redirection.
                inputs.insert(redirect, Cow::Borrowed(text));
                inputs.extend(items[redirect].parent.map(|holder| (holder, Cow::Borrowed(text))));
            }
            ("herestring_redirect", Some(holder)) => {
                let word = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '<').trim();
                inputs.insert(holder, Cow::Owned(syntax::unquoted(word)));
            }
            _ => {}
        }
    }
    inputs
}

/// The here-document or here-string that the command at `at` reads.
fn input_of<'i>(at: usize, items: &[Item<'_>], inputs: &'i BTreeMap<usize, Cow<'_, str>>) -> Option<&'i str> {
    let mut holder = at;
    loop {
        if let Some(input) = inputs.get(&holder) {
            return Some(input);
        }
        holder = items[holder].parent.filter(|parent| {
            matches!(items[*parent].node.kind(), "redirected_statement" | "pipeline" | "heredoc_redirect")
        })?;
    }
}

/// Files that take anything and keep nothing.
const NO_FILES: &str = "/dev/null /dev/stdout /dev/stderr /dev/tty - 1 2";

fn redirect(node: Node<'_>, code: &str, found: &mut Findings) {
    let text = syntax::text(node, code);
    let Some(target) =
        node.child_by_field_name("destination").map(|target| syntax::unquoted(syntax::text(target, code)))
    else {
        return;
    };
    let operator = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let writes = operator.starts_with('>') || operator.starts_with("&>") || operator.starts_with("<>");
    if !writes || table::is_in(NO_FILES, &target) || (operator.starts_with(">&") && target.parse::<u8>().is_ok()) {
        return;
    }
    if target.starts_with("/dev/sd") || target.starts_with("/dev/nvme") || target.starts_with("/dev/mapper") {
        found.add(Effect::Destructive, format!("overwrites the disk {target}"));
    } else {
        found.add(Effect::Write, format!("writes to {target}"));
    }
}
