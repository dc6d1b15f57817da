//! A rule's page: as it is written, as it is planned, as it runs.

use crate::support::{Sandbox, Terminal};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;
use similar::TextDiff;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The Markdown that GitHub renders.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_GFM);

/// A rule's page, alone in a sandbox.
pub(crate) struct Page {
    pub(crate) sandbox: Sandbox,
    name: &'static str,
    text: String,
}

/// `plan --json` of a page.
pub(crate) struct Plan {
    pub(crate) json: Value,
    pub(crate) exit: Option<i32>,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rules")
}

/// What a program wrote, as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Page {
    /// The page of a rule, by the name of its file without `.md`.
    pub(crate) fn of(name: &'static str) -> Self {
        let path = folder().join(format!("{name}.md"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let sandbox = Sandbox::new();
        sandbox.write(&format!("{name}.md"), &text);
        Self { sandbox, name, text }
    }

    /// Its plan, after comparing it with the golden one and with CommonMark.
    ///
    /// No command of the program writes the golden file: where the two differ,
    /// first ask which of them is right. `CONTRIBUTING.md` has the line that
    /// writes them all anew.
    #[track_caller]
    pub(crate) fn plan(&self) -> Plan {
        let plan = self.plan_alone();
        let codes: Vec<&str> = plan.blocks().map(|block| block["code"].as_str().expect("code")).collect();
        assert_eq!(codes, code_blocks(self.body()), "the blocks of {}, against CommonMark", self.name);

        let path = folder().join(format!("{}.json", self.name));
        let golden = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let found = format!("{:#}\n", plan.json);
        let diff = TextDiff::from_lines(&golden, &found);
        let diff = diff.unified_diff().context_radius(8).header("golden", "found").to_string();
        assert!(golden == found, "{} is read in another way\n{diff}", self.name);
        plan
    }

    /// Its plan, as it is.
    #[track_caller]
    pub(crate) fn plan_alone(&self) -> Plan {
        let page = format!("{}.md", self.name);
        let output = self.sandbox.runbook(["plan", "--json", &page]).output().expect("it starts");
        assert_eq!(text(&output.stderr), "", "all that is found is in the JSON");
        Plan { json: serde_json::from_slice(&output.stdout).expect("JSON"), exit: output.status.code() }
    }

    /// The Markdown behind the front matter.
    fn body(&self) -> &str {
        let Some(rest) = self.text.strip_prefix("---\n") else { return &self.text };
        rest.split_once("\n---\n").expect("the front matter's end").1
    }

    /// Runs it without a terminal, with a yes to everything.
    pub(crate) fn run(&self) -> Output {
        self.run_part("", &["--yes=destructive"])
    }

    /// Runs a part of it (`#anchor`; all of it where that is empty) without a
    /// terminal.
    pub(crate) fn run_part(&self, anchor: &str, arguments: &[&str]) -> Output {
        let page = format!("{}.md{anchor}", self.name);
        self.sandbox.runbook(["run", &page].iter().chain(arguments)).output().expect("it starts")
    }

    /// Runs a part of it at a terminal.
    pub(crate) fn sit_down(&self, anchor: &str) -> Terminal {
        Terminal::spawn(&self.sandbox.runbook(["run", &format!("{}.md{anchor}", self.name)]))
    }

    /// Puts commands on PATH that note in `called`, in the home folder, how
    /// they were called, and do nothing.
    pub(crate) fn with_commands(self, names: &[&str]) -> Self {
        for name in names {
            self.sandbox.write_command(name, &format!("#!/bin/sh\necho \"{name} $*\" >> \"$HOME/called\"\n"));
        }
        self
    }

    /// The calls that [these commands](Self::with_commands) noted.
    pub(crate) fn called(&self) -> Vec<String> {
        let noted = fs::read_to_string(self.sandbox.home().join("called")).unwrap_or_default();
        noted.lines().map(str::to_owned).collect()
    }

    /// A file that a block wrote into the folder it ran in.
    #[track_caller]
    pub(crate) fn written(&self, relative: &str) -> String {
        let path = self.sandbox.work().join(relative);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn exists(&self, relative: &str) -> bool {
        self.sandbox.work().join(relative).exists()
    }

    /// How each block that ran ended, in their order.
    pub(crate) fn outcomes(&self) -> Vec<String> {
        let finished = self.sandbox.events_of("block_finished");
        finished.iter().map(|event| event["outcome"].as_str().expect("an outcome").to_owned()).collect()
    }
}

impl Plan {
    pub(crate) fn steps(&self) -> &[Value] {
        self.json["steps"].as_array().expect("steps")
    }

    /// All blocks, in the page's order.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Value> {
        self.steps().iter().flat_map(|step| step["blocks"].as_array().expect("blocks"))
    }

    /// The one block whose code holds `text`.
    #[track_caller]
    pub(crate) fn block(&self, text: &str) -> &Value {
        let mut found = self.blocks().filter(|block| block["code"].as_str().expect("code").contains(text));
        let block = found.next().unwrap_or_else(|| panic!("no block holds {text:?}"));
        assert!(found.next().is_none(), "{text:?} stands in several blocks");
        block
    }

    /// One thing about each block.
    pub(crate) fn each(&self, key: &str) -> Vec<&Value> {
        self.blocks().map(|block| &block[key]).collect()
    }

    /// Code and line of every finding.
    pub(crate) fn findings(&self) -> Vec<(&str, u64)> {
        let diagnostics = self.json["diagnostics"].as_array().expect("diagnostics").iter();
        diagnostics.map(|one| (one["code"].as_str().expect("a code"), one["line"].as_u64().expect("a line"))).collect()
    }
}

/// The code blocks as CommonMark gives them.
fn code_blocks(markdown: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open = false;
    for event in Parser::new_ext(markdown, OPTIONS) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => {
                blocks.push(String::new());
                open = true;
            }
            Event::End(TagEnd::CodeBlock) => open = false,
            Event::Text(text) if open => blocks.last_mut().expect("an open block").push_str(&text),
            _ => {}
        }
    }
    blocks
}
