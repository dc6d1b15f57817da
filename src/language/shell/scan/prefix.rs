//! Commands before a command: `sudo`, `nohup`, `xargs`, `source`.

use crate::language::shell::table::{is_in, known};

/// Programs besides the wrappers whose first operands name what is run: their
/// options with a value, and how many operands stand before it.
const RUN_THEIR_OPERAND: &[(&str, &str, usize)] = &[
    ("source .", "", 0),
    ("bash sh zsh dash ksh ash fish", "-o -O +o +O --rcfile --init-file", 0),
    ("ssh", "-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w", 1),
    ("coproc", "", 0),
];

/// The words between such a command and the name of the one it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix {
    with_value: &'static str,
    operands: usize,
    value_follows: bool,
}

impl Prefix {
    /// The words behind `name`; `None` where it runs no other command.
    pub(super) fn behind(name: &str) -> Option<Self> {
        let name = name.rsplit('/').next().unwrap_or(name);
        let wrapper = known(name).wrapper.map(|wrapper| (wrapper.with_value, wrapper.operands));
        let other = || RUN_THEIR_OPERAND.iter().find(|(names, ..)| is_in(names, name)).map(|(_, v, n)| (*v, *n));
        let (with_value, operands) = wrapper.or_else(other)?;
        Some(Self { with_value, operands, value_follows: false })
    }

    /// What follows `word`, if it still belongs to the command before; `None`
    /// if it is the name of the command that is run.
    pub(super) fn after(mut self, word: &str) -> Option<Self> {
        if self.value_follows {
            self.value_follows = false;
        } else if word.starts_with(['-', '+']) {
            self.value_follows = is_in(self.with_value, word);
        } else if self.operands > 0 {
            self.operands -= 1;
        } else {
            return None;
        }
        Some(self)
    }
}
