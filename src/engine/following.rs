//! A block that never ends by itself: it is watched until what it is expected
//! to print has come, its time is up, or the responder has seen enough.

use crate::effect::{Control, Stream};
use crate::run::Watched;
use crate::runbook::{Block, Expect, OneOrMany};
use regex::bytes::Regex;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep_until};

/// How long a block may take to end as it does on Ctrl-C, before it is ended
/// with all its processes. It has run long enough; nothing waits for it.
const LEAVE: Duration = Duration::from_secs(2);

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
    /// Ends it.
    pub(super) timeout: Option<Duration>,
}

impl Following<'_> {
    /// Waits for `running` to end, and sees to it that it does: first as if the
    /// responder had pressed Ctrl-C, so that what the block leaves to the next
    /// ones is kept. Gives why it was ended, if it was.
    pub(super) async fn until_ended<T>(self, running: impl Future<Output = T>) -> (T, Option<Watched>) {
        let Self { control, to_block, seen, timeout } = self;
        let mut running = pin!(running);
        let started = Instant::now();
        let time_up = timeout.and_then(|timeout| started.checked_add(timeout));
        let mut listens = true;
        let mut ended: Option<Watched> = None;
        let mut end_hard: Option<Instant> = None;
        loop {
            let why = tokio::select! {
                result = &mut running => return (result, ended),
                wanted = control.recv(), if listens => {
                    match wanted {
                        Some(wanted) => {
                            // The block is gone when this fails, and `running` ends.
                            let _ = to_block.send(wanted);
                            ended.get_or_insert(Watched::Responder);
                        }
                        None => listens = false,
                    }
                    continue;
                }
                () = seen.notified(), if ended.is_none() => Watched::Seen,
                () = sleep_until(time_up.unwrap_or(started)), if ended.is_none() && time_up.is_some() => Watched::TimeUp,
                () = sleep_until(end_hard.unwrap_or(started)), if end_hard.is_some() => {
                    end_hard = None;
                    let _ = to_block.send(Control::Terminate);
                    continue;
                }
            };
            ended = Some(why);
            end_hard = Some(Instant::now() + LEAVE);
            let _ = to_block.send(Control::Interrupt);
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

    /// A block that ends at the `stubborn + 1`-th thing it is told.
    fn follow(stubborn: usize, timeout: Option<u64>, seen: bool, pressed: bool) -> (Vec<Control>, Option<Watched>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
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
            let running = async {
                let mut heard = Vec::new();
                while heard.len() <= stubborn {
                    heard.extend(told.recv().await);
                }
                heard
            };
            let timeout = timeout.map(Duration::from_secs);
            Following { control: &mut control, to_block, seen: notify, timeout }.until_ended(running).await
        })
    }

    #[test]
    fn it_is_ended_as_if_by_ctrl_c_and_by_force_only_if_it_stays() {
        assert_eq!(follow(0, None, true, false), (vec![Control::Interrupt], Some(Watched::Seen)));
        assert_eq!(follow(0, Some(30), false, false), (vec![Control::Interrupt], Some(Watched::TimeUp)));
        assert_eq!(
            follow(1, Some(30), false, false),
            (vec![Control::Interrupt, Control::Terminate], Some(Watched::TimeUp))
        );
        assert_eq!(follow(0, Some(30), false, true), (vec![Control::Interrupt], Some(Watched::Responder)));
    }
}
