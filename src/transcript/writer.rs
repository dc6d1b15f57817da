//! Writing a record that survives.

use super::folder::{JOURNAL, OUTPUT, output_name, rows_name};
use super::output::OutputFile;
use super::{Chain, Folder, Lock};
use crate::run::{Entry, Event, FORMAT, OutputRef};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What time it is, for an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The wall clock, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// Milliseconds of a clock that never runs backwards, since the run or
    /// its latest resumption began.
    pub elapsed_ms: u64,
}

/// Tells the time whenever an entry is written.
pub type Clock = Box<dyn FnMut() -> Stamp>;

/// The record could not be kept. It is the same error ever after: a write or a
/// sync that failed is not tried again, for the system may have dropped what
/// it could not write and say that all is well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the record could not be written to {}: {problem}", path.display())]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub problem: String,
}

/// Writes the record of one run, which it has in hand.
pub struct Writer {
    folder: Folder,
    journal: File,
    chain: Chain,
    clock: Clock,
    unsynced: bool,
    output: Option<OutputFile>,
    rows: Option<OutputFile>,
    next_output: u32,
    failed: Option<WriteError>,
    _lock: Lock,
}

impl Writer {
    pub(super) fn new(folder: Folder, journal: File, chain: Chain, next_output: u32, lock: Lock, clock: Clock) -> Self {
        Self {
            folder,
            journal,
            chain,
            clock,
            unsynced: false,
            output: None,
            rows: None,
            next_output,
            failed: None,
            _lock: lock,
        }
    }

    /// The run's folder.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The chain so far: how many lines, and the hash of the last.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Appends `event` in a single write and returns it with its number and
    /// time. From then on the death of this process cannot lose it; a loss of
    /// power can, until [`durable`](Self::durable).
    ///
    /// # Errors
    /// If it cannot be written; and ever after.
    pub fn append(&mut self, event: &Event) -> Result<Entry, WriteError> {
        self.alive()?;
        let Stamp { at, elapsed_ms } = (self.clock)();
        let entry = Entry { v: FORMAT, seq: self.chain.lines() + 1, at, elapsed_ms, event: event.clone() };
        self.unsynced = true;
        let line = self.chain.encode(&entry).map_err(io::Error::from);
        let written = line.and_then(|line| self.journal.write_all(&line));
        self.or_fail(Path::new(JOURNAL), written)?;
        Ok(entry)
    }

    /// Waits until everything appended is on disk.
    ///
    /// # Errors
    /// If it cannot be synced; and ever after.
    pub fn durable(&mut self) -> Result<(), WriteError> {
        self.alive()?;
        if self.unsynced {
            let synced = self.journal.sync_data().and_then(|()| self.still_there());
            self.or_fail(Path::new(JOURNAL), synced)?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// Makes ready for the output of the next block. Its file is made when
    /// the first byte comes, so that a silent block costs no sync.
    ///
    /// # Errors
    /// If the record is already lost.
    pub fn open_output(&mut self) -> Result<(), WriteError> {
        self.alive()?;
        self.output = Some(OutputFile::new(output_name(self.next_output)));
        self.next_output += 1;
        Ok(())
    }

    /// Appends to the open output; a no-op where none is open.
    ///
    /// # Errors
    /// If it cannot be written; and ever after.
    pub fn output(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.alive()?;
        let Some(output) = self.output.as_mut().filter(|_| !bytes.is_empty()) else { return Ok(()) };
        let written = output.write(&self.folder, bytes);
        let path = Path::new(OUTPUT).join(output.name());
        self.or_fail(&path, written)
    }

    /// Closes the open output, synced, and says what is in it.
    ///
    /// # Errors
    /// If it cannot be synced, or none is open; and ever after.
    pub fn close_output(&mut self) -> Result<OutputRef, WriteError> {
        self.alive()?;
        let output = self.output.take();
        self.close(output)
    }

    /// Makes ready for the rows of this statement, from 1, of the block whose
    /// output is open, and says what their file is called in the run's folder.
    /// It is made when the first byte comes.
    ///
    /// # Errors
    /// If the record is already lost.
    pub fn open_rows(&mut self, statement: usize) -> Result<String, WriteError> {
        self.alive()?;
        let name = rows_name(self.next_output.saturating_sub(1), statement);
        let file = format!("{OUTPUT}/{name}");
        self.rows = Some(OutputFile::new(name));
        Ok(file)
    }

    /// Appends to the open file of rows; a no-op where none is open.
    ///
    /// # Errors
    /// If it cannot be written; and ever after.
    pub fn rows(&mut self, csv: &[u8]) -> Result<(), WriteError> {
        self.alive()?;
        let Some(rows) = self.rows.as_mut().filter(|_| !csv.is_empty()) else { return Ok(()) };
        let written = rows.write(&self.folder, csv);
        let path = Path::new(OUTPUT).join(rows.name());
        self.or_fail(&path, written)
    }

    /// Closes the open file of rows, synced, and says what is in it.
    ///
    /// # Errors
    /// If it cannot be synced, or none is open; and ever after.
    pub fn close_rows(&mut self) -> Result<OutputRef, WriteError> {
        self.alive()?;
        let rows = self.rows.take();
        self.close(rows)
    }

    fn close(&mut self, file: Option<OutputFile>) -> Result<OutputRef, WriteError> {
        let Some(mut output) = file else {
            return Err(WriteError { path: self.folder.path().join(OUTPUT), problem: "no output is open".to_owned() });
        };
        let synced = output.sync(&self.folder);
        let path = Path::new(OUTPUT).join(output.name());
        self.or_fail(&path, synced)?;
        Ok(output.describe())
    }

    /// A file without a name syncs as well as any, and is gone with us.
    fn still_there(&self) -> io::Result<()> {
        use std::os::unix::fs::MetadataExt;
        let named = self.journal.metadata()?.nlink() > 0;
        if named { Ok(()) } else { Err(io::Error::new(io::ErrorKind::NotFound, "the record was removed")) }
    }

    fn alive(&self) -> Result<(), WriteError> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn or_fail<T>(&mut self, file: &Path, result: io::Result<T>) -> Result<T, WriteError> {
        result.map_err(|error| {
            let error = WriteError { path: self.folder.path().join(file), problem: error.to_string() };
            self.failed = Some(error.clone());
            error
        })
    }
}
