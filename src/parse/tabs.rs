//! Tabs of site generators: the wrappers are no content, and their labels name
//! ways to do the same.
//!
//! `=== "macOS"` (MkDocs), `<TabItem label="macOS">` (Docusaurus),
//! `{{< tab "macOS" >}}` (Hugo), `# [macOS](#tab/macos)` (Microsoft's docs).

use super::class::{self, Context, Recognise};
use super::outline::Content;
use crate::runbook::{Block, Class};
use std::collections::HashSet;

/// What a line of markup says about tabs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A tab with this label begins.
    Tab(String),
    /// All tabs end.
    End,
    /// Neither, and it is no content.
    Wrapper,
}

/// What a paragraph of MkDocs says: `=== "macOS"`.
pub(super) fn of_paragraph(text: &str) -> Option<Mark> {
    let rest = text.trim().strip_prefix("===")?.trim_start_matches(['!', '+', ' ']);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = rest[1..].strip_suffix(quote)?;
    (!label.contains('\n') && !label.trim().is_empty()).then(|| Mark::Tab(label.trim().to_owned()))
}

/// What a paragraph of nothing but shortcodes says.
pub(super) fn of_shortcodes(text: &str) -> Mark {
    let mut mark = Mark::Wrapper;
    for line in text.lines() {
        let inner = line.trim().trim_matches(['{', '}', '<', '>', '%', ' ']);
        let (name, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        match name {
            "tab" | "codetab" | "tabitem" => {
                if let Some(label) = attribute(rest, &["name", "header", "label", "title"]).or_else(|| quoted(rest)) {
                    mark = Mark::Tab(label);
                }
            }
            "/tabs" | "/tabpane" | "/tabset" | "endtabs" => mark = Mark::End,
            _ => {}
        }
    }
    mark
}

/// What a block of HTML says; `None` where it is content.
pub(super) fn of_html(html: &str) -> Option<Mark> {
    let mut mark = Mark::Wrapper;
    let mut rest = html.trim();
    while !rest.is_empty() {
        let end = rest.find('>')?;
        let tag = rest.strip_prefix('<')?.get(..end - 1)?;
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        rest = rest[end + 1..].trim_start();
        match name.to_ascii_lowercase().as_str() {
            "tabitem" | "tab" => {
                let label = attribute(attributes, &["label", "title", "value", "name"]);
                mark = label.map_or(Mark::Wrapper, Mark::Tab);
            }
            "/tabs" => mark = Mark::End,
            "tabs" | "/tabitem" | "/tab" => {}
            _ => return None,
        }
    }
    Some(mark)
}

fn attribute(text: &str, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let at = text.find(&format!("{name}="))?;
        let is_whole = at == 0 || text[..at].ends_with(char::is_whitespace);
        is_whole.then(|| quoted(text[at + name.len() + 1..].trim_start_matches('{'))).flatten()
    })
}

/// The text that begins in quotes here.
fn quoted(text: &str) -> Option<String> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = text[1..].split(quote).next()?.trim();
    (!label.is_empty()).then(|| label.to_owned())
}

/// Puts the end of MkDocs' tabs where the indented text after them ends, and
/// drops ends that end nothing and the label of a tab that stands alone.
pub(super) fn close(contents: Vec<Content>) -> Vec<Content> {
    let mut out = Vec::with_capacity(contents.len());
    // Where the labels stand of the tabs that are open, and whether their
    // content is indented.
    let mut open: Vec<usize> = Vec::new();
    let mut by_indent = false;
    let mut alone: HashSet<usize> = HashSet::new();
    for content in contents {
        let ends = match &content {
            Content::Tab { indented, .. } => {
                open.push(out.len());
                by_indent = *indented;
                false
            }
            Content::TabsEnd => true,
            Content::Heading(heading) => !heading.nested,
            Content::Code(code) if !code.fenced => false,
            _ => by_indent,
        };
        let is_marker = matches!(content, Content::TabsEnd);
        if ends && let Some(first) = open.pop() {
            if open.is_empty() {
                alone.insert(first);
            } else {
                out.push(Content::TabsEnd);
            }
            open.clear();
        }
        if !is_marker {
            out.push(content);
        }
    }
    alone.extend(open.pop().filter(|_| open.is_empty()));
    let mut place = 0..;
    out.retain(|_| !place.next().is_some_and(|place| alone.contains(&place)));
    out
}

/// Reads the fence inside the indented code that CommonMark makes of a tab's
/// content. The code stays as it is; what runs is what stands in the fence.
pub(super) fn unwrap(block: &mut Block, recognise: &Recognise<'_>) {
    let code = block.code.trim_end();
    let Some((opening, rest)) = code.split_once('\n') else { return };
    let fence: String = opening.chars().take_while(|c| matches!(c, '`' | '~')).collect();
    let Some((inner, closing)) = rest.rsplit_once('\n') else { return };
    let is_one = fence.len() >= 3
        && closing.trim_end().len() >= fence.len()
        && closing.trim_end().trim_start_matches(&fence[..1]).is_empty()
        && !inner.lines().any(|line| line.starts_with(&fence));
    if !is_one {
        return;
    }
    let label = opening[fence.len()..].split_whitespace().next().unwrap_or_default();
    let label = label.trim_matches(['{', '}', '.']).to_lowercase();
    let inner = format!("{inner}\n");
    let told = class::tell(&label, &inner, Context::Free, recognise);
    if told.class == Class::Unknown && !label.is_empty() {
        return;
    }
    block.label = label;
    block.language = told.language;
    block.class = told.class;
    block.why = format!("{}, in a fence further in", told.why);
    block.expects = told.expects;
    block.doubtful = told.doubtful;
    block.run = told.run.unwrap_or(inner);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tab(label: &str) -> Mark {
        Mark::Tab(label.to_owned())
    }

    #[test]
    fn labels_of_tabs_are_read_from_each_kind_of_markup() {
        assert_eq!(of_paragraph("=== \"macOS\""), Some(tab("macOS")));
        assert_eq!(of_shortcodes("{{< tab \"Linux\" >}}"), tab("Linux"));
        assert_eq!(of_shortcodes("{{% tab name=\"Linux\" %}}"), tab("Linux"));
        assert_eq!(of_shortcodes("{{< tabpane >}}\n{{< tab header=\"Linux\" lang=\"bash\" >}}"), tab("Linux"));
        assert_eq!(of_shortcodes("{{< /tab >}}\n{{< /tabs >}}"), Mark::End);
        assert_eq!(of_html("<Tabs>\n<TabItem value=\"m\" label=\"macOS\">"), Some(tab("macOS")));
        assert_eq!(of_html("</TabItem>\n</Tabs>"), Some(Mark::End));
    }

    #[test]
    fn other_markup_says_nothing_of_tabs() {
        assert_eq!(of_paragraph("=== not a tab"), None);
        assert_eq!(of_shortcodes("{{< note >}}"), Mark::Wrapper);
        for html in ["<details>", "<p>text</p>", "a < b", "<", "<>", "<Tabs"] {
            assert_eq!(of_html(html), None, "{html}");
        }
    }
}
