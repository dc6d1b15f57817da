//! What a run costs: to start, for each step, for each gigabyte that a block
//! prints, and until a line is on the screen.
//!
//! `cargo bench --bench shell [SECTION …] [MEGABYTES]`, where the sections are
//! `start`, `sync`, `step`, `capture`, `pty` and `line`; by default all of them,
//! with 256 MB.

mod capture;
mod latency;
#[path = "../measure/mod.rs"]
mod measure;
mod place;
mod print;
mod start;
mod step;
mod sync;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [flag, what, amount] = arguments.as_slice()
        && flag == "--print"
    {
        print::print(what, amount.parse().expect("a number"));
        return;
    }
    let megabytes = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(256);
    let chosen: Vec<&String> = arguments.iter().filter(|argument| argument.parse::<u64>().is_err()).collect();
    let wants = |section: &str| chosen.is_empty() || chosen.iter().any(|name| *name == section);
    if wants("start") {
        start::start();
    }
    if wants("sync") {
        sync::sync();
    }
    if wants("step") {
        step::step();
    }
    if wants("capture") {
        capture::pipes(megabytes);
    }
    if wants("pty") {
        capture::terminal(megabytes);
    }
    if wants("line") {
        latency::latency();
    }
}
