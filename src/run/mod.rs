//! A run: what can happen in it, and the one function that says what it is
//! from what has happened.

mod carried;
mod comparison;
mod event;
mod fold;
mod id;
mod line;
mod outcome;
mod part;
mod query;
mod record;

#[cfg(test)]
pub(crate) mod example;
#[cfg(test)]
mod tests;

pub use carried::Carried;
pub use comparison::{Compared, Gap, Likeness};
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
    StatementRecord, StepRecord, Suspension, TransactionRecord, VariableRecord, WithinRecord,
};
