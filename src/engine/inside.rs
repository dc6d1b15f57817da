//! Where shell blocks run: here, or inside what one of them has entered.

use super::block::BlockEnd;
use super::prepare::Prepared;
use super::{Engine, EngineError};
use crate::effect::InsideCard;
use crate::language::shell::{self, Entered};
use crate::plan::Facts;
use crate::run::{BlockRef, Carried, Event};
use crate::runbook::{Block, Step};

/// A shell that a block has entered, in which those after it run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The commands that lead there, the outermost first, as the page has them.
    pub within: Vec<String>,
    /// Anchor of the section that it is left with; empty for the page.
    pub section: String,
    /// What blocks have set in them, which is set again for each one after.
    pub carried: Vec<Carried>,
}

/// A text as it is wrapped to run where it belongs.
#[derive(Debug, Default)]
pub(super) struct Wrapped {
    /// `None` where it runs as it is written.
    pub(super) entered: Option<Entered>,
    /// Why it cannot be told where its lines belong, or cannot be run there.
    pub(super) problem: Option<String>,
    /// How many of the shells that were entered it runs in.
    pub(super) around: usize,
    /// What is to be said of it beside its text.
    pub(super) notes: Vec<String>,
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
        let mut first = self.carried(block, text);
        let notes = self.carried_notes(&first);
        let end = if within.is_empty() { 0 } else { shell::comes_back(text, within.len()).unwrap_or(text.len()) };
        let around = &text[..end];
        let mut problem = self.lost_secret(block, text);
        for (name, value) in variables.iter().filter(|(name, _)| reads(around, name)) {
            if self.values.get(name).is_none_or(|value| value.secret) {
                problem.get_or_insert_with(|| cannot_be_taken_along(name));
                continue;
            }
            // It may be read in any of the shells, as they are left one by one.
            let leaves_some = shell::comes_back(text, 1).is_some();
            let outer = if leaves_some { 0 } else { within.len() - 1 };
            let line = Self::assignment(name, value);
            first[outer..].iter_mut().for_each(|lines| lines.push(line.clone()));
        }
        let entered = match self.plan.enter(block, text, within, &first) {
            // It must not run here instead.
            Ok(None) if !within.is_empty() => {
                let problem = Some(format!("it cannot be told how to run it inside {}", path(within)));
                return Wrapped { entered: None, around: within.len(), problem, notes };
            }
            Ok(entered) => entered,
            Err(problem) => return Wrapped { entered: None, around: within.len(), problem: Some(problem), notes },
        };
        // What the shell here keeps to itself is not known in those of the text.
        let read_deeper = |name: &str| {
            let mut bodies = entered.iter().flat_map(|entered| &entered.inside);
            bodies.any(|inside| reads(&text[inside.span.start..inside.span.end], name))
        };
        let problem =
            problem.or_else(|| Some(cannot_be_taken_along(&variables.iter().find(|(name, _)| read_deeper(name))?.0)));
        let around = entered.as_ref().map_or(0, |entered| entered.around);
        Wrapped { entered, around, problem, notes }
    }

    /// What is known of a text, told of the place that it runs in: `around` of
    /// the shells that were entered.
    pub(super) fn told_within(&self, block: &Block, around: usize, mut facts: Facts) -> Facts {
        let places: Vec<_> = self.within(block)[..around].iter().map(|opener| shell::leads(opener)).collect();
        let Some((innermost, _)) = places.last() else { return facts };
        let label = places.iter().map(|(label, _)| label).find(|label| label.starts_with("on ")).unwrap_or(innermost);
        for reason in facts.reasons.iter_mut().chain(&mut facts.inferred.1) {
            *reason = format!("{reason} {label}");
        }
        // Its programs are not looked for here.
        if places.iter().any(|(_, elsewhere)| *elsewhere) {
            facts.commands.clear();
            facts.writes_to.clear();
            facts.replaces.clear();
        }
        // What was entered here has a folder of its own, or another user's home.
        facts.replaces.retain(|replaced| replaced.file.starts_with('/'));
        facts
    }

    /// Where a block runs, for a person: in `around` of the shells that were
    /// entered.
    pub(super) fn target(&self, block: &Block, around: usize, interpreter: &str) -> String {
        match &self.within(block)[..around] {
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

    /// Of a text that is not run, what it would have left is left all the same:
    /// the page goes on outside. What it would have entered is not, and that is
    /// said.
    pub(super) fn pass_by(&mut self, step: &Step, block: &Block, text: &str) -> Result<(), EngineError> {
        if !self.plan.facts(block).runs_by_default() {
            return Ok(());
        }
        let within = self.within(block).to_vec();
        let Ok(Some(entered)) = self.plan.enter(block, text, &within, &[]) else { return Ok(()) };
        let stays = entered.stays();
        if stays < within.len() {
            self.stay_in(within[..stays].to_vec(), "the page leaves it")?;
        }
        if entered.within.len() > stays && self.goes_on_inside(step, block, &self.section_of_stay(step, block)) {
            let now = place(&within[..stays]);
            let path = path(&entered.within[stays..]);
            self.recorder.view.warn(&format!("{path} is not entered: the shell blocks that follow run {now}."));
        }
        Ok(())
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
        let stays = entered.stays();
        // The same may have been left and entered anew.
        if entered.within.len() == stays {
            let leaves_some = stays < before.len();
            return if leaves_some { self.stay_in(entered.within.clone(), "the page leaves it") } else { Ok(()) };
        }
        let section = self.section_of_stay(step, block);
        if !self.goes_on_inside(step, block, &section) {
            return self.comes_to_nothing(step, block, &before, entered);
        }
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
            "The shell blocks that follow run inside {}, {until}, or until `exit`. Each gets a new shell there, in \
             which the folder, variables and options that blocks before it have set are set first.",
            path(&within)
        ));
        let mut carried = self.progress.inside.take().map(|stay| stay.carried).unwrap_or_default();
        carried.retain(|setting| setting.depth <= stays);
        self.progress.inside = Some(Stay { within: entered.within.clone(), section, carried });
        Ok(())
    }

    fn section_of_stay(&self, step: &Step, block: &Block) -> String {
        match &self.progress.inside {
            Some(stay) => stay.section.clone(),
            None => self.plan.stay_of(step, block),
        }
    }

    /// Whether a shell block that may be run follows before `section` ends.
    fn goes_on_inside(&self, step: &Step, block: &Block, section: &str) -> bool {
        self.shell_blocks_after(step, block).any(|of| self.plan.stays_at(of, section))
    }

    /// The steps of the shell blocks that are still to come, one for each.
    fn shell_blocks_after<'s>(&'s self, step: &'s Step, block: &'s Block) -> impl Iterator<Item = &'s Step> {
        let may_run = |other: &&Block| self.plan.can_enter(other) && self.plan.facts(other).runs();
        let here = step.blocks().filter(|other| other.span.start > block.span.start).filter(may_run).map(move |_| step);
        let steps = &self.plan.runbook.steps;
        let at = self.route.iter().position(|index| steps[*index].id == step.id);
        let rest = self.route[at.map_or(self.route.len(), |at| at + 1)..].iter().map(|index| &steps[*index]);
        let is_walked = |step: &&Step| {
            !self.not_chosen.contains(&step.id) && (self.plan.aside(step).is_none() || self.sought.contains(&step.id))
        };
        let rest = rest.filter(is_walked).flat_map(move |step| step.blocks().filter(may_run).map(move |_| step));
        here.chain(rest)
    }

    /// Nothing runs in what a block has entered: it is as if it had left it.
    fn comes_to_nothing(
        &mut self,
        step: &Step,
        block: &Block,
        before: &[String],
        entered: &Entered,
    ) -> Result<(), EngineError> {
        let stays = entered.stays();
        if stays < before.len() {
            return self.stay_in(before[..stays].to_vec(), "the page leaves it");
        }
        if self.shell_blocks_after(step, block).next().is_some() {
            let (path, now) = (path(&entered.within[stays..]), place(before));
            self.recorder.view.say(&format!("Nothing more runs inside {path}: what follows runs {now}."));
        }
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
        let now = place(&within);
        stay.carried.retain(|setting| setting.depth <= within.len());
        stay.within.clone_from(&within);
        if within.is_empty() {
            self.progress.inside = None;
        }
        self.recorder.record_durably(&Event::Left { within, reason: reason.to_owned() })?;
        self.recorder.view.say(&format!("Left {left}: {reason}. What follows runs {now}."));
        Ok(())
    }
}

fn cannot_be_taken_along(name: &str) -> String {
    format!("the value of ${name} cannot be taken along to where its line runs: edit the block")
}

/// Where what runs within these commands runs, for a person.
fn place(within: &[String]) -> String {
    if within.is_empty() { "on this machine".to_owned() } else { format!("inside {}", path(within)) }
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
