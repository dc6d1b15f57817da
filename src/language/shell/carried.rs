//! What the lines of a text leave set in the shells that it runs in, and how
//! another text gets the same there: each text that runs inside something gets
//! a new shell.

use super::inside::{self, Structure, Within};
use super::syntax::{self, Item, Node};
use super::table::{fits, is_in};
use super::variables::{self, ANY};
use super::word::Word;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Something that a line leaves set in a shell that it runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Which shell, counted from 1 for the outermost that was entered.
    pub depth: usize,
    /// Where it stands in the text.
    pub span: Span,
    /// What does the same in a new shell; `None` where only the line itself
    /// could tell, as one that takes the output of a command.
    pub code: Option<String>,
    /// What it sets: variables by name, [`FOLDER`], `*` for what cannot be
    /// told.
    pub sets: Vec<String>,
}

/// The folder, among what a line sets.
pub const FOLDER: &str = "PWD";

/// What `code` leaves set in those of the `within` shells around it, and of
/// those it opens itself, that are still entered at its end. `is_lost` says of
/// a variable, or of the folder, whether those before `code` have left it
/// unknown.
#[must_use]
pub fn settings(code: &str, within: usize, is_lost: &dyn Fn(&str) -> bool) -> Vec<Setting> {
    let structure = inside::find(code);
    if within == 0 && structure.open.is_empty() {
        return Vec::new();
    }
    let Some(tree) = structure.tree.as_ref().filter(|tree| !tree.root_node().has_error()) else {
        let depth = within.saturating_sub(structure.leaves.len()) + structure.open.len();
        let span = Span::new(0, code.len());
        return vec![Setting { depth, span, code: None, sets: vec![ANY.to_owned()] }];
    };
    let items = syntax::items(tree);
    let commands = syntax::commands(&items, &structure.shell);
    let text = Text { code, shell: &structure.shell, items: &items, commands: &commands };
    let mut lost = Lost { before: is_lost, since: BTreeMap::new() };
    let mut found = Vec::new();
    let last = items.iter().rposition(|item| item.parent == Some(0) && item.kind != "comment").unwrap_or_default();
    for (at, depth) in places(&text, &structure, within) {
        let mut one = Vec::new();
        // A block that has succeeded says it of its last command only.
        text.read(at, at == last, 0, &mut one);
        for (span, code, sets) in one {
            let code = code.filter(|_| !text.depends(span, &lost));
            for name in &sets {
                lost.since.insert(name.clone(), code.is_none());
            }
            found.push(Setting { depth, span, code, sets });
        }
    }
    found
}

/// Those of `lines`, which were carried along one after another, that `text`
/// needs: not the folders that were only passed through.
#[must_use]
pub fn needed<'l>(lines: &[&'l str], text: &str) -> Vec<&'l str> {
    let looks_back = |text: &str| {
        ["OLDPWD", "cd -", "~-", "pushd", "popd", "dirs", "DIRSTACK"].iter().any(|word| text.contains(word))
    };
    if looks_back(text) || lines.iter().any(|line| looks_back(line)) {
        return lines.to_vec();
    }
    let mut needed = Vec::with_capacity(lines.len());
    // Whether a line further down goes to a folder wherever it is called from.
    let mut is_left = false;
    for line in lines.iter().rev() {
        let folder = line.strip_prefix("cd ").filter(|_| line.ends_with(OR_EXIT));
        match folder {
            Some(_) if is_left => continue,
            Some(folder) => is_left = folder.starts_with(['/', '~']),
            None => is_left &= is_anywhere(line),
        }
        needed.push(*line);
    }
    needed.reverse();
    needed
}

/// Whether `line` does the same however often it is repeated.
#[must_use]
pub fn is_idempotent(line: &str) -> bool {
    let moves = ["cd ", "pushd", "popd"].iter().any(|name| line.starts_with(name));
    (!moves || line.starts_with("cd /")) && !line.contains(['$', '`']) && !line.contains("+=")
}

/// Whether `line` does the same in every folder.
fn is_anywhere(line: &str) -> bool {
    let first = line.split([' ', '\t']).next().unwrap_or_default();
    (first.contains('=') || is_in("export set umask ulimit shopt alias unset", first))
        && !line.contains(['$', '`', '*', '?'])
        && !line.contains("&&")
}

/// What stands behind the line that goes to a folder: nothing is to run in
/// another one.
const OR_EXIT: &str = " || exit";

/// Lists in lists are looked into this deep.
const DEEPEST: usize = 16;

/// What is not known any more.
struct Lost<'a> {
    before: &'a dyn Fn(&str) -> bool,
    /// What the text itself has set, and whether it is lost by that.
    since: BTreeMap<String, bool>,
}

impl Lost<'_> {
    fn has(&self, name: &str) -> bool {
        self.since.get(name).copied().unwrap_or_else(|| (self.before)(name))
    }
}

/// The top-level commands that run in a shell which is still entered at the
/// end, and how deep that is.
fn places(text: &Text<'_>, structure: &Structure, within: usize) -> Vec<(usize, usize)> {
    let inside = Within::new(text.code, structure);
    let opens: BTreeMap<usize, usize> =
        structure.places.iter().enumerate().map(|(at, place)| (place.opener.start, at)).collect();
    let closers: BTreeSet<usize> =
        structure.places.iter().filter_map(|place| place.closer).map(|closer| closer.start).collect();
    let leaves: BTreeSet<usize> = structure.leaves.iter().map(|leave| leave.start).collect();
    let mut depths = vec![0; structure.places.len()];
    let mut base = within;
    let mut found = Vec::new();
    for (at, item) in text.items.iter().enumerate().filter(|(_, item)| item.parent == Some(0)) {
        let start = item.node.start_byte();
        if leaves.contains(&start) {
            base = base.saturating_sub(1);
        } else if let Some(place) = opens.get(&start) {
            depths[*place] = structure.places[*place].parent.map_or(base, |parent| depths[parent]) + 1;
        } else if !closers.contains(&start) && item.kind != "comment" && !item.in_background {
            found.push((at, inside.place_at(start), base));
        }
    }
    let entered = |(at, place, depth): (usize, Option<usize>, usize)| match place {
        Some(place) => structure.open.contains(&place).then(|| (at, depths[place])),
        None => (depth > 0 && depth <= base).then_some((at, depth)),
    };
    found.into_iter().filter_map(entered).collect()
}

/// A text, its nodes and their words.
struct Text<'a> {
    code: &'a str,
    shell: &'a str,
    items: &'a [Item<'a>],
    commands: &'a [Vec<Word>],
}

/// Where a line stands, what does the same, and what it sets.
type Line = (Span, Option<String>, Vec<String>);

impl Text<'_> {
    /// The index behind the last item below the one at `at`.
    fn end_of(&self, at: usize) -> usize {
        let end = self.items[at].node.end_byte();
        at + 1 + self.items[at + 1..].iter().take_while(|item| item.node.start_byte() < end).count()
    }

    /// What the list at `at` joins: the index of each side, and the operator.
    fn sides(&self, at: usize) -> Option<(usize, &'static str, usize)> {
        let node = self.items[at].node;
        let operator = node.children().find_map(|child| match child.kind() {
            "&&" => Some("&&"),
            "||" => Some("||"),
            _ => None,
        })?;
        let right = node.named_children().last()?;
        Some((at + 1, operator, self.items.partition_point(|item| item.node.start_byte() < right.start_byte())))
    }

    /// Adds what the statement at `at` leaves set; `has_succeeded` says that it
    /// is known to have gone to its end.
    fn read(&self, at: usize, has_succeeded: bool, depth: usize, found: &mut Vec<Line>) {
        let range = at..self.end_of(at);
        let item = &self.items[at];
        let span = Span::from(item.node.byte_range());
        let written = &self.code[span.start..span.end];
        if item.kind == "function_definition" {
            let name = item.node.child_by_field_name("name").map(|name| syntax::text(name, self.shell));
            let name = format!("{}()", name.unwrap_or_default());
            found.push((span, Some(written.to_owned()), vec![name]));
            return;
        }
        let sets = self.sets(range.clone());
        if sets.is_empty() {
            return;
        }
        let sides = (item.kind == "list").then(|| self.sides(at)).flatten();
        let is_chain = matches!(sides, Some((_, "&&", _)));
        let is_one = !is_chain || range.clone().any(|at| self.is_test(at));
        if is_one && range.clone().all(|at| self.is_plain(at)) {
            let is_choice = sides.is_some() && !is_chain && sets.iter().any(|name| name == FOLDER);
            let code = self.again(at, written);
            found.push((span, Some(if is_choice { code + OR_EXIT } else { code }), sets));
            return;
        }
        match sides {
            Some((_, "&&", _)) => {
                let mut parts = Vec::new();
                let mut left = at;
                while let Some((first, _, last)) = (self.items[left].kind == "list")
                    .then(|| self.sides(left))
                    .flatten()
                    .filter(|(_, operator, _)| *operator == "&&")
                {
                    parts.push(last);
                    left = first;
                }
                parts.push(left);
                // What stands behind something that may have failed may not have
                // been done; of a folder that would be seen at once.
                let mut is_certain = true;
                for part in parts.into_iter().rev() {
                    let before = found.len();
                    self.read(part, has_succeeded, depth + 1, found);
                    for (_, code, sets) in &mut found[before..] {
                        let is_folder = sets.iter().all(|name| name == FOLDER);
                        code.take_if(|_| !is_certain && !has_succeeded && !is_folder);
                    }
                    is_certain &= (part..self.end_of(part)).all(|at| self.is_plain(at) && !self.is_test(at));
                }
            }
            // What is done in the place of the first sets nothing.
            Some((first, _, other)) if depth < DEEPEST && self.sets(other..self.end_of(other)).is_empty() => {
                self.read(first, false, depth + 1, found);
            }
            _ => found.push((span, None, sets)),
        }
    }

    /// The code that does the same again, quietly, as the statement at `at`.
    fn again(&self, at: usize, written: &str) -> String {
        let is_redirected = self.items[at].kind == "redirected_statement";
        let command = if is_redirected { at + 1 } else { at };
        let words = self.commands.get(command).map_or(&[][..], Vec::as_slice);
        let name = words.first().map_or("", Word::as_str);
        if !is_in("cd pushd popd", name) {
            return written.to_owned();
        }
        let prints = name != "cd" || words.get(1).is_some_and(|folder| **folder == *"-");
        let quietly = if prints && !is_redirected { " >/dev/null" } else { "" };
        format!("{written}{quietly}{OR_EXIT}")
    }

    /// What the statement in `range` leaves set.
    fn sets(&self, range: Range<usize>) -> Vec<String> {
        let has_loop = range.clone().any(|at| is_in("while_statement for_statement", self.items[at].kind));
        let mut sets: Vec<String> = Vec::new();
        for at in range {
            let (item, words) = (&self.items[at], self.commands[at].as_slice());
            // The variable of a loop is for the loop.
            let name = words.first().map_or("", Word::as_str);
            let is_own = has_loop && (item.kind == "for_statement" || name == "read");
            let is_test = is_in("[ test", name);
            if item.in_function || item.in_subshell || item.in_background || is_own || is_test {
                continue;
            }
            sets.extend(variables::lasting(item, words, self.items, self.shell));
            match item.kind {
                "command" => sets.extend(by_command(words).map(str::to_owned)),
                "unset_command" | "declaration_command" => {
                    let names = item.node.named_children().filter(|child| child.kind() == "variable_name");
                    sets.extend(names.map(|name| syntax::text(name, self.shell).to_owned()));
                }
                _ => {}
            }
        }
        let mut seen = BTreeSet::new();
        sets.retain(|name| seen.insert(name.clone()));
        sets
    }

    /// Whether the item at `at` looks whether something is to be done.
    fn is_test(&self, at: usize) -> bool {
        let name = self.commands[at].first().map_or("", Word::as_str);
        self.items[at].kind == "test_command" || is_in("[ test", name)
    }

    /// Whether the item at `at` only sets something, or looks whether to, and
    /// does the same whenever it is repeated.
    fn is_plain(&self, at: usize) -> bool {
        let item = &self.items[at];
        let text = syntax::text(item.node, self.shell);
        match item.kind {
            "command" => {
                let words = self.commands[at].as_slice();
                let name = words.first().map_or("", Word::as_str);
                is_in("[ test true false :", name)
                    || by_command(words).is_some_and(|what| what != ANY || reads_settings(words))
            }
            "declaration_command" => {
                let mut children = item.node.named_children();
                let prints = |child: Node<'_>| fits("-p -*p", syntax::text(child, self.shell));
                children.any(|child| is_in("variable_assignment variable_name", child.kind()))
                    && !item.node.named_children().any(prints)
            }
            // What files there are may change.
            "array" => !text.contains(['*', '?']),
            "file_redirect" => text.ends_with("/dev/null") || text.ends_with("&1") || text.ends_with("&2"),
            kind => !is_in(DO_MORE, kind),
        }
    }

    /// Whether the statement at `span` reads what is not known, or never the
    /// same twice.
    fn depends(&self, span: Span, lost: &Lost<'_>) -> bool {
        let first = self.items.partition_point(|item| item.node.start_byte() < span.start);
        let items = self.items[first..].iter().enumerate().take_while(|(_, item)| item.node.start_byte() < span.end);
        items.filter(|(_, item)| !item.in_function).any(|(offset, item)| match item.kind {
            "variable_name" => {
                let name = syntax::text(item.node, self.shell);
                let parent = item.parent.map_or("", |parent| self.items[parent].kind);
                !is_in("variable_assignment unset_command function_definition", parent)
                    && (lost.has(name) || is_in(NEVER_THE_SAME, name))
            }
            "special_variable_name" => is_in("! ? $ _", syntax::text(item.node, self.shell)),
            "command" => is_relative(&self.commands[first + offset]) && lost.has(FOLDER),
            _ => false,
        })
    }
}

/// Nodes that run something, or take what a file holds.
const DO_MORE: &str = "command_substitution process_substitution pipeline subshell for_statement while_statement \
    c_style_for_statement case_statement heredoc_redirect herestring_redirect function_definition postfix_expression";

/// Variables whose value the shell makes up.
const NEVER_THE_SAME: &str =
    "RANDOM SRANDOM SECONDS EPOCHSECONDS EPOCHREALTIME BASHPID PPID LINENO REPLY PIPESTATUS BASH_REMATCH MAPFILE";

/// What a command leaves set in its shell, if it is one that does no more than
/// that.
fn by_command(words: &[Word]) -> Option<&'static str> {
    let (name, arguments) = words.split_first()?;
    let first = arguments.first().map_or("", Word::as_str);
    match name.as_str() {
        "cd" | "pushd" | "popd" => Some(FOLDER),
        "source" | "." if !arguments.is_empty() => Some(ANY),
        "set" if !arguments.is_empty() => Some("set"),
        "shopt" if fits("-s* -u*", first) => Some("shopt"),
        "umask" if first.starts_with(|c: char| c.is_ascii_alphanumeric()) => Some("umask"),
        "ulimit" if arguments.last().is_some_and(|limit| !limit.starts_with('-')) => Some("ulimit"),
        "alias" if first.contains('=') => Some("alias"),
        "unalias" => Some("alias"),
        // Functions that choose an environment for the shell.
        "deactivate" => Some("PATH"),
        "conda" | "mamba" | "micromamba" if is_in("activate deactivate", first) => Some("PATH"),
        "nvm" if first == "use" => Some("PATH"),
        "workon" => Some("PATH"),
        "module" if is_in("load unload purge swap", first) => Some("PATH"),
        _ => None,
    }
}

/// Whether the file that `words` read into the shell holds settings by its
/// name. Any other may do work, which is not to be done again unasked.
fn reads_settings(words: &[Word]) -> bool {
    let file = words.get(1).map_or("", Word::as_str);
    let name = file.rsplit('/').next().unwrap_or(file).to_ascii_lowercase();
    let holds = |word: &str| is_in(HOLD_SETTINGS, word) || word.ends_with("rc");
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(holds) || file.starts_with("/etc/profile")
}

/// Words in the names of files that hold settings.
const HOLD_SETTINGS: &str = "activate env venv dotenv environment vars variables config conf cfg settings credentials \
    creds secrets profile defaults aliases functions completion os-release properties";

/// Whether what `words` do depends on the folder they run in.
fn is_relative(words: &[Word]) -> bool {
    let name = words.first().map_or("", Word::as_str);
    let operand = words.iter().skip(1).find(|word| !word.starts_with('-') || **word == *"-");
    match name {
        "cd" => operand.is_some_and(|folder| !folder.starts_with(['/', '~']) && !folder.starts_with("$HOME")),
        "source" | "." => operand.is_some_and(|file| !file.starts_with(['/', '~']) && !file.starts_with("$HOME")),
        "pushd" | "popd" | "[" | "test" => true,
        _ => false,
    }
}
