//! Several ways to do the same thing: which one is taken, and what becomes of
//! the others.

use super::{Engine, EngineError};
use crate::effect::ChoiceQuestion;
use crate::run::Event;
use crate::runbook::{Class, Effect, Item, Step};

/// One of the ways: its title and its steps, the choices within it among them.
struct Path<'p> {
    first: &'p str,
    title: &'p str,
    steps: Vec<&'p Step>,
}

impl<'a> Engine<'a> {
    /// Which of several ways to take; asked for once a run. True where the
    /// head's own items are to be done.
    pub(super) async fn choose(&mut self, head: &'a Step) -> Result<bool, EngineError> {
        let ways = self.ways(head);
        if ways.len() < 2 {
            return Ok(true);
        }
        let chosen_before = self.progress.chosen.get(&head.id);
        let chosen = match chosen_before.and_then(|choice| ways.iter().find(|way| way.title == *choice)) {
            Some(way) => way,
            None => {
                let (index, reason) = self.ask_which(head, &ways).await?;
                self.record_choice(head, &ways, index, reason)?;
                &ways[index]
            }
        };
        self.rule_out_ways(head, Some(chosen.first));
        // A way that is no part of the procedure was asked for.
        self.sought.extend(chosen.steps.iter().map(|step| step.id.clone()));
        Ok(chosen.first == head.id || head.option_of.as_ref() != Some(&head.id))
    }

    /// The ways of a choice that are in the route: one that was asked for by
    /// name is there alone.
    fn ways(&self, head: &Step) -> Vec<Path<'a>> {
        let plan = self.plan;
        let mut ways: Vec<Path<'a>> = Vec::new();
        for step in self.route.iter().map(|index| &plan.runbook.steps[*index]) {
            let Some(way) = step.way.as_ref().filter(|_| step.option_of.as_ref() == Some(&head.id)) else { continue };
            match ways.iter_mut().find(|known| known.first == way.first) {
                Some(known) => known.steps.push(step),
                None => ways.push(Path { first: &way.first, title: &way.title, steps: vec![step] }),
            }
        }
        ways
    }

    fn record_choice(
        &mut self,
        head: &Step,
        ways: &[Path<'_>],
        chosen: usize,
        reason: Option<String>,
    ) -> Result<(), EngineError> {
        let others = ways.iter().enumerate().filter(|(index, _)| *index != chosen);
        let event = Event::Chosen {
            step: head.id.clone(),
            block: None,
            choice: ways[chosen].title.to_owned(),
            others: others.map(|(_, way)| way.title.to_owned()).collect(),
            reason,
        };
        self.progress.chosen.insert(head.id.clone(), ways[chosen].title.to_owned());
        self.recorder.record_durably(&event)
    }

    async fn ask_which(&mut self, head: &Step, ways: &[Path<'_>]) -> Result<(usize, Option<String>), EngineError> {
        let options: Vec<_> = ways.iter().map(|way| (way.title.to_owned(), self.hindrance(way))).collect();
        let wished = head.settings.choose.as_ref().and_then(|wish| {
            ways.iter()
                .position(|way| way.title == *wish || way.first == *wish || way.first.ends_with(&format!("/{wish}")))
        });
        let can_run = |index: &usize| options[*index].1.is_none();
        let recommended = || ways.iter().position(|way| way.title.to_lowercase().contains("(recommended"));
        let default =
            wished.or_else(|| recommended().filter(can_run)).or_else(|| (0..ways.len()).find(can_run)).unwrap_or(0);
        let about = ways.iter().map(|way| self.about(way)).collect();
        let question = ChoiceQuestion { question: "Which way?".to_owned(), options, about, default: Some(default) };
        let answer = self.prompter.choice(&question).await?;
        let index = if answer.index < ways.len() { answer.index } else { default };
        Ok((index, answer.reason.map(|reason| self.recorder.mask(&reason))))
    }

    /// What a way is about: what it says first, or its first command, and the
    /// worst that it does.
    fn about(&self, way: &Path<'_>) -> Vec<String> {
        let said = way.steps.iter().flat_map(|step| &step.items).find_map(|item| match item {
            Item::Prose(span) => opening(self.file.slice(*span)),
            Item::Block(block) => first_command(&block.run, self.plan.facts(block).opens.as_deref()).map(shortened),
            Item::Action(action) => opening(&action.text),
        });
        let facts = way.steps.iter().flat_map(|step| step.blocks()).map(|block| self.plan.facts(block));
        let worst = facts.filter(|facts| facts.runs_by_default()).max_by_key(|facts| facts.effect);
        let does = worst.and_then(|facts| match facts.effect {
            Effect::Destructive => {
                Some(format!("destructive: {}", facts.reasons.first().map_or("cannot be undone", String::as_str)))
            }
            Effect::Write => Some("changes something".to_owned()),
            Effect::Unknown => Some("may change something".to_owned()),
            Effect::Read => None,
        });
        said.into_iter().chain(does).map(|line| self.recorder.mask(&line)).collect()
    }

    /// What speaks against a way: it is no part of the procedure, or this machine
    /// lacks an interpreter that one of its steps needs, or the program that it
    /// begins with.
    fn hindrance(&self, way: &Path<'_>) -> Option<String> {
        if let Some(reason) = way.steps.first().and_then(|step| self.plan.aside(step)) {
            return Some(reason.to_owned());
        }
        let blocks = || way.steps.iter().flat_map(|step| step.blocks());
        let mut facts = blocks().map(|block| self.plan.facts(block)).filter(|facts| facts.runs_by_default());
        let missing = facts.by_ref().filter_map(|facts| facts.interpreter.as_deref());
        let missing = { missing }.find(|interpreter| !self.shell.available(interpreter)).map(str::to_owned);
        let first = || {
            let block = blocks().find(|block| self.plan.facts(block).runs_by_default())?;
            let program = self.plan.facts(block).commands.first().filter(|program| !program.contains('/'))?;
            let is_shell = matches!(block.class, Class::Shell | Class::Session);
            is_shell.then(|| self.shell.missing(std::slice::from_ref(program)).into_iter().next()).flatten()
        };
        missing.or_else(first).map(|program| format!("{program} is not installed here"))
    }

    /// Leaves out all ways of a choice but the one that begins with `chosen`,
    /// with the choices within them.
    pub(super) fn rule_out_ways(&mut self, head: &Step, chosen: Option<&str>) {
        let plan = self.plan;
        for way in self.ways(head).iter().filter(|way| Some(way.first) != chosen) {
            let within = plan.runbook.steps.iter().filter(|step| plan.runbook.is_within_way(step, way.first));
            self.not_chosen.extend(within.filter(|step| step.id != head.id).map(|step| step.id.clone()));
        }
    }

    /// Makes a choice of an earlier process count again.
    pub(super) fn recall_choice(&mut self, head: &'a Step) {
        let Some(choice) = self.progress.chosen.get(&head.id) else { return };
        let chosen = self.ways(head).iter().find(|way| way.title == *choice).map(|way| way.first.to_owned());
        if let Some(chosen) = chosen {
            self.rule_out_ways(head, Some(&chosen));
        }
    }

    /// Takes another way than the one chosen, because the responder jumps into
    /// it: of each choice it stands in, it is now the one.
    pub(super) fn switch_ways(&mut self, id: &str) -> Result<(), EngineError> {
        let plan = self.plan;
        let mut at = plan.runbook.step(id);
        while let Some(step) = at {
            let (Some(head), Some(own)) = (&step.option_of, &step.way) else { break };
            let Some(head) = plan.runbook.step(head) else { break };
            let ways = self.ways(head);
            if let Some(index) = ways.iter().position(|way| way.first == own.first)
                && head.id != step.id
                && self.progress.chosen.get(&head.id) != Some(&own.title)
            {
                self.record_choice(head, &ways, index, Some("the responder jumped to it".to_owned()))?;
                let within = plan.runbook.steps.iter().filter(|step| plan.runbook.is_within_way(step, &own.first));
                for step in within {
                    self.not_chosen.remove(&step.id);
                    self.progress.steps.remove(&step.id);
                }
                self.rule_out_ways(head, Some(&own.first));
            }
            at = Some(head).filter(|head| head.id != step.id);
        }
        Ok(())
    }

    /// Asks anew about every choice from this place of the route on: the
    /// responder went back before it.
    pub(super) fn forget_choices(&mut self, position: usize) {
        let plan = self.plan;
        let later = self.route.iter().skip(position).map(|index| &plan.runbook.steps[*index]);
        let heads: Vec<&Step> = later.filter(|step| self.progress.chosen.contains_key(&step.id)).collect();
        for head in heads {
            self.progress.chosen.remove(&head.id);
            for way in self.ways(head) {
                let within = plan.runbook.steps.iter().filter(|step| plan.runbook.is_within_way(step, way.first));
                for step in within {
                    self.not_chosen.remove(&step.id);
                }
            }
        }
    }
}

/// The first paragraph of a text in one line, without its markup; none of a
/// table or of what is only a label.
fn opening(text: &str) -> Option<String> {
    let paragraph = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let plain = paragraph.trim_start_matches(['-', '*', '+', '>', ' ']).replace("**", "").replace('`', "");
    let plain = without_links(&plain);
    let is_label = plain.ends_with(':') && plain.split_whitespace().count() < 4;
    (!plain.is_empty() && !is_label && !plain.starts_with(['|', '<'])).then(|| shortened(&plain))
}

/// The words of links without where they lead.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[')
        && let Some((words, behind)) = after.split_once("](")
        && let Some((_, behind)) = behind.split_once(')')
    {
        plain.push_str(before);
        plain.push_str(words);
        rest = behind;
    }
    plain + rest
}

/// The first command; where it only opens another shell, the one in there.
fn first_command<'c>(code: &'c str, opens: Option<&str>) -> Option<&'c str> {
    let mut commands = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '-']));
    let first = commands.next()?;
    commands.find(|_| opens == Some(first)).or(Some(first))
}

/// As much of a line as fits below a title.
fn shortened(line: &str) -> String {
    const LONGEST: usize = 70;
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}
