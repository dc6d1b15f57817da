mod store;
mod survival;
mod tamper;

use super::*;
use crate::run::example::{self, OUTPUTS, RUNBOOK};
use crate::run::{Event, RunId, RunState};
use crate::source::Digest;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn id() -> RunId {
    "2026-11-22-0316-worker-death-7f3a".parse().expect("an id")
}

fn holder(user: &str) -> Holder {
    Holder { user: user.to_owned(), host: "ops-1".to_owned(), pid: 7, since: "2026-11-22T03:16:02Z".to_owned() }
}

/// A clock that goes on by seven seconds each time it is read.
fn clock() -> Clock {
    let mut stamps = example::stamp(vec![example::step_started("x"); 200]).into_iter();
    Box::new(move || {
        let entry = stamps.next().expect("fewer events");
        Stamp { at: entry.at, elapsed_ms: entry.elapsed_ms }
    })
}

/// Writes `events` as the engine would, each block's output with it.
fn write(writer: &mut Writer, events: &[Event]) {
    for event in events {
        if let Event::BlockFinished(end) = event {
            writer.open_output().expect("open");
            if let Some(output) = &end.output {
                let (_, text) = OUTPUTS.iter().find(|(name, _)| *name == output.file).expect("an output");
                writer.output(text.as_bytes()).expect("write");
                let mut end = end.clone();
                end.output = Some(writer.close_output().expect("close"));
                writer.append(&Event::BlockFinished(end)).expect("append");
                continue;
            }
        }
        writer.append(event).expect("append");
    }
    writer.durable().expect("durable");
}

/// One step, one block that printed something.
fn short_run() -> (TempDir, Store) {
    let mut events = example::events();
    let end = events.split_off(events.len() - 1);
    events.retain(|event| match event {
        Event::BlockStarted(start) => start.block.step == "restart" && start.attempt == 2,
        Event::BlockFinished(end) => end.block.step == "restart" && end.attempt == 2,
        other => matches!(other, Event::RunStarted(_) | Event::Note { .. }),
    });
    write_run(&[events, end].concat())
}

fn finished_run() -> (TempDir, Store) {
    write_run(&example::events())
}

fn write_run(events: &[Event]) -> (TempDir, Store) {
    let root = TempDir::new().expect("a folder");
    let store = Store::new(root.path());
    let mut writer = store.create(&id(), RUNBOOK.as_bytes(), &holder("oncall"), clock()).expect("create");
    write(&mut writer, events);
    (root, store)
}

/// A run whose record breaks off while the restart runs and has printed.
fn cut_off_run() -> (TempDir, Store) {
    let root = TempDir::new().expect("a folder");
    let store = Store::new(root.path());
    let mut writer = store.create(&id(), RUNBOOK.as_bytes(), &holder("oncall"), clock()).expect("create");
    write(&mut writer, &example::events()[..15]);
    writer.open_output().expect("open");
    writer.output(b"stopping").expect("output");
    (root, store)
}

fn check(store: &Store) -> Verification {
    verify(&store.open(&id()).expect("open"), None).expect("readable")
}

fn journal(store: &Store) -> PathBuf {
    store.path(&id()).join("transcript.jsonl")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
