//! A private folder, gone with its owner.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A folder that only this user can enter, removed with all it holds when this
/// is dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
}

/// How many names to try before giving up on `parent`.
const ATTEMPTS: u32 = 1000;

impl Scratch {
    /// Makes one in `parent`. Its name is short, for it is what bash puts
    /// before its messages.
    pub(super) fn new(parent: &Path) -> io::Result<Self> {
        let process = std::process::id();
        let mut attempt = 0;
        loop {
            let path = parent.join(match attempt {
                0 => format!("runbook-{process}"),
                more => format!("runbook-{process}-{more}"),
            });
            // Never takes up a folder that is there: somebody else may have made it.
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
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
        let path = self.path.join(name);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(content)?;
        Ok(ScratchFile { path, file })
    }
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
}
