//! A block's terminal, joined to the responder's.
//!
//! Keys go from the responder's to the block's, which makes of them what the
//! block has set: Ctrl-C a SIGINT for what is in the foreground, Ctrl-Z a
//! SIGTSTP. What the block prints is shown line by line in its own part of the
//! screen, until it takes single keys: then it is an editor, a pager or a
//! prompt with a line editor, and has the whole screen until it goes back to
//! whole lines. That is told by the terminal's settings, which only a program
//! can change; what is printed can hold any sequence.

use super::pty::Pty;
use super::stdio::{Record, Terminal};
use crate::effect::{Input, JoinedTerminal, Presentation, ShellRequest};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use rustix::termios::{LocalModes, OutputModes, SpecialCodeIndex, Termios, Winsize};
use std::io;
use std::sync::Arc;
use tokio::signal::unix::{self, SignalKind, signal};
use tokio::time::{Duration, Instant, sleep};

/// Columns that lines in the block's part of the screen have not: its mark in
/// front, and the last one, which stays free.
const MARGIN: u16 = 3;

/// A second Ctrl-C within this time ends the block for good.
const TWICE: Duration = Duration::from_secs(1);

/// How long to wait between two looks at whether the block has its terminal.
const LOOK: Duration = Duration::from_millis(2);

/// More keys than this do not wait for a block that takes none.
const MOST_PENDING: usize = 64 * 1024;

/// What a program that had the terminal writes last: back from the other
/// screen, and no more marks around what is pasted.
const LEAVES: [&[u8]; 4] = [b"\x1b[?1049l", b"\x1b[?1047l", b"\x1b[?47l", b"\x1b[?2004l"];

/// What the responder or the block has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happening {
    /// Nothing that the engine has to do with.
    Nothing,
    /// Ctrl-C was typed, and the block has got it.
    Interrupt,
    /// Something else was typed since: what was interrupted goes on.
    Typed,
    /// Ctrl-C was typed again at once.
    Terminate,
    /// The block has stopped.
    Stopped,
}

/// A block's terminal, joined to the responder's for as long as this lives.
pub(super) struct Joint {
    pty: Arc<Pty>,
    user: Box<dyn JoinedTerminal>,
    children: unix::Signal,
    /// Known from the start to have the whole screen.
    interactive: bool,
    shown: Presentation,
    /// Typed, and not taken yet.
    pending: Vec<u8>,
    /// The block has its terminal: its leader has handed it over.
    handed_over: bool,
    /// What it could not be told before that: that its size has changed, or
    /// that it is to stop.
    too_early: Vec<Signal>,
    interrupted: Option<Instant>,
    /// The last line has no end: it may be a question.
    line_is_open: bool,
}

impl Joint {
    /// Joins a new terminal for this block to the responder's.
    pub(super) fn new(user: Box<dyn JoinedTerminal>, request: &ShellRequest) -> io::Result<(Self, Terminal)> {
        let interactive = request.interactive;
        let mut settings = user.settings();
        let shown = if interactive { Presentation::Through } else { Presentation::Lines };
        if !interactive {
            // What is printed is recorded as it is printed.
            settings.output_modes.remove(OutputModes::OPOST);
        }
        let (pty, block) = Pty::open(&settings, room(user.size(), shown))?;
        let terminal = Terminal { pty: Arc::new(pty), block, streams_apart: request.streams_apart };
        let joint = Self {
            pty: Arc::clone(&terminal.pty),
            user,
            children: signal(SignalKind::child())?,
            interactive,
            shown,
            pending: Vec::new(),
            handed_over: false,
            too_early: Vec::new(),
            interrupted: None,
            line_is_open: false,
        };
        Ok((joint, terminal))
    }

    /// The process group that has the block's terminal.
    pub(super) fn foreground(&self) -> Option<Pid> {
        self.pty.foreground()
    }

    /// Waits for something to happen; `leader` is the block's. Nothing is lost
    /// if this is dropped while it waits.
    pub(super) async fn next(&mut self, leader: Pid) -> Happening {
        tokio::select! {
            input = self.user.next(), if self.pending.len() < MOST_PENDING => match input {
                Input::Keys(keys) => return self.typed(&keys),
                Input::Resized => {
                    self.pty.resize(room(self.user.size(), self.shown));
                    if !self.handed_over {
                        self.too_early.push(Signal::WINCH);
                    }
                }
                Input::Stop if !self.handed_over => self.too_early.push(Signal::TSTP),
                Input::Stop => {
                    if let Some(group) = self.pty.foreground() {
                        let _gone = kill_process_group(group, Signal::TSTP);
                    }
                }
            },
            group = handed_over(&self.pty, leader), if !self.handed_over => {
                self.handed_over = true;
                for signal in self.too_early.drain(..) {
                    let _gone = kill_process_group(group, signal);
                }
            }
            taken = self.pty.write(&self.pending), if self.handed_over && !self.pending.is_empty() => {
                self.pending.drain(..taken);
            }
            _ = self.children.recv() => {
                let stopped = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
                if matches!(waitid(WaitId::Pid(leader), stopped), Ok(Some(_))) {
                    return Happening::Stopped;
                }
            }
        }
        Happening::Nothing
    }

    fn typed(&mut self, keys: &[u8]) -> Happening {
        self.pending.extend_from_slice(keys);
        let interrupts = self.pty.settings().is_ok_and(|settings| {
            settings.local_modes.contains(LocalModes::ISIG)
                && keys.contains(&settings.special_codes[SpecialCodeIndex::VINTR])
        });
        if !interrupts {
            self.interrupted = None;
            return Happening::Typed;
        }
        let now = Instant::now();
        match self.interrupted.replace(now) {
            Some(before) if now.duration_since(before) < TWICE => Happening::Terminate,
            _ => Happening::Interrupt,
        }
    }

    /// Begins to show what the block prints.
    pub(super) fn begin(&self, record: &mut Record<'_>) {
        record.present(self.shown);
    }

    /// Whether how the block is doing may be shown: not over a question.
    pub(super) fn has_room_below(&self) -> bool {
        self.shown == Presentation::Lines && !self.line_is_open
    }

    /// Finds out how `bytes`, which the block has just printed, are to be shown:
    /// from which of them on in which other way than before.
    pub(super) fn look(&mut self, bytes: &[u8]) -> Vec<(usize, Presentation)> {
        self.line_is_open = bytes.last().is_some_and(|last| *last != b'\n');
        if self.interactive {
            return Vec::new();
        }
        let Ok(settings) = self.pty.settings() else { return Vec::new() };
        let by_line = settings.local_modes.contains(LocalModes::ICANON);
        match (self.shown, by_line) {
            (Presentation::Lines, false) => {
                self.process_output(settings);
                self.shown = Presentation::Through;
                self.pty.resize(room(self.user.size(), self.shown));
                vec![(end_of_lines(bytes), Presentation::Through)]
            }
            (Presentation::Through, false) if self.process_output(settings.clone()) || ends_lines(&settings) => {
                // A line end that the terminal has not made its own is from a
                // moment in which the block was back at whole lines.
                let (from, to) = (end_of_screen(bytes), end_of_lines(bytes));
                let lines = [(from, Presentation::Lines), (to, Presentation::Through)];
                if from < to { lines.into() } else { Vec::new() }
            }
            (Presentation::Through, true) => {
                let mut settings = settings;
                if settings.output_modes.contains(OutputModes::OPOST) {
                    settings.output_modes.remove(OutputModes::OPOST);
                    self.pty.set(&settings);
                }
                self.shown = Presentation::Lines;
                vec![(end_of_screen(bytes), Presentation::Lines)]
            }
            _ => Vec::new(),
        }
    }

    /// Gives a program that edits lines the line ends that it expects, unless it
    /// has them. Nothing but OPOST was off, so one that has turned line ends off
    /// keeps them so; and one that takes Ctrl-C as a key takes care of its
    /// output as well.
    fn process_output(&self, mut settings: Termios) -> bool {
        let lacks =
            settings.local_modes.contains(LocalModes::ISIG) && !settings.output_modes.contains(OutputModes::OPOST);
        if lacks {
            settings.output_modes.insert(OutputModes::OPOST);
            self.pty.set(&settings);
        }
        lacks
    }

    /// Lets the responder have the terminal, and the whole program stopped,
    /// until it is continued.
    pub(super) fn stand_aside(&mut self, record: &mut Record<'_>) {
        record.present(Presentation::Away);
        self.line_is_open = false;
        self.user.stand_aside();
        record.present(self.shown);
        self.pty.resize(room(self.user.size(), self.shown));
    }
}

/// Waits until the block has its terminal: before, a Ctrl-C would hit the
/// `leader`. Gives the block's process group.
async fn handed_over(pty: &Pty, leader: Pid) -> Pid {
    loop {
        match pty.foreground() {
            Some(group) if group != leader => return group,
            _ => sleep(LOOK).await,
        }
    }
}

/// Whether the terminal makes a carriage return and a line feed of a line end.
fn ends_lines(settings: &Termios) -> bool {
    settings.output_modes.contains(OutputModes::OPOST | OutputModes::ONLCR)
}

/// How much room the block has on a screen of this size.
fn room(screen: Winsize, shown: Presentation) -> Winsize {
    let margin = if shown == Presentation::Lines { MARGIN } else { 0 };
    let columns = if screen.ws_col == 0 { 0 } else { screen.ws_col.saturating_sub(margin).max(2) };
    Winsize { ws_col: columns, ..screen }
}

/// Where, in what was printed up to the moment when a program took over the
/// terminal, the lines before it end: those whose ends the terminal left alone.
fn end_of_lines(bytes: &[u8]) -> usize {
    let takes =
        |at: &usize| bytes[*at..].starts_with(b"\x1b[?") && !LEAVES.iter().any(|end| bytes[*at..].starts_with(end));
    let lines = (0..bytes.len()).find(takes).unwrap_or(bytes.len());
    (0..lines).rev().find(|at| is_bare_line_end(bytes, *at)).map_or(0, |at| at + 1)
}

/// Where, in what was printed up to the moment when it had given the terminal
/// back, what is its own ends: its screen, or else its last line.
fn end_of_screen(bytes: &[u8]) -> usize {
    let leaves = |at: usize| {
        LEAVES.iter().find(|sequence| bytes[at..].starts_with(sequence)).map(|sequence| at + sequence.len())
    };
    let screen = (0..bytes.len()).rev().filter(|at| bytes[*at] == 0x1b).find_map(leaves);
    let first_bare = (0..bytes.len()).find(|at| is_bare_line_end(bytes, *at)).unwrap_or(bytes.len());
    let line = bytes[..first_bare].windows(2).rposition(|two| two == b"\r\n").map(|at| at + 2);
    screen.max(line).unwrap_or(0)
}

fn is_bare_line_end(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b'\n' && (at == 0 || bytes[at - 1] != b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_before_a_program_that_takes_over_are_still_lines() {
        let cut = |text: &str| end_of_lines(text.as_bytes());
        assert_eq!(cut("one\ntwo\n\x1b[?1049h\x1b[2;1Hscreen\nmore"), "one\ntwo\n".len());
        assert_eq!(cut("one\nname? "), "one\n".len());
        assert_eq!(cut("\x1b[?2004hname? "), 0);
        assert_eq!(cut("drawn\r\n"), 0);
    }

    #[test]
    fn what_comes_after_a_programs_screen_are_lines_again() {
        let cut = |text: &str| end_of_screen(text.as_bytes());
        assert_eq!(cut("\x1b[24;1H\x1b[K\x1b[?1049l\x1b[?1ldone\n"), "\x1b[24;1H\x1b[K\x1b[?1049l".len());
        assert_eq!(cut("done\n"), 0);
        assert_eq!(cut("typed\r\ndone\nand more\n"), "typed\r\n".len());
        assert_eq!(cut("\r\n\x1b[?2004l\rdone\n"), "\r\n\x1b[?2004l".len());
    }

    #[test]
    fn lines_between_two_prompts_are_lines() {
        let text = b"typed\r\n\x1b[?2004l\rdone\nand more\n\x1b[?2004hnext? ";
        let between = &text[end_of_screen(text)..end_of_lines(text)];
        assert_eq!(between, b"\rdone\nand more\n");
    }

    #[test]
    fn a_small_screen_leaves_some_room() {
        let size = |columns| Winsize { ws_row: 10, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        assert_eq!(room(size(80), Presentation::Lines).ws_col, 77);
        assert_eq!(room(size(80), Presentation::Through).ws_col, 80);
        assert_eq!(room(size(1), Presentation::Lines).ws_col, 2);
        assert_eq!(room(size(0), Presentation::Lines).ws_col, 0, "a size that is not known stays so");
    }
}
