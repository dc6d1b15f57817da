//! The commands of a text by its words alone, where the grammar gives up.

use super::findings::Findings;
use super::word::{Input, Word};
use super::{command, scan};
use crate::language::Context;
use crate::runbook::Effect;
use std::collections::BTreeSet;

/// What the commands in `code` do, each piece between separators taken for a
/// command.
pub(super) fn find(code: &str, functions: &BTreeSet<&str>, depth: usize) -> Findings {
    let mut found = Findings::default();
    found.add(Effect::Unknown, "its shell syntax is not understood");
    for words in commands(code) {
        if words.first().is_some_and(|name| functions.contains(name.as_str())) {
            continue;
        }
        let mut one = command::judge(&words, Input::Own, depth);
        // A piece of broken text is no command to be found on PATH.
        one.commands.clear();
        one.replaces.clear();
        found.merge(one);
    }
    found
}

/// Words that stand before a command and are not part of it.
const KEYWORDS: &[&str] =
    &["if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "{", "}", "time", "in", "esac"];

/// The words of `code`, each piece between separators by itself.
pub(super) fn commands(code: &str) -> Vec<Vec<Word>> {
    let contexts = scan::contexts(code);
    let mut commands = vec![Vec::new()];
    let mut word = String::new();
    let mut escaped = false;
    let end_word = |word: &mut String, commands: &mut Vec<Vec<Word>>, ends_command: bool| {
        let text = std::mem::take(word);
        let Some(last) = commands.last_mut() else { return };
        let skipped = last.is_empty() && (KEYWORDS.contains(&text.as_str()) || is_assignment(&text));
        if !text.is_empty() && !skipped {
            last.push(Word::plain(text));
        }
        if ends_command && !last.is_empty() {
            commands.push(Vec::new());
        }
    };
    for (at, c) in code.char_indices() {
        let quoted = matches!(
            contexts[at],
            Context::SingleQuoted | Context::DoubleQuoted | Context::EscapeQuoted | Context::QuotedHeredoc
        );
        match contexts[at] {
            Context::Comment | Context::QuotedHeredoc | Context::Heredoc | Context::HeredocDelimiter => {
                end_word(&mut word, &mut commands, true);
            }
            _ if escaped => {
                escaped = false;
                if c != '\n' {
                    word.push(c);
                }
            }
            _ if c == '\\' && !quoted => escaped = true,
            _ if matches!(c, '"' | '\'') => {}
            _ if quoted => word.push(c),
            _ if matches!(c, '\n' | ';' | '&' | '|' | '(' | ')' | '`') => end_word(&mut word, &mut commands, true),
            _ if c.is_whitespace() => end_word(&mut word, &mut commands, false),
            _ => word.push(c),
        }
    }
    end_word(&mut word, &mut commands, true);
    commands.retain(|words| !words.is_empty());
    commands
}

/// The names that stand before a `=` in `code`, set or not.
pub(super) fn assigned(code: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let before = code.match_indices('=').map(|(at, _)| code[..at].trim_end_matches('+'));
    before.map(|text| &text[text.trim_end_matches(is_part).len()..]).filter(|name| !name.is_empty()).collect()
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}
