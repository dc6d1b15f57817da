//! What a server's own read-only transaction does not keep from changing
//! something.

use super::at_once::at_once;
use super::classify::{Word, words};
use super::{SqlDialect, Statement, StatementKind, lexer, split};
use crate::runbook::Effect;

/// Statements of MySQL that are not known by what they do, and that its
/// read-only transaction holds to reading.
const HELD_BY_MYSQL: &[&str] = &["HANDLER", "HELP", "CHECKSUM", "PREPARE", "DEALLOCATE", "GET"];

/// Why a read-only transaction of the server would not stop what `statement`,
/// which stands in `code`, does outside of tables; `None` where it would, or
/// where it only reads.
///
/// Code that a statement runs can do anything that the account may: end another
/// session, write a file, lift the read-only. A function that is called is
/// taken to be the database's own, and not looked into.
#[must_use]
pub fn beyond_reading(code: &str, statement: &Statement, dialect: SqlDialect) -> Option<String> {
    let text = &code[statement.span.start..statement.span.end];
    let lexed = lexer::lex(text, dialect);
    let words = words(text, &lexed.tokens);
    let start = words.iter().position(|word| word.text != "(")?;
    let words = &words[start..];
    let first = words[0];
    if !at_once(code, statement, dialect).is_empty() {
        let what = statement.reasons.first().map_or("changes something", String::as_str);
        return Some(what.to_owned());
    }
    let is_mysql = dialect == SqlDialect::Mysql;
    let runs_code = first.is("CALL")
        || (first.is("DO") && !is_mysql)
        || (first.is("EXECUTE") && is_mysql)
        || (first.is("BEGIN") && words.get(1).is_some_and(|second| second.is("NOT")));
    if runs_code {
        return Some(format!("{} runs code that is not looked into", first.text.to_ascii_uppercase()));
    }
    if is_mysql && statement.kind == StatementKind::Unknown && !first.is_any(HELD_BY_MYSQL) {
        return Some(format!("`{}` is not a statement known here", first.text));
    }
    let inner = &text[inner(words, &lexed.tokens, start)?..];
    split(inner, dialect).iter().find_map(|statement| {
        let changes = statement.effect == Effect::Write || statement.effect == Effect::Destructive;
        let reason = statement.reasons.first().filter(|_| changes).cloned();
        reason.or_else(|| beyond_reading(inner, statement, dialect))
    })
}

/// Where the statement begins that another one prepares or opens a cursor on.
fn inner(words: &[Word<'_>], tokens: &[lexer::Token], start: usize) -> Option<usize> {
    let keyword = match words[0] {
        first if first.is("PREPARE") => "AS",
        first if first.is("DECLARE") => "FOR",
        _ => return None,
    };
    let at = words.iter().position(|word| word.depth == words[0].depth && word.is(keyword))?;
    // Words are the tokens without the comments.
    let mut code = tokens.iter().filter(|token| token.kind != lexer::TokenKind::Comment);
    code.nth(start + at + 1).map(|token| token.span.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beyond(code: &str, dialect: SqlDialect) -> Option<String> {
        split(code, dialect).iter().find_map(|statement| beyond_reading(code, statement, dialect))
    }

    #[test]
    fn what_no_read_only_transaction_stops_is_told() {
        for code in [
            "SET GLOBAL max_connections = 5",
            "SET SESSION a = 1, GLOBAL read_only = 0",
            "SET @@global.read_only = 0",
            "SET PERSIST max_connections = 5",
            "SET PASSWORD = PASSWORD('x')",
            "SET DEFAULT ROLE a FOR b",
            "FLUSH TABLES",
            "KILL 5",
            "PURGE BINARY LOGS BEFORE NOW()",
            "RESET MASTER",
            "RESET SLAVE ALL",
            "CHANGE MASTER TO MASTER_HOST = 'x'",
            "START SLAVE",
            "STOP REPLICA",
            "SHUTDOWN",
            "INSTALL SONAME 'x'",
            "UNINSTALL PLUGIN x",
            "XA COMMIT 'x'",
            "BINLOG 'x'",
            "CALL ops.p()",
            "EXECUTE p",
            "EXECUTE IMMEDIATE 'SET GLOBAL read_only = 0'",
            "BEGIN NOT ATOMIC DELETE FROM t; END",
            "IF 1 THEN DELETE FROM t; END IF",
            "SELECT 1 INTO OUTFILE '/tmp/x'",
            "CREATE OR REPLACE TABLE t (a int)",
        ] {
            assert!(beyond(code, SqlDialect::Mysql).is_some(), "{code}");
        }
        for code in [
            "DO $$ BEGIN PERFORM pg_terminate_backend(1); END $$",
            "CALL ops.p()",
            "PREPARE p (int) AS /* AS */ SELECT pg_terminate_backend($1)",
            "PREPARE p AS DELETE FROM t WHERE id = 1",
            "DECLARE c CURSOR WITH HOLD FOR SELECT pg_reload_conf()",
            "ALTER SYSTEM SET work_mem = '1GB'",
        ] {
            assert!(beyond(code, SqlDialect::Postgres).is_some(), "{code}");
        }
        for code in
            ["ATTACH 'x' AS y", "PRAGMA journal_mode = WAL", "PRAGMA wal_checkpoint", "SELECT load_extension('x')"]
        {
            assert!(beyond(code, SqlDialect::Sqlite).is_some(), "{code}");
        }
    }

    #[test]
    fn what_only_reads_is_left_to_the_server() {
        for code in
            ["SELECT 1", "SET @global = 1", "SET SESSION a = @@global.a", "SHOW STATUS", "USE ops", "HANDLER t OPEN"]
        {
            assert_eq!(beyond(code, SqlDialect::Mysql), None, "{code}");
        }
        for code in
            ["PREPARE p AS SELECT 1", "EXECUTE p", "DECLARE c CURSOR FOR SELECT 1", "FETCH c", "SET work_mem = '1GB'"]
        {
            assert_eq!(beyond(code, SqlDialect::Postgres), None, "{code}");
        }
        assert_eq!(beyond("PRAGMA table_info(t)", SqlDialect::Sqlite), None);
    }
}
