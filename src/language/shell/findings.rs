//! What all the commands of a text do together.

use super::{command, syntax, table, words};
use crate::runbook::Effect;
use tree_sitter::{Node, Tree};

/// How often a command may stand in a command (`sudo bash -c '…'`) before it is
/// no longer looked into.
pub(super) const DEEPEST: usize = 12;

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
        let reason = reason.into();
        self.effect = self.effect.max(effect);
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
    let nodes = tree.as_ref().map(syntax::nodes).unwrap_or_default();
    find(tree.as_ref(), &nodes, code, depth)
}

/// What the commands among `nodes` do.
pub(super) fn find(tree: Option<&Tree>, nodes: &[Node<'_>], code: &str, depth: usize) -> Findings {
    let functions: Vec<&str> = nodes
        .iter()
        .filter(|node| node.kind() == "function_definition")
        .filter_map(|node| node.child_by_field_name("name"))
        .map(|name| syntax::text(name, code))
        .collect();
    let mut found = Findings::default();
    for node in nodes {
        match node.kind() {
            "command" => {
                let words = syntax::words(*node, code);
                // A function is judged by its body, which stands here too.
                if words.first().is_some_and(|name| functions.contains(&name.as_str())) {
                    continue;
                }
                let input = input_of(*node, code);
                let mut one = command::judge(&words, input.as_deref(), depth);
                if runs_in_background(*node) {
                    (one.endless, one.interactive, one.opens) = (None, None, None);
                }
                found.merge(one);
            }
            "file_redirect" => redirect(*node, code, &mut found),
            _ => {}
        }
    }
    if tree.is_none_or(|tree| tree.root_node().has_error()) {
        found.merge(words::find(code, &functions, depth));
    }
    found
}

/// The here-document or here-string that `command` reads.
fn input_of(command: Node<'_>, code: &str) -> Option<String> {
    let mut holder = command;
    // The document may be given to a command in a pipeline or a list.
    while let Some(parent) = holder.parent() {
        // In `cat <<EOF | ssh host` the grammar puts the rest of the line into
        // the redirection.
        if holder.kind() == "heredoc_redirect" {
            return heredoc_body(holder, code);
        }
        for child in syntax::named_children(holder) {
            match child.kind() {
                "heredoc_redirect" => return heredoc_body(child, code),
                "herestring_redirect" => {
                    return Some(syntax::unquoted(syntax::text(child, code).trim_start_matches('<').trim()));
                }
                _ => {}
            }
        }
        if !matches!(parent.kind(), "redirected_statement" | "pipeline" | "list" | "heredoc_redirect") {
            break;
        }
        holder = parent;
    }
    None
}

fn heredoc_body(redirect: Node<'_>, code: &str) -> Option<String> {
    let body = syntax::named_children(redirect).into_iter().find(|node| node.kind() == "heredoc_body")?;
    Some(syntax::text(body, code).to_owned())
}

/// Whether an `&` stands behind the statement that `command` belongs to.
fn runs_in_background(command: Node<'_>) -> bool {
    let mut holder = command;
    while let Some(parent) = holder.parent().filter(|parent| {
        matches!(parent.kind(), "redirected_statement" | "pipeline" | "list" | "subshell" | "compound_statement")
    }) {
        holder = parent;
    }
    holder.next_sibling().is_some_and(|next| next.kind() == "&")
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
