//! `runbook list`

use super::args::JsonArgs;
use super::exit::{CliError, Exit};
use super::locate::{available, read};
use super::print::Printer;
use crate::parse::{Head, head};
use serde::Serialize;

#[derive(Serialize)]
struct Listed {
    name: String,
    path: String,
    title: String,
    summary: Option<String>,
    severity: Option<String>,
}

pub(super) fn list(args: &JsonArgs, printer: &Printer) -> Result<Exit, CliError> {
    let mut listed = Vec::new();
    for (name, path) in available() {
        match read(&path) {
            Ok(file) => {
                let Head { title, front_matter } = head(&file);
                listed.push(Listed {
                    name,
                    path: path.display().to_string(),
                    title,
                    summary: front_matter.summary,
                    severity: front_matter.severity,
                });
            }
            Err(error) => printer.error(&error),
        }
    }
    if args.json {
        printer.json(&listed)?;
        return Ok(Exit::Done);
    }
    if listed.is_empty() {
        printer.note("no runbooks here: put Markdown pages into ./runbooks, or name one by its path");
        return Ok(Exit::Done);
    }
    let width = listed.iter().map(|page| page.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for page in &listed {
        let what = page.summary.as_ref().unwrap_or(&page.title);
        text.push_str(&format!("{:width$}  {what}\n", page.name));
    }
    printer.lines(&text)?;
    Ok(Exit::Done)
}
