//! What every block of a page is: label, content and prompts together.

use runbook::language::recognise;
use runbook::plan::{Disposition, Plan};
use runbook::runbook::{Block, Class};
use runbook::source::SourceFile;
use std::collections::HashSet;

/// The blocks of a page, each with what is done with it.
fn blocks(page: &str) -> Vec<(Block, Disposition)> {
    let plan = Plan::read(&SourceFile::new("page.md", page), HashSet::new());
    plan.runbook.blocks().map(|block| (block.clone(), plan.facts(block).default)).collect()
}

fn block(label: &str, code: &str) -> (Block, Disposition) {
    blocks(&format!("# A\n\n````{label}\n{code}````\n")).remove(0)
}

#[track_caller]
fn assert_is(label: &str, code: &str, class: Class, language: &str, default: Disposition) {
    let (block, found) = block(label, code);
    assert_eq!(
        (block.class, block.language.as_str(), found),
        (class, language, default),
        "{label} {code:?}: {}",
        block.why
    );
    assert_eq!(block.code, code, "the content is never changed");
}

#[test]
fn an_unlabelled_block_of_commands_is_run_and_says_why() {
    assert_is("", "systemctl status api\n", Class::Shell, "bash", Disposition::Run);
    assert!(block("", "systemctl status api\n").0.why.contains("reads as shell commands"));
    assert_is("", "Get-Service api\n", Class::Script, "pwsh", Disposition::Run);
    assert_is("", "SELECT 1 FROM jobs;\n", Class::Sql, "sql", Disposition::Run);
    assert_is("", "sometool frobnicate\n", Class::Shell, "bash", Disposition::Ask);
    assert_is("", "frobnicate\n", Class::Unknown, "", Disposition::Ask);
}

#[test]
fn an_unlabelled_block_that_is_no_command_is_only_shown() {
    assert_is("", "ERROR: queue is full\n", Class::Output, "log", Disposition::Skip);
    assert_is("", "{\"a\": 1}\n", Class::Config, "json", Disposition::Skip);
    assert_is("", "PORT=80\nLEVEL=debug\n", Class::Config, "env", Disposition::Skip);
    assert_is("", "app\n├── a\n└── b\n", Class::Prose, "text", Disposition::Skip);
}

#[test]
fn commands_in_the_fence_of_a_file_are_asked_about() {
    for label in ["yaml", "json", "ini", "text", "toml", "http", "python"] {
        assert_is(label, "git push origin main\n", Class::Shell, "bash", Disposition::Ask);
    }
    assert!(block("yaml", "git push\n").0.why.starts_with("labelled `yaml`, but it reads as shell commands"));
    // A template is one whatever it holds.
    assert_is("markdown", "git push\n", Class::Prose, "markdown", Disposition::Skip);
    assert_is("yaml", "steps:\n  - run: git push\n", Class::Config, "yaml", Disposition::Skip);
    assert_is("ini", "[Service]\nRestart=on-failure\n", Class::Config, "ini", Disposition::Skip);
}

#[test]
fn what_is_no_command_is_found_under_the_label_of_a_shell() {
    for label in ["bash", "sh", "shell", "console"] {
        let prose = "# Step 1\nGo to the pipeline and open the failed job\nRead what it says\n";
        assert_is(label, prose, Class::Prose, "text", Disposition::Skip);
        assert_is(label, "rate(errors_total[5m]) > 1\n", Class::Config, "promql", Disposition::Skip);
        assert_is(label, "apiVersion: v1\nkind: Pod\n", Class::Config, "yaml", Disposition::Skip);
        assert_is(label, "0 3 * * * /srv/backup.sh\n", Class::Config, "cron", Disposition::Skip);
        let log = "2024-05-01 10:00:00 INFO up\n2024-05-01 10:00:01 INFO ready\n";
        assert_is(label, log, Class::Output, "log", Disposition::Skip);
        assert_is(label, "import os\nprint(os.name)\n", Class::Script, "python", Disposition::Ask);
        assert_is(label, "Get-Service api | Restart-Service\n", Class::Script, "pwsh", Disposition::Ask);
        assert_is(label, "SELECT 1 FROM jobs;\n", Class::Sql, "sql", Disposition::Ask);
        assert_is(label, "queue.reclaimAll()\n", Class::Unknown, "javascript", Disposition::Ask);
    }
}

#[test]
fn a_shell_s_label_is_believed_wherever_the_content_does_not_speak_against_it() {
    for code in [
        "sometool frobnicate all\n",
        "ruff check .\n",
        "alert on call\n",
        "PORT=80\nsometool --port $PORT\n",
        "export PORT=80\n",
        "docker ps\nqueue.reclaimAll()\n",
        "SELECT=1 ./x\n",
        "curl -s http://a/health\n\nsomething else\n",
        "cat > /etc/x.yml <<EOF\na: 1\nb: 2\nEOF\n",
        "psql <<EOF\nSELECT 1;\nEOF\n",
        "kubectl get pods -o yaml | grep image:\n",
        "if broken; then\n",
        "import -window root x.png\n",
        "> /var/log/huge.log\n",
    ] {
        assert_is("bash", code, Class::Shell, "bash", Disposition::Run);
    }
}

#[test]
fn variables_that_nothing_reads_are_the_content_of_a_file() {
    for code in ["PORT=80\n", "# of the proxy\nHOSTS=\"a b\"\nPORT=80 # later\n"] {
        assert_is("bash", code, Class::Config, "env", Disposition::Skip);
    }
    for code in ["PATH=/opt/a:$PATH\n", "STAMP=$(date)\n", "PORT=80 ./x\n"] {
        assert_is("bash", code, Class::Shell, "bash", Disposition::Run);
    }
}

#[test]
fn output_below_its_commands_is_not_run() {
    let (block, default) = block("bash", "kubectl get pods\nNAME    READY   STATUS\napi-1   1/1     Running\n");
    assert_eq!((block.class, default), (Class::Session, Disposition::Run));
    assert_eq!(block.run, "kubectl get pods\n");
    assert_eq!(block.expects.as_deref(), Some("NAME    READY   STATUS\napi-1   1/1     Running\n"));
}

#[test]
fn an_arrow_before_a_command_never_becomes_a_redirection() {
    let (block, _) = block("", "> kubectl get pods\nNAME    READY   STATUS\napi-1   1/1     Running\n");
    assert_eq!((block.class, block.run.as_str()), (Class::Session, "kubectl get pods\n"));
}

#[test]
fn an_unknown_label_is_named_and_what_reads_as_commands_is_asked_about() {
    let (block, default) = block("blurb", "systemctl restart api\n");
    assert_eq!((block.class, default), (Class::Shell, Disposition::Ask));
    assert!(block.why.contains("`blurb`, which is no language this tool knows"), "{}", block.why);
}

#[test]
fn a_session_of_a_database_is_split_as_sql() {
    let page = "# A\n\n```\nmysql> DELETE FROM jobs;\nQuery OK\n```\n";
    let plan = Plan::read(&SourceFile::new("page.md", page), HashSet::new());
    let block = plan.runbook.blocks().next().expect("one block");
    let facts = plan.facts(block);
    assert_eq!(facts.effect, runbook::runbook::Effect::Destructive, "{:?}", facts.reasons);
    assert_eq!((facts.table.as_deref(), facts.interpreter.as_deref()), (Some("jobs"), None));
}

#[test]
fn a_session_of_another_interpreter_runs_in_it() {
    let interpreter = |code: &str| {
        let page = format!("# A\n\n```\n{code}```\n");
        let plan = Plan::read(&SourceFile::new("page.md", page.as_str()), HashSet::new());
        plan.facts(plan.runbook.blocks().next().expect("one block")).interpreter_name()
    };
    assert_eq!(interpreter(">>> 1 + 1\n2\n"), "python");
    assert_eq!(interpreter("PS C:\\> dir\n"), "pwsh");
    assert_eq!(interpreter("$ ls\n"), "bash");
}

#[test]
fn the_next_commands_directly_after_a_command_are_no_output() {
    let second = |code: &str| blocks(&format!("# A\n\n```sh\nls\n```\n\n```\n{code}```\n")).remove(1).0.class;
    assert_eq!(second("kubectl get pods\n"), Class::Shell);
    assert_eq!(second("total 3\n"), Class::Output);
    assert_eq!(second("{\"a\": 1}\n"), Class::Output);
    assert_eq!(second("[Unit]\nDescription=x\n"), Class::Config);
}

#[test]
fn what_a_page_announces_as_output_is_no_command_even_under_a_shell_s_label() {
    let last = |code: &str| {
        let page = format!("# A\n\n```sh\nls\n```\n\nExpected output:\n\n```bash\n{code}```\n");
        blocks(&page).pop().expect("two blocks").0
    };
    assert_eq!(last("NAME   READY\na      1/1\n").class, Class::Output);
    assert_eq!(last("{\"status\": \"ok\"}\n").class, Class::Output);
    assert_eq!(last("systemctl status api\n").class, Class::Shell);
}

#[test]
fn recognition_takes_linear_time_on_one_long_line() {
    // Fails by never ending where it is not.
    for piece in ["a ", "$(", "'\\", "{\"a\":", "<x", "| ", "-- ", "[[ "] {
        let _ = recognise(&piece.repeat(60_000 / piece.len()));
    }
}

/// What the block is that stands under `words` and no label.
fn under(words: &str, code: &str) -> (Class, Disposition) {
    let (block, default) = blocks(&format!("# A\n\n{words}\n\n```\n{code}```\n")).remove(0);
    (block.class, default)
}

#[test]
fn what_may_be_a_command_is_asked_about_unless_the_page_says_what_it_is() {
    let code = "port 6479\nlogfile /var/log/x.log\n";
    assert_eq!(under("Look:", code), (Class::Shell, Disposition::Ask));
    assert_eq!(under("Add to the configuration:", code), (Class::Config, Disposition::Skip));
    assert_eq!(under("The log then shows:", code), (Class::Output, Disposition::Skip));
    // What reads as a command is one, whatever is spoken of.
    assert_eq!(under("Look for errors in the log:", "kubectl logs a\n"), (Class::Shell, Disposition::Run));
    assert_eq!(under("The output shows nothing:", "$ ls\n").0, Class::Session);
}

#[test]
fn what_nobody_types_is_shown_unless_the_page_asks_for_a_command() {
    let code = "^/api/(v1|v2)/sync$\n";
    assert_eq!(under("The addresses are:", code), (Class::Config, Disposition::Skip));
    // A command begins with the name of a program.
    assert_eq!(under("Run the following:", code), (Class::Config, Disposition::Skip));
    for code in ["limit >= jobs_per_hour * 4\n", "-----BEGIN PUBLIC KEY-----\nTUZrdw==\n-----END PUBLIC KEY-----\n"] {
        assert_eq!(under("Run the following:", code).1, Disposition::Skip, "{code:?}");
    }
    let typed = "fetch jobs/a.v3\n\ncounts:\n  done: 0.9\n  lost: 3\n";
    assert_eq!(under("Run the following:", typed), (Class::Unknown, Disposition::Ask));
    // Under a shell's label it is what the label says.
    assert_is("bash", code, Class::Shell, "bash", Disposition::Run);
}

#[test]
fn statements_after_arrows_are_taken_off_and_their_answers_are_expected() {
    let code = "> CREATE TABLE a (\n    b INT\n  );\n> SELECT *\n-> FROM a;\n  b\n-----\n(0 rows)\n";
    for label in ["sql", ""] {
        let (block, _) = block(label, code);
        assert_eq!((block.class, block.language.as_str()), (Class::Session, "sql"), "{label}: {}", block.why);
        assert_eq!(block.run, "CREATE TABLE a (\n    b INT\n  );\nSELECT *\nFROM a;\n", "{label}");
        assert_eq!(block.expects.as_deref(), Some("  b\n-----\n(0 rows)\n"), "{label}");
    }
    // Other consoles have arrows as well.
    assert_eq!(block("", "> flushall\n").0.class, Class::Unknown);
}

#[test]
fn answers_below_statements_are_never_sent_to_the_database() {
    let code = "SELECT count() FROM a;\n┌─count()─┐\n│       1 │\n└─────────┘\n1 row in set.\n";
    for label in ["sql", ""] {
        let (block, default) = block(label, code);
        assert_eq!((block.class, default), (Class::Session, Disposition::Run), "{label}: {}", block.why);
        assert_eq!(block.run, "SELECT count() FROM a;\n", "{label}");
    }
}

#[test]
fn an_arrow_above_a_table_is_a_prompt_in_a_shell_too() {
    let (block, _) = block("bash", "> kubectl get pods\nNAME    READY\na-1     1/1\n");
    assert_eq!((block.class, block.run.as_str()), (Class::Session, "kubectl get pods\n"));
}

#[test]
fn a_part_of_a_page_is_none_of_the_commands_in_it() {
    let code = "To remove it, run this:\n\n!!! example\n    ```\n    $ rm -r /srv/a\n    ```\n";
    assert_is("", code, Class::Prose, "markdown", Disposition::Skip);
}

#[test]
fn other_signs_before_commands_are_prompts_too() {
    for (label, code, run) in [
        ("bash", "$> ls -l\nfile\n", "ls -l\n"),
        ("", "# Look.\n-> kubectl get pods\nNAME  READY\n", "# Look.\nkubectl get pods\n"),
        (
            "",
            "bash# systemctl status a\nweb/3:~$ curl -i http://b\nHTTP/1.1 500\n",
            "systemctl status a\ncurl -i http://b\n",
        ),
    ] {
        let (block, _) = block(label, code);
        assert_eq!((block.class, block.run.as_str()), (Class::Session, run), "{code:?}: {}", block.why);
    }
}

#[test]
fn the_first_line_of_a_block_may_name_its_language() {
    let (block, default) = block("", ":::console\nroot@host # yum install tool\n");
    assert_eq!((block.class, block.run.as_str(), default), (Class::Session, "yum install tool\n", Disposition::Run));
    let (block, _) = self::block("", ":::bash\nsystemctl status api\n");
    assert_eq!((block.class, block.run.as_str()), (Class::Shell, "systemctl status api\n"));
    assert_is("", ":::file\nset EnableHttp = 1\n", Class::Config, "file", Disposition::Skip);
}

#[test]
fn parts_of_a_page_s_layout_are_shown_and_a_directive_names_the_language_of_its_code() {
    let tabs = ":sync: a\n```bash\n$ terraform output\n```\n";
    assert_is("{tab-set}", tabs, Class::Prose, "markdown", Disposition::Skip);
    assert_is("{warning}", "This is not done on weekends.\n", Class::Prose, "text", Disposition::Skip);
    assert_is("{code-block} bash", "systemctl status api\n", Class::Shell, "bash", Disposition::Run);
    assert_is("file", "set xrdr = a\n", Class::Config, "file", Disposition::Skip);
}

#[test]
fn what_is_announced_in_a_clause_or_in_a_terminal_s_fence_is_output() {
    let announced = |words: &str, label: &str, code: &str| {
        blocks(&format!("# A\n\n{words}\n\n```{label}\n{code}```\n")).remove(0).0.class
    };
    let table = "$ 86131 5167860 ACCEPT tcp -- * * 10.0.0.0/8\n";
    assert_eq!(announced("Should show something like:", "console", table), Class::Output);
    assert_eq!(announced("This will return output similar to:", "console", "PostgreSQL 16.x ...\n"), Class::Output);
    assert_eq!(announced("The expected output is:", "json", "{\"status\": \"ok\"}\n"), Class::Output);
    assert_eq!(announced("If all is well, you should see:", "", "ready 3\n"), Class::Output);
    // What is typed stays what it is.
    assert_eq!(announced("The expected output is:", "console", "$ ls\n"), Class::Session);
    assert_eq!(announced("If not, the output of this command tells:", "", "ls -l\n"), Class::Shell);
}

#[test]
fn messages_below_a_command_are_not_run() {
    let (block, _) = block("sh", "aws s3 cp a.tgz s3://b\nupload: ./a.tgz to s3://b/a.tgz\n");
    assert_eq!((block.class, block.run.as_str()), (Class::Session, "aws s3 cp a.tgz s3://b\n"));
    assert_eq!(block.expects.as_deref(), Some("upload: ./a.tgz to s3://b/a.tgz\n"));
    let (block, _) = self::block("sh", "cat a.pem\n-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n");
    assert_eq!((block.class, block.run.as_str()), (Class::Session, "cat a.pem\n"));
}

#[test]
fn options_alone_are_no_command_even_under_a_shell_s_label() {
    for label in ["bash", ""] {
        assert_is(label, "--only-now --servers=a:53,b:53\n", Class::Config, "options", Disposition::Skip);
    }
    assert_is("bash", "mytool --only-now\n", Class::Shell, "bash", Disposition::Run);
}

#[test]
fn commands_each_above_what_it_prints_are_run_without_it() {
    let code = "cat /proc/1/status | grep Threads\nThreads: 103\n\nps -AF | wc -l\n103\n";
    assert_is("bash", code, Class::Session, "bash", Disposition::Run);
    assert_eq!(block("bash", code).0.run, "cat /proc/1/status | grep Threads\nps -AF | wc -l\n");
}

#[test]
fn a_folder_above_its_tree_is_no_program_to_run() {
    for root in ["~/.tool/{network}/keys", "/srv/app", "./app", "bin/"] {
        let (block, default) = block("", &format!("{root}\n├── a\n│   └── b.json\n└── c.db\n"));
        assert_eq!((block.class, default), (Class::Prose, Disposition::Skip), "{root}: {}", block.why);
    }
}

#[test]
fn settings_of_a_debugger_are_none_of_a_shell() {
    let (block, default) = block("", "set auto-load safe-path /tmp/root\nset sysroot /tmp/root\n");
    assert_ne!((block.class, default), (Class::Shell, Disposition::Run), "{}", block.why);
    assert_is("", "set -euo pipefail\nls -l\n", Class::Shell, "bash", Disposition::Run);
}

#[test]
fn a_line_of_settings_in_the_fence_of_their_file_is_no_command() {
    let code = "ExecStartPost=/usr/bin/etcdctl set /a/b:80 running\n";
    assert_is("ini", code, Class::Config, "ini", Disposition::Skip);
}

#[test]
fn a_command_that_nobody_knows_is_asked_about_in_the_fence_of_a_file_without_the_form_of_one() {
    assert_is("yaml", "  tool config >> tool.yaml\n", Class::Shell, "bash", Disposition::Ask);
    assert_is("yaml", "name: tool\n", Class::Config, "yaml", Disposition::Skip);
}

#[test]
fn commands_behind_marks_of_comments_alone_are_asked_about() {
    assert_is("sh", "# certbot renew --force-renewal\n", Class::Session, "bash", Disposition::Ask);
    assert_is("sh", "# Renew the certificate\n", Class::Shell, "bash", Disposition::Skip);
}

#[test]
fn the_help_of_a_program_is_only_shown() {
    let help = "sort_jobs [-h] [-c] [--range]\n\noptional arguments:\n-c, --count\n--range\n";
    assert_is("", help, Class::Output, "text", Disposition::Skip);
    assert_is("", "options:\n  - a: b\n", Class::Config, "yaml", Disposition::Skip);
}

#[test]
fn a_sign_that_somebody_chose_for_the_prompt_is_taken_off() {
    let (block, default) = block("", "⛰  tool --profile=9736\nstarted\n⛰  curl http://localhost:9736 > /tmp/profile\n");
    assert_eq!((block.class, default), (Class::Session, Disposition::Run), "{}", block.why);
    assert_eq!(block.run, "tool --profile=9736\ncurl http://localhost:9736 > /tmp/profile\n");
    for code in ["✓ git push\n", "• git push\n", "→ git push\n", "⛰ high\n", "⛰git push\n"] {
        assert_ne!(self::block("", code).0.class, Class::Session, "{code}");
    }
}

#[test]
fn a_program_that_stands_in_a_file_is_not_run_by_itself() {
    let second = |words: &str, label: &str| {
        let page = format!("# A\n\n{words}\n\n```{label}\nimport sys\nfrom a import b\n```\n");
        let (block, default) = blocks(&page).remove(0);
        (block.class, default)
    };
    for words in ["The first lines of `a.py` must look like this:", "Create a script that:", "Add to the file:"] {
        assert_eq!(second(words, ""), (Class::Script, Disposition::Ask), "{words}");
        assert_eq!(second(words, "python"), (Class::Script, Disposition::Ask), "{words}");
    }
    assert_eq!(second("Then run:", "python"), (Class::Script, Disposition::Run));
}
