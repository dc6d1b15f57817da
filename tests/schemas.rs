//! The published schemas: that they are those of the program, and that they
//! take what is right and refuse what is wrong.

mod support;

use assert_cmd::assert::OutputAssertExt;
use jsonschema::Validator;
use runbook::run::{
    BlockRef, ColumnChange, Entry, Event, FORMAT, Field, Mark, OtherRows, RowChange, RowChanges, StatementFinished,
    StepOutcome, TableRows, TransactionDecision,
};
use runbook::runbook::{Effect, FrontMatter, VariableKind};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use support::Sandbox;

const SCHEMAS: [&str; 4] = ["runbook", "transcript", "plan", "config"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema_file(name: &str) -> PathBuf {
    root().join(format!("schemas/{name}.schema.json"))
}

fn validator(name: &str) -> Validator {
    let text = fs::read_to_string(schema_file(name)).unwrap_or_else(|error| panic!("the schema of {name}: {error}"));
    let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
    jsonschema::meta::validate(&schema).expect("a schema is a schema");
    jsonschema::validator_for(&schema).expect("a schema can be compiled")
}

/// Each problem with its place, for a failure's message.
fn problems(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The front matter of a page in this repository.
fn front_matter(page: &str) -> String {
    let text = fs::read_to_string(root().join(page)).expect("the page");
    let inner = text.strip_prefix("---\n").expect("front matter at its head");
    inner[..inner.find("\n---\n").expect("its end")].to_owned()
}

#[test]
fn the_files_are_what_the_program_prints() {
    let sandbox = Sandbox::new();
    for name in SCHEMAS {
        let printed = sandbox.runbook(["schema", name]).assert().success().get_output().stdout.clone();
        let kept = fs::read(schema_file(name)).unwrap_or_default();
        assert!(
            printed == kept,
            "schemas/{name}.schema.json is not what the types say. Write it anew:\n  \
             cargo run -- schema {name} > schemas/{name}.schema.json"
        );
    }
}

#[test]
fn right_front_matter_is_taken_by_the_schema_and_by_the_program() {
    let validator = validator("runbook");
    let worker_death = front_matter("runbooks/worker-death.md");
    let everything = r#"
title: Everything
severity: SEV-2
timeout: 1h30m
variables:
  host: { prompt: Which host?, pattern: "[a-z0-9.-]+", env: HOST }
  tries: { type: int, default: 3 }
  force: { type: bool, default: false }
  token: { secret: true, env: API_TOKEN }
connections:
  main: { env: DATABASE_URL }
  replica: { env: REPLICA_URL, access: read }
rehearsal:
  connections: { main: { sqlite: rehearsal/main.sql } }
  commands: { kubectl: rehearsal/kubectl.sh }
steps:
  look: { confirm: never, effect: read, timeout: 30s, retry: 3, template: off }
  fix/by-hand: { when: "force", retry: { times: 2, every: 5s }, on_failure: { jump: look }, cwd: /srv, shell: bash }
  wait:
    until: { every: 5s, for: 2m }
    expect: { exit: [0, 1], stdout: { contains: [a, b], matches: "^x", json: { /status: ok } }, stderr: { equals: "" } }
    capture: { id: stdout, name: { matches: "name=(.*)" }, age: { json: /age }, row: { column: id }, oldest: { first: id }, found: rows, changed: affected }
    on_failure: continue
  change:
    connection: main
    confirm: typed
    expect: { rows: 0, affected: "<= 50" }
    rollback: undo
    choose: By hand
    blocks: { 1: { confirm: never }, second: { timeout: 250ms } }
"#;
    for yaml in [worker_death.as_str(), "title: Only a title", "{}", everything] {
        let value: Value = serde_yaml::from_str(yaml).expect("YAML");
        assert_eq!(problems(&validator, &value), Vec::<String>::new(), "the schema refuses\n{yaml}");
        serde_yaml::from_str::<FrontMatter>(yaml).unwrap_or_else(|error| panic!("the program refuses {error}\n{yaml}"));
    }
}

#[test]
fn wrong_front_matter_is_refused_by_the_schema_and_by_the_program() {
    let validator = validator("runbook");
    for yaml in [
        "titel: A typo",
        "title: [not, a, text]",
        "timeout: soon",
        "timeout: 5",
        "variables: { a: { type: number } }",
        "variables: { a: { secret: maybe } }",
        "variables: { a: { options: [x] } }",
        "connections: { a: { access: admin } }",
        "connections: { a: { url: postgres://db } }",
        "rehearsal: { connections: { a: { mysql: seed.sql } } }",
        "steps: { a: { confirm: sometimes } }",
        "steps: { a: { effect: harmless } }",
        "steps: { a: { expect: { affected: about 50 } } }",
        "steps: { a: { expect: { exit: ok } } }",
        "steps: { a: { expect: { stdout: { include: x } } } }",
        "steps: { a: { until: { every: 5s } } }",
        "steps: { a: { retry: { times: 3, every: 5s, wait: 1s } } }",
        "steps: { a: { retry: -1 } }",
        "steps: { a: { on_failure: panic } }",
        "steps: { a: { on_failure: { goto: b } } }",
        "steps: { a: { capture: { x: { pattern: y } } } }",
        "steps: { a: { blocks: { 1: { confrim: never } } } }",
        "steps: [a, b]",
    ] {
        let value: Value = serde_yaml::from_str(yaml).expect("YAML");
        assert!(!validator.is_valid(&value), "the schema takes {yaml}");
        assert!(serde_yaml::from_str::<FrontMatter>(yaml).is_err(), "the program takes {yaml}");
    }
}

fn entry(event: Event) -> Value {
    let entry = Entry { v: FORMAT, seq: 7, at: "2026-01-02T03:04:05.678Z".to_owned(), elapsed_ms: 1200, event };
    serde_json::to_value(entry).expect("an entry is JSON")
}

fn block() -> BlockRef {
    BlockRef { step: "reset".to_owned(), number: 1 }
}

#[test]
fn every_kind_of_event_is_taken() {
    let validator = validator("transcript");
    let text = || "text".to_owned();
    let events = [
        Event::VariableSet { name: text(), value: None, source: "prompt".to_owned(), kind: Some(VariableKind::Int) },
        Event::StepFinished { step: text(), outcome: StepOutcome::NothingToDo, reason: None },
        Event::Edited { block: block(), before: text(), after: text() },
        Event::StatementFinished(Box::new(StatementFinished {
            block: block(),
            index: 1,
            line: 12,
            sql: "UPDATE t SET a = 1".to_owned(),
            effect: Effect::Write,
            rows: None,
            affected: Some(3),
            kept: None,
            duration_ms: 4,
            error: None,
            changes: Some(RowChanges {
                table: text(),
                rows: vec![
                    RowChange::Changed {
                        key: vec![Field { name: text(), value: Some(text()) }],
                        columns: vec![ColumnChange { name: text(), before: None, after: Some(text()) }],
                    },
                    RowChange::Deleted { key: Vec::new(), columns: vec![Field { name: text(), value: None }] },
                ],
                more: 1,
                unseen: Some(text()),
            }),
            others: Some(OtherRows {
                in_all: true,
                tables: vec![TableRows { table: Some(text()), deleted: 1_000, ..TableRows::default() }],
                uncounted: vec![text()],
            }),
            in_transaction: false,
            at_once: vec![text()],
            takes_back_from: Some(2),
        })),
        Event::TransactionEnded {
            block: block(),
            decision: TransactionDecision::RolledBack,
            affected: 3,
            uncounted: true,
            reason: text(),
            stays: vec![text()],
        },
        Event::Checked { block: block(), expectation: text(), held: false, found: Some(text()) },
        Event::Note { step: None, text: text(), by: text() },
        Event::Marked { mark: Mark::Mitigated, by: text() },
    ];
    for event in events {
        let value = entry(event);
        assert_eq!(problems(&validator, &value), Vec::<String>::new(), "{value}");
        serde_json::from_value::<Entry>(value).expect("what is written can be read");
    }
}

#[test]
fn what_is_no_event_is_refused() {
    let validator = validator("transcript");
    let right = entry(Event::Marked { mark: Mark::Detected, by: "responder".to_owned() });
    assert!(validator.is_valid(&right));
    for (key, value) in [
        ("event", json!("exploded")),
        ("mark", json!("ignored")),
        ("by", json!(null)),
        ("seq", json!("7")),
        ("seq", json!(-1)),
        ("elapsed_ms", json!(1.5)),
        ("v", json!(null)),
    ] {
        let mut wrong = right.clone();
        wrong[key] = value;
        assert!(!validator.is_valid(&wrong), "{wrong}");
        assert!(serde_json::from_value::<Entry>(wrong.clone()).is_err(), "{wrong}");
    }
    for key in ["v", "seq", "at", "elapsed_ms", "event", "by"] {
        let mut wrong = right.clone();
        wrong.as_object_mut().expect("an object").remove(key);
        assert!(!validator.is_valid(&wrong), "without {key}: {wrong}");
    }
}

/// A line of a transcript as it stands on disk, however the record wraps its
/// entries, and a plan as it is printed.
#[test]
fn what_the_program_writes_is_taken() {
    let sandbox = Sandbox::new();
    let page = sandbox.write("page.md", "# Page\n\n## Say it\n\n```bash\necho hello\n```\n\n- [ ] Write it down\n");

    let plan = sandbox.runbook(["plan", "--json"]).arg(&page).assert().success().get_output().stdout.clone();
    let plan: Value = serde_json::from_slice(&plan).expect("a plan is JSON");
    let plans = validator("plan");
    assert_eq!(problems(&plans, &plan), Vec::<String>::new(), "{plan:#}");
    for (pointer, value) in [
        ("/steps", json!({})),
        ("/steps/0/kind", json!("dance")),
        ("/steps/0/id", json!(null)),
        ("/steps/0/blocks/0/class", json!("poem")),
        ("/steps/0/blocks/0/line_start", json!("5")),
        ("/steps/0/blocks/0/default", json!("always")),
        ("/diagnostics", json!("none")),
    ] {
        let mut wrong = plan.clone();
        *wrong.pointer_mut(pointer).unwrap_or_else(|| panic!("a plan has {pointer}: {plan:#}")) = value;
        assert!(!plans.is_valid(&wrong), "{pointer} of {wrong:#}");
    }

    sandbox.runbook(["run", "--yes"]).arg(&page).assert().success();
    let transcript = fs::read_to_string(sandbox.only_run().join("transcript.jsonl")).expect("the transcript");
    let entries = validator("transcript");
    assert!(transcript.lines().count() > 3, "{transcript}");
    for line in transcript.lines() {
        let value: Value = serde_json::from_str(line).expect("a line is JSON");
        assert_eq!(problems(&entries, &value), Vec::<String>::new(), "{line}");
    }
}

#[test]
fn a_configuration_is_taken_and_refused_by_the_schema_as_by_the_program() {
    let validator = validator("config");
    for (yaml, is_right) in [
        ("{}", true),
        ("interpreters: { osh: { command: [osh] } }", true),
        ("interpreters: { osh: { command: [osh, -x], extension: .osh, check: [osh, -n] } }", true),
        ("interpreter: {}", false),
        ("interpreters: { osh: { command: osh } }", false),
        ("interpreters: { osh: { command: [] } }", false),
        ("interpreters: { osh: { extension: .osh } }", false),
        ("interpreters: { osh: { command: [osh], check: true } }", false),
    ] {
        let value: Value = serde_yaml::from_str(yaml).expect("YAML");
        assert_eq!(problems(&validator, &value).is_empty(), is_right, "the schema on {yaml}");
        let file = runbook::source::SourceFile::new("config.yaml", yaml.to_owned());
        let (_, diagnostics) = runbook::parse::configuration(&file);
        assert_eq!(diagnostics.is_empty(), is_right, "the program on {yaml}: {diagnostics:?}");
    }
}
