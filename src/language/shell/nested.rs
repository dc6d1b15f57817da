//! Commands that run other commands: wrappers, shells, other hosts.

use super::findings::{Findings, of_code};
use super::table::{self, fits, is_in};
use super::{command, program};
use crate::runbook::Effect;

/// Shells that run what they are given.
const SHELLS: &str = "bash sh zsh dash ksh ash fish";

/// Looks into the command that `program` runs. `None` where it runs none.
pub(super) fn look_inside(program: &str, arguments: &[String], input: Option<&str>, depth: usize) -> Option<Findings> {
    match program {
        _ if is_in(SHELLS, program) => Some(shell(program, arguments, input, depth)),
        "eval" => Some(of_code(&arguments.join(" "), depth + 1)),
        "ssh" => ssh(arguments, input, depth),
        "su" => Some(su(arguments, input, depth)),
        "find" => find(arguments, depth),
        "docker" | "podman" | "nerdctl" | "docker-compose" | "kubectl" | "oc" => {
            in_container(program, arguments, input, depth)
        }
        "railway" | "heroku" | "dotenv" if arguments.first().is_some_and(|first| first == "run") => {
            let inner = strip_options(&arguments[1..], "-s -e -p --service --environment -a --app", 0);
            Some(command::judge(inner, input, depth + 1))
        }
        "psql" | "mysql" | "mariadb" | "sqlite3" => {
            let mut found = Findings::default();
            program::statements(input?, program::dialect_of(program), &mut found);
            let mut given = Findings::default();
            if arguments.iter().any(|argument| fits("-c* -f* -e* --command* --file*", argument)) {
                program::judge(program, arguments, &mut given);
            }
            found.merge(given);
            Some(found)
        }
        _ => wrapper(program, arguments, input, depth),
    }
}

fn wrapper(name: &str, arguments: &[String], input: Option<&str>, depth: usize) -> Option<Findings> {
    let wrapper = table::WRAPPERS.iter().find(|wrapper| wrapper.name == name)?;
    if name == "command" && arguments.iter().any(|argument| fits("-v -V", argument)) {
        return None;
    }
    if name == "env"
        && let Some(at) = arguments.iter().position(|argument| fits("-S* --split-string*", argument))
    {
        return Some(of_code(
            &arguments[at..].join(" ").replace("--split-string=", "").replacen("-S", "", 1),
            depth + 1,
        ));
    }
    let mut line = vec![name.to_owned()];
    line.extend_from_slice(arguments);
    let mut inner = strip_options(arguments, wrapper.with_value, wrapper.operands);
    if matches!(name, "env" | "sudo" | "doas" | "dotenv") {
        let assignments = inner.iter().take_while(|argument| argument.contains('=')).count();
        inner = &inner[assignments..];
    }
    let mut found = Findings::default();
    if inner.is_empty() {
        let opens =
            matches!(name, "sudo" | "doas") && arguments.iter().any(|argument| fits("-i -s --login --shell", argument));
        if opens {
            return Some(opening(&line));
        }
        if matches!(name, "sudo" | "watch" | "chroot") && !arguments.iter().any(|a| fits("-l -v -k -K -V", a)) {
            found.add(Effect::Unknown, format!("what `{name}` runs cannot be told"));
        }
        return Some(found);
    }
    // watch gives its words to a shell.
    let runs =
        if name == "watch" { of_code(&inner.join(" "), depth + 1) } else { command::judge(inner, input, depth + 1) };
    found.merge(runs);
    match name {
        "watch" => found.endless = Some(command::shown(&line)),
        // A time limit is an end.
        "timeout" => found.endless = None,
        _ => {}
    }
    if found.opens.is_some() && matches!(name, "sudo" | "doas" | "env" | "exec") {
        found.opens = Some(command::shown(&line));
    }
    Some(found)
}

/// `arguments` without the options before the command, and without
/// `operands` words after them.
fn strip_options<'a>(arguments: &'a [String], with_value: &str, operands: usize) -> &'a [String] {
    let mut at = 0;
    while let Some(argument) = arguments.get(at).filter(|argument| argument.starts_with('-') && argument.len() > 1) {
        at += 1;
        if argument == "--" {
            break;
        }
        if is_in(with_value, argument) {
            at += 1;
        }
    }
    &arguments[(at + operands).min(arguments.len())..]
}

fn opening(line: &[String]) -> Findings {
    let mut found = Findings::default();
    let line = command::shown(line);
    found.add(Effect::Unknown, format!("`{line}` opens a shell, in which anything can be done"));
    found.opens = Some(line.clone());
    found.interactive = Some(line);
    found
}

fn line_of(program: &str, arguments: &[String]) -> Vec<String> {
    std::iter::once(program.to_owned()).chain(arguments.iter().cloned()).collect()
}

fn shell(name: &str, arguments: &[String], input: Option<&str>, depth: usize) -> Findings {
    let takes_code = |argument: &String| fits("-c", argument) || (fits("-*c", argument) && argument.len() <= 5);
    if let Some(at) = arguments.iter().position(takes_code) {
        return match arguments[at + 1..].iter().find(|argument| !argument.starts_with('-')) {
            Some(code) => of_code(code, depth + 1),
            None => Findings::default(),
        };
    }
    let mut found = Findings::default();
    if arguments.iter().any(|argument| argument == "-n" || argument == "--version") {
        return found;
    }
    if let Some(script) = arguments.iter().find(|argument| !argument.starts_with('-')) {
        found.add(Effect::Unknown, format!("runs the script {script}"));
        return found;
    }
    match input {
        Some(code) => of_code(code, depth + 1),
        None => opening(&line_of(name, arguments)),
    }
}

/// Options of ssh that take a value.
const SSH_WITH_VALUE: &str = "-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w";

fn ssh(arguments: &[String], input: Option<&str>, depth: usize) -> Option<Findings> {
    let after_host = strip_options(arguments, SSH_WITH_VALUE, 1);
    let remote = strip_options(after_host, SSH_WITH_VALUE, 0);
    if !remote.is_empty() {
        // Programs are looked for on the other host, not here.
        let mut found = of_code(&remote.join(" "), depth + 1).elsewhere();
        if let Some(input) = input {
            found.merge(of_code(input, depth + 1).elsewhere());
        }
        return Some(found);
    }
    if arguments.iter().any(|argument| fits("-N -*N", argument)) {
        let mut found = Findings::default();
        found.endless = Some(command::shown(&line_of("ssh", arguments)));
        return Some(found);
    }
    if arguments.iter().any(|argument| fits("-V -Q -G", argument)) {
        return Some(Findings::default());
    }
    match input {
        Some(code) => Some(of_code(code, depth + 1).elsewhere()),
        None => Some(opening(&line_of("ssh", arguments))),
    }
}

fn su(arguments: &[String], input: Option<&str>, depth: usize) -> Findings {
    let code =
        arguments.iter().position(|argument| fits("-c --command", argument)).and_then(|at| arguments.get(at + 1));
    match code.map(String::as_str).or(input) {
        Some(code) => of_code(code, depth + 1),
        None => opening(&line_of("su", arguments)),
    }
}

fn find(arguments: &[String], depth: usize) -> Option<Findings> {
    let mut found = Findings::default();
    let mut runs = false;
    for (at, argument) in arguments.iter().enumerate() {
        if !fits("-exec -execdir -ok -okdir", argument) {
            continue;
        }
        runs = true;
        let rest = &arguments[at + 1..];
        let end = rest.iter().position(|word| word == ";" || word == "+").unwrap_or(rest.len());
        found.merge(command::judge(&rest[..end], None, depth + 1));
    }
    if let Some((effect, reason)) = program::judge("find", arguments, &mut Findings::default()) {
        found.add(effect, reason);
    }
    runs.then_some(found)
}

/// Options of `exec`, `debug` and `rsh` that take a value.
const EXEC_WITH_VALUE: &str = "-n --namespace -c --container -u --user -w --workdir -e --env --env-file --index --context \
    --kubeconfig -f --file -p --project-name --image --profile";

/// `docker exec`, `docker compose exec`, `kubectl exec`, `oc rsh`, `oc debug`.
fn in_container(program: &str, arguments: &[String], input: Option<&str>, depth: usize) -> Option<Findings> {
    let subcommand = program::subcommand(program, arguments)?;
    let verb = subcommand.iter().find(|word| is_in("exec rsh debug", word))?;
    if subcommand.first() != Some(verb)
        && subcommand.first().is_none_or(|first| first != "compose" && first != "container")
    {
        return None;
    }
    let at = arguments.iter().position(|argument| argument == verb)?;
    let rest = strip_options(&arguments[at + 1..], EXEC_WITH_VALUE, 1);
    let rest = strip_options(rest, EXEC_WITH_VALUE, 0);
    let is_shell = rest.first().is_some_and(|name| is_in(SHELLS, name.rsplit('/').next().unwrap_or(name)));
    let line = line_of(program, arguments);
    if rest.is_empty() || (is_shell && rest.len() == 1) {
        let code = input.filter(|_| is_shell);
        return Some(match code {
            Some(code) => of_code(code, depth + 1).elsewhere(),
            None if rest.is_empty() && verb == "exec" => return None,
            None => opening(&line),
        });
    }
    // Programs are looked for in the container, not here.
    let mut found = command::judge(rest, input, depth + 1).elsewhere();
    if found.interactive.is_some() {
        found.interactive = Some(command::shown(&line));
    }
    found.opens = None;
    Some(found)
}
