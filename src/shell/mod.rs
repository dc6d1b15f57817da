//! Running shell blocks.
//!
//! | file | what it is |
//! |---|---|
//! | `runner` | [`Runner`], the engine's [`Shell`](crate::effect::Shell): finds interpreter, folder and state for a block |
//! | `running` | a running block: output, time, signals |
//! | `driver.bash` …, `driver` | the bash that runs a block between two states, and its command line |
//! | `child` | the process that a block begins as |
//! | `ready` | the bash that waits for the next block |
//! | `state`, `listing`, `quote` | the state as records; what bash lists taken apart; secrets in quoted text |
//! | `hook`, `driver.sh` … | how other interpreters get and leave a state |
//! | `changes` | what those have changed |
//! | `failures` | commands that failed before the block's end |
//! | `slot` | how a state gets to the driver and back without being on disk |
//! | `stdio` | the block's input and output: pipes, or a terminal |
//! | `pty`, `joint` | the block's terminal, and joining it to the responder's |
//! | `leader` | the process that leads the session of a block at a terminal |
//! | `session`, `orphans` | the block's processes: signals, and who is left |
//! | `standstill` | a block that waits for one of its processes that has stopped |
//! | `interpreter` | the table of interpreters |
//! | `syntax`, `checker` | parsing without running; the bash that stays for it |
//! | `scratch` | a private folder |
//!
//! What is not carried from block to block: traps, jobs, open file
//! descriptors, `hash`ed paths, limits, disabled builtins, and the values bash
//! makes up itself (`RANDOM`, `SECONDS`). The state is lost, and that is said,
//! where no shell is left to save it: after `exec`, SIGKILL, `set -n`, and an
//! exit of a block that has set an EXIT trap of its own. What other
//! interpreters than bash lack stands in the table in `interpreter`.

mod changes;
mod checker;
mod child;
mod driver;
mod environment;
mod failures;
mod hook;
mod interpreter;
mod joint;
mod leader;
mod leftover;
mod listing;
mod orphans;
mod pty;
mod quote;
mod ready;
mod runner;
mod running;
mod scratch;
mod session;
mod slot;
mod standstill;
mod state;
mod stdio;
mod syntax;
#[cfg(test)]
mod tests;

pub use environment::Environment;
pub use leader::{LEADER, lead};
pub use leftover::{RUN_VARIABLE, leftover};
pub use orphans::adopt_orphans;
pub use runner::Runner;
