//! Processes of a block that have left its session and lost their parent.
//!
//! Such a one becomes a child of the system's first process, and nothing says
//! any more who has started it: `setsid server &` in a script that then ends.
//! So this program takes the first process's place for what it has started.

use super::session::{Process, pid_number};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::{Pid, getpid, getsid};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::signal::unix::{SignalKind, signal};

/// The children that are waited for by who has started them.
static AWAITED: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Whether this process takes in orphans. Where it does not, a child of it is
/// one that it has started itself, perhaps for another run.
static ADOPTS: AtomicBool = AtomicBool::new(false);

/// From now on, what descends from this process and loses its parent is a child
/// of this one. Where the system has no such thing, nothing changes.
///
/// # Errors
/// If the system will not say when a child ends.
pub fn adopt_orphans() -> io::Result<()> {
    let mut children = signal(SignalKind::child())?;
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    ADOPTS.store(cfg!(target_os = "linux"), Ordering::Relaxed);
    tokio::spawn(async move {
        while children.recv().await.is_some() {
            bury();
        }
    });
    Ok(())
}

/// Leaves a child to who has started it, for as long as this lives.
#[derive(Debug)]
pub(super) struct Awaited(i32);

impl Awaited {
    pub(super) fn child(id: rustix::process::Pid) -> Self {
        let id = id.as_raw_nonzero().get();
        awaited().insert(id);
        Self(id)
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        awaited().remove(&self.0);
    }
}

fn awaited() -> MutexGuard<'static, BTreeSet<i32>> {
    AWAITED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sessions of what earlier blocks have left running. Whatever comes of
/// them is theirs.
#[derive(Debug, Clone, Default)]
pub(super) struct Earlier(Rc<RefCell<BTreeSet<i32>>>);

impl Earlier {
    /// Takes in what a block has left.
    pub(super) fn extend(&self, left: &[Process]) {
        self.0.borrow_mut().extend(left.iter().map(|process| process.session));
    }

    /// Tells an orphan of the block that runs: a child of this process that it
    /// has not started itself, for those that it has are in its own session or
    /// waited for.
    pub(super) fn is_orphan(&self, process: &Process) -> bool {
        ADOPTS.load(Ordering::Relaxed)
            && process.parent == getpid().as_raw()
            && !is_own(process.session)
            && !awaited().contains(&pid_number(process.id))
            && !self.0.borrow().contains(&process.session)
    }
}

/// Takes notice of the orphans that have ended, as the first process would: else
/// they stay, and whoever asks whether they live is told so.
fn bury() {
    let peek = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    while let Ok(status) = waitid(Id::All, peek)
        && let WaitStatus::Exited(id, _) | WaitStatus::Signaled(id, _, _) = status
        && !awaited().contains(&id.as_raw())
        && !has_own_session(id)
        && waitid(Id::Pid(id), WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG).is_ok()
    {}
}

/// In a container the leader of the own session may be outside: then its id is
/// 0, which rustix's `Pid` cannot hold and takes for impossible.
fn is_own(session: i32) -> bool {
    getsid(None).is_ok_and(|own| own.as_raw() == session)
}

fn has_own_session(id: Pid) -> bool {
    getsid(Some(id)).ok().is_none_or(|session| is_own(session.as_raw()))
}
