//! What is left to fill in, and what only looks like it.

use crate::language::shell::analyse;

fn left_open(code: &str) -> Vec<String> {
    let facts = analyse(code, &|name| matches!(name, "HOME" | "USER" | "EDITOR"), &|_| false);
    facts.placeholders.into_iter().map(|found| found.text).collect()
}

#[test]
fn what_stands_for_something_else_is_found() {
    for (code, expected) in [
        // <name>
        ("gh run view <run-id>", vec!["<run-id>"]),
        ("gh run view <run-id> --log | grep error", vec!["<run-id>"]),
        ("kubectl logs <pod name> -n <namespace>", vec!["<pod name>", "<namespace>"]),
        ("kubectl exec -it <pod> -- sh", vec!["<pod>"]),
        ("ssh <user>@<host>", vec!["<user>", "<host>"]),
        ("scp <user>@<host>:/tmp/x .", vec!["<user>", "<host>"]),
        ("kill -9 <PID>", vec!["<PID>"]),
        ("curl http://<host>:8080/health", vec!["<host>"]),
        ("curl \"http://<host>:8080/jobs/<id>\"", vec!["<host>", "<id>"]),
        ("ssh db \"kill <pid>\"", vec!["<pid>"]),
        ("psql -c \"SELECT 1 FROM t WHERE id = <id>\"", vec!["<id>"]),
        ("curl -H \"Authorization: Bearer <token>\" x", vec!["<token>"]),
        ("export TOKEN=<token>", vec!["<token>"]),
        ("export TOKEN=\"<token>\"", vec!["<token>"]),
        ("NAME=<name,of,it> ls", vec!["<name,of,it>"]),
        ("docker rm <container_id>;", vec!["<container_id>"]),
        ("helm rollback app <revision> && echo ok", vec!["<revision>"]),
        ("git checkout <commit>^", vec!["<commit>"]),
        ("echo \"<your token>\" | base64", vec!["<your token>"]),
        ("echo 'KEY=<your-key>' >>.env", vec!["<your-key>"]),
        ("cat <<EOF >f\nkey: <your-key>\nEOF", vec!["<your-key>"]),
        ("cat <<EOF >f\nhost: <host-name>\nzone: <ZONE>\nEOF", vec!["<host-name>", "<ZONE>"]),
        ("cat >>.env <<'EOF'\nKEY=<api_key>\nEOF", vec!["<api_key>"]),
        ("tool <...>", vec!["<...>"]),
        ("for i in 1 2; do kubectl delete pod <name>-$i; done", vec!["<name>"]),
        ("# stop it\nsystemctl stop <service>  # <unit>\n", vec!["<service>"]),
        // [NAME], {name}
        ("$(\n{<a>}", vec!["<a>"]),
        ("ssh [your-name]@host", vec!["[your-name]"]),
        ("kubectl delete pod [POD_NAME]", vec!["[POD_NAME]"]),
        ("deploy \"[INSERT VERSION]\"", vec!["[INSERT VERSION]"]),
        ("gh run view {run-id}", vec!["{run-id}"]),
        ("gh run view {{run_id}}", vec!["{{run_id}}"]),
        ("curl https://api.test/jobs/{job_id}/retry", vec!["{job_id}"]),
        ("kubectl logs {{ pod }}", vec!["{{ pod }}"]),
        // Moments
        ("tar xzf config-YYYYMMDD.tar.gz", vec!["YYYYMMDD"]),
        ("journalctl --since \"YYYY-MM-DD HH:MM:SS\"", vec!["YYYY-MM-DD HH:MM:SS"]),
        ("journalctl --since HH:MM", vec!["HH:MM"]),
        ("tar xzf creds-TIMESTAMP.tar.gz", vec!["TIMESTAMP"]),
        ("tar -xzf /b/creds-LATEST.tar.gz -C /", vec!["LATEST"]),
        ("pg_restore backup_DATE.dump", vec!["DATE"]),
        // To the reader
        ("nslookup your-deployment.example.cloud", vec!["your-deployment"]),
        ("git clone https://github.com/your-org/x.git", vec!["your-org"]),
        ("export KEY=YOUR_API_KEY", vec!["YOUR_API_KEY"]),
        ("export KEY='your_api_key'", vec!["your_api_key"]),
        ("curl -d '{\"id\": \"YOUR_ID\"}' x", vec!["YOUR_ID"]),
        ("dig yourdomain.com", vec!["yourdomain"]),
        ("login --password changeme", vec!["changeme"]),
        ("TOKEN=REPLACE_ME ./run", vec!["REPLACE_ME"]),
        ("set-key API_KEY_HERE", vec!["API_KEY_HERE"]),
        ("printf 'your-password' | docker login --password-stdin", vec!["your-password"]),
        // Crosses
        ("deploy web=web:sha-XXXXXXX", vec!["XXXXXXX"]),
        ("ssh admin@XX.XX.XX.XX", vec!["XX.XX.XX.XX"]),
        ("ping x.x.x.x", vec!["x.x.x.x"]),
        ("ping 10.0.x.x", vec!["10.0.x.x"]),
        ("aws ec2 stop-instances --instance-ids i-xxxxxxxx", vec!["xxxxxxxx"]),
        ("get xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", vec!["xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"]),
        ("git checkout vX.Y.Z", vec!["vX.Y.Z"]),
        // Machines
        ("scp -r primary-ip:/srv/creds /srv/", vec!["primary-ip"]),
        ("ssh root@server-ip", vec!["server-ip"]),
        ("rsync -a /srv/ new-host:/srv/", vec!["new-host"]),
        ("curl http://server-ip:8080/", vec!["server-ip"]),
        // Shouted
        ("railway restart --service SERVICE_ID", vec!["SERVICE_ID"]),
        ("kubectl delete pod POD_NAME -n NAMESPACE", vec!["POD_NAME", "NAMESPACE"]),
        ("ssh USER@HOSTNAME", vec!["USER", "HOSTNAME"]),
        ("ssh USERNAME@HOST_IP", vec!["USERNAME", "HOST_IP"]),
        ("curl http://HOST_IP:8080/api", vec!["HOST_IP"]),
        ("gcloud compute ssh INSTANCE-NAME --zone=ZONE_NAME", vec!["INSTANCE-NAME", "ZONE_NAME"]),
        ("curl -H \"Authorization: Bearer TOKEN\" x", vec!["TOKEN"]),
        ("kill -9 PID", vec!["PID"]),
        // The rest
        ("pg_dump -t some_new_table app", vec!["some_new_table"]),
        ("cp /path/to/backup.sql .", vec!["/path/to/backup.sql"]),
        ("psql -f path/to/dump.sql", vec!["path/to/dump.sql"]),
        ("curl --data ... https://x.test", vec!["..."]),
        ("export OPENAI_KEY=sk-...", vec!["sk-..."]),
        ("curl -d '{...}' https://x.test", vec!["{...}"]),
    ] {
        assert_eq!(left_open(code), expected, "{code}");
    }
}

#[test]
fn what_only_looks_like_it_is_not() {
    for code in [
        "sort <in.txt >out.txt",
        "sort <in.txt>out.txt",
        "sort < in > out",
        "cat <old names >new",
        "cmd 2>/dev/null",
        "cmd >/dev/null 2>&1",
        "diff <(ls a) <(ls b)",
        "cat <<<word >x",
        "cat <<EOF >f\n<my-list>\n</my-list>\nEOF",
        "cat <<EOF >f.cpp\n#include <sys_types>\nvector<size_t> sizes;\nEOF",
        "cat <<EOF >f\n<server>\n  <port>1</port>\n</server>\nEOF",
        "cmd 2<file>out",
        "exec 3<>/dev/tcp/h/80",
        "git commit -m \"chore: bump it [skip ci]\"",
        "git commit -m 'by A <a@b.c>'",
        "git commit --author='A B <a@b.test>'",
        "curl -d '<xml><a>1</a></xml>' https://x.test",
        "grep '<title>' page.html",
        "sed 's/<b>/x/' f",
        "echo \"usage: tool <file>\"",
        "echo \"see <your app name>\"",
        "test $a -lt 5 && [ \"$a\" != 3 ]",
        "[[ $x =~ [A-Z]+ ]]",
        "[ -f /etc/hosts ] && ls [abc]* [0-9]*",
        "ls file[A-Z]* *.{log,txt} {1..5} {a,b}",
        "echo ${HOME} ${#HOME} \"${HOME[@]}\"",
        "docker ps --format '{{.Names}}'",
        "docker inspect -f '{{range .Mounts}}{{.Source}}{{end}}' $HOME",
        "kubectl get po -o jsonpath='{.items[0].metadata.name}'",
        "kubectl get po -o jsonpath='{range .items[*]}{.x}{end}'",
        "curl -o /dev/null -w '%{http_code}' https://x.test",
        "git stash apply stash@{0}; git log @{upstream}..",
        "find . -name '*.log' -exec rm {} +",
        "awk '{print $1}' f; jq '{a: .b}' f",
        "xargs -I{} echo {}",
        "f() { ls; }; { ls; }",
        "date +%Y%m%d; date '+%Y-%m-%d %H:%M'",
        "date --format YYYY-MM-DD",
        "psql -c \"select to_char(now(), 'YYYY-MM-DD')\"",
        "mktemp /tmp/x.XXXXXX",
        "d=$(mktemp -d -t jobXXXX)",
        "grep YYYYMMDD f; sed -i 's/YOUR_TOKEN/abc/' f",
        "export SERVICE_ID; unset JOB_NAME; read -r HOST_NAME",
        "curl -X POST -H 'Accept: text/plain' https://x.test",
        "kill -TERM 1; kill -s KILL 1; trap 'x' EXIT",
        "docker run -e NODE_ENV=production -e LOG_LEVEL=debug x",
        "aws cloudformation deploy --capabilities CAPABILITY_NAMED_IAM",
        "aws cloudformation list-stacks --stack-status-filter CREATE_COMPLETE",
        "git reset --hard HEAD; git diff ORIG_HEAD",
        "cat README LICENSE VERSION",
        "go test ./...; go build ./cmd/...",
        "git diff main...topic",
        "echo Waiting...; echo 'please wait ...'",
        "git checkout release-1.2.x",
        "pip install 'x==1.*'",
        "ping example.com; curl https://example.com/x",
        "ssh bastion; ssh db-1; scp web-server:/x .",
        "kubectl get svc external-ip",
        "ls host-address/x",
        "make -j4 all",
        "DB_HOST=localhost; echo $DB_HOST",
        "# kubectl logs <pod> YYYYMMDD your-app\nls",
        "python3 -c \"print(f'{name}')\"",
        "ps -o PID,USER; ps aux --sort -PID",
        "psql -c \"SELECT ID FROM T WHERE STATE = 'DONE'\"",
        "exec {lock}>/tmp/lock",
        "tr '[UPPER_CASE]' x",
    ] {
        assert_eq!(left_open(code), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn a_space_of_several_bytes_before_a_name_in_quotes_is_a_space() {
    assert_eq!(left_open("aws s3 ls 'S3\u{a0}://<bucket>'"), ["<bucket>"]);
}
