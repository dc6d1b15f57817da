//! A pseudo-terminal: the engine's side of a block's terminal.

use rustix::fs::{Mode, OFlags};
use rustix::process::Pid;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, Termios, Winsize, tcgetattr, tcgetpgrp, tcsetattr, tcsetwinsize};
use std::io;
use std::os::fd::OwnedFd;
use tokio::net::unix::pipe::{Receiver, Sender};

/// The engine's side; the other one is a block's terminal for as long as this
/// lives.
///
/// tokio's pipes do nothing but read, write, and wait for that; unchecked they
/// are as good for a terminal.
#[derive(Debug)]
pub(super) struct Pty {
    output: Receiver,
    keys: Sender,
}

impl Pty {
    /// Makes one of this size and with these settings, and gives the block's
    /// side too.
    pub(super) fn open(settings: &Termios, size: Winsize) -> io::Result<(Self, OwnedFd)> {
        let side = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&side)?;
        unlockpt(&side)?;
        // NOCTTY, or an engine that leads a session would take it for its own.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let block = rustix::fs::open(ptsname(&side, Vec::new())?, flags, Mode::empty())?;
        tcsetattr(&block, OptionalActions::Now, settings)?;
        tcsetwinsize(&block, size)?;
        rustix::io::ioctl_fionbio(&side, true)?;
        let keys = Sender::from_owned_fd_unchecked(side.try_clone()?)?;
        Ok((Self { output: Receiver::from_owned_fd_unchecked(side)?, keys }, block))
    }

    /// Waits for output and reads it, as much as is there and fits; 0 when
    /// nobody has the other side any more. Nothing is lost if this is dropped
    /// while it waits.
    pub(super) async fn read(&self, buffer: &mut [u8]) -> usize {
        let mut length = 0;
        while length == 0 {
            if self.output.readable().await.is_err() {
                return 0;
            }
            // The system hands out a few kilobytes at a time.
            while length < buffer.len() {
                match self.output.try_read(&mut buffer[length..]) {
                    Ok(more @ 1..) => length += more,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    // EIO: the last one has closed it. It says so again.
                    Ok(_) | Err(_) => return length,
                }
            }
        }
        length
    }

    /// Reads what is there now; 0 where nothing is.
    pub(super) fn read_now(&self, buffer: &mut [u8]) -> usize {
        rustix::io::read(&self.output, buffer).unwrap_or(0)
    }

    /// Types `keys`, as many as there is room for once there is any; says how
    /// many. None are typed if this is dropped while it waits.
    pub(super) async fn write(&self, keys: &[u8]) -> usize {
        loop {
            // Where it cannot be written to, nobody can read what is left.
            if self.keys.writable().await.is_err() {
                return keys.len();
            }
            match self.keys.try_write(keys) {
                Ok(length) => return length,
                Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
                Err(_) => return keys.len(),
            }
        }
    }

    /// The settings that the block has given its terminal.
    pub(super) fn settings(&self) -> io::Result<Termios> {
        Ok(tcgetattr(&self.output)?)
    }

    pub(super) fn set(&self, settings: &Termios) {
        // It can only fail because the block is gone.
        let _gone = tcsetattr(&self.output, OptionalActions::Now, settings);
    }

    pub(super) fn resize(&self, size: Winsize) {
        let _gone = tcsetwinsize(&self.output, size);
    }

    /// The process group that has the terminal.
    pub(super) fn foreground(&self) -> Option<Pid> {
        tcgetpgrp(&self.output).ok()
    }
}
