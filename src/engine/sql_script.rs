//! The statements of a SQL block, one after the other on one session.

use super::EngineError;
use super::attempt::millis;
use super::dialect;
use super::prepare::Prepared;
use super::recorder::Capturing;
use crate::effect::{Control, Database, DatabaseError, Output, OutputError, Stream, Waiting};
use crate::language::sql::{Statement, StatementKind, split};
use crate::run::{BlockRef, Event};
use crate::runbook::{Block, Effect};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// A block's statements and where they come from.
pub(super) struct Script<'a> {
    pub(super) block: &'a Block,
    pub(super) reference: &'a BlockRef,
    pub(super) prepared: &'a Prepared,
}

/// What the statements have done.
#[derive(Default)]
pub(super) struct ScriptEnd {
    /// A transaction of the engine's own is open and must be ended.
    pub(super) wrapped: bool,
    /// Rows of the last query.
    pub(super) rows: Option<u64>,
    /// Its first row.
    pub(super) row: super::capture::FirstRow,
    /// Rows changed by all statements together.
    pub(super) affected: Option<u64>,
    /// A line for each statement that may have changed something.
    pub(super) changes: Vec<String>,
    /// How long they took together, without the time spent asking.
    pub(super) duration: Duration,
    /// What is to be said of the session afterwards.
    pub(super) remarks: Vec<String>,
    /// The first error; nothing was sent after it.
    pub(super) error: Option<DatabaseError>,
}

impl Script<'_> {
    /// Runs the statements up to the first error. Before the first one that
    /// may change something, a transaction is opened, unless the block
    /// handles its transactions itself or the statement will not run in one.
    pub(super) async fn run(
        &self,
        database: &mut dyn Database,
        output: &mut Capturing<'_, '_>,
        control: &mut UnboundedReceiver<Control>,
        end: &mut ScriptEnd,
    ) -> Result<(), EngineError> {
        let statements = split(&self.prepared.text, dialect(database.kind()));
        let preview = !handles_transactions(&statements) && !database.in_transaction().await.unwrap_or(true);
        for (index, statement) in statements.iter().enumerate() {
            let text = &self.prepared.text[statement.span.start..statement.span.end];
            let changes = may_change(statement);
            if preview && changes && !end.wrapped && statement.kind != StatementKind::OutsideTransaction {
                if let Err(error) = database.run("BEGIN", None, &mut Silent, control).await {
                    end.error = Some(error);
                    return Ok(());
                }
                end.wrapped = true;
            }
            let result = database.run(text, self.prepared.timeout, output, control).await;
            let mut finished = Finished { rows: None, affected: None, duration: Duration::ZERO, error: None };
            match result {
                Ok(result) => {
                    end.duration += result.duration;
                    finished.rows = result.rows;
                    finished.affected = result.affected.filter(|_| changes);
                    finished.duration = result.duration;
                    if let Some(rows) = result.rows {
                        end.rows = Some(rows);
                        let first = result.first_row.unwrap_or_default();
                        end.row = result.columns.into_iter().zip(first).collect();
                    }
                    if let Some(affected) = finished.affected {
                        end.affected = Some(end.affected.unwrap_or_default() + affected);
                    }
                }
                Err(error) => {
                    finished.error = Some(self.place(&error, statement));
                    end.error = Some(self.with_place(error, statement));
                }
            }
            if changes && finished.error.is_none() {
                end.changes.push(summary(text, finished.affected));
            }
            self.record(index, statement, text, finished, output)?;
            if end.error.is_some() {
                return Ok(());
            }
        }
        if !end.wrapped && database.in_transaction().await.unwrap_or(false) {
            end.remarks.push("the block leaves a transaction open on its connection".to_owned());
        }
        Ok(())
    }

    fn record(
        &self,
        index: usize,
        statement: &Statement,
        text: &str,
        finished: Finished,
        output: &mut Capturing<'_, '_>,
    ) -> Result<(), EngineError> {
        let event = Event::StatementFinished {
            block: self.reference.clone(),
            index: index + 1,
            line: self.line(statement.span.start),
            sql: output.mask(text),
            effect: statement.effect,
            rows: finished.rows,
            affected: finished.affected,
            duration_ms: millis(finished.duration),
            error: finished.error.map(|error| output.mask(&error)),
        };
        output.record(&event)
    }

    /// The line of the page that holds the byte at `offset` of the text, or 0
    /// where the responder typed the text.
    fn line(&self, offset: usize) -> usize {
        if self.prepared.edited {
            return 0;
        }
        self.block.code_line + self.prepared.text[..offset].matches('\n').count()
    }

    /// The error with the line it is at.
    fn place(&self, error: &DatabaseError, statement: &Statement) -> String {
        match error {
            DatabaseError::Statement { offset: Some(offset), message } => {
                let at = (statement.span.start + offset).min(self.prepared.text.len());
                match self.line(at) {
                    0 => message.clone(),
                    line => format!("line {line}: {message}"),
                }
            }
            other => other.to_string(),
        }
    }

    fn with_place(&self, error: DatabaseError, statement: &Statement) -> DatabaseError {
        let placed = self.place(&error, statement);
        match error {
            DatabaseError::Statement { offset, .. } => DatabaseError::Statement { message: placed, offset },
            other => other,
        }
    }
}

struct Finished {
    rows: Option<u64>,
    affected: Option<u64>,
    duration: Duration,
    error: Option<String>,
}

/// Whether the block begins or ends transactions itself: then they are its own.
fn handles_transactions(statements: &[Statement]) -> bool {
    statements.iter().any(|statement| {
        matches!(statement.kind, StatementKind::Begin | StatementKind::Commit | StatementKind::Rollback)
    })
}

fn may_change(statement: &Statement) -> bool {
    let session = matches!(
        statement.kind,
        StatementKind::Session
            | StatementKind::Begin
            | StatementKind::Commit
            | StatementKind::Rollback
            | StatementKind::Savepoint
    );
    statement.effect != Effect::Read && !session
}

/// The statement's first words and what it changed.
fn summary(text: &str, affected: Option<u64>) -> String {
    const WORDS: usize = 4;
    let words: Vec<_> = text.split_whitespace().take(WORDS).collect();
    let rows = match affected {
        Some(1) => "1 row".to_owned(),
        Some(rows) => format!("{rows} rows"),
        None => "rows not counted".to_owned(),
    };
    format!("{} …: {rows}", words.join(" "))
}

/// For the engine's own statements, which have nothing to show.
pub(super) struct Silent;

impl Output for Silent {
    fn write(&mut self, _: Stream, _: &[u8]) -> Result<(), OutputError> {
        Ok(())
    }

    fn waiting(&mut self, _: &Waiting) {}
}
