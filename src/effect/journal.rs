//! The record of a run.

use crate::run::{Event, OutputRef};
use std::path::PathBuf;

/// The record could not be kept. Final: a write or a sync that failed once is
/// never taken for saved afterwards, and no further block starts.
#[derive(Debug, thiserror::Error)]
#[error("the record could not be written to {}: {problem}", path.display())]
pub struct JournalError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub problem: String,
}

/// Where events and output go before anything else sees them.
pub trait Journal {
    /// Appends `event`. It is on disk when this returns, if
    /// [`durable`](Self::durable) is called after it.
    ///
    /// # Errors
    /// If it cannot be written; and ever after.
    fn append(&mut self, event: &Event) -> Result<(), JournalError>;

    /// Waits until everything appended is on disk.
    ///
    /// # Errors
    /// If it cannot be synced; and ever after.
    fn durable(&mut self) -> Result<(), JournalError>;

    /// Opens a file for the output of the next block; output that comes goes
    /// to it, with secrets already masked.
    ///
    /// # Errors
    /// If it cannot be made.
    fn open_output(&mut self) -> Result<(), JournalError>;

    /// Appends to the open output file.
    ///
    /// # Errors
    /// If it cannot be written.
    fn output(&mut self, bytes: &[u8]) -> Result<(), JournalError>;

    /// Opens a file for the rows of this statement, from 1, of the block whose
    /// output is open, and says what it is called. Rows that come go to it as
    /// CSV, with secrets already masked.
    ///
    /// # Errors
    /// If it cannot be made.
    fn open_rows(&mut self, statement: usize) -> Result<String, JournalError>;

    /// Appends to the open file of rows.
    ///
    /// # Errors
    /// If it cannot be written.
    fn rows(&mut self, csv: &[u8]) -> Result<(), JournalError>;

    /// Closes the open file of rows, synced, and says what is in it.
    ///
    /// # Errors
    /// If it cannot be synced.
    fn close_rows(&mut self) -> Result<OutputRef, JournalError>;

    /// Keeps what a resumed run's shell starts from, in place of what was kept
    /// before. Lost with a crash of the machine, which costs no evidence.
    ///
    /// # Errors
    /// If it cannot be written.
    fn keep_state(&mut self, state: &[u8]) -> Result<(), JournalError>;

    /// Closes the open output file, synced, and says what is in it.
    ///
    /// # Errors
    /// If it cannot be synced.
    fn close_output(&mut self) -> Result<OutputRef, JournalError>;
}
