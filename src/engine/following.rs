//! A block that never ends by itself: it is watched until what it is expected
//! to print has come, its time is up, or the responder has seen enough.

use crate::effect::{Control, Stream};
use crate::run::Watched;
use crate::runbook::{Block, Expect, OneOrMany};
use regex::bytes::Regex;
use std::pin::pin;
use std::rc::Rc;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// How far back in the output a match may begin when new output comes.
const BACK: usize = 8 * 1024;

#[derive(Debug)]
struct Wanted {
    stream: Stream,
    sought: Regex,
    was_seen: bool,
}

/// The end of one stream, with one byte before it: where that byte is not the
/// first of all, no match for the start of the text may begin.
#[derive(Debug, Default)]
struct Recent {
    bytes: Vec<u8>,
    is_start: bool,
}

/// Looks for what a block is expected to print, while it prints.
#[derive(Debug)]
pub(super) struct Lookout {
    wanted: Vec<Wanted>,
    out: Recent,
    err: Recent,
    seen: Rc<Notify>,
}

impl Lookout {
    /// Looks for the texts that the output is expected to hold; `None` where
    /// nothing is expected that can be told before its end.
    pub(super) fn of(expect: &Expect) -> Option<Self> {
        let mut wanted = Vec::new();
        for (stream, text) in [(Stream::Out, &expect.stdout), (Stream::Err, &expect.stderr)] {
            let Some(text) = text else { continue };
            let texts = text.contains.as_ref().map_or(&[][..], OneOrMany::as_slice);
            let texts = texts.iter().map(|text| regex::escape(text));
            for pattern in texts.chain(text.matches.clone()) {
                // One that is no pattern is told of when the block is judged.
                let sought = Regex::new(&pattern).ok()?;
                wanted.push(Wanted { stream, sought, was_seen: false });
            }
        }
        let recent = || Recent { bytes: Vec::new(), is_start: true };
        let lookout = Self { wanted, out: recent(), err: recent(), seen: Rc::default() };
        (!lookout.wanted.is_empty()).then_some(lookout)
    }

    /// What is notified once all of it has been seen.
    pub(super) fn seen(&self) -> Rc<Notify> {
        self.seen.clone()
    }

    /// Whether all of it has been seen.
    pub(super) fn has_seen_all(&self) -> bool {
        self.wanted.iter().all(|wanted| wanted.was_seen)
    }

    /// Looks at what has just been printed.
    pub(super) fn look(&mut self, stream: Stream, bytes: &[u8]) {
        if self.has_seen_all() {
            return;
        }
        let recent = if stream == Stream::Out { &mut self.out } else { &mut self.err };
        recent.bytes.extend_from_slice(bytes);
        for wanted in self.wanted.iter_mut().filter(|wanted| wanted.stream == stream) {
            wanted.was_seen |= recent.holds(&wanted.sought);
        }
        recent.forget();
        if self.has_seen_all() {
            self.seen.notify_one();
        }
    }
}

impl Recent {
    fn holds(&self, sought: &Regex) -> bool {
        sought.is_match_at(&self.bytes, usize::from(!self.is_start))
    }

    fn forget(&mut self) {
        let old = self.bytes.len().saturating_sub(BACK + 1);
        if old > 0 {
            self.bytes.drain(..old);
            self.is_start = false;
        }
    }
}

/// What in its output ends the block if it never ends by itself, for a person.
pub(super) fn awaited(block: &Block) -> Vec<String> {
    let Some(expect) = block.settings.expect.as_ref().filter(|expect| Lookout::of(expect).is_some()) else {
        return Vec::new();
    };
    let texts = [&expect.stdout, &expect.stderr].into_iter().flatten();
    let named = texts.flat_map(|text| {
        let texts = text.contains.as_ref().map_or(&[][..], OneOrMany::as_slice).iter();
        texts.map(|text| format!("`{text}`")).chain(text.matches.iter().map(|pattern| format!("/{pattern}/")))
    });
    named.collect()
}

/// What the engine does about a block that runs.
pub(super) struct Following<'c> {
    /// What the responder wants.
    pub(super) control: &'c mut UnboundedReceiver<Control>,
    /// What the block gets of it.
    pub(super) to_block: UnboundedSender<Control>,
    /// Notified when the block may end.
    pub(super) seen: Rc<Notify>,
}

impl Following<'_> {
    /// Waits for `running` to end, and sees to it that it does. Gives why it was
    /// ended, if it was, and not by its own timeout.
    pub(super) async fn until_ended<T>(self, running: impl Future<Output = T>) -> (T, Option<Watched>) {
        let Self { control, to_block, seen } = self;
        let mut running = pin!(running);
        let mut listens = true;
        let mut ended: Option<Watched> = None;
        loop {
            tokio::select! {
                result = &mut running => return (result, ended),
                wanted = control.recv(), if listens => match wanted {
                    Some(wanted) => {
                        // The block is gone when this fails, and `running` ends.
                        let _ = to_block.send(wanted);
                        ended.get_or_insert(Watched::Responder);
                    }
                    None => listens = false,
                },
                () = seen.notified(), if ended.is_none() => {
                    ended = Some(Watched::Seen);
                    let _ = to_block.send(Control::Leave);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::unbounded_channel;

    fn lookout(yaml: &str) -> Option<Lookout> {
        Lookout::of(&serde_yaml::from_str(yaml).expect(yaml))
    }

    #[track_caller]
    fn sees(yaml: &str, pieces: &[&str]) -> bool {
        let mut lookout = lookout(yaml).expect("something to look for");
        pieces.iter().for_each(|piece| lookout.look(Stream::Out, piece.as_bytes()));
        lookout.has_seen_all()
    }

    #[test]
    fn a_text_is_seen_however_the_output_is_cut() {
        assert!(sees("stdout: { contains: online }", &["worker on", "line\n"]));
        assert!(!sees("stdout: { contains: online }", &["worker on ", "line\n"]));
        assert!(sees("stdout: { contains: [a1, b2] }", &["b", "2", "a", "1"]));
        assert!(sees("stdout: { matches: 'id=\\d+ ready' }", &["id=", "17", " ready"]));
    }

    #[test]
    fn the_start_of_the_text_is_only_at_its_start() {
        let much = "x".repeat(3 * BACK);
        assert!(sees("stdout: { matches: '^up' }", &["u", "p"]));
        assert!(!sees("stdout: { matches: '^up' }", &[&much, "up"]));
        assert!(!sees("stdout: { matches: '^up' }", &[&much, "x", &much, "up"]));
        assert!(sees("stdout: { matches: '(?m)^up' }", &[&much, "\nup"]));
    }

    #[test]
    fn what_only_the_end_can_tell_is_not_looked_for() {
        for yaml in ["{}", "exit: 0", "stdout: { equals: a }", "stdout: { matches: '(' }"] {
            assert!(lookout(yaml).is_none(), "{yaml}");
        }
    }

    /// A block that ends when it is told to.
    fn follow(seen: bool, pressed: bool) -> (Option<Control>, Option<Watched>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            let (responder, mut control) = unbounded_channel();
            let (to_block, mut told) = unbounded_channel();
            let notify = Rc::new(Notify::new());
            if seen {
                notify.notify_one();
            }
            if pressed {
                responder.send(Control::Interrupt).expect("it listens");
            }
            Following { control: &mut control, to_block, seen: notify }.until_ended(told.recv()).await
        })
    }

    #[test]
    fn it_is_told_to_leave_once_all_is_seen_and_what_the_responder_says() {
        assert_eq!(follow(true, false), (Some(Control::Leave), Some(Watched::Seen)));
        assert_eq!(follow(false, true), (Some(Control::Interrupt), Some(Watched::Responder)));
    }
}
