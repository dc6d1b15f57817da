//! Front matter that was written for another tool.

use super::{findings, read, sound};
use crate::source::Severity;

const PAGE: &str = "# Heading\n```sh\nls\n```\n";

fn with(front_matter: &str) -> String {
    format!("---\n{front_matter}\n---\n{PAGE}")
}

/// Severity and code of each finding.
fn told(page: &str) -> Vec<(Severity, &'static str)> {
    read(page).diagnostics.iter().map(|found| (found.severity, found.code)).collect()
}

#[test]
fn keys_of_another_tool_are_no_mistakes() {
    for front_matter in [
        "title: T\nlast_reviewed_on: 2024-01-01\nreview_in: 6 months\nowner_slack: \"#team\"",
        "title: T\nmenu:\n  main: { parent: a, weight: 1 }\nversions: [1, 2]",
        "title: T\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x",
        "title: T\nx: !ENV [A, b]\ny: &a 1\nz: *a\nx: again",
        "title: T\nsidenav: true\n? [a]\n: b",
    ] {
        let parsed = read(&with(front_matter));
        let worst = parsed.diagnostics.iter().map(|found| found.severity).min();
        assert!(worst.is_none_or(|worst| worst > Severity::Error), "{front_matter}: {:?}", parsed.diagnostics);
        assert_eq!(parsed.runbook.title, "T", "{front_matter}");
        assert_eq!(parsed.runbook.blocks().count(), 1);
    }
    assert_eq!(read(&with("title: T\nlayout: x\nsection: y\ntype: z")).diagnostics, []);
}

#[test]
fn one_key_of_our_own_makes_the_rest_ours() {
    for own in ["variables: { a: {} }", "timeout: 5s", "steps: {}", "connections: {}", "variabels: { a: {} }"] {
        let page = with(&format!("{own}\nreview_in: soon"));
        let errors = told(&page);
        assert!(errors.contains(&(Severity::Error, "unknown-key")), "{own}: {errors:?}");
    }
}

#[test]
fn a_value_of_another_type_is_passed_over() {
    let parsed = read(&with("title: 2024\nowner: [a, b]\nseverity: { level: 1 }\nsummary: S"));
    let told: Vec<_> = parsed.diagnostics.iter().map(|found| (found.severity, found.code)).collect();
    assert_eq!(told, [(Severity::Warning, "wrong-type"); 3]);
    assert_eq!((parsed.runbook.title.as_str(), parsed.runbook.front_matter.owner.as_deref()), ("Heading", None));
    assert_eq!(parsed.runbook.front_matter.summary.as_deref(), Some("S"));
}

#[test]
fn a_slip_in_a_shared_key_is_worth_a_note() {
    let parsed = read(&with("titel: T"));
    assert_eq!(parsed.diagnostics[0].severity, Severity::Note);
    assert_eq!(parsed.diagnostics[0].help.as_deref(), Some("did you mean `title`?"));
}

#[test]
fn broken_yaml_is_a_warning_unless_it_is_ours() {
    for (front_matter, severity) in [
        ("title: Restart: how\nlayout: [", Severity::Warning),
        ("title: {{ page.title }}", Severity::Warning),
        ("- a\n- b", Severity::Warning),
        ("title: [\nvariables:\n  a: {}", Severity::Error),
    ] {
        let page = with(front_matter);
        assert_eq!(read(&page).diagnostics[0].severity, severity, "{front_matter}");
        assert_eq!(read(&page).runbook.blocks().count(), 1, "{front_matter}");
    }
}

#[test]
fn toml_and_json_are_cut_off_and_give_the_title() {
    for (page, title) in [
        ("+++\ntitle = \"A \\\"b\\\"\" # x\ndate = 2024-01-01\n[menu]\ntitle = \"no\"\n+++\n", "A \"b\""),
        ("\u{feff}+++\r\ntitle = 'T'\r\n+++\r\n", "T"),
        ("+++\n[a]\ntitle = \"no\"\n+++\n", "Heading"),
        ("{\n  \"title\": \"T\",\n  \"a\": { \"b\": [1] }\n}\n\n", "T"),
        ("{ \"title\": 3 }\n", "Heading"),
    ] {
        let text = format!("{page}{PAGE}");
        let runbook = sound(&text);
        assert_eq!((runbook.title.as_str(), runbook.sections.len()), (title, 1), "{page}");
        assert_eq!(runbook.sections[0].line, page.matches('\n').count() + 1);
        assert_eq!(runbook.steps.iter().flat_map(|step| &step.items).count(), 1, "{page}");
    }
}

#[test]
fn what_only_begins_like_front_matter_is_content() {
    for page in [
        "---\nRead this: it matters\n\n```sh\nls\n```\n\n---\n",
        "---\ntitle: T\n\n# Heading\n\n```sh\nls\n```\n",
        "+++\ntext\n\n```sh\nls\n```\n",
        "{ a }\n\n```sh\nls\n```\n",
        "{\"a\": 1} text\n\n```sh\nls\n```\n",
    ] {
        let parsed = read(page);
        assert!(parsed.diagnostics.iter().all(|found| found.severity > Severity::Error), "{page}");
        assert_eq!(parsed.runbook.blocks().count(), 1, "{page}");
        assert!(parsed.body == 0, "{page}");
    }
    assert_eq!(findings("---\ntitle: T\n\n# Heading\n"), ["unclosed-front-matter 1:1"]);
}
