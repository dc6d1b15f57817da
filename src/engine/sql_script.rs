//! The statements of a SQL block, one after the other on one session.

use super::EngineError;
use super::attempt::millis;
use super::dialect;
use super::prepare::Prepared;
use super::recorder::Capturing;
use super::savepoints::{self, Mark};
use super::sql_preview::{Look, Seen};
use crate::effect::{
    Control, Database, DatabaseError, Output, OutputError, SelfEnded, ServerKind, StatementChange, Stream, Waiting,
};
use crate::language::sql::{SqlDialect, Statement, StatementKind, at_once, split};
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

/// What the statements have done so far.
#[derive(Default)]
pub(super) struct Progress {
    /// The statement to go on with.
    pub(super) next: usize,
    /// A transaction is open, and somebody must say how it ends.
    pub(super) open: bool,
    /// Rows changed in it; `None` where nothing was counted.
    pub(super) pending: Option<u64>,
    /// When it was opened, where that was here.
    pub(super) opened: Option<Instant>,
    /// Each statement in it that may have changed something.
    pub(super) changes: Vec<StatementChange>,
    /// A part of the block is kept whatever comes.
    pub(super) kept: bool,
    /// What the responder should know of it, once it is over.
    pub(super) remarks: Vec<String>,
    /// Whether one of them changed rows that the server has not counted.
    pub(super) uncounted: bool,
    /// What had been done at each savepoint.
    pub(super) marks: Vec<Mark>,
    /// Rows of the last query.
    pub(super) rows: Option<u64>,
    /// Its first row.
    pub(super) row: super::capture::FirstRow,
    /// Rows changed by all statements together, those taken back left out.
    pub(super) affected: Option<u64>,
    /// How long they took together, without the time spent asking.
    pub(super) duration: Duration,
    /// The first error; nothing was sent after it.
    pub(super) error: Option<DatabaseError>,
    /// It is not known whether the statement that failed took effect: no
    /// transaction was there to take it back.
    pub(super) unsure: bool,
    /// Tables that the next statement would change beyond any rollback:
    /// somebody must agree first.
    pub(super) at_once: Vec<String>,
    /// The statement for which that was agreed to.
    pub(super) agreed: Option<usize>,
}

impl Progress {
    /// A transaction has been opened.
    fn begin(&mut self) {
        self.open = true;
        self.opened = Some(Instant::now());
    }

    /// The open transaction has ended.
    pub(super) fn close(&mut self, kept: bool) {
        if !kept {
            self.affected = match (self.affected, self.pending) {
                (Some(all), Some(pending)) => Some(all.saturating_sub(pending)),
                (affected, _) => affected,
            };
        }
        self.open = false;
        self.opened = None;
        self.pending = None;
        self.changes.clear();
        self.uncounted = false;
        self.marks.clear();
    }
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
                    return Ok(());
                }
                StatementKind::Begin | StatementKind::OutsideTransaction if progress.open => return Ok(()),
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
        if !stands_alone && progress.agreed != Some(progress.next) {
            let text = &self.prepared.text[statement.span.start..statement.span.end];
            progress.at_once = database.keeps_at_once(text).await?;
            if !progress.at_once.is_empty() {
                return Ok(());
            }
        }
        if progress.open {
            return Ok(());
        }
        database.set_reading(self.prepared.effect == Effect::Read).await?;
        if may_change(statement) && statement.kind != StatementKind::OutsideTransaction {
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
        let text = &self.prepared.text[statement.span.start..statement.span.end];
        let changes = may_change(statement);
        let look = if changes && progress.open {
            Some(Look::before(database, text, statement, self.dialect).await)
        } else {
            None
        };
        output.begin_statement(progress.next + 1);
        let begun = Instant::now();
        let result = database.run(text, self.prepared.timeout, output, control).await;
        let mut finished = Finished { kept: output.end_statement()?, ..Finished::default() };
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
                    progress.row = result.columns.into_iter().zip(first).collect();
                }
                if let Some(affected) = finished.affected {
                    for count in [&mut progress.affected, &mut progress.pending] {
                        *count = Some(count.unwrap_or_default() + affected);
                    }
                }
                if let Some(look) = look {
                    finished.seen = look.after(database, finished.affected, &|text| output.mask(text)).await;
                    // There is nothing left to ask about.
                    progress.error = database.ended().map(|message| DatabaseError::Statement { message, offset: None });
                }
                progress.kept |= changes && statement.kind == StatementKind::OutsideTransaction;
                progress.uncounted |= changes && is_uncounted(statement, &finished);
                if changes {
                    progress.changes.push(StatementChange {
                        summary: output.mask(&summary(text, finished.affected)),
                        at_once: at_once(&self.prepared.text, statement, self.dialect),
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
                finished.duration = begun.elapsed();
                progress.duration += finished.duration;
                progress.unsure = changes && !progress.open && matches!(error, DatabaseError::Lost { .. });
                finished.error = Some(self.place(&error, statement));
                progress.error = Some(self.with_place(error, statement));
            }
        }
        self.record(progress.next, statement, text, finished, output)?;
        match statement.kind {
            _ if let Some(how) = ended => self.ended_by_itself(how, output, progress)?,
            _ if progress.error.is_some() => {}
            StatementKind::Begin => {
                progress.begin();
                if !self.ends_what_it_begins(progress.next) {
                    progress.remarks.push(LEFT_OPEN.to_owned());
                }
            }
            StatementKind::Rollback if !progress.open => progress.remarks.push(NOTHING_OPEN.to_owned()),
            StatementKind::Savepoint => savepoints::follow(text, self.dialect, progress),
            StatementKind::Rollback if progress.open => {
                let reason = "the block takes it back itself".to_owned();
                self.record_end(TransactionDecision::RolledBack, reason, output, progress)?;
                progress.close(false);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a statement behind this one ends the transaction that it begins.
    fn ends_what_it_begins(&self, begin: usize) -> bool {
        let ends = |statement: &Statement| matches!(statement.kind, StatementKind::Commit | StatementKind::Rollback);
        self.statements[begin..].iter().any(ends)
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
        self.record_end(decision, reason, output, progress)?;
        progress.kept = true;
        progress.close(true);
        Ok(())
    }

    fn record_end(
        &self,
        decision: TransactionDecision,
        reason: String,
        output: &mut Capturing<'_, '_>,
        progress: &Progress,
    ) -> Result<(), EngineError> {
        let (block, affected) = (self.reference.clone(), progress.pending.unwrap_or_default());
        output.record(&Event::TransactionEnded { block, decision, affected, reason })
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

/// Said of a BEGIN that the block does not end: whoever wrote it may count on
/// the blocks after it.
const LEFT_OPEN: &str = "the transaction that this block begins is over at its end: the blocks after it are not in it, \
     and a later ROLLBACK takes nothing of them back";
const NOTHING_OPEN: &str = "no transaction was open: this ROLLBACK has taken nothing back";

#[derive(Default)]
struct Finished {
    rows: Option<u64>,
    affected: Option<u64>,
    kept: Option<KeptRows>,
    duration: Duration,
    error: Option<String>,
    seen: Seen,
}

/// Whether it may have changed rows that nobody has counted. What else was
/// changed is told by the look where the server has a count.
fn is_uncounted(statement: &Statement, finished: &Finished) -> bool {
    let others = || finished.seen.others.as_ref().is_some_and(|others| others.in_all);
    finished.affected.is_none()
        && match statement.kind {
            StatementKind::Write => statement.table.is_some(),
            StatementKind::Query | StatementKind::Unknown => others(),
            _ => false,
        }
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
