//! The README, held to what the program does.

mod support;

use assert_cmd::assert::OutputAssertExt;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use support::{Sandbox, Terminal};

/// A fenced block: its label and its content.
struct Fence {
    label: String,
    content: String,
}

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md")
}

fn fences(markdown: &str) -> Vec<Fence> {
    let mut fences = Vec::new();
    let mut open: Option<Fence> = None;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(label))) => {
                open = Some(Fence { label: label.into_string(), content: String::new() });
            }
            Event::Text(text) => {
                if let Some(fence) = &mut open {
                    fence.content.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => fences.extend(open.take()),
            _ => {}
        }
    }
    fences
}

/// The command lines that begin with `runbook`, in blocks and in code within
/// the text.
fn commands(markdown: &str) -> BTreeSet<Vec<String>> {
    let inline = Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Code(code) => Some(code.into_string()),
        _ => None,
    });
    let blocks = fences(markdown)
        .into_iter()
        .filter(|fence| fence.label == "sh")
        .flat_map(|fence| fence.content.lines().map(str::to_owned).collect::<Vec<_>>());
    inline
        .chain(blocks)
        .map(|line| line.replace("cargo run -- ", "runbook "))
        .filter_map(|line| {
            let code = line.split(" #").next().unwrap_or_default();
            let words: Vec<String> = code.split_whitespace().map(str::to_owned).collect();
            (words.len() > 1 && words[0] == "runbook").then(|| words[1..].to_vec())
        })
        .collect()
}

#[test]
fn every_command_in_the_readme_exists_with_its_flags() {
    let sandbox = Sandbox::new();
    let commands = commands(&readme());
    assert!(commands.len() >= 10, "too few commands found: {commands:?}");
    for command in commands {
        let help = sandbox.runbook([command[0].as_str(), "--help"]).assert().success().get_output().stdout.clone();
        let help = String::from_utf8_lossy(&help).into_owned();
        for word in command.iter().filter(|word| word.starts_with("--")) {
            let flag = word.split('=').next().unwrap_or(word);
            let listed = help.split(|c: char| c.is_whitespace() || "=,[<".contains(c)).any(|known| known == flag);
            assert!(listed, "the README says `runbook {}`, and its help has no {flag}:\n{help}", command.join(" "));
        }
    }
}

#[test]
fn every_page_in_the_readme_is_a_valid_runbook() {
    let sandbox = Sandbox::new();
    let pages: Vec<Fence> = fences(&readme()).into_iter().filter(|fence| fence.label == "markdown").collect();
    assert!(!pages.is_empty(), "the README shows a page");
    for (index, page) in pages.iter().enumerate() {
        let path = sandbox.write(&format!("page-{index}.md"), &page.content);
        sandbox.runbook(["check"]).arg(path).assert().success();

        let broken = page.content.replace("steps:", "stepps:");
        let path = sandbox.write(&format!("broken-{index}.md"), &broken);
        sandbox.runbook(["check"]).arg(path).assert().code(1);
    }
}

/// The screen as the README shows it: every line is on the screen of a real
/// rehearsal, in the same order and with the same words; only times differ.
#[test]
fn the_screen_in_the_readme_is_that_of_a_rehearsal() {
    let sandbox = Sandbox::new().with_project_runbooks();
    let mut terminal = Terminal::spawn_sized(&sandbox.runbook(["run", "worker-death", "--rehearse"]), 80, 50);
    terminal.expect("Which worker is down?");
    terminal.send_line("enforcement-worker");
    for step in ["Step 2", "Step 3"] {
        terminal.expect(step);
        terminal.expect("Enter: Railway CLI");
        terminal.send_line("");
    }
    for step in ["Step 3", "Step 5"] {
        terminal.expect(step);
        terminal.expect("Run this?");
        terminal.send_line("r");
    }
    terminal.expect("commit (or yes)");
    terminal.send_line("commit");
    terminal.expect("Step 6");

    let screen = without_times(&terminal.screen());
    let shown = fences(&readme()).into_iter().find(|fence| fence.label == "text").expect("the README shows a screen");
    let mut rest = screen.lines();
    for line in without_times(&shown.content).lines().filter(|line| !line.is_empty()) {
        assert!(
            rest.any(|there| there.trim_end() == line),
            "the README shows a line that is not on the screen, or not there: {line:?}\n{screen}"
        );
    }
}

/// `text` without the hour it was written at and how long things took.
fn without_times(text: &str) -> String {
    let times = regex::Regex::new(r"\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d|\d+\.\d s\b").expect("a regular expression");
    times.replace_all(text, "…").into_owned()
}

#[test]
fn every_link_in_the_readme_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in ["README.md", "CONTRIBUTING.md", "runbooks/worker-death.md"] {
        let text = fs::read_to_string(root.join(page)).expect("the page");
        let folder = root.join(page).parent().expect("a folder").to_owned();
        let mut links = 0;
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
            links += 1;
            if let Some(anchor) = dest_url.strip_prefix('#') {
                let anchors: Vec<String> = text.lines().filter(|line| line.starts_with('#')).map(anchor_of).collect();
                assert!(anchors.iter().any(|known| known == anchor), "{page} has no heading for #{anchor}");
            } else if !dest_url.starts_with("https://") {
                assert!(folder.join(&*dest_url).exists(), "{page} links to {dest_url}, which is not there");
            }
        }
        assert!(links > 0, "{page} has links");
    }
}

/// GitHub's anchor of a heading of plain words.
fn anchor_of(heading: &str) -> String {
    heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-")
}
