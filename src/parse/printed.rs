//! Commands with what they print below them, where no prompt tells the two
//! apart.

use super::class::Recognise;
use super::first_line;
use crate::runbook::{Class, Reading};

/// A text taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) commands: String,
    pub(super) output: String,
}

/// How many places are tried for the end of the commands.
const MOST_BORDERS: usize = 4;

/// How many parts are looked at that each have a command and its output.
const MOST_TURNS: usize = 16;

/// Takes apart what begins with commands and ends with their output. Where no
/// label says that it is for a shell, less will do for output.
pub(super) fn below(code: &str, is_labelled: bool, recognise: &Recognise<'_>) -> Option<Printed> {
    let mut at = 0;
    let mut tried = 0;
    let mut is_begun = false;
    for line in code.split_inclusive('\n') {
        let (head, tail) = code.split_at(at);
        let is_below = is_begun;
        is_begun |= !line.trim().is_empty();
        let is_border = line.trim().is_empty() || (tried == 0 && !head.trim_end().ends_with(['\\', '|']));
        // The output may begin with a bracket that is a command, too.
        let ends_well = head.lines().next_back().is_some_and(|last| {
            !(last.trim_start().starts_with(['[', '{', '<', '>']) || is_branch(line) && is_folder(last))
        });
        if is_border && ends_well && is_below && tried < MOST_BORDERS {
            tried += 1;
            let is_output = |found: &Reading| match found.class {
                Class::Output => found.certain || (!is_labelled && !found.language.is_empty() && !head.contains("<<")),
                Class::Config => found.certain && matches!(found.language, "json" | "yaml" | "xml" | "pem"),
                Class::Prose => found.certain && tail.contains(['├', '└']),
                _ => false,
            };
            // What is left out of an output stands where nobody types it.
            let is_printed = || {
                matches!(line.trim(), "..." | "…")
                    || first_line::is_list_of_messages(tail)
                    || recognise(tail).as_ref().is_some_and(is_output)
            };
            if is_command(head, recognise) && is_printed() {
                let output = tail.trim_start_matches(['\n', '\r']).to_owned();
                return Some(Printed { commands: head.to_owned(), output });
            }
        }
        at += line.len();
    }
    None
}

/// Takes apart what blank lines divide into commands of one line, each above
/// what it prints.
pub(super) fn in_turns(code: &str, recognise: &Recognise<'_>) -> Option<Printed> {
    let parts: Vec<&str> = code.split("\n\n").filter(|part| !part.trim().is_empty()).take(MOST_TURNS + 1).collect();
    if !(2..=MOST_TURNS).contains(&parts.len()) {
        return None;
    }
    let mut taken = Printed { commands: String::new(), output: String::new() };
    for part in parts {
        let (command, output) = part.trim_matches('\n').split_once('\n')?;
        let is_certain = |found: &Reading| found.class == Class::Output && found.certain;
        let is_printed = is_numbers(output)
            || first_line::is_list_of_messages(output)
            || recognise(output).as_ref().is_some_and(is_certain);
        if !is_printed || !is_command(command, recognise) {
            return None;
        }
        for (whole, part) in [(&mut taken.commands, command), (&mut taken.output, output)] {
            whole.push_str(part);
            whole.push('\n');
        }
    }
    Some(taken)
}

fn is_command(text: &str, recognise: &Recognise<'_>) -> bool {
    recognise(text).is_some_and(|found| found.certain && found.class == Class::Shell)
}

/// Counts and sums, which no program is named by.
fn is_numbers(text: &str) -> bool {
    let is_number = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'%'))
    };
    text.lines().all(|line| line.split_whitespace().all(is_number))
}

/// Whether a line is drawn as an entry of a folder.
fn is_branch(line: &str) -> bool {
    let line = line.trim_start();
    ["├", "└", "│", "|-- ", "`-- ", "+-- "].iter().any(|branch| line.starts_with(branch))
}

/// Programs that draw branches, and need be given nothing for it.
const DRAW_BRANCHES: [&str; 8] = ["tree", "pstree", "lsblk", "findmnt", "systemctl", "systemd-cgls", "eza", "lsd"];

/// Whether a line is a name alone: above a tree it is the root, and no program.
fn is_folder(line: &str) -> bool {
    let line = line.trim();
    !line.contains(char::is_whitespace) && !DRAW_BRANCHES.contains(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognise(text: &str) -> Option<Reading> {
        let first = text.split_whitespace().next().unwrap_or_default();
        match first {
            "ps" | "ls" | "tree" | "~/a" => Some(Reading::certain(Class::Shell, "bash", "shell commands")),
            "ERROR" => Some(Reading::certain(Class::Output, "log", "messages of a program")),
            _ if first.starts_with('├') => Some(Reading::certain(Class::Prose, "text", "a drawing")),
            _ => None,
        }
    }

    fn printed(commands: &str, output: &str) -> Option<Printed> {
        Some(Printed { commands: commands.to_owned(), output: output.to_owned() })
    }

    #[test]
    fn commands_of_a_line_each_stand_above_what_they_print() {
        let code = "ps a\nThreads: 103\n\nps b | wc -l\n103\n\n\nls\nERROR none\nERROR at all\n";
        let output = "Threads: 103\n103\nERROR none\nERROR at all\n";
        assert_eq!(in_turns(code, &recognise), printed("ps a\nps b | wc -l\nls\n", output));
        for code in ["ps\n1\n", "ps a\n103\n\nps b\n", "ps a\n103\n\nls b\nps c\n", "ps\n\n103\n", "", "a\n1\n\nb\n2\n"]
        {
            assert_eq!(in_turns(code, &recognise), None, "{code:?}");
        }
    }

    #[test]
    fn a_path_above_the_branches_of_a_tree_is_its_root_and_no_program() {
        assert_eq!(below("~/a\n├── b\n└── c\n", false, &recognise), None);
        assert_eq!(below("ls\n├─ b\n└─ c\n", false, &recognise), None);
        assert_eq!(below("ls ~/a\n├── b\n", false, &recognise), printed("ls ~/a\n", "├── b\n"));
        assert_eq!(below("tree\n├── b\n", false, &recognise), printed("tree\n", "├── b\n"));
    }
}
