//! What the rules promise to the person at the terminal.

use crate::page::{Page, text};
use crate::servers::postgres;
use crate::support::{Sandbox, Terminal, wait_until};
use serde_json::{Value, json};

fn sit_down(sandbox: &Sandbox, page: &str) -> Terminal {
    sandbox.write("page.md", page);
    Terminal::spawn(&sandbox.runbook(["run", "page.md"]))
}

fn outcomes(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.events_of("block_finished").into_iter().map(|event| event["outcome"].clone()).collect()
}

#[test]
fn rule_08_a_block_is_run_command_by_command_each_with_its_outcome() {
    let page = Page::of("08-split-by-grammar");
    let mut terminal = page.sit_down("");
    terminal.answer("Run this?", "l");
    for number in 1..=6 {
        terminal.expect(&format!("command {number} of 6"));
        terminal.answer("Run this?", "r");
    }
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());

    let started = page.sandbox.events_of("block_started");
    let codes: Vec<&str> = started.iter().map(|event| event["code"].as_str().expect("code").trim_end()).collect();
    assert_eq!(codes[1], "printf '%s\\n' \"a text\nover two lines\" > notice", "{codes:#?}");
    let lines: Vec<&Value> = started.iter().map(|event| &event["line"]).collect();
    assert_eq!(lines, [6, 10, 12, 15, 18, 21]);
    let finished = page.sandbox.events_of("block_finished");
    for (number, event) in (1..).zip(&finished) {
        assert_eq!(event["part"], json!({ "number": number, "last": number, "of": 6 }), "{event}");
        assert_eq!(event["outcome"], "succeeded", "{event}");
    }
    assert_eq!(finished.len(), 6);
    assert_eq!(page.written("limits.conf"), "maxmemory 2gb\nmaxmemory-policy allkeys-lru\n");
    assert_eq!(page.written("announced"), "announced\n", "the function of the fifth is known to the sixth");
    let report = page.sandbox.report();
    for number in 1..=6 {
        assert!(report.contains(&format!("Command {number} of 6: ")), "{report}");
    }
}

#[test]
fn rule_12_the_state_persists_across_an_edited_and_a_failed_block() {
    let sandbox = Sandbox::new();
    sandbox.write_command("edit-block", "#!/bin/sh\necho 'second=edited; list=(a \"b c\")' > \"$1\"\n");
    let page = "# Page\n\n## Begin\n\n```bash\nfirst=1\n```\n\n## Change\n\n```bash\nsecond=as-written\n```\n\n\
                ## Fail\n\n```bash\nthird=3\ngreet() { echo \"hello $1\"; }\nmkdir -p sub && cd sub\nfalse\n```\n\n\
                ## Look\n\n```bash\necho \"$first $second ${#list[@]} $third ${PWD##*/} $(greet you)\" > \"$HOME/seen\"\n```\n";
    sandbox.write("page.md", page);
    let mut terminal = Terminal::spawn(sandbox.runbook(["run", "page.md"]).env("EDITOR", "edit-block"));
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "e");
    terminal.expect("second=edited");
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "r");
    terminal.answer("What now?", "c it is known to");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(outcomes(&sandbox), ["succeeded", "succeeded", "failed", "succeeded"]);
    let seen = std::fs::read_to_string(sandbox.home().join("seen")).expect("the last block ran");
    assert_eq!(seen, "1 edited 2 3 sub hello you\n");
}

#[test]
fn rule_15_also_at_a_terminal_what_ends_its_shell_does_not_end_the_run() {
    let page = Page::of("15-exit");
    let mut terminal = page.sit_down("");
    let answers = [("Run this?", "r"), ("To run it, type `destroy`", "destroy"), ("What now?", "c as it should")];
    terminal.answer_until(&answers, "Report    ");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.screen());
    // `exit 0`, `set -e`, `kill $$`, `exec`, and then what they left.
    assert_eq!(page.outcomes(), ["succeeded", "failed", "failed", "succeeded", "succeeded"]);
    assert_eq!(page.written("seen"), "label-7: 3 jobs, was stopping\n");
}

#[test]
fn rule_16_ctrl_c_on_what_would_have_ended_is_an_interruption() {
    let sandbox = Sandbox::new();
    sandbox.write_command("migrate", "#!/bin/sh\necho 'it begins'\nexec sleep 1000\n");
    let mut terminal = sit_down(&sandbox, "# Page\n\n## Migrate\n\n```sh\nmigrate\n```\n");
    terminal.answer("Run this?", "r");
    terminal.expect("it begins");
    terminal.send_ctrl_c();
    terminal.answer("What now?", "s it takes too long");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.screen());
    assert_eq!(outcomes(&sandbox), ["interrupted"]);
}

#[test]
fn rule_20_a_select_that_ends_sessions_is_asked_for_by_its_word() {
    let page = Page::of("20-sql-lexer");
    let plan = page.plan();
    let block = plan.block("pg_terminate_backend");
    let reasons = block["reasons"].to_string();
    assert!(reasons.contains("pg_terminate_backend"), "{reasons}");

    // What `--yes` covers is not enough.
    let arguments = ["--yes", "--connection", "sqlite:jobs.db?mode=rwc"];
    let output = page.run_part("#end-the-sessions-that-hold-them", &arguments);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("--yes=destructive"), "{}", text(&output.stderr));
    assert_eq!(page.outcomes(), [""; 0]);
}

#[test]
fn rule_20_on_a_server_it_ends_them_once_the_word_is_typed_and_dollar_quotes_stay_whole() {
    let page = Page::of("20-sql-lexer");
    let database = postgres::server().database();
    database.psql("CREATE TABLE jobs (state text); INSERT INTO jobs VALUES ('x;y'), ('done')");
    let _idle = database.idle_session("forgotten");
    let idle = || {
        let idle = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND application_name = 'forgotten'";
        database.psql(idle)
    };
    wait_until("a session is idle in its transaction", || idle() == "1");

    let part = "20-sql-lexer.md#end-the-sessions-that-hold-them";
    let mut terminal = Terminal::spawn(&page.sandbox.runbook(["run", part, "--connection", &database.url]));
    terminal.expect("DESTRUCTIVE");
    terminal.answer("Run this?", "r");
    terminal.answer("To run it, type `destroy`", "yes");
    terminal.expect("that was not `destroy`: nothing was run");
    assert_eq!(idle(), "1");
    terminal.answer("Run this?", "r");
    terminal.answer("To run it, type `destroy`", "destroy");
    terminal.answer("Keep these changes", "commit");
    terminal.expect("DO $body$");
    assert_eq!(idle(), "0");
    terminal.answer_until(
        &[("Run this?", "r"), ("type `destroy`", "destroy"), ("Keep these changes", "commit")],
        "Report    ",
    );
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(database.psql("SELECT state FROM jobs"), "done");
    let ran = page.sandbox.events_of("statement_finished");
    let sent: Vec<&str> = ran.iter().map(|statement| statement["sql"].as_str().expect("SQL")).collect();
    assert_eq!(sent.len(), 3, "{sent:#?}");
    assert!(sent[1].starts_with("DO $body$") && sent[1].ends_with("$body$"), "{sent:#?}");
    assert_eq!(sent[2], "SELECT $$one; two$$");
}
