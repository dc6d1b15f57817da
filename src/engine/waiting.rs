//! What is told of a running block while the responder waits for it. Pure.

use crate::effect::{Wait, Waiting};
use std::time::Duration;

/// Output that has been silent for this long is worth another look at its end.
const QUIET: Duration = Duration::from_secs(3);

/// How much of the end of the output is kept: more than any screen is wide.
const KEPT: usize = 1024;

/// What is known of the wait at hand.
#[derive(Debug, Default)]
pub(super) struct Awaited {
    /// The step's number, from 1, and how many there are.
    pub(super) step: Option<(usize, usize)>,
    /// The try, where there may be more than one.
    attempt: Option<u32>,
    /// How long the tries before this one took, the pauses with them.
    before: Duration,
    /// When the first try began, it was to be tried for this long.
    within: Option<Duration>,
    /// The end of the output.
    recent: Vec<u8>,
    /// Something has come since this was asked last.
    is_fresh: bool,
    /// When the last of it came, since the try began.
    quiet_since: Duration,
}

impl Awaited {
    /// Tries begin, of which there may be more than one; they may take this
    /// long together.
    pub(super) fn tries_begin(&mut self, several: bool, within: Option<Duration>) {
        *self = Self { step: self.step, attempt: several.then_some(0), within, ..Self::default() };
    }

    /// A try begins, this long after the first.
    pub(super) fn try_begins(&mut self, number: u32, before: Duration) {
        self.attempt = self.attempt.map(|_| number);
        self.before = before;
        self.recent.clear();
        self.is_fresh = false;
        self.quiet_since = Duration::ZERO;
    }

    /// Output came.
    pub(super) fn printed(&mut self, bytes: &[u8]) {
        let new = &bytes[bytes.len().saturating_sub(KEPT)..];
        let old = (self.recent.len() + new.len()).saturating_sub(KEPT).min(self.recent.len());
        self.recent.drain(..old);
        self.recent.extend_from_slice(new);
        self.is_fresh = true;
    }

    /// How the block is doing that runs; `hidden` says that its output is not
    /// shown.
    pub(super) fn running(&mut self, waiting: &Waiting, hidden: bool) -> Wait {
        if std::mem::take(&mut self.is_fresh) {
            self.quiet_since = waiting.elapsed;
        }
        let is_quiet = waiting.elapsed.saturating_sub(self.quiet_since) >= QUIET;
        Wait {
            ended_in: waiting.left,
            last_line: if hidden || is_quiet { self.last_line() } else { None },
            blocked_by: waiting.blocked_by.clone(),
            ..self.since(self.before + waiting.elapsed)
        }
    }

    /// Nothing runs until the next try, `elapsed` after the first began.
    pub(super) fn pausing(&self, elapsed: Duration, next: Duration) -> Wait {
        Wait { next_try_in: Some(next), last_line: self.last_line(), ..self.since(elapsed) }
    }

    fn since(&self, elapsed: Duration) -> Wait {
        Wait {
            step: self.step,
            attempt: self.attempt,
            elapsed,
            given_up_in: self.within.map(|within| within.saturating_sub(elapsed)),
            ..Wait::default()
        }
    }

    /// The last line that has something in it.
    fn last_line(&self) -> Option<String> {
        let lines = self.recent.rsplit(|byte| matches!(byte, b'\n' | b'\r'));
        let line = lines.map(String::from_utf8_lossy).find(|line| !line.trim().is_empty())?;
        Some(line.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: u64) -> Waiting {
        Waiting { elapsed: Duration::from_secs(seconds), left: None, blocked_by: None }
    }

    #[test]
    fn the_last_line_is_told_once_it_has_been_quiet_for_long() {
        let mut awaited = Awaited::default();
        awaited.tries_begin(false, None);
        awaited.printed(b"one\ntwo");
        assert_eq!(awaited.running(&after(1), false).last_line, None);
        assert_eq!(awaited.running(&after(3), false).last_line, None);
        assert_eq!(awaited.running(&after(4), false).last_line.as_deref(), Some("two"));
        awaited.printed(b" and a half\r\n\n");
        assert_eq!(awaited.running(&after(5), false).last_line, None);
        assert_eq!(awaited.running(&after(5), true).last_line.as_deref(), Some("two and a half"));
    }

    #[test]
    fn of_much_output_only_the_end_is_kept() {
        let mut awaited = Awaited::default();
        for _ in 0..3 {
            awaited.printed(&[b'x'; 5_000]);
            awaited.printed(b"\nthe end\n");
            assert!(awaited.recent.len() <= KEPT);
        }
        assert_eq!(awaited.last_line().as_deref(), Some("the end"));
    }

    #[test]
    fn the_time_that_is_left_is_that_of_the_try_and_of_all_of_them() {
        let mut awaited = Awaited { step: Some((2, 7)), ..Awaited::default() };
        awaited.tries_begin(true, Some(Duration::from_secs(60)));
        awaited.try_begins(3, Duration::from_secs(20));
        let left = Some(Duration::from_secs(9));
        let wait = awaited.running(&Waiting { elapsed: Duration::from_secs(1), left, blocked_by: None }, true);
        assert_eq!((wait.step, wait.attempt, wait.ended_in), (Some((2, 7)), Some(3), left));
        assert_eq!((wait.elapsed, wait.given_up_in), (Duration::from_secs(21), Some(Duration::from_secs(39))));
        let wait = awaited.pausing(Duration::from_secs(25), Duration::from_secs(5));
        assert_eq!((wait.next_try_in, wait.given_up_in), (Some(Duration::from_secs(5)), Some(Duration::from_secs(35))));
    }
}
