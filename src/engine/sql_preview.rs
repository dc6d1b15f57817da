//! What a statement changes: its rows before and after, and what it sets off
//! beside them. What cannot be seen is left out, and said.

use crate::effect::{Database, Row, RowsBefore, Tally};
use crate::language::sql::{ChangedRows, RowVerb, SqlDialect, Statement, StatementKind, changed_rows};
use crate::run::{ColumnChange, Field, OtherRows, RowChange, RowChanges, TableRows};
use std::ops::Range;

/// A value longer than this is shortened in its middle.
const LONGEST_VALUE: usize = 80;
/// What is left of it at either end.
const END: usize = 30;

/// What was seen before a statement ran.
#[derive(Default)]
pub(super) struct Look {
    rows: Option<Result<(ChangedRows, RowsBefore), String>>,
    tally: Option<Tally>,
    /// The statement's own table, as written.
    table: Option<String>,
    adds: bool,
}

/// What was seen after it.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) changes: Option<RowChanges>,
    pub(super) others: Option<OtherRows>,
}

impl Seen {
    /// How many rows were changed in all, where the statement itself has no
    /// count and all of them were counted.
    pub(super) fn in_all(&self) -> Option<u64> {
        let others = self.others.as_ref().filter(|others| others.in_all && others.uncounted.is_empty())?;
        Some(others.tables.iter().map(TableRows::rows).sum())
    }
}

impl Look {
    /// Looks at what `statement` is about to change, inside the transaction
    /// that it will run in.
    pub(super) async fn before(
        database: &mut dyn Database,
        text: &str,
        statement: &Statement,
        dialect: SqlDialect,
    ) -> Self {
        let Some(preview) = database.preview() else { return Self::default() };
        let first = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let own = ["INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "COPY"].contains(&first.as_str());
        let table = statement.table.clone().filter(|_| own && statement.kind == StatementKind::Write);
        let rows = match changed_rows(text, dialect) {
            Some(Ok(change)) => Some(preview.rows_before(&change).await.map(|before| (change, before))),
            Some(Err(why)) => Some(Err(why.to_owned())),
            None => None,
        };
        let tally = preview.tally(table.as_deref()).await.ok();
        let adds = ["INSERT", "REPLACE", "COPY"].contains(&first.as_str()) && table.is_some();
        Self { rows, tally, table, adds }
    }

    /// Looks again after it has run and changed `affected` rows, as the server
    /// says. Texts are masked by `mask`.
    pub(super) async fn after(
        self,
        database: &mut dyn Database,
        affected: Option<u64>,
        mask: &dyn Fn(&str) -> String,
    ) -> Seen {
        let Some(preview) = database.preview() else { return Seen::default() };
        let table = self.table.unwrap_or_default();
        let unseen = |why: String| RowChanges {
            table: mask(&table),
            rows: Vec::new(),
            more: affected.unwrap_or_default(),
            unseen: Some(mask(&why)),
        };
        let changes = match self.rows {
            // Nothing was changed: there is nothing to show.
            Some(_) if affected == Some(0) => None,
            Some(Ok((change, before))) => Some(match preview.rows_after(&change, &before).await {
                Ok(after) => RowChanges {
                    table: mask(&change.table),
                    ..compare(change.verb, &before, &after, affected.unwrap_or_default(), mask)
                },
                Err(why) => unseen(why),
            }),
            Some(Err(why)) => Some(unseen(why)),
            None if self.adds && affected.is_some_and(|rows| rows > 0) => {
                Some(unseen("new rows are counted only".to_owned()))
            }
            None => None,
        };
        let known = (!table.is_empty()).then_some(table.as_str());
        let others = match (&self.tally, preview.tally(known).await) {
            (Some(before), Ok(after)) => set_off(before, &after, known.and(affected)),
            _ => OtherRows::default(),
        };
        Seen { changes, others: (!others.is_empty()).then_some(others) }
    }
}

/// The rows that differ, found again by their key.
fn compare(
    verb: RowVerb,
    before: &RowsBefore,
    after: &[Row],
    affected: u64,
    mask: &dyn Fn(&str) -> String,
) -> RowChanges {
    let mut changes = RowChanges::default();
    for row in &before.rows {
        let same_key = |other: &&Row| before.key.iter().all(|place| other[*place] == row[*place]);
        let key = before.key.iter().map(|place| field(before, row, *place, mask)).collect();
        let rest = (0..before.columns.len()).filter(|place| !before.key.contains(place));
        match (verb, after.iter().find(same_key)) {
            (RowVerb::Update, Some(now)) => {
                let differing = rest.filter(|place| row[*place] != now[*place]);
                let columns = differing.map(|place| {
                    let (before_text, after_text) =
                        pair(row[place].as_deref().map(mask), now[place].as_deref().map(mask));
                    ColumnChange { name: mask(&before.columns[place]), before: before_text, after: after_text }
                });
                changes.rows.push(RowChange::Changed { key, columns: columns.collect() });
            }
            (RowVerb::Delete, None) => {
                let columns = rest.map(|place| field(before, row, place, mask)).collect();
                changes.rows.push(RowChange::Deleted { key, columns });
            }
            // It was not found again by its key, or a trigger has kept it.
            (RowVerb::Update, None) | (RowVerb::Delete, Some(_)) => {}
        }
    }
    changes.more = affected.saturating_sub(changes.rows.len() as u64);
    if changes.rows.is_empty() && changes.more > 0 {
        changes.unseen = Some("they were not found again by their key".to_owned());
    }
    changes
}

fn field(before: &RowsBefore, row: &Row, place: usize, mask: &dyn Fn(&str) -> String) -> Field {
    let value = row[place].as_deref().map(mask);
    Field { name: mask(&before.columns[place]), value: value.map(|value| shortened(&value, 0..0)) }
}

/// Both values, long ones shortened so that where they differ can be seen.
fn pair(before: Option<String>, after: Option<String>) -> (Option<String>, Option<String>) {
    let (Some(old), Some(new)) = (&before, &after) else {
        let short = |value: Option<String>| value.map(|value| shortened(&value, 0..0));
        return (short(before), short(after));
    };
    let old_chars: Vec<char> = old.chars().collect();
    let new_chars: Vec<char> = new.chars().collect();
    let start = old_chars.iter().zip(&new_chars).take_while(|(a, b)| a == b).count();
    let most = old_chars.len().min(new_chars.len()) - start;
    let end = old_chars.iter().rev().zip(new_chars.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let differing = |chars: &[char]| start..chars.len() - end;
    (Some(shortened(old, differing(&old_chars))), Some(shortened(new, differing(&new_chars))))
}

/// `text` without what is too much of it, around the characters of `differing`
/// where there are any, else around its two ends.
fn shortened(text: &str, differing: Range<usize>) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= LONGEST_VALUE {
        return text.to_owned();
    }
    let piece = |range: Range<usize>| chars[range.start.min(chars.len())..range.end.min(chars.len())].iter();
    if differing == (0..0) {
        let left_out = chars.len() - 2 * END;
        let (head, tail): (String, String) = (piece(0..END).collect(), piece(chars.len() - END..chars.len()).collect());
        return format!("{head}… {left_out} more …{tail}");
    }
    let from = differing.start.saturating_sub(END / 2);
    let to = (differing.end + END / 2).min(chars.len()).min(from + LONGEST_VALUE);
    let middle: String = piece(from..to).collect();
    let (before, after) = (if from > 0 { "…" } else { "" }, if to < chars.len() { "…" } else { "" });
    format!("{before}{middle}{after} ({} characters)", chars.len())
}

/// What was changed between two counts beside the `affected` rows of the
/// statement's own table; where that is not known, all that was changed.
fn set_off(before: &Tally, after: &Tally, affected: Option<u64>) -> OtherRows {
    let mut own_left = affected.unwrap_or_default();
    let is_divided = after.tables.iter().filter(|(_, own)| *own).count() > 1;
    let mut tables = Vec::new();
    for (rows, own) in &after.tables {
        if rows.table.is_none() && affected.is_none() {
            continue;
        }
        let earlier = before.tables.iter().find(|(known, _)| known.table == rows.table);
        let earlier = earlier.map(|(known, _)| known.clone()).unwrap_or_default();
        let mut new = TableRows {
            table: rows.table.clone(),
            inserted: rows.inserted.saturating_sub(earlier.inserted),
            updated: rows.updated.saturating_sub(earlier.updated),
            deleted: rows.deleted.saturating_sub(earlier.deleted),
            touched: rows.touched.saturating_sub(earlier.touched),
        };
        if *own && affected.is_some() {
            // A row that moves from one part to another counts in both.
            if is_divided {
                continue;
            }
            for count in [&mut new.touched, &mut new.updated, &mut new.deleted, &mut new.inserted] {
                let own = own_left.min(*count);
                *count -= own;
                own_left -= own;
            }
        }
        if new.inserted + new.updated + new.deleted + new.touched > 0 {
            tables.push(new);
        }
    }
    OtherRows { in_all: affected.is_none(), tables, uncounted: after.uncounted.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[Option<&str>]) -> Row {
        values.iter().map(|value| value.map(str::to_owned)).collect()
    }

    fn jobs(rows: Vec<Row>) -> RowsBefore {
        RowsBefore { columns: ["id", "status", "locked_at"].map(str::to_owned).to_vec(), key: vec![0], rows }
    }

    fn same(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn only_the_columns_that_differ_are_told_and_masked() {
        let before =
            jobs(vec![row(&[Some("7"), Some("processing"), Some("s3cret")]), row(&[Some("8"), Some("pending"), None])]);
        let after = vec![row(&[Some("8"), Some("pending"), None]), row(&[Some("7"), Some("pending"), None])];
        let changes = compare(RowVerb::Update, &before, &after, 5, &|text| text.replace("s3cret", "«token»"));
        let key = |id: &str| vec![Field { name: "id".into(), value: Some(id.into()) }];
        let column = |name: &str, before: Option<&str>, after: Option<&str>| ColumnChange {
            name: name.into(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        assert_eq!(
            changes.rows,
            [
                RowChange::Changed {
                    key: key("7"),
                    columns: vec![
                        column("status", Some("processing"), Some("pending")),
                        column("locked_at", Some("«token»"), None)
                    ],
                },
                RowChange::Changed { key: key("8"), columns: vec![] },
            ]
        );
        assert_eq!(changes.more, 3);
    }

    #[test]
    fn a_row_that_is_gone_is_told_with_its_values() {
        let before = jobs(vec![row(&[Some("7"), Some("a"), None]), row(&[Some("8"), Some("b"), None])]);
        let changes = compare(RowVerb::Delete, &before, &[row(&[Some("8"), Some("b"), None])], 1, &same);
        let [RowChange::Deleted { key, columns }] = changes.rows.as_slice() else { panic!("{changes:?}") };
        assert_eq!((key[0].value.as_deref(), columns.len(), changes.more), (Some("7"), 2, 0));
    }

    #[test]
    fn a_long_value_is_shortened_where_it_is_the_same() {
        let long = "x".repeat(500);
        assert_eq!(shortened(&long, 0..0), format!("{}… 440 more …{}", "x".repeat(30), "x".repeat(30)));
        let (before, after) = (format!("{long}on{long}"), format!("{long}off{long}"));
        let (before, after) = pair(Some(before), Some(after));
        let (before, after) = (before.expect("a value"), after.expect("a value"));
        assert!(before.contains("xon") || before.contains("xnx"), "{before}");
        assert!(after.contains("ff") && after.ends_with("(1003 characters)") && after.starts_with('…'), "{after}");
        assert_ne!(before, after);
        assert!(before.chars().count() < 2 * LONGEST_VALUE);
    }

    #[test]
    fn what_a_statement_set_off_is_what_it_does_not_count_itself() {
        let table = |name: &str, deleted, own| {
            (TableRows { table: Some(name.to_owned()), deleted, ..TableRows::default() }, own)
        };
        let before = Tally { tables: vec![table("orders", 2, true), table("audit", 1, false)], ..Tally::default() };
        let after = Tally {
            tables: vec![table("orders", 3, true), table("order_lines", 1_000, false), table("audit", 1, false)],
            ..Tally::default()
        };
        let others = set_off(&before, &after, Some(1));
        assert_eq!(others.lines(), ["also deletes 1,000 rows of order_lines (cascade or trigger)"]);
        // The table refers to itself, and more of it went.
        let others = set_off(&before, &Tally { tables: vec![table("orders", 13, true)], ..after.clone() }, Some(1));
        assert_eq!(others.lines(), ["also deletes 10 rows of orders (cascade or trigger)"]);
        let others = set_off(&before, &after, None);
        assert!(others.in_all && others.tables.len() == 2, "{others:?}");
    }

    #[test]
    fn where_the_server_says_no_tables_the_difference_is_told() {
        let touched =
            |touched| Tally { tables: vec![(TableRows { touched, ..TableRows::default() }, true)], ..Tally::default() };
        assert_eq!(set_off(&touched(4), &touched(17), Some(1)).lines(), ["also changes 12 rows (cascade or trigger)"]);
        assert!(set_off(&touched(4), &touched(5), Some(1)).is_empty());
        assert!(set_off(&touched(4), &touched(9), None).is_empty(), "DDL counts rows of its own");
    }
}
