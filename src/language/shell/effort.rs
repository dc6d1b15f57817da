//! How much work a text may make the parser do. It is counted and never timed,
//! so that the same text gets the same answer on every machine.

use std::ops::ControlFlow;
use tree_sitter::{ParseOptions, ParseState, Parser, Point, Tree};

/// The longest text that is parsed, in bytes. Nobody writes a longer block by
/// hand, and its words are looked at all the same.
pub(super) const LONGEST: usize = 256 * 1024;

/// How many bytes the parser gets at a time. It asks again for what it goes
/// back to, which makes its going back countable.
const PIECE: usize = 256;

/// How often it may ask for each piece. Commands take three; `<<<<…` sends it
/// to the end of the text from each byte.
const READS_A_PIECE: usize = 24;

/// How many steps it may take for each byte, in the hundreds of which it
/// reports. Commands take five.
const STEPS_A_BYTE: usize = 25;

/// What any text may take, however short.
const AT_LEAST: usize = 256;

/// How deep substitutions may stand in each other. What looks at each of them
/// reads the inner ones again.
const DEEPEST: usize = 48;

/// Parses `code`, which is not [too long](LONGEST); `None` where that takes more than it is worth, so that the
/// time for any text grows with its length at most.
pub(super) fn parse(parser: &mut Parser, code: &str) -> Option<Tree> {
    let bytes = code.as_bytes();
    let mut reads = AT_LEAST + READS_A_PIECE * (bytes.len() / PIECE + 1);
    let mut reports = AT_LEAST + bytes.len() * STEPS_A_BYTE / 100;
    let mut gave_up = false;
    let tree = {
        let mut piece_at = |at: usize, _: Point| -> &[u8] {
            reads = reads.saturating_sub(1);
            gave_up |= reads == 0;
            // To the parser that is the end of the text. No piece ends within a
            // character: the parser would ask for the rest of it, and reads
            // memory that is not its own where it gets nothing.
            if gave_up { &[] } else { bytes.get(at..code.floor_char_boundary(at + PIECE)).unwrap_or_default() }
        };
        let mut go_on = |_: &ParseState| {
            reports = reports.saturating_sub(1);
            if reports == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut go_on);
        parser.parse_with_options(&mut piece_at, None, Some(options))
    };
    // Each of what nests begins with one of these.
    let may_nest = bytes.iter().filter(|byte| matches!(byte, b'(' | b'{' | b'"' | b'`')).count() > DEEPEST;
    tree.filter(|_| !gave_up).filter(|tree| !may_nest || !is_too_deep(tree))
}

/// Whether substitutions and expansions stand deeper in each other than
/// [`DEEPEST`].
fn is_too_deep(tree: &Tree) -> bool {
    let nests = |kind: &str| {
        matches!(
            kind,
            "command_substitution" | "process_substitution" | "expansion" | "arithmetic_expansion" | "string" | "array"
        )
    };
    let mut cursor = tree.walk();
    // For each level above, whether it nests.
    let mut above: Vec<bool> = Vec::new();
    let mut depth = 0;
    loop {
        if cursor.goto_first_child() {
            above.push(false);
        } else {
            while !cursor.goto_next_sibling() {
                depth -= usize::from(above.pop().unwrap_or(false));
                if !cursor.goto_parent() {
                    return false;
                }
            }
            depth -= usize::from(above.last_mut().map(std::mem::take).unwrap_or(false));
        }
        if nests(cursor.node().kind()) {
            depth += 1;
            if depth > DEEPEST {
                return true;
            }
            if let Some(here) = above.last_mut() {
                *here = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::language::shell::syntax;

    #[test]
    fn a_parser_that_is_given_up_on_within_a_character_reads_no_other_memory() {
        // What is never closed is gone back to at each NUL. Each length gives
        // up at another place of what follows.
        let code = |length| format!("${{W i\n{}{}", "\0".repeat(length), "\u{fffd}".repeat(100));
        let given_up = (80..112).filter(|length| syntax::parse(&code(*length)).is_none()).count();
        assert!(given_up > 0);
    }
}
