//! What a statement changed in the rows of a table, and what it set off beside
//! them. Texts are masked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The rows of one table that a statement changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct RowChanges {
    /// The table, as the statement names it.
    pub table: String,
    /// Rows that were read before and after it.
    pub rows: Vec<RowChange>,
    /// How many more rows it changed.
    pub more: u64,
    /// Why none was read, where none could be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<String>,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum RowChange {
    /// It has other values.
    Changed {
        /// The columns that tell it from all others.
        key: Vec<Field>,
        /// The columns that differ; none where it is as it was.
        columns: Vec<ColumnChange>,
    },
    /// It is gone.
    Deleted {
        /// The columns that told it from all others.
        key: Vec<Field>,
        /// The others.
        columns: Vec<Field>,
    },
}

/// A column's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// The column.
    pub name: String,
    /// As the server writes it, long ones shortened; `null` is NULL.
    pub value: Option<String>,
}

/// A column's value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnChange {
    /// The column.
    pub name: String,
    /// Before; `null` is NULL.
    pub before: Option<String>,
    /// After; `null` is NULL.
    pub after: Option<String>,
}

/// Rows that a statement changed by triggers and cascades.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct OtherRows {
    /// The server does not tell them from the statement's own: these are all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_all: bool,
    /// How many, by table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableRows>,
    /// What may have changed more where the server does not count it: triggers
    /// and cascading keys, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncounted: Vec<String>,
}

/// How many rows of a table were changed, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TableRows {
    /// The table; absent where the server does not say which.
    pub table: Option<String>,
    /// Rows added.
    #[serde(default)]
    pub inserted: u64,
    /// Rows changed.
    #[serde(default)]
    pub updated: u64,
    /// Rows deleted.
    #[serde(default)]
    pub deleted: u64,
    /// Rows of which it is not known what was done to them.
    #[serde(default)]
    pub touched: u64,
}

impl OtherRows {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.uncounted.is_empty()
    }

    /// A line for each thing to tell: `also deletes 1,000 rows of order_lines
    /// (cascade or trigger)`.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let counted = self.tables.iter().flat_map(TableRows::phrases).map(|phrase| {
            if self.in_all { format!("in all, it {phrase}") } else { format!("also {phrase} (cascade or trigger)") }
        });
        let uncounted = self.uncounted.iter().map(|what| format!("may also change, uncounted: {what}"));
        counted.chain(uncounted).collect()
    }
}

impl TableRows {
    /// How many rows of it were changed in any way.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.inserted + self.updated + self.deleted + self.touched
    }

    fn phrases(&self) -> Vec<String> {
        let table = |link: &str| self.table.as_deref().map(|table| format!(" {link} {table}")).unwrap_or_default();
        [
            ("inserts", self.inserted, table("into")),
            ("updates", self.updated, table("of")),
            ("deletes", self.deleted, table("of")),
            ("changes", self.touched, table("of")),
        ]
        .into_iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(verb, count, table)| format!("{verb} {}{table}", row_count(count)))
        .collect()
    }
}

/// A value as it stands in SQL: bare numbers, quoted text, NULL.
#[must_use]
pub fn literal(value: Option<&str>) -> String {
    let Some(text) = value else { return "NULL".to_owned() };
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.matches('.').count() <= 1
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_number { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// `id 7`, `order_id 7, line 2`.
#[must_use]
pub fn fields(fields: &[Field]) -> String {
    let each = fields.iter().map(|field| format!("{} {}", field.name, literal(field.value.as_deref())));
    each.collect::<Vec<_>>().join(", ")
}

/// `1 row`, `1,000 rows`.
#[must_use]
pub fn row_count(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{} rows", grouped(count)) }
}

/// A number with its thousands apart.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_statement_set_off_is_said_by_table() {
        let table = |name: &str| TableRows { table: Some(name.to_owned()), ..TableRows::default() };
        let others = OtherRows {
            tables: vec![
                TableRows { deleted: 1_000, ..table("order_lines") },
                TableRows { inserted: 1, ..table("audit") },
                TableRows { touched: 12, ..TableRows::default() },
            ],
            uncounted: vec!["trigger stamp".to_owned()],
            in_all: false,
        };
        assert_eq!(
            others.lines(),
            [
                "also deletes 1,000 rows of order_lines (cascade or trigger)",
                "also inserts 1 row into audit (cascade or trigger)",
                "also changes 12 rows (cascade or trigger)",
                "may also change, uncounted: trigger stamp",
            ]
        );
        let all = OtherRows { in_all: true, tables: vec![TableRows { updated: 2, ..table("jobs") }], ..others };
        assert_eq!(all.lines()[0], "in all, it updates 2 rows of jobs");
    }

    #[test]
    fn values_stand_as_in_sql() {
        let shown = [Some("7"), Some("-1.5"), Some("it's"), Some("1.2.3.4"), Some("-"), Some(""), None].map(literal);
        assert_eq!(shown, ["7", "-1.5", "'it''s'", "'1.2.3.4'", "'-'", "''", "NULL"]);
    }
}
