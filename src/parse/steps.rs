//! The pieces of the page to steps: one for each section that holds something
//! to do, one more for each bold lead-in.

use super::announce::{Mention, announces_output, asks_for_command, mention};
use super::class::{Context, Recognise};
use super::manner::{Manner, manner};
use super::outline::{Code, Content, Prose};
use super::sections::{Anchors, slug};
use super::{Findings, alternatives, blocks, condition, expectation, manual, parts, procedure, tabs, topic};
use crate::runbook::{Action, Class, Item, Section, Settings, Step, StepKind};
use crate::source::{SourceFile, Span};
use std::collections::{HashMap, HashSet};

/// The page's steps, in page order, without their annotations.
pub(super) fn read(
    file: &SourceFile,
    contents: Vec<Content>,
    sections: &[Section],
    recognise: &Recognise<'_>,
    findings: &mut Findings,
) -> Vec<Step> {
    let mut ids = Anchors::default();
    for section in sections {
        ids.give_slug(section.anchor.clone());
    }
    let begins_step = lead_ins(file, &contents);
    let own = start(file, &contents, &mut ids);
    let mut builder = Builder {
        file,
        ids,
        steps: Vec::new(),
        idle: Vec::new(),
        open: vec![own],
        before: Before::Other,
        action: Span::default(),
        programs: HashSet::new(),
        recognise,
        asides: procedure::asides(sections),
        conditions: condition::of_sections(sections),
        tabs: HashSet::new(),
        in_tab: false,
        holders: sections.iter().filter_map(|section| section.parent.as_deref()).collect(),
        findings,
    };
    let mut headings = sections.iter();
    for (content, begins_step) in contents.into_iter().zip(begins_step) {
        match content {
            Content::Heading(heading) if !heading.nested => {
                builder.close();
                if let Some(section) = headings.next() {
                    let own = empty(
                        section.anchor.clone(),
                        section.title.clone(),
                        section.line,
                        heading.span,
                        &section.anchor,
                    );
                    builder.open.push(own);
                }
            }
            Content::Heading(heading) if heading.in_prose => {}
            Content::Heading(heading) => builder.push(Item::Prose(heading.span), Before::Other),
            Content::LeadIn { title, span, .. } if begins_step => builder.lead_in(title, span),
            Content::LeadIn { span, .. } => builder.push(Item::Prose(span), Before::LeadIn(span)),
            Content::Prose { span, .. } => builder.push(Item::Prose(span), Before::Text(span)),
            Content::Action(action, item) => {
                let span = action.span;
                builder.push(Item::Action(action), Before::Text(span));
                builder.action = item;
            }
            Content::Code(code) => builder.code(code),
            Content::Tab { label, span, .. } => builder.tab(label, span),
            Content::TabsEnd => builder.end_tabs(),
        }
    }
    builder.close();
    let Builder { mut steps, idle, mut ids, .. } = builder;
    alternatives::across_sections(&mut steps, idle, sections, &mut ids);
    steps
}

/// The step for what stands before the first heading.
fn start(file: &SourceFile, contents: &[Content], ids: &mut Anchors) -> Step {
    let first = contents.first().map_or(Span::default(), |content| match content {
        Content::Heading(heading) => heading.span,
        Content::LeadIn { span, .. } | Content::Prose { span, .. } | Content::Tab { span, .. } => *span,
        Content::TabsEnd => Span::default(),
        Content::Code(code) => code.span,
        Content::Action(action, _) => action.span,
    });
    let at = Span::new(first.start, first.start);
    empty(ids.give_slug("start".to_owned()), "Start".to_owned(), file.line(at.start), at, "")
}

pub(super) fn empty(id: String, title: String, line: usize, span: Span, section: &str) -> Step {
    Step {
        id,
        title,
        line,
        span,
        section: section.to_owned(),
        kind: StepKind::Manual,
        scenario: None,
        option_of: None,
        way: None,
        aside: None,
        only_if: None,
        items: Vec::new(),
        settings: Settings::none(),
    }
}

/// For each piece, whether it is a lead-in that begins a step.
///
/// Something to do must follow at once; after a colon, one paragraph that
/// itself ends in a colon may stand between.
fn lead_ins(file: &SourceFile, contents: &[Content]) -> Vec<bool> {
    let is_doing = |content: Option<&Content>| {
        matches!(content, Some(Content::Code(_) | Content::Action(..) | Content::Prose { kind: Prose::Nested, .. }))
    };
    let is_work = |content: Option<&Content>| match content {
        Some(Content::Prose { span, kind: Prose::Other }) => manual::is_work(file, *span),
        _ => false,
    };
    // Below some sentences, and before anything else that is titled.
    let comes_to_work = |at: usize| {
        let mut below = contents[at + 1..]
            .iter()
            .take_while(|content| matches!(content, Content::Prose { .. } | Content::Code(_) | Content::Action(..)));
        matches!(below.next(), Some(Content::Prose { kind: Prose::Other | Prose::Opening, .. }))
            && below.any(|content| is_doing(Some(content)) || is_work(Some(content)))
    };
    let begins = |(at, content): (usize, &Content)| match content {
        Content::LeadIn { title, .. } if announces_output(title) => false,
        // What counts is a way, whatever follows it.
        Content::LeadIn { title, .. } if manner(title) == Manner::Numbered => true,
        Content::LeadIn { title, colon, .. } => {
            (is_work(contents.get(at + 1)) && !manual::is_explanation(title))
                || is_doing(contents.get(at + 1))
                || (!is_remark(title) && !manual::is_explanation(title) && comes_to_work(at))
                || (*colon
                    && matches!(contents.get(at + 1), Some(Content::Prose { kind: Prose::Opening, .. }))
                    && matches!(contents.get(at + 2), Some(Content::Code(_))))
        }
        _ => false,
    };
    contents.iter().enumerate().map(begins).collect()
}

/// Whether a bold line is there to be seen, and titles nothing.
fn is_remark(title: &str) -> bool {
    let title = title.to_lowercase();
    let word = title.trim_matches(|c: char| !c.is_alphanumeric());
    let words =
        ["note", "notes", "important", "warning", "caution", "attention", "danger", "tip", "hint", "info", "nb"];
    words
        .iter()
        .any(|known| word == *known || word.strip_prefix(known).is_some_and(|rest| rest.starts_with([':', '!'])))
}

/// What stands directly before a block.
#[derive(Clone, Copy)]
enum Before {
    /// A block that is run.
    Command,
    Text(Span),
    /// A bold line that begins no step.
    LeadIn(Span),
    Other,
}

struct Builder<'a> {
    file: &'a SourceFile,
    ids: Anchors,
    steps: Vec<Step>,
    /// Sections' own steps that hold nothing to do: perhaps heads of
    /// alternatives.
    idle: Vec<Step>,
    /// The steps of the section at hand; the first is the section's own.
    open: Vec<Step>,
    before: Before,
    /// The list item of the last action.
    action: Span,
    /// The programs that the page's blocks have begun with.
    programs: HashSet<String>,
    recognise: &'a Recognise<'a>,
    /// Why each section is no part of the procedure, if it is none.
    asides: HashMap<String, String>,
    /// What each section depends on, if it does.
    conditions: HashMap<String, String>,
    /// Ids of the steps that are tabs, and whether the latest step is one.
    tabs: HashSet<String>,
    in_tab: bool,
    /// Anchors of the sections that hold others.
    holders: HashSet<&'a str>,
    findings: &'a mut Findings,
}

/// The first word of `code`, which in a shell is a program.
fn program(code: &str) -> Option<&str> {
    code.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'))?.split_whitespace().next()
}

impl Builder<'_> {
    fn lead_in(&mut self, title: String, span: Span) {
        let section = self.open.first().map(|own| own.section.clone()).unwrap_or_default();
        let above = self.open.first().map(|own| own.id.as_str()).unwrap_or_default();
        let id = match slug(&title) {
            slug if slug.is_empty() => format!("{above}/part"),
            slug => format!("{above}/{slug}"),
        };
        let id = self.ids.give_slug(id);
        let mut step = empty(id, title, self.file.line(span.start), span, &section);
        // A bold line directly above is a title over this one.
        if let Before::LeadIn(_) = self.before {
            step.items.extend(self.open.last_mut().and_then(|above| above.items.pop()));
        }
        self.open.push(step);
        self.before = Before::Other;
    }

    fn tab(&mut self, label: String, span: Span) {
        self.lead_in(label, span);
        self.in_tab = true;
        self.tabs.extend(self.open.last().map(|step| step.id.clone()));
    }

    /// What follows the tabs is no part of the last one.
    fn end_tabs(&mut self) {
        let Some(own) = self.open.first().filter(|_| std::mem::take(&mut self.in_tab)) else { return };
        let id = self.ids.give_slug(format!("{}/continued", own.id));
        let end = self.open.last().and_then(|last| last.items.last()).map_or(own.span.end, |item| item.span().end);
        let title = format!("{} (continued)", own.title);
        let step = empty(id, title, self.file.line(end), Span::new(end, end), &own.section);
        self.open.push(step);
        self.before = Before::Other;
    }

    fn push(&mut self, item: Item, before: Before) {
        if let Some(step) = self.open.last_mut() {
            step.items.push(item);
        }
        self.before = before;
    }

    fn code(&mut self, code: Code) {
        let forbids = match self.before {
            Before::Text(span) | Before::LeadIn(span) => expectation::forbids(self.file.slice(span)),
            Before::Command | Before::Other => false,
        };
        let context = match self.before {
            _ if forbids => Context::AfterAnnouncement,
            Before::Command => Context::AfterCommand,
            Before::Text(span) | Before::LeadIn(span) if announces_output(self.file.slice(span)) => {
                Context::AfterAnnouncement
            }
            Before::Text(span) | Before::LeadIn(span) if asks_for_command(self.file.slice(span)) => {
                Context::AfterRequest
            }
            Before::Text(span) | Before::LeadIn(span) if let Some(mentioned) = mention(self.file.slice(span)) => {
                match mentioned {
                    Mention::Seen => Context::AfterMention,
                    Mention::Written => Context::AfterFile,
                }
            }
            _ if program(&code.text).is_some_and(|program| self.programs.contains(program)) => Context::AfterRequest,
            _ => Context::Free,
        };
        let is_indented = !code.fenced;
        let mut block = blocks::read(self.file, code, context, self.recognise, self.findings);
        if is_indented {
            tabs::unwrap(&mut block, self.recognise);
        }
        if block.class == Class::Output {
            self.expect(&block.code, forbids);
        }
        let runs = block.class.is_executable();
        if runs && self.action.contains(block.span) {
            self.done_by_code();
        }
        if block.class == Class::Shell {
            self.programs.extend(program(&block.run).map(str::to_owned));
        }
        self.push(Item::Block(Box::new(block)), if runs { Before::Command } else { Before::Other });
    }

    /// What an item's own code does is nothing to be done by hand; a task is
    /// ticked all the same.
    fn done_by_code(&mut self) {
        let items = self.open.last_mut().into_iter().flat_map(|step| step.items.iter_mut().rev());
        let last = items.into_iter().find(|item| matches!(item, Item::Action(_)));
        if let Some(item) = last
            && let Item::Action(Action { task: None, span, .. }) = item
        {
            *item = Item::Prose(*span);
        }
    }

    /// Gives `output` to the block before it, if that is one that is run: as what
    /// it should print, or as what it must not.
    fn expect(&mut self, output: &str, not: bool) {
        let blocks = self.open.last_mut().into_iter().flat_map(|step| step.items.iter_mut().rev());
        let last = blocks.filter_map(|item| if let Item::Block(block) = item { Some(block) } else { None }).next();
        if let Some(block) = last
            && block.class.is_executable()
        {
            let slot = if not { &mut block.expects_not } else { &mut block.expects };
            slot.get_or_insert_with(|| output.to_owned());
        }
    }

    /// Ends the section at hand.
    fn close(&mut self) {
        self.before = Before::Other;
        self.in_tab = false;
        let mut open = self.parts();
        alternatives::within_section(&mut open, &self.tabs, &mut self.ids);
        // Text that stands before the first lead-in belongs to what follows it,
        // and so does that of a way whose parts have titles of their own.
        for at in 1..open.len() {
            let (before, after) = open.split_at_mut(at);
            let (own, next) = (&mut before[at - 1], &mut after[0]);
            let is_title = own.way.as_ref().is_some_and(|way| way.first != own.id);
            if (at == 1 || is_title) && own.kind != StepKind::Choice && !has_work(own) && !own.items.is_empty() {
                next.items.splice(0..0, std::mem::take(&mut own.items));
                finish(next);
            }
        }
        for mut step in open {
            step.only_if = condition::only_if(&step.title).or_else(|| self.conditions.get(&step.section).cloned());
            let is_way = step.way.as_ref().is_some_and(|way| way.first == step.id);
            if has_work(&step) || step.kind == StepKind::Choice || is_way {
                self.steps.push(step);
            } else {
                self.idle.push(step);
            }
        }
    }

    /// The steps of the section at hand, each understood by itself, and taken
    /// apart where its own text does so.
    fn parts(&mut self) -> Vec<Step> {
        let open = std::mem::take(&mut self.open);
        let has_after = open.iter().any(|step| step.title.eq_ignore_ascii_case("after"));
        let is_leaf = open.len() == 1
            && open.iter().all(|own| !own.section.is_empty() && !self.holders.contains(own.section.as_str()));
        let mut steps: Vec<Step> = Vec::with_capacity(open.len());
        for (at, mut step) in open.into_iter().enumerate() {
            let inherited = self.asides.get(&step.section).cloned();
            let own = || topic::topic(&step.title).filter(|_| at > 0).map(|topic| topic.reason(&step.title));
            let outdated = || {
                let is_before = at > 0 && has_after && step.title.eq_ignore_ascii_case("before");
                is_before.then(|| topic::Topic::Mistake.reason(&step.title))
            };
            step.aside = inherited.or_else(own).or_else(outdated);
            if step.aside.is_none() {
                manual::find(self.file, &mut step, is_leaf || at > 0);
            } else {
                manual::demote(&mut step);
            }
            expectation::attach(self.file, &mut step);
            procedure::look_at_blocks(self.file, &mut step);
            let is_idle = at > 0 && !has_work(&step) && manner(&step.title) != Manner::Numbered;
            match steps.last_mut().filter(|_| is_idle) {
                // A lead-in that turned out to tell something is text.
                Some(before) => {
                    if step.span.start < step.span.end {
                        before.items.push(Item::Prose(step.span));
                    }
                    before.items.append(&mut step.items);
                    finish(before);
                }
                None => steps.extend(parts::split(self.file, step, &mut self.ids)),
            }
        }
        for step in &mut steps {
            finish(step);
        }
        steps
    }
}

/// Whether there is a block or an action in it.
pub(super) fn has_work(step: &Step) -> bool {
    step.items.iter().any(|item| !matches!(item, Item::Prose(_)))
}

/// Fills in what follows from the items.
pub(super) fn finish(step: &mut Step) {
    let mut number = 0;
    let mut runs = false;
    for item in &mut step.items {
        let span = item.span();
        if let Item::Block(block) = item {
            number += 1;
            block.number = number;
            block.id = format!("{}:{number}", step.id);
            runs |= block.class.is_executable() || block.class == Class::Unknown;
        }
        step.span = Span::new(step.span.start.min(span.start), step.span.end.max(span.end));
    }
    if step.kind != StepKind::Choice {
        step.kind = if runs { StepKind::Step } else { StepKind::Manual };
    }
}
