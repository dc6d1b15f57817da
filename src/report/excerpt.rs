//! The beginning and the end of what a block printed, however long it is.

use super::visible::{visible, without_screens};
use crate::run::OutputRef;
use serde::Serialize;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// Opens an output file of the run by its name.
pub type Outputs<'a> = dyn Fn(&str) -> io::Result<Box<dyn Read>> + 'a;

/// The beginning and the end of an output, made visible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    /// The first lines, or all of them.
    pub head: String,
    /// How many lines are left out after them.
    pub omitted: u64,
    /// The last lines, where some are left out.
    pub tail: String,
}

/// Lines shown from the beginning, and from the end, of what is longer than
/// both.
const HEAD: usize = 30;
const TAIL: usize = 15;
/// Bytes of a line that are shown.
const WIDEST: usize = 2_000;
/// The longest output that is compared with another.
const LONGEST_COMPARED: u64 = 256 * 1024;

/// The excerpt of `output`.
pub(super) fn excerpt(output: &OutputRef, outputs: &Outputs<'_>) -> io::Result<Excerpt> {
    if output.bytes == 0 {
        return Ok(Excerpt { head: String::new(), omitted: 0, tail: String::new() });
    }
    let mut source = BufReader::with_capacity(64 * 1024, outputs(&output.file)?);
    let (mut head, mut tail, mut omitted) = (Vec::new(), VecDeque::new(), 0);
    let mut line = Vec::new();
    loop {
        if tail.len() == TAIL {
            let passed = pass_over_lines(&mut source)?;
            if passed > 0 {
                // The last of those before are none of the last either.
                omitted += passed + tail.drain(..).count() as u64;
            }
        }
        if !next_line(&mut source, &mut line)? {
            break;
        }
        if head.len() < HEAD {
            head.push(std::mem::take(&mut line));
            continue;
        }
        tail.push_back(std::mem::take(&mut line));
        if tail.len() > TAIL {
            // The room of a line that is left out is taken for the next.
            line = tail.pop_front().unwrap_or_default();
            omitted += 1;
        }
    }
    if omitted == 0 {
        head.extend(tail.drain(..));
    }
    let text = |lines: Vec<Vec<u8>>| visible(&without_screens(&String::from_utf8_lossy(&lines.concat())));
    Ok(Excerpt { head: text(head), omitted, tail: text(tail.into()) })
}

/// The whole of `output`, made visible; `None` where it is too long to be
/// compared with another.
pub(super) fn whole(output: &OutputRef, outputs: &Outputs<'_>) -> io::Result<Option<String>> {
    if output.bytes > LONGEST_COMPARED {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    if output.bytes > 0 {
        outputs(&output.file)?.take(LONGEST_COMPARED).read_to_end(&mut bytes)?;
    }
    Ok(Some(visible(&without_screens(&String::from_utf8_lossy(&bytes)))))
}

/// Reads the next line with its end into `line`, cut where it is too wide;
/// false where there is none. No more of it than is shown is ever held.
fn next_line(source: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let read = source.take(WIDEST as u64).read_until(b'\n', line)?;
    if read == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        return Ok(true);
    }
    let more = rest_of_line(source)?;
    if more > 0 {
        line.extend_from_slice(format!(" … ({more} more bytes)").as_bytes());
    }
    line.push(b'\n');
    Ok(true)
}

/// Passes over lines that so many follow that they are none of the last; says
/// how many, which may be none.
fn pass_over_lines(source: &mut impl BufRead) -> io::Result<u64> {
    let buffer = source.fill_buf()?;
    let ends = memchr::memchr_iter(b'\n', buffer).count();
    let Some(end) = memchr::memrchr_iter(b'\n', buffer).nth(TAIL) else { return Ok(0) };
    source.consume(end + 1);
    Ok((ends - TAIL) as u64)
}

/// Passes over the rest of a line and its end; gives the length of the rest.
fn rest_of_line(source: &mut impl BufRead) -> io::Result<usize> {
    let mut length = 0;
    loop {
        let buffer = source.fill_buf()?;
        let end = memchr::memchr(b'\n', buffer);
        let content = end.unwrap_or(buffer.len());
        let over = end.is_some() || buffer.is_empty();
        length += content;
        source.consume(content + usize::from(end.is_some()));
        if over {
            return Ok(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Digest;

    fn excerpt_of(text: &'static str) -> Excerpt {
        let output =
            OutputRef { file: "001.log".to_owned(), bytes: text.len() as u64, digest: Digest::of(text.as_bytes()) };
        excerpt(&output, &|_| Ok(Box::new(text.as_bytes()))).expect("an excerpt")
    }

    #[test]
    fn a_short_output_is_shown_whole() {
        let whole = excerpt_of("one\ntwo");
        assert_eq!((whole.head.as_str(), whole.omitted, whole.tail.as_str()), ("one\ntwo\n", 0, ""));
        assert_eq!(excerpt_of("\n\n").head, "\n\n");
    }

    #[test]
    fn a_long_output_is_shown_from_both_ends_with_the_number_of_lines_left_out() {
        let text: String = (1..=1_000).map(|line| format!("{line}\n")).collect();
        let cut = excerpt_of(text.leak());
        assert_eq!(cut.omitted, 955);
        assert!(cut.head.starts_with("1\n2\n") && cut.head.ends_with("\n30\n"));
        assert!(cut.tail.starts_with("986\n") && cut.tail.ends_with("\n1000\n"));
    }

    #[test]
    fn lines_of_any_length_are_counted_however_many_there_are() {
        for (count, width) in [(46, 1), (100_000, 3), (1_000, 500), (200, 5_000), (50, 65_000)] {
            let lines: Vec<String> = (0..count).map(|line| format!("{line:0width$}\n")).collect();
            for end in ["", "the end"] {
                let cut = excerpt_of((lines.concat() + end).leak());
                let left_out = count - HEAD - TAIL + usize::from(!end.is_empty());
                assert_eq!(cut.omitted, left_out as u64, "{count} of {width}, {end}");
                let first = &lines[HEAD + left_out];
                let begins = &first[..first.len().min(WIDEST)];
                assert!(cut.tail.starts_with(begins.trim_end()), "{count} of {width}, {end}");
                assert_eq!(cut.tail.lines().count(), TAIL);
            }
        }
    }

    #[test]
    fn one_endless_line_is_cut() {
        let text = "x".repeat(1_000_000).leak();
        let cut = excerpt_of(text);
        assert!(cut.head.len() < 2_100 && cut.head.ends_with("x … (998000 more bytes)\n"));
    }
}
