//! What of a statement cannot be previewed: it takes effect at once, and no
//! ROLLBACK takes it back.

use super::classify::{Word, words};
use super::lexer::{self, TokenKind};
use super::verb::set_for_all;
use super::{SqlDialect, Statement, StatementKind};
use crate::runbook::Effect;

/// Functions that act outside of the transaction, and what of it stays. A name
/// that ends in `*` stands for all that begin with it.
const FUNCTIONS: &[(&str, &str)] = &[
    ("nextval", "a sequence moves on even when all else is rolled back"),
    ("setval", "a sequence stays moved even when all else is rolled back"),
    ("pg_advisory_lock*", "the lock outlives the transaction"),
    ("pg_try_advisory_lock*", "the lock outlives the transaction"),
    ("pg_advisory_unlock*", AT_ONCE),
    ("pg_terminate_backend", AT_ONCE),
    ("pg_cancel_backend", AT_ONCE),
    ("pg_reload_conf", AT_ONCE),
    ("pg_rotate_logfile", AT_ONCE),
    ("pg_switch_wal", AT_ONCE),
    ("pg_promote", AT_ONCE),
    ("pg_wal_replay_*", AT_ONCE),
    ("pg_drop_replication_slot", AT_ONCE),
    ("pg_replication_slot_advance", AT_ONCE),
    ("pg_create_*", AT_ONCE),
    ("pg_backup_*", AT_ONCE),
    ("pg_start_backup", AT_ONCE),
    ("pg_stop_backup", AT_ONCE),
    ("pg_stat_reset*", AT_ONCE),
    ("pg_stat_statements_reset", AT_ONCE),
    ("pg_file_*", AT_ONCE),
    ("lo_export", "the file it writes stays"),
    ("dblink*", "the other database keeps what it does there"),
    ("load_extension", AT_ONCE),
    ("writefile", "the file it writes stays"),
    ("get_lock", "the lock outlives the transaction"),
    ("release_lock", AT_ONCE),
    ("release_all_locks", AT_ONCE),
];

const AT_ONCE: &str = "it takes effect at once";

/// What of `statement`, which stands in `code`, takes effect at once, a
/// sentence for each; none for what a ROLLBACK takes back.
#[must_use]
pub fn at_once(code: &str, statement: &Statement, dialect: SqlDialect) -> Vec<String> {
    let text = &code[statement.span.start..statement.span.end];
    let lexed = lexer::lex(text, dialect);
    let words = words(text, &lexed.tokens);
    let mut found = Vec::new();
    let mut add = |what: &str, why: &str| {
        let sentence = format!("{what} cannot be previewed: {why}");
        if !found.contains(&sentence) {
            found.push(sentence);
        }
    };
    if let Some((what, why)) = of_command(&words, statement) {
        add(&what, why);
    }
    for (at, word) in words.iter().enumerate() {
        let is_called = words.get(at + 1).is_some_and(|next| next.text == "(");
        if !is_called || !(word.is_name() || word.quoted) {
            continue;
        }
        let name = word.text.trim_matches(['"', '`']).to_ascii_lowercase();
        let known = FUNCTIONS.iter().find(|(pattern, _)| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == *pattern,
        });
        if let Some((_, why)) = known {
            add(&format!("`{name}()`"), why);
        }
    }
    found
}

/// What the statement itself does at once.
fn of_command(words: &[Word<'_>], statement: &Statement) -> Option<(String, &'static str)> {
    let first = words.iter().find(|word| word.text != "(")?;
    if first.kind == TokenKind::ClientCommand {
        return None;
    }
    match statement.kind {
        StatementKind::OutsideTransaction => return Some((command(words), AT_ONCE)),
        StatementKind::Session if first.is("PRAGMA") && statement.effect != Effect::Read => {
            return Some((command(words), AT_ONCE));
        }
        StatementKind::Session if let Some(what) = set_for_all(words) => return Some((what.to_owned(), AT_ONCE)),
        StatementKind::Session if first.is_any(&["ATTACH", "DETACH"]) => return Some((command(words), AT_ONCE)),
        _ => {}
    }
    if let Some(next) = words.windows(3).find(|three| three[0].is("NEXT") && three[1].is("VALUE") && three[2].is("FOR"))
    {
        let said = next.iter().map(|word| word.text.to_ascii_uppercase()).collect::<Vec<_>>().join(" ");
        return Some((said, "a sequence moves on even when all else is rolled back"));
    }
    let to_file = |pair: &&[Word<'_>]| pair[0].is("INTO") && pair[1].is_any(&["OUTFILE", "DUMPFILE"]);
    if let Some(into) = words.windows(2).find(to_file) {
        return Some((format!("SELECT INTO {}", into[1].text.to_ascii_uppercase()), "the file it writes stays"));
    }
    if !first.is("COPY") {
        return None;
    }
    let direction = words.iter().position(|word| word.depth == 0 && word.is_any(&["FROM", "TO"]))?;
    let end = words.get(direction + 1)?;
    if end.is("PROGRAM") {
        return Some((
            format!("COPY {} PROGRAM", words[direction].text.to_ascii_uppercase()),
            "what the program does stays done",
        ));
    }
    (words[direction].is("TO") && !end.is("STDOUT")).then(|| ("COPY TO a file".to_owned(), "the file it writes stays"))
}

/// The statement's command: `CREATE INDEX CONCURRENTLY`, `ALTER SYSTEM`.
fn command(words: &[Word<'_>]) -> String {
    const OBJECTS: &[&str] = &[
        "INDEX",
        "UNIQUE",
        "DATABASE",
        "TABLESPACE",
        "SUBSCRIPTION",
        "SYSTEM",
        "TABLE",
        "SCHEMA",
        "PREPARED",
        "TRANSACTION",
        "VIEW",
        "USER",
        "ROLE",
        "TRIGGER",
        "PROCEDURE",
        "FUNCTION",
        "EVENT",
        "FULL",
        "SLAVE",
        "REPLICA",
        "MASTER",
        "BINARY",
        "LOGS",
        "TABLES",
        "ALL",
        "OR",
        "REPLACE",
        "TEMPORARY",
        "COMMIT",
        "ROLLBACK",
    ];
    let mut named: Vec<String> = Vec::new();
    for word in words {
        if named.is_empty() || word.is_any(OBJECTS) || (named[0] == "PRAGMA" && named.len() == 1) {
            named.push(if named.first().is_some_and(|first| first == "PRAGMA") {
                word.text.to_owned()
            } else {
                word.text.to_ascii_uppercase()
            });
        } else {
            break;
        }
    }
    if words.iter().any(|word| word.depth == 0 && word.is("CONCURRENTLY")) {
        named.push("CONCURRENTLY".to_owned());
    }
    named.join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::split;
    use super::*;

    fn found(code: &str, dialect: SqlDialect) -> Vec<String> {
        split(code, dialect).iter().flat_map(|statement| at_once(code, statement, dialect)).collect()
    }

    #[test]
    fn what_no_rollback_takes_back_is_named() {
        for (code, what) in [
            ("VACUUM FULL jobs", "VACUUM FULL"),
            ("CREATE UNIQUE INDEX CONCURRENTLY i ON a (b)", "CREATE UNIQUE INDEX CONCURRENTLY"),
            ("REINDEX INDEX CONCURRENTLY i", "REINDEX INDEX CONCURRENTLY"),
            ("CREATE DATABASE a", "CREATE DATABASE"),
            ("ALTER SYSTEM SET work_mem = '1GB'", "ALTER SYSTEM"),
            ("COMMIT PREPARED 'a'", "COMMIT PREPARED"),
            ("COPY a FROM PROGRAM 'curl x'", "COPY FROM PROGRAM"),
            ("COPY (SELECT 1) TO PROGRAM 'sh'", "COPY TO PROGRAM"),
            ("COPY a TO '/tmp/a.csv'", "COPY TO a file"),
            ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity", "`pg_terminate_backend()`"),
            ("SELECT pg_catalog.pg_cancel_backend(1)", "`pg_cancel_backend()`"),
            ("SELECT \"pg_reload_conf\"()", "`pg_reload_conf()`"),
            ("SELECT pg_switch_wal()", "`pg_switch_wal()`"),
            ("INSERT INTO a VALUES (nextval('s'))", "`nextval()`"),
            ("SELECT setval('s', 1)", "`setval()`"),
            ("SELECT pg_advisory_lock(1)", "`pg_advisory_lock()`"),
            ("SELECT pg_try_advisory_lock_shared(1)", "`pg_try_advisory_lock_shared()`"),
            ("SELECT dblink_exec('c', 'DELETE FROM a')", "`dblink_exec()`"),
            ("SELECT lo_export(1, '/tmp/x')", "`lo_export()`"),
        ] {
            let sentences = found(code, SqlDialect::Postgres);
            assert_eq!(sentences.len(), 1, "{code}: {sentences:?}");
            assert!(sentences[0].starts_with(&format!("{what} cannot be previewed: ")), "{code}: {sentences:?}");
        }
        for (code, what) in [
            ("TRUNCATE jobs", "TRUNCATE"),
            ("ALTER TABLE a ADD b int", "ALTER TABLE"),
            ("LOCK TABLES a WRITE", "LOCK TABLES"),
            ("CREATE OR REPLACE TABLE a (b int)", "CREATE OR REPLACE TABLE"),
            ("XA COMMIT 'a'", "XA COMMIT"),
        ] {
            let sentences = found(code, SqlDialect::Mysql);
            assert_eq!(sentences, [format!("{what} cannot be previewed: it takes effect at once")], "{code}");
        }
        for into in ["OUTFILE", "DUMPFILE"] {
            let sentences = found(&format!("SELECT a INTO {into} '/tmp/a' FROM b"), SqlDialect::Mysql);
            assert_eq!(sentences, [format!("SELECT INTO {into} cannot be previewed: the file it writes stays")]);
        }
        assert!(found("CREATE TEMPORARY TABLE a (b int)", SqlDialect::Mysql).is_empty());
        for (code, what) in [
            ("SET GLOBAL max_connections = 5", "SET GLOBAL"),
            ("SET SESSION a = 1, @@GLOBAL.b = 2", "SET GLOBAL"),
            ("SET @@persist.max_connections = 5", "SET PERSIST"),
            ("SET PASSWORD FOR app = PASSWORD('x')", "SET PASSWORD"),
            ("SELECT NEXT VALUE FOR s", "NEXT VALUE FOR"),
            ("CREATE OR REPLACE TABLE a (b int)", "CREATE OR REPLACE TABLE"),
            ("XA COMMIT 'x'", "XA COMMIT"),
        ] {
            let sentences = found(code, SqlDialect::Mysql);
            assert_eq!(sentences.len(), 1, "{code}: {sentences:?}");
            assert!(sentences[0].starts_with(&format!("{what} cannot be previewed: ")), "{code}: {sentences:?}");
        }
        for code in [
            "SET @global = 1",
            "SET SESSION a = @@global.a",
            "CREATE TEMPORARY TABLE a (b int)",
            "DROP TEMPORARY TABLE a",
        ] {
            assert_eq!(found(code, SqlDialect::Mysql), Vec::<String>::new(), "{code}");
        }
        assert_eq!(found("PRAGMA table_info(jobs)", SqlDialect::Sqlite), Vec::<String>::new());
        assert_eq!(
            found("PRAGMA journal_mode = WAL", SqlDialect::Sqlite),
            ["PRAGMA journal_mode cannot be previewed: it takes effect at once"]
        );
    }

    #[test]
    fn what_a_rollback_takes_back_is_not() {
        for code in [
            "UPDATE a SET b = 1",
            "TRUNCATE a",
            "ALTER TABLE a ADD b int",
            "CREATE INDEX i ON a (b)",
            "COPY a FROM '/tmp/a.csv'",
            "COPY a TO STDOUT",
            "NOTIFY a",
            "SELECT pg_notify('a', 'b')",
            "SELECT pg_advisory_xact_lock(1)",
            "SELECT 'pg_terminate_backend(1)' -- nextval('a')",
            "SELECT set_config('a.b', 'c', false)",
            "LOCK TABLE a",
            "SELECT 1",
            "\\d",
        ] {
            assert!(found(code, SqlDialect::Postgres).is_empty(), "{code}: {:?}", found(code, SqlDialect::Postgres));
        }
    }
}
