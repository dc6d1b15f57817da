//! Waiting for a statement while looking at the clock, at the responder and
//! at the server's notices.

use crate::effect::{Control, DatabaseError, Output, Stream as OutputStream, Waiting};
use futures_util::{Stream, StreamExt};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

/// How often the view is told that a statement still runs.
const TICK: Duration = Duration::from_secs(1);

/// Why a statement is to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    TimedOut,
    Interrupted,
}

impl From<Stop> for DatabaseError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::TimedOut => Self::TimedOut,
            Stop::Interrupted => Self::Interrupted,
        }
    }
}

/// What the wait came to.
pub(super) enum Turn<T> {
    /// The statement's stream has this; `None` when it is done.
    Item(Option<T>),
    /// The statement's time is up, or the responder wants it ended.
    Stop(Stop),
}

/// Watches over one statement.
pub(super) struct Watch<'a> {
    started: Instant,
    deadline: Option<Instant>,
    tick: Interval,
    control: Option<&'a mut UnboundedReceiver<Control>>,
    /// The subscriber to wait under, and what it takes.
    notices: Option<(Dispatch, UnboundedReceiver<String>)>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(timeout: Option<Duration>, control: &'a mut UnboundedReceiver<Control>) -> Self {
        let started = Instant::now();
        let mut tick = tokio::time::interval_at(started + TICK, TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let deadline = timeout.and_then(|timeout| started.checked_add(timeout));
        Self { started, deadline, tick, control: Some(control), notices: None }
    }

    /// Writes the notices, too, that come while waiting.
    pub(super) fn with_notices(mut self) -> Self {
        self.notices = Some(super::notice::collect());
        self
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether the statement is to be ended before it was sent.
    pub(super) fn stopped_before(&mut self) -> Option<Stop> {
        if self.control.as_mut().is_some_and(|control| control.try_recv().is_ok()) {
            return Some(Stop::Interrupted);
        }
        self.deadline.filter(|&deadline| deadline <= Instant::now()).map(|_| Stop::TimedOut)
    }

    /// From now on waits for `grace` at most, whatever the responder wants.
    pub(super) fn only_for(&mut self, grace: Duration) {
        self.deadline = Some(Instant::now() + grace);
        self.control = None;
    }

    /// Waits for the next item of `stream`.
    pub(super) async fn next<S>(&mut self, stream: &mut S, output: &mut dyn Output) -> Turn<S::Item>
    where
        S: Stream + Unpin,
    {
        loop {
            let deadline = self.deadline;
            let (dispatch, notices) = match &mut self.notices {
                Some((dispatch, notices)) => (dispatch.clone(), Some(notices)),
                None => (tracing::dispatcher::get_default(Clone::clone), None),
            };
            // In this order, so that a flood of rows cannot drown the rest.
            let turn = tokio::select! {
                biased;
                () = asked(&mut self.control) => Turn::Stop(Stop::Interrupted),
                () = reached(deadline) => Turn::Stop(Stop::TimedOut),
                notice = heard(notices) => {
                    write_notice(output, &notice);
                    continue;
                }
                _ = self.tick.tick() => {
                    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                    output.waiting(&Waiting { elapsed: self.elapsed(), left });
                    continue;
                }
                item = stream.next().with_subscriber(dispatch) => Turn::Item(item),
            };
            // What came together with the item came before it.
            if let Some((_, notices)) = &mut self.notices {
                while let Ok(notice) = notices.try_recv() {
                    write_notice(output, &notice);
                }
            }
            return turn;
        }
    }
}

/// Returns when the responder wants the statement ended.
async fn asked(control: &mut Option<&mut UnboundedReceiver<Control>>) {
    if let Some(receiver) = control {
        match receiver.recv().await {
            Some(Control::Interrupt | Control::Leave | Control::Terminate) => return,
            // Nobody can ask any more.
            None => *control = None,
        }
    }
    std::future::pending::<()>().await;
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

async fn heard(notices: Option<&mut UnboundedReceiver<String>>) -> String {
    if let Some(notices) = notices
        && let Some(notice) = notices.recv().await
    {
        return notice;
    }
    std::future::pending().await
}

fn write_notice(output: &mut dyn Output, notice: &str) {
    write(output, OutputStream::Err, &format!("{notice}\n"));
}

/// Writes to the block's output. What cannot be recorded is known to the
/// recorder; the statement is seen to its end all the same.
pub(super) fn write(output: &mut dyn Output, stream: OutputStream, text: &str) {
    if !text.is_empty() {
        let _ = output.write(stream, text.as_bytes());
    }
}
