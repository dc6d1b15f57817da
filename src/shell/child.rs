//! The process that a block begins as: started, and waited for.
//!
//! It leads a session of its own, where the system has such: the block's
//! processes are then found by it even if they make process groups of their
//! own, and one that wants to read a password from the terminal fails at once,
//! where in a mere background group it would be stopped for ever.
//!
//! The standard library can start a program quickly, or have it call `setsid`
//! first, but not both: then it copies all that describes this process's memory.
//! The system's own `posix_spawn` can. It cannot change the folder, nor does
//! every system's make sessions; there the program `setsid` stands in front,
//! which costs nearly as much as bash itself.

use super::environment::find_in;
use super::orphans::Awaited;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{SigSet, Signal};
use rustix::process::{Pid, WaitOptions, kill_process, waitpid};
use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};
use tokio::signal::unix::{self, SignalKind, signal};

/// A child's ends of its standard streams.
#[derive(Debug)]
pub(super) struct Streams {
    pub(super) input: OwnedFd,
    pub(super) output: OwnedFd,
    pub(super) errors: OwnedFd,
}

/// A child of this process. It is killed if this is dropped.
#[derive(Debug)]
pub(super) struct Child {
    id: Pid,
    /// Some child or other has ended, or stopped.
    happens: unix::Signal,
    status: Option<ExitStatus>,
    _awaited: Awaited,
}

impl Child {
    /// Starts `command` as the leader of a session of its own, or of a process
    /// group where there are no sessions to be had. All of its environment is
    /// what `command` sets.
    pub(super) fn lead(command: Command, streams: Streams) -> io::Result<Self> {
        Self::of(|| match SESSION.filter(|_| starts_here(&command)) {
            Some(session) => spawn(&command, session, &streams),
            None => start(&mut with_setsid(command), streams),
        })
    }

    /// Starts `command`, which itself sees to what it leads.
    pub(super) fn start(mut command: Command, streams: Streams) -> io::Result<Self> {
        Self::of(|| start(&mut command, streams))
    }

    fn of(begin: impl FnOnce() -> io::Result<Pid>) -> io::Result<Self> {
        // A process that ignores SIGINT, as one does that a script started in
        // the background, passes that on to its children. Once this process
        // handles the signal itself, they start with its default.
        drop(signal(SignalKind::interrupt())?);
        // Before there is anything that could end.
        let happens = signal(SignalKind::child())?;
        let id = begin()?;
        Ok(Self { id, happens, status: None, _awaited: Awaited::child(id) })
    }

    pub(super) fn id(&self) -> Pid {
        self.id
    }

    /// Waits for its end. Nothing is lost if this is dropped while it waits.
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.look()? {
                return Ok(status);
            }
            if self.happens.recv().await.is_none() {
                return Err(io::Error::other("the system tells no more of child processes"));
            }
        }
    }

    /// How it has ended, if it has.
    fn look(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.status.is_none() {
            let ended = waitpid(Some(self.id), WaitOptions::NOHANG)?;
            self.status = ended.map(|(_, status)| ExitStatus::from_raw(status.as_raw()));
        }
        Ok(self.status)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // One that has been waited for has no id any more.
        if let Ok(None) = self.look() {
            let _gone = kill_process(self.id, rustix::process::Signal::KILL);
            let _gone = self.look();
        }
    }
}

/// Has `posix_spawn` make a session.
#[cfg(target_os = "linux")]
const SESSION: Option<PosixSpawnFlags> =
    Some(PosixSpawnFlags::from_bits_retain(nix::libc::POSIX_SPAWN_SETSID as nix::libc::c_int));
#[cfg(not(target_os = "linux"))]
const SESSION: Option<PosixSpawnFlags> = None;

/// Whether `command` starts in the folder that this process is in.
fn starts_here(command: &Command) -> bool {
    command.get_current_dir().is_none_or(|folder| std::env::current_dir().is_ok_and(|here| here == folder))
}

fn spawn(command: &Command, session: PosixSpawnFlags, streams: &Streams) -> io::Result<Pid> {
    let mut actions = PosixSpawnFileActions::init()?;
    for (stream, number) in [(&streams.input, 0), (&streams.output, 1), (&streams.errors, 2)] {
        actions.add_dup2(stream.as_raw_fd(), number)?;
    }
    let mut attributes = PosixSpawnAttr::init()?;
    let signals = PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF;
    attributes.set_flags(session | signals)?;
    attributes.set_sigmask(&SigSet::empty())?;
    // The one that Rust's programs ignore.
    attributes.set_sigdefault(&SigSet::from(Signal::SIGPIPE))?;
    let program = command.get_program();
    let words = [program].into_iter().chain(command.get_args());
    let words = words.map(|word| CString::new(word.as_bytes())).collect::<Result<Vec<_>, _>>()?;
    let variables =
        set_by(command).map(|(name, value)| CString::new([name.as_bytes(), b"=", value.as_bytes()].concat()));
    let variables = variables.collect::<Result<Vec<_>, _>>()?;
    let id = posix_spawn(program, &actions, &attributes, &words, &variables)?;
    Pid::from_raw(id.as_raw()).ok_or_else(no_id)
}

/// The variables that `command` sets.
fn set_by(command: &Command) -> impl Iterator<Item = (&OsStr, &OsStr)> {
    command.get_envs().filter_map(|(name, value)| Some((name, value?)))
}

fn start(command: &mut Command, streams: Streams) -> io::Result<Pid> {
    command.stdin(streams.input).stdout(streams.output).stderr(streams.errors);
    Pid::from_raw(command.spawn()?.id().cast_signed()).ok_or_else(no_id)
}

fn no_id() -> io::Error {
    io::Error::other("the process has no id")
}

/// The same command with `setsid` in front, which replaces itself by it, so that
/// the process is the same one.
fn with_setsid(mut command: Command) -> Command {
    // This program's own PATH: that of the blocks may lead to stand-ins.
    let Some(setsid) = std::env::var_os("PATH").and_then(|path| find_in(&path, "setsid")) else {
        command.process_group(0);
        return command;
    };
    let mut led = Command::new(setsid);
    led.arg(command.get_program()).args(command.get_args()).env_clear();
    led.envs(set_by(&command));
    if let Some(folder) = command.get_current_dir() {
        led.current_dir(folder);
    }
    led
}

#[cfg(test)]
mod tests {
    use super::super::stdio::{Channel, empty};
    use super::*;
    use std::path::{Path, PathBuf};

    /// A shell that says what it was started with, in this folder.
    fn asked(question: &str, folder: &Path) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", question, "sh", "an argument"]).env_clear().env("GIVEN", "a value").current_dir(folder);
        command
    }

    /// The folder that this process is in, and another: there are two ways.
    fn folders() -> [PathBuf; 2] {
        [std::env::current_dir().unwrap(), "/".into()]
    }

    async fn answer(command: Command) -> (Child, String) {
        let (mut channel, streams) = Channel::piped(empty().unwrap()).unwrap();
        let mut child = Child::lead(command, streams).unwrap();
        let mut answer = Vec::new();
        while let Some((_, bytes)) = channel.read().await {
            answer.extend_from_slice(bytes);
        }
        child.wait().await.unwrap();
        (child, String::from_utf8(answer).unwrap())
    }

    #[tokio::test]
    async fn it_starts_with_the_words_the_folder_and_the_environment_it_was_given() {
        for folder in folders() {
            let (_, answer) = answer(asked(r#"cat; echo "$1 and $GIVEN"; pwd; env | wc -w"#, &folder)).await;
            // A shell adds PWD to its environment, and some add more.
            let said: Vec<&str> = answer.lines().collect();
            assert_eq!(said[..2], ["an argument and a value", folder.to_str().unwrap()], "{answer}");
            assert!(!answer.contains("HOME"));
        }
    }

    #[tokio::test]
    async fn it_leads_a_session_of_its_own_from_the_start() {
        for folder in folders() {
            let (child, answer) = answer(asked("read -r stat </proc/$$/stat; echo $stat", &folder)).await;
            let fields: Vec<&str> = answer.rsplit_once(") ").unwrap().1.split(' ').collect();
            let id = child.id().as_raw_nonzero().to_string();
            assert_eq!(fields[2..4], [&id, &id], "its group and its session: {answer}");
        }
    }

    #[tokio::test]
    async fn no_signal_is_kept_from_it() {
        for folder in folders() {
            let (_, answer) = answer(asked("grep -E 'SigBlk|SigIgn' /proc/self/status", &folder)).await;
            let pipe = 1_u64 << (Signal::SIGPIPE as u32 - 1);
            let mask = |name| answer.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
            assert_eq!(u64::from_str_radix(mask("SigBlk:"), 16).unwrap(), 0);
            assert_eq!(u64::from_str_radix(mask("SigIgn:"), 16).unwrap() & pipe, 0);
        }
    }

    #[tokio::test]
    async fn how_it_ended_is_told_as_often_as_it_is_asked() {
        for folder in folders() {
            let (mut child, _) = answer(asked("exit 7", &folder)).await;
            assert_eq!(child.wait().await.unwrap().code(), Some(7));
            let (mut child, _) = answer(asked("kill -TERM $$", &folder)).await;
            assert_eq!(child.wait().await.unwrap().signal(), Some(15));
        }
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_an_error_and_no_child() {
        let (_channel, streams) = Channel::piped(empty().unwrap()).unwrap();
        let mut command = Command::new("/nowhere/nothing");
        command.env_clear();
        assert_eq!(Child::lead(command, streams).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[tokio::test]
    async fn it_is_killed_when_nobody_wants_it_any_more() {
        let (mut channel, streams) = Channel::piped(empty().unwrap()).unwrap();
        let child = Child::lead(asked("echo there; exec sleep 600", Path::new("/")), streams).unwrap();
        assert_eq!(channel.read().await.map(|(_, bytes)| bytes.to_vec()), Some(b"there\n".to_vec()));
        drop(child);
        // Nobody else has the pipes, so they end with it.
        assert!(channel.read().await.is_none());
    }
}
