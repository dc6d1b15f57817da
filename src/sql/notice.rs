//! A Postgres server's notices, which sqlx tells only as tracing events.
//!
//! While a statement is awaited, a subscriber of our own stands before the one
//! in force. It takes the notices and hands on everything else.

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tracing::dispatcher::{self, Dispatch};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

const TARGET: &str = "sqlx::postgres::notice";

/// Notices of what is awaited under the dispatch, in order, as psql would
/// write them: `NOTICE:  table "x" does not exist, skipping`.
pub(super) fn collect() -> (Dispatch, UnboundedReceiver<String>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let outer = dispatcher::get_default(Clone::clone);
    (Dispatch::new(Notices { sender, outer }), receiver)
}

struct Notices {
    sender: UnboundedSender<String>,
    outer: Dispatch,
}

impl Subscriber for Notices {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET || self.outer.enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        // Without a hint every level is looked at, down to the server's INFO.
        None
    }

    fn event(&self, event: &Event<'_>) {
        if event.metadata().target() != TARGET {
            self.outer.event(event);
            return;
        }
        let mut message = Message::default();
        event.record(&mut message);
        let severity = severity(*event.metadata().level());
        // Nobody listens any more when the statement was given up.
        let _ = self.sender.send(format!("{severity}:  {}", message.0));
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.outer.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.outer.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.outer.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.outer.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.outer.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.outer.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.outer.try_close(id)
    }
}

/// The server's word for the level that sqlx makes of it.
fn severity(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "NOTICE",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "INFO",
    }
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
