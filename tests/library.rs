//! The runbooks that come with the program: each is rehearsed to its end, by
//! itself and by a person at a terminal, and what it mends is mended.
//!
//! `worker-death` has its own tests, in `worker_death.rs`.

mod servers;
mod support;

use pulldown_cmark::{Event, Options, Parser, Tag};
use runbook::plan::{Plan, scenarios};
use runbook::runbook::Class;
use runbook::source::{Severity, SourceFile};
use servers::postgres;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::{Sandbox, Terminal, files, wait_until};

/// What the rehearsals are given for secrets, by the environment variable.
const SECRETS: [(&str, &str); 2] =
    [("SURVEY_GIT_TOKEN", "ghp_of_tomorrow_morning"), ("CI_SECRET_VALUE", "value-of-the-preview")];

/// A page, or one scenario of it, and what shows that the rehearsal changed
/// its world: a text that is in its output before the mend, and one after. The
/// first is empty where the page, rightly, does not stop to look.
struct Rehearsal {
    page: &'static str,
    scenario: &'static str,
    variables: &'static [(&'static str, &'static str)],
    before: &'static str,
    after: &'static str,
}

const fn rehearsal(page: &'static str, scenario: &'static str, before: &'static str, after: &'static str) -> Rehearsal {
    Rehearsal { page, scenario, variables: &[], before, after }
}

impl Rehearsal {
    const fn with(self, variables: &'static [(&'static str, &'static str)]) -> Self {
        Self { variables, ..self }
    }

    fn address(&self) -> String {
        if self.scenario.is_empty() { self.page.to_owned() } else { format!("{}#{}", self.page, self.scenario) }
    }

    /// Rehearses it with nobody there.
    fn run(&self) -> Sandbox {
        let sandbox = Sandbox::new().with_project_runbooks();
        let before = (files(&sandbox.work()), files(&sandbox.home()));
        let mut command = sandbox.runbook(["run", &self.address(), "--rehearse", "--yes=destructive"]);
        for (name, value) in self.variables {
            command.arg("--var").arg(format!("{name}={value}"));
        }
        let output = command.envs(SECRETS).env("TMPDIR", sandbox.tmp()).output().expect("it starts");
        let shown = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{}:\n{shown}", self.address());
        assert_eq!(before, (files(&sandbox.work()), files(&sandbox.home())), "it touched what is not its own");
        assert!(files(&sandbox.tmp()).is_empty(), "the rehearsal's folder is still there");
        sandbox
    }

    /// Asserts what any completed rehearsal of it has on record.
    #[track_caller]
    fn assert_mended(&self, sandbox: &Sandbox) {
        let report = sandbox.report_json();
        assert_eq!(report["outcome"], "completed", "{report:#}");
        assert_eq!(report["rehearsal"], true);
        let page = sandbox.report();
        assert!(page.contains("REHEARSAL"), "{page}");
        for (_, secret) in SECRETS {
            sandbox.assert_nowhere(secret, &sandbox.state());
        }
        let outputs = outputs(sandbox);
        let position = |wanted: &str| {
            let found = outputs.iter().position(|output| output.contains(wanted));
            found.unwrap_or_else(|| panic!("{wanted:?} is in no output of {}: {outputs:#?}", self.address()))
        };
        let after = position(self.after);
        if !self.before.is_empty() {
            assert!(position(self.before) < after, "{outputs:#?}");
            let still_there = outputs[after..].iter().any(|output| output.contains(self.before));
            assert!(!still_there, "{:?} is still there at the end: {outputs:#?}", self.before);
        }
    }
}

/// What each try of each block has put out, in order, as it is on record.
fn outputs(sandbox: &Sandbox) -> Vec<String> {
    let folder = sandbox.only_run().join("output");
    let numbered: BTreeMap<PathBuf, Vec<u8>> = files(&folder);
    numbered.into_values().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

/// One test for each rehearsal, and the list of them all.
macro_rules! rehearsals {
    ($($name:ident: $rehearsal:expr;)*) => {
        const REHEARSALS: &[Rehearsal] = &[$($rehearsal),*];
        mod rehearsed_to_its_end {
            $(#[test]
            fn $name() {
                let rehearsal = super::$name();
                rehearsal.assert_mended(&rehearsal.run());
            })*
        }
        $(const fn $name() -> Rehearsal { $rehearsal })*
    };
}

const SURVEY_1: &[(&str, &str)] = &[("worker", "survey-1")];
const GOOD_VERSION: &[(&str, &str)] = &[("version", "2.4.1")];

rehearsals! {
    overwritten_source:
        rehearsal("overwritten-source", "", "SyntaxError", "active (running)").with(&[("worker", "worker-1")]);
    stale_manifests:
        rehearsal("stale-manifests", "", "shop-web:sha-c6dddd3", "web    2/2    registry.example.com/shop-web:sha-043cd09");
    migration_blocked: rehearsal("migration-blocked", "", "idle in transaction", "Running upgrade");
    vendor_api_down: rehearsal("vendor-api-down", "", "returned error: 503", "{\"status\":\"ok\"}");
    release_gate: rehearsal("release-gate", "", "fail\theartbeats", "pass\n");

    no_jobs_are_taken: rehearsal("worker-incidents", "no-jobs-are-taken", "\"claiming\": \"stalled\"", "\"ok\"");
    jobs_stay_in_running: rehearsal("worker-incidents", "jobs-stay-in-running", "storefront", "(0 rows)");
    memory_grows: rehearsal("worker-incidents", "memory-grows", "1741MiB", "209MiB");
    the_assistant_refuses_the_login:
        rehearsal("worker-incidents", "the-assistant-refuses-the-login", "401 Unauthorized", "Logged in");
    repositories_cannot_be_cloned:
        rehearsal("worker-incidents", "repositories-cannot-be-cloned", "Authentication failed", "HEAD");
    the_queue_cannot_be_reached:
        rehearsal("worker-incidents", "the-queue-cannot-be-reached", "\"unreachable\"", "\"ok\"");
    the_disk_is_full: rehearsal("worker-incidents", "the-disk-is-full", "97%", " 43%");

    everything_is_down: rehearsal("worker-recovery", "everything-is-down", "", "\"claiming\": \"ok\"").with(GOOD_VERSION);
    the_scratch_data_is_corrupt:
        rehearsal("worker-recovery", "the-scratch-data-is-corrupt", "job-208", "\"claiming\": \"ok\"").with(SURVEY_1);
    somebody_got_in:
        rehearsal("worker-recovery", "somebody-got-in", "", "\"credentials\": \"ok\"").with(GOOD_VERSION);
    settings_or_credentials_are_lost:
        rehearsal("worker-recovery", "settings-or-credentials-are-lost", "session.json", "\"credentials\": \"ok\"");
    the_host_is_lost: rehearsal("worker-recovery", "the-host-is-lost", "(0 rows)", "\"claiming\": \"ok\"").with(SURVEY_1);
    the_last_deployment_is_bad:
        rehearsal("worker-recovery", "the-last-deployment-is-bad", "current   2.5.0", "\"version\": \"2.4.1\"");

    formatting_or_lint: rehearsal("ci-failure", "formatting-or-lint", "F401", "lint success");
    a_flaky_test: rehearsal("ci-failure", "a-flaky-test", "ReadTimeout", "test success");
    a_stale_cache: rehearsal("ci-failure", "a-stale-cache", "pip-lock-9b1f02", "install success");
    a_missing_secret: rehearsal("ci-failure", "a-missing-secret", "PREVIEW_TOKEN is empty", "preview success");
    the_image_does_not_build: rehearsal("ci-failure", "the-image-does-not-build", "retired: not found", "image success");
    a_vulnerable_dependency:
        rehearsal("ci-failure", "a-vulnerable-dependency", "CVE-2025-27516", "audit success");
}

/// Every page in `runbooks/`, by its name.
fn pages() -> BTreeMap<String, PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let entries = fs::read_dir(&folder).expect("the library").map(|entry| entry.expect("an entry").path());
    let pages = entries.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), path)).collect()
}

fn plan(path: &Path) -> (SourceFile, Plan) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = SourceFile::new(path.display().to_string(), text);
    let plan = Plan::read(&file, HashSet::new());
    (file, plan)
}

#[test]
fn every_page_and_every_scenario_of_it_is_rehearsed() {
    let rehearsed: BTreeSet<String> =
        REHEARSALS.iter().map(Rehearsal::address).chain(["worker-death".to_owned()]).collect();
    // What is only looked up or ticked off: nothing is mended there.
    let mends_nothing = ["ci-failure#find-the-job", "worker-recovery#afterwards"].map(str::to_owned);
    let mut wanted = BTreeSet::new();
    for (name, path) in pages() {
        let (_, plan) = plan(&path);
        let anchors: Vec<_> = scenarios(&plan.runbook).iter().map(|section| section.anchor.clone()).collect();
        if anchors.is_empty() {
            wanted.insert(name);
        } else {
            wanted.extend(anchors.into_iter().map(|anchor| format!("{name}#{anchor}")));
        }
    }
    assert_eq!(rehearsed.union(&mends_nothing.into()).cloned().collect::<BTreeSet<_>>(), wanted);
}

#[test]
fn nothing_is_wrong_with_any_page_and_every_block_of_it_is_known() {
    for (name, path) in pages() {
        let (_, plan) = plan(&path);
        let errors: Vec<_> = plan.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        for block in plan.runbook.blocks() {
            assert_ne!(block.class, Class::Unknown, "{name}:{}", block.line_start);
        }
        let front_matter = &plan.runbook.front_matter;
        let told = [&front_matter.title, &front_matter.summary, &front_matter.severity, &front_matter.owner];
        assert!(told.iter().all(|told| told.is_some()), "{name} does not say what it is for");
        assert!(front_matter.rehearsal.is_some(), "{name} cannot be rehearsed");
    }
}

/// GitHub's anchor of a heading of plain words.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-")).collect()
}

#[test]
fn every_link_of_a_page_leads_to_a_page_and_a_heading_that_are_there() {
    for (name, path) in pages() {
        let text = fs::read_to_string(&path).expect("the page");
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
            if dest_url.starts_with("https://") {
                continue;
            }
            let (file, anchor) = dest_url.split_once('#').unwrap_or((&dest_url, ""));
            let target = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
            let there = fs::read_to_string(&target).unwrap_or_else(|error| panic!("{name} → {dest_url}: {error}"));
            assert!(anchor.is_empty() || anchors(&there).contains(anchor), "{name} → {dest_url}");
        }
    }
}

/// A person who says yes to everything, and types what is asked for.
const YES: [(&str, &str); 6] = [
    ("Run this?", "r"),
    ("type `destroy`", "destroy"),
    ("commit (or yes)", "commit"),
    ("Is this done?", "d"),
    ("in a rehearsal 2.4.1", "2.4.1"),
    ("in a rehearsal worker-1", "worker-1"),
];

fn sit_down(sandbox: &Sandbox, page: &str) -> Terminal {
    let mut command = sandbox.runbook(["run", page, "--rehearse"]);
    command.env("TMPDIR", sandbox.tmp());
    let mut terminal = Terminal::spawn(&command);
    terminal.expect("REHEARSAL");
    terminal
}

/// Walks through all of a page, or of one of its scenarios chosen from the
/// list, with these answers first.
fn walk(page: &str, answers: &[(&str, &str)]) -> (Sandbox, Terminal) {
    let sandbox = Sandbox::new().with_project_runbooks();
    let mut command = sandbox.runbook(["run", page, "--rehearse"]);
    command.env("TMPDIR", sandbox.tmp());
    let mut terminal = Terminal::spawn(&command);
    terminal.answer_until(&[answers, &YES].concat(), "Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    (sandbox, terminal)
}

/// The titles of the ways that were chosen.
fn chosen(sandbox: &Sandbox) -> Vec<String> {
    sandbox.events_of("chosen").iter().map(|event| event["choice"].as_str().expect("a title").to_owned()).collect()
}

#[test]
fn each_way_to_restore_an_overwritten_file_brings_the_worker_back() {
    for (number, title) in [
        ("1", "Option A: From this checkout"),
        ("2", "Option B: From the remote"),
        ("3", "Option C: From a fresh clone"),
    ] {
        let (sandbox, _) = walk("overwritten-source", &[("Enter: Option A", number)]);
        assert_eq!(chosen(&sandbox), [title]);
        overwritten_source().assert_mended(&sandbox);
        let changes = sandbox.report_json()["database"].clone();
        assert_eq!((&changes[0]["affected"], &changes[0]["fate"]), (&1.into(), &"kept".into()), "{changes:#}");
    }
}

#[test]
fn a_scenario_is_chosen_from_the_list_and_what_destroys_is_typed() {
    let (sandbox, terminal) = walk("worker-incidents", &[("Which one?", "The disk is full")]);
    the_disk_is_full().assert_mended(&sandbox);
    assert_eq!(terminal.screen().matches("type `destroy`").count(), 2, "{}", terminal.screen());

    let (sandbox, _) = walk("worker-incidents", &[("Which one?", "No jobs are taken")]);
    no_jobs_are_taken().assert_mended(&sandbox);
}

#[test]
fn a_scenario_mends_its_own_trouble_and_no_other() {
    let sandbox = no_jobs_are_taken().run();
    let checked = outputs(&sandbox).join("");
    for other in ["\"queue\": \"unreachable\"", "\"credentials\": \"expired\"", "\"disk_percent\": 97"] {
        assert!(checked.contains(other), "{other}: {checked}");
    }
    assert!(the_queue_cannot_be_reached().run().report().contains("unreachable"));
}

#[test]
fn after_an_intruder_what_is_done_elsewhere_is_ticked_before_the_worker_starts() {
    let (sandbox, _) = walk("worker-recovery", &[("Which one?", "Somebody got in")]);
    somebody_got_in().assert_mended(&sandbox);
    let ticked: Vec<_> = sandbox.events_of("action_done");
    assert_eq!(ticked.len(), 3, "{ticked:?}");
    assert!(ticked.iter().all(|action| action["done"] == true));
}

#[test]
fn a_rollback_of_a_deployment_can_itself_be_taken_back() {
    let sandbox = Sandbox::new().with_project_runbooks();
    let mut terminal = sit_down(&sandbox, "worker-recovery#the-last-deployment-is-bad");
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "r");
    terminal.expect("\"version\": \"2.4.1\"");
    terminal.answer("Is this done?", "a");
    terminal.answer("Enter: no", "yes");
    terminal.expect("Take back");
    terminal.answer("Enter: no", "yes");
    terminal.expect("survey-worker:rejected survey-worker:current");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.screen());
    let started = sandbox.events_of("block_started");
    assert_eq!(started.last().expect("a block")["block"]["step"], "go-forward-again", "{started:?}");
}

#[test]
fn manifests_that_are_mended_by_hand_reach_the_cluster() {
    let (sandbox, _) = walk("stale-manifests", &[("Enter: Option A", "2 the workflow is red")]);
    assert_eq!(chosen(&sandbox), ["Option B: By hand"]);
    stale_manifests().assert_mended(&sandbox);
    assert!(sandbox.report().contains("the workflow is red"));
}

#[test]
fn a_deployment_that_is_given_up_takes_the_cluster_back_to_the_old_images() {
    let sandbox = Sandbox::new().with_project_runbooks();
    let mut terminal = sit_down(&sandbox, "stale-manifests");
    terminal.answer_until(&[("Run this?", "r"), ("Enter: Option A", "")], "argocd app sync shop-prod");
    terminal.answer("Run this?", "r");
    terminal.expect("sha-043cd09\"}");
    terminal.answer("Is this done?", "a");
    terminal.answer("Enter: no", "yes");
    terminal.expect("Take back");
    terminal.answer("Enter: no", "yes");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.screen());
    assert_eq!(sandbox.report_json()["outcome"], "aborted");
    let last = outputs(&sandbox).pop().expect("an output");
    assert!(last.contains("Revert \"deploy: sha-043cd09") && last.contains("Synced"), "{last}");
}

#[test]
fn a_missing_secret_is_typed_unseen_and_the_job_goes_green() {
    let (_, secret) = SECRETS[1];
    let answers = [("Which one?", "A missing secret"), ("not shown", secret)];
    let (sandbox, terminal) = walk("ci-failure", &answers);
    a_missing_secret().assert_mended(&sandbox);
    assert!(!terminal.screen().contains(secret), "{}", terminal.screen());
}

#[test]
fn the_job_that_failed_is_found_with_the_words_of_its_log() {
    let (sandbox, _) = walk("ci-failure", &[("Which one?", "Find the job")]);
    let shown = outputs(&sandbox).join("");
    for job in ["lint", "test", "install", "preview", "image", "audit"] {
        assert!(shown.contains(&format!("\n{job}\t")), "{job}: {shown}");
    }
}

#[test]
fn what_is_done_after_a_recovery_is_ticked_off() {
    let (sandbox, _) = walk("worker-recovery", &[("Which one?", "Afterwards")]);
    assert_eq!(sandbox.events_of("action_done").len(), 4);
}

#[test]
fn the_session_that_blocks_a_migration_is_ended_only_by_the_typed_word() {
    let sandbox = Sandbox::new().with_project_runbooks();
    let mut terminal = sit_down(&sandbox, "migration-blocked");
    terminal.answer_until(&[("Run this?", "r"), ("Is this done?", "d")], "pg_terminate_backend(4711)");
    terminal.answer("Run this?", "r");
    terminal.answer("type `destroy`", "yes");
    terminal.expect("nothing was run");
    terminal.answer_until(&YES, "Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    migration_blocked().assert_mended(&sandbox);
}

#[test]
fn only_what_the_page_paused_is_resumed() {
    let (sandbox, _) = walk("vendor-api-down", &[]);
    vendor_api_down().assert_mended(&sandbox);
    let report = sandbox.report_json();
    let changes = report["database"].as_array().expect("changes");
    let counts: Vec<_> = changes.iter().map(|change| change["affected"].as_u64()).collect();
    assert_eq!(counts, [Some(3), Some(1), Some(2), Some(2)], "{changes:#?}");
    let queue = outputs(&sandbox).pop().expect("an output");
    assert!(queue.contains("paused |    1"), "somebody else's paused job stays paused: {queue}");
}

#[test]
fn a_pause_that_was_a_mistake_is_taken_back() {
    let sandbox = Sandbox::new().with_project_runbooks();
    let mut terminal = sit_down(&sandbox, "vendor-api-down");
    terminal.answer("Run this?", "r");
    terminal.answer("commit (or yes)", "commit");
    terminal.answer("Is this done?", "a");
    terminal.answer("Enter: no", "yes");
    terminal.expect("Take back");
    terminal.answer("Enter: no", "yes");
    terminal.answer("Run this?", "r");
    terminal.answer("commit (or yes)", "commit");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.screen());
    let report = sandbox.report_json();
    let counts: Vec<_> =
        report["database"].as_array().expect("changes").iter().map(|change| change["affected"].as_u64()).collect();
    assert_eq!(counts, [Some(3), Some(3)]);
}

#[test]
fn only_what_the_gate_names_is_mended() {
    let (sandbox, _) = walk("release-gate", &[]);
    release_gate().assert_mended(&sandbox);
    let report = sandbox.report_json();
    let outcome = |id: &str| {
        let steps = report["steps"].as_array().expect("steps");
        steps.iter().find(|step| step["id"] == id).unwrap_or_else(|| panic!("no step {id}"))["outcome"].clone()
    };
    for id in ["the-api-does-not-answer", "a-worker-is-silent", "migrations-are-pending"] {
        assert_eq!(outcome(id), "done", "{id}");
    }
    for id in ["the-database-cannot-be-reached", "the-evaluation-is-below-its-bar"] {
        assert_eq!(outcome(id), "skipped", "{id}");
    }
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
