//! How a block's output gets to the engine.
//!
//! Without a terminal these are two pipes. A pseudo-terminal, which has one
//! stream for both, takes the place of [`Channel`] here and nowhere else.

use crate::effect::{Output, Stream};
use std::os::fd::AsFd;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::{Instant, timeout_at};

/// How much is read at once: what a pipe holds.
const PIECE: usize = 64 * 1024;

/// The engine's ends of a block's standard streams.
#[derive(Debug)]
pub(super) struct Channel {
    out: Pipe<ChildStdout>,
    err: Pipe<ChildStderr>,
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

    /// The ends of a started command.
    pub(super) fn open(child: &mut Child) -> Self {
        Self { out: Pipe::new(child.stdout.take()), err: Pipe::new(child.stderr.take()) }
    }

    /// Waits for the next piece; `None` when both streams have ended. Nothing
    /// is lost if this is dropped while it waits.
    pub(super) async fn read(&mut self) -> Option<(Stream, &[u8])> {
        loop {
            let (stream, length) = tokio::select! {
                length = self.out.fill(), if self.out.reader.is_some() => (Stream::Out, length),
                length = self.err.fill(), if self.err.reader.is_some() => (Stream::Err, length),
                else => return None,
            };
            if length > 0 {
                return Some(match stream {
                    Stream::Out => (stream, &self.out.buffer[..length]),
                    Stream::Err => (stream, &self.err.buffer[..length]),
                });
            }
        }
    }

    /// Whether both streams have ended.
    pub(super) fn has_ended(&self) -> bool {
        self.out.reader.is_none() && self.err.reader.is_none()
    }

    /// Reads on after the block's process has ended, for at most `grace`, and
    /// then what is left in the pipes: a process in the background may hold
    /// them open for as long as it likes.
    pub(super) async fn drain(&mut self, grace: Duration, record: &mut Record<'_>) {
        let end = Instant::now() + grace;
        while Instant::now() < end {
            match timeout_at(end, self.read()).await {
                Ok(Some((stream, bytes))) => record.write(stream, bytes),
                Ok(None) => return,
                Err(_) => break,
            }
        }
        self.out.drain(Stream::Out, record).await;
        self.err.drain(Stream::Err, record).await;
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
    async fn drain(&mut self, stream: Stream, record: &mut Record<'_>) {
        let waiting = self.reader.as_ref().and_then(|reader| rustix::io::ioctl_fionread(reader).ok());
        let mut left = waiting.unwrap_or(0);
        while left > 0 && self.reader.is_some() {
            let length = self.fill().await;
            record.write(stream, &self.buffer[..length]);
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

    pub(super) fn waiting(&mut self, waiting: &crate::effect::Waiting) {
        self.output.waiting(waiting);
    }
}
