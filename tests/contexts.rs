//! Lines that run inside what an earlier one opens: over a real ssh, as another
//! user, in other shells; answers typed at a real terminal.

mod servers;
mod support;

use servers::sshd;
use std::path::Path;
use support::{Sandbox, Terminal};

/// A sandbox in which `ssh web` reaches a real server.
fn with_ssh(server: &sshd::Server) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write_command("ssh", &server.client());
    sandbox
}

fn run(sandbox: &Sandbox, page: &str) -> Terminal {
    sandbox.write("page.md", page);
    Terminal::spawn(&sandbox.runbook(["run", "page.md"]))
}

/// All that the run's blocks printed, in order.
fn printed(sandbox: &Sandbox) -> String {
    let finished = sandbox.events_of("block_finished");
    let files = finished.iter().filter_map(|event| event["output"]["file"].as_str());
    // What printed nothing has no file.
    let read = |file: &str| std::fs::read_to_string(sandbox.only_run().join("output").join(file)).unwrap_or_default();
    files.map(read).collect::<String>().replace('\r', "")
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

#[test]
fn the_lines_after_ssh_run_on_the_host_and_those_after_its_exit_here() {
    let server = sshd::Server::start();
    let sandbox = with_ssh(&server);
    let there = tempfile::tempdir().expect("a folder");
    let page = format!(
        "# Page\n\n```bash\nwhere=here\nssh web\ncd {}\nwhere=there\necho \"it's $where in $(basename \"$PWD\") ${{SSH_CONNECTION:+by ssh}}\"\n\
         cat <<'END'\n$where \"quoted\" \\ `too`\nEND\ncat\nbash\necho deeper ${{where:-unset}}\nexit  # from the inner shell\n\
         echo $where\nexit\necho $where again ${{SSH_CONNECTION:+by ssh}}\n```\n",
        there.path().display()
    );
    let mut terminal = run(&sandbox, &page);
    terminal.expect("lines 6–16 run inside `ssh web`");
    terminal.expect("line 14 runs inside `ssh web` › `bash`");
    terminal.answer("Run this?", "r");
    // `cat` reads from the terminal, as it does by hand.
    terminal.expect("│ $where");
    terminal.send("\u{4}");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    let folder = there.path().file_name().expect("a name").to_string_lossy();
    assert_eq!(
        printed(&sandbox),
        format!("it's there in {folder} by ssh\n$where \"quoted\" \\ `too`\ndeeper unset\nthere\nhere again\n")
    );
}

#[test]
fn blocks_after_an_open_ssh_run_on_the_host_until_it_is_left_also_after_a_resumption() {
    let server = sshd::Server::start();
    let sandbox = with_ssh(&server);
    let here = "```sh\necho \"${SSH_CONNECTION:+on the host}${SSH_CONNECTION:-here}\" | cut -c 1-11\n```\n\n";
    let page = format!(
        "# Page\n\n## Fix\n\n### Connect\n\n```sh\nssh web\n```\n\n### Look\n\n{here}{here}### Leave\n\n```sh\nexit\n```\n\n{here}"
    );
    let mut terminal = run(&sandbox, &page);
    terminal.answer("Run this?", "r");
    terminal.expect("The shell blocks that follow run inside `ssh web`, until “Fix” ends");
    terminal.expect("inside `ssh web`");
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "suspend");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    let mut terminal = Terminal::spawn(&sandbox.runbook(["resume", "latest"]));
    terminal.expect("inside `ssh web`");
    terminal.answer("Run this?", "r");
    terminal.expect("Left `ssh web`");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(printed(&sandbox), "on the host\non the host\nhere\n");
    let report = sandbox.report();
    assert!(report.contains("Entered") && report.contains("Back on this machine"), "{report}");
}

#[test]
fn what_blocks_set_on_a_host_is_there_for_those_after_them_also_after_a_resumption() {
    let server = sshd::Server::start();
    let sandbox = with_ssh(&server);
    let there = tempfile::tempdir().expect("a folder");
    std::fs::write(there.path().join(".env"), "COLOUR=blue\n").expect("a file");
    let page = format!(
        "# Page\n\n```bash\nssh web\ncd {}\nname=\"it's\"\n```\n\n```bash\nset -a; source .env; set +a\ngreet() {{\n  echo \"$1 $name\"\n}}\n\
         pod=$(echo web-1)\nsudo_is=none\n```\n\n```bash\ngreet hello\nenv | grep COLOUR\necho \"$pod $(basename \"$PWD\")\"\n```\n\n\
         ```bash\nexit\n```\n\n```bash\necho \"here ${{name-unset}}\"\n```\n",
        there.path().display()
    );
    let mut terminal = run(&sandbox, &page);
    terminal.answer("Run this?", "r");
    terminal.expect("in a new shell, where lines 5, 6 of the page come first");
    terminal.answer("Run this?", "r");
    terminal.expect("Not set for the blocks that follow inside: $pod (line 14)");
    terminal.answer("What is pod?", "web-2");
    terminal.answer("Run this?", "suspend");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    let mut terminal = Terminal::spawn(&sandbox.runbook(["resume", "latest"]));
    terminal.expect("lines 5, 6, 10, 11, 15 of the page come first");
    terminal.answer("Run this?", "r");
    terminal.expect("Left `ssh web`");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    let folder = there.path().file_name().expect("a name").to_string_lossy();
    assert_eq!(printed(&sandbox), format!("hello it's\nCOLOUR=blue\nweb-2 {folder}\nhere unset\n"));
    let verified = sandbox.runbook(["verify", "latest"]).output().expect("it starts");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn a_block_on_a_host_is_walked_line_by_line() {
    let server = sshd::Server::start();
    let sandbox = with_ssh(&server);
    let page = "# Page\n\n```bash\nssh web\n```\n\n```bash\ncd /usr\nx=1\nfalse\necho \"$x in $PWD ${SSH_CONNECTION:+by ssh}\"\n\
                exit\necho \"${SSH_CONNECTION:-here}\" | grep -o here\n```\n";
    let mut terminal = run(&sandbox, page);
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "l");
    for number in 1..=2 {
        terminal.expect(&format!("inside `ssh web` · command {number} of 5"));
        terminal.answer("Run this?", "r");
    }
    terminal.expect("command 3 of 5");
    terminal.answer("Run this?", "r");
    terminal.answer("What now?", "c it is meant to");
    terminal.expect("command 4 of 5");
    terminal.expect("cd /usr || exit");
    terminal.answer("Run this?", "r");
    terminal.expect("Left `ssh web`");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(printed(&sandbox), "1 in /usr by ssh\nhere\n");
}

#[test]
fn a_block_on_a_host_does_not_run_in_another_folder_than_the_page_means() {
    let server = sshd::Server::start();
    let sandbox = with_ssh(&server);
    let there = tempfile::tempdir().expect("a folder");
    let inner = there.path().join("app");
    std::fs::create_dir(&inner).expect("a folder");
    let page = format!(
        "# Page\n\n```bash\nssh web\ncd {0}\n```\n\n```bash\ncd /\nrmdir {0}\n```\n\n```bash\ncd {0}\n```\n\n```bash\ntouch {1}/wrong\n```\n",
        inner.display(),
        there.path().display()
    );
    let mut terminal = run(&sandbox, &page);
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "r");
    terminal.answer("What now?", "c known");
    terminal.answer("Run this?", "r");
    terminal.expect("No such file or directory");
    terminal.answer("What now?", "s known");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 1, "{}", terminal.screen());
    assert!(!there.path().join("wrong").exists());
}

#[test]
fn the_host_that_a_page_leaves_open_is_asked_for_once_and_used_until_its_section_ends() {
    let server = sshd::Server::start();
    let sandbox = with_ssh(&server);
    let user = if is_root() { "root" } else { "web" };
    // Whatever the host, it is the server.
    let client = server.client().replace("\"$@\"", "\"web\" \"${2-}\"");
    let client = client.replace("#!/bin/sh\n", "#!/bin/sh\necho \"$1\" >> \"$HOME/hosts\"\n");
    sandbox.write_command("ssh", &client);
    let look = "```sh\necho \"${SSH_CONNECTION:+there} $NOT_SET_HERE\"\n```\n\n";
    let page = format!(
        "# Page\n\n## Fix\n\n```sh\nssh {user}@<vps-ip>\n```\n\n{look}```sh\necho <service> \"${{SSH_CONNECTION:+there}}\"\n```\n\n\
         ## Here\n\n```sh\necho \"${{SSH_CONNECTION:-here}}\" | grep -o here\n```\n"
    );
    let mut terminal = run(&sandbox, &page);
    terminal.answer("What is vps-ip?", "203.0.113.7");
    terminal.answer("Run this?", "r");
    terminal.expect(&format!("run inside `ssh {user}@203.0.113.7`, until “Fix” ends"));
    terminal.answer("Run this?", "r");
    terminal.answer("What is service?", "worker");
    terminal.answer("Run this?", "r");
    terminal.expect("Left `ssh");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(printed(&sandbox), "there \nworker there\nhere\n");
    let hosts = std::fs::read_to_string(sandbox.home().join("hosts")).expect("ssh was called");
    assert_eq!(hosts, format!("{user}@203.0.113.7\n").repeat(3));
}

#[test]
fn other_users_and_other_shells_take_their_lines_as_they_are() {
    if !is_root() {
        // Only root becomes another user without being asked for a password.
        return;
    }
    let sandbox = Sandbox::new();
    let body = "echo \"$(id -un): it's\" 'two\nlines' \\$HOME \"$((1 + 2))\"  # don't";
    let openers = [
        "sudo -u nobody bash",
        "sudo -u nobody sh",
        "sudo -u nobody -s",
        "sudo -i",
        "sudo su -",
        "su",
        "su nobody -s /bin/sh",
        "bash",
        "sh",
        "/usr/sbin/chroot /",
        "sudo /usr/sbin/chroot / bash",
    ];
    let blocks = openers.map(|opener| format!("```bash\n{opener}\n{body}\nexit\necho back $(id -un)\n```\n\n"));
    sandbox.write("page.md", &format!("# Page\n\n{}", blocks.concat()));
    let output = sandbox.runbook(["run", "page.md", "--yes"]).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected: String = openers
        .iter()
        .map(|opener| {
            let user = if opener.contains("nobody") { "nobody" } else { "root" };
            format!("{user}: it's two\nlines $HOME 3\nback root\n")
        })
        .collect();
    assert_eq!(printed(&sandbox), expected);
}

#[test]
fn prompts_take_their_statements() {
    let sandbox = Sandbox::new();
    let page = "# Page\n\n```bash\nsqlite3 a.db\nCREATE TABLE t (x);\nINSERT INTO t VALUES ('it''s');\nSELECT x FROM t;\n.quit\n\
                python3\nprint('from', \"python\")\nexit()\necho done\n```\n";
    sandbox.write("page.md", page);
    let output = sandbox.runbook(["run", "page.md", "--yes"]).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(printed(&sandbox), "it's\nfrom python\ndone\n");
}

#[test]
fn a_block_is_walked_line_by_line_and_the_report_tells_each() {
    let sandbox = Sandbox::new();
    let page = "# Page\n\n```bash\ncd /\nname=kept\n# look\necho $name in $PWD\nfalse\ntouch never\n```\n";
    let mut terminal = run(&sandbox, page);
    terminal.answer("Run this?", "l");
    terminal.expect("command 1 of 5");
    terminal.answer("Run this?", "r");
    terminal.expect("command 2 of 5");
    terminal.answer("Run this?", "r");
    terminal.expect("command 3 of 5");
    terminal.answer("Run this?", "r");
    terminal.expect("kept in /");
    terminal.answer("Run this?", "");
    terminal.answer("What now?", "c it is meant to");
    terminal.expect("command 5 of 5");
    terminal.answer("Run this?", "t that is enough");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert!(!Path::new("/never").exists());
    let report = sandbox.report();
    for wanted in ["Command 3 of 5: ", "Failure of command 4 of 5 accepted", "Command 5 of 5 not run", "that is enough"]
    {
        assert!(report.contains(wanted), "{wanted}\n{report}");
    }
    assert_eq!(sandbox.events_of("block_finished").len(), 4);
}

#[test]
fn after_a_suspension_the_commands_that_are_over_are_not_asked_about_again() {
    let sandbox = Sandbox::new();
    let page = "# Page\n\n```bash\nname=kept\necho one\necho two $name\n```\n";
    let mut terminal = run(&sandbox, page);
    terminal.answer("Run this?", "l");
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "r");
    terminal.expect("command 3 of 3");
    terminal.answer("Run this?", "suspend");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    let mut terminal = Terminal::spawn(&sandbox.runbook(["resume", "latest"]));
    terminal.expect("command 3 of 3");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(printed(&sandbox), "one\ntwo kept\n");
    let verified = sandbox.runbook(["verify", "latest"]).output().expect("it starts");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn one_way_of_several_in_a_block_is_chosen_and_run() {
    let sandbox = Sandbox::new();
    let page = "# Page\n\n```bash\n# Windows\nfrobnicate /x\n# macOS/Linux\necho here\n\n# Then\necho there\n```\n";
    let mut terminal = run(&sandbox, page);
    terminal.expect("this is another system");
    terminal.answer("Enter: macOS/Linux", "");
    terminal.answer("Run this?", "");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(printed(&sandbox), "here\nthere\n");
    assert!(sandbox.report().contains("“macOS/Linux” was chosen over “Windows”"), "{}", sandbox.report());
}
