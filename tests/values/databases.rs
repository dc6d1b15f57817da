//! Values in SQL, run by real servers.

use crate::{WRITINGS, Writing, fill, hostile, servers};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use runbook::effect::{Databases, Output, OutputError, Stream, Waiting};
use runbook::language::sql;
use runbook::sql::{Connections, Target};
use runbook::template::{Form, Language, Request, substitute};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Statements whose first value is theirs, and what stands around it.
const SQL: &[(&str, &str, &str)] = &[
    ("SELECT <v>", "", ""),
    ("SELECT '<v>'", "", ""),
    ("SELECT 'a <v> b'", "a ", " b"),
    ("SELECT 'it''s <v>'", "it's ", ""),
    ("SELECT w FROM (SELECT '<v>' AS w) AS s WHERE w = '<v>'", "", ""),
    ("SELECT coalesce(NULL, <v>)", "", ""),
    ("INSERT INTO canary VALUES ('<v>') RETURNING w", "", ""),
    // What takes characters beside it.
    ("SELECT 'a'<v>", "a", ""),
    ("SELECT <v>'a'", "", "a"),
    ("SELECT $$<v>$$", "", ""),
    ("SELECT 1 -- <v>", "1", ""),
    // What only Postgres takes for a text.
    ("SELECT E'<v>'", "", ""),
    ("SELECT E'\\\\ and further off <v>'", "\\ and further off ", ""),
    ("SELECT U&'<v>'", "", ""),
];

/// The statements that SQLite takes as well.
const SQLITE: usize = 11;

/// The same for MySQL, where a backslash escapes and `"` stands around text.
const MYSQL: &[(&str, &str, &str)] = &[
    ("SELECT <v>", "", ""),
    ("SELECT '<v>'", "", ""),
    ("SELECT 'a <v> b'", "a ", " b"),
    ("SELECT 'it''s <v>'", "it's ", ""),
    ("SELECT w FROM (SELECT '<v>' AS w) AS s WHERE w = '<v>'", "", ""),
    ("SELECT coalesce(NULL, <v>)", "", ""),
    ("INSERT INTO canary VALUES ('<v>') RETURNING w", "", ""),
    ("SELECT \"<v>\"", "", ""),
    ("SELECT \"a \"\" <v> b\"", "a \" ", " b"),
    ("SELECT 'it\\'s further off, <v>'", "it's further off, ", ""),
    ("SELECT \"say \\\" further off, <v>\"", "say \" further off, ", ""),
    // What takes characters beside it.
    ("SELECT 'a'<v>", "a", ""),
    ("SELECT <v>'a'", "", "a"),
    ("SELECT 'ends in \\\\<v>'", "ends in \\", ""),
    ("SELECT 1 -- <v>", "1", ""),
    ("SELECT 1 # <v>", "1", ""),
    ("SELECT /* <v> */ 1", "1", ""),
    // What stands in it runs.
    ("SELECT /*! <v> */", "", ""),
];

/// The statements of this server.
fn statements(form: Form) -> &'static [(&'static str, &'static str, &'static str)] {
    match form {
        Form::Postgres => SQL,
        Form::Sqlite => &SQL[..SQLITE],
        Form::Mysql => MYSQL,
    }
}

struct Nowhere;

impl Output for Nowhere {
    fn write(&mut self, _: Stream, _: &[u8]) -> Result<(), OutputError> {
        Ok(())
    }

    fn waiting(&mut self, _: &Waiting) {}
}

/// A session on a database with one table, of one row.
struct Session {
    runtime: tokio::runtime::Runtime,
    connections: Connections,
    form: Form,
}

impl Session {
    fn new(url: &str, form: Form) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let connections = Connections::new([("db".to_owned(), Target::new(url.to_owned(), false))]);
        let mut session = Self { runtime, connections, form };
        session.ask("CREATE TABLE canary (w text)", &[]).expect("a table");
        session.ask("INSERT INTO canary VALUES ('one')", &[]).expect("a row");
        session
    }

    /// The first value of the first row, and the name of its column.
    fn ask(&mut self, statement: &str, secrets: &[(String, String)]) -> Result<(Option<String>, String), String> {
        let (_sender, mut control) = tokio::sync::mpsc::unbounded_channel();
        let Self { runtime, connections, .. } = self;
        runtime.block_on(async {
            let session = connections.open("db").await.map_err(|error| error.to_string())?;
            session.bind(secrets);
            let result = session.run(statement, None, &mut Nowhere, &mut control).await;
            let result = result.map_err(|error| error.to_string())?;
            let first = result.first_row.and_then(|row| row.into_iter().next()).flatten();
            Ok((first, result.columns.first().cloned().unwrap_or_default()))
        })
    }

    /// The table is as it was.
    fn check_canary(&mut self) {
        self.ask("DELETE FROM canary WHERE w <> 'one'", &[]).expect("the table is there");
        assert_eq!(self.ask("SELECT count(*) FROM canary", &[]).expect("its count").0.as_deref(), Some("1"));
    }

    fn check_value(&mut self, value: &str, at: usize, secret: bool) {
        let (code, before, after) = statements(self.form)[at];
        for writing in WRITINGS {
            let Ok(rendered) = fill(code, value, secret, Language::Sql(self.form), writing) else { continue };
            assert!(!secret || !rendered.text.contains("s3cr3t"), "{}", rendered.text);
            let found = self.ask(&rendered.text, &rendered.secrets).map(|(value, _)| value.unwrap_or_default());
            assert_eq!(found, Ok(format!("{before}{value}{after}")), "{}", rendered.text);
        }
    }
}

fn check_values(session: Session, cases: u32) {
    let statements = statements(session.form).len();
    let session = RefCell::new(session);
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&(hostile(), 0..statements), |(value, at)| {
        let mut session = session.borrow_mut();
        session.check_value(&value, at, false);
        session.check_value(&format!("{value}-s3cr3t"), at, true);
        session.check_canary();
        // As the name of a column.
        let named = if session.form == Form::Mysql { "SELECT 1 AS `<v>`" } else { "SELECT 1 AS \"<v>\"" };
        for writing in WRITINGS {
            if let Ok(rendered) = fill(named, &value, false, Language::Sql(session.form), writing) {
                assert_eq!(session.ask(&rendered.text, &[]).map(|(_, name)| name), Ok(value.clone()));
            }
        }
        Ok(())
    });
    outcome.expect("every value arrives as it is, or is refused");
}

#[test]
fn a_value_reaches_sqlite_byte_for_byte_or_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let url = runtime.block_on(runbook::sql::seed(&folder.path().join("x.db"), "")).expect("a database");
    check_values(Session::new(&url, Form::Sqlite), 1500);
}

#[test]
fn a_value_reaches_postgres_byte_for_byte_or_is_refused() {
    let database = servers::postgres::server().database();
    check_values(Session::new(&database.url, Form::Postgres), 1500);
}

#[test]
fn a_value_reaches_mariadb_byte_for_byte_or_is_refused() {
    let database = servers::mariadb::server().database();
    check_values(Session::new(&database.url, Form::Mysql), 1500);
}

#[test]
fn a_secret_stands_in_no_statement_of_mariadbs_and_is_gone_after_it() {
    let database = servers::mariadb::server().database();
    let mut session = Session::new(&database.url, Form::Mysql);
    let secret = "s3cr3t' \\ $1 \"é";
    let code = "SELECT CONCAT(CHAR_LENGTH('<v>'), ' of ', INFO) FROM information_schema.PROCESSLIST \
                WHERE ID = CONNECTION_ID()";
    let rendered = fill(code, secret, true, Language::Sql(Form::Mysql), Writing::Placeholder).expect("a parameter");
    let found = session.ask(&rendered.text, &rendered.secrets).expect("it runs").0.expect("a value");
    assert!(found.starts_with("15 of SELECT") && !found.contains("s3cr3t"), "{found}");
    let after = |session: &mut Session| session.ask("SELECT @runbook_secret_v", &[]).expect("a variable").0;
    assert_eq!(after(&mut session), None);
    // Nor after a statement that failed, inside of a transaction and outside.
    let failing = fill("SELECT nonesuch, '<v>'", secret, true, Language::Sql(Form::Mysql), Writing::Placeholder);
    let failing = failing.expect("a parameter");
    for (begin, end) in [("SELECT 1", "SELECT 1"), ("BEGIN", "ROLLBACK")] {
        session.ask(begin, &[]).expect(begin);
        session.ask(&failing.text, &failing.secrets).expect_err("there is no such column");
        session.ask(end, &[]).expect(end);
        assert_eq!(after(&mut session), None);
    }
}

#[test]
fn a_moment_is_the_same_in_mariadb_whatever_the_time_zone_of_the_session() {
    let database = servers::mariadb::server().database();
    let mut session = Session::new(&database.url, Form::Mysql);
    let places = |text: &str, at: &[usize]| sql::places_at(text, at, sql::SqlDialect::Mysql);
    let values = BTreeMap::new();
    let now = jiff::Timestamp::from_millisecond(1_767_323_045_678).expect("a moment");
    let request = Request { language: Language::Sql(Form::Mysql), values: &values, now, places: &places };
    for code in ["{{ now() }}", "'{{ now() }}'", "\"{{ now() }}\""] {
        for zone in ["+09:00", "-03:30", "SYSTEM"] {
            session.ask(&format!("SET time_zone = '{zone}'"), &[]).expect("a time zone");
            let code = format!("SELECT UNIX_TIMESTAMP({code})");
            let rendered = substitute(&code, &[], true, &request).expect("a moment can stand there");
            assert_eq!(
                session.ask(&rendered.text, &[]).expect("it runs").0.as_deref(),
                Some("1767323045.678"),
                "{code}"
            );
        }
    }
    let text = substitute("SELECT 'at {{ now() }}'", &[], true, &request).expect("a moment can stand there").text;
    assert_eq!(text, "SELECT 'at 2026-01-02 03:04:05.678 UTC'");
}

#[test]
fn a_secret_stands_in_no_statement_of_the_servers_and_is_gone_after_it() {
    let database = servers::postgres::server().database();
    let mut session = Session::new(&database.url, Form::Postgres);
    let secret = "s3cr3t' \\ $1 \"é";
    let code = "SELECT w || ' of ' || (SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()) FROM \
                (SELECT length('<v>')::text AS w) AS s";
    let rendered = fill(code, secret, true, Language::Sql(Form::Postgres), Writing::Placeholder).expect("a parameter");
    let found = session.ask(&rendered.text, &rendered.secrets).expect("it runs").0.expect("a value");
    assert!(found.starts_with("15 of SELECT") && !found.contains("s3cr3t"), "{found}");
    let after = session.ask("SELECT current_setting('runbook.secret_v')", &[]).expect("a setting").0;
    assert_eq!(after.as_deref(), Some(""));
    // Nor after a statement that failed, inside of a transaction and outside.
    let failing = fill("SELECT 1 / 0, '<v>'", secret, true, Language::Sql(Form::Postgres), Writing::Placeholder);
    let failing = failing.expect("a parameter");
    for (begin, end) in [("SELECT 1", "SELECT 1"), ("BEGIN", "ROLLBACK")] {
        session.ask(begin, &[]).expect(begin);
        session.ask(&failing.text, &failing.secrets).expect_err("a division by zero");
        session.ask(end, &[]).expect(end);
        let after = session.ask("SELECT current_setting('runbook.secret_v')", &[]).expect("a setting").0;
        assert_eq!(after.as_deref(), Some(""));
    }
}

#[test]
fn ordinary_values_are_not_refused_in_ordinary_places_of_sql() {
    for form in [Form::Postgres, Form::Sqlite, Form::Mysql] {
        for (code, _, _) in &statements(form)[..7] {
            for writing in WRITINGS {
                for value in ["ingest-worker.2", "two words", "it's"] {
                    fill(code, value, false, Language::Sql(form), writing).expect(code);
                }
            }
        }
        // No text of its own in MySQL, but an alias.
        let prefixed = if form == Form::Mysql { "SELECT \"a <v>\"" } else { "SELECT E'<v>'" };
        for refused in ["ALTER ROLE a PASSWORD '<v>'", "SELECT 'a <v>'", "SELECT * FROM <v>", prefixed, "SET a = <v>"] {
            assert!(
                fill(refused, "hunter2hunter2", true, Language::Sql(form), Writing::Placeholder).is_err(),
                "{refused}"
            );
        }
    }
}
