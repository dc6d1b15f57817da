use super::parse;
use crate::parse::outline::OPTIONS;
use crate::runbook::Item;
use crate::source::{SourceFile, render};
use proptest::prelude::*;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// Pieces that pages are made of, in every wrong order.
fn page() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "```", "```sh", "~~~~", "````yaml name=x", "```{.sh}", "``` `", "\n", "\n\n", "\r\n", "\r", "    ", "\t", "  ",
            "> ", ">", "- ", "1. ", "2) ", "- [ ] ", "- [x] ", "* ", "# ", "## A", "### Option 1", "A\n---", "---\n", "---\ntitle: a\n---\n",
            "---\nsteps: { a: { x", "**Bold:**", "**CLI**\n", "**Web UI:**", "Expected output:", "text", "é→𝄞", "\u{feff}",
            "$ ls", "$ cat <<EOF", "`code`", "<!--", "-->", "<b>", "</b>\n", "[a](#a)", "![i](i)", "| a | b |\n|---|---|\n| c |",
            "[^1]: ", "\\", "&amp;", "{{< tab >}}", "\0", "*", "_", "name=x confirm=y",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ];
    prop::collection::vec(prop_oneof![3 => piece.clone(), 1 => piece.prop_map(|piece| format!("\n{piece}"))], 0..40)
        .prop_map(|pieces| pieces.concat())
}

/// The code blocks as pulldown-cmark itself gives them.
fn reference(markdown: &str) -> Vec<String> {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn the_blocks_are_those_of_markdown_and_nothing_panics(text in page()) {
        let file = SourceFile::new("page.md", text.clone());
        let mut ignored = Vec::new();
        let body = crate::parse::front_matter::cut(&file, &mut ignored).body;
        let parsed = parse(&file, &|_| None);
        let blocks: Vec<String> = parsed.runbook.blocks().map(|block| block.code.clone()).collect();
        prop_assert_eq!(blocks, reference(&text[body..]));
        prop_assert_eq!(render(&file, &parsed.diagnostics, true).is_empty(), parsed.diagnostics.is_empty());
    }

    #[test]
    fn places_are_in_page_order_within_the_page_and_ids_are_unique(text in page()) {
        let file = SourceFile::new("page.md", text.clone());
        let parsed = parse(&file, &|_| None);
        let runbook = &parsed.runbook;
        prop_assert!(parsed.diagnostics.iter().all(|found| text.get(found.span.start..found.span.end).is_some()));
        let mut last = 0;
        for step in &runbook.steps {
            for item in &step.items {
                let span = match item {
                    Item::Prose(span) => *span,
                    Item::Block(block) => {
                        prop_assert!(block.line_start <= block.line_end);
                        prop_assert_eq!(block.line_start, file.line(block.span.start));
                        block.span
                    }
                    Item::Action(action) => action.span,
                };
                prop_assert!(span.start >= last, "{:?}", item);
                prop_assert!(step.span.contains(span));
                prop_assert!(text.get(span.start..span.end).is_some());
                last = span.start;
            }
        }
        let mut ids: Vec<&str> = runbook.steps.iter().map(|step| step.id.as_str()).collect();
        ids.extend(runbook.sections.iter().map(|section| section.anchor.as_str()).filter(|anchor| runbook.step(anchor).is_none()));
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), count);
        for step in &runbook.steps {
            prop_assert!(step.option_of.as_ref().is_none_or(|head| runbook.step(head).is_some()));
        }
    }
}
