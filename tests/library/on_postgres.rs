//! What the pages say to a database, said to a real PostgreSQL.

use crate::servers::postgres;
use crate::support::{Sandbox, wait_until};
use crate::{pages, plan};
use runbook::effect::{Databases as _, Output, OutputError, Stream, Waiting};
use runbook::language::sql::{SqlDialect, split};
use runbook::runbook::Class;
use runbook::sql::{Connections, Target};
use std::fs;
use std::process::{Child, Command, Stdio};
use tokio::sync::mpsc;

/// The tables of the library's pages, as a production has them.
const PRODUCTION: &str = "
    CREATE SCHEMA ops;
    CREATE TABLE ops.job_queue (id bigint, job_type text, status text, locked_at timestamptz, attempts int,
        last_error text, created_at timestamptz, updated_at timestamptz);
    CREATE TABLE ops.worker_heartbeats (worker_id text, worker_type text, status text, last_seen_at timestamptz);
    CREATE TABLE jobs (id bigint, repository text, stage text, status text, claimed_by text, lease_until timestamptz,
        attempts int, last_error text, updated_at timestamptz);
    CREATE TABLE workers (worker_id text, last_seen_at timestamptz);
    CREATE TABLE runs (id bigint, issue_key text, status text, locked_by text, locked_at timestamptz, last_error text);";

#[test]
fn every_statement_that_is_rehearsed_on_sqlite_is_taken_by_postgres_too() {
    let database = postgres::server().database();
    database.psql(PRODUCTION);
    let mut explained = 0;
    for path in pages().values() {
        let (_, plan) = plan(path);
        for block in plan.runbook.blocks().filter(|block| block.class == Class::Sql) {
            database.psql(&format!("EXPLAIN {}", filled_in(&block.run)));
            explained += 1;
        }
    }
    assert!(explained > 20, "{explained} statements");
}

/// The text with something for each of its values.
fn filled_in(text: &str) -> String {
    let moment = regex::Regex::new(r"\{\{ *(?:now|ago)\([^}]*\}\}").expect("a regular expression");
    let number = regex::Regex::new(r"\{\{[^}]*\| int *\}\}").expect("a regular expression");
    let value = regex::Regex::new(r"\{\{ *(\w+) *\}\}").expect("a regular expression");
    let text = moment.replace_all(text, "'2026-01-02 03:04:05+00'");
    let text = number.replace_all(&text, "7");
    value.replace_all(&text, "$1").into_owned()
}

#[tokio::test]
async fn every_statement_of_every_page_runs_on_postgres() {
    let database = postgres::server().database();
    database.psql(PRODUCTION);
    let target = Target::new(database.url.clone(), false);
    let mut connections = Connections::new([("ops".to_owned(), target)]);
    let mut session = Session { connections: &mut connections, count: 0 };
    for path in pages().values() {
        let (_, plan) = plan(path);
        for block in plan.runbook.blocks().filter(|block| block.class == Class::Sql) {
            let code = filled_in(&block.run);
            for statement in split(&code, SqlDialect::Postgres) {
                assert_eq!(statement.refusal, None, "{}:{}", path.display(), block.line_start);
                session.run("BEGIN").await;
                session.run(&code[statement.span.start..statement.span.end]).await;
                session.run("ROLLBACK").await;
            }
        }
    }
    assert!(session.count > 60, "{} statements", session.count);
}

struct Session<'a> {
    connections: &'a mut Connections,
    count: usize,
}

impl Session<'_> {
    async fn run(&mut self, sql: &str) {
        let (_sender, mut control) = mpsc::unbounded_channel();
        let session = self.connections.open("ops").await.expect("the server is there");
        let ended = session.run(sql, None, &mut Nowhere, &mut control).await;
        ended.unwrap_or_else(|error| panic!("{sql}: {error}"));
        self.count += 1;
    }
}

struct Nowhere;

impl Output for Nowhere {
    fn write(&mut self, _: Stream, _: &[u8]) -> Result<(), OutputError> {
        Ok(())
    }

    fn waiting(&mut self, _: &Waiting) {}
}

/// A program that says which migration the database has, as `alembic` does.
const ALEMBIC: &str = "#!/bin/sh\necho \"$*\" >> \"$HOME/alembic-was-called\"\necho '8e51d7c04a2f (head)'\n";

#[test]
fn on_a_real_postgres_the_session_that_blocks_is_found_and_ended_and_no_other() {
    let database = postgres::server().database();
    database.psql("CREATE TABLE orders (id bigint); CREATE TABLE customers (id bigint);");
    let held = |table: &str, mode: &str| {
        format!(
            "SELECT count(*) FROM pg_locks WHERE relation = '{table}'::regclass AND mode = '{mode}' AND NOT granted = {}",
            mode == "AccessExclusiveLock"
        )
    };
    let hold = |table: &'static str| {
        let url = database.url.clone();
        let statement = format!("BEGIN; LOCK TABLE {table} IN ACCESS SHARE MODE; SELECT pg_sleep(600);");
        session(&url, "reporting", &statement)
    };
    let (mut blocker, mut bystander) = (hold("orders"), hold("customers"));
    for table in ["orders", "customers"] {
        wait_until("the table is locked", || database.psql(&held(table, "AccessShareLock")) == "1");
    }
    let mut migration = session(&database.url, "migrator", "ALTER TABLE orders ADD COLUMN tax numeric");
    wait_until("the migration waits", || database.psql(&held("orders", "AccessExclusiveLock")) == "1");

    let sandbox = Sandbox::new().with_project_runbooks();
    sandbox.write_command("alembic", ALEMBIC);
    let mut command = sandbox.runbook(["run", "migration-blocked", "--yes=destructive"]);
    let output = command.env("OPS_DATABASE_URL", &database.url).output().expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));

    assert!(!migration.wait().expect("it ends").success(), "the migration was cancelled");
    assert!(!blocker.wait().expect("it ends").success(), "the blocker was ended");
    assert_eq!(database.psql(&held("customers", "AccessShareLock")), "1", "the other session goes on");
    assert!(bystander.try_wait().expect("it is ours").is_none());
    bystander.kill().expect("it is ours");
    bystander.wait().expect("it ends");
    let called = fs::read_to_string(sandbox.home().join("alembic-was-called")).expect("its calls");
    assert!(called.contains("upgrade head"), "{called}");
    sandbox.assert_nowhere(postgres::PASSWORD, &sandbox.state());
}

/// Somebody's session, which runs this.
fn session(url: &str, application: &str, sql: &str) -> Child {
    let mut psql = Command::new("psql");
    psql.args(["-X", "-q", "-d", url, "-c", sql]).env("PGAPPNAME", application);
    psql.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("psql is installed")
}
