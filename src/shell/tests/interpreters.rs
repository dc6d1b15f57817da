//! Interpreters other than bash, and parsing without running.

use super::{Bench, bash};
use crate::effect::{Ending, Shell, ShellError, ShellRequest};

fn python(code: &str) -> ShellRequest {
    ShellRequest { interpreter: "python".to_owned(), ..bash(code) }
}

#[tokio::test]
async fn another_interpreter_finds_the_folder_and_the_exported_variables() {
    let mut bench = Bench::new();
    bench.run("mkdir 'a b'; cd 'a b'; export X=$'1\\n2'; declare -a Y=(3); unset HOME; set -u; umask 077").await;
    let mut request = ShellRequest { interpreter: "sh".to_owned(), ..bash("") };
    request.code = "echo \"${PWD##*/} $X ${Y-no} ${HOME-no} $RUNBOOK_SECRET_T $(umask)\"; cat; exit 3".to_owned();
    request.variables.push(("RUNBOOK_SECRET_T".to_owned(), "it's secret".to_owned()));
    let result = bench.request(&request).await;
    assert_eq!(bench.out(), "a b 1\n2 no no it's secret 0077\n", "{}", bench.err());
    assert_eq!((result.ending, result.state_kept), (Ending::Exit(3), true));
    assert_eq!(bench.run("echo ${PWD##*/}").await, "a b\n");
}

#[tokio::test]
async fn python_is_found_under_its_other_name() {
    let folder = tempfile::tempdir().unwrap();
    let script = "#!/bin/sh\necho \"$@\"\n";
    let path = folder.path().join("python3");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut bench = Bench::with(|environment| {
        environment.variables.push(("PATH".into(), format!("{}:/bin", folder.path().display()).into()));
    });
    if std::path::Path::new("/bin/python").exists() {
        return; // then that is the one
    }
    assert!(bench.runner.available("python"));
    bench.request(&python("")).await;
    assert!(bench.out().ends_with("/block-at-line-7.py\n"), "{}", bench.out());
}

#[tokio::test]
async fn what_is_not_there_is_missing() {
    let mut bench = Bench::with(|environment| environment.variables.push(("PATH".into(), "/nonexistent".into())));
    for interpreter in ["bash", "python", "cobol"] {
        assert!(!bench.runner.available(interpreter));
        let request = ShellRequest { interpreter: interpreter.to_owned(), ..bash("true") };
        let error = bench.runner.run(&request, &mut bench.seen, &mut bench.receiver).await.unwrap_err();
        assert!(matches!(error, ShellError::Missing(name) if name == interpreter));
    }
}

#[tokio::test]
async fn without_bash_another_interpreter_still_runs() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/bin/sh", folder.path().join("sh")).unwrap();
    let mut bench = Bench::with(|environment| environment.variables.push(("PATH".into(), folder.path().into())));
    bench.request(&ShellRequest { interpreter: "sh".to_owned(), ..bash("echo hi") }).await;
    assert_eq!(bench.out(), "hi\n");
}

#[tokio::test]
async fn a_block_is_parsed_and_nothing_of_it_is_run() {
    let mut bench = Bench::new();
    for (interpreter, code, line) in [
        ("bash", "touch ran\nif true; then\nfi", Some(3)),
        ("bash", "touch ran\necho 'open", Some(2)),
        ("bash", "touch ran\ncat <<EOF\n  EOF\n", Some(2)),
        ("bash", "touch ran; case a in +(a|b)) ;; esac; [[ -v x ]]", None),
        ("sh", "touch ran\nfi", Some(2)),
        ("perl", "(", None),
    ] {
        if !bench.runner.available(interpreter) {
            continue;
        }
        let error = bench.runner.check(interpreter, code).await.unwrap();
        assert_eq!(error.as_ref().map(|error| error.line), line, "{code}: {error:?}");
        if let Some(error) = error {
            assert!(!error.message.is_empty() && !error.message.contains('/'), "{}", error.message);
        }
    }
    assert!(!bench.path().join("ran").exists());
}

#[tokio::test]
async fn python_is_parsed_where_it_is_there() {
    let mut bench = Bench::new();
    if bench.runner.available("python") {
        let error = bench.runner.check("python", "open('ran', 'w')\nif True\n").await.unwrap().unwrap();
        assert_eq!(error.line, 2);
        assert!(bench.runner.check("python", "open('ran', 'w')").await.unwrap().is_none());
        assert!(!bench.path().join("ran").exists());
    }
}

#[test]
fn missing_commands_are_named() {
    let bench = Bench::new();
    let names = ["ls", "cd", "if", "no-such-command", "/bin/no-such", "/bin/ls"].map(str::to_owned);
    assert_eq!(bench.runner.missing(&names), ["no-such-command", "/bin/no-such"]);
}
