//! Loops that no condition ends.

use super::syntax::{Item, text};
use super::word::Word;
use super::{command, findings::Findings};

/// How many loops of a text are looked into; each reads its whole body.
const MOST: usize = 50;

/// Notes the first loop that never ends, and a `select`, which asks again and
/// again.
pub(super) fn note(items: &[Item<'_>], code: &str, found: &mut Findings) {
    let shown = |item: &Item<'_>| command::shown(&[Word::plain(text(item.node, code).replace('\n', " "))]);
    let loops = items.iter().filter(|item| !item.in_background && item.kind.ends_with("_statement"));
    let unending = loops.filter(|item| is_unconditional(item, code)).take(MOST).find(|item| {
        let body = item.node.child_by_field_name("body").map_or("", |body| text(body, code));
        // What stands in a text counts too: it is only that nothing is said.
        !["break", "return", "exit", "exec", "kill"].iter().any(|word| body.contains(word))
    });
    if let Some(item) = unending {
        found.endless.get_or_insert_with(|| shown(item));
    }
    let select = items.iter().find(|item| item.kind == "for_statement" && text(item.node, code).starts_with("select"));
    if let Some(item) = select {
        found.interactive.get_or_insert_with(|| shown(item));
    }
}

/// Whether the condition of a loop is always the same.
fn is_unconditional(item: &Item<'_>, code: &str) -> bool {
    let condition = item.node.child_by_field_name("condition").map(|condition| text(condition, code));
    let condition = condition.map(|condition| condition.trim().trim_end_matches(';').trim());
    match item.kind {
        "while_statement" => {
            let until = item.node.children().next().is_some_and(|word| word.kind() == "until");
            match condition {
                Some("true" | ":" | "[ 1 ]" | "[[ 1 ]]" | "((1))" | "(( 1 ))") => !until,
                Some("false") => until,
                _ => false,
            }
        }
        "c_style_for_statement" => condition.is_none_or(str::is_empty),
        _ => false,
    }
}
