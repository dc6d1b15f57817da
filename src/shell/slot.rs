//! A place for a state that a child opens by its path.
//!
//! A state may hold a secret (`header="Bearer $RUNBOOK_SECRET_TOKEN"`), so it
//! must not be on disk. On Linux it is in memory: a file without a name that
//! the child reaches through the engine's entry in `/proc`. Nothing is
//! inherited, so no process of the block holds it open.

use super::scratch::{Scratch, ScratchFile};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// A larger state is not kept.
const LARGEST_STATE: u64 = 64 << 20;

#[derive(Debug)]
pub(super) enum Slot {
    /// In memory, at this path.
    Memory { file: File, path: PathBuf },
    /// Where there is no such thing: a file of a private folder, which exists
    /// only while the block runs.
    Disk(ScratchFile),
}

impl Slot {
    pub(super) fn new(scratch: &Scratch, name: &str) -> io::Result<Self> {
        match Self::in_memory(name) {
            Some(slot) => Ok(slot),
            None => Self::on_disk(scratch, name),
        }
    }

    #[cfg(target_os = "linux")]
    fn in_memory(name: &str) -> Option<Self> {
        use std::os::fd::AsRawFd;
        let file = File::from(rustix::fs::memfd_create(name, rustix::fs::MemfdFlags::CLOEXEC).ok()?);
        let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
        // Without /proc, or with one that hides this.
        path.exists().then_some(Self::Memory { file, path })
    }

    #[cfg(not(target_os = "linux"))]
    fn in_memory(_name: &str) -> Option<Self> {
        None
    }

    fn on_disk(scratch: &Scratch, name: &str) -> io::Result<Self> {
        Ok(Self::Disk(scratch.file(name, b"")?))
    }

    /// Where the child opens it.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Memory { path, .. } => path,
            Self::Disk(file) => &file.path,
        }
    }

    /// Whether what is in it stays off the disk.
    pub(super) fn is_in_memory(&self) -> bool {
        matches!(self, Self::Memory { .. })
    }

    /// Puts `bytes` in.
    pub(super) fn fill(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file().write_all(bytes)
    }

    /// What the child put in; nothing if it is unreasonably much.
    pub(super) fn content(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = self.file();
        file.rewind()?;
        if file.metadata()?.len() <= LARGEST_STATE {
            file.read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }

    fn file(&mut self) -> &mut File {
        match self {
            Self::Memory { file, .. } => file,
            Self::Disk(file) => &mut file.file,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_child_can_write_to(mut slot: Slot) {
        slot.fill(b"before").unwrap();
        let script = "cat <\"$1\"; printf after >|\"$1\"";
        let mut child = std::process::Command::new("bash");
        let output = child.args(["-c", script, "bash"]).arg(slot.path()).output().unwrap();
        assert_eq!(output.stdout, b"before");
        assert_eq!(slot.content().unwrap(), b"after");
    }

    #[test]
    fn the_child_reads_and_writes_it_in_memory() {
        let scratch = Scratch::new(&std::env::temp_dir()).unwrap();
        let slot = Slot::new(&scratch, "state").unwrap();
        assert_eq!(slot.is_in_memory(), cfg!(target_os = "linux"));
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), usize::from(!slot.is_in_memory()));
        a_child_can_write_to(slot);
    }

    #[test]
    fn without_such_memory_the_child_finds_a_private_file_that_goes() {
        let scratch = Scratch::new(&std::env::temp_dir()).unwrap();
        a_child_can_write_to(Slot::on_disk(&scratch, "state").unwrap());
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
    }
}
