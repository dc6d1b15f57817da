//! What a page of ordinary blocks says of itself before it is run: what each
//! block does, what is left to fill in, which ways there are.

use crate::page::text;
use crate::support::Sandbox;
use serde_json::{Value, json};

/// The blocks of `plan --json` of a page with these shell blocks.
fn planned(codes: &[&str]) -> Vec<Value> {
    let blocks: String = codes.iter().map(|code| format!("```sh\n{code}\n```\n\n")).collect();
    blocks_of(&format!("# Page\n\n{blocks}"))
}

fn blocks_of(page: &str) -> Vec<Value> {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", page);
    let output = sandbox.runbook(["plan", "--json", "page.md"]).output().expect("it starts");
    let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let steps = plan["steps"].as_array().expect("steps").iter();
    steps.flat_map(|step| step["blocks"].as_array().expect("blocks")).cloned().collect()
}

/// Commands that destroy, and words of the reason that is given.
const DESTRUCTIVE: &[(&str, &str)] = &[
    ("rm -r build", "removes build"),
    ("docker system prune -af", "everything that is not in use"),
    ("docker volume prune", "all unused volumes"),
    ("kill 4711", "ends process 4711"),
    ("git push --force", "force-pushes"),
    ("git reset --hard origin/main", "throws uncommitted changes away"),
    ("kubectl delete pod web", "deletes pod web"),
    ("oc delete route web", "deletes route web"),
    ("terraform destroy", "destroys infrastructure"),
    ("psql -c 'DROP TABLE jobs'", "drops the table jobs"),
    ("psql -c 'TRUNCATE jobs'", "empties jobs"),
    ("psql -c 'DELETE FROM jobs'", "has no WHERE"),
    ("psql -c 'UPDATE jobs SET state = 1'", "has no WHERE"),
    ("psql -c 'SELECT pg_terminate_backend(7)'", "ends sessions"),
    ("dd if=/dev/zero of=/dev/sdz", "overwrites /dev/sdz"),
    ("mkfs.ext4 /dev/sdz1", "new file system on /dev/sdz1"),
    ("reboot", "stops the machine"),
    ("shutdown -h now", "stops the machine"),
    // Through what runs them.
    ("sudo rm -rf /srv/old", "removes /srv/old"),
    ("env LANG=C rm -rf /srv/old", "removes /srv/old"),
    ("ls | xargs rm", "removes"),
    ("find . -name '*.old' | xargs -n 1 rm -f", "removes"),
    ("yes | sudo mkfs.ext4 /dev/sdz1", "new file system"),
    ("bash -c 'rm -rf /srv/old'", "removes /srv/old"),
    ("sudo env LANG=C bash -c \"kubectl delete pod web\"", "deletes pod web"),
    ("find /srv -name '*.log' -delete", "deletes the files it finds"),
    ("ssh web 'sudo reboot'", "stops the machine"),
];

#[test]
fn what_destroys_is_known_with_its_reason_in_words() {
    let blocks = planned(&DESTRUCTIVE.iter().map(|(code, _)| *code).collect::<Vec<_>>());
    for ((code, reason), block) in DESTRUCTIVE.iter().zip(&blocks) {
        assert_eq!(block["effect"], "destructive", "{code}: {block:#}");
        assert!(block["reasons"].to_string().contains(reason), "{code}: {}", block["reasons"]);
    }
    assert_eq!(blocks.len(), DESTRUCTIVE.len());
}

#[test]
fn a_word_in_a_text_or_a_comment_is_no_command() {
    let codes = [
        "echo 'rm -rf /'",
        "# rm -rf /srv\nls",
        "grep reboot /var/log/syslog",
        "echo shutdown now",
        "printf 'DROP TABLE jobs\\n'",
    ];
    for block in planned(&codes) {
        assert_eq!((&block["effect"], &block["reasons"]), (&json!("read"), &json!([])), "{block:#}");
    }
}

#[test]
fn what_would_replace_a_file_says_which() {
    let blocks = planned(&["echo x > /etc/motd", "echo x >> /etc/motd"]);
    assert_eq!(blocks[0]["reasons"], json!(["replaces the content of /etc/motd"]));
    assert_eq!(blocks[1]["reasons"], json!(["adds to /etc/motd"]));
    assert!(blocks.iter().all(|block| block["effect"] == "write"), "{blocks:#?}");
}

#[test]
fn what_is_left_to_fill_in_is_told_from_what_is_not() {
    let prose = "# Page\n\nReplace `SERVICE_ID` with the id of the service.\n\n";
    let codes = [
        ("kill <run-id>", json!(["<run-id>"]), json!([])),
        ("railway logs SERVICE_ID", json!(["SERVICE_ID"]), json!([])),
        ("pg_restore backup-YYYYMMDD.dump", json!(["YYYYMMDD"]), json!([])),
        ("ssh your-server uptime", json!(["your-server"]), json!([])),
        ("vault read secret/XXXX", json!(["XXXX"]), json!([])),
        ("ping primary-ip", json!(["primary-ip"]), json!([])),
        ("curl -H \"X-Key: $ADMIN_SECRET\" http://api.test", json!([]), json!(["ADMIN_SECRET"])),
        ("sort < names > sorted; echo $?", json!([]), json!([])),
        ("cat <<END\n$HOME\nEND", json!([]), json!([])),
        ("for i in 1 2; do echo $i; done", json!([]), json!([])),
        ("LEVEL=1", json!([]), json!([])),
        ("echo $LEVEL", json!([]), json!([])),
    ];
    let page: String = codes.iter().map(|(code, ..)| format!("```sh\n{code}\n```\n\n")).collect();
    let blocks = blocks_of(&format!("{prose}{page}"));
    for ((code, placeholders, unset), block) in codes.iter().zip(&blocks) {
        assert_eq!((&block["placeholders"], &block["unset"]), (placeholders, unset), "{code}");
    }
    assert_eq!(blocks.len(), codes.len());
}

const WAYS: &str = "\
# Page

## Restart

### Option 1: by hand

```sh
first
```

### Option 2: with the tool

```sh
second
```

### Option 3: with the API

```sh
third
```

## Free

### Option A

```sh
slow
```

### Option B (Recommended)

```sh
quick
```

## Look

**PowerShell:**

```powershell
Get-Service relay
```

**Railway CLI:**

```sh
railway status
```

## Send

```sh
send
```

Or via API:

```sh
post http://send.test
```

## Install

```bash
# macOS
brew install jq
# Windows
choco install jq
# Linux
apt-get install jq
```

## Open

#### [Windows](#tab/windows)

```powershell
start report.html
```

#### [Linux](#tab/linux)

```sh
xdg-open report.html
```

***
";

#[test]
fn of_each_choice_the_way_is_taken_that_is_recommended_or_can_run_here() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", WAYS);
    let names = [
        "first", "second", "third", "slow", "quick", "railway", "send", "post", "brew", "choco", "apt-get", "xdg-open",
    ];
    for name in names {
        sandbox.write_command(name, &format!("#!/bin/sh\necho \"{name}\" >> \"$HOME/called\"\n"));
    }
    // No more than these is on PATH: no PowerShell, whatever the machine has.
    let bin = sandbox.link_commands(&["bash", "cat", "env", "mkdir", "rm", "sed", "sh"]);
    let mut command = sandbox.runbook(["run", "page.md", "--yes=destructive"]);
    let output = command.env("PATH", bin).output().expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let called = std::fs::read_to_string(sandbox.home().join("called")).expect("something ran");
    assert_eq!(called.lines().collect::<Vec<_>>(), ["first", "quick", "railway", "send", "apt-get", "xdg-open"]);
    let chosen = sandbox.events_of("chosen");
    let others: Vec<usize> = chosen.iter().map(|event| event["others"].as_array().expect("a list").len()).collect();
    assert_eq!(others, [2, 1, 1, 1, 2, 1], "{chosen:#?}");
    for way in ["Option B (Recommended)", "Railway CLI", "Linux"] {
        assert!(sandbox.report().contains(way), "{way}\n{}", sandbox.report());
    }
}
