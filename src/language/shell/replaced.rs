//! Files whose content a command takes away by putting another in its place,
//! where the text alone tells which files these are.
//!
//! Whether such a file exists is not looked up here: whoever runs the text does
//! that, where it runs.

use super::syntax::{Item, SUBSHELLS};
use super::word::{Expands, Word};
use std::borrow::Cow;

/// A file that is replaced if it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// Its path without quotes; from the folder that the text starts in, or
    /// from the home folder behind a `~/`.
    pub file: String,
    /// The reason among the text's own that says no more than this, where one
    /// does.
    pub reason: Option<String>,
    /// Nothing takes its place: `> file`.
    pub emptied: bool,
}

/// More files of a text than these are not looked up.
pub(super) const MOST: usize = 100;

/// Changes of the folder that are followed; after more of them, nobody knows.
const MOST_CHANGES: usize = 50;

/// Nodes of the tree that are searched for what a change of folder lies in.
const DEEPEST: usize = 40;

/// The file that `word` names, if only the text and the home folder have a say
/// in that.
pub(super) fn literal(word: &Word) -> Option<Cow<'_, str>> {
    let name = word.as_str();
    if word.written.replacen("${HOME}", "", 1).contains(['*', '?', '[', '{']) {
        return None;
    }
    let at_home = ["$HOME", "${HOME}"].iter().find_map(|home| name.strip_prefix(home));
    let file = match word.expands {
        Expands::Nothing => {
            // The home folders of other users and the shell's stack of folders;
            // and a quoted `~`, which is a letter.
            let is_home = word.written == "~" || word.written.starts_with("~/");
            (is_home || !name.starts_with('~')).then_some(Cow::Borrowed(name))
        }
        _ => at_home
            .filter(|rest| rest.starts_with('/') && !rest.contains(['$', '`']))
            .map(|rest| Cow::Owned(format!("~{rest}"))),
    };
    file.filter(|file| !file.is_empty() && !file.starts_with("/dev/"))
}

/// The files that a copy to the last of `arguments` would replace, whether that
/// is a file or a folder; none where an option may change that.
pub(super) fn by_copying(program: &str, arguments: &[Word]) -> Vec<String> {
    let letters = match program {
        "cp" => "afpvLPHdx",
        "mv" => "fv",
        _ => return Vec::new(),
    };
    let (options, operands): (Vec<&Word>, Vec<&Word>) =
        arguments.iter().partition(|word| word.starts_with('-') && word.len() > 1);
    let is_plain = |option: &&Word| {
        matches!(option.as_str(), "--" | "--force" | "--verbose" | "--archive")
            || option[1..].chars().all(|letter| letters.contains(letter))
    };
    if !options.iter().all(is_plain) {
        return Vec::new();
    }
    let Some((target, sources)) = operands.split_last() else { return Vec::new() };
    let Some(target) = literal(target) else { return Vec::new() };
    let into = sources.iter().filter_map(|source| {
        let source = literal(source)?;
        let name = source.trim_end_matches('/').rsplit('/').next()?;
        (!matches!(name, "" | "." | ".." | "~")).then(|| joined(&target, name))
    });
    let onto = (sources.len() == 1).then(|| target.to_string());
    onto.into_iter().chain(into).take(MOST).collect()
}

/// `name` as it is seen from where `folder` is.
fn joined(folder: &str, name: &str) -> String {
    if name.starts_with('/') || name == "~" || name.starts_with("~/") {
        return name.to_owned();
    }
    format!("{}/{name}", folder.trim_end_matches('/'))
}

/// Where `cd` leads in a text.
#[derive(Debug, Default)]
pub(super) struct Folders {
    changes: Vec<Change>,
}

#[derive(Debug)]
struct Change {
    /// The part of the text in which it holds.
    start: usize,
    end: usize,
    /// `None` where only the shell can tell.
    folder: Option<String>,
}

impl Folders {
    /// Follows the commands of a text.
    pub(super) fn follow(items: &[Item<'_>], commands: &[Vec<Word>], code: &str) -> Self {
        let mut folders = Self::default();
        for (item, words) in items.iter().zip(commands) {
            let Some((name, arguments)) = words.split_first() else { continue };
            if !matches!(name.as_str(), "cd" | "pushd" | "popd") {
                continue;
            }
            let start = item.node.end_byte();
            if folders.changes.len() >= MOST_CHANGES {
                folders.changes.push(Change { start, end: code.len(), folder: None });
                break;
            }
            let (end, always) = reach(item, items, code);
            let target = arguments.iter().filter(|word| !matches!(word.as_str(), "--" | "-P" | "-L"));
            let folder = match (name.as_str(), target.collect::<Vec<_>>().as_slice()) {
                ("cd", []) => Some("~".to_owned()),
                ("cd" | "pushd", [target]) if !target.starts_with(['-', '+']) => literal(target).map(Cow::into_owned),
                _ => None,
            };
            let folder =
                folder.filter(|_| always).and_then(|folder| folders.seen_from(item.node.start_byte(), &folder));
            folders.changes.push(Change { start, end, folder });
        }
        folders
    }

    /// The path of `file`, which stands at `at`, from where the text starts;
    /// `None` where only the shell can tell.
    pub(super) fn seen_from(&self, at: usize, file: &str) -> Option<String> {
        let is_whole = file.starts_with('/') || file == "~" || file.starts_with("~/");
        let last = self.changes.iter().rev().find(|change| (change.start..=change.end).contains(&at));
        match last {
            Some(change) if !is_whole => change.folder.as_ref().map(|folder| joined(folder, file)),
            _ => Some(file.to_owned()),
        }
    }
}

/// How far a change of folder reaches, and whether it always happens.
fn reach(item: &Item<'_>, items: &[Item<'_>], code: &str) -> (usize, bool) {
    let mut always = !item.in_function;
    let mut at = item.parent;
    for _ in 0..DEEPEST {
        let Some(parent) = at.map(|at| items[at]) else { return (code.len(), always) };
        if SUBSHELLS.contains(&parent.kind) {
            return (parent.node.end_byte(), always);
        }
        always &= !matches!(parent.kind, "if_statement" | "while_statement" | "for_statement" | "case_statement");
        at = parent.parent;
    }
    (code.len(), false)
}

#[cfg(test)]
mod tests {
    use crate::language::shell::analyse;

    #[track_caller]
    fn replaced(code: &str) -> Vec<String> {
        analyse(code, &|_| true, &|_| false).replaces.into_iter().map(|replaced| replaced.file).collect()
    }

    #[test]
    fn what_is_written_by_redirection_tee_cp_and_mv_is_replaced() {
        assert_eq!(replaced("echo a > 'x y'; date >| z; ls &> \"all\"; make 2>err"), ["x y", "z", "all", "err"]);
        assert_eq!(replaced("echo a | sudo tee /etc/x.conf /etc/y.conf >/dev/null"), ["/etc/x.conf", "/etc/y.conf"]);
        assert_eq!(replaced("cp -p new.conf /etc/app.conf"), ["/etc/app.conf", "/etc/app.conf/new.conf"]);
        assert_eq!(replaced("mv a/one b/two /srv/"), ["/srv/one", "/srv/two"]);
        assert_eq!(replaced("sudo bash -c 'cat > /etc/hosts'"), ["/etc/hosts"]);
        assert_eq!(replaced("cat <<EOF > ~/.pgpass\nx\nEOF\n"), ["~/.pgpass"]);
        assert_eq!(replaced("echo a | tee -- out"), ["out"]);
        assert_eq!(replaced("echo a > $HOME/x; echo b > \"${HOME}/y z\""), ["~/x", "~/y z"]);
    }

    #[test]
    fn what_is_added_to_is_not_replaced_nor_what_is_no_file() {
        for code in [
            "echo a >> x",
            "echo a &>> x",
            "echo a | tee -a x",
            "echo a | tee --append x",
            "ls > /dev/null 2>&1",
            "ls > >(cat)",
            "exec 3<> x",
            "echo a > /dev/tcp/h/1",
            "cp -n a b",
            "cp -r a b",
            "mv -i a b",
            "cp --backup a b",
            "cp -t d a",
            "echo 'a > b'",
        ] {
            assert_eq!(replaced(code), [""; 0], "{code}");
        }
    }

    #[test]
    fn a_name_that_only_the_shell_can_tell_is_left_to_it() {
        for code in [
            "echo > \"$f\"",
            "echo > $HOME/$x",
            "echo > ${HOME}/*.x",
            "echo > $HOMES/x",
            "echo > {a,b}",
            "echo > *.txt",
            "echo > ~root/x",
            "echo > '~/x'",
            "cp a $d",
        ] {
            assert_eq!(replaced(code), [""; 0], "{code}");
        }
    }

    #[test]
    fn a_file_is_looked_for_where_the_text_has_gone() {
        assert_eq!(replaced("cd /srv/app && echo a > x.conf"), ["/srv/app/x.conf"]);
        assert_eq!(replaced("cd /srv\ncd app\necho a > x; echo b > /y"), ["/srv/app/x", "/y"]);
        assert_eq!(replaced("(cd /srv; echo a > x); echo b > y"), ["/srv/x", "y"]);
        assert_eq!(replaced("cd /srv; bash -c 'cd app; echo a > x'"), ["/srv/app/x"]);
        assert_eq!(replaced("cd; echo a > x"), ["~/x"]);
        assert_eq!(replaced("cd \"$d\" || exit 1; echo a > x; echo b > /y"), ["/y"]);
        assert_eq!(replaced("if true; then cd /srv; fi; echo a > x"), [""; 0]);
        assert_eq!(replaced("pushd /srv; echo a > x; popd; echo b > y"), ["/srv/x"]);
    }

    #[test]
    fn on_another_machine_nothing_here_is_replaced() {
        for code in ["ssh web 'echo a > /etc/x'", "ssh web\necho a > /etc/x\nexit\n", "docker exec c cp a /etc/x"] {
            assert_eq!(replaced(code), [""; 0], "{code}");
        }
        assert_eq!(replaced("sudo -i\necho a > /etc/x\necho b > y\nexit\n"), ["/etc/x"], "in a folder of its own");
    }

    #[test]
    fn however_many_folders_and_files_there_are_it_is_done_in_time() {
        let many = "cd a; (echo b > c; ".repeat(20_000);
        assert!(replaced(&many).len() <= super::MOST);
        assert!(replaced(&"cd a; echo b > c\n".repeat(20_000)).len() <= super::MOST);
    }
}
