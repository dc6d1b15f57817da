//! A private folder, gone with its owner.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A folder that only this user can enter, removed with all it holds when this
/// is dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    /// Locked for as long as the owner lives, however it dies.
    _owned: File,
}

/// What the names of all these folders begin with.
const PREFIX: &str = "runbook-";

/// How many names to try before giving up on `parent`.
const ATTEMPTS: u32 = 1000;

/// A folder younger than this may not have been locked yet.
const SETTLED: Duration = Duration::from_secs(60);

impl Scratch {
    /// Makes one in `parent`, and removes those whose owners were killed. Its
    /// name is short, for it is what bash puts before its messages.
    pub(super) fn new(parent: &Path) -> io::Result<Self> {
        remove_abandoned(parent);
        let process = std::process::id();
        let mut attempt = 0;
        loop {
            let path = parent.join(match attempt {
                0 => format!("{PREFIX}{process}"),
                more => format!("{PREFIX}{process}-{more}"),
            });
            // Never takes up a folder that is there: somebody else may have made it.
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => {
                    let owned = File::open(&path)?;
                    owned.try_lock()?;
                    return Ok(Self { path, _owned: owned });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A new file, gone when its owner drops it.
    pub(super) fn file(&self, name: &str, content: &[u8]) -> io::Result<ScratchFile> {
        self.file_at(self.path.join(name), content)
    }

    /// A new file in a folder of its own, gone when its owner drops it.
    pub(super) fn file_below(&self, folder: &str, name: &str, content: &[u8]) -> io::Result<ScratchFile> {
        let folder = self.path.join(folder);
        DirBuilder::new().mode(0o700).recursive(true).create(&folder)?;
        self.file_at(folder.join(name), content)
    }

    fn file_at(&self, path: PathBuf, content: &[u8]) -> io::Result<ScratchFile> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(content)?;
        Ok(ScratchFile { path, file })
    }
}

/// Removes what owners that were killed have left in `parent`: this user's
/// folders with a name of ours that nobody holds.
fn remove_abandoned(parent: &Path) {
    let user = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if is_ours(&entry.file_name().to_string_lossy()) && is_abandoned(&entry.path(), user) {
            // Another process may be removing it at the same time.
            let _gone = fs::remove_dir_all(entry.path());
        }
    }
}

/// `runbook-`, a process id, and perhaps a number.
fn is_ours(name: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    name.strip_prefix(PREFIX).is_some_and(|numbers| {
        let (process, attempt) = numbers.split_once('-').unwrap_or((numbers, "0"));
        is_number(process) && is_number(attempt)
    })
}

fn is_abandoned(path: &Path, user: u32) -> bool {
    let Ok(found) = fs::symlink_metadata(path) else { return false };
    let is_settled = found.modified().ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age > SETTLED);
    found.is_dir()
        && found.uid() == user
        && is_settled
        && File::open(path).is_ok_and(|folder| folder.try_lock().is_ok())
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "a temporary folder could not be removed");
        }
    }
}

/// A file of a [`Scratch`].
#[derive(Debug)]
pub(super) struct ScratchFile {
    pub(super) path: PathBuf,
    pub(super) file: File,
}

impl Drop for ScratchFile {
    fn drop(&mut self) {
        // The folder, which goes too, reports what cannot be removed.
        let _gone = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_private_and_goes_with_its_owner() {
        let parent = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(parent.path()).unwrap();
        let other = Scratch::new(parent.path()).unwrap();
        assert_ne!(scratch.path(), other.path());
        let file = scratch.file("block", b"echo").unwrap();
        assert_eq!(fs::metadata(scratch.path()).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&file.path).unwrap().permissions().mode() & 0o777, 0o600);
        let path = file.path.clone();
        drop(file);
        assert!(!path.exists());
        drop((scratch, other));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_owner_left_goes_with_the_next_and_nothing_else_does() {
        let parent = tempfile::tempdir().unwrap();
        let folder = |name: &str, age: Duration| {
            let path = parent.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join("block"), "echo").unwrap();
            let folder = File::open(&path).unwrap();
            folder.set_modified(std::time::SystemTime::now() - age).unwrap();
            (path, folder)
        };
        let (abandoned, _) = folder("runbook-4711", 2 * SETTLED);
        let (again, _) = folder("runbook-4711-1", 2 * SETTLED);
        let (held, owner) = folder("runbook-4712", 2 * SETTLED);
        owner.try_lock().unwrap();
        let (young, _) = folder("runbook-4713", Duration::ZERO);
        let (foreign, _) = folder("runbook-notes", 2 * SETTLED);
        let _scratch = Scratch::new(parent.path()).unwrap();
        assert!(!abandoned.exists() && !again.exists());
        assert!(held.exists() && young.exists() && foreign.exists());
    }
}
