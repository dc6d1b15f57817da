//! What can be known of a block without running it.

use super::own::Surroundings;
use super::place::place;
use super::statements::NeverSent;
use crate::language::sql::SqlDialect;
use crate::language::{self, Context, Mistyped, Placeholder, mistyped_shell, mistyped_sql, recognise, shell, sql};
use crate::runbook::{Block, Class, Effect, Runbook, Settings};
use crate::source::{Diagnostic, Garbled, SourceFile, Span};
use crate::template::{self, Form, Language};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// A page and what is known of each of its blocks.
#[derive(Debug)]
pub struct Plan {
    /// The page.
    pub runbook: Runbook,
    /// What was found wrong with it, in page order.
    pub diagnostics: Vec<Diagnostic>,
    /// What is known of each block, by its place in the page.
    pub(super) facts: Vec<Facts>,
    /// What happened to its text on the way here.
    pub(super) garbled: Option<Garbled>,
    environment: HashSet<String>,
    /// The words that the prose before a block names as stand-ins, by block.
    named: HashMap<String, Vec<String>>,
    /// Each block's place in the page.
    pub(super) places: HashMap<String, usize>,
    /// The place of the first block that sets a variable.
    first_set: HashMap<String, usize>,
    /// The place of the first block that gives a name another meaning.
    first_defined: HashMap<String, usize>,
    /// Whether a block of it sets a variable from its result.
    captures: bool,
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

/// Consoles that nothing here can start: what is for them is typed by hand.
const BY_HAND: [&str; 3] = ["redis-cli", "mongosh", "cqlsh"];

impl Disposition {
    /// What is done with a block like this in a procedure.
    pub(super) fn of(block: &Block) -> Self {
        match block.class {
            Class::Script | Class::Session if BY_HAND.contains(&block.language.as_str()) => Self::Ask,
            Class::Shell | Class::Sql | Class::Script | Class::Session if !block.doubtful => Self::Run,
            Class::Shell | Class::Sql | Class::Script | Class::Session | Class::Unknown => Self::Ask,
            Class::Output | Class::Config | Class::Prose => Self::Skip,
        }
    }
}

/// Something found in a block's `run` text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As it is written there: `<run-id>`, `$SERVICE`.
    pub text: String,
    /// What it asks for, where it is left to fill in: `run-id`, `SERVICE`.
    pub name: String,
    /// Where in the text.
    pub span: Span,
}

impl Found {
    /// Something that asks for nothing.
    pub(super) fn new(text: &str, span: Span) -> Self {
        Self { text: text.to_owned(), name: String::new(), span }
    }
}

impl From<Placeholder> for Found {
    fn from(found: Placeholder) -> Self {
        Self { text: found.text, name: found.name, span: found.span }
    }
}

impl From<shell::Unset> for Found {
    fn from(found: shell::Unset) -> Self {
        Self { text: format!("${}", found.name), name: found.name, span: found.span }
    }
}

/// What is known of a block.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What is done with it when nobody says otherwise.
    pub default: Disposition,
    /// Why it has its class and default.
    pub why: String,
    /// Why it is not run unless it is asked for, where it could be run and is
    /// no part of the procedure.
    pub aside: Option<String>,
    /// What running it does.
    pub effect: Effect,
    /// Why it is thought to do that.
    pub reasons: Vec<String>,
    /// What its text alone says that it does, and why, whatever its author
    /// says.
    pub inferred: (Effect, Vec<String>),
    /// Texts to be replaced before it can run.
    pub placeholders: Vec<Found>,
    /// Lines that a comment calls an example of one that has a placeholder.
    pub examples: Vec<Found>,
    /// Shell variables that it sets.
    pub sets: Vec<String>,
    /// Names of commands that it gives another meaning; `*` for all.
    pub defines: Vec<String>,
    /// Shell variables that nothing sets.
    pub unset: Vec<Found>,
    /// What is never sent to a server, such as psql's own commands, and what
    /// to do instead.
    pub never_sent: Vec<NeverSent>,
    /// What is for a database's own client, and only about what it shows.
    pub left_out: Vec<Found>,
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
    /// The files here that it would replace the content of, if they exist.
    pub replaces: Vec<shell::Replaced>,
    /// The interpreter it needs; `None` for SQL and for what is not run.
    pub interpreter: Option<String>,
    /// The tables that a change without a real condition would empty or fill,
    /// with commas between them.
    pub table: Option<String>,
    /// Whether exit code 1 says only that nothing was found.
    pub ends_in_search: bool,
    /// Whether it holds only comments.
    pub nothing_to_do: bool,
    /// Where the grammar gives up on it, if it does.
    pub unparsed: Option<Span>,
    /// Characters that only look like those that were meant.
    pub mistyped: Vec<Mistyped>,
    /// The first text in it that was garbled on its way here, comments aside.
    pub garbled: Option<Found>,
    /// What must be so for some of its commands to be needed, by its comments.
    pub conditions: Vec<String>,
    /// What its comments tell a person to do, where it holds nothing else.
    pub by_hand: Option<String>,
    /// What the comments behind its last command tell a person to do then.
    pub then_by_hand: Option<String>,
    /// How many shells it leaves, where it does nothing else.
    pub leaves: Option<usize>,
    /// Whether it is known that its lines run as they are written, where
    /// nothing was entered before.
    pub runs_as_written: bool,
}

impl Plan {
    /// Reads a page. `surroundings` are what its blocks will find, or just the
    /// names of the variables of their environment.
    #[must_use]
    pub fn read(file: &SourceFile, surroundings: impl Into<Surroundings>) -> Self {
        let Surroundings { environment, interpreters } = surroundings.into();
        let mut parsed = crate::parse::parse(file, &recognise);
        super::own::take_for_scripts(&mut parsed.runbook, &interpreters);
        let captures = parsed.runbook.blocks().any(|block| !block.settings.capture.is_empty());
        let mut plan = Self {
            captures,
            places: parsed.runbook.blocks().enumerate().map(|(place, block)| (block.id.clone(), place)).collect(),
            runbook: parsed.runbook,
            diagnostics: parsed.diagnostics,
            facts: Vec::new(),
            garbled: Garbled::find(file.text()),
            environment,
            named: HashMap::new(),
            first_set: HashMap::new(),
            first_defined: HashMap::new(),
        };
        plan.named = super::blank::named_before(file, &plan.runbook);
        plan.facts.reserve_exact(plan.places.len());
        for (place, block) in plan.runbook.blocks().enumerate() {
            let mut facts = plan.analyse(block, &block.run, None);
            facts.read_comments(block);
            for name in &facts.sets {
                plan.first_set.entry(name.clone()).or_insert(place);
            }
            for name in &facts.defines {
                plan.first_defined.entry(name.clone()).or_insert(place);
            }
            plan.facts.push(facts);
        }
        super::aside::set_aside(&plan.runbook, &mut plan.facts);
        plan.leave_out_what_is_read_inside();
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
        &self.facts[self.places[&block.id]]
    }

    /// What is known of a text that stands in for the block's own: with its
    /// values filled in, or as the responder typed it.
    #[must_use]
    pub fn analyse(&self, block: &Block, text: &str, dialect: Option<SqlDialect>) -> Facts {
        let is_set = |name: &str| self.sets_before(block, name);
        self.analyse_where(block, text, dialect, &is_set, &|name| self.is_before(&self.first_defined, block, name))
    }

    /// Whether a block before this one sets a variable of the shell.
    pub(super) fn sets_before(&self, block: &Block, name: &str) -> bool {
        self.is_before(&self.first_set, block, name)
    }

    /// The same, where `is_set` says of a shell variable whether a block before
    /// this one has set it, and `is_redefined` of the name of a command whether
    /// one has given it another meaning.
    #[must_use]
    pub fn analyse_where(
        &self,
        block: &Block,
        text: &str,
        dialect: Option<SqlDialect>,
        is_set: &dyn Fn(&str) -> bool,
        is_redefined: &dyn Fn(&str) -> bool,
    ) -> Facts {
        let mut facts = Facts::of_class(block);
        let given = text;
        let neutral = self.without_values(block, text);
        let text = neutral.as_ref();
        match block.class {
            _ if block.is_sql() => {
                let dialect = dialect.unwrap_or(SqlDialect::Unknown);
                let is_own = block.class == Class::Sql && given == block.run && block.run == block.code;
                facts.take_sql(text, dialect, is_own.then_some(block.code_line));
                facts.find_other_server(text, dialect, Some(block).filter(|block| given == block.run));
            }
            _ if block.is_shell() => {
                let known = |name: &str| name != "*" && self.environment.contains(name) || is_set(name);
                facts.take_shell(shell::analyse(text, &known, is_redefined));
            }
            Class::Output | Class::Config | Class::Prose => {}
            _ => {
                facts.effect = Effect::Unknown;
                facts.reasons.push(format!("what {} does is not looked into", describe(&block.language)));
                if block.class == Class::Unknown && facts.interpreter_name() == "bash" {
                    let found = shell::analyse(text, &|_| true, &|_| false).placeholders;
                    facts.placeholders = found.into_iter().map(Found::from).collect();
                } else {
                    let found = language::left_open_in_program(text);
                    facts.placeholders = found.into_iter().map(Found::from).collect();
                }
            }
        }
        facts.add_named(block, text, dialect, self.named.get(&block.id).map_or(&[], Vec::as_slice));
        self.find_damage(text, block, dialect, &mut facts);
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

    /// What happened to the text on its way here.
    fn find_damage(&self, text: &str, block: &Block, dialect: Option<SqlDialect>, facts: &mut Facts) {
        if !block.class.is_executable() || (text.is_ascii() && !text.contains('\r')) {
            return;
        }
        let dialect = dialect.unwrap_or(SqlDialect::Unknown);
        // Of other languages it is not known what is a string or a comment in them.
        facts.mistyped = match block.class {
            _ if block.is_sql() => mistyped_sql(text, dialect),
            _ if block.is_shell() => mistyped_shell(text),
            _ => Vec::new(),
        };
        let Some(garbled) = &self.garbled else { return };
        let contexts = match block.class {
            _ if block.is_sql() => sql::contexts(text, dialect),
            _ if block.is_shell() => shell::contexts(text),
            _ => Vec::new(),
        };
        let is_comment = |span: &Span| contexts.get(span.start) == Some(&Context::Comment);
        let places = garbled.places(text);
        let is_garbled = |span: Span| {
            let next = places.partition_point(|place| place.end <= span.start);
            places.get(next).is_some_and(|place| place.contains(span))
        };
        facts.mistyped.retain(|mistyped| !is_garbled(mistyped.span));
        facts.garbled =
            places.into_iter().find(|span| !is_comment(span)).map(|span| Found::new(&text[span.start..span.end], span));
    }

    /// Whether a block before this one is the first for `name`. It may have run
    /// or not.
    fn is_before(&self, firsts: &HashMap<String, usize>, block: &Block, name: &str) -> bool {
        let first = firsts.get(name);
        first.is_some_and(|first| self.places.get(&block.id).is_some_and(|place| first < place))
    }

    /// The text without the `{{ … }}` that are yet to be filled in: they are
    /// no code.
    pub(super) fn without_values<'t>(&self, block: &Block, text: &'t str) -> Cow<'t, str> {
        if !self.is_template(block) || text != block.run {
            return Cow::Borrowed(text);
        }
        let is_sql = block.is_sql();
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
    /// declares no variables, and captures none, it is ordinary text.
    #[must_use]
    pub fn is_template(&self, block: &Block) -> bool {
        let declares = !self.runbook.front_matter.variables.is_empty() || self.captures;
        block.settings.template.unwrap_or(declares) && declares
    }
}

/// Where a place of a block's text stands, for a person: `page.md:48:13`. A
/// text that is not the page's own has no place in the page but the block's.
#[must_use]
pub fn position(file: &SourceFile, block: &Block, text: &str, span: Span) -> String {
    let span = if text == block.run { place(file, block, span) } else { block.span };
    let position = file.position(span.start);
    format!("{}:{}:{}", file.name(), position.line, position.column)
}

/// What a message calls a block's language.
fn describe(language: &str) -> &str {
    if language.is_empty() { "an unlabelled block" } else { language }
}

impl Facts {
    fn of_class(block: &Block) -> Self {
        let default = Disposition::of(block);
        let named = |fallback: &str| Some(block.settings.shell.clone().unwrap_or_else(|| fallback.to_owned()));
        let interpreter = match block.class {
            Class::Output | Class::Config | Class::Prose => None,
            _ if block.is_sql() => None,
            Class::Shell if !matches!(block.language.as_str(), "zsh" | "fish") => named("bash"),
            Class::Unknown => named("bash"),
            _ => named(&block.language),
        };
        Self {
            default,
            why: block.why.clone(),
            aside: None,
            effect: Effect::Read,
            reasons: Vec::new(),
            inferred: (Effect::Read, Vec::new()),
            placeholders: Vec::new(),
            examples: Vec::new(),
            sets: Vec::new(),
            defines: Vec::new(),
            unset: Vec::new(),
            never_sent: Vec::new(),
            left_out: Vec::new(),
            endless: None,
            interactive: None,
            opens: None,
            commands: Vec::new(),
            writes_to: Vec::new(),
            replaces: Vec::new(),
            interpreter,
            table: None,
            ends_in_search: false,
            nothing_to_do: false,
            unparsed: None,
            mistyped: Vec::new(),
            garbled: None,
            conditions: Vec::new(),
            by_hand: None,
            then_by_hand: None,
            leaves: None,
            runs_as_written: false,
        }
    }

    fn take_shell(&mut self, facts: shell::ShellFacts) {
        self.sets = facts.sets;
        self.unparsed = facts.unparsed;
        self.defines = facts.defines;
        self.effect = facts.effect;
        self.reasons = facts.reasons;
        self.placeholders = facts.placeholders.into_iter().map(Found::from).collect();
        self.unset = facts.unset.into_iter().map(Found::from).collect();
        self.endless = facts.endless;
        self.interactive = facts.interactive;
        self.opens = facts.opens;
        self.commands = facts.commands;
        self.writes_to = facts.writes_to;
        self.replaces = facts.replaces;
        self.ends_in_search = facts.ends_in_search;
        self.nothing_to_do = facts.nothing_to_do || facts.leaves.is_some();
        self.leaves = facts.leaves;
        self.runs_as_written = facts.runs_as_written;
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

    /// Adds the words that the page names as stand-ins, in the prose before the
    /// block or in its comments, and the worked examples of what is open.
    fn add_named(&mut self, block: &Block, text: &str, dialect: Option<SqlDialect>, before: &[String]) {
        let is_sql = block.class == Class::Sql;
        if !is_sql && !matches!(block.class, Class::Shell | Class::Session) {
            return;
        }
        let mut names = before.to_vec();
        names.extend(language::named(text).into_iter().filter(|name| !before.contains(name)));
        let named = if is_sql {
            language::named_in_sql(text, dialect.unwrap_or(SqlDialect::Unknown), &names)
        } else {
            language::named_in_shell(text, &names)
        };
        for found in named {
            if !self
                .placeholders
                .iter()
                .any(|other| other.span.start < found.span.end && found.span.start < other.span.end)
            {
                self.placeholders.push(found.into());
            }
        }
        self.placeholders.sort_by_key(|found| found.span);
        let open: Vec<_> = self.placeholders.iter().map(|found| found.span).collect();
        let example =
            |span: Span| Found { text: text[span.start..span.end].trim().to_owned(), name: String::new(), span };
        self.examples = language::worked_examples(text, &open).into_iter().map(example).collect();
    }

    /// Whether the block can be run at all, if only by asking for it.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.default != Disposition::Skip || self.aside.is_some()
    }

    /// Whether the block is a part of the procedure, and so offered to be run.
    #[must_use]
    pub fn runs_by_default(&self) -> bool {
        self.default != Disposition::Skip
    }

    /// The interpreter's name; `bash` where the block needs none.
    #[must_use]
    pub fn interpreter_name(&self) -> String {
        self.interpreter.clone().unwrap_or_else(|| "bash".to_owned())
    }
}
