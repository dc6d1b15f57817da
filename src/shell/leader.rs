//! The process that leads the session of a block at a terminal.
//!
//! A block cannot lead it itself. When a leader ends, the system hangs up on
//! the terminal's foreground group, and so on whatever the block has left
//! running; and it ignores Ctrl-Z for a group that nobody in the session could
//! continue. So this small one stands between: it gives the block a group of
//! its own in the foreground, as a shell does by hand, stops when the block
//! stops, by which the engine knows, and ends as the block has ended, by the
//! same code or the same signal.
//!
//! It is this same program, called by another name: see [`LEADER`].

use nix::sys::signal::{SIGHUP, SigSet};
use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, getpgrp, getpid, ioctl_tiocsctty, kill_process, kill_process_group, setsid,
    waitpid,
};
use rustix::termios::{tcgetpgrp, tcsetpgrp};
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// The name that this program is called by when it is to [`lead`].
pub const LEADER: &str = "runbook-block";

/// What shells say of a command that is not there, and of one that does not
/// start.
const NOT_FOUND: u8 = 127;
const NOT_STARTED: u8 = 126;

/// Ends by the signal of this number, of which no core is to be written twice.
/// A program that is started afresh has every signal's own effect back.
const DIE: &str = r#"ulimit -c 0; kill -"$1" "$$"; exit $((128 + $1))"#;

/// Runs the command on the terminal that is standard input, and ends as it
/// does.
#[must_use]
pub fn lead(mut command: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(program) = command.next() else { return ExitCode::from(NOT_STARTED) };
    let job = match start(&program, command) {
        Ok(job) => job,
        Err(error) => {
            eprintln!("runbook: {}: {error}", program.display());
            let is_there = error.kind() != io::ErrorKind::NotFound;
            return ExitCode::from(if is_there { NOT_STARTED } else { NOT_FOUND });
        }
    };
    let ended = wait(job);
    // What the block has left running is not to be hung up on.
    let _gone = tcsetpgrp(io::stdin(), getpgrp());
    match (ended.and_then(WaitStatus::exit_status), ended.and_then(WaitStatus::terminating_signal)) {
        (Some(code), _) => ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)),
        (None, Some(signal)) => {
            let _unblocked = SigSet::all().thread_unblock();
            let error = Command::new("/bin/sh").args(["-c", DIE, "sh", &signal.to_string()]).exec();
            eprintln!("runbook: {error}");
            ExitCode::from(128_u8.saturating_add(u8::try_from(signal).unwrap_or_default()))
        }
        (None, None) => ExitCode::from(NOT_STARTED),
    }
}

fn start(program: &OsString, arguments: impl Iterator<Item = OsString>) -> io::Result<Pid> {
    setsid()?;
    ioctl_tiocsctty(io::stdin())?;
    // Before any signal is blocked, for a child inherits that. Until it has the
    // terminal, no keys are sent that could become one.
    let child = Command::new(program).args(arguments).process_group(0).spawn()?;
    let job = Pid::from_child(&child);
    // The block's keys and the engine's signals are for the block; and taking
    // the terminal back is not to stop the one who takes it. A hangup still
    // ends this, with the engine.
    let mut others = SigSet::all();
    others.remove(SIGHUP);
    others.thread_block()?;
    tcsetpgrp(io::stdin(), job)?;
    Ok(job)
}

/// Waits for the end of the job, and stops and goes on with it.
fn wait(job: Pid) -> Option<WaitStatus> {
    loop {
        let status = match waitpid(Some(job), WaitOptions::UNTRACED) {
            Ok(status) => status?.1,
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return None,
        };
        if !status.stopped() {
            return Some(status);
        }
        if came_too_early(job, status) {
            let _gone = kill_process_group(job, Signal::CONT);
        } else {
            // The engine sees it, and continues the job and this.
            let _stopped = kill_process(getpid(), Signal::STOP);
        }
    }
}

/// Whether the job was stopped because it used the terminal in the moment
/// before it was given it: one in the foreground is not stopped for that.
fn came_too_early(job: Pid, status: WaitStatus) -> bool {
    let background = [Signal::TTIN, Signal::TTOU].map(|signal| Some(signal.as_raw()));
    background.contains(&status.stopping_signal()) && tcgetpgrp(io::stdin()) == Ok(job)
}
