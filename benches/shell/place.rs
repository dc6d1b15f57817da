//! Runs in a folder and a state of their own, and what they cost.

use crate::measure::bytes_of;
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The program that is measured.
pub(crate) const RUNBOOK: &str = env!("CARGO_BIN_EXE_runbook");

/// A folder for a page, its run, and what its blocks write.
pub(crate) struct Place {
    folder: TempDir,
}

/// What a process has cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// Of the process itself, without those that it has started. Linux alone
    /// tells it.
    pub(crate) processor: Duration,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes away the records of the runs so far.
    pub(crate) fn forget_runs(&self) {
        // There may have been none.
        let _ = fs::remove_dir_all(self.path().join("state"));
    }

    /// The record of the only run.
    pub(crate) fn record(&self) -> PathBuf {
        let mut runs = fs::read_dir(self.path().join("state/runs")).expect("the runs");
        runs.next().expect("a run").expect("its name").path().join("transcript.jsonl")
    }

    /// The command that runs `page` without asking. Its blocks find the
    /// program's process id as `ENGINE` and this program as `PRINTER`.
    pub(crate) fn run(&self, page: &str) -> Command {
        fs::write(self.path().join("page.md"), page).expect("the page");
        let mut command = Command::new("sh");
        command.args(["-c", "export ENGINE=$$; exec \"$@\"", "sh", RUNBOOK, "run", "page.md", "--yes=destructive"]);
        self.at_home(&mut command);
        command
    }

    /// Has `command` run in this place.
    pub(crate) fn at_home(&self, command: &mut Command) {
        command
            .current_dir(self.path())
            .env("RUNBOOK_STATE_DIR", self.path().join("state"))
            .env("PRINTER", std::env::current_exe().expect("this program"))
            .env_remove("RUNBOOK_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
    }

    /// What a block has put down of the program's status, as
    /// [`PEAK`] does.
    pub(crate) fn memory(&self, file: &str, name: &str) -> u64 {
        bytes_of(&fs::read_to_string(self.path().join(file)).unwrap_or_default(), name)
    }
}

/// The block that puts down the program's memory.
pub(crate) const PEAK: &str = "\n## Memory\n\n```bash\ncp \"/proc/$ENGINE/status\" peak || true\n```\n";

/// Runs `command` to its end.
pub(crate) fn cost(command: &mut Command) -> Cost {
    let began = Instant::now();
    let mut child = command.spawn().expect("it starts");
    cost_of(&mut child, began)
}

/// Waits for the end of `child`, which must be a success.
pub(crate) fn cost_of(child: &mut Child, began: Instant) -> Cost {
    // Its figures are there until it has been waited for.
    waitid(WaitId::Pid(Pid::from_child(child)), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).expect("it ends");
    let wall = began.elapsed();
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    let status = child.wait().expect("it has ended");
    assert!(status.success(), "{status}");
    Cost { wall, processor: processor_time(&stat) }
}

/// Time in user mode and in the system, of the text of `/proc/<id>/stat`.
fn processor_time(stat: &str) -> Duration {
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
    let ticks: u64 = fields.skip(11).take(2).map(|field| field.parse::<u64>().expect("a number")).sum();
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// Starts `command` on a pseudo-terminal that is its controlling terminal, and
/// gives the side at which a person would sit.
pub(crate) fn on_terminal(command: &Command) -> (Child, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a pseudo-terminal");
    grantpt(&master).expect("access to its other side");
    unlockpt(&master).expect("its other side");
    let name = ptsname(&master, Vec::new()).expect("the name of its other side");
    let slave = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty());
    let slave = File::from(slave.expect("its other side"));
    let side = || Stdio::from(slave.try_clone().expect("another handle"));

    let mut on_terminal = Command::new("setsid");
    on_terminal.args(["--ctty", "--wait"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => on_terminal.env(name, value),
            None => on_terminal.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        on_terminal.current_dir(folder);
    }
    on_terminal.env("TERM", "xterm-256color").stdin(side()).stdout(side()).stderr(side());
    let child = on_terminal.spawn().expect("setsid, which util-linux provides, starts the program");
    (child, File::from(master))
}

/// Whether this program is on PATH.
pub(crate) fn is_there(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}
