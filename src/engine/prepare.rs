//! A block made ready: values filled in, parsed whole, its target known. What
//! stands here is what is shown, and what is shown is what runs.

use super::inside::Wrapped;
use super::{Engine, EngineError, dialect};
use crate::language::shell::Entered;
use crate::language::sql::SqlDialect;
use crate::plan::{Facts, Filler};
use crate::run::{Event, Part};
use crate::runbook::{Block, Class, Confirm, Effect};
use crate::source::Digest;
use std::time::Duration;

/// A block as it will run.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    /// The bytes that run.
    pub(super) text: String,
    /// What an editor is given: the text as it was written, before lines were
    /// wrapped to run inside what others open.
    pub(super) written: String,
    /// How it is wrapped, where it is.
    pub(super) entered: Option<Entered>,
    /// The commands of the block that it is, where it is not all of them.
    pub(super) part: Option<Part>,
    /// Its first line in the runbook, from 1.
    pub(super) line: usize,
    /// The same with secrets masked, as it is shown and recorded.
    pub(super) shown: String,
    /// SHA-256 of `text`, in which secrets are only referred to.
    pub(super) digest: Digest,
    /// Whether the responder typed it.
    pub(super) edited: bool,
    /// What kind of code it is.
    pub(super) class: Class,
    /// The interpreter, or the connection.
    pub(super) runs_on: String,
    /// Where it runs, for a person.
    pub(super) target: String,
    /// What running it does.
    pub(super) effect: Effect,
    /// What its text alone says that it does.
    pub(super) inferred: Effect,
    /// Why it is thought to do that.
    pub(super) reasons: Vec<String>,
    /// The word to type if it is destructive.
    pub(super) word: String,
    /// What keeps it from running as it is.
    pub(super) blocked: Option<String>,
    /// Secrets for its environment: variable and value.
    pub(super) secrets: Vec<(String, String)>,
    /// Ends it when it runs longer.
    pub(super) timeout: Option<Duration>,
    /// Whether it never ends by itself.
    pub(super) endless: bool,
    /// Whether exit code 1 says only that nothing was found.
    pub(super) ends_in_search: bool,
    /// The ending of a file that holds it.
    pub(super) extension: &'static str,
}

impl Prepared {
    /// Only what reads, and is ready to run, goes without a question. What the
    /// text is known to change is asked about, whatever the page says of it: a
    /// page's own word must not be enough to run it unseen.
    pub(super) fn needs_no_question(&self, block: &Block) -> bool {
        block.settings.confirm == Some(Confirm::Never)
            && self.effect == Effect::Read
            && !matches!(self.inferred, Effect::Write | Effect::Destructive)
            && self.blocked.is_none()
            && !self.edited
    }
}

/// A text that is yet to be looked at.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) text: String,
    /// The secrets it refers to.
    pub(super) secrets: Vec<(String, String)>,
    /// Whether the responder typed it.
    pub(super) edited: bool,
    /// What is already known to keep it from running.
    pub(super) blocked: Option<String>,
    /// Its first line in the runbook, from 1.
    pub(super) line: usize,
    /// The commands of the block that it is.
    pub(super) part: Option<Part>,
}

impl Engine<'_> {
    /// Makes a block ready; `edited` is what the responder typed in its place.
    pub(super) async fn prepare(&mut self, block: &Block, edited: Option<&str>) -> Result<Prepared, EngineError> {
        let settings = &block.settings;
        let is_sql = block.class == Class::Sql;
        let runs_on =
            if is_sql { self.plan.connection_of(settings) } else { self.plan.facts(block).interpreter_name() };
        let server = is_sql.then(|| self.databases.kind(&runs_on)).flatten();
        let mut blocked = None;
        let (text, secrets) = match edited {
            Some(edited) => (edited.to_owned(), self.secret_environment()),
            None => {
                let filler = Filler { file: self.file, plan: self.plan, values: &self.values, now: self.clock.now() };
                match filler.fill(block, server.map(dialect)) {
                    Ok(filled) => (filled.text, filled.secrets),
                    Err(diagnostics) => {
                        blocked = Some(crate::source::render(self.file, &diagnostics, false));
                        (block.run.clone(), Vec::new())
                    }
                }
            }
        };
        let edited = edited.is_some();
        let draft = Draft { text, secrets, edited, blocked, line: block.code_line, part: None };
        self.make_ready(block, draft, runs_on, server.map(dialect)).await
    }

    /// Makes some commands of a shell block ready.
    pub(super) async fn prepare_part(&mut self, block: &Block, draft: Draft) -> Result<Prepared, EngineError> {
        let runs_on = self.plan.facts(block).interpreter_name();
        self.make_ready(block, draft, runs_on, None).await
    }

    /// The last stage: looks at the text, wraps it, and has it parsed.
    async fn make_ready(
        &mut self,
        block: &Block,
        draft: Draft,
        runs_on: String,
        dialect: Option<SqlDialect>,
    ) -> Result<Prepared, EngineError> {
        let is_sql = block.class == Class::Sql;
        let facts = self.plan.analyse(block, &draft.text, dialect);
        let facts = self.told_within(block, facts);
        let wrapped = self.wrap(block, &draft.text, &draft.secrets);
        let obstacle = || facts.obstacle(self.file, block, &draft.text);
        let blocked = match draft.blocked.clone().or_else(obstacle).or_else(|| wrapped.problem.clone()) {
            Some(blocked) => Some(blocked),
            None if is_sql => None,
            None => self.cannot_run(&runs_on, &draft, &wrapped, &facts).await,
        };
        let target = if is_sql {
            match self.databases.open(&runs_on).await {
                Ok(database) => {
                    let target = database.target().to_owned();
                    if self.connected.insert(runs_on.clone()) {
                        let event = Event::Connected { connection: runs_on.clone(), target: target.clone() };
                        self.recorder.record(&event)?;
                    }
                    format!("{runs_on} · {target}")
                }
                Err(error) => {
                    return Ok(Prepared {
                        blocked: Some(self.recorder.mask(&error.to_string())),
                        ..self.assemble(block, draft, wrapped, runs_on.clone(), runs_on, facts)
                    });
                }
            }
        } else {
            self.target(block, &runs_on)
        };
        let prepared = self.assemble(block, draft, wrapped, runs_on, target, facts);
        Ok(Prepared { blocked: blocked.map(|why| self.recorder.mask(&why)), ..prepared })
    }

    fn assemble(
        &self,
        block: &Block,
        draft: Draft,
        wrapped: Wrapped,
        runs_on: String,
        target: String,
        facts: Facts,
    ) -> Prepared {
        let settings = &block.settings;
        let Draft { text: written, secrets, edited, line, part, .. } = draft;
        let text = wrapped.entered.as_ref().map_or_else(|| written.clone(), |entered| entered.run.clone());
        let inferred = facts.inferred.0;
        // The author's word stands for the author's text only.
        let (effect, reasons) = if edited { facts.inferred } else { (facts.effect, facts.reasons) };
        let timeout = settings.timeout.or(self.plan.runbook.front_matter.timeout).map(|timeout| timeout.0);
        Prepared {
            shown: self.recorder.mask(&text),
            digest: Digest::of(text.as_bytes()),
            word: facts.table.clone().unwrap_or_else(|| "destroy".to_owned()),
            text,
            written,
            entered: wrapped.entered,
            part,
            line,
            edited,
            class: block.class,
            runs_on,
            target,
            effect,
            inferred,
            reasons,
            blocked: None,
            secrets,
            timeout,
            endless: facts.endless.is_some(),
            ends_in_search: facts.ends_in_search,
            extension: if block.class == Class::Sql { "sql" } else { "sh" },
        }
    }

    /// Why the text cannot be run by the interpreter here, if it cannot.
    async fn cannot_run(
        &mut self,
        interpreter: &str,
        draft: &Draft,
        wrapped: &Wrapped,
        facts: &Facts,
    ) -> Option<String> {
        if !self.shell.available(interpreter) {
            return Some(format!("{interpreter} is not installed here"));
        }
        if let [refused, ..] = self.shell.refuses(&facts.commands, &facts.writes_to).as_slice() {
            return Some(format!("`{refused}` is real, and this is a rehearsal: it stays inside its own folder"));
        }
        let run = wrapped.entered.as_ref().map_or(&draft.text, |entered| &entered.run);
        match self.shell.check(interpreter, run).await {
            Ok(None) => {}
            Ok(Some(error)) => {
                return Some(self.cannot_parse(interpreter, wrapped.line(error.line), &error.message, draft));
            }
            Err(error) => return Some(error.to_string()),
        }
        // To the shell here, what another one is given is only text.
        for (body, first) in wrapped.bodies() {
            match self.shell.check(interpreter, body).await {
                Ok(None) => {}
                Ok(Some(error)) => {
                    return Some(self.cannot_parse(interpreter, first + error.line - 1, &error.message, draft));
                }
                Err(error) => return Some(error.to_string()),
            }
        }
        None
    }

    fn cannot_parse(&self, interpreter: &str, line: usize, message: &str, draft: &Draft) -> String {
        // A text that is not the page's own has no place in the page.
        if draft.edited {
            return format!("line {line} of the edited text: {interpreter} cannot parse it: {message}");
        }
        format!("{}:{}: {interpreter} cannot parse it: {message}", self.file.name(), draft.line + line - 1)
    }

    /// All secrets by the names that blocks refer to them by: an edited block
    /// may still hold the references it was filled with.
    fn secret_environment(&self) -> Vec<(String, String)> {
        let secret = self.values.iter().filter(|(_, value)| value.secret);
        secret.map(|(name, value)| (crate::template::secret_variable(name, &self.values), value.text.clone())).collect()
    }
}
