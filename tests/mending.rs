//! A page that is not as it was written: found, shown, mended for a run with
//! the responder's consent, and never rewritten.

mod support;

use sha2::{Digest, Sha256};
use std::fs;
use std::process::Output;
use support::{Sandbox, Terminal, text};

/// UTF-8 read as Mac Roman, with an expectation that only the mended text can
/// meet.
const GARBLED: &str = "\
# Sync check

## Look

```bash
printf '\\342\\234\\205 %s\\n' \"in sync\" # ‚úÖ
```

```output
‚úÖ in sync
```
";

const TYPOGRAPHIC: &str = "\
# Page – “one”

## Look

```bash
echo “a b” >> ran
```
";

fn call(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.runbook(arguments).output().expect("it starts")
}

fn read(sandbox: &Sandbox, name: &str) -> String {
    fs::read_to_string(sandbox.work().join(name)).unwrap_or_default()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn with_consent_the_mended_bytes_run_are_kept_and_told_of_and_the_file_stays() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", GARBLED);
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    let said = terminal.expect("Mend it for this run?");
    assert!(said.contains("UTF-8 read as Mac Roman") && said.contains("‚úÖ for ✅"), "{said}");
    terminal.send_line("y");
    terminal.expect("Run this?");
    terminal.send_line("r");
    terminal.expect("as the page shows");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());

    assert_eq!(read(&sandbox, "page.md"), GARBLED, "the author's file is as it was");
    let kept = fs::read(sandbox.only_run().join("runbook.md")).expect("it is kept");
    assert_eq!(String::from_utf8_lossy(&kept), GARBLED.replace("‚úÖ", "✅"));
    let started = &sandbox.events_of("run_started")[0];
    assert_eq!(started["digest"], sha256(&kept).as_str());
    assert_eq!(started["mended"]["original"], sha256(GARBLED.as_bytes()).as_str());
    assert_eq!(sandbox.events_of("compared")[0]["likeness"], "same");
    let report = sandbox.report();
    assert!(report.contains("Text mended") && report.contains("UTF-8 read as Mac Roman"), "{report}");
}

#[test]
fn without_consent_the_page_runs_as_it_is_and_differs_from_what_came() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", GARBLED);
    let output = call(&sandbox, &["run", "page.md", "--yes"]);
    assert_eq!(output.status.code(), Some(0), "a comparison fails nothing: {}", text(&output.stderr));
    assert!(sandbox.events_of("run_started")[0].get("mended").is_none());
    assert_eq!(sandbox.events_of("compared")[0]["likeness"], "different");
    let report = sandbox.report();
    assert!(report.contains("not as the page shows") && report.contains("-‚úÖ in sync"), "{report}");
}

#[test]
fn commands_that_cannot_be_meant_do_not_run_unattended_unless_they_are_mended() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", TYPOGRAPHIC);
    let output = call(&sandbox, &["run", "page.md", "--yes"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("page.md:6:6"), "{}", text(&output.stderr));
    assert_eq!(read(&sandbox, "ran"), "", "nothing ran");
    let output = call(&sandbox, &["run", "page.md", "--yes", "--mend"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(read(&sandbox, "ran"), "a b\n");
    assert_eq!(read(&sandbox, "page.md"), TYPOGRAPHIC);
}

#[test]
fn garbled_commands_do_not_run_unattended_unless_they_are_mended() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", "# Page\n\n## Look ‚Äî now\n\n```sh\necho '‚úÖ' >> ran\n```\n");
    assert_eq!(call(&sandbox, &["run", "page.md", "--yes"]).status.code(), Some(3));
    assert_eq!(read(&sandbox, "ran"), "");
    assert_eq!(call(&sandbox, &["run", "page.md", "--yes", "--mend"]).status.code(), Some(0));
    assert_eq!(read(&sandbox, "ran"), "✅\n");
}

#[test]
fn a_mended_run_is_resumed_with_the_mended_text_and_no_change_is_seen() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &format!("{TYPOGRAPHIC}\n## Then\n\n```bash\necho ‘c’ >> ran\n```\n"));
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md", "--mend"]));
    terminal.expect("Run this?");
    terminal.send_line("r");
    terminal.expect("echo 'c'");
    terminal.expect("Run this?");
    terminal.send_line("suspend");
    terminal.expect("Resume");
    terminal.wait_exit();
    let mut terminal = Terminal::spawn(&sandbox.runbook(["resume"]));
    let shown = terminal.expect("Run this?");
    assert!(shown.contains("echo 'c'") && !shown.contains("has changed"), "{shown}");
    terminal.send_line("r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(read(&sandbox, "ran"), "a b\nc\n");
}

#[test]
fn plan_show_and_dry_run_take_the_mended_text_where_asked_to() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", TYPOGRAPHIC);
    for command in [&["show", "page.md"][..], &["run", "page.md", "--dry-run"], &["plan", "page.md", "--json"]] {
        let plain = text(&call(&sandbox, command).stdout);
        assert!(plain.contains("echo “a b”"), "{command:?}: {plain}");
        let mended = text(&call(&sandbox, &[command, &["--mend"]].concat()).stdout).replace("\\\"", "\"");
        assert!(mended.contains("echo \"a b\""), "{command:?}: {mended}");
    }
}

#[test]
fn a_file_that_is_not_utf_8_is_refused_with_its_place_and_likely_encoding() {
    let sandbox = Sandbox::new();
    let bytes = b"# Caf\xe9\n\n## Look\n\n```sh\necho d\xe9j\xe0 >> ran\n```\n";
    fs::write(sandbox.work().join("page.md"), bytes).expect("the file");
    let output = call(&sandbox, &["run", "page.md", "--yes"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(
        error.contains("line 1 is not UTF-8 (byte 5 of the file)")
            && error.contains("Windows-1252")
            && error.contains("--mend"),
        "{error}"
    );
    let output = call(&sandbox, &["run", "page.md", "--yes", "--mend"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(read(&sandbox, "ran"), "déjà\n");
    assert_eq!(sandbox.events_of("run_started")[0]["mended"]["original"], sha256(bytes).as_str());
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_are_ordinary() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", "\u{feff}# Page\r\n\r\n## Look\r\n\r\n```sh\r\necho a \\\r\n  b >> ran\r\n```\r\n");
    let output = call(&sandbox, &["check", "page.md"]);
    assert_eq!(text(&output.stderr), "1 page: 0 errors, 0 warnings\n");
    let output = call(&sandbox, &["run", "page.md", "--yes"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(read(&sandbox, "ran"), "a b\n");
}
