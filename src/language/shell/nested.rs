//! Commands that run other commands: wrappers, shells, other hosts.

use super::findings::{Findings, of_code};
use super::table::{self, fits, is_in};
use super::word::{Expands, Input, Word, joined, most_expanding};
use super::{command, program};
use crate::runbook::Effect;

/// Shells that run what they are given.
pub(super) const SHELLS: &str = "bash sh zsh dash ksh ash fish";

/// Looks into the command that `program` runs. `None` where it runs none.
pub(super) fn look_inside(program: &str, arguments: &[Word], input: Input<'_>, depth: usize) -> Option<Findings> {
    match program {
        _ if is_in(SHELLS, program) => Some(shell(program, arguments, input, depth)),
        "eval" => Some(of_words(arguments, depth)),
        "ssh" => ssh(arguments, input, depth),
        "su" => Some(su(arguments, input, depth)),
        "find" => find(arguments, depth),
        "docker" | "podman" | "nerdctl" | "docker-compose" | "kubectl" | "oc" => {
            in_container(program, arguments, input, depth)
        }
        "railway" | "heroku" | "dotenv" if arguments.first().is_some_and(|first| **first == *"run") => {
            let inner = strip_options(&arguments[1..], "-s -e -p --service --environment -a --app", 0);
            Some(command::judge(inner, input, depth + 1))
        }
        _ => wrapper(program, arguments, input, depth),
    }
}

fn wrapper(name: &str, arguments: &[Word], input: Input<'_>, depth: usize) -> Option<Findings> {
    let wrapper = table::known(name).wrapper?;
    if name == "command" && arguments.iter().any(|argument| fits("-v -V", argument)) {
        return None;
    }
    if name == "env"
        && let Some(at) = arguments.iter().position(|argument| fits("-S* --split-string*", argument))
    {
        let code = joined(&arguments[at..]).replace("--split-string=", "").replacen("-S", "", 1);
        let mut found = of_code(&code, depth + 1);
        doubt_expansions(arguments, &mut found);
        return Some(found);
    }
    let mut line = vec![Word::plain(name)];
    line.extend_from_slice(arguments);
    let mut inner = strip_options(arguments, wrapper.with_value, wrapper.operands);
    if matches!(name, "env" | "sudo" | "doas" | "dotenv") {
        let assignments = inner.iter().take_while(|argument| argument.contains('=')).count();
        inner = &inner[assignments..];
    }
    let mut found = Findings::default();
    let own = &arguments[..arguments.len() - inner.len()];
    let options = &own[..own.len().saturating_sub(wrapper.operands)];
    let may_be_option = options.iter().enumerate().any(|(at, word)| {
        word.is_open() && !at.checked_sub(1).is_some_and(|before| is_in(wrapper.with_value, &options[before]))
    });
    if may_be_option || most_expanding(own) == Expands::Freely {
        found.add(Effect::Unknown, format!("what `{name}` runs cannot be told"));
    }
    if matches!(name, "strace" | "time") && own.iter().any(|argument| fits("-o* --output*", argument)) {
        found.add(Effect::Write, "writes a file");
    }
    // The machine that a debugging pod looks at; its programs have their names.
    let is_host = name == "chroot" && own.last().is_some_and(|folder| is_in("/host /rootfs /sysroot", folder));
    if name == "chroot" && !is_host {
        found.add(Effect::Unknown, "its programs are those of another folder");
    }
    if name == "command" && own.iter().any(|argument| fits("-p", argument)) {
        found.add(Effect::Unknown, "`command -p` looks for programs in other folders");
        found.calls_by_default_path(inner);
    }
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
    if name == "parallel" {
        let sources = inner.iter().position(|word| word.starts_with(":::")).unwrap_or(inner.len());
        inner = &inner[..sources];
    }
    // watch gives its words to a shell, and so does parallel.
    let runs = if name == "watch" || (name == "parallel" && inner.len() == 1) {
        of_words(inner, depth)
    } else {
        command::judge(&given_by(name, arguments, inner), input, depth + 1)
    };
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
pub(super) fn strip_options<'a>(arguments: &'a [Word], with_value: &str, operands: usize) -> &'a [Word] {
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

fn opening(line: &[Word]) -> Findings {
    let mut found = Findings::default();
    let line = command::shown(line);
    found.add(Effect::Unknown, format!("`{line}` opens a shell, in which anything can be done"));
    found.opens = Some(line.clone());
    found.interactive = Some(line);
    found
}

fn line_of(program: &str, arguments: &[Word]) -> Vec<Word> {
    std::iter::once(Word::plain(program)).chain(arguments.iter().cloned()).collect()
}

fn shell(name: &str, arguments: &[Word], input: Input<'_>, depth: usize) -> Findings {
    let takes_code = |argument: &Word| fits("-c", argument) || (fits("-*c", argument) && argument.len() <= 5);
    if let Some(at) = arguments.iter().position(takes_code) {
        return match arguments[at + 1..].iter().find(|argument| !argument.starts_with('-')) {
            Some(code) => of_words(std::slice::from_ref(code), depth),
            None => unseen(name),
        };
    }
    let mut found = Findings::default();
    if most_expanding(arguments) >= Expands::Whole {
        return unseen(name);
    }
    if arguments.len() == 1 && fits("--version", &arguments[0]) {
        return found;
    }
    if let Some(script) = arguments.iter().find(|argument| !argument.starts_with('-')) {
        found.add(Effect::Unknown, format!("runs the script {script}"));
        return found;
    }
    of_input(name, input, depth).unwrap_or_else(|| opening(&line_of(name, arguments)))
}

/// What the code that `program` reads does; `None` where nothing is given.
fn of_input(program: &str, input: Input<'_>, depth: usize) -> Option<Findings> {
    match input {
        Input::Own => None,
        Input::Unseen => Some(unseen(program)),
        Input::Text { code, expands } => {
            let mut found = of_code(code, depth + 1);
            if expands {
                found.add(Effect::Unknown, "a variable becomes a part of code that is run");
            }
            Some(found)
        }
    }
}

/// What is known of a program that runs what the text does not show.
fn unseen(program: &str) -> Findings {
    let mut found = Findings::default();
    found.add(Effect::Unknown, format!("`{program}` runs what cannot be seen here"));
    found
}

/// What `words` do, of which a shell makes code.
fn of_words(words: &[Word], depth: usize) -> Findings {
    let mut found = of_code(&joined(words), depth + 1);
    doubt_expansions(words, &mut found);
    found
}

fn doubt_expansions(words: &[Word], found: &mut Findings) {
    if most_expanding(words) > Expands::Nothing {
        found.add(Effect::Unknown, "a variable becomes a part of code that is run");
    }
}

/// `inner` with what `wrapper` itself puts into it: xargs adds what it reads.
fn given_by(wrapper: &str, arguments: &[Word], inner: &[Word]) -> Vec<Word> {
    let mut line = inner.to_vec();
    if matches!(wrapper, "xargs" | "parallel") {
        if arguments.iter().any(|argument| fits("-I* -i* --replace*", argument)) {
            line = line.into_iter().map(|word| if word.contains("{}") { word.filled_later() } else { word }).collect();
        } else {
            line.push(Word::unseen());
        }
    }
    line
}

/// Whether the options of `ssh` before its host run nothing here.
fn ssh_only_connects(arguments: &[Word]) -> bool {
    let before = arguments.iter().take_while(|argument| argument.starts_with('-') || !argument.is_open());
    let mut odd = arguments.iter().zip(arguments.iter().skip(1).map(Some).chain([None])).any(|(argument, next)| {
        let setting = if *argument == *"-o" { next.map(Word::as_str) } else { argument.strip_prefix("-o") };
        let name = setting.map(|setting| setting.split(['=', ' ']).next().unwrap_or(setting));
        name.is_some_and(|name| !is_in(table::SSH_OPTIONS, name)) || fits("-F* -E* -I* -S* -e*", argument)
    });
    odd |= before.count() < 1;
    !odd
}

/// Options of ssh that take a value.
pub(super) const SSH_WITH_VALUE: &str = "-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w";

fn ssh(arguments: &[Word], input: Input<'_>, depth: usize) -> Option<Findings> {
    let after_host = strip_options(arguments, SSH_WITH_VALUE, 1);
    let remote = strip_options(after_host, SSH_WITH_VALUE, 0);
    let own = &arguments[..arguments.len() - remote.len()];
    let mut found = Findings::default();
    let free = own.iter().enumerate().any(|(at, word)| {
        let is_value = at.checked_sub(1).is_some_and(|before| is_in(SSH_WITH_VALUE, &own[before]));
        word.expands == Expands::Freely || (word.is_open() && !is_value)
    });
    if free || !ssh_only_connects(own) {
        found.add(Effect::Unknown, "its options can run a program here");
    }
    if !remote.is_empty() {
        // Programs are looked for on the other host, not here.
        found.merge(of_words(remote, depth).elsewhere());
        if let Input::Text { .. } = input {
            found.merge(of_input("ssh", input, depth)?.elsewhere());
        }
        return Some(found);
    }
    if arguments.iter().any(|argument| fits("-N -*N", argument)) {
        found.endless = Some(command::shown(&line_of("ssh", arguments)));
        return Some(found);
    }
    if arguments.iter().any(|argument| fits("-V -Q -G", argument)) {
        return Some(found);
    }
    found.merge(of_input("ssh", input, depth).map_or_else(|| opening(&line_of("ssh", arguments)), Findings::elsewhere));
    Some(found)
}

fn su(arguments: &[Word], input: Input<'_>, depth: usize) -> Findings {
    let code =
        arguments.iter().position(|argument| fits("-c --command", argument)).and_then(|at| arguments.get(at + 1));
    match code {
        Some(code) => of_words(std::slice::from_ref(code), depth),
        None => of_input("su", input, depth).unwrap_or_else(|| opening(&line_of("su", arguments))),
    }
}

fn find(arguments: &[Word], depth: usize) -> Option<Findings> {
    let mut found = Findings::default();
    let mut runs = false;
    for (at, argument) in arguments.iter().enumerate() {
        if !fits("-exec -execdir -ok -okdir", argument) {
            continue;
        }
        runs = true;
        let rest = &arguments[at + 1..];
        let end = rest.iter().position(|word| **word == *";" || **word == *"+").unwrap_or(rest.len());
        found.merge(command::judge(&with_files(&rest[..end]), Input::Own, depth + 1));
    }
    if let Some((effect, reason)) = program::judge("find", arguments, Input::Own, &mut Findings::default()) {
        found.add(effect, reason);
    }
    runs.then_some(found)
}

/// `words` with the names of files that `find` puts into them.
fn with_files(words: &[Word]) -> Vec<Word> {
    let fill = |word: &Word| if word.contains("{}") { word.clone().filled_later() } else { word.clone() };
    words.iter().map(fill).collect()
}

/// Options of `exec`, `debug` and `rsh` that take a value.
const EXEC_WITH_VALUE: &str = "-n --namespace -c --container -u --user -w --workdir -e --env --env-file --index --context \
    --kubeconfig -f --file -p --project-name --image --profile";

/// `docker exec`, `docker compose exec`, `kubectl exec`, `oc rsh`, `oc debug`.
fn in_container(program: &str, arguments: &[Word], input: Input<'_>, depth: usize) -> Option<Findings> {
    let subcommand = program::subcommand(program, arguments)?;
    let verb = subcommand.iter().find(|word| is_in("exec rsh debug", word))?;
    if subcommand.first() != Some(verb)
        && subcommand.first().is_none_or(|first| first != "compose" && first != "container")
    {
        return None;
    }
    let at = arguments.iter().position(|argument| **argument == **verb)?;
    let rest = strip_options(&arguments[at + 1..], EXEC_WITH_VALUE, 1);
    let rest = strip_options(rest, EXEC_WITH_VALUE, 0);
    let is_shell = rest.first().is_some_and(|name| is_in(SHELLS, name.rsplit('/').next().unwrap_or(name)));
    let line = line_of(program, arguments);
    if rest.is_empty() || (is_shell && rest.len() == 1) {
        let code = if is_shell { of_input(program, input, depth) } else { None };
        return Some(match code {
            Some(found) => found.elsewhere(),
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
