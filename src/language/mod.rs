//! What shell and SQL text means, without running it.
//!
//! | question | where |
//! |---|---|
//! | what would this shell block do, need, leave behind? | [`shell::analyse`] |
//! | where does one shell command end? | [`shell::split`] |
//! | what are this block's SQL statements, and what do they do? | [`sql::split`] |
//! | what still has to be filled in? | [`shell::ShellFacts::placeholders`], [`sql::placeholders`] |
//! | what is this text, whatever its label says? | [`recognise`] |
//! | what would a value at this byte stand in? | [`shell::places_at`], [`sql::places_at`] |
//! | which characters only look like those that were meant? | [`mistyped_shell`], [`mistyped_sql`] |
//!
//! Everything here fails closed: what is not understood is
//! [`Effect::Unknown`](crate::runbook::Effect::Unknown), never a read.

mod by_hand;
mod letters;
mod named;
mod placeholder;
mod recognise;
pub mod shell;
mod spelling;
pub mod sql;
mod stand_in;
mod typography;

pub use crate::source::Context;
pub use by_hand::instructions;
pub use named::{named, named_in_shell, named_in_sql, worked_examples};
pub use placeholder::{Placeholder, left_open_in_program};
pub use recognise::recognise;
pub use typography::{Mistyped, Sign, mistyped_shell, mistyped_sql};
