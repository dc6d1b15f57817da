//! The runs on this machine.

use super::folder::{create_folders, output_number, rows_number};
use super::{Chain, Clock, Folder, Holder, Lock, LockError, LockState, ReadError, Tail, Writer};
use crate::run::{Attempt, OutputRef, Run, RunId, RunState, StepOutcome};
use crate::source::Digest;
use etcetera::BaseStrategy;
use sha2::{Digest as _, Sha256};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

/// Where runs are kept: `<root>/runs/<run id>/`.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// A run cannot be had from the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There are no runs at all.
    #[error("there are no runs in {}", runs.display())]
    Empty {
        /// The folder that would hold them.
        runs: PathBuf,
    },
    /// No run is called so.
    #[error("no run is called `{name}`; the latest are {}", latest.join(", "))]
    NotFound {
        /// What was asked for.
        name: String,
        /// Ids of the latest runs.
        latest: Vec<String>,
    },
    /// Several runs begin so.
    #[error("`{name}` could be any of {}", candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// Ids of the runs that begin so, newest first.
        candidates: Vec<String>,
    },
    /// Another run has this id.
    #[error("there is already a run {0}")]
    Exists(RunId),
    /// The run has ended.
    #[error("the run {0} is finished, there is nothing to resume")]
    Finished(RunId),
    /// The page in the run's folder is not the one that was approved.
    #[error("runbook.md in {} is not the runbook that this run began with", folder.display())]
    Runbook {
        /// The run's folder.
        folder: PathBuf,
    },
    /// Somebody else has the run in hand.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Its record cannot be read.
    #[error("{}: {source}", folder.display())]
    Read {
        /// The run's folder.
        folder: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// A folder or file cannot be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A run in a list.
#[derive(Debug)]
pub struct Summary {
    /// Its id.
    pub id: RunId,
    /// Whether somebody has it in hand now.
    pub lock: LockState,
    /// How it went, or why that cannot be told.
    pub overview: Result<Overview, String>,
}

/// How a run went, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The runbook's title.
    pub title: String,
    /// When it began.
    pub started: String,
    /// Where it stands.
    pub state: RunState,
    /// Whether nothing in it was real.
    pub rehearsal: bool,
    /// Who ran it.
    pub user: String,
    /// Steps that were done or accepted, or held nothing to do.
    pub steps_done: usize,
    /// Steps of the plan, without the ways that were not taken.
    pub steps: usize,
    /// Whether the outcome of a block is unknown.
    pub unknown: bool,
}

/// A run that is taken up again.
pub struct Resumed {
    /// Goes on with the record.
    pub writer: Writer,
    /// What is known of the run.
    pub run: Run,
    /// The runbook as it was approved.
    pub runbook: Vec<u8>,
    /// Bytes of a torn last line that were dropped; for the event
    /// `RunResumed`.
    pub dropped: u64,
    /// What the block that was running had printed; for the event
    /// `RunResumed`.
    pub salvaged: Option<OutputRef>,
    /// The rows that had come of its statement; for the event `RunResumed`.
    pub salvaged_rows: Option<OutputRef>,
}

impl Store {
    /// The store in the folder `root`, which need not be there yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where runs are kept if nothing else is said: `runbook` in the user's
    /// state folder, by XDG `~/.local/state`. `None` where there is no home.
    #[must_use]
    pub fn default_root() -> Option<PathBuf> {
        let base = etcetera::choose_base_strategy().ok()?;
        Some(base.state_dir().unwrap_or_else(|| base.data_dir()).join("runbook"))
    }

    /// The folder of the run `id`.
    #[must_use]
    pub fn path(&self, id: &RunId) -> PathBuf {
        self.runs().join(id.as_str())
    }

    fn runs(&self) -> PathBuf {
        self.root.join("runs")
    }

    /// Begins the record of a run of the page `runbook`, in the hands of
    /// `holder`.
    ///
    /// # Errors
    /// If the folder cannot be made, or a run of this id is there.
    pub fn create(&self, id: &RunId, runbook: &[u8], holder: &Holder, clock: Clock) -> Result<Writer, StoreError> {
        let path = self.path(id);
        let wrong = io_error(&path);
        create_folders(&self.runs()).map_err(&wrong)?;
        let folder = Folder::create(&self.runs(), id.as_str(), runbook).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists(id.clone()),
            _ => wrong(error),
        })?;
        let lock = Lock::acquire(&folder, holder)?;
        let journal = folder.journal_for_appending().map_err(&wrong)?;
        Ok(Writer::new(folder, journal, Chain::begin(Digest::of(runbook)), 1, lock, clock))
    }

    /// The runs, newest first. One that cannot be read is listed with the
    /// reason.
    ///
    /// # Errors
    /// If the folder is there and cannot be read.
    pub fn list(&self) -> Result<Vec<Summary>, StoreError> {
        let mut summaries: Vec<_> = self.ids()?.into_iter().map(|id| self.summary(id)).collect();
        summaries.sort_by_cached_key(|summary| {
            let started = summary.overview.as_ref().map(|overview| overview.started.clone()).ok();
            std::cmp::Reverse((minute(&summary.id).to_owned(), started, summary.id.clone()))
        });
        Ok(summaries)
    }

    /// The run that `name` means: `latest`, an id, or the beginning of one.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn find(&self, name: &str) -> Result<RunId, StoreError> {
        let mut ids = self.ids()?;
        if let Some(place) = ids.iter().position(|id| id.as_str() == name) {
            return Ok(ids.swap_remove(place));
        }
        ids.sort_by(|a, b| b.cmp(a));
        let newest = ids.first().ok_or_else(|| StoreError::Empty { runs: self.runs() })?;
        if name == "latest" {
            return Ok(self.latest_of(newest, &ids));
        }
        let mut found: Vec<_> = ids.iter().filter(|id| id.as_str().starts_with(name)).cloned().collect();
        let texts = |ids: &[RunId]| ids.iter().map(RunId::to_string).collect();
        match found.len() {
            1 => Ok(found.swap_remove(0)),
            0 => Err(StoreError::NotFound { name: name.to_owned(), latest: texts(&ids[..ids.len().min(5)]) }),
            _ => Err(StoreError::Ambiguous { name: name.to_owned(), candidates: texts(&found) }),
        }
    }

    /// Of the runs that began in the same minute as `newest`, the one that
    /// began last.
    fn latest_of(&self, newest: &RunId, ids: &[RunId]) -> RunId {
        let rivals = ids.iter().filter(|id| minute(id) == minute(newest));
        let started = |id: &&RunId| {
            let first = Folder::open(self.path(id)).ok()?.reader().ok()?.next()?.ok()?;
            Run::begin(first).ok().map(|run| run.first.at)
        };
        rivals.max_by_key(started).unwrap_or(newest).clone()
    }

    /// Opens the folder of a run to read it.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(&self, id: &RunId) -> Result<Folder, StoreError> {
        let path = self.path(id);
        Folder::open(&path).map_err(io_error(&path))
    }

    /// Takes a run up again. A torn last line is cut off its record first.
    ///
    /// # Errors
    /// If somebody has it in hand, its record is broken, or it has ended.
    pub fn resume(&self, id: &RunId, holder: &Holder, clock: Clock) -> Result<Resumed, StoreError> {
        let resumed = self.reopen(id, holder, clock)?;
        if resumed.run.is_finished() { Err(StoreError::Finished(id.clone())) } else { Ok(resumed) }
    }

    /// Opens a run, which may have ended, to append to its record: for notes
    /// that come afterwards.
    ///
    /// # Errors
    /// If somebody has it in hand, or its record is broken.
    pub fn reopen(&self, id: &RunId, holder: &Holder, clock: Clock) -> Result<Resumed, StoreError> {
        let path = self.path(id);
        let wrong = io_error(&path);
        let folder = self.open(id)?;
        let lock = Lock::acquire(&folder, holder)?;
        let loaded = folder.load().map_err(|source| StoreError::Read { folder: path.clone(), source })?;
        let runbook = folder.runbook().map_err(&wrong)?;
        if Digest::of(&runbook) != loaded.run.header.digest {
            return Err(StoreError::Runbook { folder: path });
        }
        let mut journal = folder.journal_for_appending().map_err(&wrong)?;
        let dropped = match loaded.tail {
            Tail::Whole => 0,
            Tail::Torn { bytes, .. } => bytes,
        };
        if dropped > 0 {
            journal.set_len(loaded.sound).and_then(|()| journal.sync_all()).map_err(&wrong)?;
        }
        journal.seek(io::SeekFrom::End(0)).map_err(&wrong)?;
        let Salvage { output, rows, next } = salvage(&folder, &loaded.run).map_err(&wrong)?;
        let writer = Writer::new(folder, journal, loaded.chain, next, lock, clock);
        Ok(Resumed { writer, run: loaded.run, runbook, dropped, salvaged: output, salvaged_rows: rows })
    }

    fn ids(&self) -> Result<Vec<RunId>, StoreError> {
        let runs = self.runs();
        let entries = match std::fs::read_dir(&runs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io_error(&runs)(error)),
        };
        let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
        let ids = names.filter_map(|name| match name {
            Ok(name) => name.to_str()?.parse().ok().map(Ok),
            Err(error) => Some(Err(error)),
        });
        ids.collect::<io::Result<_>>().map_err(io_error(&runs))
    }

    fn summary(&self, id: RunId) -> Summary {
        let folder = self.open(&id).map_err(|error| error.to_string());
        let lock = folder.as_ref().map_or(LockState::Free, Lock::state);
        let overview = folder.and_then(|folder| folder.load().map_err(|error| error.to_string()));
        Summary { id, lock, overview: overview.map(|loaded| Overview::of(&loaded.run)) }
    }
}

impl Overview {
    fn of(run: &Run) -> Self {
        let outcomes = || run.header.steps.iter().map(|step| run.step(&step.id).and_then(|step| step.outcome));
        let is_done = |outcome: &Option<StepOutcome>| {
            matches!(outcome, Some(StepOutcome::Done | StepOutcome::Accepted | StepOutcome::NothingToDo))
        };
        Self {
            title: run.header.title.clone(),
            started: run.first.at.clone(),
            state: run.state,
            rehearsal: run.header.rehearsal,
            user: run.header.user.clone(),
            steps_done: outcomes().filter(is_done).count(),
            steps: outcomes().filter(|outcome| *outcome != Some(StepOutcome::NotChosen)).count(),
            unknown: run.unknown_block().is_some(),
        }
    }
}

/// The part of an id that says when.
fn minute(id: &RunId) -> &str {
    id.as_str().get(..15).unwrap_or_default()
}

/// What is found in the output folder and no event speaks of.
struct Salvage {
    /// What the cut-off block printed.
    output: Option<OutputRef>,
    /// The rows that came of its statement.
    rows: Option<OutputRef>,
    /// The number of the next output.
    next: u32,
}

fn salvage(folder: &Folder, run: &Run) -> io::Result<Salvage> {
    let known: Vec<&String> = run.attempts().flat_map(Attempt::files).map(|output| &output.file).collect();
    let numbers = known.iter().filter_map(|name| output_number(name).or(rows_number(name)));
    let mut last = numbers.max().unwrap_or(0);
    let (mut output, mut rows) = (None, None);
    for name in folder.outputs()? {
        let found = if output_number(&name).is_some() { &mut output } else { &mut rows };
        let Some(number) = output_number(&name).or(rows_number(&name)) else { continue };
        last = last.max(number);
        if !known.contains(&&name) {
            *found = Some(describe(folder, name)?);
        }
    }
    Ok(Salvage { output, rows, next: last + 1 })
}

/// The length and digest of an output, which is on disk afterwards.
fn describe(folder: &Folder, name: String) -> io::Result<OutputRef> {
    let mut file = folder.output(&name)?;
    file.sync_all()?;
    folder.sync_outputs()?;
    let (bytes, digest) = digest_of(&mut file)?;
    Ok(OutputRef { file: name, bytes, digest })
}

/// Length and digest of what can be read from `source`.
pub(super) fn digest_of(source: &mut impl Read) -> io::Result<(u64, Digest)> {
    let mut hasher = Sha256::new();
    let bytes = io::copy(source, &mut hasher)?;
    Ok((bytes, Digest::finish(hasher)))
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |source| StoreError::Io { path: path.clone(), source }
}
