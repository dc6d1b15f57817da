//! Parsing a block without running any of it.

use super::checker::{Checker, GUARD_LINES, Said};
use super::driver::in_environment;
use super::environment::Environment;
use super::scratch::{Scratch, ScratchFile};
use crate::effect::SyntaxError;
use std::io;
use std::path::Path;
use tokio::process::Command;

/// Compiles the file it is given, and says line and message.
const PYTHON: &str = "\
import sys
try:
    compile(open(sys.argv[1], 'rb').read(), 'block', 'exec')
except SyntaxError as error:
    sys.exit(f'block:{error.lineno or 1}: {error.msg}')
except ValueError as error:
    sys.exit(f'block:1: {error}')
";

/// The arguments that make an interpreter parse a file and stop there; `None`
/// where it has no such thing, or runs part of the file for it.
fn arguments(interpreter: &str) -> Option<&'static [&'static str]> {
    match interpreter {
        // A pattern that `shopt -s extglob` allows is right wherever it is on.
        "bash" => Some(&["--norc", "--noprofile", "-O", "extglob", "-n"]),
        "sh" => Some(&["-n"]),
        "zsh" => Some(&["-f", "-n"]),
        // Isolated: what it compiles must not depend on what lies around.
        "python" => Some(&["-I", "-S", "-c", PYTHON]),
        _ => None,
    }
}

/// What `interpreter`, which is `program`, finds wrong with the text.
pub(super) async fn check(
    interpreter: &str,
    program: &Path,
    environment: &Environment,
    text: &ScratchFile,
) -> io::Result<Option<SyntaxError>> {
    let Some(arguments) = arguments(interpreter) else { return Ok(None) };
    let mut command = Command::new(program);
    in_environment(&mut command, environment);
    // The first two would be run; the locale would translate what is read here.
    command.env_remove("BASH_ENV").env_remove("ENV").env("LC_ALL", "C");
    let output = command.args(arguments).arg(&text.path).kill_on_drop(true).output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(read_message(&said, &text.path.to_string_lossy(), output.status.success()))
}

/// What `checker`, a bash, finds wrong with the text.
pub(super) async fn check_again(
    checker: &mut Checker,
    scratch: &Scratch,
    code: &str,
) -> io::Result<Option<SyntaxError>> {
    let Said { messages, succeeded } = checker.check(scratch, code).await?;
    let error = read_message(&messages, &Checker::path(scratch).to_string_lossy(), succeeded);
    Ok(error.map(|error| SyntaxError { line: error.line.saturating_sub(GUARD_LINES).max(1), ..error }))
}

/// Finds line and message in what an interpreter says about the file at `path`.
fn read_message(said: &str, path: &str, succeeded: bool) -> Option<SyntaxError> {
    let mut errors = said.lines().map(|line| {
        let about = line.strip_prefix(path).or_else(|| line.strip_prefix("block")).unwrap_or(line);
        let about = about.trim_start_matches([':', ' ']);
        let about = about.strip_prefix("line ").unwrap_or(about);
        let digits = about.len() - about.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let message = about[digits..].trim_start_matches([':', ' ']);
        match about[..digits].parse() {
            Ok(number) => SyntaxError { line: number, message: message.to_owned() },
            Err(_) => SyntaxError { line: 1, message: line.to_owned() },
        }
    });
    if succeeded {
        return errors.find_map(|warning| unclosed_here_document(&warning.message));
    }
    Some(errors.next().unwrap_or_else(|| SyntaxError { line: 1, message: "it cannot be parsed".to_owned() }))
}

/// Bash only warns of a here-document that never ends, and then takes the rest
/// of the block for part of it.
fn unclosed_here_document(warning: &str) -> Option<SyntaxError> {
    let rest = &warning[warning.find("here-document at line ")?..];
    let line = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
    let line = line.split(' ').next()?.parse().ok()?;
    let (_, wanted) = rest.rsplit_once("wanted ")?;
    let wanted = wanted.trim_matches(['`', '\'', ')']);
    Some(SyntaxError {
        line,
        message: format!("this here-document is not closed: there is no line `{wanted}` after it"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_message_are_found_in_each_shells_own_words() {
        let path = "/tmp/runbook-1/block";
        for (said, line, message) in [
            ("/tmp/runbook-1/block: line 3: syntax error near `fi'", 3, "syntax error near `fi'"),
            ("/tmp/runbook-1/block: 3: Syntax error: \"fi\" unexpected", 3, "Syntax error: \"fi\" unexpected"),
            ("/tmp/runbook-1/block:3: parse error near `fi'", 3, "parse error near `fi'"),
            ("block:3: invalid syntax", 3, "invalid syntax"),
            ("something else", 1, "something else"),
        ] {
            let expected = SyntaxError { line, message: message.to_owned() };
            assert_eq!(read_message(said, path, false), Some(expected));
        }
    }

    #[test]
    fn a_warning_alone_is_no_error() {
        assert_eq!(read_message("/b: line 1: warning: nothing much", "/b", true), None);
    }
}
