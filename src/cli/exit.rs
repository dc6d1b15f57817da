//! How the program ends: its exit codes, and errors that say what to do.

use crate::effect::{JournalError, NoAnswer};
use std::fmt;

/// The exit codes. They are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    /// What was asked for was done.
    Done = 0,
    /// The run ended with a failed, aborted or unknown step; a check found
    /// errors; a record is not as it was written.
    Failed = 1,
    /// The command line or the runbook is not valid.
    Usage = 2,
    /// An answer was needed and there is no terminal.
    NoTerminal = 3,
    /// The record could not be kept.
    NoRecord = 4,
    /// Interrupted.
    Interrupted = 130,
}

/// Why a command could not be carried out: one message, and how to mend it.
#[derive(Debug)]
pub(super) struct CliError {
    pub(super) exit: Exit,
    pub(super) message: String,
    pub(super) hints: Vec<String>,
}

impl CliError {
    pub(super) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string(), hints: Vec::new() }
    }

    pub(super) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<JournalError> for CliError {
    fn from(error: JournalError) -> Self {
        Self::new(Exit::NoRecord, error)
            .hint("nothing further was started; what is on disk can be read with `runbook report`")
    }
}

impl From<NoAnswer> for CliError {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::NoTerminal { .. } | NoAnswer::NotCovered { .. } => Self::new(Exit::NoTerminal, error),
            NoAnswer::Interrupted => Self::new(Exit::Interrupted, error),
        }
    }
}
