//! What the end-to-end tests stand on: a folder and an environment of their
//! own ([`Sandbox`]), and a real pseudo-terminal to sit at ([`Terminal`]).
//!
//! Nothing here sleeps. Whatever is waited for is waited for by name, with one
//! generous deadline that only a hang can reach.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(unused_imports, reason = "each test file uses its own part of this")]

mod jobs;
mod sandbox;
mod screen;
mod terminal;
mod walk;

pub(crate) use jobs::{agree, rounds, run_page, shell_with_jobs};
pub(crate) use sandbox::{Sandbox, files};
pub(crate) use screen::Screen;
pub(crate) use terminal::Terminal;
pub(crate) use walk::Walk;

/// Long enough for a loaded machine; only a hang takes longer.
pub(crate) const DEADLINE: std::time::Duration = std::time::Duration::from_secs(60);

/// What a program printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Waits until `condition` holds.
///
/// # Panics
/// If it does not before the deadline.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);
    let deadline = std::time::Instant::now() + DEADLINE;
    while !condition() {
        assert!(std::time::Instant::now() < deadline, "in vain waited until {what}");
        std::thread::sleep(PAUSE);
    }
}
