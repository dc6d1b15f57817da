//! Broken-off records, and failures to write.

use super::*;

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

    let resumed = store.resume(&id(), &holder("relief"), clock()).expect("resume");
    assert_eq!(resumed.dropped, torn.len() as u64);
    assert_eq!(resumed.runbook, RUNBOOK.as_bytes());
    assert_eq!(resumed.run.unknown_block(), Some(&example::block("restart")));
    let salvaged = resumed.salvaged.expect("what it had printed");
    assert_eq!((salvaged.file.as_str(), salvaged.bytes), ("002.log", 8));
    assert_eq!(salvaged.digest, Digest::of(b"stopping"));

    let mut writer = resumed.writer;
    let event = Event::RunResumed {
        by: "relief".to_owned(),
        host: "ops-2".to_owned(),
        version: "0.1.0".to_owned(),
        changed: None,
        salvaged: Some(salvaged),
        salvaged_rows: None,
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
    let Resumed { mut writer, salvaged, dropped, .. } =
        store.resume(&id(), &holder("oncall"), clock()).expect("resume");
    let (by, host, version) = ("oncall".to_owned(), "ops-1".to_owned(), "0.1.0".to_owned());
    writer
        .append(&Event::RunResumed { by, host, version, changed: None, salvaged, salvaged_rows: None, dropped })
        .expect("append");
    assert_eq!((check(&store).verdict, check(&store).outputs), (Verdict::Unfinished, 2));
    fs::write(store.path(&id()).join("output/002.log"), "stopped!").expect("write");
    assert_eq!(check(&store).verdict, Verdict::Broken);
}

#[test]
fn a_finished_run_cannot_be_resumed_but_can_be_noted_on() {
    let (_root, store) = finished_run();
    assert!(matches!(store.resume(&id(), &holder("oncall"), clock()), Err(StoreError::Finished(_))));
    let mut late = store.reopen(&id(), &holder("oncall"), clock()).expect("reopen").writer;
    late.append(&Event::Note { step: None, text: "It was the deploy.".to_owned(), by: "oncall".to_owned() })
        .expect("append");
    late.durable().expect("durable");
    assert_eq!(check(&store).verdict, Verdict::Finished);
}

fn writer_to(store: &Store, journal: fs::File) -> Writer {
    drop(store.create(&id(), RUNBOOK.as_bytes(), &holder("oncall"), clock()).expect("create"));
    let folder = store.open(&id()).expect("open");
    let lock = Lock::acquire(&folder, &holder("oncall")).expect("lock");
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
    let mut writer = store.resume(&id(), &holder("oncall"), clock()).expect("resume").writer;
    // Somebody puts a file where the next output goes.
    fs::write(store.path(&id()).join("output/003.log"), "x").expect("write");
    writer.open_output().expect("open");
    let error = writer.output(b"y").expect_err("the name is taken");
    assert_dead(&mut writer, &error);
}
