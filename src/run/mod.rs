//! A run: what can happen in it, and the one function that says what it is
//! from what has happened.

mod event;

pub use event::{
    BlockFinished, BlockOutcome, BlockRef, BlockStarted, Entry, Event, FORMAT, Mark, OutputRef, RunOutcome, RunStarted,
    StepOutcome, StepOutline, TransactionDecision,
};
