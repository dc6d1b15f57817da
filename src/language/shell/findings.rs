//! What all the commands of a text do together.

use super::inside::Within;
use super::once::Once;
use super::replaced::{self, Folders, Replaced};
use super::syntax::{self, Item, Tree};
use super::word::{Expands, Input, Word};
use super::{command, defines, hidden, loops, table, words};
use crate::runbook::Effect;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

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
    pub(super) commands: Once,
    pub(super) endless: Option<String>,
    pub(super) interactive: Option<String>,
    pub(super) opens: Option<String>,
    /// Files that are written, as they are written in the text.
    pub(super) writes_to: Once,
    /// Files that get another content.
    pub(super) replaces: Vec<Replaced>,
}

impl Default for Findings {
    fn default() -> Self {
        Self {
            effect: Effect::Read,
            reasons: Vec::new(),
            commands: Once::default(),
            endless: None,
            interactive: None,
            opens: None,
            writes_to: Once::default(),
            replaces: Vec::new(),
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
        self.commands.extend(&other.commands);
        self.writes_to.extend(&other.writes_to);
        self.replaces.extend(other.replaces);
        self.replaces.truncate(replaced::MOST);
        self.endless = self.endless.take().or(other.endless);
        self.interactive = self.interactive.take().or(other.interactive);
        self.opens = self.opens.take().or(other.opens);
    }

    /// Adds a program that is called.
    pub(super) fn call(&mut self, program: &str) {
        self.commands.add(program);
    }

    /// Adds a program that is called where no PATH has a say.
    pub(super) fn calls_by_default_path(&mut self, words: &[Word]) {
        if let Some(name) = words.first() {
            self.call(&format!("/usr/bin/{name}"));
        }
    }

    /// Adds a file that is written.
    pub(super) fn write_to(&mut self, target: &str) {
        if !table::is_in(NO_FILES, target) {
            self.writes_to.add(target);
        }
    }

    /// The same where programs are not looked for on this machine.
    pub(super) fn elsewhere(mut self) -> Self {
        self.commands.clear();
        self.writes_to.clear();
        self.replaces.clear();
        self
    }

    /// Adds a file that gets another content; `reason` is the one among the
    /// others that says no more than this.
    pub(super) fn replace(&mut self, file: &str, reason: Option<&str>, emptied: bool) {
        self.replaces.push(Replaced { file: file.to_owned(), reason: reason.map(str::to_owned), emptied });
    }

    /// The same for a text in which these commands stand at `at`. In a shell
    /// that was entered only whole paths lead to a file here.
    fn seen_from(mut self, at: usize, folders: &Folders, entered: bool) -> Self {
        self.replaces.retain_mut(|replaced| match folders.seen_from(at, &replaced.file) {
            Some(file) if !entered || file.starts_with('/') => {
                replaced.file = file;
                true
            }
            _ => false,
        });
        self
    }

    /// The same with `place` said of each reason.
    pub(super) fn said_of(mut self, place: &str) -> Self {
        self.reasons.iter_mut().for_each(|(_, reason)| *reason = format!("{reason} {place}"));
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
    let commands = syntax::commands(&items, code);
    find_within(&Within::default(), tree.as_ref(), &items, &commands, code, depth)
}

/// What the commands among `items` do, some of which may run inside what others
/// open.
pub(super) fn find_within(
    within: &Within<'_>,
    tree: Option<&Tree>,
    items: &[Item<'_>],
    commands: &[Vec<Word>],
    code: &str,
    depth: usize,
) -> Findings {
    let functions: BTreeSet<&str> = items
        .iter()
        .filter(|item| item.kind == "function_definition")
        .filter_map(|item| item.node.child_by_field_name("name"))
        .map(|name| syntax::text(name, code))
        .collect();
    let inputs = inputs(items, code);
    let sources = sources(items, &inputs);
    let several = variables_of_several_words(items, code);
    let folders = Folders::follow(items, commands, code);
    let mut found = Findings::default();
    for (at, item) in items.iter().enumerate() {
        match item.kind {
            "command" => {
                let mut words = Cow::Borrowed(commands[at].as_slice());
                if !several.is_empty() {
                    words.to_mut().iter_mut().for_each(|word| word.doubt(&|name| several.contains(name)));
                }
                // A function is judged by its body, which stands here too.
                if words.first().is_some_and(|name| functions.contains(name.as_str())) {
                    continue;
                }
                let start = item.node.start_byte();
                let (input, opens) = match within.opened_at(start) {
                    Some((input, shown)) => (input, Some(shown.to_owned())),
                    None => (input_of(sources[at], &inputs), None),
                };
                let mut one = command::judge(&words, input, depth);
                if item.in_background {
                    (one.endless, one.interactive, one.opens) = (None, None, None);
                }
                one.opens = one.opens.or(opens);
                let one = one.seen_from(start, &folders, within.place_at(start).is_some());
                found.merge(within.told(start, one));
            }
            "file_redirect" => {
                let mut one = Findings::default();
                redirect(item, items, code, &mut one);
                let start = item.node.start_byte();
                let one = one.seen_from(start, &folders, within.place_at(start).is_some());
                found.merge(within.told(start, one));
            }
            _ => {}
        }
    }
    loops::note(items, code, &mut found);
    // What is too much for the parser is not gone through again and again.
    let depth_inside = if tree.is_none() { depth.max(DEEPEST - 1) } else { depth };
    found.merge(hidden::find(items, code, depth_inside));
    for name in defines::program_settings(items, commands, code) {
        found.add(Effect::Unknown, format!("sets `{name}`, which can make known programs run others"));
    }
    if tree.is_none() {
        found.add(Effect::Unknown, "it is too long or too deeply nested to be looked into as a whole");
    }
    if tree.is_none_or(|tree| tree.root_node().has_error()) {
        found.merge(words::find(code, &functions, depth));
    }
    found
}

/// The variables that the code sets to several words, or to an option.
fn variables_of_several_words<'a>(items: &[Item<'_>], code: &'a str) -> BTreeSet<&'a str> {
    let assignments = items.iter().filter(|item| item.kind == "variable_assignment");
    assignments
        .filter_map(|item| {
            let name = syntax::text(item.node.child_by_field_name("name")?, code);
            let value = syntax::text(item.node.child_by_field_name("value")?, code);
            let is_substitution = value.trim_start_matches('"').starts_with(['$', '`']);
            let value = syntax::unquoted(value);
            let is_several = value.starts_with('-') || (value.contains(char::is_whitespace) && !is_substitution);
            is_several.then_some(name)
        })
        .collect()
}

/// Adds the doubt about commands whose names an earlier block may have given
/// another meaning.
pub(super) fn doubt_names(items: &[Item<'_>], code: &str, redefined: &dyn Fn(&str) -> bool, found: &mut Findings) {
    let names = items.iter().filter(|item| item.kind == "command_name");
    let mut names = names.map(|item| syntax::unquoted(syntax::text(item.node, code))).peekable();
    if names.peek().is_some() && redefined(defines::EVERYTHING) {
        found.add(Effect::Unknown, "an earlier block may have changed what the names of commands mean");
    }
    if let Some(name) = names.find(|name| redefined(name)) {
        found.add(Effect::Unknown, format!("an earlier block defines `{name}` anew"));
    }
    let called = found.commands.iter().find(|name| redefined(name)).cloned();
    if let Some(name) = called {
        found.add(Effect::Unknown, format!("an earlier block defines `{name}` anew"));
    }
}

/// What a redirection or a pipe gives to the commands under it.
#[derive(Debug, Clone)]
enum Given<'a> {
    Text(Cow<'a, str>, bool),
    Unseen,
}

/// The inputs, by the index of what they are given to.
fn inputs<'a>(items: &[Item<'_>], code: &'a str) -> BTreeMap<usize, Given<'a>> {
    let mut inputs = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        let text = syntax::text(item.node, code);
        match (item.kind, item.parent) {
            ("heredoc_body", Some(redirect)) => {
                let start = syntax::text(items[redirect].node, code);
                let delimiter = start.trim_start_matches(['<', '-', ' ', '\t', '0']);
                let quoted = delimiter.split_whitespace().next().is_some_and(|word| word.contains(['\'', '"', '\\']));
                let expands = !quoted && has_expansion(text);
                // In `cat <<EOF | ssh host` the grammar puts the rest of the
                // line into the redirection.
                inputs.insert(redirect, Given::Text(Cow::Borrowed(text), expands));
                if let Some(holder) = items[redirect].parent {
                    inputs.insert(holder, Given::Text(Cow::Borrowed(text), expands));
                }
            }
            ("herestring_redirect", Some(holder)) => {
                let word = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '<').trim();
                let word = Word::read(word);
                let expands = word.expands != Expands::Nothing;
                inputs.insert(holder, Given::Text(Cow::Owned(word.to_string()), expands));
            }
            ("file_redirect", Some(holder))
                if text.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('<') =>
            {
                inputs.entry(holder).or_insert(Given::Unseen);
            }
            (_, Some(holder)) if items[holder].kind == "pipeline" && item.previous.is_some() => {
                inputs.insert(at, Given::Unseen);
            }
            _ => {}
        }
    }
    inputs
}

/// Whether a shell that reads `text` in a here-document changes it.
fn has_expansion(text: &str) -> bool {
    let mut escaped = false;
    text.chars().any(|c| {
        let expands = !escaped && matches!(c, '$' | '`');
        escaped = c == '\\' && !escaped;
        expands
    })
}

/// For each item the one whose input it has: its own, or that of what stands
/// around it.
fn sources(items: &[Item<'_>], inputs: &BTreeMap<usize, Given<'_>>) -> Vec<Option<usize>> {
    let mut sources: Vec<Option<usize>> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        // What is substituted has the input of the command around it.
        let around = item.parent.and_then(|parent| sources[parent]);
        sources.push(if inputs.contains_key(&at) { Some(at) } else { around });
    }
    sources
}

/// What is read from `source`.
fn input_of<'i>(source: Option<usize>, inputs: &'i BTreeMap<usize, Given<'_>>) -> Input<'i> {
    match source.and_then(|source| inputs.get(&source)) {
        Some(Given::Text(code, expands)) => Input::Text { code, expands: *expands },
        Some(Given::Unseen) => Input::Unseen,
        None => Input::Own,
    }
}

/// Files that take anything and keep nothing.
const NO_FILES: &str = "/dev/null /dev/stdout /dev/stderr /dev/tty - 1 2";

fn redirect(item: &Item<'_>, items: &[Item<'_>], code: &str, found: &mut Findings) {
    let node = item.node;
    let text = syntax::text(node, code);
    let Some(target) =
        node.child_by_field_name("destination").map(|target| syntax::unquoted(syntax::text(target, code)))
    else {
        return;
    };
    let operator = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let writes = operator.starts_with('>') || operator.starts_with("&>") || operator.starts_with("<>");
    let written = node.child_by_field_name("destination").map(|target| syntax::text(target, code)).unwrap_or_default();
    let duplicates = operator.contains('&')
        && !operator.starts_with("&>")
        && target.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let is_network = target.starts_with("/dev/tcp") || target.starts_with("/dev/udp");
    if (writes || is_network) && !duplicates && !table::is_in(NO_FILES, &target) {
        found.write_to(written);
    }
    if is_network {
        found.add(Effect::Write, format!("opens a connection to {target}"));
    }
    if !writes || table::is_in(NO_FILES, &target) || duplicates {
        return;
    }
    if target.starts_with("/dev/sd") || target.starts_with("/dev/nvme") || target.starts_with("/dev/mapper") {
        found.add(Effect::Destructive, format!("overwrites the disk {target}"));
    } else if operator.contains(">>") {
        found.add(Effect::Write, format!("adds to {target}"));
    } else {
        let emptied = gives_nothing(item, items, code);
        let (effect, reason) = if emptied {
            (Effect::Destructive, format!("empties {target}"))
        } else {
            (Effect::Write, format!("replaces the content of {target}"))
        };
        if !operator.starts_with("<>")
            && let Some(file) = replaced::literal(&Word::read(written))
        {
            found.replace(&file, Some(&reason), emptied);
        }
        found.add(effect, reason);
    }
}

/// Commands that print nothing, as they are written to empty a file.
const PRINT_NOTHING: &[&str] = &["", ":", "true", "cat /dev/null", "echo -n", "printf ''", "printf \"\"", "echo -n ''"];

/// Whether what the redirection takes its output from has none: `> file`.
fn gives_nothing(item: &Item<'_>, items: &[Item<'_>], code: &str) -> bool {
    let statement = item.parent.map(|parent| items[parent]).filter(|parent| parent.kind != "program");
    let before = match statement {
        Some(statement) => code.get(statement.node.start_byte()..item.node.start_byte()).unwrap_or_default(),
        None => "",
    };
    PRINT_NOTHING.contains(&before.trim())
}
