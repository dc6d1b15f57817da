//! What a resumed run's shell starts from. No evidence, and so outside the
//! chain: it is replaced after each block.

use super::Folder;
use super::folder::{create_file_at, open_file_at};
use rustix::fs::{AtFlags, OFlags, renameat, unlinkat};
use std::io::{self, Read, Write};

const STATE: &str = "shell-state";
const NEW_STATE: &str = "shell-state.new";

impl Folder {
    /// Puts `state` in the place of what was kept before, all of it or nothing.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep_state(&self, state: &[u8]) -> io::Result<()> {
        // Left by a process that died in between.
        let _ = unlinkat(self.handle(), NEW_STATE, AtFlags::empty());
        create_file_at(self.handle(), NEW_STATE)?.write_all(state)?;
        Ok(renameat(self.handle(), NEW_STATE, self.handle(), STATE)?)
    }

    /// Removes what was kept: the run is over. A failure leaves a file that
    /// nobody reads.
    pub fn forget_state(&self) {
        let _ = unlinkat(self.handle(), STATE, AtFlags::empty());
    }

    /// What was kept last, if anything was.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    pub fn state(&self) -> io::Result<Option<Vec<u8>>> {
        let mut file = match open_file_at(self.handle(), STATE, OFlags::RDONLY) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut state = Vec::new();
        file.read_to_end(&mut state)?;
        Ok(Some(state))
    }
}

#[cfg(test)]
mod tests {
    use crate::transcript::Folder;

    #[test]
    fn the_state_kept_last_is_the_state_that_is_found() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(parent.path(), "run", b"# Page").expect("a run's folder");
        assert_eq!(folder.state().expect("no state"), None);
        for state in [&b"a=1"[..], b"", b"a=2\0b=3"] {
            folder.keep_state(state).expect("kept");
            assert_eq!(folder.state().expect("a state").as_deref(), Some(state));
        }
    }
}
