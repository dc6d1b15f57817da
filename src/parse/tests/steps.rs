use super::{ids, items, sound};
use crate::runbook::StepKind;

#[test]
fn a_step_is_a_section_that_itself_holds_something_to_do() {
    let text = "# Top\ntext\n## Blocks\n```sh\nx\n```\n## Tasks\n- [ ] a\n## Ordered\n1. a\n## Bullets\n- a\n## Table\n|a|\n|-|\n|b|\n";
    let runbook = sound(text);
    assert_eq!(ids(&runbook), ["blocks", "tasks", "ordered"]);
    let kinds: Vec<StepKind> = runbook.steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [StepKind::Step, StepKind::Manual, StepKind::Manual]);
}

#[test]
fn blocks_that_never_run_make_a_manual_step_and_unknown_ones_do_not() {
    let runbook = sound("# A\n```yaml\nx\n```\n# B\n```\nx\n```\n");
    assert_eq!((runbook.steps[0].kind, runbook.steps[1].kind), (StepKind::Manual, StepKind::Step));
}

#[test]
fn a_numbered_item_is_done_by_its_own_commands_and_by_hand_without_any() {
    let text = "# A\n\n1. Look:\n\n   ```sh\n   x\n   ```\n\n2. Write it into the file:\n\n   ```ini\n   a=1\n   ```\n\n3. Tell the team\n\n- [ ] Restarted:\n\n  ```sh\n  y\n  ```\n";
    let runbook = sound(text);
    let actions: Vec<&str> = runbook.steps[0].actions().map(|action| action.text.as_str()).collect();
    assert_eq!(actions, ["Write it into the file:", "Tell the team", "Restarted:"]);
    assert!(items(text, &runbook, "a")[0].starts_with("prose 1. Look:"));
}

#[test]
fn what_stands_before_the_first_heading_has_a_step_of_its_own() {
    let runbook = sound("text\n\n```sh\nx\n```\n\n# Start\n\n1. go\n");
    assert_eq!(ids(&runbook), ["start-1", "start"]);
    assert_eq!((runbook.steps[0].section.as_str(), runbook.steps[0].line), ("", 1));
}

#[test]
fn a_bold_lead_in_directly_before_something_to_do_begins_a_step() {
    for lead_in in ["**Look:**", "**Look**:", "__Look__", "***Look***", "**Look** :", "**Lo`ok`:**"] {
        let text = format!("# A\n\n{lead_in}\n\n```sh\nx\n```\n");
        let runbook = sound(&text);
        assert_eq!(ids(&runbook), ["a/look"], "{lead_in}");
        let step = &runbook.steps[0];
        assert_eq!((step.title.as_str(), step.line, step.section.as_str()), ("Look", 3, "a"));
    }
    for doing in ["1. a", "- [ ] a", "- a\n\n  ```sh\n  x\n  ```", "> ```sh\n> x\n> ```", "Do this:\n\n```sh\nx\n```"] {
        assert_eq!(ids(&sound(&format!("# A\n\n**Look:**\n\n{doing}\n"))), ["a/look"], "{doing:?}");
    }
}

#[test]
fn other_bold_text_begins_no_step() {
    for text in
        ["**Note:** text", "text **bold**", "**Symptoms:**\n\n- a\n- b", "**Look:**\n\nOne.\n\nTwo.", "**a**\n**b**"]
    {
        let runbook = sound(&format!("# A\n\n{text}\n\n```sh\nx\n```\n"));
        assert_eq!(ids(&runbook), ["a"], "{text:?}");
    }
}

#[test]
fn steps_of_lead_ins_have_unique_ids() {
    let text = "# A\n\n**Fix:**\n1. a\n\n**Fix:**\n1. b\n\n# A\n\n**Fix:**\n1. c\n\n**!!**\n1. d\n";
    assert_eq!(ids(&sound(text)), ["a/fix", "a/fix-1", "a-1/fix", "a-1/part"]);
}

#[test]
fn text_before_a_lead_in_goes_with_it_unless_the_section_is_a_step() {
    let text = "# A\n\n**Symptoms:**\n\n- slow\n\n**Look:**\n1. a\n\n**Notes:**\n\n- b\n";
    let runbook = sound(text);
    assert_eq!(
        items(text, &runbook, "a/look"),
        ["prose **Symptoms:**", "prose - slow", "action a", "prose **Notes:**", "prose - b"]
    );
    let text = "# A\n\n1. first\n\n**One failure:**\n\n**Look:**\n1. a\n";
    let runbook = sound(text);
    assert_eq!(items(text, &runbook, "a"), ["action first"]);
    assert_eq!(items(text, &runbook, "a/look"), ["prose **One failure:**", "action a"]);
}

#[test]
fn items_keep_the_order_of_the_page() {
    let text = "# A\n\nintro\n\n| a |\n|---|\n| b |\n\n> quote\n> more\n\n- x\n- y\n\n```sh\nrun\n```\n\noutro\n";
    let wanted = [
        "prose intro",
        "prose | a |\n|---|\n| b |",
        "prose > quote\n> more",
        "prose - x\n- y",
        "block run",
        "prose outro",
    ];
    assert_eq!(items(text, &sound(text), "a"), wanted);
}

#[test]
fn lists_are_taken_apart_where_something_is_to_be_done() {
    let text = "# A\n1. **Check it:**\n   ```sh\n   x\n   ```\n   Should be fine\n2. Go\n   there\n   - by car\n   - by bus\n3. - [x] done\n   - [ ] open\n\n- plain\n  1. deep\n- other\n";
    let wanted = [
        "prose 1. **Check it:**",
        "block x",
        "prose Should be fine",
        "action Go\nthere",
        "prose - by car\n   - by bus",
        "task true done",
        "task false open",
        "prose - plain",
        "action deep",
        "prose - other",
    ];
    assert_eq!(items(text, &sound(text), "a"), wanted);
}

#[test]
fn loose_lists_and_quotes_are_taken_apart_alike() {
    let text = "# A\n\n1. one\n\n   more\n\n   ```sh\n   x\n   ```\n\n2. two\n\n> before\n>\n> ```sh\n> y\n> ```\n>\n> 1. in\n>    quote\n";
    let wanted = ["prose 1. one", "prose more", "block x", "action two", "prose before", "block y", "action in\nquote"];
    assert_eq!(items(text, &sound(text), "a"), wanted);
}

#[test]
fn text_below_the_code_of_an_item_is_no_action() {
    let text = "# A\n\n1. ```sh\n   x\n   ```\n   Should be fine\n2. > quote\n\n   Go\n";
    let wanted = ["block x", "prose Should be fine", "prose > quote", "action Go"];
    assert_eq!(items(text, &sound(text), "a"), wanted);
}

#[test]
fn actions_know_their_line_and_span() {
    let text = "# A\n\n- [ ] one\n  two\n  - nested\n";
    let runbook = sound(text);
    let action = runbook.steps[0].actions().next().expect("an action");
    assert_eq!((action.line, action.task), (3, Some(false)));
    assert_eq!(&text[action.span.start..action.span.end], "- [ ] one\n  two");
}

#[test]
fn a_table_of_contents_is_nothing_to_do() {
    let text = "# Contents\n\n1. [One](#one)\n   1. [`Two`](#two)\n2. [Three](#three)\n\n# One\n\n1. see [Two](#two)\n";
    assert_eq!(ids(&sound(text)), ["one"]);
}

#[test]
fn comments_and_shortcodes_are_not_content() {
    let text = "# A\n\n<!-- note -->\n\n{{< tabs >}}\n{{% tab \"x\" %}}\n\n1. a\n\n{{< /tabs >}}\n";
    assert_eq!(items(text, &sound(text), "a"), ["action a"]);
}

#[test]
fn spans_reach_from_the_heading_to_the_last_item() {
    let text = "# A\n\n1. a\n\ntext\n\n# B\n";
    let runbook = sound(text);
    let span = runbook.steps[0].span;
    assert_eq!(&text[span.start..span.end], "# A\n\n1. a\n\ntext");
}
