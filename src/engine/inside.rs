//! Where shell blocks run: here, or inside what one of them has entered.

use super::block::BlockEnd;
use super::prepare::Prepared;
use super::{Engine, EngineError};
use crate::effect::InsideCard;
use crate::language::shell::{self, Entered};
use crate::plan::Facts;
use crate::run::{BlockRef, Event};
use crate::runbook::{Block, Step};

/// A shell that a block has entered, in which those after it run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The commands that lead there, the outermost first, as the page has them.
    pub within: Vec<String>,
    /// Anchor of the section that it is left with; empty for the page.
    pub section: String,
}

/// A text as it is wrapped to run where it belongs.
#[derive(Debug, Default)]
pub(super) struct Wrapped {
    /// `None` where it runs as it is written.
    pub(super) entered: Option<Entered>,
    /// Why it cannot be told where its lines belong, or cannot be run there.
    pub(super) problem: Option<String>,
}

impl Wrapped {
    /// The line of the text as it was written that the `line`-th of the wrapped
    /// one comes from, both from 1.
    pub(super) fn line(&self, line: usize) -> usize {
        self.entered.as_ref().map_or(line, |entered| entered.line(line))
    }

    /// The texts that shells other than the one here are given, each with its
    /// first line in the text as it was written.
    pub(super) fn bodies(&self) -> impl Iterator<Item = (&str, usize)> {
        let entered = self.entered.iter();
        entered.flat_map(|entered| {
            let shells = entered.inside.iter().filter(|inside| inside.is_shell);
            let bodies = shells.map(|inside| (&entered.shell[inside.span.start..inside.span.end], inside.first));
            // Inside of what was entered before, the whole text is one.
            let whole = entered.lines.first() == Some(&0);
            bodies.chain(whole.then_some((entered.shell.as_str(), 1)))
        })
    }
}

impl Engine<'_> {
    /// The commands that this block runs inside of.
    pub(super) fn within(&self, block: &Block) -> &[String] {
        match &self.progress.inside {
            Some(stay) if self.plan.can_enter(block) => &stay.within,
            _ => &[],
        }
    }

    /// Wraps the lines of `text` that belong inside something. `variables` are
    /// those that it is given.
    pub(super) fn wrap(&self, block: &Block, text: &str, variables: &[(String, String)]) -> Wrapped {
        let within = self.within(block);
        let entered = match self.plan.enter(block, text, within) {
            Ok(entered) => entered,
            Err(problem) => return Wrapped { entered: None, problem: Some(problem) },
        };
        // What the shell here keeps to itself is not known inside.
        let problem = entered.as_ref().and_then(|entered| {
            let inside = |name: &str| {
                let mut spans = entered.inside.iter().map(|inside| &text[inside.span.start..inside.span.end]);
                let first =
                    if within.is_empty() { 0 } else { shell::comes_back(text, within.len()).unwrap_or(text.len()) };
                reads(&text[..first], name) || spans.any(|body| reads(body, name))
            };
            let (name, _) = variables.iter().find(|(name, _)| inside(name))?;
            Some(format!("the value of ${name} cannot be taken along to where its line runs: edit the block"))
        });
        Wrapped { entered, problem }
    }

    /// What is known of a text, told of the place that it runs in.
    pub(super) fn told_within(&self, block: &Block, mut facts: Facts) -> Facts {
        let places: Vec<_> = self.within(block).iter().map(|opener| shell::leads(opener)).collect();
        let Some((innermost, _)) = places.last() else { return facts };
        let label = places.iter().map(|(label, _)| label).find(|label| label.starts_with("on ")).unwrap_or(innermost);
        for reason in facts.reasons.iter_mut().chain(&mut facts.inferred.1) {
            *reason = format!("{reason} {label}");
        }
        // Its programs are not looked for here.
        if places.iter().any(|(_, elsewhere)| *elsewhere) {
            facts.commands.clear();
            facts.writes_to.clear();
        }
        facts
    }

    /// Where a block runs, for a person.
    pub(super) fn target(&self, block: &Block, interpreter: &str) -> String {
        match self.within(block) {
            [] => interpreter.to_owned(),
            within => format!("{interpreter} inside {}", path(within)),
        }
    }

    /// Leaves shells, where that is all that `block` does and there are some.
    pub(super) fn leave_by(&mut self, block: &Block) -> Result<Option<BlockEnd>, EngineError> {
        let (Some(count), false) = (self.plan.facts(block).leaves, self.within(block).is_empty()) else {
            return Ok(None);
        };
        let within = self.within(block);
        let left = within.len().saturating_sub(count);
        let within = within[..left].to_vec();
        self.recorder.view.prose(self.file.slice(block.span));
        self.stay_in(within, "the page leaves it")?;
        Ok(Some(BlockEnd::Done))
    }

    /// After a block: what it has entered or left counts for those after it. A
    /// block that failed counts as well: what follows was never meant for this
    /// machine.
    pub(super) fn move_on(
        &mut self,
        step: &Step,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
    ) -> Result<(), EngineError> {
        let Some(entered) = &prepared.entered else { return Ok(()) };
        let before = self.within(block).to_vec();
        if entered.within == before {
            return Ok(());
        }
        if entered.within.len() <= before.len() && before.starts_with(&entered.within) {
            return self.stay_in(entered.within.clone(), "the page leaves it");
        }
        let section = match &self.progress.inside {
            Some(stay) => stay.section.clone(),
            None => self.plan.stay_of(step, block),
        };
        let within: Vec<String> = entered.within.iter().map(|opener| self.recorder.mask(opener)).collect();
        let until = match self.plan.runbook.section(&section) {
            Some(section) => format!("until “{}” ends", section.title),
            None => "to the end of the page".to_owned(),
        };
        self.recorder.record_durably(&Event::Entered {
            block: reference.clone(),
            within: within.clone(),
            section: section.clone(),
        })?;
        self.recorder.view.say(&format!(
            "The shell blocks that follow run inside {}, {until}, or until `exit`. Each gets a new shell there: \
             its folder and variables are not carried on.",
            path(&within)
        ));
        self.progress.inside = Some(Stay { within: entered.within.clone(), section });
        Ok(())
    }

    /// Comes to a step: what was entered in a section is left with it.
    pub(super) fn come_to(&mut self, step: &Step) -> Result<(), EngineError> {
        let outside = self.progress.inside.as_ref().is_some_and(|stay| !self.plan.stays_at(step, &stay.section));
        if outside {
            self.stay_in(Vec::new(), "its section has ended")?;
        }
        Ok(())
    }

    /// Goes back to where `within` leads; to this machine where it is empty.
    pub(super) fn stay_in(&mut self, within: Vec<String>, reason: &str) -> Result<(), EngineError> {
        let Some(stay) = &mut self.progress.inside else { return Ok(()) };
        let left = path(&stay.within);
        let now = if within.is_empty() { "on this machine".to_owned() } else { format!("inside {}", path(&within)) };
        stay.within.clone_from(&within);
        if within.is_empty() {
            self.progress.inside = None;
        }
        self.recorder.record_durably(&Event::Left { within, reason: reason.to_owned() })?;
        self.recorder.view.say(&format!("Left {left}: {reason}. What follows runs {now}."));
        Ok(())
    }
}

/// Whether `code` may read the variable `name`.
fn reads(code: &str, name: &str) -> bool {
    let is_whole = |at: usize| !code[at + name.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    code.match_indices(name).any(|(at, _)| code[..at].trim_end_matches(['{', '#', '!']).ends_with('$') && is_whole(at))
}

/// The commands that lead somewhere, for a person.
fn path(within: &[String]) -> String {
    let shown: Vec<String> = within.iter().map(|opener| format!("`{}`", one_line(opener))).collect();
    shown.join(" › ")
}

fn one_line(opener: &str) -> String {
    opener.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the card of a block says of where its lines run.
pub(super) fn card(entered: &Entered, offset: usize) -> Vec<InsideCard> {
    let inside = entered.inside.iter().map(|inside| InsideCard {
        first: inside.first + offset,
        last: inside.last + offset,
        through: inside.through.iter().map(|opener| one_line(opener)).collect(),
    });
    inside.collect()
}
