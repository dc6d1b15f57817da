//! How a block's output gets to the engine.
//!
//! Without a terminal these are two pipes, and the input is empty. With one,
//! the block has a pseudo-terminal for all three, which has one stream for
//! both; or, where the two streams are looked at, only for its input and for
//! what it opens by itself.

use super::child::Streams;
use super::pty::Pty;
use crate::effect::{Output, Presentation, Stream, Waiting};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::time::{Instant, sleep, timeout_at};

/// How much is read at once: what a pipe holds.
const PIECE: usize = 64 * 1024;

/// How long to wait between two pieces that nobody wants. Whoever writes them
/// without end is to have no processor for it.
const UNWANTED: Duration = Duration::from_millis(10);

/// The input of a block without a terminal: nothing in it can wait for the
/// responder.
pub(super) fn empty() -> io::Result<OwnedFd> {
    Ok(File::open("/dev/null")?.into())
}

/// A block's terminal: the engine's side, and its own.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) pty: Arc<Pty>,
    pub(super) block: OwnedFd,
    /// Its output and its errors go through pipes all the same, to be told
    /// apart.
    pub(super) streams_apart: bool,
}

/// The engine's ends of a block's standard streams.
#[derive(Debug)]
pub(super) struct Channel {
    out: Pipe,
    err: Pipe,
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
struct Pipe {
    /// None when it has ended, or never was.
    reader: Option<Receiver>,
    buffer: Box<[u8]>,
}

impl Channel {
    /// Two pipes, and their other ends, with this input.
    pub(super) fn piped(input: OwnedFd) -> io::Result<(Self, Streams)> {
        let ((out, output), (err, errors)) = (Pipe::open()?, Pipe::open()?);
        let terminal = Screen { pty: None, stream: Stream::Out, buffer: Box::default() };
        Ok((Self { out, err, terminal }, Streams { input, output, errors }))
    }

    /// A terminal, which is written to too unless the streams are to be told
    /// apart.
    pub(super) fn on_terminal(terminal: Terminal) -> io::Result<(Self, Streams)> {
        let Terminal { pty, block, streams_apart } = terminal;
        let buffer = vec![0; PIECE].into();
        if streams_apart {
            let (piped, streams) = Self::piped(block)?;
            // What is written to the terminal past a redirected output is not it.
            return Ok((Self { terminal: Screen { pty: Some(pty), stream: Stream::Err, buffer }, ..piped }, streams));
        }
        let streams = Streams { output: block.try_clone()?, errors: block.try_clone()?, input: block };
        let terminal = Screen { pty: Some(pty), stream: Stream::Out, buffer };
        Ok((Self { out: Pipe::none(), err: Pipe::none(), terminal }, streams))
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

impl Pipe {
    /// One, and the end that is written to.
    fn open() -> io::Result<(Self, OwnedFd)> {
        let (reader, writer) = io::pipe()?;
        let reader = Receiver::from_owned_fd(reader.into())?;
        Ok((Self { reader: Some(reader), buffer: vec![0; PIECE].into() }, writer.into()))
    }

    fn none() -> Self {
        Self { reader: None, buffer: Box::default() }
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
