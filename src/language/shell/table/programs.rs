//! The tables by the name of a program: all that they say of it, in one look.

use super::{
    BUILTINS, CLOUD_PROGRAMS, DESTROYERS, ENDLESS, FOLLOWING, FORMS, Form, GIVEN_AWAY, INTERACTIVE, LOSING,
    MORE_THAN_READS, READERS, STORES, SUBCOMMANDS, Subcommands, WRAPPERS, WRITERS, Wrapper,
};
use crate::runbook::Effect;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What is known of a program. Where a table has several entries for it, they
/// stand here in the order of the table.
#[derive(Default)]
pub(in crate::language::shell) struct Program {
    /// It changes nothing outside the shell.
    pub(in crate::language::shell) is_builtin: bool,
    /// It only looks, whatever it is given.
    pub(in crate::language::shell) is_reader: bool,
    /// It is the command line of a cloud provider.
    pub(in crate::language::shell) is_cloud: bool,
    /// It takes over the terminal.
    pub(in crate::language::shell) is_interactive: bool,
    /// It never ends by itself.
    pub(in crate::language::shell) is_endless: bool,
    /// What it loses.
    pub(in crate::language::shell) destroys: Option<&'static str>,
    /// What it changes.
    pub(in crate::language::shell) writes: Option<&'static str>,
    /// How it is called where it runs another command.
    pub(in crate::language::shell) wrapper: Option<&'static Wrapper>,
    /// The form in which it only looks.
    pub(in crate::language::shell) form: Option<&'static Form>,
    /// What its subcommands do.
    pub(in crate::language::shell) subcommands: Option<&'static Subcommands>,
    /// Arguments that make it more than a reader.
    pub(in crate::language::shell) given_away: Vec<(&'static str, Effect, &'static str)>,
    /// Subcommands with the arguments that make them lose something.
    pub(in crate::language::shell) losing: Vec<(&'static str, &'static str, &'static str)>,
    /// Subcommands that only look, with the options that make them do more.
    pub(in crate::language::shell) more_than_reads: Vec<(&'static str, &'static str)>,
    /// Subcommands with the arguments that keep them from ending.
    pub(in crate::language::shell) following: Vec<(&'static str, &'static str)>,
}

/// A program that is in none of the tables.
static NOT_KNOWN: LazyLock<Program> = LazyLock::new(Program::default);

static PROGRAMS: LazyLock<HashMap<&'static str, Program>> = LazyLock::new(read);

/// What the tables say of the program `name`.
pub(in crate::language::shell) fn known(name: &str) -> &'static Program {
    PROGRAMS.get(name).unwrap_or(&NOT_KNOWN)
}

/// Reads the tables. Where the first entry for a program counts, it stays.
fn read() -> HashMap<&'static str, Program> {
    let mut programs = HashMap::with_capacity(1024);
    let mut each = |names: &'static str, note: &dyn Fn(&mut Program)| {
        for name in names.split(' ') {
            note(programs.entry(name).or_default());
        }
    };
    each(BUILTINS, &|program| program.is_builtin = true);
    each(READERS, &|program| program.is_reader = true);
    each(CLOUD_PROGRAMS, &|program| program.is_cloud = true);
    each(INTERACTIVE, &|program| program.is_interactive = true);
    each(ENDLESS, &|program| program.is_endless = true);
    for (names, words) in DESTROYERS {
        each(names, &|program| program.destroys = program.destroys.or(Some(words)));
    }
    for (names, words) in WRITERS {
        each(names, &|program| program.writes = program.writes.or(Some(words)));
    }
    for wrapper in WRAPPERS {
        each(wrapper.name, &|program| program.wrapper = program.wrapper.or(Some(wrapper)));
    }
    for form in FORMS {
        each(form.programs, &|program| program.form = program.form.or(Some(form)));
    }
    for known in STORES.iter().chain(SUBCOMMANDS) {
        each(known.programs, &|program| program.subcommands = program.subcommands.or(Some(known)));
    }
    for (names, options, effect, reason) in GIVEN_AWAY {
        each(names, &|program| program.given_away.push((options, *effect, reason)));
    }
    for (names, subcommands, options, reason) in LOSING {
        each(names, &|program| program.losing.push((subcommands, options, reason)));
    }
    for (names, subcommands, options) in MORE_THAN_READS {
        each(names, &|program| program.more_than_reads.push((subcommands, options)));
    }
    for (names, subcommands, options) in FOLLOWING {
        each(names, &|program| program.following.push((subcommands, options)));
    }
    programs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_entries_for_a_program_all_are_kept_or_the_first() {
        let git = known("git");
        assert!(git.losing.len() > 5 && git.subcommands.is_some() && !git.is_reader);
        assert_eq!(known("dmesg").given_away.first().map(|(options, ..)| options.starts_with("-C")), Some(true));
        assert!(known("rm").destroys.is_some() && known("cat").is_reader && known("cd").is_builtin);
        assert!(known("sudo").wrapper.is_some() && known("sort").form.is_some());
    }

    #[test]
    fn what_is_no_name_is_not_known() {
        for name in ["", " ", "cat cp", "no-such-program"] {
            let program = known(name);
            assert!(!program.is_reader && program.writes.is_none() && program.form.is_none(), "{name:?}");
        }
    }

    /// The words of a list stand one space apart.
    #[test]
    fn no_list_holds_an_empty_word() {
        assert!(!PROGRAMS.contains_key(""));
        assert!(PROGRAMS.keys().all(|name| !name.contains(char::is_whitespace)));
    }
}
