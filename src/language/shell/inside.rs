//! Which lines of a text run inside what an earlier line opens.

use super::findings::Findings;
use super::opener::{self, Form, Opener};
use super::syntax::{self, Node, Tree};
use super::word::{Input, Word};
use super::{command, placeholders, scan};
use crate::language::Context;
use crate::language::placeholder::Placeholder;
use crate::source::Span;
use std::cell::RefCell;
use std::rc::Rc;

/// More prompts than this are not looked for in one block, nor are shells in
/// shells deeper than this.
const MOST: usize = 32;

/// The lines that run inside something, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The command that opens it.
    pub(super) opener: Span,
    /// The lines that run inside, with their line ends.
    pub(super) body: Span,
    /// The command that leaves it, if the text does.
    pub(super) closer: Option<Span>,
    /// The place that this one stands in.
    pub(super) parent: Option<usize>,
    pub(super) way: Opener,
    /// The words of the opener: where each is written.
    pub(super) words: Vec<Span>,
    /// The opener on one line.
    pub(super) shown: String,
}

impl Place {
    /// Where what runs inside happens, in the words for a reason.
    pub(super) fn label(&self, code: &str) -> String {
        match self.way.host.and_then(|host| self.words.get(host)) {
            Some(host) => format!("on {}", &code[host.start..host.end]),
            None => format!("inside `{}`", self.shown),
        }
    }
}

/// A text, taken apart.
#[derive(Debug)]
pub(super) struct Structure {
    /// Every `<name>` that is no redirection.
    pub(super) angles: Vec<Placeholder>,
    /// The text with blanks where something else than shell stands. It has the
    /// same length and lines.
    pub(super) shell: String,
    /// What the bytes of that stand in.
    pub(super) contexts: Vec<Context>,
    pub(super) tree: Option<Tree>,
    /// In the order of their openers.
    pub(super) places: Vec<Place>,
    /// Lines that leave a shell which the text itself did not open.
    pub(super) leaves: Vec<Span>,
    /// The first command that is none of these, if there is one.
    pub(super) first: Option<usize>,
    /// The last command that is none of these: what stands before it runs
    /// whatever leaves.
    pub(super) last: usize,
    /// The places that are open at the end, the outermost first.
    pub(super) open: Vec<usize>,
    /// What opens a shell in more shells than are looked into.
    pub(super) unclear: Option<Span>,
}

thread_local! {
    /// What was taken apart last: several things are asked of a block in a row.
    static LAST: RefCell<Option<(String, Rc<Structure>)>> = const { RefCell::new(None) };
}

/// Takes `code` apart. A `<name>` in it counts as a word.
pub(super) fn find(code: &str) -> Rc<Structure> {
    let last =
        LAST.with_borrow(|last| last.as_ref().filter(|(text, _)| text == code).map(|(_, found)| Rc::clone(found)));
    last.unwrap_or_else(|| {
        let found = Rc::new(take_apart(code));
        LAST.set(Some((code.to_owned(), Rc::clone(&found))));
        found
    })
}

fn take_apart(code: &str) -> Structure {
    let contexts = scan::contexts(code);
    let angles = placeholders::angles(code, &contexts);
    let mut shell = placeholders::filled_in(code, &angles);
    let prompts = prompts(&mut shell);
    let tree = syntax::parse(&shell);
    let mut found = Structure {
        angles,
        contexts: if shell == code { contexts } else { scan::contexts(&shell) },
        tree: None,
        places: Vec::new(),
        leaves: Vec::new(),
        first: None,
        last: 0,
        open: Vec::new(),
        unclear: None,
        shell,
    };
    match &tree {
        Some(tree) if !tree.root_node().has_error() => found.read(tree, prompts),
        _ => found.read_lines(prompts),
    }
    found.tree = tree;
    found
}

/// The places of a text, for judging its commands.
#[derive(Debug, Default)]
pub(super) struct Within<'a> {
    code: &'a str,
    places: &'a [Place],
    /// The lines inside each place that are not inside a deeper one, in order:
    /// where they begin, and the place.
    runs: Vec<(usize, Option<usize>)>,
}

impl<'a> Within<'a> {
    /// For the text `code` that `structure` was found in.
    pub(super) fn new(code: &'a str, structure: &'a Structure) -> Self {
        let mut runs = Vec::new();
        for (at, place) in structure.places.iter().enumerate() {
            runs.push((place.body.start, Some(at)));
            runs.push((place.body.end, place.parent));
        }
        // Of two that begin at the same place, the later was opened or left last.
        runs.sort_by_key(|(start, _)| *start);
        Self { code, places: &structure.places, runs }
    }

    /// What the command at `at` is given where it opens something, and the
    /// command. The lines of a prompt are its input; those of a shell are judged
    /// by themselves. Where there are none, it waits for somebody to type some.
    pub(super) fn opened_at(&self, at: usize) -> Option<(Input<'a>, &'a str)> {
        let place = self.places.binary_search_by_key(&at, |place| place.opener.start).ok()?;
        let place = &self.places[place];
        let lines = &self.code[place.body.start..place.body.end];
        let input = match place.way.form {
            _ if lines.trim().is_empty() => Input::Own,
            Form::Prompt => Input::Text { code: lines, expands: false },
            Form::Argument | Form::Option | Form::Input => Input::Text { code: "", expands: false },
        };
        Some((input, &place.shown))
    }

    /// The place inside which what stands at `at` runs.
    pub(super) fn place_at(&self, at: usize) -> Option<usize> {
        let run = self.runs.partition_point(|(start, _)| *start <= at);
        run.checked_sub(1).and_then(|run| self.runs[run].1)
    }

    /// What is known of a command at `at`, told of the place it runs in.
    pub(super) fn told(&self, at: usize, found: Findings) -> Findings {
        let Some(mut here) = self.place_at(at) else { return found };
        let mut label = None;
        let mut elsewhere = false;
        loop {
            let place = &self.places[here];
            // The outermost host is where all of it happens.
            if label.is_none() || place.way.host.is_some() {
                label = Some(place.label(self.code));
            }
            elsewhere |= place.way.elsewhere;
            match place.parent {
                Some(parent) => here = parent,
                None => break,
            }
        }
        let found = match label {
            Some(label) => found.said_of(&label),
            None => found,
        };
        if elsewhere { found.elsewhere() } else { found }
    }
}

/// A prompt whose lines have been blanked.
struct Prompt {
    start: usize,
    body: Span,
    closer: Option<Span>,
}

impl Structure {
    /// Takes the commands of the tree.
    fn read(&mut self, tree: &Tree, prompts: Vec<Prompt>) {
        let mut prompts = prompts.into_iter().peekable();
        let root = tree.root_node();
        for node in root.children().filter(|node| node.is_named() && node.kind() != "comment") {
            let span = Span::from(node.byte_range());
            let words = (node.kind() == "command").then(|| words(node, &self.shell, 0));
            self.take(span, words, prompts.next_if(|prompt| prompt.start == span.start));
        }
    }

    /// Takes the lines that the lexer says are commands, where the grammar gives
    /// up. What is cut out of a larger construct this way does not parse, and
    /// so does not run.
    fn read_lines(&mut self, prompts: Vec<Prompt>) {
        let mut prompts = prompts.into_iter().peekable();
        let mut at = 0;
        while at < self.shell.len() {
            let mut end = line_end(&self.shell, at);
            while self.shell[at..end].trim_end_matches('\n').ends_with('\\') && end < self.shell.len() {
                end = line_end(&self.shell, end);
            }
            let line = &self.shell[at..end];
            let start = at + line.len() - line.trim_start().len();
            at = end;
            if self.contexts.get(start) != Some(&Context::Command) {
                continue;
            }
            let line = &self.shell[start..end];
            let tree = syntax::parse(line).filter(|tree| !tree.root_node().has_error());
            let node = tree.as_ref().and_then(|tree| tree.root_node().named_children().next());
            let span = node.map_or(Span::new(start, end), |node| Span::new(start, start + node.end_byte()));
            let words = node.filter(|node| node.kind() == "command").map(|node| words(node, line, start));
            self.take(span, words, prompts.next_if(|prompt| prompt.start == start));
        }
    }

    /// Takes the next command; `words` are those of a simple one.
    fn take(&mut self, span: Span, words: Option<Vec<(Word, Span)>>, prompt: Option<Prompt>) {
        let words = words.filter(|_| is_alone(&self.shell, span)).unwrap_or_default();
        let read: Vec<Word> = words.iter().map(|(word, _)| word.clone()).collect();
        if opener::leaves(&read) {
            return self.leave(span, read.len() == 1);
        }
        self.first.get_or_insert(span.start);
        self.last = span.start;
        let way = opener::read(&read).filter(|way| way.form != Form::Prompt || prompt.is_some());
        let Some(way) = way else { return };
        if self.open.len() >= MOST {
            self.unclear.get_or_insert(span);
            return;
        }
        let mut place = Place {
            opener: span,
            body: Span::new(line_end(&self.shell, span.end), self.shell.len()),
            closer: None,
            parent: self.open.last().copied(),
            way,
            words: words.into_iter().map(|(_, span)| span).collect(),
            shown: placeholders::put_back(&command::shown(&read), &self.angles),
        };
        match prompt {
            Some(prompt) => (place.body, place.closer) = (prompt.body, prompt.closer),
            None => self.open.push(self.places.len()),
        }
        self.places.push(place);
    }

    fn leave(&mut self, span: Span, plainly: bool) {
        match self.open.pop() {
            Some(place) => {
                self.places[place].body.end = line_start(&self.shell, span.start);
                self.places[place].closer = Some(span);
            }
            None if plainly => self.leaves.push(span),
            None => {
                self.first.get_or_insert(span.start);
                self.last = span.start;
            }
        }
    }
}

/// Blanks the lines that are typed at prompts other than a shell's.
fn prompts(shell: &mut String) -> Vec<Prompt> {
    let mut found: Vec<Prompt> = Vec::new();
    let mut candidates = 0;
    let mut at = 0;
    if !opener::MAY_PROMPT.stand_in(shell) {
        return found;
    }
    while at < shell.len() && candidates < MOST {
        let start = at;
        let end = line_end(shell, start);
        at = end;
        let line = &shell[start..end];
        if !opener::MAY_PROMPT.stand_in(line) || !opener::PROMPTS.iter().any(|program| line.contains(program)) {
            continue;
        }
        let Some((program, from)) = prompt_of(line) else { continue };
        candidates += 1;
        if !stands_alone(&shell[..start]) {
            continue;
        }
        let Some((body, closer)) = prompt_body(&program, shell, end) else { continue };
        at = closer.map_or(body.end, |closer| line_end(shell, closer.end));
        let blank: String = shell[body.start..at]
            .chars()
            .map(|c| if c == '\n' { "\n".into() } else { " ".repeat(c.len_utf8()) })
            .collect();
        shell.replace_range(body.start..at, &blank);
        found.push(Prompt { start: start + from, body, closer });
    }
    found
}

/// The program whose prompt the command on `line` shows, and where on the line
/// the command begins.
fn prompt_of(line: &str) -> Option<(String, usize)> {
    let tree = syntax::parse(line)?;
    let root = tree.root_node();
    let node = root.named_children().find(|node| node.kind() != "comment")?;
    let span = Span::from(node.byte_range());
    if root.has_error() || node.kind() != "command" || !is_alone(line, span) {
        return None;
    }
    let words: Vec<Word> = words(node, line, 0).into_iter().map(|(word, _)| word).collect();
    let way = opener::read(&words).filter(|way| way.form == Form::Prompt)?;
    let program = words.get(way.reader)?;
    Some((program.rsplit('/').next().unwrap_or(program).to_owned(), span.start))
}

/// Whether a line behind `before` begins a command of its own that no other
/// construct holds.
fn stands_alone(before: &str) -> bool {
    let whole = syntax::parse(before).is_some_and(|tree| !tree.root_node().has_error());
    whole && scan::contexts(before).last().is_none_or(|context| *context == Context::Command)
}

/// The lines from `start` that are typed at the prompt, and what leaves it.
fn prompt_body(program: &str, text: &str, start: usize) -> Option<(Span, Option<Span>)> {
    let mut at = start;
    while at < text.len() {
        let end = line_end(text, at);
        if opener::is_quit(program, &text[at..end]) {
            let closer = Span::new(at, at + text[at..end].trim_end().len());
            return Some((Span::new(start, at), Some(closer)));
        }
        at = end;
    }
    let mut lines = text[start..].lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let fits = lines.next().is_some_and(|line| opener::is_for(program, line));
    fits.then(|| (Span::new(start, text.len()), None))
}

/// The command's words, and where they are written in the text in which `code`
/// begins at `offset`.
fn words(node: Node<'_>, code: &str, offset: usize) -> Vec<(Word, Span)> {
    let mut found: Vec<(Word, Span)> = Vec::new();
    for child in node.named_children() {
        if child.kind() == "variable_assignment" && found.is_empty() {
            continue;
        }
        let span = Span::new(offset + child.start_byte(), offset + child.end_byte());
        found.push((Word::read(syntax::text(child, code)), span));
    }
    found
}

/// Whether nothing else stands on the lines of `span`, but for a comment.
fn is_alone(code: &str, span: Span) -> bool {
    let before = &code[line_start(code, span.start)..span.start];
    let after = code[span.end..line_end(code, span.end)].trim();
    before.trim().is_empty() && (after.is_empty() || after.starts_with('#'))
}

pub(super) fn line_start(code: &str, at: usize) -> usize {
    code[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Where the line after the one of `at` begins.
pub(super) fn line_end(code: &str, at: usize) -> usize {
    code[at..].find('\n').map_or(code.len(), |length| at + length + 1)
}
