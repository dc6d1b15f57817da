//! The output of the block that runs, on its way to the disk.

use super::Folder;
use crate::run::OutputRef;
use crate::source::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::thread::JoinHandle;

/// How much is written before it is synced. Twice as much may be lost with the
/// power: what is being synced, and what is written meanwhile.
const SYNC_EVERY: u64 = 8 * 1024 * 1024;

/// The output of one block.
pub(super) struct OutputFile {
    name: String,
    /// Made when the first byte comes.
    file: Option<Arc<File>>,
    hasher: Sha256,
    bytes: u64,
    /// Bytes that no sync has been begun for.
    unsynced: u64,
    /// Whether its name is on disk.
    named: bool,
    /// The sync that goes on beside the writing. How it ended is asked before
    /// the next one, and at the end.
    syncing: Option<JoinHandle<io::Result<()>>>,
}

impl OutputFile {
    /// One of this name, of which nothing is on disk yet.
    pub(super) fn new(name: String) -> Self {
        let hasher = Sha256::new();
        Self { name, file: None, hasher, bytes: 0, unsynced: 0, named: false, syncing: None }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn write(&mut self, folder: &Folder, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(Arc::new(folder.create_output(&self.name)?)),
        };
        file.as_ref().write_all(bytes)?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        self.unsynced += bytes.len() as u64;
        if self.unsynced < SYNC_EVERY {
            return Ok(());
        }
        self.name_it(folder)?;
        self.begin_sync()
    }

    /// Waits until all of it is on disk.
    pub(super) fn sync(&mut self, folder: &Folder) -> io::Result<()> {
        self.end_sync()?;
        let Some(file) = &self.file else { return Ok(()) };
        if self.unsynced > 0 {
            file.sync_data()?;
            self.unsynced = 0;
        }
        self.name_it(folder)
    }

    /// What has been written.
    pub(super) fn describe(self) -> OutputRef {
        OutputRef { file: self.name, bytes: self.bytes, digest: Digest::finish(self.hasher) }
    }

    fn name_it(&mut self, folder: &Folder) -> io::Result<()> {
        if !self.named {
            folder.sync_outputs()?;
            self.named = true;
        }
        Ok(())
    }

    /// Has what is written so far go to the disk while more is written. A disk
    /// that cannot keep up is waited for.
    fn begin_sync(&mut self) -> io::Result<()> {
        self.end_sync()?;
        if let Some(file) = self.file.clone() {
            let sync = move || file.sync_data();
            self.syncing = Some(std::thread::Builder::new().name("sync".to_owned()).spawn(sync)?);
            self.unsynced = 0;
        }
        Ok(())
    }

    /// How the sync ended that goes on.
    fn end_sync(&mut self) -> io::Result<()> {
        let Some(syncing) = self.syncing.take() else { return Ok(()) };
        syncing.join().unwrap_or_else(|_| Err(io::Error::other("the sync came to no end")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that takes everything and cannot be synced.
    fn unsyncable() -> OutputFile {
        let file = File::options().write(true).open("/dev/null").expect("it is there");
        OutputFile { file: Some(Arc::new(file)), named: true, ..OutputFile::new("001.log".to_owned()) }
    }

    #[test]
    fn a_sync_that_failed_beside_the_writing_is_told_by_the_next_write_or_the_end() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(parent.path(), "run", b"# Page").expect("a run's folder");
        let much = vec![b'x'; SYNC_EVERY as usize];
        let mut output = unsyncable();
        output.write(&folder, &much).expect("the sync has only begun");
        assert!(output.write(&folder, &much).is_err());
        let mut output = unsyncable();
        output.write(&folder, &much).expect("the sync has only begun");
        assert!(output.sync(&folder).is_err());
    }

    #[test]
    fn what_was_written_in_pieces_is_described_as_a_whole() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(parent.path(), "run", b"# Page").expect("a run's folder");
        let mut output = OutputFile::new("001.log".to_owned());
        // Beyond two syncs, and beyond the last of them.
        let much: Vec<u8> = (0..2 * SYNC_EVERY + 12_345).map(|at| ((at * at) >> 7) as u8).collect();
        for piece in much.chunks(65_537) {
            output.write(&folder, piece).expect("it is written");
        }
        output.sync(&folder).expect("it is on disk");
        let described = output.describe();
        assert_eq!((described.bytes, described.digest), (much.len() as u64, Digest::of(&much)));
        let mut kept = folder.output("001.log").expect("the file");
        assert_eq!(super::super::store::digest_of(&mut kept).expect("it is read").1, Digest::of(&much));
    }
}
