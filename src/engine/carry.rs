//! What blocks set in a shell that was entered, and those after them find
//! there: each block gets a new shell, in which it is set again, in front of
//! the block's own lines and before the responder's eyes.

use super::prepare::Prepared;
use super::{Engine, EngineError};
use crate::language::shell;
use crate::plan::{Found, looks_secret};
use crate::run::{BlockRef, Carried, Event};
use crate::runbook::Block;

/// Whatever a block sets that is not told by name.
const ANYTHING: &str = "*";

impl Engine<'_> {
    fn settings(&self) -> &[Carried] {
        self.progress.inside.as_ref().map_or(&[], |stay| &stay.carried)
    }

    /// What is set again in each shell around `text`, the outermost first.
    pub(super) fn carried(&self, block: &Block, text: &str) -> Vec<Vec<String>> {
        let at = |depth: usize| {
            self.settings()
                .iter()
                .filter(move |setting| setting.depth == depth)
                .filter_map(|setting| setting.code.as_deref())
        };
        let depths = self.within(block).len();
        let mut found: Vec<Vec<String>> = Vec::with_capacity(depths);
        for depth in 1..=depths {
            let lines: Vec<&str> = at(depth).collect();
            // What a shell in this one looks back to may stand here.
            let deeper: Vec<&str> = (depth + 1..=depths).flat_map(at).chain([text]).collect();
            found.push(shell::needed(&lines, &deeper.join("\n")).into_iter().map(str::to_owned).collect());
        }
        found
    }

    /// The line that gives a variable inside the value it was asked for.
    pub(super) fn assignment(name: &str, value: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
        if !value.is_empty() && value.chars().all(is_plain) {
            return format!("{name}={value}");
        }
        format!("{name}='{}'", value.replace('\'', "'\\''"))
    }

    /// What the card of a block says of the lines that were carried along.
    pub(super) fn carried_notes(&self, first: &[Vec<String>]) -> Vec<String> {
        let mut lines: Vec<usize> = Vec::new();
        for (at, carried) in first.iter().enumerate() {
            let of_depth = self.settings().iter().filter(|setting| setting.depth == at + 1);
            let shown = of_depth.filter(|setting| setting.code.as_ref().is_some_and(|code| carried.contains(code)));
            lines.extend(shown.map(|setting| setting.line));
        }
        lines.sort_unstable();
        lines.dedup();
        match lines.as_slice() {
            [] => Vec::new(),
            [line] => vec![format!("in a new shell, where line {line} of the page comes first")],
            _ => {
                let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
                vec![format!("in a new shell, where lines {} of the page come first", lines.join(", "))]
            }
        }
    }

    /// Whether what was last set of `name` is not known in a new shell.
    fn is_lost(&self, name: &str) -> bool {
        let latest = self.settings().iter().rev().find(|setting| setting.sets.iter().any(|set| set == name));
        latest.is_some_and(|setting| setting.code.is_none())
    }

    /// The variables that `text` reads inside, which blocks before it have set
    /// there in a way that only themselves could repeat.
    pub(super) fn lost_inside(&self, block: &Block, text: &str) -> Vec<Found> {
        if self.settings().iter().all(|setting| setting.code.is_some()) {
            return Vec::new();
        }
        self.plan.lost_inside(block, text, self.within(block).len(), &|name| self.is_lost(name))
    }

    /// Why `text` cannot run inside: it reads what was set there by a command,
    /// and is not to be asked for.
    pub(super) fn lost_secret(&self, block: &Block, text: &str) -> Option<String> {
        let lost = self.lost_inside(block, text);
        let found = lost.iter().find(|found| looks_secret(&found.name))?;
        let setting = self.settings().iter().rev().find(|setting| setting.sets.contains(&found.name))?;
        Some(format!(
            "${} was set inside by a command on line {}, and is not set in a new shell: edit the block to set it itself",
            found.name, setting.line
        ))
    }

    /// After a block: remembers what it has set in the shells that are still
    /// entered. `before` says how many were entered before it; of a block that
    /// failed it is not known how far it came.
    pub(super) fn carry_along(
        &mut self,
        reference: &BlockRef,
        block: &Block,
        prepared: &Prepared,
        before: usize,
        has_failed: bool,
    ) -> Result<(), EngineError> {
        let inside = self.progress.inside.as_ref().filter(|_| self.plan.can_enter(block));
        let Some(depth) = inside.map(|stay| stay.within.len()) else { return Ok(()) };
        let is_lost = |name: &str| self.is_lost(name);
        let mut found = Vec::new();
        for setting in shell::settings(&prepared.written, before, &is_lost) {
            if setting.depth > depth {
                continue;
            }
            let above = prepared.written[..setting.span.start].matches('\n').count();
            let line = if prepared.edited { block.line_start } else { prepared.line + above };
            let code = setting.code.filter(|_| !has_failed);
            found.push(Carried { depth: setting.depth, line, code, sets: setting.sets });
        }
        let Some(stay) = &mut self.progress.inside else { return Ok(()) };
        found.retain(|setting| !is_set_already(&stay.carried, setting));
        if found.is_empty() {
            return Ok(());
        }
        stay.carried.extend(found.iter().cloned());
        let settings: Vec<Carried> = found.iter().map(|setting| self.on_record(setting)).collect();
        self.recorder.record_durably(&Event::Carried { block: reference.clone(), settings })?;
        let lost: Vec<String> = found.iter().filter_map(what_is_lost).collect();
        if !lost.is_empty() {
            let why = if has_failed { "the block failed" } else { "what a command gave is not asked of it twice" };
            let lost = lost.join(", ");
            self.recorder.view.warn(&format!("Not set for the blocks that follow inside: {lost}: {why}."));
        }
        Ok(())
    }

    /// A setting without secrets: what holds one is not set again in a run that
    /// is taken up later.
    fn on_record(&self, setting: &Carried) -> Carried {
        let code = setting.code.clone().filter(|code| self.recorder.mask(code) == *code);
        Carried { code, ..setting.clone() }
    }
}

/// Whether a shell that has all of `carried` is no other after `setting`.
fn is_set_already(carried: &[Carried], setting: &Carried) -> bool {
    let Some(code) = setting.code.as_deref() else { return false };
    let same = |other: &Carried| other.depth == setting.depth && other.code.as_deref() == Some(code);
    let Some(at) = carried.iter().rposition(same) else { return false };
    let since: Vec<_> = carried[at + 1..].iter().filter(|other| other.depth == setting.depth).collect();
    let touches = |other: &&Carried| {
        other.sets.iter().any(|name| name == ANYTHING || setting.sets.contains(name))
            || setting.sets.iter().any(|name| name == ANYTHING)
    };
    shell::is_idempotent(code) && !since.iter().any(touches)
}

/// What a person has to know that is not set any more.
fn what_is_lost(setting: &Carried) -> Option<String> {
    if setting.code.is_some() || setting.sets.is_empty() {
        return None;
    }
    let name = |name: &String| match name.as_str() {
        ANYTHING => "what was read in".to_owned(),
        shell::FOLDER => "the folder".to_owned(),
        name => format!("${name}"),
    };
    let names: Vec<String> = setting.sets.iter().map(name).collect();
    Some(format!("{} (line {})", names.join(", "), setting.line))
}
