//! Is the record what was written?

use super::folder::{JOURNAL, OUTPUT, RUNBOOK, rows_number};
use super::store::digest_of;
use super::{Folder, ReadError, Tail};
use crate::run::{Event, FoldError, Line, OutputRef, Run};
use crate::source::Digest;
use std::collections::BTreeMap;
use std::fmt;
use std::io;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The answer in one word.
    pub verdict: Verdict,
    /// Everything that is not as it was written.
    pub problems: Vec<Problem>,
    /// How many lines are sound, from the first.
    pub lines: u64,
    /// How many output files are as they were written.
    pub outputs: usize,
    /// The hash of the last sound line.
    pub head: Option<Digest>,
    /// Whether a hash that was kept elsewhere was looked for, and found.
    pub kept_head_found: Option<bool>,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All of it is as it was written, and the run has ended.
    Finished,
    /// All that is there is as it was written; the run has not ended.
    Unfinished,
    /// All but a last line that was cut off or changed.
    Torn,
    /// Something was changed, removed or put in.
    Broken,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file in the run's folder.
    pub file: String,
    /// Its line, where it has lines.
    pub line: Option<u64>,
    /// What is wrong.
    pub why: String,
}

impl Verification {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Checks every byte of a run's record: each line against the chain,
/// `runbook.md` and each output against their digests. Lines that were cut
/// off the end leave no trace in it: they are found only against
/// `kept_head`, the hash of a line that was kept elsewhere.
///
/// # Errors
/// If a file cannot be read, as opposed to not being what it should be.
pub fn verify(folder: &Folder, kept_head: Option<&Digest>) -> io::Result<Verification> {
    let mut check = Verifier { kept_head, kept_head_found: false, outputs: BTreeMap::new(), problems: Vec::new() };
    let mut reader = folder.reader()?;
    let run = check.lines(&mut reader)?;
    let (lines, head) = (reader.link().lines(), reader.link().head().cloned());
    let torn = if let Tail::Torn { line, bytes } = reader.tail() {
        let why = format!("the last line, of {bytes} bytes, was cut off while it was written, or changed since");
        check.problem(JOURNAL, Some(line), why);
        check.problems.len() == 1
    } else {
        false
    };
    if kept_head.is_some() && !check.kept_head_found {
        let why = "no line has the hash that was kept elsewhere: lines were cut off its end, or all of it was replaced";
        check.problem(JOURNAL, None, why.to_owned());
    }
    if let Some(run) = &run {
        check.runbook(folder, &run.header.digest)?;
    }
    let outputs = check.outputs(folder, run.as_ref())?;
    let verdict = match &run {
        _ if torn && check.problems.len() == 1 => Verdict::Torn,
        Some(run) if check.problems.is_empty() && run.is_finished() => Verdict::Finished,
        Some(_) if check.problems.is_empty() => Verdict::Unfinished,
        _ => Verdict::Broken,
    };
    let kept_head_found = kept_head.map(|_| check.kept_head_found);
    Ok(Verification { verdict, problems: check.problems, lines, outputs, head, kept_head_found })
}

struct Verifier<'a> {
    kept_head: Option<&'a Digest>,
    kept_head_found: bool,
    /// What the events say of each output.
    outputs: BTreeMap<String, OutputRef>,
    problems: Vec<Problem>,
}

impl Verifier<'_> {
    fn problem(&mut self, file: impl Into<String>, line: Option<u64>, why: String) {
        self.problems.push(Problem { file: file.into(), line, why });
    }

    /// Reads the lines up to the first that is broken.
    fn lines(&mut self, reader: &mut super::Reader<impl io::BufRead>) -> io::Result<Option<Run>> {
        let mut run: Option<Run> = None;
        while let Some(line) = reader.next() {
            let line = match line {
                Ok(line) => line,
                Err(ReadError::Io(error)) => return Err(error),
                Err(ReadError::Broken { line, why }) => {
                    self.problem(JOURNAL, Some(line), why.to_string());
                    return Ok(run);
                }
                Err(ReadError::Fold(error)) => {
                    self.problem(JOURNAL, None, error.to_string());
                    return Ok(run);
                }
            };
            self.kept_head_found |= self.kept_head.is_some() && self.kept_head == reader.link().head();
            self.references(&line);
            let number = line.seq();
            let folded = match &mut run {
                Some(run) => run.apply(line),
                none => Run::begin(line).map(|begun| *none = Some(begun)),
            };
            if let Err(error) = folded {
                self.problem(JOURNAL, Some(number), error.to_string());
                return Ok(run);
            }
        }
        if run.is_none() && self.problems.is_empty() && reader.tail() == Tail::Whole {
            self.problem(JOURNAL, None, FoldError::Empty.to_string());
        }
        Ok(run)
    }

    fn references(&mut self, line: &Line) {
        let outputs = match line.event() {
            Some(Event::BlockFinished(finished)) => [finished.output.as_ref(), None],
            Some(Event::StatementFinished(end)) => [end.kept.as_ref().map(|kept| &kept.output), None],
            Some(Event::RunResumed { salvaged, salvaged_rows, .. }) => [salvaged.as_ref(), salvaged_rows.as_ref()],
            _ => [None, None],
        };
        for output in outputs.into_iter().flatten() {
            self.outputs.insert(output.file.clone(), output.clone());
        }
    }

    fn runbook(&mut self, folder: &Folder, digest: &Digest) -> io::Result<()> {
        match folder.runbook() {
            Ok(bytes) if Digest::of(&bytes) == *digest => {}
            Ok(_) => self.problem(RUNBOOK, None, "it is not the page that was approved".to_owned()),
            Err(error) if is_absent(&error) => self.problem(RUNBOOK, None, error.to_string()),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Checks the outputs and says how many are sound.
    fn outputs(&mut self, folder: &Folder, run: Option<&Run>) -> io::Result<usize> {
        let mut sound = 0;
        let there = folder.outputs()?;
        for (name, said) in &std::mem::take(&mut self.outputs) {
            if said.bytes == 0 && !there.contains(name) {
                continue;
            }
            let file = format!("{OUTPUT}/{name}");
            match folder.output(name).and_then(|mut file| digest_of(&mut file)) {
                Ok((bytes, digest)) if bytes == said.bytes && digest == said.digest && bytes > 0 => sound += 1,
                Ok((bytes, _)) if bytes == said.bytes => {
                    self.problem(file, None, "its bytes are not the ones that were written".to_owned());
                }
                Ok((bytes, _)) => {
                    self.problem(file, None, format!("it has {bytes} bytes, and {} were written", said.bytes));
                }
                Err(error) if is_absent(&error) => self.problem(file, None, error.to_string()),
                Err(error) => return Err(error),
            }
            self.outputs.insert(name.clone(), said.clone());
        }
        // The block that was running when the record broke off may have
        // printed something that no event speaks of yet, and its statement may
        // have given rows.
        let cut_off = run.is_some_and(|run| !run.is_finished() && run.unknown_block().is_some());
        let (mut may_be_output, mut may_be_rows) = (cut_off, cut_off);
        for name in there.into_iter().filter(|name| !self.outputs.contains_key(name)).collect::<Vec<_>>() {
            let may_be = if rows_number(&name).is_some() { &mut may_be_rows } else { &mut may_be_output };
            if !std::mem::take(may_be) {
                self.problem(format!("{OUTPUT}/{name}"), None, "no event speaks of it".to_owned());
            }
        }
        Ok(sound)
    }
}

/// Whether the file is missing, or is not an ordinary file.
fn is_absent(error: &io::Error) -> bool {
    let is_link = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    is_link || matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{} line {line}: {}", self.file, self.why),
            None => write!(f, "{}: {}", self.file, self.why),
        }
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.verdict {
            Verdict::Finished => f.write_str("intact, and the run is finished")?,
            Verdict::Unfinished => f.write_str("intact as far as the file can tell; the run is not finished")?,
            Verdict::Torn => f.write_str("intact but for its last line")?,
            Verdict::Broken => f.write_str("BROKEN")?,
        }
        writeln!(f, ": {} sound events, {} sound output files", self.lines, self.outputs)?;
        for problem in &self.problems {
            writeln!(f, "  {problem}")?;
        }
        if let Some(head) = &self.head {
            writeln!(f, "head {head}")?;
        }
        match self.kept_head_found {
            Some(true) => writeln!(f, "the hash that was kept elsewhere is in the chain"),
            Some(false) => Ok(()),
            None => writeln!(
                f,
                "Events removed from its end leave no trace in the file: compare the head with one kept elsewhere."
            ),
        }
    }
}
