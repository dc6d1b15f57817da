//! What a step costs that does nothing, with its state carried, its output
//! captured and its record on disk, against a loop that only starts the shell.

use crate::measure::{median, milliseconds, ratio, report, report_megabytes, rounds_of};
use crate::place::{Place, cost, is_there};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::Duration;

/// How many of the first and last steps are compared.
const EDGE: usize = 100;

pub(crate) fn step() {
    for (steps, rounds) in [(200, 7), (1000, 3)] {
        let place = Place::new();
        let page = page(steps);
        let mut paces = Vec::new();
        let costs = rounds_of(rounds, 2, |kind| {
            if kind == 0 {
                return cost(&mut shell_loop(&place, steps)).wall;
            }
            place.forget_runs();
            let wall = cost(&mut place.run(&page)).wall;
            paces.push(pace(&place));
            wall
        });
        let [baseline, run] = [0, 1].map(|kind| median(costs[kind].clone()));
        println!("\n{steps} steps that do nothing: {:.2} ms each for the loop", milliseconds(baseline) / steps as f64);
        report(
            "a step",
            "time of the loop's",
            ratio(median(paces.iter().map(|pace| pace.whole).collect()), baseline),
            2.0,
        );
        report("whole run", "with its start and its reports", ratio(run, baseline), f64::INFINITY);
        if steps > 2 * EDGE {
            let first = median(paces.iter().map(|pace| pace.first).collect());
            let last = median(paces.iter().map(|pace| pace.last).collect());
            report("last steps", "time of the first ones'", ratio(last, first), 1.15);
            let grown = place.memory("last", "VmRSS").saturating_sub(place.memory("first", "VmRSS"));
            report_megabytes("memory", "more in the last step than in the first", grown as f64, 2.0);
        }
    }
    syncs();
}

fn shell_loop(place: &Place, steps: usize) -> Command {
    let mut command = Command::new("bash");
    place.at_home(&mut command);
    command.args(["-c", &format!("for ((step = 0; step < {steps}; step++)); do bash -c true; done")]);
    command
}

/// A page of so many steps; the first and the last put down the memory.
fn page(steps: usize) -> String {
    let mut page = "# Nothing\n".to_owned();
    for number in 1..=steps {
        let code = match number {
            1 => "cp \"/proc/$ENGINE/status\" first || true",
            _ if number == steps => "cp \"/proc/$ENGINE/status\" last || true",
            _ => "true",
        };
        let _ = write!(page, "\n## Step {number}\n\n```bash\n{code}\n```\n");
    }
    page
}

/// How long the steps took, by the record.
struct Pace {
    whole: Duration,
    first: Duration,
    last: Duration,
}

fn pace(place: &Place) -> Pace {
    let record = fs::read_to_string(place.record()).expect("the record");
    let events = record.lines().map(|line| serde_json::from_str::<Value>(line).expect("an event"));
    let times: Vec<u64> = events
        .filter(|event| matches!(event["event"].as_str(), Some("step_started" | "run_finished")))
        .map(|event| event["elapsed_ms"].as_u64().expect("a time"))
        .collect();
    let between = |from: usize, to: usize| Duration::from_millis(times[to] - times[from]);
    let end = times.len() - 1;
    let edge = EDGE.min(end);
    Pace { whole: between(0, end), first: between(0, edge), last: between(end - edge, end) }
}

/// How often a step waits for the disk.
fn syncs() {
    if !is_there("strace") {
        return;
    }
    let count = |steps: usize| {
        let place = Place::new();
        let run = place.run(&page(steps));
        let mut command = Command::new("strace");
        place.at_home(&mut command);
        command.args(["-f", "-o", "calls", "-e", "trace=fsync,fdatasync,sync,syncfs"]);
        command.arg(run.get_program()).args(run.get_args());
        let traced = command.status().is_ok_and(|status| status.success());
        let calls = fs::read_to_string(place.path().join("calls")).unwrap_or_default();
        traced.then(|| calls.lines().filter(|line| line.contains("sync(")).count())
    };
    // Somewhere else than here tracing may not be allowed.
    if let (Some(few), Some(many)) = (count(20), count(40)) {
        report("syncs", "in each step", (many - few) as f64 / 20.0, 2.0);
    }
}
