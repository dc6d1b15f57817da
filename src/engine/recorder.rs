//! Everything that happens goes through here: masked, then on record, then
//! on screen; never in another order.

use super::EngineError;
use super::following::Lookout;
use super::judge::Evidence;
use super::polling::Try;
use super::rows::Rows;
use super::waiting::Awaited;
use crate::effect::{Extent, Journal, JournalError, Output, OutputError, Presentation, Stream, View, Waiting};
use crate::redact::Redactor;
use crate::run::{Event, KeptRows, OutputRef};
use crate::source::Digest;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// The record and the screen, behind one mask.
pub(super) struct Recorder<'a> {
    journal: &'a mut dyn Journal,
    /// The screen, for what is not an event.
    pub(super) view: &'a mut dyn View,
    /// What the responder waits for.
    pub(super) awaited: Awaited,
    /// The try at hand, where there may be several.
    one_try: Option<Try>,
    redactor: Redactor,
    secrets: Vec<(String, Zeroizing<String>)>,
    /// That of the shell's state that is kept.
    state: Option<Digest>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(journal: &'a mut dyn Journal, view: &'a mut dyn View) -> Self {
        Self {
            journal,
            view,
            awaited: Awaited::default(),
            one_try: None,
            redactor: Redactor::default(),
            secrets: Vec::new(),
            state: None,
        }
    }

    /// Listens to a try from now on; `hold` keeps it from the screen until it is
    /// [`release`](Self::release)d.
    pub(super) fn begin_try(&mut self, hold: bool) {
        self.one_try = Some(Try::new(hold));
    }

    /// What the try has printed, where that is not too much to be compared.
    pub(super) fn printed(&self) -> Option<String> {
        self.one_try.as_ref().and_then(Try::text)
    }

    /// Shows what was held back of the try; from now on all is shown as it
    /// comes.
    pub(super) fn release(&mut self) {
        if let Some(mut one_try) = self.one_try.take() {
            one_try.release(self.view);
        }
    }

    fn show(&mut self, event: &Event) {
        let shown = match &mut self.one_try {
            Some(one_try) => one_try.keep_event(event),
            None => Some(event),
        };
        if let Some(event) = shown {
            self.view.event(event);
        }
    }

    /// Masks `value` from now on.
    pub(super) fn add_secret(&mut self, name: &str, value: &str) {
        self.redactor.add(name, value);
        self.secrets.push((name.to_owned(), Zeroizing::new(value.to_owned())));
    }

    /// Everything that is masked.
    pub(super) fn secrets(&self) -> Vec<String> {
        self.secrets.iter().map(|(_, secret)| secret.to_string()).collect()
    }

    /// `text` with every secret masked.
    pub(super) fn mask(&self, text: &str) -> String {
        self.redactor.redact(text)
    }

    /// Records `event`, then shows it.
    pub(super) fn record(&mut self, event: &Event) -> Result<(), EngineError> {
        self.journal.append(event)?;
        self.show(event);
        Ok(())
    }

    /// Records `event` and waits until it is on disk, then shows it.
    pub(super) fn record_durably(&mut self, event: &Event) -> Result<(), EngineError> {
        self.journal.append(event)?;
        self.journal.durable()?;
        self.show(event);
        Ok(())
    }

    /// Keeps what a resumed run's shell starts from, where it has changed.
    pub(super) fn keep_state(&mut self, state: &[u8]) -> Result<(), EngineError> {
        let digest = Digest::of(state);
        if self.state.as_ref() != Some(&digest) {
            self.journal.keep_state(state)?;
            self.state = Some(digest);
        }
        Ok(())
    }

    /// Opens a place for a block's output.
    pub(super) fn open_output(&mut self, keep: bool) -> Result<Capturing<'_, 'a>, EngineError> {
        self.journal.open_output()?;
        Ok(Capturing {
            out: stream_mask(&self.secrets),
            err: stream_mask(&self.secrets),
            recorder: self,
            masked: Vec::new(),
            kept: keep.then(Kept::default),
            rows: Rows::default(),
            lookout: None,
            failed: None,
        })
    }
}

/// A mask for one stream of bytes, which remembers where it is in it.
fn stream_mask(secrets: &[(String, Zeroizing<String>)]) -> Redactor {
    Redactor::new(secrets.iter().map(|(name, value)| (name, value.as_str())))
}

/// What is kept of a block's output in memory, for expectations and captures.
#[derive(Default)]
struct Kept {
    out: Vec<u8>,
    err: Vec<u8>,
}

/// More output than this is not looked at by expectations and captures.
const KEPT_BYTES: usize = 1 << 20;

/// A running block's output on its way to the record and the screen.
pub(super) struct Capturing<'r, 'a> {
    recorder: &'r mut Recorder<'a>,
    out: Redactor,
    err: Redactor,
    masked: Vec<u8>,
    kept: Option<Kept>,
    rows: Rows,
    lookout: Option<Lookout>,
    failed: Option<JournalError>,
}

impl Capturing<'_, '_> {
    /// `text` with every secret masked.
    pub(super) fn mask(&self, text: &str) -> String {
        self.recorder.mask(text)
    }

    /// Has `lookout` look at the output from now on.
    pub(super) fn look_for(&mut self, lookout: Option<Lookout>) {
        self.lookout = lookout;
    }

    /// Records an event of the running block.
    pub(super) fn record(&mut self, event: &Event) -> Result<(), EngineError> {
        self.recorder.record(event)
    }

    /// The rows that come are those of this statement, from 1.
    pub(super) fn begin_statement(&mut self, number: usize) {
        self.rows = Rows::of(number);
    }

    /// The rows of the statement have come: their file is synced, if there is
    /// one.
    pub(super) fn end_statement(&mut self) -> Result<Option<KeptRows>, EngineError> {
        let rows = std::mem::take(&mut self.rows);
        Ok(rows.close(self.recorder.journal)?)
    }

    /// Records an event of the running block and waits until it is on disk.
    pub(super) fn record_durably(&mut self, event: &Event) -> Result<(), EngineError> {
        self.recorder.record_durably(event)
    }

    /// Ends the output: what was held back by the mask is written, the file
    /// is synced. The text kept goes into `evidence`, unmasked: it decides,
    /// and is shown only through the mask.
    pub(super) fn finish(mut self, evidence: &mut Evidence) -> Result<OutputRef, EngineError> {
        for (stream, held) in [(Stream::Out, &mut self.out), (Stream::Err, &mut self.err)] {
            self.masked.clear();
            held.finish(&mut self.masked);
            forward(self.recorder, &mut self.failed, stream, &self.masked);
        }
        if let Some(kept) = self.kept {
            evidence.stdout = String::from_utf8_lossy(&kept.out).into_owned();
            evidence.stderr = String::from_utf8_lossy(&kept.err).into_owned();
        }
        evidence.seen = self.lookout.is_some_and(|lookout| lookout.has_seen_all());
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        Ok(self.recorder.journal.close_output()?)
    }
}

fn forward(recorder: &mut Recorder<'_>, failed: &mut Option<JournalError>, stream: Stream, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    recorder.awaited.printed(bytes);
    let held = match &mut recorder.one_try {
        Some(one_try) => one_try.keep_output(stream, bytes, recorder.view),
        None => false,
    };
    if !held {
        recorder.view.output(stream, bytes);
    }
    if failed.is_none() {
        *failed = recorder.journal.output(bytes).err();
    }
}

impl Output for Capturing<'_, '_> {
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), OutputError> {
        if let Some(kept) = &mut self.kept {
            let kept = if stream == Stream::Out { &mut kept.out } else { &mut kept.err };
            let room = KEPT_BYTES.saturating_sub(kept.len()).min(bytes.len());
            kept.extend_from_slice(&bytes[..room]);
        }
        if let Some(lookout) = &mut self.lookout {
            lookout.look(stream, bytes);
        }
        let redactor = if stream == Stream::Out { &mut self.out } else { &mut self.err };
        let masked = redactor.pass(bytes, &mut self.masked);
        forward(self.recorder, &mut self.failed, stream, masked);
        if self.failed.is_some() { Err(OutputError) } else { Ok(()) }
    }

    fn waiting(&mut self, waiting: &Waiting) {
        let recorder = &mut *self.recorder;
        let hidden = recorder.one_try.as_ref().is_some_and(Try::is_held);
        let mut wait = recorder.awaited.running(waiting, hidden);
        wait.blocked_by = wait.blocked_by.map(|by| recorder.mask(&by));
        // What is quoted of the output was masked on its way here.
        recorder.view.waiting(&wait);
    }

    fn present(&mut self, how: Presentation) {
        self.recorder.view.present(how);
    }

    fn extent(&self) -> Extent {
        Extent { width: self.recorder.view.width(), judged: self.kept.is_some() }
    }

    fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.recorder.mask(text).into()
    }

    fn keep_rows(&mut self, csv: &[u8], rows: u64) -> Result<(), OutputError> {
        if self.failed.is_none() {
            let recorder = &mut *self.recorder;
            let mask = || stream_mask(&recorder.secrets);
            self.failed = self.rows.take(csv, rows, mask, recorder.journal).err();
        }
        if self.failed.is_some() { Err(OutputError) } else { Ok(()) }
    }

    fn rows_file(&self) -> Option<String> {
        self.rows.file()
    }
}
