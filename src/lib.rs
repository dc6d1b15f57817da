//! An executable runbook engine driven by Markdown.
//!
//! # The floors
//!
//! A file imports only from floors below its own, and siblings never import
//! each other; [`cli`] alone wires them. `tests/architecture.rs` holds this.
//!
//! | floor | module | what it is |
//! |---|---|---|
//! | 0 | [`source`] | the file, spans into it, diagnostics with carets |
//! | 0 | [`redact`] | masking secrets in a stream of bytes |
//! | 1 | [`runbook`] | the model: runbook, section, step, block, variable |
//! | 2 | [`run`] | events, and the fold that makes a run of them |
//! | 2 | [`parse`] | Markdown and front matter to the model |
//! | 2 | [`language`] | what shell and SQL text means, without running it |
//! | 2 | [`template`] | values into text |
//! | 3 | [`plan`] | what would be run, and what would hurt |
//! | 3 | [`transcript`] | the record on disk: writer, reader, chain, lock |
//! | 3 | [`report`] | the incident report |
//! | 3 | [`effect`] | the traits through which the engine touches the world |
//! | 4 | [`engine`] | the loop over the steps, and the decisions |
//! | 4 | [`shell`], [`sql`] | the runners |
//! | 4 | [`terminal`] | what is shown and asked |
//! | 4 | [`rehearsal`] | the same run where nothing is real |
//! | 5 | [`cli`] | one file for each command |

pub mod cli;
pub mod effect;
pub mod engine;
pub mod language;
pub mod parse;
pub mod plan;
pub mod redact;
pub mod rehearsal;
pub mod report;
pub mod run;
pub mod runbook;
pub mod shell;
pub mod source;
pub mod sql;
pub mod template;
pub mod terminal;
pub mod transcript;
