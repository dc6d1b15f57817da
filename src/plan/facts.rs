//! What can be known of a block without running it.

use super::place::place;
use crate::language::sql::{SqlDialect, StatementKind};
use crate::language::{shell, sql};
use crate::runbook::{Block, Class, Effect, Runbook, Settings};
use crate::source::{Diagnostic, SourceFile, Span};
use crate::template::{self, Form, Language};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A page and what is known of each of its blocks.
#[derive(Debug)]
pub struct Plan {
    /// The page.
    pub runbook: Runbook,
    /// What was found wrong with it, in page order.
    pub diagnostics: Vec<Diagnostic>,
    facts: HashMap<String, Facts>,
    environment: HashSet<String>,
    /// Each block's place in the page.
    places: HashMap<String, usize>,
    /// The place of the first block that sets a variable.
    first_set: HashMap<String, usize>,
    /// The place of the first block that gives a name another meaning.
    first_defined: HashMap<String, usize>,
}

/// What is done with a block when nobody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Disposition {
    /// It is offered to be run.
    Run,
    /// It is asked about, and skipped if the answer is just Enter.
    Ask,
    /// It is only shown.
    Skip,
}

/// Something found in a block's `run` text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As it is written there.
    pub text: String,
    /// Where in the text.
    pub span: Span,
}

/// What is known of a block.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What is done with it when nobody says otherwise.
    pub default: Disposition,
    /// Why it has its class and default.
    pub why: String,
    /// What running it does.
    pub effect: Effect,
    /// Why it is thought to do that.
    pub reasons: Vec<String>,
    /// What its text alone says that it does, and why, whatever its author
    /// says.
    pub inferred: (Effect, Vec<String>),
    /// Texts to be replaced before it can run.
    pub placeholders: Vec<Found>,
    /// Shell variables that it sets.
    pub sets: Vec<String>,
    /// Names of commands that it gives another meaning; `*` for all.
    pub defines: Vec<String>,
    /// Shell variables that nothing sets.
    pub unset: Vec<Found>,
    /// Statements that only a server's own client understands.
    pub client_only: Vec<Found>,
    /// Why it never ends by itself, if it does not.
    pub endless: Option<String>,
    /// Why it talks with the responder, if it does.
    pub interactive: Option<String>,
    /// The other place that it opens a shell in.
    pub opens: Option<String>,
    /// The programs it starts, by name.
    pub commands: Vec<String>,
    /// The files that it writes to by redirection, as written.
    pub writes_to: Vec<String>,
    /// The interpreter it needs; `None` for SQL and for what is not run.
    pub interpreter: Option<String>,
    /// The table that a change without a real condition would empty or fill.
    pub table: Option<String>,
    /// Whether exit code 1 says only that nothing was found.
    pub ends_in_search: bool,
    /// Whether it holds only comments.
    pub nothing_to_do: bool,
    /// How many shells it leaves, where it does nothing else.
    pub leaves: Option<usize>,
}

impl Plan {
    /// Reads a page. `environment` holds the names of the variables that its
    /// blocks will find set.
    #[must_use]
    pub fn read(file: &SourceFile, environment: HashSet<String>) -> Self {
        let parsed = crate::parse::parse(file);
        let mut plan = Self {
            places: parsed.runbook.blocks().enumerate().map(|(place, block)| (block.id.clone(), place)).collect(),
            runbook: parsed.runbook,
            diagnostics: parsed.diagnostics,
            facts: HashMap::new(),
            environment,
            first_set: HashMap::new(),
            first_defined: HashMap::new(),
        };
        for (place, block) in plan.runbook.blocks().enumerate() {
            let facts = plan.analyse(block, &block.run, None);
            for name in &facts.sets {
                plan.first_set.entry(name.clone()).or_insert(place);
            }
            for name in &facts.defines {
                plan.first_defined.entry(name.clone()).or_insert(place);
            }
            plan.facts.insert(block.id.clone(), facts);
        }
        super::check::check(file, &mut plan);
        plan.diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
        plan
    }

    /// What is known of a block of this page.
    ///
    /// # Panics
    /// If the block is not one of this page.
    #[must_use]
    pub fn facts(&self, block: &Block) -> &Facts {
        &self.facts[&block.id]
    }

    /// What is known of a text that stands in for the block's own: with its
    /// values filled in, or as the responder typed it.
    #[must_use]
    pub fn analyse(&self, block: &Block, text: &str, dialect: Option<SqlDialect>) -> Facts {
        let mut facts = Facts::of_class(block);
        let neutral = self.without_values(block, text);
        let text = neutral.as_ref();
        match block.class {
            Class::Shell | Class::Session => {
                let known =
                    |name: &str| self.environment.contains(name) || self.is_before(&self.first_set, block, name);
                let redefined = |name: &str| self.is_before(&self.first_defined, block, name);
                facts.take_shell(shell::analyse(text, &known, &redefined));
            }
            Class::Sql => facts.take_sql(text, dialect.unwrap_or(SqlDialect::Unknown)),
            Class::Script | Class::Unknown => {
                facts.effect = Effect::Unknown;
                facts.reasons.push(format!("what {} does is not looked into", describe(&block.language)));
            }
            Class::Output | Class::Config | Class::Prose => {}
        }
        facts.inferred = (facts.effect, facts.reasons.clone());
        if let Some(effect) = block.settings.effect {
            facts.effect = effect;
            let as_written = std::mem::replace(&mut facts.reasons, vec!["the runbook says so".to_owned()]);
            // What is said to be milder than it looks is shown as both.
            if effect < facts.inferred.0 {
                facts.reasons.extend(as_written.into_iter().map(|reason| format!("by its text it {reason}")));
            }
        }
        facts
    }

    /// Whether a block before this one is the first for `name`. It may have run
    /// or not.
    fn is_before(&self, firsts: &HashMap<String, usize>, block: &Block, name: &str) -> bool {
        let first = firsts.get(name);
        first.is_some_and(|first| self.places.get(&block.id).is_some_and(|place| first < place))
    }

    /// The text without the `{{ … }}` that are yet to be filled in: they are
    /// no code.
    fn without_values<'t>(&self, block: &Block, text: &'t str) -> Cow<'t, str> {
        if !self.is_template(block) || text != block.run {
            return Cow::Borrowed(text);
        }
        let is_sql = block.class == Class::Sql;
        template::without_values(text, if is_sql { Language::Sql(Form::Postgres) } else { Language::Shell })
    }

    /// The connection a block's SQL runs on: the one it names, the only one
    /// declared, or `default`.
    #[must_use]
    pub fn connection_of(&self, settings: &Settings) -> String {
        let mut declared = self.runbook.front_matter.connections.keys();
        match (&settings.connection, declared.next(), declared.next()) {
            (Some(named), _, _) => named.clone(),
            (None, Some(only), None) => only.clone(),
            (None, _, _) => "default".to_owned(),
        }
    }

    /// Whether `{{ … }}` in this block stands for a value. On a page that
    /// declares no variables it is ordinary text.
    #[must_use]
    pub fn is_template(&self, block: &Block) -> bool {
        let declares = !self.runbook.front_matter.variables.is_empty();
        block.settings.template.unwrap_or(declares) && declares
    }

    /// The variables that blocks and conditions of these steps refer to.
    #[must_use]
    pub fn needed_variables(&self, steps: &[usize]) -> BTreeSet<String> {
        let steps = || steps.iter().map(|index| &self.runbook.steps[*index]);
        let blocks = steps().flat_map(|step| step.blocks()).filter(|block| self.facts(block).runs());
        let in_blocks = blocks.filter(|block| self.is_template(block)).map(|block| block.run.clone());
        let in_conditions =
            steps().filter_map(|step| step.settings.when.as_ref()).map(|when| format!("{{{{ {when} }}}}"));
        in_blocks
            .chain(in_conditions)
            .filter_map(|text| template::references(&text).ok())
            .flatten()
            .map(|(name, _)| name)
            .collect()
    }
}

/// What a message calls a block's language.
fn describe(language: &str) -> &str {
    if language.is_empty() { "an unlabelled block" } else { language }
}

impl Facts {
    fn of_class(block: &Block) -> Self {
        let default = match block.class {
            Class::Shell | Class::Sql | Class::Script | Class::Session => Disposition::Run,
            Class::Unknown => Disposition::Ask,
            Class::Output | Class::Config | Class::Prose => Disposition::Skip,
        };
        let interpreter = match block.class {
            Class::Shell | Class::Session | Class::Unknown => Some(block.settings.shell.clone().unwrap_or_else(|| {
                let known = matches!(block.language.as_str(), "zsh" | "fish");
                if known { block.language.clone() } else { "bash".to_owned() }
            })),
            Class::Script => Some(block.settings.shell.clone().unwrap_or_else(|| block.language.clone())),
            Class::Sql | Class::Output | Class::Config | Class::Prose => None,
        };
        Self {
            default,
            why: block.why.clone(),
            effect: Effect::Read,
            reasons: Vec::new(),
            inferred: (Effect::Read, Vec::new()),
            placeholders: Vec::new(),
            sets: Vec::new(),
            defines: Vec::new(),
            unset: Vec::new(),
            client_only: Vec::new(),
            endless: None,
            interactive: None,
            opens: None,
            commands: Vec::new(),
            writes_to: Vec::new(),
            interpreter,
            table: None,
            ends_in_search: false,
            nothing_to_do: false,
            leaves: None,
        }
    }

    fn take_shell(&mut self, facts: shell::ShellFacts) {
        self.sets = facts.sets;
        self.defines = facts.defines;
        self.effect = facts.effect;
        self.reasons = facts.reasons;
        self.placeholders =
            facts.placeholders.into_iter().map(|found| Found { text: found.text, span: found.span }).collect();
        self.unset = facts.unset.into_iter().map(|found| Found { text: found.name, span: found.span }).collect();
        self.endless = facts.endless;
        self.interactive = facts.interactive;
        self.opens = facts.opens;
        self.commands = facts.commands;
        self.writes_to = facts.writes_to;
        self.ends_in_search = facts.ends_in_search;
        self.nothing_to_do = facts.nothing_to_do || facts.leaves.is_some();
        self.leaves = facts.leaves;
        if self.nothing_to_do {
            self.default = Disposition::Skip;
            let what = if facts.leaves.is_some() {
                "no shell is entered that it could leave"
            } else {
                "it holds only comments"
            };
            self.why = format!("nothing to do: {what}");
        }
    }

    fn take_sql(&mut self, text: &str, dialect: SqlDialect) {
        let statements = sql::split(text, dialect);
        self.effect = statements.iter().map(|statement| statement.effect).max().unwrap_or(Effect::Read);
        self.nothing_to_do = statements.is_empty();
        for statement in &statements {
            self.reasons.extend(
                statement.reasons.iter().filter(|reason| !self.reasons.contains(reason)).cloned().collect::<Vec<_>>(),
            );
            if matches!(statement.kind, StatementKind::ClientCommand | StatementKind::CopyStdin) {
                let text = text[statement.span.start..statement.span.end].to_owned();
                self.client_only.push(Found { text, span: statement.span });
            }
            if statement.effect == Effect::Destructive && self.table.is_none() {
                self.table.clone_from(&statement.table);
            }
        }
        let placeholders = sql::placeholders(text, dialect);
        self.placeholders =
            placeholders.into_iter().map(|found| Found { text: found.text, span: found.span }).collect();
        if self.nothing_to_do {
            self.default = Disposition::Skip;
            self.why = "nothing to do: it holds only comments".to_owned();
        }
    }

    /// Whether the block is offered to be run at all.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.default != Disposition::Skip
    }

    /// The interpreter's name; `bash` where the block needs none.
    #[must_use]
    pub fn interpreter_name(&self) -> String {
        self.interpreter.clone().unwrap_or_else(|| "bash".to_owned())
    }

    /// What keeps a text with these facts from being run as it is.
    #[must_use]
    pub fn obstacle(&self, file: &SourceFile, block: &Block, text: &str) -> Option<String> {
        // A text that is not the page's own has no place in the page.
        let at = |found: &Found| {
            let span = if text == block.run { place(file, block, found.span) } else { block.span };
            let position = file.position(span.start);
            format!("{}:{}:{}", file.name(), position.line, position.column)
        };
        if let Some(found) = self.client_only.first() {
            return Some(format!(
                "{}: `{}` is for the database's own client, and is not sent to the server: edit it out",
                at(found),
                found.text
            ));
        }
        let found = self.placeholders.first()?;
        let mut names: Vec<_> = self.placeholders.iter().map(|found| format!("`{}`", found.text)).collect();
        names.dedup();
        let stand = if names.len() == 1 { "is a placeholder" } else { "are placeholders" };
        Some(format!("{}: {} {stand}: edit the block to say what is meant", at(found), names.join(", ")))
    }
}
