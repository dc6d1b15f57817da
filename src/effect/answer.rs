//! What is asked of the responder, and what can be answered.

use super::Standing;
use crate::run::{Mark, OtherRows, Part, RowChanges};
use crate::runbook::{Effect, Variable};
use async_trait::async_trait;
use std::time::Duration;
use tokio::sync::watch;
use zeroize::Zeroizing;

/// No answer could be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// There is nobody to ask.
    #[error("{question} needs an answer, and there is no terminal to ask on")]
    NoTerminal {
        /// What would have been asked.
        question: String,
    },
    /// `--yes` answers, and does not answer this.
    #[error("{question}: {reason}")]
    NotCovered {
        /// What would have been asked.
        question: String,
        /// Why it is not answered, and what would answer it.
        reason: String,
    },
    /// Ctrl-C, or the terminal went away, at the prompt.
    #[error("interrupted")]
    Interrupted,
}

/// Before a block runs.
#[derive(Debug, Clone)]
pub struct BlockQuestion {
    /// What running it does.
    pub effect: Effect,
    /// What keeps it from being run as it is (a syntax error, a missing
    /// interpreter): then `Run` is not offered.
    pub blocked: Option<String>,
    /// The names of what it leaves open, where nothing else keeps it from being
    /// run: then `Run` is offered, and asks for them.
    pub open: Vec<String>,
    /// The word to type before it runs.
    pub typed: Option<String>,
    /// Why it is thought to have that effect, the worst first.
    pub reasons: Vec<String>,
    /// Where it runs: `on prod-1`, ``inside `ssh db-1` ``, or on which connection;
    /// `from prod-1` where it goes on elsewhere from there.
    pub place: String,
    /// The text that an editor would be given.
    pub code: String,
    /// The ending of the file that an editor would be given: `sh`, `sql`.
    pub extension: &'static str,
    /// The steps one can jump to: id and title.
    pub steps: Vec<(String, String)>,
    /// Skip is what Enter means.
    pub skip_by_default: Option<String>,
    /// How many commands it has that can be run one by one; 0 where they cannot.
    pub commands: usize,
    /// The commands of the block that are asked about, where it is not all of
    /// them.
    pub part: Option<Part>,
    /// It runs inside what an earlier block entered, and could run here.
    pub inside: bool,
    /// What keeps it from being run may be gone when it is looked at again.
    pub may_try_again: bool,
}

/// What to do with a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockAnswer {
    /// Run it as shown.
    Run,
    /// Run it command by command.
    Lines,
    /// Run this command and all that are left as one.
    Rest,
    /// Run none of the commands that are left, for this reason.
    Stop(String),
    /// Run it and what follows on this machine; it is shown again.
    Here,
    /// Look again whether it can be run.
    TryAgain,
    /// Show it again with this text.
    Edit(String),
    /// Do not run it, for this reason.
    Skip(String),
    /// Write this down, and ask again.
    Note(String),
    /// Set this milestone, and ask again.
    Mark(Mark),
    /// Go on at this step.
    Jump(String),
    /// Put the run aside.
    Suspend,
    /// End the run.
    Abort,
}

/// After a block failed.
#[derive(Debug, Clone)]
pub struct FailureQuestion {
    /// What went wrong.
    pub problem: String,
    /// The text that an editor would be given.
    pub code: String,
    /// The ending of the file that an editor would be given.
    pub extension: &'static str,
    /// Title of the step that takes this one back, if there is one.
    pub rollback: Option<String>,
    /// The steps one can jump to: id and title.
    pub steps: Vec<(String, String)>,
}

/// What to do about a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureAnswer {
    /// Run the same again.
    Retry,
    /// Show it again with this text.
    Edit(String),
    /// It is good enough, for this reason.
    Accept(String),
    /// Leave it failed and go on, for this reason.
    Skip(String),
    /// Run the step that takes it back.
    RollBack,
    /// Write this down, and ask again.
    Note(String),
    /// Go on at this step.
    Jump(String),
    /// Put the run aside.
    Suspend,
    /// End the run.
    Abort,
    /// End the run as failed: there is nobody to decide.
    GiveUp,
}

/// For the value of a variable or a placeholder.
#[derive(Debug, Clone)]
pub struct ValueQuestion {
    /// Its name.
    pub name: String,
    /// Its declaration.
    pub variable: Variable,
    /// Why the last answer would not do.
    pub problem: Option<String>,
    /// Whether it can be left open: then the answer may be empty.
    pub may_stay_open: bool,
}

/// Where a connection leads.
#[derive(Debug, Clone)]
pub struct AddressQuestion {
    /// The connection's name.
    pub connection: String,
    /// Why the URL that was given does not lead there, if there was one.
    pub problem: Option<String>,
}

/// For the password that a connection is opened with.
#[derive(Debug, Clone)]
pub struct PasswordQuestion {
    /// The connection's name.
    pub connection: String,
    /// Whose password.
    pub user: String,
    /// The server that asks for it.
    pub server: String,
    /// Why the last one would not do, or none was found.
    pub problem: Option<String>,
}

/// Which of several ways to take.
#[derive(Debug, Clone)]
pub struct ChoiceQuestion {
    /// What is chosen.
    pub question: String,
    /// The ways; what keeps one from running here stands with it.
    pub options: Vec<(String, Option<String>)>,
    /// What each way is about, in a line or two; none for any where the titles
    /// say it all.
    pub about: Vec<Vec<String>>,
    /// The one that Enter takes, if it takes any.
    pub default: Option<usize>,
}

/// One of several ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceAnswer {
    /// Index into the question's options.
    pub index: usize,
    /// Why, where it was said.
    pub reason: Option<String>,
}

/// For a task or a numbered action.
#[derive(Debug, Clone)]
pub struct ActionQuestion {
    /// What is to do, as Markdown.
    pub text: String,
}

/// What was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionAnswer {
    /// Done.
    Done,
    /// Not done, for this reason.
    Skip(String),
    /// Write this down, and ask again.
    Note(String),
    /// Put the run aside.
    Suspend,
    /// End the run.
    Abort,
}

/// Whether to keep what a transaction changed.
#[derive(Debug, Clone)]
pub struct CommitQuestion {
    /// Where: connection and server.
    pub target: String,
    /// Rows changed.
    pub affected: u64,
    /// Each statement that changed something.
    pub statements: Vec<StatementChange>,
    /// How long the transaction has been open when this is asked.
    pub open_for: Duration,
    /// How long there is to answer: what it locks is not held for longer.
    pub hold: Duration,
    /// What the transaction keeps others from, as it is now; `None` until it is
    /// known.
    pub standing: watch::Receiver<Option<Standing>>,
}

/// What a statement changed, secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatementChange {
    /// Its first words and how many rows it changed.
    pub summary: String,
    /// What in it took effect at once: no answer takes that back.
    pub at_once: Vec<String>,
    /// Its rows, before and after.
    pub changes: Option<RowChanges>,
    /// What it set off beside them.
    pub others: Option<OtherRows>,
}

/// What becomes of a transaction's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitAnswer {
    /// They are kept.
    Keep,
    /// They are taken back.
    TakeBack,
    /// Nobody said within the time there was: they are taken back.
    TimeUp,
}

/// A word to be typed before something destructive.
#[derive(Debug, Clone)]
pub struct TypedQuestion {
    /// What is about to happen.
    pub warning: String,
    /// The word.
    pub word: String,
}

/// What became of a block that was running when the record broke off.
#[derive(Debug, Clone)]
pub struct UnknownQuestion {
    /// Title of its step.
    pub step: String,
    /// The block as it ran, secrets masked.
    pub code: String,
    /// When it started, for a person.
    pub started: String,
    /// What the record tells of it all the same.
    pub hint: Option<String>,
}

/// What to take the unknown block for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownAnswer {
    /// It ran; go on after it. With what that is based on.
    Ran(String),
    /// Ask about it again as if it had not run. With what that is based on.
    Again(String),
    /// Leave the run as it is.
    Suspend,
}

/// Asks the responder. The keys typed before a question is shown never
/// answer it.
#[async_trait(?Send)]
pub trait Prompter {
    /// Who answers: a user's name, or `--yes`.
    fn who(&self) -> String;

    /// What to do with a block.
    async fn block(&mut self, question: &BlockQuestion) -> Result<BlockAnswer, NoAnswer>;

    /// What to do about a failure.
    async fn failure(&mut self, question: &FailureQuestion) -> Result<FailureAnswer, NoAnswer>;

    /// The text of a value; empty to leave it open, where that may be.
    async fn value(&mut self, question: &ValueQuestion) -> Result<String, NoAnswer>;

    /// The URL of a database, which may hold a password; `None` to go on
    /// without it.
    async fn address(&mut self, question: &AddressQuestion) -> Result<Option<String>, NoAnswer>;

    /// A password, kept for the run; `None` to go on without it, or where
    /// there is nobody to ask.
    async fn password(&mut self, question: &PasswordQuestion) -> Result<Option<Zeroizing<String>>, NoAnswer> {
        let _ = question;
        Ok(None)
    }

    /// Which way to take.
    async fn choice(&mut self, question: &ChoiceQuestion) -> Result<ChoiceAnswer, NoAnswer>;

    /// What was done about an action.
    async fn action(&mut self, question: &ActionQuestion) -> Result<ActionAnswer, NoAnswer>;

    /// Whether to keep a transaction's changes.
    async fn commit(&mut self, question: &CommitQuestion) -> Result<CommitAnswer, NoAnswer>;

    /// Whether the word was typed.
    async fn typed(&mut self, question: &TypedQuestion) -> Result<bool, NoAnswer>;

    /// What became of a block whose outcome is unknown.
    async fn unknown(&mut self, question: &UnknownQuestion) -> Result<UnknownAnswer, NoAnswer>;

    /// Yes or no.
    async fn confirm(&mut self, question: &str, default: bool) -> Result<bool, NoAnswer>;

    /// Ctrl-C, twice: whether to end the run.
    async fn abort(&mut self) -> Result<bool, NoAnswer> {
        self.confirm("End the run?", false).await
    }
}
