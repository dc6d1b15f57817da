//! A person at a terminal walks through the pages.

use crate::support::{Sandbox, Terminal};
use crate::{SECRETS, outputs};
use crate::{
    a_missing_secret, migration_blocked, no_jobs_are_taken, overwritten_source, release_gate, somebody_got_in,
    stale_manifests, the_disk_is_full, the_queue_cannot_be_reached, vendor_api_down,
};

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
    terminal.expect("\"version\": \"2.4.1\"");
    terminal.answer("Is this done?", "a");
    terminal.answer("Enter: no", "yes");
    terminal.expect("Take back");
    terminal.answer("Enter: no", "yes");
    terminal.expect("survey-worker:rejected survey-worker:current");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.screen());
    assert_eq!(outputs(&sandbox).pop().expect("an output"), "\"2.5.0\"\n");
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
    assert!(last.contains("Revert \"deploy: sha-043cd09"), "{last}");
    assert!(last.contains("shop-web:sha-c6dddd3") && !last.contains("shop-web:sha-043cd09"), "{last}");
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
    terminal.answer_until(&[("Run this?", "r"), ("Is this done?", "d")], "SELECT pg_terminate_backend(");
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
