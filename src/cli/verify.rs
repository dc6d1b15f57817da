//! `runbook verify`

use super::args::{Global, RunIdArgs};
use super::exit::{CliError, Exit};
use super::print::Printer;
use super::runs::store;
use crate::transcript::{Verdict, verify as verify_folder};

pub(super) fn verify(global: &Global, args: &RunIdArgs, printer: &Printer) -> Result<Exit, CliError> {
    let store = store(global)?;
    let id = store.find(&args.run)?;
    let folder = store.open(&id)?;
    let checked =
        verify_folder(&folder, None).map_err(|error| CliError::new(Exit::Failed, format!("{id}: {error}")))?;
    let mut text = match checked.verdict {
        Verdict::Finished => format!("{id}: intact. The run has ended, and its record is as it was written.\n"),
        Verdict::Unfinished => {
            format!(
                "{id}: intact as far as the file can tell. The run has not ended; lines cut off its end leave no trace.\n"
            )
        }
        Verdict::Torn => format!("{id}: intact but for its last line, which was cut off while it was written.\n"),
        Verdict::Broken => format!("{id}: NOT as it was written.\n"),
    };
    for problem in &checked.problems {
        let line = problem.line.map_or_else(String::new, |line| format!(":{line}"));
        text.push_str(&format!("  {}{line}: {}\n", problem.file, problem.why));
    }
    text.push_str(&format!("  {} events, {} output files", checked.lines, checked.outputs));
    if let Some(head) = &checked.head {
        text.push_str(&format!(", head {head}"));
    }
    text.push('\n');
    printer.lines(&text)?;
    Ok(if checked.is_intact() { Exit::Done } else { Exit::Failed })
}
