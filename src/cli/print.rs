//! What was asked for goes to standard output, everything else to standard
//! error.

use super::exit::CliError;
use crate::plan::Plan;
use crate::source::{Diagnostic, SourceFile, render};
use crate::terminal::{Device, Screen, visible};
use anstyle::{AnsiColor, Style};
use std::io::{self, BufWriter, Write};

/// The two standard streams, with colours where they may be.
pub(super) struct Printer {
    error_color: bool,
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

impl Printer {
    pub(super) fn new() -> Self {
        let error_color = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
        Self { error_color }
    }

    /// The choice that `--color`, `NO_COLOR` and the terminal come to for
    /// standard error.
    pub(super) fn color(&self) -> anstream::ColorChoice {
        if self.error_color { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never }
    }

    /// Prints what was asked for.
    pub(super) fn out(&self, text: &str) -> Result<(), CliError> {
        let mut stdout = anstream::stdout().lock();
        printed(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
    }

    /// Prints lines for a person; nothing that a page holds can move the
    /// cursor or hide from them.
    pub(super) fn lines(&self, text: &str) -> Result<(), CliError> {
        self.out(&visible::lines(text))
    }

    /// Prints `value` as JSON.
    pub(super) fn json(&self, value: &impl serde::Serialize) -> Result<(), CliError> {
        let mut stdout = BufWriter::with_capacity(1 << 16, anstream::stdout().lock());
        let written = serde_json::to_writer_pretty(&mut stdout, value).map_err(io::Error::from);
        printed(written.and_then(|()| stdout.write_all(b"\n")).and_then(|()| stdout.flush()))
    }

    /// Says something beside what was asked for.
    pub(super) fn note(&self, text: &str) {
        self.as_it_is(&Device::stderr(self.color()).fitted(text));
    }

    /// The same for lines that keep their columns, whatever the terminal's width.
    pub(super) fn as_it_is(&self, text: &str) {
        let _ = writeln!(anstream::stderr(), "{}", visible::lines(text));
    }

    /// Draws findings about a file.
    pub(super) fn diagnostics(&self, file: &SourceFile, diagnostics: &[Diagnostic]) {
        if !diagnostics.is_empty() {
            let _ = writeln!(anstream::stderr(), "{}", render(file, diagnostics, self.error_color).trim_end());
        }
    }

    /// What would hurt in the steps that are about to be walked through; what
    /// they leave open is listed apart.
    pub(super) fn concerns(&self, file: &SourceFile, plan: &Plan, steps: &[usize]) {
        const SHOWN: usize = 8;
        let inside = |diagnostic: &&Diagnostic| {
            steps.iter().any(|index| plan.runbook.steps[*index].span.contains(diagnostic.span))
        };
        let is_apart = |diagnostic: &&Diagnostic| !matches!(diagnostic.code, "placeholder" | "unset-variable");
        let mut concerns: Vec<_> = plan.diagnostics.iter().filter(inside).filter(is_apart).cloned().collect();
        let more = concerns.len().saturating_sub(SHOWN);
        concerns.truncate(SHOWN);
        self.diagnostics(file, &concerns);
        if more > 0 {
            self.note(&format!("and {more} more: `runbook check {}` shows them", file.name()));
        }
    }

    /// Says something that must not be missed.
    pub(super) fn banner(&self, text: &str) {
        Screen::new(Device::stderr(self.color())).banner(text);
        let _ = writeln!(anstream::stderr());
    }

    /// Says why a command could not be carried out.
    pub(super) fn error(&self, error: &CliError) {
        let mut stderr = anstream::stderr();
        let _ = writeln!(stderr, "{ERROR}error:{ERROR:#} {}", visible::lines(&error.message));
        for hint in &error.hints {
            let _ = writeln!(stderr, "{HINT}  help:{HINT:#} {}", visible::lines(hint));
        }
    }
}

/// Blocks by their lines: `the block at line 7`, `the blocks at lines 7, 9`.
pub(super) fn blocks(lines: &[usize]) -> String {
    let numbers: Vec<_> = lines.iter().map(usize::to_string).collect();
    match numbers.as_slice() {
        [only] => format!("the block at line {only}"),
        many => format!("the blocks at lines {}", many.join(", ")),
    }
}

fn printed(written: io::Result<()>) -> Result<(), CliError> {
    match written {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(CliError::usage(format!("standard output cannot be written: {error}"))),
        Ok(()) => Ok(()),
    }
}
