//! What a runner needs to know of a statement's text: its command, and so
//! what its completion is called and whether it can be sent at all.
//!
//! This is not a classification: what a statement may do is told by the
//! language module. A mistake here costs a wrong word in the output.

use super::quotes::{Rules, comment_length, dollar_quoted_length, quoted_length};
use crate::effect::DatabaseError;

/// The command words of a statement: those outside of parentheses, quotes and
/// comments, in upper case.
pub(super) struct Statement {
    words: Vec<String>,
    /// What stands in quotes outside of parentheses, in upper case.
    quoted: Vec<String>,
    /// It begins with a parenthesis: `(SELECT …) UNION …`.
    parenthesised: bool,
}

impl Statement {
    /// A statement for Postgres or SQLite.
    pub(super) fn new(text: &str) -> Self {
        Self::read(text, Rules::Standard)
    }

    /// A statement for MySQL or MariaDB.
    pub(super) fn mysql(text: &str) -> Self {
        Self::read(text, Rules::Mysql)
    }

    fn read(text: &str, rules: Rules) -> Self {
        let is_mysql = rules == Rules::Mysql;
        let mut words = Vec::new();
        let mut quoted = Vec::new();
        let mut depth = 0_usize;
        let mut parenthesised = false;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let length = match c {
                '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
                '#' if is_mysql => rest.find('\n').unwrap_or(rest.len()),
                // What stands in it runs.
                '/' if is_mysql && (rest.starts_with("/*!") || rest.starts_with("/*M!")) => 2,
                '/' if rest.starts_with("/*") => comment_length(rest, !is_mysql),
                '\'' | '"' | '`' => {
                    let length = quoted_length(rest, c, is_mysql && c != '`');
                    if depth == 0 {
                        quoted.push(rest[..length].trim_matches(c).to_uppercase());
                    }
                    length
                }
                '$' if !is_mysql => dollar_quoted_length(rest),
                '(' => {
                    parenthesised |= words.is_empty();
                    depth += 1;
                    1
                }
                ')' => {
                    depth = depth.saturating_sub(1);
                    1
                }
                c if c.is_alphabetic() || c == '_' => {
                    let end = rest.find(|c: char| !(c.is_alphanumeric() || "_$".contains(c))).unwrap_or(rest.len());
                    if depth == 0 {
                        words.push(rest[..end].to_uppercase());
                    }
                    let escapes = !is_mysql && rest[..end].eq_ignore_ascii_case("e") && rest[end..].starts_with('\'');
                    end + if escapes { quoted_length(&rest[end..], '\'', true) } else { 0 }
                }
                c => c.len_utf8(),
            };
            rest = &rest[length..];
        }
        Self { words, quoted, parenthesised }
    }

    /// The servers would take the text up to a NUL for the whole, and so run
    /// what nobody was shown.
    ///
    /// # Errors
    /// If `text` has one.
    pub(super) fn refuse_nul(text: &str) -> Result<(), DatabaseError> {
        match text.find('\0') {
            Some(at) => Err(DatabaseError::Statement {
                message: "a NUL character cannot stand in a statement".to_owned(),
                offset: Some(at),
            }),
            None => Ok(()),
        }
    }

    fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", String::as_str)
    }

    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|w| w == word)
    }

    /// The command: the first word, and behind `WITH` that of the statement
    /// proper.
    pub(super) fn verb(&self) -> &str {
        if self.parenthesised {
            return "SELECT";
        }
        let proper = ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "VALUES", "TABLE"];
        match self.word(0) {
            "WITH" => self.words.iter().map(String::as_str).find(|word| proper.contains(word)).unwrap_or("WITH"),
            verb => verb,
        }
    }

    /// Whether it changes rows, so that its count is one of rows changed.
    pub(super) fn changes_rows(&self) -> bool {
        matches!(self.verb(), "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "REPLACE")
            || (self.verb() == "COPY" && self.has("FROM"))
    }

    /// Whether it may have a result without rows, which the drivers do not
    /// tell from no result.
    pub(super) fn may_return_rows(&self) -> bool {
        let verb = self.verb();
        matches!(
            verb,
            "SELECT"
                | "VALUES"
                | "TABLE"
                | "WITH"
                | "FETCH"
                | "EXECUTE"
                | "SHOW"
                | "EXPLAIN"
                | "PRAGMA"
                | "CALL"
                | "DESCRIBE"
                | "DESC"
        ) || (self.changes_rows() && self.has("RETURNING"))
    }

    /// Whether it is there for what it gives, not for what it does.
    pub(super) fn only_asks(&self) -> bool {
        !self.changes_rows() && (self.may_return_rows() || self.verb() == "DO")
    }

    /// Whether it ends a transaction by keeping what it did.
    pub(super) fn commits(&self) -> bool {
        matches!(self.word(0), "COMMIT" | "END") && self.word(1) != "PREPARED"
            || (self.word(0) == "PREPARE" && self.word(1) == "TRANSACTION")
    }

    /// Whether it asks how a change of rows would be carried out, without doing
    /// it.
    pub(super) fn plans_change(&self) -> bool {
        const VERBS: [&str; 7] = ["SELECT", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "REPLACE"];
        matches!(self.word(0), "EXPLAIN" | "DESCRIBE" | "DESC")
            && !self.has("ANALYZE")
            && self
                .words
                .iter()
                .find(|word| VERBS.contains(&word.as_str()))
                .is_some_and(|verb| matches!(verb.as_str(), "INSERT" | "UPDATE" | "DELETE" | "REPLACE"))
    }

    /// Whether it moves data between the server and the client's own input or
    /// output.
    pub(super) fn copies_through_client(&self) -> bool {
        self.word(0) == "COPY" && (self.has("STDIN") || self.has("STDOUT"))
    }

    /// Whether to end it half-way does harm, or loses what may have taken hours
    /// and hinders nobody: an index that is built, a table that is cleaned up.
    pub(super) fn takes_its_time(&self) -> bool {
        match self.word(0) {
            "VACUUM" | "ANALYZE" | "REINDEX" | "CLUSTER" | "REFRESH" => true,
            "CREATE" | "DROP" => self.object().is_some_and(|object| object == "INDEX"),
            _ => false,
        }
    }

    /// Whether it would have the client read a file of its own machine.
    pub(super) fn loads_file_of_client(&self) -> bool {
        self.word(0) == "LOAD" && self.has("LOCAL")
    }

    /// Whether it may take the session to another database or role.
    pub(super) fn moves_session(&self) -> bool {
        matches!(self.word(0), "USE" | "SET" | "RESET" | "DISCARD")
    }

    /// Whether it opens a transaction.
    pub(super) fn begins(&self) -> bool {
        self.word(0) == "BEGIN" || (self.word(0) == "START" && self.word(1) == "TRANSACTION")
    }

    /// Whether it asks what the server had to say of the statement before.
    pub(super) fn asks_for_warnings(&self) -> bool {
        match self.word(0) {
            "SHOW" => self.has("WARNINGS") || self.has("ERRORS"),
            "GET" => self.has("DIAGNOSTICS"),
            _ => self.has("WARNING_COUNT") || self.has("ERROR_COUNT"),
        }
    }

    /// Whether it ends a transaction, by its own words.
    pub(super) fn ends_transaction(&self) -> bool {
        matches!(self.word(0), "COMMIT" | "ROLLBACK") && !self.has("TO")
    }

    /// Whether it may end one by what it does besides: it runs code that is
    /// not looked into, or is one of those before which MySQL commits.
    pub(super) fn may_end_transaction(&self) -> bool {
        self.ends_transaction()
            || !matches!(self.verb(), "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "SHOW" | "EXPLAIN")
    }

    /// Whether it would make a read-only session one that writes, or one whose
    /// strings end elsewhere than they seem to.
    pub(super) fn lifts_read_only(&self) -> bool {
        let lifts = |name: &str| {
            ["TRANSACTION_READ_ONLY", "TX_READ_ONLY", "QUERY_ONLY", "STANDARD_CONFORMING_STRINGS"]
                .iter()
                .any(|setting| name.ends_with(setting))
        };
        match self.word(0) {
            "DISCARD" => self.word(1) == "ALL",
            "RESET" if self.word(1) == "ALL" => true,
            "RESET" | "SET" | "BEGIN" | "START" | "ALTER" | "PRAGMA" => {
                self.words.windows(2).any(|pair| pair[0] == "READ" && pair[1] == "WRITE")
                    || self.words.iter().any(|word| lifts(word))
                    // The name of a setting may be quoted, and then have escapes.
                    || self.quoted.iter().any(|name| lifts(name) || name.contains('\\'))
            }
            _ => false,
        }
    }

    /// Whether it makes all settings of the session what they were at first.
    pub(super) fn resets_all(&self) -> bool {
        matches!(self.word(0), "RESET" | "DISCARD") && self.word(1) == "ALL"
    }

    /// Whether it runs code that may end a transaction and begin another.
    pub(super) fn runs_code(&self) -> bool {
        matches!(self.word(0), "DO" | "CALL")
    }

    /// What psql prints when the statement is done: `UPDATE 3`,
    /// `CREATE TABLE`.
    pub(super) fn tag(&self, count: u64) -> String {
        let verb = self.verb();
        match verb {
            "INSERT" | "REPLACE" => format!("INSERT 0 {count}"),
            "SELECT" | "UPDATE" | "DELETE" | "MERGE" | "COPY" | "FETCH" | "MOVE" => format!("{verb} {count}"),
            "CREATE" if self.creates_from_query() => format!("SELECT {count}"),
            "CREATE" | "ALTER" | "DROP" => self.object().map_or(verb.to_owned(), |object| format!("{verb} {object}")),
            "START" => "START TRANSACTION".to_owned(),
            "END" => "COMMIT".to_owned(),
            "ABORT" => "ROLLBACK".to_owned(),
            "TRUNCATE" | "LOCK" => format!("{verb} TABLE"),
            "DECLARE" | "CLOSE" => format!("{verb} CURSOR"),
            "REFRESH" => "REFRESH MATERIALIZED VIEW".to_owned(),
            "COMMIT" | "ROLLBACK" if self.word(1) == "PREPARED" => format!("{verb} PREPARED"),
            "PREPARE" if self.word(1) == "TRANSACTION" => "PREPARE TRANSACTION".to_owned(),
            "DISCARD" => format!("DISCARD {}", self.word(1)),
            verb => verb.to_owned(),
        }
    }

    fn creates_from_query(&self) -> bool {
        let object = self.object().unwrap_or_default();
        matches!(object.as_str(), "TABLE" | "MATERIALIZED VIEW")
            && self
                .words
                .iter()
                .skip_while(|word| *word != "AS")
                .any(|word| matches!(word.as_str(), "SELECT" | "TABLE" | "VALUES" | "WITH" | "EXECUTE"))
            && !(self.has("NO") && self.has("DATA"))
    }

    /// The kind of object that `CREATE`, `ALTER` or `DROP` is about.
    fn object(&self) -> Option<String> {
        const MODIFIERS: [&str; 12] = [
            "OR",
            "REPLACE",
            "UNIQUE",
            "TEMP",
            "TEMPORARY",
            "UNLOGGED",
            "GLOBAL",
            "LOCAL",
            "RECURSIVE",
            "TRUSTED",
            "PROCEDURAL",
            "CONSTRAINT",
        ];
        let mut words = self.words[1..].iter().map(String::as_str).skip_while(|word| MODIFIERS.contains(word));
        let first = words.next()?;
        Some(match first {
            "MATERIALIZED" | "FOREIGN" | "EVENT" | "DEFAULT" | "ACCESS" | "USER" if words.clone().next().is_some() => {
                match (first, words.next()) {
                    ("USER", Some("MAPPING")) => "USER MAPPING".to_owned(),
                    ("USER", _) => "ROLE".to_owned(),
                    (first, Some(second)) => format!("{first} {second}"),
                    (first, None) => first.to_owned(),
                }
            }
            other => other.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Statement;

    #[test]
    fn words_in_quotes_comments_and_parentheses_are_not_the_command() {
        for text in [
            "/* SELECT /* nested */ */ UPDATE t SET a = 'SELECT'",
            "-- DELETE\nupdate \"delete\" set a = (select 1)",
            "WITH gone AS (DELETE FROM x RETURNING *) UPDATE t SET a = $$ SELECT $$ || $q$;$q$",
            "WITH e AS (SELECT E'it\\'s (') UPDATE t SET a = 1",
        ] {
            assert_eq!(Statement::new(text).verb(), "UPDATE", "{text}");
        }
        assert_eq!(Statement::new("(SELECT 1) UNION (SELECT 2)").verb(), "SELECT");
        assert_eq!(Statement::new(" -- nothing").verb(), "");
    }

    #[test]
    fn what_takes_its_time_is_known() {
        for text in ["VACUUM FULL t", "create unique index concurrently i on t (a)", "REFRESH MATERIALIZED VIEW v"] {
            assert!(Statement::new(text).takes_its_time(), "{text}");
        }
        for text in ["UPDATE t SET a = 1", "CREATE TABLE t (a int)", "EXPLAIN ANALYZE SELECT 1"] {
            assert!(!Statement::new(text).takes_its_time(), "{text}");
        }
    }

    #[test]
    fn completions_are_called_as_psql_does() {
        for (text, tag) in [
            ("insert into t values (1)", "INSERT 0 3"),
            ("WITH a AS (SELECT 1) DELETE FROM t", "DELETE 3"),
            ("create table t (a int)", "CREATE TABLE"),
            ("CREATE TEMP TABLE t AS SELECT 1", "SELECT 3"),
            ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX"),
            ("CREATE OR REPLACE FUNCTION f() RETURNS int AS $$ SELECT 1 $$ LANGUAGE sql", "CREATE FUNCTION"),
            ("DROP MATERIALIZED VIEW v", "DROP MATERIALIZED VIEW"),
            ("ALTER USER app SET work_mem = '1GB'", "ALTER ROLE"),
            ("begin isolation level serializable", "BEGIN"),
            ("end", "COMMIT"),
            ("TRUNCATE jobs", "TRUNCATE TABLE"),
            ("SET lock_timeout = 0", "SET"),
            ("DO $$ begin end $$", "DO"),
        ] {
            assert_eq!(Statement::new(text).tag(3), tag, "{text}");
        }
    }

    #[test]
    fn copy_through_the_client_is_told_from_copy_on_the_server() {
        assert!(Statement::new("COPY t FROM STDIN").copies_through_client());
        assert!(Statement::new("copy (select 1) to stdout with (format csv)").copies_through_client());
        assert!(!Statement::new("COPY t FROM '/tmp/stdin'").copies_through_client());
    }

    #[test]
    fn mysqls_quotes_and_comments_are_its_own() {
        for text in [
            "UPDATE t SET a = 'it\\'s (', b = \"it\\\"s (\"",
            "# DELETE\nUPDATE t SET a = 1 /* /* no nesting */",
            "/*!50000 UPDATE */ t SET a = $b$",
        ] {
            assert_eq!(Statement::mysql(text).verb(), "UPDATE", "{text}");
        }
        assert!(Statement::mysql("SET a = '\\'', SESSION tx_read_only = 0").lifts_read_only());
        assert!(Statement::mysql("LOAD DATA LOCAL INFILE 'x' INTO TABLE t").loads_file_of_client());
        assert!(!Statement::mysql("LOAD DATA INFILE 'local' INTO TABLE t").loads_file_of_client());
    }

    #[test]
    fn statements_that_lift_read_only_are_known() {
        for text in [
            "SET default_transaction_read_only = off",
            "set transaction read write",
            "BEGIN READ WRITE",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
            "RESET ALL",
            "DISCARD ALL",
            "PRAGMA query_only = off",
        ] {
            assert!(Statement::new(text).lifts_read_only(), "{text}");
        }
        for text in ["SET work_mem = '1GB'", "BEGIN", "SELECT 'read write'", "BEGIN READ ONLY"] {
            assert!(!Statement::new(text).lifts_read_only(), "{text}");
        }
    }
}
