//! Variables taken from a block's result, where its annotations say so and
//! nowhere else.

use super::judge::Evidence;
use crate::runbook::{Capture, VariableKind};
use std::borrow::Cow;

/// The first row of the last query.
pub(super) type FirstRow = Vec<Cell>;

/// A value in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) name: String,
    /// `None` is NULL.
    pub(super) value: Option<String>,
    /// By the column's type, whatever the value looks like.
    pub(super) is_number: bool,
}

/// The value that `capture` finds, or why it finds none.
pub(super) fn capture(capture: &Capture, evidence: &Evidence, row: &FirstRow) -> Result<String, String> {
    match capture {
        Capture::Stdout => Ok(evidence.stdout.trim_end_matches(['\n', '\r']).to_owned()),
        Capture::Matches(pattern) => {
            let pattern = regex::Regex::new(pattern).map_err(|error| format!("not a regular expression: {error}"))?;
            let captures = pattern
                .captures(&evidence.stdout)
                .ok_or_else(|| format!("nothing in the output matches /{pattern}/"))?;
            let found = captures.get(1).or_else(|| captures.get(0));
            Ok(found.map_or_else(String::new, |found| found.as_str().to_owned()))
        }
        Capture::Json(pointer) => {
            let document: serde_json::Value =
                serde_json::from_str(&evidence.stdout).map_err(|error| format!("the output is not JSON: {error}"))?;
            match document.pointer(pointer) {
                Some(serde_json::Value::String(text)) => Ok(text.clone()),
                Some(value) => Ok(value.to_string()),
                None => Err(format!("the output has nothing at {pointer}")),
            }
        }
        Capture::Column(name) => match evidence.rows {
            Some(rows) if rows > 1 => Err(format!(
                "the query gave {rows} rows, and only one was expected: narrow it down, or take `first: {name}`"
            )),
            _ => column(name, evidence, row),
        },
        Capture::First(name) => column(name, evidence, row),
        Capture::Rows => evidence.rows.map(|rows| rows.to_string()).ok_or_else(no_query),
        Capture::Affected => {
            evidence.affected.map(|rows| rows.to_string()).ok_or_else(|| "no statement changes rows".to_owned())
        }
    }
}

/// The value of this column, of which there must be one.
fn column(name: &str, evidence: &Evidence, row: &FirstRow) -> Result<String, String> {
    if evidence.rows.is_none() {
        return Err(no_query());
    }
    let mut found = row.iter().filter(|cell| cell.name == name).map(|cell| &cell.value);
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(format!("several columns are called {name}: name the one you want with AS")),
        (Some(Some(value)), None) => Ok(value.clone()),
        (Some(None), None) => {
            Err(format!("column {name} is NULL: give a value in its place with coalesce(), or leave the row out"))
        }
        (None, _) if row.is_empty() => Err("the query gave no row".to_owned()),
        (None, _) => {
            let columns: Vec<&str> = row.iter().map(|cell| cell.name.as_str()).collect();
            Err(format!("the result has no column {name}, but {}", columns.join(", ")))
        }
    }
}

fn no_query() -> String {
    "no statement is a query".to_owned()
}

/// The type of what was captured, where no declaration says it: a count and
/// the whole number of a column are numbers.
pub(super) fn kind(capture: &Capture, text: &str, row: &FirstRow) -> Option<VariableKind> {
    let is_number = match capture {
        Capture::Rows | Capture::Affected => true,
        Capture::Column(name) | Capture::First(name) => row.iter().any(|cell| cell.name == *name && cell.is_number),
        Capture::Stdout | Capture::Matches(_) | Capture::Json(_) => false,
    };
    (is_number && text.parse::<i64>().is_ok()).then_some(VariableKind::Int)
}

/// What a database writes for a value of a variable's type, as the type has it:
/// `t` for true, `1 day 02:00:00` for a duration. Any other text as it is.
pub(super) fn as_variable<'t>(kind: VariableKind, source: &Capture, text: &'t str) -> Cow<'t, str> {
    if !matches!(source, Capture::Column(_) | Capture::First(_)) {
        return text.into();
    }
    match (kind, text) {
        (VariableKind::Bool, "t" | "1") => "true".into(),
        (VariableKind::Bool, "f" | "0") => "false".into(),
        (VariableKind::Duration, interval) => duration(interval).map_or(interval.into(), Cow::Owned),
        (_, text) => text.into(),
    }
}

/// A duration of an interval as Postgres writes it: `3 days 04:05:06.5`.
fn duration(interval: &str) -> Option<String> {
    let (days, time) = match interval.split_once(" day") {
        Some((days, rest)) => (days.parse().ok()?, rest.trim_start_matches('s').trim_start()),
        None => (0_u64, interval),
    };
    let mut seconds = days.checked_mul(24 * 60 * 60)?;
    let mut millis = String::new();
    if !time.is_empty() {
        let mut parts = time.splitn(3, ':');
        for factor in [3600, 60] {
            seconds = seconds.checked_add(parts.next()?.parse::<u64>().ok()?.checked_mul(factor)?)?;
        }
        let (whole, fraction) = parts.next().map(|last| last.split_once('.').unwrap_or((last, "")))?;
        seconds = seconds.checked_add(whole.parse().ok()?)?;
        // Anything smaller is no part of a duration here.
        let thousandths: u64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<3.3}").parse().ok()? };
        if thousandths > 0 {
            millis = format!("{thousandths}ms");
        }
    } else if days == 0 {
        return None;
    }
    Some(if seconds > 0 || millis.is_empty() { format!("{seconds}s{millis}") } else { millis })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stdout(text: &str) -> Evidence {
        Evidence { stdout: text.into(), ..Evidence::default() }
    }

    #[test]
    fn a_pattern_gives_its_first_group_or_the_whole_match() {
        let evidence = stdout("host=db-1 port=5432\n");
        assert_eq!(capture(&Capture::Matches(r"host=(\S+)".into()), &evidence, &vec![]), Ok("db-1".into()));
        assert_eq!(capture(&Capture::Matches(r"\d+$".into()), &stdout("5432"), &vec![]), Ok("5432".into()));
        assert!(capture(&Capture::Matches("none".into()), &evidence, &vec![]).is_err());
    }

    #[test]
    fn a_pointer_gives_text_without_its_quotes() {
        let evidence = stdout(r#"{"a":{"b":"x","n":3}}"#);
        assert_eq!(capture(&Capture::Json("/a/b".into()), &evidence, &vec![]), Ok("x".into()));
        assert_eq!(capture(&Capture::Json("/a/n".into()), &evidence, &vec![]), Ok("3".into()));
    }

    fn of_rows(rows: u64) -> Evidence {
        Evidence { rows: Some(rows), ..Evidence::default() }
    }

    fn row(columns: &[(&str, Option<&str>)]) -> FirstRow {
        let cell = |(name, value): &(&str, Option<&str>)| Cell {
            name: (*name).to_owned(),
            value: value.map(str::to_owned),
            is_number: name.starts_with("number"),
        };
        columns.iter().map(cell).collect()
    }

    #[test]
    fn only_what_a_database_calls_a_whole_number_is_one() {
        let row = row(&[("number", Some("7")), ("number2", Some("7.5")), ("text", Some("7"))]);
        let of_column = |name: &str, text| kind(&Capture::Column(name.into()), text, &row);
        assert_eq!(of_column("number", "7"), Some(VariableKind::Int));
        assert_eq!(of_column("number2", "7.5"), None);
        assert_eq!(of_column("text", "7"), None, "it may have to be compared with a text");
        assert_eq!(kind(&Capture::Rows, "3", &row), Some(VariableKind::Int));
        assert_eq!(kind(&Capture::Stdout, "3", &row), None);
    }

    #[test]
    fn null_and_missing_columns_are_not_values() {
        let row = row(&[("id", Some("7")), ("gone", None), ("twice", Some("a")), ("twice", Some("b"))]);
        let column = |name: &str| capture(&Capture::Column(name.into()), &of_rows(1), &row);
        assert_eq!(column("id"), Ok("7".into()));
        assert!(column("gone").is_err_and(|error| error.contains("NULL")));
        assert!(column("twice").is_err_and(|error| error.contains("several")));
        assert_eq!(column("other"), Err("the result has no column other, but id, gone, twice, twice".into()));
        assert!(
            capture(&Capture::Column("id".into()), &of_rows(0), &vec![]).is_err_and(|error| error.contains("no row"))
        );
        assert!(capture(&Capture::Column("id".into()), &Evidence::default(), &vec![]).is_err());
    }

    #[test]
    fn one_of_several_rows_is_taken_only_where_the_page_says_first() {
        let row = row(&[("id", Some("7"))]);
        let error = capture(&Capture::Column("id".into()), &of_rows(3), &row).expect_err("which of the three?");
        assert_eq!(error, "the query gave 3 rows, and only one was expected: narrow it down, or take `first: id`");
        assert_eq!(capture(&Capture::First("id".into()), &of_rows(3), &row), Ok("7".into()));
    }

    #[test]
    fn counts_are_captured() {
        let evidence = Evidence { rows: Some(0), affected: Some(12), ..Evidence::default() };
        assert_eq!(capture(&Capture::Rows, &evidence, &vec![]), Ok("0".into()));
        assert_eq!(capture(&Capture::Affected, &evidence, &vec![]), Ok("12".into()));
        assert!(capture(&Capture::Rows, &Evidence::default(), &vec![]).is_err());
        assert!(capture(&Capture::Affected, &of_rows(1), &vec![]).is_err());
    }

    #[test]
    fn what_a_database_writes_becomes_what_the_type_has() {
        let column = Capture::Column("c".into());
        let duration = |text| as_variable(VariableKind::Duration, &column, text).into_owned();
        assert_eq!(duration("00:05:00"), "300s");
        assert_eq!(duration("1 day 02:00:00.25"), "93600s250ms");
        assert_eq!(duration("3 days"), "259200s");
        assert_eq!(duration("00:00:00"), "0s");
        assert_eq!(duration("00:00:00.5"), "500ms");
        for unchanged in ["5m", "-00:05:00", "1 mon", "", "1 mon 2 days", "a:b:c"] {
            assert_eq!(duration(unchanged), unchanged);
        }
        assert_eq!(as_variable(VariableKind::Bool, &column, "t"), "true");
        assert_eq!(as_variable(VariableKind::Bool, &column, "0"), "false");
        assert_eq!(as_variable(VariableKind::Bool, &Capture::Stdout, "0"), "0");
        assert_eq!(as_variable(VariableKind::String, &column, "t"), "t");
    }
}
