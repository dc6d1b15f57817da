//! A page's text as it was meant: proposed, never taken without consent.

use super::{Facts, Plan};
use crate::language::{Mistyped, Sign};
use crate::runbook::Block;
use crate::source::{Diagnostic, Garbled, SourceFile, Span};
use std::collections::HashSet;

/// The mended text of a page, and what was wrong with it.
#[derive(Debug, Clone)]
pub struct Mending {
    /// The page with the mended text. Its lines are those of the file.
    pub file: SourceFile,
    /// What is mended, each as a sentence without its end:
    /// `212 characters were garbled (UTF-8 read as Mac Roman), as in line 57: ‚úÖ for ✅`.
    pub what: Vec<String>,
}

impl Mending {
    /// What can be mended in `file`; `None` where nothing need be.
    /// `environment` is that of [`Plan::read`].
    #[must_use]
    pub fn propose(file: &SourceFile, environment: &HashSet<String>) -> Option<Self> {
        let text = file.text();
        if text.is_ascii() && !text.contains('\r') {
            return None;
        }
        let mut what = Vec::new();
        let mut mended = file.clone();
        if let Some(garbled) = Garbled::find(text) {
            what.push(format!(
                "{} ({}), as in line {}: {} for {}",
                many(garbled.characters, "character was garbled", "characters were garbled"),
                garbled.how(),
                file.line(garbled.first.start),
                garbled.before,
                garbled.after
            ));
            mended = SourceFile::new(file.name(), garbled.mend(text));
        }
        if let Some((file, said)) = retype(&mended, environment) {
            mended = file;
            what.push(said);
        }
        (!what.is_empty()).then_some(Self { file: mended, what })
    }
}

/// The page with the signs in its commands that were meant.
fn retype(file: &SourceFile, environment: &HashSet<String>) -> Option<(SourceFile, String)> {
    let plan = Plan::read(file, environment.clone());
    let mut edits = Vec::new();
    for block in plan.runbook.blocks() {
        edits.extend(in_page(file, block, &plan.facts(block).mistyped));
    }
    let (first, mistyped) = *edits.first()?;
    let mut text = String::with_capacity(file.text().len());
    let mut at = 0;
    for (span, mistyped) in &edits {
        text.push_str(&file.text()[at..span.start]);
        text.push_str(mistyped.meant);
        at = span.end;
    }
    text.push_str(&file.text()[at..]);
    let said = format!(
        "{} in commands only look like what was meant, as in line {}: {}",
        many(edits.len(), "character", "characters"),
        file.line(first.start),
        describe(file.slice(first), mistyped)
    );
    Some((SourceFile::new(file.name(), text), said))
}

fn many(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// Where in the page mistyped characters of a block stand, in order; those
/// whose line cannot be found there are left out. One walk over the block's
/// lines, however many there are.
pub(super) fn in_page<'m>(file: &SourceFile, block: &Block, mistyped: &'m [Mistyped]) -> Vec<(Span, &'m Mistyped)> {
    let mut found = Vec::with_capacity(mistyped.len());
    let mut left = mistyped.iter().peekable();
    let mut page_line = block.code_line;
    let mut start = 0;
    for line in block.run.split_inclusive('\n') {
        let end = start + line.len();
        let text = line.trim_end_matches('\n');
        let is_here = left.peek().is_some_and(|next| next.span.start < end);
        let at = if is_here { find_line(file, block, text, &mut page_line) } else { None };
        while let Some(next) = left.next_if(|next| next.span.start < end) {
            if let Some(at) = at {
                found.push((Span::new(at + next.span.start - start, at + next.span.end - start), next));
            }
        }
        if !is_here {
            page_line = after(file, block, text, page_line);
        }
        if left.peek().is_none() {
            break;
        }
        start = end;
    }
    found
}

/// The offset in the page of a line of the block's text, looked for from
/// `page_line` on, which is then the line after it.
fn find_line(file: &SourceFile, block: &Block, text: &str, page_line: &mut usize) -> Option<usize> {
    for line in *page_line..=block.line_end.max(*page_line) {
        let span = file.line_span(line)?;
        if let Some(column) = file.slice(span).rfind(text) {
            *page_line = line + 1;
            return Some(span.start + column);
        }
    }
    None
}

/// The line after that of `text`, if it is the next of the page; where it is
/// not, as between the commands of a session, `page_line` itself, from which
/// the next search goes on.
fn after(file: &SourceFile, block: &Block, text: &str, page_line: usize) -> usize {
    let is_next = file.line_span(page_line).is_some_and(|span| file.slice(span).ends_with(text));
    if is_next && page_line <= block.line_end { page_line + 1 } else { page_line }
}

/// Adds the findings about the characters of one block.
pub(super) fn check(file: &SourceFile, block: &Block, facts: &Facts, found: &mut Vec<Diagnostic>) {
    let places = in_page(file, block, &facts.mistyped);
    for sign in [Sign::Quote, Sign::Dash, Sign::Invisible] {
        let mut alike = places.iter().filter(|(_, mistyped)| mistyped.sign == sign);
        let Some((span, mistyped)) = alike.next() else { continue };
        let more = alike.count();
        let line = file.line(span.start);
        let (code, kind) = match sign {
            Sign::Quote => ("typographic-quote", "no quote of this language"),
            Sign::Dash => ("typographic-dash", "no hyphen"),
            Sign::Invisible => ("invisible-character", "nothing that a command may hold"),
        };
        let others = if more == 0 { String::new() } else { format!(", and {more} more like it in this block") };
        let message = format!("{} is {kind}{others}", name(file.slice(*span)));
        found.push(
            Diagnostic::warning(code, *span, message)
                .with_help(format!("as meant: {}; --mend takes it so, and leaves the file as it is", {
                    mended_line(file, line, &places)
                }))
                .with_label(meant(mistyped)),
        );
    }
}

/// The line as it was meant.
fn mended_line(file: &SourceFile, line: usize, places: &[(Span, &Mistyped)]) -> String {
    let Some(whole) = file.line_span(line) else { return String::new() };
    let mut text = String::new();
    let mut at = whole.start;
    for (span, mistyped) in places.iter().filter(|(span, _)| whole.contains(*span)) {
        text.push_str(&file.text()[at..span.start]);
        text.push_str(mistyped.meant);
        at = span.end;
    }
    text.push_str(&file.text()[at..whole.end]);
    text.trim().replace('\n', " ⏎ ")
}

/// What keeps the block from running, in a few words.
pub(super) fn describe(written: &str, mistyped: &Mistyped) -> String {
    format!("{} stands where {} is meant", name(written), meant(mistyped))
}

fn meant(mistyped: &Mistyped) -> String {
    match mistyped.meant {
        "" => "nothing".to_owned(),
        " " => "a space".to_owned(),
        "\n" => "a line end".to_owned(),
        meant => meant.to_owned(),
    }
}

/// A character as it can be shown: what cannot be seen goes by its number.
fn name(written: &str) -> String {
    match written.chars().next() {
        Some('\r') => "a carriage return".to_owned(),
        Some('\u{a0}') => "a no-break space (U+00A0)".to_owned(),
        Some('\u{ad}') => "a soft hyphen (U+00AD)".to_owned(),
        Some('\u{feff}') => "a byte order mark (U+FEFF)".to_owned(),
        Some('\u{200b}') => "a zero-width space (U+200B)".to_owned(),
        Some(c) if c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}') => {
            format!("U+{:04X}", u32::from(c))
        }
        _ => written.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn propose(text: &str) -> Option<Mending> {
        Mending::propose(&SourceFile::new("page.md", text), &HashSet::new())
    }

    #[track_caller]
    fn mended(text: &str) -> String {
        propose(text).unwrap_or_else(|| panic!("nothing to mend in {text:?}")).file.text().to_owned()
    }

    #[test]
    fn a_good_page_is_not_mended() {
        for text in ["# A\n\n```sh\nls -l\n```\n", "# “A” – é ✅\r\n\r\n```sh\r\nls # –\r\n```\r\n", ""] {
            assert!(propose(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn commands_are_mended_where_they_stand_and_prose_is_left() {
        let page = "# A – “b”\n\n1. Do:\n\n   ```sh\n   grep “x” –r .\n   # “x”\n   ls\u{a0}-l\n   ```\n\n\
                    ```console\n$ cat ‘a’\n“a”\n$ ls –all\n```\n\n```yaml\na: “b”\n```\n";
        let expected = page
            .replace("grep “x” –r", "grep \"x\" -r")
            .replace("ls\u{a0}-l", "ls -l")
            .replace("$ cat ‘a’", "$ cat 'a'")
            .replace("–all", "--all");
        assert_eq!(mended(page), expected);
    }

    #[test]
    fn what_is_garbled_and_mistyped_is_mended_in_one_go() {
        let page = "# ‚úÖ A\n\n```sh\necho ‚Äúx‚Äù # ‚Äúx‚Äù\n```\n";
        let mending = propose(page).expect("both");
        assert_eq!(mending.file.text(), "# ✅ A\n\n```sh\necho \"x\" # “x”\n```\n");
        assert_eq!(
            mending.what,
            [
                "5 characters were garbled (UTF-8 read as Mac Roman), as in line 1: ‚úÖ for ✅",
                "2 characters in commands only look like what was meant, as in line 4: “ stands where \" is meant",
            ]
        );
    }

    #[test]
    fn a_mended_page_needs_no_mending() {
        let page = "# A\n\n```sh\ngrep “it’s” –r .\u{a0}x\n```\n\n```sql\nSELECT ‘a’;\n```\n";
        assert!(propose(&mended(page)).is_none());
    }
}
