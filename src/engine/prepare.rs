//! A block made ready: values filled in, parsed whole, its target known. What
//! stands here is what is shown, and what is shown is what runs.

use super::fill_in::{GivenText, Open, OpenLine};
use super::inside::Wrapped;
use super::{Engine, EngineError, dialect, own_commits};
use crate::effect::FileHere;
use crate::language::shell::{Entered, settled};
use crate::language::sql::{SqlDialect, split};
use crate::plan::Facts;
use crate::run::Part;
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
    /// What is to be said of it beside its text.
    pub(super) notes: Vec<String>,
    /// Lines of it that are for a database's own client, and are not sent.
    pub(super) left_out: Vec<String>,
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
    /// Whether that may be gone when it is looked at again.
    pub(super) may_try_again: bool,
    /// What it leaves open; it is blocked then.
    pub(super) open: Vec<Open>,
    /// Its lines that leave it open.
    pub(super) open_lines: Vec<OpenLine>,
    /// The text without what the page calls an example, if that keeps it from
    /// being run; with the lines in question.
    pub(super) without_example: Option<(String, String)>,
    /// What was filled in for what the page leaves open, as it is shown.
    pub(super) filled_in: Vec<(String, String)>,
    /// Variables that it starts with: name and value.
    pub(super) variables: Vec<(String, String)>,
    /// Ends it when it runs longer.
    pub(super) timeout: Option<Duration>,
    /// Whether it never ends by itself.
    pub(super) endless: bool,
    /// The files that it replaces, as they are before it runs.
    pub(super) replaces: Vec<FileHere>,
    /// Whether it is known to take over the terminal.
    pub(super) interactive: bool,
    /// Whether exit code 1 says only that nothing was found.
    pub(super) ends_in_search: bool,
    /// What it gives another meaning to: names of commands, `*` for all.
    pub(super) defines: Vec<String>,
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

    /// The line of the text as it was written that the `line`-th of what runs
    /// comes from, both from 1.
    pub(super) fn line_as_written(&self, line: usize) -> usize {
        self.entered.as_ref().map_or(line, |entered| entered.line(line))
    }
}

/// A text that is yet to be looked at.
#[derive(Debug)]
pub(super) struct Draft {
    /// What is known put in.
    pub(super) given: GivenText,
    /// Whether the responder typed it.
    pub(super) edited: bool,
    /// Its first line in the runbook, from 1.
    pub(super) line: usize,
    /// The commands of the block that it is.
    pub(super) part: Option<Part>,
}

impl Engine<'_> {
    /// Makes a block ready; `edited` is what the responder typed in its place.
    pub(super) async fn prepare(&mut self, block: &Block, edited: Option<&str>) -> Result<Prepared, EngineError> {
        let settings = &block.settings;
        let is_sql = block.is_sql();
        let runs_on =
            if is_sql { self.plan.connection_of(settings) } else { self.plan.facts(block).interpreter_name() };
        let server = is_sql.then(|| self.databases.kind(&runs_on)).flatten();
        let given = self.given_text(block, edited, server.map(dialect));
        let draft = Draft { given, edited: edited.is_some(), line: block.code_line, part: None };
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
        mut draft: Draft,
        runs_on: String,
        dialect: Option<SqlDialect>,
    ) -> Result<Prepared, EngineError> {
        let is_sql = block.is_sql();
        let mut facts = self.analyse_now(block, &draft.given.text, dialect);
        if let Some(settled) = block.is_shell().then(|| self.with_known_values(&draft.given)).flatten() {
            // What doubts came from not knowing the values are none any more.
            let known = self.analyse_now(block, &settled, dialect);
            (facts.effect, facts.reasons, facts.inferred) = (known.effect, known.reasons, known.inferred);
            facts.replaces = known.replaces;
        }
        // A value that looks like a placeholder is none.
        facts.placeholders.clear();
        facts.unset.clear();
        let mut wrapped = self.wrap(block, &draft.given.text, &draft.given.variables);
        if let Some(dialect) = dialect.filter(|_| is_sql) {
            let text = &draft.given.text;
            let line = |at: usize| (!draft.edited).then(|| draft.line + text[..at].matches('\n').count());
            wrapped.notes.extend(own_commits::notes(text, dialect, line));
        }
        let mut facts = self.told_within(block, wrapped.around, facts);
        let replaces = self.weigh_loss(block, &mut facts);
        let blocked = if !is_sql && !self.shell.available(&runs_on) {
            draft.given.open.clear();
            Some(if self.shell.finds(&runs_on) {
                format!("nothing here can start {runs_on} with a text: type this into it by hand")
            } else {
                format!("{runs_on} is not installed here")
            })
        } else {
            let obstacle = || facts.obstacle(self.file, block, &draft.given.text);
            match draft.given.blocked.clone().or_else(obstacle).or_else(|| wrapped.problem.clone()) {
                Some(blocked) => Some(blocked),
                None if is_sql => None,
                None => self.cannot_run(&runs_on, &draft, &wrapped, &facts).await,
            }
        };
        let target = if is_sql {
            match self.connect(&runs_on).await? {
                Ok(target) => format!("{runs_on} · {target}"),
                Err(error) => {
                    return Ok(Prepared {
                        blocked: Some(self.recorder.mask(&error.to_string())),
                        may_try_again: true,
                        ..self.assemble(block, draft, wrapped, runs_on.clone(), runs_on, facts)
                    });
                }
            }
        } else {
            self.target(block, wrapped.around, &runs_on)
        };
        let blocked = match blocked {
            None if is_sql => self.refused_by_session(&runs_on, &draft, dialect),
            blocked => blocked,
        };
        let prepared = self.assemble(block, draft, wrapped, runs_on, target, facts);
        Ok(Prepared { blocked: blocked.map(|why| self.recorder.mask(&why)), replaces, ..prepared })
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
        let Draft { given, edited, line, part } = draft;
        let text = wrapped.entered.as_ref().map_or_else(|| given.text.clone(), |entered| entered.run.clone());
        let inferred = facts.inferred.0;
        // The author's word stands for the author's text only.
        let (effect, reasons) = if edited { facts.inferred } else { (facts.effect, facts.reasons) };
        let left_out: Vec<String> = facts.left_out.iter().map(|found| found.text.clone()).collect();
        let mut notes = wrapped.notes;
        notes.extend(left_out.iter().map(|line| {
            let line = self.recorder.mask(line);
            format!("left out: `{line}`, which only changes what the database's own client shows")
        }));
        let timeout = settings.timeout.or(self.plan.runbook.front_matter.timeout).map(|timeout| timeout.0);
        Prepared {
            shown: self.recorder.mask(&text),
            digest: Digest::of(text.as_bytes()),
            word: facts.table.clone().unwrap_or_else(|| "destroy".to_owned()),
            text,
            written: given.text,
            notes,
            left_out,
            entered: wrapped.entered,
            part,
            line,
            edited,
            // A session with a database is run, and kept, as its statements.
            class: if block.is_sql() { Class::Sql } else { block.class },
            runs_on,
            target,
            effect,
            inferred,
            reasons,
            blocked: None,
            may_try_again: false,
            variables: given.variables,
            filled_in: given.filled_in,
            open: given.open,
            open_lines: given.open_lines,
            without_example: given.without_example,
            timeout,
            endless: facts.endless.is_some(),
            replaces: Vec::new(),
            interactive: facts.interactive.as_deref().is_some_and(takes_over),
            ends_in_search: facts.ends_in_search,
            defines: facts.defines,
            extension: if block.is_sql() { "sql" } else { "sh" },
        }
    }

    /// The text as its variables are known to be, for what it does to be told;
    /// not the secret ones, which nothing that is shown may hold.
    fn with_known_values(&self, given: &GivenText) -> Option<String> {
        let is_secret = |name: &str| self.values.get(name).is_none_or(|value| value.secret);
        let values: Vec<_> = given.variables.iter().filter(|(name, _)| !is_secret(name)).cloned().collect();
        settled(&given.text, &values)
    }

    /// What is known of a text at this point of the run: only what blocks have
    /// really given another meaning is doubted.
    fn analyse_now(&self, block: &Block, text: &str, dialect: Option<SqlDialect>) -> Facts {
        let is_redefined = |name: &str| self.progress.defined.contains(name);
        self.plan.analyse_where(block, text, dialect, &|_| true, &is_redefined)
    }

    /// Why the text cannot be run by the interpreter here, if it cannot.
    async fn cannot_run(
        &mut self,
        interpreter: &str,
        draft: &Draft,
        wrapped: &Wrapped,
        facts: &Facts,
    ) -> Option<String> {
        if let [refused, ..] = self.shell.refuses(&facts.commands, &facts.writes_to).as_slice() {
            return Some(format!("`{refused}` is real, and this is a rehearsal: it stays inside its own folder"));
        }
        let run = wrapped.entered.as_ref().map_or(&draft.given.text, |entered| &entered.run);
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

    /// Why the session would not send one of the statements, if there is such a
    /// one: told before the first is sent.
    fn refused_by_session(&mut self, connection: &str, draft: &Draft, dialect: Option<SqlDialect>) -> Option<String> {
        let text = &draft.given.text;
        let database = self.databases.opened(connection)?;
        split(text, dialect?).iter().find_map(|statement| {
            let refusal = database.refuses(&text[statement.span.start..statement.span.end])?;
            let line = draft.line + text[..statement.span.start].matches('\n').count();
            Some(if draft.edited { refusal } else { format!("line {line}: {refusal}") })
        })
    }

    fn cannot_parse(&self, interpreter: &str, line: usize, message: &str, draft: &Draft) -> String {
        // A text that is not the page's own has no place in the page.
        if draft.edited {
            return format!("line {line} of the edited text: {interpreter} cannot parse it: {message}");
        }
        format!("{}:{}: {interpreter} cannot parse it: {message}", self.file.name(), draft.line + line - 1)
    }
}

/// Whether a command that talks with the responder does so on the whole screen
/// and not just line by line.
fn takes_over(command: &str) -> bool {
    !matches!(command.split_whitespace().next(), Some("read" | "select"))
}
