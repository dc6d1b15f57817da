use super::{ids, items, only_block, sound};

fn aside(page: &str, id: &str) -> Option<String> {
    sound(page).step(id).expect(id).aside.clone()
}

#[test]
fn a_heading_in_a_section_that_only_tells_inherits_it() {
    let page = "# Page\n\n## Fix\n\n```sh\nx\n```\n\n## Root Cause\n\n### How\n\n```sh\ny\n```\n";
    assert_eq!(aside(page, "fix"), None);
    assert_eq!(aside(page, "how").as_deref(), Some("stands under “Root Cause”, which tells what happened"));
}

#[test]
fn a_lead_in_is_judged_by_itself_and_the_page_s_title_is_not() {
    let page = "# Postmortem of the page\n\n**Fix:**\n\n```sh\nx\n```\n\n**Wrong:**\n\n```sh\ny\n```\n";
    let asides: Vec<bool> = sound(page).steps.iter().map(|step| step.aside.is_some()).collect();
    assert_eq!(asides, [false, true]);
    let both = "# Page\n\n**Before:**\n\n```sh\nx\n```\n\n**After:**\n\n```sh\ny\n```\n";
    assert!(aside(both, "page/before").is_some() && aside(both, "page/after").is_none());
    assert_eq!(aside("# Page\n\n**Before:**\n\n```sh\nx\n```\n", "page/before"), None);
}

#[test]
fn the_example_of_a_mistake_is_told_by_the_words_before_it_or_in_it() {
    for page in [
        "A command was executed that broke it:\n\n```sh\nx\n```\n",
        "Do not do this:\n\n```sh\nx\n```\n",
        "```sh\n# DO NOT do this in production!\nx\n```\n",
        "```sh\n# OLD CODE\nx\n```\n",
    ] {
        assert!(only_block(page).aside.is_some(), "{page}");
    }
    for page in [
        "Do this:\n\n```sh\nx\n```\n",
        "Nothing was executed yet. Start it:\n\n```sh\nx\n```\n",
        "```sh\n# Never mind the warning\nx\n```\n",
    ] {
        assert_eq!(only_block(page).aside, None, "{page}");
    }
}

#[test]
fn what_the_page_says_of_a_block_is_quoted_without_its_markup() {
    let page = "> **Warning**: never do this on Friday\n>\n> ```sh\n> x\n> ```\n";
    let aside = only_block(page).aside;
    assert_eq!(aside.as_deref(), Some("the page says of it: Warning: never do this on Friday"));
}

#[test]
fn a_file_to_be_created_is_nothing_to_run() {
    for page in [
        "Create a script for it:\n\n```sh\n#!/bin/sh\nx\n```\n",
        "`scripts/check.sh`:\n\n```sh\nx\n```\n",
        "Save as `check.py`:\n\n```python\nx\n```\n",
        "```sh\n#!/bin/sh\n# scripts/check.sh\nx\n```\n",
        "```python\n# Add to app/worker.py at the top:\nx\n```\n",
    ] {
        assert!(only_block(page).aside.is_some(), "{page}");
    }
    for page in [
        "Run the script:\n\n```sh\n#!/bin/sh\nx\n```\n",
        "Run `scripts/check.sh`:\n\n```sh\nscripts/check.sh\n```\n",
        "```sh\n# check app/worker.py\nx\n```\n",
    ] {
        assert_eq!(only_block(page).aside, None, "{page}");
    }
}

#[test]
fn a_section_of_instructions_without_a_block_is_something_to_do() {
    let page = "# Page\n\n## Pause it\n\nOpen the dashboard and click Pause.\n\nIt turns grey.\n\n## Tell\n\n- Notify the team\n- Post in the channel\n\n## Step 3: Settle\n\nThe queue is left alone for a while.\n\n## Why\n\nQueues fill up.\n";
    let runbook = sound(page);
    assert_eq!(ids(&runbook), ["pause-it", "tell", "step-3-settle"]);
    assert_eq!(
        items(page, &runbook, "pause-it"),
        ["action Open the dashboard and click Pause.", "prose It turns grey."]
    );
    assert_eq!(items(page, &runbook, "tell"), ["action Notify the team", "action Post in the channel"]);
    assert_eq!(items(page, &runbook, "step-3-settle"), ["action The queue is left alone for a while."]);
}

#[test]
fn beside_blocks_only_what_no_command_does_is_an_action() {
    let page = "# A\n\nCheck the status:\n\n```sh\nx\n```\n\nCheck that it is up.\n\nWait 30 seconds.\n\n```sh\ny\n```\n\nOpen the dashboard.\n";
    let wanted = [
        "prose Check the status:",
        "block x",
        "prose Check that it is up.",
        "action Wait 30 seconds.",
        "block y",
        "action Open the dashboard.",
    ];
    assert_eq!(items(page, &sound(page), "a"), wanted);
}

#[test]
fn lists_that_tell_are_no_actions() {
    for list in ["- Open connections pile up\n- Memory grows\n- Jobs fail", "- restarts\n- Check fails\n- slow"] {
        assert!(ids(&sound(&format!("# A\n\n## B\n\n{list}\n"))).is_empty(), "{list}");
    }
    let page = "# A\n\n## Symptoms\n\n1. Restart loops\n\n## Fix\n\n**Possible causes:**\n\n1. Delete by hand\n\n**Do:**\n\n1. Go\n";
    let runbook = sound(page);
    assert_eq!(ids(&runbook), ["fix/do"]);
    assert_eq!(runbook.steps[0].actions().count(), 1);
    let page = "# A\n\n## Prevention\n\nOpen the dashboard daily.\n\n1. Notify the team\n";
    assert!(ids(&sound(page)).is_empty());
}

#[test]
fn what_is_expected_is_found_around_the_block_and_in_it() {
    let block = only_block("```sh\nx\n# Should show:\n# up\n```\n");
    assert_eq!((block.expects.as_deref(), block.run.as_str()), (Some("up\n"), "x\n# Should show:\n# up\n"));
    let block = only_block("1. Look\n   ```sh\n   x\n   ```\n   Should show: `up`\n\n   Should NOT show errors\n");
    assert_eq!((block.expects.as_deref(), block.expects_not.as_deref()), (Some("up\n"), Some("errors\n")));
    let page = "```sh\nx\n```\n\nShould not show:\n\n```\nFATAL: gone\n```\n";
    let block = sound(page).steps[0].blocks().next().expect("a block").clone();
    assert_eq!((block.expects, block.expects_not.as_deref()), (None, Some("FATAL: gone\n")));
}
