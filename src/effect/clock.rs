//! What time it is.

use jiff::Timestamp;
use std::time::Duration;

/// The two clocks: the wall's, which jumps, and one that never runs backwards.
pub trait Clock {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Time since this clock was made; never less than before.
    fn elapsed(&self) -> Duration;
}
