//! What a durable event costs, against one plain `fdatasync` of as many bytes.

use crate::measure::{median, ratio, report};
use crate::place::Place;
use runbook::run::{Event, RunId};
use runbook::transcript::{Holder, Stamp, Store};
use std::fs::OpenOptions;
use std::io::Write;
use std::time::Instant;

const EVENTS: usize = 400;

pub(crate) fn sync() {
    let place = Place::new();
    let store = Store::new(place.path().join("state"));
    let holder =
        Holder { user: "bench".to_owned(), host: "here".to_owned(), pid: std::process::id(), since: String::new() };
    let clock = Box::new(|| Stamp { at: "2024-01-01T00:00:00.000Z".to_owned(), elapsed_ms: 0 });
    let id: RunId = "2024-01-01-0000-bench-0000".parse().expect("an id");
    let mut writer = store.create(&id, b"# Page\n", &holder, clock).expect("a record");
    let event = Event::Note { step: None, text: "x".repeat(200), by: "bench".to_owned() };

    let mut plain = OpenOptions::new().append(true).create(true).open(place.path().join("plain")).expect("a file");
    let line = vec![b'x'; 520];
    let (mut plains, mut durables) = (Vec::new(), Vec::new());
    for _ in 0..EVENTS {
        let start = Instant::now();
        plain.write_all(&line).and_then(|()| plain.sync_data()).expect("the disk takes it");
        plains.push(start.elapsed());
        let start = Instant::now();
        writer.append(&event).expect("on record");
        writer.durable().expect("on disk");
        durables.push(start.elapsed());
    }
    let (plain, durable) = (median(plains), median(durables));
    println!("\na durable event: {} us for an fdatasync", plain.as_micros());
    report("event", "time of the fdatasync's", ratio(durable, plain), 1.1);
}
