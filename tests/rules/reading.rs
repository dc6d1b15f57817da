//! What is a block, and what kind of one.

use crate::page::Page;
use serde_json::{Value, json};

#[test]
fn rule_01_blocks_in_lists_and_quotes_are_found() {
    let plan = Page::of("01-commonmark").plan();
    let codes = plan.each("code");
    assert_eq!(
        codes,
        [
            "echo \"set server web/web-3 state drain\" | socat stdio /run/haproxy.sock\n",
            "while socat stdio /run/haproxy.sock <<< \"show sess\" | grep -q web-3\ndo\n  sleep 1\ndone\n",
            "tail -n 20 /var/log/web-3.log\n",
            "systemctl is-active haproxy\n\nsystemctl start haproxy\n",
            "service haproxy status\n",
            "echo \"show stat\" | socat stdio /run/haproxy.sock |\n\tcut -d, -f1,2,18\n",
            "haproxy -c -f /etc/haproxy/haproxy.cfg\n  echo \"two spaces of its own\"\n",
            "cat > /tmp/notice.md <<'END'\n~~~\n```\nEND\n",
            "```sh\necho \"a fence that is shown, not one of the page\"\n```\n",
        ]
    );
    assert_eq!(plan.each("line_start"), [7, 14, 25, 31, 39, 45, 52, 58, 65]);
    assert_eq!(plan.each("line_end"), [9, 19, 27, 35, 41, 48, 53, 63, 69]);
}

#[test]
fn rule_02_front_matter_comments_and_shortcodes_are_not_content() {
    let plan = Page::of("02-not-content").plan();
    let lines = plan.each("code");
    let requests: Vec<&str> = lines.iter().map(|code| code.as_str().expect("code").trim()).collect();
    assert_eq!(
        requests,
        [
            "curl -s localhost:9200/_cat/shards?h=index,shard,state",
            "curl -s -X POST \"localhost:9200/_cluster/reroute?retry_failed=true\"",
            "curl -s localhost:9200/_cluster/health",
        ]
    );
    assert_eq!(plan.json["title"], "Shards stay unassigned");
    let titles: Vec<&Value> = plan.steps().iter().map(|step| &step["title"]).collect();
    assert_eq!(titles, ["See which ones", "Try again"]);
    assert!(plan.findings().is_empty(), "{:?}", plan.findings());
}

#[test]
fn rule_03_an_unclosed_fence_is_an_error_with_its_line() {
    let page = Page::of("03-unclosed-fence");
    let plan = page.plan();
    assert_eq!(plan.exit, Some(2));
    assert_eq!(plan.findings(), [("unclosed-fence", 11)]);
    let swallowed = plan.block("touch reloaded");
    assert!(swallowed["code"].as_str().is_some_and(|code| code.contains("## Look whether it is served")));

    // Not even what stands before it runs.
    let output = page.run();
    assert_eq!(output.status.code(), Some(2));
    assert!(!page.exists("reloaded"));
}

#[test]
fn rule_04_every_spelling_of_a_label_is_known() {
    let plan = Page::of("04-labels").plan();
    let read: Vec<String> = plan
        .blocks()
        .map(|block| [&block["class"], &block["language"]].map(|value| value.as_str().expect("text")).join(" "))
        .collect();
    assert_eq!(
        read[..17],
        [
            "shell bash",
            "shell bash",
            "shell bash",
            "shell zsh",
            "shell bash",
            "shell bash",
            "shell bash",
            "session bash",
            "session bash",
            "script pwsh",
            "script pwsh",
            "shell bash",
            "sql postgresql",
            "sql postgresql",
            "sql mysql",
            "script python",
            "config yaml",
        ]
    );
    // Without a label it is offered for what it says, or asked about.
    let unlabelled = plan.block("du -sh");
    assert_eq!(unlabelled["language"].as_str().filter(|language| !["", "bash"].contains(language)), None);
    assert_ne!(unlabelled["default"], "skip");
}

#[test]
fn rule_05_labels_that_lie_are_found() {
    let plan = Page::of("05-labels-that-lie").plan();
    let commands = plan.block("kubectl -n shop get pods");
    assert_eq!(commands["class"], "shell", "{commands:#}");
    assert_ne!(commands["default"], "skip", "{commands:#}");
    assert_eq!(commands["effect"], "read", "{commands:#}");

    let prose = plan.block("Check the dashboard");
    assert_eq!((&prose["class"], &prose["default"]), (&json!("prose"), &json!("skip")), "{prose:#}");
    let query = plan.block("histogram_quantile");
    assert!(["config", "prose", "unknown"].contains(&query["class"].as_str().expect("a class")), "{query:#}");
    assert_ne!(query["default"], "run", "{query:#}");
    let command = plan.block("rollout status");
    assert_eq!(command["class"], "shell", "{command:#}");

    for distrusted in [commands, prose, query, command] {
        let why = distrusted["why"].as_str().expect("why");
        assert!(why.contains("labelled"), "the label is named where it is not believed: {why}");
    }
}

#[test]
fn rule_05_labels_that_tell_the_truth_are_believed() {
    let plan = Page::of("05-labels-that-lie").plan();
    let manifest = plan.block("livenessProbe");
    assert_eq!((&manifest["class"], &manifest["default"]), (&json!("config"), &json!("skip")), "{manifest:#}");
    let commented = plan.block("If the provider is fine");
    assert_eq!((&commented["class"], &commented["default"]), (&json!("shell"), &json!("run")), "{commented:#}");
    let log = plan.block("03:10:55 INFO");
    assert_eq!(log["default"], "skip", "{log:#}");
}

#[test]
fn rule_05_what_nobody_types_is_shown_whatever_its_label_says() {
    let plan = Page::of("05-labels-that-lie").plan();
    for (text, class) in [
        ("cannot load the price list", "output"),
        ("==4711== Checker", "output"),
        ("price |    12", "output"),
        ("PRICE_LIST_RETRIES", "config"),
        ("checkout soft nofile", "config"),
        ("├─ list.csv", "prose"),
    ] {
        let block = plan.block(text);
        assert_eq!((&block["class"], &block["default"]), (&json!(class), &json!("skip")), "{block:#}");
    }
    let command = plan.block("make apply PAGE=checkout");
    assert_eq!((&command["class"], &command["default"]), (&json!("shell"), &json!("ask")), "{command:#}");
    let set = plan.block("NAMESPACE=shop");
    assert_eq!((&set["class"], &set["default"]), (&json!("shell"), &json!("run")), "{set:#}");
}

#[test]
fn rule_06_prompts_are_taken_off_and_what_follows_is_expected() {
    let plan = Page::of("06-prompts").plan();
    let read = |text: &str| {
        let block = plan.block(text);
        (block["run"].as_str().expect("run"), block["expects"].as_str())
    };
    assert_eq!(
        read("pg_isready"),
        (
            "pg_isready --host db-1\njournalctl --unit postgresql \\\n  --lines 3\n",
            Some("db-1:5432 - rejecting connections\ntoo many clients already\n")
        )
    );
    assert_eq!(
        read("/tmp/limit.conf"),
        ("cat > /tmp/limit.conf <<END\nmax_connections = 300\nEND\nsudo systemctl reload postgresql\n", None)
    );
    assert_eq!(read("[root@db-1 ~]#"), ("systemctl is-active postgresql\n", Some("active\n")));
    // `$HOME` is no prompt, and in a shell block `#` is a comment.
    let plain = plan.block("# Who holds them?");
    assert_eq!((&plain["class"], &plain["run"]), (&json!("shell"), &plain["code"]));
}

#[test]
fn rule_06_prompts_of_root_and_of_database_clients_are_taken_off() {
    let plan = Page::of("06-prompts").plan();
    let root = plan.block("ss --summary");
    assert_eq!((&root["run"], &root["expects"]), (&json!("ss --summary\n"), &json!("Total: 512\n")), "{root:#}");
    for (text, run, row) in [
        ("orders=>", "SELECT count(*)\nFROM pg_stat_activity;\n", "   300"),
        ("orders=#", "SHOW max_connections;\n", " 300"),
        ("mysql>", "SELECT COUNT(*)\nFROM information_schema.processlist;\n", "|       12 |"),
    ] {
        let block = plan.block(text);
        assert_eq!(block["run"], run, "{block:#}");
        assert!(block["expects"].as_str().is_some_and(|rows| rows.contains(row) && !rows.contains(text)), "{block:#}");
        assert!(["sql", "session"].contains(&block["class"].as_str().expect("a class")), "{block:#}");
        assert_eq!(block["effect"], "read", "{block:#}");
    }
}

#[test]
fn rule_19_what_is_no_procedure_is_skipped_by_default() {
    let page = Page::of("19-not-procedure").with_commands(&["exportctl"]);
    let plan = page.plan();
    for (text, why) in [
        ("exportctl truncate", "what went wrong"),
        ("#!/bin/bash", "revention"),
        ("start --night --force", "Do not do this"),
        ("# Incident", "markdown"),
    ] {
        let block = plan.block(text);
        assert_eq!(block["default"], "skip", "{block:#}");
        assert!(block["why"].as_str().is_some_and(|reason| reason.contains(why)), "it says why: {block:#}");
    }
    let output = page.run();
    assert_eq!(output.status.code(), Some(0), "{}", crate::page::text(&output.stderr));
    assert_eq!(page.called(), ["exportctl start --night", "exportctl list"]);
}

#[test]
fn rule_19_a_template_in_a_markdown_fence_is_never_run() {
    let page = Page::of("19-not-procedure").with_commands(&["exportctl"]);
    let plan = page.plan();
    let template = plan.block("# Incident: the export was empty");
    assert_eq!((&template["class"], &template["default"]), (&json!("prose"), &json!("skip")));
    // Nothing in it is a heading, a task or a block of the page.
    assert!(plan.steps().iter().all(|step| step["title"] != "Incident: the export was empty"));
    assert!(plan.steps().iter().all(|step| step["actions"] == json!([])));
    page.run();
    assert_eq!(page.called().iter().filter(|call| *call == "exportctl list").count(), 1);
}
