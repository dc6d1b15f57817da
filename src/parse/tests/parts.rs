use super::{ids, items, sound};

/// Id and condition of each step, and the titles of the ways it is in.
fn steps(page: &str) -> Vec<String> {
    let show = |step: &crate::runbook::Step| {
        let mut text = step.id.clone();
        if let Some(way) = &step.way {
            text.push_str(&format!(" way “{}”", way.title));
        }
        if let Some(condition) = &step.only_if {
            text.push_str(&format!(" if {condition}"));
        }
        text
    };
    sound(page).steps.iter().map(show).collect()
}

fn code(line: &str) -> String {
    format!("```sh\n{line}\n```\n")
}

#[test]
fn a_block_after_or_is_another_way_for_the_block_before_it() {
    for or in ["Or:", "OR", "or", "**Or:**", "Alternatively:"] {
        let page = format!("# A\n\n{}\n{or}\n\n{}", code("systemctl restart x"), code("docker restart x"));
        let steps = steps(&page);
        assert_eq!(steps[0], "a way “systemctl restart x”", "{or}");
        assert!(steps.len() == 2 && steps[1].ends_with(" way “docker restart x”"), "{or} {steps:?}");
    }
    let page = format!("# A\n\n{}\nOr via API:\n\n{}", code("x"), code("y"));
    assert_eq!(steps(&page), ["a way “As written (bash)”", "a/or-via-api way “Or via API”"]);
}

#[test]
fn or_offers_only_the_block_before_it_and_what_follows_is_common() {
    let page = format!(
        "# A\n\n{}\nThen restart:\n\n{}\nOr:\n\n{}\nAfter that:\n\n{}",
        code("first"),
        code("one"),
        code("other"),
        code("last")
    );
    assert_eq!(steps(&page), ["a", "a/as-written way “one”", "a/or way “other”", "a/continued"]);
    let runbook = sound(&page);
    assert_eq!(items(&page, &runbook, "a/as-written"), ["prose Then restart:", "block one"]);
    assert_eq!(items(&page, &runbook, "a/continued"), ["prose After that:", "block last"]);
}

#[test]
fn or_between_other_things_is_text() {
    for page in [
        format!("# A\n\nOr:\n\n{}", code("x")),
        format!("# A\n\n{}\nOr: wait.\n", code("x")),
        format!("# A\n\n```yaml\na: 1\n```\n\nor\n\n```yaml\nb: 1\n```\n\n{}", code("x")),
    ] {
        assert_eq!(ids(&sound(&page)), ["a"], "{page}");
    }
}

#[test]
fn plain_lines_that_name_systems_are_ways() {
    let page = format!("# A\n\nOn macOS:\n\n{}\nOn Linux:\n\n{}\nThen:\n\n{}", code("x"), code("y"), code("z"));
    assert_eq!(steps(&page), ["a", "a/on-macos way “On macOS”", "a/on-linux way “On Linux”", "a/continued"]);
    let alone =
        format!("# A\n\nOn Linux:\n\n{}\nTerminal 1:\n\n{}\nTerminal 2:\n\n{}", code("x"), code("y"), code("z"));
    assert_eq!(steps(&alone), ["a"]);
}

#[test]
fn list_items_that_begin_with_an_option_are_ways() {
    let page = format!(
        "# A\n\n- **Option 1**: quick\n\n  {}\n- **Option 2**: slow\n\n  {}\n\nCheck:\n\n{}",
        code("x").replace('\n', "\n  "),
        code("y").replace('\n', "\n  "),
        code("z")
    );
    assert_eq!(
        steps(&page),
        ["a", "a/option-1-quick way “Option 1: quick”", "a/option-2-slow way “Option 2: slow”", "a/continued"]
    );
    let page = "# A\n\n1. **Option 1**: click\n2. **Option 2**: wait\n\nDone.\n";
    assert_eq!(steps(page), ["a", "a/option-1-click way “Option 1: click”", "a/option-2-wait way “Option 2: wait”"]);
}

#[test]
fn what_escalates_depends_on_what_came_before() {
    let page = format!(
        "# A\n\n{}\nIf that fails:\n\n{}\nIf still stuck:\n\n1. Call\n\nThen check:\n\n{}\n## If it persists\n\n**Look:**\n\n{}",
        code("x"),
        code("y"),
        code("z"),
        code("w")
    );
    assert_eq!(
        steps(&page),
        [
            "a",
            "a/if-that-fails if that fails",
            "a/if-still-stuck if still stuck",
            "a/continued",
            "if-it-persists/look if it persists"
        ]
    );
}

#[test]
fn a_plan_for_the_way_back_is_not_walked_after_the_way_there() {
    let page = format!("# A\n\n## Deploy\n\n{}\n## Rollback\n\n{}", code("x"), code("y"));
    assert_eq!(steps(&page), ["deploy", "rollback if what was done has to be taken back"]);
    assert_eq!(steps(&format!("# A\n\n## Roll back the release\n\n{}", code("x"))), ["roll-back-the-release"]);
}

#[test]
fn taking_a_step_apart_loses_no_block() {
    let page = format!(
        "# A\n\n{}\nOr:\n\n{}\nIf that fails:\n\n{}\nOn Linux:\n\n{}\nWindows:\n\n{}\nor\n\n{}",
        code("a"),
        code("b"),
        code("c"),
        code("d"),
        code("e"),
        code("f")
    );
    let runbook = sound(&page);
    let blocks: Vec<&str> = runbook.blocks().map(|block| block.code.trim_end()).collect();
    assert_eq!(blocks, ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn tabs_are_ways_by_their_labels() {
    let block = "```sh\nx\n```\n";
    let mkdocs = "=== \"Blue\"\n\n    ```bash\n    one\n    ```\n\n=== \"Green\"\n\n    ```bash\n    two\n    ```\n\n";
    let docusaurus = format!(
        "<Tabs>\n<TabItem value=\"b\" label=\"Blue\">\n\n{block}\n</TabItem>\n<TabItem value=\"g\" label=\"Green\">\n\n{block}\n</TabItem>\n</Tabs>\n\n"
    );
    let hugo = format!(
        "{{{{< tabs >}}}}\n{{{{< tab \"Blue\" >}}}}\n\n{block}\n{{{{< /tab >}}}}\n{{{{< tab \"Green\" >}}}}\n\n{block}\n{{{{< /tab >}}}}\n{{{{< /tabs >}}}}\n\n"
    );
    let microsoft = format!("# [Blue](#tab/blue)\n\n{block}\n# [Green](#tab/green)\n\n{block}\n***\n\n");
    for tabs in [mkdocs.to_owned(), docusaurus, hugo, microsoft] {
        let page = format!("# Page\n\n## A\n\nIntro.\n\n{tabs}Then:\n\n{block}");
        assert_eq!(steps(&page), ["a", "a/blue way “Blue”", "a/green way “Green”", "a/continued"], "{page}");
        assert!(sound(&page).steps.iter().all(|step| step.section == "a"), "{page}");
        // With nothing after them, nothing goes on.
        assert_eq!(steps(&format!("# Page\n\n## A\n\n{tabs}")).len(), 3);
    }
}

#[test]
fn the_fence_in_a_tab_of_mkdocs_is_what_runs() {
    let page = "=== \"Linux\"\n\n    ```bash\n    apt update\n    ```\n\n=== \"macOS\"\n\n    plain\n    text\n";
    let runbook = sound(page);
    let blocks: Vec<_> = runbook.blocks().collect();
    assert_eq!((blocks[0].code.as_str(), blocks[0].run.as_str()), ("```bash\napt update\n```\n", "apt update\n"));
    assert_eq!((blocks[0].class, blocks[1].class), (crate::runbook::Class::Shell, crate::runbook::Class::Unknown));
}

#[test]
fn two_sets_of_tabs_are_two_choices() {
    let tab = |label: &str| format!("# [{label}](#tab/x)\n\n```sh\nx\n```\n\n");
    let set = format!("{}{}---\n\n", tab("Bash"), tab("PowerShell"));
    let page = format!("# A\n\n{set}{set}");
    let runbook = sound(&page);
    let heads: Vec<&str> = runbook.steps.iter().filter_map(|step| step.option_of.as_deref()).collect();
    assert_eq!(heads.len(), 4);
    assert!(heads[0] == heads[1] && heads[1] != heads[2] && heads[2] == heads[3], "{heads:?}");
}
