//! What is known of commands, as data.
//!
//! A command that is not here is of unknown effect. Where a program has
//! subcommands, each line names those that do the same.

mod programs;
mod readers;
mod stores;
mod subcommands;

pub(super) use programs::known;
pub(super) use readers::{FIND, Form, OPENSSL, SSH_OPTIONS};
pub(super) use subcommands::Subcommands;

use crate::runbook::Effect::{self, Destructive, Read, Unknown, Write};
use readers::{FORMS, MORE_THAN_READS, READERS};
use stores::STORES;
use subcommands::SUBCOMMANDS;

/// Builtins of bash that change nothing outside the shell.
const BUILTINS: &str = ". : [ [[ alias bg bind break builtin caller cd command compgen complete continue \
    declare dirs disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local \
    logout mapfile popd printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap \
    true type typeset ulimit umask unalias unset wait";

/// Programs that change something.
const WRITERS: &[(&str, &str)] = &[
    ("cp mv ln install rsync scp sftp", "copies or moves files, over those of the same name"),
    ("mkdir rmdir touch mktemp mkfifo", "makes or removes folders or files"),
    ("chmod chown chgrp setfacl chattr", "changes rights of files"),
    ("tee split csplit patch gzip gunzip bzip2 bunzip2 xz unxz zstd zip unzip tar wget", "writes files"),
    ("mount umount swapon swapoff losetup", "changes what is mounted"),
    ("useradd usermod groupadd passwd chpasswd adduser chsh visudo", "changes accounts"),
    ("sysctl modprobe rmmod timedatectl logrotate", "changes the system"),
    ("renice taskset ionice", "changes how processes run"),
    ("nano vi vim nvim emacs pico ed joe micro", "edits files"),
    ("createdb createuser pg_restore pg_ctl pg_basebackup", "changes a database"),
    ("ssh-keygen ssh-copy-id ssh-add", "changes keys"),
    ("wall write notify-send mail sendmail logger", "sends messages"),
];

/// Programs that lose something.
const DESTROYERS: &[(&str, &str)] = &[
    ("rm unlink shred", "removes files"),
    ("kill pkill killall skill xkill fuser", "ends processes"),
    ("shutdown reboot poweroff halt init telinit", "stops the machine"),
    ("mkfs wipefs fdisk sfdisk gdisk parted mkswap blkdiscard", "overwrites disks"),
    ("truncate", "cuts files off"),
    ("userdel groupdel deluser delgroup", "removes accounts"),
    ("dropdb dropuser", "drops databases or their users"),
    ("lvremove vgremove pvremove", "removes volumes"),
];

/// Arguments that make a program more than a reader in a way that has words:
/// an argument that is one of the words, or begins with one that ends in `*`.
const GIVEN_AWAY: &[(&str, &str, Effect, &str)] = &[
    ("find", "-delete", Destructive, "deletes the files it finds"),
    ("find", "-fprint* -fls", Write, "writes files"),
    ("sed", "-i* --in-place* -*i", Write, "edits files in place"),
    ("sort", "-o* --output* -*o", Write, "writes a file"),
    ("yq", "-i --inplace -*i", Write, "edits files in place"),
    ("awk gawk", "-i inplace", Write, "edits files in place"),
    ("journalctl", "--vacuum*", Destructive, "deletes logs"),
    ("journalctl", "--rotate --flush --sync --cursor-file*", Write, "changes the journal"),
    ("dmesg", "-C --clear -c --read-clear -*C -*c", Destructive, "clears the kernel's log"),
    ("dmesg", "-n* --console-level* -D -E --console-off --console-on", Write, "changes what the console shows"),
    ("date", "-s* --set*", Write, "sets the clock"),
    ("hostnamectl", "set*", Write, "changes the host's name"),
    ("ss", "-K --kill -*K", Destructive, "ends connections"),
    ("arp", "-d -s --delete --set", Write, "changes the address table"),
    ("tree iconv", "-o* --output*", Write, "writes a file"),
    ("tcpdump", "-w*", Write, "writes a file"),
    ("lastlog", "-C --clear -S --set", Write, "changes the record of logins"),
    ("less", "-o* -O* --log-file* --LOG-FILE*", Write, "writes a file"),
    ("pg_dump pg_dumpall mysqldump", "-f* --file* --result-file* -r*", Write, "writes a file"),
    ("rsync", "--delete* --del --remove-source-files", Destructive, "deletes files that the source does not have"),
    (
        "aws gcloud gsutil",
        "--delete --delete-unmatched-destination-objects",
        Destructive,
        "deletes what the source does not have",
    ),
    ("ln", "-*f --force", Write, "makes a link in place of what has its name"),
    ("npm yarn pnpm", "unpublish", Destructive, "takes a published package away"),
    ("nomad", "-purge --purge", Destructive, "stops a job and deletes what is known of it"),
    (
        "kafka-topics kafka-topics.sh kafka-consumer-groups kafka-consumer-groups.sh",
        "--delete",
        Destructive,
        "deletes topics or groups of Kafka",
    ),
    (
        "kafka-consumer-groups kafka-consumer-groups.sh",
        "--reset-offsets",
        Destructive,
        "moves where a group reads from",
    ),
    ("kafka-topics kafka-topics.sh", "--create --alter", Write, "changes topics of Kafka"),
    ("tee", "/dev/sd* /dev/nvme*", Destructive, "overwrites a disk"),
];

/// Words in the subcommand of a cloud provider's command line (aws, gcloud,
/// az, doctl), by how they begin.
pub(super) const CLOUD: &[(&str, Effect, &str)] = &[
    (
        "delete terminate purge remove rm rb destroy deregister kill deprovision",
        Destructive,
        "deletes something in the cloud",
    ),
    ("get-credentials get-object get-kubeconfig get-export get-bundle get-function-code", Write, "writes a file"),
    ("invoke send-command execute-command", Unknown, "runs what cannot be seen here"),
    (
        "create update put set add modify start stop reboot restart attach detach associate disassociate enable disable \
         send upload import register tag untag authorize revoke copy rotate resize scale upgrade cp mv sync mb \
         assign login logout apply patch reset rollback promote failover deallocate",
        Write,
        "changes something in the cloud",
    ),
    ("describe list get ls show head lookup tail filter-log-events wait", Read, ""),
];

/// Command lines of cloud providers.
const CLOUD_PROGRAMS: &str = "aws gcloud az doctl gsutil ibmcloud linode-cli hcloud";

/// Arguments that make a known subcommand lose something: program,
/// subcommand, arguments.
const LOSING: &[(&str, &str, &str, &str)] = &[
    ("git", "push", "--delete -d :*", "deletes a branch or a tag on the remote"),
    ("git", "push", "--force* -f -*f +*", "force-pushes over the remote branch"),
    ("git", "push", "--mirror --prune", "deletes from the remote what is not here"),
    ("git", "reset", "--hard --merge --keep", "throws uncommitted changes away"),
    ("git", "clean", "-*f* --force", "deletes untracked files"),
    ("git", "checkout", "-f --force -- .", "throws uncommitted changes away"),
    ("git", "restore", "-W --worktree . -p --patch --source* -s*", "throws uncommitted changes away"),
    ("git", "branch", "-D -d --delete", "deletes branches"),
    ("git", "tag", "-d --delete", "deletes tags"),
    ("git", "worktree", "remove prune", "removes a worktree"),
    ("git", "stash", "drop clear", "throws stashed changes away"),
    ("docker podman docker-compose", "compose:down down", "-v --volumes --rmi*", "removes volumes or images"),
    ("kubectl oc", "apply", "--prune* --force", "deletes objects of the cluster"),
    ("kubectl oc", "taint adm:taint", "*:NoExecute", "evicts pods from a node"),
    ("ceph", "osd:pool", "delete rm", "deletes a pool and all in it"),
    ("ceph", "osd fs mon pg auth config mgr", "--yes-i-really*", "loses data of the store"),
    ("helm", "upgrade install", "--force --replace", "deletes objects of the cluster and makes them anew"),
    ("terraform tofu", "apply", "-destroy --destroy", "destroys infrastructure"),
];

/// Programs that take over the terminal.
const INTERACTIVE: &str = "nano vi vim nvim emacs pico ed joe micro less more man htop top iotop ncdu visudo \
    passwd gdb lldb tmux screen mc k9s lazydocker telnet ftp sftp fzf dialog whiptail cfdisk fdisk gdisk parted nmtui \
    alsamixer vipw vigr irb iex pry bpython ipython mysql_secure_installation mutt lynx btop atop nload iftop tig gitui \
    lazygit select";

/// Programs that never end by themselves.
const ENDLESS: &str =
    "watch top htop iotop yes k9s stern kubetail etcd mongod redis-server inotifywait btop atop nload iftop";

/// Those of them that can be told how often to print, and to print only.
pub(super) const MONITORS: &str = "top iotop";

/// Programs, the subcommand or nothing, and the arguments that keep them from
/// ending. Without an argument they always are endless.
const FOLLOWING: &[(&str, &str, &str)] = &[
    ("tail", "", "-f -F --follow* --retry -*f"),
    ("journalctl", "", "-f --follow -*f"),
    ("dmesg", "", "-w --follow -W -*w"),
    ("less", "", "+F"),
    (
        "docker podman nerdctl docker-compose kubectl oc railway helm pm2 supervisorctl fly flyctl heroku aws gh",
        "logs",
        "-f --follow* --watch -*f",
    ),
    ("docker podman nerdctl", "compose:logs container:logs service:logs", "-f --follow* -*f"),
    ("heroku", "logs", "-t --tail"),
    ("supervisorctl", "tail", "-f"),
    ("kubectl oc", "get", "-w --watch* --watch-only"),
    ("kubectl oc", "port-forward proxy", ""),
    ("docker podman", "events compose:events system:events", ""),
    ("gh", "run:watch", ""),
    ("redis-cli", "monitor MONITOR", ""),
    ("ssh", "", "-N -*N"),
    ("aws", "logs:tail", "--follow"),
    ("python python3", "", "http.server runserver"),
    ("npm yarn pnpm", "start: start run:dev run:start run:serve run:watch dev serve watch", ""),
    ("docker podman", "compose:watch compose:attach", ""),
    ("kubectl oc", "attach", ""),
    ("flux", "logs", "-f --follow"),
    ("nomad", "alloc:logs monitor", "-f"),
    ("crictl", "logs", "-f --follow"),
    ("ceph", "", "-w --watch*"),
    ("etcdctl", "watch", ""),
    ("minikube", "", "tunnel dashboard mount"),
    ("nc ncat netcat", "", "-l -*l --listen"),
    ("hugo jekyll rails flask", "", "server serve s run"),
    ("php", "", "-S"),
    ("sleep", "", "infinity inf"),
    ("gunicorn uvicorn puma", "", ""),
];

/// Commands that run another command, given in their arguments.
pub(super) struct Wrapper {
    pub(super) name: &'static str,
    /// Options that take a value in the next argument.
    pub(super) with_value: &'static str,
    /// Arguments of its own that stand before the command.
    pub(super) operands: usize,
}

/// The wrappers whose command follows as it is.
const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        name: "sudo",
        with_value: "-u --user -g --group -h --host -p --prompt -C -D --chdir -R -r -t -T -U",
        operands: 0,
    },
    Wrapper { name: "doas", with_value: "-u -C", operands: 0 },
    Wrapper { name: "env", with_value: "-u --unset -C --chdir -S", operands: 0 },
    Wrapper { name: "nohup", with_value: "", operands: 0 },
    Wrapper { name: "setsid", with_value: "", operands: 0 },
    Wrapper { name: "time", with_value: "-f -o", operands: 0 },
    Wrapper { name: "timeout", with_value: "-k --kill-after -s --signal", operands: 1 },
    Wrapper { name: "nice", with_value: "-n --adjustment", operands: 0 },
    Wrapper { name: "ionice", with_value: "-c --class -n --classdata", operands: 0 },
    Wrapper { name: "chrt", with_value: "", operands: 1 },
    Wrapper { name: "taskset", with_value: "", operands: 1 },
    Wrapper { name: "stdbuf", with_value: "-i -o -e", operands: 0 },
    Wrapper { name: "unbuffer", with_value: "", operands: 0 },
    Wrapper {
        name: "xargs",
        with_value: "-n -I -P -L -d -E -a -s --max-args --max-procs --delimiter --arg-file --replace",
        operands: 0,
    },
    Wrapper { name: "watch", with_value: "-n --interval -q", operands: 0 },
    Wrapper { name: "command", with_value: "", operands: 0 },
    Wrapper { name: "builtin", with_value: "", operands: 0 },
    Wrapper { name: "exec", with_value: "-a", operands: 0 },
    Wrapper { name: "chroot", with_value: "", operands: 1 },
    Wrapper { name: "flock", with_value: "-w -E", operands: 1 },
    Wrapper { name: "strace", with_value: "-e -o -p -s -P", operands: 0 },
    Wrapper {
        name: "parallel",
        with_value: "-j --jobs -a --arg-file -I --colsep --joblog --timeout -n -N",
        operands: 0,
    },
    Wrapper { name: "runuser", with_value: "-u --user -g --group -G", operands: 0 },
    Wrapper { name: "gosu", with_value: "", operands: 1 },
    Wrapper { name: "su-exec", with_value: "", operands: 1 },
    Wrapper { name: "sshpass", with_value: "-p -f -d -P", operands: 0 },
    Wrapper { name: "systemd-run", with_value: "-u --unit -p --property -M", operands: 0 },
    Wrapper { name: "numactl", with_value: "-N -m -C -p -i", operands: 0 },
    Wrapper { name: "busybox", with_value: "", operands: 0 },
    Wrapper { name: "dotenv", with_value: "-f -e", operands: 0 },
];

/// Whether `name` is one of the words of `list`.
pub(super) fn is_in(list: &str, name: &str) -> bool {
    // A search for the letters rules nearly all names out, and is far quicker
    // than to go through the words.
    !name.is_empty()
        && list.contains(name)
        && list.as_bytes().split(|byte| *byte == b' ').any(|word| word == name.as_bytes())
}

/// Whether `argument` fits one of the patterns of `list`: a word, or a word
/// with `*` for anything.
pub(super) fn fits(list: &str, argument: &str) -> bool {
    let first = argument.as_bytes().first();
    // The first letter already rules most of them out.
    let may_fit =
        |pattern: &&str| pattern.as_bytes().first().is_some_and(|letter| *letter == b'*' || Some(letter) == first);
    words(list).filter(may_fit).any(|pattern| fits_one(pattern, argument))
}

/// The words of `list`. They are so short that to look at each byte is quicker
/// than to search for the next blank.
pub(super) fn words(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let list = rest?;
        let end = list.bytes().position(|byte| byte == b' ');
        rest = end.map(|end| &list[end + 1..]);
        Some(&list[..end.unwrap_or(list.len())])
    })
}

fn fits_one(pattern: &str, argument: &str) -> bool {
    let Some((start, end)) = pattern.split_once('*') else { return pattern == argument };
    // `-*f` is a cluster of short options that holds an `f`.
    let end = end.trim_end_matches('*');
    let is_cluster = start == "-" && !end.is_empty();
    argument.strip_prefix(start).is_some_and(|rest| {
        if is_cluster {
            !rest.starts_with('-') && rest.chars().all(|c| c.is_ascii_alphanumeric()) && rest.contains(end)
        } else {
            rest.ends_with(end)
        }
    })
}

/// The words said of `name` in a list of names with words.
pub(super) fn said_of(list: &'static [(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    list.iter().find(|(names, _)| is_in(names, name)).map(|(_, words)| *words)
}

/// Folders in which a program is the one that its name says.
const PROGRAM_FOLDERS: &str = "/bin /usr/bin /usr/local/bin /sbin /usr/sbin /usr/local/sbin";

/// Whether `name`, as a command is called, means the known program of that name.
pub(super) fn is_where_programs_are(name: &str) -> bool {
    name.rsplit_once('/').is_none_or(|(folder, _)| is_in(PROGRAM_FOLDERS, folder))
}
