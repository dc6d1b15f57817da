//! Taking back what was done.

use super::{Engine, EngineError, Flow};
use crate::run::Event;
use crate::runbook::Step;

impl<'a> Engine<'a> {
    /// On the way out: offers to take back each step that ran, the last first.
    pub(super) async fn offer_rollbacks(&mut self) -> Result<(), EngineError> {
        let plan = self.plan;
        let acted: Vec<String> = self.acted.drain(..).rev().collect();
        let mut offered = Vec::new();
        for id in acted {
            let Some(step) = plan.runbook.step(&id) else { continue };
            let Some(target) = step.settings.rollback.as_ref().and_then(|id| plan.runbook.step(id)) else { continue };
            if offered.contains(&target.id) {
                continue;
            }
            offered.push(target.id.clone());
            let question = format!("Take back “{}” by “{}”?", step.title, target.title);
            let accepted = self.prompter.confirm(&question, false).await?;
            self.offer(step, target, accepted)?;
            if accepted {
                self.walk_back(target).await?;
            }
        }
        Ok(())
    }

    /// Takes one step back because the responder asked for it.
    pub(super) async fn take_back(&mut self, step: &Step, target: &'a Step) -> Result<(), EngineError> {
        self.offer(step, target, true)?;
        self.walk_back(target).await
    }

    fn offer(&mut self, step: &Step, target: &Step, accepted: bool) -> Result<(), EngineError> {
        let (step, rollback) = (step.id.clone(), target.id.clone());
        self.recorder.record_durably(&Event::RollbackOffered { step, rollback, accepted })
    }

    /// Walks through a step that takes another back. Boxed, for a step may be
    /// taken back from within a step.
    async fn walk_back(&mut self, target: &'a Step) -> Result<(), EngineError> {
        self.progress.forget_from(std::iter::once(target.id.as_str()));
        let position = self.route.len();
        // What takes something back is not a part of what was entered.
        let stay = self.progress.inside.take();
        let flow = Box::pin(self.step(target, position)).await?;
        self.progress.inside = stay;
        if let Flow::End(_, reason) = flow {
            self.recorder.view.warn(&format!("{} was not finished: {reason}", target.title));
        }
        Ok(())
    }
}
