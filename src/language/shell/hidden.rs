//! Commands that the syntax tree has no node for.

use super::findings::{Findings, of_code};
use super::scan;
use super::syntax::{Item, text};
use crate::language::Context;
use crate::runbook::Effect;
use std::collections::BTreeMap;

/// What the substitutions in `code` do that none of `items` stands for: the
/// grammar takes `` `…` `` in a here-document or in `${…}` for text.
pub(super) fn find(items: &[Item<'_>], code: &str, depth: usize) -> Findings {
    let mut found = Findings::default();
    for item in items.iter().filter(|item| item.kind == "expansion") {
        if text(item.node, code).contains("@P") {
            found.add(Effect::Unknown, "`@P` runs the commands in the value of a variable");
        }
    }
    if !code.contains('`') && !code.contains("$(") {
        return found;
    }
    let contexts = scan::contexts(code);
    let closing = closing_parentheses(code);
    // Substitutions that stand in no other, in the order of the text.
    let mut end_of_last = 0;
    let substitutions = items.iter().filter(|item| item.kind == "command_substitution").map(|item| item.node);
    let mut outermost = substitutions.filter(|node| {
        let is_new = node.start_byte() >= end_of_last;
        if is_new {
            end_of_last = node.end_byte();
        }
        is_new
    });
    let mut ahead = outermost.next();
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
        if !opens {
            continue;
        }
        while ahead.is_some_and(|node| node.end_byte() <= start) {
            ahead = outermost.next();
        }
        if let Some(node) = ahead.filter(|node| node.start_byte() <= start) {
            // What stands inside has nodes of its own, but for backticks in
            // backticks, of which the outer have been looked into.
            at = if backtick && node.start_byte() == start { node.end_byte().max(at) } else { at };
            continue;
        }
        let inner = if backtick { in_backticks(&code[at..]) } else { closing.get(&at).map(|end| &code[at + 1..*end]) };
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

/// For each `(` of `code` that is closed, where.
fn closing_parentheses(code: &str) -> BTreeMap<usize, usize> {
    let mut open = Vec::new();
    let mut closing = BTreeMap::new();
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'(' => open.push(at),
            b')' => closing.extend(open.pop().map(|start| (start, at))),
            _ => {}
        }
    }
    closing
}
