//! What the responder sees.

use crate::run::{Event, Part};
use crate::runbook::{Effect, HumanDuration};
use std::borrow::Cow;
use std::time::Duration;

/// Where a piece of output came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output, or a query's result.
    Out,
    /// Standard error, or a server's notice.
    Err,
}

/// How a running block's output gets to the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presentation {
    /// Line by line in the block's own part of the screen, made harmless.
    #[default]
    Lines,
    /// Untouched: the block has the whole screen.
    Through,
    /// Not now: the screen is somebody else's for a while.
    Away,
}

/// Takes a block's output as it comes.
pub trait Output {
    /// Takes some bytes, not necessarily whole lines or characters.
    ///
    /// # Errors
    /// If they cannot be recorded: the block is then drained, not killed.
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), OutputError>;

    /// Shows how a running block is doing.
    fn waiting(&mut self, waiting: &Waiting);

    /// Shows what is written from now on in this way. Where nothing is shown
    /// there is nothing to do.
    fn present(&mut self, _how: Presentation) {}

    /// How much of a query's rows is to be shown.
    fn extent(&self) -> Extent {
        Extent::default()
    }

    /// `text` with its secrets masked, as they are in all that is written: for
    /// text that is broken or cut before, which would hide a secret from that.
    fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }

    /// Keeps a piece of a query's result, as CSV, in a file beside what is
    /// shown; so many of its rows end in the piece.
    ///
    /// # Errors
    /// If it cannot be recorded.
    fn keep_rows(&mut self, _csv: &[u8], _rows: u64) -> Result<(), OutputError> {
        Ok(())
    }

    /// What the file is called that rows are kept in; `None` where none are.
    fn rows_file(&self) -> Option<String> {
        None
    }
}

/// How much of a query's rows is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Columns that a line can have; `None` where it can have any number.
    pub width: Option<usize>,
    /// What is shown is also what expectations and captures look at: as much of
    /// it as can be, in a form that no terminal has a say in.
    pub judged: bool,
}

/// A block's output could not be recorded.
#[derive(Debug, thiserror::Error)]
#[error("the output could not be recorded")]
pub struct OutputError;

/// How a running block is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Since it started.
    pub elapsed: Duration,
    /// Until it is ended, if ever.
    pub left: Option<Duration>,
    /// Who holds what it waits for, in a few words.
    pub blocked_by: Option<String>,
}

/// What the responder waits for: a running block, or its next try.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wait {
    /// The step at hand, from 1, and how many there are; `None` between steps.
    pub step: Option<(usize, usize)>,
    /// The try, from 1, where there may be more than one.
    pub attempt: Option<u32>,
    /// Since the first try began.
    pub elapsed: Duration,
    /// Until the running block is ended, if ever.
    pub ended_in: Option<Duration>,
    /// Until it is no longer tried, if ever.
    pub given_up_in: Option<Duration>,
    /// Until the next try begins; nothing runs before.
    pub next_try_in: Option<Duration>,
    /// Who holds what it waits for, in a few words; secrets masked.
    pub blocked_by: Option<String>,
    /// The last line of output, as it came, where it has been quiet since or is
    /// not shown; secrets masked.
    pub last_line: Option<String>,
}

/// A line that is in only one of two outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedLine {
    /// It is in the earlier one only.
    pub is_gone: bool,
    /// The line, without its end; secrets masked.
    pub text: String,
}

/// Everything the engine wants seen. What is shown is already free of
/// secrets; the view makes control characters visible.
pub trait View {
    /// A step begins: where we are (`number` of `total`), its title, its line.
    fn step(&mut self, number: usize, total: usize, title: &str, line: usize);

    /// A step is passed over, for this reason: it is no part of the procedure.
    fn passed_over(&mut self, title: &str, reason: &str);

    /// The page's own words, as Markdown.
    fn prose(&mut self, markdown: &str);

    /// The lines of a block that leave something open, before that is asked for:
    /// the number of each in the runbook, 0 where it is no line of the page, and
    /// its text.
    fn open_lines(&mut self, language: &str, lines: &[(usize, String)]);

    /// A block as it will run, with what is to be known of it.
    fn block(&mut self, block: &BlockCard<'_>);

    /// Output, as it comes.
    fn output(&mut self, stream: Stream, bytes: &[u8]);

    /// Shows output from now on in this way.
    fn present(&mut self, how: Presentation);

    /// Columns that a line of output can have; `None` where it can have any
    /// number.
    fn width(&self) -> Option<usize> {
        None
    }

    /// What is waited for. Replaces itself; nothing is left of it.
    fn waiting(&mut self, wait: &Wait);

    /// How the output of a try differs from that of the try before, where
    /// nothing else of it is shown.
    fn changed(&mut self, attempt: u32, lines: &[ChangedLine]);

    /// Something that happened; the view decides what of it to say.
    fn event(&mut self, event: &Event);

    /// A line of the engine's own.
    fn say(&mut self, message: &str);

    /// A warning of the engine's own.
    fn warn(&mut self, message: &str);
}

/// Lines of a block that run inside what one of its commands opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsideCard {
    /// The first of them, as it is numbered on the card.
    pub first: usize,
    /// The last of them.
    pub last: usize,
    /// The commands that lead there, the outermost first.
    pub through: Vec<String>,
}

/// A block as it is shown before it runs.
#[derive(Debug, Clone)]
pub struct BlockCard<'a> {
    /// Its language.
    pub language: &'a str,
    /// Where it runs: an interpreter, or a connection and its server.
    pub target: &'a str,
    /// Line in the runbook of the first line of `code`, from 1; 0 where the
    /// code is no longer the page's own, because it was edited.
    pub line: usize,
    /// What will run, secrets masked.
    pub code: &'a str,
    /// For each line of `code` the line it comes from, from 1, where `line` is
    /// that of the first; 0 for a line that was added. Empty where they are all
    /// in order.
    pub lines: &'a [usize],
    /// Which lines run inside what.
    pub inside: &'a [InsideCard],
    /// What else is to be known of how it runs.
    pub notes: &'a [String],
    /// Which of the block's commands it is, where it is not all of them.
    pub part: Option<Part>,
    /// What running it does.
    pub effect: Effect,
    /// Why it is thought to do that.
    pub reasons: &'a [String],
    /// When it will be ended.
    pub timeout: Option<HumanDuration>,
    /// Whether it never ends by itself.
    pub endless: bool,
    /// What in its output ends it, if anything does.
    pub awaited: &'a [String],
    /// What was filled in for what the page leaves open: name and value,
    /// secrets masked.
    pub values: &'a [(String, String)],
    /// What the page shows as its output.
    pub expects: Option<&'a str>,
}
