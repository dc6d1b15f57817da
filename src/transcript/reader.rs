//! Reading a record: forgiving at its very end, strict before it.

use super::{Chain, Flaw, Folder};
use crate::run::{FoldError, Line, Run};
use crate::source::Digest;
use std::fs::File;
use std::io::{self, BufRead, BufReader};

/// How a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// After a whole line.
    Whole,
    /// In a line that was cut off or garbled while it was written. It was
    /// never acknowledged, and is dropped.
    Torn {
        /// Its number, from 1.
        line: u64,
        /// Its length.
        bytes: u64,
    },
}

/// A record cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A line that others follow is not the one that was written.
    #[error("the transcript is broken at line {line}: {why}")]
    Broken {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        why: Flaw,
    },
    /// Its lines are sound and do not make a run.
    #[error("the transcript does not make a run: {0}")]
    Fold(#[from] FoldError),
    /// A file cannot be read.
    #[error("the transcript cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Reads a record line by line.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    chain: Chain,
    tail: Tail,
    sound: u64,
    over: bool,
    buffer: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// Reads lines from `source`, which must follow `chain`.
    pub fn new(source: R, chain: Chain) -> Self {
        Self { source, chain, tail: Tail::Whole, sound: 0, over: false, buffer: Vec::new() }
    }

    /// What the next line must link to: the chain up to the last line read.
    #[must_use]
    pub fn link(&self) -> &Chain {
        &self.chain
    }

    /// How the record ends; known once the last line has been read.
    #[must_use]
    pub fn tail(&self) -> Tail {
        self.tail
    }

    /// Bytes of the lines that were read, line ends included.
    #[must_use]
    pub fn sound_bytes(&self) -> u64 {
        self.sound
    }

    fn read(&mut self) -> Result<Option<Line>, ReadError> {
        self.buffer.clear();
        let length = self.source.read_until(b'\n', &mut self.buffer)? as u64;
        if length == 0 {
            return Ok(None);
        }
        match self.chain.decode(&self.buffer) {
            Ok(line) => {
                self.sound += length;
                Ok(Some(line))
            }
            Err(why) => {
                let line = self.chain.lines() + 1;
                if !self.source.fill_buf()?.is_empty() {
                    return Err(ReadError::Broken { line, why });
                }
                // A whole line of another version is no accident of the disk.
                if matches!(why, Flaw::Version(_)) {
                    return Err(ReadError::Broken { line, why });
                }
                self.tail = Tail::Torn { line, bytes: length };
                Ok(None)
            }
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Line, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let line = self.read().transpose();
        self.over = !matches!(line, Some(Ok(_)));
        line
    }
}

/// A record that was read to its end.
#[derive(Debug)]
pub struct Loaded {
    /// The run it tells of.
    pub run: Run,
    /// How it ends.
    pub tail: Tail,
    /// The hash of its last whole line.
    pub head: Digest,
    /// How many whole lines it has.
    pub lines: u64,
    /// Their length in bytes.
    pub(super) sound: u64,
    pub(super) chain: Chain,
}

impl Folder {
    /// A reader of the run's record.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn reader(&self) -> io::Result<Reader<BufReader<File>>> {
        Ok(Reader::new(BufReader::with_capacity(64 * 1024, self.journal()?), Chain::unanchored()))
    }

    /// Reads the run's record to its end.
    ///
    /// # Errors
    /// If it is broken before its last line, or does not make a run.
    pub fn load(&self) -> Result<Loaded, ReadError> {
        let mut reader = self.reader()?;
        let mut run = Run::begin(reader.next().ok_or(FoldError::Empty)??)?;
        for line in reader.by_ref() {
            run.apply(line?)?;
        }
        let chain = reader.link().clone();
        let head = chain.head().cloned().ok_or(FoldError::Empty)?;
        Ok(Loaded { run, tail: reader.tail(), head, lines: chain.lines(), sound: reader.sound_bytes(), chain })
    }
}
