//! A person at a terminal: reads what is on the screen, types what they mean.

use super::{DEADLINE, Screen};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Columns and rows of a terminal where nothing else is said. Wide, so that a
/// text that is looked for is not wrapped.
const SIZE: (u16, u16) = (120, 40);

/// How long output may still come from whoever outlives the program.
const REST: Duration = Duration::from_secs(2);

/// A program on a pseudo-terminal that is its controlling terminal, with echo
/// and line editing as a real one has them. Dropping it ends the program.
pub(crate) struct Terminal {
    keyboard: File,
    output: Receiver<Vec<u8>>,
    exit: Receiver<ExitStatus>,
    pid: Pid,
    exited: Option<ExitStatus>,
    screen: Screen,
    /// Everything before this byte of the screen's text has been read.
    read: usize,
}

impl Terminal {
    /// Starts `command` on a terminal of 120 columns and 40 rows.
    pub(crate) fn spawn(command: &Command) -> Self {
        Self::spawn_sized(command, SIZE.0, SIZE.1)
    }

    /// Starts `command` on a terminal of this size.
    ///
    /// The program is started by `setsid --ctty`, which takes its standard
    /// input for the controlling terminal and then becomes the program.
    pub(crate) fn spawn_sized(command: &Command, columns: u16, rows: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a pseudo-terminal");
        grantpt(&master).expect("access to the terminal's other side");
        unlockpt(&master).expect("the terminal's other side");
        let name = ptsname(&master, Vec::new()).expect("the name of the terminal's other side");
        // NOCTTY, or a test that leads a session would take the terminal for its own.
        let slave = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty());
        let slave = File::from(slave.expect("the terminal's other side"));
        resize(&slave, columns, rows);

        let mut on_terminal = Command::new("setsid");
        on_terminal.arg("--ctty").arg(command.get_program()).args(command.get_args()).env_clear();
        on_terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = command.get_current_dir() {
            on_terminal.current_dir(folder);
        }
        let side = || Stdio::from(slave.try_clone().expect("another handle"));
        let mut child = on_terminal
            .stdin(side())
            .stdout(side())
            .stderr(side())
            .spawn()
            .expect("setsid, which util-linux provides, starts the program");
        // Open handles on this side would keep the terminal from ever ending.
        drop(on_terminal);
        drop(slave);

        let pid = Pid::from_child(&child);
        let (tell_exit, exit) = channel();
        thread::spawn(move || {
            let _ = tell_exit.send(child.wait().expect("the program can be waited for"));
        });
        let keyboard = File::from(master);
        let mut reader = keyboard.try_clone().expect("another handle");
        let (tell_output, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // A terminal whose other side is closed ends with an error, EIO.
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if tell_output.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { keyboard, output, exit, pid, exited: None, screen: Screen::default(), read: 0 }
    }

    /// Reads on until `text` is on the screen, and gives what stood before it.
    /// What is read once is not found again.
    ///
    /// # Panics
    /// If it does not come before the deadline, or the program ends without
    /// it. The message holds all that was on the screen.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) -> String {
        let from = self.read;
        self.expect_any(&[text]);
        self.screen.between(from, self.read - text.len())
    }

    /// Reads on until one of `texts` is on the screen, and gives the index of
    /// the one that came first.
    ///
    /// # Panics
    /// As [`expect`](Self::expect).
    #[track_caller]
    pub(crate) fn expect_any(&mut self, texts: &[&str]) -> usize {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let found = texts
                .iter()
                .enumerate()
                .filter_map(|(index, text)| self.screen.find(text, self.read).map(|at| (at, index, text.len())));
            if let Some((at, index, length)) = found.min() {
                self.read = at + length;
                return index;
            }
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.screen.push(&bytes),
                Err(RecvTimeoutError::Timeout) => self.fail(texts, "did not come in time"),
                Err(RecvTimeoutError::Disconnected) => self.fail(texts, "did not come before the program ended"),
            }
        }
    }

    /// Types `keys`, as they are.
    pub(crate) fn send(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Types `line` and Enter.
    pub(crate) fn send_line(&mut self, line: &str) {
        self.send(line);
        self.send("\r");
    }

    /// Answers each of `questions` with its line as often as it is asked, and
    /// reads on until `end` is on the screen.
    ///
    /// # Panics
    /// As [`expect`](Self::expect).
    #[track_caller]
    pub(crate) fn answer_until(&mut self, questions: &[(&str, &str)], end: &str) {
        let mut texts = vec![end];
        texts.extend(questions.iter().map(|(question, _)| *question));
        while let Some(asked) = self.expect_any(&texts).checked_sub(1) {
            self.send_line(questions[asked].1);
        }
    }

    /// Reads on until `question` is on the screen, and answers it with `line`.
    ///
    /// # Panics
    /// As [`expect`](Self::expect).
    #[track_caller]
    pub(crate) fn answer(&mut self, question: &str, line: &str) {
        self.expect(question);
        self.send_line(line);
    }

    /// The program's process id.
    pub(crate) fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&mut self, signal: Signal) {
        rustix::process::kill_process(self.pid, signal).expect("the program runs");
    }

    /// Types Ctrl-C.
    pub(crate) fn send_ctrl_c(&mut self) {
        self.send("\x03");
    }

    /// Makes the terminal this big, as if its window had been dragged.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        resize(&self.keyboard, columns, rows);
    }

    /// Waits for the program to end, and gives its exit code, or 128 and the
    /// number of the signal that ended it.
    ///
    /// # Panics
    /// If it does not end before the deadline.
    #[track_caller]
    pub(crate) fn wait_exit(&mut self) -> i32 {
        let status = match self.exited {
            Some(status) => status,
            None => self
                .exit
                .recv_timeout(DEADLINE)
                .unwrap_or_else(|_| panic!("the program did not end in time\n{}", self.framed())),
        };
        self.exited = Some(status);
        let deadline = Instant::now() + REST;
        while let Ok(bytes) = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.screen.push(&bytes);
        }
        status.code().or(status.signal().map(|signal| 128 + signal)).expect("an ended program has one of the two")
    }

    /// All that has been on the screen, without escape sequences.
    pub(crate) fn screen(&self) -> String {
        self.screen.text()
    }

    #[track_caller]
    fn fail(&self, texts: &[&str], problem: &str) -> ! {
        let wanted = texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(" or ");
        panic!("{wanted} {problem}\n{}", self.framed());
    }

    /// The screen for a failure's message, divided where reading stopped.
    fn framed(&self) -> String {
        format!(
            "--- the screen, as far as it was read ---\n{}\n--- the rest of it ---\n{}\n---",
            self.screen.between(0, self.read),
            self.screen.between(self.read, self.screen.len()),
        )
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Once it has been waited for, the number may be somebody else's.
        if self.exited.is_none() && self.exit.try_recv().is_err() {
            let _ = rustix::process::kill_process(self.pid, Signal::KILL);
        }
    }
}

fn resize(terminal: &File, columns: u16, rows: u16) {
    let size = Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(terminal, size).expect("the terminal's size");
}
