//! `runbook show`

use super::args::ShowArgs;
use super::exit::{CliError, Exit};
use super::locate::{Located, locate};
use super::plan::not_selected;
use super::print::Printer;
use crate::language::recognise;
use crate::parse::{Parsed, parse};
use crate::plan::{Selection, select};
use crate::runbook::Runbook;
use crate::source::Span;
use crate::terminal::{Device, markdown};
use anstream::{AutoStream, ColorChoice};

pub(super) fn show(args: &ShowArgs, printer: &Printer) -> Result<Exit, CliError> {
    let mut located = locate(&args.page.page, args.mend.mend)?;
    if args.mend.mend {
        located.mend();
    }
    let Parsed { runbook, body, .. } = parse(&located.file, &recognise);
    let text = located.file.text();
    let span = match &located.anchor {
        None => Span::new(body, text.len()),
        Some(anchor) => under(&runbook, anchor).ok_or_else(|| unknown(&located, &runbook, anchor))?,
    };
    let width = Device::stderr(ColorChoice::Auto).prose_width();
    let color = AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
    printer.out(&markdown::render(located.file.slice(span), width, color))?;
    Ok(Exit::Done)
}

/// What stands under an anchor.
fn under(runbook: &Runbook, anchor: &str) -> Option<Span> {
    let section = runbook.section(anchor).map(|section| section.extent);
    section.or_else(|| runbook.step(anchor).map(|step| step.span))
}

/// That there is no such anchor, in the words in which `run` says it.
fn unknown(located: &Located, runbook: &Runbook, anchor: &str) -> CliError {
    let selection = Selection { anchor: Some(anchor.to_owned()), ..Selection::default() };
    match select(runbook, &selection) {
        Err(error) => not_selected(&located.file, &error),
        Ok(_) => CliError::usage(format!("{} has no `#{anchor}`", located.file.name())),
    }
}
