//! The twenty rules by which any page is read and run, each with a page of its
//! own in `tests/fixtures/rules` and a test named after it.
//!
//! A golden plan holds all that is known of a page. The tests say what of it
//! is the rule, so that a golden file written anew cannot hide that one is
//! broken; and where a rule is about running, they run the page.

mod finding;
mod page;
mod points;
mod reading;
mod running;
#[path = "../servers/mod.rs"]
mod servers;
mod sitting;
#[path = "../support/mod.rs"]
mod support;
mod walking;

use std::fs;

#[test]
fn every_page_has_a_golden_plan_and_a_test() {
    let mut names: Vec<String> = fs::read_dir(page::folder())
        .expect("the folder of the pages")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect();
    names.sort();
    let numbers: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(".md")).map(|name| &name[..2]).collect();
    assert_eq!(numbers, (1..=20).map(|number| format!("{number:02}")).collect::<Vec<_>>());

    let tests = [
        include_str!("reading.rs"),
        include_str!("finding.rs"),
        include_str!("running.rs"),
        include_str!("sitting.rs"),
    ]
    .concat();
    for page in names.iter().filter_map(|name| name.strip_suffix(".md")) {
        assert!(names.contains(&format!("{page}.json")), "{page} has no golden plan");
        assert!(tests.contains(&format!("fn rule_{}_", &page[..2])), "{page} has no test");
        assert!(tests.contains(&format!("{page:?}")), "no test reads {page}");
    }
}
