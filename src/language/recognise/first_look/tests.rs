//! Whatever fits a pattern may fit it at first look.

use crate::language::recognise::{Pattern, data, output, powershell, programs, prose, queries, shapes};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Every pattern, with the file that it stands in.
const PATTERNS: &[(&str, &str, &[&Pattern])] = &[
    (
        "data.rs",
        include_str!("../data.rs"),
        &[
            &data::HUNK,
            &data::ITEM,
            &data::INSTRUCTION,
            &data::SCHEDULE,
            &data::SETTING_OF_CRON,
            &data::SECTION,
            &data::SETTING,
            &data::HTTP_REQUEST,
            &data::SSH_HOST,
            &data::HEADER,
            &data::TAG,
            &data::HCL_BLOCK,
            &data::BRACE_BLOCK,
            &data::DIRECTIVE,
            &data::RULE_OF_ALERTS,
            &data::JSON_LINE,
            &data::SETTING_IN_BRACES,
            &data::MEMBER,
            &data::TEMPLATE,
            &data::YAML_LINE,
            &data::YAML_KEY,
            &data::YAML_START,
            &data::LABELLED_LINE,
            &data::VARIABLE,
            &data::SPACED_SETTING,
        ],
    ),
    (
        "output.rs",
        include_str!("../output.rs"),
        &[
            &output::LOG_LINE,
            &output::COMPLAINT,
            &output::FRAME,
            &output::BORDER,
            &output::CAPITAL_HEAD,
            &output::KNOWN_HEAD,
            &output::STATE,
            &output::BRANCH,
            &output::HELP,
            &output::DRAWING,
            &output::POINTERS,
            &output::ADDRESS,
            &output::MENTION,
            &output::ANSWER,
        ],
    ),
    (
        "powershell.rs",
        include_str!("../powershell.rs"),
        &[&powershell::OTHER, &powershell::STRONG, &powershell::BOURNE],
    ),
    (
        "programs.rs",
        include_str!("../programs.rs"),
        &[
            &programs::STRONG_PYTHON,
            &programs::PYTHON,
            &programs::RUBY,
            &programs::END,
            &programs::STRONG_JAVASCRIPT,
            &programs::CALL,
            &programs::MONGO,
            &programs::INSIDE_CALL,
        ],
    ),
    ("prose.rs", include_str!("../prose.rs"), &[&prose::OF_CODE, &prose::HEADING]),
    (
        "queries.rs",
        include_str!("../queries.rs"),
        &[&queries::PROMQL, &queries::LOGQL, &queries::GOES_ON, &queries::METRIC_ALONE],
    ),
    (
        "shapes.rs",
        include_str!("../shapes.rs"),
        &[
            &shapes::ENTRY,
            &shapes::BANNER,
            &shapes::TABBED,
            &shapes::SMALL_HEAD,
            &shapes::CELLS,
            &shapes::SYNOPSIS,
            &shapes::OPTIONAL,
            &shapes::COLUMN,
            &shapes::STATUS,
            &shapes::PROGRESS,
            &shapes::VARIABLE_NAME,
            &shapes::OPTION,
            &shapes::NAME,
            &shapes::WORD,
            &shapes::ENTRY_OF_FOLDER,
            &shapes::FOLDER,
            &shapes::STATEMENT,
            &shapes::OPENING,
        ],
    ),
];

#[test]
fn every_pattern_is_held_here() {
    for (name, file, patterns) in PATTERNS {
        assert_eq!(file.matches("\npattern!(").count(), patterns.len(), "{name}");
    }
}

#[test]
fn whatever_fits_a_pattern_may_fit_at_first_look() {
    let mut runner = TestRunner::deterministic();
    let mut missed = Vec::new();
    for pattern in PATTERNS.iter().flat_map(|(.., patterns)| *patterns) {
        let lines = proptest::string::string_regex(&spelled_out(pattern.written)).expect(pattern.written);
        let mut fitting = 0;
        for _ in 0..100 {
            let made = lines.new_tree(&mut runner).expect("a line").current();
            // Lines are looked at without the white space at their ends.
            for line in [made.trim_end().to_owned(), format!("{made}x")] {
                if !line.contains('\n') && pattern.fits(&line) {
                    fitting += 1;
                    missed.extend((!(pattern.may_fit)(&line)).then_some((line, pattern.written)));
                }
            }
        }
        assert!(fitting > 3, "{fitting} lines fit {}", pattern.written);
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// A pattern from which lines can be made: without what stands for a place,
/// and with the classes of ASCII.
fn spelled_out(pattern: &str) -> String {
    let mut out = String::new();
    let mut in_class = false;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('b') if !in_class => {}
                Some(class @ ('w' | 'd' | 's' | 'S')) => {
                    let spelled = match class {
                        'w' => "A-Za-z0-9_",
                        'd' => "0-9",
                        's' => r"\x20\t",
                        _ => "!-~",
                    };
                    out.push_str(&if in_class { spelled.to_owned() } else { format!("[{spelled}]") });
                }
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                out.extend(chars.next_if_eq(&'^'));
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            '^' | '$' if !in_class => {}
            '.' if !in_class => out.push_str(r"[\x20-~]"),
            c => out.push(c),
        }
    }
    out
}
