//! The YAML at the head of a page.

use super::{HumanDuration, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Annotations of a runbook. All of them are optional.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "Runbook front matter")]
pub struct FrontMatter {
    /// The runbook's name; else the first heading.
    pub title: Option<String>,
    /// What the incident is, in one sentence.
    pub summary: Option<String>,
    /// How bad the incident is, in the team's own words: `P1`, `SEV-2`.
    pub severity: Option<String>,
    /// Who answers for this page.
    pub owner: Option<String>,
    /// Values to fill in. On a page that declares none, `{{` is ordinary text.
    pub variables: BTreeMap<String, Variable>,
    /// The databases that SQL blocks run on.
    pub connections: BTreeMap<String, Connection>,
    /// How to try the runbook where nothing is real.
    pub rehearsal: Option<Rehearsal>,
    /// Annotations of steps, by the anchor of their heading.
    pub steps: BTreeMap<String, Settings>,
    /// Ends a block that runs longer, where its step says nothing else.
    pub timeout: Option<HumanDuration>,
}

/// A value that the runbook's text refers to as `{{ name }}`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Variable {
    /// The question to ask for it.
    pub prompt: Option<String>,
    /// Its type; `choice` where there are choices, else `string`.
    #[serde(rename = "type")]
    pub kind: Option<VariableKind>,
    /// A regular expression that the whole value must match.
    pub pattern: Option<String>,
    /// The only values allowed.
    pub choices: Vec<String>,
    /// What it is when nothing else says.
    #[schemars(with = "Option<Scalar>")]
    pub default: Option<serde_yaml::Value>,
    /// An environment variable that gives it.
    pub env: Option<String>,
    /// Typed without echo, never shown, never written down.
    pub secret: bool,
}

/// A single YAML value.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes the schema of `default` only")]
enum Scalar {
    Text(String),
    Number(i64),
    Flag(bool),
}

impl Variable {
    /// The declared type, or the one that follows from the declaration.
    #[must_use]
    pub fn kind(&self) -> VariableKind {
        self.kind.unwrap_or(if self.choices.is_empty() { VariableKind::String } else { VariableKind::Choice })
    }

    /// The default as text, as if it had been typed.
    #[must_use]
    pub fn default_text(&self) -> Option<String> {
        match self.default.as_ref()? {
            serde_yaml::Value::String(text) => Some(text.clone()),
            serde_yaml::Value::Bool(flag) => Some(flag.to_string()),
            serde_yaml::Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// The type of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VariableKind {
    /// Any text.
    String,
    /// A whole number.
    Int,
    /// `true` or `false`.
    Bool,
    /// A length of time: `30s`, `5m`.
    Duration,
    /// A path of a file.
    Path,
    /// One of the choices.
    Choice,
}

/// A database that SQL blocks run on.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Connection {
    /// The environment variable that holds its URL.
    pub env: Option<String>,
    /// What the runbook may do there.
    pub access: Access,
    /// How long changes wait for an answer before they are rolled back; `60s`
    /// where nothing else is said.
    pub hold: Option<HumanDuration>,
}

impl Connection {
    /// How long changes wait for an answer.
    #[must_use]
    pub fn hold(&self) -> Duration {
        self.hold.map_or(Duration::from_secs(60), |hold| hold.0)
    }
}

/// What a runbook may do on a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Only look.
    Read,
    /// Change data, each change asked for.
    #[default]
    Write,
}

/// The same run where nothing is real.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rehearsal {
    /// What each connection becomes.
    pub connections: BTreeMap<String, RehearsalDatabase>,
    /// What each command becomes: a script beside the runbook.
    pub commands: BTreeMap<String, String>,
}

/// A throwaway database, on one kind of server or on either.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1))]
pub struct RehearsalDatabase {
    /// A file of SQL, beside the runbook, that fills a new SQLite database.
    pub sqlite: Option<String>,
    /// A file of SQL, beside the runbook, that fills a database on a private
    /// PostgreSQL server. Where that is not installed, `sqlite` is taken. What
    /// follows a line `-- session: NAME` runs in a session of its own, which
    /// stays open.
    pub postgres: Option<String>,
}
