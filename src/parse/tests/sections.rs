use super::{read, sound};
use crate::parse::sections::{Anchors, slug};
use crate::source::SourceFile;

#[test]
fn slugs_are_those_of_github() {
    let titles = [
        ("Step 3: Reset Locked Jobs in Queue", "step-3-reset-locked-jobs-in-queue"),
        ("CI Failure - What to Do", "ci-failure---what-to-do"),
        ("Worker – Playbook", "worker--playbook"),
        ("`git_ops.py` & co.", "git_opspy--co"),
        ("Über Größe", "über-größe"),
        ("🚀 Launch", "-launch"),
        (":rocket: Launch", "rocket-launch"),
        ("⚠\u{fe0f} Danger", "\u{fe0f}-danger"),
        ("日本語 ガイド", "日本語-ガイド"),
        ("हिन्दी १", "हिन्दी-१"),
        ("½ x² Ⅷ", "-x-ⅷ"),
        ("a\tb", "ab"),
        ("100% (sure)!", "100-sure"),
    ];
    for (title, wanted) in titles {
        assert_eq!(slug(title), wanted, "{title:?}");
    }
}

#[test]
fn duplicates_take_numbers_and_never_an_anchor_that_is_taken() {
    let mut anchors = Anchors::default();
    let given: Vec<String> = ["A", "a", "A-1", "a", "🚀", "!"].iter().map(|title| anchors.give(title)).collect();
    assert_eq!(given, ["a", "a-1", "a-1-1", "a-2", "section", "section-1"]);
}

#[test]
fn sections_know_their_title_level_line_extent_and_parent() {
    let text = "intro\n\n# The *first* `one`\nx\n\n### Deep\n\nSecond\n------\n\n# Last\n";
    let file = SourceFile::new("page.md", text);
    let runbook = sound(text);
    let seen: Vec<(&str, u8, usize, Option<&str>, &str)> = runbook
        .sections
        .iter()
        .map(|section| {
            let extent = file.slice(section.extent);
            (section.title.as_str(), section.level, section.line, section.parent.as_deref(), extent)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("The first one", 1, 3, None, "# The *first* `one`\nx\n\n### Deep\n\nSecond\n------\n\n"),
            ("Deep", 3, 6, Some("the-first-one"), "### Deep\n\n"),
            ("Second", 2, 8, Some("the-first-one"), "Second\n------\n\n"),
            ("Last", 1, 11, None, "# Last\n"),
        ]
    );
}

#[test]
fn headings_in_lists_and_quotes_divide_nothing_but_take_their_anchor() {
    let text = "# A\n\n> # A\n> x\n\n- # A\n\n  ```sh\n  x\n  ```\n\n# A\n\n1. go\n";
    let runbook = sound(text);
    let anchors: Vec<&str> = runbook.sections.iter().map(|section| section.anchor.as_str()).collect();
    assert_eq!(anchors, ["a", "a-3"]);
    assert_eq!(super::ids(&runbook), ["a", "a-3"]);
}

#[test]
fn the_title_is_the_front_matters_or_the_first_headings_or_the_files() {
    for (text, title) in [("---\ntitle: T\n---\n# H\n", "T"), ("x\n\n## H\n# G\n", "H"), ("x\n", "page")] {
        assert_eq!(read(text).runbook.title, title);
    }
}
