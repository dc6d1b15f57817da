//! What one command does.

use super::findings::{DEEPEST, Findings, too_deep};
use super::word::{Expands, Input, Word, joined};
use super::{nested, program, replaced, table};
use crate::runbook::Effect;

/// Judges the command that `words` make. `input` is the here-document it
/// reads, if it reads one.
pub(super) fn judge(words: &[Word], input: Input<'_>, depth: usize) -> Findings {
    let mut found = Findings::default();
    let Some((name, arguments)) = words.split_first() else { return found };
    if depth > DEEPEST {
        return too_deep();
    }
    if name.expands != Expands::Nothing || name.is_empty() {
        found.add(Effect::Unknown, format!("`{name}` names a command that only the shell can tell"));
        // A variable before a command may be empty, or a wrapper such as sudo.
        if !arguments.is_empty() {
            let inner = judge(arguments, input, depth + 1);
            if inner.effect == Effect::Destructive {
                found.merge(inner);
            }
        }
        return found;
    }
    let program = name.rsplit('/').next().unwrap_or(name);
    let may_be_any = !table::is_where_programs_are(name);
    if may_be_any {
        found.add(Effect::Unknown, format!("`{name}` may be any program"));
    }
    if !table::known(name).is_builtin {
        found.call(name);
    }
    if let Some(runs) = nested::look_inside(program, arguments, input, depth) {
        found.merge(runs);
        return found;
    }
    let line = shown(words);
    if let Some((effect, reason)) = program::judge(program, arguments, input, &mut found) {
        note_files(program, arguments, &reason, &mut found);
        // That a program of this name is not known has been said by then.
        if !(may_be_any && effect == Effect::Unknown) {
            found.add(effect, reason);
        }
    }
    if is_endless(program, arguments) {
        found.endless = Some(line.clone());
    }
    if is_interactive(program, arguments, input) || asks(program, arguments, input) {
        found.interactive = Some(line);
    }
    found
}

/// Notes the files that a command writes by name, and those that it replaces.
fn note_files(program: &str, arguments: &[Word], reason: &str, found: &mut Findings) {
    if program == "tee" {
        let adds = program::adds_to_files(arguments);
        for file in arguments.iter().filter(|argument| !argument.starts_with('-')) {
            found.write_to(&file.written);
            if let Some(file) = replaced::literal(file).filter(|_| !adds) {
                found.replace(&file, Some(reason), false);
            }
        }
    }
    for file in replaced::by_copying(program, arguments) {
        found.replace(&file, None, false);
    }
}

/// The command as a person would write it, cut where it gets long.
pub(super) fn shown(words: &[Word]) -> String {
    let line = joined(words).replace('\n', " ");
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

fn is_endless(program: &str, arguments: &[Word]) -> bool {
    let tables = table::known(program);
    if tables.is_endless {
        return !(table::is_in(table::MONITORS, program) && has_flag(arguments, &['n', 'l']));
    }
    let never_counts = |options: &str| !arguments.iter().any(|argument| table::fits(options, argument));
    match program {
        "ping" | "ping6" => return never_counts("-c* -w* --count*"),
        "tcpdump" => return never_counts("-c* -r*"),
        "vmstat" | "iostat" | "sar" => {
            return arguments.iter().filter(|argument| argument.bytes().all(|b| b.is_ascii_digit())).count() == 1;
        }
        "docker" | "podman" if arguments.first().is_some_and(|first| **first == *"stats") => {
            return never_counts("--no-stream*");
        }
        _ => {}
    }
    let subcommand = program::subcommand(program, arguments).unwrap_or_default();
    let stays = program::names_subcommand("run compose:up up", &subcommand) >= Some(2);
    if table::is_in("docker podman docker-compose", program) && stays {
        // A container that serves a port, and `compose up`, stay in front.
        let serves = subcommand.first().is_none_or(|first| **first != *"run")
            || arguments.iter().any(|argument| table::fits("-p* --publish*", argument));
        return serves && never_counts("-d --detach* --no-start -*d");
    }
    tables.following.iter().any(|(subcommands, options)| {
        (subcommands.is_empty() || program::names_subcommand(subcommands, &subcommand).is_some())
            && (options.is_empty() || arguments.iter().any(|argument| follows(options, argument)))
    })
}

/// Whether `argument` is one of `options`, and not its opposite.
fn follows(options: &str, argument: &str) -> bool {
    table::fits(options, argument) && !argument.ends_with("=false")
}

/// Whether one of the letters is among the short options, alone or in a cluster
/// with a number behind it: `-bn1`.
fn has_flag(arguments: &[Word], letters: &[char]) -> bool {
    arguments.iter().any(|argument| {
        let cluster = argument.strip_prefix('-').map(|rest| rest.trim_end_matches(|c: char| c.is_ascii_digit()));
        // Longer than that it is a word, as in `-unobody`.
        cluster.is_some_and(|cluster| cluster.len() <= 4 && !cluster.starts_with('-') && cluster.contains(letters))
    })
}

/// Whether the program asks the person, or gives a prompt of its own.
fn asks(program: &str, arguments: &[Word], input: Input<'_>) -> bool {
    let has = |options: &str| arguments.iter().any(|argument| table::fits(options, argument));
    let first = arguments.first().map_or("", Word::as_str);
    let second = arguments.get(1).map_or("", Word::as_str);
    match program {
        "read" => input.is_own() && !has("-u* -t*"),
        "rails" | "rake" => table::is_in("c console db dbconsole", first),
        "bundle" if first == "exec" => second == "irb" || (second == "rails" && has("c console dbconsole")),
        "python" | "python3" => has("shell dbshell shell_plus -i"),
        "gcloud" | "az" | "gh" | "cf" => input.is_own() && has("login"),
        "aws" => has("start-session") || (first == "configure" && arguments.len() == 1),
        "heroku" => has("run run:inside") && has("bash console sh"),
        "openssl" => first == "s_client" && input.is_own(),
        _ => false,
    }
}

pub(super) fn is_interactive(program: &str, arguments: &[Word], input: Input<'_>) -> bool {
    if table::known(program).is_interactive {
        // As a batch, or as samples, they only print.
        return !(table::is_in(table::MONITORS, program) && has_flag(arguments, &['b', 'l']));
    }
    let has = |options: &str| arguments.iter().any(|argument| table::fits(options, argument));
    let first = arguments.first().map_or("", Word::as_str);
    match program {
        "psql" | "mysql" | "mariadb" => {
            input.is_own() && !has("-c* --command* -f* --file* -e* --execute* -l --list --version")
        }
        "sqlite3" => input.is_own() && arguments.iter().filter(|argument| !argument.starts_with('-')).count() < 2,
        "mongo" | "mongosh" => input.is_own() && !has("--eval* *.js"),
        "redis-cli" => input.is_own() && program::subcommand(program, arguments).is_none(),
        "python" | "python3" | "node" | "irb" | "ruby" => input.is_own() && arguments.is_empty(),
        "git" => match first {
            "rebase" => has("-i --interactive"),
            "add" | "checkout" | "stash" => has("-p --patch -i --interactive"),
            "commit" => !has("-m* --message* -am* --amend --no-edit -F* -C* --file*"),
            _ => false,
        },
        "crontab" => has("-e"),
        "kubectl" | "oc" | "systemctl" => first == "edit" || has("edit"),
        "docker" | "podman" | "docker-compose" => {
            (first == "run" || first == "compose") && has("-it -ti -i --interactive --tty")
        }
        "pytest" => has("--pdb --trace"),
        _ => false,
    }
}
