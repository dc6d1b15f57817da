//! Waiting for a statement while looking at the clock, at the responder and
//! at the server's notices.

use crate::effect::{Control, DatabaseError, Output, Stream as OutputStream, Waiting};
use futures_util::{FutureExt as _, Stream, StreamExt};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tracing::dispatcher::{self, Dispatch};
use tracing::instrument::WithSubscriber;

/// Items that are taken one after the other, where they are there, before the
/// rest is looked at again: looking costs more than a row.
const ITEMS_BETWEEN_LOOKS: u32 = 64;

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

/// Who holds what a statement waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blocked {
    /// In a few words.
    pub(super) brief: String,
    /// `perhaps ` where that is not certain.
    pub(super) doubt: &'static str,
    /// All that is known, a line for each of them.
    pub(super) lines: Vec<String>,
}

impl Blocked {
    /// The error of a statement that has waited in vain, with who was in the
    /// way.
    pub(super) fn explain(&self, message: &mut String) {
        for line in &self.lines {
            message.push_str(&format!("\n{}BLOCKED BY:  {line}", self.doubt.to_uppercase()));
        }
    }
}

/// Watches over one statement.
pub(super) struct Watch<'a> {
    started: Instant,
    deadline: Option<Instant>,
    tick: Interval,
    control: Option<&'a mut UnboundedReceiver<Control>>,
    /// The subscriber to wait under, and what it takes.
    notices: Option<(Dispatch, UnboundedReceiver<String>)>,
    /// Items since all was looked at.
    unlooked: u32,
    /// Tells whenever somebody else is in the way, or nobody any more.
    blockers: Option<UnboundedReceiver<Option<Blocked>>>,
    blocked: Option<Blocked>,
    /// The statement has been sent, or a part of it.
    is_sent: bool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(timeout: Option<Duration>, control: &'a mut UnboundedReceiver<Control>) -> Self {
        let started = Instant::now();
        let mut tick = tokio::time::interval_at(started + TICK, TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let deadline = timeout.and_then(|timeout| started.checked_add(timeout));
        Self {
            started,
            deadline,
            tick,
            control: Some(control),
            notices: None,
            unlooked: 0,
            blockers: None,
            blocked: None,
            is_sent: false,
        }
    }

    /// Writes the notices, too, that come while waiting.
    pub(super) fn with_notices(mut self) -> Self {
        self.notices = Some(super::notice::collect());
        self
    }

    /// Tells, too, who is in the way.
    pub(super) fn with_blockers(mut self, blockers: UnboundedReceiver<Option<Blocked>>) -> Self {
        self.blockers = Some(blockers);
        self
    }

    /// Who was in the way when that was last asked.
    pub(super) fn blocked(&self) -> Option<&Blocked> {
        self.blocked.as_ref()
    }

    /// Whether the statement has been sent, or a part of it.
    pub(super) fn is_sent(&self) -> bool {
        self.is_sent
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

    /// Whether the responder wanted the statement ended when it had ended by
    /// itself: then nothing is to be sent after it.
    pub(super) fn was_asked(&mut self) -> bool {
        self.control.as_mut().is_some_and(|control| control.try_recv().is_ok())
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
        if self.unlooked >= ITEMS_BETWEEN_LOOKS {
            // The driver reads what has come without ever giving way: in a
            // flood of rows nobody else would hear of Ctrl-C.
            tokio::task::yield_now().await;
        } else if let Some(item) = self.at_hand(stream, output) {
            self.unlooked += 1;
            return Turn::Item(item);
        }
        self.unlooked = 0;
        loop {
            let deadline = self.deadline;
            let (dispatch, notices) = match &mut self.notices {
                Some((dispatch, notices)) => (dispatch.clone(), Some(notices)),
                None => (dispatcher::get_default(Clone::clone), None),
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
                blocked = told(&mut self.blockers) => {
                    for (line, doubt) in blocked.iter().flat_map(|by| by.lines.iter().map(|line| (line, by.doubt))) {
                        write_notice(output, &format!("WAITING:  {doubt}for a lock; blocked by {line}"));
                    }
                    self.blocked = blocked;
                    self.tick.reset_immediately();
                    continue;
                }
                _ = self.tick.tick() => {
                    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                    let blocked_by = self.blocked.as_ref().map(|blocked| blocked.brief.clone());
                    output.waiting(&Waiting { elapsed: self.elapsed(), left, blocked_by });
                    continue;
                }
                item = next_item(stream, &mut self.is_sent).with_subscriber(dispatch) => Turn::Item(item),
            };
            self.write_notices(output);
            return turn;
        }
    }

    /// The next item of `stream`, where it need not be waited for.
    fn at_hand<S>(&mut self, stream: &mut S, output: &mut dyn Output) -> Option<Option<S::Item>>
    where
        S: Stream + Unpin,
    {
        self.is_sent = true;
        let item = match &self.notices {
            Some((dispatch, _)) => dispatcher::with_default(dispatch, || stream.next().now_or_never()),
            None => stream.next().now_or_never(),
        }?;
        self.write_notices(output);
        Some(item)
    }

    /// Writes what came together with an item, and so before it.
    fn write_notices(&mut self, output: &mut dyn Output) {
        if let Some((_, notices)) = &mut self.notices {
            while let Ok(notice) = notices.try_recv() {
                write_notice(output, &notice);
            }
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

/// The next item. The first look at the stream sends the statement.
async fn next_item<S: Stream + Unpin>(stream: &mut S, is_sent: &mut bool) -> Option<S::Item> {
    *is_sent = true;
    stream.next().await
}

async fn told(blockers: &mut Option<UnboundedReceiver<Option<Blocked>>>) -> Option<Blocked> {
    if let Some(receiver) = blockers {
        match receiver.recv().await {
            Some(blocked) => return blocked,
            // They cannot be asked for.
            None => *blockers = None,
        }
    }
    std::future::pending().await
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::OutputError;
    use tokio::sync::mpsc;

    struct Nowhere;

    impl Output for Nowhere {
        fn write(&mut self, _: OutputStream, _: &[u8]) -> Result<(), OutputError> {
            Ok(())
        }

        fn waiting(&mut self, _: &Waiting) {}
    }

    #[tokio::test]
    async fn in_a_flood_of_rows_others_have_their_turn_and_ctrl_c_is_heard() {
        let (sender, mut control) = mpsc::unbounded_channel();
        // As the one that listens for signals: it runs when it is let.
        tokio::spawn(async move { sender.send(Control::Interrupt) });
        let mut watch = Watch::new(None, &mut control);
        let mut flood = futures_util::stream::repeat(());
        let mut items = 0;
        while let Turn::Item(_) = watch.next(&mut flood, &mut Nowhere).await {
            items += 1;
            assert!(items < 10_000, "nobody else has had a turn");
        }
    }
}
