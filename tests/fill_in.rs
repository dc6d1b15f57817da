//! What a page leaves open: listed, asked for once, given by flags, and never
//! run as it stands. How a value is written is shown before it runs.

mod support;

use std::process::Output;
use support::{Sandbox, Terminal, text};

const PAGE: &str = "# Page\n\n## Look\n\n```sh\necho view <run-id>\n```\n\n## Again\n\n```sh\necho rerun <RUN_ID>\n\
    echo \"sent as ${#ADMIN_SECRET} characters: $ADMIN_SECRET\"\n```\n";

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.write("page.md", PAGE);
    sandbox.runbook(["run", "page.md"].iter().chain(arguments)).output().expect("it starts")
}

#[test]
fn a_person_is_asked_once_and_a_secret_is_neither_shown_nor_kept() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", PAGE);
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    terminal.expect("This page leaves open: run-id (lines 6, 12), ADMIN_SECRET (line 13)");
    terminal.answer("What is run-id?", "4711");
    terminal.expect("echo view 4711");
    terminal.answer("Run this?", "r");
    terminal.answer("What is ADMIN_SECRET?", "hunter2hunter2");
    terminal.expect("echo rerun 4711");
    terminal.answer("Run this?", "r");
    terminal.expect("sent as 14 characters: «ADMIN_SECRET»");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert!(!terminal.screen().contains("hunter2"), "{}", terminal.screen());
    sandbox.assert_nowhere("hunter2", &sandbox.state());
    let names: Vec<_> = sandbox.events_of("variable_set").iter().map(|event| event["name"].clone()).collect();
    assert_eq!(names, ["run-id", "ADMIN_SECRET"]);
}

#[test]
fn a_block_that_is_left_open_does_not_run() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", PAGE);
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md", "--only", "look"]));
    terminal.answer("What is run-id?", "");
    terminal.expect("page.md:6:11: `<run-id>` is left open");
    terminal.answer("Fill it in and run it?", "r");
    terminal.answer("What is run-id?", "-n");
    terminal.expect("begins with `-`");
    terminal.answer("Enter: no", "");
    terminal.expect("run-id: the value `-n` would be read as an option");
    terminal.answer("What is run-id?", "");
    terminal.answer("Fill it in and run it?", "s not now");
    terminal.expect("Report");
    terminal.wait_exit();
    assert!(sandbox.events_of("block_started").is_empty());
}

#[test]
fn unattended_it_names_what_is_missing_and_takes_it_from_flags() {
    let sandbox = Sandbox::new();
    let open = run(&sandbox, &["--yes"]);
    assert_eq!(open.status.code(), Some(3), "{}", text(&open.stderr));
    assert!(text(&open.stderr).contains("--var run-id=VALUE"), "{}", text(&open.stderr));
    assert!(sandbox.events_of("block_started").is_empty());

    let sandbox = Sandbox::new();
    let given = run(&sandbox, &["--yes", "--var", "RUN-id=4711", "--var", "ADMIN_SECRET=hunter2hunter2"]);
    let said = text(&given.stderr) + &text(&given.stdout);
    assert_eq!(given.status.code(), Some(0), "{said}");
    assert!(said.contains("view 4711") && said.contains("rerun 4711"), "{said}");
    assert!(said.contains("14 characters: «ADMIN_SECRET»"), "{said}");
    sandbox.assert_nowhere("hunter2", &sandbox.state());
}

#[test]
fn a_dry_run_shows_them_filled_in_and_lists_what_is_open() {
    let sandbox = Sandbox::new();
    let dry = run(&sandbox, &["--dry-run", "--var", "run-id=4711"]);
    assert!(text(&dry.stdout).contains("echo rerun 4711"), "{}", text(&dry.stdout));
    assert!(text(&dry.stderr).contains("This page leaves open: ADMIN_SECRET (line 13)"), "{}", text(&dry.stderr));
}

#[test]
fn a_name_that_the_page_does_not_have_is_refused_with_the_nearest() {
    let sandbox = Sandbox::new();
    let wrong = run(&sandbox, &["--yes", "--var", "runn-id=1"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("did you mean `run-id`?"), "{}", text(&wrong.stderr));
}

/// A command that says what it was given, each argument in brackets.
const SHOW: &str = "#!/bin/sh\nprintf '[%s]' \"$@\"\necho\n";

#[test]
fn a_value_is_quoted_for_its_place_and_shown_so_before_it_arrives_as_it_was_typed() {
    let sandbox = Sandbox::new();
    sandbox.write_command("show", SHOW);
    sandbox.write("page.md", "# Page\n\n```sh\n<your-cli> <title> \"<title>\" '<title>' -n <namespace>\n```\n");
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    terminal.answer("What is your-cli?", "show; touch x");
    terminal.expect("your-cli: it names the command to run, and it holds `;`");
    terminal.answer("What is your-cli?", "show");
    terminal.answer("What is title?", "it's $5 & \"more\"");
    terminal.answer("What is namespace?", "prod");
    terminal.expect(r#"show 'it'\''s $5 & "more"' "it's \$5 & \"more\"" 'it'\''s $5 & "more"' -n prod"#);
    terminal.answer("Run this?", "r");
    let one = "[it's $5 & \"more\"]";
    terminal.expect(&format!("{}[-n][prod]", one.repeat(3)));
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert!(!sandbox.work().join("x").exists());
}

#[test]
fn a_value_that_begins_with_a_dash_is_an_option_only_if_that_is_meant() {
    let sandbox = Sandbox::new();
    sandbox.write_command("show", SHOW);
    sandbox.write("page.md", "# Page\n\n```sh\nshow <flags> x\n```\n");
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    terminal.answer("What is flags?", "--tail=5");
    terminal.expect("The value of flags begins with `-`: the command will read it as an option. Is that meant?");
    terminal.answer("Enter: no", "yes");
    terminal.expect("show --tail=5 x");
    terminal.answer("Run this?", "r");
    terminal.expect("[--tail=5][x]");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
}

#[test]
fn a_secret_in_single_quotes_is_referred_to_and_neither_shown_nor_kept() {
    let sandbox = Sandbox::new();
    // Says how long it is, and itself.
    sandbox.write_command("show", "#!/bin/sh\nprintf '%s characters: %s\\n' \"${#2}\" \"$2\"\n");
    let page =
        "# Page\n\n```sh\nshow -H 'Authorization: Bearer <api-token>'\ncat <<'EOF'\n<your api-token>\nEOF\n```\n";
    sandbox.write("page.md", &page.replace("cat <<'EOF'\n<your api-token>\nEOF\n", ""));
    let secret = "hunter2 it's $5";
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    terminal.answer("What is api-token?", secret);
    terminal.expect("show -H 'Authorization: Bearer '\"$RUNBOOK_SECRET_API_TOKEN\"''");
    terminal.answer("Run this?", "r");
    terminal.expect("37 characters: Authorization: Bearer «api-token»");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert!(!terminal.screen().contains("hunter2"), "{}", terminal.screen());
    sandbox.assert_nowhere("hunter2", &sandbox.state());
    assert!(!sandbox.report().contains("hunter2"));

    // Where nothing is expanded it is refused, with the way out.
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page.replace("show -H 'Authorization: Bearer <api-token>'\n", ""));
    let refused = sandbox.runbook(["run", "page.md", "--yes", "--var", &format!("your api-token={secret}")]);
    let refused = { refused }.output().expect("it starts");
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(said.contains("take the quotes off the delimiter") && !said.contains("hunter2"), "{said}");
    sandbox.assert_nowhere("hunter2", &sandbox.state());
}

#[test]
fn a_secret_goes_beside_a_statement_and_stands_in_no_part_of_the_record() {
    let sandbox = Sandbox::new();
    let url = format!("sqlite:{}?mode=rwc", sandbox.work().join("x.db").display());
    sandbox
        .write("page.md", "# Page\n\n```sql\nSELECT length('<api-token>') AS n, 'of ' || '<api-token>' AS of;\n```\n");
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md", "--connection", &url]));
    terminal.answer("What is api-token?", "hunter2 it's $5");
    terminal.expect("SELECT length(:RUNBOOK_SECRET_API_TOKEN) AS n, 'of ' || :RUNBOOK_SECRET_API_TOKEN AS of");
    terminal.answer("Run this?", "r");
    terminal.expect("15 | of «api-token»");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert!(!terminal.screen().contains("hunter2"), "{}", terminal.screen());
    sandbox.assert_nowhere("hunter2", &sandbox.state());
}
