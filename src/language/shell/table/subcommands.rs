//! Programs with subcommands, as data.

use crate::runbook::Effect::{self, Destructive, Read, Write};

/// What the subcommands of one program do.
pub(in crate::language::shell) struct Subcommands {
    /// The program, and others that take the same subcommands.
    pub(in crate::language::shell) programs: &'static str,
    /// Options before the subcommand that take a value.
    pub(in crate::language::shell) with_value: &'static str,
    /// Options before the subcommand that take none.
    pub(in crate::language::shell) flags: &'static str,
    /// Subcommands, those of two words joined by `:`, with what they do. The
    /// first that fits counts; `*` at the end stands for anything.
    pub(in crate::language::shell) known: &'static [(&'static str, Effect, &'static str)],
}

/// Programs with subcommands.
pub(in crate::language::shell) const SUBCOMMANDS: &[Subcommands] = &[
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
              rollout:history projects port-forward proxy adm:top adm:node-logs",
                Read,
                "",
            ),
            ("delete drain adm:drain adm:prune", Destructive, "deletes or evicts objects of the cluster"),
            (
                "config:delete-context config:delete-cluster config:delete-user config:unset",
                Destructive,
                "deletes from the settings of how clusters are reached",
            ),
            ("rollout:restart rollout:undo rollout:pause rollout:resume", Write, "restarts or rolls workloads back"),
            ("scale", Write, "changes how many instances run"),
            (
                "apply create replace patch edit set label annotate expose run autoscale cordon uncordon taint cp attach rollout:* \
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
                "ps images inspect logs stats top version info port diff history events search ls config: volume:ls \
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
                "rm rmi kill container:rm container:kill image:rm network:rm compose:rm compose:kill service:rm stack:rm config:rm secret:rm context:rm manifest:rm \
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
                "plan show output validate version providers: graph state:list state:show workspace:list workspace:show",
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
            ("logs status list whoami docs", Read, ""),
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
                "logs status ps: ps:list releases: releases:list info list apps: apps:list domains: domains:ls regions: version \
              whoami config:get pg:info pg:ps",
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
            (
                "list search show policy info depends rdepends repolist history: history:list history:info check-update outdated deps",
                Read,
                "",
            ),
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
        known: &[
            (
                "a:show addr:show address:show link:show route:show r:show neigh:show rule:show route:get a: addr: \
              address: link: route: r: neigh: rule:",
                Read,
                "",
            ),
            ("a:* addr:* address:* link:* route:* r:* neigh:* rule:*", Write, "changes the network"),
        ],
    },
    Subcommands {
        programs: "redis-cli",
        with_value: "-h -p -a -n -u --user --pass",
        flags: "--no-auth-warning --tls --raw",
        known: &[
            (
                "get mget hget hgetall llen lrange scard smembers zcard zrange keys scan exists type ttl pttl info ping dbsize \
              memory:usage memory:stats slowlog:get slowlog:len monitor lastsave xlen xinfo xpending strlen GET MGET HGET HGETALL LLEN LRANGE SCARD SMEMBERS \
              ZCARD ZRANGE KEYS SCAN EXISTS TYPE TTL PTTL INFO PING DBSIZE MEMORY:USAGE SLOWLOG:GET SLOWLOG:LEN LASTSAVE XLEN XINFO XPENDING \
              STRLEN",
                Read,
                "",
            ),
            ("flushall flushdb del unlink shutdown FLUSHALL FLUSHDB DEL UNLINK SHUTDOWN", Destructive, "deletes data"),
            ("set expire lpush rpush sadd hset SET EXPIRE LPUSH RPUSH SADD HSET", Write, "changes data"),
        ],
    },
    Subcommands {
        programs: "kafka-topics nginx crontab service",
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
