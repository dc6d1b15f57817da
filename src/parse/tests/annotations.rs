use super::{findings, read, sound};
use crate::runbook::{Confirm, Effect};
use crate::source::{SourceFile, render};

const PAGE: &str = "# One\n```sh\nx\n```\n## Two\n```sql name=reset confirm=typed\nx\n```\n```sql\ny\n```\n## Three\n**CLI:**\n```sh\nx\n```\n**Web UI:**\n1. a\n## Empty\ntext\n";

fn with(front_matter: &str) -> String {
    format!("---\n{front_matter}\n---\n{PAGE}")
}

#[test]
fn front_matter_is_cut_off_wherever_it_ends() {
    for page in [
        "---\ntitle: T\n---\n# A\n",
        "\u{feff}---\ntitle: T\n---\n# A\n",
        "---\r\ntitle: T\r\n---\r\n# A\r\n",
        "---  \ntitle: T\n...\n# A\n",
        "---\n# a comment\n\ntitle: T\n---\n# A\n",
        "---\n\ntitle: T\n---\n# A\n",
        "---\n{ title: T }\n---\n# A\n",
    ] {
        let runbook = sound(page);
        assert_eq!((runbook.title.as_str(), runbook.sections.len()), ("T", 1), "{page:?}");
    }
}

#[test]
fn lines_count_from_the_top_of_the_file() {
    let runbook = sound("---\ntitle: T\n---\n\n# A\n```sh\nx\n```\n");
    let block = runbook.blocks().next().expect("a block");
    assert_eq!((runbook.sections[0].line, block.line_start, block.line_end), (5, 6, 8));
}

#[test]
fn a_rule_across_the_page_is_no_front_matter() {
    for page in [
        "---\n\n# A\n\ntext: x\n\n---\n",
        "---\n# A\n\ntext\n\n---\n# B\n",
        "---\ntext\n",
        "text\n---\na: b\n---\n",
        "--- \n",
    ] {
        let parsed = read(page);
        assert_eq!(parsed.diagnostics, [], "{page:?}");
        assert_eq!(parsed.runbook.front_matter.title, None);
    }
}

#[test]
fn front_matter_that_cannot_be_read_is_told_and_the_page_still_is() {
    for (page, wanted) in [
        ("---\ntimeout: 5s\n\n# A\n```sh\n```\n", "unclosed-front-matter 1:1"),
        ("---\ntitle: [a\nowner: b\n---\n# A\n```sh\n```\n", "yaml-syntax 3:6"),
        ("---\ntitle: a\n\towner: b\n---\n# A\n```sh\n```\n", "yaml-syntax 2:8"),
        ("---\n- a\n---\n# A\n```sh\n```\n", "wrong-type 2:1"),
        ("---\ntitle: &a b\nowner: *a\ntimeout: 1s\n---\n# A\n```sh\n```\n", "yaml-alias 3:8"),
        ("---\ntitle: !x b\ntimeout: 1s\n---\n# A\n```sh\n```\n", "yaml-tag 2:8"),
    ] {
        assert_eq!(findings(page), [wanted], "{page:?}");
        assert_eq!(read(page).runbook.blocks().count(), 1, "{page:?}");
    }
}

#[test]
fn hostile_front_matter_is_refused_unread() {
    let deep = format!("---\na: {}\n---\n", "[".repeat(50));
    assert_eq!(read(&deep).diagnostics[0].code, "yaml-depth");
    let deeper = format!("---\na: {}\n---\n", "[".repeat(100_000));
    assert_eq!(read(&deeper).diagnostics.len(), 1);
    let long = format!("---\ntitle: a\n{}---\n", "# comment\n".repeat(30_000));
    assert_eq!(findings(&long), ["front-matter-too-long 2:1"]);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let page = with(
        "titel: T
severity: 1
variables:
  a: { type: strng, prompt: Wörter?, secrt: true }
  b-c: {}
  d: { pattern: '(' }
  e: { type: int, default: x }
  f:
timeout: 5x
connections: { ops: { access: red } }
rehearsal: { connections: { opz: { sqlite: x } }, commands: [] }
steps:
  one: { confirm: alwys, timeout: 30, retry: -1, rollback: tow, expect: { exit: [a], rows: '< x' } }
  tow: { connection: op }
  two: { until: { every: 1s }, blocks: { 3: {}, rest: {} }, capture: { x: { colum: a } }, choose: b }
  two: {}
  three: { choose: GUI, blocks: { 1: {} } }
  cli: { on_failure: { jump: x } }
  empty: {}",
    );
    assert_eq!(
        findings(&page),
        [
            "unknown-key 2:1",
            "wrong-type 3:11",
            "bad-value 5:14",
            "unknown-key 5:38",
            "bad-name 6:3",
            "bad-pattern 7:17",
            "wrong-type 9:3",
            "bad-value 10:10",
            "bad-value 11:31",
            "unknown-connection 12:29",
            "wrong-type 12:51",
            "bad-value 14:19",
            "wrong-type 14:35",
            "bad-value 14:46",
            "unknown-step 14:60",
            "wrong-type 14:82",
            "bad-value 14:92",
            "unknown-step 15:3",
            "unknown-connection 15:22",
            "missing-key 16:10",
            "unknown-block 16:42",
            "unknown-block 16:49",
            "unknown-key 16:77",
            "not-a-choice 16:99",
            "duplicate-key 17:3",
            "unknown-choice 18:20",
            "unknown-block 18:35",
            "unknown-step 19:3",
            "unknown-step 19:30",
            "unknown-step 20:3",
        ]
    );
}

#[test]
fn the_nearest_right_name_is_offered() {
    for (front_matter, help) in [
        ("titel: x", "did you mean `title`?"),
        ("steps: { tow: {} }", "did you mean `two`?"),
        ("steps: { cli: {} }", "did you mean `three/cli`?"),
        ("steps: { one: { confirm: alwys } }", "did you mean `always`?"),
        ("steps: { one: { tiemout: 1s } }", "did you mean `timeout`?"),
        ("steps: { one: { timeout: 5x } }", "write it like `30s`, `5m`, `1h30m`"),
        ("steps: { one: { timeout: 30 } }", "write it like `30s`, `5m`, `1h30m`"),
        ("steps: { one: { capture: { a: { colum: x } } } }", "did you mean `column`?"),
        ("steps: { two: { blocks: { rest: {} } } }", "did you mean `reset`?"),
        ("steps: { three: { choose: Web } }", "did you mean `Web UI`?"),
        ("connections: { ops: {} }\nsteps: { one: { connection: op } }", "did you mean `ops`?"),
        ("title: 1", "put it in quotes"),
        ("variables: { a: { secret: yes } }", "write `true`, without quotes"),
    ] {
        let parsed = read(&with(front_matter));
        assert_eq!(parsed.diagnostics.len(), 1, "{front_matter} {:?}", parsed.diagnostics);
        assert_eq!(parsed.diagnostics[0].help.as_deref(), Some(help), "{front_matter}");
    }
}

#[test]
fn a_diagnostic_in_the_front_matter_points_at_its_word() {
    let file = SourceFile::new("page.md", "---\r\ntitle: Größe # → \r\nownr: x\r\n---\r\n");
    let shown = render(&file, &super::parse(&file, &|_| None).diagnostics, false);
    assert!(shown.contains(" --> page.md:3:1\n  |\n3 | ownr: x\n  | ^^^^\n"), "{shown}");
}

#[test]
fn what_is_sound_is_kept_beside_what_is_wrong() {
    let parsed = read(&with("title: T\nconnections: { ops: { access: red } }\nsteps: { one: { confirm: never } }"));
    assert_eq!(parsed.diagnostics.len(), 1);
    assert_eq!(parsed.runbook.title, "T");
    assert_eq!(parsed.runbook.step("one").and_then(|step| step.settings.confirm), Some(Confirm::Never));
}

#[test]
fn a_number_with_too_many_digits_is_told_and_not_dropped_silently() {
    assert_eq!(findings(&with("timeout: 99999999999999999999s")), ["bad-value 2:1"]);
}

#[test]
fn keys_of_site_generators_pass() {
    let parsed = read(&with("layout: page\ndate: 2024-05-01\ntags: [a, { b: c }]\ntitle: T"));
    assert_eq!((parsed.diagnostics.as_slice(), parsed.runbook.title.as_str()), (&[][..], "T"));
}

#[test]
fn settings_of_info_string_block_and_step_stand_over_each_other() {
    let runbook = sound(&with(
        "steps:\n  two: { confirm: never, effect: write, when: 'true', blocks: { reset: { effect: read }, 1: { effect: destructive, cwd: /a } } }",
    ));
    let step = runbook.step("two").expect("two");
    let blocks: Vec<_> = step.blocks().map(|block| &block.settings).collect();
    assert_eq!((blocks[0].confirm, blocks[0].effect), (Some(Confirm::Typed), Some(Effect::Read)));
    assert_eq!(blocks[0].cwd.as_deref(), Some("/a"));
    assert_eq!((blocks[1].confirm, blocks[1].effect), (Some(Confirm::Never), Some(Effect::Write)));
    assert_eq!((step.settings.when.as_deref(), blocks[0].when.as_deref()), (Some("true"), None));
}

#[test]
fn a_lead_in_takes_over_its_sections_settings_but_not_its_choice() {
    let runbook =
        sound(&with("steps:\n  three: { confirm: never, choose: CLI, timeout: 1m }\n  three/cli: { confirm: always }"));
    let cli = &runbook.step("three/cli").expect("the lead-in").settings;
    assert_eq!((cli.confirm, cli.choose.as_deref()), (Some(Confirm::Always), None));
    assert_eq!(cli.timeout.map(|timeout| timeout.0.as_secs()), Some(60));
    assert_eq!(runbook.step("three").and_then(|step| step.settings.choose.as_deref()), Some("CLI"));
}

#[test]
fn names_that_exist_are_accepted() {
    sound(&with(
        "connections: { ops: {} }
rehearsal: { connections: { ops: { sqlite: a.sql } }, commands: { x: a.sh } }
steps:
  one: { connection: ops, rollback: two, on_failure: { jump: three/cli } }
  two: { connection: default, blocks: { 1: {}, 2: {}, reset: {} } }
  three: { choose: web-ui }",
    ));
}

#[test]
fn a_change_must_wait_long_enough_for_somebody_to_look_at_it() {
    let page = |hold: &str| with(&format!("connections: {{ ops: {{ hold: {hold} }} }}"));
    assert_eq!(findings(&page("1s")), ["bad-value 2:29"]);
    assert_eq!(findings(&page("soon")), ["bad-value 2:29"]);
    assert_eq!(findings(&page("5s")), [""; 0]);
    assert_eq!(findings(&page("2m")), [""; 0]);
}
