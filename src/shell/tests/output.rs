//! What comes out of a block, and what goes in.

use super::{Bench, bash};
use crate::effect::{Ending, Output, OutputError, Shell, Stream, Waiting};

#[tokio::test]
async fn the_two_streams_are_told_apart() {
    let mut bench = Bench::new();
    bench.run("echo out; echo err >&2").await;
    assert_eq!((bench.out().as_str(), bench.err().as_str()), ("out\n", "err\n"));
}

#[tokio::test]
async fn bytes_that_are_no_text_come_through() {
    let mut bench = Bench::new();
    bench.run(r"printf '\0\377\300a\r\n\033['").await;
    assert_eq!(bench.seen.out, b"\0\xff\xc0a\r\n\x1b[");
}

#[tokio::test]
async fn the_input_is_empty() {
    let mut bench = Bench::new();
    assert_eq!(bench.run("cat; read -r x || echo no; ssh() { cat; }; ssh host; echo after").await, "no\nafter\n");
}

#[tokio::test]
async fn there_is_no_terminal_to_wait_at() {
    let mut bench = Bench::new();
    assert_eq!(bench.run("(read -r x </dev/tty) 2>/dev/null || echo none").await, "none\n");
}

#[tokio::test]
async fn the_shells_messages_name_the_line_in_the_block() {
    let mut bench = Bench::new();
    bench.result("echo 1\necho 2\nnosuch").await;
    let said = bench.err();
    assert!(said.ends_with("/block-at-line-7: line 3: nosuch: command not found\n"), "{said}");
}

/// Counts, and checks that no piece is larger than a pipe is.
#[derive(Default)]
struct Count {
    bytes: u64,
    largest: usize,
}

impl Output for Count {
    fn write(&mut self, _: Stream, bytes: &[u8]) -> Result<(), OutputError> {
        self.bytes += bytes.len() as u64;
        self.largest = self.largest.max(bytes.len());
        Ok(())
    }

    fn waiting(&mut self, _: &Waiting) {}
}

#[tokio::test]
async fn a_hundred_megabytes_come_in_pieces_and_none_is_missing() {
    let mut bench = Bench::new();
    let mut count = Count::default();
    let request = bash("head -c 100000000 /dev/zero");
    let result = bench.runner.run(&request, &mut count, &mut bench.receiver).await.unwrap();
    assert_eq!((result.ending, count.bytes), (Ending::Exit(0), 100_000_000));
    assert!(count.largest <= 64 * 1024, "{}", count.largest);
}

/// Fails, and counts how often it was asked.
struct Full(usize);

impl Output for Full {
    fn write(&mut self, _: Stream, _: &[u8]) -> Result<(), OutputError> {
        self.0 += 1;
        Err(OutputError)
    }

    fn waiting(&mut self, _: &Waiting) {}
}

#[tokio::test]
async fn a_block_whose_output_cannot_be_recorded_runs_to_its_end() {
    let mut bench = Bench::new();
    let mut full = Full(0);
    let request = bash("head -c 1000000 /dev/zero; echo done >end");
    let result = bench.runner.run(&request, &mut full, &mut bench.receiver).await.unwrap();
    assert_eq!((result.ending, full.0), (Ending::Exit(0), 1));
    assert_eq!(std::fs::read_to_string(bench.path().join("end")).unwrap(), "done\n");
}
