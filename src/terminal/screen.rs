//! What the responder sees of a run.

use super::device::Device;
use super::style::{self, Span};
use super::{card, changed, comparison, markdown, outcome, visible, waiting, wrap};
use crate::effect::{BlockCard, ChangedLine, Presentation, Stream, View, Wait};
use crate::run::Event;
use std::time::Duration;

/// Nobody wants to be told about a shorter wait.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// Shows a run on a [`Device`].
pub struct Screen {
    device: Device,
    /// The reason shown last: a step that ends for the same one need not
    /// repeat it.
    said: Option<String>,
    /// What is told below the run's title.
    preface: Vec<String>,
}

impl Screen {
    /// Shows it on `device`.
    #[must_use]
    pub fn new(device: Device) -> Self {
        Self { device, said: None, preface: Vec::new() }
    }

    /// Tells these lines below the run's title.
    #[must_use]
    pub fn with_preface(self, preface: Vec<String>) -> Self {
        Self { preface, ..self }
    }

    /// Says something that holds for the whole run and must not be missed:
    /// that it is a rehearsal.
    pub fn banner(&self, text: &str) {
        self.lines(&[Vec::new()]);
        self.wrapped(&[Span::new(format!(" {} ", visible::inline(text)), style::CAUTION.invert())], "");
    }

    /// Writes `spans` as one paragraph, its further lines behind `indent`.
    fn wrapped(&self, spans: &[Span], indent: &str) {
        let width = self.device.prose_width().saturating_sub(indent.len());
        let mut lines = wrap::words(spans, width);
        let whole = self.device.width();
        for line in lines.iter_mut().skip(1) {
            // A word as wide as the screen is rather found whole at its edge.
            if wrap::width(line) + indent.len() <= whole {
                line.insert(0, Span::plain(indent));
            }
        }
        self.lines(&lines);
    }

    fn lines(&self, lines: &[Vec<Span>]) {
        let color = self.device.color();
        let text: String = lines.iter().map(|line| style::paint(line, color) + "\n").collect();
        self.device.print(&text);
    }
}

impl View for Screen {
    fn step(&mut self, number: usize, total: usize, title: &str, line: usize) {
        let head = [
            Span::new("━━ ", style::QUIET),
            Span::new(format!("Step {number} of {total} · {}", visible::inline(title)), style::STRONG),
            Span::new(format!(" · line {line}"), style::QUIET),
        ];
        self.device.gap();
        self.wrapped(&head, "   ");
    }

    fn prose(&mut self, markdown: &str) {
        let text = markdown::render(markdown, self.device.prose_width(), self.device.color());
        if !text.is_empty() {
            self.device.gap();
            self.device.print(&text);
        }
    }

    fn open_lines(&mut self, language: &str, lines: &[(usize, String)]) {
        self.device.gap();
        self.lines(&card::open_lines(language, lines, self.device.columns()));
    }

    fn block(&mut self, block: &BlockCard<'_>) {
        self.device.gap();
        self.lines(&card::lines(block, self.device.columns()));
    }

    fn output(&mut self, stream: Stream, bytes: &[u8]) {
        self.device.output(stream, bytes);
    }

    fn present(&mut self, how: Presentation) {
        self.device.present(how);
    }

    fn width(&self) -> Option<usize> {
        self.device.output_width()
    }

    fn waiting(&mut self, wait: &Wait) {
        if wait.elapsed >= SHORTEST_WAIT {
            self.device.waiting(&waiting::line(wait, self.device.width()));
        }
    }

    fn changed(&mut self, attempt: u32, lines: &[ChangedLine]) {
        self.lines(&changed::lines(attempt, lines, self.device.columns()));
    }

    fn event(&mut self, event: &Event) {
        if let Event::Compared(compared) = event {
            return self.lines(&comparison::lines(compared, self.device.columns()));
        }
        let lines = outcome::lines(event, self.said.as_deref());
        if matches!(event, Event::BlockFinished(_)) {
            // Even where nothing is said, the block's colours and its open
            // line end here.
            self.device.settle();
        }
        if let Some(reason) = outcome::reason(event) {
            self.said = Some(reason);
        }
        for line in &lines {
            self.wrapped(line, "  ");
        }
        if matches!(event, Event::RunStarted(_)) {
            for line in std::mem::take(&mut self.preface) {
                self.wrapped(&[Span::plain(visible::inline(&line))], "  ");
            }
        }
    }

    fn passed_over(&mut self, title: &str, reason: &str) {
        // Of several parts of one section the reason is read once.
        let why = match &self.said {
            Some(said) if said == reason => "passed over as well".to_owned(),
            _ => format!("passed over: {}", visible::inline(reason)),
        };
        let text = format!("{} {why}", visible::inline(title));
        self.wrapped(&[Span::new("– ", style::CAUTION), Span::new(text, style::QUIET)], "  ");
        self.said = Some(reason.to_owned());
    }

    fn say(&mut self, message: &str) {
        for line in message.lines() {
            self.wrapped(&[Span::plain(visible::inline(line))], "  ");
        }
    }

    fn warn(&mut self, message: &str) {
        let text = visible::inline(message);
        self.wrapped(&[Span::new("! ", style::CAUTION), Span::new(text, style::PLAIN)], "  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::device::tests::Captured;

    #[test]
    fn a_step_says_where_we_are() {
        let captured = Captured::default();
        Screen::new(captured.device(40, false, false)).step(3, 5, "Reset locked jobs", 42);
        assert_eq!(captured.text(), "\n━━ Step 3 of 5 · Reset locked jobs ·\n   line 42\n");
    }

    #[test]
    fn parts_passed_over_for_one_reason_give_it_once() {
        let captured = Captured::default();
        let mut screen = Screen::new(captured.device(80, false, false));
        for title in ["Before", "After"] {
            screen.passed_over(title, "it is the cause");
        }
        screen.passed_over("Later", "it is about later");
        let shown = "– Before passed over: it is the cause\n– After passed over as well\n– Later passed over: it is about later\n";
        assert_eq!(captured.text(), shown);
    }

    #[test]
    fn a_word_as_wide_as_the_screen_is_not_broken_for_an_indent() {
        let captured = Captured::default();
        Screen::new(captured.device(24, false, false)).say("run 2026-11-22-0829-page-5c1e");
        assert_eq!(captured.text(), "run\n2026-11-22-0829-page-5c1e\n");
    }

    #[test]
    fn a_wait_shows_what_is_left_once_it_is_long() {
        let captured = Captured::default();
        let mut screen = Screen::new(captured.device(80, false, true));
        let wait = |millis| Wait {
            elapsed: Duration::from_millis(millis),
            ended_in: Some(Duration::from_secs(75)),
            ..Wait::default()
        };
        screen.waiting(&wait(900));
        assert_eq!(captured.text(), "");
        screen.waiting(&wait(2_300));
        assert_eq!(captured.text(), "  2 s so far · ended in 1 min 15 s · Ctrl-C stops it");
        screen.waiting(&wait(2_600));
        assert_eq!(captured.text(), "  2 s so far · ended in 1 min 15 s · Ctrl-C stops it");
    }

    #[test]
    fn a_message_of_the_engine_cannot_send_control_sequences() {
        let captured = Captured::default();
        let mut screen = Screen::new(captured.device(80, false, false));
        screen.say("one\ntwo \u{1b}[31m");
        screen.warn("three");
        screen.banner("REHEARSAL: nothing is real");
        assert_eq!(captured.text(), "one\ntwo ␛[31m\n! three\n\nREHEARSAL: nothing is real\n");
    }
}
