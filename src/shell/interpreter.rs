//! The interpreters that blocks can be written for.

use super::environment::Environment;
use super::hook::Hook;
use crate::runbook;
use std::borrow::Cow;
use std::path::PathBuf;

/// How to run a file of an interpreter's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interpreter {
    /// What runbooks call it.
    pub(super) name: Cow<'static, str>,
    /// Programs that it may be; the first that is there is taken.
    programs: Vec<Cow<'static, str>>,
    /// What stands between the program and the file.
    pub(super) arguments: Vec<String>,
    /// The ending of the file, which some insist on.
    pub(super) extension: Cow<'static, str>,
    /// How it parses a file without running any of it.
    pub(super) check: Option<Check>,
    /// How it is made to leave what a block has changed.
    pub(super) hook: Option<Hook>,
    /// What it does not keep of what blocks are promised. The contract suite
    /// holds that this is all, and no more than it lacks.
    pub(super) lacks: &'static [Promise],
}

/// How a file is parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    /// By the interpreter itself, with these arguments.
    Own(&'static [&'static str]),
    /// By this command.
    Command(Vec<String>),
}

/// What a block is promised whatever its interpreter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    /// The folder, umask and exported variables that it leaves are those of the
    /// blocks after it.
    State,
    /// So are its other variables.
    PlainVariables,
    /// So are its functions.
    Functions,
    /// The same when SIGTERM ends it.
    StateAfterSignal,
    /// The variables that the engine gives it are in no process's environment.
    PrivateVariables,
    /// A syntax error is found before it starts.
    CheckedFirst,
    /// It sees the bytes of a value that is not UTF-8 as they are.
    AnyBytes,
}

/// The one whose state is carried whole.
pub(super) const BASH: &str = "bash";

/// What an interpreter lacks that is only started.
const ONLY_STARTED: &[Promise] = &[
    Promise::State,
    Promise::PlainVariables,
    Promise::Functions,
    Promise::StateAfterSignal,
    Promise::PrivateVariables,
];
const ONLY_STARTED_UNCHECKED: &[Promise] = &[
    Promise::State,
    Promise::PlainVariables,
    Promise::Functions,
    Promise::StateAfterSignal,
    Promise::PrivateVariables,
    Promise::CheckedFirst,
];

/// Compiles the file it is given, and says line and message.
const PYTHON_CHECK: &str = "\
import sys
try:
    compile(open(sys.argv[1], 'rb').read(), 'block', 'exec')
except SyntaxError as error:
    sys.exit(f'block:{error.lineno or 1}: {error.msg}')
except ValueError as error:
    sys.exit(f'block:1: {error}')
";

/// A row of the table.
struct Row {
    name: &'static str,
    programs: &'static [&'static str],
    arguments: &'static [&'static str],
    extension: &'static str,
    check: Option<&'static [&'static str]>,
    hook: Option<Hook>,
    lacks: &'static [Promise],
}

const INTERPRETERS: [Row; 9] = [
    Row {
        name: BASH,
        programs: &["bash"],
        arguments: &["--norc", "--noprofile"],
        extension: "",
        // A pattern that `shopt -s extglob` allows is right wherever it is on.
        check: Some(&["--norc", "--noprofile", "-O", "extglob", "-n"]),
        hook: None,
        lacks: &[],
    },
    Row {
        name: "sh",
        programs: &["sh"],
        arguments: &[],
        extension: "",
        check: Some(&["-n"]),
        hook: Some(Hook::Sh),
        lacks: &[Promise::Functions, Promise::StateAfterSignal],
    },
    Row {
        name: "zsh",
        programs: &["zsh"],
        arguments: &["-f"],
        extension: "",
        check: Some(&["-f", "-n"]),
        hook: Some(Hook::Zsh),
        lacks: &[Promise::PlainVariables, Promise::Functions, Promise::StateAfterSignal],
    },
    Row {
        name: "fish",
        programs: &["fish"],
        arguments: &["--no-config"],
        extension: "",
        check: Some(&["--no-config", "--no-execute"]),
        hook: Some(Hook::Fish),
        lacks: &[Promise::PlainVariables, Promise::Functions, Promise::StateAfterSignal],
    },
    Row {
        name: "pwsh",
        programs: &["pwsh"],
        arguments: &["-NoLogo", "-NoProfile", "-NonInteractive", "-File"],
        extension: ".ps1",
        check: None,
        hook: None,
        lacks: ONLY_STARTED_UNCHECKED,
    },
    Row {
        name: "python",
        programs: &["python", "python3"],
        arguments: &[],
        extension: ".py",
        // Isolated: what it compiles must not depend on what lies around.
        check: Some(&["-I", "-S", "-c", PYTHON_CHECK]),
        hook: Some(Hook::Python),
        lacks: &[Promise::PlainVariables, Promise::Functions, Promise::StateAfterSignal, Promise::PrivateVariables],
    },
    Row {
        name: "node",
        programs: &["node"],
        arguments: &[],
        extension: ".js",
        check: Some(&["--check"]),
        hook: None,
        lacks: &[
            Promise::State,
            Promise::PlainVariables,
            Promise::Functions,
            Promise::StateAfterSignal,
            Promise::PrivateVariables,
            Promise::AnyBytes,
        ],
    },
    Row {
        name: "ruby",
        programs: &["ruby"],
        arguments: &[],
        extension: ".rb",
        check: Some(&["-c"]),
        hook: Some(Hook::Ruby),
        lacks: &[Promise::PlainVariables, Promise::Functions, Promise::PrivateVariables],
    },
    Row {
        name: "perl",
        programs: &["perl"],
        arguments: &[],
        extension: ".pl",
        // `perl -c` runs the block's BEGIN and `use`.
        check: None,
        hook: Some(Hook::Perl),
        lacks: &[
            Promise::PlainVariables,
            Promise::Functions,
            Promise::StateAfterSignal,
            Promise::PrivateVariables,
            Promise::CheckedFirst,
        ],
    },
];

impl Row {
    fn interpreter(&self) -> Interpreter {
        Interpreter {
            name: self.name.into(),
            programs: self.programs.iter().copied().map(Cow::from).collect(),
            arguments: self.arguments.iter().copied().map(str::to_owned).collect(),
            extension: self.extension.into(),
            check: self.check.map(Check::Own),
            hook: self.hook,
            lacks: self.lacks,
        }
    }
}

impl Interpreter {
    /// The names of those that are known without any configuration.
    #[cfg(test)]
    pub(super) fn built_in() -> impl Iterator<Item = &'static str> {
        INTERPRETERS.iter().map(|row| row.name)
    }

    /// The interpreter of this name: the user's own, or the one that is known.
    pub(super) fn named(name: &str, environment: &Environment) -> Option<Self> {
        if let Some(own) = environment.interpreters.get(name) {
            return Self::configured(name, own);
        }
        INTERPRETERS.iter().find(|row| row.name == name).map(Row::interpreter)
    }

    /// One that the user has described; `None` if it has no command.
    fn configured(name: &str, own: &runbook::Interpreter) -> Option<Self> {
        let (program, arguments) = own.command.split_first()?;
        Some(Self {
            name: name.to_owned().into(),
            programs: vec![program.clone().into()],
            arguments: arguments.to_vec(),
            extension: own.extension.clone().unwrap_or_default().into(),
            check: own.check.clone().map(Check::Command),
            hook: None,
            lacks: if own.check.is_some() { ONLY_STARTED } else { ONLY_STARTED_UNCHECKED },
        })
    }

    /// Whether a block leaves a state to those after it.
    pub(super) fn carries_state(&self) -> bool {
        !self.lacks.contains(&Promise::State)
    }

    /// Whether it is the bash whose state is carried whole. A user's own
    /// command of that name is only started.
    pub(super) fn is_bash(&self) -> bool {
        self.lacks.is_empty()
    }

    /// The program's name and where it is, if it is there.
    pub(super) fn locate(&self, environment: &Environment) -> Option<(String, PathBuf)> {
        self.programs.iter().find_map(|program| Some((program.clone().into_owned(), environment.find(program)?)))
    }
}
