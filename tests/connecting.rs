//! Connections of a run: passwords that are found or asked for, what a
//! responder is told of where they stand, and what is on record of it.

mod servers;
mod support;

use assert_cmd::assert::OutputAssertExt;
use serde_json::{Value, json};
use servers::postgres::{self, Database};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use support::{Sandbox, Terminal};

const PASSWORD: &str = "tr0ub4dor-and-3";

/// Its block prints the password, which stands nowhere in it.
const PAGE: &str = "# Page\n\n## Look\n\n```sql\nSELECT reverse('3-dna-rod4bu0rt') AS printed;\n```\n";

/// A database, and the role that tries it. Whoever connects by TCP needs the
/// role's password.
fn database(sandbox: &Sandbox) -> (Database, String) {
    let database = postgres::server().database();
    let role = format!("app_of_{}", database.name);
    database.psql(&format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'"));
    sandbox.write("page.md", PAGE);
    (database, role)
}

/// Runs the page on the database without saying the password.
fn run(sandbox: &Sandbox, database: &Database, role: &str, more: &[&str]) -> Command {
    let url = format!("postgres://{role}@127.0.0.1:{}/{}", postgres::server().port(), database.name);
    let mut command = sandbox.runbook(["run", "page.md", "--connection", &url]);
    command.args(more).env("RUNBOOK_LOG", "debug");
    command
}

fn question(role: &str) -> String {
    format!("What is the password of {role} for default (127.0.0.1:{})?", postgres::server().port())
}

/// Asserts that the password is neither on record nor has been on the screen.
#[track_caller]
fn assert_kept(sandbox: &Sandbox, terminal: &Terminal) {
    sandbox.assert_nowhere(PASSWORD, &sandbox.state());
    assert!(!terminal.screen().contains(PASSWORD), "{}", terminal.screen());
}

#[test]
fn a_password_is_asked_for_once_and_kept_from_every_place() {
    let sandbox = Sandbox::new();
    let (database, role) = database(&sandbox);
    let mut terminal = Terminal::spawn(&run(&sandbox, &database, &role, &[]));
    terminal.answer(&question(&role), PASSWORD);
    terminal.expect("Run this?");
    assert_kept(&sandbox, &terminal);
    terminal.send_line("");
    terminal.expect("«password of default»");
    terminal.expect("The run is completed");
    assert_eq!(terminal.wait_exit(), 0);
    assert_kept(&sandbox, &terminal);
    assert!(!sandbox.report().contains(PASSWORD));
    let answers = sandbox.events_of("answered");
    let typed = (format!("the password of {role} for default?"), "typed, and not kept");
    assert_eq!((answers[0]["question"].as_str(), answers[0]["answer"].as_str()), (Some(&*typed.0), Some(typed.1)));
}

#[test]
fn a_wrong_password_is_asked_for_again() {
    let sandbox = Sandbox::new();
    let (database, role) = database(&sandbox);
    let mut terminal = Terminal::spawn(&run(&sandbox, &database, &role, &[]));
    terminal.answer(&question(&role), "not-at-all-this");
    terminal.expect(&format!("refuses the password of {role}"));
    terminal.answer(&question(&role), PASSWORD);
    terminal.answer("Run this?", "");
    terminal.expect("The run is completed");
    assert_eq!(terminal.wait_exit(), 0);
    assert_kept(&sandbox, &terminal);
    sandbox.assert_nowhere("not-at-all-this", &sandbox.state());
}

#[test]
fn three_wrong_passwords_leave_the_block_to_be_tried_again() {
    let sandbox = Sandbox::new();
    let (database, role) = database(&sandbox);
    let mut terminal = Terminal::spawn(&run(&sandbox, &database, &role, &[]));
    for _ in 0..3 {
        terminal.answer(&question(&role), "not-at-all-this");
    }
    terminal.expect("This cannot be run: default: the server at");
    terminal.expect("[t]ry again");
    terminal.send_line("t");
    terminal.answer(&question(&role), PASSWORD);
    terminal.answer("Run this?", "");
    terminal.expect("The run is completed");
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
fn without_a_password_the_block_can_still_be_skipped() {
    let sandbox = Sandbox::new();
    let (database, role) = database(&sandbox);
    let mut terminal = Terminal::spawn(&run(&sandbox, &database, &role, &[]));
    terminal.answer(&question(&role), "");
    terminal.expect("This cannot be run: default: the server at");
    terminal.expect("What now?");
    terminal.send_line("s nobody knows the password");
    assert_eq!(terminal.wait_exit(), 0);
    assert_eq!(sandbox.events_of("block_skipped").len(), 1);
    assert_eq!(sandbox.events_of("connected"), Vec::<Value>::new());
}

#[test]
fn ctrl_c_where_a_password_is_asked_for_puts_the_run_aside() {
    let sandbox = Sandbox::new();
    let (database, role) = database(&sandbox);
    let mut terminal = Terminal::spawn(&run(&sandbox, &database, &role, &[]));
    terminal.expect(&question(&role));
    terminal.expect("> ");
    terminal.send(&PASSWORD[..8]);
    terminal.send_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130);
    sandbox.assert_nowhere(&PASSWORD[..8], &sandbox.state());
    assert_eq!(sandbox.events_of("run_suspended").len(), 1);
}

#[test]
fn a_session_that_ended_is_opened_again_with_the_password_that_was_typed() {
    let sandbox = Sandbox::new();
    let (database, role) = database(&sandbox);
    let mut terminal = Terminal::spawn(&run(&sandbox, &database, &role, &[]));
    terminal.answer(&question(&role), PASSWORD);
    terminal.expect("Run this?");
    let process = sandbox.events_of("connected")[0]["session"]["process"].clone();
    database.psql(&format!("SELECT pg_terminate_backend({process}, 10000)"));
    terminal.send_line("");
    terminal.expect("the server ended the session while it was idle");
    terminal.expect("[r]etry");
    terminal.send_line("r");
    terminal.expect("The run is completed");
    assert_eq!(terminal.wait_exit(), 0);
    let connected = sandbox.events_of("connected");
    assert_eq!(connected.len(), 2, "each session is on record");
    assert_ne!(connected[1]["session"]["process"], process);
    assert_eq!(terminal.screen().matches("What is the password").count(), 1);
}

#[test]
fn without_a_terminal_a_missing_password_is_an_error_with_its_mend() {
    let sandbox = Sandbox::new();
    let (database, role) = database(&sandbox);
    let output = run(&sandbox, &database, &role, &["--yes"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let port = postgres::server().port();
    let expected = format!(
        "default: the server at 127.0.0.1:{port} wants a password of {role}, and none is known: set PGPASSWORD, or add \
         a line to ~/.pgpass"
    );
    assert!(said.contains(&expected), "{said}");
}

#[test]
fn a_password_file_is_used_only_where_nobody_else_can_read_it() {
    let sandbox = Sandbox::new();
    let (database, role) = database(&sandbox);
    let file = sandbox.home().join(".pgpass");
    fs::write(&file, format!("127.0.0.1:*:{}:{role}:{PASSWORD}\n", database.name)).expect("the home is ours");
    fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("the file is ours");
    let refused = run(&sandbox, &database, &role, &["--yes"]).output().expect("it starts");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    let why = "(~/.pgpass is not used: others may read it (mode 644); chmod 600 ~/.pgpass)";
    assert!(said.contains(why) && !said.contains(PASSWORD), "{said}");

    let mut terminal = Terminal::spawn(&run(&sandbox, &database, &role, &[]));
    terminal.expect("~/.pgpass is not used: others may read it (mode 644)");
    terminal.answer(&question(&role), PASSWORD);
    terminal.expect("! default: ~/.pgpass is not used");
    drop(terminal);

    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("the file is ours");
    let assert = run(&sandbox, &database, &role, &["--yes"]).assert().success();
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(said.contains("«password of default»") && !said.contains(PASSWORD), "{said}");
    sandbox.assert_nowhere(PASSWORD, &sandbox.state());
}

#[test]
fn variables_and_services_say_all_that_a_bare_url_leaves_out() {
    let sandbox = Sandbox::new();
    let (database, role) = database(&sandbox);
    let port = postgres::server().port().to_string();
    let bare = |url: &str| {
        let mut command = sandbox.runbook(["run", "page.md", "--yes", "--connection", url]);
        command.env("PGPASSWORD", PASSWORD).env("PGDATABASE", &database.name);
        command
    };
    let variables = [("PGHOST", "127.0.0.1"), ("PGPORT", &port), ("PGUSER", &role), ("PGOPTIONS", "-c work_mem=1MB")];
    bare("postgres:").envs(variables).assert().success();
    bare("postgres://").envs(variables).assert().success();

    let services = format!("[ops]\nhost=127.0.0.1\nport={port}\nuser={role}\n");
    fs::write(sandbox.home().join(".pg_service.conf"), services).expect("the home is ours");
    bare("postgres:?service=ops").assert().success();
    bare("postgres:").env("PGSERVICE", "ops").assert().success();
    sandbox.assert_nowhere(PASSWORD, &sandbox.state());
    let refused = bare("postgres:").env("PGSSLMODE", "verify_full").output().expect("it starts");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("sslmode in PGSSLMODE is none of disable, allow, prefer"), "{said}");
}

/// The screen's words, wherever its lines are broken.
fn words(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

const READ_PAGE: &str = "---\nconnections:\n  ops: { env: OPS_DATABASE_URL, access: read }\n---\n# Page\n\n## Look\n\n\
    ```sql\nSELECT 1;\n```\n\n## End\n\n```sql\nSELECT 2;\nCOPY (SELECT 1) TO PROGRAM 'touch /tmp/nonesuch';\n```\n";

#[test]
fn the_banner_says_where_one_is_and_whether_the_role_could_write_all_the_same() {
    let sandbox = Sandbox::new();
    let database = postgres::server().database();
    sandbox.write("page.md", READ_PAGE);
    let mut command = sandbox.runbook(["run", "page.md"]);
    command.env("OPS_DATABASE_URL", &database.url);
    let mut terminal = Terminal::spawn_sized(&command, 200, 40);
    let version = database.psql("SHOW server_version_num");
    let major = &version[..2];
    let (name, port) = (&database.name, postgres::server().port());
    terminal.answer("Run this?", "");
    terminal.expect("What now?");
    let screen = words(&terminal.screen());
    let remark = "read-only is asked of the session, not of the role: role postgres may write, and run programs or write \
                  files on the server, which read-only does not stop";
    let banner = format!("ops · postgres {major} · {name} · role postgres · READ-ONLY");
    for said in [
        format!("connected to {} (127.0.0.1:{port}, not encrypted)", banner.replacen(" · ", ": ", 1)),
        format!("! ops: {remark}"),
        format!("sql on {banner} reads"),
        "This cannot be run: line 17: the connection is read-only, and this is no read: runs a program on the \
         database's host; `access: write` would allow it"
            .to_owned(),
    ] {
        assert!(screen.contains(&said), "{said}\n{screen}");
    }
    terminal.send_line("s not here");
    assert_eq!(terminal.wait_exit(), 0);

    let connected = sandbox.events_of("connected");
    assert_eq!(connected.len(), 1);
    let session = &connected[0]["session"];
    for (key, expected) in [
        ("server", json!("postgres")),
        ("database", json!(name)),
        ("role", json!("postgres")),
        ("host", json!(format!("127.0.0.1:{port}"))),
        ("read_only", json!(true)),
        ("encryption", json!("none")),
        ("remarks", json!([remark])),
    ] {
        assert_eq!(session[key], expected, "{key}");
    }
    assert!(sandbox.report().contains(remark), "{}", sandbox.report());
}

#[test]
fn the_banner_is_whole_on_a_narrow_terminal() {
    let sandbox = Sandbox::new();
    let (database, role) = database(&sandbox);
    let mut command = sandbox.runbook(["run", "page.md"]);
    command.args(["--connection", &database.url_for(&role, PASSWORD)]);
    let mut terminal = Terminal::spawn_sized(&command, 40, 40);
    terminal.expect("Run this?");
    let screen = terminal.screen();
    let card = screen.split("  sql on ").nth(1).expect("the card").split("reads").next().expect("its head");
    assert!(words(card).ends_with(&format!(" · {} · role {role} · WRITE", database.name)), "{screen}");
    assert!(card.lines().all(|line| line.chars().count() <= 40), "{screen}");
}
