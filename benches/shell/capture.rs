//! What it costs to pass on, keep and digest what a block prints, against
//! `tee`; on a terminal, against `script`.

use crate::measure::{median, milliseconds, ratio, report, report_megabytes, rounds_of};
use crate::place::{Cost, PEAK, Place, cost, cost_of, is_there, on_terminal};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

/// What is printed, and the longest it may take of the baseline's time: wall
/// and processor.
const KINDS: [(&str, f64, f64); 4] =
    [("lines", 1.25, 1.0), ("short-lines", 1.5, f64::INFINITY), ("one-line", 1.25, 1.0), ("binary", 1.25, 1.0)];

/// How many secrets are masked.
const SECRETS: usize = 20;

pub(crate) fn pipes(megabytes: u64) {
    for (kind, most, most_processor) in KINDS {
        // Ten million lines are a hundred megabytes.
        let bytes = (megabytes << 20) / if kind == "short-lines" { 4 } else { 1 };
        let place = Place::new();
        let page = page(kind, bytes, 0);
        let masked = page_with_secrets(kind, bytes);
        let costs = rounds_of(ROUNDS, 4, |way| {
            place.forget_runs();
            match way {
                0 => tee(&place, kind, bytes, false),
                3 => tee(&place, kind, bytes, true),
                1 => cost(&mut place.run(&page)),
                _ => cost(with_secrets(&mut place.run(&masked))),
            }
        });
        let walls: Vec<Duration> =
            costs.iter().map(|costs| median(costs.iter().map(|cost| cost.wall).collect())).collect();
        let processor: Vec<Duration> =
            costs.iter().map(|costs| median(costs.iter().map(|cost| cost.processor).collect())).collect();
        println!("\n{} MB as {kind}: {:.0} ms for tee", bytes >> 20, milliseconds(walls[0]));
        report("captured", "time of tee's", ratio(walls[1], walls[0]), most);
        report(
            "captured",
            "time of tee's and a sync's, for the record is on disk",
            ratio(walls[1], walls[3]),
            f64::INFINITY,
        );
        report("captured", "processor time of tee's", ratio(processor[1], processor[0]), most_processor);
        report(&format!("{SECRETS} secrets"), "time without them", ratio(walls[2], walls[1]), 1.15);
        report(
            &format!("{SECRETS} secrets"),
            "processor time without them",
            ratio(processor[2], processor[1]),
            f64::INFINITY,
        );
        report_megabytes("memory", "peak", place.memory("peak", "VmHWM") as f64, 16.0);
    }
}

pub(crate) fn terminal(megabytes: u64) {
    if !is_there("script") || !is_there("setsid") {
        println!("\non a terminal: not measured, for there is no `script` or no `setsid` here");
        return;
    }
    for (kind, most) in [("lines", 0.85), ("short-lines", 0.25)] {
        // The system's own terminals are slow.
        let bytes = (megabytes << 20) / 16;
        let place = Place::new();
        let page = page(kind, bytes, 0);
        let costs = rounds_of(ROUNDS, 2, |way| {
            place.forget_runs();
            let command = if way == 0 { script(&place, kind, bytes) } else { place.run(&page) };
            let began = Instant::now();
            let (mut child, mut screen) = on_terminal(&command);
            let reader = std::thread::spawn(move || read_all(&mut screen));
            let cost = cost_of(&mut child, began);
            reader.join().expect("the screen is read");
            cost.wall
        });
        let [script, run] = [0, 1].map(|way| median(costs[way].clone()));
        println!("\n{} MB as {kind} on a terminal: {:.0} ms for script", bytes >> 20, milliseconds(script));
        report("captured", "time of script's", ratio(run, script), most);
    }
}

/// Reads a terminal until nobody writes to it any more, which it says by an
/// error.
fn read_all(screen: &mut File) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(1..) = screen.read(&mut buffer) {}
}

fn page(kind: &str, bytes: u64, secrets: usize) -> String {
    let mut page = String::new();
    if secrets > 0 {
        page.push_str("---\nvariables:\n");
        for number in 0..secrets {
            let _ = writeln!(page, "  secret_{number}: {{ secret: true, env: BENCH_SECRET_{number} }}");
        }
        page.push_str("---\n\n");
    }
    let _ = write!(page, "# Print\n\n## It\n\n```bash\n\"$PRINTER\" --print {kind} {bytes}\n```\n{PEAK}");
    page
}

fn page_with_secrets(kind: &str, bytes: u64) -> String {
    page(kind, bytes, SECRETS)
}

/// Twenty secrets as services give them out.
fn with_secrets(command: &mut Command) -> &mut Command {
    for number in 0..SECRETS {
        command.env(format!("BENCH_SECRET_{number}"), format!("tok_{number:02}_Zq8/vX+3kRw9LmPd7Ys2Fa5"));
    }
    command
}

/// Prints through `tee` into a file, which is then synced or left to the
/// system; what counts is `tee`'s own cost, and the wait for the disk.
fn tee(place: &Place, kind: &str, bytes: u64, synced: bool) -> Cost {
    let kept = place.path().join("kept");
    let mut printer = Command::new(std::env::current_exe().expect("this program"));
    let began = Instant::now();
    let mut printer =
        printer.args(["--print", kind, &bytes.to_string()]).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut tee = Command::new("tee");
    place.at_home(&mut tee);
    tee.arg(&kept).stdin(printer.stdout.take().expect("it is piped"));
    let mut tee = tee.spawn().expect("tee starts");
    let cost = cost_of(&mut tee, began);
    printer.wait().expect("it has ended");
    assert_eq!(fs::metadata(&kept).map(|kept| kept.len()).unwrap_or(0), bytes);
    if synced {
        File::open(&kept).and_then(|kept| kept.sync_data()).expect("the disk takes it");
    }
    let wall = if synced { began.elapsed() } else { cost.wall };
    fs::remove_file(&kept).expect("the file can be removed");
    Cost { wall, ..cost }
}

fn script(place: &Place, kind: &str, bytes: u64) -> Command {
    let mut script = Command::new("script");
    place.at_home(&mut script);
    script.args(["-q", "-c", &format!("\"$PRINTER\" --print {kind} {bytes}"), "kept"]);
    script
}
