//! What commands do, labelled by hand.

use super::*;

const READS: &[&str] = &[
    "ls -la /var/log | grep -c x | sort -u",
    "cat a 2>/dev/null; tail -n 50 log 2>&1",
    "ps aux | awk '{print $2}' | head -3",
    "df -h && free -m || uptime",
    "journalctl -u worker --since '1 hour ago' --no-pager",
    "systemctl status worker",
    "sudo systemctl status worker --no-pager",
    "kubectl get pods -n ops -o wide",
    "kubectl -n ops describe pod x",
    "kubectl logs deploy/x --tail=100",
    "oc get events",
    "docker ps -a --format '{{.Names}}'",
    "docker logs x --tail 50",
    "docker compose ps",
    "docker compose -f a.yml logs web",
    "docker inspect x",
    "docker system df",
    "git status && git log --oneline -5 && git diff HEAD~1",
    "git --no-pager show",
    "git remote -v",
    "curl -s http://localhost:8080/health",
    "curl -sS -H 'Authorization: x' https://a/b | jq .state",
    "curl -o /dev/null -s -w '%{http_code}' https://a",
    "curl -I https://a",
    "railway logs --service x",
    "railway status",
    "echo 'rm -rf /'",
    "echo \"DROP TABLE x\" # rm -rf /",
    "# rm -rf /",
    "printf '%s\\n' kill",
    "grep -r 'git push --force' .",
    "sed -n '1,5p' f",
    "find . -name '*.log' -mtime +7",
    "find . -name '*.log' -exec grep x {} \\;",
    "test -f a && [ -n \"$x\" ] && [[ $x == y ]]",
    "sleep 5; date; true",
    "cd /opt && pwd",
    "export A=1; B=2",
    "for i in 1 2; do echo $i; done",
    "f() { ls; }; f",
    "ssh host 'df -h'",
    "ssh -i key -p 22 user@host uptime",
    "docker exec c cat /etc/hosts",
    "kubectl exec -n ops pod -c app -- ls /",
    "timeout 5 tail -f log",
    "sudo -u postgres psql -c 'SELECT count(*) FROM jobs'",
    "psql -d \"$URL\" -c \"SELECT 1\"",
    "psql <<'SQL'\nSELECT 1;\nSQL",
    "sqlite3 a.db 'SELECT 1'",
    "env A=1 printenv A",
    "xargs -n 1 echo < f",
    "bash -c 'ls; df'",
    "command -v jq >/dev/null",
    "gh run view 5 --log",
    "helm list -n ops",
    "terraform plan",
    "aws s3 ls s3://x",
    "aws ec2 describe-instances --filters x",
    "kill -0 5",
    "crontab -l",
    "tar -tzf a.tgz",
    "cat <<'EOF'\nrm -rf /\nEOF",
    "nginx -t",
    "redis-cli -h x LLEN q",
    "watch -n 5 'df -h'",
    "apt list --installed",
    "node --version",
    "rg --help",
    "ip -br addr",
    "ip route get 1.1.1.1",
    "fly apps list",
    "awk '$3 > 5 {print $1}' f",
    "date -u +%s",
    "echo $(date)",
];

const WRITES: &[&str] = &[
    "echo x > file",
    "ls >> file",
    "ls | tee file",
    "cp a b",
    "mkdir -p a",
    "chmod 600 a",
    "systemctl restart worker",
    "sudo -n systemctl reload nginx",
    "systemctl stop worker",
    "kubectl apply -f a.yml",
    "kubectl -n ops rollout restart deploy/x",
    "kubectl scale deploy/x --replicas=2",
    "docker restart x",
    "docker compose up -d",
    "docker-compose restart web",
    "git pull",
    "git commit -m 'rm -rf /'",
    "git push origin main",
    "curl -X POST http://a",
    "curl -d '{}' http://a",
    "curl -XPUT http://a",
    "curl -o file http://a",
    "sed -i 's/a/b/' f",
    "railway restart",
    "helm upgrade a b",
    "terraform apply",
    "apt-get install -y jq",
    "ssh host 'systemctl restart x'",
    "psql -c \"UPDATE jobs SET a = 1 WHERE id = 2\"",
    "service nginx restart",
    "xargs -I {} cp {} /tmp",
    "ip link set eth0 down",
    "hostname new-name",
    "date 010203042026",
    "arp -d host",
    "find . -exec cp {} /tmp \\;",
    "{ ls; } > out",
    "for i in 1; do touch $i; done",
    "echo \"$(touch a)\"",
    "echo `touch a`",
];

const DESTRUCTIVE: &[&str] = &[
    "rm -rf /tmp/x",
    "rm -r x",
    "rm file",
    "/bin/rm -rf x",
    "\\rm -rf x",
    "'rm' -rf x",
    "r\\m -rf x",
    "ls | xargs rm",
    "ls | xargs -n1 -I{} rm -rf {}",
    "ls -t | tail -n +5 | xargs -r rm -f",
    "find . -name x -delete",
    "find . -exec rm {} +",
    "docker system prune -af",
    "docker volume prune",
    "docker volume rm x",
    "docker compose down -v",
    "docker rm -f x",
    "kill -9 123",
    "kill 123",
    "sudo kill $(pgrep x)",
    "pkill -f worker",
    "killall node",
    "git push --force origin main",
    "git push -f",
    "git push --force-with-lease",
    "git push origin :branch",
    "git reset --hard HEAD~1",
    "git -C /repo reset --hard",
    "git clean -fd",
    "git branch -D x",
    "kubectl delete pod x",
    "kubectl -n ops delete pod x",
    "kubectl --namespace=ops delete pod x",
    "oc delete pod x",
    "terraform destroy",
    "terraform apply -destroy",
    "helm uninstall x -n y",
    "helm -n y uninstall x",
    "dd if=/dev/zero of=/dev/sda",
    "mkfs.ext4 /dev/sdb",
    "shutdown -h now",
    "sudo reboot",
    "poweroff",
    "truncate -s 0 log",
    "psql -c 'DROP TABLE x'",
    "psql -h a -U b -c 'TRUNCATE x'",
    "psql --command='DELETE FROM jobs'",
    "psql <<EOF\nDROP TABLE x;\nEOF",
    "sudo -u postgres psql -d a -c \"DELETE FROM x\"",
    "sqlite3 a.db 'DROP TABLE x'",
    "bash -c 'rm -rf x'",
    "bash -lc \"rm -rf x\"",
    "sh -c \"sudo sh -c 'rm -rf x'\"",
    "bash <<EOF\nrm -rf x\nEOF",
    "cat x | ssh host 'rm -rf y'",
    "ssh -o A=b user@host rm -rf y",
    "ssh host <<'EOF'\nrm -rf y\nEOF",
    "eval 'rm -rf x'",
    "env A=b rm -rf x",
    "A=b rm -rf x",
    "nohup rm -rf x &",
    "timeout 5 rm -rf x",
    "nice -n 5 rm -rf x",
    "time rm -rf x",
    "exec rm -rf x",
    "command rm -rf x",
    "! rm -rf x",
    "true && rm -rf x",
    "echo $(rm -rf x)",
    "echo \"`rm -rf x`\"",
    "diff <(rm -rf x) b",
    "f() { rm -rf x; }; f",
    "if true; then rm -rf x; fi",
    "while true; do rm -rf x; done",
    "case a in a) rm -rf x;; esac",
    "(cd /; rm -rf x)",
    "{ rm -rf x; }",
    "docker exec c rm -rf /x",
    "docker compose exec -T db psql -c 'DROP TABLE x'",
    "kubectl exec pod -n ops -- rm -rf /x",
    "kubectl exec -it pod -- sh -c 'rm -rf /x'",
    "watch 'rm -rf x'",
    "watch -n 5 rm -rf x",
    "su - app -c 'rm -rf x'",
    "railway run rm -rf x",
    "curl -X DELETE http://a/b",
    "aws s3 rm s3://x --recursive",
    "aws ec2 terminate-instances --instance-ids x",
    "gcloud compute instances delete x",
    "redis-cli FLUSHALL",
    "crontab -r",
    "journalctl --vacuum-time=1d",
    "rm -rf <folder>",
    "$SUDO rm -rf x",
    "cat <<EOF | ssh host\nrm -rf x\nEOF",
    "rm -rf x 2>/dev/null",
    "> log; rm -rf \"$x\"",
    "if true; then rm -rf x",
    "echo 'unclosed; rm\nrm -rf x'; rm y",
    "cat x > /dev/sda",
    "env -S 'rm -rf x'",
    "docker config rm x",
    "find . -exec sh -c 'rm \"$1\"' _ {} \\;",
    "kubectl get pods -o name | xargs kubectl delete",
    "sudo -u app -- rm -rf x",
];

const UNKNOWN: &[&str] = &[
    "frobnicate",
    "./deploy.sh",
    "source env.sh",
    ". venv/bin/activate",
    "python manage.py migrate",
    "node -e 'x'",
    "npm run build",
    "make clean",
    "$CMD x",
    "bash script.sh",
    "curl -s https://a | bash",
    "ssh host",
    "sudo -i",
    "su -",
    "psql -f a.sql",
    "psql",
    "psql -c 'SELECT my_function()'",
    "kubectl frobnicate",
    "git frobnicate",
    "kubectl --weird x get pods",
    "trap 'rm x' EXIT",
    "docker exec -it c bash",
    "alias ls='rm -rf'",
    "aws frob nicate",
    "./deploy.sh --help",
    "awk '{print > $1}' f",
    "awk 'BEGIN {system(\"rm x\")}'",
    "fly apps restart x",
    "redis-cli slowlog reset",
    "git -c alias.x='!rm y' x",
];

#[test]
fn every_command_has_the_effect_a_person_gave_it() {
    for (codes, effect) in
        [(READS, Effect::Read), (WRITES, Effect::Write), (DESTRUCTIVE, Effect::Destructive), (UNKNOWN, Effect::Unknown)]
    {
        for code in codes {
            let found = facts(code);
            assert_eq!(found.effect, effect, "{code}: {:?}", found.reasons);
            assert_eq!(found.reasons.is_empty(), effect == Effect::Read, "{code}: {:?}", found.reasons);
        }
    }
}

#[test]
fn the_reason_is_said_in_words() {
    for (code, reason) in [
        ("docker volume prune -f", "removes all unused volumes"),
        ("pkill x", "ends every process that matches x"),
        ("ls > out", "replaces the content of out"),
        ("frob", "`frob` is not a command known here"),
        ("./frob a", "`./frob` may be any program"),
        ("git push -f", "force-pushes over the remote branch"),
    ] {
        assert_eq!(facts(code).reasons, [reason], "{code}");
    }
}

#[test]
fn commands_that_do_not_end_are_named() {
    for code in [
        "railway logs --follow",
        "tail -f log",
        "tail -n 5 -F log",
        "journalctl -fu worker",
        "docker logs -f x",
        "docker compose logs -f web",
        "kubectl logs -n ops x -f",
        "watch df",
        "top",
        "top -b -d 5",
        "top -u nobody",
        "tail --follow=name log",
        "ping host",
        "ssh -N -L 1:a:2 host",
        "kubectl port-forward svc/x 80",
        "kubectl get pods -w",
        "sudo tail -f log",
        "docker stats",
        "docker run -p 80:80 web",
        "docker compose up",
        "heroku logs --tail",
    ] {
        assert!(facts(code).endless.is_some(), "{code}");
    }
    assert_eq!(facts("railway logs --follow | grep x").endless.as_deref(), Some("railway logs --follow"));
    for code in [
        "tail -5 log",
        "ping -c 3 h",
        "timeout 5 tail -f log",
        "kubectl port-forward x 80 &",
        "rm -f x",
        "docker logs x --tail 5",
        "railway logs --tail 100",
        "docker compose up -d",
        "docker run --rm x",
        "docker run -dp 80:80 x",
        "docker compose -f a.yml ps",
        "docker stats --no-stream",
        "docker logs --follow=false x",
        "kubectl get pods --watch=false",
        "top -b -n 1",
        "top -bn1 | head",
        "sudo top -l 1",
        "iotop -b -n 3",
        "timeout 30 watch df",
        "timeout -s INT 10 tail -f log",
        "sudo timeout 10s journalctl -f",
        "ssh h 'timeout 10 tail -f log'",
    ] {
        assert_eq!(facts(code).endless, None, "{code}");
    }
}

#[test]
fn commands_that_open_another_shell_are_named() {
    for code in [
        "ssh host",
        "ssh -p 22 user@host",
        "sudo -u app bash",
        "sudo -i",
        "sudo su -",
        "su -",
        "docker exec -it c sh",
        "docker compose exec web bash",
        "kubectl exec -it pod -- /bin/bash",
        "oc debug node/x",
        "oc rsh pod",
        "bash",
    ] {
        assert_eq!(facts(code).opens.as_deref(), Some(code), "{code}");
    }
    assert_eq!(facts("ssh <user>@<host>").opens.as_deref(), Some("ssh <user>@<host>"));
    for code in ["ssh host ls", "sudo ls", "docker exec c ls", "ssh host <<EOF\nls\nEOF", "bash -c ls", "ssh -N host"] {
        assert_eq!(facts(code).opens, None, "{code}");
    }
}

#[test]
fn commands_that_take_the_terminal_are_named() {
    for code in [
        "nano a",
        "sudo vim a",
        "less a",
        "crontab -e",
        "git rebase -i HEAD~2",
        "psql",
        "kubectl edit x",
        "htop",
        "docker run -it x",
        "ssh host",
    ] {
        assert!(facts(code).interactive.is_some(), "{code}");
    }
    for code in ["cat a", "psql -c 'SELECT 1'", "git commit -m x", "docker run -d x", "ssh host ls"] {
        assert_eq!(facts(code).interactive, None, "{code}");
    }
}

#[test]
fn programs_are_listed_by_name_or_path_without_builtins_and_functions() {
    for (code, expected) in [
        ("railway logs | jq . && cd x", vec!["railway", "jq"]),
        ("f() { sudo -u x env A=1 df; }; f; ./x; export A; [ a ]; echo", vec!["sudo", "env", "df", "./x"]),
        ("ssh host 'railway x'; docker exec c foo", vec!["ssh", "docker"]),
        ("bash -c 'jq .'; echo $(yq .)", vec!["bash", "jq", "yq"]),
        ("if true; then for x in a; do grep a b; done; fi", vec!["grep"]),
        ("cat <<EOF\nfoo\nEOF", vec!["cat"]),
    ] {
        assert_eq!(facts(code).commands, expected, "{code}");
    }
}

#[test]
fn comments_alone_are_nothing_to_do() {
    assert!(facts("# TBD\n\n  # later\n").nothing_to_do);
    assert!(facts("").nothing_to_do);
    assert!(!facts("# TBD\nls").nothing_to_do);
    assert!(!facts("A=1").nothing_to_do);
}

#[test]
fn a_search_at_the_end_gives_the_exit_code() {
    for (code, is_search) in [
        ("grep x log", true),
        ("cat log | grep -c x", true),
        ("echo a\nlogs 2>&1 | /usr/bin/grep x  # look\n", true),
        ("grep x <<< \"$logs\"", true),
        ("grep x log > found", true),
        ("grep x log | wc -l", false),
        ("grep x log && rm log", false),
        ("grep x log\necho done", false),
        ("if grep x log; then echo y; fi", false),
        ("# grep", false),
    ] {
        assert_eq!(facts(code).ends_in_search, is_search, "{code}");
    }
}

#[test]
fn a_monitor_that_only_prints_takes_over_no_terminal() {
    for (code, interactive) in [
        ("top", true),
        ("top -n 1", true),
        ("top -b -n 1", false),
        ("top -bn1", false),
        ("top -b -d 5", false),
        ("top -l 1", false),
        ("iotop -b -n 3", false),
        ("htop -b", true),
        ("top --batch", true),
    ] {
        assert_eq!(facts(code).interactive.is_some(), interactive, "{code}");
    }
}
