//! The rows that a statement changes, read before and after it: the same on
//! every server but for the questions' own text, which stands here by dialect.

use super::report::DriverRow;
use crate::effect::{ROWS_READ, Row, RowsBefore, Tally};
use crate::language::sql::{ChangedRows, RowVerb, SqlDialect, name_parts};
use crate::run::TableRows;
use async_trait::async_trait;
use futures_util::{Stream, StreamExt as _};

/// What a server answers: the names of the columns, and the rows as text.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// What an answer may hold in all; more is not kept.
const MOST_BYTES: usize = 16 << 20;

/// Said where an answer holds more.
pub(super) const TOO_LARGE: &str = "its rows are too large to be shown";

/// Why there is no answer.
pub(super) enum Failure {
    Driver(sqlx::Error),
    TooLarge,
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

/// All that a question brings. Where that is too large it is still taken in to
/// its end, so that the connection is ready for the next.
pub(super) async fn collect<R: DriverRow>(
    mut rows: impl Stream<Item = Result<R, sqlx::Error>> + Unpin,
) -> Result<Answer, Failure> {
    let mut answer = Answer::default();
    let mut bytes = 0;
    while let Some(row) = rows.next().await {
        let row = row?;
        if answer.columns.is_empty() {
            answer.columns = row.names();
        }
        let row: Row = row.cells().into_iter().map(|cell| cell.text).collect();
        bytes += row.iter().flatten().map(String::len).sum::<usize>();
        if bytes <= MOST_BYTES {
            answer.rows.push(row);
        }
    }
    if bytes > MOST_BYTES { Err(Failure::TooLarge) } else { Ok(answer) }
}

/// Whether the locks that a question takes are to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locks<'a> {
    /// They are; these words at its end take them.
    Keep(&'a str),
    Drop,
}

/// A session that can be asked something of our own in the open transaction,
/// and is then as it was.
#[async_trait(?Send)]
pub(super) trait Asking {
    /// Whose SQL it takes.
    fn dialect(&self) -> SqlDialect;

    /// Asks. An error leaves the transaction as it was.
    async fn ask(&mut self, question: &str, locks: Locks<'_>) -> Result<Answer, String>;
}

/// How one dialect puts the questions.
struct Questions {
    /// The columns of a table's key, in their order.
    key: fn(&str) -> String,
    /// What locks the rows that are read as the statement itself will.
    lock: fn(&ChangedRows) -> String,
    /// Rows changed in the transaction: table, whether it is the statement's
    /// own, rows inserted, updated, deleted, and changed in some way. `None`
    /// where the server does not count them.
    tally: Option<fn(&str) -> String>,
    /// The triggers and cascading keys of a table, where they are not counted.
    uncounted: Option<fn(&str) -> String>,
    /// A name as it must be quoted.
    quoted: fn(&str) -> String,
    /// A value as it must be written.
    literal: fn(&str) -> String,
}

fn questions(dialect: SqlDialect) -> &'static Questions {
    match dialect {
        SqlDialect::Sqlite => &SQLITE,
        SqlDialect::Mysql => &MYSQL,
        SqlDialect::Postgres | SqlDialect::Unknown => &POSTGRES,
    }
}

const POSTGRES: Questions = Questions {
    // A parent's key does not tell its children's rows apart, but that of a
    // partitioned table does.
    key: |table| {
        format!(
            "SELECT a.attname FROM (SELECT i.indrelid, i.indkey, i.indnkeyatts FROM pg_catalog.pg_index i \
             JOIN pg_catalog.pg_class c ON c.oid = i.indrelid \
             WHERE i.indrelid = pg_catalog.to_regclass({table}) AND i.indisunique AND i.indisvalid AND i.indimmediate \
             AND i.indpred IS NULL AND i.indexprs IS NULL \
             AND (c.relkind = 'p' OR NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = i.indrelid)) \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute n WHERE n.attrelid = i.indrelid \
                             AND n.attnum = ANY (i.indkey) AND NOT n.attnotnull) \
             ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1) AS k \
             CROSS JOIN LATERAL pg_catalog.generate_series(0, k.indnkeyatts - 1) AS n(n) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.indrelid AND a.attnum = k.indkey[n.n] ORDER BY n.n",
            table = postgres_text(table)
        )
    },
    // An UPDATE that leaves the key alone takes the milder lock itself.
    lock: |change| {
        let strength = if change.verb == RowVerb::Delete { "UPDATE" } else { "NO KEY UPDATE" };
        format!(" FOR {strength} OF {}", change.name)
    },
    tally: Some(|table| {
        let table = if table.is_empty() { "NULL".to_owned() } else { postgres_text(table) };
        format!(
            "SELECT s.relid::pg_catalog.regclass, s.relid = pg_catalog.to_regclass({table}) OR EXISTS (SELECT FROM \
             pg_catalog.pg_partition_tree(pg_catalog.to_regclass({table})) p WHERE p.relid = s.relid), \
             s.n_tup_ins, s.n_tup_upd, s.n_tup_del, 0 FROM pg_catalog.pg_stat_xact_user_tables s \
             WHERE s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0 ORDER BY s.relname"
        )
    }),
    uncounted: None,
    quoted: double_quoted,
    literal: postgres_text,
};

const SQLITE: Questions = Questions {
    key: |table| {
        let mut parts = name_parts(table, SqlDialect::Sqlite);
        let table = text(&parts.pop().unwrap_or_default());
        let schema = parts.pop().map(|schema| format!(", {}", text(&schema))).unwrap_or_default();
        format!("SELECT name FROM pragma_table_info({table}{schema}) WHERE pk > 0 ORDER BY pk")
    },
    lock: |_| String::new(),
    tally: Some(|_| "SELECT NULL, 1, 0, 0, 0, total_changes()".to_owned()),
    uncounted: None,
    quoted: double_quoted,
    // A number equals a text only where the column has an affinity.
    literal: |value| {
        if value.parse::<i64>().is_ok_and(|n| n.to_string() == value) { value.to_owned() } else { text(value) }
    },
};

const MYSQL: Questions = Questions {
    key: |table| {
        let (schema, table) = of_mysql(table);
        format!(
            "SELECT column_name FROM information_schema.statistics WHERE table_schema = {schema} \
             AND table_name = {table} AND index_name = 'PRIMARY' ORDER BY seq_in_index"
        )
    },
    // Whoever waits for a lock there may lose the whole transaction to a
    // deadlock: nothing is locked that the statement itself would not lock.
    lock: |_| String::new(),
    tally: None,
    uncounted: Some(|table| {
        let (schema, table) = of_mysql(table);
        format!(
            "SELECT CONCAT('trigger ', trigger_name, ', ', LOWER(action_timing), ' ', LOWER(event_manipulation)) \
             FROM information_schema.triggers WHERE event_object_schema = {schema} AND event_object_table = {table} \
             UNION ALL SELECT CONCAT('rows of ', table_name, ' by ', constraint_name, ', ON DELETE ', delete_rule, \
             ', ON UPDATE ', update_rule) FROM information_schema.referential_constraints \
             WHERE unique_constraint_schema = {schema} AND referenced_table_name = {table} \
             AND (delete_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT') \
                  OR update_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT')) ORDER BY 1"
        )
    }),
    quoted: |name| format!("`{}`", name.replace('`', "``")),
    literal: |value| text(&value.replace('\\', "\\\\")),
};

/// A MySQL table's schema and name as texts to compare with.
fn of_mysql(table: &str) -> (String, String) {
    let mut parts = name_parts(table, SqlDialect::Mysql);
    let table = parts.pop().unwrap_or_default();
    (parts.pop().map_or_else(|| "DATABASE()".to_owned(), |schema| text(&schema)), text(&table))
}

/// `value` as a string of Postgres. Whether a backslash in one stands for
/// itself is a setting, but where it is said that it does not.
fn postgres_text(value: &str) -> String {
    if value.contains('\\') { format!("E{}", text(&value.replace('\\', "\\\\"))) } else { text(value) }
}

/// `value` as a string of standard SQL.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn double_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Reads the rows that `change` is about.
pub(super) async fn rows_before(session: &mut dyn Asking, change: &ChangedRows) -> Result<RowsBefore, String> {
    let questions = questions(session.dialect());
    let key = session.ask(&(questions.key)(&change.table), Locks::Drop).await?;
    let key: Vec<String> = key.rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    if key.is_empty() {
        return Err(format!("{} has no key to find its rows again by", change.table));
    }
    if key.iter().any(|key| change.columns.iter().any(|set| set.eq_ignore_ascii_case(key))) {
        return Err(format!("it changes the key of {}", change.table));
    }
    let plain = select_before(change);
    let answer = match session.ask(&plain, Locks::Keep(&(questions.lock)(change))).await {
        // Whoever may only delete may not lock.
        Err(refusal) if refusal.contains("permission denied") => session.ask(&plain, Locks::Drop).await?,
        answer => answer?,
    };
    let places = key.iter().map(|key| answer.columns.iter().position(|column| column == key));
    let key: Vec<usize> = match places.collect::<Option<_>>() {
        Some(places) => places,
        None if answer.rows.is_empty() => Vec::new(),
        None => return Err(format!("the key of {} is not among its columns", change.table)),
    };
    if answer.rows.iter().any(|row| key.iter().any(|place| row[*place].is_none())) {
        return Err(format!("the key of {} is NULL in some rows", change.table));
    }
    let mut rows: Vec<Row> = Vec::new();
    for row in answer.rows {
        // A row may be joined to several others.
        let is_known = |known: &Row| key.iter().all(|place| known[*place] == row[*place]);
        if rows.len() < ROWS_READ && !rows.iter().any(is_known) {
            rows.push(row);
        }
    }
    Ok(RowsBefore { columns: answer.columns, key, rows })
}

fn select_before(change: &ChangedRows) -> String {
    let others = change.others.as_ref().map(|others| format!(", {others}")).unwrap_or_default();
    let condition = change.condition.as_ref().map(|condition| format!(" WHERE {condition}\n")).unwrap_or_default();
    format!("SELECT {}.* FROM {}{others}{condition} LIMIT {ROWS_READ}", change.name, change.target)
}

/// Reads the rows of `before` again.
pub(super) async fn rows_after(
    session: &mut dyn Asking,
    change: &ChangedRows,
    before: &RowsBefore,
) -> Result<Vec<Row>, String> {
    if before.rows.is_empty() {
        return Ok(Vec::new());
    }
    let questions = questions(session.dialect());
    let one = |row: &Row| {
        let equal = before.key.iter().map(|place| {
            let value = row[*place].as_deref().unwrap_or_default();
            format!("{} = {}", (questions.quoted)(&before.columns[*place]), (questions.literal)(value))
        });
        format!("({})", equal.collect::<Vec<_>>().join(" AND "))
    };
    let keys: Vec<String> = before.rows.iter().map(one).collect();
    let question = format!("SELECT {}.* FROM {} WHERE {}", change.name, change.target, keys.join(" OR "));
    let answer = session.ask(&question, Locks::Drop).await?;
    if !answer.rows.is_empty() && answer.columns != before.columns {
        return Err(format!("{} has other columns now", change.table));
    }
    Ok(answer.rows)
}

/// Counts what the transaction has changed so far, or names what may change
/// more.
pub(super) async fn tally(session: &mut dyn Asking, table: Option<&str>) -> Result<Tally, String> {
    let questions = questions(session.dialect());
    let mut tally = Tally::default();
    if let Some(question) = questions.tally {
        let answer = session.ask(&question(table.unwrap_or_default()), Locks::Drop).await?;
        tally.tables = answer.rows.iter().map(counted).collect();
    }
    if let (Some(question), Some(table)) = (questions.uncounted, table) {
        let answer = session.ask(&question(table), Locks::Drop).await?;
        tally.uncounted = answer.rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    }
    Ok(tally)
}

fn counted(row: &Row) -> (TableRows, bool) {
    let value = |place: usize| row.get(place).and_then(Option::as_deref);
    let number = |place| value(place).and_then(|text| text.parse().ok()).unwrap_or_default();
    let rows = TableRows {
        table: value(0).map(str::to_owned),
        inserted: number(2),
        updated: number(3),
        deleted: number(4),
        touched: number(5),
    };
    (rows, matches!(value(1), Some("t" | "1")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::sql::changed_rows;

    fn change(statement: &str, dialect: SqlDialect) -> ChangedRows {
        changed_rows(statement, dialect).expect("it changes rows").expect("it is plain")
    }

    #[test]
    fn the_rows_are_read_by_the_statements_own_words() {
        let statement = "UPDATE ops.jobs AS j SET a = 1 FROM w WHERE j.w = w.id -- stuck\n AND w.dead";
        let change = change(statement, SqlDialect::Postgres);
        let question = format!("{}{}", select_before(&change), (POSTGRES.lock)(&change));
        assert_eq!(
            question,
            "SELECT j.* FROM ops.jobs AS j, w WHERE j.w = w.id -- stuck\n AND w.dead\n LIMIT 100 FOR NO KEY UPDATE OF j"
        );
    }

    #[test]
    fn a_name_cannot_leave_its_place_in_a_question() {
        let hostile = "\"a'b\"";
        assert!((POSTGRES.key)(hostile).contains("to_regclass('\"a''b\"')"));
        assert!((SQLITE.key)(hostile).contains("pragma_table_info('a''b')"));
        assert!((MYSQL.key)("`it's`.`t`").contains("table_schema = 'it''s' AND table_name = 't'"));
        assert_eq!((MYSQL.literal)("a\\'b"), "'a\\\\''b'");
        assert_eq!((MYSQL.quoted)("a`b"), "`a``b`");
        assert_eq!((SQLITE.literal)("007"), "'007'");
        assert_eq!((SQLITE.literal)("-7"), "-7");
    }

    #[test]
    fn mysql_names_what_it_does_not_count() {
        let question = MYSQL.uncounted.map(|question| question("jobs")).unwrap_or_default();
        assert!(question.contains("information_schema.triggers") && question.contains("table = 'jobs'"), "{question}");
        assert!(question.contains("event_object_schema = DATABASE()"), "{question}");
    }
}
