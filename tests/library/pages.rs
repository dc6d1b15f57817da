//! What holds for every page of the library, without running it.

use crate::{REHEARSALS, Rehearsal, pages, plan};
use pulldown_cmark::{Event, Options, Parser, Tag};
use runbook::plan::scenarios;
use runbook::runbook::Class;
use runbook::source::Severity;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn every_page_and_every_scenario_of_it_is_rehearsed() {
    let rehearsed: BTreeSet<String> =
        REHEARSALS.iter().map(Rehearsal::address).chain(["worker-death".to_owned()]).collect();
    // What is only looked up or ticked off: nothing is mended there.
    let mends_nothing = ["ci-failure#find-the-job", "worker-recovery#afterwards"].map(str::to_owned);
    let mut wanted = BTreeSet::new();
    for (name, path) in pages() {
        let (_, plan) = plan(&path);
        let anchors: Vec<_> = scenarios(&plan.runbook).iter().map(|section| section.anchor.clone()).collect();
        if anchors.is_empty() {
            wanted.insert(name);
        } else {
            wanted.extend(anchors.into_iter().map(|anchor| format!("{name}#{anchor}")));
        }
    }
    assert_eq!(rehearsed.union(&mends_nothing.into()).cloned().collect::<BTreeSet<_>>(), wanted);
}

#[test]
fn nothing_is_wrong_with_any_page_and_every_block_of_it_is_known() {
    for (name, path) in pages() {
        let (_, plan) = plan(&path);
        let errors: Vec<_> = plan.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        for block in plan.runbook.blocks() {
            assert_ne!(block.class, Class::Unknown, "{name}:{}", block.line_start);
        }
        let front_matter = &plan.runbook.front_matter;
        let told = [&front_matter.title, &front_matter.summary, &front_matter.severity, &front_matter.owner];
        assert!(told.iter().all(|told| told.is_some()), "{name} does not say what it is for");
        assert!(front_matter.rehearsal.is_some(), "{name} cannot be rehearsed");
    }
}

/// GitHub's anchor of a heading of plain words.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-")).collect()
}

#[test]
fn every_link_of_a_page_leads_to_a_page_and_a_heading_that_are_there() {
    for (name, path) in pages() {
        let text = fs::read_to_string(&path).expect("the page");
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
            if dest_url.starts_with("https://") {
                continue;
            }
            let (file, anchor) = dest_url.split_once('#').unwrap_or((&dest_url, ""));
            let target = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
            let there = fs::read_to_string(&target).unwrap_or_else(|error| panic!("{name} → {dest_url}: {error}"));
            assert!(anchor.is_empty() || anchors(&there).contains(anchor), "{name} → {dest_url}");
        }
    }
}
