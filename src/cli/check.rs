//! `runbook check`

use super::args::CheckArgs;
use super::exit::{CliError, Exit};
use super::locate::read;
use super::plan::environment;
use super::print::Printer;
use crate::plan::{DiagnosticJson, Plan, diagnostics_json};
use crate::source::Severity;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Checked {
    path: String,
    diagnostics: Vec<DiagnosticJson>,
}

pub(super) fn check(args: &CheckArgs, printer: &Printer) -> Result<Exit, CliError> {
    let mut pages = Vec::new();
    for path in &args.paths {
        collect(path, &mut pages)?;
    }
    let mut checked = Vec::new();
    let (mut errors, mut warnings) = (0, 0);
    for path in &pages {
        let file = match read(path) {
            Ok(file) => file,
            // One page that cannot be read hides no other's mistakes.
            Err(error) => {
                errors += 1;
                if args.json.json {
                    checked.push(unreadable(path, error));
                } else {
                    printer.error(&error);
                }
                continue;
            }
        };
        let diagnostics = Plan::read(&file, environment()).diagnostics;
        errors += diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        warnings += diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning).count();
        if args.json.json {
            let diagnostics = diagnostics_json(&file, &diagnostics);
            checked.push(Checked { path: file.name().to_owned(), diagnostics });
        } else {
            printer.diagnostics(&file, &diagnostics);
        }
    }
    if args.json.json {
        printer.json(&checked)?;
    } else {
        let pages = count(pages.len(), "page");
        printer.note(&format!("{pages}: {}, {}", count(errors, "error"), count(warnings, "warning")));
    }
    Ok(if errors > 0 { Exit::Failed } else { Exit::Done })
}

/// The finding that a page cannot be read, which stands at no place in it.
fn unreadable(path: &Path, error: CliError) -> Checked {
    let finding = DiagnosticJson {
        severity: "error".to_owned(),
        code: "unreadable".to_owned(),
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
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        let is_page = inner.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
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
