//! The SQL of a page that nobody wrote for this program, run on a real server.

mod servers;
mod support;

use serde_json::json;
use servers::postgres;
use support::{Sandbox, Terminal, wait_until};

const PAGE: &str = include_str!("fixtures/pages/parcels.md");

const DEPOT: &str = "
    CREATE SCHEMA depot;
    CREATE TYPE depot.kind AS ENUM ('label', 'manifest');
    CREATE TABLE depot.parcels (id bigint, kind depot.kind, state text, claimed_at timestamptz, tries int,
        last_fault text, payload jsonb, created_at timestamptz DEFAULT now(), updated_at timestamptz);
    INSERT INTO depot.parcels (id, kind, state, claimed_at, payload) VALUES
        (1, 'label', 'waiting', NULL, '{\"carrier\": \"swift\"}'), (2, 'label', 'waiting', NULL, NULL),
        (3, 'label', 'claimed', now() - interval '1 hour', NULL), (4, 'manifest', 'waiting', NULL, NULL);
    CREATE TABLE depot.printers (printer text, model text, seen_at timestamptz);
    INSERT INTO depot.printers VALUES ('p1', 'TX-2', now()), ('p2', 'TX-2', now() - interval '1 day');
    CREATE VIEW depot.v_printers AS SELECT count(*) AS printers FROM depot.printers;
    CREATE TABLE depot.label_versions (version text, name text);
    INSERT INTO depot.label_versions VALUES ('20250614000000', 'new labels'), ('20250101000000', 'first');
    CREATE TABLE depot.new_labels (id int);
    CREATE VIEW depot.v_new_labels AS SELECT * FROM depot.new_labels;";

#[test]
fn every_statement_of_a_grown_page_runs_on_postgres_in_its_order() {
    let database = postgres::server().database();
    database.psql(DEPOT);
    let sandbox = Sandbox::new();
    sandbox.write("parcels.md", PAGE);
    let mut command = sandbox.runbook(["run", "parcels.md", "--yes=destructive", "--connection", &database.url]);
    let output = command.output().expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let statements = sandbox.events_of("statement_finished");
    let first_words: Vec<&str> = statements
        .iter()
        .map(|event| {
            assert!(event["error"].is_null(), "{event:#}");
            let line = usize::try_from(event["line"].as_u64().expect("a line")).expect("it is short");
            let sql = event["sql"].as_str().expect("its text");
            let written = PAGE.lines().nth(line - 1).expect("the page has this line");
            assert!(sql.starts_with(written.trim_end_matches(';')), "line {line}: {sql}");
            sql.split(' ').next().expect("a word")
        })
        .collect();
    let expected = [
        "SELECT", "SELECT", "SELECT", "SELECT", "SELECT", "UPDATE", "SELECT", "UPDATE", "SELECT", "SELECT", "SELECT",
        "DELETE", "DROP", "DROP", "SELECT",
    ];
    assert_eq!(first_words, expected);
    let left = "SELECT count(*) FILTER (WHERE state = 'waiting'), (SELECT count(*) FROM depot.label_versions), \
                to_regclass('depot.new_labels') IS NULL FROM depot.parcels";
    assert_eq!(database.psql(left), "3|1|t");
}

#[test]
fn a_select_that_ends_sessions_is_named_as_one_and_asked_for_with_its_word() {
    let database = postgres::server().database();
    database.psql(DEPOT);
    let _blocker = database.idle_session("label_versions");
    let blocked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'label_versions' \
                   AND datname = current_database() AND state = 'idle in transaction'";
    wait_until("the session is idle in its transaction", || database.psql(blocked) == "1");
    let sandbox = Sandbox::new();
    // That session has said no more than BEGIN.
    sandbox.write("parcels.md", &PAGE.replace("query LIKE '%label_versions%'", "application_name = 'label_versions'"));
    let page = "parcels.md#free-a-table-that-hangs";
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", page, "--connection", &database.url]));
    terminal.expect("ends sessions of the database");
    terminal.answer("Run this?", "r");
    terminal.answer("type `destroy`", "yes");
    terminal.expect("nothing was run");
    assert_eq!(database.psql(blocked), "1");
    terminal.answer("Run this?", "r");
    terminal.answer("type `destroy`", "destroy");
    terminal.answer_until(&[("commit (or yes)", "commit"), ("Run this?", "r")], "Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(database.psql(blocked), "0");
    let effects: Vec<_> = sandbox.events_of("statement_finished").iter().map(|event| event["effect"].clone()).collect();
    assert_eq!(json!(effects), json!(["read", "destructive"]));
}

#[test]
fn a_page_that_would_listen_is_told_what_to_do_instead_before_anything_is_sent() {
    let database = postgres::server().database();
    database.psql("CREATE TABLE t (a int)");
    let sandbox = Sandbox::new();
    sandbox
        .write("page.md", "# Page\n\n```sql\nLISTEN changes;\nNOTIFY changes, 'x';\nINSERT INTO t VALUES (1);\n```\n");
    let output =
        sandbox.runbook(["run", "page.md", "--yes", "--connection", &database.url]).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("`LISTEN changes` waits for notifications, which nobody would see here"), "{said}");
    assert!(said.contains("psql in a shell block"), "{said}");
    assert_eq!(database.psql("SELECT count(*) FROM t"), "0");
}
