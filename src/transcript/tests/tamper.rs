//! What `verify` and the reader find.

use super::*;

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

#[test]
fn a_record_cut_and_written_on_is_found_against_a_head_kept_elsewhere() {
    let (_root, store) = finished_run();
    let head = check(&store).head.expect("a head");
    let text = fs::read_to_string(journal(&store)).expect("the record");
    let cut = text.trim_end().rfind('\n').expect("more than one line") + 1;
    fs::write(journal(&store), &text[..cut]).expect("write");
    let mut forger = store.resume(&id(), &holder("somebody"), clock()).expect("resume").writer;
    forger.append(example::events().last().expect("an end")).expect("append");
    drop(forger);
    assert_eq!(check(&store).verdict, Verdict::Finished);
    let found = verify(&store.open(&id()).expect("open"), Some(&head)).expect("readable");
    assert_eq!(found.verdict, Verdict::Broken);
}
