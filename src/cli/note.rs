//! `runbook note`

use super::args::{Global, NoteArgs};
use super::exit::{CliError, Exit};
use super::journal::SystemClock;
use super::print::Printer;
use super::runs::store;
use super::session::Responder;
use crate::run::Event;

pub(super) fn note(global: &Global, args: NoteArgs, printer: &Printer) -> Result<Exit, CliError> {
    let mut words = args.run_and_text;
    let text = words.pop().unwrap_or_default();
    let run = words.pop().unwrap_or_else(|| "latest".to_owned());
    if text.trim().is_empty() {
        return Err(CliError::usage("the note is empty"));
    }
    let store = store(global)?;
    let id = store.find(&run)?;
    let responder = Responder::here();
    let clock = SystemClock::new();
    let mut reopened = store.reopen(&id, &responder.holder(), clock.stamps())?;
    let event = Event::Note { step: None, text, by: responder.user };
    let kept = reopened.writer.append(&event).and_then(|_| reopened.writer.durable());
    kept.map_err(|error| CliError::new(Exit::NoRecord, error))?;
    printer.note(&format!("noted in {id}"));
    Ok(Exit::Done)
}
