//! The runbooks that come with the program: each is rehearsed to its end, by
//! itself and by a person at a terminal, and what it mends is mended.
//!
//! `worker-death` has its own tests, in `worker_death.rs`.

mod servers;
mod support;

mod library {
    mod on_postgres;
    mod pages;
    mod walks;
}

use runbook::plan::Plan;
use runbook::source::SourceFile;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use support::{Sandbox, files};

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
    /// As on a machine that PostgreSQL is not installed on.
    without_postgres: bool,
}

const fn rehearsal(page: &'static str, scenario: &'static str, before: &'static str, after: &'static str) -> Rehearsal {
    Rehearsal { page, scenario, variables: &[], before, after, without_postgres: false }
}

impl Rehearsal {
    const fn with(self, variables: &'static [(&'static str, &'static str)]) -> Self {
        Self { variables, ..self }
    }

    const fn without_postgres(self) -> Self {
        Self { without_postgres: true, ..self }
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
        if self.without_postgres {
            command.env("RUNBOOK_POSTGRES_BIN", "");
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
    // On a terminal, programs print in colours.
    let colours = regex::Regex::new("\x1b\\[[0-9;]*m").expect("a pattern");
    let folder = sandbox.only_run().join("output");
    let numbered: BTreeMap<PathBuf, Vec<u8>> = files(&folder);
    let plain = |bytes: Vec<u8>| colours.replace_all(&String::from_utf8_lossy(&bytes), "").into_owned();
    numbered.into_values().map(plain).collect()
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
    migration_blocked_on_sqlite:
        rehearsal("migration-blocked", "", "idle in transaction", "Running upgrade").without_postgres();
    vendor_api_down: rehearsal("vendor-api-down", "", "returned error: 503", "{\"status\":\"ok\"}");
    release_gate: rehearsal("release-gate", "", "fail\theartbeats", "pass\n");

    no_jobs_are_taken: rehearsal("worker-incidents", "no-jobs-are-taken", "\"claiming\": \"stalled\"", "\"ok\"");
    jobs_stay_in_running: rehearsal("worker-incidents", "jobs-stay-in-running", "storefront", "(0 rows)");
    memory_grows: rehearsal("worker-incidents", "memory-grows", "1.7GiB", "209MiB");
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
