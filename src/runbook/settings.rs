//! The annotations of a step or a block.

use super::{Effect, HumanDuration};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

/// How a step, or one block of it, is to be run. All of it is optional.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A template expression; the step is skipped where it is false.
    pub when: Option<String>,
    /// Which of several ways to take, by its title or anchor.
    pub choose: Option<String>,
    /// Whether to ask before running.
    pub confirm: Option<Confirm>,
    /// What running it does, where it is not to be inferred.
    pub effect: Option<Effect>,
    /// The interpreter: `bash`, `sh`, `python` …
    pub shell: Option<String>,
    /// The connection its SQL runs on.
    pub connection: Option<String>,
    /// The folder it runs in.
    pub cwd: Option<String>,
    /// Ends it when it runs longer.
    pub timeout: Option<HumanDuration>,
    /// Tries again after a failure.
    pub retry: Option<Retry>,
    /// Tries again until its expectations hold.
    pub until: Option<Until>,
    /// What must be true of its result.
    pub expect: Option<Expect>,
    /// Variables set from its output, by name.
    // Without this, YAML would want the kind of a capture as a tag: `!matches`.
    #[serde(deserialize_with = "serde_yaml::with::singleton_map_recursive::deserialize")]
    pub capture: BTreeMap<String, Capture>,
    /// What to do when it fails.
    pub on_failure: Option<OnFailure>,
    /// The step that takes this one back; offered in reverse order on abort.
    pub rollback: Option<String>,
    /// The same keys for single blocks, by number from 1 or by name.
    pub blocks: BTreeMap<BlockKey, Settings>,
    /// `off` leaves `{{` as it is.
    #[serde(deserialize_with = "on_or_off")]
    #[schemars(with = "Option<Switch>")]
    pub template: Option<bool>,
}

/// `template: off`, which YAML 1.1 reads as a flag and YAML 1.2 as a word.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Switch {
    Flag(bool),
    Word(SwitchWord),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SwitchWord {
    On,
    Off,
}

fn on_or_off<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(Some(match Switch::deserialize(deserializer)? {
        Switch::Flag(flag) => flag,
        Switch::Word(SwitchWord::On) => true,
        Switch::Word(SwitchWord::Off) => false,
    }))
}

/// A block of a step: its number from 1, or the name its info string gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockKey {
    /// Its place among the step's blocks, from 1.
    Number(usize),
    /// Its name.
    Name(String),
}

impl<'de> Deserialize<'de> for BlockKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Key {
            Number(usize),
            Name(String),
        }
        Ok(match Key::deserialize(deserializer)? {
            Key::Number(number) => Self::Number(number),
            Key::Name(name) => name.parse().map_or(Self::Name(name), Self::Number),
        })
    }
}

impl JsonSchema for BlockKey {
    fn schema_name() -> Cow<'static, str> {
        "BlockKey".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

/// Whether to ask before running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    /// Ask.
    Always,
    /// Run at once; only for what reads.
    Never,
    /// Ask for a word to be typed.
    Typed,
}

/// Trying again after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Retry {
    /// How often to try again.
    Times(u32),
    /// How often, and how long to wait in between.
    Paced {
        /// How often to try again.
        times: u32,
        /// How long to wait before each.
        every: HumanDuration,
    },
}

/// Trying again until the expectations hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Until {
    /// How long to wait between two tries.
    pub every: HumanDuration,
    /// When to give up.
    #[serde(rename = "for")]
    pub within: HumanDuration,
}

/// What must be true of a block's result.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The exit codes that mean success; 0 where it is not given.
    pub exit: Option<OneOrMany<i32>>,
    /// What standard output must be.
    pub stdout: Option<TextExpectation>,
    /// What standard error must be.
    pub stderr: Option<TextExpectation>,
    /// How many rows the last query must give.
    pub rows: Option<Comparison>,
    /// How many rows the statements may change in all; else they are rolled back.
    pub affected: Option<Comparison>,
}

/// One value, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// Any of these.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// What a text must be. Every key that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TextExpectation {
    /// Holds each of these texts.
    pub contains: Option<OneOrMany<String>>,
    /// Matches this regular expression somewhere.
    pub matches: Option<String>,
    /// Is this text, but for white space at its end.
    pub equals: Option<String>,
    /// Is like this text: at least nine in ten of the lines are the same.
    pub similar: Option<String>,
    /// Is JSON whose values at these JSON pointers are these.
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    pub json: Option<BTreeMap<String, serde_json::Value>>,
}

/// A bound on a count: `3`, `"<= 50"`, `"> 0"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// How to compare.
    pub relation: Relation,
    /// What to compare with.
    pub bound: u64,
}

/// How a count is compared with its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name says it all")]
pub enum Relation {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// The spellings of the relations; longer ones before their beginnings.
const RELATIONS: [(&str, Relation); 7] = [
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("!=", Relation::NotEqual),
    ("==", Relation::Equal),
    ("<", Relation::Less),
    (">", Relation::More),
    ("=", Relation::Equal),
];

impl Comparison {
    /// Whether `count` is within the bound.
    #[must_use]
    pub fn holds(self, count: u64) -> bool {
        match self.relation {
            Relation::Equal => count == self.bound,
            Relation::NotEqual => count != self.bound,
            Relation::Less => count < self.bound,
            Relation::AtMost => count <= self.bound,
            Relation::More => count > self.bound,
            Relation::AtLeast => count >= self.bound,
        }
    }
}

impl std::str::FromStr for Comparison {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (relation, rest) = RELATIONS
            .iter()
            .find_map(|(sign, relation)| text.strip_prefix(sign).map(|rest| (*relation, rest)))
            .unwrap_or((Relation::Equal, text));
        let bound = rest
            .trim()
            .parse()
            .map_err(|_| format!("`{text}` is not a bound on a count: write 3, \"<= 50\" or \"> 0\""))?;
        Ok(Self { relation, bound })
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.relation {
            Relation::Equal => "exactly",
            Relation::NotEqual => "not",
            Relation::Less => "fewer than",
            Relation::AtMost => "at most",
            Relation::More => "more than",
            Relation::AtLeast => "at least",
        };
        write!(f, "{sign} {}", self.bound)
    }
}

impl<'de> Deserialize<'de> for Comparison {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Bound {
            Exactly(u64),
            Text(String),
        }
        match Bound::deserialize(deserializer)? {
            Bound::Exactly(bound) => Ok(Self { relation: Relation::Equal, bound }),
            Bound::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

impl JsonSchema for Comparison {
    fn schema_name() -> Cow<'static, str> {
        "Comparison".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A bound on a count: 3, \"<= 50\", \"> 0\".",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^\\s*(<=|>=|!=|==|<|>|=)?\\s*[0-9]+\\s*$" },
            ],
        })
    }
}

/// Where a captured variable's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Capture {
    /// All of standard output, without the line end at its end.
    Stdout,
    /// The first group of this regular expression, or the whole match.
    Matches(String),
    /// The value at this JSON pointer.
    Json(String),
    /// This column of the last query's only row.
    Column(String),
    /// This column of the last query's first row, however many there are.
    First(String),
    /// How many rows the last query gave.
    Rows,
    /// How many rows the statements changed.
    Affected,
}

impl Capture {
    /// Whether the value comes from what is printed.
    #[must_use]
    pub fn reads_output(&self) -> bool {
        matches!(self, Self::Stdout | Self::Matches(_) | Self::Json(_))
    }
}

/// What to do when a step fails.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OnFailure {
    /// A fixed reaction.
    Do(Reaction),
    /// Go on elsewhere.
    Jump(Jump),
}

/// A fixed reaction to a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reaction {
    /// Ask the responder; the default.
    Ask,
    /// Go on with the next step.
    Continue,
    /// End the run.
    Abort,
}

/// Go on with another step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// The anchor of the step to go on with.
    pub jump: String,
}

impl Settings {
    /// Those of what nothing is said of, as of most steps and blocks: the same
    /// ones for all.
    #[must_use]
    pub fn none() -> Arc<Self> {
        static NONE: LazyLock<Arc<Settings>> = LazyLock::new(Arc::default);
        Arc::clone(&NONE)
    }

    /// These settings, with `base`'s wherever these say nothing.
    #[must_use]
    pub fn over(&self, base: &Settings) -> Settings {
        let mut capture = base.capture.clone();
        capture.extend(self.capture.clone());
        Settings {
            when: self.when.clone().or_else(|| base.when.clone()),
            choose: self.choose.clone().or_else(|| base.choose.clone()),
            confirm: self.confirm.or(base.confirm),
            effect: self.effect.or(base.effect),
            shell: self.shell.clone().or_else(|| base.shell.clone()),
            connection: self.connection.clone().or_else(|| base.connection.clone()),
            cwd: self.cwd.clone().or_else(|| base.cwd.clone()),
            timeout: self.timeout.or(base.timeout),
            retry: self.retry.or(base.retry),
            until: self.until.or(base.until),
            expect: self.expect.clone().or_else(|| base.expect.clone()),
            capture,
            on_failure: self.on_failure.clone().or_else(|| base.on_failure.clone()),
            rollback: self.rollback.clone().or_else(|| base.rollback.clone()),
            blocks: self.blocks.clone(),
            template: self.template.or(base.template),
        }
    }
}
