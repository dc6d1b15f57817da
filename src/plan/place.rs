//! Where a place in a block's text stands in its page.

use crate::runbook::Block;
use crate::source::{SourceFile, Span};

/// How many lines of a block may be looked for in vain: each costs a walk over
/// the rest of the block.
const MOST_LOST: usize = 16;

/// The lines of a block's `run` text, each with its place in the page.
///
/// The text differs from the page by the indentation of lists and quotes, and
/// by prompts: each line is looked up among the page's own. Where it cannot be
/// found, the block's first line stands for it.
pub(super) struct Places<'a> {
    file: &'a SourceFile,
    block: &'a Block,
    lines: Vec<Line>,
}

/// A line of the text.
struct Line {
    /// Where it begins in the text.
    start: usize,
    /// Where it ends there, without its line end.
    end: usize,
    /// Where it begins in the page.
    in_page: Option<usize>,
}

impl<'a> Places<'a> {
    /// Looks up every line of the block, once.
    pub(super) fn new(file: &'a SourceFile, block: &'a Block) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        // The first line of the page that the next one may be.
        let mut next = block.code_line;
        let mut lost = 0;
        for text in block.run.split('\n') {
            // In a session, lines of output stand between the commands.
            let last = if lost < MOST_LOST { block.line_end.max(next) } else { next };
            let found = (next..=last).find_map(|line| Some((line, in_page(file, block, line, text)?)));
            match found {
                Some((line, _)) => next = line + 1,
                None => {
                    lost += 1;
                    next += 1;
                }
            }
            lines.push(Line { start, end: start + text.len(), in_page: found.map(|(_, at)| at) });
            start += text.len() + 1;
        }
        Self { file, block, lines }
    }

    /// The bytes of the page that `span` of the text came from, as far as they
    /// stand on the line where it begins.
    pub(super) fn of(&self, span: Span) -> Span {
        let after = self.lines.partition_point(|line| line.start <= span.start);
        let line = after.checked_sub(1).map(|index| &self.lines[index]);
        let Some((line, at)) = line.and_then(|line| Some((line, line.in_page?))) else {
            return self.file.line_span(self.block.line_start).unwrap_or(self.block.span);
        };
        let from = span.start - line.start;
        let to = span.end.min(line.end).saturating_sub(line.start).max(from);
        Span::new(at + from, at + to)
    }
}

/// The place of `text` on a line of the page, if it stands there.
fn in_page(file: &SourceFile, block: &Block, line: usize, text: &str) -> Option<usize> {
    let page = file.line_span(line).filter(|page| page.start <= block.span.end)?;
    Some(page.start + file.slice(page).rfind(text)?)
}

/// The place of a single span; for several of a block, ask [`Places`].
pub(super) fn place(file: &SourceFile, block: &Block, span: Span) -> Span {
    Places::new(file, block).of(span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    /// What the page holds where each of `texts` of its first block stands.
    fn found(page: &str, texts: &[&str]) -> Vec<(usize, String)> {
        let file = SourceFile::new("page.md", page);
        let parsed = parse(&file, &crate::language::recognise);
        let block = parsed.runbook.blocks().next().expect("a block");
        let places = Places::new(&file, block);
        let place_of = |text: &&str| {
            let start = block.run.find(text).expect(text);
            let span = places.of(Span::new(start, start + text.len()));
            (file.line(span.start), file.slice(span).to_owned())
        };
        texts.iter().map(place_of).collect()
    }

    #[test]
    fn a_place_is_found_through_lists_quotes_and_line_ends() {
        let page = "- a\n  > ```sh\n  > one\n  >\n  > two <x>\n  >   three\n  > ```\n";
        let expected = [(3, "one"), (5, "<x>"), (6, "three")].map(|(line, text)| (line, text.to_owned()));
        assert_eq!(found(page, &["one", "<x>", "three"]), expected);
        assert_eq!(found(&page.replace('\n', "\r\n"), &["one", "<x>", "three"]), expected);
    }

    #[test]
    fn a_place_is_found_between_the_output_of_a_session() {
        let page = "```console\n$ one\nalready\n$ two <x>\n```\n";
        assert_eq!(found(page, &["one", "<x>"]), [(2, "one".to_owned()), (4, "<x>".to_owned())]);
    }

    #[test]
    fn a_span_of_several_lines_ends_with_its_first() {
        assert_eq!(found("```sh\none\ntwo\n```\n", &["ne\ntw"]), [(2, "ne".to_owned())]);
    }

    #[test]
    fn a_line_that_is_not_in_the_page_has_the_place_of_its_block() {
        // A tab that a list cuts in two is spaces in the text.
        let file = SourceFile::new("page.md", "-\t\tcode <x>\n");
        let parsed = parse(&file, &crate::language::recognise);
        let mut block = parsed.runbook.blocks().next().expect("a block").clone();
        block.run = "  other <x>\n".repeat(100);
        let places = Places::new(&file, &block);
        assert_eq!(places.of(Span::new(8, 11)), file.line_span(1).expect("line 1"));
        assert_eq!(places.of(Span::new(900, 903)), file.line_span(1).expect("line 1"));
    }
}
