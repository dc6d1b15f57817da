//! Without a terminal: what runs, what does not, and what the exit code says.

mod support;

use std::process::Output;
use support::{Sandbox, text};

const PAGE: &str = "\
---
steps:
  change: { effect: write }
---

# Page

## Look

```sh
echo looked >> seen
```

## Change

```sh
touch changed
```

## Destroy

```sh
rm -rf changed
```
";

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.runbook(["run", "page.md"].iter().chain(arguments)).output().expect("it starts")
}

fn exists(sandbox: &Sandbox, name: &str) -> bool {
    sandbox.work().join(name).exists()
}

#[test]
fn without_a_terminal_and_without_yes_nothing_runs_and_one_line_says_why() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", PAGE);
    let output = run(&sandbox, &[]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(text(&output.stdout), "");
    let error = text(&output.stderr);
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("no terminal"), "{error}");
    assert!(!exists(&sandbox, "seen"));
    assert!(!sandbox.state().join("runs").exists(), "no record of a run that never began");
}

#[test]
fn yes_covers_what_reads_and_writes_and_stops_before_what_destroys() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", PAGE);
    let output = run(&sandbox, &["--yes"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(exists(&sandbox, "seen") && exists(&sandbox, "changed"));
    assert!(text(&output.stderr).contains("--yes=destructive"), "{}", text(&output.stderr));
}

#[test]
fn yes_destructive_covers_everything() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", PAGE);
    let output = run(&sandbox, &["--yes=destructive"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(exists(&sandbox, "seen") && !exists(&sandbox, "changed"));
}

#[test]
fn a_failing_step_ends_an_unattended_run_with_exit_code_1() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", "# Page\n\n## One\n\n```sh\nexit 3\n```\n\n## Two\n\n```sh\ntouch two\n```\n");
    let output = run(&sandbox, &["--yes"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(!exists(&sandbox, "two"));
}

#[test]
fn a_dry_run_fills_the_values_in_and_runs_nothing() {
    let sandbox = Sandbox::new();
    let page = "---\nvariables: { host: { prompt: Which host? } }\n---\n\n# Page\n\n```sh\ntouch {{ host }}\n```\n";
    sandbox.write("page.md", page);
    let output = run(&sandbox, &["--dry-run", "--var", "host=web-1"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("touch web-1"), "{}", text(&output.stdout));
    assert!(!exists(&sandbox, "web-1"));

    let missing = run(&sandbox, &["--dry-run"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("page.md:8:10"), "{}", text(&missing.stderr));
}

#[test]
fn a_value_is_never_code_and_is_refused_with_its_place_where_it_would_be() {
    let front_matter = "---\nvariables: { host: { prompt: Which host? } }\n---\n\n# Page\n\n";
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &format!("{front_matter}```sh\necho {{{{ host }}}}\n```\n"));
    let output = run(&sandbox, &["--yes", "--var", "host=web; touch pwned"]);
    let said = text(&output.stderr) + &text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("echo 'web; touch pwned'"), "{said}");
    assert!(!exists(&sandbox, "pwned"));

    let sandbox = Sandbox::new();
    sandbox.write("page.md", &format!("{front_matter}```sh\nbash -c \"echo {{{{ host }}}}\"\n```\n"));
    let output = run(&sandbox, &["--yes", "--var", "host=web; touch pwned"]);
    assert_ne!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("page.md:8:15"), "{}", text(&output.stderr));
    assert!(!exists(&sandbox, "pwned"));
}

#[test]
fn a_secret_on_the_command_line_is_refused() {
    let sandbox = Sandbox::new();
    let page = "---\nvariables: { token: { secret: true, env: OPS_TOKEN } }\n---\n\n# Page\n\n```sh\necho \"{{ token }}\"\n```\n";
    sandbox.write("page.md", page);
    let output = run(&sandbox, &["--yes", "--var", "token=hunter2hunter2"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("OPS_TOKEN"), "{}", text(&output.stderr));
}

#[test]
fn a_secret_reaches_the_command_and_no_file_of_the_record() {
    let sandbox = Sandbox::new();
    let page = "---\nvariables: { token: { secret: true, env: OPS_TOKEN } }\n---\n\n# Page\n\n```sh\ncopy=\"{{ token }}\"\nprintf '%s' \"$copy\" | wc -c\necho \"it is $copy.\"\n```\n\n## Again\n\n```sh\necho \"$copy\" | base64\n```\n";
    sandbox.write("page.md", page);
    let output =
        sandbox.runbook(["run", "page.md", "--yes"]).env("OPS_TOKEN", "hunter2hunter2").output().expect("it starts");
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("14") && shown.contains("it is «token»."), "{shown}");
    for (path, content) in files_as_text(&sandbox.only_run()) {
        assert!(!content.contains("hunter2hunter2") && !content.contains("aHVudGVyMmh1bnRlcjI"), "{}", path.display());
    }
    assert!(!shown.contains("hunter2hunter2") && !shown.contains("aHVudGVyMmh1bnRlcjI"), "{shown}");
}

#[test]
fn a_file_of_several_scenarios_is_an_error_that_lists_them() {
    let sandbox = Sandbox::new();
    let scenario = |name: &str| {
        format!("## {name}\n\n### Trigger\n\nIt broke.\n\n### Step 1: Look\n\n```sh\ntouch {name}\n```\n\n")
    };
    sandbox.write("page.md", &format!("# Playbook\n\n{}{}", scenario("alpha"), scenario("beta")));
    let output = run(&sandbox, &["--yes"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("page.md#alpha") && error.contains("page.md#beta"), "{error}");

    let chosen = sandbox.runbook(["run", "page.md#beta", "--yes"]).output().expect("it starts");
    assert_eq!(chosen.status.code(), Some(0), "{}", text(&chosen.stderr));
    assert!(exists(&sandbox, "beta") && !exists(&sandbox, "alpha"));
}

#[test]
fn a_page_with_errors_does_not_run_and_shows_all_of_them_in_place() {
    let sandbox = Sandbox::new();
    let page =
        "---\ntilte: Page\nsteps:\n  lok: { timeout: 5 parsecs }\n---\n\n# Page\n\n## Look\n\n```sh\ntouch seen\n";
    sandbox.write("page.md", page);
    let output = run(&sandbox, &["--yes"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    for wanted in ["page.md:2:1", "title", "page.md:4:3", "look", "page.md:4:19", "page.md:11:1", "unclosed"] {
        assert!(error.contains(wanted), "{wanted}: {error}");
    }
    assert!(!exists(&sandbox, "seen"));
}

/// Every file below `folder`, as text.
fn files_as_text(folder: &std::path::Path) -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            found.push((path, text(&bytes)));
        }
    }
    found
}

#[test]
fn what_a_block_made_of_a_secret_is_not_kept_for_a_resumption() {
    let sandbox = Sandbox::new();
    let page = "---\nvariables: { token: { secret: true, env: OPS_TOKEN } }\n---\n\n# Page\n\n```sh\nexport PLAIN=\"{{ token }}\"\nexport CODED=$(printf %s \"$PLAIN\" | base64)\nexport KEPT=harmless\n```\n\n## Then\n\n```sh\nrm -rf x\n```\n";
    sandbox.write("page.md", page);
    let output =
        sandbox.runbook(["run", "page.md", "--yes"]).env("OPS_TOKEN", "hunter2hunter2").output().expect("it starts");
    assert_eq!(output.status.code(), Some(3), "suspended before the destructive block: {}", text(&output.stderr));
    let state = std::fs::read(sandbox.only_run().join("shell-state")).expect("the state of a suspended run");
    assert!(text(&state).contains("harmless"));
    for (path, content) in files_as_text(&sandbox.state()) {
        for secret in ["hunter2hunter2", "aHVudGVyMmh1bnRlcjI"] {
            assert!(!content.contains(secret), "{} holds {secret}", path.display());
        }
    }
}

#[test]
fn the_password_of_a_connection_is_masked_in_what_blocks_print() {
    let sandbox = Sandbox::new();
    let page = "---\nconnections: { ops: { env: OPS_DB } }\n---\n\n# Page\n\n```sh\necho \"$OPS_DB\"\nexport COPY=\"$OPS_DB\"\n```\n\n```sql\nSELECT 1;\n```\n";
    sandbox.write("page.md", page);
    let output = sandbox
        .runbook(["run", "page.md", "--yes"])
        .env("OPS_DB", "postgres://app:correct%2Dhorse%2Dbattery@127.0.0.1:1/db")
        .output()
        .expect("it starts");
    let shown = text(&output.stderr);
    assert!(shown.contains("postgres://app:«password of ops»@"), "{shown}");
    for (path, content) in files_as_text(&sandbox.state()) {
        for password in ["correct%2Dhorse%2Dbattery", "correct-horse-battery"] {
            assert!(!content.contains(password) && !shown.contains(password), "{}", path.display());
        }
    }
}

#[test]
fn a_page_cannot_move_the_cursor_or_hide_in_what_is_listed() {
    let sandbox = Sandbox::new();
    let page = "# Title\u{1b}]0;owned\u{7}\n\n## Step\u{202e}\u{1b}[1A\n\n```sh\necho a\u{1b}[8mhidden\n```\n";
    sandbox.write("runbooks/page.md", page);
    for arguments in [&["list"][..], &["plan", "page"], &["show", "page"], &["run", "page", "--dry-run"]] {
        let output = sandbox.runbook([&["--color=always"], arguments].concat()).output().expect("it starts");
        let shown = text(&output.stdout) + &text(&output.stderr);
        for raw in ["\u{1b}]", "\u{1b}[1A", "\u{1b}[8m", "\u{7}", "\u{202e}"] {
            assert!(!shown.contains(raw), "{arguments:?} prints {raw:?}: {shown:?}");
        }
    }
}

#[test]
fn every_procedure_of_a_page_can_be_chosen() {
    let sandbox = Sandbox::new();
    let incident =
        |name: &str| format!("### {name}\n\n**Symptoms:**\n\n- [ ] Look\n\n**Fix:**\n\n```sh\ntouch {name}\n```\n\n");
    let page = format!(
        "# Playbook\n\n## Incidents\n\n{}{}## Recovery\n\n### Restore\n\n```sh\ntouch restored\n```\n\n## Checklist\n\n- [ ] Look\n",
        incident("alpha"),
        incident("beta")
    );
    sandbox.write("page.md", &page);
    let error = text(&run(&sandbox, &["--yes"]).stderr);
    for anchor in ["alpha", "beta", "restore", "checklist"] {
        assert!(error.contains(&format!("page.md#{anchor} ")), "{anchor}: {error}");
    }
}

#[test]
fn what_a_page_calls_harmless_and_is_not_is_asked_about() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", "# Page\n\n```sh effect=read confirm=never\nrm -rf kept\n```\n");
    sandbox.write("kept/file", "");
    let mut terminal = support::Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    terminal.expect("the runbook says so");
    terminal.expect("by its text it");
    terminal.expect("Run this?");
    terminal.send_line("s not so");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(sandbox.work().join("kept/file").exists());
}

#[test]
fn a_record_that_is_removed_under_a_run_ends_it_with_exit_code_4() {
    let sandbox = Sandbox::new();
    let page = "# Page\n\n## One\n\n```sh\nrm -r \"$RUNBOOK_STATE_DIR/runs\"\n```\n\n## Two\n\n```sh\ntouch two\n```\n";
    sandbox.write("page.md", page);
    let output = run(&sandbox, &["--yes=destructive"]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert!(!exists(&sandbox, "two"), "no record, no run");
}

#[test]
fn a_rehearsal_refuses_what_is_outside_its_folder() {
    for block in ["echo x > {outside}", "/usr/bin/touch {outside}", "command -p touch {outside}", "echo x > ../outside"]
    {
        let sandbox = Sandbox::new();
        let outside = sandbox.work().join("outside");
        let block = block.replace("{outside}", &outside.display().to_string());
        sandbox.write("page.md", &format!("---\nrehearsal: {{}}\n---\n\n# Page\n\n```sh\n{block}\n```\n"));
        let output = run(&sandbox, &["--rehearse", "--yes=destructive"]);
        assert_eq!(output.status.code(), Some(3), "{block}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("this is a rehearsal"), "{block}: {}", text(&output.stderr));
        assert!(!outside.exists(), "{block}");
    }
}
