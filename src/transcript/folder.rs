//! The folder of one run: the only place that touches its files.
//!
//! Every file is reached from the folder's own descriptor and never through a
//! symbolic link, so what is read or written is in this folder.

use rustix::fs::{Mode, OFlags, fchmod, mkdirat, open, openat};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// For the owner alone.
const FOLDER_MODE: Mode = Mode::RWXU;
const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);

pub(super) const RUNBOOK: &str = "runbook.md";
pub(super) const JOURNAL: &str = "transcript.jsonl";
pub(super) const OUTPUT: &str = "output";
pub(super) const LOCK: &str = "lock";

/// The folder of one run.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    folder: File,
    output: File,
}

impl Folder {
    /// Makes the folder `name` in `parent` with the run's page in it and an
    /// empty record. All of it is on disk when this returns.
    ///
    /// # Errors
    /// If there is such a folder already, or it cannot be made.
    pub(super) fn create(parent: &Path, name: &str, runbook: &[u8]) -> io::Result<Self> {
        let above = open_folder_at(rustix::fs::CWD, parent)?;
        let folder = create_folder_at(&above, name)?;
        let output = create_folder_at(&folder, OUTPUT)?;
        let mut page = create_file_at(&folder, RUNBOOK)?;
        page.write_all(runbook)?;
        page.sync_all()?;
        create_file_at(&folder, JOURNAL)?.sync_all()?;
        output.sync_all()?;
        folder.sync_all()?;
        above.sync_all()?;
        Ok(Self { path: parent.join(name), folder, output })
    }

    /// Opens the folder of a run at `path`.
    ///
    /// # Errors
    /// If it is not a folder, or holds no `output` folder.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let folder = open_folder_at(rustix::fs::CWD, &path)?;
        let output = open_folder_at(&folder, Path::new(OUTPUT))?;
        Ok(Self { path, folder, output })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open folder, to name files in it by.
    pub(super) fn handle(&self) -> &File {
        &self.folder
    }

    /// The runbook's bytes as they were approved.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn runbook(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        open_file_at(&self.folder, RUNBOOK, OFlags::RDONLY)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A block's output, or the rows of a statement of it, by the name that an
    /// event gives. A block that printed nothing has no file.
    ///
    /// # Errors
    /// If the name is not one that this program gives, or the file cannot be
    /// read.
    pub fn output(&self, name: &str) -> io::Result<File> {
        if output_number(name).or(rows_number(name)).is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{name}` is not the name of an output")));
        }
        open_file_at(&self.output, name, OFlags::RDONLY)
    }

    /// The names of what stands in the output folder, sorted.
    pub(super) fn outputs(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.output)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Makes the output file of this name.
    pub(super) fn create_output(&self, name: &str) -> io::Result<File> {
        create_file_at(&self.output, name)
    }

    /// Waits until the names in the output folder are on disk.
    pub(super) fn sync_outputs(&self) -> io::Result<()> {
        self.output.sync_all()
    }

    /// The record, to be read.
    pub(super) fn journal(&self) -> io::Result<File> {
        open_file_at(&self.folder, JOURNAL, OFlags::RDONLY)
    }

    /// The record, to be appended to.
    pub(super) fn journal_for_appending(&self) -> io::Result<File> {
        open_file_at(&self.folder, JOURNAL, OFlags::RDWR | OFlags::APPEND)
    }

    /// The lock file, made now if it is not there.
    pub(super) fn lock_file(&self) -> io::Result<File> {
        match create_file_at(&self.folder, LOCK) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                open_file_at(&self.folder, LOCK, OFlags::RDWR)
            }
            other => other,
        }
    }

    /// The lock file if it is there.
    pub(super) fn existing_lock_file(&self) -> io::Result<File> {
        open_file_at(&self.folder, LOCK, OFlags::RDWR)
    }
}

/// The name of the output file with this number, from 1.
pub(super) fn output_name(number: u32) -> String {
    format!("{number:03}.log")
}

/// The number of the output file of this name; `None` for any other name.
pub(super) fn output_number(name: &str) -> Option<u32> {
    let number = name.strip_suffix(".log")?.parse().ok()?;
    (output_name(number) == name).then_some(number)
}

/// The name of the file with the rows of this statement, from 1, of the block
/// whose output has this number.
pub(super) fn rows_name(number: u32, statement: usize) -> String {
    format!("{number:03}-{statement}.csv")
}

/// The number of the output that the rows in the file of this name belong to;
/// `None` for any other name.
pub(super) fn rows_number(name: &str) -> Option<u32> {
    let (number, statement) = name.strip_suffix(".csv")?.split_once('-')?;
    let number = number.parse().ok()?;
    (rows_name(number, statement.parse().ok()?) == name).then_some(number)
}

fn open_folder_at(at: impl AsFd, path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(openat(at, path, flags, Mode::empty())?))
}

fn create_folder_at(at: &File, name: &str) -> io::Result<File> {
    mkdirat(at, name, FOLDER_MODE)?;
    let folder = open_folder_at(at, Path::new(name))?;
    // The umask may have taken some of the owner's own rights away.
    fchmod(&folder, FOLDER_MODE)?;
    Ok(folder)
}

/// Makes the folder `path` and those above it, for the owner alone, unless
/// they are there.
pub(super) fn create_folders(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if path.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    for folder in path.ancestors().skip(1).take(2).filter(|folder| !folder.as_os_str().is_empty()) {
        File::from(open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?).sync_all()?;
    }
    Ok(())
}

pub(super) fn create_file_at(at: &File, name: &str) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = openat(at, name, flags, FILE_MODE)?;
    fchmod(&file, FILE_MODE)?;
    Ok(File::from(file))
}

pub(super) fn open_file_at(at: &File, name: &str, access: OFlags) -> io::Result<File> {
    // Without NONBLOCK a pipe of that name would wait for its other end.
    let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(at, name, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name} is not an ordinary file")));
    }
    Ok(file)
}
