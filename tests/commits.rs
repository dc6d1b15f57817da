//! A person at the commit question, and what becomes of the change when the
//! engine, the terminal or the connection goes away around it.

#[path = "servers/mod.rs"]
mod servers;
mod support;

use rustix::process::Signal;
use servers::postgres::{self, Database};
use servers::proxy::{Cut, Place, Proxy};
use std::time::Duration;
use support::{Sandbox, Terminal, wait_until};

const PAGE: &str = "# Page\n\n## Reset\n\n```sql\nUPDATE jobs SET status = 'queued' WHERE id < 3;\n```\n";

fn database() -> Database {
    let database = postgres::server().database();
    database
        .psql("CREATE TABLE jobs (id int, status text); INSERT INTO jobs VALUES (1, 'stuck'), (2, 'stuck'), (3, '')");
    database
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", PAGE);
    sandbox
}

fn begin(sandbox: &Sandbox, url: &str) -> Terminal {
    let mut command = sandbox.runbook(["run", "page.md"]);
    let mut terminal = Terminal::spawn(command.env("DATABASE_URL", url));
    terminal.answer("Run this?", "r");
    terminal.expect("commit (or yes)");
    terminal
}

/// How many rows the change is kept in.
fn kept(database: &Database) -> String {
    database.psql("SELECT count(*) FROM jobs WHERE status = 'queued'")
}

/// Waits until the server has found out by itself that nobody is there any more.
#[track_caller]
fn server_holds_nothing(database: &Database) {
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'runbook' \
                    AND datname = current_database()";
    wait_until("no session is left at the server", || database.psql(sessions) == "0");
    // Nobody else has anything locked here either.
    database.psql("SET lock_timeout = '1s'; ALTER TABLE jobs ADD COLUMN note text");
}

/// What is said before the question that asks what became of the block, which
/// the run is left at.
fn asked(sandbox: &Sandbox, url: &str) -> String {
    let mut command = sandbox.runbook(["resume"]);
    let mut terminal = Terminal::spawn(command.env("DATABASE_URL", url));
    let said = terminal.expect("Did it run?");
    terminal.send_line("suspend");
    terminal.wait_exit();
    on_one_line(&said)
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn holds(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in: {text}");
}

#[test]
fn killed_in_a_preview_the_engine_leaves_nothing_at_the_server_and_resume_says_so_having_looked() {
    let (database, sandbox) = (database(), sandbox());
    let mut terminal = begin(&sandbox, &database.url);
    terminal.signal(Signal::KILL);
    terminal.wait_exit();
    server_holds_nothing(&database);
    assert_eq!(kept(&database), "0");
    let said = asked(&sandbox, &database.url);
    holds(
        &said,
        "Nothing was committed: no COMMIT was sent. Its session is gone from the server, and with it its locks.",
    );
    assert_eq!(sandbox.events_of("transaction_ended")[0]["decision"], "rolled_back");
}

#[test]
fn a_session_that_outlives_the_engine_is_named_with_the_way_to_end_it() {
    let (database, sandbox) = (database(), sandbox());
    // The server is not told that its client is gone.
    let cut = Cut { place: Place::Sent(0), reset: false, server_later: Duration::ZERO };
    let proxy = beside().block_on(Proxy::start(postgres::server().port(), cut, true));
    let mut terminal = begin(&sandbox, &proxy.url(&database.url));
    proxy.freeze();
    terminal.signal(Signal::KILL);
    terminal.wait_exit();
    let said = asked(&sandbox, &database.url);
    holds(&said, "Nothing was committed: no COMMIT was sent. Its session is still at the server (process ");
    holds(&said, "idle in transaction) and holds its locks: SELECT pg_terminate_backend(");
}

/// Where the record of a run is cut off: behind the last event of this kind.
fn cut_record(sandbox: &Sandbox, kind: &str) {
    let path = sandbox.only_run().join("transcript.jsonl");
    let text = std::fs::read_to_string(&path).expect("the transcript");
    let event = format!("\"event\":\"{kind}\"");
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let last = lines.iter().rposition(|line| line.contains(&event)).unwrap_or_else(|| panic!("{kind}: {text}"));
    std::fs::write(&path, lines[..=last].concat()).expect("the transcript");
}

#[test]
fn killed_between_the_answer_to_commit_and_its_record_the_server_is_asked() {
    let (database, sandbox) = (database(), sandbox());
    let mut terminal = begin(&sandbox, &database.url);
    terminal.send_line("commit");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    cut_record(&sandbox, "committing");
    assert_eq!(kept(&database), "2");
    let said = asked(&sandbox, &database.url);
    holds(&said, "Its changes were committed: asked on a new connection (pg_xact_status), the server says that");
    let ended = sandbox.events_of("transaction_ended");
    assert_eq!((&ended[0]["decision"], &ended[0]["affected"]), (&"committed".into(), &2.into()), "{ended:?}");
    assert!(sandbox.report().contains("found out when the run was taken up again"));
    // It is known now, and not asked again.
    let said = asked(&sandbox, &database.url);
    holds(&said, "On record its changes were committed: found out when the run was taken up again");
    assert_eq!(sandbox.events_of("transaction_ended").len(), 1);
}

#[test]
fn killed_before_commit_reached_the_server_it_says_that_nothing_is_kept() {
    let (database, sandbox) = (database(), sandbox());
    // COMMIT never arrives, and the server is not told that its client is gone.
    let cut = Cut { place: Place::Held, reset: false, server_later: Duration::from_secs(3600) };
    let proxy = beside().block_on(Proxy::start(postgres::server().port(), cut, true));
    let mut terminal = begin(&sandbox, &proxy.url(&database.url));
    terminal.send_line("commit");
    wait_until("COMMIT is on its way", || proxy.has_cut());
    terminal.signal(Signal::KILL);
    terminal.wait_exit();
    assert_eq!(sandbox.events_of("committing").len(), 1, "it was on record before it was sent");
    let said = asked(&sandbox, &database.url);
    holds(&said, "Nothing was committed: asked on a new connection (pg_xact_status), the server says that");
    assert_eq!(sandbox.events_of("transaction_ended")[0]["decision"], "rolled_back");
    server_holds_nothing(&database);
    assert_eq!(kept(&database), "0");
}

#[test]
fn where_the_server_cannot_be_asked_resume_says_that_it_cannot_be_known() {
    let (database, sandbox) = (database(), sandbox());
    let mut terminal = begin(&sandbox, &database.url);
    terminal.send_line("commit");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    cut_record(&sandbox, "committing");
    let elsewhere = postgres::server().database();
    let said = asked(&sandbox, &elsewhere.url);
    holds(&said, "whether its changes were committed cannot be known: what answers a new connection is not the same");
    assert!(sandbox.events_of("transaction_ended").is_empty(), "it is asked again");
}

#[test]
fn a_connection_cut_around_commit_is_told_with_the_servers_own_word() {
    for (place, told, rows) in [
        (Place::Sent(7), "nothing is kept: asked on a new connection", "0"),
        (Place::Answered(0), "the changes are kept: asked on a new connection", "2"),
    ] {
        let (database, sandbox) = (database(), sandbox());
        let cut = Cut { place, reset: true, server_later: Duration::ZERO };
        let proxy = beside().block_on(Proxy::start(postgres::server().port(), cut, true));
        let mut terminal = begin(&sandbox, &proxy.url(&database.url));
        terminal.send_line("commit");
        if rows == "0" {
            terminal.answer("What now?", "s it is known");
        }
        terminal.wait_exit();
        holds(&on_one_line(&terminal.screen()), told);
        assert_eq!(kept(&database), rows);
        let ended = sandbox.events_of("transaction_ended");
        assert!(ended[0]["reason"].as_str().is_some_and(|reason| reason.contains("pg_xact_status")), "{ended:?}");
        assert!(sandbox.report().contains("pg_xact_status"), "the report says where it comes from");
    }
}

#[test]
fn the_end_of_the_session_at_the_commit_question_rolls_back() {
    for signal in [Signal::TERM, Signal::HUP] {
        let (database, sandbox) = (database(), sandbox());
        let mut terminal = begin(&sandbox, &database.url);
        terminal.signal(signal);
        assert_eq!(terminal.wait_exit(), 130, "{}", terminal.screen());
        rolled_back(&database, &sandbox);
    }
}

#[test]
fn a_terminal_closed_at_the_commit_question_rolls_back() {
    let (database, sandbox) = (database(), sandbox());
    // `script` holds the terminal that is closed.
    let mut script = sandbox.command("script");
    script.env("SHELL", "/bin/sh").env("DATABASE_URL", &database.url);
    script.args(["-qfc", &format!("exec {} run page.md", env!("CARGO_BIN_EXE_runbook")), "/dev/null"]);
    let mut window = Terminal::spawn(&script);
    window.answer("Run this?", "r");
    window.expect("commit (or yes)");
    window.signal(Signal::KILL);
    window.wait_exit();
    let suspended = || sandbox.events().last().is_some_and(|event| event["event"] == "run_suspended");
    wait_until("the run is suspended", suspended);
    rolled_back(&database, &sandbox);
}

#[track_caller]
fn rolled_back(database: &Database, sandbox: &Sandbox) {
    server_holds_nothing(database);
    assert_eq!(kept(database), "0");
    assert_eq!(sandbox.events_of("transaction_ended")[0]["decision"], "rolled_back");
    assert_eq!(sandbox.events_of("run_suspended").len(), 1);
    assert!(sandbox.events_of("committing").is_empty());
}

#[test]
fn a_lock_wait_names_who_is_in_the_way_on_the_screen_and_on_record() {
    let (database, sandbox) = (database(), sandbox());
    let _holder = database.session_that("nightly", "BEGIN; UPDATE jobs SET status = 'mine' WHERE id = 1;");
    wait_until("the row is locked", || {
        database.psql(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightly' AND backend_xid IS NOT NULL",
        ) == "1"
    });
    let mut command = sandbox.runbook(["run", "page.md"]);
    let mut terminal = Terminal::spawn(command.env("DATABASE_URL", &database.url));
    terminal.answer("Run this?", "r");
    terminal.expect("WAITING:  for a lock; blocked by process ");
    terminal.expect("application nightly");
    terminal.expect("· blocked by process ");
    terminal.send_ctrl_c();
    terminal.answer("What now?", "s it is known");
    terminal.wait_exit();
    let output = std::fs::read_dir(sandbox.only_run().join("output")).expect("the outputs");
    let output: String =
        output.map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("its text")).collect();
    assert!(output.contains("WAITING:  for a lock; blocked by process "), "{output}");
    assert!(output.contains("UPDATE jobs SET status = '…' WHERE id = 1"), "{output}");
}

/// Where a proxy runs beside the program.
fn beside() -> tokio::runtime::Handle {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let handle = runtime.handle().clone();
    std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    handle
}
