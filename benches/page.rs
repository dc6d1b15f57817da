//! What it costs to read a page, against pulldown-cmark alone on the same
//! page; and what it costs to check one, against the start-up.
//!
//! `cargo bench --bench page [MEGABYTES …]`, by default 1 and 10.

mod measure;

use measure::{alternate, bytes_of, ratio, report};
use pulldown_cmark::{Options, Parser};
use runbook::language::recognise;
use runbook::parse::parse;
use runbook::plan::{Plan, plan_json};
use runbook::source::SourceFile;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{self, BufWriter};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const ROUNDS: usize = 7;
const STARTS: usize = 60;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [flag, work, path] = arguments.as_slice()
        && flag == "--peak"
    {
        println!("{}", peak_of(work, path));
        return;
    }
    let mut sizes: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![1, 10];
    }
    reading(&sizes);
    checking();
}

/// One way of reading a page.
struct Reader {
    name: &'static str,
    read: fn(&SourceFile),
    /// How much longer than the baseline it may take, and how many bytes of
    /// memory for each byte of the page.
    goals: Option<(f64, f64)>,
}

const READERS: [Reader; 3] = [
    Reader { name: "pulldown-cmark", read: baseline, goals: None },
    Reader { name: "parse", read: parsed, goals: Some((1.25, f64::INFINITY)) },
    Reader { name: "plan", read: planned, goals: Some((6.0, 10.0)) },
];

fn baseline(file: &SourceFile) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    for event in Parser::new_ext(file.text(), options).into_offset_iter() {
        black_box(event);
    }
}

fn parsed(file: &SourceFile) {
    black_box(parse(file, &recognise));
}

fn planned(file: &SourceFile) {
    let plan = Plan::read(file, HashSet::new());
    let all: Vec<usize> = (0..plan.runbook.steps.len()).collect();
    // As the command line prints it: piece by piece.
    let out = BufWriter::new(io::sink());
    serde_json::to_writer_pretty(black_box(out), &plan_json(file, &plan, &all)).expect("a plan is JSON");
}

fn reading(sizes: &[usize]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut smallest: Option<(usize, Vec<Duration>)> = None;
    for megabytes in sizes {
        let text = page(megabytes << 20);
        let path = folder.path().join("page.md");
        fs::write(&path, &text).expect("the page");
        let file = SourceFile::new("page.md", text);
        let rounds = if *megabytes > 10 { 1 } else { ROUNDS };
        let medians = alternate(rounds, READERS.len(), |reader| (READERS[reader].read)(&file));
        let peaks = READERS.map(|reader| peak(reader.name, &path));

        println!("\n{megabytes} MB, {} ms for {}", medians[0].as_millis(), READERS[0].name);
        for (at, reader) in READERS.iter().enumerate().skip(1) {
            let (most, most_memory) = reader.goals.unwrap_or((f64::INFINITY, f64::INFINITY));
            report(reader.name, "time", ratio(medians[at], medians[0]), most);
            let per_byte = peaks[at] as f64 / file.text().len() as f64;
            report(reader.name, "memory of the page's", per_byte, most_memory);
            report(reader.name, "memory of the baseline's", peaks[at] as f64 / peaks[0] as f64, f64::INFINITY);
            if let Some((small, theirs)) = &smallest {
                let growth = ratio(medians[at], theirs[at]) / (*megabytes as f64 / *small as f64);
                report(reader.name, &format!("growth from {small} MB, 1.0 is linear,"), growth, 1.25);
            }
        }
        smallest.get_or_insert((*megabytes, medians));
    }
}

fn checking() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("page.md"), page(8 << 10)).expect("a page of ordinary size");
    let calls: [&[&str]; 2] = [&["--version"], &["check", "page.md"]];
    let medians = alternate(STARTS, calls.len(), |call| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runbook"));
        command.args(calls[call]).current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().expect("it starts");
    });
    println!("\na page of ordinary size");
    report("check", "time of the start-up's", ratio(medians[1], medians[0]), 1.5);
}

/// The most memory, in bytes, that a process of its own had while it read the
/// page in this way.
fn peak(work: &str, path: &Path) -> u64 {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new(this).arg("--peak").arg(work).arg(path).output().expect("it starts");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number of bytes")
}

fn peak_of(work: &str, path: &str) -> u64 {
    let reader = READERS.iter().find(|reader| reader.name == work).expect("a way of reading");
    (reader.read)(&SourceFile::new("page.md", fs::read_to_string(path).expect("the page")));
    bytes_of(&fs::read_to_string("/proc/self/status").unwrap_or_default(), "VmHWM")
}

/// A page of at least `length` bytes, as dense in code as real ones are: a
/// block for every six hundred bytes, a third of them under a bold lead-in.
fn page(length: usize) -> String {
    let mut page = String::with_capacity(length + 4096);
    page.push_str("---\ntitle: Every service there is\nsummary: One section for each.\n---\n\n# Services\n\n");
    for number in 1.. {
        let _ = write!(
            page,
            "## {number}. Service {number} does not answer\n\n\
             The service takes its work from queue {number} and answers within a second. When it\n\
             does not, **nothing** is lost: what waits is [done later](#{number}-service).\n\n\
             1. Look whether it runs:\n\n   \
             ```bash\n   systemctl status service-{number} | head -n 5\n   \
             curl -s \"http://10.0.{number}.7:8080/health?from=$USER\"\n   ```\n\n\
             2. Say on the channel that you are on it\n\n\
             **Investigation:**\n\n\
             ```console\n$ kubectl -n prod get pods -l app=service-{number}\n\
             NAME         READY   STATUS\nservice-{number}-0   0/1     Error\n\
             $ kubectl -n prod logs service-{number}-0 --tail 20\n```\n\n\
             | sign | meaning |\n|------|---------|\n| `Error` | it has died |\n| `Pending` | no room |\n\n\
             ```sql\n-- what waits\nSELECT id, state FROM jobs WHERE service = {number} AND state <> 'done';\n\
             UPDATE jobs SET state = 'queued' WHERE service = {number} AND state = 'stuck';\n```\n\n\
             **Resolution:**\n\n\
             ```sh\nfor pod in $(kubectl -n prod get pods -o name | grep service-{number}); do\n  \
             kubectl -n prod delete \"$pod\" --grace-period=30\ndone\n\
             kubectl -n prod rollout status deployment/service-{number} > /tmp/rollout.log\n```\n\n\
             Expected output:\n\n```\ndeployment \"service-{number}\" successfully rolled out\n```\n\n\
             - [ ] Write down what you saw\n- [ ] Tell the owner of <service-name>\n\n"
        );
        if page.len() >= length {
            break;
        }
    }
    page
}
