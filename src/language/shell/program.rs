//! What a program does by itself, by the tables.

use super::findings::Findings;
use super::table::{self, fits, is_in, said_of};
use crate::language::sql::{self, SqlDialect};
use crate::runbook::Effect::{self, Destructive, Read, Unknown, Write};

/// What calling `program` does, and why; `None` where it only looks. What it
/// finds out besides goes to `found`.
pub(super) fn judge(program: &str, arguments: &[String], found: &mut Findings) -> Option<(Effect, String)> {
    let has = |patterns: &str| arguments.iter().any(|argument| fits(patterns, argument));
    let asks_only = arguments.len() == 1 && has("--version --help");
    if let Some(special) = special(program, arguments, found) {
        return special.filter(|_| !asks_only);
    }
    if asks_only && is_known(program) {
        return None;
    }
    for (reader, options, effect, reason) in table::GIVEN_AWAY {
        if is_in(reader, program) && has(options) {
            return Some((*effect, (*reason).to_owned()));
        }
    }
    if let Some(reason) = said_of(table::DESTROYERS, program.split('.').next().unwrap_or(program)) {
        return Some((Destructive, reason.to_owned()));
    }
    if is_in(table::READERS, program) || is_in(table::BUILTINS, program) {
        return None;
    }
    if let Some(reason) = said_of(table::WRITERS, program) {
        return Some((Write, reason.to_owned()));
    }
    if is_in(table::CLOUD_PROGRAMS, program) {
        return cloud(program, arguments);
    }
    by_subcommand(program, arguments)
        .unwrap_or_else(|| Some((Unknown, format!("`{program}` is not a command known here"))))
}

fn is_known(program: &str) -> bool {
    is_in(table::READERS, program)
        || said_of(table::WRITERS, program).is_some()
        || said_of(table::DESTROYERS, program).is_some()
        || is_in(table::CLOUD_PROGRAMS, program)
        || specification(program).is_some()
}

/// Programs whose effect hangs on their arguments in their own way. `None`
/// where this is none of them.
fn special(program: &str, arguments: &[String], found: &mut Findings) -> Option<Option<(Effect, String)>> {
    let has = |patterns: &str| arguments.iter().any(|argument| fits(patterns, argument));
    let say = |effect: Effect, reason: &str| Some(Some((effect, reason.to_owned())));
    match program {
        "kill" | "pkill" | "killall" if has("-0 -l -L --list") => Some(None),
        "kill" => say(Destructive, "ends processes"),
        "." | "source" => say(Unknown, "runs another file"),
        "trap" | "enable" | "alias" if !arguments.is_empty() && !has("-p -l") => {
            say(Unknown, "changes what commands mean or do later")
        }
        "python" | "python3" | "node" | "ruby" | "perl" | "php" | "deno" | "make" => {
            say(Unknown, &format!("`{program}` runs a program that is not looked into"))
        }
        "hostname" if arguments.iter().any(|argument| !argument.starts_with('-')) => {
            say(Write, "changes the host's name")
        }
        "date" if arguments.iter().any(|argument| argument.starts_with(|c: char| c.is_ascii_digit())) => {
            say(Write, "sets the clock")
        }
        "dd" if has("of=*") => say(Destructive, "overwrites a file or a disk"),
        "dd" => Some(None),
        "tar" if has("-t* t* --list*") && !has("-x* -c* x* c*") => Some(None),
        "unzip" if has("-l -t -v -Z") => Some(None),
        "crontab" if has("-l") => Some(None),
        "crontab" if has("-r") => say(Destructive, "removes all scheduled jobs"),
        "crontab" => say(Write, "changes scheduled jobs"),
        "nginx" | "apachectl" | "sshd" if has("-t -T configtest") => Some(None),
        "iptables" | "ip6tables" | "nft" | "ufw" | "firewall-cmd" => {
            if has("-L* -S --list* list status -nL -vnL -nvL --list-all --state") {
                Some(None)
            } else if has("-F --flush flush -X -D reset") {
                say(Destructive, "removes rules of the firewall")
            } else {
                say(Write, "changes the firewall")
            }
        }
        "service" => match arguments.get(1).map(String::as_str) {
            Some("status") => Some(None),
            _ if has("--status-all") => Some(None),
            _ => say(Write, "starts or stops services"),
        },
        "curl" | "http" | "https" => Some(request(program, arguments)),
        "wget" if has("--spider") => Some(None),
        "openssl" if has("s_client x509 version verify dgst") && !has("-out") => Some(None),
        "psql" | "mysql" | "mariadb" | "sqlite3" => Some(database(program, arguments, found)),
        "sed" => Some(stream_editor(arguments)),
        "awk" | "gawk" | "mawk" if arguments.iter().any(|argument| acts(argument)) => {
            say(Unknown, "its awk program runs commands or writes files")
        }
        "pg_dump" | "pg_dumpall" | "mysqldump" => {
            if has("-f* --file*") {
                say(Write, "writes a file")
            } else {
                Some(None)
            }
        }
        "zfs" | "zpool" => match arguments.first().map(String::as_str) {
            Some("list" | "status" | "get" | "iostat" | "history") => Some(None),
            Some("destroy" | "rollback" | "labelclear") => say(Destructive, "destroys data sets"),
            _ => say(Write, "changes file systems"),
        },
        _ => None,
    }
}

/// Whether an awk program runs commands or writes files.
fn acts(program: &str) -> bool {
    let prints_to = program.split("print").skip(1).any(|rest| {
        let statement = rest.split([';', '}', '\n']).next().unwrap_or(rest);
        statement.contains('>') || statement.contains('|')
    });
    prints_to || program.contains("system(") || program.contains("getline")
}

/// An HTTP request only looks if it is a GET or HEAD without a body.
fn request(program: &str, arguments: &[String]) -> Option<(Effect, String)> {
    let mut method = None;
    let mut sends = false;
    let mut keeps = false;
    let mut rest = arguments.iter().map(String::as_str);
    while let Some(argument) = rest.next() {
        if argument == "-X" || argument == "--request" {
            method = rest.next();
        } else if let Some(glued) = argument.strip_prefix("-X").or_else(|| argument.strip_prefix("--request=")) {
            method = Some(glued);
        } else if matches!(argument, "-H" | "--header" | "-A" | "-u" | "--user" | "-w" | "--max-time" | "-m" | "--url")
        {
            rest.next();
        } else if matches!(argument, "-o" | "--output") {
            keeps |= rest.next().is_some_and(|file| file != "/dev/null" && file != "-");
        } else if fits("-G --get", argument) {
            method = method.or(Some("GET"));
        } else if fits("-d* --data* -F* --form* --json* -T* --upload-file* -K* --config*", argument) {
            sends = true;
        } else if fits("-O --remote-name -J -c --cookie-jar -*O -*o", argument) {
            keeps = true;
        } else if program != "curl" && matches!(argument, "POST" | "PUT" | "PATCH" | "DELETE") {
            method = Some(argument);
        }
    }
    match method {
        Some("DELETE") => Some((Destructive, "sends a DELETE request".to_owned())),
        Some("GET" | "HEAD" | "OPTIONS") if keeps => Some((Write, "writes a file".to_owned())),
        Some("GET" | "HEAD" | "OPTIONS") => None,
        Some(other) => Some((Write, format!("sends a {other} request"))),
        None if sends => Some((Write, "sends data in a request".to_owned())),
        None if keeps => Some((Write, "writes a file".to_owned())),
        None => None,
    }
}

/// The statements given to a database's client.
fn database(program: &str, arguments: &[String], found: &mut Findings) -> Option<(Effect, String)> {
    let dialect = dialect_of(program);
    let mut given = false;
    let mut positional = 0;
    let mut rest = arguments.iter().map(String::as_str);
    while let Some(argument) = rest.next() {
        let statement = match argument {
            "-c" | "--command" | "-e" | "--execute" if program != "sqlite3" => rest.next(),
            "-cmd" if program == "sqlite3" => rest.next(),
            "-f" | "--file" => {
                found.add(Unknown, "runs a file of SQL");
                given = true;
                rest.next();
                None
            }
            "-h" | "-p" | "-U" | "-d" | "-P" | "-v" | "-D" | "-u" => {
                rest.next();
                None
            }
            "-l" | "--list" | "--version" => {
                given = true;
                None
            }
            _ => {
                positional += usize::from(!argument.starts_with('-'));
                let glued =
                    ["-c", "--command=", "-e", "--execute="].iter().find_map(|option| argument.strip_prefix(option));
                let second = (program == "sqlite3" && positional > 1 && !argument.starts_with('-')).then_some(argument);
                if program == "sqlite3" { second } else { glued.filter(|_| argument.starts_with('-')) }
            }
        };
        if let Some(statement) = statement {
            given = true;
            statements(statement, dialect, found);
        }
    }
    (!given).then(|| (Unknown, format!("`{program}` runs what it is given")))
}

/// Adds what the SQL text `code` does.
pub(super) fn statements(code: &str, dialect: SqlDialect, found: &mut Findings) {
    for statement in sql::split(code, dialect) {
        for reason in statement.reasons {
            found.add(statement.effect, reason);
        }
    }
}

/// The dialect of a database's client.
pub(super) fn dialect_of(program: &str) -> SqlDialect {
    match program {
        "psql" => SqlDialect::Postgres,
        "sqlite3" => SqlDialect::Sqlite,
        _ => SqlDialect::Mysql,
    }
}

/// sed writes with `-i`, and its `w` and `e` commands write and run.
fn stream_editor(arguments: &[String]) -> Option<(Effect, String)> {
    if arguments.iter().any(|argument| fits("-i* --in-place* -*i", argument)) {
        return Some((Write, "edits files in place".to_owned()));
    }
    let does_more = arguments.iter().any(|argument| {
        let script = argument.trim_end_matches(['\'', '"', ' ']);
        script.starts_with("s") && (script.ends_with("/e") || script.contains("/w ")) || script.starts_with("w ")
    });
    does_more.then(|| (Unknown, "its sed script runs commands or writes files".to_owned()))
}

fn cloud(program: &str, arguments: &[String]) -> Option<(Effect, String)> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).filter(|argument| !argument.starts_with('-')).collect();
    for (verbs, effect, reason) in table::CLOUD {
        let fits_verb = |word: &&str| {
            verbs
                .split(' ')
                .any(|verb| word.strip_prefix(verb).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
        };
        // Verbs stand among the first words; later ones may be values.
        let among = if *effect == Destructive { words.len() } else { 4.min(words.len()) };
        if words[..among].iter().any(fits_verb) {
            return (*effect != Read).then(|| (*effect, (*reason).to_owned()));
        }
    }
    Some((Unknown, format!("what this `{program}` command does is not known here")))
}

fn specification(program: &str) -> Option<&'static table::Subcommands> {
    table::SUBCOMMANDS.iter().find(|known| is_in(known.programs, program))
}

/// What the subcommand does; `None` for a program that has none in the table.
fn by_subcommand(program: &str, arguments: &[String]) -> Option<Option<(Effect, String)>> {
    specification(program)?;
    let Some(name) = subcommand(program, arguments) else {
        let unclear = !arguments.is_empty();
        return Some(unclear.then(|| (Unknown, format!("which subcommand of `{program}` this is cannot be told"))));
    };
    for (programs, subcommands, options, reason) in table::LOSING {
        if is_in(programs, program)
            && names_subcommand(subcommands, &name).is_some()
            && arguments.iter().skip(1).any(|argument| fits(options, argument))
        {
            return Some(Some((Destructive, (*reason).to_owned())));
        }
    }
    let fitting = specification(program)?
        .known
        .iter()
        .filter_map(|(names, effect, reason)| Some((names_subcommand(names, &name)?, *effect, *reason)));
    // Two words say more than one, and one more than a word with anything.
    let Some((_, effect, reason)) = fitting.max_by_key(|(weight, effect, _)| (*weight, *effect)) else {
        return Some(Some((Unknown, format!("`{program} {}` is not a command known here", name.join(" ")))));
    };
    Some((effect != Read).then(|| (effect, reason.to_owned())))
}

/// The subcommand of `program` and the word after it. `None` where there is
/// none, or where an option before it is not known.
pub(super) fn subcommand(program: &str, arguments: &[String]) -> Option<Vec<String>> {
    let known = specification(program)?;
    let mut rest = arguments.iter();
    let mut name: Vec<String> = Vec::new();
    while let Some(argument) = rest.next() {
        if is_in(known.with_value, argument) {
            rest.next();
        } else if argument.starts_with('-') {
            let is_known = argument.contains('=') || fits(known.flags, argument) || !name.is_empty();
            let single =
                known.with_value.split_whitespace().any(|option| option.len() == 2 && argument.starts_with(option));
            if !is_known && !single {
                return None;
            }
            // `git remote -v` looks, and its option is all that says so.
            if name.len() == 1 && argument == "-v" {
                name.push(argument.clone());
            }
        } else {
            name.push(argument.clone());
        }
        if name.len() == 2 {
            break;
        }
    }
    (!name.is_empty()).then_some(name)
}

/// How well one of `names` fits the subcommand: 3 for both words, or for a word
/// with nothing after it (`link:`), 2 for one, 1 for a word with anything after
/// it (`link:*`).
pub(super) fn names_subcommand(names: &str, subcommand: &[String]) -> Option<u8> {
    let first = subcommand.first()?;
    let second = subcommand.get(1);
    names
        .split_whitespace()
        .filter_map(|name| match name.split_once(':') {
            None => (name == first).then_some(2),
            Some((one, "*")) => (one == first).then_some(1),
            Some((one, "")) => (one == first && second.is_none()).then_some(3),
            Some((one, two)) => {
                ((one == first && second.is_some_and(|word| word == two)) || name == first).then_some(3)
            }
        })
        .max()
}
