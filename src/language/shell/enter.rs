//! A text as it really runs where some of its lines belong inside what an
//! earlier line opens: `ssh host`, `sudo -u app bash`.
//!
//! The lines inside are given on as an argument, never as the input of the
//! block: what reads its input (`ssh`, `cat`) would swallow the rest. They
//! stand in a quoted here-document, so that they arrive byte for byte.

use super::inside::{self, Place, Structure, line_end, line_start};
use super::opener::{Form, Opener};
use crate::source::Span;
use std::rc::Rc;

/// A text whose lines run where they belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// What is executed.
    pub run: String,
    /// For each line of `run` the line it comes from, from 1; 0 for a line that
    /// was added.
    pub lines: Vec<usize>,
    /// What runs inside what, in the order of the text.
    pub inside: Vec<Inside>,
    /// The commands that the text leaves entered, as they are written, the
    /// outermost first: what comes after it belongs inside them.
    pub within: Vec<String>,
    /// How many of the commands that it ran within it has left.
    pub left: usize,
    /// How many of them it is run in; of the others it leaves before it does
    /// anything.
    pub around: usize,
    /// The text as it was written, with blanks where something else than shell
    /// stands: what a shell can be asked to parse.
    pub shell: String,
}

impl Entered {
    /// How many of the commands that were entered before it still are.
    #[must_use]
    pub fn stays(&self) -> usize {
        self.around - self.left
    }

    /// The line of the text as it was written that the `line`-th of `run` comes
    /// from, both from 1.
    #[must_use]
    pub fn line(&self, line: usize) -> usize {
        let upto = &self.lines[..line.min(self.lines.len())];
        upto.iter().rev().copied().find(|line| *line > 0).unwrap_or(1)
    }
}

/// Lines that run inside something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// The commands that lead there, on one line each, the outermost first.
    pub through: Vec<String>,
    /// Its first line, from 1.
    pub first: usize,
    /// Its last line, from 1.
    pub last: usize,
    /// Where its lines stand in the text.
    pub span: Span,
    /// Whether its lines are for a shell.
    pub is_shell: bool,
}

/// A line opens a shell in more shells than are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooDeep {
    /// The line.
    pub span: Span,
}

/// How `code` runs inside of `within`, commands that were entered before it.
/// `None` where it runs as it is written.
///
/// # Errors
/// If it goes too deep.
pub fn enter(code: &str, within: &[String]) -> Result<Option<Entered>, TooDeep> {
    enter_with(code, within, &[])
}

/// The same, where `first` holds for each of `within` the lines that run in its
/// new shell before anything else does.
///
/// # Errors
/// If it goes too deep.
pub fn enter_with(code: &str, within: &[String], first: &[Vec<String>]) -> Result<Option<Entered>, TooDeep> {
    let found = inside::find(code);
    if let Some(span) = found.unclear {
        return Err(TooDeep { span });
    }
    if within.is_empty() && runs_as_written(&found) {
        return Ok(None);
    }
    // What is left before anything runs in it is not entered: with no text,
    // `ssh` would wait for one.
    let leading = found.leaves.iter().take_while(|leave| found.first.is_none_or(|first| leave.start < first)).count();
    let within = &within[..within.len().saturating_sub(leading)];
    let around: Vec<Rc<Structure>> = within.iter().map(|opener| inside::find(opener)).collect();
    let mut page = Page::new(code, &found, within, first);
    for (at, (opener, structure)) in within.iter().zip(&around).enumerate() {
        // Nothing is entered that could not be read.
        let Some(place) = structure.places.first() else { return Ok(None) };
        page.open(opener, place, 0, 0, false);
        for line in first.get(at).into_iter().flatten() {
            page.push(line, 0);
        }
    }
    page.write();
    Ok(Some(page.finish()))
}

/// Whether none of its lines runs inside of anything, or leaves what it has not
/// entered while others are to come.
pub(super) fn runs_as_written(found: &Structure) -> bool {
    found.unclear.is_none() && found.places.is_empty() && !found.leaves.iter().any(|leave| leave.start < found.last)
}

/// Where `opener`, one of the commands that a text leaves
/// [entered](Entered::within), leads: the words for it, and whether that is another
/// machine, with other programs.
#[must_use]
pub fn leads(opener: &str) -> (String, bool) {
    let found = inside::find(opener);
    match found.places.first() {
        Some(place) => (place.label(&found.shell), place.way.elsewhere),
        None => (format!("inside `{opener}`"), true),
    }
}

/// The lines of `code` that are typed at the prompt of a program which is no
/// shell, each with the program's name.
#[must_use]
pub fn prompts(code: &str) -> Vec<(String, Span)> {
    let found = inside::find(code);
    let prompts = found.places.iter().filter(|place| place.way.form == Form::Prompt);
    let named = prompts.filter_map(|place| {
        let program = place.words.get(place.way.reader)?;
        let program = &code[program.start..program.end];
        Some((program.rsplit('/').next().unwrap_or(program).to_owned(), place.body))
    });
    named.collect()
}

/// How many shells the text leaves, where that is all it does.
#[must_use]
pub fn leaving(code: &str) -> Option<usize> {
    leaves(&inside::find(code))
}

/// Where in `code`, which runs `within` shells that were entered before it, it
/// has left them all.
#[must_use]
pub fn comes_back(code: &str, within: usize) -> Option<usize> {
    let found = inside::find(code);
    found.leaves.get(within.checked_sub(1)?).map(|leave| line_end(code, leave.end))
}

pub(super) fn leaves(found: &Structure) -> Option<usize> {
    let only = found.unclear.is_none() && found.places.is_empty() && found.last == 0;
    let commands = found
        .tree
        .as_ref()
        .map_or(0, |tree| tree.root_node().named_children().filter(|node| node.kind() != "comment").count());
    (only && commands > 0 && commands == found.leaves.len()).then_some(commands)
}

/// The word that ends the lines inside.
const DELIMITER: &str = "INSIDE";

/// What happens at a place of the text.
#[derive(Clone, Copy)]
enum Turn {
    Open(usize),
    Close(usize),
    Leave,
}

struct Page<'a> {
    code: &'a str,
    found: &'a Structure,
    given: &'a [String],
    delimiter: String,
    run: String,
    lines: Vec<usize>,
    /// What is open: how it takes its lines, and whether it gets none.
    stack: Vec<(Opener, bool, String)>,
    /// How many of the openers from before have been left.
    left: usize,
}

impl<'a> Page<'a> {
    fn new(code: &'a str, found: &'a Structure, given: &'a [String], first: &[Vec<String>]) -> Self {
        // One that no line begins with serves at every depth.
        let lines = first.iter().flatten().flat_map(|line| line.lines()).chain(code.lines());
        let taken = lines.filter_map(|line| line.strip_prefix(DELIMITER));
        let taken = taken.map(|rest| 1 + rest.bytes().take_while(|byte| *byte == b'_').count()).max();
        let delimiter = format!("{DELIMITER}{}", "_".repeat(taken.unwrap_or(0)));
        Self { code, found, given, delimiter, run: String::new(), lines: Vec::new(), stack: Vec::new(), left: 0 }
    }

    fn push(&mut self, line: &str, number: usize) {
        for (at, line) in line.split('\n').enumerate() {
            self.run.push_str(line);
            self.run.push('\n');
            self.lines.push(if number == 0 { 0 } else { number + at });
        }
    }

    /// Writes the whole text.
    fn write(&mut self) {
        let mut turns: Vec<(usize, Turn)> = Vec::new();
        for (at, place) in self.found.places.iter().enumerate() {
            turns.push((place.opener.start, Turn::Open(at)));
            turns.push((place.closer.map_or(self.code.len(), |closer| closer.start), Turn::Close(at)));
        }
        turns.extend(self.found.leaves.iter().map(|leave| (leave.start, Turn::Leave)));
        turns.sort_by_key(|(at, turn)| match turn {
            // What was opened last closes first.
            Turn::Close(place) => (*at, 0, usize::MAX - place),
            Turn::Open(place) => (*at, 1, *place),
            Turn::Leave => (*at, 1, 0),
        });
        let mut at = 0;
        let mut number = 1;
        for (start, turn) in turns {
            let line = line_start(self.code, start).max(at);
            number = self.copy(at, line, number);
            let end = match turn {
                Turn::Open(place) => self.turn_in(place, number),
                Turn::Close(place) => self.turn_out(place, number),
                Turn::Leave => self.leave(start, number),
            };
            number += self.code[line..end].matches('\n').count();
            at = end;
        }
        self.copy(at, self.code.len(), number);
        while !self.stack.is_empty() {
            self.close("", 0);
        }
    }

    /// Copies the lines as they are.
    fn copy(&mut self, from: usize, to: usize, number: usize) -> usize {
        let text = &self.code[from..to];
        if text.is_empty() {
            return number;
        }
        let lines = text.strip_suffix('\n').unwrap_or(text);
        self.push(lines, number);
        number + text.matches('\n').count()
    }

    fn turn_in(&mut self, place: usize, number: usize) -> usize {
        let place = &self.found.places[place];
        let start = line_start(self.code, place.opener.start);
        let text = &self.code[start..place.opener.end];
        let is_blank = self.code[place.body.start..place.body.end].trim().is_empty();
        self.open(text, place, start, number, is_blank);
        line_end(self.code, place.opener.end)
    }

    fn turn_out(&mut self, place: usize, number: usize) -> usize {
        let closer = self.found.places[place].closer;
        let end = closer.map_or(self.code.len(), |closer| line_end(self.code, closer.end));
        let line = closer.map_or("", |closer| self.code[closer.start..end].trim_end());
        self.close(line, if closer.is_some() { number } else { 0 });
        end
    }

    fn leave(&mut self, start: usize, number: usize) -> usize {
        let end = line_end(self.code, start);
        let line = self.code[line_start(self.code, start)..end].trim_end();
        if self.found.first.is_none_or(|first| start < first) {
            self.push(&format!(": {}", line.trim_start()), number);
        } else if self.left < self.given.len() {
            self.left += 1;
            self.close(line.trim_start(), number);
        } else if start < self.found.last {
            // There is nothing to leave, and what follows is to run.
            self.push(&format!(": {}", line.trim_start()), number);
        } else {
            self.push(line, number);
        }
        end
    }

    /// Writes the command that opens `place`, whose `text` begins at `offset`.
    fn open(&mut self, text: &str, place: &Place, offset: usize, number: usize, is_blank: bool) {
        let way = &place.way;
        let command = rewritten(text, offset, place);
        let added = way.added;
        let delimiter = match self.stack.len() {
            0 => self.delimiter.clone(),
            depth => format!("{}_{}", self.delimiter, depth + 1),
        };
        match way.form {
            Form::Argument if is_blank => self.push(&format!("{command}{added} true"), number),
            Form::Option if is_blank => self.push(&format!("{command}{added}true"), number),
            Form::Argument => self.push(&format!("{command}{added} \"$(cat <<'{delimiter}'"), number),
            Form::Option => self.push(&format!("{command}{added}\"$(cat <<'{delimiter}'"), number),
            Form::Input | Form::Prompt => self.push(&format!("{command}{added} <<'{delimiter}'"), number),
        }
        if way.form == Form::Input {
            self.push("{", 0);
            // A group needs a command.
            let body = self.code.get(place.body.start..place.body.end).unwrap_or_default();
            if body.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
                self.push("true", 0);
            }
        }
        self.stack.push((way.clone(), is_blank, delimiter));
    }

    /// Ends what was opened last. `line` is the one that leaves it.
    fn close(&mut self, line: &str, number: usize) {
        let Some((way, is_blank, delimiter)) = self.stack.pop() else { return };
        match way.form {
            Form::Argument | Form::Option if is_blank => {}
            Form::Argument | Form::Option => {
                self.push(&delimiter, 0);
                let comment = if line.is_empty() { String::new() } else { format!("  # {line}") };
                self.push(&format!(")\"{comment}"), number);
            }
            Form::Input => {
                self.push("} </dev/null", 0);
                self.push(&delimiter, number);
            }
            Form::Prompt => self.push(&delimiter, number),
        }
    }

    fn finish(self) -> Entered {
        let places = &self.found.places;
        let mut within: Vec<String> = self.given[..self.given.len() - self.left].to_vec();
        let mut inside: Vec<Inside> = Vec::new();
        // Lines are counted once: places come in the order of the text.
        let mut counted = (0, 1);
        for place in places {
            let parent = match place.parent {
                Some(parent) => inside[parent].through.clone(),
                None => within.clone(),
            };
            counted = (place.body.start, counted.1 + self.code[counted.0..place.body.start].matches('\n').count());
            let body = &self.code[place.body.start..place.body.end];
            let last = counted.1 + body.trim_end_matches('\n').matches('\n').count();
            inside.push(Inside {
                through: [parent, vec![place.shown.clone()]].concat(),
                first: counted.1,
                last,
                span: place.body,
                is_shell: place.way.form != Form::Prompt,
            });
        }
        within.extend(self.found.open.iter().map(|place| {
            let opener = places[*place].opener;
            self.code[opener.start..opener.end].to_owned()
        }));
        inside.retain(|inside| !self.code[inside.span.start..inside.span.end].trim().is_empty());
        Entered {
            run: self.run,
            lines: self.lines,
            inside,
            within,
            left: self.left,
            around: self.given.len(),
            shell: self.found.shell.clone(),
        }
    }
}

/// The command that opens `place` as it is called to take its lines.
fn rewritten(text: &str, offset: usize, place: &Place) -> String {
    let mut changes: Vec<(Span, &str)> =
        place.way.rewritten.iter().filter_map(|(word, text)| Some((*place.words.get(*word)?, text.as_str()))).collect();
    changes.sort_by_key(|(span, _)| span.start);
    let mut written = String::with_capacity(text.len());
    let mut at = 0;
    for (span, change) in changes {
        let (start, end) = (span.start - offset, span.end - offset);
        let before = &text[at..start];
        written.push_str(if change.is_empty() { before.trim_end_matches([' ', '\t']) } else { before });
        written.push_str(change);
        at = end;
    }
    written.push_str(&text[at..]);
    written
}
