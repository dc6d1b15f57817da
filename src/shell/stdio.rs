//! How a block's output gets to the engine.
//!
//! Without a terminal these are two pipes, and the input is empty. With one,
//! the block has a pseudo-terminal for all three, which has one stream for
//! both; or, where the two streams are looked at, only for its input and for
//! what it opens by itself.

use super::pty::Pty;
use crate::effect::{Output, Presentation, Stream, Waiting};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::{Instant, sleep, timeout_at};

/// How much is read at once: what a pipe holds.
const PIECE: usize = 64 * 1024;

/// How long to wait between two pieces that nobody wants. Whoever writes them
/// without end is to have no processor for it.
const UNWANTED: Duration = Duration::from_millis(10);

/// The engine's ends of a block's standard streams.
#[derive(Debug)]
pub(super) struct Channel {
    out: Pipe<ChildStdout>,
    err: Pipe<ChildStderr>,
    terminal: Screen,
}

/// The engine's end of a block's terminal, if it has one.
#[derive(Debug)]
struct Screen {
    /// None when it has ended.
    pty: Option<Arc<Pty>>,
    stream: Stream,
    buffer: Box<[u8]>,
}

#[derive(Debug)]
struct Pipe<R> {
    /// None when it has ended.
    reader: Option<R>,
    buffer: Box<[u8]>,
}

impl Channel {
    /// Has `command` write to what [`open`](Self::open) reads. Its input is
    /// empty, so that nothing in the block can wait for the responder.
    pub(super) fn attach(command: &mut Command) {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }

    /// Has `command` read from a terminal, and write to it too unless its
    /// streams are to be told apart.
    pub(super) fn attach_terminal(command: &mut Command, terminal: OwnedFd, streams_apart: bool) -> io::Result<()> {
        if streams_apart {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        } else {
            command.stdout(terminal.try_clone()?).stderr(terminal.try_clone()?);
        }
        command.stdin(terminal);
        Ok(())
    }

    /// The ends of a started command, and that of its terminal.
    pub(super) fn open(child: &mut Child, pty: Option<Arc<Pty>>) -> Self {
        let (out, err) = (Pipe::new(child.stdout.take()), Pipe::new(child.stderr.take()));
        // What is written to the terminal past a redirected output is not it.
        let stream = if out.reader.is_some() { Stream::Err } else { Stream::Out };
        let buffer = vec![0; if pty.is_some() { PIECE } else { 0 }].into();
        Self { out, err, terminal: Screen { pty, stream, buffer } }
    }

    /// Waits for the next piece; `None` when all streams have ended. Nothing
    /// is lost if this is dropped while it waits.
    pub(super) async fn read(&mut self) -> Option<(Stream, &[u8])> {
        loop {
            let (piece, length) = tokio::select! {
                length = self.out.fill(), if self.out.reader.is_some() => (From::Out, length),
                length = self.err.fill(), if self.err.reader.is_some() => (From::Err, length),
                length = self.terminal.fill(), if self.terminal.pty.is_some() => (From::Terminal, length),
                else => return None,
            };
            if length > 0 {
                return Some(match piece {
                    From::Out => (Stream::Out, &self.out.buffer[..length]),
                    From::Err => (Stream::Err, &self.err.buffer[..length]),
                    From::Terminal => (self.terminal.stream, &self.terminal.buffer[..length]),
                });
            }
        }
    }

    /// Whether all streams have ended.
    pub(super) fn has_ended(&self) -> bool {
        self.out.reader.is_none() && self.err.reader.is_none() && self.terminal.pty.is_none()
    }

    /// Reads on after the block's process has ended, for at most `grace`, and
    /// then what is left in the pipes: a process in the background may hold
    /// them open for as long as it likes.
    pub(super) async fn drain(&mut self, grace: Duration, take: &mut impl FnMut(Stream, &[u8])) {
        let end = Instant::now() + grace;
        while Instant::now() < end {
            match timeout_at(end, self.read()).await {
                Ok(Some((stream, bytes))) => take(stream, bytes),
                Ok(None) => return,
                Err(_) => break,
            }
        }
        self.out.drain(Stream::Out, take).await;
        self.err.drain(Stream::Err, take).await;
        self.terminal.drain(take);
    }

    /// Has the rest read by nobody, for as long as this program lives. What a
    /// block has left running, such as a port-forward that tells of each
    /// connection, would die of its next line if the streams were closed.
    pub(super) fn let_go(mut self) {
        tokio::spawn(async move {
            while self.read().await.is_some() {
                sleep(UNWANTED).await;
            }
        });
    }
}

/// Where a piece came from.
enum From {
    Out,
    Err,
    Terminal,
}

impl Screen {
    /// Reads into the buffer; 0 at the end, after which there is no terminal.
    async fn fill(&mut self) -> usize {
        let Some(pty) = &self.pty else { return 0 };
        let length = pty.read(&mut self.buffer).await;
        if length == 0 {
            self.pty = None;
        }
        length
    }

    /// Reads what is there now, and not much more: whoever still writes may
    /// never end.
    fn drain(&mut self, take: &mut impl FnMut(Stream, &[u8])) {
        const MOST: usize = 256 * 1024;
        let Some(pty) = &self.pty else { return };
        let mut read = 0;
        while read < MOST {
            match pty.read_now(&mut self.buffer) {
                0 => return,
                length => {
                    take(self.stream, &self.buffer[..length]);
                    read += length;
                }
            }
        }
    }
}

impl<R: AsyncRead + AsFd + Unpin> Pipe<R> {
    fn new(reader: Option<R>) -> Self {
        Self { reader, buffer: vec![0; PIECE].into() }
    }

    /// Reads into the buffer; 0 at the end, after which there is no reader.
    async fn fill(&mut self) -> usize {
        let Some(reader) = &mut self.reader else { return 0 };
        // A pipe that cannot be read has nothing more for us.
        let length = reader.read(&mut self.buffer).await.unwrap_or(0);
        if length == 0 {
            self.reader = None;
        }
        length
    }

    /// Reads what is in the pipe now, and no more.
    async fn drain(&mut self, stream: Stream, take: &mut impl FnMut(Stream, &[u8])) {
        let waiting = self.reader.as_ref().and_then(|reader| rustix::io::ioctl_fionread(reader).ok());
        let mut left = waiting.unwrap_or(0);
        while left > 0 && self.reader.is_some() {
            let length = self.fill().await;
            take(stream, &self.buffer[..length]);
            left = left.saturating_sub(length as u64);
        }
    }
}

/// Passes output on until that fails once. From then on it is dropped: the
/// block is neither killed nor blocked by a pipe that nobody reads.
pub(super) struct Record<'a> {
    output: &'a mut dyn Output,
    failed: bool,
}

impl<'a> Record<'a> {
    pub(super) fn new(output: &'a mut dyn Output) -> Self {
        Self { output, failed: false }
    }

    pub(super) fn write(&mut self, stream: Stream, bytes: &[u8]) {
        if !self.failed && !bytes.is_empty() {
            self.failed = self.output.write(stream, bytes).is_err();
        }
    }

    pub(super) fn waiting(&mut self, waiting: &Waiting) {
        self.output.waiting(waiting);
    }

    pub(super) fn present(&mut self, how: Presentation) {
        self.output.present(how);
    }
}
