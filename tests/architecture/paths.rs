//! The paths in a file that lead to the crate's own modules.

use super::tokens::Token;

/// A path to one of the crate's modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    /// The module directly below the crate's root; `*` for all of them.
    pub(crate) module: String,
    /// From 1.
    pub(crate) line: usize,
}

/// Every path that begins at the crate's root: by `crate::`, by enough
/// `super::`, and in the program by the library's name. `module` is the file's
/// own module, from below the root.
pub(crate) fn internal(tokens: &[Token], module: &[String], is_binary: bool) -> Vec<Import> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut imports = Vec::new();
    // Braces that are open, and whether each is an inline module's.
    let mut braces = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match text(at) {
            "{" => braces.push(at >= 2 && text(at - 2) == "mod"),
            "}" => {
                braces.pop();
            }
            // What follows `a::` is no beginning of a path.
            word if text(at + 1) == "::" && (at == 0 || text(at - 1) != "::") => {
                let depth = module.len() + braces.iter().filter(|module| **module).count();
                let root = match word {
                    "crate" => Some(at + 2),
                    "runbook" if is_binary => Some(at + 2),
                    "super" | "self" => climb(tokens, at, depth),
                    _ => None,
                };
                if let Some(start) = root {
                    heads(tokens, start, &mut imports);
                }
            }
            _ => {}
        }
        at += 1;
    }
    imports
}

/// Where a path of `super::` from `depth` modules deep goes on below the
/// crate's root, if it reaches the root.
fn climb(tokens: &[Token], mut at: usize, depth: usize) -> Option<usize> {
    let mut left = depth;
    while tokens.get(at + 1).is_some_and(|token| token.text == "::") {
        match tokens[at].text.as_str() {
            "super" => left = left.checked_sub(1)?,
            "self" => {}
            _ => break,
        }
        at += 2;
    }
    (left == 0 && depth > 0).then_some(at)
}

/// The first names of the path or group of paths at `start`.
fn heads(tokens: &[Token], start: usize, imports: &mut Vec<Import>) {
    let Some(first) = tokens.get(start) else { return };
    if first.text != "{" {
        imports.push(Import { module: first.text.clone(), line: first.line });
        return;
    }
    let mut depth = 0;
    let mut begins = true;
    for token in &tokens[start..] {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            "," if depth == 1 => begins = true,
            name if depth == 1 && begins => {
                imports.push(Import { module: name.to_owned(), line: token.line });
                begins = false;
            }
            _ => {}
        }
    }
}

#[test]
fn every_way_to_name_a_module_is_found() {
    let source = "use crate::source::Span;
use crate::{plan, run::{Event, engine}, sql as database};
fn f() -> crate::report::Report { super::super::shell::run(); super::inner(); self::g(); }
pub(in crate::parse) struct S;
mod tests { use super::super::super::cli; use super::super::inner; }
mod after {} fn h() { a::crate_::x(); other::super_::y(); super::super::template::z() }
use crate::*;
";
    let found: Vec<(String, usize)> =
        internal(&super::tokens::tokenize(source), &["parse".to_owned(), "blocks".to_owned()], false)
            .into_iter()
            .map(|import| (import.module, import.line))
            .collect();
    let expected = [
        ("source", 1),
        ("plan", 2),
        ("run", 2),
        ("sql", 2),
        ("report", 3),
        ("shell", 3),
        ("parse", 4),
        ("cli", 5),
        ("template", 6),
        ("*", 7),
    ];
    assert_eq!(found, expected.map(|(module, line)| (module.to_owned(), line)));
}

#[test]
fn the_program_reaches_the_library_by_its_name() {
    let tokens = super::tokens::tokenize("fn main() { runbook::cli::main() }");
    assert_eq!(internal(&tokens, &[], true), [Import { module: "cli".to_owned(), line: 1 }]);
    assert_eq!(internal(&tokens, &["plan".to_owned()], false), []);
}
