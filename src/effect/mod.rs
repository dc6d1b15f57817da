//! The few things the engine asks of the world, one trait for each.
//!
//! The engine decides, these do. Each has one real implementation on floor 4
//! (or in `cli`), and a fake beside the engine's tests.

mod answer;
mod clock;
mod commit;
mod database;
mod journal;
mod preview;
mod shell;
mod terminal;
mod view;

pub use answer::{
    ActionAnswer, ActionQuestion, AddressQuestion, BlockAnswer, BlockQuestion, ChoiceAnswer, ChoiceQuestion,
    CommitAnswer, CommitQuestion, FailureAnswer, FailureQuestion, NoAnswer, PasswordQuestion, Prompter,
    StatementChange, TypedQuestion, UnknownAnswer, UnknownQuestion, ValueQuestion,
};
pub use clock::Clock;
pub use commit::CommitVerdict;
pub use database::{Database, DatabaseError, Databases, PasswordWanted, SelfEnded, ServerKind, StatementResult};
pub use journal::{Journal, JournalError};
pub use preview::{LockStrength, Preview, ROWS_READ, Row, RowsBefore, Standing, TableLock, Tally, Waiter};
pub use shell::{
    Content, Control, Ending, FailedCommand, FileHere, Shell, ShellError, ShellRequest, ShellResult, SyntaxError,
};
pub use terminal::{Input, JoinedTerminal, UserTerminal};
pub use view::{
    BlockCard, ChangedLine, Extent, InsideCard, Output, OutputError, Presentation, Stream, View, Wait, Waiting,
};
