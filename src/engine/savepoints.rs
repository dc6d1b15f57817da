//! What a block has changed since each savepoint, so that going back to one is
//! taken off the count.

use super::sql_script::Progress;
use crate::language::sql::{Savepoint, SqlDialect, savepoint};

/// What had been done when a savepoint was set.
pub(super) struct Mark {
    name: String,
    pending: Option<u64>,
    affected: Option<u64>,
    changes: usize,
    uncounted: bool,
}

/// A statement about a savepoint has run.
pub(super) fn follow(statement: &str, dialect: SqlDialect, progress: &mut Progress) {
    match savepoint(statement, dialect) {
        Some(Savepoint::Set(name)) => progress.marks.push(Mark {
            name,
            pending: progress.pending,
            affected: progress.affected,
            changes: progress.changes.len(),
            uncounted: progress.uncounted,
        }),
        Some(Savepoint::BackTo(name)) => {
            let Some(at) = progress.marks.iter().rposition(|mark| mark.name == name) else { return };
            progress.marks.truncate(at + 1);
            let mark = &progress.marks[at];
            (progress.pending, progress.affected) = (mark.pending, mark.affected);
            progress.uncounted = mark.uncounted;
            // What took effect at once is not taken back with the rest.
            let mut place = 0;
            let kept = mark.changes;
            progress.changes.retain(|change| {
                place += 1;
                place <= kept || !change.at_once.is_empty()
            });
        }
        Some(Savepoint::Released(name)) => {
            if let Some(at) = progress.marks.iter().rposition(|mark| mark.name == name) {
                progress.marks.truncate(at);
            }
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::StatementChange;

    fn run(statement: &str, progress: &mut Progress) {
        follow(statement, SqlDialect::Postgres, progress);
    }

    fn change(rows: u64, at_once: &[&str], progress: &mut Progress) {
        progress.pending = Some(progress.pending.unwrap_or_default() + rows);
        progress.affected = Some(progress.affected.unwrap_or_default() + rows);
        let at_once = at_once.iter().map(|what| (*what).to_owned()).collect();
        progress.changes.push(StatementChange { at_once, ..StatementChange::default() });
    }

    #[test]
    fn going_back_takes_off_what_came_after_and_nothing_else() {
        let mut progress = Progress::default();
        change(1, &[], &mut progress);
        run("SAVEPOINT a", &mut progress);
        change(200, &[], &mut progress);
        run("SAVEPOINT b", &mut progress);
        change(30, &["a sequence moves on"], &mut progress);
        run("ROLLBACK TO SAVEPOINT A", &mut progress);
        assert_eq!((progress.pending, progress.affected), (Some(1), Some(1)));
        assert_eq!(progress.changes.len(), 2, "what takes effect at once stays");
        run("ROLLBACK TO b", &mut progress);
        assert_eq!(progress.pending, Some(1), "it is gone with the other");
        change(5, &[], &mut progress);
        run("RELEASE a", &mut progress);
        run("ROLLBACK TO a", &mut progress);
        assert_eq!(progress.pending, Some(6));
    }
}
