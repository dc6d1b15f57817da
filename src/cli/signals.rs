//! What the terminal and the system do to a run.

use crate::effect::Control;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::{Duration, Instant};

/// A second Ctrl-C within this time ends the block for good.
const TWICE: Duration = Duration::from_secs(1);

/// What signals mean for a run.
pub(super) struct Signals {
    /// For the block that runs: the first Ctrl-C is the block's own, a second
    /// one ends its whole process tree, and so does the end of the session.
    pub(super) control: UnboundedReceiver<Control>,
    /// True once the session has ended: SIGTERM, SIGHUP, SIGQUIT.
    pub(super) ended: watch::Receiver<bool>,
}

/// Listens from now on.
///
/// # Errors
/// If the system will not let signals be caught.
pub(super) fn listen() -> std::io::Result<Signals> {
    let (sender, control) = unbounded_channel();
    let (tell_end, ended) = watch::channel(false);
    // A full file is to be an error of the write, not the end of the program.
    let full_file = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    tokio::spawn(ignore(full_file));
    let interrupts = signal(SignalKind::interrupt())?;
    tokio::spawn(forward_interrupts(interrupts, sender.clone()));
    for kind in [SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()] {
        let ends = signal(kind)?;
        tokio::spawn(forward_ends(ends, sender.clone(), tell_end.clone()));
    }
    Ok(Signals { control, ended })
}

async fn ignore(mut signals: Signal) {
    while signals.recv().await.is_some() {}
}

async fn forward_interrupts(mut interrupts: Signal, sender: UnboundedSender<Control>) {
    let mut last: Option<Instant> = None;
    while interrupts.recv().await.is_some() {
        let now = Instant::now();
        let twice = last.is_some_and(|last| now.duration_since(last) < TWICE);
        last = Some(now);
        let control = if twice { Control::Terminate } else { Control::Interrupt };
        if sender.send(control).is_err() {
            return;
        }
    }
}

async fn forward_ends(mut ends: Signal, sender: UnboundedSender<Control>, tell_end: watch::Sender<bool>) {
    while ends.recv().await.is_some() {
        tell_end.send_replace(true);
        if sender.send(Control::Terminate).is_err() {
            return;
        }
    }
}
