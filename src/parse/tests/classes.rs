use super::{only_block, sound};
use crate::runbook::{Block, Class};

#[test]
fn labels_tell_class_and_language_in_any_case() {
    let labels = [
        ("sh", Class::Shell, "bash"),
        ("Bash", Class::Shell, "bash"),
        ("SHELL", Class::Shell, "bash"),
        ("shellscript", Class::Shell, "bash"),
        ("azurecli", Class::Shell, "bash"),
        ("zsh", Class::Shell, "zsh"),
        ("fish", Class::Shell, "fish"),
        ("console", Class::Shell, "bash"),
        ("SQL", Class::Sql, "sql"),
        ("psql", Class::Sql, "postgresql"),
        ("postgresql", Class::Sql, "postgresql"),
        ("mysql", Class::Sql, "mysql"),
        ("sqlite3", Class::Sql, "sqlite"),
        ("PowerShell", Class::Script, "pwsh"),
        ("ps1", Class::Script, "pwsh"),
        ("py", Class::Script, "python"),
        ("js", Class::Script, "node"),
        ("rb", Class::Script, "ruby"),
        ("perl", Class::Script, "perl"),
        ("output", Class::Output, "output"),
        ("log", Class::Output, "log"),
        ("yml", Class::Config, "yaml"),
        ("json", Class::Config, "json"),
        ("Dockerfile", Class::Config, "dockerfile"),
        ("tf", Class::Config, "hcl"),
        ("text", Class::Prose, "text"),
        ("md", Class::Prose, "markdown"),
        ("promql", Class::Config, "promql"),
        ("kql", Class::Config, "query"),
        ("language-bash", Class::Shell, "bash"),
        ("lang-sh", Class::Shell, "bash"),
        ("{.bash}", Class::Shell, "bash"),
        ("bash {cmd=true}", Class::Shell, "bash"),
        ("bash,ignore", Class::Shell, "bash"),
        ("sh:deploy.sh", Class::Shell, "bash"),
        ("$ bash", Class::Shell, "bash"),
        ("\"bash\"", Class::Shell, "bash"),
        ("deploy.sh", Class::Shell, "bash"),
        ("docker-compose.yml", Class::Config, "yaml"),
        ("azurecli-interactive", Class::Shell, "bash"),
        ("Shell-Session", Class::Shell, "bash"),
        ("pycon", Class::Script, "python"),
        ("ps1con", Class::Script, "pwsh"),
        ("mongosh", Class::Script, "mongosh"),
        ("blurb", Class::Unknown, "blurb"),
        ("", Class::Unknown, ""),
    ];
    for (label, class, language) in labels {
        let block = only_block(&format!("```{label}\nx y\n```\n"));
        assert_eq!((block.class, block.language.as_str()), (class, language), "{label}");
        assert!(!block.why.is_empty(), "{label}");
        assert_eq!(block.run, block.code, "{label}");
    }
}

fn session(label: &str, code: &str) -> Block {
    only_block(&format!("```{label}\n{code}```\n"))
}

#[test]
fn prompts_are_taken_off_and_the_rest_is_expected() {
    // Label, code, what runs, what is expected.
    let sessions = [
        ("console", "$ ls -l\nfile\n$ pwd\n/srv\n", "ls -l\npwd\n", Some("file\n/srv\n")),
        ("bash", "$ ls\n", "ls\n", None),
        ("", "$ ls\na\n\nb\n", "ls\n", Some("a\n\nb\n")),
        ("sh", "# first\n$ a \\\n    b\n$ c |\n  d\nout\n", "# first\na \\\n    b\nc |\n  d\n", Some("out\n")),
        ("console", "$ cat <<EOF\n$ x\nEOF\n$ y\nout\n", "cat <<EOF\n$ x\nEOF\ny\n", Some("out\n")),
        ("console", "$ cat <<-'E F' > a\n\ttext\n\tE F\nout\n", "cat <<-'E F' > a\n\ttext\n\tE F\n", Some("out\n")),
        ("console", "$ echo 'a\nb'\na\nb\n", "echo 'a\nb'\n", Some("a\nb\n")),
        (
            "console",
            "$ for i in 1 2; do\n>   echo $i\n> done\n1\n2\n",
            "for i in 1 2; do\n  echo $i\ndone\n",
            Some("1\n2\n"),
        ),
        ("console", "$ case $x in\n> a) y;;\n> esac\nout\n", "case $x in\na) y;;\nesac\n", Some("out\n")),
        ("console", "me@host:~/x$ ls\nout\n", "ls\n", Some("out\n")),
        ("console", "[root@db1 ~]# ls\nout\n", "ls\n", Some("out\n")),
        ("console", "sh-5.1# ls\n", "ls\n", None),
        ("console", "(venv) me@host:~$ ls\n", "ls\n", None),
        ("console", "# apt update\n# apt upgrade\n", "apt update\napt upgrade\n", None),
        ("console", "$ echo it # don't\nit\n", "echo it # don't\n", Some("it\n")),
        ("console", "$ echo $((1 << 2))\n4\n", "echo $((1 << 2))\n", Some("4\n")),
        ("console", "  $ ls\n  out\n", "ls\n", Some("  out\n")),
    ];
    for (label, code, run, expects) in sessions {
        let block = session(label, code);
        assert_eq!(block.class, Class::Session, "{code:?}");
        assert_eq!(block.language, "bash", "{code:?}");
        assert_eq!((block.run.as_str(), block.expects.as_deref()), (run, expects), "{code:?}");
        assert_eq!(block.code, code);
    }
}

#[test]
fn what_only_looks_like_a_prompt_stays() {
    for (label, code) in [
        ("sh", "$HOME/bin/x\n"),
        ("bash", "echo a\n$ b\n"),
        ("bash", "# a comment\n# another\n"),
        ("sh", "cat <<EOF\n$ x\nEOF\n"),
        ("sh", "PRICE=1$ # x\nls $PRICE\n"),
        ("console", "ls\n# a comment\n"),
        ("sh", "git@host:x#y\n"),
    ] {
        let block = session(label, code);
        assert_eq!((block.class, block.run.as_str()), (Class::Shell, code), "{code:?}");
    }
    assert_eq!(session("python", "$ x\n").class, Class::Script);
}

#[test]
fn output_is_called_output_only_where_the_page_makes_it_plain() {
    let second = |page: &str| sound(page).blocks().last().expect(page).class;
    let command = "```sh\nls\n```\n";
    for (between, label, code, class) in [
        ("", "", "total 3\n", Class::Output),
        ("", "text", "total 3\n", Class::Output),
        ("", "", "$ ls\n", Class::Session),
        ("", "json", "{}\n", Class::Config),
        ("", "bash", "x\n", Class::Shell),
        ("Then, on the other host:\n\n", "", "total 3\n", Class::Unknown),
        ("Expected output:\n\n", "", "total 3\n", Class::Output),
        ("**Expected output:**\n\n", "", "total 3\n", Class::Output),
        ("Run it.\nYou should see:\n\n", "json", "{}\n", Class::Output),
        ("Output of the last command:\n\n", "", "x\n", Class::Output),
        ("will give:\n\n", "txt", "\"a%20b\"\n", Class::Output),
        ("Expected output:\n\n", "sh", "x\n", Class::Shell),
        ("Outputs are kept in the bucket:\n\n", "", "x\n", Class::Unknown),
        ("# New\n\n", "", "total 3\n", Class::Unknown),
    ] {
        let page = format!("# A\n\n{command}\n{between}```{label}\n{code}```\n");
        assert_eq!(second(&page), class, "{page}");
    }
    assert_eq!(second("# A\n\n```\nError: 500\n```\n"), Class::Unknown);
}

#[test]
fn output_is_what_the_command_before_it_should_print() {
    let runbook = sound("# A\n\n```sh\nls\n```\n\nExpected output:\n\n```\nfile\n```\n\n```\nmore\n```\n");
    let expects: Vec<Option<&str>> = runbook.blocks().map(|block| block.expects.as_deref()).collect();
    assert_eq!(expects, [Some("file\n"), None, None]);
    let in_list = sound("1. Look:\n   ```sh\n   ls\n   ```\n   Should show:\n   ```\n   file\n   ```\n");
    assert_eq!(in_list.blocks().next().and_then(|block| block.expects.as_deref()), Some("file\n"));
}
