//! What the statements of a block lose for good, and what of them cannot be
//! taken back.

use crate::language::sql::{self, SqlDialect, Statement};
use crate::runbook::Effect;
use std::collections::BTreeSet;

/// What takes effect at once and cannot be previewed, a sentence for each.
pub(super) fn at_once(text: &str, statements: &[Statement], dialect: SqlDialect) -> Vec<String> {
    let mut told = BTreeSet::new();
    let sentences = statements.iter().flat_map(|statement| sql::at_once(text, statement, dialect));
    sentences.filter(|sentence| told.insert(sentence.clone())).collect()
}

/// The tables of which statements lose something, with commas between them.
pub(super) fn lost(statements: &[Statement]) -> Option<String> {
    let destructive = statements.iter().filter(|statement| statement.effect == Effect::Destructive);
    let mut tables: Vec<&str> = Vec::new();
    for table in destructive.filter_map(|statement| statement.table.as_deref()).flat_map(|names| names.split(", ")) {
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    (!tables.is_empty()).then(|| tables.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_that_is_lost_is_named_once() {
        let lost_by = |code: &str| lost(&sql::split(code, SqlDialect::Postgres));
        assert_eq!(
            lost_by("DELETE FROM a; UPDATE b SET c = 1 WHERE id = 2; TRUNCATE \"B\", a").as_deref(),
            Some("a, \"B\"")
        );
        assert_eq!(lost_by("DROP SCHEMA old CASCADE").as_deref(), Some("old"));
        assert_eq!(lost_by("UPDATE b SET c = 1 WHERE id = 2"), None);
    }
}
