//! A responder who says what the test says.

use super::{Happened, Log, Say};
use crate::effect::*;
use async_trait::async_trait;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

pub(super) struct FakePrompter {
    pub(super) log: Log,
    pub(super) says: VecDeque<Say>,
    pub(super) about: Rc<RefCell<Vec<Vec<String>>>>,
}

impl FakePrompter {
    fn next(&mut self, question: &'static str) -> Result<Say, NoAnswer> {
        self.log.borrow_mut().push(Happened::Asked(question));
        match self.says.pop_front() {
            Some(Say::Nothing(why)) => Err(why),
            Some(say) => Ok(say),
            None => Err(NoAnswer::NoTerminal { question: question.to_owned() }),
        }
    }
}

macro_rules! answer {
    ($self:ident, $question:literal, $variant:ident) => {
        match $self.next($question)? {
            Say::$variant(answer) => Ok(answer),
            other => panic!("asked {}, the test says {other:?}", $question),
        }
    };
}

#[async_trait(?Send)]
impl Prompter for FakePrompter {
    fn who(&self) -> String {
        "responder".into()
    }

    async fn block(&mut self, _: &BlockQuestion) -> Result<BlockAnswer, NoAnswer> {
        answer!(self, "block", Block)
    }

    async fn failure(&mut self, _: &FailureQuestion) -> Result<FailureAnswer, NoAnswer> {
        answer!(self, "failure", Failure)
    }

    async fn value(&mut self, _: &ValueQuestion) -> Result<String, NoAnswer> {
        answer!(self, "value", Value).map(str::to_owned)
    }

    async fn address(&mut self, _: &AddressQuestion) -> Result<Option<String>, NoAnswer> {
        Ok(None)
    }

    async fn choice(&mut self, question: &ChoiceQuestion) -> Result<ChoiceAnswer, NoAnswer> {
        self.about.borrow_mut().extend(question.about.iter().cloned());
        if matches!(self.says.front(), Some(Say::ChooseDefault)) {
            self.says.pop_front();
            return Ok(ChoiceAnswer { index: question.default.unwrap_or(usize::MAX), reason: None });
        }
        answer!(self, "choice", Choose).map(|index| ChoiceAnswer { index, reason: None })
    }

    async fn action(&mut self, _: &ActionQuestion) -> Result<ActionAnswer, NoAnswer> {
        answer!(self, "action", Action)
    }

    async fn commit(&mut self, _: &CommitQuestion) -> Result<CommitAnswer, NoAnswer> {
        answer!(self, "commit", Commit)
    }

    async fn typed(&mut self, _: &TypedQuestion) -> Result<bool, NoAnswer> {
        answer!(self, "typed", Confirm)
    }

    async fn unknown(&mut self, _: &UnknownQuestion) -> Result<UnknownAnswer, NoAnswer> {
        answer!(self, "unknown", Unknown)
    }

    async fn confirm(&mut self, _: &str, _: bool) -> Result<bool, NoAnswer> {
        answer!(self, "confirm", Confirm)
    }
}
