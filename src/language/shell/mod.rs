//! Shell: what a block would do, what it needs, and where its commands end.
//!
//! The structure comes from a syntax tree. Where the grammar gives up, the
//! block's words are looked at instead, so that no error in the text can hide
//! a command.

mod answer;
mod arguments;
mod carried;
mod client;
mod command;
mod defines;
mod effort;
mod enter;
mod familiar;
mod findings;
mod form;
mod hidden;
mod inside;
mod loops;
mod loss;
mod nested;
mod once;
mod opener;
mod placeholders;
mod plain;
mod plausible;
mod program;
mod replaced;
mod request;
mod reread;
mod scan;
mod script;
mod search;
mod settled;
mod split;
mod stages;
mod syntax;
mod table;
#[cfg(test)]
mod tests;
mod variables;
mod variants;
mod word;
mod words;

use super::{Context, Placeholder};
use crate::runbook::Effect;
use crate::source::Span;

pub use answer::is_answer;
pub use carried::{FOLDER, Setting, is_idempotent, needed, settings};
pub use enter::{Entered, Inside, TooDeep, comes_back, enter, enter_with, leads, leaving, prompts};
pub(super) use plausible::{Plausibility, may_hold_commands, plausibility};
pub use replaced::Replaced;
pub use reread::places_at;
pub use scan::contexts;
pub use settled::settled;
pub use split::split;
pub use stages::{Stage, closing_comments, conditions, stages};
pub use variants::{Variant, only, variants};

/// What is known of a shell block without running it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellFacts {
    /// What running it does to the world.
    pub effect: Effect,
    /// Why, in words, the worst first: `removes all unused volumes`.
    pub reasons: Vec<String>,
    /// What has to be filled in before it can run.
    pub placeholders: Vec<Placeholder>,
    /// The variables it reads that nothing sets, each where it is first read;
    /// not those of the shells that it opens.
    pub unset: Vec<Unset>,
    /// The variables it leaves set for the blocks after it.
    pub sets: Vec<String>,
    /// The functions and aliases it leaves defined for the blocks after it; `*`
    /// where any name may mean something else after it, as after a new PATH.
    pub defines: Vec<String>,
    /// The programs it calls, by name or by path: no builtins, no functions of
    /// its own. Each once, in the order of the text.
    pub commands: Vec<String>,
    /// Files and connections that its redirections and `tee` write to, as they
    /// are written there: `"$f"`, `/dev/tcp/h/p`.
    pub writes_to: Vec<String>,
    /// Files here that it would replace the content of, if they exist, as far
    /// as the text alone tells which they are.
    pub replaces: Vec<Replaced>,
    /// The command that does not end by itself: `railway logs --follow`.
    pub endless: Option<String>,
    /// The command that takes over the terminal: `nano /etc/hosts`.
    pub interactive: Option<String>,
    /// The command that opens another shell, in which the lines after it are
    /// meant to run: `ssh host`.
    pub opens: Option<String>,
    /// Its exit code is that of a search, of which 1 says that nothing was
    /// found.
    pub ends_in_search: bool,
    /// Where the grammar gives up, if it does. It knows most of bash, not all.
    pub unparsed: Option<Span>,
    /// It holds only comments and blank lines.
    pub nothing_to_do: bool,
    /// All it does is to leave this many shells, which blocks before it may
    /// have entered.
    pub leaves: Option<usize>,
    /// Its lines run where and as they are written: [`enter`] changes nothing
    /// where nothing was entered before.
    pub runs_as_written: bool,
}

/// A variable that is read, and nothing sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unset {
    /// Its name, without the `$`.
    pub name: String,
    /// Where it is first read, `$` included.
    pub span: Span,
}

/// Looks at `code` without running it. `known` says of a variable whether the
/// runbook, a block before this one or the environment sets it; `redefined`
/// says of a command's name whether a block before this one
/// [defines](ShellFacts::defines) it, and of `*` whether one may have changed
/// the meaning of any.
#[must_use]
pub fn analyse(code: &str, known: &dyn Fn(&str) -> bool, redefined: &dyn Fn(&str) -> bool) -> ShellFacts {
    // A `<name>` is a word once it is filled in, not two redirections; and what
    // is typed at another prompt is no shell.
    let structure = inside::find(code);
    let filled = structure.shell.as_str();
    let contexts = structure.contexts.as_slice();
    // What seemed to be the file of a redirection may be a comment after all.
    let mut angles = structure.angles.clone();
    angles.retain(|angle| contexts[angle.span.start] != Context::Comment);
    let tree = &structure.tree;
    let items = tree.as_ref().map(syntax::items).unwrap_or_default();
    let commands = syntax::commands(&items, filled);
    let within = inside::Within::new(code, &structure);
    let is_understood = tree.as_ref().is_some_and(|tree| !tree.root_node().has_error());
    let mut variables = variables::find(&items, &commands, filled, known, &|at| within.place_at(at).is_some());
    if !is_understood {
        variables.doubt(filled);
    }
    let mut found = findings::find_within(&within, tree.as_ref(), &items, &commands, filled, 0);
    findings::doubt_names(&items, filled, redefined, &mut found);
    let to_fill_in = placeholders::all(code, filled, contexts, &angles, &variables, known);
    let as_written = |text: String| placeholders::put_back(&text, &angles);
    ShellFacts {
        effect: found.effect,
        reasons: found.reasons().into_iter().map(as_written).collect(),
        placeholders: to_fill_in,
        unset: variables.unset,
        sets: variables.sets,
        defines: defines::find(&items, &commands, filled, is_understood),
        commands: found.commands.into_names(),
        writes_to: found.writes_to.into_names(),
        replaces: found
            .replaces
            .into_iter()
            .map(|replaced| Replaced { reason: replaced.reason.map(as_written), ..replaced })
            .collect(),
        endless: found.endless.map(as_written),
        interactive: found.interactive.map(as_written),
        opens: found.opens.map(as_written),
        ends_in_search: tree.as_ref().is_some_and(|tree| search::ends_in_search(tree, filled)),
        unparsed: tree.as_ref().and_then(syntax::first_error),
        leaves: enter::leaves(&structure),
        runs_as_written: enter::runs_as_written(&structure),
        nothing_to_do: tree.is_some() && items.iter().all(|item| matches!(item.kind, "program" | "comment")),
    }
}
