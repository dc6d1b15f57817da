use super::sound;

const SHELL: &str = "```sh\nx\n```\n";
const SQL: &str = "```sql\nx\n```\n";
const BY_HAND: &str = "1. click\n";

/// Id, kind and head of each step, `id kind head`.
fn ways(page: &str) -> Vec<String> {
    let runbook = sound(page);
    let show = |step: &crate::runbook::Step| {
        let kind = format!("{:?}", step.kind).to_lowercase();
        step.option_of
            .as_ref()
            .map_or_else(|| format!("{} {kind}", step.id), |head| format!("{} {kind} {head}", step.id))
    };
    runbook.steps.iter().map(show).collect()
}

/// A section of these parts: its own content, then lead-ins with theirs.
fn section(own: &str, parts: &[(&str, &str)]) -> String {
    let parts: String = parts.iter().map(|(title, doing)| format!("\n**{title}:**\n\n{doing}")).collect();
    format!("# A\n\n{own}{parts}")
}

#[test]
fn another_means_after_a_block_makes_the_section_the_first_way() {
    for title in [
        "Heroku Web UI Alternative",
        "Web UI",
        "Or in the dashboard",
        "Via the API",
        "AWS Console",
        "Run via PowerShell",
    ] {
        let ways = ways(&section(SHELL, &[(title, BY_HAND)]));
        assert_eq!(ways[0], "a choice a", "{title}");
        assert!(ways.len() == 2 && ways[1].ends_with(" manual a"), "{title} {ways:?}");
    }
    assert_eq!(ways(&section(SQL, &[("PowerShell", SHELL)]))[0], "a choice a");
}

#[test]
fn when_all_ways_are_lead_ins_the_section_only_asks() {
    let page = section("Do it.\n", &[("Heroku CLI", SHELL), ("Web UI", BY_HAND), ("PowerShell (Local Dev)", SHELL)]);
    assert_eq!(ways(&page), ["a choice", "a/heroku-cli step a", "a/web-ui manual a", "a/powershell-local-dev step a"]);
    assert_eq!(super::items(&page, &sound(&page), "a"), ["prose Do it."]);
    for pair in [
        ["Option A: quick", "Option B: slow"],
        ["macOS", "Linux"],
        ["Method 1", "Method 2"],
        ["Using Helm", "Using kubectl"],
    ] {
        let ways = ways(&section("", &[(pair[0], SHELL), (pair[1], SHELL)]));
        assert_eq!((ways[0].as_str(), ways.len()), ("a choice", 3), "{pair:?}");
    }
}

#[test]
fn titles_that_name_no_way_are_done_one_after_the_other() {
    for pair in [
        ["Dev Mode (Local)", "Prod Mode (Remote)"],
        ["Investigation", "Resolution"],
        ["Check API", "Restart Docker"],
        ["In Code (if not yet there)", "In Tests"],
        ["Step 1", "Step 2"],
        ["Before", "After"],
        ["Weekly", "Monthly"],
    ] {
        let ways = ways(&section("", &[(pair[0], SHELL), (pair[1], SHELL)]));
        assert!(ways.len() == 2 && ways.iter().all(|way| way.ends_with(" step")), "{pair:?} {ways:?}");
    }
}

#[test]
fn a_single_way_without_another_is_no_choice() {
    assert_eq!(ways(&section("", &[("CLI", SHELL)])), ["a/cli step"]);
    assert_eq!(
        ways(&section("", &[("CLI", SHELL), ("In Code (later)", SHELL)])),
        ["a/cli step", "a/in-code-later step"]
    );
}

#[test]
fn what_prepares_for_both_ways_is_not_one_of_them() {
    assert_eq!(
        ways(&section(SHELL, &[("Option A", SHELL), ("Option B", BY_HAND)])),
        ["a step", "a/options choice", "a/option-a step a/options", "a/option-b manual a/options"]
    );
    assert_eq!(ways(&section(SHELL, &[("CLI", SHELL), ("Web UI", BY_HAND)]))[1], "a/options choice");
}

#[test]
fn an_alternative_refers_to_the_lead_in_before_it() {
    assert_eq!(
        ways(&section("", &[("Look", SHELL), ("Fix", SHELL), ("Alternatively, by hand", BY_HAND), ("Check", SHELL)])),
        ["a/look step", "a/fix choice a/fix", "a/alternatively-by-hand manual a/fix", "a/check step"]
    );
}

#[test]
fn options_may_be_sections_beside_each_other() {
    let page = format!("# Fix\n\nChoose.\n\n## Option 1: a\n\n{SHELL}\n## Option 2: b\n\n{SHELL}\n## After\n\n{SHELL}");
    assert_eq!(ways(&page), ["fix choice", "option-1-a step fix", "option-2-b step fix", "after step"]);
    let page = format!("# Fix\n\n{SHELL}\n## Option 1\n\n{SHELL}\n## Option 2\n\n{SHELL}");
    assert_eq!(
        ways(&page),
        ["fix step", "fix/options choice", "option-1 step fix/options", "option-2 step fix/options"]
    );
}

/// Id, head and way of each step, `id < head by way “title”`.
fn routes(page: &str) -> Vec<String> {
    let runbook = sound(page);
    let show = |step: &crate::runbook::Step| match (&step.option_of, &step.way) {
        (Some(head), Some(way)) => format!("{} < {head} by {} “{}”", step.id, way.first, way.title),
        _ => step.id.clone(),
    };
    runbook.steps.iter().map(show).collect()
}

#[test]
fn a_way_may_be_several_steps() {
    let page = format!(
        "# Fix\n\n## Option A\n\n**Stop:**\n\n{SHELL}\n**Start:**\n\n{SHELL}\n## Option B\n\n### Drain\n\n{SHELL}\n### Move\n\n{SHELL}\n## Check\n\n{SHELL}"
    );
    assert_eq!(
        routes(&page),
        [
            "fix",
            "option-a/stop < fix by option-a/stop “Option A”",
            "option-a/start < fix by option-a/stop “Option A”",
            "drain < fix by drain “Option B”",
            "move < fix by drain “Option B”",
            "check",
        ]
    );
    let parts =
        [("Option A", ""), ("Stop", SHELL), ("Start", SHELL), ("Option B", ""), ("Stop", SHELL), ("Check", SHELL)];
    assert_eq!(
        routes(&section("", &parts)),
        [
            "a",
            "a/stop < a by a/stop “Option A”",
            "a/start < a by a/stop “Option A”",
            "a/stop-1 < a by a/stop-1 “Option B”",
            "a/check",
        ],
        "what the last way has beyond the first is no part of it"
    );
}

#[test]
fn a_choice_may_stand_in_a_way_of_another() {
    let page = format!(
        "# Fix\n\n## Option A\n\n{SHELL}\n**Web UI:**\n\n{BY_HAND}\n## Option B\n\n### On macOS\n\n{SHELL}\n### On Linux\n\n{SHELL}"
    );
    assert_eq!(
        routes(&page),
        [
            "fix",
            "option-a/options < fix by option-a/options “Option A”",
            "option-a < option-a/options by option-a “As written (bash)”",
            "option-a/web-ui < option-a/options by option-a/web-ui “Web UI”",
            "option-b < fix by option-b “Option B”",
            "on-macos < option-b by on-macos “On macOS”",
            "on-linux < option-b by on-linux “On Linux”",
        ]
    );
}

#[test]
fn sections_that_name_a_way_are_a_choice_and_those_that_name_a_thing_are_not() {
    for pair in [
        ["macOS", "Linux"],
        ["Using Helm", "Using kubectl"],
        ["Via the API", "Via the dashboard"],
        ["Bash", "PowerShell"],
    ] {
        let page = format!("# Do\n\n## {}\n\n{SHELL}\n## {}\n\n{SHELL}", pair[0], pair[1]);
        assert_eq!(ways(&page)[0], "do choice", "{pair:?}");
    }
    for pair in [["Docker", "Kubernetes"], ["Terminal 1", "Terminal 2"], ["API", "Console"], ["Redis", "Railway"]] {
        let page = format!("# Do\n\n## {}\n\n{SHELL}\n## {}\n\n{SHELL}", pair[0], pair[1]);
        assert_eq!(ways(&page).len(), 2, "{pair:?}");
    }
}

#[test]
fn an_alternative_section_takes_the_one_before_it_along() {
    let page = format!("# Do\n\n## Restart\n\n{SHELL}\n## Alternative: redeploy\n\n{SHELL}\n## Check\n\n{SHELL}");
    assert_eq!(
        routes(&page),
        [
            "do",
            "restart < do by restart “Restart”",
            "alternative-redeploy < do by alternative-redeploy “Alternative: redeploy”",
            "check"
        ]
    );
    let page = format!("# Do\n\n## Restart\n\n{SHELL}\n## Alternative names\n\n{SHELL}");
    assert_eq!(ways(&page).len(), 2);
}
