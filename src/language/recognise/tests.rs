use super::recognise;
use crate::runbook::Class;
use proptest::prelude::*;

/// Class, language and certainty of what `code` reads as.
fn read(code: &str) -> Option<(Class, &'static str, bool)> {
    recognise(code).map(|reading| (reading.class, reading.language, reading.certain))
}

#[track_caller]
fn all_read_as(class: Class, language: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(read(text), Some((class, language, true)), "{text:?}: {:?}", recognise(text));
    }
}

#[test]
fn commands_are_known_by_their_names_paths_options_and_grammar() {
    all_read_as(
        Class::Shell,
        "bash",
        &[
            "systemctl status api\n",
            "consul members\nrabbitmqctl list_queues\n",
            "kubectl -n shop get pods | grep -v Running\n",
            "./bin/deploy --now\n",
            "/opt/app/bin/tool x\n",
            "~/restart.sh\n",
            "$HOME/bin/x\n",
            "mytool --check all\n",
            "# Look first.\ndf -h\n\n# Then clean.\njournalctl --vacuum-size=1G\n",
            "for h in a b; do\n  ssh $h uptime\ndone\n",
            "while true; do sleep 5; done\n",
            "export PGHOST=db1\npsql -c 'select 1'\n",
            "NOW=$(date +%s)\necho $NOW\n",
            "if [ -f /tmp/lock ]; then rm /tmp/lock; fi\n",
            "docker logs <container> --tail 50\n",
            "curl -X POST http://localhost/x \\\n  -d '{\"a\": 1}'\n",
            "python3 - <<'EOF'\nimport os\nprint(os.getcwd())\nEOF\n",
            "git push  # the next words are a comment for the people\n",
            "make test\n",
            "sudo -u app bash -c \"cd /srv && ./run\"\n",
            "check() {\n  curl -f $1\n}\ncheck http://a\n",
            "ssh <host>\nkill -9 <PID>\n",
            "#!/bin/sh\nsome_function_of_ours\n",
        ],
    );
}

#[test]
fn sentences_outputs_and_data_are_no_commands() {
    for text in [
        "Find the process and kill it.\n",
        "make sure that the service is up\n",
        "find the row that is locked and remove it\n",
        "Open the dashboard, then look for errors.\nTell the team what you have found.\n",
        "kill the worker if it does not come back\n",
        "node-1   Ready\nnode-2   NotReady\n",
        "true\n",
        "date: 2024-01-01\n",
        "\"alpha\" \"beta\"\n",
        "tool get [NAME] [flags]\n",
        "curl ...\n",
        "> kubectl get pods\n",
        "words nobody knows here\n",
        "[Unit]\nDescription=x\n",
        "exec dbo.some_procedure @a=1\n",
        "/var/log/a.log\n/var/log/b.log\n",
        "https://example.com/a\n",
    ] {
        let certain = recognise(text).filter(|reading| reading.certain);
        assert_ne!(certain.map(|reading| reading.class), Some(Class::Shell), "{text:?}");
    }
}

#[test]
fn statements_are_sql_if_all_of_them_are() {
    all_read_as(
        Class::Sql,
        "sql",
        &[
            "SELECT id FROM jobs WHERE state = 'stuck';\n",
            "-- first look\nselect count(*) from jobs;\nUPDATE jobs SET state = NULL WHERE id = 1;\n",
            "BEGIN;\nDELETE FROM a WHERE b;\nCOMMIT;\n",
            "WITH x AS (SELECT 1) SELECT * FROM x\n",
            "CREATE INDEX CONCURRENTLY i ON t (c);\n",
        ],
    );
    all_read_as(
        Class::Sql,
        "postgresql",
        &["SELECT pg_terminate_backend(1);\n", "SELECT * FROM pg_stat_activity;\n\\d jobs\n"],
    );
    all_read_as(Class::Sql, "mysql", &["SHOW FULL PROCESSLIST;\n"]);
    for text in [
        "Select the row from the list\n",
        "select the user from the menu;\n",
        "SELECT 1;\nsystemctl restart db\n",
        "set -e\ncd /srv\n",
        "Update the record and set the flag.\n",
    ] {
        assert_ne!(recognise(text).map(|reading| reading.class), Some(Class::Sql), "{text:?}");
    }
}

#[test]
fn programs_for_other_interpreters_are_told_apart() {
    all_read_as(
        Class::Script,
        "pwsh",
        &[
            "Get-Service -Name spooler | Restart-Service\n",
            "$env:MODE = 'prod'\npython -m tools.check\n",
            ".\\scripts\\push.ps1 -Env prod\n",
            "$items = Get-ChildItem C:\\logs\nforeach ($i in $items) {\n  Remove-Item $i\n}\n",
        ],
    );
    all_read_as(
        Class::Script,
        "python",
        &[
            "import os\nprint(os.getcwd())\n",
            "from app import db\n\ndef reset(run):\n    run.state = None\n    db.save(run)\n",
            "#!/usr/bin/env python3\nx = 1\n",
        ],
    );
    all_read_as(Class::Script, "mongosh", &["db.jobs.find({ state: 'stuck' })\n", "rs.status()\n"]);
    all_read_as(Class::Unknown, "javascript", &["queue.reclaimAll()\n"]);
}

#[test]
fn queries_of_metrics_and_logs_are_no_commands() {
    all_read_as(
        Class::Config,
        "promql",
        &[
            "rate(http_requests_total[5m])\n",
            "sum by (job) (rate(errors_total{code=~\"5..\"}[5m]))\n",
            "histogram_quantile(0.99,\n  sum by (le) (rate(latency_bucket[5m]))\n)\n",
            "up == 0\n",
            "node_load1{instance=\"a:9100\"} > 4\n",
        ],
    );
    all_read_as(
        Class::Config,
        "logql",
        &["{app=\"api\"} |= \"error\"\n", "count_over_time({app=\"api\"} [5m])\n"][..1],
    );
}

#[test]
fn the_content_of_files_is_known_by_its_form() {
    all_read_as(Class::Config, "json", &["{\"a\": 1}\n", "[1, 2]\n", "{\n  \"a\": 1,\n  ...\n}\n"]);
    all_read_as(
        Class::Config,
        "yaml",
        &[
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n",
            "spec:\n  replicas: 2\n",
            "on:\n  push:\n    branches: [main]\n",
        ],
    );
    all_read_as(Class::Config, "ini", &["[Unit]\nDescription=a\n\n[Service]\nExecStart=/bin/a b\n"]);
    all_read_as(Class::Config, "cron", &["0 */6 * * * /srv/app/clean.sh\n", "@daily rm -rf /tmp/x\n"]);
    all_read_as(Class::Config, "hcl", &["resource \"a\" \"b\" {\n  size = 2\n}\n"]);
    all_read_as(Class::Config, "dockerfile", &["FROM debian:12\nRUN apt-get update\nCMD [\"a\"]\n"]);
    all_read_as(Class::Config, "nginx", &["server {\n  listen 80;\n}\n"]);
    all_read_as(Class::Config, "http", &["GET /health HTTP/1.1\nHost: a\n", "POST /jobs/reset\n"]);
    all_read_as(Class::Config, "diff", &["--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"]);
    all_read_as(Class::Config, "xml", &["<a>\n  <b/>\n</a>\n"]);
    assert_eq!(read("LEVEL=debug\nPORT=80\n"), Some((Class::Config, "env", false)), "a shell may mean it too");
}

#[test]
fn outputs_are_known_by_their_form() {
    for text in [
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nValueError: x\n",
        "2024-05-01T10:00:00Z INFO started\n2024-05-01T10:00:01Z WARN slow\n",
        "ERROR: the queue is full\n",
        "10.0.0.1:5 a.example - [2024-05-01T10:00:00.1Z] \"GET / HTTP/2.0\" 200\n",
        "NAME    READY   STATUS\napi-1   1/1     Running\n",
        "+----+-------+\n| id | state |\n+----+-------+\n",
        " id | state\n----+-------\n  1 | stuck\n(1 row)\n",
        "curl: (7) Failed to connect to localhost port 80\n",
        "bash: foo: command not found\n",
        "usage: tool <command>\n\nFlags:\n  -h, --help   Show help.\n",
        "java.lang.IllegalStateException: x\n\tat com.a.B.c(B.java:10)\n",
    ] {
        assert_eq!(recognise(text).map(|reading| reading.class), Some(Class::Output), "{text:?}");
    }
}

#[test]
fn text_for_people_is_known() {
    all_read_as(
        Class::Prose,
        "text",
        &[
            "# First: see which check failed\nGo to the pull request → open the failed check\nRun the same check on your machine\n",
            "The service was restarted by the operator.\n",
            "app/\n├── main.py\n└── tests/\n",
            "https://example.com/dashboard\n",
        ],
    );
}

#[test]
fn what_cannot_be_told_is_not_told() {
    for text in ["", "\n", "foo\n", "> flushall\n", "Job.reclaim(3)\n"] {
        let reading = recognise(text).filter(|reading| reading.class != Class::Unknown);
        assert_eq!(reading, None, "{text:?}");
    }
    assert_eq!(recognise(&"ls -l\n".repeat(20_000)), None, "it is too long to look into");
    let long = "{\"level\": \"info\"}\n".repeat(20_000);
    assert_eq!(recognise(&long).map(|reading| reading.class), Some(Class::Output), "its beginning tells");
}

#[test]
fn what_nobody_types_is_only_shown() {
    for (text, class) in [
        ("Success! Data written to: object/a\n", Class::Output),
        ("3072 SHA256:abc= [a.example]:2022 (RSA)\n", Class::Output),
        ("(P) Prepare\n", Class::Prose),
        ("1. Browser cache\n2. Cache of the system (/etc/x)\n3. Resolver\n", Class::Prose),
        ("# Nothing to do yet\n", Class::Prose),
        ("^/api/(v1|v2)/sync$\n^/api/x$\n", Class::Config),
        ("UserID(int)\nName(varchar)\n", Class::Config),
    ] {
        let reading = recognise(text).unwrap_or_else(|| panic!("{text:?} reads as nothing"));
        assert_eq!((reading.class, reading.language, reading.certain), (class, "", false), "{text:?}");
    }
}

#[test]
fn what_may_be_a_command_is_only_likely_to_be_one() {
    for text in ["queuectl jobs list\n", "ansible-playbook site.yml [-l HOSTS]\n", "// Look first.\nmvn verify -Dx=y\n"]
    {
        assert_eq!(read(text), Some((Class::Shell, "bash", false)), "{text:?}");
    }
}

#[test]
fn parts_of_files_and_pages_are_known() {
    all_read_as(
        Class::Config,
        "json",
        &[
            "\"addons\": [\n  {\n    \"name\": \"a\"\n  }\n]\n",
            "{\n«Version»: «1\",\n“List”: [\n„a“\n]\n}\n",
            "{\n  \"a\": {\n    {{range .B}}\n    \"b\": 1\n    {{end}}\n  }\n}\n",
        ],
    );
    all_read_as(Class::Config, "hcl", &["{\n  level = \"high\"\n  url   = \"https://a\"\n}\n"]);
    all_read_as(Class::Config, "dockerfile", &["   FROM a/b:1\n   COPY x /x\n"]);
    all_read_as(Class::Config, "diff", &[" module \"a\" {\n-  version = \"1\"\n+  version = \"2\"\n"]);
    all_read_as(Class::Config, "promql", &["queue_depth_bytes\n", "max by (a) (\n  jobs_now < jobs_wanted\n)\n"]);
    all_read_as(Class::Prose, "markdown", &["## One\n\nText.\n\n## Two\n\n```yaml\na: 1\n"]);
    all_read_as(Class::Script, "ruby", &["jobs.each do |job|\n  puts \"#{job.id}\"\nend\n"]);
    all_read_as(
        Class::Prose,
        "text",
        &["@bot retry build\n", "ssh://git@a.example:22/b\n", "a{b=\"c\"}\n^      ^\nname   label\n"],
    );
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "(\\PC|\n|\t|\r|[$#>|&;(){}\\[\\]<'\"`=:-]|ls |the |SELECT |Get-X |0 ){0,60}") {
        let _ = recognise(&text);
    }
}

#[test]
fn a_capital_behind_a_hyphen_makes_no_cmdlet() {
    for text in [
        "Team-Handbook/\n├── docs/\n└── src/\n",
        "Region-Specific Challenges:\n1. Delivery\n2. Personalization\n",
        "# Headers\nHost: a.example\nUser-Agent: x/5.0\nAccept: text/plain\n",
        "Get-Thing [-Name <String>] [<CommonParameters>]\n",
    ] {
        assert_ne!(read(text).map(|(class, ..)| class), Some(Class::Script), "{text:?}");
    }
}

#[test]
fn what_a_database_answers_is_no_statement() {
    for text in ["CREATE TABLE\nINSERT 0 2\n", "CREATE TABLE\n\n\nTime: 102ms\n", "UPDATE 3\n"] {
        assert_eq!(read(text).map(|(class, ..)| class), Some(Class::Output), "{text:?}");
    }
    all_read_as(
        Class::Sql,
        "sql",
        &[
            "PAUSE JOB 27;\n",
            "SHOW JOBS;\n",
            "CREATE SCHEDULE a FOR BACKUP INTO 'x';\n",
            "ALTER VSCHEMA ON jobs ADD AUTO_INCREMENT id\n",
            "exec ops.dbo.reset @name='a'\n",
            "set statement_timeout to '1h';\n",
        ],
    );
}

#[test]
fn parts_of_files_are_known_from_their_middle() {
    all_read_as(
        Class::Config,
        "yaml",
        &[
            "LimitPerAddress:\n  burst: 20\n  period: 1s\n",
            "jobs:\n  scan:\n    uses: a/b@v1\n    with:\n      name: c\n",
            "- name: a\n  values:\n    ...SNIP...\n    arch: x\n",
        ],
    );
    all_read_as(
        Class::Config,
        "hcl",
        &[
            "tags = {\n  team  = \"a\"\n  level = \"b\"\n}\n",
            "emails = [\n  \"a@b.example\",\n  \"c@b.example\",\n]\n",
            "services {\n  id = \"a\"\n}\n",
        ],
    );
    all_read_as(
        Class::Config,
        "http",
        &["POST /jobs%2Freset\n{\"name\": \"a\"}\n", "GET _search\n{\n  \"query\": {}\n}\n"],
    );
    all_read_as(Class::Config, "diff", &["-tool --debug\n+tool --log-level debug\n"]);
    all_read_as(Class::Config, "json", &["{\n  \"a\": [\n    [\"b\", \"c\"],\n    ...\n  ]\n"]);
    all_read_as(Class::Config, "go-template", &["{% include \"a.html\" %}\n", "<%= partial 'a' %>\n"]);
    assert_eq!(read("<snip>\nstatus:\n  ready: true\n").map(|(_, language, _)| language), Some("yaml"));
    let text = "snippet: |\n  RuleEngine On\n  Level 4\nother: 1\n";
    assert_eq!(read(text), Some((Class::Config, "yaml", false)));
    assert_eq!(read("{\n    email {$EMAIL}\n}\n"), Some((Class::Config, "text", false)));
    all_read_as(Class::Prose, "markdown", &["!!! note \"Title\"\n\ttext\n", "**1.** Click.\n\n![](a.png)\n"]);
    let router = "interface Ethernet1/17\n  description Storage\n  switchport mode trunk\n";
    assert_eq!(read(router), Some((Class::Config, "text", false)));
}

#[test]
fn keys_help_and_narrow_tables_are_known_by_their_form() {
    all_read_as(
        Class::Config,
        "pem",
        &[
            "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n",
            "ssh-ed25519 AAAAC3Nz ops@a.example\nssh-rsa AAAAB3Nz\n",
        ],
    );
    all_read_as(
        Class::Output,
        "text",
        &[
            "Usage of queue-check:\n  -depth int\n    How deep it may be (default 3)\n",
            " x\n---\n 1\n",
            "mode: look, jobs: 2\n                command\n-----------------------\n VACUUM jobs;\n(1 row)\n",
        ],
    );
    all_read_as(Class::Output, "log", &["The call went well.\n1:55PM INF ready\n1:56PM INF sent id=0xad\n"]);
    assert_ne!(read("ssh -v a.example\n").map(|(_, language, _)| language), Some("pem"));
}

#[test]
fn words_among_lines_that_nobody_types_are_text() {
    for text in [
        "type: what was done (in a few words)\n\nA longer text if the change needs one.\n",
        "(P) Preparation\n1. Look for the jobs that are stuck\n2. Jobs/queues of a tenant\n3. Tell the team what is wrong\n",
    ] {
        let (class, language, is_certain) = read(text).unwrap_or_else(|| panic!("{text:?} reads as nothing"));
        assert!(class == Class::Prose && (is_certain || language.is_empty()), "{text:?}: {language}, {is_certain}");
    }
    // Where commands stand between, the page must say what is to be done.
    let text = "Look at the jobs that are stuck:\n\nkubectl get jobs\n\nThen delete the ones that are old.\n";
    assert_ne!(read(text).map(|(_, language, certain)| (language, certain)), Some(("", false)));
}

#[test]
fn arrows_from_one_to_the_next_are_a_drawing() {
    all_read_as(Class::Prose, "text", &["the client sends a job -> the queue -> the worker\n"]);
}

#[test]
fn settings_in_braces_and_what_may_be_left_out_are_no_commands() {
    for text in [
        ":80 {\n    root * /srv/www\n    file_server\n}\n",
        "@api host api.example\nhandle @api {\n    reverse_proxy a:80\n}\n",
        "fetch backup [NAME]\nfetch device [--addr ADDR]\nfetch version\n",
    ] {
        assert_eq!(read(text), Some((Class::Config, "text", false)), "{text:?}");
    }
    for text in ["check() {\n  mytool a\n}\n", "mytool list \\\n  {\n  }\n", "function check {\n  mytool a b\n}\n"] {
        assert_ne!(read(text).map(|(class, ..)| class), Some(Class::Config), "{text:?}");
    }
    let schema = "# The name.\nname: <string>\n\n# How often.\n[ interval: <duration> | default = 1m ]\n";
    assert_eq!(read(schema).map(|(_, language, _)| language), Some("yaml"));
}
