//! The record of a finished run against whoever changes it afterwards.
//!
//! The library is asked about every byte, the program about a sample of them.

mod support;

use assert_cmd::assert::OutputAssertExt;
use runbook::transcript::{Folder, Verdict, verify};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use support::Sandbox;

const PAGE: &str = "\
---
connections: { main: { env: MAIN_URL, access: write } }
---

# Page

## Look

```sh
echo \"first line, ünïcode\"
echo 'a line on standard error' >&2
printf 'no line end'
```

## Say nothing

```sh
true
```

## Change

```sql
CREATE TABLE jobs (id integer, status text);
INSERT INTO jobs VALUES (1, 'stuck'), (2, 'stuck');
```

## See

```sql
SELECT id, status FROM jobs ORDER BY id;
```
";

/// How far apart the sampled bytes are. A prime, and less than any line of a
/// transcript is long.
const STRIDE: usize = 97;

/// A record of a run that has ended.
struct Record {
    sandbox: Sandbox,
    run: PathBuf,
}

impl Record {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("page.md", PAGE);
        let database = sandbox.write("main.db", "");
        let url = format!("sqlite:{}", database.display());
        sandbox.runbook(["run", "page.md", "--yes"]).env("MAIN_URL", url).assert().success();
        let run = sandbox.only_run();
        let record = Self { sandbox, run };
        assert_eq!(record.verdict(), Some(Verdict::Finished));
        assert_eq!(record.exit_code(), Some(0));
        record
    }

    /// What the library says; `None` if it found fault.
    fn verdict(&self) -> Option<Verdict> {
        let folder = Folder::open(&self.run).expect("the run's folder");
        verify(&folder, None).ok().filter(|verified| verified.is_intact()).map(|verified| verified.verdict)
    }

    /// How `runbook verify` ends.
    fn exit_code(&self) -> Option<i32> {
        self.sandbox.runbook(["verify"]).output().expect("it starts").status.code()
    }

    /// The files that the record consists of.
    fn files(&self) -> Vec<PathBuf> {
        let outputs = fs::read_dir(self.run.join("output")).expect("the outputs");
        let mut files: Vec<PathBuf> = outputs.map(|entry| entry.expect("an entry").path()).collect();
        assert!(files.len() >= 2, "a shell block and an SQL block have printed something: {files:?}");
        files.extend([self.transcript(), self.run.join("runbook.md")]);
        files
    }

    fn transcript(&self) -> PathBuf {
        self.run.join("transcript.jsonl")
    }

    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(self.transcript()).expect("the transcript");
        text.split_inclusive('\n').map(str::to_owned).collect()
    }

    /// Puts these lines in the place of the transcript's, and tells whether
    /// the library and the program both find fault.
    fn is_refused_with(&self, lines: &[String]) -> bool {
        let before = fs::read(self.transcript()).expect("the transcript");
        fs::write(self.transcript(), lines.concat()).expect("the transcript");
        let refused = self.verdict().is_none();
        assert_eq!(self.exit_code(), Some(i32::from(refused)), "the program and the library are of one mind");
        fs::write(self.transcript(), before).expect("the transcript");
        refused
    }
}

/// A byte that is not `byte`: over eight neighbours, another bit each.
fn changed(byte: u8, at: usize) -> u8 {
    byte ^ (1 << (at % 8))
}

/// Changes one byte of `path`, calls `look`, and changes it back.
fn with_change<T>(path: &Path, bytes: &[u8], at: usize, look: impl FnOnce() -> T) -> T {
    let file = File::options().write(true).open(path).expect("the file");
    file.write_all_at(&[changed(bytes[at], at)], at as u64).expect("the change");
    let seen = look();
    file.write_all_at(&[bytes[at]], at as u64).expect("the change undone");
    seen
}

#[test]
fn a_change_of_any_byte_is_found() {
    let record = Record::new();
    for path in record.files() {
        let bytes = fs::read(&path).expect("the file");
        for at in 0..bytes.len() {
            let verdict = with_change(&path, &bytes, at, || record.verdict());
            assert_eq!(verdict, None, "byte {at} of {}", path.display());
        }
    }
    assert_eq!(record.verdict(), Some(Verdict::Finished), "each was changed back");
}

#[test]
fn verify_fails_for_a_changed_byte_in_any_line_of_any_file() {
    let record = Record::new();
    for path in record.files() {
        let bytes = fs::read(&path).expect("the file");
        let line_ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
        let sample = line_ends.chain((0..bytes.len()).step_by(STRIDE));
        for at in sample {
            let code = with_change(&path, &bytes, at, || record.exit_code());
            assert_eq!(code, Some(1), "byte {at} of {}", path.display());
        }
    }
    assert_eq!(record.exit_code(), Some(0), "each was changed back");
}

#[test]
fn a_byte_cut_off_or_put_in_is_found() {
    let record = Record::new();
    for path in record.files() {
        let bytes = fs::read(&path).expect("the file");
        let mut longer = bytes.clone();
        longer.push(b'\n');
        for other in [&bytes[..bytes.len() - 1], &bytes[1..], &longer, b""] {
            fs::write(&path, other).expect("the change");
            assert_eq!(record.exit_code(), Some(1), "{} bytes of {}", other.len(), path.display());
        }
        fs::write(&path, &bytes).expect("the change undone");
    }
}

#[test]
fn a_line_removed_put_in_or_moved_is_found() {
    let record = Record::new();
    let lines = record.lines();
    assert!(lines.len() > 10, "{lines:?}");
    let last = lines.len() - 1;
    for at in 0..=last {
        let mut twice = lines.clone();
        twice.insert(at, lines[at].clone());
        assert!(record.is_refused_with(&twice), "line {} twice", at + 1);
        if at == last {
            continue;
        }
        let mut without = lines.clone();
        without.remove(at);
        assert!(record.is_refused_with(&without), "without line {}", at + 1);
        let mut swapped = lines.clone();
        swapped.swap(at, at + 1);
        assert!(record.is_refused_with(&swapped), "lines {} and {} swapped", at + 1, at + 2);
    }
}

#[test]
fn a_line_of_another_run_is_found() {
    let (record, other) = (Record::new(), Record::new());
    let foreign = other.lines();
    for at in 0..foreign.len() {
        let mut lines = record.lines();
        lines[at] = foreign[at].clone();
        assert!(record.is_refused_with(&lines), "line {} of another run", at + 1);
    }
}

/// What a chain of hashes cannot show is not claimed: the record then no
/// longer says that the run has ended, and neither does `verify`.
#[test]
fn lines_cut_off_the_end_take_the_end_of_the_run_with_them() {
    let record = Record::new();
    let lines = record.lines();
    let ended = |record: &Record| {
        let output = record.sandbox.runbook(["verify"]).output().expect("it starts");
        String::from_utf8_lossy(&output.stdout).contains("The run has ended")
    };
    assert!(ended(&record));
    for kept in 1..lines.len() {
        fs::write(record.transcript(), lines[..kept].concat()).expect("the transcript");
        assert!(!ended(&record), "{kept} of {} lines", lines.len());
        assert_ne!(record.verdict(), Some(Verdict::Finished));
    }
}

#[test]
fn an_output_removed_put_in_or_exchanged_is_found() {
    let record = Record::new();
    let output = record.run.join("output");
    let first = output.join("001.log");
    let bytes = fs::read(&first).expect("the first output");

    fs::remove_file(&first).expect("it is removed");
    assert_eq!(record.exit_code(), Some(1), "an output is gone");
    std::os::unix::fs::symlink("/etc/hostname", &first).expect("a link");
    assert_eq!(record.exit_code(), Some(1), "a link stands in its place");
    fs::remove_file(&first).expect("the link is removed");
    fs::write(&first, &bytes).expect("it is put back");
    assert_eq!(record.exit_code(), Some(0));

    for (name, content) in [("900.log", "printed by nothing\n"), ("901.log", ""), ("notes.txt", "a stranger")] {
        fs::write(output.join(name), content).expect("another file");
        assert_eq!(record.exit_code(), Some(1), "{name} was put in");
        fs::remove_file(output.join(name)).expect("it is removed");
    }

    let outputs: Vec<PathBuf> = record.files().into_iter().filter(|path| path.starts_with(&output)).collect();
    fs::rename(&outputs[0], output.join("x")).expect("renamed");
    fs::rename(&outputs[1], &outputs[0]).expect("renamed");
    fs::rename(output.join("x"), &outputs[1]).expect("renamed");
    assert_eq!(record.exit_code(), Some(1), "two outputs have changed places");
}
