//! What is for a database's own client, and for servers that cannot be run
//! here: told before the run, never sent, and on record.

mod servers;
mod support;

use runbook::language::sql::{SqlDialect, split};
use serde_json::Value;
use servers::postgres;
use support::{Sandbox, Terminal, text};

fn sandbox(code: &str, language: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &format!("# Look\n\n```{language}\n{code}\n```\n"));
    sandbox
}

fn check(sandbox: &Sandbox) -> Vec<Value> {
    let output = sandbox.runbook(["check", "--json", "page.md"]).output().expect("it starts");
    let checked: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    checked[0]["diagnostics"].as_array().expect("diagnostics").clone()
}

#[test]
fn what_only_changes_the_clients_display_is_left_out_and_the_rest_runs() {
    let code = "\\x on\n\\timing\n\\set ON_ERROR_STOP on\nSELECT 6 * 7 AS answer;\nSELECT 'two' AS other \\gx\n\\q";
    let sandbox = sandbox(code, "sql");
    let told = check(&sandbox);
    let lines: Vec<_> = told.iter().filter(|found| found["code"] == "left-out").map(|found| &found["line"]).collect();
    assert_eq!(lines, [4, 5, 6, 8, 9], "{told:?}");
    assert!(told.iter().all(|found| found["code"] != "client-command"), "{told:?}");

    let database = postgres::server().database();
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md", "--connection", &database.url]));
    terminal.expect("left out: `\\x on`");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());

    let statements = sandbox.events_of("statement_finished");
    let sent: Vec<_> = statements.iter().map(|event| (event["line"].as_u64(), event["sql"].as_str())).collect();
    assert_eq!(sent, [(Some(7), Some("SELECT 6 * 7 AS answer")), (Some(8), Some("SELECT 'two' AS other"))]);
    let started = &sandbox.events_of("block_started")[0];
    assert_eq!(started["left_out"].as_array().map(Vec::len), Some(5), "{started:#}");
    assert!(sandbox.report().contains("timing” was left out"), "{}", sandbox.report());
}

#[test]
fn what_the_client_would_do_by_itself_keeps_the_block_from_running_and_the_mend_is_said() {
    let database = postgres::server().database();
    database.psql("CREATE TABLE jobs (id int)");
    for (code, line, sign, mend) in [
        ("INSERT INTO jobs VALUES (1);\n\\d jobs", 5, "`\\d jobs` is for psql alone", "information_schema.columns"),
        ("\\dt", 4, "`\\dt` is for psql alone", "FROM pg_tables"),
        ("\\copy jobs from 'x.csv'", 4, "reads or writes a file here", "shell block"),
        (
            "INSERT INTO jobs VALUES (1);\nSELECT max(id) AS top FROM jobs \\gset",
            5,
            "sets variables of psql",
            "`capture:`",
        ),
        ("DELETE FROM jobs WHERE id = :id;", 4, "`:id` is a variable of psql", "{{ id }}"),
        ("INSERT INTO jobs VALUES (1);\nCOPY jobs FROM STDIN;\n2\n\\.", 5, "takes its rows from psql", "INSERT"),
        ("INSERT INTO jobs VALUES (1);\n.tables", 5, "for SQLite's shell alone", "take it out"),
        ("INSERT INTO jobs VALUES (1)\nGO", 5, "is for SQL Server, which cannot be run here", "sqlcmd"),
        ("EXEC sp_who2", 4, "is for SQL Server", "sqlcmd"),
        ("SELECT sid FROM v$session;", 4, "is for Oracle", "sqlplus"),
    ] {
        let sandbox = sandbox(code, "sql");
        let told = check(&sandbox);
        let found =
            told.iter().find(|found| found["code"] == "client-command").unwrap_or_else(|| panic!("{code}: {told:?}"));
        let says = |key: &str, part: &str| found[key].as_str().is_some_and(|text| text.contains(part));
        assert_eq!(found["line"], line, "{code}: {found:#}");
        assert!(says("message", sign) && says("help", mend), "{code}: {found:#}");

        let mut command = sandbox.runbook(["run", "page.md", "--yes=destructive", "--connection", &database.url]);
        let output = command.output().expect("it starts");
        let shown = text(&output.stderr);
        assert_ne!(output.status.code(), Some(0), "{code}: {shown}");
        assert!(shown.contains(&format!("page.md:{line}:")), "{code}: {shown}");
        assert!(sandbox.events_of("statement_finished").is_empty(), "something was sent: {code}");
    }
    assert_eq!(database.psql("SELECT count(*) FROM jobs"), "0");
}

#[test]
fn a_label_of_another_server_is_enough_to_send_nothing_to_postgres() {
    let database = postgres::server().database();
    for (language, server) in [("tsql", "SQL Server"), ("plsql", "Oracle")] {
        let sandbox = sandbox("SELECT 1;", language);
        let mut command = sandbox.runbook(["run", "page.md", "--yes=destructive", "--connection", &database.url]);
        let output = command.output().expect("it starts");
        let shown = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_ne!(output.status.code(), Some(0), "{shown}");
        assert!(shown.contains(server), "{shown}");
    }
}

#[test]
fn what_is_to_be_written_instead_of_a_look_runs_on_the_server() {
    let database = postgres::server().database();
    database
        .psql("CREATE TABLE jobs (id int); CREATE VIEW v AS SELECT 1 AS one; CREATE FUNCTION f() RETURNS int RETURN 1");
    let mut tried = 0;
    for look in [
        "\\d",
        "\\d jobs",
        "\\d+ public.jobs",
        "\\dt",
        "\\dt+",
        "\\dt job*",
        "\\dv",
        "\\dv v",
        "\\di",
        "\\di i",
        "\\ds",
        "\\ds s",
        "\\df",
        "\\df f",
        "\\du",
        "\\du post*",
        "\\dg",
        "\\dn",
        "\\dx",
        "\\dp",
        "\\z",
        "\\l",
        "\\l+",
        "\\l post*",
        "\\sf f",
        "\\sv v",
    ] {
        let statement = split(look, SqlDialect::Postgres).remove(0);
        let mend = statement.refusal.unwrap_or_else(|| panic!("{look} is sent")).mend;
        let query = mend.strip_prefix("write the query it stands for: ").unwrap_or_else(|| panic!("{look}: {mend}"));
        assert_eq!(split(query, SqlDialect::Postgres)[0].effect, runbook::runbook::Effect::Read, "{query}");
        database.psql(query);
        tried += 1;
    }
    assert_eq!(tried, 26);
    let columns = &split("\\d jobs", SqlDialect::Postgres)[0].refusal.as_ref().expect("it is not sent").mend.clone();
    let query = columns.split_once(": ").expect("a query").1;
    assert_eq!(database.psql(query), "id|integer|YES|");
}

#[test]
fn reasons_of_a_block_of_several_statements_say_their_lines() {
    let code = "SELECT 1;\nUPDATE jobs SET a = 1 WHERE id = 2;\n\nSELECT pg_terminate_backend(7);\nUPDATE jobs SET a = 2 WHERE id = 3;";
    let sandbox = sandbox(code, "sql");
    let output = sandbox.runbook(["plan", "--json", "page.md"]).output().expect("it starts");
    let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let reasons = &plan["steps"][0]["blocks"][0]["reasons"];
    let expected = [
        "changes rows of jobs (lines 5, 8)",
        "`pg_terminate_backend()` ends sessions of the database (line 7)",
        "`pg_terminate_backend()` cannot be previewed: it takes effect at once",
    ];
    assert_eq!(*reasons, serde_json::json!(expected));
}
