//! The terminal's mode while a question is asked, and the way back to the
//! mode it was in.
//!
//! During the whole question keys come one by one and unechoed, not only
//! while one is being read: else those that arrive in between would be shown
//! by the terminal itself, a pasted secret among them. Ctrl-C comes as a key.

use rustix::termios::{self, InputModes, LocalModes, OptionalActions, Termios};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The mode to go back to, while a question is asked.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Puts the terminal back as it was before a question that is still open;
/// does nothing when none is. For a program that must end at once: a panic
/// hook, a handler of SIGTERM or SIGHUP.
pub fn restore() {
    if let Some(before) = before().take() {
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
}

fn before() -> MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The mode of asking, for as long as it lives.
pub(super) struct Asking(());

impl Asking {
    /// Sets the mode, and throws away what was typed before: it cannot have
    /// been an answer.
    ///
    /// # Errors
    /// If standard input is not a terminal, or no longer one.
    pub(super) fn start() -> io::Result<Self> {
        let original = termios::tcgetattr(io::stdin())?;
        let mut mode = original.clone();
        mode.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
        mode.input_modes.remove(InputModes::ICRNL | InputModes::INLCR | InputModes::IGNCR | InputModes::IXON);
        before().get_or_insert(original);
        let asking = Self(());
        termios::tcsetattr(io::stdin(), OptionalActions::Flush, &mode)?;
        Ok(asking)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        restore();
    }
}
