//! A step taken apart where plain text in it does what a bold lead-in does:
//! "Or:", "On Linux:", "If that fails:", "- **Option 1**: …".

use super::condition::only_if;
use super::manner::{Manner, manner};
use super::sections::{Anchors, slug};
use super::steps::{empty, finish};
use crate::runbook::{Action, Class, Item, Step};
use crate::source::{SourceFile, Span};

/// Where a part begins, and what kind it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cut {
    /// What the text before it is no part of: the first way of a choice.
    Apart,
    /// A part with a title of its own.
    Titled(String),
    /// What follows a titled part, and belongs to the step again.
    Continued,
}

/// Takes `step` apart. What cannot be told to be a part stays where it is.
pub(super) fn split(file: &SourceFile, step: Step, ids: &mut Anchors) -> Vec<Step> {
    let cuts = cuts(file, &step);
    if cuts.iter().all(Option::is_none) {
        return vec![step];
    }
    let (id, title) = (step.id.clone(), step.title.clone());
    let mut parts = vec![Step { items: Vec::new(), ..step.clone() }];
    let mut items = step.items.into_iter().zip(cuts).peekable();
    while let Some((mut item, cut)) = items.next() {
        if let Some(cut) = cut {
            let (name, part_title) = match &cut {
                Cut::Apart => ("as-written".to_owned(), title.clone()),
                Cut::Titled(title) => (slug(title), title.clone()),
                Cut::Continued => ("continued".to_owned(), format!("{title} (continued)")),
            };
            let name = if name.is_empty() { "part".to_owned() } else { name };
            let at = item.span();
            let new_id = ids.give_slug(format!("{id}/{name}"));
            let start = Span::new(at.start, at.start);
            let mut part = empty(new_id, part_title, file.line(at.start), start, &parts[0].section);
            part.aside.clone_from(&parts[0].aside);
            parts.push(part);
            // An option that is only words is something to do by hand.
            if let (Cut::Titled(_), Item::Prose(span)) = (&cut, &item)
                && items.peek().is_none_or(|(_, next)| next.is_some())
            {
                let text = file.slice(*span).trim_start_matches(['-', '+', ' ', '\t']).to_owned();
                item = Item::Action(Action { text, line: file.line(span.start), span: *span, task: None });
            }
        }
        if let Some(part) = parts.last_mut() {
            part.items.push(item);
        }
    }
    for part in &mut parts {
        finish(part);
    }
    parts
}

/// For each item of the step, the cut before it.
fn cuts(file: &SourceFile, step: &Step) -> Vec<Option<Cut>> {
    let items = &step.items;
    let mut cuts = vec![None; items.len()];
    let titles = titles(file, step);
    if titles.iter().all(Option::is_none) {
        return cuts;
    }
    // The titled part at hand: where its work began, and its column.
    let mut open: Option<(Option<usize>, Option<usize>)> = None;
    let mut latest_cut = 0;
    for at in 0..items.len() {
        if let Some((title, column)) = &titles[at] {
            // Before another way stands the first, and nothing but it.
            if open.is_none() && manner(title) == Manner::Instead {
                let first = first_way(file, items, latest_cut, at);
                if items[latest_cut..first].iter().any(|item| !matches!(item, Item::Prose(_))) {
                    cuts[first] = Some(Cut::Apart);
                }
            }
            cuts[at] = Some(Cut::Titled(title.clone()));
            open = Some((None, *column));
            latest_cut = at;
            continue;
        }
        let is_over = match &mut open {
            None => false,
            Some((_, Some(column))) => column_of(file, &items[at]) <= *column,
            Some((begun @ None, None)) => {
                *begun = (!matches!(items[at], Item::Prose(_))).then_some(at);
                false
            }
            // One piece of work is what a plain line leads to.
            Some((Some(_), None)) => !goes_on(items, at),
        };
        if is_over {
            open = None;
            if more_work(items, &titles, at) {
                cuts[at] = Some(Cut::Continued);
                latest_cut = at;
            }
        }
    }
    cuts
}

/// Where the block begins that another way stands beside, with the line that
/// leads to it.
fn first_way(file: &SourceFile, items: &[Item], from: usize, at: usize) -> usize {
    let block = (from..at).rev().find(|at| is_runnable(&items[*at])).unwrap_or(at);
    match block.checked_sub(1).filter(|before| *before >= from).map(|before| &items[before]) {
        Some(Item::Prose(span)) if file.slice(*span).ends_with(':') => block - 1,
        _ => block,
    }
}

/// For each item, the title it gives to what follows it, and the column of the
/// list item that it is.
fn titles(file: &SourceFile, step: &Step) -> Vec<Option<(String, Option<usize>)>> {
    let items = &step.items;
    let mut found: Vec<Option<(String, Option<usize>)>> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let text = match item {
            Item::Prose(span) => file.slice(*span),
            Item::Action(action) => &action.text,
            Item::Block(_) => {
                found.push(None);
                continue;
            }
        };
        let leads = items.get(at + 1).is_some_and(|next| is_runnable(next) || matches!(next, Item::Action(_)));
        found.push(title_of(text).filter(|(_, listed)| leads || *listed).and_then(|(title, listed)| {
            let fits = match manner(&title) {
                _ if only_if(&title).is_some() => leads && !listed,
                Manner::Instead => {
                    !listed
                        && is_runnable(&items[at + 1])
                        && at > 0
                        && items[..at].iter().rev().take(4).any(is_runnable)
                }
                Manner::Means => !listed && leads,
                Manner::Numbered => true,
                Manner::None => false,
            };
            fits.then(|| (title, listed.then(|| column_of(file, item))))
        }));
    }
    // One system or tool by itself is no choice.
    let means = |entry: &Option<(String, Option<usize>)>| {
        entry.as_ref().is_some_and(|(title, _)| {
            only_if(title).is_none() && matches!(manner(title), Manner::Means | Manner::Numbered)
        })
    };
    if found.iter().filter(|entry| means(entry)).count() < 2 {
        for entry in &mut found {
            if means(entry) {
                *entry = None;
            }
        }
    }
    found
}

/// The title that a plain line is for what follows it, and whether the line is
/// a list item that begins with its title in bold.
fn title_of(text: &str) -> Option<(String, bool)> {
    /// Beyond this a line is a sentence.
    const LONGEST: usize = 72;
    let is_item = text.starts_with(['-', '*', '+']) && text[1..].starts_with([' ', '\t']);
    let text = if is_item { text[1..].trim_start() } else { text }.trim();
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(['.', ')', ' ']);
    if let Some(rest) = text.strip_prefix("**") {
        let line = text.lines().next().unwrap_or_default();
        let title = line.replace("**", "").replace('`', "");
        let title = title.trim().trim_end_matches(':').to_owned();
        let bold = rest.split("**").next().unwrap_or_default();
        return (manner(bold) == Manner::Numbered).then_some((title, true));
    }
    if text.contains('\n') || text.len() > LONGEST {
        return None;
    }
    let plain = text.trim_matches(['*', '_', ' ']);
    let title = plain.trim_end_matches([':', ',', '.', '…', ' ']);
    let ends = plain.ends_with([':', ',', '…']);
    let is_bare = matches!(title.to_lowercase().as_str(), "or" | "alternatively");
    (ends || is_bare).then(|| (title.trim_matches(['*', '_', ' ']).replace('`', ""), false))
}

fn is_runnable(item: &Item) -> bool {
    matches!(item, Item::Block(block) if block.class.is_executable() || block.class == Class::Unknown)
}

/// Whether the piece of work that stands before `at` goes on there: actions
/// make one piece, and so do a block and what it prints.
fn goes_on(items: &[Item], at: usize) -> bool {
    match &items[at] {
        Item::Action(_) => at > 0 && matches!(items[at - 1], Item::Action(_)),
        Item::Block(_) => !is_runnable(&items[at]),
        Item::Prose(_) => false,
    }
}

/// Whether there is work from `at` up to the next title.
fn more_work(items: &[Item], titles: &[Option<(String, Option<usize>)>], at: usize) -> bool {
    (at..items.len()).take_while(|at| titles[*at].is_none()).any(|at| !matches!(items[at], Item::Prose(_)))
}

/// How far in the item stands on its line, in bytes.
fn column_of(file: &SourceFile, item: &Item) -> usize {
    let start = item.span().start;
    start - file.text()[..start].rfind('\n').map_or(0, |at| at + 1)
}
