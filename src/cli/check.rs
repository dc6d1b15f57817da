//! `runbook check`
//!
//! Errors end it with 1: the page, or a block of it, cannot run. Warnings say
//! what would hurt. Notes say what is good to know, and are shown with
//! `--notes` and in `--json`. The codes are part of the interface:
//!
//! | code | | what it says |
//! |---|---|---|
//! | `unreadable` | error | the file cannot be read, or is not UTF-8 |
//! | `unclosed-fence` | error | a code fence is never closed, and swallows what follows |
//! | `unclosed-front-matter` | error | the front matter is never closed |
//! | `front-matter-too-long` | error | the front matter is longer than any is |
//! | `yaml-syntax`, `yaml-alias`, `yaml-depth`, `yaml-tag` | error | the front matter is no YAML, or more than plain YAML |
//! | `duplicate-key`, `unknown-key`, `missing-key` | error | a key twice, unknown, or missing |
//! | `wrong-type`, `bad-value`, `bad-duration`, `bad-name`, `bad-pattern`, `bad-default` | error | a value that its key cannot have |
//! | `unknown-step`, `unknown-block`, `unknown-connection`, `unknown-variable` | error | a name that nothing has |
//! | `not-a-choice`, `unknown-choice` | error | `choose` where there is no choice, or of no way |
//! | `template-syntax`, `template-undefined`, `template-failed`, `template-refused` | error | a `{{ … }}` that cannot be filled in |
//! | `syntax` | error | the shell cannot parse a block; a warning where there is no such shell to ask |
//! | `unknown-attribute` | warning | a word of an info string that means nothing here |
//! | `placeholder` | warning | something that has to be filled in first |
//! | `worked-example` | warning | the page's example of something to be filled in, which would be run as well |
//! | `unset-variable` | warning | a shell variable that nothing sets |
//! | `client-command` | warning | what is for a database's own client, or for a server that cannot be run here |
//! | `left-out` | note | a line that only changes what a database's own client shows |
//! | `raw-value` | warning | a value that is taken as code |
//! | `mojibake` | warning | text that was garbled on its way here |
//! | `typographic-quote`, `typographic-dash`, `invisible-character` | warning | a sign in a command that cannot be meant |
//! | `mislabelled` | note | a label that says something else than the block |
//! | `skipped` | note | a block that is not run by itself, and why |
//! | `destructive` | note | a block that loses something for good |
//! | `escalates` | note | a part of the block is needed only on a condition |
//! | `endless`, `interactive` | note | a command that does not return, or takes over the terminal |
//! | `context-left-open` | note | a shell elsewhere that the block does not leave |

use super::args::CheckArgs;
use super::configuration::surroundings;
use super::exit::{CliError, Exit};
use super::locate::read;
use super::print::Printer;
use super::rehearse::shell_environment;
use super::runtime::on_runtime;
use crate::effect::Shell;
use crate::plan::{DiagnosticJson, Plan, Surroundings, Unparsed, diagnostics_json, notes, unparsed};
use crate::shell::Runner;
use crate::source::{Diagnostic, Severity, SourceFile};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Checked {
    path: String,
    diagnostics: Vec<DiagnosticJson>,
}

/// How many of each there are.
#[derive(Default)]
struct Tally {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Tally {
    fn count(&mut self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            match diagnostic.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Note => self.notes += 1,
            }
        }
    }
}

pub(super) fn check(args: &CheckArgs, printer: &Printer) -> Result<Exit, CliError> {
    let mut pages = Vec::new();
    for path in &args.paths {
        collect(path, &mut pages)?;
    }
    let surroundings = surroundings()?;
    let mut parser = Parser::default();
    let mut checked = Vec::new();
    let mut tally = Tally::default();
    for path in &pages {
        let file = match read(path) {
            Ok(file) => file,
            // One page that cannot be read hides no other's mistakes.
            Err(error) => {
                tally.errors += 1;
                if args.json.json {
                    checked.push(unreadable(path, error));
                } else {
                    printer.error(&error);
                }
                continue;
            }
        };
        let mut diagnostics = look(&file, &surroundings, &mut parser)?;
        tally.count(&diagnostics);
        if args.json.json {
            let diagnostics = diagnostics_json(&file, &diagnostics);
            checked.push(Checked { path: file.name().to_owned(), diagnostics });
        } else {
            diagnostics.retain(|diagnostic| args.notes || diagnostic.severity != Severity::Note);
            printer.diagnostics(&file, &diagnostics);
        }
    }
    if args.json.json {
        printer.json(&checked)?;
    } else {
        printer.note(&summary(pages.len(), &tally, args.notes));
    }
    Ok(if tally.errors > 0 { Exit::Failed } else { Exit::Done })
}

fn summary(pages: usize, tally: &Tally, noted: bool) -> String {
    let mut summary =
        format!("{}: {}, {}", count(pages, "page"), count(tally.errors, "error"), count(tally.warnings, "warning"));
    if tally.notes > 0 {
        summary.push_str(&format!(", {}", count(tally.notes, "note")));
        summary.push_str(if noted { "" } else { " (--notes shows them)" });
    }
    summary
}

/// Everything there is to say of a page, in its order.
fn look(file: &SourceFile, surroundings: &Surroundings, parser: &mut Parser) -> Result<Vec<Diagnostic>, CliError> {
    let plan = Plan::read(file, surroundings.clone());
    let doubtful = unparsed(file, &plan);
    let mut found = notes(file, &plan);
    if !doubtful.is_empty() {
        found.extend(parser.parse(file, &doubtful)?);
    }
    let mut diagnostics = plan.diagnostics;
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
    Ok(diagnostics)
}

/// The shells of this machine, asked about what the grammar cannot make sense
/// of, and only then: starting one for each block would make a check slow.
#[derive(Default)]
struct Parser {
    shell: Option<Runner>,
}

impl Parser {
    fn parse(&mut self, file: &SourceFile, doubtful: &[Unparsed<'_>]) -> Result<Vec<Diagnostic>, CliError> {
        if self.shell.is_none() {
            self.shell = Some(Runner::new(shell_environment(None)?));
        }
        let Some(shell) = &mut self.shell else { return Ok(Vec::new()) };
        on_runtime(async {
            let mut found = Vec::new();
            for unparsed in doubtful {
                found.extend(parse(shell, file, unparsed).await);
            }
            Ok(found)
        })
    }
}

async fn parse(shell: &mut Runner, file: &SourceFile, unparsed: &Unparsed<'_>) -> Option<Diagnostic> {
    const HELP: &str = "nothing of the block runs until it is edited";
    let interpreter = match unparsed.block.language.as_str() {
        named @ ("zsh" | "fish") => named,
        _ => unparsed.block.settings.shell.as_deref().unwrap_or("bash"),
    };
    match shell.check(interpreter, &unparsed.text).await {
        Ok(None) => None,
        Ok(Some(error)) => {
            let line = unparsed.text.lines().nth(error.line.saturating_sub(1));
            let place = line.and_then(|_| place_of_line(file, unparsed, error.line)).unwrap_or(unparsed.place);
            let message = format!("{interpreter} cannot parse this block: {}", error.message);
            Some(Diagnostic::error("syntax", place, message).with_help(HELP))
        }
        Err(_) => {
            let message = format!("{interpreter} may not be able to parse this block, and is not here to be asked");
            Some(Diagnostic::warning("syntax", unparsed.place, message).with_help(HELP))
        }
    }
}

/// The text of a line of the block in the page, where the block's lines are
/// the page's own.
fn place_of_line(file: &SourceFile, unparsed: &Unparsed<'_>, line: usize) -> Option<crate::source::Span> {
    let block = unparsed.block;
    let span = file.line_span(block.code_line + line - 1).filter(|_| block.run == block.code)?;
    let text = block.run.lines().nth(line - 1)?;
    let column = file.slice(span).find(text.trim()).filter(|_| !text.trim().is_empty())?;
    Some(crate::source::Span::new(span.start + column, span.start + column + text.trim().len()))
}

/// The finding that a page cannot be read, which stands at no place in it.
fn unreadable(path: &Path, error: CliError) -> Checked {
    let finding = DiagnosticJson {
        severity: "error",
        code: "unreadable",
        message: error.message,
        line: 1,
        column: 1,
        help: error.hints.into_iter().next(),
    };
    Checked { path: path.display().to_string(), diagnostics: vec![finding] }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Folders that hold what others have written, or what was built.
const PASSED_OVER: &[&str] = &["target", "node_modules", "vendor"];

/// The page itself, or every Markdown page in the folder and those below it.
fn collect(path: &Path, pages: &mut Vec<PathBuf>) -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::usage(format!("{} cannot be read: {error}", path.display()));
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        pages.push(path.to_owned());
        return Ok(());
    }
    let mut entries = std::fs::read_dir(path).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let inner = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_hidden = name.starts_with('.') || PASSED_OVER.contains(&name.as_ref());
        let is_page = inner
            .extension()
            .is_some_and(|extension| ["md", "markdown"].iter().any(|known| extension.eq_ignore_ascii_case(known)));
        // Links are not followed: a folder may link to one that holds it.
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() && !is_hidden {
            collect(&inner, pages)?;
        } else if is_page && !kind.is_dir() {
            pages.push(inner);
        }
    }
    Ok(())
}
