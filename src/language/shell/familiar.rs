//! Names of programs that people type, so that a line that begins with one is
//! likely to be a command.
//!
//! What they do is in [`table`](super::table), as far as it is known; here are
//! only those that are not in it as well.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Package managers and build tools.
const BUILDING: &str = "ant bazel bower bundle bundler cargo cmake composer conan conda cpan dotnet dpkg dpkg-query \
    easy_install flatpak gcc g++ clang go gradle gradlew grunt gulp javac ./gradlew lein mamba mix mkdocs mvn mvnw \
    ninja nix nix-env nix-shell npx nuget nvm pacman paru yay pipenv pipx poetry pyenv pytest rake rbenv rpm rustc \
    rustup sbt snap swift tsc tox turbo uv uvx vcpkg virtualenv ruff black mypy flake8 pylint eslint prettier jest \
    webpack vite bun bunx deno corepack pre-commit gitleaks pip-audit python-config";

/// Interpreters and runtimes.
const RUNNING: &str = "bash sh zsh ksh dash fish csh tcsh python python2 python3 python3.11 python3.12 ipython jupyter \
    node nodejs perl php ruby irb lua java jar Rscript R julia erl iex elixir pwsh powershell gunicorn uvicorn celery \
    flask django-admin rails artisan manage.py puma sidekiq streamlit";

/// Clouds, clusters and what runs in them.
const CLOUD: &str = "aws-vault awslocal azcopy az bq bosh buildah cdk cdktf cf chalice cilium crictl ctr dapr doctl eb \
    eksctl ecs-cli etcdctl etcdutl faas-cli firebase flux gke-gcloud-auth-plugin gcloud gsutil hcloud helmfile istioctl \
    jx k k3d k3s k3sup kargo kind kn kompose kops kube-ps1 kubeadm kubectl kubectx kubens kubeseal kubie kudo \
    kustomize linkerd minikube molecule nomad oci odo okteto openstack operator-sdk packer pulumi rancher rclone rke \
    s3cmd sam sceptre serverless skaffold skopeo sls sops stern talosctl tanzu teleport tsh tilt terragrunt tfenv tflint \
    tkn tower-cli vagrant velero vcluster virsh virt-install wrangler argocd argo krew supabase convex wasp prisma \
    railway steampipe boundary waypoint consul-template vault scw exo ovhcloud linode-cli nova glance neutron keystone \
    cinder swift-init oadm odo cosign notation trivy grype syft snyk checkov kubeconform kubeval conftest opa dive";

/// Databases, queues and what watches them.
const DATA: &str = "psql pg_dump pg_dumpall pg_restore pg_ctl pg_ctlcluster pg_lsclusters pg_upgrade pg_basebackup \
    pg_rewind pgbench pgbackrest pgbouncer patronictl repmgr barman wal-g mysql mysqladmin mysqldump mysqlcheck \
    mysqlbinlog mysqlsh mariadb mariadb-dump mariadb-admin sqlite3 mongo mongosh mongod mongodump mongorestore \
    mongoexport mongoimport mongostat mongotop redis-cli redis-server redis-benchmark cqlsh nodetool cassandra \
    clickhouse-client clickhouse influx influxd sqlcmd bcp sqlplus rman lsnrctl expdp impdp db2 snowsql ksql kafka-acls \
    kafka-configs kafka-console-consumer kafka-console-producer kafka-consumer-groups kafka-reassign-partitions kcat \
    kafkacat rabbitmq-plugins rabbitmqadmin nats pulsar-admin zkCli.sh zkServer.sh elasticdump promtool amtool logcli \
    mimirtool cortextool grafana-cli tctl temporal alembic flyway liquibase dbmate goose migrate knex sequelize rails \
    typeorm drizzle-kit dbt airflow spark-submit spark-shell hdfs hadoop yarn beeline hive presto trino cockroach tikv-ctl \
    tiup vtctl vtctlclient orchestrator proxysql ceph rados rbd radosgw-admin ceph-volume gluster zpool zfs drbdadm lvs \
    vgs pvs lvcreate lvextend lvdisplay vgcreate vgextend vgdisplay pvcreate pvdisplay pvresize mdadm";

/// Systems, networks and services.
const SYSTEM: &str = "ab acme.sh adb add-apt-repository addgroup aide ansible ansible-galaxy ansible-playbook \
    ansible-vault apachectl apache2ctl a2enmod a2ensite a2dissite aa-status apt-key apt-mark arping at atop auditctl \
    ausearch authconfig aureport awk badblocks bird birdc bpftool brctl bridge btrfs bzip2 caddy catchsegv certbot \
    chcon chef-client chkconfig chronyc chronyd cloud-init conntrack cpupower crm crontab cryptsetup dd debootstrap \
    depmod dhclient dig dmidecode dmsetup dnsmasq docker-machine dos2unix dpkg-reconfigure e2fsck efibootmgr ethtool \
    exportfs fail2ban-client fio firewall-cmd fsck fstrim fsfreeze gpg gpgconf grub-install grub-mkconfig \
    grub2-mkconfig gzip haproxy hdparm hping3 httpd http https ifconfig ifdown ifup insmod iperf iperf3 ipmitool ipset \
    iptables iptables-save iptables-restore ip6tables ipvsadm iscsiadm iw iwconfig journalctl keytool kinit klist \
    kdestroy ldapadd ldapmodify ldapsearch ldconfig letsencrypt lftp logrotate loginctl lldpctl localectl lsb_release \
    lscpu lsattr lshw ltrace lxc lxd machinectl mailq makestep mdatp memtester mkpasswd monit mosquitto_pub \
    mosquitto_sub mount mpstat multipath multipathd mc mysqld_safe nc ncat netcat netplan networkctl newgrp newrelic \
    nft nfsstat nginx nmap nmcli nohup ntpdate ntpq numactl nvidia-smi nvme oathtool openconnect openssl openvpn pcs \
    perf pidstat pip pkexec pmap postconf postfix postqueue postsuper prlimit puppet pvs qemu-img quota rdesktop reset \
    resize2fs resolvectl restorecon rfkill rndc route rpcinfo rsnapshot run-parts runlevel salt salt-call salt-key sar \
    screen semanage service sestatus setenforce setsebool sfdisk showmount slabtop smartctl smbclient smbstatus snmpget \
    snmpwalk socat speedtest-cli squid ss sshpass sshuttle ssh-agent ssh-keyscan sshfs stress stress-ng su sudo \
    supervisord svn swapoff swapon sysbench sysdig systemd-analyze systemd-cgls systemd-cgtop systemd-run \
    systemd-tmpfiles tailscale tcpdump tee telnet tmux tracert traceroute6 tshark tune2fs tuned-adm twine udevadm ufw \
    unix2dos update-alternatives update-ca-certificates update-ca-trust update-grub update-initramfs update-rc.d \
    usermod uuidgen varnishadm varnishlog vgscan virsh vtysh vbox VBoxManage wg wg-quick wipefs wireshark wpa_cli wrk \
    xfs_growfs xfs_info xfs_repair xrandr yum-config-manager zabbix_get zabbix_sender zgrep zless zypper open pbcopy \
    launchctl diskutil dscl sw_vers softwareupdate defaults networksetup scutil xcode-select mas pkgutil";

/// Texts, versions, and tools of every day.
const EVERYDAY: &str = "[ [[ awk bc bat bzr convert cut csvkit dasel delta direnv ed exa eza fd ffmpeg ffprobe fzf gawk \
    gh git git-filter-repo git-lfs glab grpcurl hey hexyl hg htpasswd httpie hub hyperfine jira jo jq jsonnet just k6 \
    less locust lsof make mkcert mlr mysql ngrok op pandoc pass parallel perl pgcli pv recode rg sed shellcheck shfmt \
    siege slack split tac task tldr ts unrar unxz vegeta vimdiff websocat wscat xargs xmllint xsltproc yamllint yq \
    youtube-dl zip 7z rsync wget curl scp sftp ftp code subl claude codex aider asdf mise thanos gitlab-ctl gitlab-rake gitlab-rails doveadm rspamadm dockerd \
    consul dlv bats growpart cloud-localds envdir pagerduty pd opsgenie lab cf-terraforming";

static FAMILIAR: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let mut names = HashSet::with_capacity(2048);
    names.extend([BUILDING, RUNNING, CLOUD, DATA, SYSTEM, EVERYDAY].iter().flat_map(|list| list.split(' ')));
    names
});

/// Whether `name` is a program that people type.
pub(super) fn is_familiar(name: &str) -> bool {
    FAMILIAR.contains(name)
}
