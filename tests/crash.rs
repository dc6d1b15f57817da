//! The plug pulled in the middle: what was acknowledged is on record, what was
//! running is named, and nothing is run again unasked.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::time::Duration;
use support::{Sandbox, Terminal};

const STEPS: usize = 30;

/// A page whose every step writes its number down when it runs.
fn page() -> String {
    let step = |number| format!("## Step {number}\n\n```sh\necho {number} >> ran\n```\n\n");
    (1..=STEPS).fold("# Page\n\n".to_owned(), |page, number| page + &step(number))
}

/// What the transcript says has been started and finished, by step.
#[derive(Default)]
struct Record {
    started: Vec<String>,
    finished: BTreeSet<String>,
}

fn read_record(sandbox: &Sandbox) -> Record {
    let text = fs::read_to_string(sandbox.only_run().join("transcript.jsonl")).expect("the transcript");
    let mut record = Record::default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let step = || entry["block"]["step"].as_str().expect("a step").to_owned();
        match entry["event"].as_str() {
            Some("block_started") => record.started.push(step()),
            Some("block_finished") => {
                record.finished.insert(step());
            }
            _ => {}
        }
    }
    record
}

/// Kills a run `after` it began, and holds its record against the world.
fn kill_and_check(after: Duration) {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page());
    let mut command = sandbox.runbook(["run", "page.md", "--yes"]);
    let mut engine =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    std::thread::sleep(after);
    engine.kill().expect("SIGKILL");
    engine.wait().expect("it ends");
    if !sandbox.state().join("runs").is_dir() {
        return;
    }
    let Some(ran) = fs::read_to_string(sandbox.work().join("ran")).ok() else { return };
    let record = read_record(&sandbox);
    for number in ran.lines() {
        let step = format!("step-{number}");
        assert!(record.started.contains(&step), "{step} ran and is not on record, killed after {after:?}");
    }
    let unknown: Vec<_> = record.started.iter().filter(|step| !record.finished.contains(*step)).collect();
    assert!(unknown.len() <= 1, "{unknown:?}");
    if record.finished.len() == STEPS {
        return;
    }
    resume_and_check(&sandbox, unknown.first().map(|step| step.as_str()), &record);
}

/// Resumes in a terminal: the block that was running is named and asked about,
/// and until there is an answer nothing runs.
fn resume_and_check(sandbox: &Sandbox, unknown: Option<&str>, record: &Record) {
    let mut terminal = Terminal::spawn(&sandbox.runbook(["resume"]));
    match unknown {
        Some(step) => {
            let title = step.replace("step-", "Step ");
            terminal.expect(&title);
            terminal.expect("Did it run?");
            terminal.send_line("suspend");
        }
        None => {
            terminal.expect("Run this?");
            terminal.send_line("u");
        }
    }
    terminal.wait_exit();
    // The block that was running outlives the engine, and may end by itself.
    let ran = fs::read_to_string(sandbox.work().join("ran")).expect("what ran");
    let ran: Vec<_> = ran.lines().map(|number| format!("step-{number}")).collect();
    let without_twice: BTreeSet<_> = ran.iter().collect();
    assert_eq!(ran.len(), without_twice.len(), "something ran twice: {ran:?}");
    assert!(
        ran.iter().all(|step| record.started.contains(step)),
        "something ran unasked: {ran:?}\n{}",
        terminal.screen()
    );
    let verified = sandbox.runbook(["verify"]).output().expect("it starts");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

/// Fifty moments, spread over what a whole run takes and a little more.
fn kill_fifty_times(quarter: u64) {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page());
    let began = std::time::Instant::now();
    let whole = sandbox.runbook(["run", "page.md", "--yes"]).output().expect("it starts");
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    let length = began.elapsed();
    for moment in 0..50 {
        // A fixed sequence that falls everywhere: the golden ratio's multiples.
        let fraction = (f64::from(moment) * 4.0 + quarter as f64) * 0.618_033_988_75 % 1.0;
        kill_and_check(length.mul_f64(fraction));
    }
}

#[test]
fn killed_at_fifty_moments_nothing_acknowledged_is_lost_1() {
    kill_fifty_times(0);
}

#[test]
fn killed_at_fifty_moments_nothing_acknowledged_is_lost_2() {
    kill_fifty_times(1);
}

#[test]
fn killed_at_fifty_moments_nothing_acknowledged_is_lost_3() {
    kill_fifty_times(2);
}

#[test]
fn killed_at_fifty_moments_nothing_acknowledged_is_lost_4() {
    kill_fifty_times(3);
}
