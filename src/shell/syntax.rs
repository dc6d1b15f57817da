//! Parsing a block without running any of it.

use super::checker::{Checker, GUARD_LINES, Said};
use super::driver::in_environment;
use super::environment::Environment;
use super::interpreter::{Check, Interpreter};
use super::scratch::{Scratch, ScratchFile};
use crate::effect::SyntaxError;
use std::io;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// What the interpreter, which is `program`, finds wrong with the text. Nothing
/// where it cannot parse without running.
pub(super) async fn check(
    interpreter: &Interpreter,
    program: &Path,
    environment: &Environment,
    text: &ScratchFile,
) -> io::Result<Option<SyntaxError>> {
    let mut command = match &interpreter.check {
        None => return Ok(None),
        Some(Check::Own(arguments)) => {
            let mut command = Command::new(program);
            command.args(*arguments);
            command
        }
        Some(Check::Command(words)) => {
            let Some((program, arguments)) = words.split_first() else { return Ok(None) };
            let Some(program) = environment.find(program) else { return Err(io::ErrorKind::NotFound.into()) };
            let mut command = Command::new(program);
            command.args(arguments);
            command
        }
    };
    in_environment(command.as_std_mut(), environment);
    command.stdin(Stdio::null());
    // The first two would be run; the locale would translate what is read here.
    command.env_remove("BASH_ENV").env_remove("ENV").env("LC_ALL", "C");
    let output = command.arg(&text.path).kill_on_drop(true).output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(read_message(&said, &text.path.to_string_lossy(), output.status.success()))
}

/// The words that bash takes for more than the name of a command.
const RESERVED: [&str; 17] = [
    "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then",
    "time", "until", "while",
];

/// Whether bash could find nothing wrong with the text: lines of plain words, of
/// which none is more than that. To have it parsed all the same would cost as
/// much as some blocks do.
pub(super) fn is_beyond_doubt(code: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" \n\t_-./:=,@%+".contains(&byte);
    code.bytes().all(is_plain) && !code.split_ascii_whitespace().any(|word| RESERVED.contains(&word))
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
        let about = after(line, path).or_else(|| line.strip_prefix("block")).unwrap_or(line);
        let about = about.trim_start_matches([':', ' ', '(']);
        let about = about.strip_prefix("line ").unwrap_or(about);
        let digits = about.len() - about.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let message = about[digits..].trim_start_matches([')', ':', ' ']);
        match about[..digits].parse() {
            Ok(number) if message.is_empty() => SyntaxError { line: number, message: last_line(said) },
            Ok(number) => SyntaxError { line: number, message: message.to_owned() },
            Err(_) => SyntaxError { line: 1, message: line.to_owned() },
        }
    });
    if succeeded {
        return errors.find_map(|warning| unclosed_here_document(&warning.message));
    }
    Some(errors.next().unwrap_or_else(|| SyntaxError { line: 1, message: "it cannot be parsed".to_owned() }))
}

/// What stands behind the path that `line` begins with. Fish may write `~` for
/// the front of it.
fn after<'a>(line: &'a str, path: &str) -> Option<&'a str> {
    let file = path.rfind('/').map_or(path, |slash| &path[slash..]);
    let short = || Some(&line[line.find(file).filter(|_| line.starts_with('~'))? + file.len()..]);
    line.strip_prefix(path).or_else(short)
}

/// The error's own name, where an interpreter shows the place first.
fn last_line(said: &str) -> String {
    let named = said.lines().find(|line| line.contains("Error: "));
    named.unwrap_or("it cannot be parsed").trim().to_owned()
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
            ("/tmp/runbook-1/block (line 3): Missing end\nif true\n^^", 3, "Missing end"),
            ("~/runbook-1/block (line 3): Missing end", 3, "Missing end"),
            (
                "/tmp/runbook-1/block:3\n}\n^\n\nSyntaxError: Unexpected token '}'",
                3,
                "SyntaxError: Unexpected token '}'",
            ),
            ("something else", 1, "something else"),
        ] {
            let expected = SyntaxError { line, message: message.to_owned() };
            assert_eq!(read_message(said, path, false), Some(expected));
        }
    }

    #[test]
    fn what_is_beyond_doubt_bash_finds_nothing_wrong_with() {
        let pieces =
            ["true", "a=1", "-", "=", "@", "+=", "a%b", ":", ".", "/bin/ls", "-la", "done", "if", "time", "x,y"];
        let ends = [" ", "\n", "\t", "\n\n", "", " \n"];
        // All pairs, with all that can stand between them.
        let all = pieces.iter().flat_map(|a| pieces.iter().map(move |b| (a, b)));
        let texts = all.flat_map(|(a, b)| ends.iter().map(move |end| format!("{a}{end}{b}{end}")));
        let texts: Vec<String> = texts.filter(|text| is_beyond_doubt(text)).collect();
        assert!(texts.len() > 500, "{}", texts.len());
        let script = r#"for text; do bash -n -c -- "$text" || { printf '<%s>' "$text"; exit 1; }; done"#;
        let bash = std::process::Command::new("bash").args(["-c", script, "bash"]).args(&texts).output().unwrap();
        assert!(bash.status.success(), "{}", String::from_utf8_lossy(&bash.stdout));
    }

    #[test]
    fn what_could_be_wrong_is_parsed() {
        for code in
            ["if", "a\nthen", "echo 'a", "a;", "a |", "a >b", "f() {", "$a", "#", "a \\", "é", "[[", "!", "{ a", "time"]
        {
            assert!(!is_beyond_doubt(code), "{code}");
        }
    }

    #[test]
    fn a_warning_alone_is_no_error() {
        assert_eq!(read_message("/b: line 1: warning: nothing much", "/b", true), None);
    }
}
