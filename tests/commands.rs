//! The commands that read: each prints what was asked for on standard output,
//! says everything else on standard error, and ends with the code it promises.

mod support;

use assert_cmd::assert::OutputAssertExt;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};
use support::Sandbox;

const DISK: &str = "\
---
title: Disk is full
summary: Something filled a disk.
severity: P2
---

# Disk is full

It *fills* faster than `logrotate` cuts.

## Look

```sh
echo looked; echo complained >&2
```

## Make room

```sql
DELETE FROM logs;
```

## Follow-up

- [ ] Open a ticket
";

/// A page with an error on line 2 and a warning on line 8.
const FAULTY: &str = "\
---
tilte: Faulty
timeout: 5s
---

# Faulty

```sh
echo \"$nobody_sets_this\"
```
";

fn page(title: &str) -> String {
    format!("# {title}\n\n## Do it\n\n```sh\necho done\n```\n")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn call(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.runbook(arguments).output().expect("it starts")
}

/// Standard output of a call that has nothing else to say.
#[track_caller]
fn quiet(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = call(sandbox, arguments);
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""), "{arguments:?}");
    text(&output.stdout)
}

/// Standard error of a call that ends with `code` and has no result.
#[track_caller]
fn refused(sandbox: &Sandbox, arguments: &[&str], code: i32) -> String {
    let output = call(sandbox, arguments);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(code), ""), "{arguments:?}");
    text(&output.stderr)
}

#[track_caller]
fn json(output: &str) -> Value {
    serde_json::from_str(output).unwrap_or_else(|error| panic!("{error}: {output}"))
}

/// A sandbox in which [`DISK`]'s first step has been run to its end.
fn after_a_run() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("runbooks/disk.md", DISK);
    sandbox.runbook(["run", "disk#look", "--yes", "--incident", "INC-7"]).assert().success();
    sandbox
}

#[test]
fn list_gives_the_names_to_run_by_with_what_each_is_for() {
    let sandbox = Sandbox::new();
    sandbox.write("runbooks/disk.md", DISK);
    sandbox.write("runbooks/a-long-name.md", &page("Another page"));
    sandbox.write("runbooks/notes.txt", "no page");
    assert_eq!(quiet(&sandbox, &["list"]), "a-long-name  Another page\ndisk         Something filled a disk.\n");

    let listed = json(&quiet(&sandbox, &["list", "--json"]));
    assert_eq!(
        listed[1],
        serde_json::json!({
            "name": "disk", "path": "runbooks/disk.md", "title": "Disk is full",
            "summary": "Something filled a disk.", "severity": "P2",
        })
    );
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
}

#[test]
fn a_name_means_the_page_in_the_nearest_folder() {
    let sandbox = Sandbox::new();
    for (folder, names) in [
        ("near/here/runbooks", &["one"][..]),
        ("runbooks", &["one", "two"]),
        ("elsewhere", &["one", "two", "three"]),
        ("further", &["three", "four"]),
    ] {
        for name in names {
            sandbox.write(&format!("{folder}/{name}.md"), &page(&format!("{name} of {folder}")));
        }
    }
    let data = sandbox.work().join("../home/.local/share/runbook/runbooks");
    fs::create_dir_all(&data).expect("the user's data folder");
    fs::write(data.join("five.md"), page("five at home")).expect("a page");
    let path = format!("{0}/elsewhere::{0}/nowhere:{0}/further", sandbox.work().display());
    let mut list = sandbox.runbook(["list"]);
    list.current_dir(sandbox.work().join("near/here")).env("RUNBOOK_PATH", &path);
    let output = list.output().expect("it starts");
    assert_eq!(
        text(&output.stdout),
        "five   five at home\nfour   four of further\none    one of near/here/runbooks\n\
         three  three of elsewhere\ntwo    two of runbooks\n"
    );
    let mut plan = sandbox.runbook(["plan", "two"]);
    plan.current_dir(sandbox.work().join("near/here")).env("RUNBOOK_PATH", &path);
    assert!(text(&plan.output().expect("it starts").stdout).starts_with("two of runbooks\n"));
}

#[test]
fn where_there_are_no_runbooks_list_says_how_to_begin() {
    let sandbox = Sandbox::new();
    let output = call(&sandbox, &["list"]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), ""));
    assert!(text(&output.stderr).contains("./runbooks"), "{}", text(&output.stderr));
    assert_eq!(quiet(&sandbox, &["list", "--json"]), "[]\n");
}

#[test]
fn a_page_that_cannot_be_read_hides_no_other() {
    let sandbox = Sandbox::new();
    sandbox.write("runbooks/disk.md", DISK);
    let broken = sandbox.write("runbooks/broken.md", "");
    fs::write(&broken, b"# Page\n\n\xff\n").expect("a page that is not UTF-8");

    let listed = call(&sandbox, &["list"]);
    assert_eq!(text(&listed.stdout), "disk  Something filled a disk.\n");
    assert!(text(&listed.stderr).contains("broken.md cannot be read: line 3 is not UTF-8"));

    sandbox.write("runbooks/faulty.md", FAULTY);
    let error = refused(&sandbox, &["check", "runbooks"], 1);
    for wanted in ["line 3 is not UTF-8", "faulty.md:2:1", "3 pages: 2 errors, 1 warning"] {
        assert!(error.contains(wanted), "{wanted}: {error}");
    }
    let output = call(&sandbox, &["check", "runbooks", "--json"]);
    let checked = json(&text(&output.stdout));
    assert_eq!(checked[0]["diagnostics"][0]["code"], "unreadable");
    assert_eq!(checked.as_array().map(Vec::len), Some(3));
}

#[test]
fn a_name_that_is_nearly_right_is_answered_with_the_right_one() {
    let sandbox = Sandbox::new();
    sandbox.write("runbooks/disk-is-full.md", DISK);
    for command in [&["run", "--yes"][..], &["show"], &["plan"]] {
        let error = refused(&sandbox, &[command, &["disk-if-ful"]].concat(), 2);
        assert!(
            error.contains("no runbook `disk-if-ful`") && error.contains("did you mean `disk-is-full`?"),
            "{error}"
        );
        let error = refused(&sandbox, &[command, &["disk-is-full#make-rom"]].concat(), 2);
        assert!(error.contains("`#make-rom`") && error.contains("did you mean `#make-room`?"), "{error}");
    }
    assert!(refused(&sandbox, &["show", "zebra"], 2).contains("looked in runbooks"));
    assert!(refused(&sandbox, &["show", "runbooks"], 2).contains("it is a folder"));
}

#[test]
fn show_prints_the_page_without_its_front_matter() {
    let sandbox = Sandbox::new();
    sandbox.write("disk.md", DISK);
    let shown = quiet(&sandbox, &["show", "disk.md"]);
    assert!(shown.starts_with("Disk is full\n\nIt fills faster than `logrotate` cuts.\n"), "{shown}");
    assert!(shown.contains("echo looked") && shown.contains("[ ] Open a ticket"), "{shown}");
    assert!(!shown.contains("severity"), "{shown}");
}

#[test]
fn show_prints_one_section_or_one_step_of_it() {
    let sandbox = Sandbox::new();
    let options = "# Page\n\n## Fix\n\n**On Linux:**\n\n```sh\necho one\n```\n\n**On macOS:**\n\n```sh\necho two\n```\n\n### Deeper\n\nWords.\n\n## Last\n";
    sandbox.write("page.md", options);
    let section = quiet(&sandbox, &["show", "page.md#fix"]);
    assert!(section.contains("echo one") && section.contains("echo two") && section.contains("Deeper"), "{section}");
    assert!(!section.contains("Last"), "{section}");
    let step = quiet(&sandbox, &["show", "page.md#fix/on-macos"]);
    assert!(step.contains("echo two") && !step.contains("echo one") && !step.contains("Deeper"), "{step}");
}

#[test]
fn plan_says_what_each_block_does_and_what_is_done_by_hand() {
    let sandbox = Sandbox::new();
    sandbox.write("disk.md", DISK);
    assert_eq!(
        quiet(&sandbox, &["plan", "disk.md"]),
        "\
Disk is full
  Look  #look
      line 13   bash     reads
  Make room  #make-room
      line 19   sql      DESTRUCTIVE: DELETE of every row of logs: it has no WHERE
  Follow-up  #follow-up  by hand
      1 to do by hand
"
    );
    assert_eq!(quiet(&sandbox, &["plan", "disk.md", "--from", "follow-up"]).lines().count(), 3);
    assert!(!quiet(&sandbox, &["plan", "disk.md#look"]).contains("Make room"));
    let selected = |plan: &Value| -> Vec<bool> {
        let steps = plan["steps"].as_array().expect("steps").iter();
        steps.map(|step| step["selected"].as_bool().expect("a boolean")).collect()
    };
    let plan = json(&quiet(&sandbox, &["plan", "disk.md", "--only", "make-room", "--json"]));
    assert_eq!(selected(&plan), [false, true, false], "every step is listed, one is selected");
}

#[test]
fn plan_puts_what_belongs_together_under_its_heading() {
    let sandbox = Sandbox::new();
    let code = "```sh\necho\n```\n\n";
    let page = [
        "# Page\n\n## Scenario\n\n### Find out\n\n**Logs:**\n\n",
        code,
        "**Metrics:**\n\n",
        code,
        "### Restart\n\n**CLI:**\n\n",
        code,
        "**Dashboard:**\n\n1. Press the button\n\n### Options\n\n#### Option A: wait\n\n",
        code,
        "#### Option B: act\n\n",
        code,
    ];
    sandbox.write("page.md", &page.concat());
    let plan = quiet(&sandbox, &["plan", "page.md"]);
    let headings: Vec<&str> = plan.lines().filter(|line| !line.contains("line ")).collect();
    assert_eq!(
        headings.join("\n"),
        "\
Page

Scenario
  Find out
    Logs  #find-out/logs
    Metrics  #find-out/metrics
  Restart  #restart  choose one
    CLI  #restart/cli
    Dashboard  #restart/dashboard  by hand
        1 to do by hand
  Options  #options  choose one
    Option A: wait  #option-a-wait
    Option B: act  #option-b-act"
    );
}

#[test]
fn check_names_each_mistake_by_file_line_and_column() {
    let sandbox = Sandbox::new();
    sandbox.write("one/faulty.md", FAULTY);
    sandbox.write("one/deeper/faulty.MD", FAULTY);
    sandbox.write("one/.hidden/faulty.md", FAULTY);
    sandbox.write("two.md", DISK);
    let error = refused(&sandbox, &["check", "one", "two.md"], 1);
    for wanted in [
        "one/faulty.md:2:1",
        "one/faulty.md:9:7",
        "one/deeper/faulty.MD:2:1",
        "did you mean `title`?",
        "3 pages: 2 errors, 2 warnings",
    ] {
        assert!(error.contains(wanted), "{wanted}: {error}");
    }
    assert!(!error.contains("hidden"), "{error}");

    let output = call(&sandbox, &["check", "--json", "one", "two.md"]);
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(1), ""));
    let checked = json(&text(&output.stdout));
    let paths: Vec<&str> = checked.as_array().expect("a list").iter().filter_map(|one| one["path"].as_str()).collect();
    assert_eq!(paths, ["one/deeper/faulty.MD", "one/faulty.md", "two.md"]);
    assert_eq!(
        checked[1]["diagnostics"][0],
        serde_json::json!({
            "severity": "error", "code": "unknown-key", "message": "`tilte` is no key of the front matter",
            "line": 2, "column": 1, "help": "did you mean `title`?",
        })
    );
    assert_eq!(checked[1]["diagnostics"][1]["code"], "unset-variable");
    let noted = &checked[2]["diagnostics"];
    assert_eq!(
        (&noted[0]["severity"], &noted[0]["code"], &noted[1]),
        (&"note".into(), &"destructive".into(), &Value::Null)
    );
}

#[test]
fn warnings_alone_are_no_failure_and_a_path_that_is_not_there_is_wrong_usage() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &FAULTY.replace("tilte", "title"));
    assert!(refused(&sandbox, &["check", "page.md"], 0).contains("1 page: 0 errors, 1 warning"));
    assert!(refused(&sandbox, &["check", "page.md", "gone.md"], 2).contains("gone.md cannot be read"));
}

#[test]
fn before_the_first_run_there_is_nothing_on_record() {
    let sandbox = Sandbox::new();
    assert!(refused(&sandbox, &["runs"], 0).contains("no runs on record"));
    assert_eq!(quiet(&sandbox, &["runs", "--json"]), "[]\n");
    for command in ["report", "verify", "resume"] {
        assert!(refused(&sandbox, &[command], 2).contains("no run"), "{command}");
    }
}

#[test]
fn runs_lists_each_run_with_its_end() {
    let sandbox = after_a_run();
    sandbox
        .write("broken.md", "---\nsteps: { broken: { on_failure: continue } }\n---\n\n# Broken\n\n```sh\nfalse\n```\n");
    sandbox.runbook(["run", "broken.md", "--yes"]).assert().code(1);
    let listed = quiet(&sandbox, &["runs"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    let disk = lines.iter().find(|line| line.contains("-disk-")).expect("the first run");
    assert!(disk.ends_with("1/1 steps  completed"), "{listed}");
    assert!(lines.iter().any(|line| line.contains("-broken-") && line.ends_with("failed")), "{listed}");

    let listed = json(&quiet(&sandbox, &["runs", "--json"]));
    let disk =
        listed.as_array().expect("a list").iter().find(|run| run["title"] == "Disk is full › Look").expect("the run");
    assert_eq!((&disk["state"], &disk["user"]), (&"completed".into(), &"responder".into()));
    assert_eq!((&disk["steps_done"], &disk["steps"], &disk["rehearsal"]), (&1.into(), &1.into(), &false.into()));
}

#[test]
fn the_report_comes_in_three_forms_and_is_for_its_owner_alone() {
    let sandbox = after_a_run();
    let id = sandbox.only_run().file_name().expect("a name").to_string_lossy().into_owned();
    let markdown = quiet(&sandbox, &["report"]);
    for wanted in ["Disk is full", "INC-7", "looked", "complained", "## Timeline", id.as_str()] {
        assert!(markdown.contains(wanted), "{wanted}: {markdown}");
    }
    // An id's beginning will do where no other run begins so.
    assert_eq!(quiet(&sandbox, &["report", &id[..4], "--format", "md"]), markdown);
    let html = quiet(&sandbox, &["report", "latest", "--format", "html"]);
    assert!(html.starts_with("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"), "{html}");
    assert!(!html.contains("src=\"http") && !html.contains("href=\"http"), "it is one file: {html}");
    let report = json(&quiet(&sandbox, &["report", "--format", "json"]));
    assert!(report.to_string().contains("INC-7"), "{report}");

    let output = call(&sandbox, &["report", "-o", "report.md"]);
    assert_eq!((text(&output.stdout).as_str(), text(&output.stderr).as_str()), ("", "wrote report.md\n"));
    let file = sandbox.work().join("report.md");
    assert_eq!(fs::read_to_string(&file).expect("the report"), markdown);
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(file).expect("the report"));
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_note_after_the_end_is_in_the_report_and_the_record_stays_intact() {
    let sandbox = after_a_run();
    let verified = quiet(&sandbox, &["verify"]);
    assert!(verified.contains("intact. The run has ended"), "{verified}");

    assert!(refused(&sandbox, &["note", "customers *told*"], 0).starts_with("noted in "));
    assert!(refused(&sandbox, &["note", "latest", "second"], 0).starts_with("noted in "));
    assert!(refused(&sandbox, &["note", "latest", " "], 2).contains("the note is empty"));

    let after = quiet(&sandbox, &["verify", "latest"]);
    assert!(after.contains("intact. The run has ended"), "{after}");
    assert_ne!(after, verified, "the record has grown");
    let report = quiet(&sandbox, &["report"]);
    assert!(report.contains("customers \\*told\\*") && report.contains("second"), "{report}");
    assert!(quiet(&sandbox, &["runs"]).ends_with("completed\n"));
}

#[test]
fn the_completions_for_bash_are_a_script_that_bash_can_read() {
    let sandbox = Sandbox::new();
    let script = quiet(&sandbox, &["completions", "bash"]);
    assert!(script.contains("--rehearse"));
    let mut bash =
        sandbox.command("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bash");
    bash.stdin.take().expect("its input").write_all(script.as_bytes()).expect("it reads");
    let output = bash.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(quiet(&sandbox, &["completions", shell]).contains("rehearse"), "{shell}");
    }
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.write("disk.md", DISK);
    let colours = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = sandbox.runbook(["show", "disk.md"]);
        let output = command.args(arguments).envs(variables.iter().copied()).output().expect("it starts");
        output.stdout.contains(&0x1b)
    };
    assert!(!colours(&[], &[]), "a pipe is no terminal");
    assert!(colours(&[], &["--color=always"]));
    assert!(colours(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!colours(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(!colours(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
    assert!(colours(&[("NO_COLOR", "1")], &["--color", "always"]), "the flag is the last word");

    let mut check = sandbox.runbook(["show", "gone", "--color", "always"]);
    assert!(check.output().expect("it starts").stderr.contains(&0x1b), "errors too");
}

#[test]
fn a_run_speaks_on_standard_error_and_leaves_standard_output_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("disk.md", DISK);
    let output = call(&sandbox, &["run", "disk.md#look", "--yes"]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), ""));
    assert!(text(&output.stderr).contains("looked"));
    assert!(!output.stderr.contains(&0x1b), "no colours in a pipe");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let sandbox = Sandbox::new();
    // More than a pipe holds, so that the write surely meets the closed end.
    let long = (0..20_000).fold("# Long\n\n".to_owned(), |page, number| page + &format!("Paragraph {number}.\n\n"));
    sandbox.write("runbooks/long.md", &long);
    let script = "set -o pipefail; \"$0\" show long | head -1; \"$0\" schema plan | head -1; \"$0\" list | true";
    let output = sandbox.command("bash").args(["-c", script, env!("CARGO_BIN_EXE_runbook")]).output().expect("bash");
    assert_eq!(
        (output.status.code(), text(&output.stdout).as_str(), text(&output.stderr).as_str()),
        (Some(0), "Long\n{\n", "")
    );
}
