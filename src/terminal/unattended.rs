//! The [`Prompter`] of `--yes`: what it covers is answered at once, the rest
//! stays open.

use crate::effect::{
    ActionAnswer, ActionQuestion, AddressQuestion, BlockAnswer, BlockQuestion, ChoiceAnswer, ChoiceQuestion,
    CommitAnswer, CommitQuestion, FailureAnswer, FailureQuestion, NoAnswer, Prompter, TypedQuestion, UnknownAnswer,
    UnknownQuestion, ValueQuestion,
};
use crate::runbook::Effect;
use async_trait::async_trait;

/// Answers without asking, as far as `--yes` goes.
#[derive(Debug, Clone)]
pub struct Unattended {
    covered: Effect,
}

impl Unattended {
    /// Covers blocks up to this effect: `--yes=read|write|destructive`.
    #[must_use]
    pub fn new(covered: Effect) -> Self {
        Self { covered }
    }

    fn covers(&self, effect: Effect) -> bool {
        level(effect) <= level(self.covered)
    }
}

/// What is not known may write, so it counts as writing.
fn level(effect: Effect) -> u8 {
    match effect {
        Effect::Read => 0,
        Effect::Write | Effect::Unknown => 1,
        Effect::Destructive => 2,
    }
}

/// `NAME=VALUE`, as it would be typed.
fn assignment(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte));
    if plain { format!("{name}=VALUE") } else { format!("'{}=VALUE'", name.replace('\'', "'\\''")) }
}

fn uncovered<T>(question: impl Into<String>, reason: impl Into<String>) -> Result<T, NoAnswer> {
    Err(NoAnswer::NotCovered { question: question.into(), reason: reason.into() })
}

#[async_trait(?Send)]
impl Prompter for Unattended {
    fn who(&self) -> String {
        "--yes".to_owned()
    }

    async fn block(&mut self, question: &BlockQuestion) -> Result<BlockAnswer, NoAnswer> {
        if let Some(reason) = &question.skip_by_default {
            return Ok(BlockAnswer::Skip(reason.clone()));
        }
        if let Some(problem) = &question.blocked {
            if !question.open.is_empty() {
                let give: Vec<_> = question.open.iter().map(|name| format!("--var {}", assignment(name))).collect();
                return uncovered("the block cannot be run", format!("{problem}: give {}", give.join(" ")));
            }
            return uncovered("the block cannot be run", problem);
        }
        let needed = if question.typed.is_some() { Effect::Destructive } else { question.effect };
        if self.covers(needed) {
            return Ok(BlockAnswer::Run);
        }
        let (does, option) = match (needed, question.typed.is_some()) {
            (_, true) => ("asks for a word to be typed", "--yes=destructive"),
            (Effect::Destructive, _) => ("is destructive", "--yes=destructive"),
            (Effect::Unknown, _) => ("may change something", "--yes=write"),
            _ => ("changes something", "--yes=write"),
        };
        uncovered("the block was not run", format!("it {does}, which only {option} covers"))
    }

    async fn failure(&mut self, _: &FailureQuestion) -> Result<FailureAnswer, NoAnswer> {
        Ok(FailureAnswer::GiveUp)
    }

    async fn value(&mut self, question: &ValueQuestion) -> Result<String, NoAnswer> {
        let name = &question.name;
        if question.may_stay_open {
            return Ok(String::new());
        }
        let give = match (&question.variable.env, question.variable.secret) {
            (Some(env), true) => format!("set {env} in the environment"),
            (None, true) => "give it with --vars-file: a secret on the command line can be seen by others".to_owned(),
            (_, false) => format!("give it with --var {name}=VALUE"),
        };
        match &question.problem {
            Some(problem) => uncovered(format!("`{name}` needs another value"), format!("{problem}; {give}")),
            None => uncovered(format!("`{name}` has no value"), give),
        }
    }

    async fn address(&mut self, question: &AddressQuestion) -> Result<Option<String>, NoAnswer> {
        let name = &question.connection;
        uncovered(format!("where the database `{name}` is"), format!("give it with --connection {name}=URL"))
    }

    async fn choice(&mut self, question: &ChoiceQuestion) -> Result<ChoiceAnswer, NoAnswer> {
        match question.default {
            Some(index) => Ok(ChoiceAnswer { index, reason: Some("default".to_owned()) }),
            None => uncovered(question.question.clone(), "nothing says which".to_owned()),
        }
    }

    async fn action(&mut self, _: &ActionQuestion) -> Result<ActionAnswer, NoAnswer> {
        Ok(ActionAnswer::Skip("not done: no one to ask (--yes)".to_owned()))
    }

    async fn commit(&mut self, question: &CommitQuestion) -> Result<CommitAnswer, NoAnswer> {
        if self.covers(Effect::Write) {
            return Ok(CommitAnswer::Keep);
        }
        uncovered(format!("the changes on {} were not committed", question.target), "only --yes=write covers that")
    }

    async fn typed(&mut self, question: &TypedQuestion) -> Result<bool, NoAnswer> {
        if self.covers(Effect::Destructive) {
            return Ok(true);
        }
        uncovered(&question.warning, "only --yes=destructive covers that")
    }

    async fn unknown(&mut self, question: &UnknownQuestion) -> Result<UnknownAnswer, NoAnswer> {
        uncovered(
            format!("nobody knows what became of the block of `{}`", question.step),
            "only a person can tell: resume the run on a terminal",
        )
    }

    async fn confirm(&mut self, _: &str, default: bool) -> Result<bool, NoAnswer> {
        Ok(default)
    }

    /// Whoever sends the signal twice, and is not to be asked, means it.
    async fn abort(&mut self) -> Result<bool, NoAnswer> {
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::Variable;

    fn question(effect: Effect) -> BlockQuestion {
        BlockQuestion {
            effect,
            blocked: None,
            open: Vec::new(),
            typed: None,
            reasons: Vec::new(),
            place: String::new(),
            code: "true".to_owned(),
            extension: "sh",
            steps: Vec::new(),
            skip_by_default: None,
            commands: 0,
            part: None,
            inside: false,
            may_try_again: false,
        }
    }

    fn said(error: &NoAnswer) -> String {
        error.to_string()
    }

    #[tokio::test]
    async fn a_block_runs_only_as_far_as_yes_goes() {
        use Effect::{Destructive, Read, Unknown, Write};
        for (covered, effect, runs) in [
            (Read, Read, true),
            (Read, Write, false),
            (Read, Unknown, false),
            (Write, Write, true),
            (Write, Unknown, true),
            (Write, Destructive, false),
            (Destructive, Destructive, true),
        ] {
            let answer = Unattended::new(covered).block(&question(effect)).await;
            assert_eq!(answer == Ok(BlockAnswer::Run), runs, "{covered:?} {effect:?}");
        }
    }

    #[tokio::test]
    async fn what_is_not_covered_names_the_option_that_would() {
        let error = Unattended::new(Effect::Write).block(&question(Effect::Destructive)).await.expect_err("refused");
        assert_eq!(said(&error), "the block was not run: it is destructive, which only --yes=destructive covers");
        let mut typed = question(Effect::Read);
        typed.typed = Some("job_queue".to_owned());
        let error = Unattended::new(Effect::Write).block(&typed).await.expect_err("refused");
        assert!(said(&error).contains("--yes=destructive"), "{error}");
    }

    #[tokio::test]
    async fn what_is_to_be_skipped_is_skipped_and_what_cannot_run_does_not() {
        let mut skipped = question(Effect::Read);
        skipped.skip_by_default = Some("an example".to_owned());
        let mut blocked = question(Effect::Read);
        blocked.blocked = Some("pwsh is not installed".to_owned());
        let mut prompter = Unattended::new(Effect::Destructive);
        assert_eq!(prompter.block(&skipped).await, Ok(BlockAnswer::Skip("an example".to_owned())));
        assert!(said(&prompter.block(&blocked).await.expect_err("refused")).contains("pwsh is not installed"));
    }

    #[tokio::test]
    async fn a_missing_value_names_the_way_to_give_it() {
        let ask =
            |variable| ValueQuestion { name: "service".to_owned(), variable, problem: None, may_stay_open: false };
        let mut prompter = Unattended::new(Effect::Write);
        let error = prompter.value(&ask(Variable::default())).await.expect_err("no value");
        assert_eq!(said(&error), "`service` has no value: give it with --var service=VALUE");
        let secret = Variable { secret: true, env: Some("OPS_TOKEN".to_owned()), ..Variable::default() };
        let error = prompter.value(&ask(secret)).await.expect_err("no value");
        assert_eq!(said(&error), "`service` has no value: set OPS_TOKEN in the environment");
    }

    #[tokio::test]
    async fn nothing_is_claimed_that_nobody_did_or_knows() {
        let mut prompter = Unattended::new(Effect::Destructive);
        let action = prompter.action(&ActionQuestion { text: "Call them".to_owned() }).await;
        assert_eq!(action, Ok(ActionAnswer::Skip("not done: no one to ask (--yes)".to_owned())));
        let unknown =
            UnknownQuestion { step: "Reset".to_owned(), code: String::new(), started: String::new(), hint: None };
        assert!(prompter.unknown(&unknown).await.is_err());
    }

    #[tokio::test]
    async fn a_word_counts_as_typed_only_where_destruction_is_covered() {
        let question = TypedQuestion { warning: "DELETE without WHERE".to_owned(), word: "jobs".to_owned() };
        assert_eq!(Unattended::new(Effect::Destructive).typed(&question).await, Ok(true));
        assert!(Unattended::new(Effect::Write).typed(&question).await.is_err());
    }
}
