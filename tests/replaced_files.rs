//! Blocks that write over files that are there.

mod support;

use support::{Sandbox, Terminal};

fn run(sandbox: &Sandbox, arguments: &[&str]) -> (i32, String) {
    let output = sandbox.runbook(["run", "page.md"].iter().chain(arguments)).output().expect("it starts");
    (output.status.code().expect("it ends"), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn page(code: &str) -> String {
    format!("# Page\n\n## Fix\n\n```sh\n{code}\n```\n")
}

#[test]
fn a_file_that_is_there_is_replaced_only_with_a_word_for_destruction() {
    for code in [
        "echo new > 'app.conf'",
        "cd .. && echo new | tee work/app.conf",
        "cp new.conf \"$PWD\"/x; cp new.conf app.conf",
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("page.md", &page(code));
        let file = sandbox.write("app.conf", "old\n");
        sandbox.write("new.conf", "new\n");
        let (exit, shown) = run(&sandbox, &["--yes"]);
        assert_eq!(exit, 3, "{code}: {shown}");
        assert!(shown.contains("app.conf (4 B, changed "), "{code}: {shown}");
        assert!(shown.contains("--yes=destructive"), "{code}: {shown}");
        assert_eq!(std::fs::read_to_string(&file).expect("the file"), "old\n", "{code}");
        let (exit, shown) = run(&sandbox, &["--yes=destructive"]);
        assert_eq!(exit, 0, "{code}: {shown}");
        assert_eq!(std::fs::read_to_string(&file).expect("the file"), "new\n", "{code}");
    }
}

#[test]
fn the_person_is_told_what_is_lost_and_types_the_word() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page("echo new > app.conf"));
    sandbox.write("app.conf", "old\n");
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    terminal.expect("DESTRUCTIVE: replaces app.conf (4 B, changed");
    terminal.answer("Run this?", "r");
    terminal.answer("type `destroy`", "destroy");
    terminal.expect("exit 0");
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
fn a_file_that_is_new_or_empty_or_added_to_or_the_runs_own_is_only_written() {
    let sandbox = Sandbox::new();
    sandbox.write("empty", "");
    sandbox.write("log", "old\n");
    let two = "```sh\nmkdir -p out; cd out; date > new; echo x > ../empty; echo y >> ../log; date > /dev/null\n```\n\n\
               ```sh\ndate > new; echo x > ../empty\n```\n";
    sandbox.write("page.md", &format!("# Page\n\n{two}"));
    let (exit, shown) = run(&sandbox, &["--yes"]);
    assert_eq!(exit, 0, "{shown}");
}

#[test]
fn what_somebody_else_has_written_meanwhile_is_not_the_runs_own() {
    let sandbox = Sandbox::new();
    let again = "```sh\necho mine > notes\n```\n\n";
    sandbox.write("page.md", &format!("# Page\n\n{again}- [ ] Add what you know to `notes`.\n\n{again}"));
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    terminal.answer("Run this?", "r");
    terminal.expect("Is this done?");
    std::fs::write(sandbox.work().join("notes"), "what I know\n").expect("the notes");
    terminal.send_line("d");
    terminal.expect("DESTRUCTIVE: replaces notes (12 B, changed");
}

#[test]
fn in_a_rehearsal_it_is_the_same() {
    let sandbox = Sandbox::new();
    let code = "cat > app.conf < /dev/null; cp /dev/null x; touch y\n```\n\n```sh\necho a >> made\n```\n\n```sh\necho b > made";
    sandbox.write("page.md", &page(code).replace("# Page", "---\nrehearsal: { commands: {} }\n---\n\n# Page"));
    let (exit, shown) = run(&sandbox, &["--rehearse", "--yes"]);
    assert_eq!(exit, 3, "{shown}");
    assert!(shown.contains("replaces made (2 B, changed"), "{shown}");
}
