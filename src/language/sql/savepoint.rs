//! What a statement does to the savepoints of a transaction.

use super::classify::words;
use super::rows::unquoted;
use super::{SqlDialect, lexer};

/// What is done to a savepoint, which is known by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Savepoint {
    /// It is set.
    Set(String),
    /// What came after it is taken back; it stays.
    BackTo(String),
    /// It is forgotten, with those that were set after it.
    Released(String),
}

/// What `statement` does to a savepoint; `None` where it does nothing to one.
#[must_use]
pub fn savepoint(statement: &str, dialect: SqlDialect) -> Option<Savepoint> {
    let lexed = lexer::lex(statement, dialect);
    let words = words(statement, &lexed.tokens);
    let first = words.first()?;
    let last = words.iter().rev().find(|word| word.text != ";")?;
    // Names that are not quoted are the same in any case.
    let name = || if last.quoted { unquoted(last.text) } else { last.text.to_lowercase() };
    if first.is("SAVEPOINT") {
        Some(Savepoint::Set(name()))
    } else if first.is("RELEASE") {
        Some(Savepoint::Released(name()))
    } else if first.is_any(&["ROLLBACK", "ABORT"]) && words.iter().any(|word| word.is("TO")) {
        Some(Savepoint::BackTo(name()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_savepoint_is_known_by_its_name() {
        let told = |code| savepoint(code, SqlDialect::Postgres);
        assert_eq!(told("SAVEPOINT before_it;"), Some(Savepoint::Set("before_it".to_owned())));
        assert_eq!(told("rollback work to savepoint BEFORE_IT"), Some(Savepoint::BackTo("before_it".to_owned())));
        assert_eq!(told("ROLLBACK TO \"Odd One\" -- back"), Some(Savepoint::BackTo("Odd One".to_owned())));
        assert_eq!(told("RELEASE a"), Some(Savepoint::Released("a".to_owned())));
        assert_eq!((told("ROLLBACK"), told("SELECT 1")), (None, None));
    }
}
