//! Settings of a shell that nothing on the page reads: run, they would do
//! nothing; they are meant for a file.

use crate::runbook::{Block, Class, Item, Step};
use crate::source::SourceFile;

/// Names that programs read though no page does.
const READ_BY_PROGRAMS: [&str; 6] = ["PATH", "IFS", "LANG", "LC_ALL", "KUBECONFIG", "DOCKER_HOST"];

/// Takes blocks that only set variables, of which nothing behind them reads
/// any, for the content of a file. What is exported is read by programs, and a
/// value that a command gives is looked at.
pub(super) fn are_of_files(file: &SourceFile, steps: &mut [Step]) {
    for item in steps.iter_mut().flat_map(|step| &mut step.items) {
        let Item::Block(block) = item else { continue };
        if block.class != Class::Shell || block.name.is_some() {
            continue;
        }
        let Some(names) = set_alone(&block.run) else { continue };
        let behind = &file.text()[block.span.end..];
        if !names.iter().any(|name| READ_BY_PROGRAMS.contains(name) || is_read(behind, name)) {
            become_settings(block);
        }
    }
}

/// The names of the variables, where a text sets some and does nothing else.
fn set_alone(code: &str) -> Option<Vec<&str>> {
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let names: Option<Vec<_>> = lines.map(name_set).collect();
    names.filter(|names| !names.is_empty())
}

/// The name that a line sets, where the value is one word of text.
fn name_set(line: &str) -> Option<&str> {
    let (name, value) = line.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let value = value.split(" #").next().unwrap_or_default().trim_end();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let is_word = match quote.map(|quote| value[1..].split_once(quote)) {
        Some(quoted) => quoted.is_some_and(|(_, rest)| rest.is_empty()),
        None => !value.contains(char::is_whitespace),
    };
    (is_name && is_word && !value.contains(['`', ';', '&', '|', '(']) && !value.contains("$(")).then_some(name)
}

/// Whether `text` reads the variable: `$NAME`, `${NAME…`.
fn is_read(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = &text[..at];
        let goes_on = text[at + name.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        !goes_on && (before.ends_with('$') || before.ends_with("${"))
    })
}

fn become_settings(block: &mut Block) {
    block.class = Class::Config;
    block.language = "env".to_owned();
    block.why = "it sets variables that nothing below reads: the content of a file".to_owned();
    block.doubtful = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_sets_variables_alone_where_no_value_is_a_command() {
        assert_eq!(set_alone("# of the sync\nA=1\n\nB_2=\"x y\" # later\nC='z'\n"), Some(vec!["A", "B_2", "C"]));
        for code in
            ["", "# A=1\n", "A=$(id)\n", "A=`id`\n", "A=1 tool\n", "A=1; tool\n", "export A=1\n", "A=\"x\n", "a b=1\n"]
        {
            assert_eq!(set_alone(code), None, "{code:?}");
        }
    }

    #[test]
    fn a_variable_is_read_by_its_whole_name() {
        for text in ["ls $A", "ls \"${A}\"", "ls ${A:-x}"] {
            assert!(is_read(text, "A"), "{text}");
        }
        for text in ["ls A", "A=2", "ls $AB", "ls ${AB}", "ls $BA"] {
            assert!(!is_read(text, "A"), "{text}");
        }
    }
}
