//! The runbook that comes with the program, from its first step to the report:
//! rehearsed, and on a real PostgreSQL.

mod servers;
mod support;

use serde_json::Value;
use servers::postgres::{self, Database, PASSWORD};
use std::fs;
use std::path::PathBuf;
use support::{Sandbox, Terminal, files};

/// The report whose path was shown at the end, in Markdown.
fn shown_report(sandbox: &Sandbox, terminal: &Terminal) -> String {
    let screen = terminal.screen();
    let end = screen.rfind("Report").map_or("", |at| &screen[at..]);
    let path = end.split_whitespace().find(|word| word.contains("/report."));
    let path = PathBuf::from(path.unwrap_or_else(|| panic!("no path of a report:\n{screen}")));
    assert!(path.starts_with(sandbox.only_run()) && path.is_file(), "{}", path.display());
    let page = path.with_extension("md");
    fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

/// The deviations of one kind.
fn deviations<'r>(report: &'r Value, kind: &str) -> Vec<&'r Value> {
    let deviations = report["deviations"].as_array().expect("deviations");
    deviations.iter().filter(|deviation| deviation["kind"] == kind).collect()
}

fn rehearse(sandbox: &Sandbox) -> Terminal {
    let mut command = sandbox.runbook(["run", "worker-death", "--rehearse"]);
    command.env("TMPDIR", sandbox.tmp()).env("EDITOR", "edit-block");
    Terminal::spawn(&command)
}

#[test]
fn the_rehearsal_ends_with_a_report_and_touches_nothing_outside_its_own_folder() {
    let sandbox = Sandbox::new().with_project_runbooks();
    let before = (files(&sandbox.work()), files(&sandbox.home()));
    let mut terminal = rehearse(&sandbox);
    let questions = [
        ("Which worker is down?", "1"),
        ("Enter: Railway CLI", ""),
        ("Run this?", "r"),
        ("commit (or yes)", "commit"),
        ("Is this done?", "d"),
    ];
    terminal.answer_until(&questions, "Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());

    let shown = shown_report(&sandbox, &terminal);
    assert!(shown.contains("REHEARSAL"), "{shown}");
    assert_eq!(shown, sandbox.report());
    let report = sandbox.report_json();
    assert_eq!((&report["rehearsal"], &report["outcome"]), (&true.into(), &"completed".into()));
    let changes = report["database"].as_array().expect("changes");
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((&changes[0]["affected"], &changes[0]["fate"]), (&3.into(), &"kept".into()));
    for kind in ["edited", "skipped", "accepted", "jumped"] {
        assert!(deviations(&report, kind).is_empty(), "{kind}: {report:#}");
    }

    assert_eq!(before, (files(&sandbox.work()), files(&sandbox.home())));
    assert!(files(&sandbox.tmp()).is_empty(), "the rehearsal's folder is still there");
    let state: Vec<_> = fs::read_dir(sandbox.state()).expect("the state folder").flatten().collect();
    assert_eq!(state.iter().map(|entry| entry.file_name()).collect::<Vec<_>>(), ["runs"]);
}

#[test]
fn what_was_skipped_edited_noted_and_retried_is_in_the_report_as_what_it_was() {
    let sandbox = Sandbox::new().with_project_runbooks();
    // Fails the first time it runs, and works the second.
    let failing_once = "mkdir tried && { echo 'the platform is silent' >&2; exit 7; }";
    let editor = format!("#!/bin/sh\n{{ cat << 'END'; cat \"$1\"; }} > new && mv new \"$1\"\n{failing_once}\nEND\n");
    sandbox.write_command("edit-block", &editor);
    let mut terminal = rehearse(&sandbox);
    terminal.answer("Which worker is down?", "enforcement-worker");
    terminal.answer("Enter: Railway CLI", "");
    terminal.answer("Enter: Railway CLI", "1 the dashboard is slow");
    terminal.answer("Run this?", "n customers were told");
    terminal.answer("Run this?", "e");
    terminal.expect("mkdir tried");
    terminal.answer("Run this?", "r");
    terminal.expect("the platform is silent");
    terminal.answer("What now?", "r");
    terminal.expect("restarted");
    terminal.answer("Run this?", "s the other responder does it");
    terminal.answer("What now?", "c they are known");
    terminal.answer("Is this done?", "s not at night");
    terminal.answer_until(&[("Is this done?", "d")], "Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());

    let report = sandbox.report_json();
    let only = |kind: &str, step: &str| {
        let found: Vec<_> = deviations(&report, kind).into_iter().filter(|found| found["step"] == step).collect();
        assert_eq!(found.len(), 1, "{kind} at {step}: {report:#}");
        (found[0]["what"].as_str().expect("what").to_owned(), found[0]["diff"].clone())
    };
    let restart = "Restart the worker › Railway CLI";
    let (_, diff) = only("edited", restart);
    let diff = diff.as_str().expect("an edit has a diff");
    assert!(diff.starts_with("--- ") && diff.contains("\n@@ -1 +1,2 @@\n+mkdir tried"), "{diff}");
    assert!(diff.contains("\n railway restart --service enforcement-worker --yes\n"), "{diff}");
    assert!(only("retried", restart).0.contains("failed, then succeeded"), "{report:#}");
    assert!(only("skipped", "Reset the stuck jobs").0.contains("the other responder does it"), "{report:#}");
    assert!(only("accepted", "Verify that the queue moves").0.contains("they are known"), "{report:#}");
    assert_eq!(report["notes"][0]["text"], "customers were told");
    assert!(report["database"].as_array().is_some_and(Vec::is_empty), "nothing was changed: {report:#}");
    let left = report["follow_ups"].to_string();
    assert!(left.contains("incident channel") && !left.contains("Open a ticket for the memory"), "{left}");

    let page = sandbox.report();
    assert_eq!(page, shown_report(&sandbox, &terminal));
    for wanted in
        [diff, "customers were told", "the other responder does it", "they are known", "the platform is silent"]
    {
        assert!(page.contains(wanted), "{wanted}\n{page}");
    }
}

#[test]
fn an_edited_block_is_taken_for_what_it_does_now_not_for_what_the_page_says_of_it() {
    let sandbox = Sandbox::new().with_project_runbooks();
    sandbox.write_command("edit-block", "#!/bin/sh\necho 'rm -rf \"$HOME\"' > \"$1\"\n");
    let mut terminal = rehearse(&sandbox);
    terminal.answer("Which worker is down?", "enforcement-worker");
    terminal.answer("Enter: Railway CLI", "");
    terminal.answer("Enter: Railway CLI", "");
    terminal.expect("CHANGES");
    terminal.answer("Run this?", "e");
    let card = terminal.expect("Run this?");
    assert!(card.contains("rm -rf") && card.contains("DESTRUCTIVE"), "{card}");
    assert!(!card.contains("the runbook says so"), "{card}");
    terminal.send_line("r");
    terminal.answer("destroy", "");
    terminal.expect("Run this?");
    let ran = sandbox.events_of("block_started");
    assert!(ran.iter().all(|started| !started["code"].to_string().contains("rm -rf")), "{ran:?}");
}

/// A database as the runbook expects it, and the platform's command.
struct Production {
    sandbox: Sandbox,
    database: Database,
}

/// A server in another time zone than the responder: the stuck are stuck all
/// the same.
const SEED: &str = "
    CREATE SCHEMA ops;
    CREATE TABLE ops.job_queue (
        id bigint PRIMARY KEY, job_type text NOT NULL, status text NOT NULL, locked_at timestamptz,
        attempts integer NOT NULL DEFAULT 0, last_error text,
        created_at timestamptz NOT NULL DEFAULT now() - interval '1 hour', updated_at timestamptz NOT NULL DEFAULT now()
    );
    INSERT INTO ops.job_queue (id, job_type, status, locked_at, attempts) VALUES
        (1, 'notice', 'processing', now() - interval '14 minutes', 1),
        (2, 'bundle', 'processing', now() - interval '9 hours', 3),
        (3, 'notice', 'processing', now() - interval '6 minutes', 1),
        (4, 'import', 'processing', now() - interval '90 seconds', 1),
        (5, 'import', 'processing', now() - interval '10 seconds', 1),
        (6, 'notice', 'pending', NULL, 0),
        (7, 'bundle', 'done', NULL, 1),
        (8, 'import', 'failed', now() - interval '2 days', 5);
    CREATE TABLE ops.worker_heartbeats (
        worker_id text PRIMARY KEY, worker_type text NOT NULL, status text NOT NULL, last_seen_at timestamptz NOT NULL
    );
    INSERT INTO ops.worker_heartbeats VALUES
        ('enforcement-worker-1', 'enforcement-worker', 'running', now() - interval '12 minutes'),
        ('ingest-worker-1', 'ingest-worker', 'running', now());";

const RAILWAY: &str = r#"#!/bin/sh
echo "$*" >> "$HOME/railway-was-called"
case "$1" in
    logs) echo 'heartbeat sent'; echo 'worker was killed by signal 9' ;;
    restart) echo 'the service was restarted' ;;
    *) exit 64 ;;
esac
"#;

impl Production {
    fn new() -> Self {
        let sandbox = Sandbox::new().with_project_runbooks();
        let database = postgres::server().database();
        database.psql(SEED);
        Self { sandbox, database }
    }

    fn with_railway(self) -> Self {
        self.sandbox.write_command("railway", RAILWAY);
        self
    }

    fn run(&self) -> Terminal {
        let connection = format!("ops={}", self.database.url);
        Terminal::spawn(&self.sandbox.runbook(["run", "worker-death", "--connection", &connection]))
    }

    /// Walks to the question whether to keep the reset; the worker beats again.
    fn run_to_the_commit(&self) -> Terminal {
        let mut terminal = self.run();
        terminal.answer("Which worker is down?", "enforcement-worker");
        terminal.answer("Enter: Railway CLI", "");
        terminal.expect("killed by signal 9");
        terminal.answer("Enter: Railway CLI", "");
        terminal.answer("Run this?", "r");
        terminal.expect("the service was restarted");
        terminal.expect("UPDATE ops.job_queue");
        self.revive();
        terminal.answer("Run this?", "r");
        terminal.expect("commit (or yes)");
        assert_eq!(self.locked(), "1,2,3,4,5", "a change that is not kept yet is nobody else's");
        terminal
    }

    fn revive(&self) {
        let worker = "worker_id = 'enforcement-worker-1'";
        self.database.psql(&format!("UPDATE ops.worker_heartbeats SET last_seen_at = now() WHERE {worker}"));
    }

    /// The whole queue.
    fn queue(&self) -> String {
        self.database.psql("SELECT * FROM ops.job_queue ORDER BY id")
    }

    /// The queue but for the jobs that are stuck.
    fn rest_of_queue(&self) -> String {
        self.database.psql("SELECT * FROM ops.job_queue WHERE id > 3 ORDER BY id")
    }

    /// The ids of the jobs that a worker holds.
    fn locked(&self) -> String {
        let held = "status = 'processing' AND locked_at IS NOT NULL";
        self.database.psql(&format!("SELECT string_agg(id::text, ',' ORDER BY id) FROM ops.job_queue WHERE {held}"))
    }

    fn change(&self) -> Value {
        let report = self.sandbox.report_json();
        let changes = report["database"].as_array().expect("changes");
        assert_eq!(changes.len(), 1, "{changes:?}");
        changes[0].clone()
    }

    fn assert_password_is_nowhere(&self, terminal: &Terminal) {
        assert!(!terminal.screen().contains(PASSWORD), "{}", terminal.screen());
        self.sandbox.assert_nowhere(PASSWORD, &self.sandbox.state());
        assert!(!self.sandbox.report().contains(PASSWORD));
    }
}

#[test]
fn on_a_real_postgres_exactly_the_three_stuck_jobs_are_reset() {
    let production = Production::new().with_railway();
    let rest = production.rest_of_queue();
    let mut terminal = production.run_to_the_commit();
    terminal.send_line("commit");
    terminal.answer_until(&[("Is this done?", "d")], "Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());

    assert_eq!(production.locked(), "4,5");
    let reset = "SELECT count(*) FROM ops.job_queue WHERE id <= 3 AND status = 'pending' AND locked_at IS NULL";
    assert_eq!(production.database.psql(reset), "3");
    assert_eq!(production.rest_of_queue(), rest, "no other job was touched");
    let change = production.change();
    assert_eq!((&change["affected"], &change["fate"]), (&3.into(), &"kept".into()));
    let calls = fs::read_to_string(production.sandbox.home().join("railway-was-called")).expect("its calls");
    let expected =
        "logs --service enforcement-worker --latest --lines 500\nrestart --service enforcement-worker --yes\n";
    assert_eq!(calls, expected);
    production.assert_password_is_nowhere(&terminal);
}

#[test]
fn a_no_at_the_commit_leaves_every_job_as_it_was_and_the_report_says_so() {
    let production = Production::new().with_railway();
    let before = production.queue();
    let mut terminal = production.run_to_the_commit();
    terminal.send_line("no");
    terminal.answer("What now?", "s they stay stuck");
    terminal.answer_until(&[("Is this done?", "d")], "Report");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.screen());

    assert_eq!(production.queue(), before);
    let change = production.change();
    assert_eq!((&change["affected"], &change["fate"]), (&3.into(), &"taken_back".into()));
    let report = shown_report(&production.sandbox, &terminal);
    assert!(report.contains("Nothing was kept") && report.contains("they stay stuck"), "{report}");
}

#[test]
fn a_run_that_is_ended_after_the_reset_locks_the_three_jobs_again_when_asked_to() {
    let production = Production::new().with_railway();
    let rest = production.rest_of_queue();
    let mut terminal = production.run_to_the_commit();
    terminal.send_line("commit");
    terminal.answer("Is this done?", "a");
    assert_eq!(production.locked(), "4,5");
    terminal.answer("Enter: no", "yes");
    terminal.expect("Take back");
    terminal.answer("Enter: no", "yes");
    terminal.expect("SET status = 'processing'");
    terminal.answer("Run this?", "r");
    terminal.answer("commit (or yes)", "commit");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.screen());

    assert_eq!(production.locked(), "1,2,3,4,5");
    assert_eq!(production.rest_of_queue(), rest, "no other job was touched");
    let report = production.sandbox.report_json();
    assert_eq!(report["outcome"], "aborted");
    assert_eq!(deviations(&report, "rolled_back").len(), 1, "{report:#}");
    let fates: Vec<_> = report["database"].as_array().expect("changes").iter().map(|change| &change["fate"]).collect();
    assert_eq!(fates, ["kept", "kept"]);
}

#[test]
fn what_is_missing_is_said_before_the_first_step_and_the_rehearsal_is_offered() {
    let sandbox = Sandbox::new().with_project_runbooks();
    let mut command = sandbox.runbook(["run", "worker-death"]);
    command.env("TMPDIR", sandbox.tmp());
    let mut terminal = Terminal::spawn(&command);
    let said = terminal.expect("Rehearse it");
    assert!(said.contains("railway") && said.contains("not installed"), "{said}");
    assert!(said.contains("`ops`") && said.contains("OPS_DATABASE_URL"), "{said}");
    assert!(!said.contains("Confirm the death"), "{said}");
    terminal.answer("Enter: no", "yes");
    terminal.expect("REHEARSAL");
    terminal.answer("Which worker is down?", "ingest-worker");
    // The one that lives: nothing is done to it.
    terminal.answer("What now?", "a");
    terminal.answer("Enter: no", "yes");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.screen());
    assert!(shown_report(&sandbox, &terminal).contains("REHEARSAL"));
}

#[test]
fn without_the_command_it_is_done_by_hand_on_a_database_whose_url_was_typed_unseen() {
    let production = Production::new();
    let mut terminal = Terminal::spawn(&production.sandbox.runbook(["run", "worker-death"]));
    terminal.expect("Rehearse it");
    terminal.answer("Enter: no", "no");
    terminal.answer("not shown", &production.database.url);
    terminal.answer("Which worker is down?", "enforcement-worker");
    terminal.answer("Enter: Railway dashboard", "2 no command here");
    for _ in 0..3 {
        terminal.answer("Is this done?", "d");
    }
    terminal.answer("Enter: Railway dashboard", "Railway dashboard");
    for _ in 0..3 {
        terminal.answer("Is this done?", "d");
    }
    production.revive();
    terminal.answer("Run this?", "r");
    terminal.answer("commit (or yes)", "yes");
    terminal.answer_until(&[("Is this done?", "d")], "Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(production.locked(), "4,5");
    assert!(production.sandbox.report().contains("no command here"));
    production.assert_password_is_nowhere(&terminal);
}
