//! Commands of real incidents, labelled by hand: what they do, and how that is
//! said.

use super::*;

const READS: &[&str] = &[
    "etcdctl --endpoints=localhost:2379 endpoint health",
    "ETCDCTL_API=3 etcdctl member list -w table",
    "kubectl -n rook exec -it $TOOLS_POD -- ceph status",
    "ceph osd tree; ceph -s; rados df",
    "oc debug node/x -- chroot /host journalctl -u kubelet",
    "oc -n $NS get pods -o jsonpath='{.items[*].metadata.name}'",
    "vault status; consul members; nomad job status x",
    "rabbitmqctl list_queues -p / name messages",
    "cf apps; cf logs x --recent",
    "crictl ps -a; crictl logs x",
    "velero backup get; flux get kustomizations; argocd app list",
    "rpm -qa | grep x; dpkg -l",
    "resolvectl status; loginctl list-sessions",
    "patronictl list; pgbackrest info",
    "nodetool status",
    "mysqladmin -u root processlist",
    "dd if=/dev/sda of=/dev/null bs=1M count=10",
    "aws sts get-caller-identity; aws rds describe-db-instances",
    "gcloud compute instances list",
    "az vm list -g x",
];

/// Neither a read nor destructive.
const WRITES: &[&str] = &[
    "aws s3 cp list s3://x",
    "aws s3 cp a s3://b",
    "gcloud config set project x",
    "az login",
    "gcloud container images add-tag a b",
    "az vm start -n list",
    "etcdctl put a b",
    "etcdctl defrag",
    "ceph osd out 3",
    "cf push x",
    "git restore --staged a",
    "oc adm cordon n",
    "kubectl scale deploy/x --replicas=0",
    "echo x | sudo tee -a /etc/hosts",
];

const DESTRUCTIVE: &[(&str, &str)] = &[
    ("rm -rf /var/lib/x", "removes /var/lib/x and all in it"),
    ("sudo rm a b c d", "removes a, b, c and 1 more"),
    ("kubectl delete ns old", "deletes the namespace old and all in it"),
    ("kubectl delete namespace/old", "deletes the namespace old and all in it"),
    ("oc -n ops delete pod x y", "deletes pod x, y"),
    ("kubectl delete pods -l app=x", "deletes every pods with app=x"),
    ("kubectl delete -f a.yml", "deletes every object that a.yml describes"),
    ("kubectl delete pvc data-0", "deletes the volume data-0, and maybe what is on it"),
    ("kubectl drain n1 --ignore-daemonsets", "evicts all pods from n1"),
    ("kubectl replace --force -f a", "deletes objects of the cluster and makes them anew"),
    ("docker volume prune -f", "removes all unused volumes"),
    ("docker volume rm data", "removes the volume data and all on it"),
    ("docker compose down -v", "removes volumes or images"),
    ("git push --force origin main", "force-pushes over the remote branch"),
    ("git push origin +main", "force-pushes over the remote branch"),
    ("git push origin --delete x", "deletes a branch or a tag on the remote"),
    ("git push origin :x", "deletes a branch or a tag on the remote"),
    ("git checkout -- .", "throws uncommitted changes away"),
    ("git restore a", "throws uncommitted changes away"),
    ("helm uninstall web -n ops", "removes the release web and all that it made"),
    ("dd if=/dev/zero of=/dev/sdb bs=1M", "overwrites /dev/sdb"),
    ("mkfs.ext4 -L data /dev/sdb1", "makes a new file system on /dev/sdb1: all on it is lost"),
    ("kill -9 42", "ends process 42 at once"),
    ("pkill -9 -f worker", "ends every process that matches worker at once"),
    ("> app.log", "empties app.log"),
    (": > app.log", "empties app.log"),
    ("cat /dev/null > app.log", "empties app.log"),
    ("truncate -s 0 app.log", "cuts app.log off"),
    ("redis-cli FLUSHALL", "deletes data"),
    ("mongosh --eval 'db.dropDatabase()'", "deletes data of MongoDB"),
    ("etcdctl del --prefix /a", "deletes from etcd the key /a"),
    ("vault kv delete a/b", "deletes secrets"),
    ("consul kv delete a", "deletes keys of Consul"),
    ("nomad job stop -purge x", "stops a job and deletes what is known of it"),
    ("kafka-topics --bootstrap-server x --delete --topic y", "deletes topics or groups of Kafka"),
    ("rabbitmqctl purge_queue q", "deletes every message of the queue q"),
    ("aws s3 rm --recursive s3://x", "deletes something in the cloud"),
    ("aws s3 sync a s3://b --delete", "deletes what the source does not have"),
    ("aws ec2 terminate-instances --instance-ids x", "deletes something in the cloud"),
    ("aws ecr batch-delete-image --repository-name x", "deletes something in the cloud"),
    ("gcloud -q compute instances delete x", "deletes something in the cloud"),
    ("az group delete -n x", "deletes something in the cloud"),
    ("rsync -a --delete a/ b/", "deletes files that the source does not have"),
    ("apt-get purge -y nginx", "removes the package nginx"),
    ("npm unpublish x", "takes a published package away"),
    ("crontab -r", "removes all scheduled jobs"),
    ("iptables -F", "removes rules or counters of the firewall"),
    ("ls | parallel rm", "removes files"),
    ("oc adm drain n1", "deletes or evicts objects of the cluster"),
    ("kubectl taint nodes n1 a=b:NoExecute", "evicts pods from a node"),
    ("ceph osd pool delete a a --yes-i-really-really-mean-it", "deletes a pool and all in it"),
    ("mysqladmin shutdown", "drops a database, or ends its server or sessions"),
    ("etcdctl user delete x", "deletes a user or a role of etcd"),
    ("ansible all -m file -a 'path=/x state=absent'", "removes or stops something on many machines"),
    ("parallel 'rm -rf {}' ::: a", "removes {} and all in it"),
    ("sshpass -p x ssh h 'rm -rf /a'", "removes /a and all in it"),
    ("runuser -u x -- rm a", "removes a"),
];

/// What would look like a read by its first words.
const NO_READS: &[&str] = &[
    "mysqladmin status shutdown",
    "consul operator raft remove-peer x",
    "resolvectl dns eth0 1.1.1.1",
    "etcdctl watch a -- rm x",
    "cf target -s x",
    "nomad alloc exec x sh",
    "ctr images rm x",
    "aws lambda invoke --function-name get out",
    "az vm run-command invoke -n list",
    "pgbackrest check",
    "oc adm drain x",
];

#[test]
fn a_second_word_that_changes_something_is_seen() {
    for code in NO_READS {
        assert_ne!(facts(code).effect, Effect::Read, "{code}");
    }
}

#[test]
fn a_look_at_a_cluster_or_a_store_is_a_read() {
    for code in READS {
        let facts = facts(code);
        assert_eq!(facts.effect, Effect::Read, "{code}: {:?}", facts.reasons);
    }
}

#[test]
fn what_changes_something_and_loses_nothing_is_a_write() {
    for code in WRITES {
        let facts = facts(code);
        assert_eq!(facts.effect, Effect::Write, "{code}: {:?}", facts.reasons);
    }
}

#[test]
fn what_loses_something_says_what() {
    for (code, reason) in DESTRUCTIVE {
        let facts = facts(code);
        assert_eq!(facts.effect, Effect::Destructive, "{code}: {:?}", facts.reasons);
        assert_eq!(facts.reasons.first().map(String::as_str), Some(*reason), "{code}");
    }
}

#[test]
fn what_stays_in_front_is_known_before_it_starts() {
    for code in [
        "npm start",
        "yarn run dev",
        "python3 manage.py runserver",
        "python -m http.server 8000",
        "nc -l 8080",
        "nc -lk 8080",
        "sleep infinity",
        "etcd --name x",
        "kubectl attach x",
        "minikube tunnel",
        "ceph -w",
        "while true; do curl -s http://a; sleep 1; done",
        "while :; do date; done",
        "until false; do date; done",
        "for ((;;)); do date; done",
        "ssh -L 1:a:1 -N h",
    ] {
        assert!(facts(code).endless.is_some(), "{code}");
    }
    for code in [
        "npm test",
        "nc -z h 80",
        "sleep 5",
        "while true; do if a; then break; fi; sleep 1; done",
        "while read -r l; do echo $l; done < f",
        "until curl -sf http://a; do sleep 1; done",
        "f() { while true; do date; return; done; }; f",
        "timeout 5 ping h",
        "ping h &",
    ] {
        assert_eq!(facts(code).endless, None, "{code}");
    }
}

#[test]
fn what_asks_the_person_is_known_before_it_starts() {
    for code in [
        "read -p 'Sure? ' x",
        "select x in a b; do break; done",
        "sudo visudo",
        "git commit",
        "git add -p",
        "telnet h 80",
        "irb",
        "rails c",
        "bundle exec rails console",
        "kubectl exec -it x -- rails c",
        "python3 manage.py shell",
        "gcloud auth login",
        "aws ssm start-session --target x",
        "gdb -p 5",
        "fdisk /dev/sda",
        "mongosh",
        "redis-cli -h x",
    ] {
        assert!(facts(code).interactive.is_some(), "{code}");
    }
    for code in [
        "read x < f",
        "while read l; do echo $l; done < f",
        "echo y | read x",
        "git commit -am x",
        "rails db:migrate",
        "redis-cli -h x ping",
    ] {
        assert_eq!(facts(code).interactive, None, "{code}");
    }
}

#[test]
fn what_is_too_much_for_the_parser_is_looked_at_by_its_words() {
    let long = "# a comment of some length\n".repeat(10_000) + "rm -rf x";
    let deep = "$(".repeat(200) + "rm x" + &")".repeat(200);
    let tangled = "<".repeat(20_000) + "\nrm -rf x";
    for code in [long, deep, tangled] {
        let facts = facts(&code);
        assert!(facts.effect >= Effect::Unknown, "{:?}", facts.reasons);
        assert!(facts.reasons.iter().any(|reason| reason.contains("too long or too deeply nested")));
    }
    assert_eq!(facts(&("# a comment of some length\n".repeat(10_000) + "rm -rf x")).effect, Effect::Destructive);
    assert_eq!(facts(&"true | ".repeat(3_000).chars().chain("true".chars()).collect::<String>()).effect, Effect::Read);
}
