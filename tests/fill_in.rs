//! What a page leaves open: listed, asked for once, given by flags, and never
//! run as it stands. A value arrives byte for byte, or is refused.

mod support;

use proptest::prelude::*;
use runbook::language::{Context, shell};
use runbook::runbook::{Value, VariableKind};
use runbook::source::Span;
use runbook::template::{Language, Place, Rendered, Request, Substitution, substitute};
use std::collections::BTreeMap;
use std::process::{Command, Output};
use support::{Sandbox, Terminal};

const PAGE: &str = "# Page\n\n## Look\n\n```sh\necho view <run-id>\n```\n\n## Again\n\n```sh\necho rerun <RUN_ID>\n\
    echo \"sent as ${#ADMIN_SECRET} characters: $ADMIN_SECRET\"\n```\n";

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.write("page.md", PAGE);
    sandbox.runbook(["run", "page.md"].iter().chain(arguments)).output().expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
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
    terminal.answer("What is run-id?", "a;b");
    terminal.expect("run-id: the value cannot be put here safely");
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

/// Texts that print one argument, and what stands around `<v>` in it.
const SHELL: &[(&str, &str, &str)] = &[
    ("printf '%s\\0' <v>", "", ""),
    ("printf '%s\\0' a<v>-b", "a", "-b"),
    ("printf '%s\\0' --option=<v>", "--option=", ""),
    ("printf '%s\\0' \"<v>\"", "", ""),
    ("printf '%s\\0' 'a <v> b'", "a ", " b"),
    ("x=<v>; printf '%s\\0' \"$x\"", "", ""),
    ("printf '%s\\0' \"$(printf %s <v>)\"", "", ""),
    ("for x in <v>; do printf '%s\\0' \"$x\"; done", "", ""),
    ("printf '%s\\0' $'<v>'", "", ""),
    ("printf '%s\\0' \\<v>", "", ""),
    ("printf '%s\\0' {a,<v>}", "a\0", ""),
    ("printf '%s\\0' `printf %s <v>`", "", ""),
];

fn fill(code: &str, value: &str, secret: bool) -> Option<Rendered> {
    let at = code.find("<v>").expect("a placeholder");
    let value = Value { text: value.to_owned(), kind: VariableKind::String, secret };
    let values = BTreeMap::from([("v".to_owned(), value)]);
    let look_up = |text: &str, at: &[usize]| shell::contexts_at(text, at).into_iter().map(place).collect();
    let request =
        Request { language: Language::Shell, values: &values, now: jiff::Timestamp::UNIX_EPOCH, places: &look_up };
    let substitution = Substitution { span: Span::new(at, at + 3), name: "v".to_owned() };
    substitute(code, &[substitution], false, &request).ok()
}

fn printed(rendered: &Rendered) -> Vec<u8> {
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", &rendered.text])
        .envs(rendered.secrets.iter().map(|(name, value)| (name, value)))
        .output()
        .expect("bash runs");
    assert!(output.status.success() && output.stderr.is_empty(), "{}: {}", rendered.text, text(&output.stderr));
    output.stdout
}

fn hostile() -> impl Strategy<Value = String> {
    let attack = prop::sample::select(vec![
        "'", "\"", "`", "$", "$(id)", "${x}", ";", "|", "&", "\n", " ", "\\", "-", "*", "?", "~", "#", "(", ")", "{",
        "}", "<", ">", "a", "0", "=", ",", "..", "é", "\t",
    ]);
    prop_oneof!["[A-Za-z0-9_./:@%+=,-]{1,12}", prop::collection::vec(attack, 0..6).prop_map(|pieces| pieces.concat())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_value_over_a_placeholder_reaches_bash_byte_for_byte_or_is_refused(
        value in hostile(), at in 0..SHELL.len(), secret in any::<bool>(),
    ) {
        let (code, before, after) = SHELL[at];
        let value = if secret { format!("{value}-s3cr3t") } else { value };
        if let Some(rendered) = fill(code, &value, secret) {
            prop_assert!(!secret || !rendered.text.contains("s3cr3t"), "{}", rendered.text);
            prop_assert_eq!(printed(&rendered), format!("{before}{value}{after}\0").into_bytes(), "{}", rendered.text);
        }
    }
}

#[test]
fn an_ordinary_value_is_not_refused_where_placeholders_stand() {
    for (code, _, _) in &SHELL[..8] {
        assert!(fill(code, "ingest-worker.2", false).is_some(), "{code}");
    }
}
