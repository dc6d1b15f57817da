//! Seeing what a statement changes while it can still be taken back.
//!
//! Whatever is asked here leaves the open transaction as it was, however the
//! answer turns out: what is not known is left out, never guessed.

use crate::language::sql::ChangedRows;
use crate::run::TableRows;
use async_trait::async_trait;

/// Most rows that are read before and after a statement.
pub const ROWS_READ: usize = 100;

/// A row as the server's own text; `None` is NULL.
pub type Row = Vec<Option<String>>;

/// The rows that a statement is about to change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowsBefore {
    /// The names of the table's columns.
    pub columns: Vec<String>,
    /// Which of them tell a row from all others.
    pub key: Vec<usize>,
    /// The rows, [`ROWS_READ`] at most.
    pub rows: Vec<Row>,
}

/// How many rows have been changed so far. A server may count what the session
/// did before, too: only what is between two counts of one transaction was done
/// there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// By table. The flag says that it is the statement's own table, or a part
    /// of it.
    pub tables: Vec<(TableRows, bool)>,
    /// Triggers and cascading keys that the server does not count.
    pub uncounted: Vec<String>,
}

/// What the open transaction keeps others from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The locks it holds on tables, the gravest for each.
    pub locks: Vec<TableLock>,
    /// The sessions that wait for it.
    pub waiting: Vec<Waiter>,
}

/// A lock on a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLock {
    /// The table; for a database that is locked as a whole, what to call it.
    pub table: String,
    /// What others cannot do meanwhile.
    pub strength: LockStrength,
    /// The server's name for it: `ACCESS EXCLUSIVE`.
    pub mode: String,
}

/// What a lock keeps others from, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockStrength {
    /// Changing the rows that were changed.
    Rows,
    /// Changing any row.
    Writes,
    /// Anything, reading too.
    Everything,
}

/// A session that waits for the open transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiter {
    /// The server's number for it.
    pub pid: String,
    /// Its user.
    pub user: String,
    /// What it would do, in its first words.
    pub query: String,
}

/// A session that can tell what its open transaction has changed. An error
/// says in a few words why it cannot, for a person.
#[async_trait(?Send)]
pub trait Preview {
    /// Reads the rows that a statement is about to change, and locks them as
    /// it will where the server can.
    async fn rows_before(&mut self, change: &ChangedRows) -> Result<RowsBefore, String>;

    /// Reads the same rows again, by their key, columns in the same order.
    async fn rows_after(&mut self, change: &ChangedRows, before: &RowsBefore) -> Result<Vec<Row>, String>;

    /// Counts what has been changed so far; `table` is the one that
    /// the statement at hand names.
    async fn tally(&mut self, table: Option<&str>) -> Result<Tally, String>;

    /// What the transaction keeps others from, where that can be told. Giving
    /// up on the answer harms nothing.
    async fn standing(&mut self) -> Option<Standing>;
}
