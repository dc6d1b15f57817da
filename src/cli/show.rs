//! `runbook show`

use super::args::PageArgs;
use super::exit::{CliError, Exit};
use super::locate::locate;
use super::print::Printer;
use crate::source::Span;
use crate::terminal;

pub(super) fn show(args: &PageArgs, printer: &Printer) -> Result<Exit, CliError> {
    let located = locate(&args.page)?;
    let parsed = crate::parse::parse(&located.file);
    let text = located.file.text();
    let span = match &located.anchor {
        None => Span::new(text.len() - parsed.body.len(), text.len()),
        Some(anchor) => parsed
            .runbook
            .section(anchor)
            .map(|section| section.extent)
            .or_else(|| parsed.runbook.step(anchor).map(|step| step.span))
            .ok_or_else(|| CliError::usage(format!("{} has no `#{anchor}`", located.file.name())))?,
    };
    printer.out(&terminal::markdown(located.file.slice(span)))?;
    Ok(Exit::Done)
}
