use super::*;
use crate::effect::{
    ActionAnswer, ActionQuestion, AddressQuestion, BlockAnswer, BlockQuestion, ChoiceAnswer, ChoiceQuestion,
    FailureAnswer, FailureQuestion, PasswordQuestion, TypedQuestion, UnknownAnswer, UnknownQuestion, ValueQuestion,
};
use crate::runbook::{Effect, Variable, VariableKind};
use std::collections::VecDeque;

/// Types these lines, then Ctrl-C.
#[derive(Default)]
pub(super) struct Script {
    pub(super) lines: VecDeque<String>,
    edits: VecDeque<Edited>,
    pub(super) said: String,
}

impl Script {
    pub(super) fn new(lines: &[&str]) -> Self {
        Self { lines: lines.iter().map(|line| (*line).to_owned()).collect(), ..Self::default() }
    }
}

impl Asker for Script {
    fn say(&mut self, _: Tone, text: &str) {
        self.said.push_str(text);
        self.said.push('\n');
    }

    fn line(&mut self) -> Result<String, NoAnswer> {
        self.lines.pop_front().ok_or(NoAnswer::Interrupted)
    }

    fn line_within(&mut self, clock: Clock<'_>) -> Result<Option<String>, NoAnswer> {
        match clock() {
            Some(before) => {
                self.said.push_str(&before);
                self.line().map(Some)
            }
            None => Ok(None),
        }
    }

    fn secret(&mut self) -> Result<String, NoAnswer> {
        self.line()
    }

    fn edit(&mut self, _: &str, _: &str) -> Result<Edited, EditorError> {
        self.edits.pop_front().ok_or(EditorError::None)
    }
}

fn question(effect: Effect) -> BlockQuestion {
    BlockQuestion {
        effect,
        blocked: None,
        open: Vec::new(),
        typed: None,
        reasons: Vec::new(),
        place: String::new(),
        code: "true\n".to_owned(),
        extension: "sh",
        steps: vec![("find".to_owned(), "Find it".to_owned()), ("mend".to_owned(), "Mend it".to_owned())],
        skip_by_default: None,
        commands: 0,
        part: None,
        inside: false,
        may_try_again: false,
    }
}

fn asked(question: &BlockQuestion, lines: &[&str]) -> Result<BlockAnswer, NoAnswer> {
    block(&mut Script::new(lines), question)
}

#[test]
fn what_is_lost_and_where_stands_above_the_word() {
    let mut question = question(Effect::Destructive);
    question.typed = Some("destroy".to_owned());
    question.reasons = vec!["removes data".to_owned(), "ends processes".to_owned()];
    question.place = "on db-1".to_owned();
    let mut asker = Script::new(&["r", "no", "r", "destroy"]);
    assert_eq!(block(&mut asker, &question), Ok(BlockAnswer::Run));
    let said = "DESTRUCTIVE: removes data; ends processes · on db-1\nTo run it, type `destroy`";
    assert_eq!(asker.said.matches(said).count(), 2, "{}", asker.said);
}

#[test]
fn enter_runs_only_what_reads() {
    assert_eq!(asked(&question(Effect::Read), &[""]), Ok(BlockAnswer::Run));
    for effect in [Effect::Write, Effect::Unknown, Effect::Destructive] {
        assert_eq!(asked(&question(effect), &["", "", ""]), Err(NoAnswer::Interrupted), "{effect:?}");
        assert_eq!(asked(&question(effect), &["", "r"]), Ok(BlockAnswer::Run), "{effect:?}");
    }
}

#[test]
fn what_may_be_gone_can_be_looked_at_again() {
    let mut question = question(Effect::Read);
    question.blocked = Some("nothing answers".to_owned());
    assert_eq!(asked(&question, &["t", "u"]), Ok(BlockAnswer::Suspend), "where it is not offered");
    question.may_try_again = true;
    for line in ["t", "try again", "T"] {
        assert_eq!(asked(&question, &[line]), Ok(BlockAnswer::TryAgain), "{line}");
    }
}

#[test]
fn a_password_is_taken_as_it_is_typed_and_none_goes_on_without() {
    let question = PasswordQuestion {
        connection: "ops".to_owned(),
        user: "app".to_owned(),
        server: "db:5432".to_owned(),
        problem: Some("it was wrong".to_owned()),
    };
    let mut asker = Script::new(&[" pass word "]);
    let typed = password(&mut asker, &question).expect("an answer").expect("a password");
    assert_eq!(typed.as_str(), " pass word ");
    assert!(asker.said.starts_with("it was wrong\nWhat is the password of app for ops (db:5432)?\n"), "{}", asker.said);
    assert_eq!(password(&mut Script::new(&[""]), &question), Ok(None));
    assert_eq!(password(&mut Script::new(&[]), &question), Err(NoAnswer::Interrupted));
}

#[test]
fn enter_skips_what_is_skipped_by_default() {
    let mut question = question(Effect::Read);
    question.skip_by_default = Some("an example".to_owned());
    assert_eq!(asked(&question, &[""]), Ok(BlockAnswer::Skip("an example".to_owned())));
    assert_eq!(asked(&question, &["s other"]), Ok(BlockAnswer::Skip("other".to_owned())));
    assert_eq!(asked(&question, &["r"]), Ok(BlockAnswer::Run));
}

#[test]
fn what_is_blocked_cannot_be_run_and_says_why() {
    let mut question = question(Effect::Read);
    question.blocked = Some("pwsh is not installed".to_owned());
    let mut script = Script::new(&["", "r", "run"]);
    assert_eq!(block(&mut script, &question), Err(NoAnswer::Interrupted));
    assert!(script.said.contains("pwsh is not installed"), "{}", script.said);
    assert!(!script.said.contains("[r]un"), "{}", script.said);
}

#[test]
fn a_word_that_is_asked_for_must_be_typed_exactly() {
    let mut question = question(Effect::Read);
    question.typed = Some("job_queue".to_owned());
    assert_eq!(asked(&question, &["", "r", "Job_Queue", "r", "job_queue"]), Ok(BlockAnswer::Run));
    assert_eq!(asked(&question, &["r", "", "r", "r"]), Err(NoAnswer::Interrupted));
}

#[test]
fn names_are_typed_all_of_them_with_their_quotes_or_without() {
    let mut question = question(Effect::Destructive);
    question.typed = Some("ops.jobs, \"Old Jobs\"".to_owned());
    for line in ["ops.jobs, \"Old Jobs\"", "ops.jobs Old Jobs", "ops.jobs,Old Jobs"] {
        assert_eq!(asked(&question, &["r", line]), Ok(BlockAnswer::Run), "{line}");
    }
    for line in ["ops.jobs", "jobs, Old Jobs", "ops.jobs, old jobs", ",", "ops.jobs, Old Jobs, more"] {
        assert_eq!(asked(&question, &["r", line]), Err(NoAnswer::Interrupted), "{line}");
    }
}

#[test]
fn a_skip_needs_a_reason() {
    assert_eq!(
        asked(&question(Effect::Write), &["s", " ", "s", "done by hand"]),
        Ok(BlockAnswer::Skip("done by hand".to_owned()))
    );
    assert_eq!(
        asked(&question(Effect::Write), &["skip done by hand"]),
        Ok(BlockAnswer::Skip("done by hand".to_owned()))
    );
}

#[test]
fn an_abort_is_asked_about_and_no_goes_back() {
    assert_eq!(asked(&question(Effect::Write), &["a", "", "u"]), Ok(BlockAnswer::Suspend));
    assert_eq!(asked(&question(Effect::Write), &["a", "yes"]), Ok(BlockAnswer::Abort));
}

#[test]
fn a_jump_takes_a_number_an_id_or_a_title() {
    for line in ["j 2", "j mend", "jump Mend it"] {
        assert_eq!(asked(&question(Effect::Write), &[line]), Ok(BlockAnswer::Jump("mend".to_owned())), "{line}");
    }
    assert_eq!(asked(&question(Effect::Write), &["j", "9", "1"]), Ok(BlockAnswer::Jump("find".to_owned())));
    assert_eq!(asked(&question(Effect::Write), &["j", "", "u"]), Ok(BlockAnswer::Suspend));
}

#[test]
fn notes_and_marks_take_their_text_on_the_line_or_after_it() {
    assert_eq!(asked(&question(Effect::Write), &["n", "heap at 98%"]), Ok(BlockAnswer::Note("heap at 98%".to_owned())));
    assert_eq!(asked(&question(Effect::Write), &["m mitigated"]), Ok(BlockAnswer::Mark(Mark::Mitigated)));
    assert_eq!(asked(&question(Effect::Write), &["m", "x", "r"]), Ok(BlockAnswer::Mark(Mark::Resolved)));
}

#[test]
fn an_edit_without_a_new_text_asks_again() {
    let mut script = Script::new(&["e", "e", "e", "e"]);
    script.edits = [Edited::Unchanged, Edited::Emptied, Edited::Changed("false\n".to_owned())].into();
    assert_eq!(block(&mut script, &question(Effect::Write)), Ok(BlockAnswer::Edit("false\n".to_owned())));
    assert!(script.said.contains("nothing was changed") && script.said.contains("to leave it out, skip it"));
}

fn failed(rollback: Option<&str>, lines: &[&str]) -> Result<FailureAnswer, NoAnswer> {
    let question = FailureQuestion {
        problem: "exit 1".to_owned(),
        code: "false".to_owned(),
        extension: "sh",
        rollback: rollback.map(str::to_owned),
        steps: Vec::new(),
    };
    failure(&mut Script::new(lines), &question)
}

#[test]
fn after_a_failure_enter_does_nothing() {
    assert_eq!(failed(None, &["", "", "r"]), Ok(FailureAnswer::Retry));
    assert_eq!(failed(None, &["c known and harmless"]), Ok(FailureAnswer::Accept("known and harmless".to_owned())));
}

#[test]
fn rolling_back_is_offered_only_where_a_step_does_it() {
    assert_eq!(failed(None, &["b", "roll back"]), Err(NoAnswer::Interrupted));
    assert_eq!(failed(Some("Put the locks back"), &["roll back"]), Ok(FailureAnswer::RollBack));
}

fn value_of(variable: Variable, lines: &[&str]) -> Result<String, NoAnswer> {
    let question = ValueQuestion { name: "it".to_owned(), variable, problem: None, may_stay_open: false };
    value(&mut Script::new(lines), &question)
}

#[test]
fn a_value_is_asked_for_until_it_fits() {
    let duration = Variable { kind: Some(VariableKind::Duration), ..Variable::default() };
    assert_eq!(value_of(duration, &["", "soon", " 5m "]), Ok("5m".to_owned()));
    let with_default = Variable { default: Some("5m".into()), ..Variable::default() };
    assert_eq!(value_of(with_default, &[""]), Ok("5m".to_owned()));
}

#[test]
fn a_choice_of_values_takes_the_number_or_the_text() {
    let variable = || Variable { choices: vec!["ingest".to_owned(), "enforce".to_owned()], ..Variable::default() };
    assert_eq!(value_of(variable(), &["2"]), Ok("enforce".to_owned()));
    assert_eq!(value_of(variable(), &["3", "ingest"]), Ok("ingest".to_owned()));
}

#[test]
fn a_secret_keeps_its_spaces_and_is_never_said() {
    let variable = Variable { secret: true, ..Variable::default() };
    let question = ValueQuestion { name: "token".to_owned(), variable, problem: None, may_stay_open: false };
    let mut script = Script::new(&["ab", " s3cret "]);
    assert_eq!(value(&mut script, &question), Ok(" s3cret ".to_owned()));
    assert!(!script.said.contains("s3cret") && !script.said.contains("ab\n"), "{}", script.said);
}

#[test]
fn a_way_that_cannot_be_gone_here_is_taken_only_after_asking() {
    let question = ChoiceQuestion {
        question: "Which way?".to_owned(),
        options: vec![("CLI".to_owned(), Some("no railway".to_owned())), ("Web".to_owned(), None)],
        about: vec![
            vec!["railway restart".to_owned()],
            vec!["By the page.".to_owned(), "changes something".to_owned()],
        ],
        default: Some(1),
    };
    let chosen = |lines: &[&str]| choice(&mut Script::new(lines), &question);
    assert_eq!(chosen(&[""]), Ok(ChoiceAnswer { index: 1, reason: None }));
    assert_eq!(chosen(&["1", "no", "web"]), Ok(ChoiceAnswer { index: 1, reason: None }));
    assert_eq!(chosen(&["1 only way", "yes"]), Ok(ChoiceAnswer { index: 0, reason: Some("only way".to_owned()) }));
}

#[test]
fn options_with_numbers_of_their_own_are_named_by_letters_and_by_those_numbers() {
    let titles = ["Before you begin", "1. No jobs", "2. Stuck jobs"];
    let question = ChoiceQuestion {
        question: "Which one?".to_owned(),
        options: titles.iter().map(|title| ((*title).to_owned(), None)).collect(),
        about: Vec::new(),
        default: None,
    };
    let mut script = Script::new(&["3", "", "1"]);
    assert_eq!(choice(&mut script, &question), Ok(ChoiceAnswer { index: 1, reason: None }));
    assert!(script.said.contains("`3` is none of these\n") && !script.said.contains("``"), "{}", script.said);
    assert!(script.said.contains("nothing was chosen: type a letter, then Enter\n"), "{}", script.said);
    assert!(script.said.contains("  a  Before you begin\n  b  1. No jobs\n  c  2. Stuck jobs\n"), "{}", script.said);
    for (line, index, reason) in [
        ("C", 2, None),
        ("a", 0, None),
        ("2 it hangs", 2, Some("it hangs")),
        ("b it hangs", 1, Some("it hangs")),
        ("2. stuck jobs", 2, None),
    ] {
        let chosen = choice(&mut Script::new(&[line]), &question);
        assert_eq!(chosen, Ok(ChoiceAnswer { index, reason: reason.map(str::to_owned) }), "{line}");
    }
}

#[test]
fn a_way_says_what_it_is_about_below_its_title() {
    let question = ChoiceQuestion {
        question: "Which way?".to_owned(),
        options: vec![("CLI".to_owned(), None), ("Web".to_owned(), None)],
        about: vec![vec!["railway restart".to_owned(), "changes something".to_owned()], Vec::new()],
        default: None,
    };
    let mut script = Script::new(&["2"]);
    assert_eq!(choice(&mut script, &question), Ok(ChoiceAnswer { index: 1, reason: None }));
    assert!(
        script.said.contains("1  CLI\n     railway restart\n     changes something\n  2  Web\n"),
        "{}",
        script.said
    );
}

#[test]
fn only_the_word_itself_confirms_destruction() {
    let question = TypedQuestion { warning: "DELETE without WHERE".to_owned(), word: "jobs".to_owned() };
    assert_eq!(typed(&mut Script::new(&["jobs"]), &question), Ok(true));
    for line in ["", "yes", "JOBS", "job"] {
        assert_eq!(typed(&mut Script::new(&[line]), &question), Ok(false), "{line}");
    }
}

#[test]
fn an_action_is_done_only_when_it_is_said_so() {
    let question = ActionQuestion { text: "Call **them**".to_owned() };
    let answered = |lines: &[&str]| action(&mut Script::new(lines), &question);
    assert_eq!(answered(&["", "d"]), Ok(ActionAnswer::Done));
    assert_eq!(answered(&["s nobody there"]), Ok(ActionAnswer::Skip("nobody there".to_owned())));
}

#[test]
fn an_unknown_outcome_is_settled_by_a_word_and_what_it_is_based_on() {
    let question =
        UnknownQuestion { step: "Reset".to_owned(), code: "x".to_owned(), started: "at 3".to_owned(), hint: None };
    let settled = |lines: &[&str]| unknown(&mut Script::new(lines), &question);
    assert_eq!(
        settled(&["", "r", "a", "ran", "", "ran", "the rows are there"]),
        Ok(UnknownAnswer::Ran("the rows are there".to_owned()))
    );
    assert_eq!(settled(&["again rows still locked"]), Ok(UnknownAnswer::Again("rows still locked".to_owned())));
    assert_eq!(settled(&["suspend"]), Ok(UnknownAnswer::Suspend));
}

#[test]
fn without_an_address_the_run_goes_on() {
    let question = AddressQuestion { connection: "ops".to_owned(), problem: Some("it is not a URL".to_owned()) };
    let mut asker = Script::new(&[""]);
    assert_eq!(address(&mut asker, &question), Ok(None));
    assert!(asker.said.starts_with("it is not a URL\nWhere is the database `ops`?"), "{}", asker.said);
    let said = |line: &str| address(&mut Script::new(&[line]), &question);
    assert_eq!(said(""), Ok(None));
    assert_eq!(said(" sqlite:x.db "), Ok(Some("sqlite:x.db".to_owned())));
}
