//! Programs with subcommands that look after data: stores, queues, clusters of
//! them; and some that look after machines.

use super::Subcommands;
use crate::runbook::Effect::{Destructive, Read, Unknown, Write};

/// Programs with subcommands, as [`SUBCOMMANDS`](super::SUBCOMMANDS) has them.
pub(in crate::language::shell) const STORES: &[Subcommands] = &[
    Subcommands {
        programs: "etcdctl",
        with_value: "--endpoints --cacert --cert --key -w --write-out --user --command-timeout --dial-timeout --password",
        flags: "--insecure-skip-tls-verify --debug",
        known: &[
            (
                "get version endpoint:health endpoint:status endpoint:hashkv member:list alarm:list snapshot:status \
                 user:list user:get role:list role:get watch help",
                Read,
                "",
            ),
            ("del", Destructive, "deletes keys of etcd"),
            ("user:delete role:delete", Destructive, "deletes a user or a role of etcd"),
            ("compact compaction", Destructive, "deletes the history of keys of etcd"),
            ("member:remove", Destructive, "removes a member of the etcd cluster"),
            ("snapshot:restore", Write, "makes a data folder from a snapshot"),
            ("snapshot:save", Write, "writes a file"),
            ("defrag", Write, "defragments etcd, which blocks it meanwhile"),
            (
                "put txn member:* alarm:* auth:* user:* role:* lease:* move-leader make-mirror elect lock",
                Write,
                "changes etcd",
            ),
        ],
    },
    Subcommands {
        programs: "ceph",
        with_value: "-c --conf -n --name --cluster --id --format -f --keyring",
        flags: "--verbose",
        known: &[
            (
                "status health df versions features quorum_status mon:stat mon:dump osd:tree osd:df osd:stat osd:status \
                 osd:dump osd:perf osd:find osd:ls osd:metadata osd:blocked-by pg:stat pg:dump pg:ls pg:dump_stuck pg:query \
                 fs:ls fs:status fs:dump mds:stat mgr:services crash:ls crash:info device:ls config:dump config:get \
                 orch:ls orch:ps orch:status",
                Read,
                "",
            ),
            ("osd:destroy osd:purge osd:rm osd:lost", Destructive, "removes a disk and what is on it from the store"),
            (
                "fs:rm fs:fail mon:remove mon:rm orch:rm crash:prune auth:del auth:rm",
                Destructive,
                "removes a part of the store",
            ),
            (
                "osd:* mon:* mgr:* pg:* fs:* config:* auth:* crash:* orch:* tell:* balancer:* device:* mds:*",
                Write,
                "changes the store",
            ),
        ],
    },
    Subcommands {
        programs: "rados",
        with_value: "-p --pool -N --namespace -n --id",
        flags: "",
        known: &[
            ("df ls lspools stat listxattr listomapkeys", Read, ""),
            ("rm purge rmpool cleanup", Destructive, "deletes objects of the store"),
            ("put append truncate create setxattr bench", Write, "changes objects of the store"),
        ],
    },
    Subcommands {
        programs: "rbd",
        with_value: "-p --pool -n --id",
        flags: "",
        known: &[
            ("ls list info status du showmapped snap:ls", Read, ""),
            ("rm remove snap:rm snap:purge snap:rollback trash:purge", Destructive, "deletes images of disks"),
            ("create map unmap resize snap:* clone flatten", Write, "changes images of disks"),
        ],
    },
    Subcommands {
        programs: "consul",
        with_value: "",
        flags: "",
        known: &[
            ("members info version kv:get catalog:* monitor", Read, ""),
            ("kv:delete", Destructive, "deletes keys of Consul"),
            ("leave force-leave", Destructive, "takes an agent out of the cluster"),
            ("kv:put kv:import join reload maint lock", Write, "changes Consul"),
        ],
    },
    Subcommands {
        programs: "vault",
        with_value: "",
        flags: "",
        known: &[
            (
                "status read list version kv:get kv:list kv:metadata token:lookup auth:list secrets:list policy:list policy:read \
                 lease:lookup",
                Read,
                "",
            ),
            ("delete kv:delete kv:destroy", Destructive, "deletes secrets"),
            (
                "secrets:disable auth:disable policy:delete lease:revoke token:revoke",
                Destructive,
                "revokes or deletes secrets and rights",
            ),
            ("operator:seal", Destructive, "seals Vault: nothing can read its secrets"),
            (
                "write login kv:* secrets:* auth:* policy:* operator:* token:* lease:* patch unwrap",
                Write,
                "changes secrets or rights",
            ),
        ],
    },
    Subcommands {
        programs: "nomad",
        with_value: "-address -namespace -region -token",
        flags: "",
        known: &[
            (
                "status version node:status job:status job:inspect job:history job:plan alloc:status alloc:logs eval:status \
                 server:members deployment:list deployment:status monitor",
                Read,
                "",
            ),
            ("stop job:stop alloc:stop", Write, "stops jobs"),
            ("alloc:exec", Unknown, "runs something in a job"),
            ("system:gc namespace:delete volume:delete var:purge", Destructive, "deletes what jobs left"),
            (
                "run job:* node:* alloc:* deployment:* server:* operator:* system:* var:*",
                Write,
                "changes jobs or nodes",
            ),
        ],
    },
    Subcommands {
        programs: "rabbitmqctl rabbitmq-diagnostics",
        with_value: "-p -n -t --vhost --node --timeout",
        flags: "-q --quiet -s --silent",
        known: &[
            (
                "status cluster_status ping environment report version list_queues list_connections list_consumers list_channels \
                 list_vhosts list_users list_exchanges list_bindings list_permissions list_policies alarms check_running \
                 check_local_alarms listeners memory_breakdown",
                Read,
                "",
            ),
            ("purge_queue", Destructive, "deletes every message of a queue"),
            ("delete_queue delete_vhost delete_user", Destructive, "deletes a queue, a host or a user of RabbitMQ"),
            ("reset force_reset", Destructive, "deletes all that this node of RabbitMQ knows"),
            ("stop shutdown stop_app forget_cluster_node", Destructive, "stops RabbitMQ or takes a node out of it"),
            (
                "start_app add_user add_vhost set_permissions set_policy set_user_tags change_password close_connection \
                 join_cluster rotate_logs clear_policy close_all_connections",
                Write,
                "changes RabbitMQ",
            ),
        ],
    },
    Subcommands {
        programs: "cockroach",
        with_value: "",
        flags: "",
        known: &[
            ("version node:status node:ls", Read, ""),
            ("node:decommission node:drain", Destructive, "takes a node out of the cluster"),
            ("init start start-single-node quit node:* cert:* import", Write, "changes the cluster"),
        ],
    },
    Subcommands {
        programs: "cf",
        with_value: "",
        flags: "-v",
        known: &[
            (
                "apps app a logs events env services service s routes domains orgs spaces org space target: t: buildpacks marketplace \
                 m service-keys service-key security-groups stacks version org-users space-users quotas health get-health-check",
                Read,
                "",
            ),
            (
                "delete d delete-service ds delete-route delete-space delete-org delete-service-key delete-orphaned-routes \
                 delete-user delete-domain",
                Destructive,
                "deletes something of the platform",
            ),
            ("stop sp", Write, "stops an application"),
            ("target t", Write, "changes which space is meant from here on"),
            (
                "push p start st restart rs restage rg scale set-env se unset-env bind-service bs unbind-service us map-route \
                 unmap-route create-service cs create-space create-org create-route create-service-key update-service login l \
                 logout auth run-task rename create-user set-space-role unset-space-role",
                Write,
                "changes an application or the platform",
            ),
        ],
    },
    Subcommands {
        programs: "crictl",
        with_value: "-r --runtime-endpoint -i --image-endpoint -n --namespace -a --address",
        flags: "-D --debug",
        known: &[
            ("ps pods images img inspect inspecti inspectp logs stats statsp info version imagefsinfo", Read, ""),
            ("rm rmi rmp", Destructive, "removes containers or images"),
            ("stop stopp start pull run create update", Write, "changes containers or images"),
        ],
    },
    Subcommands {
        programs: "flux argocd velero istioctl",
        with_value: "-n --namespace --context --kubeconfig --server",
        flags: "",
        known: &[
            (
                "get version logs stats tree events check describe app:get app:list app:history app:diff backup:get \
                 backup:describe backup:logs restore:get restore:describe schedule:get proxy-status ps analyze",
                Read,
                "",
            ),
            (
                "delete uninstall app:delete backup:delete restore:delete schedule:delete",
                Destructive,
                "deletes what it looks after",
            ),
            (
                "reconcile suspend resume create install upgrade app:* backup:* restore:* schedule:* login logout",
                Write,
                "changes what it looks after",
            ),
        ],
    },
    Subcommands {
        programs: "kops",
        with_value: "--state --name --config",
        flags: "",
        known: &[
            ("get validate version", Read, ""),
            ("delete", Destructive, "deletes a cluster or a part of it"),
            (
                "create update edit replace rolling-update upgrade export import promote distrust reconcile",
                Write,
                "changes a cluster or its plan",
            ),
        ],
    },
    Subcommands {
        programs: "loginctl networkctl resolvectl timedatectl localectl coredumpctl",
        with_value: "-n --lines -p --property",
        flags: "--no-pager --all -a -l --full",
        known: &[
            (
                "list-sessions list-users session-status user-status show-session show-user list status query statistics dns: \
                 timesync-status show list-timezones info",
                Read,
                "",
            ),
            ("kill-session kill-user terminate-session terminate-user", Destructive, "ends sessions"),
            (
                "up down reload reconfigure flush-caches set-time set-timezone set-ntp set-locale",
                Write,
                "changes the system",
            ),
        ],
    },
    Subcommands {
        programs: "nodetool",
        with_value: "-h --host -p --port -u --username -pw --password",
        flags: "",
        known: &[
            (
                "status info ring describecluster tpstats compactionstats netstats gossipinfo cfstats tablestats version \
                 describering getendpoints proxyhistograms",
                Read,
                "",
            ),
            (
                "decommission removenode assassinate clearsnapshot",
                Destructive,
                "takes a node or its data out of the cluster",
            ),
            (
                "repair cleanup compact flush drain snapshot disablegossip enablegossip rebuild scrub stop",
                Write,
                "changes a node of the cluster",
            ),
        ],
    },
    Subcommands {
        programs: "patronictl pgbackrest wal-g barman",
        with_value: "-c --config-file --stanza -d --dcs",
        flags: "",
        known: &[
            (
                "list topology history version show-config info backup-list wal-show list-backup list-server show-backup",
                Read,
                "",
            ),
            ("remove reinit delete stanza-delete expire", Destructive, "deletes a member, its data or backups"),
            (
                "failover switchover restart reload pause resume edit-config flush backup restore backup-push backup-fetch \
                 wal-push wal-fetch recover stanza-create",
                Write,
                "changes the database's servers or backups",
            ),
        ],
    },
    Subcommands {
        programs: "mysqladmin",
        with_value: "-h --host -u --user -P --port -S --socket",
        flags: "-p -v -s -i1",
        known: &[
            ("status: extended-status: processlist: ping: variables: version:", Read, ""),
            ("drop shutdown kill", Destructive, "drops a database, or ends its server or sessions"),
            (
                "create password reload refresh flush-hosts flush-logs flush-privileges flush-tables",
                Write,
                "changes the server",
            ),
        ],
    },
    Subcommands {
        programs: "snap flatpak",
        with_value: "",
        flags: "",
        known: &[
            ("list info find search version changes connections", Read, ""),
            ("remove uninstall", Destructive, "removes packages"),
            ("install refresh update enable disable start stop restart", Write, "changes installed packages"),
        ],
    },
];
