//! Blocks at a terminal, through the built program: what works when a command
//! is typed by hand works in a block, and the terminal is left as it was found.

mod servers;
mod support;

use servers::sshd;
use support::{Sandbox, Terminal, agree, rounds, run_page, shell_with_jobs, wait_until};

/// A page of one block.
fn page(code: &str) -> String {
    format!("# Page\n\n## Step\n\n```bash\n{code}\n```\n")
}

/// Starts a run of one block, up to where the block runs.
fn run(sandbox: &Sandbox, code: &str) -> Terminal {
    sandbox.write("page.md", &page(code));
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    agree(&mut terminal);
    terminal
}

fn agree_to_destroy(terminal: &mut Terminal) {
    agree(terminal);
    terminal.expect("To run it, type `");
    let word = terminal.expect("`");
    terminal.answer("> ", &word);
}

/// Reads on to the end of the run, which must be a good one.
#[track_caller]
fn completed(terminal: &mut Terminal) {
    terminal.expect("exit 0");
    terminal.expect("The run is completed.");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
}

/// What the run's only block has printed, as it is on record.
fn printed(sandbox: &Sandbox) -> String {
    let finished = sandbox.events_of("block_finished");
    let file = finished[0]["output"]["file"].as_str().expect("the block's output is on record");
    std::fs::read_to_string(sandbox.only_run().join("output").join(file)).expect("its file")
}

#[test]
fn a_block_has_the_terminal_less_the_room_for_its_mark() {
    let sandbox = Sandbox::new();
    let code = "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all three\nstty size\ntput cols\n\
                echo needle | grep --color=auto needle\necho to tty >/dev/tty";
    let mut terminal = run(&sandbox, code);
    for line in ["│ all three\n", "│ 40 117\n", "│ 117\n", "│ needle\n", "│ to tty\n"] {
        terminal.expect(line);
    }
    completed(&mut terminal);
    let printed = printed(&sandbox);
    assert!(printed.starts_with("all three\n40 117\n117\n"), "as it was printed, by lines: {printed:?}");
    assert!(printed.contains("\u{1b}[01;31m"), "with its colours: {printed:?}");
}

#[test]
fn a_block_is_told_when_the_window_changes() {
    let sandbox = Sandbox::new();
    let mut terminal = run(&sandbox, "trap 'stty size; exit 0' WINCH\necho ready\nwhile :; do sleep 0.02; done");
    terminal.expect("│ ready");
    terminal.resize(80, 20);
    terminal.expect("│ 20 77");
    completed(&mut terminal);
}

#[test]
fn a_block_reads_what_is_typed_and_only_its_echo_is_output() {
    let sandbox = Sandbox::new();
    let mut terminal =
        run(&sandbox, "read -r -p 'name? ' name\nread -r other </dev/tty\necho \"hello, $name and $other\"");
    terminal.expect("│ name? ");
    terminal.send("workex\u{7f}r\r");
    terminal.expect("\n");
    terminal.send_line("web");
    terminal.expect("│ hello, worker and web");
    completed(&mut terminal);
    assert_eq!(printed(&sandbox), "name? workex\u{8} \u{8}r\nweb\nhello, worker and web\n");
}

#[test]
fn a_password_typed_at_a_block_is_nowhere() {
    let sandbox = Sandbox::new();
    let code =
        "read -r -s -p 'Password: ' password </dev/tty 2>/dev/tty\necho\necho \"${#password} letters\"\nunset password";
    let mut terminal = run(&sandbox, code);
    terminal.expect("│ Password: ");
    terminal.send_line("tromboning");
    terminal.expect("│ 10 letters");
    completed(&mut terminal);
    assert!(!terminal.screen().contains("tromboning"), "{}", terminal.screen());
    sandbox.assert_nowhere("tromboning", &sandbox.state());
}

#[test]
fn the_passphrase_of_a_key_is_asked_for_on_the_terminal() {
    let sandbox = Sandbox::new();
    let made = sandbox.command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "tromboning", "-f", "key"]).status();
    assert!(made.expect("ssh-keygen starts").success());
    let mut terminal = run(&sandbox, "ssh-keygen -y -f key | cut -d ' ' -f 1");
    terminal.expect("│ Enter passphrase");
    terminal.send_line("tromboning");
    terminal.expect("│ ssh-ed25519");
    completed(&mut terminal);
    sandbox.assert_nowhere("tromboning", &sandbox.state());
}

#[test]
fn a_pager_has_the_screen_until_it_is_left() {
    let sandbox = Sandbox::new();
    let mut terminal = run(&sandbox, "seq 500 >numbers\nless -X numbers\necho after");
    terminal.expect("1\n2\n3\n");
    terminal.send("G");
    terminal.expect("499\n500\n");
    terminal.send("q");
    terminal.expect("after\n");
    completed(&mut terminal);
}

#[test]
fn a_pager_that_nobody_knows_has_the_screen_and_gives_it_back() {
    let sandbox = Sandbox::new();
    // Not less, which forgets keys for a moment after it was told of the wider
    // window.
    sandbox.write_command(
        "viewer",
        "#!/bin/bash\nbefore=$(stty -g)\nstty -icanon -echo\nprintf '\\033[?1049hone\\ntwo\\n'\nread -r -s -n 1 key\n\
         printf '\\033[?1049l'\nstty \"$before\"\n",
    );
    let mut terminal = run(&sandbox, "echo before\nviewer\necho after");
    terminal.expect("│ before\n");
    terminal.expect("one");
    terminal.expect("two");
    terminal.send("q");
    terminal.expect("│ after\n");
    completed(&mut terminal);
}

#[test]
fn an_editor_has_the_whole_screen() {
    let sandbox = Sandbox::new();
    let mut terminal = run(&sandbox, "nano --ignorercfiles notes\ntput cols");
    terminal.expect("GNU nano");
    terminal.send("mitigated at 3");
    terminal.expect("mitigated at 3");
    terminal.send("\u{f}");
    terminal.expect("File Name to Write");
    terminal.send("\r");
    terminal.expect("Wrote 1 line");
    terminal.send("\u{18}");
    terminal.expect("120");
    completed(&mut terminal);
    assert_eq!(std::fs::read_to_string(sandbox.work().join("notes")).expect("it was saved"), "mitigated at 3\n");
}

#[test]
fn a_line_editor_inside_a_plain_block_works() {
    let sandbox = Sandbox::new();
    let mut terminal = run(
        &sandbox,
        "read -r -e -p 'line? ' line\necho \"got $line\"\nread -r -n 1 -p 'key? ' key\necho\necho \"key $key\"",
    );
    terminal.expect("line? ");
    // The cursor to the left, and a letter put before the last one.
    terminal.send("ac\u{1b}[Db\r");
    terminal.expect("│ got abc\n");
    terminal.expect("key? ");
    terminal.send("x");
    // Whether that still passes through is a matter of when it is read.
    terminal.expect("key x");
    completed(&mut terminal);
}

#[test]
fn a_program_that_demands_a_terminal_gets_raw_keys() {
    let sandbox = Sandbox::new();
    sandbox.write_command(
        "box",
        "#!/bin/sh\n[ -t 0 ] && [ -t 1 ] || { echo 'the input device is not a TTY' >&2; exit 1; }\n\
         before=$(stty -g)\nstty raw -echo\nprintf 'inside# '\nkey=$(dd bs=1 count=1 2>/dev/null | od -An -tx1)\n\
         stty \"$before\"\necho \"key$key\"\n",
    );
    let mut terminal = run(&sandbox, "box run -it");
    terminal.expect("inside# ");
    // Ctrl-C is a key like any other there.
    terminal.send_ctrl_c();
    terminal.expect("key 03");
    completed(&mut terminal);
}

#[test]
fn a_login_on_another_host_has_a_terminal_too() {
    let server = sshd::Server::start();
    let sandbox = Sandbox::new();
    sandbox.write_command("ssh", &server.client());
    let mut terminal = run(&sandbox, "ssh -t web 'tty; read -r -p \"remote? \" x; echo got $x'");
    terminal.expect("/dev/pts/");
    terminal.expect("remote? ");
    terminal.send_line("this");
    terminal.expect("got this");
    completed(&mut terminal);
}

#[test]
fn ctrl_c_is_for_the_block_and_a_second_one_ends_it() {
    let sandbox = Sandbox::new();
    let code = "trap 'echo caught' INT\necho ready\nuntil [ -e done ]; do sleep 0.02; done";
    let mut terminal = run(&sandbox, code);
    terminal.expect("│ ready");
    terminal.send_ctrl_c();
    terminal.expect("caught");
    terminal.send_ctrl_c();
    terminal.send_ctrl_c();
    terminal.expect("interrupted by the responder");
    terminal.answer("What now?", "s enough of it");
    terminal.wait_exit();
}

#[test]
fn a_block_that_goes_on_after_ctrl_c_and_fails_later_has_failed() {
    let sandbox = Sandbox::new();
    let mut terminal = run(
        &sandbox,
        "trap ': >caught' INT\necho ready\nuntil [ -e caught ]; do sleep 0.02; done\necho caught\nread -r x\nexit 3",
    );
    terminal.expect("│ ready");
    terminal.send_ctrl_c();
    terminal.expect("caught");
    terminal.send_line("go on");
    terminal.expect("This failed: exit code 3");
    terminal.answer("What now?", "s it is known");
    terminal.wait_exit();
}

#[test]
fn how_a_block_ended_is_told_exactly() {
    let sandbox = Sandbox::new();
    sandbox.write_command("die", "#!/bin/sh\nulimit -c 0\nkill -\"$1\" $$\n");
    for (code, told) in [
        ("exit 130", "exit code 130"),
        ("exit 148", "exit code 148"),
        ("exec die KILL", "ended by signal 9"),
        ("exec die SEGV", "ended by signal 11"),
        ("exec die PIPE", "ended by signal 13"),
        ("exec die TERM", "ended by signal 15"),
    ] {
        let mut terminal = run(&sandbox, code);
        terminal.expect(told);
        terminal.answer("What now?", "s it is known");
        terminal.wait_exit();
    }
    let mut terminal = run(&sandbox, "exec sh -c 'echo ready; exec sleep 600'");
    terminal.expect("│ ready");
    terminal.send("\u{1c}");
    terminal.expect("ended by signal 3");
    terminal.answer("What now?", "s it is known");
    terminal.wait_exit();
}

#[test]
fn what_a_block_leaves_running_lives_and_is_named() {
    let sandbox = Sandbox::new();
    let mut terminal = run(&sandbox, "sleep 600 &\necho \"pid=$!\"");
    terminal.expect("pid=");
    let pid = terminal.expect("\n");
    terminal.expect(&format!("left running: sleep (process {pid})"));
    terminal.expect("The run is completed.");
    assert_eq!(terminal.wait_exit(), 0);
    assert!(lives(&pid), "it was not hung up on");
    assert!(sandbox.command("kill").arg(&pid).status().expect("kill starts").success());
}

#[test]
fn a_timeout_ends_the_whole_tree_and_the_program_goes_on() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "page.md",
        "---\nsteps:\n  step: { timeout: 1s }\n---\n\n# Page\n\n## Step\n\n```bash\nset -m\nsleep 600 &\n(exec setsid sleep 601) &\n\
         echo \"pids $! $$.\"\nsleep 602\n```\n",
    );
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    agree(&mut terminal);
    terminal.expect("pids ");
    let pids = terminal.expect(".");
    terminal.expect("ran longer than 1s");
    terminal.answer("What now?", "s it is known");
    terminal.wait_exit();
    for pid in pids.split(' ') {
        assert!(!lives(pid), "{pid} was ended");
    }
}

#[test]
fn what_is_captured_does_not_depend_on_the_terminal() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "page.md",
        "---\nvariables: { host: { prompt: Which? } }\nsteps:\n  one: { capture: { host: stdout } }\n---\n\n# Page\n\n## One\n\n```bash\n\
         echo warning >&2; echo noise >/dev/tty; echo web1 | grep --color=auto web\n```\n\n\
         ## Two\n\n```bash\necho \"<\"{{host}}\">\"\n```\n",
    );
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    agree(&mut terminal);
    terminal.answer("Run this?", "r");
    terminal.expect("│ <web1>");
    completed(&mut terminal);
}

#[test]
fn keys_typed_ahead_or_left_over_are_nobodys() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &format!("{}\n```bash\necho second\n```\n", page("echo ready; sleep 0.5")));
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    agree(&mut terminal);
    terminal.expect("│ ready");
    terminal.send(&"y\rr\r".repeat(25));
    terminal.expect("exit 0");
    terminal.expect("Run this?");
    terminal.expect("> ");
    terminal.send_line("s not this one");
    terminal.expect("Report");
    terminal.wait_exit();
    assert_eq!(sandbox.events_of("block_started").len(), 1, "{}", terminal.screen());
}

#[test]
fn ctrl_z_stops_the_run_and_fg_goes_on_with_it() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page("echo ready\nread -r x\necho \"got $x\""));
    let mut terminal = shell_with_jobs(&sandbox);
    terminal.send_line("stty -g >before");
    terminal.expect("prompt$ ");
    terminal.send_line(&run_page(&sandbox));
    agree(&mut terminal);
    terminal.expect("│ ready");
    for round in 0..rounds() {
        terminal.send("\u{1a}");
        terminal.expect("Stopped");
        terminal.expect("prompt$ ");
        terminal.send_line(&format!("stty -g | cmp - before && echo same $(({round} + 100))"));
        terminal.expect(&format!("same {}", round + 100));
        terminal.expect("prompt$ ");
        terminal.send_line("fg");
        // What is typed before the run has gone on is not for it.
        terminal.expect("so far");
    }
    terminal.send_line("on");
    terminal.expect("│ got on");
    terminal.expect("The run is completed.");
    terminal.expect("prompt$ ");
    terminal.send_line("stty -g | cmp - before && exit 7");
    assert_eq!(terminal.wait_exit(), 7);
}

#[test]
fn what_has_the_screen_is_stopped_and_comes_back_to_a_window_of_another_size() {
    let sandbox = Sandbox::new();
    sandbox.write_command(
        "viewer",
        "#!/bin/bash\ntrap 'echo back at $(stty size)' CONT\necho drawn\n\
         until read -r -s -n 1 -t 0.05 key; do :; done\necho key $key\n",
    );
    sandbox.write("page.md", &page("viewer"));
    let mut terminal = shell_with_jobs(&sandbox);
    terminal.send_line(&run_page(&sandbox));
    agree(&mut terminal);
    terminal.expect("drawn");
    terminal.send("\u{1a}");
    terminal.expect("Stopped");
    terminal.expect("prompt$ ");
    terminal.resize(60, 12);
    terminal.send_line("fg");
    terminal.expect("back at 12 ");
    terminal.send("q");
    terminal.expect("key q");
    terminal.expect("The run is completed.");
    terminal.expect("prompt$ ");
    terminal.send_line("exit 7");
    assert_eq!(terminal.wait_exit(), 7);
}

fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[test]
fn a_program_that_dies_in_raw_mode_leaves_the_terminal_as_it_was() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page("stty raw -echo\nprintf '\\033[?1049h\\033[?25l\\033[31mscreen'\nkill -KILL $$"));
    let mut terminal = shell_with_jobs(&sandbox);
    terminal.send_line("stty -g >before");
    terminal.expect("prompt$ ");
    terminal.send_line(&run_page(&sandbox));
    agree_to_destroy(&mut terminal);
    terminal.expect("ended by signal 9");
    terminal.answer("What now?", "s it is known");
    terminal.expect("Report");
    terminal.expect("prompt$ ");
    terminal.send_line("stty -g | cmp - before && exit 7");
    assert_eq!(terminal.wait_exit(), 7);
    wait_until("nothing of it is left", || sandbox.events_of("run_finished").len() == 1);
}

#[test]
fn a_terminal_within_the_blocks_begins_its_lines_at_the_left() {
    let sandbox = Sandbox::new();
    let code = r#"script -qc 'echo ready; read -r x; echo "went $x"; read -r y' /dev/null"#;
    sandbox.write("page.md", &page(code));
    let mut typescript = sandbox.command("script");
    typescript.args(["-qfc", &format!("exec {}", run_page(&sandbox)), "typescript"]);
    let mut terminal = Terminal::spawn(&typescript);
    agree(&mut terminal);
    terminal.expect("ready");
    terminal.send_line("on");
    terminal.expect("went on");
    terminal.send_line("");
    terminal.expect("The run is completed.");
    terminal.wait_exit();
    let seen = std::fs::read_to_string(sandbox.work().join("typescript")).expect("what was on the screen");
    assert!(seen.contains("went on\r\n"), "{seen:?}");
    assert!(printed(&sandbox).contains("went on\n"), "it is recorded as it was printed: {:?}", printed(&sandbox));
}
