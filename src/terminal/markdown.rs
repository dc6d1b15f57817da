//! A page's prose for a terminal: wrapped, with the structure of the Markdown
//! and without its signs.

use super::style::{self, Span};
use super::{table, visible, wrap};
use anstyle::{Effects, Style};
use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Prose is never squeezed into less, however deep it is nested.
const NARROWEST: usize = 12;

/// Renders `markdown` for a terminal of `width` columns. Lines end with `\n`;
/// paragraphs stand apart by an empty line. `color` adds ANSI colours.
#[must_use]
pub fn render(markdown: &str, width: usize, color: bool) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM;
    let mut page = Page::new(width, color);
    for event in Parser::new_ext(markdown, options) {
        page.event(event);
    }
    page.flush();
    page.out
}

/// Something that stands before every line inside it.
struct Container {
    /// Before its first line: a bullet, a number.
    first: Option<Span>,
    /// Before all other lines.
    rest: Span,
}

struct Page {
    width: usize,
    color: bool,
    out: String,
    containers: Vec<Container>,
    /// The number of the next item, for each open list.
    lists: Vec<Option<u64>>,
    inline: Vec<Span>,
    styles: Vec<Style>,
    links: Vec<Link>,
    /// The text of the code block that is open.
    code: Option<String>,
    table: Option<table::Table>,
    /// The next block stands apart from the one before.
    gap: bool,
}

/// A link that is open: where it leads, and where its text begins.
struct Link {
    target: String,
    text_from: usize,
}

impl Page {
    fn new(width: usize, color: bool) -> Self {
        Self {
            width,
            color,
            out: String::new(),
            containers: Vec::new(),
            lists: Vec::new(),
            inline: Vec::new(),
            styles: vec![style::PLAIN],
            links: Vec::new(),
            code: None,
            table: None,
            gap: false,
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.text(&visible::prose(&text)),
            },
            Event::Code(text) => {
                let style = style::CODE | self.style().get_effects();
                // Without colour the signs stay: they are what tells code.
                let text = visible::prose(&text);
                let text = if self.color { text } else { format!("`{text}`") };
                self.inline.push(Span::new(text, style));
            }
            Event::InlineHtml(html) => match inline_html(&html) {
                Html::Break => self.text("\n"),
                Html::Nothing => {}
                Html::Words => self.text(&visible::prose(&html)),
            },
            Event::Html(html) => self.text(&without_tags(&html)),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.text("\n"),
            Event::Rule => {
                self.open_block();
                let rule = "─".repeat(self.room().min(20));
                self.lines(vec![vec![Span::new(rule, style::QUIET)]]);
            }
            Event::TaskListMarker(done) => self.text(if done { "[x] " } else { "[ ] " }),
            Event::FootnoteReference(label) => self.text(&visible::prose(&format!("[{label}]"))),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&visible::prose(&text)),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush();
                let underline = if level <= HeadingLevel::H2 { Effects::UNDERLINE } else { Effects::new() };
                self.push_style(Effects::BOLD.insert(underline));
            }
            Tag::BlockQuote(kind) => {
                self.flush();
                self.open_block();
                let style = kind.map_or(style::QUIET, alert_style);
                self.containers.push(Container { first: None, rest: Span::new("▌ ", style) });
                if let Some(kind) = kind {
                    self.lines(vec![vec![Span::new(alert_name(kind), style)]]);
                }
                self.gap = false;
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                let label = match kind {
                    CodeBlockKind::Fenced(label) => visible::inline(&label),
                    CodeBlockKind::Indented => String::new(),
                };
                self.open_block();
                if !label.is_empty() {
                    self.lines(vec![vec![Span::new(format!("  {label}:"), style::QUIET)]]);
                    self.gap = false;
                }
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => self.start_item(),
            Tag::Emphasis => self.push_style(Effects::ITALIC),
            Tag::Strong => self.push_style(Effects::BOLD),
            // What is struck out must not read like what is not, and not every
            // terminal can strike out.
            Tag::Strikethrough => {
                self.text("~~");
                self.push_style(Effects::STRIKETHROUGH);
            }
            Tag::Link { dest_url, .. } => self.open_link(&dest_url),
            Tag::Image { dest_url, .. } => {
                self.text("[image] ");
                self.open_link(&dest_url);
            }
            Tag::Table(alignments) => {
                self.flush();
                self.table = Some(table::Table::new(alignments));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.styles.pop();
                self.flush();
            }
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.flush(),
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.flush();
                self.containers.pop();
                self.gap = matches!(tag, TagEnd::BlockQuote(_));
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.gap = self.lists.is_empty();
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::Emphasis | TagEnd::Strong => {
                self.styles.pop();
            }
            TagEnd::Strikethrough => {
                self.styles.pop();
                self.text("~~");
            }
            TagEnd::Link | TagEnd::Image => self.close_link(),
            TagEnd::TableCell => {
                let cell = wrap::words(&std::mem::take(&mut self.inline), usize::MAX).concat();
                if let Some(table) = &mut self.table {
                    table.cell(cell);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    self.open_block();
                    let lines = table.lines(self.room());
                    self.lines(lines);
                }
            }
            _ => {}
        }
    }

    fn start_item(&mut self) {
        self.flush();
        let marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number += 1;
                marker
            }
            _ => "• ".to_owned(),
        };
        // The first item of a list stands apart from what is before the list,
        // unless that is the item it is nested in.
        if self.lists.len() == 1 && self.gap {
            self.open_block();
        }
        self.gap = false;
        let rest = Span::plain(" ".repeat(wrap::width(&[Span::plain(marker.as_str())])));
        self.containers.push(Container { first: Some(Span::plain(marker)), rest });
    }

    fn open_link(&mut self, target: &str) {
        self.links.push(Link { target: visible::inline(target), text_from: self.inline.len() });
        self.push_style(Effects::UNDERLINE);
    }

    fn close_link(&mut self) {
        self.styles.pop();
        let Some(link) = self.links.pop() else { return };
        let from = link.text_from.min(self.inline.len());
        let text: String = self.inline[from..].iter().map(|span| span.text.as_str()).collect();
        // Where a link leads is never hidden behind its text; a place on this
        // page leads nowhere from a terminal.
        if !link.target.is_empty() && !link.target.starts_with('#') && text != link.target {
            self.text(&format!(" ({})", link.target));
        }
    }

    fn end_code(&mut self) {
        let code = self.code.take().unwrap_or_default();
        let room = self.room().saturating_sub(4).max(NARROWEST);
        let mut lines = Vec::new();
        for line in code.lines() {
            for (number, part) in wrap::cells(&visible::code(line), Some(room)).into_iter().enumerate() {
                let gutter = if number == 0 { "    " } else { "  ┆ " };
                let mut spans = vec![Span::new(gutter, style::QUIET)];
                spans.extend(part);
                lines.push(spans);
            }
        }
        self.lines(lines);
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }

    fn push_style(&mut self, effect: Effects) {
        let style = self.style();
        self.styles.push(style.effects(style.get_effects().insert(effect)));
    }

    fn text(&mut self, text: &str) {
        let style = self.style();
        self.inline.push(Span::new(text, style));
    }

    /// Columns left inside the open containers.
    fn room(&self) -> usize {
        let taken: usize =
            self.containers.iter().map(|container| wrap::width(std::slice::from_ref(&container.rest))).sum();
        self.width.saturating_sub(taken).max(NARROWEST)
    }

    /// Leaves an empty line before the block that begins.
    fn open_block(&mut self) {
        if self.gap && !self.out.is_empty() {
            let prefix = self.prefix();
            self.out.push_str(style::paint(&prefix, self.color).trim_end());
            self.out.push('\n');
        }
        self.gap = false;
    }

    /// Writes the paragraph that was collected, if any.
    fn flush(&mut self) {
        let inline = std::mem::take(&mut self.inline);
        if inline.iter().all(|span| span.text.trim().is_empty()) {
            return;
        }
        self.open_block();
        let lines = wrap::words(&inline, self.room());
        self.lines(lines);
    }

    fn lines(&mut self, lines: Vec<Vec<Span>>) {
        for line in lines {
            let mut spans = Vec::new();
            for container in &mut self.containers {
                spans.push(container.first.take().unwrap_or_else(|| container.rest.clone()));
            }
            spans.extend(line);
            self.out.push_str(style::paint(&spans, self.color).trim_end());
            self.out.push('\n');
        }
        self.gap = true;
    }

    /// Before an empty line: bars of quotes go through it, bullets wait.
    fn prefix(&self) -> Vec<Span> {
        self.containers.iter().map(|container| container.rest.clone()).collect()
    }
}

fn alert_name(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "Note",
        BlockQuoteKind::Tip => "Tip",
        BlockQuoteKind::Important => "Important",
        BlockQuoteKind::Warning => "WARNING",
        BlockQuoteKind::Caution => "CAUTION",
    }
}

fn alert_style(kind: BlockQuoteKind) -> Style {
    match kind {
        BlockQuoteKind::Note | BlockQuoteKind::Tip => style::GOOD,
        BlockQuoteKind::Important => style::STRONG,
        BlockQuoteKind::Warning => style::CAUTION,
        BlockQuoteKind::Caution => style::BAD,
    }
}

/// What an HTML tag inside a paragraph means here.
enum Html {
    Break,
    Nothing,
    /// Not a tag of HTML but words of the author: `<pod-name>`.
    Words,
}

/// Tags that pages use inside a paragraph.
const INLINE_TAGS: [&str; 27] = [
    "a", "abbr", "b", "code", "del", "details", "div", "em", "font", "i", "img", "input", "ins", "kbd", "li", "mark",
    "p", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "u", "var",
];

fn inline_html(html: &str) -> Html {
    if html.starts_with("<!--") {
        return Html::Nothing;
    }
    let name: String = html
        .trim_start_matches(['<', '/'])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect::<String>()
        .to_ascii_lowercase();
    match name.as_str() {
        "br" => Html::Break,
        name if INLINE_TAGS.contains(&name) => Html::Nothing,
        _ => Html::Words,
    }
}

/// The words of a piece of block HTML.
fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        let end = if rest[start..].starts_with("<!--") { "-->" } else { ">" };
        match rest[start..].find(end) {
            Some(at) => rest = &rest[start + at + end.len()..],
            None => rest = "",
        }
    }
    out.push_str(rest);
    visible::prose(&out)
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
