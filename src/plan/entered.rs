//! Where a block's lines really run.

use super::Plan;
use crate::language::shell::{self, Entered};
use crate::runbook::{Block, Class};
use std::borrow::Cow;

/// Interpreters whose grammar is known here.
const SHELLS: [&str; 5] = ["bash", "sh", "dash", "zsh", "ksh"];

impl Plan {
    /// Whether what the lines of a block open and leave is looked at, and
    /// whether it runs inside what blocks before it have entered.
    #[must_use]
    pub fn can_enter(&self, block: &Block) -> bool {
        let may_be_shell = block.is_shell() || block.class == Class::Unknown;
        may_be_shell && SHELLS.contains(&self.facts(block).interpreter_name().as_str())
    }

    /// How `text`, which stands in for the block's own, runs inside of `within`:
    /// the commands that were entered before it, in each of which the lines of
    /// `first` run before it. `None` where it runs as it is written.
    ///
    /// # Errors
    /// In words, why it cannot be told.
    pub fn enter(
        &self,
        block: &Block,
        text: &str,
        within: &[String],
        first: &[Vec<String>],
    ) -> Result<Option<Entered>, String> {
        if !self.can_enter(block) {
            return Ok(None);
        }
        shell::enter_with(text, within, first).map_err(|deep| {
            let line = block.code_line + text[..deep.span.start].matches('\n').count();
            format!("line {line} opens a shell in more shells than are followed: edit the block")
        })
    }

    /// What is executed for a block as the page has it.
    #[must_use]
    pub fn run_text<'b>(&self, block: &'b Block) -> Cow<'b, str> {
        // Of a template the text without its values was looked at.
        if self.facts(block).runs_as_written && !self.is_template(block) {
            return Cow::Borrowed(&block.run);
        }
        match self.enter(block, &block.run, &[], &[]) {
            Ok(Some(entered)) => Cow::Owned(entered.run),
            Ok(None) | Err(_) => Cow::Borrowed(&block.run),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;
    use std::collections::HashSet;

    #[test]
    fn only_what_a_shell_runs_can_run_inside_another() {
        let page = "# Page\n\n```console\n$ uptime\n```\n\n```\ndb=> SELECT 1;\n```\n\n```python\nprint(1)\n```\n";
        let plan = Plan::read(&SourceFile::new("page.md", page.to_owned()), HashSet::new());
        let can_enter: Vec<bool> = plan.runbook.blocks().map(|block| plan.can_enter(block)).collect();
        assert_eq!(can_enter, [true, false, false]);
    }
}
