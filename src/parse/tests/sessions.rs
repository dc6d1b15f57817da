//! Prompts of every console.

use super::read_with;
use crate::runbook::{Block, Class, Reading};

/// Takes for commands what begins with one of a few names, and for text what
/// ends in a full stop.
fn recognise(text: &str) -> Option<Reading> {
    let first = text.split_whitespace().next().unwrap_or_default();
    if text.trim_end().ends_with('.') {
        return Some(Reading::certain(Class::Prose, "text", "text for people"));
    }
    matches!(first, "systemctl" | "ps" | "apt" | "mysql" | "npm")
        .then(|| Reading::certain(Class::Shell, "bash", "shell commands"))
}

fn block(label: &str, code: &str) -> Block {
    let parsed = read_with(&format!("````{label}\n{code}````\n"), &recognise);
    parsed.runbook.blocks().next().expect("one block").clone()
}

#[test]
fn every_console_has_its_prompts_its_continuations_and_its_language() {
    // Label, code, language, what runs, what is expected.
    let sessions = [
        (
            "",
            "postgres=# SELECT 1\npostgres-# FROM t;\n ?column?\n",
            "postgresql",
            "SELECT 1\nFROM t;\n",
            Some(" ?column?\n"),
        ),
        ("psql", "app=> \\d jobs\nTable\napp=> \\q\n", "postgresql", "\\d jobs\n", Some("Table\n")),
        ("sql", "db=*# COMMIT;\nCOMMIT\n", "postgresql", "COMMIT;\n", Some("COMMIT\n")),
        (
            "",
            "db=> DELETE FROM a\n  WHERE b;\nDELETE 1\n",
            "postgresql",
            "DELETE FROM a\n  WHERE b;\n",
            Some("DELETE 1\n"),
        ),
        (
            "sql",
            "mysql> SHOW SLAVE STATUS\\G\n*** 1. row ***\n",
            "mysql",
            "SHOW SLAVE STATUS;\n",
            Some("*** 1. row ***\n"),
        ),
        ("", "MariaDB [(none)]> SELECT 1\n    -> FROM t;\n+---+\n", "mysql", "SELECT 1\nFROM t;\n", Some("+---+\n")),
        ("mysql", "mysql> show databases\nmysql> use x\nmysql> exit\n", "mysql", "show databases;\nuse x;\n", None),
        ("", "sqlite> .tables\na\nsqlite> SELECT\n   ...> 1;\n1\n", "sqlite", ".tables\nSELECT\n1;\n", Some("a\n1\n")),
        (
            "python",
            ">>> for x in y:\n...     print(x)\n...\n1\n",
            "python",
            "for x in y:\n    print(x)\n\n",
            Some("1\n"),
        ),
        ("", "PS C:\\Users\\me> Get-Item `\n  x\nout\n", "pwsh", "Get-Item `\n  x\n", Some("out\n")),
        ("powershell", "PS> dir\nPS> cd x\n", "pwsh", "dir\ncd x\n", None),
        ("", "C:\\>dir /w\nx\n", "cmd", "dir /w\n", Some("x\n")),
        ("", "irb(main):001:0> x = 1\n=> 1\n", "ruby", "x = 1\n", Some("=> 1\n")),
        ("redis", "127.0.0.1:6379> GET a\n\"b\"\n", "redis-cli", "GET a\n", Some("\"b\"\n")),
        ("", "redis> PING\nPONG\n", "redis-cli", "PING\n", Some("PONG\n")),
        ("", "rs0:PRIMARY> rs.status()\n{}\n", "mongosh", "rs.status()\n", Some("{}\n")),
        ("", "host1:/srv # systemctl status x\nactive\n", "bash", "systemctl status x\n", Some("active\n")),
        ("text", "$ apt list\nout\n", "bash", "apt list\n", Some("out\n")),
    ];
    for (label, code, language, run, expects) in sessions {
        let block = block(label, code);
        assert_eq!((block.class, block.language.as_str()), (Class::Session, language), "{code:?}: {}", block.why);
        assert_eq!((block.run.as_str(), block.expects.as_deref()), (run, expects), "{code:?}");
        assert_eq!(block.code, code);
    }
}

#[test]
fn a_session_of_a_database_is_sql_and_one_of_a_shell_is_not() {
    assert!(block("", "postgres=# SELECT 1;\n").is_sql());
    assert!(block("", "mysql> SELECT 1;\n").is_sql());
    assert!(block("", "$ ls\n").is_shell());
    let redis = block("", "redis> PING\n");
    assert!(!redis.is_sql() && !redis.is_shell());
}

#[test]
fn the_prompts_of_a_second_console_are_not_run_by_the_first() {
    let block = block("bash", "$ mysql -u root\nmysql> DROP TABLE a;\nQuery OK\n$ ps\n");
    assert_eq!(block.run, "mysql -u root\nps\n");
    assert_eq!(block.expects.as_deref(), Some("mysql> DROP TABLE a;\nQuery OK\n"));
    assert!(block.doubtful && block.why.contains("MySQL"), "{}", block.why);
}

#[test]
fn root_s_prompt_is_told_from_a_comment() {
    // Label, code, what runs.
    let prompted = [
        ("", "# systemctl status x\nactive\n", "systemctl status x\n"),
        ("bash", "# ps aux\nroot 1\n# systemctl stop x\n", "ps aux\nsystemctl stop x\n"),
        ("", "# Look at it.\n# ps aux\nroot 1\n", "# Look at it.\nps aux\n"),
        ("console", "# ps --all\nout\n", "ps --all\n"),
        ("console", "# mytool\n", "mytool\n"),
    ];
    for (label, code, run) in prompted {
        let block = block(label, code);
        assert_eq!((block.class, block.run.as_str()), (Class::Session, run), "{code:?}");
    }
    let comments = [
        ("bash", "# systemctl stop x\n# Not yet.\n"),
        ("bash", "# ps aux\nsystemctl stop x\n"),
        ("", "# ps aux\nps aux\nout\n"),
        ("bash", "# unknown words\nmytool\n"),
    ];
    for (label, code) in comments {
        let block = block(label, code);
        assert_eq!((block.class == Class::Session, block.run.as_str()), (false, code), "{code:?}");
    }
}

#[test]
fn an_arrow_is_a_prompt_only_before_commands_and_never_in_a_program() {
    assert_eq!(block("", "> npm ci\nadded 3\n").run, "npm ci\n");
    assert_eq!(block("bash", "> npm\n").class, Class::Shell);
    assert_eq!(block("", "> some words\n").class, Class::Unknown);
    assert_eq!(block("", "> npm ci\n> some words\n").class, Class::Unknown);
}

#[test]
fn what_only_looks_like_another_console_s_prompt_stays() {
    for (label, code, class) in [
        ("ruby", "key=> value\n", Class::Script),
        ("", "key=> value\n", Class::Unknown),
        ("", "a-> b\n", Class::Unknown),
        ("yaml", "$ ls\n", Class::Config),
        ("perl", "$ x\n", Class::Script),
        ("bash", "cat <<EOF\nmysql> x\nEOF\n", Class::Shell),
    ] {
        assert_eq!((block(label, code).class, block(label, code).run.as_str()), (class, code), "{code:?}");
    }
}

#[test]
fn a_block_of_nothing_but_commands_behind_marks_is_asked_about_and_never_nothing_to_do() {
    for code in ["# npm install x\n", "# apt update -y\n\n# systemctl restart db\n"] {
        let block = block("sh", code);
        assert_eq!((block.class, block.doubtful), (Class::Session, true), "{code}");
        assert!(!block.run.contains('#') && block.why.contains("commented out"), "{block:?}");
    }
    for code in ["# npm\n", "# All of it\n# npm install x\n", "# ps a\nps b\n", "#ps a\n", "\n"] {
        assert_eq!(block("sh", code).class, Class::Shell, "{code}");
    }
    assert_eq!(block("python", "# npm install x\n").class, Class::Script);
}
