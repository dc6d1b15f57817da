//! The statements of a SQL block, one after the other on one session.

use super::EngineError;
use super::attempt::millis;
use super::capture::Cell;
use super::dialect;
use super::prepare::Prepared;
use super::recorder::Capturing;
use super::sql_preview::{Look, Seen};
use super::sql_progress::Progress;
use crate::effect::{
    Control, Database, DatabaseError, Output, OutputError, SelfEnded, ServerKind, StatementChange, Stream, Waiting,
};
use crate::language::sql::{SqlDialect, Statement, StatementKind, at_once, chains, savepoint, split};
use crate::run::{BlockRef, Event, KeptRows, StatementFinished, TransactionDecision};
use crate::runbook::{Block, Effect};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

/// A block's statements and where they come from.
pub(super) struct Script<'a> {
    pub(super) block: &'a Block,
    pub(super) reference: &'a BlockRef,
    pub(super) prepared: &'a Prepared,
    pub(super) statements: Vec<Statement>,
    dialect: SqlDialect,
    /// How long an open transaction waits for an answer.
    pub(super) hold: Duration,
}

impl<'a> Script<'a> {
    pub(super) fn new(
        block: &'a Block,
        reference: &'a BlockRef,
        prepared: &'a Prepared,
        server: ServerKind,
        hold: Duration,
    ) -> Self {
        let dialect = dialect(server);
        let mut statements = split(&prepared.text, dialect);
        statements.retain(|statement| statement.kind != StatementKind::LeftOut);
        Self { block, reference, prepared, statements, dialect, hold }
    }

    /// Whether all of it has been sent.
    pub(super) fn is_over(&self, progress: &Progress) -> bool {
        progress.next >= self.statements.len()
    }

    /// Runs statements until one fails, somebody must say how a transaction
    /// ends, or there are no more. Before the first one that may change
    /// something a transaction is opened, unless the block has opened one or
    /// the statement will not run in one. The block's own COMMIT is not sent:
    /// it is where to ask.
    pub(super) async fn run(
        &self,
        database: &mut dyn Database,
        output: &mut Capturing<'_, '_>,
        control: &mut UnboundedReceiver<Control>,
        progress: &mut Progress,
    ) -> Result<(), EngineError> {
        while let Some(statement) = self.statements.get(progress.next) {
            match statement.kind {
                StatementKind::Commit if progress.open => {
                    progress.next += 1;
                    progress.chained = chains(self.text(statement), self.dialect);
                    return Ok(());
                }
                StatementKind::Begin | StatementKind::OutsideTransaction if progress.open => return Ok(()),
                StatementKind::Rollback if !progress.open && self.only_takes_back() => {
                    let error = DatabaseError::Statement { message: NOTHING_OPEN.to_owned(), offset: None };
                    progress.error = Some(self.with_place(error, statement));
                    return Ok(());
                }
                _ => {}
            }
            if let Err(error) = self.make_way(database, control, statement, progress).await {
                progress.error = Some(error);
                return Ok(());
            }
            if !progress.at_once.is_empty() {
                return Ok(());
            }
            self.send(database, output, control, statement, progress).await?;
            if progress.error.is_some() {
                return Ok(());
            }
            progress.next += 1;
        }
        Ok(())
    }

    /// Opens a transaction where the statement needs one. What a block that is
    /// called a read does, the server holds it to.
    async fn make_way(
        &self,
        database: &mut dyn Database,
        control: &mut UnboundedReceiver<Control>,
        statement: &Statement,
        progress: &mut Progress,
    ) -> Result<(), DatabaseError> {
        let stands_alone = !may_change(statement) || statement.kind == StatementKind::OutsideTransaction;
        if !stands_alone && !is_agreed(progress) {
            progress.at_once = database.keeps_at_once(self.text(statement)).await?;
            if !progress.at_once.is_empty() {
                return Ok(());
            }
        }
        if progress.open {
            return Ok(());
        }
        database.set_reading(self.prepared.effect == Effect::Read).await?;
        // SQLite's first savepoint opens a transaction of its own.
        if !stands_alone || (statement.kind == StatementKind::Savepoint && self.dialect == SqlDialect::Sqlite) {
            let begun = database.run("BEGIN", None, &mut Silent, control).await?;
            progress.begin();
            if begun.interrupted {
                return Err(DatabaseError::Interrupted);
            }
        }
        Ok(())
    }

    async fn send(
        &self,
        database: &mut dyn Database,
        output: &mut Capturing<'_, '_>,
        control: &mut UnboundedReceiver<Control>,
        statement: &Statement,
        progress: &mut Progress,
    ) -> Result<(), EngineError> {
        let text = self.text(statement);
        let changes = may_change(statement);
        let look = if changes && progress.open {
            Some(Look::before(database, text, statement, self.dialect).await)
        } else {
            None
        };
        let at_once = self.takes_effect_at_once(statement, progress);
        output.begin_statement(progress.next + 1);
        let was_open = progress.open;
        let sent = Instant::now();
        let result = database.run(text, self.prepared.timeout, output, control).await;
        let mut finished = Finished {
            kept: output.end_statement()?,
            in_transaction: was_open,
            at_once: at_once.iter().map(|sentence| output.mask(sentence)).collect(),
            ..Finished::default()
        };
        let mut ended = None;
        match result {
            Ok(result) => {
                ended = result.ended_transaction.filter(|_| progress.open);
                progress.duration += result.duration;
                finished.rows = result.rows;
                finished.affected = result.affected.filter(|_| changes);
                finished.duration = result.duration;
                if let Some(rows) = result.rows {
                    progress.rows = Some(rows);
                    let first = result.first_row.unwrap_or_default();
                    let columns = result.columns.into_iter().zip(result.numeric);
                    progress.row =
                        columns.zip(first).map(|((name, is_number), value)| Cell { name, value, is_number }).collect();
                }
                if statement.kind == StatementKind::Savepoint
                    && let Some(savepoint) = savepoint(text, self.dialect)
                {
                    finished.takes_back_from = progress.at_savepoint(savepoint);
                }
                if let Some(look) = look {
                    finished.seen = look.after(database, finished.affected, &|text| output.mask(text)).await;
                    // Not the statement's own count: of what its functions and its
                    // WITH did, the server tells by table only.
                    finished.affected = finished.affected.or_else(|| finished.seen.in_all());
                    // Where the session has ended there is nothing left to ask about.
                    progress.error = database.ended().map(|message| DatabaseError::Statement { message, offset: None });
                }
                if changes {
                    progress.count(finished.affected, statement);
                }
                progress.stays.extend_from_slice(&finished.at_once);
                progress.kept |= changes && !was_open;
                if changes {
                    progress.changes.push(StatementChange {
                        summary: output.mask(&summary(text, finished.affected)),
                        at_once: finished.at_once.clone(),
                        changes: finished.seen.changes.clone(),
                        others: finished.seen.others.clone(),
                    });
                }
                // It was too late for this one, and is not for the next.
                if result.interrupted && progress.next + 1 < self.statements.len() {
                    progress.error = Some(DatabaseError::Interrupted);
                }
            }
            Err(error) => {
                finished.duration = sent.elapsed();
                progress.duration += finished.duration;
                progress.unsure = changes && !progress.open && matches!(error, DatabaseError::Lost { .. });
                finished.error = Some(self.place(&error, statement));
                progress.error = Some(self.with_place(error, statement));
            }
        }
        self.record(progress.next, statement, text, finished, output)?;
        match ended {
            Some(how) => self.ended_by_itself(how, output, progress),
            None if progress.error.is_none() => self.follow(statement, output, progress),
            None => Ok(()),
        }
    }

    /// What became of the transaction by a statement that has succeeded.
    fn follow(
        &self,
        statement: &Statement,
        output: &mut Capturing<'_, '_>,
        progress: &mut Progress,
    ) -> Result<(), EngineError> {
        match statement.kind {
            StatementKind::Begin => progress.begin(),
            StatementKind::Rollback if progress.open => {
                let reason = "the block takes it back itself".to_owned();
                output.record(&progress.ended(self.reference, TransactionDecision::RolledBack, reason))?;
                progress.close(false);
                if chains(self.text(statement), self.dialect) {
                    progress.begin();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The statement has ended the transaction by what it did besides.
    fn ended_by_itself(
        &self,
        how: SelfEnded,
        output: &mut Capturing<'_, '_>,
        progress: &mut Progress,
    ) -> Result<(), EngineError> {
        let itself = "the statement ended the transaction itself";
        let (decision, reason) = match how {
            SelfEnded::Kept => (TransactionDecision::Committed, itself.to_owned()),
            SelfEnded::Unclear => {
                let reason = format!("{itself} and rolled something back; the server does not tell what of it is kept");
                progress.error = Some(DatabaseError::Statement { message: reason.clone(), offset: None });
                progress.unsure = true;
                (TransactionDecision::Unknown, reason)
            }
        };
        output.record(&progress.ended(self.reference, decision, reason))?;
        progress.close(true);
        Ok(())
    }

    /// What of the next statement no rollback takes back, a sentence for each.
    fn takes_effect_at_once(&self, statement: &Statement, progress: &Progress) -> Vec<String> {
        if statement.effect == Effect::Read {
            return Vec::new();
        }
        let sentences = at_once(&self.prepared.text, statement, self.dialect).into_iter();
        let sentences = sentences.map(|sentence| sentence.replace("cannot be previewed", "is not taken back"));
        let agreed = progress.agreed.clone().filter(|_| is_agreed(progress)).map(|(_, sentence)| sentence);
        sentences.chain(agreed).collect()
    }

    /// Whether the block does nothing but to take back what others have done.
    fn only_takes_back(&self) -> bool {
        self.statements.iter().all(|statement| statement.kind == StatementKind::Rollback)
    }

    /// The statement as it is sent.
    fn text(&self, statement: &Statement) -> &str {
        &self.prepared.text[statement.span.start..statement.span.end]
    }

    fn record(
        &self,
        index: usize,
        statement: &Statement,
        text: &str,
        finished: Finished,
        output: &mut Capturing<'_, '_>,
    ) -> Result<(), EngineError> {
        let event = Event::StatementFinished(Box::new(StatementFinished {
            block: self.reference.clone(),
            index: index + 1,
            line: self.line(statement.span.start),
            sql: output.mask(text),
            effect: statement.effect,
            rows: finished.rows,
            affected: finished.affected,
            kept: finished.kept,
            duration_ms: millis(finished.duration),
            error: finished.error.map(|error| output.mask(&error)),
            changes: finished.seen.changes,
            others: finished.seen.others,
            in_transaction: finished.in_transaction,
            at_once: finished.at_once,
            takes_back_from: finished.takes_back_from.map(|place| place + 1),
        }));
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
            DatabaseError::Statement { message, .. } if self.is_held_to_reading(message) => {
                format!("{message}; it was taken for a read and so run read-only: say `effect: write` for its step")
            }
            other => other.to_string(),
        }
    }

    fn is_held_to_reading(&self, message: &str) -> bool {
        let message = message.to_lowercase();
        self.prepared.effect == Effect::Read
            && ["read-only", "readonly", "read only"].iter().any(|said| message.contains(said))
    }

    fn with_place(&self, error: DatabaseError, statement: &Statement) -> DatabaseError {
        let placed = self.place(&error, statement);
        match error {
            DatabaseError::Statement { offset, .. } => DatabaseError::Statement { message: placed, offset },
            other => other,
        }
    }
}

/// Said of a ROLLBACK that is alone in its block.
const NOTHING_OPEN: &str = "there is no transaction to take back: what each block before changed was kept or taken \
                            back when that block ended, as its answer was";

#[derive(Default)]
struct Finished {
    rows: Option<u64>,
    affected: Option<u64>,
    kept: Option<KeptRows>,
    duration: Duration,
    error: Option<String>,
    seen: Seen,
    in_transaction: bool,
    at_once: Vec<String>,
    takes_back_from: Option<usize>,
}

/// Whether what the next statement keeps at once was agreed to.
fn is_agreed(progress: &Progress) -> bool {
    progress.agreed.as_ref().is_some_and(|(statement, _)| *statement == progress.next)
}

/// Whether it may change what a transaction holds.
pub(super) fn may_change(statement: &Statement) -> bool {
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
