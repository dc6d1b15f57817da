//! What a program does by itself, by the tables.

use super::findings::Findings;
use super::table::{self, fits, is_in, known};
use super::word::{Expands, Input, Word};
use super::{client, form, loss, request, script};
use crate::runbook::Effect::{self, Destructive, Read, Unknown, Write};

/// What calling `program` does, and why; `None` where it only looks. What it
/// finds out besides goes to `found`.
pub(super) fn judge(
    program: &str,
    arguments: &[Word],
    input: Input<'_>,
    found: &mut Findings,
) -> Option<(Effect, String)> {
    let has = |patterns: &str| arguments.iter().any(|argument| fits(patterns, argument));
    let asks_only = arguments.len() == 1 && has("--version --help");
    if asks_only && is_known(program) {
        return None;
    }
    if is_in(client::CLIENTS, program) {
        return client::judge(program, arguments, input, found);
    }
    let tables = known(program);
    if let Some((_, effect, reason)) = tables.given_away.iter().find(|(options, ..)| has(options)) {
        return Some((*effect, (*reason).to_owned()));
    }
    if let Some(special) = special(program, arguments) {
        return special;
    }
    if let Some(reason) = known(program.split('.').next().unwrap_or(program)).destroys {
        let named = loss::of_program(program, arguments);
        return Some((Destructive, named.unwrap_or_else(|| reason.to_owned())));
    }
    if tables.is_reader {
        return None;
    }
    if tables.is_builtin {
        return builtin(program, arguments);
    }
    if let Some(known) = tables.form {
        return form::parse(known, arguments).err().map(|reason| (Unknown, reason));
    }
    if let Some(reason) = tables.writes {
        return Some((Write, reason.to_owned()));
    }
    if tables.is_cloud {
        return cloud(program, arguments);
    }
    by_subcommand(program, arguments)
        .unwrap_or_else(|| Some((Unknown, format!("`{program}` is not a command known here"))))
}

fn is_known(program: &str) -> bool {
    let tables = known(program);
    tables.is_reader
        || tables.is_cloud
        || tables.form.is_some()
        || tables.writes.is_some()
        || tables.destroys.is_some()
        || tables.subcommands.is_some()
        || is_in(INTERPRETERS, program)
}

/// Programs that run a program, of their own language.
const INTERPRETERS: &str = "python python3 node ruby perl php deno make";

/// A builtin changes nothing but the shell, unless it makes a command run.
fn builtin(name: &str, arguments: &[Word]) -> Option<(Effect, String)> {
    let has = |patterns: &str| arguments.iter().any(|argument| fits(patterns, argument));
    let any = !arguments.is_empty();
    let acts = match name {
        "trap" | "enable" | "alias" => any && !has("-p -l"),
        "hash" | "complete" | "compgen" | "bind" | "fc" => any,
        "history" => any && !arguments.iter().all(|argument| argument.bytes().all(|byte| byte.is_ascii_digit())),
        "mapfile" | "readarray" => has("-C* -*C") || arguments.iter().any(Word::is_open),
        _ => false,
    };
    if acts {
        return Some((Unknown, format!("`{name}` changes what commands mean or do later")));
    }
    // The subscript of a name is evaluated: `a[$(…)]`.
    let names_variables =
        !is_in("echo true false : cd pwd exit return wait sleep printf", name) || (name == "printf" && has("-v*"));
    let evaluated = arguments.iter().any(|argument| argument.contains("[") && argument.contains(['`', '$']));
    (names_variables && evaluated && name != "[" && name != "test" || (evaluated && has("-v -eq -ne -lt -gt -le -ge")))
        .then(|| (Unknown, format!("`{name}` evaluates what stands in `[…]`")))
}

/// Programs whose effect hangs on their arguments in their own way. `None`
/// where this is none of them.
fn special(program: &str, arguments: &[Word]) -> Option<Option<(Effect, String)>> {
    let has = |patterns: &str| arguments.iter().any(|argument| fits(patterns, argument));
    let all = |patterns: &str| !arguments.is_empty() && arguments.iter().all(|argument| fits(patterns, argument));
    let first = arguments.first().map_or("", Word::as_str);
    let holds = |parts: &[&str]| arguments.iter().any(|argument| parts.iter().any(|part| argument.contains(part)));
    let say = |effect: Effect, reason: &str| Some(Some((effect, reason.to_owned())));
    let open = arguments.iter().find(|argument| argument.is_open());
    let options = arguments.iter().filter(|argument| argument.starts_with('-')).count();
    match program {
        "kill" | "pkill" | "killall" if fits("-0 -l -L --list", first) && options == 1 => {
            Some(open.filter(|word| word.expands == Expands::Freely && !word.starts_with("$!")).map(may_be_option))
        }
        "kill" => {
            say(Destructive, &loss::of_program(program, arguments).unwrap_or_else(|| "ends processes".to_owned()))
        }
        "." | "source" => say(Unknown, "runs another file"),
        _ if is_in(INTERPRETERS, program) => {
            say(Unknown, &format!("`{program}` runs a program that is not looked into"))
        }
        "hostname" if has("-F* -b* --file* --boot") || arguments.iter().any(|argument| !argument.starts_with('-')) => {
            say(Write, "changes the host's name")
        }
        "date"
            if arguments.iter().any(|argument| argument.starts_with(|c: char| c.is_ascii_digit())) && options == 0 =>
        {
            say(Write, "sets the clock")
        }
        "date" | "sed" | "awk" | "gawk" | "mawk" | "find" | "xxd" => Some(by_operands(program, arguments)),
        "dd" if has("of=/dev/null") => Some(open.map(may_be_option)),
        "dd" if has("of=*") => {
            let named = loss::of_program(program, arguments);
            say(Destructive, &named.unwrap_or_else(|| "overwrites a file or a disk".to_owned()))
        }
        "ceph" if all("-s -w -v --status --version --health") => Some(None),
        "rpm" if fits("-q* --query* -V*", first) => Some(open.map(may_be_option)),
        "rpm" if has("-e --erase") => say(Destructive, "removes packages"),
        "dpkg" if fits("-l -L -s -S --list --status --search --listfiles", first) => Some(open.map(may_be_option)),
        "dpkg" if has("-r -P --remove --purge") => say(Destructive, "removes packages"),
        "mongo" | "mongosh" if holds(&["dropDatabase", ".drop(", ".deleteMany(", ".deleteOne(", ".remove("]) => {
            say(Destructive, "deletes data of MongoDB")
        }
        "ansible" | "salt" | "salt-call" if holds(&["state=absent", "rm -r", "pkg.remove", "pkg.purge", "reboot"]) => {
            say(Destructive, "removes or stops something on many machines")
        }
        "tee" => say(Write, &tee(arguments)),
        "dd" => Some(open.map(may_be_option)),
        "tar" if lists_archive(arguments) => Some(None),
        "tar" if has("--checkpoint-action* --to-command* -I* --use-compress* --rsh-command* -F* --info-script*") => {
            say(Unknown, "runs a program that its options name")
        }
        "unzip" if fits("-l -t -v -Z", first) && options == 1 => Some(open.map(may_be_option)),
        "crontab" if has("-r -*r") => say(Destructive, "removes all scheduled jobs"),
        "crontab" if all("-l") => Some(None),
        "crontab" if first == "-l" && arguments.len() == 3 && has("-u") => Some(open.map(may_be_option)),
        "crontab" if first == "-u" && arguments.len() == 3 && has("-l") => Some(open.map(may_be_option)),
        "crontab" => say(Write, "changes scheduled jobs"),
        "nginx" | "apachectl" | "sshd" if all("-t -T -q -v -V configtest") => Some(None),
        "iptables" | "ip6tables" | "nft" | "ufw" | "firewall-cmd" => Some(firewall(program, arguments)),
        "service" => match arguments {
            [_, verb] if *verb == *"status" => Some(open.map(may_be_option)),
            [only] if *only == *"--status-all" => Some(None),
            _ => say(Write, "starts or stops services"),
        },
        "curl" => Some(request::curl(arguments)),
        "http" | "https" => Some(request::httpie(program, arguments)),
        "wget" if !has("--spider") => say(Write, "writes files"),
        "openssl" if has("-out -keyout -writerand") => say(Write, "writes files"),
        "openssl" => Some(open.map(may_be_option).or_else(|| {
            let odd = arguments.iter().find(|word| word.starts_with('-') && !is_in(table::OPENSSL, word));
            let known = odd.is_none() && is_in("s_client x509 version verify dgst crl req", first);
            (!known).then(|| (Unknown, format!("what this `{program}` command does is not known here")))
        })),
        "zfs" | "zpool" => match first {
            "list" | "status" | "get" | "iostat" | "history" => Some(None),
            "destroy" | "rollback" | "labelclear" => say(Destructive, "destroys data sets"),
            _ => say(Write, "changes file systems"),
        },
        _ => None,
    }
}

fn may_be_option(word: &Word) -> (Effect, String) {
    (Unknown, format!("`{word}` may be an option, and only the shell can tell"))
}

/// Readers whose operands count: scripts, dates, files to write.
fn by_operands(program: &str, arguments: &[Word]) -> Option<(Effect, String)> {
    if program == "find" {
        let odd = arguments.iter().find(|word| word.starts_with('-') && !is_in(table::FIND, word));
        let open = arguments.iter().enumerate().find(|(at, word)| {
            let value = at.checked_sub(1).is_some_and(|before| takes_value_in_find(&arguments[before]));
            word.expands == Expands::Freely || (word.is_open() && !value)
        });
        let unknown = odd.map(|word| (Unknown, format!("what `{word}` does is not known here")));
        return unknown.or_else(|| open.map(|(_, word)| may_be_option(word)));
    }
    let parsed = match known(program).form.map(|form| form::parse_script(form, arguments))? {
        Ok(parsed) => parsed,
        Err(reason) => return Some((Unknown, reason)),
    };
    let given = |list: &str| parsed.options.iter().filter(|(name, _)| is_in(list, name)).collect::<Vec<_>>();
    let first = parsed.operands.first().copied();
    match program {
        "date" => {
            let sets = parsed.operands.iter().find(|operand| !operand.starts_with('+'));
            sets.map(|operand| (Write, format!("sets the clock to {operand}")))
        }
        "xxd" => None,
        "sed" => {
            let expressions = given("-e --expression");
            let mut scripts: Vec<&Word> = expressions.iter().filter_map(|(_, value)| value.as_ref()).collect();
            scripts.extend(first.filter(|_| expressions.is_empty()));
            let doubtful = |script: &&Word| script.expands != Expands::Nothing || !script::sed_only_prints(script);
            scripts
                .into_iter()
                .find(doubtful)
                .map(|_| (Unknown, "its sed script runs commands or writes files, or may".to_owned()))
        }
        _ => first
            .filter(|script| script.expands != Expands::Nothing || !script::awk_only_prints(script))
            .map(|_| (Unknown, "its awk program runs commands or writes files, or may".to_owned())),
    }
}

/// Whether the word after `predicate` belongs to it, whatever it is.
fn takes_value_in_find(predicate: &Word) -> bool {
    let alone = "-H -L -P -a -and -o -or -not -empty -daystart -nouser -nogroup -readable -writable -executable -mount \
        -xdev -depth -d -follow -prune -quit -print -print0 -ls -true -false -warn -nowarn -noleaf -exec -execdir -ok -okdir";
    predicate.starts_with('-') && is_in(table::FIND, predicate) && !is_in(alone, predicate)
}

/// Whether `tee` keeps what is in its files.
pub(super) fn adds_to_files(arguments: &[Word]) -> bool {
    arguments.iter().any(|argument| fits("-a --append -*a", argument))
}

/// What `tee` does to its files.
fn tee(arguments: &[Word]) -> String {
    let adds = adds_to_files(arguments);
    match arguments.iter().find(|argument| !argument.starts_with('-')) {
        Some(file) if adds => format!("adds to {file}"),
        Some(file) => format!("replaces the content of {file}"),
        None => "writes files".to_owned(),
    }
}

/// Whether `tar` is asked for a list, and for nothing else.
fn lists_archive(arguments: &[Word]) -> bool {
    let Some((first, rest)) = arguments.split_first() else { return false };
    let letters = first.strip_prefix('-').unwrap_or(first);
    let lists = *first == *"--list" || (letters.contains('t') && letters.chars().all(|c| "tvzjJafZ".contains(c)));
    let known = |word: &Word| {
        !word.is_open() && (!word.starts_with('-') || fits("-v -z -j -J -a -f -C --wildcards --exclude=*", word))
    };
    lists && !first.is_open() && rest.iter().all(known)
}

/// What a firewall is asked to do.
fn firewall(program: &str, arguments: &[Word]) -> Option<(Effect, String)> {
    let has = |patterns: &str| arguments.iter().any(|argument| fits(patterns, argument));
    let first = arguments.first().map_or("", Word::as_str);
    let is_open = arguments.iter().any(Word::is_open);
    let looks = match program {
        "nft" => first == "list",
        "ufw" => first == "status",
        "firewall-cmd" => arguments.iter().all(|word| fits("--list* --get* --state --zone=* --permanent", word)),
        _ => {
            let letters = |word: &Word| word[1..].chars().all(|c| "LSnvxtw".contains(c));
            has("-L* -S* --list* -*L -*S")
                && arguments.iter().filter(|word| word.starts_with('-')).all(|word| {
                    fits("--list --list-rules --line-numbers --numeric --verbose --table", word)
                        || (!word.starts_with("--") && letters(word))
                })
        }
    };
    if looks && !is_open {
        None
    } else if has("-F -*F --flush flush -X -D -Z -*Z --zero --delete* reset") {
        Some((Destructive, "removes rules or counters of the firewall".to_owned()))
    } else {
        Some((Write, "changes the firewall".to_owned()))
    }
}

fn cloud(program: &str, arguments: &[Word]) -> Option<(Effect, String)> {
    let words: Vec<&str> = arguments.iter().map(Word::as_str).filter(|argument| !argument.starts_with('-')).collect();
    if let Some(open) = arguments.iter().find(|word| word.expands == Expands::Freely) {
        return Some(may_be_option(open));
    }
    for (verbs, effect, reason) in table::CLOUD {
        let fits_verb = |word: &&str| {
            verbs
                .split(' ')
                .any(|verb| word.strip_prefix(verb).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
        };
        // Verbs stand among the first words; later ones may be values.
        let first = &words[..4.min(words.len())];
        let among = if *effect == Destructive { &words[..] } else { first };
        // `batch-delete-image` says it in its middle.
        let in_middle = *effect == Destructive
            && first
                .iter()
                .any(|word| !word.contains(['/', '.', ':']) && word.split('-').any(|part| is_in(verbs, part)));
        if in_middle || among.iter().any(fits_verb) {
            return (*effect != Read).then(|| (*effect, (*reason).to_owned()));
        }
    }
    Some((Unknown, format!("what this `{program}` command does is not known here")))
}

fn specification(program: &str) -> Option<&'static table::Subcommands> {
    known(program).subcommands
}

/// What the subcommand does; `None` for a program that has none in the table.
fn by_subcommand(program: &str, arguments: &[Word]) -> Option<Option<(Effect, String)>> {
    specification(program)?;
    let Some(name) = subcommand(program, arguments) else {
        return Some(Some((Unknown, format!("which subcommand of `{program}` this is cannot be told"))));
    };
    for (subcommands, options, reason) in &known(program).losing {
        if names_subcommand(subcommands, &name).is_some()
            && arguments.iter().skip(1).any(|argument| fits(options, argument))
        {
            return Some(Some((Destructive, (*reason).to_owned())));
        }
    }
    if let ("kubectl" | "oc", [verb, rest @ ..]) = (program, name.as_slice())
        && let Some(named) = loss::of_cluster(verb, rest.first().map(String::as_str), arguments)
    {
        return Some(Some(named));
    }
    if program == "git" && name[0] == "restore" {
        let only_staged = arguments.iter().any(|argument| fits("--staged -S", argument));
        return Some(Some(if only_staged {
            (Write, "takes changes out of the next commit".to_owned())
        } else {
            (Destructive, "throws uncommitted changes away".to_owned())
        }));
    }
    if let Some(more) = more_than_reads(program, &name, arguments) {
        return Some(Some(more));
    }
    let fitting = specification(program)?
        .known
        .iter()
        .filter_map(|(names, effect, reason)| Some((names_subcommand(names, &name)?, *effect, *reason)));
    // Two words say more than one, and one more than a word with anything.
    let Some((_, effect, reason)) = fitting.max_by_key(|(weight, effect, _)| (*weight, *effect)) else {
        return Some(Some((Unknown, format!("`{program} {}` is not a command known here", name.join(" ")))));
    };
    let with_value = specification(program).map_or("", |known| known.with_value);
    let named = || loss::of_subcommand(program, &name, with_value, arguments);
    Some((effect != Read).then(|| (effect, named().unwrap_or_else(|| reason.to_owned()))))
}

/// What the options of a subcommand that otherwise looks do more than that.
fn more_than_reads(program: &str, name: &[String], arguments: &[Word]) -> Option<(Effect, String)> {
    // Options of git, apt and the like can name programs to run.
    if program == "git" && arguments.iter().any(|word| fits("-c* --exec-path* --config-env*", word) && word != "-C") {
        return Some((Unknown, "its settings can name programs to run".to_owned()));
    }
    for (subcommands, options) in &known(program).more_than_reads {
        if names_subcommand(subcommands, name).is_none() {
            continue;
        }
        if let Some(word) = arguments.iter().find(|word| fits(options, word)) {
            return Some((Write, format!("`{word}` writes a file or runs a program")));
        }
        let before = arguments.iter().position(|word| name.first().is_some_and(|first| **word == **first));
        let behind = &arguments[before.map_or(0, |at| at + 1)..];
        let with_value = specification(program).map_or("", |known| known.with_value);
        let open = behind.iter().enumerate().find(|(at, word)| {
            let is_value = at.checked_sub(1).is_some_and(|before| is_in(with_value, &behind[before]));
            word.expands == Expands::Freely || (word.is_open() && !is_value)
        });
        if let Some((_, word)) = open {
            return Some(may_be_option(word));
        }
    }
    None
}

/// The subcommand of `program` and the word after it. `None` where there is
/// none, or where an option before it is not known.
pub(super) fn subcommand(program: &str, arguments: &[Word]) -> Option<Vec<String>> {
    let known = specification(program)?;
    let mut rest = arguments.iter();
    let mut name: Vec<String> = Vec::new();
    while let Some(argument) = rest.next() {
        if argument.expands == Expands::Freely && name.is_empty() {
            return None;
        }
        if is_in(known.with_value, argument) {
            if rest.next().is_some_and(|value| value.expands == Expands::Freely) {
                return None;
            }
        } else if argument.starts_with('-') {
            let is_known = argument.contains('=') || fits(known.flags, argument) || !name.is_empty();
            let single = known.with_value.split(' ').any(|option| option.len() == 2 && argument.starts_with(option));
            if !is_known && !single {
                return None;
            }
            // `git remote -v` looks, and its option is all that says so.
            if name.len() == 1 && argument == "-v" && rest.as_slice().is_empty() {
                name.push(argument.to_string());
            }
        } else {
            name.push(argument.to_string());
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
    // One search rules nearly all lists out.
    if !names.contains(first.as_str()) {
        return None;
    }
    table::words(names)
        .filter(|name| name.starts_with(first.as_str()))
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
