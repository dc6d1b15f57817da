//! How far the statements of a SQL block are, and what their transaction holds.

use super::capture::FirstRow;
use crate::effect::{DatabaseError, StatementChange};
use crate::language::sql::{Savepoint, Statement, StatementKind};
use crate::run::{BlockRef, Event, TransactionDecision};
use crate::runbook::Effect;
use std::time::Duration;
use tokio::time::Instant;

/// What the statements have done so far.
#[derive(Default)]
pub(super) struct Progress {
    /// The statement to go on with.
    pub(super) next: usize,
    /// A transaction is open, and somebody must say how it ends.
    pub(super) open: bool,
    /// The block's own COMMIT opens the next one in the same breath.
    pub(super) chained: bool,
    /// When it was opened, where that was here.
    pub(super) opened: Option<Instant>,
    /// Each statement in it that may have changed something.
    pub(super) changes: Vec<StatementChange>,
    /// Rows changed in it.
    pending: Counted,
    /// Rows changed by all statements together, those taken back left out.
    affected: Counted,
    /// What was so when each of the savepoints was set, the last one last.
    savepoints: Vec<Before>,
    /// Rows of the last query.
    pub(super) rows: Option<u64>,
    /// Its first row.
    pub(super) row: FirstRow,
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
    /// The statement for which that was agreed to, and what was said of it.
    pub(super) agreed: Option<(usize, String)>,
    /// Something that the block has changed is kept: to run it again would do
    /// that a second time.
    pub(super) kept: bool,
    /// What no end of a transaction takes back of what was done since the last
    /// end, a sentence for each.
    pub(super) stays: Vec<String>,
}

/// Changed rows.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    /// `None` where nothing was counted.
    rows: Option<u64>,
    /// There are changes that nobody has counted.
    not_all: bool,
}

/// What a savepoint goes back to.
struct Before {
    name: String,
    /// The place of its statement.
    at: usize,
    changes: usize,
    pending: Counted,
    affected: Counted,
}

impl Progress {
    /// A transaction has been opened.
    pub(super) fn begin(&mut self) {
        self.open = true;
        self.opened = Some(Instant::now());
    }

    /// A statement that may change something has changed `affected` rows, where
    /// that was counted.
    pub(super) fn count(&mut self, affected: Option<u64>, statement: &Statement) {
        let is_all = match statement.kind {
            StatementKind::Write => affected.is_some(),
            // What only makes something new has no rows to count.
            StatementKind::Schema => affected.is_some() || statement.effect != Effect::Destructive,
            // Code that is not looked into may have emptied a table, which no
            // server counts.
            _ => false,
        };
        for counted in [&mut self.pending, &mut self.affected] {
            counted.rows = affected.map(|rows| counted.rows.unwrap_or_default() + rows).or(counted.rows);
            counted.not_all |= !is_all;
        }
    }

    /// Rows changed in the open transaction, and whether there are changes in it
    /// that nobody has counted.
    pub(super) fn pending(&self) -> (u64, bool) {
        (self.pending.rows.unwrap_or_default(), self.pending.not_all)
    }

    /// Rows changed by all statements together, those taken back left out;
    /// `None` where nothing was counted.
    pub(super) fn affected(&self) -> Option<u64> {
        self.affected.rows
    }

    /// Whether that is all, and not only what was counted.
    pub(super) fn all_is_counted(&self) -> bool {
        !self.affected.not_all
    }

    /// The next statement has set a savepoint, forgotten one or gone back to it:
    /// then this is the place, from 0, of the first statement that it took back.
    pub(super) fn at_savepoint(&mut self, savepoint: Savepoint) -> Option<usize> {
        let last = |name: &str, savepoints: &[Before]| savepoints.iter().rposition(|before| before.name == name);
        match savepoint {
            Savepoint::Set(name) => {
                let (at, changes, pending, affected) = (self.next, self.changes.len(), self.pending, self.affected);
                self.savepoints.push(Before { name, at, changes, pending, affected });
                None
            }
            Savepoint::Release(name) => {
                self.savepoints.truncate(last(&name, &self.savepoints)?);
                None
            }
            Savepoint::BackTo(name) => {
                self.savepoints.truncate(last(&name, &self.savepoints)? + 1);
                let before = self.savepoints.last()?;
                self.changes.truncate(before.changes);
                (self.pending, self.affected) = (before.pending, before.affected);
                Some(before.at + 1)
            }
        }
    }

    /// The end of the open transaction, for the record.
    pub(super) fn ended(&self, block: &BlockRef, decision: TransactionDecision, reason: String) -> Event {
        let (affected, uncounted) = self.pending();
        let stays = if decision == TransactionDecision::RolledBack { self.stays.clone() } else { Vec::new() };
        Event::TransactionEnded { block: block.clone(), decision, affected, uncounted, reason, stays }
    }

    /// The open transaction has ended.
    pub(super) fn close(&mut self, kept: bool) {
        if !kept && let (Some(all), Some(pending)) = (self.affected.rows, self.pending.rows) {
            self.affected.rows = Some(all.saturating_sub(pending));
        }
        self.kept |= kept && !self.changes.is_empty();
        self.open = false;
        self.chained = false;
        self.opened = None;
        self.pending = Counted::default();
        self.savepoints.clear();
        self.stays.clear();
        self.changes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::sql::{SqlDialect, savepoint, split};

    /// The block's statements as the server would have taken them, each change
    /// of ten rows.
    fn after(code: &str) -> (Progress, Vec<Option<usize>>) {
        let mut progress = Progress::default();
        let mut taken_back = Vec::new();
        progress.begin();
        for statement in split(code, SqlDialect::Postgres) {
            let text = &code[statement.span.start..statement.span.end];
            if statement.kind == StatementKind::Savepoint {
                taken_back
                    .push(savepoint(text, SqlDialect::Postgres).and_then(|savepoint| progress.at_savepoint(savepoint)));
            } else {
                progress.count((!text.contains("TRUNCATE")).then_some(10), &statement);
                progress.changes.push(StatementChange::default());
            }
            progress.next += 1;
        }
        (progress, taken_back)
    }

    #[test]
    fn what_a_savepoint_takes_back_counts_no_more() {
        let change = "UPDATE a SET b = 1 WHERE c = 2;";
        let (progress, taken_back) =
            after(&format!("{change} SAVEPOINT s; {change} TRUNCATE a; ROLLBACK TO S; {change} ROLLBACK TO s;"));
        assert_eq!((progress.pending(), progress.affected(), progress.changes.len()), ((10, false), Some(10), 1));
        assert_eq!(taken_back, [None, Some(2), Some(2)]);
        // The last one of a name counts, and one that is gone takes nothing back.
        let (progress, taken_back) =
            after(&format!("SAVEPOINT s; {change} SAVEPOINT s; {change} RELEASE s; ROLLBACK TO s; ROLLBACK TO t;"));
        assert_eq!((progress.pending(), taken_back), ((0, false), vec![None, None, None, Some(1), None]));
    }

    #[test]
    fn what_nobody_has_counted_is_known_to_be_there() {
        let (progress, _) = after("TRUNCATE a;");
        assert_eq!((progress.pending(), progress.affected()), ((0, true), None));
        let (progress, _) = after("DO $$ $$;");
        assert_eq!((progress.pending(), progress.affected()), ((10, true), Some(10)));
        let (progress, _) = after("CREATE TABLE a (b int);");
        assert_eq!(progress.pending(), (10, false));
        let (mut progress, _) = after("UPDATE a SET b = 1; TRUNCATE a;");
        assert_eq!((progress.pending(), progress.affected()), ((10, true), Some(10)));
        progress.close(false);
        assert_eq!((progress.pending(), progress.affected()), ((0, false), Some(0)));
    }
}
