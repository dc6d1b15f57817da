//! The rows of a statement on their way to a file of their own, where more come
//! than are shown.

use crate::effect::{Journal, JournalError};
use crate::redact::Redactor;
use crate::run::KeptRows;

/// The rows of one statement.
#[derive(Default)]
pub(super) struct Rows {
    /// The statement's number in its block, from 1.
    statement: usize,
    open: Option<Open>,
}

struct Open {
    file: String,
    /// Remembers where it is in the stream: a secret may come in pieces.
    mask: Redactor,
    masked: Vec<u8>,
    rows: u64,
}

impl Rows {
    /// Those of the statement with this number, from 1.
    pub(super) fn of(statement: usize) -> Self {
        Self { statement, open: None }
    }

    /// What the file is called, once there is one.
    pub(super) fn file(&self) -> Option<String> {
        self.open.as_ref().map(|open| open.file.clone())
    }

    /// Masks a piece of CSV, in which so many rows end, and appends it to the
    /// file.
    pub(super) fn take(
        &mut self,
        csv: &[u8],
        rows: u64,
        mask: impl FnOnce() -> Redactor,
        journal: &mut dyn Journal,
    ) -> Result<(), JournalError> {
        let open = match &mut self.open {
            Some(open) => open,
            none => {
                let file = journal.open_rows(self.statement)?;
                none.insert(Open { file, mask: mask(), masked: Vec::new(), rows: 0 })
            }
        };
        open.rows += rows;
        journal.rows(open.mask.pass(csv, &mut open.masked))
    }

    /// Ends the file, if there is one, and says what is in it.
    pub(super) fn close(self, journal: &mut dyn Journal) -> Result<Option<KeptRows>, JournalError> {
        let Some(mut open) = self.open else { return Ok(None) };
        open.masked.clear();
        open.mask.finish(&mut open.masked);
        journal.rows(&open.masked)?;
        Ok(Some(KeptRows { output: journal.close_rows()?, rows: open.rows }))
    }
}
