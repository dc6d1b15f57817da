//! Whole pages as teams write them for people: what they show as the output,
//! what is done by hand, what is no procedure, what was garbled.

use crate::page::{Page, text};
use crate::support::{Sandbox, Terminal};
use serde_json::{Value, json};

const SHOWN: &str = "\
# The mail relay

## Look

```sh
echo \"relay-1 is up, relay-2 is up\"
```

Should show: `relay-1 is up`

## Ask

```sh
echo \"relay is offline\"
```

Should show: `relay is online`

## Read the log

```sh
echo \"Error: no such relay\"
```

Should NOT show: `Error`

## Read the other log

```sh
echo \"all is well\"
# Should NOT show: Error
```

## Count

```sh
echo \"waiting mails: 97\"
# Should show:
# waiting mails: 12
```

## Size

```sh
echo \"used 3 GB\"
```

Expected output:

```
free 9 GB
```
";

#[test]
fn what_a_page_shows_is_compared_with_what_came_and_fails_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", SHOWN);
    let output = sandbox.runbook(["run", "page.md", "--yes"]).output().expect("it starts");
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(sandbox.events_of("block_finished").iter().all(|event| event["outcome"] == "succeeded"), "{shown}");

    let compared = sandbox.events_of("compared");
    let likeness: Vec<(&Value, &Value)> =
        compared.iter().map(|event| (&event["block"]["step"], &event["likeness"])).collect();
    let expected = [
        ("look", "same"),
        ("ask", "similar"),
        ("read-the-log", "different"),
        ("read-the-other-log", "same"),
        ("count", "similar"),
        ("size", "different"),
    ];
    let expected = expected.map(|(step, likeness)| (json!(step), json!(likeness)));
    assert_eq!(likeness, expected.iter().map(|(step, likeness)| (step, likeness)).collect::<Vec<_>>(), "{shown}");
    assert_eq!(compared[2]["unwanted"], json!(["Error: no such relay"]));

    // Beside each other on the screen, and in the report.
    for line in ["= as the page shows", "≈ like what the page shows", "≠ not as the page shows"] {
        assert_eq!(shown.matches(line).count(), 2, "{line}\n{shown}");
    }
    for line in ["page: relay is online", "here: relay is offline", "should not come: Error: no such relay"] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    let report = sandbox.report();
    for line in ["relay is online", "Error: no such relay", "waiting mails: 12", "free 9 GB"] {
        assert!(report.contains(line), "{line}\n{report}");
    }
}

const BY_HAND: &str = "\
# Restart the mail relay

## Tell

- [ ] Tell the channel that mail will wait
- [x] Have the number of the provider at hand

## Restart it

1. Open the console of the provider
2. Press **Restart**, and confirm

Wait ~30 seconds.

## In the admin console

Go to **Settings → Relays** and press *Accept mail*.
";

#[test]
fn work_by_hand_is_walked_through_ticked_and_noted() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", BY_HAND);
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    for (action, answer) in [
        ("Tell the channel that mail will wait", "d"),
        ("Open the console of the provider", "d"),
        ("Press Restart, and confirm", "s it had restarted by itself"),
        ("Wait ~30 seconds", "n it took two minutes"),
        ("Wait ~30 seconds", "d"),
        ("Accept mail", "d"),
    ] {
        if !answer.starts_with('d') || action != "Wait ~30 seconds" {
            terminal.expect(action);
        }
        terminal.answer("Is this done?", answer);
    }
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());

    let done = sandbox.events_of("action_done");
    let ticks: Vec<(u64, bool, bool)> = done
        .iter()
        .map(|event| (event["line"].as_u64().expect("a line"), event["done"] == true, event["task"] == true))
        .collect();
    // The box that its author ticked is not asked about.
    assert_eq!(ticks, [(5, true, true), (10, true, false), (11, false, false), (13, true, false), (17, true, false)]);
    assert_eq!(done[2]["note"], "it had restarted by itself");
    assert_eq!(sandbox.events_of("note")[0]["text"], "it took two minutes");
    let report = sandbox.report();
    for line in ["it took two minutes", "it had restarted by itself", "Tell the channel"] {
        assert!(report.contains(line), "{line}\n{report}");
    }
}

#[test]
fn what_is_no_procedure_is_passed_over_with_its_reason() {
    let page = Page::of("19-not-procedure").with_commands(&["exportctl"]);
    let mut terminal = page.sit_down("");
    terminal.answer("Run this?", "r");
    terminal.expect("Root cause passed over: stands under “Root cause”, which tells what happened");
    terminal.expect("stands under “Prevention”, which is about preventing it");
    terminal.expect("stands under “Do not do this”, which shows how not to do it");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(page.called(), ["exportctl start --night", "exportctl list"]);
    let report = page.sandbox.report();
    assert!(report.contains("stands under “Prevention”, which is about preventing it"), "{report}");
}

#[test]
fn what_is_no_procedure_is_run_when_it_is_named() {
    let page = Page::of("19-not-procedure").with_commands(&["exportctl"]);
    let mut terminal = page.sit_down("#prevention");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(page.called(), ["exportctl guard --minimum 1000"]);
}

#[test]
fn the_example_of_a_mistake_is_not_run_even_where_its_section_is_named() {
    let page = Page::of("19-not-procedure").with_commands(&["exportctl"]);
    let output = page.run_part("#root-cause", &["--yes=destructive"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("the page says of it: This is what went wrong"), "{}", text(&output.stderr));
    assert_eq!(page.called(), [""; 0]);
}

const GARBLED: &str = "\
# Is the relay in sync ‚Äî and since when?

## Look

```bash
printf '\\342\\234\\205 in sync\\n' # ‚úÖ
```

```output
‚úÖ in sync
```

## Tell

```bash
echo done
```
";

#[test]
fn a_garbled_page_is_walked_to_its_end_with_consent_and_without() {
    for (consent, likeness) in [("y", "same"), ("n", "different")] {
        let sandbox = Sandbox::new();
        sandbox.write("page.md", GARBLED);
        let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
        terminal.answer("Mend it for this run?", consent);
        terminal.answer_until(&[("Run this?", "r")], "Report");
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
        assert_eq!(sandbox.events_of("block_finished").len(), 2, "{}", terminal.screen());
        assert_eq!(sandbox.events_of("compared")[0]["likeness"], likeness, "{}", terminal.screen());
        let file = std::fs::read_to_string(sandbox.work().join("page.md")).expect("the page");
        assert_eq!(file, GARBLED, "the author's file is as it was");
    }
}
