//! Whether a transaction's changes are kept.

use super::{Asker, Tone};
use crate::effect::{CommitAnswer, CommitQuestion, LockStrength, NoAnswer, Standing, StatementChange};
use crate::run::{ColumnChange, Field, RowChange, RowChanges, fields, grouped, literal, row_count};
use crate::terminal::outcome::changed_rows;
use crate::terminal::visible;
use std::time::{Duration, Instant};

/// More rows than these are only counted.
const ROWS_SHOWN: usize = 20;
/// More columns of a deleted row than these are only counted.
const COLUMNS_SHOWN: usize = 6;
/// How long the question waits to be told what the transaction locks.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// Asks whether to keep a transaction's changes. To keep them takes a whole
/// word. Enter takes them back: what was to be changed is then as it was, and
/// can still be changed. So does the clock, which nothing that is typed stops:
/// what is locked must not stay so while somebody sleeps.
pub(in crate::terminal) fn commit(asker: &mut dyn Asker, question: &CommitQuestion) -> Result<CommitAnswer, NoAnswer> {
    let began = Instant::now();
    let standing = first_look(question);
    let mut is_first = true;
    loop {
        ask(asker, question, standing.as_ref().filter(|_| is_first));
        is_first = false;
        let mut clock = || clock(question, began.elapsed());
        let Some(line) = asker.line_within(&mut clock)? else { return Ok(CommitAnswer::TimeUp) };
        match line.trim().to_ascii_lowercase().as_str() {
            "commit" | "yes" => return Ok(CommitAnswer::Keep),
            "" | "rollback" | "roll back" | "no" | "n" => return Ok(CommitAnswer::TakeBack),
            other => asker.say(Tone::Warning, &format!("`{other}` is neither: nothing is decided yet")),
        }
    }
}

/// What stands before the line: how long the transaction has been open, who
/// waits for it, how long there is to answer.
fn clock(question: &CommitQuestion, asked_for: Duration) -> Option<String> {
    let left = question.hold.checked_sub(asked_for).filter(|left| !left.is_zero())?;
    let open = (question.open_for + asked_for).as_secs();
    let waiting = match question.standing.borrow().as_ref().map_or(0, |standing| standing.waiting.len()) {
        0 => String::new(),
        1 => " · 1 session waits".to_owned(),
        several => format!(" · {several} sessions wait"),
    };
    // A second that has begun is told as a whole one.
    let left = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    Some(format!("open {open} s{waiting} · rolled back in {left} s "))
}

/// What the transaction keeps others from, if that is known soon.
fn first_look(question: &CommitQuestion) -> Option<Standing> {
    let until = Instant::now() + FIRST_LOOK;
    // Whoever looks is gone where it is not looked.
    while question.standing.has_changed().is_ok() {
        if let Some(standing) = question.standing.borrow().clone() {
            return Some(standing);
        }
        if Instant::now() >= until {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    question.standing.borrow().clone()
}

fn ask(asker: &mut dyn Asker, question: &CommitQuestion, standing: Option<&Standing>) {
    let rows = changed_rows(question.affected, question.uncounted);
    asker.say(Tone::Question, &format!("Keep these changes on {}? {rows}.", question.target));
    for statement in &question.statements {
        asker.say(Tone::Plain, &format!("  {}", one_line(&statement.summary)));
        for line in about(statement) {
            asker.say(Tone::Plain, &format!("    {}", one_line(&line)));
        }
        for sentence in &statement.at_once {
            asker.say(Tone::Warning, &format!("    {}", one_line(sentence)));
        }
    }
    for (tone, line) in standing.map(|standing| holds(standing, question)).unwrap_or_default() {
        asker.say(tone, &one_line(&line));
    }
    asker.say(Tone::Plain, "commit (or yes) keeps them; rollback (or no, or Enter) takes them back");
    let hold = question.hold.as_secs();
    asker.say(Tone::Plain, &format!("unanswered, they are taken back after {hold} s, whatever is being typed"));
}

/// A value must not look like a line of ours.
fn one_line(text: &str) -> String {
    text.chars().map(visible::picture).collect()
}

/// What a statement did, row by row, and what it set off.
fn about(statement: &StatementChange) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(changes) = &statement.changes {
        rows(changes, &mut lines);
    }
    lines.extend(statement.others.iter().flat_map(|others| others.lines()));
    lines
}

fn rows(changes: &RowChanges, lines: &mut Vec<String>) {
    if let Some(why) = &changes.unseen {
        lines.push(format!("its rows are not shown: {why}"));
        return;
    }
    lines.extend(changes.rows.iter().take(ROWS_SHOWN).map(row));
    let more = changes.more + changes.rows.len().saturating_sub(ROWS_SHOWN) as u64;
    if more > 0 && !lines.is_empty() {
        let rows = if more == 1 { "row" } else { "rows" };
        lines.push(format!("… and {} more {rows}", grouped(more)));
    }
}

fn row(row: &RowChange) -> String {
    match row {
        RowChange::Changed { key, columns } if columns.is_empty() => format!("~ {}: as it was", fields(key)),
        RowChange::Changed { key, columns } => {
            let each: Vec<String> = columns.iter().map(column).collect();
            format!("~ {}: {}", fields(key), each.join(", "))
        }
        RowChange::Deleted { key, columns } if columns.is_empty() => format!("- {}", fields(key)),
        RowChange::Deleted { key, columns } => {
            let shown: &[Field] = &columns[..columns.len().min(COLUMNS_SHOWN)];
            let more = if columns.len() > COLUMNS_SHOWN { ", …" } else { "" };
            format!("- {}: {}{more}", fields(key), fields(shown))
        }
    }
}

fn column(change: &ColumnChange) -> String {
    format!("{} {} → {}", change.name, literal(change.before.as_deref()), literal(change.after.as_deref()))
}

/// What the transaction locks, and who waits for it.
fn holds(standing: &Standing, question: &CommitQuestion) -> Vec<(Tone, String)> {
    let mut lines = Vec::new();
    let mut rows = Vec::new();
    for lock in &standing.locks {
        let what = match lock.strength {
            LockStrength::Rows => {
                match locked_rows(&lock.table, question) {
                    0 => {}
                    count => rows.push(format!("{} of {}", row_count(count), lock.table)),
                }
                continue;
            }
            LockStrength::Writes => "nobody else can write to it",
            LockStrength::Everything => "nobody else can even read it",
        };
        lines.push((Tone::Warning, format!("holds {} on {}: {what}", lock.mode, lock.table)));
    }
    if !rows.is_empty() {
        lines.push((Tone::Plain, format!("holds row locks on {}", rows.join(", "))));
    }
    for waiter in &standing.waiting {
        let words: Vec<&str> = waiter.query.split_whitespace().take(8).collect();
        lines.push((Tone::Warning, format!("{} ({}) waits for it: {}", waiter.user, waiter.pid, words.join(" "))));
    }
    lines
}

/// How many rows of `table` the transaction has changed, as far as that is
/// told.
fn locked_rows(table: &str, question: &CommitQuestion) -> u64 {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().trim_matches('"').to_lowercase();
    let is_it = |name: &str| last(name) == last(table);
    let of = |statement: &StatementChange| {
        let own = statement.changes.as_ref().filter(|changes| is_it(&changes.table));
        let own = own.map_or(0, |changes| changes.rows.len() as u64 + changes.more);
        let others = statement.others.iter().flat_map(|others| &others.tables);
        let others = others.filter(|rows| rows.table.as_deref().is_some_and(is_it));
        own + others.map(|rows| rows.inserted + rows.updated + rows.deleted).sum::<u64>()
    };
    question.statements.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::super::tests::Script;
    use super::*;
    use crate::effect::{TableLock, Waiter};
    use crate::run::{OtherRows, TableRows};
    use proptest::prelude::*;
    use tokio::sync::watch;

    fn question(standing: Option<Standing>, hold: Duration) -> CommitQuestion {
        let field = |name: &str, value: &str| Field { name: name.to_owned(), value: Some(value.to_owned()) };
        let column = |name: &str, before: &str, after: Option<&str>| ColumnChange {
            name: name.to_owned(),
            before: Some(before.to_owned()),
            after: after.map(str::to_owned),
        };
        let changed = RowChange::Changed {
            key: vec![field("id", "7")],
            columns: vec![
                column("status", "processing", Some("a\ncommit keeps nothing")),
                column("locked_at", "2026-11-22 03:01:07+00", None),
            ],
        };
        let update = StatementChange {
            summary: "UPDATE ops.job_queue SET status …: 3 rows".to_owned(),
            changes: Some(RowChanges {
                table: "ops.job_queue".to_owned(),
                rows: vec![changed, RowChange::Changed { key: vec![field("id", "8")], columns: vec![] }],
                more: 1,
                unseen: None,
            }),
            others: Some(OtherRows {
                tables: vec![TableRows { table: Some("ops.audit".to_owned()), inserted: 3, ..TableRows::default() }],
                ..OtherRows::default()
            }),
            ..StatementChange::default()
        };
        let delete = StatementChange {
            summary: "DELETE FROM workers WHERE …: 1 row".to_owned(),
            at_once: vec!["`nextval()` is not taken back: a sequence moves on".to_owned()],
            changes: Some(RowChanges {
                table: "workers".to_owned(),
                rows: vec![RowChange::Deleted {
                    key: vec![field("worker_id", "w-3")],
                    columns: vec![field("type", "ingest"), Field { name: "seen".to_owned(), value: None }],
                }],
                ..RowChanges::default()
            }),
            ..StatementChange::default()
        };
        CommitQuestion {
            target: "ops · postgres 15".to_owned(),
            affected: 4,
            uncounted: false,
            statements: vec![update, delete],
            open_for: Duration::from_secs(2),
            hold,
            // Whoever looks is gone: what it has told stays.
            standing: watch::channel(standing).1,
        }
    }

    fn committed(lines: &[&str]) -> Result<CommitAnswer, NoAnswer> {
        commit(&mut Script::new(lines), &question(None, Duration::from_secs(60)))
    }

    #[test]
    fn changes_are_kept_by_a_whole_word_only() {
        assert_eq!(committed(&["commit"]), Ok(CommitAnswer::Keep));
        assert_eq!(committed(&["y", "c", "yes"]), Ok(CommitAnswer::Keep));
        for line in ["", "no", "rollback"] {
            assert_eq!(committed(&[line]), Ok(CommitAnswer::TakeBack), "{line}");
        }
    }

    #[test]
    fn once_the_time_is_up_no_line_is_taken() {
        let mut script = Script::new(&["commit"]);
        assert_eq!(commit(&mut script, &question(None, Duration::ZERO)), Ok(CommitAnswer::TimeUp));
        assert_eq!(script.lines.len(), 1, "it was not read");
    }

    #[test]
    fn the_question_shows_each_row_and_what_is_locked() {
        let lock =
            |table: &str, strength, mode: &str| TableLock { table: table.to_owned(), strength, mode: mode.to_owned() };
        let standing = Standing {
            locks: vec![
                lock("ops.audit", LockStrength::Rows, "ROW EXCLUSIVE"),
                lock("ops.job_queue", LockStrength::Rows, "ROW EXCLUSIVE"),
                lock("jobs", LockStrength::Everything, "ACCESS EXCLUSIVE"),
            ],
            waiting: vec![Waiter {
                pid: "4711".to_owned(),
                user: "app".to_owned(),
                query: "SELECT *\n  FROM jobs WHERE id = 1 AND a = 2 AND b = 3".to_owned(),
            }],
        };
        let mut script = Script::new(&["commit"]);
        let answer = commit(&mut script, &question(Some(standing), Duration::from_secs(60)));
        assert_eq!(answer, Ok(CommitAnswer::Keep));
        insta::assert_snapshot!(script.said, @r"
        Keep these changes on ops · postgres 15? 4 rows changed.
          UPDATE ops.job_queue SET status …: 3 rows
            ~ id 7: status 'processing' → 'a␊commit keeps nothing', locked_at '2026-11-22 03:01:07+00' → NULL
            ~ id 8: as it was
            … and 1 more row
            also inserts 3 rows into ops.audit (cascade or trigger)
          DELETE FROM workers WHERE …: 1 row
            - worker_id 'w-3': type 'ingest', seen NULL
            `nextval()` is not taken back: a sequence moves on
        holds ACCESS EXCLUSIVE on jobs: nobody else can even read it
        holds row locks on 3 rows of ops.audit, 3 rows of ops.job_queue
        app (4711) waits for it: SELECT * FROM jobs WHERE id = 1
        commit (or yes) keeps them; rollback (or no, or Enter) takes them back
        unanswered, they are taken back after 60 s, whatever is being typed
        open 2 s · 1 session waits · rolled back in 60 s
        ");
    }

    proptest! {
        #[test]
        fn no_other_line_keeps_changes(line in "[a-z ]{0,8}") {
            let kept = committed(&[&line]) == Ok(CommitAnswer::Keep);
            prop_assert_eq!(kept, matches!(line.trim(), "commit" | "yes"));
        }
    }
}
