//! Tables that keep what is changed at once, whatever becomes of the
//! transaction: those of MyISAM, Aria, MEMORY and the like.

use super::value::texts;
use regex::Regex;
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Executor as _};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What stands where a statement that changes rows names a table: the schema,
/// if it is named, and the table.
static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) \b (?: UPDATE | INSERT | REPLACE | DELETE | INTO | FROM | JOIN )
          (?: \s+ (?: LOW_PRIORITY | DELAYED | HIGH_PRIORITY | QUICK | IGNORE | INTO | FROM ) )* \s+
          (?: ( `[^`]+` | [\w$]+ ) \s* \. \s* )? ( `[^`]+` | [\w$]+ )",
    )
    .expect("the pattern is constant")
});

/// Those of them that the statement names, each with its engine:
/// `shop.audit (MyISAM)`. What a trigger or a procedure changes is not known.
pub(super) async fn tables(connection: &mut MySqlConnection, statement: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut found = Vec::new();
    for (schema, table) in named(statement) {
        let schema = if schema.is_empty() { "DATABASE()".to_owned() } else { literal(&schema) };
        let look = format!(
            "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME, ' (', t.ENGINE, ')') FROM information_schema.TABLES AS t \
             JOIN information_schema.ENGINES AS e ON e.ENGINE = t.ENGINE AND e.TRANSACTIONS = 'NO' \
             WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {}",
            literal(&table)
        );
        let rows = connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(look))).await?;
        found.extend(rows.iter().map(|row| texts(row).concat()));
    }
    Ok(found)
}

fn named(statement: &str) -> BTreeSet<(String, String)> {
    let plain = |name: Option<regex::Match<'_>>| name.map_or(String::new(), |name| name.as_str().replace('`', ""));
    NAMES.captures_iter(statement).map(|found| (plain(found.get(1)), plain(found.get(2)))).collect()
}

/// A name as a text whatever the session is set to.
pub(super) fn literal(name: &str) -> String {
    let hex: String = name.bytes().map(|byte| format!("{byte:02X}")).collect();
    format!("_utf8mb4 X'{hex}'")
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn the_tables_of_a_change_are_found() {
        let names = |statement: &str| -> Vec<String> {
            named(statement).iter().map(|(schema, table)| format!("{schema}.{table}")).collect()
        };
        assert_eq!(names("update low_priority jobs set a = 1"), [".jobs"]);
        assert_eq!(names("INSERT IGNORE INTO `ops`.`job log` (a) VALUES (1)"), ["ops.job log"]);
        assert_eq!(names("DELETE a FROM a JOIN shop . b ON a.id = b.id"), [".a", "shop.b"]);
        assert_eq!(names("SELECT 1"), Vec::<String>::new());
    }
}
