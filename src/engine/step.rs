//! One step: what it says, what is done by hand, which way is taken, and its
//! blocks, in the page's order.

use super::block::BlockEnd;
use super::{Engine, EngineError, Flow};
use crate::effect::{ActionAnswer, ActionQuestion};
use crate::run::{BlockRef, Event, RunOutcome, StepOutcome};
use crate::runbook::{Action, Block, Item, Step, StepKind};

/// What has come of a step's items so far.
#[derive(Debug, Default)]
struct Tally {
    done: usize,
    failed: usize,
    accepted: usize,
    skipped: usize,
    reason: Option<String>,
}

impl Tally {
    /// How much has been run, whatever came of it.
    fn ran(&self) -> usize {
        self.done + self.failed + self.accepted
    }

    fn outcome(&self) -> StepOutcome {
        match self {
            Self { failed: 1.., .. } => StepOutcome::Failed,
            Self { accepted: 1.., .. } => StepOutcome::Accepted,
            Self { done: 1.., .. } => StepOutcome::Done,
            Self { skipped: 1.., .. } => StepOutcome::Skipped,
            _ => StepOutcome::NothingToDo,
        }
    }
}

impl<'a> Engine<'a> {
    /// Walks through one step, `position` in the route counting from 0.
    pub(super) async fn step(&mut self, step: &'a Step, position: usize) -> Result<Flow, EngineError> {
        if self.progress.steps.contains(&step.id) {
            self.recall_choice(step);
            return Ok(Flow::Next);
        }
        if self.not_chosen.contains(&step.id) {
            return self.end_step(step, StepOutcome::NotChosen, None);
        }
        self.come_to(step)?;
        if let Some(reason) = self.plan.aside(step).filter(|_| !self.sought.contains(&step.id)) {
            return self.pass_over(step, reason);
        }
        if step.only_if.is_none() {
            self.condition = None;
        }
        let (number, total) = self.place_in_route(position);
        self.recorder.awaited.step = Some((number, total));
        self.recorder.view.step(number, total, &self.plan.runbook.full_title(step), step.line);
        self.recorder.record(&Event::StepStarted { step: step.id.clone() })?;
        if let Some(reason) = self.ruled_out(step) {
            return self.end_step(step, StepOutcome::Skipped, Some(reason));
        }
        if let Some(condition) = step.only_if.as_ref().filter(|_| position > 0)
            && !self.is_needed(step, condition).await?
        {
            let reason = format!("only if: {condition}; it was not needed");
            return self.end_step(step, StepOutcome::Skipped, Some(reason));
        }
        self.items(step).await
    }

    /// Says in one line that a step is no part of the procedure. A choice takes
    /// its ways along.
    fn pass_over(&mut self, step: &'a Step, reason: &str) -> Result<Flow, EngineError> {
        self.recorder.view.passed_over(&self.plan.runbook.full_title(step), reason);
        self.recorder.record(&Event::StepStarted { step: step.id.clone() })?;
        if step.kind == StepKind::Choice {
            self.rule_out_ways(step, None);
        }
        self.end_step(step, StepOutcome::Skipped, Some(reason.to_owned()))
    }

    /// Whether a step is done that is needed only where what came before it did
    /// not help.
    async fn is_needed(&mut self, step: &Step, condition: &str) -> Result<bool, EngineError> {
        if self.sought.contains(&step.id) {
            return Ok(true);
        }
        if let Some((_, needed)) = self.condition.as_ref().filter(|(asked, _)| asked == condition) {
            return Ok(*needed);
        }
        let question = format!("Needed only if {condition}. Go on with it?");
        let needed = self.prompter.confirm(&question, false).await?;
        let event = Event::Answered {
            block: None,
            question: format!("only if: {condition}"),
            answer: if needed { "yes" } else { "no" }.to_owned(),
            by: self.prompter.who(),
        };
        self.recorder.record_durably(&event)?;
        self.condition = Some((condition.to_owned(), needed));
        Ok(needed)
    }

    async fn items(&mut self, step: &'a Step) -> Result<Flow, EngineError> {
        let mut tally = Tally::default();
        // What stands before the first thing to do is read before choosing.
        let reading = step.items.iter().take_while(|item| matches!(item, Item::Prose(_))).count();
        let (reading, doing) = step.items.split_at(reading);
        for item in reading {
            self.read(item);
        }
        if step.kind == StepKind::Choice && !self.choose(step).await? {
            return self.end_step(step, StepOutcome::NotChosen, None);
        }
        for item in doing {
            let flow = match item {
                Item::Prose(_) => {
                    self.read(item);
                    Flow::Next
                }
                Item::Action(action) => self.action(step, action, &mut tally).await?,
                Item::Block(block) => match &self.plan.facts(block).by_hand {
                    Some(text) => {
                        let action =
                            Action { text: text.clone(), line: block.line_start, span: block.span, task: None };
                        self.ask_action(step, &action, self.file.slice(block.span), &mut tally).await?
                    }
                    None => self.block_and_after(step, block, &mut tally).await?,
                },
            };
            match flow {
                Flow::Next => {}
                Flow::Suspend => return Ok(Flow::Suspend),
                Flow::Jump(_) => {
                    self.end_step(step, tally.outcome(), tally.reason)?;
                    return Ok(flow);
                }
                Flow::End(_, ref reason) => {
                    self.end_step(step, StepOutcome::Aborted, Some(reason.clone()))?;
                    return Ok(flow);
                }
            }
        }
        let only_asked = step.kind == StepKind::Choice && tally.outcome() == StepOutcome::NothingToDo;
        let outcome = if only_asked { StepOutcome::NotChosen } else { tally.outcome() };
        self.end_step(step, outcome, tally.reason)
    }

    fn read(&mut self, item: &Item) {
        if let Item::Prose(span) = item {
            self.recorder.view.prose(self.file.slice(*span));
        }
    }

    /// The number of a step and of all steps, from 1. The ways of a choice
    /// count as the one step that they are.
    fn place_in_route(&self, position: usize) -> (usize, usize) {
        let counts = |index: &&usize| {
            let step = &self.plan.runbook.steps[**index];
            step.option_of.as_ref().is_none_or(|head| *head == step.id)
        };
        let upto = self.route.len().min(position + 1);
        let number = self.route[..upto].iter().filter(counts).count();
        let beyond = usize::from(position >= self.route.len());
        (number + beyond, self.route.iter().filter(counts).count() + beyond)
    }

    /// A block, and what its last comments tell to do by hand once it has run.
    async fn block_and_after(
        &mut self,
        step: &'a Step,
        block: &'a Block,
        tally: &mut Tally,
    ) -> Result<Flow, EngineError> {
        let before = tally.ran();
        let flow = self.step_block(step, block, tally).await?;
        match &self.plan.facts(block).then_by_hand {
            Some(text) if flow == Flow::Next && tally.ran() > before => {
                let action = Action { text: text.clone(), line: block.line_end, span: block.span, task: None };
                self.ask_action(step, &action, &format!("```\n{text}\n```"), tally).await
            }
            _ => Ok(flow),
        }
    }

    async fn step_block(&mut self, step: &'a Step, block: &'a Block, tally: &mut Tally) -> Result<Flow, EngineError> {
        match self.block(step, block).await? {
            BlockEnd::Shown => {}
            BlockEnd::Done => {
                tally.done += 1;
                if self.acted.last() != Some(&step.id) {
                    self.acted.push(step.id.clone());
                }
            }
            BlockEnd::Failed(problem) => {
                tally.failed += 1;
                tally.reason.get_or_insert(problem);
                self.acted.push(step.id.clone());
            }
            BlockEnd::Accepted(reason) => {
                tally.accepted += 1;
                tally.reason.get_or_insert(reason);
                self.acted.push(step.id.clone());
            }
            BlockEnd::Skipped(reason) => {
                tally.skipped += 1;
                tally.reason.get_or_insert(reason);
            }
            BlockEnd::Leave(flow, problem) => {
                if let Some(problem) = problem {
                    tally.failed += 1;
                    tally.reason.get_or_insert(problem);
                    self.acted.push(step.id.clone());
                }
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn end_step(&mut self, step: &Step, outcome: StepOutcome, reason: Option<String>) -> Result<Flow, EngineError> {
        self.failed |= outcome == StepOutcome::Failed;
        self.progress.steps.insert(step.id.clone());
        // A reason that only repeats a success is noise in the report.
        let reason = reason.filter(|_| outcome != StepOutcome::Done);
        self.recorder.record(&Event::StepFinished { step: step.id.clone(), outcome, reason })?;
        Ok(Flow::Next)
    }

    /// Why `when` leaves the step out, if it does.
    fn ruled_out(&self, step: &Step) -> Option<String> {
        let condition = step.settings.when.as_deref()?;
        match crate::template::holds(condition, &self.values, self.clock.now()) {
            Ok(true) => None,
            Ok(false) => Some(format!("its condition is false: {condition}")),
            Err(error) => Some(format!("its condition `{condition}` cannot be told: {error}")),
        }
    }

    async fn action(&mut self, step: &Step, action: &Action, tally: &mut Tally) -> Result<Flow, EngineError> {
        self.ask_action(step, action, &action.text, tally).await
    }

    /// Asks what was done about an action, which is shown as this Markdown.
    async fn ask_action(
        &mut self,
        step: &Step,
        action: &Action,
        shown: &str,
        tally: &mut Tally,
    ) -> Result<Flow, EngineError> {
        let key = (step.id.clone(), action.line);
        if self.progress.actions.contains(&key) || action.task == Some(true) {
            return Ok(Flow::Next);
        }
        let question = ActionQuestion { text: shown.to_owned() };
        let (done, note) = loop {
            match self.prompter.action(&question).await? {
                ActionAnswer::Done => break (true, None),
                ActionAnswer::Skip(reason) => break (false, Some(self.recorder.mask(&reason))),
                ActionAnswer::Note(text) => self.note(step, &text)?,
                ActionAnswer::Suspend => return Ok(Flow::Suspend),
                ActionAnswer::Abort => {
                    return Ok(Flow::End(RunOutcome::Aborted, "the responder ended it".to_owned()));
                }
            }
        };
        if done {
            tally.done += 1;
        } else {
            tally.skipped += 1;
        }
        self.progress.actions.insert(key);
        self.recorder.record_durably(&Event::ActionDone {
            step: step.id.clone(),
            text: action.text.clone(),
            line: action.line,
            done,
            task: action.task.is_some(),
            note,
        })?;
        Ok(Flow::Next)
    }

    /// Remembers that a block is over, for a run that is resumed.
    pub(super) fn block_is_over(&mut self, block: &BlockRef) {
        self.progress.blocks.insert(block.clone());
    }
}
