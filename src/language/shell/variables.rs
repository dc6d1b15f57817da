//! Which variables a block sets, and which it reads that nothing sets.

use super::Unset;
use super::syntax::{Item, Node, text, unquoted};
use super::table::is_in;
use super::word::Word;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Variables that bash itself sets.
const SHELL_SETS: &str = "BASH BASHOPTS BASHPID BASH_COMMAND BASH_LINENO BASH_REMATCH BASH_SOURCE BASH_VERSINFO \
    BASH_VERSION COLUMNS COPROC DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HOSTTYPE IFS LINENO LINES \
    HOSTNAME MACHTYPE MAPFILE OLDPWD PATH PS1 PS2 TERM OPTARG OPTERR OPTIND OSTYPE PIPESTATUS PPID PS4 PWD RANDOM REPLY SECONDS SHELLOPTS SHLVL \
    SRANDOM UID _";

/// The variables of a block.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// Read before anything sets them; each once.
    pub(super) unset: Vec<Unset>,
    /// Left set for later blocks; each once. [`ANY`] where a file is read that
    /// may set any.
    pub(super) sets: Vec<String>,
}

impl Variables {
    /// Where the grammar gives up, what sets a variable may stand in what is
    /// not understood. Nothing is said to be unset then that the words of the
    /// text seem to set.
    pub(super) fn doubt(&mut self, code: &str) {
        let seem_set: BTreeSet<&str> = code.lines().flat_map(seem_set_in).collect();
        self.unset.retain(|unset| !seem_set.contains(unset.name.as_str()));
    }
}

/// The names that the words of a line seem to set: `for NAME in`, `NAME=`,
/// `read NAME`.
fn seem_set_in(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut is_loop, mut is_list) = (false, false);
    for word in line.split(|c: char| c.is_whitespace() || ";|&()".contains(c)).filter(|word| !word.is_empty()) {
        let name = word.split(['=', '+', '[']).next().unwrap_or(word);
        if (is_loop || is_list || word.contains('=')) && is_variable(name) {
            found.push(name);
        }
        is_loop = matches!(word, "for" | "select");
        is_list |= matches!(word, "read" | "mapfile" | "readarray" | "getopts" | "local" | "declare");
    }
    found
}

/// Stands for every variable.
pub(super) const ANY: &str = "*";

/// A variable gets a value.
struct Setting {
    name: String,
    /// Where, so that what is read before it is still unset.
    at: usize,
    /// It is still set after the block.
    lasts: bool,
}

/// Finds the variables among `items`, which are in the order of the text.
/// `is_elsewhere` says of a place whether another shell runs it: its variables
/// are its own.
pub(super) fn find(
    items: &[Item<'_>],
    commands: &[Vec<Word>],
    code: &str,
    known: &dyn Fn(&str) -> bool,
    is_elsewhere: &dyn Fn(usize) -> bool,
) -> Variables {
    let is_here = |item: &Item<'_>| !is_elsewhere(item.node.start_byte());
    let mut found = Variables::default();
    let mut first_set: BTreeMap<String, usize> = BTreeMap::new();
    let mut lasting = BTreeSet::new();
    let here = items.iter().zip(commands).filter(|(item, _)| is_here(item));
    for setting in here.flat_map(|(item, words)| settings(item, words, items, code)) {
        if setting.lasts && lasting.insert(setting.name.clone()) {
            found.sets.push(setting.name.clone());
        }
        let first = first_set.entry(setting.name).or_insert(setting.at);
        *first = setting.at.min(*first);
    }
    let mut seen = BTreeSet::new();
    for item in items.iter().filter(|item| is_here(item)) {
        let Some(name) = read(item, code) else { continue };
        // A function runs later than it is written.
        let is_set = [name, ANY]
            .iter()
            .any(|name| first_set.get(*name).is_some_and(|at| item.in_function || *at <= item.node.start_byte()));
        if !is_set && !is_in(SHELL_SETS, name) && !known(name) && !known(ANY) && seen.insert(name) {
            found.unset.push(Unset { name: name.to_owned(), span: Span::from(item.node.byte_range()) });
        }
    }
    found
}

/// The variable that the expansion `item` reads and cannot do without.
fn read<'a>(item: &Item<'_>, code: &'a str) -> Option<&'a str> {
    if !matches!(item.kind, "simple_expansion" | "expansion") {
        return None;
    }
    let inner = text(item.node, code);
    let inner = inner.strip_prefix("${").or_else(|| inner.strip_prefix('$'))?;
    let inner = inner.trim_start_matches(['#', '!']);
    let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
    let (name, after) = inner.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let after = match after.strip_prefix('[').and_then(|subscript| subscript.split_once(']')) {
        Some((_, after)) => after,
        None => after,
    };
    let has_default = after.trim_start_matches(':').starts_with(['-', '=', '+', '?']);
    (!has_default).then_some(name)
}

/// The variables that `item` leaves set for what comes after it.
pub(super) fn lasting(item: &Item<'_>, words: &[Word], items: &[Item<'_>], code: &str) -> Vec<String> {
    let lasting = settings(item, words, items, code).into_iter().filter(|setting| setting.lasts);
    lasting.map(|setting| setting.name).collect()
}

fn settings(item: &Item<'_>, words: &[Word], items: &[Item<'_>], code: &str) -> Vec<Setting> {
    let node = item.node;
    let lasts = !item.in_subshell;
    let set = |name: &str, lasts: bool| {
        let name = name.split('[').next().unwrap_or(name).to_owned();
        Setting { name, at: node.start_byte(), lasts }
    };
    match item.kind {
        "variable_assignment" => {
            // `A=$A` reads before it sets.
            let name = node.child_by_field_name("name").map(|name| text(name, code)).unwrap_or_default();
            let parent = item.parent.map(|parent| items[parent]);
            let for_one_command = parent.is_some_and(|parent| parent.kind == "command");
            let local = parent.is_some_and(|parent| text(parent.node, code).starts_with("local"));
            let setting = set(name, lasts && !for_one_command && !local);
            vec![Setting { at: node.end_byte(), ..setting }]
        }
        "declaration_command" => {
            let words = text(node, code).split_whitespace().next().unwrap_or_default();
            // `export NAME` passes on what is set, and sets nothing.
            if matches!(words, "export" | "readonly") {
                // `export $(cat .env)` sets whatever stands there.
                let is_expanded = |child: &Node<'_>| matches!(child.kind(), "command_substitution" | "string");
                let any = node.named_children().any(|child| is_expanded(&child) && text(child, code).contains("$("));
                return if any { vec![set(ANY, lasts)] } else { Vec::new() };
            }
            let names = node.named_children().filter(|child| child.kind() == "variable_name");
            names.map(|name| set(text(name, code), lasts && words != "local")).collect()
        }
        "for_statement" => {
            let variable = node.child_by_field_name("variable");
            variable.map(|variable| set(text(variable, code), lasts)).into_iter().collect()
        }
        "expansion" => {
            let inner = text(node, code).trim_start_matches("${");
            let name = inner.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
            let operator = inner[name.len()..].trim_start_matches(':');
            match operator.chars().next() {
                Some('=') => vec![set(name, lasts)],
                // `${NAME:?why}` ends the block unless it is set.
                Some('?') => vec![set(name, false)],
                _ => Vec::new(),
            }
        }
        // Who asks whether it is set does not need it to be.
        "test_command" => tested(text(node, code)).iter().map(|name| set(name, false)).collect(),
        "command" => by_command(words).iter().map(|name| set(name, lasts)).collect(),
        "arithmetic_expansion" | "compound_statement" | "c_style_for_statement" => {
            assigned_in_arithmetic(text(node, code), item.kind).iter().map(|name| set(name, lasts)).collect()
        }
        _ => Vec::new(),
    }
}

/// Names that a builtin sets by being given them.
fn by_command(words: &[Word]) -> Vec<String> {
    let Some((name, arguments)) = words.split_first() else { return Vec::new() };
    let names = |with_value: &str| {
        let mut found = Vec::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if is_in(with_value, argument) {
                rest.next();
            } else if !argument.starts_with('-') && is_variable(argument) {
                found.push(argument.to_string());
            }
        }
        found
    };
    match name.as_str() {
        "read" => names("-d -i -n -N -p -t -u"),
        "mapfile" | "readarray" => names("-d -n -O -s -u -C -c"),
        "getopts" => arguments.get(1).map(Word::to_string).into_iter().collect(),
        "printf" if arguments.first().is_some_and(|first| **first == *"-v") => {
            arguments.get(1).map(Word::to_string).into_iter().collect()
        }
        // What a file sets cannot be told; that of a virtual environment sets
        // nothing that is asked for.
        "source" | "." if arguments.first().is_some_and(|file| !file.ends_with("/activate")) => vec![ANY.to_owned()],
        "eval" => vec![ANY.to_owned()],
        "test" | "[" => tested(&arguments.iter().map(Word::as_str).collect::<Vec<_>>().join(" ")),
        "let" => arguments.iter().flat_map(|argument| assigned_in_arithmetic(&unquoted(argument), "let")).collect(),
        _ => Vec::new(),
    }
}

/// The variables that a test asks for being set or empty.
fn tested(test: &str) -> Vec<String> {
    let words: Vec<&str> = test.split_whitespace().collect();
    let asks = |operator: &str| matches!(operator, "-z" | "-n" | "-v");
    let asked = words.windows(2).filter(|pair| asks(pair[0])).map(|pair| pair[1]);
    let name = |word: &str| word.trim_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).to_owned();
    asked.map(name).filter(|name| is_variable(name)).collect()
}

fn is_variable(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Names before an assignment, or beside `++` and `--`, in arithmetic.
fn assigned_in_arithmetic(text: &str, kind: &str) -> Vec<String> {
    let inner = match kind {
        "let" => text,
        "compound_statement" if !text.starts_with("((") => return Vec::new(),
        "c_style_for_statement" => text.split("))").next().unwrap_or(text),
        _ => text,
    };
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = inner[at..].find(|c: char| c.is_ascii_alphabetic() || c == '_').map(|offset| at + offset) {
        let end =
            inner[start..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(inner.len(), |n| start + n);
        let after = inner[end..].trim_start();
        let before = inner[..start].trim_end();
        let operator = after.trim_start_matches(['+', '-', '*', '/', '%', '&', '|', '^', '<', '>']);
        let assigns = operator.starts_with('=') && !operator.starts_with("==") && after.len() - operator.len() <= 2;
        let compares = after.starts_with("<=") || after.starts_with(">=");
        let counts =
            after.starts_with("++") || after.starts_with("--") || before.ends_with("++") || before.ends_with("--");
        if (assigns && !compares) || counts {
            found.push(inner[start..end].to_owned());
        }
        at = end;
    }
    found
}
