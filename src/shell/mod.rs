//! Running shell blocks.
//!
//! | file | what it is |
//! |---|---|
//! | `runner` | [`Runner`], the engine's [`Shell`](crate::effect::Shell): finds interpreter, folder and state for a block |
//! | `running` | a running block: output, time, signals |
//! | `driver.bash`, `driver` | the bash that runs a block between two states, and its command line |
//! | `state`, `quote` | the state as records; secrets in quoted text |
//! | `slot` | how a state gets to the driver and back without being on disk |
//! | `stdio` | the block's input and output: pipes, or a terminal |
//! | `pty`, `joint` | the block's terminal, and joining it to the responder's |
//! | `leader` | the process that leads the session of a block at a terminal |
//! | `session` | the block's processes: signals, and who is left |
//! | `interpreter` | the table of interpreters |
//! | `syntax` | parsing without running |
//! | `scratch` | a private folder |
//!
//! What is not carried from block to block: traps, jobs, open file
//! descriptors, `hash`ed paths, limits, and the values bash makes up itself
//! (`RANDOM`, `SECONDS`).

mod driver;
mod environment;
mod interpreter;
mod joint;
mod leader;
mod leftover;
mod pty;
mod quote;
mod runner;
mod running;
mod scratch;
mod session;
mod slot;
mod state;
mod stdio;
mod syntax;
#[cfg(test)]
mod tests;

pub use environment::Environment;
pub use leader::{LEADER, lead};
pub use leftover::{RUN_VARIABLE, leftover};
pub use runner::Runner;
