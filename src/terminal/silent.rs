//! The [`Prompter`] where there is no terminal: every question stays open.

use crate::effect::{
    ActionAnswer, ActionQuestion, AddressQuestion, BlockAnswer, BlockQuestion, ChoiceAnswer, ChoiceQuestion,
    CommitAnswer, CommitQuestion, FailureAnswer, FailureQuestion, NoAnswer, Prompter, TypedQuestion, UnknownAnswer,
    UnknownQuestion, ValueQuestion,
};
use async_trait::async_trait;

/// Answers nothing, and says what would have been asked.
#[derive(Debug, Clone)]
pub struct NoTerminal {
    who: String,
}

impl NoTerminal {
    /// For the user of this name.
    #[must_use]
    pub fn new(who: impl Into<String>) -> Self {
        Self { who: who.into() }
    }
}

fn unasked<T>(question: impl Into<String>) -> Result<T, NoAnswer> {
    Err(NoAnswer::NoTerminal { question: question.into() })
}

#[async_trait(?Send)]
impl Prompter for NoTerminal {
    fn who(&self) -> String {
        self.who.clone()
    }

    async fn block(&mut self, _: &BlockQuestion) -> Result<BlockAnswer, NoAnswer> {
        unasked("whether to run the block")
    }

    async fn failure(&mut self, question: &FailureQuestion) -> Result<FailureAnswer, NoAnswer> {
        unasked(format!("what to do about the failure ({})", question.problem))
    }

    async fn value(&mut self, question: &ValueQuestion) -> Result<String, NoAnswer> {
        unasked(format!("the value of `{}`", question.name))
    }

    async fn address(&mut self, question: &AddressQuestion) -> Result<Option<String>, NoAnswer> {
        unasked(format!("where the database `{}` is", question.connection))
    }

    async fn choice(&mut self, question: &ChoiceQuestion) -> Result<ChoiceAnswer, NoAnswer> {
        unasked(format!("the choice `{}`", question.question))
    }

    async fn action(&mut self, question: &ActionQuestion) -> Result<ActionAnswer, NoAnswer> {
        unasked(format!("whether this is done: `{}`", question.text.trim()))
    }

    async fn commit(&mut self, question: &CommitQuestion) -> Result<CommitAnswer, NoAnswer> {
        unasked(format!("whether to commit on {}", question.target))
    }

    async fn typed(&mut self, question: &TypedQuestion) -> Result<bool, NoAnswer> {
        unasked(format!("`{}`", question.warning))
    }

    async fn unknown(&mut self, question: &UnknownQuestion) -> Result<UnknownAnswer, NoAnswer> {
        unasked(format!("what became of the block of `{}`", question.step))
    }

    async fn confirm(&mut self, question: &str, _default: bool) -> Result<bool, NoAnswer> {
        unasked(format!("`{question}`"))
    }

    /// Whoever sends the signal twice, and cannot be asked, means it.
    async fn abort(&mut self) -> Result<bool, NoAnswer> {
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_question_stays_open_and_is_named() {
        let mut prompter = NoTerminal::new("ann");
        let error = prompter.confirm("Go on?", true).await.expect_err("no answer");
        assert_eq!(error.to_string(), "`Go on?` needs an answer, and there is no terminal to ask on");
    }
}
