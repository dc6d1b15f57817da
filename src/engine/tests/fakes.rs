//! A world that does what a test says, and remembers what was asked of it.

mod prompter;

use crate::effect::*;
use crate::engine::{Assignment, Ended, Engine, EngineError, Given, Progress, World};
use crate::plan::{Plan, Selection, select};
use crate::run::{Event, OutputRef, RunStarted};
use crate::runbook::Effect;
use crate::source::{Digest, SourceFile};
use async_trait::async_trait;
use prompter::FakePrompter;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What happened, in order: the record, the runners and the questions.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Happened {
    Recorded(Event),
    Synced,
    Ran(String),
    Sql(String),
    Asked(&'static str),
}

pub(super) type Log = Rc<RefCell<Vec<Happened>>>;

/// What a block answers when it runs.
#[derive(Clone)]
pub(super) struct Reply {
    pub(super) ending: Ending,
    pub(super) stdout: &'static str,
    /// It goes on until it is told to end.
    pub(super) stays: bool,
}

pub(super) fn exit(code: i32) -> Reply {
    Reply { ending: Ending::Exit(code), stdout: "", stays: false }
}

pub(super) fn prints(stdout: &'static str) -> Reply {
    Reply { ending: Ending::Exit(0), stdout, stays: false }
}

/// Prints, and then goes on until it is interrupted.
pub(super) fn stays(stdout: &'static str) -> Reply {
    Reply { ending: Ending::Interrupted, stdout, stays: true }
}

/// What the responder says next, whatever is asked.
#[derive(Debug, Clone)]
pub(super) enum Say {
    Block(BlockAnswer),
    Failure(FailureAnswer),
    Choose(usize),
    ChooseDefault,
    Action(ActionAnswer),
    Commit(CommitAnswer),
    Confirm(bool),
    Unknown(UnknownAnswer),
    Value(&'static str),
    Nothing(NoAnswer),
}

pub(super) fn run() -> Say {
    Say::Block(BlockAnswer::Run)
}

/// A run of a page in a world of fakes.
pub(super) struct Scene {
    page: String,
    says: VecDeque<Say>,
    replies: VecDeque<Reply>,
    sql: VecDeque<Result<StatementResult, DatabaseError>>,
    fail_record_after: Option<usize>,
    session_ended: bool,
    pub(super) given: BTreeMap<String, Given>,
    pub(super) progress: Progress,
}

/// What came of it.
pub(super) struct Outcome {
    pub(super) ended: Result<Ended, EngineError>,
    pub(super) log: Vec<Happened>,
    pub(super) shown: String,
    /// What each block that was shown was said to do, and why.
    pub(super) cards: Vec<(Effect, Vec<String>)>,
    /// What the ways of the choices were said to be about.
    pub(super) about: Vec<Vec<String>>,
}

impl Scene {
    pub(super) fn new(page: &str) -> Self {
        Self {
            page: page.to_owned(),
            says: VecDeque::new(),
            replies: VecDeque::new(),
            sql: VecDeque::new(),
            fail_record_after: None,
            session_ended: false,
            given: BTreeMap::new(),
            progress: Progress::default(),
        }
    }

    pub(super) fn says(mut self, says: impl IntoIterator<Item = Say>) -> Self {
        self.says.extend(says);
        self
    }

    pub(super) fn replies(mut self, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.replies.extend(replies);
        self
    }

    pub(super) fn sql(mut self, results: impl IntoIterator<Item = Result<StatementResult, DatabaseError>>) -> Self {
        self.sql.extend(results);
        self
    }

    pub(super) fn record_fails_after(mut self, events: usize) -> Self {
        self.fail_record_after = Some(events);
        self
    }

    pub(super) fn session_has_ended(mut self) -> Self {
        self.session_ended = true;
        self
    }

    pub(super) fn play(self) -> Outcome {
        let file = SourceFile::new("page.md", self.page);
        let mut plan = Plan::read(&file, HashSet::new());
        assert!(
            plan.diagnostics.iter().all(|found| found.severity != crate::source::Severity::Error),
            "{:#?}",
            plan.diagnostics
        );
        let steps = select(&plan.runbook, &Selection::default()).expect("something to do");
        plan.ask_for(&steps, None);
        let log = Log::default();
        let mut journal = FakeJournal { log: log.clone(), left: self.fail_record_after };
        let mut view = FakeView::default();
        let about = Rc::new(RefCell::new(Vec::new()));
        let mut prompter = FakePrompter { log: log.clone(), says: self.says, about: about.clone() };
        let mut shell = FakeShell { log: log.clone(), replies: self.replies };
        let mut databases = FakeDatabases { log: log.clone(), replies: self.sql, open: false };
        let (_sender, control) = unbounded_channel();
        let assignment = Assignment {
            file: &file,
            plan: &plan,
            steps,
            given: self.given,
            secrets: Vec::new(),
            progress: self.progress,
            machine: "here".to_owned(),
        };
        let world = World {
            clock: &FakeClock,
            journal: &mut journal,
            view: &mut view,
            prompter: &mut prompter,
            shell: &mut shell,
            databases: &mut databases,
            control,
            ended: tokio::sync::watch::channel(self.session_ended).1,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let ended = runtime.expect("a runtime").block_on(Engine::new(assignment, world).start(started(&file)));
        assert!(prompter.says.is_empty() || ended.is_err(), "answers nobody asked for: {:?}", prompter.says);
        let log = log.borrow().clone();
        let about = about.borrow().clone();
        Outcome { ended, log, shown: view.shown, cards: view.cards, about }
    }
}

impl Outcome {
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.log.iter().filter_map(|happened| match happened {
            Happened::Recorded(event) => Some(event),
            _ => None,
        })
    }

    pub(super) fn ran(&self) -> Vec<&str> {
        let ran = self.log.iter().filter_map(|happened| match happened {
            Happened::Ran(code) => Some(code.trim_end()),
            _ => None,
        });
        ran.collect()
    }

    pub(super) fn statements(&self) -> Vec<&str> {
        let sql = self.log.iter().filter_map(|happened| match happened {
            Happened::Sql(statement) => Some(statement.as_str()),
            _ => None,
        });
        sql.collect()
    }

    pub(super) fn place(&self, is_it: impl Fn(&Happened) -> bool) -> usize {
        self.log.iter().position(is_it).unwrap_or_else(|| panic!("it never happened: {:#?}", self.log))
    }
}

fn started(file: &SourceFile) -> RunStarted {
    RunStarted {
        run: "run".into(),
        path: file.name().into(),
        title: "Page".into(),
        summary: None,
        severity: None,
        owner: None,
        incident: None,
        digest: file.digest(),
        mended: None,
        revision: None,
        anchor: None,
        steps: vec![],
        user: "responder".into(),
        host: "host".into(),
        cwd: "/".into(),
        version: "0".into(),
        rehearsal: false,
        unattended: None,
    }
}

/// Time stands still but for what is slept, which costs nothing.
struct FakeClock;

impl Clock for FakeClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    fn elapsed(&self) -> Duration {
        thread_local!(static START: tokio::time::Instant = tokio::time::Instant::now());
        START.with(tokio::time::Instant::elapsed)
    }
}

struct FakeJournal {
    log: Log,
    left: Option<usize>,
}

impl Journal for FakeJournal {
    fn append(&mut self, event: &Event) -> Result<(), JournalError> {
        if let Some(left) = &mut self.left {
            if *left == 0 {
                return Err(JournalError { path: "transcript.jsonl".into(), problem: "no space left".into() });
            }
            *left -= 1;
        }
        self.log.borrow_mut().push(Happened::Recorded(event.clone()));
        Ok(())
    }

    fn durable(&mut self) -> Result<(), JournalError> {
        self.log.borrow_mut().push(Happened::Synced);
        Ok(())
    }

    fn open_output(&mut self) -> Result<(), JournalError> {
        Ok(())
    }

    fn output(&mut self, _: &[u8]) -> Result<(), JournalError> {
        Ok(())
    }

    fn open_rows(&mut self, statement: usize) -> Result<String, JournalError> {
        Ok(format!("output/001-{statement}.csv"))
    }

    fn rows(&mut self, _: &[u8]) -> Result<(), JournalError> {
        Ok(())
    }

    fn close_rows(&mut self) -> Result<OutputRef, JournalError> {
        Ok(OutputRef { file: "001-1.csv".into(), bytes: 0, digest: Digest::of(b"") })
    }

    fn keep_state(&mut self, _: &[u8]) -> Result<(), JournalError> {
        Ok(())
    }

    fn close_output(&mut self) -> Result<OutputRef, JournalError> {
        Ok(OutputRef { file: "001.log".into(), bytes: 0, digest: Digest::of(b"") })
    }
}

#[derive(Default)]
struct FakeView {
    shown: String,
    cards: Vec<(Effect, Vec<String>)>,
}

impl View for FakeView {
    fn step(&mut self, number: usize, total: usize, title: &str, _: usize) {
        self.shown.push_str(&format!("[{number}/{total}] {title}\n"));
    }

    fn prose(&mut self, markdown: &str) {
        self.shown.push_str(markdown);
    }

    fn open_lines(&mut self, _: &str, lines: &[(usize, String)]) {
        lines.iter().for_each(|(_, line)| self.shown.push_str(line));
    }

    fn block(&mut self, block: &BlockCard<'_>) {
        self.shown.push_str(&block.notes.concat());
        self.shown.push_str(block.code);
        self.cards.push((block.effect, block.reasons.to_vec()));
    }

    fn output(&mut self, _: Stream, bytes: &[u8]) {
        self.shown.push_str(&String::from_utf8_lossy(bytes));
    }

    fn present(&mut self, _: Presentation) {}

    fn waiting(&mut self, _: &Wait) {}

    fn changed(&mut self, attempt: u32, lines: &[ChangedLine]) {
        for line in lines {
            self.shown.push_str(&format!("{attempt}{}{}\n", if line.is_gone { '-' } else { '+' }, line.text));
        }
    }

    fn event(&mut self, event: &Event) {
        if let Event::Checked { held, .. } = event {
            self.shown.push_str(if *held { "<held>" } else { "<not held>" });
        }
    }

    fn passed_over(&mut self, title: &str, _: &str) {
        self.shown.push_str(&format!("{title}: passed over."));
    }

    fn say(&mut self, message: &str) {
        self.shown.push_str(message);
    }

    fn warn(&mut self, message: &str) {
        self.shown.push_str(message);
    }
}

struct FakeShell {
    log: Log,
    replies: VecDeque<Reply>,
}

#[async_trait(?Send)]
impl Shell for FakeShell {
    fn available(&self, interpreter: &str) -> bool {
        interpreter != "pwsh"
    }

    fn finds(&self, program: &str) -> bool {
        program != "brew"
    }

    fn refuses(&self, _: &[String], _: &[String]) -> Vec<String> {
        Vec::new()
    }

    fn missing(&self, programs: &[String]) -> Vec<String> {
        programs.iter().filter(|program| program.starts_with("absent")).cloned().collect()
    }

    /// `old.conf` has always been there; other files are once a block has
    /// written them, and grow each time it does.
    fn look_up(&self, _: Option<&Path>, files: &[String]) -> Vec<FileHere> {
        let log = self.log.borrow();
        let content = |file: &str| {
            let writes = format!("> {file}");
            let times = log.iter().filter(|it| matches!(it, Happened::Ran(code) if code.contains(&writes))).count();
            let bytes = u64::try_from(times).expect("it is small") + if file == "old.conf" { 1_250 } else { 0 };
            (bytes > 0).then_some(Content { bytes, changed: Some(SystemTime::UNIX_EPOCH) })
        };
        files.iter().map(|file| FileHere { path: file.into(), content: content(file) }).collect()
    }

    async fn check(&mut self, _: &str, code: &str) -> Result<Option<SyntaxError>, ShellError> {
        let broken = code.contains("if then");
        Ok(broken.then(|| SyntaxError { line: 1, message: "syntax error near `then'".into() }))
    }

    async fn run(
        &mut self,
        request: &ShellRequest,
        output: &mut dyn Output,
        control: &mut UnboundedReceiver<Control>,
    ) -> Result<ShellResult, ShellError> {
        self.log.borrow_mut().push(Happened::Ran(request.code.clone()));
        let reply = self.replies.pop_front().unwrap_or_else(|| exit(0));
        // A failing record is the engine's affair: a block is drained.
        let _ = output.write(Stream::Out, reply.stdout.as_bytes());
        let mut ending = reply.ending;
        if reply.stays {
            tokio::select! {
                _ = control.recv() => {}
                () = tokio::time::sleep(request.timeout.unwrap_or(Duration::MAX)) => ending = Ending::TimedOut,
            }
        }
        let (left_behind, went_on_after) = (vec![], vec![]);
        Ok(ShellResult { ending, duration: Duration::ZERO, left_behind, state_kept: true, went_on_after })
    }

    fn state(&self, _: &[String]) -> Option<Vec<u8>> {
        None
    }

    /// What the blocks that ran have set by a plain assignment.
    fn variables(&self) -> Vec<String> {
        let log = self.log.borrow();
        let ran = log.iter().filter_map(|happened| if let Happened::Ran(code) = happened { Some(code) } else { None });
        ran.flat_map(|code| code.lines().filter_map(|line| line.split_once('='))).map(|(name, _)| name.into()).collect()
    }

    fn restore(&mut self, _: &[u8]) {}
}

struct FakeDatabases {
    log: Log,
    replies: VecDeque<Result<StatementResult, DatabaseError>>,
    open: bool,
}

#[async_trait(?Send)]
impl Databases for FakeDatabases {
    async fn open(&mut self, _: &str) -> Result<&mut dyn Database, DatabaseError> {
        Ok(self)
    }

    fn opened(&mut self, _: &str) -> Option<&mut dyn Database> {
        Some(self)
    }

    fn take_password(&mut self, _: &str, _: zeroize::Zeroizing<String>) {}

    fn kind(&self, _: &str) -> Option<ServerKind> {
        Some(ServerKind::Postgres)
    }
}

#[async_trait(?Send)]
impl Database for FakeDatabases {
    fn kind(&self) -> ServerKind {
        ServerKind::Postgres
    }

    fn target(&self) -> &str {
        "a server"
    }

    fn bind(&mut self, _: &[(String, String)]) {}

    async fn run(
        &mut self,
        statement: &str,
        _: Option<Duration>,
        _: &mut dyn Output,
        _: &mut UnboundedReceiver<Control>,
    ) -> Result<StatementResult, DatabaseError> {
        self.log.borrow_mut().push(Happened::Sql(statement.to_owned()));
        match statement {
            "BEGIN" => self.open = true,
            "ROLLBACK" => self.open = false,
            "COMMIT" => {
                self.open = false;
                return self.replies.pop_front().unwrap_or_else(|| Ok(StatementResult::default()));
            }
            _ => return self.replies.pop_front().unwrap_or_else(|| Ok(StatementResult::default())),
        }
        Ok(StatementResult::default())
    }

    async fn set_reading(&mut self, _: bool) -> Result<(), DatabaseError> {
        Ok(())
    }

    async fn in_transaction(&mut self) -> Result<bool, DatabaseError> {
        Ok(self.open)
    }
}
