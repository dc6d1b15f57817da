//! One responder a run.

use super::Folder;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::time::Duration;

/// Who has a run in hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// User name.
    pub user: String,
    /// Host name.
    pub host: String,
    /// Process id on that host.
    pub pid: u32,
    /// Since when, RFC 3339.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} (process {}) since {}", self.user, self.host, self.pid, self.since)
    }
}

/// The run cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it.
    #[error("{}", match holder { Some(holder) => format!("{holder} has this run in hand"), None => "somebody else has this run in hand".to_owned() })]
    Held {
        /// Who; `None` where they have not said so yet.
        holder: Option<Holder>,
    },
    /// The lock file cannot be used.
    #[error("the lock of the run cannot be taken: {0}")]
    Io(#[from] io::Error),
}

/// Whether somebody has a run in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockState {
    /// Nobody has.
    Free,
    /// Somebody has; who, if they have said so yet.
    Held(Option<Holder>),
}

/// [`Lock::state`] holds the lock for an instant, which must not turn a
/// responder away: so one looks again before giving up.
const LOOKS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(10);

/// The run is in our hands for as long as this lives. The system frees it when
/// the process dies, however it dies.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the run in hand for `holder`.
    ///
    /// # Errors
    /// If somebody else has it.
    pub fn acquire(folder: &Folder, holder: &Holder) -> Result<Self, LockError> {
        let mut file = folder.lock_file()?;
        let mut looks = 0;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if looks < LOOKS => {
                    looks += 1;
                    std::thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => return Err(LockError::Held { holder: read_holder(&mut file) }),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        file.set_len(0)?;
        file.rewind()?;
        let mut text = serde_json::to_vec(holder).map_err(io::Error::from)?;
        text.push(b'\n');
        file.write_all(&text)?;
        Ok(Self { file })
    }

    /// Whether somebody has the run in hand now.
    #[must_use]
    pub fn state(folder: &Folder) -> LockState {
        let Ok(mut file) = folder.existing_lock_file() else { return LockState::Free };
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => LockState::Held(read_holder(&mut file)),
            _ => LockState::Free,
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Only tidiness: who it was no longer matters once the lock is free.
        let _ = self.file.set_len(0);
    }
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
