//! The user's own settings.

use crate::parse::configuration;
use crate::source::{SourceFile, render};

fn findings(text: &str) -> Vec<(usize, usize, String, String)> {
    let file = SourceFile::new("config.yaml", text.to_owned());
    let (found, diagnostics) = configuration(&file);
    assert!(diagnostics.is_empty() || found.interpreters.is_empty(), "{text}");
    assert!(diagnostics.is_empty() || render(&file, &diagnostics, false).contains("config.yaml:"), "{text}");
    let told = diagnostics.iter().map(|diagnostic| {
        let position = file.position(diagnostic.span.start);
        let help = diagnostic.help.clone().unwrap_or_default();
        (position.line, position.column, diagnostic.message.clone(), help)
    });
    told.collect()
}

#[test]
fn an_interpreter_is_a_command_and_perhaps_more() {
    let text = "interpreters:\n  osh: { command: [osh, --strict], extension: .osh, check: [osh, -n] }\n  jq: { command: [jq, -f] }\n";
    let (found, diagnostics) = configuration(&SourceFile::new("config.yaml", text.to_owned()));
    assert_eq!(diagnostics, []);
    let osh = &found.interpreters["osh"];
    assert_eq!((osh.command.len(), osh.extension.as_deref()), (2, Some(".osh")));
    assert_eq!(osh.check.as_deref(), Some(&["osh".to_owned(), "-n".to_owned()][..]));
    assert_eq!(found.interpreters["jq"].check, None);
}

#[test]
fn nothing_and_comments_are_a_configuration_too() {
    for text in ["", "# nothing yet\n", "interpreters: {}\n", "{}"] {
        assert_eq!(findings(text), [], "{text}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_the_nearest_right_name() {
    for (text, line, column, message, help) in [
        ("interpreter: {}", 1, 1, "`interpreter` is no key of the configuration", "did you mean `interpreters`?"),
        ("interpreters:\n  a: { comand: [x] }", 2, 8, "`comand` is no key of `a`", "did you mean `command`?"),
        ("interpreters:\n  a: { command: x }", 2, 17, "`command` must be a list, not text", ""),
        ("interpreters:\n  a: { command: [1] }", 2, 18, "`command` must be text, not a number", "put it in quotes"),
        ("interpreters:\n  a: { command: [] }", 2, 8, "`command` cannot be empty", ""),
        ("interpreters:\n  a: { extension: .a }", 2, 3, "`a` needs the key `command`", ""),
        (
            "interpreters:\n  A b: { command: [x] }",
            2,
            3,
            "`A b` is the label of no block",
            "a label is one word in small letters",
        ),
        ("[1]", 1, 1, "the configuration must be a mapping, not a list", ""),
        ("a: &b 1\nc: *b", 2, 4, "configuration cannot refer to an anchor", "write the value out"),
    ] {
        let found = findings(text);
        let is_told = found.iter().any(|told| *told == (line, column, message.to_owned(), help.to_owned()));
        assert!(is_told, "{text}\n{found:?}");
    }
    assert!(findings("a: [")[0].2.starts_with("the configuration is not valid YAML"));
}
