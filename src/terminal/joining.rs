//! The responder's terminal, joined to a running block: its keys, its size.

use super::mode::{self, Relaying};
use super::suspend::{self, WhileJoined};
use crate::effect::{Input, JoinedTerminal, UserTerminal};
use async_trait::async_trait;
use rustix::fs::{Mode, OFlags};
use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{Termios, Winsize, tcgetwinsize};
use std::io;
use tokio::net::unix::pipe::Receiver;
use tokio::signal::unix::{self, SignalKind, signal};

/// How many bytes of keys are read at once.
const PIECE: usize = 4096;

/// The terminal that this program was started at.
#[derive(Debug, Clone, Copy)]
pub struct OwnTerminal;

impl UserTerminal for OwnTerminal {
    fn join(&self) -> io::Result<Box<dyn JoinedTerminal>> {
        // Opened anew: what is set for reading here is not set for whoever
        // else has the terminal open.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let keyboard = rustix::fs::open("/dev/tty", flags, Mode::empty())?;
        Ok(Box::new(Joined {
            // Nothing but reading and waiting for it: unchecked, it is as good
            // for a terminal as it is for a pipe.
            keyboard: Receiver::from_owned_fd_unchecked(keyboard)?,
            resized: signal(SignalKind::window_change())?,
            continued: signal(SignalKind::from_raw(Signal::CONT.as_raw()))?,
            stopped: signal(suspend::stop_signal())?,
            gone: false,
            mode: Relaying::start()?,
            _joined: WhileJoined::begin(),
        }))
    }
}

struct Joined {
    keyboard: Receiver,
    resized: unix::Signal,
    continued: unix::Signal,
    stopped: unix::Signal,
    gone: bool,
    mode: Relaying,
    _joined: WhileJoined,
}

/// Waits for keys; `None` when there will be no more.
async fn keys(keyboard: &Receiver) -> Option<Vec<u8>> {
    let mut keys = vec![0; PIECE];
    loop {
        keyboard.readable().await.ok()?;
        match keyboard.try_read(&mut keys) {
            Ok(length @ 1..) => {
                keys.truncate(length);
                return Some(keys);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
            Ok(_) | Err(_) => return None,
        }
    }
}

#[async_trait(?Send)]
impl JoinedTerminal for Joined {
    fn settings(&self) -> Termios {
        self.mode.found().clone()
    }

    fn size(&self) -> Winsize {
        let unknown = Winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
        tcgetwinsize(&self.keyboard).unwrap_or(unknown)
    }

    async fn next(&mut self) -> Input {
        loop {
            tokio::select! {
                keys = keys(&self.keyboard), if !self.gone => match keys {
                    Some(keys) => return Input::Keys(keys),
                    None => {
                        self.gone = true;
                        // What the system says of a terminal that was closed,
                        // where it says it to this process.
                        let _said = kill_process(getpid(), Signal::HUP);
                    }
                },
                _ = self.resized.recv() => return Input::Resized,
                _ = self.continued.recv() => {
                    // Whoever had the terminal meanwhile has its own mode.
                    mode::take_up();
                    return Input::Resized;
                }
                _ = self.stopped.recv() => return Input::Stop,
            }
        }
    }

    fn stand_aside(&mut self) {
        suspend::stop();
    }
}
