//! The terminal's mode while a question is asked or a block has the keyboard,
//! and the way back to the mode it was in.
//!
//! During the whole question keys come one by one and unechoed, not only
//! while one is being read: else those that arrive in between would be shown
//! by the terminal itself, a pasted secret among them. Ctrl-C comes as a key.

use rustix::termios::{self, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The modes of a terminal that is not as it was found.
struct Held {
    before: Termios,
    during: Termios,
}

static HELD: Mutex<Option<Held>> = Mutex::new(None);

/// Puts the terminal back as it was before a question that is still open, or
/// a block that has the keyboard; does nothing when there is none. For a
/// program that must end at once: a panic hook, a handler of SIGTERM or SIGHUP.
pub fn restore() {
    if let Some(Held { before, .. }) = held().take() {
        let _ = set(OptionalActions::Now, &before);
    }
}

/// Puts the terminal back for a while, until [`take_up`].
pub(super) fn set_aside() {
    if let Some(Held { before, .. }) = &*held() {
        let _ = set(OptionalActions::Now, before);
    }
}

/// Sets the mode again that a question or a block needs, if there is one: it
/// was put back, or somebody else has had the terminal.
pub(super) fn take_up() {
    if let Some(Held { during, .. }) = &*held() {
        let _ = set(OptionalActions::Now, during);
    }
}

/// Whether the terminal shows what a block prints without changing any of it.
/// Only while a block has the keyboard.
pub(super) fn leave_output_untouched(untouched: bool) {
    if let Some(Held { before, during }) = &mut *held() {
        let processed = before.output_modes.contains(OutputModes::OPOST) && !untouched;
        during.output_modes.set(OutputModes::OPOST, processed);
        let _ = set(OptionalActions::Now, during);
    }
}

fn set(actions: OptionalActions, mode: &Termios) -> rustix::io::Result<()> {
    termios::tcsetattr(io::stdin(), actions, mode)
}

fn held() -> MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
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
        start(|_| {})?;
        Ok(Self(()))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        restore();
    }
}

/// The mode in which every key is a running block's, for as long as it lives:
/// the block's own terminal makes of them what is to be made.
pub(super) struct Relaying {
    found: Termios,
}

impl Relaying {
    /// Sets the mode, and throws away what was typed before: it was not meant
    /// for the block.
    ///
    /// # Errors
    /// If standard input is not a terminal, or no longer one.
    pub(super) fn start() -> io::Result<Self> {
        let found = start(|mode| {
            mode.input_modes.remove(InputModes::BRKINT | InputModes::PARMRK | InputModes::ISTRIP | InputModes::INPCK);
            mode.special_codes[SpecialCodeIndex::VMIN] = 1;
            mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        })?;
        Ok(Self { found })
    }

    /// The mode that the terminal was found in.
    pub(super) fn found(&self) -> &Termios {
        &self.found
    }
}

impl Drop for Relaying {
    fn drop(&mut self) {
        restore();
    }
}

/// Lets keys come one by one, unechoed and as they are; gives the mode of
/// before.
fn start(further: impl FnOnce(&mut Termios)) -> io::Result<Termios> {
    let before = termios::tcgetattr(io::stdin())?;
    let mut during = before.clone();
    during.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
    during.input_modes.remove(InputModes::ICRNL | InputModes::INLCR | InputModes::IGNCR | InputModes::IXON);
    further(&mut during);
    let mut held = held();
    let before = held.take().map_or(before, |held| held.before);
    *held = Some(Held { before: before.clone(), during: during.clone() });
    drop(held);
    if let Err(error) = set(OptionalActions::Flush, &during) {
        restore();
        return Err(error.into());
    }
    Ok(before)
}
