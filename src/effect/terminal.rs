//! The responder's terminal, as a running block is joined to it.

use async_trait::async_trait;
use rustix::termios::{Termios, Winsize};
use std::io;

/// The terminal that a run is attended at.
pub trait UserTerminal {
    /// Gives its keyboard to a block, until the result is dropped: that leaves
    /// the terminal as it was found. What was typed before is thrown away, for
    /// it was not meant for the block.
    ///
    /// # Errors
    /// If there is no terminal, or no longer one.
    fn join(&self) -> io::Result<Box<dyn JoinedTerminal>>;
}

/// What comes from the responder's terminal while a block runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Keys, as the bytes that the terminal sends for them.
    Keys(Vec<u8>),
    /// It has another size, or may have.
    Resized,
    /// The run is asked to stop for a while, by a signal from elsewhere.
    Stop,
}

/// A terminal whose keys are a block's.
#[async_trait(?Send)]
pub trait JoinedTerminal {
    /// The settings it was found with.
    fn settings(&self) -> Termios;

    /// Its size at the moment, in characters.
    fn size(&self) -> Winsize;

    /// Waits for what comes next. Nothing is lost if this is dropped while it
    /// waits.
    async fn next(&mut self) -> Input;

    /// Leaves the terminal as it was found and stops the whole program, as
    /// Ctrl-Z does; returns once it is continued and has the terminal again.
    /// Does nothing where nobody could continue it.
    fn stand_aside(&mut self);
}
