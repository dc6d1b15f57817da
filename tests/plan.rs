//! What does not change how a page is read, and the mistakes that a page can
//! hold.

mod support;

use serde_json::{Value, json};
use similar::TextDiff;
use std::fs;
use std::path::Path;
use support::Sandbox;

/// The pages of the twenty rules, but for the one that is meant to be wrong.
fn pages() -> impl Iterator<Item = (String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rules");
    let paths = fs::read_dir(folder).expect("the pages of the rules").map(|entry| entry.expect("an entry").path());
    let pages = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let named = pages.map(|path| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(&path).expect("a page"))
    });
    named.filter(|(name, _)| name != "03-unclosed-fence")
}

/// `plan --json` of a page, and the exit code.
fn plan(page: &str) -> (Value, Option<i32>) {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", page);
    let output = sandbox.runbook(["plan", "--json", "page.md"]).output().expect("it starts");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "all that is found is in the JSON");
    let plan = serde_json::from_slice(&output.stdout).expect("JSON");
    (plan, output.status.code())
}

/// A plan of a page without mistakes, but for the digest of its bytes.
fn plan_of_bytes(page: &str) -> Value {
    let (mut plan, code) = plan(page);
    assert_eq!(code, Some(0), "{:#}", plan["diagnostics"]);
    let digest = plan.as_object_mut().expect("an object").shift_remove("digest");
    assert!(digest.is_some_and(|digest| digest.as_str().is_some_and(|hex| hex.len() == 64)));
    plan
}

/// Asserts that pages written in another way are read as they were.
fn assert_unchanged(what: &str, written: impl Fn(&str) -> String) {
    let mut count = 0;
    for (name, page) in pages() {
        count += 1;
        let expected = format!("{:#}", plan_of_bytes(&page));
        let found = format!("{:#}", plan_of_bytes(&written(&page)));
        let diff = TextDiff::from_lines(expected.as_str(), found.as_str());
        let diff = diff.unified_diff().context_radius(8).header("as it is", what).to_string();
        assert!(expected == found, "{name} {what}\n{diff}");
    }
    assert_eq!(count, 19);
}

#[test]
fn line_ends_of_windows_change_nothing() {
    assert_unchanged("with CRLF", |page| page.replace('\n', "\r\n"));
}

#[test]
fn a_byte_order_mark_changes_nothing() {
    assert_unchanged("with a byte order mark", |page| format!("\u{feff}{page}"));
}

#[test]
fn a_missing_last_line_end_changes_nothing() {
    assert_unchanged("without its last line end", |page| page.trim_end().to_owned());
}

/// `code` is where the lines say it is: what stands between the two fences,
/// but for what the containers around it put before each line.
#[test]
fn the_lines_of_every_block_hold_its_code() {
    let count: usize = pages().map(|(_, page)| assert_lines_hold_code(&page)).sum();
    assert!(count >= 70, "{count} blocks");
}

/// Gives the number of blocks.
fn assert_lines_hold_code(page: &str) -> usize {
    let lines: Vec<&str> = page.lines().collect();
    let plan = plan_of_bytes(page);
    let blocks = plan["steps"].as_array().expect("steps").iter().flat_map(|step| step["blocks"].as_array());
    let mut count = 0;
    for block in blocks.flatten() {
        count += 1;
        let line = |key: &str| usize::try_from(block[key].as_u64().expect("a line")).expect("a line number");
        let (start, end) = (line("line_start"), line("line_end"));
        let is_fence = |number: usize| {
            let text = lines[number - 1].trim_start_matches([' ', '\t', '>', '-']);
            text.starts_with("```") || text.starts_with("~~~")
        };
        let inside = if is_fence(start) { &lines[start..end - 1] } else { &lines[start - 1..end] };
        let code: Vec<&str> = block["code"].as_str().expect("code").lines().collect();
        assert_eq!(code.len(), inside.len(), "{block:#}");
        for (code, line) in code.iter().zip(inside) {
            assert!(line.ends_with(code), "{code:?} is not at the end of {line:?}");
        }
    }
    count
}

/// Each of these makes `plan` end with 2 and names its place.
#[test]
fn mistakes_are_found_with_line_and_column() {
    for (page, found) in [
        // Fences that are never closed: at the root, in a list, in a quote.
        ("# Page\n\n```sh\necho one\n\n## Swallowed\n", json!([["unclosed-fence", 3, 1]])),
        ("- one\n\n  ~~~sh\n  echo one\n\n- two\n", json!([["unclosed-fence", 3, 3]])),
        ("> ```sh\n> echo one\n\nText.\n", json!([["unclosed-fence", 1, 3]])),
        // A shorter fence does not close a longer one.
        ("# Page\n\n````sh\necho one\n```\n", json!([["unclosed-fence", 3, 1]])),
        // Front matter.
        ("---\ntimeout: 5s\n\n# Page\n", json!([["unclosed-front-matter", 1, 1]])),
        ("---\ntitle: [Page\ntimeout: 5s\n---\n\n# Page\n", json!([["yaml-syntax", 3, 8]])),
        ("---\ntitle: Page\ntitle: Page\ntimeout: 5s\n---\n\n# Page\n", json!([["duplicate-key", 3, 1]])),
        ("---\nsteps:\n  nowhere: { confirm: never }\n---\n\n# Page\n", json!([["unknown-step", 3, 3]])),
        ("---\ntimeout: 5 parsecs\nowner: [x]\n---\n\n# Page\n", json!([["bad-value", 2, 10], ["wrong-type", 3, 1]])),
        // Annotations in the info string, counted in characters.
        ("# Page\n\n```sh name=größe confirm=nevr\ntrue\n```\n", json!([["bad-value", 3, 18]])),
        ("# Page\n\n```sh rollback=gone\ntrue\n```\n", json!([["unknown-step", 3, 7]])),
        // Templates.
        (
            "---\nvariables: { host: {} }\n---\n\n# Page\n\n- do\n\n  ```sh\n  ping \"ü\" {{ hots }}\n  ```\n",
            json!([["unknown-variable", 10, 15]]),
        ),
    ] {
        let (plan, code) = plan(page);
        let diagnostics = plan["diagnostics"].as_array().expect("diagnostics");
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic["severity"] == "error");
        let places: Vec<Value> = errors.map(|error| json!([error["code"], error["line"], error["column"]])).collect();
        assert_eq!(Value::from(places), found, "{page}\n{:#}", plan["diagnostics"]);
        assert_eq!(code, Some(2), "{page}");
    }
}

#[test]
fn all_mistakes_of_a_page_are_found_at_once() {
    let page = "---\ntitel: Page\nsteps:\n  lok: { confrim: never }\n---\n\n# Page\n\n## Look\n\n```sh effect=raed\ntrue\n```\n\n## End\n\n```sh\ntrue\n";
    let (plan, _) = plan(page);
    let lines: Vec<_> = plan["diagnostics"].as_array().expect("diagnostics").iter().map(|one| &one["line"]).collect();
    assert_eq!(lines, [2, 4, 4, 11, 17], "{:#}", plan["diagnostics"]);
}
