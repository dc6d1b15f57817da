//! The processes of a block.

use super::orphans::Earlier;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::collections::BTreeSet;
use std::fs;

/// The processes that a leader has started, whoever their parent is by now.
/// They are killed when this is dropped, unless it is [`release`](Self::release)d.
#[derive(Debug)]
pub(super) struct Session {
    leader: Pid,
    earlier: Earlier,
    kill_on_drop: bool,
}

/// A live process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) id: Pid,
    /// As the system knows it: the program's name, cut short if long.
    pub(super) name: String,
    pub(super) parent: i32,
    group: i32,
    pub(super) session: i32,
    pub(super) is_stopped: bool,
}

impl Session {
    /// That of this leader, after these blocks.
    pub(super) fn of(leader: Pid, earlier: Earlier) -> Self {
        Self { leader, earlier, kill_on_drop: true }
    }

    /// Sends `signal` to every process. A stopped one is woken, or it would
    /// not take notice.
    pub(super) fn signal(&self, signal: Signal) {
        let leader = pid_number(self.leader);
        let processes = self.processes();
        // Whole groups, so that nobody is missed who is being started just now.
        let of_session = |process: &&Process| process.session == leader && process.group != leader;
        let groups: BTreeSet<i32> = processes.iter().filter(of_session).map(|process| process.group).collect();
        for signal in [signal, Signal::CONT] {
            if kill_process_group(self.leader, signal).is_err() && processes.iter().any(|p| p.id == self.leader) {
                // Just started, and not the leader of its group yet.
                let _gone = kill_process(self.leader, signal);
            }
            for group in groups.iter().filter_map(|group| Pid::from_raw(*group)) {
                let _gone = kill_process_group(group, signal);
            }
            for process in processes.iter().filter(|process| process.session != leader && process.id != self.leader) {
                let _gone = kill_process(process.id, signal);
            }
        }
    }

    /// Has the block go on that was stopped, and the `group` in the foreground,
    /// and then its leader. Not the other way round: keys that stop it again are
    /// to find it going.
    pub(super) fn resume(&self, group: Option<Pid>) {
        let of_leader = |process: &&Process| process.parent == pid_number(self.leader);
        let groups = self.processes().iter().filter(of_leader).map(|block| block.id).chain(group).collect::<Vec<_>>();
        for group in groups {
            let _gone = kill_process_group(group, Signal::CONT);
        }
        let _gone = kill_process(self.leader, Signal::CONT);
    }

    /// The processes that live: those of the leader's group and session, what
    /// descends from them, and orphans. Empty on a system without `/proc`.
    pub(super) fn processes(&self) -> Vec<Process> {
        self.among(all_processes())
    }

    /// The same, of a session that has begun less than a second ago. No system
    /// gives out all its ids in that time, so its processes are among those
    /// with the ids after the leader's: few of the many that there may be.
    pub(super) fn processes_of_a_moment(&self) -> Vec<Process> {
        match ids_since(pid_number(self.leader)) {
            Some(ids) => self.among(ids.filter_map(process).collect()),
            None => self.processes(),
        }
    }

    fn among(&self, processes: Vec<Process>) -> Vec<Process> {
        let leader = pid_number(self.leader);
        let (mut found, mut others): (Vec<_>, Vec<_>) = processes.into_iter().partition(|process| {
            let is_of_leader = process.id == self.leader || process.group == leader || process.session == leader;
            is_of_leader || self.earlier.is_orphan(process)
        });
        // One that has left the session is still known by its parent.
        loop {
            let (children, rest): (Vec<_>, Vec<_>) = others
                .into_iter()
                .partition(|process| found.iter().any(|parent| process.parent == pid_number(parent.id)));
            if children.is_empty() {
                return found;
            }
            found.extend(children);
            others = rest;
        }
    }

    /// Whether all processes of this group are stopped.
    pub(super) fn is_stopped(&self, group: Pid) -> bool {
        let of_group = |process: &&Process| process.group == pid_number(group);
        self.processes().iter().filter(of_group).all(|process| process.is_stopped)
    }

    /// Leaves alone those that are `left`.
    pub(super) fn release(mut self, left: &[Process]) {
        self.kill_on_drop = false;
        self.earlier.extend(left);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.kill_on_drop {
            self.signal(Signal::KILL);
        }
    }
}

pub(super) fn pid_number(pid: Pid) -> i32 {
    pid.as_raw_nonzero().get()
}

fn all_processes() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit))
        .filter_map(|entry| process(entry.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// The ids that were given out from `first` on, if they are few; `None` where
/// the system does not say so, or has begun again with small ones.
fn ids_since(first: i32) -> Option<std::ops::RangeInclusive<i32>> {
    const FEW: i32 = 64;
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    let last: i32 = load.trim_end().rsplit(' ').next()?.parse().ok()?;
    (first..first.saturating_add(FEW)).contains(&last).then_some(first..=last)
}

/// The process of this id, if it lives.
pub(super) fn process(id: i32) -> Option<Process> {
    parse_stat(&String::from_utf8_lossy(&fs::read(format!("/proc/{id}/stat")).ok()?))
}

/// Reads `/proc/<id>/stat`; `None` for a process that has ended.
fn parse_stat(stat: &str) -> Option<Process> {
    // The name is in parentheses and may hold any character, these too.
    let (id, rest) = stat.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    let is_stopped = state == "T";
    let mut number = || fields.next()?.parse::<i32>().ok();
    let (parent, group, session) = (number()?, number()?, number()?);
    Some(Process { id: Pid::from_raw(id.parse().ok()?)?, name: name.to_owned(), parent, group, session, is_stopped })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_is_read() {
        let process = parse_stat("12 (a) b (c)) S 3 4 5 0 -1").unwrap();
        assert_eq!((process.name.as_str(), process.parent, process.group, process.session), ("a) b (c)", 3, 4, 5));
    }

    #[test]
    fn a_dead_process_is_none() {
        assert_eq!(parse_stat("12 (a) Z 3 4 5 0 -1"), None);
    }
}
