//! A block command by command, each with its own answer, output and outcome.

use super::attempt::Attempt;
use super::block::{Asked, BlockEnd, Decision, Settled};
use super::fill_in::GivenText;
use super::judge::Evidence;
use super::prepare::{Draft, Prepared};
use super::stages::not_needed;
use super::{Engine, EngineError};
use crate::language::shell::{self, Stage};
use crate::run::{BlockOutcome, BlockRef, Part, Parts};
use crate::runbook::{Block, Step};
use crate::source::Span;

/// Commands of a block that are asked about together.
pub(super) struct Commands<'w> {
    whole: &'w Prepared,
    spans: &'w [Span],
    /// The first and the last of them, from 0.
    first: usize,
    last: usize,
    /// What the responder typed in their place.
    pub(super) edited: Option<String>,
}

impl Commands<'_> {
    fn part(&self) -> Part {
        Part { number: self.first + 1, last: self.last + 1, of: self.spans.len() }
    }

    /// Takes all that are left, as they are written.
    pub(super) fn take_all(&mut self) {
        self.last = self.spans.len() - 1;
        self.edited = None;
    }
}

/// What came of the commands so far.
#[derive(Default)]
struct Tally {
    done: usize,
    failed: Option<String>,
    accepted: Option<String>,
    left_out: Option<String>,
}

impl Tally {
    fn end(self) -> BlockEnd {
        match self {
            Self { failed: Some(problem), .. } => BlockEnd::Failed(problem),
            Self { accepted: Some(reason), .. } => BlockEnd::Accepted(reason),
            Self { done: 0, left_out: Some(reason), .. } => BlockEnd::Skipped(reason),
            _ => BlockEnd::Done,
        }
    }
}

impl<'a> Engine<'a> {
    /// The text of some commands, yet to be looked at.
    pub(super) fn draft(&mut self, block: &Block, commands: &Commands<'_>) -> Draft {
        let Commands { whole, spans, first, last, edited } = commands;
        let span = Span::new(spans[*first].start, spans[*last].end);
        let text = edited.clone().unwrap_or_else(|| format!("{}\n", &whole.written[span.start..span.end]));
        // Where nothing was left open, what looks like it is a value.
        let given = if edited.is_some() || !whole.open.is_empty() {
            self.given_text(block, Some(&text), None)
        } else {
            self.with_lost(block, GivenText::complete(text, whole.variables.clone()))
        };
        Draft {
            given,
            edited: whole.edited || edited.is_some(),
            line: block.code_line + whole.written[..span.start].matches('\n').count(),
            part: Some(commands.part()),
        }
    }

    /// The commands of a block that can be run one by one; none where it is one
    /// command, or where each would get a shell of its own in which nothing is
    /// set again.
    pub(super) fn commands(&self, block: &Block, prepared: &Prepared) -> Vec<Span> {
        let is_set_again = prepared.runs_on == "bash" || !self.within(block).is_empty();
        let carries_state = is_set_again && self.plan.can_enter(block);
        if !carries_state || prepared.part.is_some() {
            return Vec::new();
        }
        Some(shell::split(&prepared.written)).filter(|spans| spans.len() > 1).unwrap_or_default()
    }

    /// Goes on with a block of which some commands are over already.
    pub(super) async fn go_on_by_lines(
        &mut self,
        step: &'a Step,
        block: &Block,
        reference: &BlockRef,
    ) -> Result<Option<BlockEnd>, EngineError> {
        let Some(parts) = self.progress.parts.remove(reference) else { return Ok(None) };
        let whole = self.prepare(block, None).await?;
        let of = self.commands(block, &whole).len();
        if of != parts.of {
            let was = format!("{} of its {} commands are over; it no longer has as many", parts.over, parts.of);
            self.recorder.view.warn(&format!("{was}: it is asked about as a whole."));
            return Ok(None);
        }
        let stages = self.stages(block, &whole);
        self.by_lines(step, block, reference, &whole, parts.over, &stages).await.map(Some)
    }

    /// Asks about each command from the one at `from` on, which counts from 0;
    /// about those of a stage together, where there are stages.
    pub(super) async fn by_lines(
        &mut self,
        step: &'a Step,
        block: &Block,
        reference: &BlockRef,
        whole: &Prepared,
        from: usize,
        stages: &[Stage],
    ) -> Result<BlockEnd, EngineError> {
        let spans = self.commands(block, whole);
        let mut tally = Tally { done: from, ..Tally::default() };
        let mut at = from;
        self.printed = Evidence::default();
        while at < spans.len() {
            let stage = stages.iter().find(|stage| stage.last >= at);
            let last = stage.map_or(at, |stage| stage.last);
            // Who is in the middle of a stage has agreed to it.
            if let Some(condition) = stage.filter(|stage| stage.first == at).and_then(|stage| stage.only_if.as_ref())
                && !self.is_wanted(reference, condition, &whole.written[spans[at].start..spans[last].end]).await?
            {
                let reason = not_needed(condition);
                let part = Part { number: at + 1, last: last + 1, of: spans.len() };
                self.not_run(reference, Some(part), &reason)?;
                self.pass_by(step, block, &whole.written[spans[at].start..spans[last].end])?;
                tally.left_out.get_or_insert(reason);
                at = last + 1;
                continue;
            }
            let mut edited = None;
            let (part, end) = loop {
                let commands = Commands { whole, spans: &spans, first: at, last, edited: edited.take() };
                let part = commands.part();
                match self.decide(step, block, reference, Asked::Commands(commands)).await? {
                    Decision::Run(prepared) => match self.run_and_settle(step, block, reference, &prepared).await? {
                        Settled::End(end) => break (prepared.part.unwrap_or(part), end),
                        Settled::Edited(text) => edited = Some(text),
                    },
                    Decision::Stop(reason) => {
                        let rest = Part { last: spans.len(), ..part };
                        self.not_run(reference, Some(rest), &reason)?;
                        self.pass_by(step, block, &whole.written[spans[at].start..])?;
                        break (rest, BlockEnd::Skipped(reason));
                    }
                    Decision::End(end) => break (part, end),
                    // A part is not taken apart again.
                    Decision::Lines(_) => {}
                }
            };
            match end {
                BlockEnd::Done | BlockEnd::Shown => tally.done += 1,
                BlockEnd::Failed(problem) => {
                    tally.failed.get_or_insert(format!("{part}: {problem}"));
                }
                BlockEnd::Accepted(reason) => {
                    tally.accepted.get_or_insert(reason);
                }
                BlockEnd::Skipped(reason) => {
                    tally.left_out.get_or_insert(reason);
                }
                BlockEnd::Leave(flow, problem) => {
                    self.progress.parts.insert(reference.clone(), Parts { over: at, of: spans.len() });
                    return Ok(BlockEnd::Leave(flow, problem));
                }
            }
            at = part.last;
        }
        Ok(tally.end())
    }

    /// Whether expectations and captures are looked at after this try: those of
    /// a block are about all that its commands print, after the last of them.
    pub(super) fn is_to_be_judged(&mut self, part: Option<Part>, attempt: &mut Attempt) -> bool {
        let Some(part) = part else { return true };
        let before = &mut self.printed;
        let (out, err) = (&mut attempt.evidence.stdout, &mut attempt.evidence.stderr);
        if part.is_end() {
            out.insert_str(0, &before.stdout);
            err.insert_str(0, &before.stderr);
            return true;
        }
        if attempt.outcome == BlockOutcome::Succeeded {
            before.stdout.push_str(out);
            before.stderr.push_str(err);
        }
        false
    }
}
