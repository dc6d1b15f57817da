//! The transcript as the engine's journal.

use crate::effect::{Clock, Journal, JournalError};
use crate::run::{Event, OutputRef};
use crate::transcript::{Stamp, WriteError, Writer};
use jiff::Timestamp;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Writes the record of a run into its folder.
pub(super) struct Record {
    writer: Writer,
}

impl Record {
    pub(super) fn new(writer: Writer) -> Self {
        Self { writer }
    }
}

fn failed(error: WriteError) -> JournalError {
    JournalError { path: error.path, problem: error.problem }
}

impl Journal for Record {
    fn append(&mut self, event: &Event) -> Result<(), JournalError> {
        self.writer.append(event).map(drop).map_err(failed)
    }

    fn durable(&mut self) -> Result<(), JournalError> {
        self.writer.durable().map_err(failed)
    }

    fn open_output(&mut self) -> Result<(), JournalError> {
        self.writer.open_output().map_err(failed)
    }

    fn output(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        self.writer.output(bytes).map_err(failed)
    }

    fn open_rows(&mut self, statement: usize) -> Result<String, JournalError> {
        self.writer.open_rows(statement).map_err(failed)
    }

    fn rows(&mut self, csv: &[u8]) -> Result<(), JournalError> {
        self.writer.rows(csv).map_err(failed)
    }

    fn close_rows(&mut self) -> Result<OutputRef, JournalError> {
        self.writer.close_rows().map_err(failed)
    }

    fn keep_state(&mut self, state: &[u8]) -> Result<(), JournalError> {
        self.writer
            .folder()
            .keep_state(state)
            .map_err(|error| JournalError { path: self.writer.folder().path().to_owned(), problem: error.to_string() })
    }

    fn close_output(&mut self) -> Result<OutputRef, JournalError> {
        self.writer.close_output().map_err(failed)
    }
}

/// The system's clocks.
pub(super) struct SystemClock {
    began: Instant,
}

impl SystemClock {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self { began: Instant::now() })
    }

    /// The same clocks, for the stamps of the record.
    pub(super) fn stamps(self: &Rc<Self>) -> crate::transcript::Clock {
        let clock = Rc::clone(self);
        Box::new(move || Stamp {
            at: rfc3339(clock.now()),
            elapsed_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn stopped(&self) -> Duration {
        crate::terminal::suspend::stopped()
    }
}

/// RFC 3339 in UTC with milliseconds.
pub(super) fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}
