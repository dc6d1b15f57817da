//! How interpreters other than bash are made to leave what a block has changed.
//!
//! Each one's own file says how it works. None of them changes what the block
//! is to the interpreter: a file, read whole, whose lines are its own. At the
//! end each starts the driver of bash, which as its child sees its folder, its
//! umask and its exported variables.

use super::quote::single_quoted;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::process::Command;

/// A way in and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hook {
    /// Through a script of a POSIX shell, which runs the block inside of it.
    Sh,
    /// The same for zsh.
    Zsh,
    /// Through code that fish runs first.
    Fish,
    /// Through a module that Python loads first.
    Python,
    /// The same for Perl.
    Perl,
    /// Through a script that Ruby loads first.
    Ruby,
}

/// The files that a hook deals with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paths<'a> {
    /// The hook's own script.
    pub(super) script: &'a Path,
    /// The bash that leaves the state, and what it reads for that.
    pub(super) bash: &'a Path,
    pub(super) leave: &'a Path,
    /// Where the state goes.
    pub(super) state: &'a Path,
    /// Code that sets the block's variables.
    pub(super) import: &'a Path,
    /// The block.
    pub(super) text: &'a Path,
}

impl Paths<'_> {
    /// The folder of the hook's own script.
    fn folder(&self) -> &OsStr {
        self.script.parent().unwrap_or(self.script).as_os_str()
    }
}

impl Hook {
    /// The name and content of its script.
    pub(super) fn script(self) -> (&'static str, &'static str) {
        match self {
            Self::Sh => ("driver.sh", include_str!("driver.sh")),
            Self::Zsh => ("driver.zsh", include_str!("driver.zsh")),
            Self::Fish => ("driver.fish", include_str!("driver.fish")),
            Self::Python => ("sitecustomize.py", include_str!("sitecustomize.py")),
            Self::Perl => ("RunbookLeave.pm", include_str!("RunbookLeave.pm")),
            Self::Ruby => ("leave.rb", include_str!("leave.rb")),
        }
    }

    /// Whether a script of it can be in `folder`.
    pub(super) fn works_in(self, folder: &Path) -> bool {
        // A colon ends a folder of PYTHONPATH.
        self != Self::Python || !folder.as_os_str().as_bytes().contains(&b':')
    }

    /// Whether it gives a block variables that are not in the environment.
    pub(super) fn keeps_private(self) -> bool {
        matches!(self, Self::Sh | Self::Zsh | Self::Fish)
    }

    /// Code that sets a variable, which is not exported by that.
    pub(super) fn assignment(self, name: &str, value: &[u8]) -> Vec<u8> {
        match self {
            Self::Fish => [b"set --global ", name.as_bytes(), b" ", &fish_quoted(value), b"\n"].concat(),
            Self::Sh | Self::Zsh | Self::Python | Self::Perl | Self::Ruby => {
                [name.as_bytes(), b"=", &single_quoted(value)[..], b"\n"].concat()
            }
        }
    }

    /// Adds what stands behind the program and its usual arguments.
    pub(super) fn finish(self, command: &mut Command, paths: Paths<'_>) {
        let known = [paths.bash, paths.leave, paths.state, paths.import];
        match self {
            Self::Sh | Self::Zsh => {
                let source = if self == Self::Sh { ". \"$1\"" } else { "source \"$1\"" };
                command.args(["-c", source]).args([paths.text, paths.script]).args(known).arg(paths.text);
            }
            Self::Fish => {
                let mut first = b"source".to_vec();
                for path in [paths.script].into_iter().chain(known) {
                    first.push(b' ');
                    first.extend(fish_quoted(path.as_os_str().as_bytes()));
                }
                command.arg("--init-command").arg(OsString::from_vec(first)).arg(paths.text);
            }
            Self::Python => {
                command.arg(paths.text);
            }
            Self::Perl => {
                command.arg("-I").arg(paths.folder()).arg("-MRunbookLeave").arg(paths.text);
            }
            Self::Ruby => {
                command.arg("-r").arg(paths.script).arg(paths.text);
            }
        }
    }

    /// Code for the driver of bash, which starts the interpreter: `names` are
    /// the variables that are set there.
    pub(super) fn preparation(self, paths: Paths<'_>, names: &[String]) -> Vec<u8> {
        let set = |name: &str, path: &OsStr| Self::Sh.assignment(name, path.as_bytes());
        match self {
            Self::Sh => {
                let mut code = set("__runbook_import", paths.import.as_os_str());
                code.extend_from_slice(format!("__runbook_names=({})\n", names.join(" ")).as_bytes());
                code
            }
            Self::Python => [set("__runbook_hooked", "1".as_ref()), set("__runbook_python", paths.folder())].concat(),
            Self::Perl | Self::Ruby => set("__runbook_hooked", "1".as_ref()),
            Self::Zsh | Self::Fish => Vec::new(),
        }
    }
}

/// `bytes` as one word of fish, which escapes inside of quotes.
fn fish_quoted(bytes: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for &byte in bytes {
        if matches!(byte, b'\\' | b'\'') {
            word.push(b'\\');
        }
        word.push(byte);
    }
    word.push(b'\'');
    word
}
