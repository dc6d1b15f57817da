//! What is lost, named: the files, the processes, the objects.

use super::program::names_subcommand;
use super::table::{fits, is_in, said_of};
use super::word::Word;
use crate::runbook::Effect::{self, Destructive, Write};

/// How many names are said before it is only how many more.
const MOST_NAMES: usize = 3;

/// Options of these programs whose value is the next word.
const WITH_VALUE: &[(&str, &str)] = &[
    ("kill", "-s --signal -n"),
    ("pkill killall", "-s --signal -u -U -g -G -P -t --euid --uid --pgroup --parent --terminal -y -o"),
    ("shred", "-n --iterations -s --size"),
    ("truncate", "-s --size -r --reference"),
    ("mkfs", "-t -L -b -O -E -m"),
    ("wipefs", "-t -o"),
];

/// What `program`, which loses something, loses; `None` where its name says it.
pub(super) fn of_program(program: &str, arguments: &[Word]) -> Option<String> {
    let family = program.split('.').next().unwrap_or(program);
    let names = || named(&operands(arguments, said_of(WITH_VALUE, family).unwrap_or_default()));
    let has = |options: &str| arguments.iter().any(|argument| fits(options, argument));
    let at_once = |options: &str| if has(options) { " at once" } else { "" };
    Some(match family {
        "rm" if has("-r -R -*r -*R --recursive") => format!("removes {} and all in it", names()?),
        "rm" | "unlink" => format!("removes {}", names()?),
        "shred" => format!("overwrites {} for good", names()?),
        "truncate" => format!("cuts {} off", names()?),
        "mkfs" | "mkswap" => format!("makes a new file system on {}: all on it is lost", names()?),
        "wipefs" => format!("wipes what says which file system is on {}", names()?),
        "dd" => {
            let target = arguments.iter().find_map(|word| word.strip_prefix("of="))?;
            format!("overwrites {target}")
        }
        "kill" if !is_in("-l -L --list", arguments.first()?) => {
            format!("ends process {}{}", names()?, at_once("-9 -KILL -SIGKILL KILL SIGKILL 9 -s9"))
        }
        "pkill" | "killall" => {
            format!("ends every process that matches {}{}", names()?, at_once("-9 -KILL -SIGKILL KILL SIGKILL 9"))
        }
        "userdel" | "deluser" => format!("removes the account {}", names()?),
        "dropdb" => format!("drops the database {}", names()?),
        "dropuser" => format!("drops the database user {}", names()?),
        _ => return None,
    })
}

/// What `kubectl` or `oc` does with `verb`, and to what; `None` where the table
/// says enough.
pub(super) fn of_cluster(verb: &str, second: Option<&str>, arguments: &[Word]) -> Option<(Effect, String)> {
    let at = arguments.iter().position(|argument| **argument == *verb)?;
    let rest = &arguments[at + 1..];
    let has = |options: &str| rest.iter().any(|argument| fits(options, argument));
    let operands = operands(rest, CLUSTER_WITH_VALUE);
    let names = of_kind(&operands);
    let value_of = |long: &str, short: &str| {
        let glued = |word: &Word| word.strip_prefix(long).and_then(|rest| rest.strip_prefix('=')).map(str::to_owned);
        rest.iter().enumerate().find_map(|(at, word)| {
            let named = **word == *long || **word == *short;
            if named { rest.get(at + 1).map(Word::to_string) } else { glued(word) }
        })
    };
    let file = value_of("--filename", "-f").or_else(|| value_of("--kustomize", "-k"));
    Some(match (verb, second) {
        ("delete", _) => {
            let reason = match (operands.split_first(), file) {
                (None, Some(file)) => format!("deletes every object that {file} describes"),
                (Some((kind, [])), _) if !kind.contains('/') => match value_of("--selector", "-l") {
                    Some(label) => format!("deletes every {kind} with {label}"),
                    None => format!("deletes {kind}"),
                },
                (Some((kind, objects)), _) => of_objects(kind, objects),
                (None, None) => "deletes objects of the cluster".to_owned(),
            };
            (Destructive, reason)
        }
        ("drain", _) => (Destructive, format!("evicts all pods from {}", names.as_deref().unwrap_or("a node"))),
        ("replace", _) if has("--force --force=true") => {
            (Destructive, "deletes objects of the cluster and makes them anew".to_owned())
        }
        ("replace", _) => (Write, "replaces objects of the cluster".to_owned()),
        ("scale", _) if value_of("--replicas", "--replicas").as_deref() == Some("0") => {
            (Write, format!("stops every instance of {}", names?))
        }
        ("scale", _) => (Write, format!("changes how many instances of {} run", names?)),
        ("cordon", _) => (Write, format!("keeps new pods off {}", names?)),
        ("uncordon", _) => (Write, format!("lets new pods onto {} again", names?)),
        ("apply" | "create", _) if file.is_some() && !has("--prune* --force") => {
            (Write, format!("makes the cluster what {} says", file?))
        }
        ("rollout", Some("restart")) => (Write, format!("restarts {}", of_kind(operands.get(1..)?)?)),
        ("rollout", Some("undo")) => (Write, format!("rolls {} back", of_kind(operands.get(1..)?)?)),
        ("patch" | "edit", _) => (Write, format!("changes {}", names?)),
        _ => return None,
    })
}

/// Options of `kubectl`'s verbs that take a value.
const CLUSTER_WITH_VALUE: &str = "-n --namespace -l --selector -f --filename -k --kustomize -o --output --context \
    --kubeconfig --cluster --user --token --as --replicas -p --patch --type --field-selector --grace-period --timeout \
    --current-replicas --resource-version -c --container --request-timeout --pod-selector --skip-wait-for-delete-timeout";

/// Objects as they are named: `deploy/x`, or a kind and then names.
fn of_kind(operands: &[&Word]) -> Option<String> {
    match operands.split_first()? {
        (kind, objects) if !objects.is_empty() && !kind.contains('/') => Some(format!("{kind} {}", named(objects)?)),
        _ => named(operands),
    }
}

fn of_objects(kind: &str, objects: &[&Word]) -> String {
    let (kind, inline) = kind.split_once('/').map_or((kind, None), |(kind, name)| (kind, Some(name)));
    let names = inline.map(str::to_owned).into_iter().chain(named(objects)).collect::<Vec<_>>().join(", ");
    match kind {
        "ns" | "namespace" | "namespaces" | "project" => format!("deletes the namespace {names} and all in it"),
        "pvc" | "pv" | "persistentvolumeclaim" | "persistentvolume" => {
            format!("deletes the volume {names}, and maybe what is on it")
        }
        "crd" | "customresourcedefinition" => format!("deletes the resource type {names} and every object of it"),
        _ => format!("deletes {kind} {names}"),
    }
}

/// The words among `arguments` that are neither options nor their values.
fn operands<'a>(arguments: &'a [Word], with_value: &str) -> Vec<&'a Word> {
    let mut found = Vec::new();
    let mut rest = arguments.iter();
    let mut only_operands = false;
    while let Some(argument) = rest.next() {
        if only_operands || !argument.starts_with('-') {
            found.push(argument);
        } else if **argument == *"--" {
            only_operands = true;
        } else if is_in(with_value, argument) {
            rest.next();
        }
    }
    found
}

/// `words` as a person would say them; `None` where there are none.
fn named(words: &[&Word]) -> Option<String> {
    let said: Vec<&str> = words.iter().take(MOST_NAMES).map(|word| word.as_str()).collect();
    let more = words.len().saturating_sub(MOST_NAMES);
    match said.join(", ") {
        names if names.is_empty() => None,
        names if more > 0 => Some(format!("{names} and {more} more")),
        names => Some(names),
    }
}

/// Subcommands of programs, and what is said before and behind what they are
/// given.
const SAID: &[(&str, &str, &str, &str)] = &[
    ("systemctl", "stop", "stops", ""),
    ("systemctl", "start", "starts", ""),
    ("systemctl", "restart try-restart reload-or-restart", "restarts", ""),
    ("systemctl", "disable", "keeps", " from starting with the machine"),
    ("systemctl", "mask", "makes", " impossible to start"),
    ("systemctl", "kill", "kills", ""),
    ("helm", "uninstall delete del un", "removes the release", " and all that it made"),
    ("helm", "rollback", "rolls back the release", ""),
    ("docker podman nerdctl", "rm container:rm", "removes the container", ""),
    ("docker podman nerdctl", "rmi image:rm", "removes the image", ""),
    ("docker podman nerdctl", "kill container:kill", "kills the container", ""),
    ("docker podman nerdctl", "stop container:stop", "stops the container", ""),
    ("docker podman nerdctl", "volume:rm volume:remove", "removes the volume", " and all on it"),
    ("apt apt-get yum dnf apk brew zypper", "remove purge erase uninstall", "removes the package", ""),
    ("etcdctl", "del", "deletes from etcd the key", ""),
    ("rabbitmqctl", "purge_queue", "deletes every message of the queue", ""),
    ("nomad", "stop job:stop", "stops the job", ""),
];

/// What the subcommand `name` does and to what, in words; `None` where the
/// table's words have to do.
pub(super) fn of_subcommand(program: &str, name: &[String], with_value: &str, arguments: &[Word]) -> Option<String> {
    let (_, verbs, before, after) = SAID.iter().find(|(programs, verbs, ..)| {
        is_in(programs, program) && names_subcommand(verbs, name).is_some_and(|weight| weight > 1)
    })?;
    let is_two_words = name.len() == 2 && is_in(verbs, &format!("{}:{}", name[0], name[1]));
    let given = operands(arguments, with_value);
    let names = named(given.get(if is_two_words { 2 } else { 1 }..)?)?;
    Some(format!("{before} {names}{after}"))
}
