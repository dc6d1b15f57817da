//! What a step is called, and where a lead-in begins one.

use super::{ids, sound};

const CODE: &str = "```sh\nls\n```\n";

fn titles(page: &str) -> Vec<String> {
    let runbook = sound(page);
    runbook.steps.iter().map(|step| runbook.full_title(step)).collect()
}

#[test]
fn steps_of_one_title_are_called_after_their_scenario() {
    let page = format!(
        "# Page\n\n## One\n\n### Look\n\n{CODE}### Mend\n\n{CODE}## Two\n\n### Look\n\n{CODE}**Repair:**\n\n{CODE}### Repair\n\n{CODE}"
    );
    assert_eq!(titles(&page), ["One › Look", "Mend", "Two › Look", "Look › Repair", "Two › Repair"]);
}

#[test]
fn titles_that_stand_once_are_left_alone() {
    assert_eq!(titles(&format!("# Page\n\n## One\n\n{CODE}## Two\n\n{CODE}")), ["One", "Two"]);
    assert_eq!(titles(&format!("# A\n\n{CODE}# A\n\n{CODE}")), ["A", "A"], "nothing tells them apart");
}

#[test]
fn a_lead_in_with_a_sentence_below_begins_a_step_if_something_to_do_follows() {
    for (between, begins) in [
        ("This shows what is stuck.\n\n```sh\nls\n```\n", true),
        ("First a sentence.\n\nThen another.\n\n- [ ] do it\n", true),
        ("This shows it.\n\n1. Open the page\n2. Press the button\n", true),
        ("This only tells something.\n", false),
        ("This only tells something.\n\n**Next:**\n\n```sh\nls\n```\n", false),
        ("This only tells something.\n\n## Next\n\n```sh\nls\n```\n", false),
    ] {
        let page = format!("# Page\n\n```sh\na\n```\n\n**Look at it**\n\n{between}");
        let runbook = sound(&page);
        assert_eq!(ids(&runbook).contains(&"page/look-at-it"), begins, "{between}");
    }
}

#[test]
fn a_remark_in_bold_begins_no_step() {
    for remark in ["Note", "Important:", "⚠️ Warning", "Symptoms:"] {
        let page = format!("# Page\n\n```sh\na\n```\n\n**{remark}**\n\nIt takes a while.\n\n{CODE}");
        assert_eq!(ids(&sound(&page)), ["page"], "{remark}");
    }
}
