//! `runbook show`

use super::args::PageArgs;
use super::exit::{CliError, Exit};
use super::locate::locate;
use super::print::Printer;
use crate::source::Span;
use crate::terminal::{Device, markdown};
use anstream::ColorChoice;

pub(super) fn show(args: &PageArgs, printer: &Printer) -> Result<Exit, CliError> {
    let located = locate(&args.page)?;
    let parsed = crate::parse::parse(&located.file);
    let text = located.file.text();
    let span = match &located.anchor {
        None => {
            let sections = parsed.runbook.sections.iter().map(|section| section.extent.start);
            let steps = parsed.runbook.steps.iter().map(|step| step.span.start);
            Span::new(sections.chain(steps).min().unwrap_or(text.len()), text.len())
        }
        Some(anchor) => parsed
            .runbook
            .section(anchor)
            .map(|section| section.extent)
            .or_else(|| parsed.runbook.step(anchor).map(|step| step.span))
            .ok_or_else(|| CliError::usage(format!("{} has no `#{anchor}`", located.file.name())))?,
    };
    let device = Device::stderr(ColorChoice::Auto);
    printer.out(&markdown::render(located.file.slice(span), device.prose_width(), true))?;
    Ok(Exit::Done)
}
