//! A running block: its output, its time, and what the responder wants of it.

use super::child::Child;
use super::joint::{Happening, Joint};
use super::orphans::Earlier;
use super::session::{Process, Session};
use super::standstill::{Looks, is_at_standstill};
use super::stdio::{Channel, Record};
use crate::effect::{Control, Ending, Presentation, ShellResult, Stream, Waiting};
use rustix::process::{Pid, Signal};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

/// How often it is shown how a block is doing.
const TICK: Duration = Duration::from_millis(250);

/// How long output may still come from what the block's process has left
/// behind, such as the `tee` of `exec > >(tee log)`.
const DRAIN: Duration = Duration::from_millis(250);

/// How long to wait between two looks at processes that should go.
const LOOK: Duration = Duration::from_millis(10);

/// What [`Session::processes_of_a_moment`] is right for.
const MOMENT: Duration = Duration::from_secs(1);

/// How long the processes of a block that was stopped may take to stop.
const STOPPING: Duration = Duration::from_millis(500);

/// How long a killed process may take to go. One that waits for a disk that
/// does not answer cannot be ended at all.
const KILLED: Duration = Duration::from_secs(2);

/// How long a block that was only watched may take to end as it does on Ctrl-C,
/// before it is ended with all its processes. It has run long enough; nothing
/// waits for it.
const LEAVE: Duration = Duration::from_secs(2);

/// Why the engine ends a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Timeout,
    Request,
}

/// How long a block may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// It is ended after this time.
    pub(super) timeout: Option<Duration>,
    /// That is how it always ends: as by Ctrl-C at first.
    pub(super) is_followed: bool,
    /// How long it may take to end then.
    pub(super) grace: Duration,
}

/// A running block. Its processes are killed if this is dropped.
pub(super) struct Running {
    /// Before the child, which it is dropped before: without its leader a
    /// session is harder to find.
    session: Session,
    child: Child,
    /// The process that leads the block's session.
    leader: Pid,
    channel: Channel,
    joint: Option<Joint>,
    started: Instant,
    /// How long the block was stopped, which costs its timeout nothing.
    stopped: Duration,
    limits: Limits,
    /// SIGINT was sent, for its time is up or for it has been watched for long
    /// enough: why, and when SIGTERM follows.
    leaving: Option<(Cause, Instant)>,
    /// SIGINT was sent.
    interrupted: bool,
    /// And something was typed after it: the block has gone on.
    went_on: bool,
    /// SIGTERM was sent, and when SIGKILL follows.
    ending: Option<(Cause, Instant)>,
    killed: bool,
}

impl Running {
    /// A block that has just been started; `joint` joins its terminal, if it has
    /// one, to the responder's.
    pub(super) fn new(child: Child, channel: Channel, joint: Option<Joint>, limits: Limits, earlier: Earlier) -> Self {
        Self {
            session: Session::of(child.id(), earlier),
            leader: child.id(),
            child,
            channel,
            joint,
            started: Instant::now(),
            stopped: Duration::ZERO,
            limits,
            leaving: None,
            interrupted: false,
            went_on: false,
            ending: None,
            killed: false,
        }
    }

    /// Waits for the end of the block's own process, and of all its processes
    /// if the engine ended it. The result's `state_kept` says whether the block
    /// has come to an end that its state may be taken from.
    pub(super) async fn finish(
        mut self,
        record: &mut Record<'_>,
        control: &mut UnboundedReceiver<Control>,
    ) -> io::Result<ShellResult> {
        let status = self.attend(record, control).await?;
        let duration = self.started.elapsed();
        let joint = &mut self.joint;
        self.channel.drain(DRAIN, &mut |stream, bytes| show(joint.as_mut(), stream, bytes, record)).await;
        // The keyboard is the engine's again.
        if self.joint.take().is_some() {
            record.present(Presentation::Lines);
        }
        let left = match self.ending {
            Some((_, kill_at)) => self.end_all(kill_at).await,
            None => self.settled().await,
        };
        let ending = match (self.ended_for(), status) {
            (Some(Cause::Timeout), _) => Ending::TimedOut,
            (Some(Cause::Request), _) => Ending::Interrupted,
            (None, Some(status)) if self.was_interrupted(status) => Ending::Interrupted,
            (None, Some(status)) => match (status.code(), status.signal()) {
                (Some(code), _) => Ending::Exit(code),
                (None, signal) => Ending::Signal(signal.unwrap_or_default()),
            },
            // Only a process that was killed is given up.
            (None, None) => Ending::Signal(Signal::KILL.as_raw()),
        };
        let state_kept = self.ending.is_none();
        self.session.release(&left);
        let left_behind =
            left.into_iter().map(|process| (process.id.as_raw_nonzero().get().cast_unsigned(), process.name)).collect();
        if !self.channel.has_ended() {
            self.channel.let_go();
        }
        Ok(ShellResult { ending, duration, left_behind, state_kept, went_on_after: Vec::new() })
    }

    /// Passes output on and does what is asked until the block's own process
    /// has ended; `None` if that cannot be ended.
    async fn attend(
        &mut self,
        record: &mut Record<'_>,
        control: &mut UnboundedReceiver<Control>,
    ) -> io::Result<Option<ExitStatus>> {
        if let Some(joint) = &self.joint {
            joint.begin(record);
        }
        let mut controlled = true;
        let mut looks = Looks::new();
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let deadline =
                self.limits.timeout.and_then(|timeout| self.started.checked_add(self.stopped.checked_add(timeout)?));
            let next = self.next_deadline(deadline);
            tokio::select! {
                status = self.child.wait() => return status.map(Some),
                piece = self.channel.read(), if !self.channel.has_ended() => {
                    if let Some((stream, bytes)) = piece {
                        show(self.joint.as_mut(), stream, bytes, record);
                        looks.begin_again();
                    }
                }
                happening = next_happening(&mut self.joint, self.leader) => {
                    looks.begin_again();
                    match happening {
                        Happening::Nothing => {}
                        Happening::Typed => self.went_on = true,
                        Happening::Interrupt => (self.interrupted, self.went_on) = (true, false),
                        Happening::Terminate => self.terminate(Cause::Request),
                        Happening::Stopped => self.stand_aside(record).await,
                    }
                }
                wanted = control.recv(), if controlled => match wanted {
                    Some(Control::Interrupt) => self.interrupt(),
                    Some(Control::Leave) => self.leave(Cause::Request),
                    Some(Control::Terminate) => self.terminate(Cause::Request),
                    None => controlled = false,
                },
                _ = tick.tick() => {
                    if self.joint.as_ref().is_none_or(Joint::has_room_below) {
                        record.waiting(&Waiting {
                            elapsed: self.started.elapsed().saturating_sub(self.stopped),
                            left: deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())),
                            blocked_by: None,
                        });
                    }
                    let group = self.joint.as_ref().and_then(Joint::foreground);
                    if looks.is_due() && group.is_some_and(is_at_standstill) {
                        self.stand_aside(record).await;
                    }
                }
                () = sleep_until(next.unwrap_or(self.started)), if next.is_some() => match (self.ending, self.leaving) {
                    (None, Some((cause, _))) => self.terminate(cause),
                    (None, None) if self.limits.is_followed => self.leave(Cause::Timeout),
                    (None, None) => self.terminate(Cause::Timeout),
                    (Some(_), _) if self.killed => return Ok(None),
                    (Some((cause, _)), _) => {
                        self.session.signal(Signal::KILL);
                        self.killed = true;
                        self.ending = Some((cause, Instant::now() + KILLED));
                    }
                },
            }
        }
    }

    /// The block has stopped: so does the run, until it is continued.
    async fn stand_aside(&mut self, record: &mut Record<'_>) {
        let began = Instant::now();
        let foreground = self.joint.as_ref().and_then(Joint::foreground);
        // An editor puts the screen right before it stops.
        let is_stopping = |group| !self.session.is_stopped(group) && !is_at_standstill(group);
        while began.elapsed() < STOPPING && foreground.is_some_and(is_stopping) {
            if let Ok(Some((stream, bytes))) = timeout(LOOK, self.channel.read()).await {
                show(self.joint.as_mut(), stream, bytes, record);
            }
        }
        let joint = &mut self.joint;
        self.channel.drain(Duration::ZERO, &mut |stream, bytes| show(joint.as_mut(), stream, bytes, record)).await;
        if let Some(joint) = &mut self.joint {
            joint.stand_aside(record);
        }
        self.session.resume(foreground);
        self.stopped += began.elapsed();
    }

    /// Whether the responder has interrupted the block, and that ended it.
    fn was_interrupted(&self, status: ExitStatus) -> bool {
        let interrupt = Signal::INT.as_raw();
        let by_it = status.signal() == Some(interrupt) || status.code() == Some(128 + interrupt);
        self.interrupted && !status.success() && (by_it || !self.went_on)
    }

    /// When there is something to do if nothing happens.
    fn next_deadline(&self, timeout: Option<Instant>) -> Option<Instant> {
        match self.ending.or(self.leaving) {
            Some((_, at)) => Some(at),
            None => timeout,
        }
    }

    /// Why the engine has ended it, if it has. What it was asked for by itself
    /// is told by how it ended.
    fn ended_for(&self) -> Option<Cause> {
        let leaving = self.leaving.filter(|(cause, _)| *cause == Cause::Timeout);
        self.ending.or(leaving).map(|(cause, _)| cause)
    }

    fn interrupt(&mut self) {
        self.interrupted = true;
        self.session.signal(Signal::INT);
    }

    /// Ends it as Ctrl-C does, once: so what it leaves to the next blocks is
    /// kept.
    fn leave(&mut self, cause: Cause) {
        if self.leaving.is_none() && self.ending.is_none() {
            self.leaving = Some((cause, Instant::now() + LEAVE));
            self.interrupt();
        }
    }

    /// Asks all processes to end, once.
    fn terminate(&mut self, cause: Cause) {
        if self.ending.is_none() {
            self.ending = Some((cause, Instant::now() + self.limits.grace));
            self.session.signal(Signal::TERM);
        }
    }

    /// Waits for all processes to go, and kills those that do not by then;
    /// gives those that cannot be killed.
    async fn end_all(&mut self, kill_at: Instant) -> Vec<Process> {
        let mut left = self.session.processes();
        while !left.is_empty() && Instant::now() < kill_at {
            sleep(LOOK).await;
            left = self.session.processes();
        }
        let give_up = Instant::now() + KILLED;
        while !left.is_empty() && Instant::now() < give_up {
            self.session.signal(Signal::KILL);
            sleep(LOOK).await;
            left = self.session.processes();
        }
        left
    }

    /// The processes that stay. One that is just on its way out, as the end of
    /// its output shows, is given the time for it.
    async fn settled(&self) -> Vec<Process> {
        let patience = Instant::now() + if self.channel.has_ended() { DRAIN } else { Duration::ZERO };
        let is_short = self.started.elapsed() < MOMENT;
        let mut left = if is_short { self.session.processes_of_a_moment() } else { self.session.processes() };
        while !left.is_empty() && Instant::now() < patience {
            sleep(LOOK).await;
            left = self.session.processes();
        }
        left
    }
}

/// Shows and records what was read, each part of it as it is to be shown.
fn show(joint: Option<&mut Joint>, stream: Stream, bytes: &[u8], record: &mut Record<'_>) {
    let changes = joint.map(|joint| joint.look(bytes)).unwrap_or_default();
    let mut from = 0;
    for (at, how) in changes {
        record.write(stream, &bytes[from..at]);
        record.present(how);
        from = at;
    }
    record.write(stream, &bytes[from..]);
}

/// Waits for what the responder or the block does at its terminal; for ever
/// where it has none.
async fn next_happening(joint: &mut Option<Joint>, leader: Pid) -> Happening {
    match joint {
        Some(joint) => joint.next(leader).await,
        None => std::future::pending().await,
    }
}
