//! Much output, of any kind: what is kept is what was printed, and the program
//! grows no larger for it.

mod support;

use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::Stdio;
use support::Sandbox;

const MEGABYTE: u64 = 1 << 20;

/// Beyond this, memory is no longer what the program needs anyway.
const GROWTH: u64 = 2 * MEGABYTE;

/// What is printed: a name, how many megabytes, and the commands that make the
/// file `printed` of `$BYTES` bytes. What cannot be shown as it is takes longer.
const KINDS: [(&str, u64, &str); 5] = [
    ("lines", 8, "yes 'the queue holds 977 jobs, and the oldest of them waits' | head -c \"$BYTES\" >printed"),
    ("short lines", 2, "yes | head -c \"$BYTES\" >printed"),
    ("one line", 8, "head -c \"$BYTES\" /dev/zero | tr '\\0' x >printed"),
    ("random bytes", 1, "head -c \"$BYTES\" /dev/urandom >printed"),
    ("NULs", 1, "head -c \"$BYTES\" /dev/zero >printed"),
];

/// Runs a page that prints so much, and gives the sandbox and the most memory
/// that the program had.
fn print(make: &str, bytes: u64) -> (Sandbox, u64) {
    let sandbox = Sandbox::new();
    let page = format!(
        "# Much\n\n## Make it\n\n```bash\n{make}\n```\n\n## Print it\n\n```bash\ncat printed\n```\n\n\
         ## Memory\n\n```bash\ncp \"/proc/$ENGINE/status\" status\n```\n"
    );
    sandbox.write("much.md", &page);
    let mut command = sandbox.command("sh");
    command.args(["-c", "export ENGINE=$$; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_runbook")]);
    command.args(["run", "much.md", "--yes=destructive"]).env("BYTES", bytes.to_string());
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("it starts").success(), "{make}");
    let status = fs::read_to_string(sandbox.work().join("status")).expect("what the last block copied");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the most memory it had");
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    (sandbox, kilobytes * 1024)
}

/// What `sha256sum` says of a file.
fn sha256sum(sandbox: &Sandbox, path: &std::path::Path) -> String {
    let output = sandbox.command("sha256sum").arg(path).output().expect("coreutils are here");
    String::from_utf8_lossy(&output.stdout).split(' ').next().expect("a digest").to_owned()
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_kept_is_what_was_printed_and_memory_stays_flat() {
    for (name, megabytes, make) in KINDS {
        let (_, least) = print(make, 4096);
        // No line end after the last byte, and no whole number of pieces.
        let bytes = megabytes * MEGABYTE + 12_345;
        let (sandbox, peak) = print(make, bytes);

        let printed = sandbox.work().join("printed");
        assert_eq!(fs::metadata(&printed).expect("it was made").size(), bytes, "{name}");
        let finished = sandbox.events_of("block_finished");
        let output: &Value = &finished[1]["output"];
        assert_eq!(output["bytes"], bytes, "{name}");
        let kept = sandbox.only_run().join("output").join(output["file"].as_str().expect("a file"));
        let digest = sha256sum(&sandbox, &printed);
        assert_eq!(sha256sum(&sandbox, &kept), digest, "{name}");
        assert_eq!(output["digest"], digest, "{name}");
        let verified = sandbox.runbook(["verify", "latest"]).status().expect("it starts");
        assert!(verified.success(), "{name}");
        assert!(peak < least + GROWTH, "{name}: {peak} bytes, and {least} for next to nothing");
    }
}
