//! A line of a transcript as this program can read it.

use super::{Entry, Event};
use serde::Deserialize;

/// What stands in one line of a transcript.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// An event that this program knows.
    Known(Box<Entry>),
    /// An event of a newer version of this program.
    Foreign(ForeignEntry),
}

/// An event that a newer version of this program wrote and this one does not
/// know. It is counted and passed over, so that an old program can still read
/// the rest of the record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ForeignEntry {
    /// Version of the format.
    pub v: u32,
    /// Sequence number.
    pub seq: u64,
    /// The wall clock, as in [`Entry::at`].
    pub at: String,
    /// Milliseconds, as in [`Entry::elapsed_ms`].
    pub elapsed_ms: u64,
    /// The event's name.
    pub event: String,
}

impl Line {
    /// Reads a line's JSON. Members beside those of an [`Entry`] are passed
    /// over.
    ///
    /// # Errors
    /// If it is not JSON, or is an event that this program knows by name and
    /// cannot read.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let error = match serde_json::from_slice::<Entry>(json) {
            Ok(entry) => return Ok(entry.into()),
            Err(error) => error,
        };
        match serde_json::from_slice::<ForeignEntry>(json) {
            Ok(entry) if !KNOWN.contains(&entry.event.as_str()) => Ok(Self::Foreign(entry)),
            _ => Err(error),
        }
    }

    /// Version of the format.
    #[must_use]
    pub fn version(&self) -> u32 {
        match self {
            Self::Known(entry) => entry.v,
            Self::Foreign(entry) => entry.v,
        }
    }

    /// Sequence number.
    #[must_use]
    pub fn seq(&self) -> u64 {
        match self {
            Self::Known(entry) => entry.seq,
            Self::Foreign(entry) => entry.seq,
        }
    }

    /// The event, if this program knows it.
    #[must_use]
    pub fn event(&self) -> Option<&Event> {
        match self {
            Self::Known(entry) => Some(&entry.event),
            Self::Foreign(_) => None,
        }
    }
}

impl From<Entry> for Line {
    fn from(entry: Entry) -> Self {
        Self::Known(Box::new(entry))
    }
}

/// The names of the events that this program knows. A line with one of these
/// names that cannot be read is damaged; one with another name is foreign.
const KNOWN: [&str; 30] = [
    "run_started",
    "variable_set",
    "connected",
    "step_started",
    "step_finished",
    "chosen",
    "compared",
    "answered",
    "edited",
    "entered",
    "carried",
    "block_started",
    "session_taken",
    "statement_finished",
    "committing",
    "transaction_ended",
    "block_finished",
    "checked",
    "accepted",
    "block_skipped",
    "action_done",
    "note",
    "marked",
    "jumped",
    "left",
    "rollback_offered",
    "run_suspended",
    "run_resumed",
    "unknown_resolved",
    "run_finished",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_names_are_those_of_the_schema() {
        let schema = schemars::schema_for!(Event).to_value();
        let mut names: Vec<_> = schema["oneOf"]
            .as_array()
            .expect("one schema for each event")
            .iter()
            .map(|event| event["properties"]["event"]["const"].as_str().expect("a name"))
            .collect();
        let mut known = KNOWN.to_vec();
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
    }

    #[test]
    fn an_event_of_a_newer_version_is_passed_over_and_a_broken_one_is_not() {
        let foreign = br#"{"v":1,"seq":7,"at":"x","elapsed_ms":5,"event":"paged","whom":["a"],"prev":"p","hash":"h"}"#;
        let line = Line::parse(foreign).expect("foreign");
        assert!(matches!(&line, Line::Foreign(entry) if entry.event == "paged" && entry.seq == 7));
        assert!(Line::parse(br#"{"v":1,"seq":7,"at":"x","elapsed_ms":5,"event":"step_started"}"#).is_err());
    }
}
