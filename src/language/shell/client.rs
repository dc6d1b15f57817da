//! The clients of databases: the statements they are given.

use super::findings::Findings;
use super::table::is_in;
use super::word::{Expands, Input, Word};
use super::{form, table};
use crate::language::sql::{self, SqlDialect};
use crate::runbook::Effect::{self, Unknown, Write};

/// Clients whose statements are looked at.
pub(super) const CLIENTS: &str = "psql mysql mariadb sqlite3";

/// Options of SQLite's shell that only change how it prints.
const SQLITE_FLAGS: &str = "-header -noheader -csv -json -line -column -readonly -batch -table -box -markdown -html \
    -list -bail -echo -quote -tabs -ascii -safe -stats";

/// What calling `program` does, by the statements it is given.
pub(super) fn judge(
    program: &str,
    arguments: &[Word],
    input: Input<'_>,
    found: &mut Findings,
) -> Option<(Effect, String)> {
    let dialect = dialect_of(program);
    let given = match if program == "sqlite3" { sqlite(arguments) } else { client(program, arguments) } {
        Ok(given) => given,
        Err((effect, reason)) => {
            // What can be told of the statements is said all the same.
            for argument in arguments {
                let code = argument.strip_prefix("--command=").or_else(|| argument.strip_prefix("--execute="));
                statements(code.unwrap_or(argument), dialect, found, true);
            }
            return Some((effect, reason));
        }
    };
    for statement in &given.statements {
        text(statement, statement.expands != Expands::Nothing, dialect, found);
    }
    if given.only_lists || (!given.statements.is_empty() && input.is_own()) {
        return None;
    }
    match input {
        Input::Text { code, expands } => {
            text(code, expands, dialect, found);
            None
        }
        // With statements of their own they do not read on.
        Input::Unseen if !given.statements.is_empty() => None,
        Input::Own | Input::Unseen => Some((Unknown, format!("`{program}` runs what it is given"))),
    }
}

#[derive(Default)]
struct Given<'a> {
    statements: Vec<std::borrow::Cow<'a, Word>>,
    only_lists: bool,
}

type Refused = (Effect, String);

fn client<'a>(program: &str, arguments: &'a [Word]) -> Result<Given<'a>, Refused> {
    let Some(form) = table::known(program).form else { return Ok(Given::default()) };
    let parsed = form::parse(form, arguments).map_err(|reason| (Unknown, reason))?;
    let mut given = Given::default();
    for (name, value) in parsed.options {
        match (program, name.as_str()) {
            ("psql", "-c" | "--command") | ("mysql" | "mariadb", "-e" | "--execute") => {
                given.statements.extend(value.map(std::borrow::Cow::Owned));
            }
            ("psql", "-f" | "--file") => return Err((Unknown, "runs a file of SQL".to_owned())),
            ("psql", "-o" | "--output" | "-L" | "--log-file") => return Err((Write, "writes a file".to_owned())),
            ("psql", "-P" | "--pset") if value.as_ref().is_none_or(|value| value.contains("pager")) => {
                return Err((Unknown, "which pager it runs is not known here".to_owned()));
            }
            ("psql", "-l" | "--list") | (_, "-V" | "--version" | "--help") => given.only_lists = true,
            _ => {}
        }
    }
    Ok(given)
}

fn sqlite(arguments: &[Word]) -> Result<Given<'_>, Refused> {
    let mut given = Given::default();
    let mut operands = 0;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let option = argument.strip_prefix('-').map(|option| format!("-{}", option.trim_start_matches('-')));
        match option.as_deref() {
            _ if argument.is_open() && operands == 0 => {
                return Err((Unknown, format!("`{argument}` may be an option, and only the shell can tell")));
            }
            Some("-cmd") => given.statements.extend(rest.next().map(std::borrow::Cow::Borrowed)),
            Some("-separator" | "-nullvalue" | "-newline") => {
                rest.next();
            }
            Some("-version" | "-help") => given.only_lists = true,
            Some(option) if is_in(SQLITE_FLAGS, option) => {}
            Some(option) => return Err((Unknown, format!("what `{option}` does is not known here"))),
            None => {
                operands += 1;
                if operands > 1 {
                    given.statements.push(std::borrow::Cow::Borrowed(argument));
                }
            }
        }
    }
    Ok(given)
}

/// Adds what the SQL text `code` does, and the doubt about what the shell or
/// the client puts into it.
fn text(code: &str, expands: bool, dialect: SqlDialect, found: &mut Findings) {
    if expands {
        found.add(Unknown, "a variable of the shell becomes a part of the SQL");
    }
    if dialect == SqlDialect::Postgres && puts_variables_in(code) {
        found.add(Unknown, "a variable of psql becomes a part of the SQL");
    }
    statements(code, dialect, found, false);
}

/// Whether psql would put a variable into `code`: `:name`, `:'name'`.
fn puts_variables_in(code: &str) -> bool {
    code.match_indices(':').any(|(at, _)| {
        let after = code[at + 1..].chars().next();
        !code[..at].ends_with(':') && after.is_some_and(|c| c.is_alphabetic() || "_'\"{".contains(c))
    })
}

/// Adds what the statements of `code` do, or only those that lose something.
fn statements(code: &str, dialect: SqlDialect, found: &mut Findings, only_losing: bool) {
    for statement in sql::split(code, dialect) {
        if only_losing && statement.effect != Effect::Destructive {
            continue;
        }
        for reason in statement.reasons {
            found.add(statement.effect, reason);
        }
    }
}

/// The dialect of a database's client.
fn dialect_of(program: &str) -> SqlDialect {
    match program {
        "psql" => SqlDialect::Postgres,
        "sqlite3" => SqlDialect::Sqlite,
        _ => SqlDialect::Mysql,
    }
}
