//! The interpreters that blocks can be written for.

use super::environment::Environment;
use std::path::PathBuf;

/// How to run a file of an interpreter's language.
#[derive(Debug)]
pub(super) struct Interpreter {
    /// What runbooks call it.
    pub(super) name: &'static str,
    /// Programs that it may be; the first that is there is taken.
    programs: &'static [&'static str],
    /// What stands between the program and the file.
    pub(super) arguments: &'static [&'static str],
    /// The ending of the file, which some insist on.
    pub(super) extension: &'static str,
}

/// The one whose state is carried from block to block.
pub(super) const BASH: &str = "bash";

const INTERPRETERS: [Interpreter; 9] = [
    Interpreter { name: BASH, programs: &["bash"], arguments: &["--norc", "--noprofile"], extension: "" },
    Interpreter { name: "sh", programs: &["sh"], arguments: &[], extension: "" },
    Interpreter { name: "zsh", programs: &["zsh"], arguments: &["-f"], extension: "" },
    Interpreter { name: "fish", programs: &["fish"], arguments: &["--no-config"], extension: "" },
    Interpreter {
        name: "pwsh",
        programs: &["pwsh"],
        arguments: &["-NoLogo", "-NoProfile", "-NonInteractive", "-File"],
        extension: ".ps1",
    },
    Interpreter { name: "python", programs: &["python", "python3"], arguments: &[], extension: ".py" },
    Interpreter { name: "node", programs: &["node"], arguments: &[], extension: ".js" },
    Interpreter { name: "ruby", programs: &["ruby"], arguments: &[], extension: ".rb" },
    Interpreter { name: "perl", programs: &["perl"], arguments: &[], extension: ".pl" },
];

impl Interpreter {
    /// The interpreter of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        INTERPRETERS.iter().find(|interpreter| interpreter.name == name)
    }

    /// The program's name and where it is, if it is there.
    pub(super) fn locate(&self, environment: &Environment) -> Option<(&'static str, PathBuf)> {
        self.programs.iter().find_map(|program| Some((*program, environment.find(program)?)))
    }
}
