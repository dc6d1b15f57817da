//! `sudo` in a block asks for a password on the block's own terminal, as it
//! does by hand.
//!
//! For that there must be a user with a password. There is one only for the
//! run: in a mount namespace of its own, whose files of users lie over the
//! machine's. Only root can make that; anybody else is told that nothing was
//! tried.

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::{Command, Stdio};
use support::{Sandbox, Terminal, agree, files};

/// The user's number, which nobody has.
const ID: u32 = 54_321;

/// What `openssl passwd -6` makes of `tromboning`.
const PASSWORD: &str =
    "$6$runbooktest$BzQGcG9MalSkIZHa5c2pMn0YhjReQ4/TLO1VyQDZ8yn4q/OuluBINtYnruv1mIgIXvVCNxN39z1CKMdTvQJdM0";

/// Lays the files of users over the machine's, and becomes the user.
const ENTER: &str = r#"
    set -e
    for file in passwd shadow sudoers; do mount --bind "$1/$file" "/etc/$file"; done
    mount --bind "$2" "$1/runbook"
    mount -t tmpfs none /run
    exec setpriv --reuid "$3" --regid "$3" --clear-groups -- "$1/runbook" run page.md
"#;

fn can_have_a_user() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "mount", "-t", "tmpfs", "none", "/run"]).stdout(Stdio::null()).stderr(Stdio::null());
    rustix::process::geteuid().is_root() && unshare.status().is_ok_and(|status| status.success())
}

/// A run of the page by a user who may do everything with his password.
fn run(sandbox: &Sandbox) -> Terminal {
    let users = sandbox.work().join("users");
    fs::create_dir(&users).expect("a folder");
    fs::write(users.join("runbook"), "").expect("a place for the program");
    let more = |file: &str, line: &str| {
        let text = fs::read_to_string(format!("/etc/{file}")).expect("the machine's own");
        let path = users.join(file);
        fs::write(&path, format!("{text}{line}\n")).expect("the run's own");
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("its mode");
    };
    more("passwd", &format!("responder:x:{ID}:{ID}::{}:/bin/bash", sandbox.home().display()));
    more("shadow", &format!("responder:{PASSWORD}:19000:0:99999:7:::"));
    fs::write(users.join("sudoers"), "Defaults !lecture, !mail_badpass\nresponder ALL=(ALL) ALL\n").expect("who may");
    fs::set_permissions(users.join("sudoers"), fs::Permissions::from_mode(0o440)).expect("its mode");

    let root = sandbox.work().parent().expect("the sandbox itself").to_owned();
    for folder in [root, sandbox.work(), sandbox.home(), sandbox.state(), sandbox.tmp()] {
        chown(folder, Some(ID), Some(ID)).expect("root may");
    }
    let mut command = sandbox.command("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", ENTER, "sh"]).arg(&users);
    command.arg(env!("CARGO_BIN_EXE_runbook")).arg(ID.to_string()).env("TMPDIR", sandbox.tmp());
    Terminal::spawn(&command)
}

#[test]
fn sudo_takes_the_right_password_and_asks_again_after_a_wrong_one() {
    if !can_have_a_user() {
        eprintln!("only root can have a user for the test, so nothing was tried with sudo");
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("page.md", "# Page\n\n## Step\n\n```bash\necho \"I am $(id -un)\"\nsudo -k id -un\n```\n");
    let mut terminal = run(&sandbox);
    agree(&mut terminal);
    terminal.expect("│ I am responder");
    terminal.expect("[sudo] password for responder: ");
    terminal.send_line("bassooning");
    terminal.expect("Sorry, try again.");
    terminal.expect("[sudo] password for responder: ");
    terminal.send_line("tromboning");
    terminal.expect("root\n");
    terminal.expect("The run is completed.");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    for typed in ["bassooning", "tromboning"] {
        assert!(!terminal.screen().contains(typed), "{}", terminal.screen());
        sandbox.assert_nowhere(typed, &sandbox.state());
    }
    let printed = files(&sandbox.only_run().join("output"));
    assert!(printed.values().any(|text| text.starts_with(b"I am responder\n") && text.ends_with(b"root\n")));
}
