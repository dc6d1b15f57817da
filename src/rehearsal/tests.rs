use super::*;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

/// A runbook's folder with these files.
fn beside(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn described(commands: &[(&str, &str)], connections: &[(&str, &str)]) -> runbook::Rehearsal {
    let database = |file: &str| runbook::RehearsalDatabase { sqlite: Some(file.to_owned()), postgres: None };
    runbook::Rehearsal {
        commands: commands.iter().map(|(name, file)| ((*name).to_owned(), (*file).to_owned())).collect(),
        connections: connections.iter().map(|(name, file)| ((*name).to_owned(), database(file))).collect(),
    }
}

fn prepare(folder: &TempDir, described: &runbook::Rehearsal) -> Result<Rehearsal, RehearsalError> {
    Rehearsal::prepare(folder.path(), described, Path::new("/bin/echo"))
}

fn empty() -> Rehearsal {
    prepare(&beside(&[]), &described(&[], &[])).unwrap()
}

/// Runs a block's text; gives its exit code, its output, and its errors.
fn run(rehearsal: &Rehearsal, code: &str) -> (i32, String, String) {
    let mut bash = Command::new(&rehearsal.bash);
    bash.args(["--norc", "--noprofile", "-c", code]).env_clear().envs(rehearsal.environment());
    let output = bash.current_dir(rehearsal.dir()).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_stand_in_takes_the_place_of_a_command() {
    let folder = beside(&[("r.sh", "#!/usr/bin/env bash\necho \"railway $1\""), ("d.sh", "echo \"${BASH##*/} $1\"")]);
    let rehearsal = prepare(&folder, &described(&[("railway", "r.sh"), ("docker", "d.sh")], &[])).unwrap();
    assert_eq!(run(&rehearsal, "railway logs; docker ps").1, "railway logs\nbash ps\n");
    // Wherever it is called from.
    assert_eq!(run(&rehearsal, "echo ps | xargs docker; bash -c 'railway up'").1, "bash ps\nrailway up\n");
}

#[test]
fn a_stand_in_may_be_in_another_language_than_blocks_may_use() {
    let folder = beside(&[("p.pl", "#!/usr/bin/env perl\nprint \"perl\\n\";")]);
    if tools::find("perl").is_some() {
        let rehearsal = prepare(&folder, &described(&[("psql", "p.pl")], &[])).unwrap();
        assert_eq!(run(&rehearsal, "psql").1, "perl\n");
        assert_eq!(run(&rehearsal, "perl -e 1").0, 127);
    }
}

#[test]
fn a_stand_in_may_take_the_place_of_a_tool_and_of_kill() {
    let folder = beside(&[("s.sh", "echo stand-in")]);
    let rehearsal = prepare(&folder, &described(&[("df", "s.sh"), ("rm", "s.sh"), ("kill", "s.sh")], &[])).unwrap();
    assert_eq!(run(&rehearsal, "df; rm -rf /; kill -9 1").1, "stand-in\n".repeat(3));
}

#[test]
fn any_other_command_is_refused_by_name() {
    let rehearsal = empty();
    let (code, _, said) = run(&rehearsal, "kubectl get pods");
    let wanted = "rehearsal: `kubectl` is not rehearsed; give it a stand-in under rehearsal.commands\n";
    assert_eq!((code, said.as_str()), (127, wanted));
    for command in ["kill 1", "ssh host", "curl x", "sqlite3 x", "python3 -c 1", "sudo ls", "bash -c 'ssh host'"] {
        assert_eq!(run(&rehearsal, command).0, 127, "{command}");
    }
}

#[test]
fn no_block_can_change_where_commands_are_looked_for() {
    let rehearsal = empty();
    for change in ["PATH=/usr/bin:/bin", "export PATH=$PATH:/usr/bin:/bin", "unset PATH"] {
        let (_, out, said) =
            run(&rehearsal, &format!("eval '{change}'; id -un >/dev/null; perl -e 'print 1'; echo $?"));
        assert!(out != "1" && said.contains("readonly"), "{change}: {out} {said}");
    }
}

#[test]
fn the_harmless_tools_work() {
    let rehearsal = empty();
    let code = "mkdir d; echo 'b a' | tr ' ' '\\n' | sort | tee d/f; sed -i s/a/c/ d/f; head -1 d/f; cp d/f g; rm -r d
                find . -name g -exec rm {} \\;; ls; touch ~/x \"$TMPDIR/y\" \"$RUNBOOK_REHEARSAL_DIR/z\"; mktemp >/dev/null
                date -u -d @0 +%Y; date -Iseconds >/dev/null && awk 'BEGIN { print 1 + 1 }'; chmod 600 ~/x && echo ok";
    let (_, out, said) = run(&rehearsal, code);
    assert_eq!((out.as_str(), said.as_str()), ("a\nb\nc\n1970\n2\nok\n", ""));
}

#[test]
fn tools_that_change_files_do_so_in_the_rehearsal_alone() {
    let outside = beside(&[("keep", "kept")]);
    let rehearsal = empty();
    let file = outside.path().join("keep");
    let path = file.display();
    for command in [
        format!("rm -f {path}"),
        format!("rm -f -- {path}"),
        format!("mv {path} ."),
        format!("cp -f /dev/null {path}"),
        format!("cp --target-directory={} /dev/null", outside.path().display()),
        format!("touch a; cp -t{} a", outside.path().display()),
        format!("sed -i s/kept/x/ {path}"),
        format!("sed -n -i.b -e s/kept/x/ {path}"),
        format!("sed -ni p {path}"),
        format!("ln -s {} l; rm l/keep", outside.path().display()),
        format!("cd {}; rm keep", outside.path().display()),
        format!("cd {}; rm -r .", outside.path().display()),
        format!("echo x | tee {path}"),
        format!("truncate -s 0 {path}"),
        format!("find {} -type f -delete", outside.path().display()),
        format!("find {} -type f -exec rm {{}} \\;", outside.path().display()),
        format!("find {} -type f -exec /bin/rm {{}} \\;", outside.path().display()),
        format!("echo {path} | xargs rm"),
        "rm -rf \"$RUNBOOK_REHEARSAL_DIR/../bin\"".to_owned(),
        "date -s 2001-01-01".to_owned(),
        "date -us 2001-01-01".to_owned(),
        "date --set 2001-01-01".to_owned(),
    ] {
        let (_, _, said) = run(&rehearsal, &command);
        assert!(said.starts_with("rehearsal: "), "{command}: {said}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "kept", "{command}");
    }
    assert!(rehearsal.folder.path().join("bin/ls").exists());
}

#[test]
fn what_would_be_refused_or_real_is_told_beforehand() {
    let folder = beside(&[("s.sh", "")]);
    let rehearsal = prepare(&folder, &described(&[("railway", "s.sh")], &[])).unwrap();
    let names = ["railway", "cd", "if", "grep", "psql", "/usr/bin/psql", "/bin/ls", "./x", "../x", "kill", "$cmd"];
    let unrehearsed = rehearsal.unrehearsed(&names.map(str::to_owned));
    assert_eq!(unrehearsed, ["psql", "kill", "/usr/bin/psql", "/bin/ls", "../x"]);
}

#[test]
fn the_environment_holds_nothing_of_the_engines_but_terminal_and_language() {
    let rehearsal = empty();
    let (_, out, _) = run(&rehearsal, "printenv | cut -d= -f1 | sort | grep -v '^LC_'");
    let allowed = ["PATH", "HOME", "TMPDIR", "BASH_ENV", "TERM", "LANG", "TZ", "PWD", "SHLVL", "_"];
    for name in out.lines() {
        assert!(allowed.contains(&name) || name.starts_with("RUNBOOK_REHEARSAL"), "{name}");
    }
}

#[test]
fn a_stand_in_reaches_the_database_of_a_connection_through_the_engine() {
    let folder = beside(&[("seed.sql", "create table t (x);")]);
    let rehearsal = prepare(&folder, &described(&[], &[("ops-db", "seed.sql")])).unwrap();
    let (_, database) = rehearsal.databases().next().unwrap();
    assert_eq!((database.sql.as_str(), database.kind), ("create table t (x);", DatabaseKind::Sqlite));
    let file = &database.file;
    // The engine is `echo` here.
    let (_, out, _) = run(&rehearsal, "rehearsal-sql ops-db 'select 1'; echo $RUNBOOK_REHEARSAL_DB_OPS_DB");
    assert_eq!(out, format!("rehearsal-sql {0} select 1\n{0}\n", file.display()));
    let (code, _, said) = run(&rehearsal, "rehearsal-sql other 'select 1'");
    assert_eq!((code, said.as_str()), (2, "rehearsal-sql: `other` is not among rehearsal.connections\n"));
}

#[test]
fn the_folder_is_private_and_goes_with_the_rehearsal() {
    let rehearsal = empty();
    let root = rehearsal.folder.path().to_owned();
    assert_eq!(fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o700);
    run(&rehearsal, "mkdir -p a/b; echo x >a/b/c");
    drop(rehearsal);
    assert!(!root.exists());
}

#[test]
fn what_is_wrong_is_said_with_the_mend() {
    let folder = beside(&[("x", "#!/opt/no/such-interpreter\n")]);
    for (commands, connections, words) in [
        (vec![("railway", "no.sh")], vec![], vec!["`railway`", "no.sh", "rehearsal.commands.railway"]),
        (vec![("railway", "x")], vec![], vec!["`railway`", "such-interpreter", "install it"]),
        (vec![("cd", "x")], vec![], vec!["`cd`", "part of the shell"]),
        (vec![("a/b", "x")], vec![], vec!["`a/b`", "without a folder"]),
        (vec![], vec![("ops", "no.sql")], vec!["`ops`", "no.sql", "rehearsal.connections.ops.sqlite"]),
    ] {
        let said = prepare(&folder, &described(&commands, &connections)).unwrap_err().to_string();
        for word in words {
            assert!(said.contains(word), "{word} in {said}");
        }
    }
}
