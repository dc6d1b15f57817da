//! What the blocks of the benches run: this program, as a printer.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

/// Prints `amount` bytes of this kind; `ticks`, so many lines of which each
/// says when it was printed.
pub(crate) fn print(what: &str, amount: u64) {
    if what == "ticks" {
        return ticks(amount);
    }
    let pattern = pattern(what);
    let mut out = io::stdout().lock();
    let mut left = amount;
    while left > 0 {
        // As much as a pipe holds, as most programs write it at most.
        let length = left.min(1 << 16) as usize;
        let at = ((amount - left) % pattern.len() as u64) as usize;
        let length = length.min(pattern.len() - at);
        if out.write_all(&pattern[at..at + length]).is_err() {
            return;
        }
        left -= length as u64;
    }
}

fn pattern(what: &str) -> Vec<u8> {
    match what {
        "lines" => lines(96),
        "short-lines" => lines(10),
        "one-line" => vec![b'x'; 1 << 18],
        "binary" => noise(),
        other => panic!("{other} is nothing that can be printed"),
    }
}

fn lines(width: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for number in 0..1 << 14 {
        let line = format!(
            "{number:06} the queue holds {} jobs, and the oldest of them waits for a worker of its own",
            number % 977
        );
        text.extend_from_slice(&line.as_bytes()[..(width - 1).min(line.len())]);
        text.push(b'\n');
    }
    text
}

/// Bytes that follow no rule a compressor or decoder would see.
fn noise() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    std::iter::repeat_with(next).take(1 << 15).flat_map(u64::to_le_bytes).collect()
}

fn ticks(count: u64) {
    let mut out = io::stdout().lock();
    for _ in 0..count {
        std::thread::sleep(Duration::from_millis(1));
        // One write for the line, as of a program that knows it is watched.
        let line = format!("{}\n", now());
        if out.write_all(line.as_bytes()).is_err() {
            return;
        }
    }
}

/// Nanoseconds of a clock that all processes share.
pub(crate) fn now() -> u128 {
    SystemTime::UNIX_EPOCH.elapsed().expect("a clock that is set").as_nanos()
}
