//! Work done by hand that stands in plain text: "Go to the dashboard and pause
//! the queue."

use super::outline::OPTIONS;
use super::paragraph::without_indent;
use super::topic;
use crate::runbook::{Action, Item, Step};
use crate::source::{SourceFile, Span};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// Makes actions of the step's text that tells the reader to do something, and
/// text of the numbered lists that do not.
///
/// In a step with blocks, only what no command does is taken for an action: a
/// sentence such as "Check the status." tells what its block is for.
pub(super) fn find(file: &SourceFile, step: &mut Step, is_alone: bool) {
    let explains = is_explanation(&step.title);
    let has_blocks = step.blocks().next().is_some();
    let mut out = Vec::with_capacity(step.items.len());
    let mut under_explanation = explains;
    let mut items = std::mem::take(&mut step.items).into_iter().peekable();
    while let Some(item) = items.next() {
        match item {
            Item::Action(action) if under_explanation && action.task.is_none() => out.push(Item::Prose(action.span)),
            Item::Prose(span) if !file.slice(span).starts_with(['|', '>', '<']) => {
                let text = file.slice(span);
                let leads = matches!(items.peek(), Some(Item::Block(_)));
                if is_label(text) {
                    under_explanation = is_explanation(text);
                    out.push(item);
                } else if under_explanation && is_list(text) {
                    out.push(item);
                } else if is_list(text) {
                    under_explanation = false;
                    actions_of_list(file, span, has_blocks, &mut out);
                } else {
                    under_explanation = false;
                    let by_hand = if has_blocks { is_by_hand(text) } else { is_alone && is_instruction(text) };
                    if by_hand && (!leads || is_wait(text)) {
                        out.push(action(file, span, text));
                    } else {
                        out.push(item);
                    }
                }
            }
            Item::Block(_) => {
                under_explanation = explains;
                out.push(item);
            }
            Item::Prose(_) | Item::Action(_) => out.push(item),
        }
    }
    let has_work = out.iter().any(|item| !matches!(item, Item::Prose(_)));
    if is_alone && !has_work && is_numbered_step(&step.title) {
        begin_with_action(file, step, &mut out);
    }
    step.items = out;
}

/// "Step 3: …" is something to do, however it is put.
fn is_numbered_step(title: &str) -> bool {
    let title = title.to_lowercase();
    title.strip_prefix("step ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Makes an action of the first paragraph; of the title where there is none.
fn begin_with_action(file: &SourceFile, step: &Step, items: &mut Vec<Item>) {
    let paragraph = items.iter_mut().find_map(|item| match item {
        Item::Prose(span) if !file.slice(*span).starts_with(['|', '<', '-', '*']) => Some(item),
        _ => None,
    });
    match paragraph {
        Some(item) => {
            if let Item::Prose(span) = *item {
                *item = action(file, span, file.slice(span));
            }
        }
        None => items.insert(0, action(file, step.span, &step.title)),
    }
}

/// Makes text of the numbered lists of a step that is no part of the
/// procedure: only its tasks are something to do.
pub(super) fn demote(step: &mut Step) {
    for item in &mut step.items {
        if let Item::Action(Action { task: None, span, .. }) = item {
            *item = Item::Prose(*span);
        }
    }
}

/// Whether the last line of the text says that what follows only tells of the
/// incident.
pub(super) fn is_explanation(title: &str) -> bool {
    let line = title.trim().lines().next_back().unwrap_or_default().trim_matches(['*', '_', ':', ' ']);
    topic::is_explanation(line)
}

/// A whole line that says what kind of list follows.
fn is_label(text: &str) -> bool {
    let text = text.trim();
    !text.contains('\n') && text.trim_end_matches(['*', '_']).ends_with(':')
        || text.starts_with("**") && text.ends_with("**")
}

fn is_list(text: &str) -> bool {
    let mut chars = text.chars();
    matches!(chars.next(), Some('-' | '*' | '+')) && matches!(chars.next(), Some(' ' | '\t'))
}

fn action(file: &SourceFile, span: Span, text: &str) -> Item {
    Item::Action(Action { text: without_indent(text), line: file.line(span.start), span, task: None })
}

/// Whether this text under a lead-in is something to do by itself: a list of
/// instructions, or a sentence that no command carries out.
pub(super) fn is_work(file: &SourceFile, span: Span) -> bool {
    let text = file.slice(span);
    if !is_list(text) {
        return is_by_hand(text);
    }
    let items = list_items(file, span);
    let count = items.iter().filter(|item| is_instruction(without_marker(file.slice(**item)))).count();
    is_mostly(count, items.len())
}

/// A list in which some items happen to begin like instructions is none.
fn is_mostly(count: usize, of: usize) -> bool {
    count > 0 && count * 3 >= of * 2
}

/// Takes a list apart if its items are instructions.
fn actions_of_list(file: &SourceFile, span: Span, has_blocks: bool, out: &mut Vec<Item>) {
    let items = list_items(file, span);
    let instructs = |item: &Span| {
        let text = without_marker(file.slice(*item));
        if has_blocks { is_by_hand(text) } else { is_instruction(text) }
    };
    let count = items.iter().filter(|item| instructs(item)).count();
    if !is_mostly(count, items.len()) {
        out.push(Item::Prose(span));
        return;
    }
    for item in items {
        if instructs(&item) {
            out.push(action(file, item, without_marker(file.slice(item))));
        } else {
            out.push(Item::Prose(item));
        }
    }
}

fn without_marker(item: &str) -> &str {
    item.trim_start().trim_start_matches(['-', '*', '+']).trim_start()
}

/// The items of the outermost list in `span`, with what is nested in them.
fn list_items(file: &SourceFile, span: Span) -> Vec<Span> {
    // From the line's beginning, so that all items have the same indent.
    let start = file.text()[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let start = if file.text()[start..span.start].trim().is_empty() { start } else { span.start };
    let mut depth = 0;
    let mut items = Vec::new();
    for (event, range) in Parser::new_ext(&file.text()[start..span.end], OPTIONS).into_offset_iter() {
        match event {
            Event::Start(Tag::List(_)) => depth += 1,
            Event::End(TagEnd::List(_)) => depth -= 1,
            Event::Start(Tag::Item) if depth == 1 => {
                let item = Span::from(range).shifted(start);
                items.push(Span::new(item.start, item.start + file.slice(item).trim_end().len()));
            }
            _ => {}
        }
    }
    items
}

/// What no command in a block does for the reader.
const BY_HAND: &[&str] = &[
    "acknowledge",
    "announce",
    "ask",
    "click",
    "contact",
    "escalate",
    "inform",
    "join",
    "navigate",
    "notify",
    "page",
    "phone",
    "post",
    "press",
    "select",
    "tell",
    "visit",
    "wait",
];

/// Words that begin an instruction.
const INSTRUCTIONS: &[&str] = &[
    "add",
    "apply",
    "approve",
    "assess",
    "assign",
    "attach",
    "check",
    "choose",
    "close",
    "collect",
    "communicate",
    "compare",
    "confirm",
    "connect",
    "consult",
    "coordinate",
    "copy",
    "create",
    "declare",
    "decide",
    "delete",
    "deploy",
    "determine",
    "disable",
    "document",
    "download",
    "drain",
    "edit",
    "enable",
    "engage",
    "ensure",
    "enter",
    "evaluate",
    "examine",
    "execute",
    "fill",
    "find",
    "follow",
    "identify",
    "increase",
    "inspect",
    "install",
    "investigate",
    "locate",
    "log",
    "look",
    "make",
    "merge",
    "monitor",
    "move",
    "observe",
    "open",
    "pause",
    "perform",
    "ping",
    "promote",
    "raise",
    "re-run",
    "record",
    "redeploy",
    "reduce",
    "remove",
    "repeat",
    "replace",
    "report",
    "request",
    "rerun",
    "reset",
    "restart",
    "restore",
    "resume",
    "retry",
    "return",
    "revert",
    "review",
    "revoke",
    "roll",
    "rotate",
    "run",
    "save",
    "scale",
    "schedule",
    "send",
    "set",
    "share",
    "shut",
    "sign",
    "start",
    "stop",
    "submit",
    "switch",
    "test",
    "toggle",
    "trigger",
    "try",
    "turn",
    "unlock",
    "update",
    "upgrade",
    "upload",
    "use",
    "validate",
    "verify",
    "watch",
    "write",
];

/// Whether the text tells the reader to do something that no command does.
fn is_by_hand(text: &str) -> bool {
    let words = opening_words(text);
    let mut words = words.iter().map(String::as_str);
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    !announces(text)
        && !is_description(text)
        && (BY_HAND.contains(&first)
            || matches!((first, second), ("go", "to") | ("log", "in" | "into") | ("sign", "in") | ("reach", "out"))
            || first == "open" && !text.contains('`'))
}

fn is_instruction(text: &str) -> bool {
    let words = opening_words(text);
    let first = words.first().map(String::as_str).unwrap_or_default();
    is_by_hand(text) || !announces(text) && !is_description(text) && INSTRUCTIONS.contains(&first)
}

/// Whether the text only describes something: a link to elsewhere, a name and
/// what it stands for, a word all in capitals.
fn is_description(text: &str) -> bool {
    let text = text.trim_start();
    let named = text
        .strip_prefix("**")
        .and_then(|rest| rest.split_once("**"))
        .is_some_and(|(_, rest)| rest.trim_start().starts_with(['—', '–', '-', '(']));
    let first = text.split_whitespace().next().unwrap_or_default();
    let is_shouted = first.len() > 1 && first.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
    named || is_shouted || text.starts_with('[')
}

fn is_wait(text: &str) -> bool {
    opening_words(text).first().is_some_and(|word| word == "wait")
}

/// Whether the text only leads to what follows it.
fn announces(text: &str) -> bool {
    text.trim_end().trim_end_matches(['*', '_']).ends_with(':')
}

/// The first two words that can be those of an instruction, lower-case:
/// "Then, go" and "**Go**" begin alike.
fn opening_words(text: &str) -> Vec<String> {
    let words = text.split_whitespace().take(6);
    let plain = words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '`').to_lowercase());
    plain
        .filter(|word| !word.is_empty())
        .skip_while(|word| {
            matches!(
                word.as_str(),
                "then"
                    | "next"
                    | "now"
                    | "first"
                    | "finally"
                    | "second"
                    | "third"
                    | "please"
                    | "also"
                    | "immediately"
                    | "and"
                    | "manually"
            )
        })
        .take(2)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_told_from_explanations() {
        for text in [
            "Open the dashboard and click Pause.",
            "Wait ~30 seconds",
            "Then, notify the channel.",
            "**Go to** settings",
            "Log in to the console",
        ] {
            assert!(is_by_hand(text), "{text}");
        }
        for text in ["Check the queue depth.", "Verify that jobs run", "Restart the worker from the console"] {
            assert!(is_instruction(text) && !is_by_hand(text), "{text}");
        }
        for text in [
            "The dashboard opens.",
            "Opening the page takes long.",
            "Waiting is no use",
            "Queue depth increasing",
            "Go is a language",
            "Set the following:",
            "Worker logs show errors",
            "**Delete** — removes a job",
            "[Check the log](#log)",
            "POST call to the API",
            "Note that it is slow",
        ] {
            assert!(!is_instruction(text), "{text}");
        }
    }
}
