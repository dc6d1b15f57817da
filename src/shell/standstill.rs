//! Finding out that a block waits for one of its processes that has stopped.
//!
//! Ctrl-Z stops all that is in the foreground. A program may also stop itself
//! alone, as `ssh` does on `~^Z`; then the shell of the block waits for it, and
//! nothing would ever happen again. By hand a shell with jobs sees that, and
//! asks for the next command.

use super::session::process;
use rustix::process::Pid;
use std::fs;
use std::time::Duration;
use tokio::time::Instant;

/// How long nothing has happened before it is looked at for the first time, and
/// the longest time between two looks.
const FIRST: Duration = Duration::from_millis(400);
const MOST: Duration = Duration::from_secs(4);

/// No line of waiting processes is longer.
const LONGEST: usize = 64;

/// When to look.
#[derive(Debug)]
pub(super) struct Looks {
    next: Instant,
    pause: Duration,
}

impl Looks {
    pub(super) fn new() -> Self {
        Self { next: Instant::now() + FIRST, pause: FIRST }
    }

    /// Something has happened.
    pub(super) fn begin_again(&mut self) {
        *self = Self::new();
    }

    /// Whether it is time for a look.
    pub(super) fn is_due(&mut self) -> bool {
        let now = Instant::now();
        let is_due = self.next <= now;
        if is_due {
            self.pause = (self.pause * 2).min(MOST);
            self.next = now + self.pause;
        }
        is_due
    }
}

/// Whether this group, which has the terminal, can do nothing until one of its
/// processes is continued. False where the system does not tell.
///
/// A shell waits for the one that it has started last; those that it has put in
/// the background are older, and may be stopped for as long as they like.
pub(super) fn is_at_standstill(group: Pid) -> bool {
    let mut id = group.as_raw_nonzero().get();
    for _ in 0..LONGEST {
        match (process(id), youngest_child(id)) {
            (Some(one), _) if one.is_stopped => return true,
            (Some(_), Some(child)) if waits_for_a_child(id) => id = child,
            _ => return false,
        }
    }
    false
}

/// Whether the process is in a call of `wait`.
fn waits_for_a_child(id: i32) -> bool {
    fs::read_to_string(format!("/proc/{id}/wchan")).is_ok_and(|waits_in| waits_in == "do_wait")
}

fn youngest_child(id: i32) -> Option<i32> {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
    children.split_ascii_whitespace().next_back()?.parse().ok()
}
