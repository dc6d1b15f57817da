//! The rows that statements changed, as a diff of before and after.

use super::model::{ChangeFate, DatabaseChange, Report};
use super::page::{Piece, strong, text};
use super::visible::visible_line;
use super::wording::{Times, count};
use crate::run::{ColumnChange, Field, RowChange, RowChanges, fields, literal};

/// More rows than these are only counted on the page; the JSON has them all.
const ROWS_SHOWN: usize = 20;

/// The changes, safe to be looked at.
pub(super) fn visible(changes: &RowChanges) -> RowChanges {
    let field =
        |field: &Field| Field { name: visible_line(&field.name), value: field.value.as_deref().map(visible_line) };
    let fields = |fields: &[Field]| fields.iter().map(field).collect();
    let column = |change: &ColumnChange| ColumnChange {
        name: visible_line(&change.name),
        before: change.before.as_deref().map(visible_line),
        after: change.after.as_deref().map(visible_line),
    };
    let row = |row: &RowChange| match row {
        RowChange::Changed { key, columns } => {
            RowChange::Changed { key: fields(key), columns: columns.iter().map(column).collect() }
        }
        RowChange::Deleted { key, columns } => RowChange::Deleted { key: fields(key), columns: fields(columns) },
    };
    RowChanges {
        table: visible_line(&changes.table),
        rows: changes.rows.iter().map(row).collect(),
        more: changes.more,
        unseen: changes.unseen.as_deref().map(visible_line),
    }
}

/// What each statement changed, below the table of statements.
pub(super) fn rows(report: &Report, times: &Times, page: &mut Vec<Piece>) {
    for change in &report.database {
        let diff = change.rows.as_ref().and_then(diff);
        if diff.is_none() && change.others.is_empty() {
            continue;
        }
        let what = match (&change.rows, &diff) {
            (Some(rows), Some(_)) => format!(" – rows of {}{}:", rows.table, fate(change)),
            _ => format!("{}:", fate(change)),
        };
        let place = format!("{} UTC, {}", times.time(&change.at), change.step);
        page.push(Piece::Paragraph(vec![strong(place), text(what)]));
        page.extend(diff.map(Piece::Diff));
        let others: Vec<_> = change.others.iter().map(|line| vec![text(line)]).collect();
        if !others.is_empty() {
            page.push(Piece::List(others));
        }
    }
}

fn fate(change: &DatabaseChange) -> &'static str {
    match change.fate {
        ChangeFate::Kept | ChangeFate::KeptAtOnce => "",
        ChangeFate::TakenBack | ChangeFate::TakenBackInPart => ", taken back",
        ChangeFate::Refused => ", refused",
        ChangeFate::Unknown => ", UNKNOWN whether it was kept",
    }
}

/// Before and after, row by row; `None` where no row is known.
fn diff(changes: &RowChanges) -> Option<String> {
    if changes.rows.is_empty() {
        return None;
    }
    let mut diff = format!("--- {} before\n+++ {} after\n", changes.table, changes.table);
    for row in changes.rows.iter().take(ROWS_SHOWN) {
        match row {
            RowChange::Changed { key, columns } => {
                diff.push_str(&format!("@@ {} @@\n", fields(key)));
                for column in columns {
                    diff.push_str(&format!("-{}: {}\n", column.name, literal(column.before.as_deref())));
                    diff.push_str(&format!("+{}: {}\n", column.name, literal(column.after.as_deref())));
                }
                if columns.is_empty() {
                    diff.push_str(" as it was\n");
                }
            }
            RowChange::Deleted { key, columns } => {
                diff.push_str(&format!("@@ {}, deleted @@\n", fields(key)));
                for field in key.iter().chain(columns) {
                    diff.push_str(&format!("-{}: {}\n", field.name, literal(field.value.as_deref())));
                }
            }
        }
    }
    let more = changes.more + changes.rows.len().saturating_sub(ROWS_SHOWN) as u64;
    if more > 0 {
        diff.push_str(&format!("@@ and {} @@\n", count(more, "more row", "more rows")));
    }
    Some(diff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> Vec<Field> {
        vec![Field { name: "id".to_owned(), value: Some(id.to_owned()) }]
    }

    #[test]
    fn before_and_after_stand_below_each_other() {
        let status = ColumnChange {
            name: "status".to_owned(),
            before: Some("processing".to_owned()),
            after: Some("a\u{1b}[2J\n+b".to_owned()),
        };
        let gone = vec![Field { name: "note".to_owned(), value: None }];
        let changes = RowChanges {
            table: "jobs".to_owned(),
            rows: vec![
                RowChange::Changed { key: key("7"), columns: vec![status] },
                RowChange::Changed { key: key("8"), columns: Vec::new() },
                RowChange::Deleted { key: key("9"), columns: gone },
            ],
            more: 1_000,
            unseen: None,
        };
        assert_eq!(
            diff(&visible(&changes)).expect("there are rows"),
            "--- jobs before\n+++ jobs after\n\
             @@ id 7 @@\n-status: 'processing'\n+status: 'a +b'\n\
             @@ id 8 @@\n as it was\n\
             @@ id 9, deleted @@\n-id: 9\n-note: NULL\n\
             @@ and 1,000 more rows @@\n"
        );
        assert_eq!(diff(&RowChanges { rows: Vec::new(), ..changes }), None);
    }
}
