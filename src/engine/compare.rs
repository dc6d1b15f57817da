//! Whether a block printed what its page shows. Pure: two texts in, likeness
//! out. It never fails a run: a page's example is an example.
//!
//! Each line that the page shows is looked for in the output. A page shows real
//! output, in which dates, times, ids and hashes are those of its author's day;
//! or it says in words what is to be seen, of which only what can be told from
//! other words is looked for.

mod line;
mod wording;

use crate::run::{Gap, Likeness};
use line::{Expected, Fit, Line};
use regex::Regex;
use std::sync::LazyLock;

/// How an output compares with what the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) likeness: Likeness,
    /// Lines of the page that are not in the output as they stand there.
    pub(super) gaps: Vec<Gap>,
    /// Lines of the output that the page says must not come.
    pub(super) unwanted: Vec<String>,
}

/// Lines of the page that are looked for.
const MOST_EXPECTED: usize = 60;
/// Bytes of output that are looked at.
const MOST_OUTPUT: usize = 256 * 1024;
/// Gaps that are told, and the longest line in them, in characters.
const MOST_GAPS: usize = 8;
const LONGEST: usize = 160;

/// Holds `output` against what the page shows, and against what it says must
/// not come. `None` where the page says nothing that can be looked for, or
/// where the part of a long output that is looked at cannot tell.
pub(super) fn compare(expects: Option<&str>, expects_not: Option<&str>, output: &str) -> Option<Comparison> {
    let is_cut = output.len() > MOST_OUTPUT;
    let output = plain(&output[..output.floor_char_boundary(MOST_OUTPUT)]);
    let lines: Vec<Line<'_>> = output.lines().filter(|line| !line.trim().is_empty()).map(Line::new).collect();
    let wanted = expects.map(|text| Expected::all(text, MOST_EXPECTED)).unwrap_or_default();
    let forbidden = expects_not.map(|text| Expected::all(text, MOST_EXPECTED)).unwrap_or_default();
    let mut comparison = Comparison { likeness: Likeness::Same, gaps: Vec::new(), unwanted: Vec::new() };
    let mut looked = false;
    let mut next = 0;
    for expected in &wanted {
        let fit = expected.look(&lines, next);
        let likeness = match &fit {
            Fit::Untold => continue,
            Fit::Here(at) => {
                next = at.map_or(next, |at| at + 1);
                Likeness::Same
            }
            Fit::Elsewhere => Likeness::Similar,
            Fit::Like(_) => Likeness::Similar,
            Fit::Missing(_) => Likeness::Different,
        };
        looked = true;
        comparison.likeness = comparison.likeness.max(likeness);
        if let Fit::Like(found) | Fit::Missing(found) = fit {
            comparison.gaps.push(Gap { expected: excerpt(&expected.text), found: found.as_deref().map(excerpt) });
        }
    }
    for expected in &forbidden {
        looked |= !expected.is_untold_as_unwanted();
        comparison.unwanted.extend(expected.find_unwanted(&lines).map(excerpt));
    }
    if !comparison.unwanted.is_empty() {
        comparison.likeness = Likeness::Different;
    }
    comparison.gaps.truncate(MOST_GAPS);
    comparison.unwanted.truncate(MOST_GAPS);
    // What is missing may stand in the part that was not looked at.
    let cannot_tell = is_cut && (comparison.likeness != Likeness::Same || !forbidden.is_empty());
    (looked && !cannot_tell).then_some(comparison)
}

/// What terminals take for orders, not for text.
static ORDERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]")
        .expect("the pattern is tested")
});

/// `text` as a terminal would leave it.
pub(super) fn plain(text: &str) -> String {
    // A progress bar's line is what stood there last.
    let text: Vec<&str> = text
        .split('\n')
        .map(|line| line.trim_end_matches('\r'))
        .map(|line| line.rsplit('\r').next().unwrap_or_default())
        .collect();
    ORDERS.replace_all(&text.join("\n"), "").into_owned()
}

fn excerpt(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn likeness(expected: &str, output: &str) -> Option<Likeness> {
        compare(Some(expected), None, output).map(|comparison| comparison.likeness)
    }

    #[track_caller]
    fn gaps(expected: &str, output: &str) -> Vec<(String, Option<String>)> {
        let comparison = compare(Some(expected), None, output).expect("it can be told");
        comparison.gaps.into_iter().map(|gap| (gap.expected, gap.found)).collect()
    }

    #[test]
    fn every_shown_line_in_its_order_is_the_same_whatever_stands_between() {
        let output = "warming up\r\n\x1b[32m  Active:   active (running)\x1b[0m\r\nmore\r\nDone.\r\n";
        assert_eq!(likeness("Active: active (running)\nDone.\n", output), Some(Likeness::Same));
        assert_eq!(likeness("Done.\nActive: active (running)\n", output), Some(Likeness::Similar));
    }

    #[test]
    fn a_line_that_is_missing_is_told_with_the_one_nearest_to_it() {
        assert_eq!(
            gaps("worker-1   Running\n", "NAME STATUS\nworker-1   CrashLoopBackOff\n"),
            [("worker-1   Running".to_owned(), Some("worker-1   CrashLoopBackOff".to_owned()))]
        );
        assert_eq!(likeness("active", "it is inactive"), Some(Likeness::Different));
        assert_eq!(gaps("Synced", ""), [("Synced".to_owned(), None)]);
    }

    #[test]
    fn dates_times_hashes_ids_and_what_the_page_leaves_open_may_differ() {
        let output = "2026-11-22T03:14:07Z job 0b1c5ff2-8d1e-4c1b-9a57-0a3f5d2c7e11 done\ncommit 9f8e7d6c5b4a3f2e\nName: web\na\nb\n";
        for expected in [
            "2024-01-02T00:00:00Z job 11111111-2222-3333-4444-555555555555 done",
            "commit 1a2b3c4d5e6f7a8b",
            "Name: <pod-name>",
            "commit 1a2b3c4d5e6f\n...\nb",
            "2024-01-02 03:04:05 job … done".trim_start_matches("2024-01-02 03:04:05 "),
        ] {
            assert_eq!(likeness(expected, output), Some(Likeness::Same), "{expected}");
        }
    }

    #[test]
    fn other_numbers_make_it_similar_and_are_shown() {
        assert_eq!(
            gaps("Active connections: 12\n", "Active connections: 97\n"),
            [("Active connections: 12".to_owned(), Some("Active connections: 97".to_owned()))]
        );
        assert_eq!(likeness("web-7d9f-x2 1/1 Running", "web-8c1d-k9 1/1 Running"), Some(Likeness::Similar));
        assert_eq!(likeness("web-7d9f-x2 1/1 Running", "web-8c1d-k9 0/1 Pending"), Some(Likeness::Different));
    }

    #[test]
    fn words_about_the_output_are_held_to_what_they_name() {
        let expected = "sha-5b09d68 for all pods\n";
        assert_eq!(likeness(expected, "web app:sha-5b09d68\napi app:sha-5b09d68\n"), Some(Likeness::Same));
        assert_eq!(likeness(expected, "web app:sha-5b09d68\napi app:sha-7d6dc25\n"), Some(Likeness::Different));
        assert_eq!(likeness(expected, "web app:sha-7d6dc25\n"), Some(Likeness::Different));
        assert_eq!(likeness("worker-1 is online", "worker-1 is offline"), Some(Likeness::Similar));
        assert_eq!(
            likeness("both should show \"completed\" with green checkmarks", "a failed"),
            Some(Likeness::Different)
        );
        assert_eq!(likeness("all green", "x"), None);
        assert_eq!(likeness("they should be roughly equal", "5\n7\n"), None);
    }

    #[test]
    fn plain_words_are_shown_beside_the_line_that_comes_nearest() {
        assert_eq!(
            gaps("relay is online", "looking\nrelay is offline\n"),
            [("relay is online".to_owned(), Some("relay is offline".to_owned()))]
        );
        assert_eq!(likeness("relay is online", "relay is offline\n"), Some(Likeness::Similar));
        assert_eq!(likeness("the relay is well", "3 mails wait\n"), None);
    }

    #[test]
    fn one_of_several_quoted_texts_is_enough_where_the_page_says_or() {
        let expected = "\"✅ All In Sync\" or \"🚨 Gap Found\"";
        assert_eq!(likeness(expected, "✅ All In Sync\n"), Some(Likeness::Same));
        assert_eq!(likeness(expected, "🚨 Gap Found\n"), Some(Likeness::Same));
        assert_eq!(likeness(expected, "nothing\n"), Some(Likeness::Different));
    }

    #[test]
    fn a_column_and_its_value_are_found_in_a_table() {
        let table =
            " ingest_status | enforcement_status \n---------------+--------\n online        | offline\n(1 row)\n";
        assert_eq!(likeness("ingest_status: 'online'", table), Some(Likeness::Same));
        assert_eq!(likeness("enforcement_status: 'online'", table), Some(Likeness::Different));
    }

    #[test]
    fn what_must_not_come_is_told_where_it_does() {
        let compare = |output| compare(None, Some("syntax errors"), output).expect("it can be told");
        assert_eq!(compare("all fine\n").likeness, Likeness::Same);
        let unwanted = compare("x.sh: line 3: Syntax error near `fi'\n");
        assert_eq!(unwanted.likeness, Likeness::Different);
        assert_eq!(unwanted.unwanted, ["x.sh: line 3: Syntax error near `fi'"]);
    }

    #[test]
    fn of_an_output_too_long_to_be_looked_at_nothing_false_is_said() {
        let long = "x\n".repeat(MOST_OUTPUT);
        assert_eq!(likeness("done", &long), None);
        assert_eq!(likeness("x", &long), Some(Likeness::Same));
    }

    proptest! {
        #[test]
        fn a_text_is_the_same_as_itself(text in "([a-z0-9<>.…\"'`|:() -]{0,30}\n){1,8}") {
            if let Some(comparison) = compare(Some(&text), None, &text) {
                prop_assert_eq!(comparison.likeness, Likeness::Same);
            }
        }

        #[test]
        fn any_two_texts_can_be_compared(expected in "\\PC{0,40}", output in "(\\PC|[\\x00-\\x1f\n]){0,60}") {
            let _ = compare(Some(&expected), Some(&expected), &output);
        }
    }
}
