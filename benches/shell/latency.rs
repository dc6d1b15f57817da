//! How long a line is on its way from a block to the screen, against `tee`.

use crate::measure::{median, percentile, ratio, report, rounds_of};
use crate::place::{Place, is_there, on_terminal};
use crate::print::now;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

const ROUNDS: usize = 5;
const LINES: usize = 1000;

pub(crate) fn latency() {
    let page = format!("# Print\n\n```bash\n\"$PRINTER\" --print ticks {LINES}\n```\n");
    for on_a_terminal in [false, true] {
        if on_a_terminal && !is_there("setsid") {
            continue;
        }
        let place = Place::new();
        let rounds = rounds_of(ROUNDS, 2, |way| {
            place.forget_runs();
            let command = if way == 0 { tee(&place) } else { place.run(&page) };
            let delays = if on_a_terminal { on_screen(&command) } else { through_a_pipe(command, way == 1) };
            (percentile(delays.clone(), 50), percentile(delays, 99))
        });
        let [tee, run] = [0, 1].map(|way| {
            let (half, most): (Vec<_>, Vec<_>) = rounds[way].iter().copied().unzip();
            [median(half), median(most)]
        });
        let where_to = if on_a_terminal { "a terminal" } else { "a pipe" };
        println!("\na line's way to {where_to}: p50 {} us, p99 {} us by tee", tee[0].as_micros(), tee[1].as_micros());
        report("p50", "time of tee's", ratio(run[0], tee[0]), 2.0);
        report("p99", "time of tee's", ratio(run[1], tee[1]), 2.0);
    }
}

fn tee(place: &Place) -> Command {
    let mut command = Command::new("sh");
    place.at_home(&mut command);
    command.args(["-c", &format!("\"$PRINTER\" --print ticks {LINES} | tee kept")]);
    command
}

/// The screen is standard error for a run, standard output for `tee`.
fn through_a_pipe(mut command: Command, on_stderr: bool) -> Vec<Duration> {
    if on_stderr {
        command.stderr(Stdio::piped())
    } else {
        command.stdout(Stdio::piped())
    };
    let mut child = command.spawn().expect("it starts");
    let delays = match (child.stdout.take(), child.stderr.take()) {
        (Some(out), _) => delays(out),
        (_, Some(err)) => delays(err),
        (None, None) => Vec::new(),
    };
    assert!(child.wait().expect("it ends").success());
    delays
}

fn on_screen(command: &Command) -> Vec<Duration> {
    let (mut child, screen) = on_terminal(command);
    let delays = delays(screen);
    assert!(child.wait().expect("it ends").success());
    delays
}

/// How old each line is that says when it was printed.
fn delays(screen: impl Read) -> Vec<Duration> {
    let mut screen = BufReader::new(screen);
    let mut delays = Vec::with_capacity(LINES);
    let mut line = Vec::new();
    // A terminal that nobody writes to any more ends with an error.
    while let Ok(1..) = screen.read_until(b'\n', &mut line) {
        let read = now();
        let text = String::from_utf8_lossy(&line);
        let digits = text.trim_end().rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        // A time in nanoseconds has nineteen of them.
        if let (19, Ok(printed)) = (digits.len(), digits.parse::<u128>()) {
            delays.push(Duration::from_nanos(u64::try_from(read.saturating_sub(printed)).unwrap_or(u64::MAX)));
        }
        line.clear();
    }
    assert!(delays.len() >= LINES / 2, "only {} of {LINES} lines were seen", delays.len());
    delays
}
