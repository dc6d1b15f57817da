//! How the benches measure. Absolute figures move from day to day and from
//! machine to machine: what is printed are ratios to a baseline, taken in one
//! run, everything measured once in each round, and the medians compared.

#![allow(dead_code, reason = "each bench uses its own part of this")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The median time of each of `count` kinds of work.
pub(crate) fn alternate(rounds: usize, count: usize, mut work: impl FnMut(usize)) -> Vec<Duration> {
    let times = rounds_of(rounds, count, |kind| {
        let start = Instant::now();
        work(kind);
        start.elapsed()
    });
    times.into_iter().map(median).collect()
}

/// What each of `count` kinds of work gives, in each of the rounds.
pub(crate) fn rounds_of<T>(rounds: usize, count: usize, mut work: impl FnMut(usize) -> T) -> Vec<Vec<T>> {
    let mut found: Vec<Vec<T>> = (0..count).map(|_| Vec::with_capacity(rounds)).collect();
    for _ in 0..rounds {
        for (kind, found) in found.iter_mut().enumerate() {
            found.push(work(kind));
        }
    }
    found
}

pub(crate) fn median<T: Ord + Copy>(values: Vec<T>) -> T {
    percentile(values, 50)
}

/// The value that so many of a hundred do not exceed.
pub(crate) fn percentile<T: Ord + Copy>(mut values: Vec<T>, percent: usize) -> T {
    values.sort_unstable();
    values[(values.len() * percent / 100).min(values.len() - 1)]
}

pub(crate) fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Prints a ratio, and whether it is at most what it should be.
pub(crate) fn report(name: &str, what: &str, ratio: f64, most: f64) {
    line(name, ratio, "x", what, most);
}

/// Prints an amount of memory in MB, and whether it is at most what it should be.
pub(crate) fn report_megabytes(name: &str, what: &str, bytes: f64, most: f64) {
    line(name, bytes / f64::from(1 << 20), " MB", what, most);
}

fn line(name: &str, value: f64, unit: &str, what: &str, most: f64) {
    let goal = match () {
        () if most.is_infinite() => String::new(),
        () if value <= most => format!("  within {most}{unit}"),
        () => format!("  OVER {most}{unit}"),
    };
    println!("  {name:<12} {value:>7.2}{unit}  {what}{goal}");
}

/// The value, in bytes, of a line such as `VmHWM:  1024 kB` of a process's
/// status. Linux alone has it; elsewhere it is 0.
pub(crate) fn bytes_of(status: &str, name: &str) -> u64 {
    let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or("0 kB");
    value.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}

/// Compiles a program that does nothing.
pub(crate) fn empty_program(folder: &Path) -> std::path::PathBuf {
    let (source, program) = (folder.join("empty.rs"), folder.join("empty"));
    fs::write(&source, "fn main() {}\n").expect("an empty program");
    let built = Command::new("rustc").arg("-O").arg("-o").arg(&program).arg(&source).status().expect("rustc");
    assert!(built.success(), "the empty program does not compile");
    program
}
