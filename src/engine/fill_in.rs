//! What a page leaves open: its placeholders, and variables that nothing sets.
//! Each name is asked for once, at the first block that needs it, and kept for
//! the run. A block that leaves something open does not run.

use super::prepare::Prepared;
use super::{Engine, EngineError, dialect};
use crate::effect::ValueQuestion;
use crate::language::sql::SqlDialect;
use crate::plan::{Facts, Filled, Filler, Found, Refused, Unfilled, looks_secret, position};
use crate::run::Event;
use crate::runbook::{Block, Class, Value};
use std::collections::BTreeSet;

/// Something that a block leaves open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    /// What it asks for.
    pub(super) name: String,
    /// Why the value that it has cannot stand there, if it has one.
    pub(super) problem: Option<String>,
}

/// A line of a text that leaves something open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenLine {
    /// Which line of the text it is, from 0.
    pub(super) at: usize,
    /// The line as it is written.
    pub(super) text: String,
}

/// A block's text, as far as it is filled in.
#[derive(Debug)]
pub(super) struct GivenText {
    pub(super) text: String,
    pub(super) variables: Vec<(String, String)>,
    /// Name and value, as they are shown.
    pub(super) filled_in: Vec<(String, String)>,
    pub(super) open: Vec<Open>,
    /// The lines of the text that leave it open.
    pub(super) open_lines: Vec<OpenLine>,
    /// The page's text without its worked example, and the example.
    pub(super) without_example: Option<(String, String)>,
    /// Why it cannot be run as it is.
    pub(super) blocked: Option<String>,
}

impl GivenText {
    /// A text that leaves nothing open.
    pub(super) fn complete(text: String, variables: Vec<(String, String)>) -> Self {
        Self {
            text,
            variables,
            filled_in: Vec::new(),
            open: Vec::new(),
            open_lines: Vec::new(),
            without_example: None,
            blocked: None,
        }
    }
}

impl Engine<'_> {
    /// The block's text, or `edited` in its place, with all that is known put
    /// in.
    pub(super) fn given_text(&mut self, block: &Block, edited: Option<&str>, dialect: Option<SqlDialect>) -> GivenText {
        let text = edited.unwrap_or(&block.run);
        let facts = self.facts_now(block, text, dialect);
        match self.filler().fill_text(block, text, &facts, dialect) {
            Ok(filled) => self.filled(block, text, filled, edited.is_some()),
            Err(unfilled) => GivenText {
                text: text.to_owned(),
                variables: Vec::new(),
                filled_in: Vec::new(),
                blocked: Some(crate::source::render(self.file, &unfilled.findings, false)),
                open: refused(&unfilled),
                open_lines: open_lines(text, unfilled.refused.iter().map(|refused| &refused.found)),
                without_example: None,
            },
        }
    }

    fn filled(&self, block: &Block, text: &str, filled: Filled, is_edited: bool) -> GivenText {
        let Filled { text: given, mut variables, took, open: left } = filled;
        if is_edited {
            // It may still hold the references it was filled with.
            let known: Vec<_> = variables.iter().map(|(name, _)| name.clone()).collect();
            let others = self.secret_variables().into_iter().filter(|(name, _)| !known.contains(name));
            variables.extend(others);
        }
        let shown = |name: &String| {
            let value = self.values.get(name)?;
            // A short one is masked as well, which the mask itself could not.
            let text = if value.secret { format!("«{name}»") } else { self.recorder.mask(&value.text) };
            Some((name.clone(), text))
        };
        let mut open: Vec<Open> = Vec::new();
        for found in &left {
            if !open.iter().any(|other| other.name == found.name) {
                open.push(Open { name: found.name.clone(), problem: None });
            }
        }
        let example = self.plan.facts(block).examples.first().filter(|_| !is_edited);
        let example = example.map(|example| {
            let place = position(self.file, block, text, example.span);
            format!("{place}: `{}` is the page's example, and would be run as well", example.text)
        });
        let blocked = self.left_open(block, text, &left).into_iter().chain(example).collect::<Vec<_>>().join("; ");
        GivenText {
            text: given,
            variables,
            filled_in: took.iter().filter_map(shown).collect(),
            open,
            open_lines: open_lines(text, &left),
            without_example: (!is_edited).then(|| self.without_example(block)).flatten(),
            blocked: Some(blocked).filter(|blocked| !blocked.is_empty()),
        }
    }

    /// The message for what is left open in `text`, the place first.
    fn left_open(&self, block: &Block, text: &str, left: &[Found]) -> Option<String> {
        let first = left.first()?;
        let place = position(self.file, block, text, first.span);
        let mut names: Vec<_> = left.iter().map(|found| format!("`{}`", found.text)).collect();
        names.dedup();
        let is = if names.len() == 1 { "is" } else { "are" };
        Some(format!("{place}: {} {is} left open", names.join(", ")))
    }

    /// The page's text without the lines it calls an example of the others, and
    /// these lines.
    fn without_example(&self, block: &Block) -> Option<(String, String)> {
        let examples = &self.plan.facts(block).examples;
        let mut without = block.run.clone();
        for example in examples.iter().rev() {
            without.replace_range(example.span.start..example.span.end, "");
        }
        let lines: Vec<_> = examples.iter().map(|example| example.text.as_str()).collect();
        (!lines.is_empty()).then(|| (without, lines.join("\n")))
    }

    /// What is known of a text at this point of the run: a variable that a
    /// block before this one was to set is set only if that block ran.
    fn facts_now(&self, block: &Block, text: &str, dialect: Option<SqlDialect>) -> Facts {
        let set = self.shell.variables();
        let is_set = |name: &str| set.iter().any(|other| other == name);
        let mut facts = self.plan.analyse_where(block, text, dialect, &is_set, &|_| false);
        let within = self.within(block).len();
        if within > 0 {
            facts.unset = self.plan.unset_behind(block, text, within, &is_set);
            facts.unset.extend(self.lost_inside(block, text).into_iter().filter(|found| !looks_secret(&found.name)));
        }
        facts
    }

    /// A text in which nothing is left open, unless commands before it have set
    /// inside what it reads there.
    pub(super) fn with_lost(&self, block: &Block, mut given: GivenText) -> GivenText {
        let lost = self.lost_inside(block, &given.text);
        let mut left = Vec::new();
        for found in lost.into_iter().filter(|found| !looks_secret(&found.name)) {
            if given.variables.iter().any(|(name, _)| *name == found.name) {
                continue;
            }
            match self.values.get(&found.name) {
                Some(value) => {
                    given.variables.push((found.name.clone(), value.text.clone()));
                    given.filled_in.push((found.name, self.recorder.mask(&value.text)));
                }
                None => {
                    given.open.push(Open { name: found.name.clone(), problem: None });
                    left.push(found);
                }
            }
        }
        given.blocked = given.blocked.or(self.left_open(block, &given.text, &left));
        given.open_lines.extend(open_lines(&given.text, &left));
        given
    }

    fn filler(&self) -> Filler<'_> {
        let now = self.clock.now();
        Filler { file: self.file, plan: self.plan, values: &self.values, options: &self.options, now }
    }

    /// Asks for everything that the block leaves open, unless something else
    /// keeps it from being run as well. True where there is a value now that
    /// was not there before.
    pub(super) async fn fill_in(
        &mut self,
        block: &Block,
        edited: Option<&str>,
        prepared: &Prepared,
    ) -> Result<bool, EngineError> {
        let mut any = false;
        for open in &prepared.open {
            // A value given for another spelling of the name fills this one.
            if self.is_still_open(block, edited, prepared, open) {
                any |= self.ask_for_open(block, edited, prepared, open).await?;
            }
        }
        Ok(any)
    }

    fn is_still_open(&self, block: &Block, edited: Option<&str>, prepared: &Prepared, open: &Open) -> bool {
        match self.try_to_fill(block, edited, prepared) {
            Ok(filled) => filled.open.iter().any(|found| found.name == open.name),
            Err(_) => true,
        }
    }

    fn try_to_fill(&self, block: &Block, edited: Option<&str>, prepared: &Prepared) -> Result<Filled, Unfilled> {
        let server = (block.class == Class::Sql).then(|| self.databases.kind(&prepared.runs_on)).flatten();
        let text = edited.unwrap_or(&block.run);
        let facts = self.facts_now(block, text, server.map(dialect));
        self.filler().fill_text(block, text, &facts, server.map(dialect))
    }

    /// Asks for one value until it can stand where it has to, or is left open.
    async fn ask_for_open(
        &mut self,
        block: &Block,
        edited: Option<&str>,
        prepared: &Prepared,
        open: &Open,
    ) -> Result<bool, EngineError> {
        let variable = self.plan.variable(&open.name);
        let mut question = ValueQuestion {
            name: open.name.clone(),
            variable: variable.clone(),
            problem: open.problem.clone(),
            may_stay_open: true,
        };
        loop {
            let text = self.prompter.value(&question).await?;
            if text.is_empty() {
                return Ok(false);
            }
            let value = match Value::check(&open.name, &variable, &text) {
                Ok(value) => value,
                Err(problem) => {
                    question.problem = Some(problem.to_string());
                    continue;
                }
            };
            let before = self.values.insert(open.name.clone(), value.clone());
            self.options.remove(&open.name);
            let mut problem = self.refusal_of(&open.name, block, edited, prepared);
            if problem.as_ref().is_some_and(|problem| problem.is_option) && self.is_meant_as_option(&open.name).await? {
                self.options.insert(open.name.clone());
                problem = self.refusal_of(&open.name, block, edited, prepared);
            }
            match problem {
                None => {
                    self.set(&open.name, value, Some("prompt".to_owned()))?;
                    return Ok(true);
                }
                Some(problem) => {
                    match before {
                        Some(before) => self.values.insert(open.name.clone(), before),
                        None => self.values.remove(&open.name),
                    };
                    question.problem = Some(format!("{}: {}", open.name, problem.reason));
                }
            }
        }
    }

    /// Why the value of this name cannot stand in the block, if it cannot.
    fn refusal_of(&self, name: &str, block: &Block, edited: Option<&str>, prepared: &Prepared) -> Option<Refused> {
        let unfilled = self.try_to_fill(block, edited, prepared).err()?;
        let mut refused: Vec<_> = unfilled.refused.into_iter().filter(|other| other.found.name == name).collect();
        // What cannot stand there at all is told first.
        refused.sort_by_key(|refused| refused.is_option);
        refused.into_iter().next()
    }

    /// Asks whether a value that begins with `-` is meant to be an option.
    async fn is_meant_as_option(&mut self, name: &str) -> Result<bool, EngineError> {
        let question =
            format!("The value of {name} begins with `-`: the command will read it as an option. Is that meant?");
        let is_meant = self.prompter.confirm(&question, false).await?;
        let answer = if is_meant { "yes" } else { "no" }.to_owned();
        let by = self.prompter.who();
        self.recorder.record(&Event::Answered { block: None, question, answer, by })?;
        Ok(is_meant)
    }

    /// All secrets by the names that blocks refer to them by.
    fn secret_variables(&self) -> Vec<(String, String)> {
        let secret = self.values.iter().filter(|(_, value)| value.secret);
        secret.map(|(name, value)| (crate::template::secret_variable(name, &self.values), value.text.clone())).collect()
    }
}

/// The lines of `text` in which these stand, each once and in order.
fn open_lines<'f>(text: &str, found: impl IntoIterator<Item = &'f Found>) -> Vec<OpenLine> {
    let starts: BTreeSet<usize> =
        found.into_iter().map(|found| text[..found.span.start].rfind('\n').map_or(0, |end| end + 1)).collect();
    let line = |start: usize| OpenLine {
        at: text[..start].matches('\n').count(),
        text: text[start..].lines().next().unwrap_or_default().to_owned(),
    };
    starts.into_iter().map(line).collect()
}

/// What the page leaves open and has a value that cannot stand there; each name
/// once.
fn refused(unfilled: &Unfilled) -> Vec<Open> {
    let mut open: Vec<Open> = Vec::new();
    for Refused { found, reason, .. } in &unfilled.refused {
        if !open.iter().any(|other| other.name == found.name) {
            open.push(Open { name: found.name.clone(), problem: Some(reason.clone()) });
        }
    }
    open
}
