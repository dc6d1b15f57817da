//! The harness of the end-to-end tests, tried on programs that are known.

mod support;

use support::{Sandbox, Screen, Terminal};

fn bash(sandbox: &Sandbox, script: &str) -> Terminal {
    let mut command = sandbox.command("bash");
    command.args(["-c", script]);
    Terminal::spawn(&command)
}

#[test]
fn a_line_typed_reaches_the_program_and_its_exit_code_comes_back() {
    let sandbox = Sandbox::new();
    let mut terminal = bash(&sandbox, r#"read -r -p 'name? ' name; echo "hello, $name"; exit 7"#);
    terminal.expect("name? ");
    terminal.send_line("worker");
    terminal.expect("hello, worker");
    assert_eq!(terminal.wait_exit(), 7);
    assert_eq!(terminal.wait_exit(), 7, "it can be asked twice");
}

#[test]
fn what_is_read_once_is_not_found_again() {
    let sandbox = Sandbox::new();
    let mut terminal = bash(&sandbox, "echo one; echo between; echo one; echo end");
    terminal.expect("one");
    assert_eq!(terminal.expect("one"), "\nbetween\n");
    assert_eq!(terminal.expect_any(&["one", "end"]), 1);
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
#[should_panic(expected = "\"never\" did not come before the program ended")]
fn a_text_that_never_comes_is_a_failure() {
    let sandbox = Sandbox::new();
    bash(&sandbox, "echo something else").expect("never");
}

#[test]
fn ctrl_c_interrupts_the_program_in_the_foreground() {
    let sandbox = Sandbox::new();
    // No trap: one that is due in the instant before `read` waits for a line.
    let mut terminal = bash(&sandbox, "echo ready; exec cat");
    terminal.expect("ready");
    terminal.send_ctrl_c();
    assert_eq!(terminal.wait_exit(), 128 + 2);
}

#[test]
fn a_program_ended_by_a_signal_is_told_apart() {
    let sandbox = Sandbox::new();
    assert_eq!(bash(&sandbox, "kill -TERM $$").wait_exit(), 128 + 15);
}

#[test]
fn the_terminal_is_a_controlling_one_with_echo_and_the_size_asked_for() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("bash");
    command.args(["-c", "stty size < /dev/tty; stty -a | grep -o -- '-\\?echo ' ; read -r _; stty size"]);
    let mut terminal = Terminal::spawn_sized(&command, 91, 17);
    terminal.expect("17 91\necho \n");
    terminal.resize(70, 20);
    terminal.send_line("");
    terminal.expect("20 70");
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
fn the_environment_is_the_sandbox_alone() {
    let sandbox = Sandbox::new();
    sandbox.write_command("greet", "#!/bin/sh\necho from the sandbox\n");
    let output = sandbox.command("sh").args(["-c", "greet; env | cut -d= -f1 | sort"]).output().expect("sh");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "from the sandbox\nHOME\nLANG\nLOGNAME\nPATH\nPWD\nRUNBOOK_STATE_DIR\nTERM\nUSER\n"
    );
}

#[test]
fn the_screen_keeps_the_text_wherever_the_output_is_cut() {
    let output =
        "\x1b[1mbold\x1b[0m \x1b]0;title\x07ünder\x1b]8;;http://x\x1b\\link\x1b(B\r\nnext\rover\x1b[2Aup\x1b[K\n";
    let bytes = output.as_bytes();
    for cut in 0..=bytes.len() {
        let mut screen = Screen::default();
        screen.push(&bytes[..cut]);
        screen.push(&bytes[cut..]);
        assert_eq!(screen.text(), "bold ünderlink\nnext\nover\nup\n", "cut at {cut}");
    }
}
