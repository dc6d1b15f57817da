//! What a statement does to the transaction that it stands in, where its kind
//! does not say all of it.

use super::SqlDialect;
use super::classify::{Word, words};
use super::lexer;

/// What is done with a savepoint, by its name as the server compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Savepoint {
    /// It is set.
    Set(String),
    /// All that came after it is taken back; it stays.
    BackTo(String),
    /// It is forgotten, and with it those that were set after it.
    Release(String),
}

/// What `statement` does with which savepoint, if it is about one.
#[must_use]
pub fn savepoint(statement: &str, dialect: SqlDialect) -> Option<Savepoint> {
    let lexed = lexer::lex(statement, dialect);
    let words = words(statement, &lexed.tokens);
    let first = words.first()?;
    let name = |after: usize| {
        let word = words.get(after).filter(|word| word.is("SAVEPOINT") && words.len() > after + 1);
        let name = words.get(if word.is_some() { after + 1 } else { after })?;
        Some(compared(name, dialect))
    };
    if first.is("SAVEPOINT") {
        return Some(Savepoint::Set(compared(words.get(1)?, dialect)));
    }
    if first.is("RELEASE") {
        return name(1).map(Savepoint::Release);
    }
    let to = words.iter().position(|word| word.is("TO")).filter(|_| first.is("ROLLBACK"))?;
    name(to + 1).map(Savepoint::BackTo)
}

/// The name as the server compares it: only Postgres minds the case of one in
/// quotes.
fn compared(name: &Word<'_>, dialect: SqlDialect) -> String {
    let bare = name.text.trim_matches(['"', '`', '[', ']']);
    if name.quoted && dialect == SqlDialect::Postgres { bare.to_owned() } else { bare.to_lowercase() }
}

/// Whether `statement`, which ends a transaction, opens the next one in the same
/// breath: `COMMIT AND CHAIN`.
#[must_use]
pub fn chains(statement: &str, dialect: SqlDialect) -> bool {
    let lexed = lexer::lex(statement, dialect);
    let words = words(statement, &lexed.tokens);
    words.windows(2).any(|pair| pair[0].is("AND") && pair[1].is("CHAIN"))
}

/// Whether `statement` sets something that is there for the later ones of its
/// session and for no other: a setting, a temporary table, a prepared statement.
#[must_use]
pub fn sets_session(statement: &str, dialect: SqlDialect) -> bool {
    let lexed = lexer::lex(statement, dialect);
    let words = words(statement, &lexed.tokens);
    let Some(first) = words.first() else { return false };
    let second_is = |names: &[&str]| words.get(1).is_some_and(|second| second.is_any(names));
    let is_temporary = || words.iter().take(4).any(|word| word.is_any(&["TEMP", "TEMPORARY"]));
    match first.text.to_ascii_uppercase().as_str() {
        "SET" => !second_is(&["LOCAL", "TRANSACTION", "CONSTRAINTS", "GLOBAL", "PERSIST", "PASSWORD", "STATEMENT"]),
        "USE" | "ATTACH" => true,
        "PREPARE" => !second_is(&["TRANSACTION"]),
        "PRAGMA" => words.iter().any(|word| word.text == "="),
        "CREATE" => is_temporary(),
        _ => false,
    }
}

/// Whether the statement leaves a transaction behind that this session cannot
/// end any more: the first half of a commit in two phases.
pub(super) fn outlives_its_session(words: &[Word<'_>], dialect: SqlDialect) -> bool {
    let (Some(first), Some(second)) = (words.first(), words.get(1)) else { return false };
    match dialect {
        SqlDialect::Mysql => first.is("XA") && second.is_any(&["START", "BEGIN", "END", "PREPARE"]),
        _ => first.is("PREPARE") && second.is("TRANSACTION"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_savepoint_is_known_by_its_name_in_every_spelling() {
        let found = |code| savepoint(code, SqlDialect::Postgres);
        let name = || "before_delete".to_owned();
        assert_eq!(found("SAVEPOINT Before_Delete"), Some(Savepoint::Set(name())));
        assert_eq!(found("SAVEPOINT \"Before\""), Some(Savepoint::Set("Before".to_owned())));
        for code in ["ROLLBACK TO before_delete", "rollback work to savepoint before_delete"] {
            assert_eq!(found(code), Some(Savepoint::BackTo(name())), "{code}");
        }
        for code in ["RELEASE before_delete", "RELEASE /* it */ SAVEPOINT before_delete"] {
            assert_eq!(found(code), Some(Savepoint::Release(name())), "{code}");
        }
        assert_eq!(found("RELEASE savepoint"), Some(Savepoint::Release("savepoint".to_owned())));
        assert_eq!(savepoint("SAVEPOINT `A`", SqlDialect::Mysql), Some(Savepoint::Set("a".to_owned())));
        for code in ["ROLLBACK", "COMMIT", "UPDATE a SET b = 1", ""] {
            assert_eq!(found(code), None, "{code}");
        }
    }

    #[test]
    fn what_only_its_own_session_has_is_known() {
        for (code, expected) in [
            ("SET search_path = ops", true),
            ("SET ROLE app", true),
            ("SET LOCAL work_mem = '1GB'", false),
            ("SET TRANSACTION READ ONLY", false),
            ("CREATE TEMP TABLE a (b int)", true),
            ("CREATE TABLE temporary_a (b int)", false),
            ("PREPARE a AS SELECT 1", true),
            ("PRAGMA foreign_keys = ON", true),
            ("PRAGMA foreign_keys", false),
            ("SELECT 1", false),
            ("", false),
        ] {
            assert_eq!(sets_session(code, SqlDialect::Postgres), expected, "{code}");
        }
        assert!(sets_session("USE shop", SqlDialect::Mysql));
    }

    #[test]
    fn a_transaction_is_chained_only_by_saying_so() {
        for (code, expected) in [
            ("COMMIT AND CHAIN", true),
            ("commit work and chain", true),
            ("COMMIT AND NO CHAIN", false),
            ("COMMIT", false),
            ("COMMIT -- AND CHAIN", false),
        ] {
            assert_eq!(chains(code, SqlDialect::Postgres), expected, "{code}");
        }
    }
}
