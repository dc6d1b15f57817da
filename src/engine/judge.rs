//! Whether a result is what was expected. Pure: a result and its
//! expectations in, verdicts out.

use crate::runbook::{Expect, OneOrMany, TextExpectation};
use similar::TextDiff;

/// What a block's result is judged by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// The process's exit code; `None` for SQL, or where a signal ended it.
    pub(super) exit: Option<i32>,
    /// Standard output, or a query's rows; the first part where it is long.
    pub(super) stdout: String,
    /// Standard error, or a server's notices.
    pub(super) stderr: String,
    /// What was looked for in the output while it came was seen in it, be it in
    /// a part that is not kept here.
    pub(super) seen: bool,
    /// Rows of the last query.
    pub(super) rows: Option<u64>,
    /// Rows changed by all statements together.
    pub(super) affected: Option<u64>,
}

/// One expectation, looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// What was expected, for a person.
    pub(super) expectation: String,
    /// Whether it held.
    pub(super) held: bool,
    /// What was found instead.
    pub(super) found: Option<String>,
}

impl Verdict {
    fn new(expectation: String, held: bool, found: impl FnOnce() -> String) -> Self {
        Self { expectation, held, found: (!held).then(found) }
    }
}

/// How much of a text two texts must share to be `similar`.
const SIMILAR: f32 = 0.9;

/// The exit codes that count as success.
pub(super) fn exit_is_expected(expect: Option<&Expect>, exit: i32) -> bool {
    let wanted = expect.and_then(|expect| expect.exit.as_ref());
    wanted.map_or(exit == 0, |codes| codes.as_slice().contains(&exit))
}

/// Looks at every expectation, the exit code's among them where it is given.
pub(super) fn judge(expect: &Expect, evidence: &Evidence) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    if let (Some(codes), Some(exit)) = (&expect.exit, evidence.exit) {
        let wanted = codes.as_slice().iter().map(i32::to_string).collect::<Vec<_>>().join(" or ");
        verdicts
            .push(Verdict::new(format!("exit code {wanted}"), codes.as_slice().contains(&exit), || exit.to_string()));
    }
    if let Some(text) = &expect.stdout {
        judge_text("stdout", text, &evidence.stdout, evidence.seen, &mut verdicts);
    }
    if let Some(text) = &expect.stderr {
        judge_text("stderr", text, &evidence.stderr, evidence.seen, &mut verdicts);
    }
    for (name, bound, count) in
        [("rows returned", expect.rows, evidence.rows), ("rows affected", expect.affected, evidence.affected)]
    {
        if let Some(bound) = bound {
            let held = count.is_some_and(|count| bound.holds(count));
            let found = || count.map_or_else(|| "none counted".to_owned(), |count| count.to_string());
            verdicts.push(Verdict::new(format!("{name}: {bound}"), held, found));
        }
    }
    verdicts
}

fn judge_text(stream: &str, expect: &TextExpectation, text: &str, seen: bool, verdicts: &mut Vec<Verdict>) {
    let found = || excerpt(text);
    for part in expect.contains.as_ref().map_or(&[][..], OneOrMany::as_slice) {
        verdicts.push(Verdict::new(format!("{stream} contains `{part}`"), seen || text.contains(part.as_str()), found));
    }
    if let Some(pattern) = &expect.matches {
        let expectation = format!("{stream} matches /{pattern}/");
        verdicts.push(match regex::Regex::new(pattern) {
            Ok(pattern) => Verdict::new(expectation, seen || pattern.is_match(text), found),
            Err(error) => Verdict::new(expectation, false, || format!("not a regular expression: {error}")),
        });
    }
    if let Some(wanted) = &expect.equals {
        verdicts.push(Verdict::new(format!("{stream} equals `{wanted}`"), text.trim_end() == wanted.trim_end(), found));
    }
    if let Some(wanted) = &expect.similar {
        let ratio = TextDiff::from_lines(wanted.trim_end(), text.trim_end()).ratio();
        verdicts.push(Verdict::new(format!("{stream} is like `{}`", excerpt(wanted)), ratio >= SIMILAR, || {
            format!("{:.0} % the same: {}", ratio * 100.0, excerpt(text))
        }));
    }
    if let Some(pointers) = &expect.json {
        let document = serde_json::from_str::<serde_json::Value>(text);
        for (pointer, wanted) in pointers {
            let expectation = format!("{stream} has {wanted} at {pointer}");
            verdicts.push(match &document {
                Ok(document) => {
                    let value = document.pointer(pointer);
                    Verdict::new(expectation, value == Some(wanted), || {
                        value.map_or_else(|| "nothing there".to_owned(), ToString::to_string)
                    })
                }
                Err(error) => Verdict::new(expectation, false, || format!("not JSON: {error}")),
            });
        }
    }
}

/// The first line and a half of a text, for a message.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 160;
    let text = text.trim();
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let mut excerpt: String = text.chars().take(LONGEST).collect::<String>().replace('\n', " ⏎ ");
    if text.chars().nth(LONGEST).is_some() {
        excerpt.push('…');
    }
    excerpt
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expect(yaml: &str) -> Expect {
        serde_yaml::from_str(yaml).expect(yaml)
    }

    fn held(yaml: &str, evidence: &Evidence) -> Vec<bool> {
        judge(&expect(yaml), evidence).iter().map(|verdict| verdict.held).collect()
    }

    #[test]
    fn an_exit_code_is_expected_to_be_zero_unless_others_are_named() {
        assert!(exit_is_expected(None, 0));
        assert!(!exit_is_expected(None, 1));
        assert!(exit_is_expected(Some(&expect("exit: [0, 1]")), 1));
        assert!(!exit_is_expected(Some(&expect("exit: 3")), 0));
    }

    #[test]
    fn every_expectation_is_looked_at_even_after_one_failed() {
        let evidence = Evidence { stdout: "status: online\n".into(), rows: Some(3), ..Evidence::default() };
        assert_eq!(held("{ stdout: { contains: [offline, online] }, rows: 3 }", &evidence), [false, true, true]);
    }

    #[test]
    fn counts_are_held_against_their_bounds() {
        let evidence = Evidence { affected: Some(51), ..Evidence::default() };
        assert_eq!(held("affected: '<= 50'", &evidence), [false]);
        assert_eq!(held("affected: '> 50'", &evidence), [true]);
        assert_eq!(held("rows: 0", &evidence), [false], "no count is not a count of zero");
    }

    #[test]
    fn json_is_looked_at_by_pointer() {
        let evidence = Evidence { stdout: r#"{"workers":[{"ok":true}]}"#.into(), ..Evidence::default() };
        assert_eq!(held("stdout: { json: { /workers/0/ok: true } }", &evidence), [true]);
        assert_eq!(held("stdout: { json: { /workers/1/ok: true } }", &evidence), [false]);
    }

    #[test]
    fn a_broken_pattern_fails_and_says_so() {
        let verdicts = judge(&expect("stdout: { matches: '(' }"), &Evidence::default());
        assert!(!verdicts[0].held);
        assert!(verdicts[0].found.as_deref().is_some_and(|found| found.contains("not a regular expression")));
    }
}
