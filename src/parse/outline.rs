//! One pass over the page's Markdown: what stands in it, flat, in page order.
//!
//! Lists and quotes that hold nothing to do stay whole, as prose; those that
//! do are taken apart, so that every block and action is found wherever it is
//! nested.

use super::paragraph::{Bold, is_shortcode, without_indent};
use super::tabs::{self, Mark};
use crate::runbook::Action;
use crate::source::{SourceFile, Span};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// What GitHub renders. Metadata blocks are left out: that option matches
/// anywhere in the page and would swallow what stands between two rules.
pub(super) const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_GFM);

/// One piece of the page.
#[derive(Debug)]
pub(super) enum Content {
    Heading(Heading),
    /// A paragraph of its own that is wholly bold.
    LeadIn {
        /// Its text, without markup and the colon at its end.
        title: String,
        /// Whether a colon ended it.
        colon: bool,
        span: Span,
    },
    Prose {
        span: Span,
        kind: Prose,
    },
    Code(Code),
    /// What to do, and the whole item with what is nested in it.
    Action(Action, Span),
    /// A tab of a site generator begins.
    Tab {
        label: String,
        /// Whether the tab holds what is indented after it.
        indented: bool,
        span: Span,
    },
    /// The tabs end.
    TabsEnd,
}

/// What kind of text it is, as far as that matters for what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prose {
    /// A paragraph that ends in a colon.
    Opening,
    /// Stands in a list or quote that holds something to do.
    Nested,
    Other,
}

#[derive(Debug)]
pub(super) struct Heading {
    /// Text without markup; a line break in it is kept.
    pub(super) title: String,
    pub(super) level: u8,
    pub(super) span: Span,
    /// Stands in a list or quote: it has an anchor, but divides nothing.
    pub(super) nested: bool,
    /// Part of the prose that follows, which is that whole list or quote.
    pub(super) in_prose: bool,
}

/// A code block as Markdown gives it.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) fenced: bool,
    /// From the fence, or the first byte of indented code, to the end.
    pub(super) span: Span,
    /// The content.
    pub(super) text: String,
    /// Where the source of the content begins.
    pub(super) text_start: usize,
    /// Where the source of the content ends.
    pub(super) text_end: usize,
}

/// Reads the page from the byte `from` on.
pub(super) fn read(file: &SourceFile, from: usize) -> Vec<Content> {
    let mut walk = Walk { file, out: Vec::new(), open: Vec::new(), leaf: None, links: 0 };
    for (event, range) in Parser::new_ext(&file.text()[from..], OPTIONS).into_offset_iter() {
        walk.step(event, Span::from(range).shifted(from));
    }
    tabs::close(walk.out)
}

/// The text of the first heading from the byte `from` on that divides the page
/// and has any text. What comes after it is not walked through.
pub(super) fn first_heading(file: &SourceFile, from: usize) -> Option<String> {
    let mut walk = Walk { file, out: Vec::new(), open: Vec::new(), leaf: None, links: 0 };
    for (event, range) in Parser::new_ext(&file.text()[from..], OPTIONS).into_offset_iter() {
        walk.step(event, Span::from(range).shifted(from));
        if let Some(Content::Heading(Heading { title, nested: false, .. })) = walk.out.last()
            && !title.trim().is_empty()
        {
            return Some(title.trim().replace('\n', " "));
        }
    }
    None
}

/// A container that is open.
struct Container {
    kind: ContainerKind,
    span: Span,
    /// Length of the output when it opened: what came since is its own.
    first: usize,
    has_code: bool,
    has_action: bool,
    /// Every word in it is a link into this page: a table of contents.
    only_links: bool,
}

enum ContainerKind {
    List { ordered: bool },
    Item(ListItem),
    Other,
}

struct ListItem {
    ordered: bool,
    task: Option<bool>,
    /// Text that stands in the item without a paragraph of its own.
    tight: Option<Span>,
    /// Its own text has been put out.
    told: bool,
}

/// A block that holds text.
enum Leaf {
    Heading { title: String, level: u8, tab: bool },
    Paragraph(Bold),
    Code(Code),
    Html { comment: bool, text: String },
    Table,
}

struct Walk<'a> {
    file: &'a SourceFile,
    out: Vec<Content>,
    open: Vec<Container>,
    leaf: Option<Leaf>,
    /// Depth of open links into this page.
    links: usize,
}

impl Walk<'_> {
    fn step(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(tag, span),
            Event::Text(text) => self.text(&text, span),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, span),
            Event::SoftBreak | Event::HardBreak => {
                self.inline(span);
                match &mut self.leaf {
                    Some(Leaf::Heading { title, .. }) => title.push('\n'),
                    Some(Leaf::Paragraph(bold)) => bold.mixed = true,
                    _ => {}
                }
            }
            Event::TaskListMarker(done) => {
                if let Some(Container { kind: ContainerKind::Item(item), only_links, .. }) = self.open.last_mut() {
                    item.task = Some(done);
                    *only_links = false;
                }
            }
            Event::Html(text) => {
                if let Some(Leaf::Html { comment, text: all }) = &mut self.leaf {
                    *comment |= text.trim_start().starts_with("<!--");
                    all.push_str(&text);
                }
            }
            Event::InlineHtml(_) | Event::FootnoteReference(_) => self.inline(span),
            Event::Rule => {
                self.flush();
                if self.open.is_empty() {
                    self.out.push(Content::TabsEnd);
                }
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>, span: Span) {
        match tag {
            Tag::Paragraph => self.leaf = Some(Leaf::Paragraph(Bold::default())),
            Tag::Heading { level, .. } => {
                self.flush();
                self.leaf = Some(Leaf::Heading { title: String::new(), level: depth(level), tab: false });
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                self.leaf = Some(Leaf::Code(self.code(&kind, span)));
            }
            Tag::HtmlBlock | Tag::MetadataBlock(_) => {
                self.flush();
                self.leaf = Some(Leaf::Html { comment: false, text: String::new() });
            }
            Tag::Table(_) => {
                self.flush();
                self.leaf = Some(Leaf::Table);
            }
            Tag::List(first) => self.push(ContainerKind::List { ordered: first.is_some() }, span),
            Tag::Item => {
                let ordered =
                    matches!(self.open.last(), Some(Container { kind: ContainerKind::List { ordered: true }, .. }));
                self.push(ContainerKind::Item(ListItem { ordered, task: None, tight: None, told: false }), span);
            }
            Tag::BlockQuote(_) | Tag::FootnoteDefinition(_) | Tag::DefinitionList | Tag::DefinitionListDefinition => {
                self.push(ContainerKind::Other, span);
            }
            Tag::Strong => {
                self.inline(span);
                if let Some(Leaf::Paragraph(bold)) = &mut self.leaf {
                    bold.depth += 1;
                }
            }
            Tag::Link { dest_url, .. } => {
                if let Some(Leaf::Heading { title, tab, .. }) = &mut self.leaf {
                    *tab = title.is_empty() && dest_url.starts_with("#tab/");
                }
                self.links += usize::from(self.links > 0 || dest_url.starts_with('#'));
                self.inline(span);
            }
            Tag::Image { .. } => {
                self.inline(span);
                if let Some(Leaf::Paragraph(bold)) = &mut self.leaf {
                    bold.mixed = true;
                }
            }
            _ => self.inline(span),
        }
    }

    fn end(&mut self, tag: TagEnd, span: Span) {
        match tag {
            TagEnd::Paragraph => {
                if let Some(Leaf::Paragraph(bold)) = self.leaf.take() {
                    self.paragraph(bold, span);
                }
            }
            TagEnd::Heading(_) => {
                if let Some(Leaf::Heading { title, level, tab }) = self.leaf.take() {
                    let nested = tab || !self.open.is_empty();
                    let label = tab.then(|| title.trim().to_owned());
                    let span = self.trimmed(span);
                    self.out.push(Content::Heading(Heading { title, level, span, nested, in_prose: tab }));
                    if let Some(label) = label.filter(|_| self.open.is_empty()) {
                        self.out.push(Content::Tab { label, indented: false, span });
                    }
                }
            }
            TagEnd::CodeBlock => {
                if let Some(Leaf::Code(code)) = self.leaf.take() {
                    self.out.push(Content::Code(code));
                    if let Some(container) = self.open.last_mut() {
                        container.has_code = true;
                        container.only_links = false;
                    }
                }
            }
            TagEnd::HtmlBlock | TagEnd::MetadataBlock(_) => {
                if let Some(Leaf::Html { comment: false, text }) = self.leaf.take() {
                    match tabs::of_html(&text) {
                        Some(mark) => self.mark(mark, false, span),
                        None => self.prose(span),
                    }
                }
            }
            TagEnd::Table => {
                self.leaf = None;
                self.prose(span);
            }
            TagEnd::List(_)
            | TagEnd::Item
            | TagEnd::BlockQuote(_)
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListDefinition => self.pop(),
            TagEnd::Strong => {
                if let Some(Leaf::Paragraph(bold)) = &mut self.leaf {
                    bold.depth -= 1;
                }
            }
            TagEnd::Link => self.links = self.links.saturating_sub(1),
            _ => {}
        }
    }

    fn code(&self, kind: &CodeBlockKind<'_>, span: Span) -> Code {
        let fenced = matches!(kind, CodeBlockKind::Fenced(_));
        let text_start = if fenced {
            let rest = &self.file.text()[span.start..span.end];
            rest.find(['\n', '\r']).map_or(span.end, |line_end| span.start + line_end + 1)
        } else {
            span.start
        };
        Code { fenced, span, text: String::new(), text_start, text_end: text_start }
    }

    fn text(&mut self, text: &CowStr<'_>, span: Span) {
        match &mut self.leaf {
            Some(Leaf::Code(code)) => {
                code.text.push_str(text);
                code.text_end = code.text_end.max(span.end);
                return;
            }
            Some(Leaf::Heading { title, .. }) => title.push_str(text),
            Some(Leaf::Paragraph(bold)) => bold.take(text),
            Some(Leaf::Html { .. } | Leaf::Table) | None => {}
        }
        if self.links == 0
            && !text.trim().is_empty()
            && let Some(container) = self.open.last_mut()
        {
            container.only_links = false;
        }
        self.inline(span);
    }

    /// Notes text that stands in a list item without a paragraph.
    fn inline(&mut self, span: Span) {
        if self.leaf.is_none()
            && let Some(Container { kind: ContainerKind::Item(item), .. }) = self.open.last_mut()
        {
            let tight = item.tight.get_or_insert(span);
            tight.end = tight.end.max(span.end);
        }
    }

    fn paragraph(&mut self, bold: Bold, span: Span) {
        let text = self.file.slice(span);
        if is_shortcode(text) {
            self.mark(tabs::of_shortcodes(text), false, span);
            return;
        }
        if let Some(mark) = tabs::of_paragraph(text).filter(|_| self.open.is_empty()) {
            self.mark(mark, true, span);
            return;
        }
        if self.open.is_empty()
            && let Some((title, colon)) = bold.lead_in()
        {
            self.out.push(Content::LeadIn { title, colon, span: self.trimmed(span) });
        } else {
            self.prose(span);
        }
    }

    /// Puts out what a tab's markup says, where it stands for itself.
    fn mark(&mut self, mark: Mark, indented: bool, span: Span) {
        if !self.open.is_empty() {
            return;
        }
        match mark {
            Mark::Tab(label) => self.out.push(Content::Tab { label, indented, span: self.trimmed(span) }),
            Mark::End => self.out.push(Content::TabsEnd),
            Mark::Wrapper => {}
        }
    }

    /// Puts out text: an item's own text is an action, all else is prose.
    fn prose(&mut self, span: Span) {
        let span = self.trimmed(span);
        let Some(container) = self.open.last_mut() else {
            let opening = self.file.slice(span).trim_end_matches(['*', '_']).ends_with(':');
            self.out.push(Content::Prose { span, kind: if opening { Prose::Opening } else { Prose::Other } });
            return;
        };
        let is_first = self.out.len() == container.first;
        let whole = Span::new(if is_first { container.span.start } else { span.start }, span.end);
        let ContainerKind::Item(item) = &mut container.kind else {
            self.out.push(Content::Prose { span, kind: Prose::Nested });
            return;
        };
        // Text below an item's code tells of the code, and is not the item's.
        let is_action = !item.told && (item.task.is_some() || (item.ordered && !container.has_code));
        item.told = true;
        if is_action {
            container.has_action = true;
            let text = without_indent(self.file.slice(span));
            let line = self.file.line(whole.start);
            let action = Action { text, line, span: whole, task: item.task };
            self.out.push(Content::Action(action, container.span));
        } else {
            self.out.push(Content::Prose { span: whole, kind: Prose::Nested });
        }
    }

    /// Puts out what text the innermost item has gathered.
    fn flush(&mut self) {
        if let Some(Container { kind: ContainerKind::Item(item), .. }) = self.open.last_mut()
            && let Some(tight) = item.tight.take()
        {
            self.prose(tight);
        }
    }

    fn push(&mut self, kind: ContainerKind, span: Span) {
        self.flush();
        self.open.push(Container {
            kind,
            span,
            first: self.out.len(),
            has_code: false,
            has_action: false,
            only_links: true,
        });
    }

    fn pop(&mut self) {
        self.flush();
        let Some(mut container) = self.open.pop() else { return };
        let is_list = matches!(container.kind, ContainerKind::List { .. });
        if is_list && container.only_links {
            container.has_action = false;
        }
        let parent_is_list = match self.open.last_mut() {
            Some(parent) => {
                parent.has_code |= container.has_code;
                parent.has_action |= container.has_action;
                parent.only_links &= container.only_links;
                matches!(parent.kind, ContainerKind::List { .. })
            }
            None => false,
        };
        // An item is decided with its list: a list is one piece or none.
        if container.has_code || container.has_action || parent_is_list {
            return;
        }
        // Its headings stay: they have anchors, and later ones count on them.
        let own = self.out.drain(container.first..).filter_map(|content| match content {
            Content::Heading(heading) => Some(Content::Heading(Heading { in_prose: true, ..heading })),
            _ => None,
        });
        let headings: Vec<Content> = own.collect();
        self.out.extend(headings);
        let kind = if self.open.is_empty() { Prose::Other } else { Prose::Nested };
        self.out.push(Content::Prose { span: self.trimmed(container.span), kind });
    }

    /// `span` without the white space at its end.
    fn trimmed(&self, span: Span) -> Span {
        Span::new(span.start, span.start + self.file.slice(span).trim_end().len())
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
