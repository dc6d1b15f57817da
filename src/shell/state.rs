//! The state that blocks leave to those after them, as records that the engine
//! can compare and filter without reading bash.
//!
//! The driver writes each record as `kind name`, a line end, what belongs to
//! it, and a NUL, which no bash value can hold. Except for `cwd`, what belongs
//! to a record is bash code that makes it so. What bash lists by itself stands
//! in one record together, and is taken apart here (`listing`): written one by
//! one, it would cost more than most blocks do.

use super::changes::Changes;
use super::listing::{declarations, is_carried, names};
use super::quote::single_quoted;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What a record is about, in the order in which a state is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Cwd,
    Umask,
    Arguments,
    Directories,
    Variable,
    Function,
    Alias,
    Shopt,
    Option,
}

/// The words for the kinds.
const KINDS: [(&str, Kind); 9] = [
    ("cwd", Kind::Cwd),
    ("umask", Kind::Umask),
    ("arguments", Kind::Arguments),
    ("directories", Kind::Directories),
    ("variable", Kind::Variable),
    ("function", Kind::Function),
    ("alias", Kind::Alias),
    ("shopt", Kind::Shopt),
    ("option", Kind::Option),
];

impl Kind {
    fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// What takes away something of this kind that a fresh shell has.
    fn removal(self) -> Option<&'static str> {
        match self {
            Self::Variable => Some("builtin unset -v -- "),
            Self::Function => Some("builtin unset -f -- "),
            Self::Alias => Some("builtin unalias -- "),
            Self::Shopt => Some("builtin shopt -u "),
            Self::Option => Some("builtin set +o "),
            Self::Cwd | Self::Umask | Self::Arguments | Self::Directories => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Record {
    kind: Kind,
    name: Vec<u8>,
    body: Vec<u8>,
}

/// The last record of a state that was written to its end.
const END: &[u8] = b"end \n";

/// A shell's state, or how it differs from that of a fresh shell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    records: Vec<Record>,
}

impl State {
    /// Reads what the driver, or [`encode`](Self::encode), wrote; `None` if it
    /// is not whole.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut parts = bytes.strip_suffix(b"\0")?.split(|byte| *byte == 0).collect::<Vec<_>>();
        if parts.pop() != Some(END) {
            return None;
        }
        let mut records = Vec::new();
        for part in parts {
            Record::decode(part, &mut records)?;
        }
        Some(Self { records })
    }

    /// The bytes that [`decode`](Self::decode) reads.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for record in &self.records {
            bytes.extend_from_slice(record.kind.word().as_bytes());
            bytes.push(b' ');
            bytes.extend_from_slice(&record.name);
            bytes.push(b'\n');
            bytes.extend_from_slice(&record.body);
            bytes.push(0);
        }
        bytes.extend_from_slice(END);
        bytes.push(0);
        bytes
    }

    /// What has to be done to a shell in the state `fresh` to have it in this.
    pub(super) fn since(self, fresh: &Self) -> Self {
        // What has changed is removed too before it is made anew, for a
        // declaration adds attributes and takes none away. That stands in a
        // record of its own, so that it remains when the other holds a secret.
        let now: HashSet<&Record> = self.records.iter().collect();
        let before: HashSet<&Record> = fresh.records.iter().collect();
        let removed = fresh.records.iter().filter(|old| !now.contains(old)).filter_map(|old| {
            let mut body = old.kind.removal()?.as_bytes().to_vec();
            body.extend_from_slice(&single_quoted(&old.name));
            Some(Record { kind: old.kind, name: old.name.clone(), body })
        });
        let mut records: Vec<_> = removed.collect();
        records.extend(self.records.iter().filter(|new| !before.contains(new)).cloned());
        // Stable: what removes stays before what makes.
        records.sort_by_key(|record| record.kind);
        Self { records }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The directory.
    pub(super) fn cwd(&self) -> Option<&Path> {
        let record = self.records.iter().find(|record| record.kind == Kind::Cwd)?;
        Some(Path::new(OsStr::from_bytes(record.body.strip_suffix(b"\n").unwrap_or(&record.body))))
    }

    /// The variables that it sets, by name.
    pub(super) fn variables(&self) -> Vec<String> {
        let sets = |record: &&Record| {
            record.kind == Kind::Variable && record.body.starts_with(b"declare") && record.body.contains(&b'=')
        };
        let name = |record: &Record| String::from_utf8(record.name.clone()).ok();
        self.records.iter().filter(sets).filter_map(name).collect()
    }

    /// Whether `word` is anywhere in a function, an alias or an option.
    pub(super) fn mentions(&self, word: &[u8]) -> bool {
        let code = self.records.iter().filter(|record| record.kind > Kind::Variable);
        code.flat_map(|record| record.body.windows(word.len())).any(|window| window == word)
    }

    /// Sets the directory, or leaves it open.
    pub(super) fn set_cwd(&mut self, cwd: Option<&Path>) {
        self.records.retain(|record| record.kind != Kind::Cwd);
        if let Some(cwd) = cwd {
            // As `pwd` prints it: a name may itself end in a line end.
            let body = [cwd.as_os_str().as_bytes(), b"\n"].concat();
            self.records.insert(0, Record { kind: Kind::Cwd, name: Vec::new(), body });
        }
    }

    /// Takes in what another interpreter has changed. A variable that is
    /// readonly here stays what it is.
    pub(super) fn apply(&mut self, changes: Changes) {
        if let Some((cwd, before)) = changes.cwd {
            self.set_cwd(Some(Path::new(OsStr::from_bytes(&cwd))));
            self.set_variable(b"OLDPWD", Some((&before, true)));
        }
        if let Some(body) = changes.umask {
            self.records.retain(|record| record.kind != Kind::Umask);
            self.records.push(Record { kind: Kind::Umask, name: Vec::new(), body });
        }
        for (name, value) in changes.variables {
            self.set_variable(&name, value.as_ref().map(|value| (&value.text[..], value.exported)));
        }
        self.records.sort_by_key(|record| record.kind);
    }

    /// Has a variable set to this, and perhaps exported, or not set at all. The
    /// order of the records is the caller's to restore.
    fn set_variable(&mut self, name: &[u8], value: Option<(&[u8], bool)>) {
        let is_this = |record: &Record| record.kind == Kind::Variable && record.name == name;
        if self.records.iter().any(|record| is_this(record) && record.is_readonly()) {
            return;
        }
        self.records.retain(|record| !is_this(record));
        let mut add = |body| self.records.push(Record { kind: Kind::Variable, name: name.to_vec(), body });
        // A fresh shell may have one of the name, with attributes.
        add([b"builtin unset -v -- ", &single_quoted(name)[..]].concat());
        if let Some((text, exported)) = value {
            let declaration: &[u8] = if exported { b"declare -x " } else { b"declare -- " };
            // Not `builtin declare`: it is read back as what bash prints.
            add([declaration, name, b"=", &single_quoted(text)].concat());
        }
    }

    /// Without the records for which `unwanted` says yes, given all their text.
    pub(super) fn without(&self, unwanted: impl Fn(&[u8]) -> bool) -> Self {
        let keep = |record: &&Record| !unwanted(&record.name) && !unwanted(&record.body);
        Self { records: self.records.iter().filter(keep).cloned().collect() }
    }

    /// Bash code that makes this state in a fresh shell.
    pub(super) fn code(&self) -> Vec<u8> {
        let mut code = self.environment_code();
        // Functions are read before there are aliases, which would act on their
        // names; and with the patterns that some of them may be written in.
        code.extend_from_slice(b"builtin shopt -s extglob\n");
        // One that bash prints and cannot read back costs no other.
        for record in self.records.iter().filter(|record| record.kind == Kind::Function) {
            code.extend_from_slice(b"builtin eval -- ");
            code.extend(single_quoted(&record.body));
            code.push(b'\n');
        }
        code.extend_from_slice(b"builtin shopt -u extglob\n");
        self.append(&mut code, |kind| kind > Kind::Function);
        // With `errexit` on, what this file returns must be success.
        code.extend_from_slice(b"builtin true\n");
        code
    }

    /// The part of [`code`](Self::code) that an interpreter started from that
    /// shell takes notice of.
    pub(super) fn environment_code(&self) -> Vec<u8> {
        let mut code = Vec::new();
        self.append(&mut code, |kind| kind < Kind::Function);
        code
    }

    fn append(&self, code: &mut Vec<u8>, wanted: impl Fn(Kind) -> bool) {
        for record in self.records.iter().filter(|record| wanted(record.kind)) {
            if record.kind == Kind::Cwd {
                code.extend_from_slice(b"builtin cd -- ");
                code.extend_from_slice(&single_quoted(record.body.strip_suffix(b"\n").unwrap_or(&record.body)));
            } else {
                code.extend_from_slice(&record.body);
            }
            code.push(b'\n');
        }
    }
}

impl Record {
    /// Whether it declares a variable that cannot be changed.
    fn is_readonly(&self) -> bool {
        let flags = self.body.strip_prefix(b"declare -").unwrap_or_default();
        flags.iter().take_while(|byte| **byte != b' ').any(|byte| *byte == b'r')
    }

    /// Reads a record, or all that stand in it; `None` if it is none.
    fn decode(bytes: &[u8], records: &mut Vec<Self>) -> Option<()> {
        let line = bytes.iter().position(|byte| *byte == b'\n')?;
        let (head, body) = (&bytes[..line], &bytes[line + 1..]);
        let space = head.iter().position(|byte| *byte == b' ')?;
        let (word, name) = (&head[..space], &head[space + 1..]);
        match word {
            b"variables" => {
                for (name, declaration) in declarations(body)? {
                    records.extend(is_carried(name).then(|| Self::new(Kind::Variable, name, declaration.to_vec())));
                }
            }
            b"shopts" => records.extend(names(body).map(|name| Self::setting(Kind::Shopt, b"builtin shopt -s ", name))),
            b"options" => records.extend(names(body).map(|name| Self::setting(Kind::Option, b"builtin set -o ", name))),
            _ => {
                let kind = KINDS.iter().find(|(known, _)| known.as_bytes() == word)?.1;
                let is_wanted = kind != Kind::Variable || is_carried(name);
                records.extend(is_wanted.then(|| Self::new(kind, name, body.to_vec())));
            }
        }
        Some(())
    }

    fn new(kind: Kind, name: &[u8], body: Vec<u8>) -> Self {
        Self { kind, name: name.to_vec(), body }
    }

    fn setting(kind: Kind, command: &[u8], name: &[u8]) -> Self {
        Self::new(kind, name, [command, name].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(records: &[&str]) -> State {
        let mut bytes = records.join("\0").into_bytes();
        bytes.extend_from_slice(b"\0end \n\0");
        State::decode(&bytes).unwrap()
    }

    #[test]
    fn a_state_cut_short_anywhere_is_not_taken_for_whole() {
        let whole = state(&["cwd \n/tmp\n", "variable a\ndeclare -- a=\"1\"\n"]).encode();
        for length in 0..whole.len() {
            assert_eq!(State::decode(&whole[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn what_a_fresh_shell_has_and_this_one_has_not_is_removed() {
        let fresh = state(&["variable HOME\ndeclare -x HOME=\"/root\"", "option braceexpand\nset -o braceexpand"]);
        let now = state(&["cwd \n/it's here\n"]).since(&fresh);
        let code = String::from_utf8(now.environment_code()).unwrap();
        assert_eq!(code, "builtin cd -- '/it'\\''s here'\nbuiltin unset -v -- 'HOME'\n");
        assert!(String::from_utf8(now.code()).unwrap().contains("builtin set +o 'braceexpand'\n"));
    }

    #[test]
    fn what_is_as_in_a_fresh_shell_is_left_out() {
        let fresh = state(&["variable a\ndeclare -- a=\"1\"", "umask \numask 0022"]);
        assert!(fresh.clone().since(&fresh).is_empty());
    }

    #[test]
    fn the_directory_can_be_set_and_read() {
        let mut state = state(&["cwd \n/a\n", "umask \numask 0022"]);
        assert_eq!(state.cwd(), Some(Path::new("/a")));
        for path in ["/b", "/b\n"] {
            state.set_cwd(Some(Path::new(path)));
            assert_eq!(state.cwd(), Some(Path::new(path)));
        }
        state.set_cwd(None);
        assert_eq!(state.cwd(), None);
    }

    #[test]
    fn what_another_interpreter_changed_replaces_what_was_there() {
        use super::super::changes::{Changes, Value};
        let mut now = state(&[
            "cwd \n/a\n",
            "variable a\ndeclare -i a=\"1\"",
            "variable r\ndeclare -rx r=\"1\"",
            "function f\nf () { :; }",
        ]);
        let set = |text: &str, exported| Some(Value { text: text.into(), exported });
        now.apply(Changes {
            cwd: Some((b"/b".to_vec(), b"/a".to_vec())),
            umask: Some(b"umask 0077\n".to_vec()),
            variables: vec![(b"a".to_vec(), set("it's", true)), (b"r".to_vec(), set("2", true)), (b"b".to_vec(), None)],
        });
        let code = String::from_utf8(now.environment_code()).unwrap();
        assert_eq!(
            code,
            "builtin cd -- '/b'\numask 0077\n\ndeclare -rx r=\"1\"\n\
             builtin unset -v -- 'OLDPWD'\ndeclare -x OLDPWD='/a'\n\
             builtin unset -v -- 'a'\ndeclare -x a='it'\\''s'\nbuiltin unset -v -- 'b'\n"
        );
        assert_eq!(State::decode(&now.encode()), Some(now));
    }
}
