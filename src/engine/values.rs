//! Getting the values that a run needs, from the first source that has them.

use super::{Engine, EngineError};
use crate::effect::ValueQuestion;
use crate::run::{BlockRef, Event};
use crate::runbook::{Block, Capture, Value, Variable, VariableKind};

/// A value that somebody gave before the run.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    /// The text.
    pub text: String,
    /// Where it came from, for the record: `--var`, `file`, `environment`.
    pub source: String,
    /// Whether the record has it already, from before the run was resumed.
    pub recorded: bool,
    /// Its type, where no declaration says so.
    pub kind: Option<VariableKind>,
}

impl Engine<'_> {
    /// Sets every variable that the route refers to, before its first step:
    /// nobody wants to be asked in the middle.
    pub(super) async fn gather_values(&mut self) -> Result<(), EngineError> {
        let plan = self.plan;
        for (name, given) in self.given.clone() {
            // A captured value of an earlier process has no declaration, nor has
            // one for what the page leaves open.
            let declared = plan.variable(&name);
            let variable = Variable { kind: declared.kind.or(given.kind), ..declared };
            let value = Value::check(&name, &variable, &given.text)?;
            self.set(&name, value, (!given.recorded).then_some(given.source))?;
        }
        for name in plan.needed_variables(&self.route) {
            let Some(variable) = plan.runbook.front_matter.variables.get(&name) else { continue };
            if self.values.contains_key(&name) {
                continue;
            }
            self.get_value(&name, variable).await?;
        }
        Ok(())
    }

    /// Sets the variables of a block that were to be captured before it, and
    /// were not.
    pub(super) async fn late_values(&mut self, block: &Block) -> Result<(), EngineError> {
        let plan = self.plan;
        for name in plan.variables_of(block) {
            let Some(variable) = plan.runbook.front_matter.variables.get(&name) else { continue };
            if !self.values.contains_key(&name) {
                self.get_value(&name, variable).await?;
            }
        }
        Ok(())
    }

    /// Sets a variable that nobody has given, by its default or by asking.
    async fn get_value(&mut self, name: &str, variable: &Variable) -> Result<(), EngineError> {
        if let Some(text) = variable.default_text() {
            let value = Value::check(name, variable, &text)?;
            return self.set(name, value, Some("default".to_owned()));
        }
        let value = self.ask_for(name, variable).await?;
        self.set(name, value, Some("prompt".to_owned()))
    }

    async fn ask_for(&mut self, name: &str, variable: &Variable) -> Result<Value, EngineError> {
        let mut question =
            ValueQuestion { name: name.to_owned(), variable: variable.clone(), problem: None, may_stay_open: false };
        loop {
            let text = self.prompter.value(&question).await?;
            match Value::check(name, variable, &text) {
                Ok(value) => return Ok(value),
                Err(problem) => question.problem = Some(problem.to_string()),
            }
        }
    }

    /// Sets a variable; on record unless it is there already.
    pub(super) fn set(&mut self, name: &str, value: Value, source: Option<String>) -> Result<(), EngineError> {
        if value.secret {
            self.recorder.add_secret(name, &value.text);
        }
        let shown = (!value.secret).then(|| self.recorder.mask(&value.text));
        self.values.insert(name.to_owned(), value);
        match source {
            Some(source) => {
                let name = name.to_owned();
                self.recorder.record(&Event::VariableSet { name, value: shown, source, kind: None })
            }
            None => Ok(()),
        }
    }

    /// Sets a variable from a block's result, by the rules of its declaration
    /// if it has one, and else as what it is by itself.
    pub(super) fn set_captured(
        &mut self,
        name: &str,
        source: &Capture,
        (text, kind): (&str, Option<VariableKind>),
        block: &BlockRef,
    ) -> Result<Event, String> {
        let undeclared = Variable { kind, ..Variable::default() };
        let declared = self.plan.runbook.front_matter.variables.get(name);
        let kind = kind.filter(|_| declared.is_none());
        let variable = declared.unwrap_or(&undeclared);
        let text = super::capture::as_variable(variable.kind(), source, text);
        let value = Value::check(name, variable, &text).map_err(|error| error.to_string())?;
        if value.secret {
            self.recorder.add_secret(name, &value.text);
        }
        let shown = (!value.secret).then(|| self.recorder.mask(&value.text));
        self.values.insert(name.to_owned(), value);
        let source = format!("captured from {}", block.step);
        Ok(Event::VariableSet { name: name.to_owned(), value: shown, source, kind })
    }
}
