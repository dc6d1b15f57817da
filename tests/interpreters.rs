//! Interpreters, end to end: the user's own, those that are not here, and what
//! blocks for different ones leave to each other.

mod support;

use assert_cmd::assert::OutputAssertExt;
use std::process::Output;
use support::Sandbox;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a page unattended.
fn run(sandbox: &Sandbox, page: &str, variables: &[(&str, &str)]) -> Output {
    sandbox.write("page.md", page);
    let mut command = sandbox.runbook(["run", "page.md", "--yes"]);
    command.envs(variables.iter().copied()).output().expect("it starts")
}

const OWN: &str = "---
steps: { own: { effect: read }, after: { effect: read } }
---
# Page

## Own

```mine
echo own $0; export LEFT=1
```

## After

```bash
echo \"after ${LEFT-nothing}\"
```
";

#[test]
fn a_label_that_the_configuration_knows_is_run_by_its_command() {
    let sandbox = Sandbox::new();
    let config = sandbox.write("settings.yaml", "interpreters: { mine: { command: [sh], extension: .mine } }\n");
    let config = config.to_string_lossy().into_owned();
    let output = run(&sandbox, OWN, &[("RUNBOOK_CONFIG", &config)]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = sandbox.report();
    assert!(report.contains("block-at-line-9.mine") && report.contains("after nothing"), "{report}");
}

#[test]
fn the_configuration_is_found_in_its_usual_place_too() {
    let sandbox = Sandbox::new();
    let folder = sandbox.home().join(".config/runbook");
    std::fs::create_dir_all(&folder).expect("the folder");
    std::fs::write(folder.join("config.yaml"), "interpreters: { mine: { command: [sh] } }\n").expect("the file");
    sandbox.write("page.md", OWN);
    let plan = sandbox.runbook(["plan", "page.md", "--json"]).assert().success().get_output().stdout.clone();
    let plan: serde_json::Value = serde_json::from_slice(&plan).expect("JSON");
    assert_eq!(plan["steps"][0]["blocks"][0]["class"], "script", "{plan}");
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_its_place_and_nothing_runs() {
    let sandbox = Sandbox::new();
    let config = sandbox.write("settings.yaml", "interpreters:\n  mine: { comand: [sh] }\n");
    let config = config.to_string_lossy().into_owned();
    for (value, expected) in [
        (config.as_str(), "settings.yaml:2:11"),
        (config.as_str(), "did you mean `command`?"),
        ("/no/such/file", "cannot be read"),
    ] {
        let output = run(&sandbox, OWN, &[("RUNBOOK_CONFIG", value)]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(expected), "{}", said(&output));
    }
    assert!(!sandbox.state().join("runs").exists());
}

#[test]
fn what_another_shell_knows_by_itself_is_not_said_to_be_missing() {
    let sandbox = Sandbox::new();
    sandbox.write_command("zsh", "#!/bin/sh\n");
    let page = "# Page\n\n## One\n\n```zsh\nsetopt extended_glob\n```\n\n## Two\n\n```bash\nno-such-tool\n```\n";
    let said = said(&run(&sandbox, page, &[]));
    assert!(said.contains("no-such-tool is not installed"), "{said}");
    assert!(!said.contains("setopt is not installed"), "{said}");
}

#[test]
fn all_interpreters_that_are_not_here_are_said_before_the_first_step() {
    let sandbox = Sandbox::new();
    let bin = sandbox.link_commands(&["bash", "setsid"]);
    let page = "# Page\n\n## One\n\n```fish\necho\n```\n\n## Two\n\n```bash\necho ran\n```\n\n## Three\n\n\
                ```python\nprint()\n```\n\n```fish\necho\n```\n\n## Four\n\n```mine\nx\n```\n";
    let config = sandbox.write("settings.yaml", "interpreters: { mine: { command: [no-such-program] } }\n");
    let config = config.to_string_lossy().into_owned();
    let path = bin.to_string_lossy().into_owned();
    let output = run(&sandbox, page, &[("PATH", &path), ("RUNBOOK_CONFIG", &config)]);
    let said = said(&output);
    let first = said.find("Step 1").unwrap_or(said.len());
    for expected in [
        "fish is not installed: the blocks at lines 5, 21 cannot run",
        "python is not installed: the block at line 17",
        "mine is not installed: the block at line 27",
    ] {
        assert!(said.find(expected).is_some_and(|at| at < first), "{expected}\n{said}");
    }
}

#[test]
fn what_a_block_for_another_shell_leaves_and_what_failed_on_the_way_is_on_record() {
    let sandbox = Sandbox::new();
    let page = "# Page\n\n## One\n\n```bash shell=sh\nmkdir there; cd there; export LEFT='a b'; plain=c\n```\n\n\
                ## Two\n\n```bash\nls /no/such/file\necho \"${PWD##*/} $LEFT $plain\"\n```\n";
    let output = run(&sandbox, page, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = sandbox.report();
    assert!(report.contains("there a b c"), "{report}");
    assert!(report.contains("line 12 ended with exit code 2, and the block went on"), "{report}");
}
