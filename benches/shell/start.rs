//! What it costs to start, against an empty program.

use crate::measure::{alternate, bytes_of, empty_program, milliseconds, ratio, report, report_megabytes};
use crate::place::{Place, RUNBOOK, is_there};
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

const STARTS: usize = 100;

pub(crate) fn start() {
    let place = Place::new();
    let empty = empty_program(place.path());
    for folder in ["one/runbooks", "fifty/runbooks"] {
        fs::create_dir_all(place.path().join(folder)).expect("a folder");
    }
    for number in 0..50 {
        let page = format!("# Page {number}\n\nWhat to do.\n\n{}", "## A step\n\n```bash\nuptime\n```\n\n".repeat(20));
        for folder in ["one", "fifty"].iter().filter(|folder| number == 0 || **folder == "fifty") {
            fs::write(place.path().join(folder).join(format!("runbooks/page-{number}.md")), &page).expect("a page");
        }
    }
    fs::write(place.path().join("one/justfile"), "# What to do.\npage:\n    uptime\n").expect("a justfile");

    let empty = empty.to_str().expect("a path in UTF-8");
    let mut calls: Vec<(&str, &[&str], &str)> = vec![
        (empty, &[], "one"),
        (RUNBOOK, &["--version"], "one"),
        (RUNBOOK, &["list"], "one"),
        (RUNBOOK, &["list"], "fifty"),
    ];
    if is_there("just") {
        calls.push(("just", &["--list"], "one"));
    }
    let command = |(program, arguments, folder): &(&str, &[&str], &str)| {
        let mut command = Command::new(program);
        command.args(*arguments).current_dir(place.path().join(folder)).stdin(Stdio::null()).stdout(Stdio::null());
        command
    };
    let medians = alternate(STARTS, calls.len(), |call| {
        assert!(command(&calls[call]).status().expect("it starts").success());
    });
    println!("\nstart-up: {:.1} ms for an empty program", milliseconds(medians[0]));
    report("--version", "time of the empty program's", ratio(medians[1], medians[0]), 1.25);
    report("list", "time of the empty program's", ratio(medians[2], medians[0]), f64::INFINITY);
    report("list of 50", "time of the empty program's", ratio(medians[3], medians[0]), f64::INFINITY);
    if let Some(just) = medians.get(4) {
        report("list", "time of just --list", ratio(medians[2], *just), 1.0);
        report("list of 50", "time of just --list", ratio(medians[3], *just), 2.0);
    }
    for call in &calls[..4] {
        let name = format!("{} {}", call.1.first().unwrap_or(&"empty"), call.2);
        let most = if call.1 == ["--version"] { 6.0 } else { f64::INFINITY };
        report_megabytes(&name, "peak", peak(&mut command(call)) as f64, most);
    }
}

/// The most memory that a program had that ends as soon as it has started:
/// looked at as often as the system lets one, of many starts the most.
fn peak(command: &mut Command) -> u64 {
    let mut most = 0;
    for _ in 0..20 {
        let mut child = command.spawn().expect("it starts");
        let status = format!("/proc/{}/status", child.id());
        while child.try_wait().expect("it can be waited for").is_none() {
            most = most.max(bytes_of(&fs::read_to_string(&status).unwrap_or_default(), "VmHWM"));
            std::thread::sleep(Duration::from_micros(50));
        }
    }
    most
}
