//! The decision whether a transaction's changes are kept: by an error, by what
//! was expected, or by the responder, within a time.

use super::EngineError;
use super::block::answered;
use super::recorder::Capturing;
use super::sql_block::failure;
use super::sql_script::{Progress, Script};
use crate::effect::{CommitAnswer, CommitQuestion, Database, NoAnswer, Prompter, Standing};
use crate::run::{Answer, BlockOutcome};
use crate::runbook::Relation;
use std::time::Duration;
use tokio::sync::watch;

/// How often it is looked at what an open transaction keeps others from.
const LOOK: Duration = Duration::from_secs(2);

/// How the transaction of a block is to be ended, and why.
pub(super) struct Decision {
    pub(super) commit: bool,
    pub(super) reason: String,
    /// How the block ended if it is rolled back.
    pub(super) otherwise: BlockOutcome,
    /// Nothing was changed in it: there is nothing to tell.
    pub(super) silent: bool,
    /// Nobody answered.
    pub(super) unanswered: Option<NoAnswer>,
}

impl Decision {
    fn roll_back(otherwise: BlockOutcome, reason: String) -> Self {
        Self { commit: false, reason, otherwise, silent: false, unanswered: None }
    }
}

/// How the open transaction is to be ended; `None` where none is open.
pub(super) async fn decide(
    script: &Script<'_>,
    progress: &Progress,
    database: &mut dyn Database,
    prompter: &mut dyn Prompter,
    output: &mut Capturing<'_, '_>,
) -> Result<Option<Decision>, EngineError> {
    if !progress.open {
        return Ok(None);
    }
    if let Some(error) = &progress.error {
        return Ok(Some(Decision::roll_back(failure(error), error.to_string())));
    }
    if progress.changes.is_empty() {
        return Ok(Some(Decision {
            commit: true,
            silent: true,
            ..Decision::roll_back(BlockOutcome::Failed, String::new())
        }));
    }
    if let Some(reason) = over_the_limit(script, progress) {
        return Ok(Some(Decision::roll_back(BlockOutcome::Failed, reason)));
    }
    let (tell, standing) = watch::channel(None);
    let mut tell = Some(tell);
    let question = CommitQuestion {
        target: script.prepared.target.clone(),
        affected: progress.pending.unwrap_or_default(),
        statements: progress.changes.clone(),
        open_for: progress.opened.map(|opened| opened.elapsed()).unwrap_or_default(),
        hold: script.hold,
        standing,
    };
    let who = prompter.who();
    let answer = {
        let mut asked = prompter.commit(&question);
        loop {
            let is_first = tell.as_ref().is_some_and(|tell| tell.borrow().is_none());
            tokio::select! {
                biased;
                answer = &mut asked => break answer,
                // What is given up here is a session of its own.
                standing = look(&mut *database, is_first), if tell.is_some() => {
                    // Without an answer nobody will say more: what is known stays.
                    tell = tell.filter(|_| standing.is_some());
                    if let Some(tell) = &tell {
                        tell.send_replace(standing);
                    }
                }
            }
        }
    };
    let text = answer_text(&answer, script.hold);
    output.record(&answered(script.reference, Answer::KEEP, &text, who))?;
    Ok(Some(match answer {
        Ok(CommitAnswer::Keep) => {
            Decision { commit: true, ..Decision::roll_back(BlockOutcome::Failed, "the responder kept it".to_owned()) }
        }
        Ok(CommitAnswer::TakeBack) => {
            Decision::roll_back(BlockOutcome::RolledBack, "the responder did not keep it".to_owned())
        }
        // It is not tried again unasked: the locks would be taken again, and
        // there is nobody to let go of them.
        Ok(CommitAnswer::TimeUp) => Decision::roll_back(
            BlockOutcome::Interrupted,
            format!("nobody answered within {} s", script.hold.as_secs()),
        ),
        // A lock is not held until there is an answer.
        Err(why) => Decision {
            unanswered: Some(why.clone()),
            ..Decision::roll_back(BlockOutcome::Interrupted, format!("nobody said to keep it: {why}"))
        },
    }))
}

/// What the transaction keeps others from: at once the first time, then after
/// a while.
async fn look(database: &mut dyn Database, is_first: bool) -> Option<Standing> {
    if !is_first {
        tokio::time::sleep(LOOK).await;
    }
    database.preview()?.standing().await
}

/// Why the changes must not be kept, where they are more or fewer than the
/// annotations allow: then nobody is asked.
fn over_the_limit(script: &Script<'_>, progress: &Progress) -> Option<String> {
    let bound = script.block.settings.expect.as_ref()?.affected?;
    if progress.uncounted {
        return Some(format!("expected rows affected: {bound}; the server has not counted all of them"));
    }
    let affected = progress.affected.unwrap_or_default();
    // What is yet to come can only add to the count.
    let may_still_hold = !script.is_over(progress) && !matches!(bound.relation, Relation::AtMost | Relation::Less);
    (!may_still_hold && !bound.holds(affected)).then(|| format!("expected rows affected: {bound}; found {affected}"))
}

fn answer_text(answer: &Result<CommitAnswer, NoAnswer>, hold: Duration) -> String {
    match answer {
        Ok(CommitAnswer::Keep) => Answer::DECIDES[0].to_owned(),
        Ok(CommitAnswer::TakeBack) => Answer::DECIDES[1].to_owned(),
        Ok(CommitAnswer::TimeUp) => format!("no answer within {} s", hold.as_secs()),
        Err(_) => "no answer".to_owned(),
    }
}
