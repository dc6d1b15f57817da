//! Stopping the program for a while, as Ctrl-Z does, with the terminal left
//! as it was found in the meantime.

use super::mode;
use nix::unistd::{Pid, getpgid, getpgrp, getppid, getsid};
use rustix::process::{Signal, kill_current_process_group};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// A running block has the keyboard: it is stopped first, by who runs it.
static JOINED: AtomicBool = AtomicBool::new(false);

/// How long the program has stood stopped, in nanoseconds.
static STOPPED: AtomicU64 = AtomicU64::new(0);

/// How long the program has stood stopped.
#[must_use]
pub fn stopped() -> Duration {
    Duration::from_nanos(STOPPED.load(Ordering::Relaxed))
}

/// Lives while a block has the keyboard.
pub(super) struct WhileJoined(());

impl WhileJoined {
    pub(super) fn begin() -> Self {
        JOINED.store(true, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for WhileJoined {
    fn drop(&mut self) {
        JOINED.store(false, Ordering::Relaxed);
    }
}

/// From now on a SIGTSTP from elsewhere stops the program with the terminal
/// as it was found, even in the middle of a question.
///
/// # Errors
/// If the system will not let the signal be caught.
pub fn listen() -> io::Result<()> {
    let mut stops = signal(stop_signal())?;
    tokio::spawn(async move {
        while stops.recv().await.is_some() {
            if !JOINED.load(Ordering::Relaxed) {
                stop();
            }
        }
    });
    Ok(())
}

pub(super) fn stop_signal() -> SignalKind {
    SignalKind::from_raw(Signal::TSTP.as_raw())
}

/// Stops the program's whole job until it is continued. Does nothing where
/// nobody could continue it; the system ignores Ctrl-Z there too.
pub(super) fn stop() {
    if !can_be_continued() {
        return;
    }
    mode::set_aside();
    let began = Instant::now();
    // Not SIGTSTP: this process has taken that over.
    let _stopped = kill_current_process_group(Signal::STOP);
    STOPPED.fetch_add(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    mode::take_up();
}

/// Whether a process of this session, but of another job, has started this
/// job: a shell that waits for it and can continue it. One outside of this
/// container has the id 0 here, and cannot be asked about.
fn can_be_continued() -> bool {
    let (Ok(session), group) = (getsid(None), getpgrp()) else { return false };
    let mut ancestor = Some(getppid());
    while let Some(process) = ancestor.filter(|process| process.as_raw() != 0) {
        if getsid(Some(process)) != Ok(session) {
            return false;
        }
        if getpgid(Some(process)) != Ok(group) {
            return true;
        }
        // A script of this job, or `time` or `sudo`.
        ancestor = parent(process);
    }
    false
}

fn parent(process: Pid) -> Option<Pid> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(1)?.parse().ok().map(Pid::from_raw)
}
