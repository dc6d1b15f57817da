//! The commands of a block that failed on the way, as the driver of bash has
//! noted them.

use super::state::State;
use crate::effect::{Ending, FailedCommand};

/// What comes first in what the driver writes.
const HEAD: &[u8] = b"failed \n";

/// Whether the commands of this block can be watched without its noticing. One
/// that deals with traps would see that there is one, and so would the functions
/// that it may call; `verbose` shows the trap's own text. A single command is the
/// block's last.
pub(super) fn can_watch(code: &str, state: &State) -> bool {
    const SEES_IT: [&str; 3] = ["trap", "verbose", "BASH_XTRACEFD"];
    let is_several = code.trim().contains(['\n', ';']);
    let turns_verbose = |text: &str| {
        let options = text.split("set -").skip(1);
        { options }.any(|word| word.chars().take_while(char::is_ascii_alphabetic).any(|option| option == 'v'))
    };
    is_several
        && !turns_verbose(code)
        && !SEES_IT.iter().any(|word| code.contains(word) || state.mentions(word.as_bytes()))
}

/// Takes the failures off the records of a state.
pub(super) fn split(bytes: &[u8]) -> (Failures, &[u8]) {
    let end = bytes.starts_with(HEAD).then(|| bytes.iter().position(|byte| *byte == 0)).flatten();
    match end {
        Some(end) => (Failures::read(&String::from_utf8_lossy(&bytes[HEAD.len()..end])), &bytes[end + 1..]),
        None => (Failures::default(), bytes),
    }
}

/// The failures of a block.
#[derive(Debug, Default)]
pub(super) struct Failures {
    all: Vec<FailedCommand>,
    /// The line of the one that came last.
    last: usize,
}

impl Failures {
    /// Reads `LINE CODE` of each, and `last LINE`. What failed elsewhere than in
    /// the block itself has no line, and is 0.
    fn read(text: &str) -> Self {
        let mut failures = Self::default();
        for (first, second) in text.lines().filter_map(|line| line.split_once(' ')) {
            match (first, first.parse(), second.parse::<i32>()) {
                ("last", _, Ok(line)) => failures.last = usize::try_from(line).unwrap_or_default(),
                (_, Ok(line), Ok(code)) if line > 0 => failures.all.push(FailedCommand { line, code }),
                _ => {}
            }
        }
        failures
    }

    /// Those that the block went on after: not the one that it ended with.
    pub(super) fn before(self, ending: Ending) -> Vec<FailedCommand> {
        let is_the_end = |failed: &FailedCommand| {
            failed.line == self.last && failed.code != 0 && ending == Ending::Exit(failed.code)
        };
        self.all.into_iter().filter(|failed| !is_the_end(failed)).collect()
    }
}
