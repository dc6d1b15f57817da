//! A run: what can happen in it, and the one function that says what it is
//! from what has happened.

mod carried;
mod changes;
mod comparison;
mod database_session;
mod event;
mod fold;
mod id;
mod line;
mod outcome;
mod part;
mod query;
mod record;
mod statement;
mod transaction;

#[cfg(test)]
pub(crate) mod example;
#[cfg(test)]
mod tests;

pub use carried::Carried;
pub use changes::{
    ColumnChange, Field, OtherRows, RowChange, RowChanges, TableRows, fields, grouped, literal, row_count,
};
pub use comparison::{Compared, Gap, Likeness};
pub use database_session::{DatabaseSession, Encryption};
pub use event::{
    BlockFinished, BlockRef, BlockStarted, Entry, Event, FORMAT, KeptRows, Mended, OutputRef, RunStarted, StepOutline,
};
pub use fold::{FoldError, Run};
pub use id::{RunId, RunIdError};
pub use line::{ForeignEntry, Line};
pub use outcome::{BlockOutcome, Mark, RunOutcome, StepOutcome, TransactionDecision, Watched};
pub use part::Part;
pub use record::{
    ActionRecord, Answer, Attempt, BlockRecord, Check, ChoiceRecord, ConnectionRecord, Edit, JumpRecord, MarkRecord,
    Moment, NoteRecord, PartReason, Parts, Reason, Resolution, ResumePoint, Resumption, RollbackRecord, RunState,
    SessionRecord, StatementRecord, StepRecord, Suspension, TransactionRecord, VariableRecord, WithinRecord,
};
pub use statement::StatementFinished;
pub use transaction::{ServerSession, ServerTransaction};
