//! A runbook's script in the place of a command.

use super::{Folder, RehearsalError, tools};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Copies the script at `path` to where `command` will be found.
pub(super) fn install(folder: &Folder, bash: &Path, command: &str, path: &Path) -> Result<(), RehearsalError> {
    if command.is_empty() || command.contains(['/', '\0', ' ', '\n']) || command == "." || command == ".." {
        return Err(RehearsalError::Name(command.to_owned()));
    }
    // `kill` is switched off in a rehearsal, so that a stand-in is found; a
    // rehearsal without its own shell would be none.
    if command == "bash" || (command != "kill" && is_part_of_the_shell(bash, command)) {
        return Err(RehearsalError::Builtin(command.to_owned()));
    }
    let script = fs::read(path).map_err(|problem| RehearsalError::StandIn {
        command: command.to_owned(),
        path: path.to_owned(),
        problem,
    })?;
    let (interpreter, arguments, rest) = match first_line(&script) {
        None => (bash.to_owned(), String::new(), &script[..]),
        Some((named, arguments, rest)) => {
            let found = locate(&named).ok_or_else(|| RehearsalError::Interpreter {
                command: command.to_owned(),
                path: path.to_owned(),
                interpreter: named.clone(),
            })?;
            (found, arguments, rest)
        }
    };
    let mut content = format!("#!{}{arguments}\n", interpreter.display()).into_bytes();
    content.extend_from_slice(rest);
    folder.write(&format!("bin/{command}"), &content, 0o500)
}

/// What a script's `#!` line names, with its arguments, and the rest of the
/// script. `env` is looked through: in a rehearsal it would find only what
/// blocks may call.
fn first_line(script: &[u8]) -> Option<(String, String, &[u8])> {
    let line = script.strip_prefix(b"#!")?;
    let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
    let rest = line.get(end + 1..).unwrap_or_default();
    let line = String::from_utf8_lossy(&line[..end]);
    let mut words = line.split_whitespace().peekable();
    let mut named = words.next()?;
    if Path::new(named).file_name().is_some_and(|name| name == "env") {
        words.next_if_eq(&"-S");
        named = words.next()?;
    }
    let arguments: String = words.flat_map(|word| [" ", word]).collect();
    Some((named.to_owned(), arguments, rest))
}

/// The interpreter's path on this machine.
fn locate(named: &str) -> Option<PathBuf> {
    let path = Path::new(named);
    if path.is_absolute() && tools::is_executable(path) {
        return Some(path.to_owned());
    }
    // At another place than where the author has it.
    tools::find(path.file_name()?.to_str()?)
}

/// Whether the shell does this itself, and so never starts a program for it.
fn is_part_of_the_shell(bash: &Path, command: &str) -> bool {
    let script = r#"case $(builtin type -t -- "$1") in builtin | keyword) exit 0 ;; esac; exit 1"#;
    let mut asked = Command::new(bash);
    asked.args(["--norc", "--noprofile", "-c", script, "bash", command]).env_clear().stdin(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}
