//! The [`Prompter`] for a person at a terminal.

use super::conversation::{self, Asker, Clock, Tone};
use super::countdown::{self, Typed};
use super::device::Device;
use super::editor::{self, Edited, EditorError};
use super::mode::Asking;
use super::silent::NoTerminal;
use super::style::{self, Span};
use super::{markdown, visible, wrap};
use crate::effect::{
    ActionAnswer, ActionQuestion, AddressQuestion, BlockAnswer, BlockQuestion, ChoiceAnswer, ChoiceQuestion,
    CommitAnswer, CommitQuestion, FailureAnswer, FailureQuestion, NoAnswer, PasswordQuestion, Prompter, TypedQuestion,
    UnknownAnswer, UnknownQuestion, ValueQuestion,
};
use async_trait::async_trait;
use dialoguer::Input;
use dialoguer::console::{Key, Term};
use dialoguer::theme::Theme;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use tokio::signal::unix::{SignalKind, signal};
use unicode_width::UnicodeWidthStr;
use zeroize::Zeroizing;

/// Before what is typed.
const PROMPT: &str = "> ";

/// Columns that the further lines of what is said stand further right.
const HANGING: usize = 2;

/// Room for a secret as it grows, so that no copies of it are left behind.
const SECRET_CAPACITY: usize = 4096;

/// Asks on standard error, and reads from the terminal.
pub struct Prompts {
    who: String,
    device: Device,
}

impl Prompts {
    /// Asks the user of this name; `device` is where the run is shown.
    #[must_use]
    pub fn new(who: impl Into<String>, device: Device) -> Self {
        Self { who: who.into(), device }
    }

    /// The Prompter to use instead, where there is no terminal to ask on.
    fn silent(&self) -> Option<NoTerminal> {
        let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
        (!terminal).then(|| NoTerminal::new(&self.who))
    }

    /// Leaves a question that nobody will answer any more.
    fn gone(&self) -> NoAnswer {
        super::mode::restore();
        self.device.settle();
        NoAnswer::Interrupted
    }

    /// Holds a conversation on the terminal.
    async fn ask<Q, A>(
        &self,
        question: &Q,
        conversation: fn(&mut dyn Asker, &Q) -> Result<A, NoAnswer>,
    ) -> Result<A, NoAnswer>
    where
        Q: Clone + Send + 'static,
        A: Send + 'static,
    {
        self.device.gap();
        // A Ctrl-C at the prompt is raised as a signal too. This makes sure
        // that it never ends the program, which could not clean up then.
        let _interrupts = signal(SignalKind::interrupt()).map_err(|_| NoAnswer::Interrupted)?;
        let mut terminated = signal(SignalKind::terminate()).map_err(|_| NoAnswer::Interrupted)?;
        let mut hung_up = signal(SignalKind::hangup()).map_err(|_| NoAnswer::Interrupted)?;
        let (width, columns) = (self.device.prose_width(), self.device.width());
        let mut asker = TerminalAsker::new(width, columns, self.device.color(), self.device.moves_cursor());
        let question = question.clone();
        // Not on the runtime's own thread: the read there would be broken off
        // by signals such as that of a resized window.
        let asked = tokio::task::spawn_blocking(move || {
            let answer = conversation(&mut asker, &question);
            asker.flush();
            answer
        });
        self.device.written_by_another();
        let asked = tokio::select! {
            asked = asked => asked,
            // The session ends, and with it the thread that still reads.
            _ = terminated.recv() => return Err(self.gone()),
            _ = hung_up.recv() => return Err(self.gone()),
        };
        match asked {
            Ok(answer) => answer,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(NoAnswer::Interrupted),
            },
        }
    }
}

#[async_trait(?Send)]
impl Prompter for Prompts {
    fn who(&self) -> String {
        self.who.clone()
    }

    async fn block(&mut self, question: &BlockQuestion) -> Result<BlockAnswer, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.block(question).await,
            None => self.ask(question, conversation::block).await,
        }
    }

    async fn failure(&mut self, question: &FailureQuestion) -> Result<FailureAnswer, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.failure(question).await,
            None => self.ask(question, conversation::failure).await,
        }
    }

    async fn value(&mut self, question: &ValueQuestion) -> Result<String, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.value(question).await,
            None => self.ask(question, conversation::value).await,
        }
    }

    async fn address(&mut self, question: &AddressQuestion) -> Result<Option<String>, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.address(question).await,
            None => self.ask(question, conversation::address).await,
        }
    }

    async fn password(&mut self, question: &PasswordQuestion) -> Result<Option<Zeroizing<String>>, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.password(question).await,
            None => self.ask(question, conversation::password).await,
        }
    }

    async fn choice(&mut self, question: &ChoiceQuestion) -> Result<ChoiceAnswer, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.choice(question).await,
            None => self.ask(question, conversation::choice).await,
        }
    }

    async fn action(&mut self, question: &ActionQuestion) -> Result<ActionAnswer, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.action(question).await,
            None => self.ask(question, conversation::action).await,
        }
    }

    async fn commit(&mut self, question: &CommitQuestion) -> Result<CommitAnswer, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.commit(question).await,
            None => self.ask(question, conversation::commit).await,
        }
    }

    async fn typed(&mut self, question: &TypedQuestion) -> Result<bool, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.typed(question).await,
            None => self.ask(question, conversation::typed).await,
        }
    }

    async fn unknown(&mut self, question: &UnknownQuestion) -> Result<UnknownAnswer, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.unknown(question).await,
            None => self.ask(question, conversation::unknown).await,
        }
    }

    async fn confirm(&mut self, question: &str, default: bool) -> Result<bool, NoAnswer> {
        match self.silent() {
            Some(mut silent) => silent.confirm(question, default).await,
            None => self.ask(&(question.to_owned(), default), conversation::confirm).await,
        }
    }
}

/// Standard error and the keyboard.
struct TerminalAsker {
    width: usize,
    columns: usize,
    color: bool,
    /// Whether a line on the screen can be written over.
    redraws: bool,
    /// Said, and not shown yet: it is shown once everything typed before is
    /// thrown away, so that nobody answers what they could not read.
    pending: String,
}

impl TerminalAsker {
    fn new(width: usize, columns: usize, color: bool, redraws: bool) -> Self {
        Self { width, columns, color, redraws, pending: String::new() }
    }

    fn flush(&mut self) {
        // A question that was never put leaves no trace, not even its gap.
        if !self.pending.trim().is_empty() {
            let _ = io::stderr().write_all(self.pending.as_bytes());
        }
        self.pending.clear();
    }
}

impl Asker for TerminalAsker {
    fn say(&mut self, tone: Tone, text: &str) {
        if tone == Tone::Markdown {
            self.pending.push_str(&markdown::render(text, self.width, self.color));
            return;
        }
        let style = match tone {
            Tone::Question => style::STRONG,
            Tone::Warning => style::CAUTION,
            Tone::Plain | Tone::Markdown => style::PLAIN,
        };
        for line in text.lines() {
            let indent = line.len() - line.trim_start().len();
            // No-break spaces keep the words of a menu's entry together; they
            // are shown as the spaces that they look like.
            let words: Vec<String> = line.split('\u{a0}').map(named).collect();
            let spans = [Span::new(words.join("\u{a0}"), style)];
            // Only what does not fit is broken; a number keeps its distance to
            // what it stands for.
            let mut parts = vec![spans.to_vec()];
            if wrap::width(&spans) > self.width {
                let apart = [Span::new(words.join("\u{a0}").trim_start().replace("  ", "\u{a0} "), style)];
                parts = wrap::words(&apart, self.width.saturating_sub(indent + HANGING));
                for (number, part) in parts.iter_mut().enumerate() {
                    let hanging = if number == 0 { 0 } else { HANGING };
                    part.insert(0, Span::plain(" ".repeat(indent + hanging)));
                }
            }
            for part in parts {
                self.pending.push_str(style::paint(&part, self.color).replace('\u{a0}', " ").trim_end());
                self.pending.push('\n');
            }
        }
    }

    fn line(&mut self) -> Result<String, NoAnswer> {
        let _asking = Asking::start().map_err(|_| NoAnswer::Interrupted)?;
        self.flush();
        let term = Term::stderr();
        let typed = Input::<String>::with_theme(&Line)
            .with_prompt(PROMPT)
            .allow_empty(true)
            .report(false)
            .interact_text_on(&term);
        match typed {
            Ok(text) => {
                echo(&term, &text);
                Ok(text)
            }
            Err(_) => {
                let _ = term.write_line("");
                Err(NoAnswer::Interrupted)
            }
        }
    }

    fn line_within(&mut self, clock: Clock<'_>) -> Result<Option<String>, NoAnswer> {
        let _asking = Asking::start().map_err(|_| NoAnswer::Interrupted)?;
        self.flush();
        match countdown::read(&mut io::stderr(), clock, self.columns, self.redraws) {
            Ok(Typed::Line(line)) => Ok(Some(line)),
            Ok(Typed::TimeUp) => Ok(None),
            Ok(Typed::Interrupted) | Err(_) => Err(NoAnswer::Interrupted),
        }
    }

    /// Reads by single keys, not by `dialoguer::Password`: that one goes on
    /// reading after Ctrl-C, and leaves the terminal without echo.
    fn secret(&mut self) -> Result<String, NoAnswer> {
        let _asking = Asking::start().map_err(|_| NoAnswer::Interrupted)?;
        self.flush();
        let term = Term::stderr();
        let _ = term.write_str(PROMPT);
        let mut secret = Zeroizing::new(String::with_capacity(SECRET_CAPACITY));
        let ended = loop {
            match term.read_key_raw() {
                Ok(Key::Enter) => break Ok(()),
                Ok(Key::Backspace) => {
                    secret.pop();
                }
                // Ctrl-U: start afresh.
                Ok(Key::Char('\u{15}')) => secret.clear(),
                Ok(Key::Char(c)) if !c.is_control() => secret.push(c),
                Ok(Key::CtrlC) | Err(_) => break Err(NoAnswer::Interrupted),
                Ok(_) => {}
            }
        };
        let _ = term.write_line("");
        ended.map(|()| secret.as_str().to_owned())
    }

    fn edit(&mut self, text: &str, extension: &str) -> Result<Edited, EditorError> {
        self.flush();
        editor::edit(text, extension)
    }
}

/// `text` with whatever could not be seen named; spaces stay as they are.
fn named(text: &str) -> String {
    text.chars().map(|c| visible::name(c).unwrap_or_else(|| c.to_string())).collect()
}

/// Leaves what was typed on the screen, in place of the line it was typed on.
fn echo(term: &Term, text: &str) {
    let columns = usize::from(term.size().1).max(1);
    let rows = (PROMPT.width() + text.width()).saturating_sub(1) / columns;
    let up = if rows > 0 { format!("\x1b[{rows}A") } else { String::new() };
    let _ = term.write_line(&format!("{up}\r\x1b[J{PROMPT}{}", visible::inline(text)));
}

/// dialoguer's prompt without anything of its own.
struct Line;

impl Theme for Line {
    fn format_input_prompt(&self, f: &mut dyn fmt::Write, prompt: &str, _: Option<&str>) -> fmt::Result {
        f.write_str(prompt)
    }
}
