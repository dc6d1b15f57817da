//! Lines that run inside what an earlier line opens.

use super::*;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

fn run_of(code: &str) -> String {
    enter(code, &[]).expect("clear").map_or_else(|| code.to_owned(), |entered| entered.run)
}

/// What comes of an opener followed by one line and by one outside.
fn opened(opener: &str) -> String {
    run_of(&format!("{opener}\nid\nexit\nls\n"))
}

#[test]
fn the_lines_after_an_opener_are_given_to_it_up_to_its_exit() {
    assert_eq!(
        run_of("# go\nssh runner  # now\ncd /srv\n\nsudo -u app bash\ngit status\nexit  # from app\nreboot\n"),
        "# go\nssh runner \"$(cat <<'INSIDE'\ncd /srv\n\nsudo -u app bash -c \"$(cat <<'INSIDE_2'\ngit status\n\
         INSIDE_2\n)\"  # exit  # from app\nreboot\nINSIDE\n)\"\n"
    );
}

#[test]
fn variables_read_inside_are_those_of_the_other_shell() {
    for (code, unset, sets) in [
        ("ssh web\nA=1\necho $A $B\nexit", vec![], vec![]),
        ("ssh web\nA=1\nexit\necho $A", vec!["A"], vec![]),
        ("B=1\nsudo -u app bash\necho $A\nexit\necho $A $B", vec!["A"], vec!["B"]),
        ("ssh $HOST_NAME\necho $A", vec!["HOST_NAME"], vec![]),
        ("docker exec -it $C sh\nbash\necho $A\nexit\nexport B=1\necho $A\nexit\nC=1", vec!["C"], vec!["C"]),
        ("kubectl exec -it p -- sh <<EOF\n$A\nEOF\necho $B", vec!["A", "B"], vec![]),
    ] {
        let found = facts(code);
        let names: Vec<_> = found.unset.iter().map(|unset| unset.name.as_str()).collect();
        assert_eq!((names, found.sets), (unset, sets.into_iter().map(str::to_owned).collect()), "{code}");
    }
    let outside = facts("ssh web\necho $A\nexit\necho $A").unset.remove(0).span;
    assert_eq!(outside.start, "ssh web\necho $A\nexit\necho ".len());
}

#[test]
fn each_opener_takes_its_lines_in_a_way_that_keeps_them_as_they_are() {
    for (opener, expected) in [
        ("ssh -p 22 u@h", "ssh -p 22 u@h \"$("),
        ("ssh -i key h", "ssh -i key h \"$("),
        ("ssh root@<host-ip>", "ssh root@<host-ip> \"$("),
        ("ssh -t h sudo -i", "ssh h sudo -i <<'INSIDE'\n{\nid\n} </dev/null\nINSIDE\nls\n"),
        ("sudo -u x bash", "sudo -u x bash -c \"$("),
        ("sudo -E -u x -- bash -l", "sudo -E -u x -- bash -l -c \"$("),
        ("sudo -i", "sudo -i <<'INSIDE'\n{\nid\n} </dev/null\nINSIDE\nls\n"),
        ("sudo -iu postgres", "sudo -iu postgres <<'INSIDE'\n{\n"),
        ("sudo -s", "sudo -s <<'INSIDE'\n{\n"),
        ("sudo -u x -i bash", "sudo -u x -i bash <<'INSIDE'\n{\n"),
        ("sudo su -", "sudo su - -c \"$("),
        ("su - x", "su - x -c \"$("),
        ("su", "su -c \"$("),
        ("bash", "bash -c \"$("),
        ("/bin/sh", "/bin/sh -c \"$("),
        ("docker exec -it c sh", "docker exec -i c sh -c \"$("),
        ("docker exec --tty -i c sh", "docker exec -i c sh -c \"$("),
        ("docker exec -u root c bash", "docker exec -i -u root c bash -c \"$("),
        ("docker compose exec app bash", "docker compose exec -T app bash -c \"$("),
        ("docker compose -f a.yml exec -T app sh", "docker compose -f a.yml exec -T app sh -c \"$("),
        ("docker run --rm -it alpine sh", "docker run --rm -i alpine sh -c \"$("),
        ("kubectl -n prod exec -it p -- sh", "kubectl -n prod exec -i p -- sh -c \"$("),
        (
            "kubectl exec -it -n prod deploy/x -c app -- /bin/bash",
            "kubectl exec -i -n prod deploy/x -c app -- /bin/bash -c",
        ),
        ("kubectl exec -it <pod> -- sh", "kubectl exec -i <pod> -- sh -c"),
        ("kubectl exec -it p sh", "kubectl exec -i p -- sh -c \"$("),
        ("kubectl exec p -it -c app /bin/bash", "kubectl exec p -i -c app -- /bin/bash -c \"$("),
        ("kubectl debug -it p --image=busybox", "kubectl debug -i p --image=busybox -- /bin/sh -c \"$("),
        ("oc rsh p", "oc rsh p /bin/sh -c \"$("),
        ("oc debug node/x", "oc debug node/x -- /bin/sh -c \"$("),
        ("chroot /host", "chroot /host /bin/sh -c \"$("),
        ("sudo chroot /host bash", "sudo chroot /host bash -c \"$("),
        ("nsenter -t 1 -m -u -n -i", "nsenter -t 1 -m -u -n -i /bin/sh -c \"$("),
        ("nsenter --target 1 --mount -- bash", "nsenter --target 1 --mount -- bash -c \"$("),
        ("vagrant ssh web", "vagrant ssh web -c \"$("),
        ("gcloud compute ssh h --zone z", "gcloud compute ssh h --zone z --command=\"$("),
        ("heroku run bash -a app", "heroku run --no-tty bash -a app <<'INSIDE'\n{\n"),
    ] {
        let run = opened(opener);
        assert!(run.starts_with(expected), "{opener}: {run}");
        assert!(run.ends_with("\nls\n"), "{opener}: {run}");
    }
}

#[test]
fn what_opens_nothing_to_work_in_stays_as_it_is() {
    for opener in [
        "ssh h uptime",
        "ssh -N h",
        "ssh -L 1:h:1 h",
        "sudo ls",
        "sudo -l",
        "bash script.sh",
        "bash -c 'id'",
        "su -c id",
        "docker exec c ls",
        "docker run -d nginx",
        "kubectl exec p -- ls",
        "kubectl debug p --image=busybox",
        "vagrant ssh -c id",
        "echo ssh h",
        "\"$shell\"",
        "ssh h &",
        "ssh h && ls",
        "ssh h; ls",
        "ssh h <script",
        "psql -c 'SELECT 1'",
        "python3 x.py",
        "oc rsh",
    ] {
        let code = format!("{opener}\nid\n");
        assert_eq!(enter(&code, &[]), Ok(None), "{opener}");
    }
}

#[test]
fn prompts_take_their_statements_as_their_input() {
    for (code, expected) in [
        ("psql -U x db\nSELECT 'it''s';\n\\q\nls\n", "psql -U x db <<'INSIDE'\nSELECT 'it''s';\nINSIDE\nls\n"),
        ("sqlite3 a.db\n.tables\n.quit\n", "sqlite3 a.db <<'INSIDE'\n.tables\nINSIDE\n"),
        ("redis-cli -h h\nINFO\n", "redis-cli -h h <<'INSIDE'\nINFO\nINSIDE\n"),
        ("python3\nimport os\nexit()  # done\nls\n", "python3 <<'INSIDE'\nimport os\nINSIDE\nls\n"),
        (
            "docker exec -it db psql -U x\nSELECT 1;\nexit;\n",
            "docker exec -i db psql -U x <<'INSIDE'\nSELECT 1;\nINSIDE\n",
        ),
        (
            "sudo -u postgres psql\nSELECT \"a;\n\\q\nls\n",
            "sudo -u postgres psql <<'INSIDE'\nSELECT \"a;\nINSIDE\nls\n",
        ),
        // What follows is for the shell, as it seems.
        ("redis-cli\ndocker ps\n", "redis-cli\ndocker ps\n"),
        ("psql\n", "psql\n"),
        // Neither stands where a command does.
        ("cat <<EOF\npsql\nSELECT 1;\nEOF\n", "cat <<EOF\npsql\nSELECT 1;\nEOF\n"),
    ] {
        assert_eq!(run_of(code), expected, "{code}");
    }
}

#[test]
fn only_an_opener_is_tried_and_left_open() {
    let entered = enter("ssh root@h\n", &[]).expect("clear").expect("entered");
    assert_eq!(
        (entered.run.as_str(), entered.within.as_slice()),
        ("ssh root@h true\n", &["ssh root@h".to_owned()][..])
    );
    let entered = enter("sudo -i\n# work\n", &[]).expect("clear").expect("entered");
    assert_eq!(entered.run, "sudo -i <<'INSIDE'\n{\ntrue\n# work\n} </dev/null\nINSIDE\n");
}

#[test]
fn what_comes_later_runs_within_until_it_is_left() {
    let within = ["ssh h".to_owned(), "sudo -u x bash".to_owned()];
    let entered = enter("id\nexit\nuptime\n", &within).expect("clear").expect("entered");
    assert_eq!(
        entered.run,
        "ssh h \"$(cat <<'INSIDE'\nsudo -u x bash -c \"$(cat <<'INSIDE_2'\nid\nINSIDE_2\n)\"  # exit\nuptime\nINSIDE\n)\"\n"
    );
    assert_eq!((entered.left, entered.within.as_slice()), (1, &within[..1]));
    assert_eq!(entered.lines, [0, 0, 1, 0, 2, 3, 0, 0]);
    // What is left first is not entered at all.
    let entered = enter("exit  # from x\nuptime\n", &within).expect("clear").expect("entered");
    assert_eq!(entered.run, "ssh h \"$(cat <<'INSIDE'\n: exit  # from x\nuptime\nINSIDE\n)\"\n");
    assert_eq!((entered.around, entered.within.as_slice()), (1, &within[..1]));
    let entered = enter("exit\nlogout\nuptime\n", &within).expect("clear").expect("entered");
    assert_eq!((entered.run.as_str(), entered.within.as_slice()), (": exit\n: logout\nuptime\n", &[][..]));
    assert_eq!((leaving("exit\nlogout # all\n"), leaving("exit\nls\n"), leaving("# exit\n")), (Some(2), None, None));
}

#[test]
fn an_exit_with_nothing_to_leave_does_not_end_the_block_before_its_last_command() {
    assert_eq!(run_of("cd /\nexit  # from app\nreboot\n"), "cd /\n: exit  # from app\nreboot\n");
    assert_eq!(run_of("ls\nexit\n"), "ls\nexit\n");
    assert_eq!(run_of("if x; then\n  exit 1\nfi\nls\n"), "if x; then\n  exit 1\nfi\nls\n");
}

#[test]
fn each_line_knows_where_it_comes_from() {
    let entered = enter("ls\nssh h\na\nb\nexit\nc\n", &[]).expect("clear").expect("entered");
    assert_eq!(entered.lines, [1, 2, 3, 4, 0, 5, 6]);
    let inside = &entered.inside[0];
    assert_eq!((inside.first, inside.last, inside.through.as_slice()), (3, 4, &["ssh h".to_owned()][..]));
}

#[test]
fn a_delimiter_is_one_that_no_line_begins_with() {
    let run = opened("ssh h\ncat <<INSIDE\nx\nINSIDE");
    assert!(run.starts_with("ssh h \"$(cat <<'INSIDE_'\n"), "{run}");
}

#[test]
fn where_the_grammar_gives_up_the_lines_are_still_told_apart() {
    // The syntax tree cannot take backticks before a here-document with one.
    let body = "echo `echo x`\ncat <<'X'\nexit\n` ' \nX\n";
    let tree = syntax::parse(body).expect("a tree");
    assert!(tree.root_node().has_error(), "the grammar has got better: find another text");
    let run = run_of(&format!("ssh h\n{body}exit\nls\n"));
    assert_eq!(run, format!("ssh h \"$(cat <<'INSIDE'\n{body}INSIDE\n)\"  # exit\nls\n"));
    assert_eq!(enter("echo 'open\nssh h\nls\n", &[]), Ok(None));
}

#[test]
fn shells_in_shells_are_not_followed_for_ever() {
    assert!(enter(&"bash\n".repeat(1000), &[]).is_err());
}

#[test]
fn effects_inside_are_judged_and_their_programs_are_not_looked_for_here() {
    let found = facts("ssh runner\nrm -rf /srv/x\nsudo -u app bash\nfrob\nexit\nexit\nls\n");
    assert_eq!(found.effect, Effect::Destructive);
    assert!(found.reasons[0].ends_with("on runner"), "{:?}", found.reasons);
    assert_eq!(found.commands, ["ssh", "ls"]);
    assert_eq!(found.opens.as_deref(), Some("ssh runner"));
    assert_eq!(found.interactive, None);
    let found = facts("ssh runner\ncat /etc/hosts\nuptime\n");
    assert_eq!((found.effect, found.reasons.as_slice()), (Effect::Read, &[][..]));
    let found = facts("sudo -u app bash\nfrob\n");
    assert_eq!(found.commands, ["sudo", "bash", "frob"]);
    let found = facts("sqlite3 a.db\nDROP TABLE x;\n.quit\n");
    assert_eq!(found.effect, Effect::Destructive, "{:?}", found.reasons);
    assert_eq!(facts("psql\n").interactive.as_deref(), Some("psql"));
}

/// What real bash prints for `code` where `ssh` runs its last argument, and
/// `sudo` all of them behind `-u` and a user.
fn printed(code: &str) -> (String, Option<i32>) {
    let bin = tempfile::tempdir().expect("a folder");
    for (name, script) in [
        ("ssh", "#!/bin/bash\nexec bash -c \"${!#}\"\n"),
        ("sudo", "#!/bin/sh\nif [ \"$1\" = -u ]; then shift 2; exec \"$@\"; fi\nexec bash\n"),
    ] {
        let path = bin.path().join(name);
        fs::write(&path, script).expect("a command");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
    }
    let path = format!("{}:/usr/bin:/bin", bin.path().display());
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", code]).env_clear().env("PATH", path).stdin(Stdio::null());
    let output = bash.output().expect("bash is there");
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
}

/// A body that bash parses, and in which nothing is opened or left.
fn body() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "printf '%s|' \"it's\" 'a \"b\"' \\\\ \\$HOME \"$((1+2))\"",
        "echo \"$(printf ')')\" `echo x`",
        "cat <<'X'\n)\" ' ` \\ $x\nX",
        "cat <<INSIDE\nplain $((2*3)) \\$\nINSIDE",
        "# don't \"stop\" $( here",
        "",
        "v='two\nlines'; printf '%s.' \"$v\"",
        "case a in a) echo one;; esac",
        "echo back\\\\slash \\\n  continued",
        "printf '%s' '\\n'\"\\n\"",
        "f() { printf '[%s]' \"$1\"; }; f 'q)'",
        "echo 'INSIDE'",
        "cat",
        "echo é“”\u{a0}x",
        "  echo indented",
        "for i in 1 2; do\n  printf '%s ' \"$i\"\ndone",
        "false",
        "echo $'a\\tb' ; echo 'c' # d",
        "(exit 3)",
    ]);
    prop::collection::vec(line, 1..8).prop_map(|lines| lines.join("\n") + "\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn lines_inside_print_exactly_what_they_print_by_themselves(
        body in body(),
        opener in prop::sample::select(vec!["ssh h", "sudo -u x bash", "sudo -i", "bash"]),
        outer in prop::sample::select(vec!["", "ssh h\n", "sudo -s\n"]),
    ) {
        let block = format!("{outer}{opener}\n{body}exit\necho after\n");
        let (plain, _) = printed(&body);
        let (inside, _) = printed(&run_of(&block));
        prop_assert_eq!(&inside, &format!("{plain}after\n"), "{}", run_of(&block));
        // And left open at the end, with the body's own exit code.
        let block = format!("{outer}{opener}\n{body}");
        prop_assert_eq!(printed(&run_of(&block)), printed(&body));
    }

    #[test]
    fn commands_run_one_by_one_print_what_the_whole_prints(body in body()) {
        let spans = split(&body);
        let mut state = tempfile::NamedTempFile::new().expect("a file");
        // One shell that reads them one by one, as the engine carries its state.
        for span in &spans {
            writeln!(state, "eval \"$(cat <<'PART'\n{}\nPART\n)\"", &body[span.start..span.end]).expect("written");
        }
        state.flush().expect("written");
        let parts = fs::read_to_string(state.path()).expect("read");
        prop_assert_eq!(printed(&parts).0, printed(&body).0, "{}", parts);
        let left: String = {
            let mut left = body.clone();
            for span in spans.iter().rev() {
                left.replace_range(span.start..span.end, "");
            }
            left
        };
        let only_comments = left.lines().all(|line| line.trim().trim_start_matches(';').trim().is_empty() || line.trim().trim_start_matches(';').trim().starts_with('#'));
        prop_assert!(only_comments, "{:?} is no part", left);
    }

    #[test]
    fn any_text_is_taken_apart_without_panic(code in prop_oneof![hostile(), any::<String>()]) {
        let code = format!("ssh h\n{code}\nexit\n{code}");
        for within in [&[][..], &["sudo -u x bash".to_owned()][..]] {
            if let Ok(Some(entered)) = enter(&code, within) {
                prop_assert_eq!(entered.lines.len(), entered.run.matches('\n').count());
            }
        }
        let _ = leaving(&code);
    }
}

#[test]
fn a_way_in_is_shown_with_what_it_leaves_open() {
    let entered = enter("ssh root@<node-ip>\nuptime\n", &[]).expect("it is not deep").expect("it opens a shell");
    assert_eq!(entered.inside[0].through, ["ssh root@<node-ip>"]);
}
