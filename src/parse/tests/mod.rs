//! The parser, tried through [`parse`] alone: page in, runbook and
//! diagnostics out.

mod alternatives;
mod annotations;
mod blocks;
mod classes;
mod configuration;
mod foreign;
mod parts;
mod procedure;
mod properties;
mod scenario;
mod sections;
mod sessions;
mod steps;

use super::{Parsed, parse};
use crate::runbook::{Block, Item, Reading, Runbook};
use crate::source::SourceFile;

/// Reads a page of which no content says what it is.
fn read(text: &str) -> Parsed {
    read_with(text, &|_| None)
}

fn read_with(text: &str, recognise: &dyn Fn(&str) -> Option<Reading>) -> Parsed {
    parse(&SourceFile::new("page.md", text), recognise)
}

/// Reads a page that nothing is wrong with.
fn sound(text: &str) -> Runbook {
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    parsed.runbook
}

fn only_block(text: &str) -> Block {
    let runbook = sound(text);
    let blocks: Vec<&Block> = runbook.blocks().collect();
    assert_eq!(blocks.len(), 1, "{text}");
    blocks[0].clone()
}

/// Code and place of each diagnostic: `unclosed-fence 3:1`.
fn findings(text: &str) -> Vec<String> {
    let file = SourceFile::new("page.md", text);
    let place = |diagnostic: &crate::source::Diagnostic| {
        let at = file.position(diagnostic.span.start);
        format!("{} {}:{}", diagnostic.code, at.line, at.column)
    };
    parse(&file, &|_| None).diagnostics.iter().map(place).collect()
}

fn ids(runbook: &Runbook) -> Vec<&str> {
    runbook.steps.iter().map(|step| step.id.as_str()).collect()
}

/// The items of a step as one word each, with what they say.
fn items(text: &str, runbook: &Runbook, id: &str) -> Vec<String> {
    let step = runbook.step(id).expect(id);
    let show = |item: &Item| match item {
        Item::Prose(span) => format!("prose {}", &text[span.start..span.end]),
        Item::Action(action) => match action.task {
            None => format!("action {}", action.text),
            Some(done) => format!("task {done} {}", action.text),
        },
        Item::Block(block) => format!("block {}", block.code.trim_end()),
    };
    step.items.iter().map(show).collect()
}
