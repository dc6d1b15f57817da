//! The store: names, rights, the lock.

use super::*;

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
    assert!(store.resume(&id(), &holder("oncall"), clock()).is_err());

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
    let first = store.resume(&id(), &holder("oncall"), clock()).expect("resume");
    for _ in 0..20 {
        match store.resume(&id(), &holder("relief"), clock()) {
            Err(StoreError::Lock(error)) => assert!(error.to_string().starts_with("oncall on ops-1 (process 7)")),
            other => panic!("{:?}", other.err()),
        }
    }
    assert_eq!(store.list().expect("list")[0].lock, LockState::Held(Some(holder("oncall"))));
    drop(first);
    assert_eq!(store.list().expect("list")[0].lock, LockState::Free);
    assert!(store.resume(&id(), &holder("relief"), clock()).is_ok());
}

#[test]
fn runs_are_listed_newest_first_and_a_broken_one_with_its_reason() {
    let (root, store) = finished_run();
    for later in ["2026-11-22-0317-a-0001", "2026-11-22-0317-a-0002"] {
        let later = later.parse().expect("an id");
        let mut writer = store.create(&later, RUNBOOK.as_bytes(), &holder("oncall"), clock()).expect("create");
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
        store.create(&id.parse().expect("an id"), b"", &holder("oncall"), clock()).expect("create");
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
        let mut writer = store.create(&id, RUNBOOK.as_bytes(), &holder("oncall"), Box::new(clock)).expect("create");
        writer.append(&example::events()[0]).expect("append");
    }
    assert_eq!(store.find("latest").expect("found").as_str(), "2026-11-22-0316-a-0001");
}

#[test]
fn an_id_is_given_once() {
    let (_root, store) = finished_run();
    let again = store.create(&id(), b"", &holder("oncall"), clock());
    assert!(matches!(again, Err(StoreError::Exists(_))));
}
