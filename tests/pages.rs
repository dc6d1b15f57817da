//! Pages that nobody annotated, each full of what real pages hold, walked to
//! their ends by a person at a terminal.

mod support;

use std::fs;
use std::path::Path;
use support::{Sandbox, Terminal, Walk};

/// A command that says what it was called with, in a file and to its reader.
const STAND_IN: &str = "#!/bin/sh\necho \"${0##*/} $*\" >> \"$HOME/calls\"\necho \"${0##*/} $*\"\n";

/// Runs what it is given, as another user would.
const SUDO: &str = "#!/bin/sh\nif [ \"$1\" = -u ]; then shift 2; fi\nexec \"$@\"\n";

/// Runs its last argument where the host's files are.
const SSH: &str = "#!/bin/sh\necho \"ssh $1\" >> \"$HOME/calls\"\ncd \"$HOME/host\" && exec sh -c \"$2\"\n";

const COMMANDS: [&str; 22] = [
    "systemctl",
    "journalctl",
    "git",
    "docker",
    "curl",
    "gh",
    "kubectl",
    "ruff",
    "pytest",
    "python3",
    "lsof",
    "taskkill",
    "netstat",
    "findstr",
    "scp",
    "alarm",
    "rm",
    "df",
    "tar",
    "xargs",
    "sed",
    "npm",
];

fn sandbox(page: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages").join(page));
    sandbox.write(page, &text.expect("the page is there"));
    for name in COMMANDS {
        sandbox.write_command(name, STAND_IN);
    }
    sandbox.write_command("sudo", SUDO);
    sandbox.write_command("ssh", SSH);
    for name in ["renew.sh", "scripts/put-back.sh"] {
        sandbox.write(name, "echo renewed\n");
    }
    let labels = sandbox.home().join("host/labels");
    fs::create_dir_all(labels.join("scripts")).expect("the host's folder");
    fs::create_dir_all(labels.join("render")).expect("the host's folder");
    fs::write(labels.join("scripts/put-back.sh"), "echo put back\n").expect("the script");
    fs::write(labels.join("render/sizes.py"), "import math\nimport sys\n").expect("the file");
    fs::create_dir_all(sandbox.work().join("backups")).expect("a folder");
    sandbox
}

fn walk(sandbox: &Sandbox, page: &str, arguments: &[&str], answers: &[(&str, &str)]) -> Walk {
    Terminal::spawn(&sandbox.runbook(["run", page].iter().chain(arguments))).walk(answers)
}

/// What the stand-ins were called with, in order.
fn calls(sandbox: &Sandbox) -> Vec<String> {
    let text = fs::read_to_string(sandbox.home().join("calls")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[track_caller]
fn assert_in_order(calls: &[String], wanted: &[&str]) {
    let mut left = calls.iter();
    for text in wanted {
        assert!(left.any(|call| call.contains(text)), "{text:?} is missing, or in another order, in {calls:#?}");
    }
}

#[test]
fn after_a_bad_write_the_service_is_restarted_behind_the_inner_exit_and_the_mistake_is_not_repeated() {
    let sandbox = sandbox("overwritten.md");
    let walk =
        walk(&sandbox, "overwritten.md", &[], &[("Which way?", "2"), ("What is LABEL_ADMIN_KEY?", "k-e-y-4711")]);
    assert_eq!(walk.exit, 0, "{}", walk.screen);
    let calls = calls(&sandbox);
    assert_in_order(
        &calls,
        &["ssh label-host", "git checkout HEAD -- render/sizes.py", "systemctl restart label-renderer", "curl -X POST"],
    );
    assert!(!calls.iter().any(|call| call.contains("reset --hard") || call.starts_with("alarm")), "{calls:#?}");
    let file = sandbox.home().join("host/labels/render/sizes.py");
    assert_eq!(fs::read_to_string(file).expect("the file"), "import math\nimport sys\n");
    assert!(walk.screen.contains("passed over: stands under “Root cause”"), "{}", walk.screen);
    assert!(walk.screen.contains("= as the page shows"), "{}", walk.screen);
    sandbox.assert_nowhere("k-e-y-4711", &sandbox.state());
    let report = sandbox.report();
    assert!(report.contains("Option 2: By hand") && report.contains("passed over") | report.contains("stands under"));
}

#[test]
fn the_recommended_way_is_the_default() {
    let sandbox = sandbox("overwritten.md");
    let walk = walk(&sandbox, "overwritten.md", &["--only", "mend-it-now"], &[]);
    assert_eq!(walk.exit, 0, "{}", walk.screen);
    assert!(walk.screen.contains("put back"), "{}", walk.screen);
}

#[test]
fn each_incident_of_a_page_of_many_is_walked_by_itself() {
    let answers = [
        ("What is THUMBS_URL?", "http://thumbs.internal"),
        ("What is YYYYMMDD?", "20260131"),
        ("What is primary-ip?", "10.0.0.7"),
    ];
    for (anchor, wanted, words) in [
        ("1-no-thumbnails-are-made", &["curl -I http://thumbs.internal", "systemctl restart thumbnailer"][..], 0),
        ("2-disk-full", &["docker system prune -a --volumes"][..], 1),
        ("3-jobs-hang", &["curl -X POST http://thumbs.internal/jobs/reclaim"][..], 0),
        ("restore-a-backup", &["systemctl stop", "tar -xzf backups/config-20260131.tar.gz", "systemctl start"][..], 0),
        ("move-to-the-other-host", &["scp -r 10.0.0.7:/etc/thumbnailer"][..], 0),
    ] {
        let sandbox = sandbox("incidents.md");
        let walk = walk(&sandbox, &format!("incidents.md#{anchor}"), &[], &answers);
        assert_eq!(walk.exit, 0, "{anchor}: {}", walk.screen);
        assert_eq!(walk.words.len(), words, "{anchor}: {}", walk.screen);
        assert_in_order(&calls(&sandbox), wanted);
        assert!(!calls(&sandbox).iter().any(|call| call.contains("docker kill")), "{anchor}");
    }
}

#[test]
fn a_page_of_many_incidents_is_no_sequence() {
    let sandbox = sandbox("incidents.md");
    let output = sandbox.runbook(["run", "incidents.md", "--yes=destructive"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("2-disk-full"));
    assert_eq!(calls(&sandbox), [""; 0]);
}

#[test]
fn a_garbled_page_is_mended_with_consent_and_its_expected_line_matches() {
    let sandbox = sandbox("garbled.md");
    sandbox.write_command(
        "git",
        "#!/bin/sh\necho \"git $*\" >> \"$HOME/calls\"\necho 'a1 chore: manifests to sha-77aa01 ✅'\n",
    );
    let before = fs::read(sandbox.work().join("garbled.md")).expect("the page");
    let answers = [
        ("What is node-ip?", "10.0.0.9"),
        ("What is run-id?", "7"),
        ("What is commit-of-the-workflow?", "abc123"),
        ("holds several ways", "1"),
    ];
    let walk = walk(&sandbox, "garbled.md", &[], &answers);
    assert_eq!(walk.exit, 0, "{}", walk.screen);
    assert!(walk.screen.contains("UTF-8 read as Mac Roman"), "{}", walk.screen);
    assert!(walk.screen.contains("= as the page shows"), "{}", walk.screen);
    let calls = calls(&sandbox);
    assert_in_order(
        &calls,
        &["gh workflow run", "git log", "ssh root@10.0.0.9", "kubectl get deployment", "git revert abc123"],
    );
    assert!(!calls.iter().any(|call| call.contains("--force") || call.contains("rebase")), "{calls:#?}");
    assert_eq!(fs::read(sandbox.work().join("garbled.md")).expect("the page"), before, "the file is left as it is");
}

#[test]
fn what_only_says_that_it_is_to_be_written_is_nothing_to_do_and_not_done() {
    let sandbox = sandbox("checks.md");
    let walk = walk(&sandbox, "checks.md#3-deploy", &[], &[]);
    assert_eq!(walk.exit, 0, "{}", walk.screen);
    let finished = sandbox.events_of("step_finished");
    assert!(finished.iter().all(|event| event["outcome"] == "nothing_to_do"), "{finished:#?}");
    assert!(sandbox.events_of("block_started").is_empty());
}

#[test]
fn of_two_systems_in_one_block_the_one_at_hand_is_run() {
    let sandbox = sandbox("checks.md");
    let walk = walk(&sandbox, "checks.md#the-port-is-taken", &[], &[("What is PID?", "0x")]);
    assert_eq!(walk.exit, 0, "{}", walk.screen);
    assert_eq!(walk.words, ["destroy"]);
    let calls = calls(&sandbox);
    assert_in_order(&calls, &["lsof -i :8000"]);
    assert!(!calls.iter().any(|call| call.starts_with("netstat") || call.starts_with("taskkill")), "{calls:#?}");
}

#[test]
fn prose_in_a_shell_fence_is_never_run() {
    let sandbox = sandbox("checks.md");
    walk(&sandbox, "checks.md#1-what-to-do-when-one-is-red", &[], &[]);
    assert!(sandbox.events_of("block_started").is_empty());
}

#[test]
fn a_forced_push_takes_a_typed_word_after_the_path_was_asked_for() {
    let sandbox = sandbox("checks.md");
    let walk = walk(&sandbox, "checks.md#a-secret-is-in-the-history", &[], &[("What is path", "config/keys.txt")]);
    assert_eq!(walk.exit, 0, "{}", walk.screen);
    assert_eq!(walk.words, ["destroy"]);
    assert_in_order(&calls(&sandbox), &["git filter-repo --path config/keys.txt", "git push --force"]);
}
