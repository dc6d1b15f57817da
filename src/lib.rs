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
//!
//! # The way
//!
//! `file → parse → Runbook → plan → engine → Event → transcript, then
//! terminal`; later `transcript → Run → Report`. Back into the engine come only
//! answers, results and the clock.
//!
//! # Where is …
//!
//! | what | where |
//! |---|---|
//! | a heading's anchor, a step, a block | `parse/sections.rs`, `parse/steps.rs`, `parse/blocks.rs` |
//! | what a block is; what a label means | `parse/class.rs`, `parse/labels.rs` |
//! | what a text is without its label | `language/recognise/`, `language/shell/plausible.rs` |
//! | settings that nothing on the page reads | `parse/unread.rs` |
//! | prompts taken off; commands told from what they print | `parse/prompt.rs`, `parse/session.rs`, `parse/printed.rs` |
//! | one of several ways | `parse/alternatives.rs`, `parse/manner.rs`, asked in `engine/choice.rs` |
//! | plain words and tabs that divide a step | `parse/parts.rs`, `parse/tabs.rs` |
//! | what is no part of the procedure | `parse/topic.rs`, `parse/procedure.rs`, `plan/aside.rs` |
//! | "if that fails"; work by hand; "should show" | `parse/condition.rs`, `parse/manual.rs`, `parse/expectation.rs` |
//! | a block that escalates; comments that ask for work by hand | `language/shell/stages.rs`, `language/by_hand.rs` |
//! | front matter of another tool | `parse/foreign.rs` |
//! | what is told before the first step | `cli/preface.rs` |
//! | an annotation, and what is wrong with it | `runbook/settings.rs`, `parse/schema_check.rs` |
//! | a shell text's syntax tree, by the grammar or without it | `language/shell/syntax/` |
//! | the split into statements, into commands | `language/sql/split.rs`, `language/shell/split.rs` |
//! | what is for a database's own client, or for another server | `language/sql/client.rs`, `language/sql/refusal.rs`, `language/sql/elsewhere.rs` |
//! | read, write or destructive | `language/shell/program.rs` and its tables, `language/sql/verb.rs` |
//! | a value's place in a text | `template/encode/`, joined with the lexers in `plan/fill.rs` |
//! | what a block does once its variables are known | `language/shell/settled.rs` |
//! | what reads as code what it is given | `language/shell/reread.rs` |
//! | which steps a run walks | `plan/select.rs` |
//! | how long what a block has entered stays entered | `plan/stays.rs` |
//! | the loop; one step; one block | `engine/mod.rs`, `engine/step.rs`, `engine/block.rs` |
//! | files that a block would replace | `language/shell/replaced.rs`, looked up in `engine/replaced.rs` |
//! | waiting: what is shown, what is held back | `engine/waiting.rs`, `engine/polling.rs`, `terminal/waiting.rs` |
//! | what never ends by itself | `language/shell/command.rs`, ended in `engine/following.rs` |
//! | an expectation, a capture, a retry | `engine/judge.rs`, `engine/capture.rs`, `engine/patience.rs` |
//! | what a connection is opened with; its password; what read-only refuses | `sql/postgres/settings/`, `engine/connecting.rs`, `sql/read_only.rs` |
//! | the transaction and its COMMIT | `engine/sql_script.rs`, `engine/sql_block.rs`, counted in `engine/sql_progress.rs`, decided in `engine/sql_decision.rs`, sent in `engine/commit.rs` |
//! | savepoints, chained transactions, what only its session has | `language/sql/transaction.rs` |
//! | SQL judged by the rules of its server | `plan/servers.rs` |
//! | what became of a COMMIT; of a block that was cut off | `sql/postgres/verdict.rs`, `engine/cut_off.rs` |
//! | Ctrl-C in a statement; time limits; who holds a lock | `sql/postgres/cancel.rs`, `limits.rs`, `blockers.rs` |
//! | a query's rows: what is shown, how it is laid out, all of them on record | `sql/table.rs`, `sql/sheet.rs`, `sql/csv.rs`, `engine/rows.rs` |
//! | the rows of a change; what it sets off | `language/sql/rows.rs`, `engine/sql_preview.rs`, `sql/preview.rs` |
//! | what takes effect at once | `language/sql/at_once.rs` |
//! | masking, before anything is written or shown | `engine/recorder.rs`, [`redact`] |
//! | what is at stake, where its word is typed | `terminal/stake.rs` |
//! | the prompt, and what a typed line means | `terminal/prompts.rs`, `terminal/conversation/`, `terminal/menu.rs` |
//! | the clock in front of an answer | `terminal/countdown.rs` |
//! | state from block to block | `shell/driver.bash`, `shell/state.rs` |
//! | how a block's process starts; the shell that waits for the next one | `shell/child.rs`, `shell/ready.rs` |
//! | an interpreter, and what it lacks; how others leave state | `shell/interpreter.rs`, `shell/hook.rs` |
//! | the user's own settings | `runbook/configuration.rs`, `parse/configuration.rs`, `cli/configuration.rs` |
//! | a block's own terminal; Ctrl-Z; the keyboard; the screen put right | `shell/joint.rs`, `shell/leader.rs`, `terminal/joining.rs`, `terminal/suspend.rs`, `terminal/passage.rs` |
//! | what a block leaves running; a program that has stopped only itself | `shell/session.rs`, `shell/orphans.rs`, `shell/standstill.rs` |
//! | output made harmless, in lines of its own | `terminal/filter.rs`, `terminal/region.rs` |
//! | an event, an outcome; the fold that makes a run of them | `run/event.rs`, `run/outcome.rs`, `run/fold.rs` |
//! | the hash chain, the lock, resuming | `transcript/chain.rs`, `transcript/lock.rs`, `transcript/store.rs` |
//! | a part of the report | [`report`], one file for each, one for each format |
//! | a rehearsal's place, its databases, its private server | `rehearsal/`, `sql/sqlite/rehearsal.rs`, `sql/postgres/rehearsal.rs`, `rehearsal/server.rs` |
//! | an exit code | `cli/exit.rs` |

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
