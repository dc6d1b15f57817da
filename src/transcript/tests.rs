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
    let mut writer = store.create(&id(), RUNBOOK.as_bytes(), &holder("sam"), clock()).expect("create");
    write(&mut writer, events);
    (root, store)
}

/// A run whose record breaks off while the restart runs and has printed.
fn cut_off_run() -> (TempDir, Store) {
    let root = TempDir::new().expect("a folder");
    let store = Store::new(root.path());
    let mut writer = store.create(&id(), RUNBOOK.as_bytes(), &holder("sam"), clock()).expect("create");
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

#[test]
fn what_was_written_is_read_back_and_is_intact() {
    let (_root, store) = finished_run();
    let loaded = store.open(&id()).expect("open").load().expect("sound");
    assert_eq!(loaded.tail, Tail::Whole);
    assert_eq!(loaded.lines as usize, example::events().len());
    let found = check(&store);
    assert_eq!((found.verdict, found.problems.len(), found.outputs), (Verdict::Finished, 0, OUTPUTS.len()));
    assert_eq!(found.head, Some(loaded.head));
}

#[test]
fn a_change_of_any_byte_in_any_file_is_found() {
    let (_root, store) = short_run();
    let mut flipped = 0;
    for path in files(&store.path(&id())) {
        let original = fs::read(&path).expect("a file");
        let mut bytes = original.clone();
        // Every byte, and each of its bits in turn from byte to byte.
        for place in 0..bytes.len() {
            bytes[place] ^= 1 << (place % 8);
            fs::write(&path, &bytes).expect("write");
            assert!(!check(&store).is_intact(), "{} byte {place}", path.display());
            bytes[place] = original[place];
            flipped += 1;
        }
        fs::write(&path, &original).expect("write");
    }
    assert!(flipped > 2_000, "{flipped}");
    assert!(check(&store).is_intact());
}

#[test]
fn bytes_added_to_any_file_are_found() {
    let (_root, store) = finished_run();
    for path in files(&store.path(&id())).into_iter().filter(|path| !path.ends_with("lock")) {
        let original = fs::read(&path).expect("a file");
        for more in ["\n", " ", "{}\n", "\0"] {
            fs::write(&path, [&original, more.as_bytes()].concat()).expect("write");
            assert!(!check(&store).is_intact(), "{} and {more:?}", path.display());
        }
        fs::write(&path, &original).expect("write");
    }
}

#[test]
fn a_record_cut_anywhere_loses_the_cut_line_alone() {
    let (_root, store) = short_run();
    let path = journal(&store);
    let whole = fs::read(&path).expect("the record");
    for end in 0..whole.len() {
        fs::write(&path, &whole[..end]).expect("write");
        let mut reader = store.open(&id()).expect("open").reader().expect("reader");
        let read = reader.by_ref().filter(Result::is_ok).count();
        let lines = whole[..end].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(read, lines, "cut at {end}");
        let rest = end - whole[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        let tail = match rest {
            0 => Tail::Whole,
            bytes => Tail::Torn { line: lines as u64 + 1, bytes: bytes as u64 },
        };
        assert_eq!(reader.tail(), tail, "cut at {end}");
        let verdict = check(&store).verdict;
        assert_eq!(verdict == Verdict::Finished, end == whole.len(), "cut at {end}");
    }
}

#[test]
fn a_change_before_the_last_line_is_not_taken_for_a_torn_one() {
    let (_root, store) = finished_run();
    let path = journal(&store);
    let text = fs::read_to_string(&path).expect("the record");
    fs::write(&path, text.replacen("ops-1", "ops-2", 1)).expect("write");
    let folder = store.open(&id()).expect("open");
    assert!(matches!(folder.load(), Err(ReadError::Broken { line: 1, why: Flaw::Hash })));
    assert_eq!(check(&store).verdict, Verdict::Broken);
}

#[test]
fn lines_taken_out_put_in_or_moved_are_found() {
    let (_root, store) = short_run();
    let path = journal(&store);
    let text = fs::read_to_string(&path).expect("the record");
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let mut tried = 0;
    let mut broken = |lines: Vec<&str>| {
        fs::write(&path, lines.concat()).expect("write");
        assert!(!check(&store).is_intact());
        tried += 1;
    };
    for place in 0..lines.len() {
        if place + 1 < lines.len() {
            broken([&lines[..place], &lines[place + 1..]].concat());
        }
        broken([&lines[..=place], &lines[place..]].concat());
        for other in place + 1..lines.len() {
            let mut moved = lines.clone();
            moved.swap(place, other);
            broken(moved);
        }
    }
    assert!(tried > 15, "{tried}");
}

#[test]
fn lines_cut_off_the_end_are_found_against_a_head_kept_elsewhere() {
    let (_root, store) = finished_run();
    let head = check(&store).head.expect("a head");
    let path = journal(&store);
    let text = fs::read_to_string(&path).expect("the record");
    let folder = store.open(&id()).expect("open");
    assert_eq!(verify(&folder, Some(&head)).expect("readable").verdict, Verdict::Finished);
    let cut = text.trim_end().rfind('\n').expect("more than one line") + 1;
    fs::write(&path, &text[..cut]).expect("write");
    assert_eq!(check(&store).verdict, Verdict::Unfinished);
    assert!(check(&store).to_string().contains("as far as the file can tell"));
    let found = verify(&folder, Some(&head)).expect("readable");
    assert_eq!((found.verdict, found.kept_head_found), (Verdict::Broken, Some(false)));
}

#[test]
fn outputs_missing_added_or_replaced_by_links_are_found() {
    let (_root, store) = finished_run();
    let output = store.path(&id()).join("output");
    let first = output.join("001.log");
    let text = fs::read(&first).expect("an output");
    fs::remove_file(&first).expect("remove");
    assert!(!check(&store).is_intact());
    let elsewhere = output.parent().expect("the run's folder").join("copy");
    fs::write(&elsewhere, &text).expect("write");
    symlink(&elsewhere, &first).expect("link");
    assert!(!check(&store).is_intact());
    fs::remove_file(&first).expect("remove");
    fs::write(&first, &text).expect("write");
    assert!(check(&store).is_intact());
    fs::write(output.join("099.log"), "x").expect("write");
    assert!(check(&store).to_string().contains("output/099.log: no event speaks of it"));
}

#[test]
fn another_page_in_the_folder_is_found() {
    let (_root, store) = finished_run();
    fs::write(store.path(&id()).join("runbook.md"), "# Other\n").expect("write");
    assert!(check(&store).to_string().contains("runbook.md: it is not the page that was approved"));
}

#[test]
fn a_run_is_taken_up_after_its_torn_line_and_the_chain_goes_on() {
    let (_root, store) = cut_off_run();
    let torn = br#"{"v":1,"seq":16,"at":"2026"#;
    fs::OpenOptions::new()
        .append(true)
        .open(journal(&store))
        .and_then(|mut file| std::io::Write::write_all(&mut file, torn))
        .expect("write");
    assert_eq!(check(&store).verdict, Verdict::Torn);

    let resumed = store.resume(&id(), &holder("kim"), clock()).expect("resume");
    assert_eq!(resumed.dropped, torn.len() as u64);
    assert_eq!(resumed.runbook, RUNBOOK.as_bytes());
    assert_eq!(resumed.run.unknown_block(), Some(&example::block("restart")));
    let salvaged = resumed.salvaged.expect("what it had printed");
    assert_eq!((salvaged.file.as_str(), salvaged.bytes), ("002.log", 8));
    assert_eq!(salvaged.digest, Digest::of(b"stopping"));

    let mut writer = resumed.writer;
    let event = Event::RunResumed {
        by: "kim".to_owned(),
        host: "ops-2".to_owned(),
        version: "0.1.0".to_owned(),
        changed: None,
        salvaged: Some(salvaged),
        dropped: resumed.dropped,
    };
    let entry = writer.append(&event).expect("append");
    assert_eq!(entry.seq, 16);
    writer.open_output().expect("open");
    writer.output(b"more").expect("output");
    assert_eq!(writer.close_output().expect("close").file, "003.log");
}

#[test]
fn output_of_a_block_that_was_cut_off_is_covered_once_the_run_is_taken_up() {
    let (_root, store) = cut_off_run();
    assert_eq!(check(&store).verdict, Verdict::Unfinished);
    let Resumed { mut writer, salvaged, dropped, .. } = store.resume(&id(), &holder("sam"), clock()).expect("resume");
    let (by, host, version) = ("sam".to_owned(), "ops-1".to_owned(), "0.1.0".to_owned());
    writer.append(&Event::RunResumed { by, host, version, changed: None, salvaged, dropped }).expect("append");
    assert_eq!((check(&store).verdict, check(&store).outputs), (Verdict::Unfinished, 2));
    fs::write(store.path(&id()).join("output/002.log"), "stopped!").expect("write");
    assert_eq!(check(&store).verdict, Verdict::Broken);
}

#[test]
fn a_finished_run_cannot_be_resumed_but_can_be_noted_on() {
    let (_root, store) = finished_run();
    assert!(matches!(store.resume(&id(), &holder("sam"), clock()), Err(StoreError::Finished(_))));
    let mut late = store.reopen(&id(), &holder("sam"), clock()).expect("reopen").writer;
    late.append(&Event::Note { step: None, text: "It was the deploy.".to_owned(), by: "sam".to_owned() })
        .expect("append");
    late.durable().expect("durable");
    assert_eq!(check(&store).verdict, Verdict::Finished);
}

fn writer_to(store: &Store, journal: fs::File) -> Writer {
    drop(store.create(&id(), RUNBOOK.as_bytes(), &holder("sam"), clock()).expect("create"));
    let folder = store.open(&id()).expect("open");
    let lock = Lock::acquire(&folder, &holder("sam")).expect("lock");
    Writer::new(folder, journal, Chain::begin(Digest::of(RUNBOOK.as_bytes())), 1, lock, clock())
}

fn assert_dead(writer: &mut Writer, error: &WriteError) {
    let event = example::step_started("x");
    assert_eq!(writer.append(&event).as_ref(), Err(error));
    assert_eq!(writer.durable().as_ref(), Err(error));
    assert_eq!(writer.open_output().as_ref(), Err(error));
    assert_eq!(writer.output(b"x").as_ref(), Err(error));
    assert_eq!(writer.close_output().as_ref(), Err(error));
}

#[test]
fn a_write_that_failed_is_final() {
    let root = TempDir::new().expect("a folder");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let mut writer = writer_to(&Store::new(root.path()), full);
    let error = writer.append(&example::step_started("x")).expect_err("the disk is full");
    assert!(error.to_string().contains("transcript.jsonl"), "{error}");
    assert_dead(&mut writer, &error);
}

#[test]
fn a_sync_that_failed_is_final_though_the_next_would_succeed() {
    let root = TempDir::new().expect("a folder");
    // A pipe takes what is written and cannot be synced.
    let (_reader, pipe) = std::io::pipe().expect("a pipe");
    let mut writer = writer_to(&Store::new(root.path()), fs::File::from(std::os::fd::OwnedFd::from(pipe)));
    writer.append(&example::step_started("x")).expect("append");
    let error = writer.durable().expect_err("a pipe has no disk");
    assert_dead(&mut writer, &error);
}

#[test]
fn output_that_cannot_be_written_ends_the_record() {
    let (_root, store) = cut_off_run();
    let mut writer = store.resume(&id(), &holder("sam"), clock()).expect("resume").writer;
    // Somebody puts a file where the next output goes.
    fs::write(store.path(&id()).join("output/003.log"), "x").expect("write");
    writer.open_output().expect("open");
    let error = writer.output(b"y").expect_err("the name is taken");
    assert_dead(&mut writer, &error);
}

#[test]
fn nobody_else_can_read_a_run_whatever_the_umask() {
    let before = rustix::process::umask(rustix::fs::Mode::empty());
    let (root, store) = finished_run();
    rustix::process::umask(before);
    let run = store.path(&id());
    for (folder, mode) in [("", 0o700), ("output", 0o700), ("..", 0o700)] {
        assert_eq!(fs::metadata(run.join(folder)).expect("there").mode() & 0o7777, mode, "{folder}");
    }
    assert_eq!(files(&run).len(), OUTPUTS.len() + 3);
    for path in files(&run) {
        assert_eq!(fs::metadata(&path).expect("there").mode() & 0o7777, 0o600, "{}", path.display());
    }
    drop(root);
}

#[test]
fn links_are_not_followed() {
    let (root, store) = finished_run();
    let record = journal(&store);
    let elsewhere = root.path().join("elsewhere");
    fs::rename(&record, &elsewhere).expect("move");
    symlink(&elsewhere, &record).expect("link");
    assert!(store.open(&id()).expect("open").load().is_err());
    assert!(store.resume(&id(), &holder("sam"), clock()).is_err());

    let run = store.path(&id());
    let moved = root.path().join("moved");
    fs::rename(&run, &moved).expect("move");
    symlink(&moved, &run).expect("link");
    assert!(store.open(&id()).is_err());
}

#[test]
fn an_output_is_not_looked_for_outside_its_folder() {
    let (_root, store) = finished_run();
    let folder = store.open(&id()).expect("open");
    for name in ["../runbook.md", "/etc/passwd", "1.log", "001.log/", "0001.log", ""] {
        assert!(folder.output(name).is_err(), "{name}");
    }
}

#[test]
fn one_responder_a_run_and_the_others_are_told_who() {
    let (_root, store) = cut_off_run();
    let first = store.resume(&id(), &holder("sam"), clock()).expect("resume");
    for _ in 0..20 {
        match store.resume(&id(), &holder("kim"), clock()) {
            Err(StoreError::Lock(error)) => assert!(error.to_string().starts_with("sam on ops-1 (process 7)")),
            other => panic!("{:?}", other.err()),
        }
    }
    assert_eq!(store.list().expect("list")[0].holder, Some(Some(holder("sam"))));
    drop(first);
    assert_eq!(store.list().expect("list")[0].holder, None);
    assert!(store.resume(&id(), &holder("kim"), clock()).is_ok());
}

#[test]
fn runs_are_listed_newest_first_and_a_broken_one_with_its_reason() {
    let (root, store) = finished_run();
    for later in ["2026-11-22-0317-a-0001", "2026-11-22-0317-a-0002"] {
        let later = later.parse().expect("an id");
        let mut writer = store.create(&later, RUNBOOK.as_bytes(), &holder("sam"), clock()).expect("create");
        writer.append(&example::events()[0]).expect("append");
    }
    fs::create_dir(root.path().join("runs/2026-11-22-0318-b-0001")).expect("a folder");
    fs::create_dir(root.path().join("runs/not-a-run")).expect("a folder");
    let list = store.list().expect("list");
    let ids: Vec<_> = list.iter().map(|run| run.id.as_str()).collect();
    let expected = ["2026-11-22-0318-b-0001", "2026-11-22-0317-a-0002", "2026-11-22-0317-a-0001", id().as_str()]
        .map(str::to_owned);
    assert_eq!(ids, expected);
    assert!(list[0].overview.is_err());
    let last = list[3].overview.as_ref().expect("readable");
    assert!(matches!(last.state, RunState::Finished(_)));
    assert_eq!((last.steps_done, last.steps, last.rehearsal), (4, 5, true));
}

#[test]
fn a_run_is_found_by_its_id_its_beginning_or_as_the_latest() {
    let root = TempDir::new().expect("a folder");
    let store = Store::new(root.path());
    assert!(matches!(store.find("latest"), Err(StoreError::Empty { .. })));
    for id in ["2026-11-22-0316-a-0001", "2026-11-22-0316-ab-0002", "2026-11-23-0000-a-0003"] {
        store.create(&id.parse().expect("an id"), b"", &holder("sam"), clock()).expect("create");
    }
    let find = |name: &str| store.find(name).map(|id| id.to_string());
    assert_eq!(find("latest").expect("found"), "2026-11-23-0000-a-0003");
    assert_eq!(find("2026-11-22-0316-a-").expect("found"), "2026-11-22-0316-a-0001");
    assert_eq!(find("2026-11-22-0316-ab-0002").expect("found"), "2026-11-22-0316-ab-0002");
    let error = find("2026-11-22").expect_err("two").to_string();
    assert_eq!(error, "`2026-11-22` could be any of 2026-11-22-0316-ab-0002, 2026-11-22-0316-a-0001");
    assert!(find("worker").expect_err("none").to_string().contains("the latest are 2026-11-23-0000-a-0003"));
    assert!(matches!(find("../x"), Err(StoreError::NotFound { .. })));
}

#[test]
fn the_latest_of_one_minute_is_the_one_that_began_last() {
    let root = TempDir::new().expect("a folder");
    let store = Store::new(root.path());
    for (id, second) in [("2026-11-22-0316-a-0009", 1), ("2026-11-22-0316-a-0001", 2)] {
        let clock = move || Stamp { at: format!("2026-11-22T03:16:0{second}.000Z"), elapsed_ms: 0 };
        let id = id.parse().expect("an id");
        let mut writer = store.create(&id, RUNBOOK.as_bytes(), &holder("sam"), Box::new(clock)).expect("create");
        writer.append(&example::events()[0]).expect("append");
    }
    assert_eq!(store.find("latest").expect("found").as_str(), "2026-11-22-0316-a-0001");
}

#[test]
fn an_id_is_given_once() {
    let (_root, store) = finished_run();
    let again = store.create(&id(), b"", &holder("sam"), clock());
    assert!(matches!(again, Err(StoreError::Exists(_))));
}

#[test]
fn an_event_of_a_newer_version_does_not_stop_the_reading() {
    let (_root, store) = finished_run();
    let path = journal(&store);
    let text = fs::read_to_string(&path).expect("the record");
    let head = check(&store).head.expect("a head");
    let body = format!(
        r#"{{"v":1,"seq":{},"at":"2026-11-22T04:00:00.000Z","elapsed_ms":1,"event":"paged","prev":"{head}""#,
        text.lines().count() + 1
    );
    let hash = Digest::of(body.as_bytes());
    fs::write(&path, format!("{text}{body},\"hash\":\"{hash}\"}}\n")).expect("write");
    assert_eq!(check(&store).verdict, Verdict::Finished);
    assert_eq!(store.open(&id()).expect("open").load().expect("sound").run.foreign, 1);
}

#[test]
fn a_pipe_in_place_of_a_file_does_not_hang_the_reading() {
    let (_root, store) = finished_run();
    let page = store.path(&id()).join("runbook.md");
    fs::remove_file(&page).expect("remove");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &page,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .expect("a pipe");
    // Somebody who reads it keeps it from being an error to open.
    let _end = fs::OpenOptions::new().read(true).write(true).open(&page).expect("open");
    assert!(!check(&store).is_intact());
}
