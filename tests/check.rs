//! `runbook check`: each code has a page that brings it out, and is in the
//! table of `src/cli/check.rs`.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{Sandbox, text};

/// A page's front matter with a body that has nothing wrong in it.
fn annotated(front_matter: &str) -> String {
    format!("---\n{front_matter}\n---\n\n# Page\n\n## Look\n\n```sh\ntrue\n```\n\n## Again\n\n```sh\ntrue\n```\n")
}

fn block(info: &str, code: &str) -> String {
    format!("# Page\n\n## Look\n\n```{info}\n{code}\n```\n")
}

fn with_variable(code: &str) -> String {
    format!("---\nvariables: {{ name: {{}} }}\n---\n\n{}", block("sh", code))
}

/// Each code that `check` finds, and a page it finds it in.
fn pages() -> Vec<(&'static str, String)> {
    vec![
        ("unclosed-fence", "# Page\n\n```sh\ntrue\n".to_owned()),
        ("unclosed-front-matter", "---\ntimeout: 5s\n\n# Page\n".to_owned()),
        ("front-matter-too-long", annotated(&format!("timeout: 5s\ntitle: {}", "x".repeat(2 << 20)))),
        ("yaml-syntax", annotated("timeout: 5s\ntitle: [")),
        ("yaml-alias", annotated("timeout: 5s\ntitle: &a x\nsummary: *a")),
        ("yaml-depth", annotated(&format!("timeout: 5s\ntitle: {}", "[".repeat(40) + &"]".repeat(40)))),
        ("yaml-tag", annotated("timeout: 5s\ntitle: !odd x")),
        ("duplicate-key", annotated("timeout: 5s\ntitle: a\ntitle: b")),
        ("unknown-key", annotated("timeout: 5s\ntilte: a")),
        ("missing-key", annotated("steps: { look: { on_failure: {} } }")),
        ("wrong-type", annotated("title: [a]")),
        ("bad-value", annotated("steps: { look: { confirm: perhaps } }")),
        ("bad-duration", block("sh timeout=soon", "true")),
        ("bad-name", annotated("variables: { 'a b': {} }")),
        ("bad-pattern", annotated("variables: { a: { pattern: '(' } }")),
        ("bad-default", annotated("variables: { a: { type: int, default: x } }")),
        ("unknown-step", annotated("steps: { lok: {} }")),
        ("unknown-block", annotated("steps: { look: { blocks: { 7: {} } } }")),
        ("unknown-connection", annotated("connections: { ops: { env: OPS } }\nsteps: { look: { connection: oops } }")),
        ("unknown-variable", with_variable("echo {{ nmae }}")),
        ("not-a-choice", annotated("steps: { look: { choose: x } }")),
        (
            "unknown-choice",
            "---\nsteps: { fix: { choose: c } }\n---\n\n# Page\n\n## Fix\n\n**Option A:**\n\n```sh\ntrue\n```\n\n\
             **Option B:**\n\n```sh\ntrue\n```\n"
                .to_owned(),
        ),
        ("template-syntax", with_variable("echo {{ name")),
        ("syntax", block("sh", "if true; then\n  echo (\nfi")),
        ("unknown-attribute", block("sh timeuot=5s", "true")),
        ("placeholder", block("sh", "kill <pid>")),
        ("worked-example", block("sh", "repair --id <JOB>\n\n# Example:\nrepair --id 7")),
        ("unset-variable", block("sh", "echo $NOBODY_SETS_THIS")),
        ("client-command", block("sql", "\\d workers")),
        ("left-out", block("sql", "\\x on\nSELECT 1;")),
        ("raw-value", with_variable("echo {{ name | raw }}")),
        ("mojibake", format!("{}\n‚úÖ done ‚Äî ‚úÖ\n", block("sh", "true"))),
        ("typographic-quote", block("sh", "echo “a”")),
        ("typographic-dash", block("sh", "ls –l")),
        ("invisible-character", block("sh", "ls\u{a0}-l")),
        ("mislabelled", block("sh", "$ ls\na")),
        ("skipped", block("sh", "# To be written")),
        ("destructive", block("sh", "rm -rf /srv/cache")),
        ("endless", block("sh", "tail -f /var/log/syslog")),
        ("escalates", block("sh", "uptime\n# If it persists\nuptime")),
        ("interactive", block("sh", "nano /etc/hosts")),
        ("context-left-open", block("sh", "ssh host\nuptime")),
    ]
}

/// Found when a block is filled in, or when a file is read: other tests bring
/// them out.
const ELSEWHERE: [&str; 4] = ["template-undefined", "template-failed", "template-refused", "unreadable"];

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.runbook(["check"].iter().chain(arguments)).output().expect("it starts")
}

fn json(sandbox: &Sandbox, path: &str) -> Vec<Value> {
    let output = check(sandbox, &["--json", path]);
    let checked: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    checked[0]["diagnostics"].as_array().expect("a list").clone()
}

/// The codes in the table of the command's own page.
fn table() -> BTreeSet<String> {
    let source =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/check.rs")).expect("it is there");
    let rows = source.lines().filter(|line| line.starts_with("//! | `"));
    let first_cell = |row: &str| row.trim_start_matches("//! |").split('|').next().unwrap_or_default().to_owned();
    rows.map(first_cell)
        .flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Every code that the sources give a finding.
fn in_sources() -> BTreeSet<String> {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut sources = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    let call = regex::Regex::new(r#"(?:Diagnostic::(?:error|warning|note)|\bnote)\(\s*"([a-z][a-z0-9-]+)""#)
        .expect("a pattern");
    let arm = regex::Regex::new(
        r#"(?:Self|Sign)::\w+(?: \{ \.\. \})? => (?:\(?)"((?:template|typographic|invisible)-[a-z]+)""#,
    )
    .expect("a pattern");
    let unreadable = regex::Regex::new(r#"code: "(unreadable)""#).expect("a pattern");
    let mut found = BTreeSet::new();
    for source in sources {
        let code = fs::read_to_string(&source).expect("UTF-8");
        // Tests make up codes of their own.
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for pattern in [&call, &arm, &unreadable] {
            found.extend(pattern.captures_iter(code).map(|captures| captures[1].to_owned()));
        }
    }
    found
}

#[test]
fn each_code_is_found_in_a_page_made_for_it_with_its_place() {
    let sandbox = Sandbox::new();
    for (code, page) in pages() {
        sandbox.write("page.md", &page);
        let found = json(&sandbox, "page.md");
        let finding = found.iter().find(|finding| finding["code"] == code);
        let finding = finding.unwrap_or_else(|| panic!("{code} is not among {found:?}"));
        assert!(finding["line"].as_u64() >= Some(1) && finding["column"].as_u64() >= Some(1), "{finding}");
    }
}

#[test]
fn the_table_of_codes_is_complete_and_names_nothing_that_is_not_found() {
    let table = table();
    assert_eq!(table, in_sources(), "left: the table of src/cli/check.rs; right: the sources");
    let mut proven: BTreeSet<String> = pages().into_iter().map(|(code, _)| code.to_owned()).collect();
    proven.extend(ELSEWHERE.map(str::to_owned));
    assert_eq!(table, proven, "left: the table; right: what has a page that brings it out");
}

#[test]
fn a_good_page_takes_one_line_and_notes_are_shown_where_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &block("sh", "rm -rf /srv/cache"));
    let output = check(&sandbox, &["page.md"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "1 page: 0 errors, 0 warnings, 1 note (--notes shows them)\n");
    let output = check(&sandbox, &["--notes", "page.md"]);
    let shown = text(&output.stderr);
    assert!(shown.starts_with("note[destructive]: ") && shown.contains("page.md:5:1"), "{shown}");
    assert!(shown.ends_with("1 page: 0 errors, 0 warnings, 1 note\n"), "{shown}");
}

#[test]
fn a_block_that_the_shell_cannot_parse_is_an_error_at_its_line() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &block("sh", "echo fine\njobs.reclaim()\nrm x"));
    let output = check(&sandbox, &["page.md"]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stderr);
    assert!(shown.contains("error[syntax]: bash cannot parse this block: ") && shown.contains("page.md:"), "{shown}");
}

#[test]
fn what_only_the_grammar_cannot_make_sense_of_is_left_to_the_shell() {
    let sandbox = Sandbox::new();
    // Valid bash, each a thing that grammars trip over.
    for code in ["echo $((16#ff))", "[[ a =~ ^(a|b)$ ]] && echo yes", "case x in (a) ;; esac", "cat <<< \"a\" | cat"] {
        sandbox.write("page.md", &block("sh", code));
        let output = check(&sandbox, &["page.md"]);
        assert_eq!(output.status.code(), Some(0), "{code}: {}", text(&output.stderr));
    }
}

#[test]
fn folders_are_looked_through_but_for_what_is_hidden_built_or_brought_in() {
    let sandbox = Sandbox::new();
    for path in ["a.md", "b/c.MD", "b/d.markdown", ".git/x.md", "target/x.md", "b/node_modules/x.md", "b/x.txt"] {
        sandbox.write(path, "# Page\n");
    }
    let output = check(&sandbox, &["--json", "."]);
    let checked: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let paths: Vec<&str> = checked.as_array().expect("a list").iter().filter_map(|one| one["path"].as_str()).collect();
    assert_eq!(paths, ["./a.md", "./b/c.MD", "./b/d.markdown"]);
}
