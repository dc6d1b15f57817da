//! What a run needs and this machine lacks, said before the first step.

use super::exit::CliError;
use super::print::Printer;
use super::rehearse::shell_environment;
use super::{connections, print};
use crate::effect::Shell;
use crate::plan::Plan;
use crate::rehearsal::Rehearsal;
use crate::shell::Runner;
use crate::sql::Target;
use std::collections::{BTreeMap, HashSet};

/// What is missing.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// Interpreters, with the lines of the blocks that need them.
    pub(super) interpreters: BTreeMap<String, Vec<usize>>,
    /// Commands, with the lines of the blocks that start them.
    pub(super) commands: BTreeMap<String, Vec<usize>>,
    /// Connections that lead nowhere.
    pub(super) connections: Vec<String>,
}

impl Missing {
    /// Looks at every block of the steps that would be run.
    pub(super) fn look(
        plan: &Plan,
        steps: &[usize],
        rehearsal: Option<&Rehearsal>,
        targets: &BTreeMap<String, Target>,
    ) -> Result<Self, CliError> {
        let environment = shell_environment(rehearsal)?;
        let mut missing = Self::default();
        let mut commands: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let shell = Runner::new(environment.clone());
        // What an earlier block gives the shell may be no program at all.
        let mut defined: HashSet<&str> = HashSet::new();
        for block in steps.iter().flat_map(|index| plan.runbook.steps[*index].blocks()) {
            let facts = plan.facts(block);
            if !facts.runs_by_default() || block.is_sql() {
                continue;
            }
            let interpreter = facts.interpreter_name();
            if !shell.available(&interpreter) {
                // A console that is here and takes no file is told of at its block.
                if !shell.finds(&interpreter) {
                    missing.interpreters.entry(interpreter).or_default().push(block.line_start);
                }
                continue;
            }
            // Bash says which names it knows; those that another shell knows by
            // itself, such as the `setopt` of zsh, are not told from programs.
            if !matches!(interpreter.as_str(), "bash" | "sh" | "dash") {
                continue;
            }
            for command in facts.commands.iter().filter(|command| !defined.contains(command.as_str())) {
                let lines = commands.entry(command.clone()).or_default();
                if lines.last() != Some(&block.line_start) {
                    lines.push(block.line_start);
                }
            }
            defined.extend(facts.defines.iter().map(String::as_str));
        }
        let names: Vec<_> = commands.keys().cloned().collect();
        let absent = environment.missing(&names);
        missing.commands = commands.into_iter().filter(|(name, _)| absent.contains(name)).collect();
        let needed = connections::needed(plan, steps);
        missing.connections = needed.into_iter().filter(|name| !targets.contains_key(name)).collect();
        Ok(missing)
    }

    /// Whether all is here.
    pub(super) fn is_empty(&self) -> bool {
        self.interpreters.is_empty() && self.commands.is_empty() && self.connections.is_empty()
    }
}

/// Says what is missing, each with what it means.
pub(super) fn say(plan: &Plan, missing: &Missing, printer: &Printer) {
    if missing.is_empty() {
        return;
    }
    printer.note("Not everything this needs is here:");
    for (interpreter, lines) in &missing.interpreters {
        printer.note(&format!(
            "  {interpreter} is not installed: {} cannot run, and can be skipped",
            print::blocks(lines)
        ));
    }
    for (command, lines) in &missing.commands {
        printer.note(&format!("  {command} is not installed: {} will not work", print::blocks(lines)));
    }
    for name in &missing.connections {
        printer.note(&format!("  the connection `{name}` leads nowhere: {}", connections::mend(plan, name)));
    }
}
