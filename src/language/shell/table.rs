//! What is known of commands, as data.
//!
//! A command that is not here is of unknown effect. Where a program has
//! subcommands, each line names those that do the same.

use crate::runbook::Effect::{self, Destructive, Read, Write};

/// Builtins of bash that change nothing outside the shell.
pub(super) const BUILTINS: &str = ". : [ [[ alias bg bind break builtin caller cd command compgen complete continue \
    declare dirs disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local \
    logout mapfile popd printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap \
    true type typeset ulimit umask unalias unset wait";

/// Programs that only look, whatever they are given, but for what
/// [`GIVEN_AWAY`] says.
pub(super) const READERS: &str = "apropos arp awk base64 basename bzcat cal cat chronyc cksum clear cmp column comm cut \
    date df diff dig dirname dmesg du egrep expand expr fgrep file find fmt fold free gawk getconf getent grep groups \
    head hexdump host hostname hostnamectl htop iconv id ifstat iostat iotop join journalctl jq last lastlog ldd less \
    locale locate look ls lsblk lscpu lsmod lsof lspci lsusb man mawk md5sum more mpstat mtr ncdu netstat nl nproc \
    nslookup numfmt od paste pg_isready pgrep pidof pidstat ping ping6 pmap pr printenv ps pstree pwdx readlink \
    realpath rev rg sar sed seq sha1sum sha256sum sha512sum shasum sleep sort ss stat strings sum tac tail tcpdump top \
    tr tracepath traceroute tree tsort tty uname uniq uptime users vmstat w watch wc what whatis whereis which who \
    whoami whois xxd xzcat yes yq zcat zgrep zless zstdcat";

/// Programs that change something.
pub(super) const WRITERS: &[(&str, &str)] = &[
    ("cp mv ln install rsync scp sftp", "copies or moves files"),
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
    ("alert wall write notify-send mail sendmail logger", "sends messages"),
];

/// Programs that lose something.
pub(super) const DESTROYERS: &[(&str, &str)] = &[
    ("rm unlink shred", "removes files"),
    ("kill pkill killall skill xkill fuser", "ends processes"),
    ("shutdown reboot poweroff halt init telinit", "stops the machine"),
    ("mkfs wipefs fdisk sfdisk gdisk parted mkswap blkdiscard", "overwrites disks"),
    ("truncate", "cuts files off"),
    ("userdel groupdel deluser delgroup", "removes accounts"),
    ("dropdb dropuser", "drops databases or their users"),
    ("lvremove vgremove pvremove", "removes volumes"),
];

/// Arguments that make a reader more than that: an argument that is one of
/// the words, or begins with one that ends in `*`.
pub(super) const GIVEN_AWAY: &[(&str, &str, Effect, &str)] = &[
    ("find", "-delete", Destructive, "deletes the files it finds"),
    ("find", "-fprint* -fls", Write, "writes files"),
    ("sed", "-i* --in-place* -ni -ri -Ei -si", Write, "edits files in place"),
    ("sort", "-o* --output*", Write, "writes a file"),
    ("yq", "-i --inplace", Write, "edits files in place"),
    ("awk", "-i inplace", Write, "edits files in place"),
    ("gawk", "-i inplace", Write, "edits files in place"),
    ("journalctl", "--vacuum*", Destructive, "deletes logs"),
    ("journalctl", "--rotate --flush --sync", Write, "changes the journal"),
    ("dmesg", "-C --clear -c --read-clear", Destructive, "clears the kernel's log"),
    ("date", "-s --set*", Write, "sets the clock"),
    ("hostnamectl", "set*", Write, "changes the host's name"),
    ("ss", "-K --kill", Destructive, "ends connections"),
    ("tcpdump", "-w*", Write, "writes a file"),
    ("rsync", "--delete* --remove-source-files", Destructive, "deletes files"),
    ("tee", "/dev/sd* /dev/nvme*", Destructive, "overwrites a disk"),
];

/// What the subcommands of one program do.
pub(super) struct Subcommands {
    /// The program, and others that take the same subcommands.
    pub(super) programs: &'static str,
    /// Options before the subcommand that take a value.
    pub(super) with_value: &'static str,
    /// Options before the subcommand that take none.
    pub(super) flags: &'static str,
    /// Subcommands, those of two words joined by `:`, with what they do. The
    /// first that fits counts; `*` at the end stands for anything.
    pub(super) known: &'static [(&'static str, Effect, &'static str)],
}

/// Programs with subcommands.
pub(super) const SUBCOMMANDS: &[Subcommands] = &[
    Subcommands {
        programs: "systemctl",
        with_value: "-n --lines -p --property -t --type -H --host -M --machine -o --output",
        flags: "--user --system --no-pager -l --full -a --all --failed -q --quiet --now",
        known: &[
            (
                "status is-active is-enabled is-failed is-system-running list-units list-timers list-unit-files list-jobs \
              list-sockets list-dependencies show cat get-default help",
                Read,
                "",
            ),
            ("kill poweroff reboot halt kexec emergency rescue", Destructive, "kills services or stops the machine"),
            ("stop", Write, "stops services"),
            ("start restart try-restart reload reload-or-restart", Write, "starts or restarts services"),
            (
                "enable disable mask unmask daemon-reload daemon-reexec reset-failed edit set-property isolate revert",
                Write,
                "changes services",
            ),
        ],
    },
    Subcommands {
        programs: "kubectl oc",
        with_value: "-n --namespace --context --kubeconfig --cluster --user -s --server --token --as --as-group -v \
            --request-timeout",
        flags: "--insecure-skip-tls-verify",
        known: &[
            (
                "get describe logs top explain version cluster-info api-resources api-versions diff events wait whoami status \
              auth:can-i auth:whoami config:view config:get-contexts config:current-context rollout:status \
              rollout:history projects port-forward proxy",
                Read,
                "",
            ),
            ("delete drain replace", Destructive, "deletes or evicts objects of the cluster"),
            ("rollout:restart rollout:undo rollout:pause rollout:resume", Write, "restarts or rolls workloads back"),
            ("scale", Write, "changes how many instances run"),
            (
                "apply create patch edit set label annotate expose run autoscale cordon uncordon taint cp attach rollout:* \
              config:* adm:* new-app new-project project login logout start-build debug rsh",
                Write,
                "changes the cluster",
            ),
        ],
    },
    Subcommands {
        programs: "docker podman nerdctl docker-compose",
        with_value: "-H --host -c --context --config -f --file -p --project-name --project-directory --profile --env-file \
            -l --log-level",
        flags: "-D --debug --tls --verbose --ansi",
        known: &[
            (
                "ps images inspect logs stats top version info port diff history events search ls config volume:ls \
              volume:inspect network:ls network:inspect container:ls container:inspect container:logs container:stats \
              container:top image:ls image:inspect image:history system:df system:info system:events compose:ps \
              compose:logs compose:config compose:top compose:images compose:ls compose:version compose:port \
              compose:events service:ls service:ps service:logs service:inspect node:ls node:ps node:inspect stack:ls \
              stack:ps context:ls context:show buildx:ls manifest:inspect",
                Read,
                "",
            ),
            ("volume:prune", Destructive, "removes all unused volumes"),
            (
                "system:prune image:prune container:prune network:prune builder:prune buildx:prune",
                Destructive,
                "removes everything that is not in use",
            ),
            ("volume:rm volume:remove", Destructive, "removes volumes"),
            (
                "rm rmi kill container:rm container:kill image:rm network:rm compose:rm compose:kill service:rm stack:rm \
              node:rm swarm:leave",
                Destructive,
                "removes or kills containers, images or networks",
            ),
            ("stop compose:stop compose:down container:stop down", Write, "stops containers"),
            (
                "start restart compose:up compose:restart compose:start container:start container:restart up",
                Write,
                "starts or restarts containers",
            ),
            (
                "run exec build pull push cp create commit tag login logout load save import export update rename pause \
              unpause wait attach compose:* container:* image:* volume:create network:* swarm:* service:* stack:* \
              node:* buildx:* context:* secret:* config:*",
                Write,
                "changes containers, images or networks",
            ),
        ],
    },
    Subcommands {
        programs: "git",
        with_value: "-C -c --git-dir --work-tree",
        flags: "--no-pager -P -p --paginate --bare",
        known: &[
            (
                "status log diff show blame grep rev-parse rev-list ls-files ls-remote ls-tree describe shortlog cat-file \
              name-rev merge-base count-objects reflog:show version help remote:-v remote:show stash:list stash:show \
              worktree:list whatchanged for-each-ref show-ref",
                Read,
                "",
            ),
            (
                "filter-branch gc prune reflog:expire reflog:delete stash:drop stash:clear update-ref",
                Destructive,
                "loses commits or changes",
            ),
            (
                "add am apply bisect branch checkout cherry-pick clean clone commit config fetch init merge mv notes pull push \
              rebase remote reset restore revert rm stash submodule switch tag worktree format-patch archive lfs",
                Write,
                "changes the repository",
            ),
        ],
    },
    Subcommands {
        programs: "helm",
        with_value: "-n --namespace --kube-context --kubeconfig",
        flags: "--debug",
        known: &[
            ("list ls status history get show search version template lint env repo:list", Read, ""),
            ("uninstall delete del un", Destructive, "removes a release"),
            ("install upgrade rollback repo:* pull push package dependency create test", Write, "changes a release"),
        ],
    },
    Subcommands {
        programs: "terraform tofu",
        with_value: "",
        flags: "-chdir*",
        known: &[
            (
                "plan show output validate version providers graph state:list state:show workspace:list workspace:show",
                Read,
                "",
            ),
            ("destroy state:rm force-unlock workspace:delete", Destructive, "destroys infrastructure or its state"),
            ("apply import init refresh taint untaint fmt get state:* workspace:*", Write, "changes infrastructure"),
        ],
    },
    Subcommands {
        programs: "railway",
        with_value: "-s --service -e --environment -p --project",
        flags: "--json",
        known: &[
            ("logs status list whoami domain docs", Read, ""),
            ("down delete volume:delete", Destructive, "removes a deployment"),
            (
                "up deploy redeploy restart variables variable link unlink login logout init add environment service",
                Write,
                "changes a deployment",
            ),
        ],
    },
    Subcommands {
        programs: "heroku fly flyctl vercel netlify render",
        with_value: "-a --app",
        flags: "",
        known: &[
            (
                "logs status ps releases info list apps domains regions version whoami config:get pg:info pg:ps",
                Read,
                "",
            ),
            ("destroy apps:destroy pg:reset pg:kill pg:killall", Destructive, "destroys an application or its data"),
            (
                "restart ps:restart scale ps:scale deploy rollback releases:rollback config config:set secrets secrets:set \
              maintenance:on maintenance:off",
                Write,
                "changes an application",
            ),
        ],
    },
    Subcommands {
        programs: "gh",
        with_value: "-R --repo",
        flags: "",
        known: &[
            (
                "status search browse run:view run:list run:watch workflow:view workflow:list pr:view pr:list pr:diff pr:checks \
              pr:status issue:view issue:list issue:status release:view release:list repo:view repo:list auth:status \
              secret:list variable:list cache:list",
                Read,
                "",
            ),
            (
                "repo:delete release:delete run:delete cache:delete secret:delete variable:delete issue:delete",
                Destructive,
                "deletes something on GitHub",
            ),
            (
                "run:rerun run:cancel run:download workflow:* pr:* issue:* release:* repo:* auth:* secret:* variable:*",
                Write,
                "changes something on GitHub",
            ),
        ],
    },
    Subcommands {
        programs: "apt apt-get apt-cache aptitude yum dnf apk brew zypper",
        with_value: "-o -t",
        flags: "-y -q -qq --yes --quiet",
        known: &[
            ("list search show policy info depends rdepends repolist history check-update outdated deps", Read, ""),
            ("remove purge autoremove erase autoclean uninstall del", Destructive, "removes packages"),
            (
                "install update upgrade dist-upgrade full-upgrade reinstall clean add link unlink services",
                Write,
                "changes installed packages",
            ),
        ],
    },
    Subcommands {
        programs: "pip pip3 npm yarn pnpm gem",
        with_value: "--prefix -C",
        flags: "-q",
        known: &[
            ("list show freeze check ls view outdated why search", Read, ""),
            ("install uninstall ci add remove update upgrade link", Write, "changes installed packages"),
        ],
    },
    Subcommands {
        programs: "supervisorctl pm2",
        with_value: "-c -s -u -p",
        flags: "",
        known: &[
            ("status avail pid tail list ls logs show describe info monit", Read, ""),
            ("delete kill shutdown flush", Destructive, "ends processes or deletes logs"),
            ("start stop restart reload reread update add remove save", Write, "starts or stops processes"),
        ],
    },
    Subcommands {
        programs: "ip",
        with_value: "",
        flags: "-4 -6 -br -brief -s -d -j -c -color",
        known: &[(
            "a:show addr:show address:show link:show route:show r:show neigh:show rule:show route:get a addr address \
              link route r neigh rule",
            Read,
            "",
        )],
    },
    Subcommands {
        programs: "redis-cli",
        with_value: "-h -p -a -n -u --user --pass",
        flags: "--no-auth-warning --tls --raw",
        known: &[
            (
                "get mget hget hgetall llen lrange scard smembers zcard zrange keys scan exists type ttl pttl info ping dbsize \
              memory slowlog monitor lastsave xlen xinfo xpending strlen GET MGET HGET HGETALL LLEN LRANGE SCARD SMEMBERS \
              ZCARD ZRANGE KEYS SCAN EXISTS TYPE TTL PTTL INFO PING DBSIZE MEMORY SLOWLOG LASTSAVE XLEN XINFO XPENDING \
              STRLEN",
                Read,
                "",
            ),
            ("flushall flushdb del unlink shutdown FLUSHALL FLUSHDB DEL UNLINK SHUTDOWN", Destructive, "deletes data"),
            ("set expire lpush rpush sadd hset SET EXPIRE LPUSH RPUSH SADD HSET", Write, "changes data"),
        ],
    },
    Subcommands {
        programs: "rabbitmqctl kafka-topics nginx crontab service consul vault",
        with_value: "-p -n -c -u",
        flags: "-q",
        known: &[
            (
                "status list_queues list_connections list_consumers list_channels list_vhosts cluster_status ping members \
              kv:get catalog:* read list token:lookup",
                Read,
                "",
            ),
            ("purge_queue delete_queue reset force_reset stop_app kv:delete delete", Destructive, "deletes data"),
        ],
    },
];

/// Words in the subcommand of a cloud provider's command line (aws, gcloud,
/// az, doctl), by how they begin.
pub(super) const CLOUD: &[(&str, Effect, &str)] = &[
    ("delete terminate purge remove rm rb destroy deregister kill", Destructive, "deletes something in the cloud"),
    ("describe list get ls show head lookup tail filter-log-events wait", Read, ""),
];

/// Command lines of cloud providers.
pub(super) const CLOUD_PROGRAMS: &str = "aws gcloud az doctl gsutil ibmcloud linode-cli hcloud";

/// Arguments that make a known subcommand lose something: program,
/// subcommand, arguments.
pub(super) const LOSING: &[(&str, &str, &str, &str)] = &[
    ("git", "push", "--force* -f --delete -d --mirror --prune +* :*", "overwrites or deletes what others have pushed"),
    ("git", "reset", "--hard --merge --keep", "throws uncommitted changes away"),
    ("git", "clean", "-*f* --force", "deletes untracked files"),
    ("git", "checkout", "-f --force -- .", "throws uncommitted changes away"),
    ("git", "restore", "*", "throws uncommitted changes away"),
    ("git", "branch", "-D -d --delete", "deletes branches"),
    ("git", "tag", "-d --delete", "deletes tags"),
    ("git", "worktree", "remove prune", "removes a worktree"),
    ("git", "stash", "drop clear", "throws stashed changes away"),
    ("docker podman docker-compose", "compose:down down", "-v --volumes --rmi*", "removes volumes or images"),
    ("kubectl oc", "apply", "--prune* --force", "deletes objects of the cluster"),
    ("terraform tofu", "apply", "-destroy", "destroys infrastructure"),
];

/// Programs that take over the terminal.
pub(super) const INTERACTIVE: &str = "nano vi vim nvim emacs pico ed joe micro less more man htop top iotop ncdu visudo \
    passwd gdb lldb tmux screen mc k9s lazydocker";

/// Programs that never end by themselves.
pub(super) const ENDLESS: &str = "watch top htop iotop yes k9s";

/// Programs, the subcommand or nothing, and the arguments that keep them from
/// ending. Without an argument they always are endless.
pub(super) const FOLLOWING: &[(&str, &str, &str)] = &[
    ("tail", "", "-f -F --follow* --retry -*f"),
    ("journalctl", "", "-f --follow -*f"),
    ("dmesg", "", "-w --follow -W -*w"),
    ("less", "", "+F"),
    (
        "docker podman nerdctl docker-compose kubectl oc railway helm pm2 supervisorctl fly flyctl heroku aws gh",
        "logs",
        "-f --follow* --tail --watch -*f",
    ),
    ("docker podman nerdctl", "compose:logs container:logs service:logs", "-f --follow* -*f"),
    ("supervisorctl", "tail", "-f"),
    ("kubectl oc", "get", "-w --watch* --watch-only"),
    ("kubectl oc", "port-forward proxy", ""),
    ("docker podman", "events compose:events system:events", ""),
    ("gh", "run:watch", ""),
    ("redis-cli", "monitor MONITOR", ""),
    ("ssh", "", "-N -*N"),
    ("aws", "logs:tail", "--follow"),
    ("python python3", "", "http.server"),
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
pub(super) const WRAPPERS: &[Wrapper] = &[
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
    Wrapper { name: "dotenv", with_value: "-f -e", operands: 0 },
];

/// Whether `name` is one of the words of `list`.
pub(super) fn is_in(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|word| word == name)
}

/// Whether `argument` fits one of the patterns of `list`: a word, or a word
/// with `*` for anything.
pub(super) fn fits(list: &str, argument: &str) -> bool {
    list.split_whitespace().any(|pattern| match pattern.split_once('*') {
        None => pattern == argument,
        Some((start, end)) => {
            // `-*f` is a cluster of short options that holds an `f`.
            let end = end.trim_end_matches('*');
            let cluster = start == "-" && !end.is_empty();
            argument.strip_prefix(start).is_some_and(|rest| {
                if cluster {
                    !rest.starts_with('-') && rest.chars().all(|c| c.is_ascii_alphanumeric()) && rest.contains(end)
                } else {
                    rest.ends_with(end)
                }
            })
        }
    })
}

/// The words said of `name` in a list of names with words.
pub(super) fn said_of(list: &'static [(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    list.iter().find(|(names, _)| is_in(names, name)).map(|(_, words)| *words)
}
