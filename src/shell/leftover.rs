//! Processes that an engine which was killed has left running.

use std::fs;

/// The variable by which the processes of a run are known; its value is the
/// run's id.
pub const RUN_VARIABLE: &str = "RUNBOOK_RUN";

/// The processes of this user that a block of the run has started and that are
/// still there: id and name, this process left out. Found by their environment
/// where the system shows it (Linux); elsewhere there are none to be told.
#[must_use]
pub fn leftover(run: &str) -> Vec<(u32, String)> {
    let mark = format!("{RUN_VARIABLE}={run}");
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let is_marked = |id: &u32| {
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    };
    let mut found: Vec<_> = ids
        .filter(|id| *id != std::process::id())
        .filter(is_marked)
        .map(|id| {
            let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
            (id, name.trim_end().to_owned())
        })
        .collect();
    found.sort_unstable();
    found
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::process::{Command, Stdio};

    #[test]
    fn a_process_of_the_run_is_found_for_as_long_as_it_lives() {
        let run = format!("test-{}", std::process::id());
        let mut child = Command::new("cat")
            .env(RUN_VARIABLE, &run)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cat starts");
        // The kernel fills in a new program's environment a moment after the
        // spawn has returned; a program that answers has had it for long.
        child.stdin.as_mut().expect("it is piped").write_all(b"there?\n").expect("cat reads");
        let mut answer = String::new();
        BufReader::new(child.stdout.as_mut().expect("it is piped")).read_line(&mut answer).expect("cat answers");
        assert_eq!(leftover(&run), [(child.id(), "cat".to_owned())]);
        assert!(leftover("another-run").is_empty());
        child.kill().expect("it is ours");
        child.wait().expect("it ends");
        assert!(leftover(&run).is_empty());
    }
}
