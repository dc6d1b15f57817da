//! What the end-to-end tests stand on: a folder and an environment of their
//! own ([`Sandbox`]), and a real pseudo-terminal to sit at ([`Terminal`]).
//!
//! Nothing here sleeps. Whatever is waited for is waited for by name, with one
//! generous deadline that only a hang can reach.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(unused_imports, reason = "each test file uses its own part of this")]

mod sandbox;
mod screen;
mod terminal;

pub(crate) use sandbox::Sandbox;
pub(crate) use screen::Screen;
pub(crate) use terminal::Terminal;

/// Long enough for a loaded machine; only a hang takes longer.
pub(crate) const DEADLINE: std::time::Duration = std::time::Duration::from_secs(60);
