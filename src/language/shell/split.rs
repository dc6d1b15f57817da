//! A block to its commands, for running them one by one.

use super::inside;
use crate::source::Span;

/// The top-level commands of `code`, in order: each with its continuation
/// lines, its here-documents, and the comments directly before it. What one
/// opens is one with the lines inside, up to what leaves it; to leave what was
/// opened before `code` is a part of the command before. Code that the
/// grammar does not understand stays in one piece.
#[must_use]
pub fn split(code: &str) -> Vec<Span> {
    let whole = || {
        let start = code.len() - code.trim_start().len();
        let span = Span::new(start, code.trim_end().len().max(start));
        if span.start < span.end { vec![span] } else { Vec::new() }
    };
    let structure = inside::find(code);
    let Some(tree) = &structure.tree else { return whole() };
    let root = tree.root_node();
    if root.has_error() {
        return whole();
    }
    let mut spans: Vec<Span> = Vec::new();
    let mut comment = None;
    for child in root.children() {
        let span = Span::from(child.byte_range());
        match child.kind() {
            "comment" => {
                let follows_command = spans.last().is_some_and(|last| !code[last.end..span.start].contains('\n'));
                if comment.is_none() && !follows_command {
                    comment = Some(span.start);
                }
            }
            // What runs in the background is not the same command without it.
            "&" => {
                if let Some(last) = spans.last_mut() {
                    last.end = span.end;
                }
            }
            _ if child.is_named() => spans.push(Span::new(comment.take().unwrap_or(span.start), span.end)),
            _ => {}
        }
    }
    join_leaving(&mut spans, &structure.leaves);
    let mut outer = structure.places.iter().filter(|place| place.parent.is_none()).peekable();
    let mut end = 0;
    spans.retain_mut(|span| {
        if span.start < end {
            return false;
        }
        if let Some(place) = outer.next_if(|place| place.opener.start < span.end) {
            span.end = place.closer.map_or(place.body.end, |closer| closer.end);
            end = span.end;
        }
        true
    });
    for span in &mut spans {
        span.end = span.start + code[span.start..span.end].trim_end_matches([' ', '\t', '\n', '\r']).len();
    }
    spans
}

/// Joins each of `leaves` with the command before it; the first ones with the
/// command after them.
fn join_leaving(spans: &mut Vec<Span>, leaves: &[Span]) {
    let mut leaves = leaves.iter().map(|leave| leave.start).peekable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    // Whether the last one only leaves something so far.
    let mut only_leaves = false;
    for span in spans.drain(..) {
        let is_leave = leaves.next_if(|leave| (span.start..span.end).contains(leave)).is_some();
        match joined.last_mut() {
            Some(last) if is_leave || only_leaves => {
                last.end = span.end;
                only_leaves &= is_leave;
            }
            _ => {
                only_leaves = is_leave;
                joined.push(span);
            }
        }
    }
    *spans = joined;
}
