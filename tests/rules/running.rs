//! How a block runs.

use crate::page::{Page, text};
use runbook::language::shell;
use serde_json::json;

#[test]
fn rule_07_a_block_is_parsed_whole_before_any_of_it_runs() {
    let page = Page::of("07-parsed-whole");
    page.plan();
    let output = page.run();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("07-parsed-whole.md:11"), "{}", text(&output.stderr));
    assert!(!page.exists("stopped-the-old-broker"), "its first line ran");
    assert_eq!(page.outcomes(), [""; 0]);
}

#[test]
fn rule_07_a_block_that_does_not_parse_is_found_before_the_run() {
    let page = Page::of("07-parsed-whole");
    let output = page.sandbox.runbook(["check", "--json", "07-parsed-whole.md"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    let checked: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = checked[0]["diagnostics"].as_array().expect("a list");
    let [syntax] = found.as_slice() else { panic!("one finding: {found:#?}") };
    // bash misses the `fi` where it comes upon `done`.
    assert_eq!((&syntax["code"], &syntax["severity"]), (&json!("syntax"), &json!("error")), "{syntax:#}");
    assert_eq!((&syntax["line"], &syntax["column"]), (&json!(11), &json!(1)), "{syntax:#}");
    assert!(syntax["message"].as_str().is_some_and(|message| message.contains("done")), "{syntax:#}");
}

#[test]
fn rule_08_a_block_is_split_by_its_grammar() {
    let page = Page::of("08-split-by-grammar");
    let plan = page.plan();
    let code = plan.block("limits.conf")["run"].as_str().expect("run").to_owned();
    let commands: Vec<&str> = shell::split(&code).into_iter().map(|span| &code[span.start..span.end]).collect();
    assert_eq!(
        commands,
        [
            "cat > limits.conf <<'END'\nmaxmemory 2gb\nmaxmemory-policy allkeys-lru\nEND",
            "printf '%s\\n' \"a text\nover two lines\" > notice",
            "wc -l \\\n  limits.conf \\\n  notice > counted",
            "for size in 1 2; do\n  echo \"$size\" >> sizes\ndone",
            "announce() {\n  echo \"announced\" > announced\n}",
            "announce",
        ]
    );

    let output = page.run();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(page.written("limits.conf"), "maxmemory 2gb\nmaxmemory-policy allkeys-lru\n");
    assert_eq!(page.written("notice"), "a text\nover two lines\n");
    assert!(page.written("counted").ends_with("4 total\n"));
    assert_eq!((page.written("sizes"), page.written("announced")), ("1\n2\n".to_owned(), "announced\n".to_owned()));
}

#[test]
fn rule_10_without_variables_braces_are_ordinary_text() {
    let page = Page::of("10-braces");
    for name in ["docker", "helm"] {
        page.sandbox.write_command(name, "#!/bin/sh\nprintf '<%s>' \"$@\" >> arguments\n");
    }
    let plan = page.plan();
    assert!(plan.blocks().all(|block| block["run"] == block["code"] && block["placeholders"] == json!([])));
    assert!(plan.findings().is_empty(), "{:?}", plan.findings());

    let output = page.run();
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert_eq!(
        page.written("arguments"),
        "<ps><--format><{{.Names}}: {{.Status}}>\
         <inspect><--format><{{range .Mounts}}{{.Source}} {{end}}><web>\
         <template><shop><--set-string><note={{ .Release.Name }}>"
    );
    assert!(shown.contains("10 characters {# of names #}, {% raw %} and all"), "{shown}");
    assert!(shown.contains("3 in the list"), "{shown}");
}

#[test]
fn rule_12_the_state_of_the_shell_persists_from_block_to_block() {
    let page = Page::of("12-state");
    page.plan();
    let output = page.run();
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    for (what, file, content) in [
        (
            "an array and a function",
            "built",
            "shard north in batches of 500\nshard south in batches of 500\nshard far west in batches of 500\n",
        ),
        ("an option of bash", "globbed", "\n"),
        ("a value of two lines", "note", "first line\nsecond line\n"),
        ("an alias", "loud", "LOUD: 3 shards\n"),
        ("an option of sh", "pipe", "pipefail is on\n"),
        ("an exported variable", "exported", "500\n"),
    ] {
        assert_eq!(page.written(&format!("index/{file}")), content, "{what}");
    }
    assert!(page.written("index/where").ends_with("/index\n"), "the folder");
    assert!(!shown.contains("not installed"), "a function is no program: {shown}");
}

#[test]
fn rule_13_a_command_that_reads_does_not_swallow_the_rest_of_the_block() {
    let page = Page::of("13-stdin");
    page.sandbox.write_command("ssh", "#!/bin/sh\ncat >> swallowed\necho \"on $*\" >> sent\n");
    page.plan();
    let output = page.run();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(page.written("seen"), "before\nafter ssh\nafter cat\nnothing to read\nlast line\n");
    assert_eq!(page.written("sent"), "on batch-1 timedatectl set-timezone Europe/Zurich\non batch-1 date\n");
    assert_eq!((page.written("swallowed"), page.written("copied")), (String::new(), String::new()));
}

/// Stand-ins for what opens a shell in another place. Each says in `PLACE`
/// where it leads, and then runs what it was given, or what it reads.
fn with_places(page: Page) -> Page {
    // Skips the options: those named have a value behind them.
    let options = |with_value: &str| {
        format!("while [[ $1 == -* ]]; do case $1 in {with_value}) user=$2; shift ;; esac; shift; done\n")
    };
    let go = |place: &str| format!("export PLACE=\"${{PLACE:+$PLACE/}}{place}\"\n");
    let ssh = options("-[EFiJlopS]") + &go("$1") + "shift\n[ $# -gt 0 ] || exec bash\nexec bash -c \"$*\"\n";
    let sudo = options("-[gu]") + &go("$user") + "exec \"$@\"\n";
    let docker = "shift\n".to_owned() + &options("-[euw]") + &go("$1") + "shift\nexec \"$@\"\n";
    let trace = "echo \"$1 at ${PLACE:-home}\" >> \"$HOME/traced\"\n".to_owned();
    for (name, script) in [("ssh", ssh), ("sudo", sudo), ("docker", docker), ("trace", trace)] {
        page.sandbox.write_command(name, &format!("#!/bin/bash\n{script}"));
    }
    page
}

fn traced(page: &Page) -> Vec<String> {
    let traced = std::fs::read_to_string(page.sandbox.home().join("traced")).unwrap_or_default();
    traced.lines().map(str::to_owned).collect()
}

#[test]
fn rule_14_what_opens_another_place_is_told() {
    let plan = Page::of("14-contexts").plan();
    assert_eq!(plan.block("trace uptime")["opens"], "ssh db-2");
    assert_eq!(plan.block("trace restart")["opens"], "docker exec -it forwarder sh");
    // A command given to ssh opens nothing.
    assert_eq!(plan.block("trace remote")["opens"], json!(null));
    assert_eq!(plan.block("trace remote")["interactive"], false);
}

#[test]
fn rule_14_lines_up_to_exit_run_inside_what_was_opened() {
    let page = with_places(Page::of("14-contexts"));
    let output = page.run_part("#look-at-it", &["--yes=destructive"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        traced(&page),
        ["uptime at db-2", "lag at db-2/postgres", "disk at db-2", "home at home"],
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn rule_14_where_a_block_ends_inside_the_place_is_named() {
    let page = with_places(Page::of("14-contexts"));
    let output = page.run_part("#restart-the-forwarder-in-its-container", &["--yes=destructive"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(traced(&page), ["restart at forwarder"]);
    assert!(text(&output.stderr).contains("forwarder"), "{}", text(&output.stderr));
}

#[test]
fn rule_14_a_command_for_another_place_leaves_the_next_line_here() {
    let page = with_places(Page::of("14-contexts"));
    let output = page.run_part("#what-runs-in-one-place-stays-there", &["--yes=destructive"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(traced(&page), ["remote at db-2", "local at home"]);
}

#[test]
fn rule_15_a_block_that_ends_its_shell_does_not_end_the_run() {
    let page = Page::of("15-exit");
    page.plan();
    let output = page.run();
    // `set -e` and `kill` are failures of their blocks, `exit 0` is none.
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(page.outcomes(), ["succeeded", "failed", "failed", "succeeded", "succeeded"]);
    // Where `exec` left no shell to save it, the state before it stands.
    assert_eq!(page.written("seen"), "label-7: 3 jobs, was stopping\n");
    assert!(text(&output.stderr).contains("was not kept"), "{}", text(&output.stderr));
}

#[test]
fn rule_16_what_never_ends_is_known() {
    let plan = Page::of("16-endless").plan();
    for (holding, endless) in [
        ("kubectl logs -f", true),
        ("journalctl", true),
        ("watch -n 2", true),
        ("top\n", true),
        ("ssh -N", true),
        ("grep -f patterns", false),
    ] {
        assert_eq!(plan.block(holding)["endless"], endless, "{holding}");
    }
}

#[test]
fn rule_16_ctrl_c_ends_what_never_ends_and_that_is_success() {
    let page = Page::of("16-endless");
    let kubectl = "#!/bin/sh\necho \"kubectl $1\" >> \"$HOME/called\"\n[ \"$1\" = logs ] || exit 0\n\
                   echo 'api is listening'\nexec sleep 1000\n";
    page.sandbox.write_command("kubectl", kubectl);
    let mut terminal = page.sit_down("#watch-it-come-up");
    terminal.answer("Run this?", "r");
    terminal.expect("api is listening");
    terminal.send_ctrl_c();
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(page.outcomes(), ["succeeded"]);
    assert_eq!(page.called(), ["kubectl rollout", "kubectl logs"]);
}

#[test]
fn rule_17_a_search_that_finds_nothing_is_a_finding_and_no_failure() {
    let page = Page::of("17-nothing-found");
    page.sandbox.write("processes", "sshd\nweb\n");
    page.sandbox.write("importer.log", "all is well\n");
    page.plan();
    let output = page.run();
    let shown = text(&output.stderr);
    // The last one fails: its file is not there, which is no finding.
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert_eq!(page.outcomes(), ["succeeded", "succeeded", "succeeded", "failed"]);
    assert_eq!(shown.matches("nothing was found").count(), 3, "{shown}");
}

#[test]
fn rule_17_only_the_last_stage_of_a_pipeline_counts() {
    let page = Page::of("17-nothing-found");
    let block = |title: &str, code: &str| format!("## {title}\n\n```sh\n{code}\n```\n\n");
    let blocks = [
        block("Counted", "printf 'web\\n' | grep -c importer"),
        block("Cut short", "printf 'web\\n' | grep importer | head -n 3"),
        block("Sorted out", "grep importer nowhere.log | grep -v web"),
        block("Something else at the end", "printf 'web\\n' | grep web | test -e /nowhere"),
        block("Not the last command", "printf 'web\\n' | grep importer\ntest -e /nowhere"),
    ];
    let settings = "cut-short: {}\n  something-else-at-the-end: { on_failure: continue }";
    page.sandbox.write("page.md", &format!("---\nsteps:\n  {settings}\n---\n\n# Page\n\n{}", blocks.concat()));
    let output = page.sandbox.runbook(["run", "page.md", "--yes"]).output().expect("it starts");
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert_eq!(page.outcomes(), ["succeeded", "succeeded", "succeeded", "failed", "failed"], "{shown}");
    let finished = page.sandbox.events_of("block_finished");
    let exits: Vec<&serde_json::Value> = finished.iter().map(|event| &event["exit"]).collect();
    assert_eq!(exits, [1, 0, 1, 1, 1]);
    // `head` found no file missing and no text: it did what it should.
    assert_eq!(shown.matches("nothing was found").count(), 2, "{shown}");
}
