//! Code on the page, and what it is.

use super::Settings;
use crate::source::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A fenced or indented code block.
#[derive(Debug, Clone)]
pub struct Block {
    /// The step's id, `:`, and the block's number in the step from 1:
    /// `find-the-cause:1`. Unique in the page.
    pub id: String,
    /// The name its info string gives it.
    pub name: Option<String>,
    /// Its place among the blocks of its step, from 1.
    pub number: usize,
    /// The fence's opening line (an indented block's first line), from 1.
    pub line_start: usize,
    /// The fence's closing line (an indented block's last line), from 1.
    pub line_end: usize,
    /// Line of the first line of `code`, from 1.
    pub code_line: usize,
    /// The whole block in the page, fences included.
    pub span: Span,
    /// The first word of the info string, lower-case; empty where there is none.
    pub label: String,
    /// The language the label stands for, under one name for all aliases
    /// (`bash` for `sh`, `shell`, `console` …); the label itself where it is
    /// not a known alias.
    pub language: String,
    /// What kind of code it is.
    pub class: Class,
    /// Why it has that class, for a person.
    pub why: String,
    /// Its label and its content say different things, or what it holds cannot
    /// be run as it is meant: it is asked about before it runs.
    pub doubtful: bool,
    /// The fence's content, byte for byte as CommonMark gives it.
    pub code: String,
    /// What would be executed: `code`, but for a session its commands with
    /// the prompts taken off.
    pub run: String,
    /// Output that the page shows for this block: the rest of a session, or
    /// the output block that follows.
    pub expects: Option<String>,
    /// Output that the page says must not come.
    pub expects_not: Option<String>,
    /// Why it is nothing to run, though it could be: the example of a mistake,
    /// a file to be created.
    pub aside: Option<String>,
    /// Its own annotations over those of its step.
    pub settings: Arc<Settings>,
}

impl Block {
    /// Whether it is for a database: SQL, or the commands of a session with a
    /// database's client.
    #[must_use]
    pub fn is_sql(&self) -> bool {
        match self.class {
            Class::Sql => true,
            Class::Session => matches!(self.language.as_str(), "postgresql" | "mysql" | "sqlite"),
            _ => false,
        }
    }

    /// Whether it is for bash or a shell like it.
    #[must_use]
    pub fn is_shell(&self) -> bool {
        match self.class {
            Class::Shell => true,
            Class::Session => matches!(self.language.as_str(), "bash" | "zsh" | "fish"),
            _ => false,
        }
    }
}

/// What kind of code a block holds, and so what may be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Commands for a shell.
    Shell,
    /// Statements for a database.
    Sql,
    /// A program for another interpreter.
    Script,
    /// Commands after prompts, perhaps with their output between.
    Session,
    /// What the block before it should print.
    Output,
    /// The content of a file.
    Config,
    /// Text.
    Prose,
    /// Not to be told: the responder is asked.
    Unknown,
}

impl Class {
    /// Whether a block of this class is something to execute.
    #[must_use]
    pub fn is_executable(self) -> bool {
        matches!(self, Self::Shell | Self::Sql | Self::Script | Self::Session)
    }
}

/// What running a block does to the world, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Only looks.
    Read,
    /// Changes something.
    Write,
    /// Not to be told, so taken for a write.
    Unknown,
    /// Loses something that cannot be had back.
    Destructive,
}
