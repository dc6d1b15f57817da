//! Looking at the same thing again and again: what a try prints is held back
//! until it is known whether it was the last, and of the others only what has
//! changed is shown. The record has all of it.

use super::compare::plain;
use crate::effect::{ChangedLine, Stream, View};
use crate::run::Event;
use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// A try that prints more than this is shown as it comes.
const MOST: usize = 64 * 1024;

/// Time for finding the shortest difference; a longer one is as true.
const PATIENCE: Duration = Duration::from_millis(100);

/// Something that the screen is not shown yet.
#[derive(Debug)]
enum Held {
    Event(Event),
    Output(Stream, Vec<u8>),
}

/// One try of several, as it was heard.
#[derive(Debug, Default)]
pub(super) struct Try {
    /// What it printed, secrets masked; `None` where that was too much.
    text: Option<Vec<u8>>,
    /// What of it the screen has not been shown; `None` where it is shown as it
    /// comes.
    held: Option<Vec<Held>>,
}

impl Try {
    /// A try that is about to begin.
    pub(super) fn new(hold: bool) -> Self {
        Self { text: Some(Vec::new()), held: hold.then(Vec::new) }
    }

    /// Whether it is held back.
    pub(super) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// What it printed, for a comparison.
    pub(super) fn text(&self) -> Option<String> {
        self.text.as_ref().map(|text| plain(&String::from_utf8_lossy(text)))
    }

    /// Takes an event, or gives it back to be shown.
    pub(super) fn keep_event<'e>(&mut self, event: &'e Event) -> Option<&'e Event> {
        match &mut self.held {
            Some(held) => {
                held.push(Held::Event(event.clone()));
                None
            }
            None => Some(event),
        }
    }

    /// Takes output; false where it is to be shown now.
    pub(super) fn keep_output(&mut self, stream: Stream, bytes: &[u8], view: &mut dyn View) -> bool {
        match &mut self.text {
            Some(text) if text.len() + bytes.len() <= MOST => text.extend_from_slice(bytes),
            _ => {
                self.text = None;
                self.release(view);
            }
        }
        let Some(held) = &mut self.held else { return false };
        match held.last_mut() {
            Some(Held::Output(last, text)) if *last == stream => text.extend_from_slice(bytes),
            _ => held.push(Held::Output(stream, bytes.to_vec())),
        }
        true
    }

    /// Shows what was held back, and holds back nothing any more.
    pub(super) fn release(&mut self, view: &mut dyn View) {
        for held in self.held.take().into_iter().flatten() {
            match held {
                Held::Event(event) => view.event(&event),
                Held::Output(stream, bytes) => view.output(stream, &bytes),
            }
        }
    }
}

/// The lines that are in only one of two outputs, in order.
pub(super) fn changes(before: &str, after: &str) -> Vec<ChangedLine> {
    let mut diff = TextDiff::configure();
    let diff = diff.timeout(PATIENCE).diff_lines(before, after);
    let changed = diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal);
    let line = |change: similar::Change<&str>| ChangedLine {
        is_gone: change.tag() == ChangeTag::Delete,
        text: change.value().trim_end_matches('\n').to_owned(),
    };
    changed.map(line).filter(|line| !line.text.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> Vec<String> {
        let sign = |line: ChangedLine| format!("{}{}", if line.is_gone { '-' } else { '+' }, line.text);
        changes(before, after).into_iter().map(sign).collect()
    }

    #[test]
    fn only_lines_that_changed_are_told() {
        assert_eq!(shown("a\nworker offline\nb\n", "a\nworker online\nb\n"), ["-worker offline", "+worker online"]);
        assert_eq!(shown("a\n", "a\n\n"), [""; 0], "an empty line is no news");
        assert_eq!(shown("", "a"), ["+a"]);
    }

    #[test]
    fn colour_and_overwritten_progress_are_no_change() {
        let text = |bytes: &[u8]| {
            let mut one = Try::new(false);
            one.text = Some(bytes.to_vec());
            one.text().expect("it is short")
        };
        assert_eq!(changes(&text(b"\x1b[32mok\x1b[0m\n"), &text(b"10%\r20%\rok\r\n")), []);
    }
}
