//! What the engine does with a SQL block's changes.

use super::fakes::{Happened, Outcome, Say, Scene, run};
use super::finished;
use crate::effect::{BlockAnswer, CommitAnswer, DatabaseError, FailureAnswer, NoAnswer, StatementResult};
use crate::run::{BlockOutcome, Event, RunOutcome, StepOutcome, TransactionDecision};

const PAGE: &str = "# Page\n\n```sql\nSELECT id FROM jobs;\nUPDATE jobs SET locked_at = NULL WHERE id > 3;\nSELECT count(*) FROM jobs;\n```\n";

fn changes(rows: u64) -> Result<StatementResult, DatabaseError> {
    Ok(StatementResult { affected: Some(rows), ..StatementResult::default() })
}

fn reads(rows: u64) -> Result<StatementResult, DatabaseError> {
    Ok(StatementResult { rows: Some(rows), ..StatementResult::default() })
}

fn decision(outcome: &Outcome) -> Option<TransactionDecision> {
    outcome.events().find_map(|event| match event {
        Event::TransactionEnded { decision, .. } => Some(*decision),
        _ => None,
    })
}

fn block_outcome(outcome: &Outcome) -> Option<BlockOutcome> {
    outcome.events().find_map(|event| match event {
        Event::BlockFinished(finished) => Some(finished.outcome),
        _ => None,
    })
}

#[test]
fn a_change_is_kept_only_when_the_responder_says_so() {
    let kept =
        Scene::new(PAGE).sql([reads(9), changes(3), reads(1)]).says([run(), Say::Commit(CommitAnswer::Keep)]).play();
    assert_eq!(
        kept.statements(),
        [
            "SELECT id FROM jobs",
            "BEGIN",
            "UPDATE jobs SET locked_at = NULL WHERE id > 3",
            "SELECT count(*) FROM jobs",
            "COMMIT"
        ]
    );
    assert_eq!(decision(&kept), Some(TransactionDecision::Committed));
    assert_eq!(finished(&kept), RunOutcome::Completed);

    let declined = Scene::new(PAGE)
        .sql([reads(9), changes(3), reads(1)])
        .says([run(), Say::Commit(CommitAnswer::TakeBack)])
        .play();
    assert_eq!(declined.statements().last(), Some(&"ROLLBACK"));
    assert_eq!(decision(&declined), Some(TransactionDecision::RolledBack));
    assert_eq!(block_outcome(&declined), Some(BlockOutcome::RolledBack));
    assert_eq!(super::step_outcomes(&declined), [("page", StepOutcome::Skipped)]);
}

#[test]
fn without_an_answer_nothing_is_kept_and_the_run_is_suspended() {
    let outcome = Scene::new(PAGE)
        .sql([reads(9), changes(3), reads(1)])
        .says([run(), Say::Nothing(NoAnswer::Interrupted)])
        .play();
    assert_eq!(outcome.statements().last(), Some(&"ROLLBACK"));
    assert_eq!(block_outcome(&outcome), Some(BlockOutcome::Interrupted), "its end is known");
    assert_eq!(outcome.ended.expect("suspended"), crate::engine::Ended::Interrupted);
}

#[test]
fn when_the_time_is_up_it_is_rolled_back_and_can_be_run_again() {
    let outcome = Scene::new(PAGE)
        .sql([reads(9), changes(3), reads(1), reads(9), changes(3), reads(1)])
        .says([
            run(),
            Say::Commit(CommitAnswer::TimeUp),
            Say::Failure(FailureAnswer::Retry),
            Say::Commit(CommitAnswer::Keep),
        ])
        .play();
    let ends: Vec<_> = outcome.statements().into_iter().filter(|sql| ["COMMIT", "ROLLBACK"].contains(sql)).collect();
    assert_eq!(ends, ["ROLLBACK", "COMMIT"]);
    let reasons = outcome.events().filter_map(|event| match event {
        Event::TransactionEnded { reason, .. } => Some(reason.as_str()),
        _ => None,
    });
    assert_eq!(reasons.collect::<Vec<_>>()[0], "nobody answered within 60 s");
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}

/// A page that retries by itself would take its locks again and again.
#[test]
fn a_block_that_nobody_answered_is_not_retried_unasked() {
    let page = format!("---\nsteps:\n  page: {{ retry: {{ times: 3, every: 1s }} }}\n---\n\n{PAGE}");
    let outcome = Scene::new(&page)
        .sql([reads(9), changes(3), reads(1)])
        .says([run(), Say::Commit(CommitAnswer::TimeUp), Say::Failure(FailureAnswer::Abort)])
        .play();
    assert_eq!(outcome.statements().iter().filter(|sql| **sql == "BEGIN").count(), 1);
}

#[test]
fn a_change_beyond_its_bound_is_rolled_back_without_asking() {
    let page = format!("---\nsteps:\n  page: {{ expect: {{ affected: '<= 2' }} }}\n---\n\n{PAGE}");
    let outcome = Scene::new(&page)
        .sql([reads(9), changes(3), reads(1)])
        .says([run(), Say::Failure(FailureAnswer::Abort)])
        .play();
    assert_eq!(outcome.statements().last(), Some(&"ROLLBACK"));
    assert_eq!(block_outcome(&outcome), Some(BlockOutcome::Failed));
}

#[test]
fn after_an_error_nothing_more_is_sent_but_the_rollback() {
    let error = DatabaseError::Statement { message: "column does not exist".into(), offset: Some(16) };
    let outcome = Scene::new(PAGE).sql([reads(9), Err(error)]).says([run(), Say::Failure(FailureAnswer::Abort)]).play();
    assert_eq!(outcome.statements().last(), Some(&"ROLLBACK"));
    assert!(!outcome.statements().contains(&"SELECT count(*) FROM jobs"));
    let error = outcome.events().find_map(|event| match event {
        Event::BlockFinished(finished) => finished.error.clone(),
        _ => None,
    });
    assert_eq!(error.as_deref(), Some("line 5: column does not exist"));
}

#[test]
fn a_connection_lost_around_the_commit_is_unknown() {
    let lost = DatabaseError::Lost { message: "connection reset".into() };
    let outcome = Scene::new(PAGE)
        .sql([reads(9), changes(3), reads(1), Err(lost)])
        .says([run(), Say::Commit(CommitAnswer::Keep), Say::Failure(FailureAnswer::Abort)])
        .play();
    assert_eq!(decision(&outcome), Some(TransactionDecision::Unknown));
    assert_eq!(block_outcome(&outcome), Some(BlockOutcome::Unknown));
}

#[test]
fn that_commit_is_about_to_be_sent_is_on_disk_before_it_is() {
    let outcome =
        Scene::new(PAGE).sql([reads(9), changes(3), reads(1)]).says([run(), Say::Commit(CommitAnswer::Keep)]).play();
    let is = |wanted: fn(&Event) -> bool| outcome.place(|it| matches!(it, Happened::Recorded(event) if wanted(event)));
    let answered = is(|event| matches!(event, Event::Answered { answer, .. } if answer == "commit"));
    let committing = is(|event| matches!(event, Event::Committing { .. }));
    let sent = outcome.place(|it| *it == Happened::Sql("COMMIT".to_owned()));
    assert!(answered < committing && committing < sent, "{:#?}", outcome.log);
    assert!(outcome.log[committing..sent].contains(&Happened::Synced), "{:#?}", outcome.log);
}

#[test]
fn what_cannot_be_put_on_record_is_not_committed() {
    let events = |outcome: &Outcome| outcome.events().position(|event| matches!(event, Event::Committing { .. }));
    let scene =
        || Scene::new(PAGE).sql([reads(9), changes(3), reads(1)]).says([run(), Say::Commit(CommitAnswer::Keep)]);
    let before = events(&scene().play()).expect("COMMIT is announced");
    let outcome = scene().record_fails_after(before).play();
    assert!(outcome.ended.is_err());
    assert!(!outcome.statements().contains(&"COMMIT"), "{:?}", outcome.statements());
}

#[test]
fn after_a_statement_that_was_over_when_it_was_interrupted_nothing_more_is_sent() {
    let late = Ok(StatementResult { affected: Some(3), interrupted: true, ..StatementResult::default() });
    let outcome = Scene::new(PAGE).sql([reads(9), late]).says([run(), Say::Failure(FailureAnswer::Abort)]).play();
    assert_eq!(outcome.statements().last(), Some(&"ROLLBACK"));
    assert!(!outcome.statements().contains(&"SELECT count(*) FROM jobs"));
    assert_eq!(block_outcome(&outcome), Some(BlockOutcome::Interrupted));
}

#[test]
fn what_was_lost_outside_of_a_transaction_is_unknown() {
    let lost = || DatabaseError::Lost { message: "connection reset".into() };
    let page = "# Page\n\n```sql\nVACUUM jobs;\n```\n";
    let outcome = Scene::new(page).sql([Err(lost())]).says([run(), Say::Failure(FailureAnswer::Abort)]).play();
    assert_eq!(block_outcome(&outcome), Some(BlockOutcome::Unknown));
    // Within one, the server rolls back.
    let outcome =
        Scene::new(PAGE).sql([reads(9), Err(lost())]).says([run(), Say::Failure(FailureAnswer::Abort)]).play();
    assert_eq!(block_outcome(&outcome), Some(BlockOutcome::Failed));
    assert_eq!(decision(&outcome), Some(TransactionDecision::RolledBack));
}

#[test]
fn what_only_reads_is_not_put_into_a_transaction() {
    let outcome = Scene::new("# Page\n\n```sql\nSELECT 1;\n```\n").sql([reads(1)]).says([run()]).play();
    assert_eq!(outcome.statements(), ["SELECT 1"]);
}

#[test]
fn a_commit_of_the_blocks_own_is_where_it_is_asked() {
    let page = "# Page\n\n```sql\nBEGIN;\nUPDATE jobs SET a = 1 WHERE id = 2;\nCOMMIT;\nSELECT 1;\n```\n";
    let sent = ["BEGIN", "UPDATE jobs SET a = 1 WHERE id = 2", "COMMIT", "SELECT 1"];
    let kept = Scene::new(page).sql([changes(1)]).says([run(), Say::Commit(CommitAnswer::Keep)]).play();
    assert_eq!(kept.statements(), sent);
    assert_eq!(block_outcome(&kept), Some(BlockOutcome::Succeeded));

    let without_begin = page.replace("BEGIN;\n", "");
    let kept = Scene::new(&without_begin).sql([changes(1)]).says([run(), Say::Commit(CommitAnswer::Keep)]).play();
    assert_eq!(kept.statements(), sent, "a COMMIT with no BEGIN is asked about as well");

    let declined = Scene::new(page).sql([changes(1)]).says([run(), Say::Commit(CommitAnswer::TakeBack)]).play();
    assert_eq!(declined.statements(), ["BEGIN", "UPDATE jobs SET a = 1 WHERE id = 2", "ROLLBACK"]);
    assert_eq!(block_outcome(&declined), Some(BlockOutcome::RolledBack));
}

#[test]
fn a_transaction_that_is_left_open_is_asked_about_at_the_end_of_its_block() {
    let page = "# Page\n\n```sql\nBEGIN;\nUPDATE jobs SET a = 1 WHERE id = 2;\n```\n\n```sql\nCOMMIT;\n```\n";
    let outcome = Scene::new(page).sql([changes(1)]).says([run(), Say::Commit(CommitAnswer::Keep), run()]).play();
    assert_eq!(outcome.statements(), ["BEGIN", "UPDATE jobs SET a = 1 WHERE id = 2", "COMMIT", "COMMIT"]);
    assert_eq!(decision(&outcome), Some(TransactionDecision::Committed));
}

#[test]
fn what_a_block_takes_back_itself_is_on_record_and_not_counted() {
    let page = "---\nsteps: { page: { expect: { affected: 0 } } }\n---\n\n# Page\n\n```sql\nBEGIN;\nUPDATE jobs SET a = 1 WHERE id = 2;\nROLLBACK;\n```\n";
    let outcome = Scene::new(page).sql([changes(1)]).says([run()]).play();
    assert_eq!(decision(&outcome), Some(TransactionDecision::RolledBack));
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}

#[test]
fn a_transaction_without_changes_is_ended_without_a_question() {
    let page = "# Page\n\n```sql\nBEGIN;\nSELECT 1;\nCOMMIT;\n```\n";
    let outcome = Scene::new(page).sql([reads(1)]).says([run()]).play();
    assert_eq!(outcome.statements(), ["BEGIN", "SELECT 1", "COMMIT"]);
    assert_eq!(decision(&outcome), None);
}

#[test]
fn a_placeholder_is_never_sent() {
    let page = "# Page\n\n```sql\nDROP TABLE IF EXISTS some_new_table;\n```\n";
    let outcome = Scene::new(page).says([Say::Value(""), Say::Block(BlockAnswer::Skip("a template".into()))]).play();
    assert!(outcome.statements().is_empty());
}
