//! Where a place in a block's text stands in its page.

use crate::runbook::Block;
use crate::source::{SourceFile, Span};

/// The bytes of the page that `span` of the block's `run` text came from. The
/// text differs from the page by the indentation of lists and quotes, and by
/// prompts: each line is looked up in the page's own. Where it cannot be
/// found, the block's first line stands for it.
pub(super) fn place(file: &SourceFile, block: &Block, span: Span) -> Span {
    let fallback = || file.line_span(block.line_start).unwrap_or(block.span);
    let start = block.run[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = block.run[start..].find('\n').map_or(block.run.len(), |length| start + length);
    let text = &block.run[start..end];
    let number = block.run[..start].matches('\n').count();
    let in_page = |line: usize| {
        let page = file.line_span(line).filter(|page| page.start <= block.span.end)?;
        let column = file.slice(page).rfind(text)?;
        Some(page.start + column)
    };
    // In a session, lines of output stand between the commands.
    let at = (block.code_line + number..=block.line_end.max(block.code_line + number)).find_map(in_page);
    let Some(at) = at else { return fallback() };
    let from = at + (span.start - start);
    Span::new(from, at + (span.end.min(end) - start).max(span.start - start))
}
