use super::{ChangeFate, DeviationKind, Format, Report};
use crate::run::example::{self, OUTPUTS, block, finished, header, stamp, started, step_finished, step_started};
use crate::run::{
    Answer, BlockOutcome, ColumnChange, Event, Field, OtherRows, RowChange, RowChanges, Run, RunOutcome,
    StatementFinished, StepOutcome, TableRows, TransactionDecision,
};
use crate::runbook::Effect;
use crate::source::Digest;
use proptest::prelude::*;
use pulldown_cmark::{Event as Markdown, Options, Parser, Tag};
use std::io::{self, Read};

fn open(name: &str) -> io::Result<Box<dyn Read>> {
    let (_, text) = OUTPUTS.iter().find(|(file, _)| *file == name).ok_or(io::ErrorKind::NotFound)?;
    Ok(Box::new(text.as_bytes()))
}

fn report(events: Vec<Event>) -> Report {
    let run = Run::fold(stamp(events)).expect("a run");
    Report::from_run(&run, &Digest::of(b"head"), &open)
}

/// A report of a run that is no rehearsal.
fn real(more: Vec<Event>) -> Report {
    let mut header = header();
    header.rehearsal = false;
    let mut events = vec![Event::RunStarted(Box::new(header))];
    events.extend(more);
    report(events)
}

#[test]
fn the_markdown_of_a_rehearsal_with_one_of_each() {
    insta::assert_snapshot!(report(example::events()).render(Format::Markdown));
}

#[test]
fn a_report_is_the_same_bytes_each_time() {
    for format in [Format::Markdown, Format::Html, Format::Json] {
        assert_eq!(report(example::events()).render(format), report(example::events()).render(format));
    }
}

#[test]
fn the_json_holds_the_facts() {
    let json = report(example::events()).render(Format::Json);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["rehearsal"], true);
    assert_eq!(json["outcome"], "completed");
    assert_eq!(json["steps"][2]["blocks"][0]["history"][0]["what"], "tried");
    assert_eq!(json["database"][0]["fate"], "taken_back");
    assert_eq!(json["integrity"]["events"], example::events().len());
}

#[test]
fn a_real_run_has_no_rehearsal_banner() {
    let text = real(vec![]).render(Format::Markdown);
    assert!(text.starts_with("# Worker death: INC-42\n\noncall ran “Worker death” on ops-1"), "{text}");
    assert!(!text.contains("REHEARSAL") && !text.contains("rehears"));
}

#[test]
fn an_unknown_outcome_is_the_first_thing_said() {
    let text = real(vec![step_started("restart"), started("restart", 1, "reboot\n")]).render(Format::Markdown);
    assert!(text.starts_with("> [!CAUTION]\n> **OUTCOME UNKNOWN.** Nobody knows what block 1 of “Restart the worker”"));
    assert!(text.contains("- [ ] **Restart the worker**: Find out what block 1 did: its outcome is unknown."));
    assert!(text.contains("**end not on record**"));
}

#[test]
fn an_unknown_outcome_that_was_settled_is_told_and_not_shouted() {
    let resolved = Event::UnknownResolved {
        block: block("restart"),
        decision: "ran".to_owned(),
        reason: "uptime says so".to_owned(),
    };
    let text =
        real(vec![step_started("restart"), started("restart", 1, "reboot\n"), resolved]).render(Format::Markdown);
    assert!(!text.contains("OUTCOME UNKNOWN"));
    assert!(text.contains("**Unknown outcome settled as “ran”** at 03:16:23 UTC: uptime says so."));
}

/// An UPDATE of three rows whose transaction ends so.
fn update(decision: TransactionDecision, outcome: BlockOutcome) -> Vec<Event> {
    let step = "reset-locked-jobs";
    let statement = Event::StatementFinished(Box::new(StatementFinished {
        block: block(step),
        index: 1,
        line: 37,
        sql: "UPDATE a SET b = 1 WHERE c;".to_owned(),
        effect: Effect::Write,
        rows: None,
        affected: Some(3),
        kept: None,
        duration_ms: 8,
        error: None,
        changes: None,
        others: None,
        in_transaction: true,
        at_once: Vec::new(),
        takes_back_from: None,
    }));
    let end = Event::TransactionEnded {
        block: block(step),
        decision,
        affected: 3,
        uncounted: false,
        reason: "oncall said no".to_owned(),
        stays: Vec::new(),
    };
    vec![
        step_started(step),
        started(step, 1, "UPDATE a SET b = 1 WHERE c;"),
        statement,
        end,
        finished(step, 1, outcome, None),
    ]
}

#[test]
fn changes_that_were_taken_back_are_said_to_have_left_nothing() {
    let report = real(update(TransactionDecision::RolledBack, BlockOutcome::RolledBack));
    assert_eq!(report.database[0].fate, ChangeFate::TakenBack);
    let text = report.render(Format::Markdown);
    assert!(text.contains("In the database, changes to 3 rows were taken back: nothing was kept."), "{text}");
    assert!(text.contains("**Nothing was kept.** Every change below was taken back or refused"));
    assert!(text.contains("3 changed rows rolled back (oncall said no). Nothing was kept."));
}

#[test]
fn the_rows_of_a_change_stand_in_the_report_with_who_kept_it_and_after_how_long() {
    let mut events = update(TransactionDecision::Committed, BlockOutcome::Succeeded);
    let Some(Event::StatementFinished(end)) = events.get_mut(2) else { panic!("the statement") };
    let column = ColumnChange { name: "b".to_owned(), before: None, after: Some("1".to_owned()) };
    let key = vec![Field { name: "id".to_owned(), value: Some("7".to_owned()) }];
    let rows = vec![RowChange::Changed { key, columns: vec![column] }];
    end.changes = Some(RowChanges { table: "a".to_owned(), rows, more: 2, unseen: None });
    let lines = TableRows { table: Some("lines".to_owned()), deleted: 1_000, ..TableRows::default() };
    end.others = Some(OtherRows { tables: vec![lines], ..OtherRows::default() });
    let answer = Event::Answered {
        block: Some(block("reset-locked-jobs")),
        question: Answer::KEEP.to_owned(),
        answer: "commit".to_owned(),
        by: "ann".to_owned(),
    };
    events.insert(3, answer);
    let report = real(events);
    let text = report.render(Format::Markdown);
    assert!(
        text.contains("\n--- a before\n+++ a after\n@@ id 7 @@\n-b: NULL\n+b: 1\n@@ and 2 more rows @@\n"),
        "{text}"
    );
    assert!(text.contains("also deletes 1,000 rows of lines (cascade or trigger)"), "{text}");
    assert!(text.contains("3 changed rows committed by ann, ") && text.contains(" after the first change ("), "{text}");
    assert!(report.render(Format::Html).contains("<del>-b: NULL</del>"));
    let json: serde_json::Value = serde_json::from_str(&report.render(Format::Json)).expect("JSON");
    assert_eq!(json["database"][0]["rows"]["rows"][0]["columns"][0]["after"], "1");
}

#[test]
fn a_lost_commit_is_never_told_as_kept() {
    let report = real(update(TransactionDecision::Unknown, BlockOutcome::Unknown));
    assert_eq!(report.database[0].fate, ChangeFate::Unknown);
    let text = report.render(Format::Markdown);
    assert!(text.starts_with("> [!CAUTION]\n> **OUTCOME UNKNOWN.**"));
    assert!(text.contains("whether some changes were kept is not known"));
    assert!(!text.contains("Nothing was kept"));
}

#[test]
fn follow_ups_are_what_was_left_open() {
    let check = Event::Checked {
        block: block("find-the-cause"),
        expectation: "at most 50 rows".to_owned(),
        held: false,
        found: Some("81".to_owned()),
    };
    let report = real(vec![
        step_started("find-the-cause"),
        started("find-the-cause", 1, "x\n"),
        check,
        finished("find-the-cause", 1, BlockOutcome::Failed, None),
        Event::Accepted { block: block("find-the-cause"), part: None, reason: "known noise".to_owned() },
        step_finished("find-the-cause", StepOutcome::Accepted, None),
        step_started("restart"),
        step_finished("restart", StepOutcome::Failed, Some("no such service.")),
        Event::RunFinished { outcome: RunOutcome::Failed, reason: None },
    ]);
    let open: Vec<_> = report.follow_ups.iter().map(|each| format!("{}: {}", each.step, each.what)).collect();
    assert_eq!(
        open,
        [
            "Find the cause: Block 1 failed and was accepted (known noise): see that it does not stay so.",
            "Find the cause: Block 1 was expected to satisfy “at most 50 rows”, but found: 81.",
            "Tell the users: The step was not reached.",
            "Restart the worker: The step failed and was left so (no such service).",
            "Reset locked jobs: The step was not reached.",
            "Follow up: The step was not reached.",
        ]
    );
    assert!(
        report.summary[1].starts_with("0 of 5 steps were done, 1 failed and was accepted, 1 failed and 3 were not")
    );
    assert!(report.deviations.iter().any(|each| each.kind == DeviationKind::Accepted));
}

#[test]
fn the_label_of_a_reason_is_bold_for_markdown_too() {
    let skipped = step_finished("restart", StepOutcome::Skipped, Some("it runs again"));
    let text = real(vec![step_started("restart"), skipped]).render(Format::Markdown);
    // With a space before its end, it would stand there as two asterisks.
    assert!(text.contains("**Reason:** it runs again"), "{text}");
}

#[test]
fn output_that_cannot_be_read_is_said_in_its_place() {
    let run = Run::fold(stamp(example::events())).expect("a run");
    let gone = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let text = Report::from_run(&run, &Digest::of(b"head"), &gone).render(Format::Markdown);
    assert!(
        text.contains("It printed 73 bytes to `output/001.log`, which cannot be read: entity not found."),
        "{text}"
    );
}

/// A run in which every text that comes from outside is `hostile`.
fn hostile_report(hostile: &str) -> Report {
    let text = || hostile.to_owned();
    let mut header = header();
    (header.title, header.path, header.user, header.host) = (text(), text(), text(), text());
    (header.severity, header.owner, header.incident) = (Some(text()), Some(text()), Some(text()));
    header.steps.iter_mut().for_each(|step| step.title = text());
    let mut begun = started("restart", 1, hostile);
    if let Event::BlockStarted(begun) = &mut begun {
        (begun.target, begun.language) = (text(), text());
    }
    let mut end = finished("restart", 1, BlockOutcome::Failed, Some("001.log"));
    if let Event::BlockFinished(end) = &mut end {
        (end.error, end.remarks) = (Some(text()), vec![text()]);
    }
    let events = vec![
        Event::RunStarted(Box::new(header)),
        Event::VariableSet { name: text(), value: Some(text()), source: text(), kind: None },
        step_started("restart"),
        Event::Edited { block: block("restart"), before: text(), after: format!("{hostile}x") },
        begun,
        Event::StatementFinished(Box::new(StatementFinished {
            block: block("restart"),
            index: 1,
            line: 1,
            sql: text(),
            effect: Effect::Write,
            rows: None,
            affected: Some(1),
            kept: None,
            duration_ms: 1,
            error: Some(text()),
            changes: None,
            others: None,
            in_transaction: true,
            at_once: Vec::new(),
            takes_back_from: None,
        })),
        Event::Checked { block: block("restart"), expectation: text(), held: false, found: Some(text()) },
        end,
        Event::Accepted { block: block("restart"), part: None, reason: text() },
        Event::ActionDone {
            step: "follow-up".to_owned(),
            text: text(),
            line: 1,
            done: false,
            task: true,
            note: Some(text()),
        },
        Event::Note { step: None, text: format!("a{hostile}"), by: text() },
        step_finished("restart", StepOutcome::Failed, Some(hostile)),
        Event::RunFinished { outcome: RunOutcome::Failed, reason: Some(text()) },
    ];
    let run = Run::fold(stamp(events)).expect("a run");
    let output = format!("{hostile}\n");
    Report::from_run(&run, &Digest::of(b"head"), &move |_| Ok(Box::new(io::Cursor::new(output.clone()))))
}

/// The page's structure without its words.
fn structure(markdown: &str) -> Vec<String> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH;
    Parser::new_ext(markdown, options)
        .filter_map(|event| match event {
            Markdown::Start(Tag::CodeBlock(_)) => Some("code".to_owned()),
            Markdown::Start(tag) => Some(format!("{tag:?}")),
            Markdown::Html(_) | Markdown::InlineHtml(_) => Some("html".to_owned()),
            Markdown::InlineMath(_) | Markdown::DisplayMath(_) => Some("math".to_owned()),
            Markdown::Rule => Some("rule".to_owned()),
            _ => None,
        })
        .collect()
}

fn assert_harmless(hostile: &str) {
    let plain = structure(&hostile_report("plain").render(Format::Markdown));
    let markdown = hostile_report(hostile).render(Format::Markdown);
    assert_eq!(structure(&markdown), plain, "{hostile:?} in\n{markdown}");
    let tags = |html: &str| html.matches('<').count();
    let html = hostile_report(hostile).render(Format::Html);
    assert_eq!(tags(&html), tags(&hostile_report("plain").render(Format::Html)), "{hostile:?}");
}

#[test]
fn nothing_from_outside_breaks_out_of_its_place() {
    for hostile in [
        "```",
        "`````x",
        "~~~",
        "<script>alert(1)</script>",
        "</pre><h1>x",
        "# x",
        "x #",
        "- x",
        "1. x",
        "> x",
        "---",
        "===",
        "| a | b |",
        "|",
        "\\|",
        "\\",
        "`",
        "``a`",
        "**",
        "__x__",
        "_x_",
        "[a](http://b)",
        "![a](b)",
        "<http://a>",
        "&lt;",
        "&#60;b>",
        "$x$",
        "$$x$$",
        "~~x~~",
        "    x",
        "[^1]: x",
        "<!--",
        "\u{1b}]0;x",
        "\u{202e}x",
        "a\r# b",
        "*a",
        "[ ] x",
        "[x]: y",
        "http://a|b`c",
    ] {
        assert_harmless(hostile);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_mixture_of_marks_breaks_out_of_its_place(hostile in "[a1 `~*_<>|\\\\&#$!\\[\\]().:=+\"'{}-]{1,12}") {
        prop_assume!(!hostile.trim().is_empty());
        assert_harmless(&hostile);
    }
}

#[test]
fn output_of_several_lines_stays_in_its_block() {
    let hostile = "one\n```\n# two\n````\n</pre><script>";
    let markdown = hostile_report(hostile).render(Format::Markdown);
    assert!(markdown.contains("`````text\none\n```\n# two\n````\n</pre><script>\n`````\n"), "{markdown}");
    let html = hostile_report(hostile).render(Format::Html);
    assert!(html.contains("<pre class=\"output\">one\n```\n# two\n````\n&lt;/pre&gt;&lt;script&gt;\n</pre>"));
    assert!(!html.contains("<script"));
}

#[test]
fn the_page_is_one_file_that_fetches_nothing() {
    let html = report(example::events()).render(Format::Html);
    for word in ["src=", "href=", "url(", "@import", "<script", "<link"] {
        assert!(!html.contains(word), "{word}");
    }
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn the_tries_of_a_long_wait_are_told_by_the_first_and_the_last() {
    let mut events = vec![step_started("restart")];
    for attempt in 1..=24 {
        let outcome = if attempt == 24 { BlockOutcome::Succeeded } else { BlockOutcome::Failed };
        events.extend([started("restart", attempt, "is-it-up\n"), finished("restart", attempt, outcome, None)]);
    }
    events.push(step_finished("restart", StepOutcome::Done, None));
    let text = real(events).render(Format::Markdown);
    assert_eq!(text.matches("is-it-up").count(), 3, "{text}");
    assert!(text.contains("| Restart the worker: tried 21 more times, each time failed |"));
    assert!(text.contains("_21 more tries went alike, then:_"));
    assert!(text.contains("Try 24: **succeeded**"));
    assert!(text.contains("block 1 was run 24 times: at last succeeded."));
}
