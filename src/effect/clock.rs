//! What time it is.

use jiff::Timestamp;
use std::time::Duration;

/// The two clocks: the wall's, which jumps, and one that never runs backwards.
pub trait Clock {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Time since this clock was made; never less than before.
    fn elapsed(&self) -> Duration;

    /// How much of that the program stood stopped, by Ctrl-Z.
    fn stopped(&self) -> Duration {
        Duration::ZERO
    }

    /// How much of it the program could do something: what a limit is held to.
    fn active(&self) -> Duration {
        self.elapsed().saturating_sub(self.stopped())
    }
}
