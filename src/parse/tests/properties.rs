use super::parse;
use crate::parse::outline::OPTIONS;
use crate::runbook::{Class, Item, Reading};
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

/// Pages that are mostly well-formed: containers in containers, each with the
/// markers on every line, and fences, indented code and text in them.
fn nested() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => (prop::sample::select(vec!["```", "~~~", "````"]), "[ ]{0,3}(sh|Bash|sql|yaml|\\{\\.sh\\}|console|)( name=x)?", code(), any::<bool>())
            .prop_map(|(fence, info, code, closed)| {
                let end = if closed { format!("{fence}\n") } else { String::new() };
                format!("{fence}{info}\n{code}{end}")
            }),
        2 => code().prop_map(|code| {
            let lines: String = code.lines().map(|line| format!("    {line}\n")).collect();
            format!("\n{lines}\n")
        }),
        1 => code().prop_map(|code| code.lines().map(|line| format!("\t{line}\n")).collect()),
        2 => prop::sample::select(vec![
            "text\n", "# A\n", "**Bold:**\n", "---\n", "| a |\n|---|\n| `b` |\n", "<!-- x\n\n-->\n", "<div>\n", "Expected output:\n\n",
            "- [ ] task\n", "[^1]: note\n", "\n\n", "{{< tab >}}\n", "***\n", "A\n===\n",
        ]).prop_map(str::to_owned),
    ];
    let tree = leaf.prop_recursive(5, 24, 4, |inner| {
        let markers = prop::sample::select(vec![
            ("> ", "> "),
            (">", ">"),
            ("- ", "  "),
            ("1. ", "   "),
            ("10) ", "    "),
            ("-\t", "\t"),
            ("* ", "  "),
            ("- [x] ", "  "),
            ("- ", "\t"),
            ("+   ", " "),
        ]);
        (markers, prop::collection::vec(inner, 1..4), any::<bool>()).prop_map(|((first, rest), parts, lazy)| {
            let text = parts.concat();
            let mark = |(at, line): (usize, &str)| match (at, line) {
                (0, line) => format!("{first}{line}"),
                // A container may go on without its marker, or over a bare line.
                (at, line) if lazy && at % 3 == 2 => line.to_owned(),
                (_, "\n") => {
                    if rest.starts_with('>') {
                        format!("{rest}\n")
                    } else {
                        "\n".to_owned()
                    }
                }
                (_, line) => format!("{rest}{line}"),
            };
            text.split_inclusive('\n').enumerate().map(mark).collect::<String>()
        })
    });
    let front_matter =
        prop::sample::select(vec!["", "", "---\ntitle: t\n---\n", "---\nvariables: {}\n---\n\n", "\u{feff}", "---\n"]);
    let line_end = prop::sample::select(vec!["\n", "\n", "\r\n", "\r"]);
    (front_matter, prop::collection::vec(tree, 0..6), line_end, any::<bool>()).prop_map(
        |(head, parts, line_end, cut)| {
            let page = format!("{head}{}", parts.join("\n")).replace('\n', line_end);
            if cut { page.trim_end().to_owned() } else { page }
        },
    )
}

/// What stands in blocks: every kind of prompt, and what only looks like one.
fn code() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "ls -l",
        "$ ls",
        "$",
        "# ls",
        "> x",
        ">> x",
        "mysql> select 1;",
        "    -> from t;",
        "db=# \\d",
        "db-# x",
        "sqlite> .tables",
        "   ...> y",
        "PS C:\\> dir",
        "C:\\>dir",
        ">>> x",
        "... y",
        "irb(main):001:0> x",
        "127.0.0.1:6379> get é",
        "me@host:~$ x",
        "[root@h ~]# x",
        "cat <<EOF",
        "EOF",
        "$ cat <<-'E'",
        "\tE",
        "if x; then",
        "fi",
        "'",
        "\"é→\u{a0}",
        "",
        "  ",
        "\t",
        "``",
        "~~",
        "exit",
        "a \\",
        "total 3",
        "# note.",
        "host:/srv # ls",
    ]);
    prop::collection::vec(line, 0..7).prop_map(|lines| lines.iter().map(|line| format!("{line}\n")).collect())
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
    fn the_blocks_are_those_of_markdown_and_nothing_panics(text in prop_oneof![page(), nested()]) {
        let file = SourceFile::new("page.md", text.clone());
        let mut ignored = Vec::new();
        let body = crate::parse::front_matter::cut(&file, &mut ignored).body;
        let parsed = parse(&file, &|_| None);
        let blocks: Vec<String> = parsed.runbook.blocks().map(|block| block.code.clone()).collect();
        // Recognising everything as commands takes every way through the prompts.
        let eager = parse(&file, &|_| Some(Reading::certain(Class::Shell, "bash", "shell commands")));
        let codes: Vec<String> = eager.runbook.blocks().map(|block| block.code.clone()).collect();
        prop_assert_eq!(&codes, &blocks);
        prop_assert_eq!(blocks, reference(&text[body..]));
        prop_assert_eq!(render(&file, &parsed.diagnostics, true).is_empty(), parsed.diagnostics.is_empty());
    }

    #[test]
    fn places_are_in_page_order_within_the_page_and_ids_are_unique(text in prop_oneof![page(), nested()]) {
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
