//! One list of promises, held against every interpreter that is here.
//!
//! What the table says that an interpreter lacks, it must lack: a promise that
//! it keeps after all is to be given. Those that only matter to some people's
//! machines may be missing; which ones were not tried is said by `tests/run`.

mod dialects;

use super::{Bench, bash, lives, until};
use crate::effect::{Control, Ending, Shell, ShellRequest, ShellResult};
use crate::shell::interpreter::{Interpreter, Promise};
use crate::shell::{Environment, Runner};
use dialects::Dialect;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// A value of several lines that is not UTF-8, with all that shells quote. It
/// ends in no line end, which `$(…)` would take.
const VALUE: &[u8] = b"a 'b' \"c\" \\ $d `e` \xff\xc3\n\n* & ~ \xe2\x82\xac\nexport F='1'\n\x01end";

/// A bench for blocks of one interpreter.
struct Tried {
    bench: Bench,
    dialect: Dialect,
}

impl Tried {
    fn new(name: &str) -> Option<Self> {
        let bench = Bench::with(|environment| {
            environment.variables.push(("GIVEN".into(), OsString::from_vec(VALUE.to_vec())));
            environment.variables.push(("GONE".into(), "still here".into()));
        });
        let dialect = dialects::of(name);
        bench.runner.available(name).then_some(Self { bench, dialect })
    }

    fn request(&self, code: &str) -> ShellRequest {
        ShellRequest { interpreter: self.dialect.name.to_owned(), ..bash(code) }
    }

    async fn result(&mut self, code: &str) -> ShellResult {
        let request = self.request(code);
        self.bench.request(&request).await
    }

    /// Runs a block that must succeed; gives its output.
    async fn run(&mut self, code: &str) -> Vec<u8> {
        let result = self.result(code).await;
        assert_eq!(result.ending, Ending::Exit(0), "{}: {code}\n{}", self.dialect.name, self.bench.err());
        self.bench.seen.out.clone()
    }

    /// What a block of bash prints that comes next.
    async fn bash(&mut self, code: &str) -> Vec<u8> {
        self.bench.run(code).await;
        self.bench.seen.out.clone()
    }
}

/// Runs the whole list; `false` if the interpreter is not here.
async fn holds(name: &str) -> bool {
    let Some(mut tried) = Tried::new(name) else { return false };
    runs_a_block_as_it_is(&mut tried).await;
    finds_what_bash_has_left(&mut tried).await;
    is_not_changed_by_a_block_that_does_nothing(&mut tried).await;
    keeps_the_last_good_state_when_killed(&mut tried).await;

    let environment = Environment::inherited().unwrap();
    let declared = Interpreter::named(name, &environment).unwrap().lacks;
    for (promise, kept) in [
        (Promise::CheckedFirst, is_checked_first(name).await),
        (Promise::AnyBytes, takes_any_bytes(name).await),
        (Promise::State, leaves_its_state(name).await),
        (Promise::StateAfterSignal, leaves_its_state_when_terminated(name).await),
        (Promise::PlainVariables, carries_plain_variables(name).await),
        (Promise::Functions, carries_functions(name).await),
        (Promise::PrivateVariables, keeps_given_variables_private(name).await),
    ] {
        let lacks = declared.contains(&promise);
        assert_ne!(
            kept,
            lacks,
            "{name}: {promise:?} is {}",
            if kept { "kept, and named as lacking" } else { "broken" }
        );
    }
    let state_kept = !declared.contains(&Promise::State);
    assert_eq!(Runner::new(environment).carries_state(name), state_kept);
    true
}

async fn runs_a_block_as_it_is(tried: &mut Tried) {
    let dialect = tried.dialect;
    let result = tried.result(dialect.exits).await;
    assert_eq!((result.ending, tried.bench.out().as_str()), (Ending::Exit(3), "before\n"), "{}", tried.bench.err());

    tried.run(dialect.streams).await;
    assert_eq!((tried.bench.out().as_str(), tried.bench.err().as_str()), ("out\n", "err\n"));

    assert_eq!(tried.run(dialect.reads_input).await, b"0\n", "the input is empty");
    assert_eq!(tried.run(dialect.counts_arguments).await, b"0\n", "there are no arguments");

    let result = tried.result(dialect.fails_on_line_3).await;
    let said = tried.bench.err();
    assert!(said.contains(dialect.names_line_3), "{}: {said}", dialect.name);
    assert!(!said.contains("driver") && !said.contains("__runbook"), "{said}");
    assert_ne!(result.ending, Ending::Exit(0));
}

async fn finds_what_bash_has_left(tried: &mut Tried) {
    let dialect = tried.dialect;
    tried
        .bash("mkdir 'in side'; cd 'in side'; export LEFT=$'x\\n\\ny é \\'$'; umask 037; set -- an argument; IFS=L")
        .await;
    assert_eq!(tried.run(dialect.prints_left).await, "x\n\ny é '$".as_bytes(), "{}", tried.bench.err());
    tried.bash("mkdir made; cd ..; unset IFS").await;
    assert_eq!(tried.run(dialect.makes_a_folder).await, b"");
    assert_eq!(tried.bash("stat -c %a new").await, b"740\n", "the umask");
    tried.bash("umask 022").await;
}

async fn is_not_changed_by_a_block_that_does_nothing(tried: &mut Tried) {
    tried.bash("a=1; declare -A m=([k]=v); declare -ai n=(1 2); export -- n; f() { :; }; set -u").await;
    let before = tried.bench.runner.state(&[]);
    tried.run("\n").await;
    let shown = |state: Option<Vec<u8>>| String::from_utf8_lossy(&state.unwrap_or_default()).into_owned();
    assert_eq!(shown(tried.bench.runner.state(&[])), shown(before), "{}", tried.dialect.name);
    tried.bash("set +u").await;
}

async fn keeps_the_last_good_state_when_killed(tried: &mut Tried) {
    tried.bash("export LEFT=good; cd /usr").await;
    let code = format!("{}\n{}", tried.dialect.changes, tried.dialect.kills("KILL"));
    let result = tried.result(&code).await;
    assert_eq!((result.ending, result.state_kept), (Ending::Signal(9), false), "{}", tried.bench.err());
    assert_eq!(tried.bash("printf %s \"$LEFT $PWD\"").await, b"good /usr");
}

async fn takes_any_bytes(name: &str) -> bool {
    let mut tried = Tried::new(name).unwrap();
    tried.bash("export LEFT=$GIVEN").await;
    tried.run(tried.dialect.prints_left).await == VALUE
}

async fn is_checked_first(name: &str) -> bool {
    let mut tried = Tried::new(name).unwrap();
    let found = tried.bench.runner.check(name, tried.dialect.broken_on_line_2).await.unwrap();
    assert!(!tried.bench.path().join("new").exists(), "{name} has run what it was to parse");
    if let Some(error) = &found {
        assert_eq!(error.line, 2, "{name}: {error:?}");
        assert!(!error.message.is_empty() && !error.message.contains("/runbook-"), "{name}: {error:?}");
    }
    assert_eq!(tried.bench.runner.check(name, tried.dialect.streams).await.unwrap(), None);
    found.is_some()
}

/// Whether bash sees what a block has changed that `ends` so.
async fn sees_changes(name: &str, ends: &str, ending: Ending) -> bool {
    let mut tried = Tried::new(name).unwrap();
    std::fs::create_dir(tried.bench.path().join("else where")).unwrap();
    let result = tried.result(&format!("{}\n{ends}\n", tried.dialect.changes)).await;
    assert_eq!(result.ending, ending, "{name}: {ends}\n{}", tried.bench.err());
    let script = "builtin printf '%s:' \"${PWD##*/}\" \"$LEFT\" \"${GONE-none}\" \"${OLDPWD##*/}\"; umask; l=$(declare -p LEFT); echo \"${l:0:10}\"";
    let seen = tried.bash(script).await;
    let home = tried.bench.path().file_name().unwrap().to_owned().into_encoded_bytes();
    let whole = [b"else where:", VALUE, b":none:", &home, b":0027\ndeclare -x\n"].concat();
    let is_kept = seen == whole;
    assert_eq!(is_kept, result.state_kept, "{name}: {ends}\n{}\n{}", String::from_utf8_lossy(&seen), tried.bench.err());
    is_kept
}

async fn leaves_its_state(name: &str) -> bool {
    let dialect = dialects::of(name);
    let at_its_end = sees_changes(name, "", Ending::Exit(0)).await;
    for (ends, code) in [(dialect.exits, 3), (dialect.has_hooks, 0)] {
        assert_eq!(sees_changes(name, ends, Ending::Exit(code)).await, at_its_end, "{name}: {ends}");
    }
    at_its_end
}

async fn leaves_its_state_when_terminated(name: &str) -> bool {
    sees_changes(name, &dialects::of(name).kills("TERM"), Ending::Signal(15)).await
}

async fn carries_plain_variables(name: &str) -> bool {
    let Some(dialects::Carried { makes, uses }) = dialects::of(name).plain else { return false };
    let mut tried = Tried::new(name).unwrap();
    tried.bash("theirs=$GIVEN; declare -a array=(1); readonly fixed=1; lost=1").await;
    tried.run(makes).await;
    if tried.bash("printf '%s' \"$ours\"; declare -p ours | head -c 11; echo ${lost-none} ${array[0]} $fixed").await
        != [VALUE, b"declare -- none 1 1\n"].concat()
    {
        return false;
    }
    tried.run(uses).await == VALUE
}

async fn carries_functions(name: &str) -> bool {
    let Some(dialects::Carried { makes, uses }) = dialects::of(name).function else { return false };
    let mut tried = Tried::new(name).unwrap();
    tried.run(makes).await;
    tried.result(uses).await.ending == Ending::Exit(0) && tried.bench.out() == "called\n"
}

async fn keeps_given_variables_private(name: &str) -> bool {
    let mut tried = Tried::new(name).unwrap();
    let mut request = tried.request(tried.dialect.prints_given_and_environment);
    request.variables.push(("RUNBOOK_SECRET_T".to_owned(), "it's \\ \"50$\"\n é".to_owned()));
    let result = tried.bench.request(&request).await;
    assert_eq!(result.ending, Ending::Exit(0), "{name}: {}", tried.bench.err());
    let out = tried.bench.out();
    let environment = out.strip_prefix("it's \\ \"50$\"\n é\n").unwrap_or_else(|| panic!("{name}: {out}"));
    assert!(environment.contains("GONE=still here"), "{name}: {out}");
    let state = tried.bench.runner.state(&[]).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&state).contains("RUNBOOK_SECRET"), "{name}");
    !environment.contains("RUNBOOK_SECRET_T")
}

/// An interpreter that is small enough to be had everywhere must be there.
async fn must_hold(name: &str) {
    assert!(holds(name).await, "{name} is not installed, so nothing was tried with it: tests/run installs it");
}

/// One that is not here was not tried; `tests/run` says so.
async fn holds_where_installed(name: &str) {
    if !holds(name).await {
        eprintln!("{name} is not installed, so nothing was tried with it");
    }
}

#[tokio::test]
async fn bash_keeps_its_promises() {
    must_hold("bash").await;
}

#[tokio::test]
async fn sh_keeps_its_promises() {
    must_hold("sh").await;
}

#[tokio::test]
async fn zsh_keeps_its_promises() {
    must_hold("zsh").await;
}

#[tokio::test]
async fn fish_keeps_its_promises() {
    must_hold("fish").await;
}

#[tokio::test]
async fn python_keeps_its_promises() {
    must_hold("python").await;
}

#[tokio::test]
async fn node_keeps_its_promises() {
    holds_where_installed("node").await;
}

#[tokio::test]
async fn ruby_keeps_its_promises() {
    holds_where_installed("ruby").await;
}

#[tokio::test]
async fn perl_keeps_its_promises() {
    holds_where_installed("perl").await;
}

#[tokio::test]
async fn pwsh_keeps_its_promises() {
    holds_where_installed("pwsh").await;
}

#[test]
fn no_interpreter_is_left_out() {
    let tried = ["bash", "sh", "zsh", "fish", "pwsh", "python", "node", "ruby", "perl"];
    assert!(Interpreter::built_in().eq(tried));
}

#[tokio::test]
async fn a_timeout_ends_what_each_interpreter_has_started() {
    for name in ["sh", "zsh", "fish", "python"] {
        let mut tried = Tried::new(name).unwrap_or_else(|| panic!("{name} is not installed: tests/run installs it"));
        let mut request = tried.request(tried.dialect.starts_a_sleep);
        tried.bench.when("started", Control::Terminate);
        request.timeout = None;
        let result = tried.bench.request(&request).await;
        let id = std::fs::read_to_string(tried.bench.path().join("id")).unwrap();
        assert_eq!((result.ending, result.state_kept), (Ending::Interrupted, false), "{name}");
        until(|| !lives(&id)).await;
    }
}
