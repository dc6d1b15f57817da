//! Commands that the syntax tree has no node for.

use super::findings::{Findings, of_code};
use super::scan;
use super::syntax::{Item, text};
use crate::language::Context;
use crate::runbook::Effect;

/// What the substitutions in `code` do that none of `items` stands for: the
/// grammar takes `` `…` `` in a here-document or in `${…}` for text.
pub(super) fn find(items: &[Item<'_>], code: &str, depth: usize) -> Findings {
    let mut found = Findings::default();
    for item in items.iter().filter(|item| item.node.kind() == "expansion") {
        if text(item.node, code).contains("@P") {
            found.add(Effect::Unknown, "`@P` runs the commands in the value of a variable");
        }
    }
    if !code.contains('`') && !code.contains("$(") {
        return found;
    }
    let contexts = scan::contexts(code);
    let mut at = 0;
    while let Some(start) = code[at..].find(['`', '$', '\\']).map(|offset| at + offset) {
        at = start + 1;
        let literal = matches!(
            contexts[start],
            Context::SingleQuoted
                | Context::EscapeQuoted
                | Context::QuotedHeredoc
                | Context::HeredocDelimiter
                | Context::Comment
        );
        if literal {
            continue;
        }
        if code[start..].starts_with('\\') {
            at += code[at..].chars().next().map_or(0, char::len_utf8);
            continue;
        }
        let backtick = code[start..].starts_with('`');
        let opens = backtick || (code[start..].starts_with("$(") && !code[start..].starts_with("$(("));
        let known = items.iter().map(|item| item.node).find(|node| {
            node.kind() == "command_substitution" && node.start_byte() <= start && start < node.end_byte()
        });
        if !opens {
            continue;
        }
        if let Some(node) = known {
            // What stands inside has nodes of its own, but for backticks in
            // backticks, of which the outer have been looked into.
            at = if backtick && node.start_byte() == start { node.end_byte().max(at) } else { at };
            continue;
        }
        let inner = if backtick { in_backticks(&code[at..]) } else { in_parentheses(&code[at + 1..]) };
        match inner {
            Some(inner) => {
                at += inner.len() + 1;
                found.merge(of_code(&inner.replace("\\`", "`"), depth + 1));
            }
            None => found.add(Effect::Unknown, "a command in the text does not end"),
        }
    }
    found
}

/// The text up to the closing `` ` ``.
fn in_backticks(text: &str) -> Option<&str> {
    let mut escaped = false;
    let end = text.find(|c| {
        let closes = c == '`' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    end.map(|end| &text[..end])
}

/// The text up to the closing `)`.
fn in_parentheses(text: &str) -> Option<&str> {
    let mut open = 1;
    let end = text.find(|c| {
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        open == 0
    });
    end.map(|end| &text[..end])
}
