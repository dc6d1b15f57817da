//! Any bytes as a page: nothing panics, and every code block of the Markdown is
//! in the plan once, with its bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use runbook::language::recognise;
use runbook::parse::parse;
use runbook::plan::{Plan, Selection, plan_json, select};
use runbook::source::{SourceFile, render};
use runbook_fuzz::assert_within;
use std::collections::HashSet;

/// The Markdown that GitHub renders.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_GFM);

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let file = SourceFile::new("page.md", text);
    let plan = Plan::read(&file, HashSet::new());
    let selected = select(&plan.runbook, &Selection::default()).unwrap_or_default();
    let json = plan_json(&file, &plan, &selected);

    let body = &file.text()[parse(&file, &recognise).body..];
    let listed: Vec<&str> = json.steps.iter().flat_map(|step| &step.blocks).map(|block| block.code).collect();
    assert_eq!(listed, code_blocks(body));
    let ids: HashSet<&str> = json.steps.iter().flat_map(|step| &step.blocks).map(|block| block.id).collect();
    assert_eq!(ids.len(), listed.len(), "two blocks have the same id");

    for diagnostic in &plan.diagnostics {
        assert_within(file.text(), diagnostic.span);
    }
    assert_eq!(render(&file, &plan.diagnostics, false).is_empty(), plan.diagnostics.is_empty());
});

/// The code blocks as pulldown-cmark alone gives them.
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
