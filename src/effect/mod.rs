//! The few things the engine asks of the world, one trait for each.
//!
//! The engine decides, these do. Each has one real implementation on floor 4
//! (or in `cli`), and a fake beside the engine's tests.

mod answer;
mod clock;
mod database;
mod journal;
mod shell;
mod terminal;
mod view;

pub use answer::{
    ActionAnswer, ActionQuestion, AddressQuestion, BlockAnswer, BlockQuestion, ChoiceAnswer, ChoiceQuestion,
    CommitQuestion, FailureAnswer, FailureQuestion, NoAnswer, Prompter, TypedQuestion, UnknownAnswer, UnknownQuestion,
    ValueQuestion,
};
pub use clock::Clock;
pub use database::{Database, DatabaseError, Databases, ServerKind, StatementResult};
pub use journal::{Journal, JournalError};
pub use shell::{
    Content, Control, Ending, FailedCommand, FileHere, Shell, ShellError, ShellRequest, ShellResult, SyntaxError,
};
pub use terminal::{Input, JoinedTerminal, UserTerminal};
pub use view::{
    BlockCard, ChangedLine, Extent, InsideCard, Output, OutputError, Presentation, Stream, View, Wait, Waiting,
};
