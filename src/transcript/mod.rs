//! The record of a run on disk.
//!
//! One folder for each run, for its owner alone (0700, files 0600):
//!
//! - `runbook.md`, the bytes that were approved;
//! - `transcript.jsonl`, one event a line, each line bound to all before it
//!   ([`Chain`]), the first one to `runbook.md`;
//! - `output/001.log` and so on, what the blocks printed. The event that ends
//!   a block carries its file's length and digest, so the chain covers it. A
//!   block that printed nothing has no file;
//! - `lock`, held by the one responder, and empty otherwise.
//!
//! What is asked of the record: an event that [`Writer::durable`] was called
//! for is there after a crash; a change of any byte is found by [`verify`];
//! and a line that a crash cut in two is told apart from a changed one.

mod chain;
mod folder;
mod lock;
mod output;
mod reader;
mod shell_state;
mod store;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

pub use chain::{Chain, Flaw};
pub use folder::Folder;
pub use lock::{Holder, Lock, LockError, LockState};
pub use reader::{Loaded, ReadError, Reader, Tail};
pub use store::{Overview, Resumed, Store, StoreError, Summary};
pub use verify::{Problem, Verdict, Verification, verify};
pub use writer::{Clock, Stamp, WriteError, Writer};
