//! Files that a block is about to replace: looked up where it runs, before
//! anybody is asked about it.
//!
//! What a text does to a file depends on whether there is one. A block that
//! writes a file that is there destroys what it holds, and is asked about like
//! anything else that destroys. A file that this run has made itself is left
//! out, as long as nobody else has touched it: a page that writes its notes to
//! the same file twice, or a block that is tried again, takes nothing from
//! anybody.

use super::Engine;
use super::prepare::Prepared;
use crate::effect::{Content, FileHere};
use crate::plan::Facts;
use crate::runbook::{Block, Effect};
use jiff::Timestamp;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The files that the blocks of this run have made, as they left them. Nothing
/// is known of those of an earlier process: a run that is resumed asks.
#[derive(Debug, Default)]
pub(super) struct OwnFiles(HashMap<PathBuf, Content>);

impl OwnFiles {
    /// Whether what is in the file is this run's own.
    fn holds(&self, file: &FileHere) -> bool {
        file.content.is_some() && self.0.get(&file.path) == file.content.as_ref()
    }

    fn paths(&self) -> Vec<String> {
        self.0.keys().map(|path| path.to_string_lossy().into_owned()).collect()
    }

    /// Forgets what others have changed since the last block.
    fn forget_changed(&mut self, now: &[FileHere]) {
        let kept = now.iter().filter(|file| self.holds(file)).map(|file| file.path.clone()).collect::<Vec<_>>();
        self.0.retain(|path, _| kept.contains(path));
    }

    /// Takes up how a block has left these files.
    fn take(&mut self, now: Vec<FileHere>) {
        for FileHere { path, content } in now {
            match content {
                Some(content) => self.0.insert(path, content),
                None => self.0.remove(&path),
            };
        }
    }
}

impl Engine<'_> {
    /// Looks up the files that a text would replace, and has their loss among
    /// its reasons: it is destructive then. Where the author has a milder word
    /// for it, that word stays, and the loss is told beside it.
    pub(super) fn weigh_loss(&self, block: &Block, facts: &mut Facts) -> Vec<FileHere> {
        let names: Vec<String> = facts.replaces.iter().map(|replaced| replaced.file.clone()).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let cwd = block.settings.cwd.as_deref().map(Path::new);
        let found = self.shell.look_up(cwd, &names);
        let now = self.clock.now();
        let mut lost: Vec<&Path> = Vec::new();
        for (replaced, file) in facts.replaces.iter().zip(&found) {
            let Some(content) = file.content.filter(|_| !self.own_files.holds(file)) else { continue };
            if lost.contains(&file.path.as_path()) {
                continue;
            }
            let verb = if replaced.emptied { "empties" } else { "replaces" };
            let loss = format!("{verb} {} ({})", replaced.file, told(content, now));
            let (effect, reasons) = &mut facts.inferred;
            put(reasons, lost.len(), replaced.reason.as_ref(), &loss);
            *effect = Effect::Destructive;
            match block.settings.effect {
                Some(said) if said < Effect::Destructive => facts.reasons.push(format!("by its text it {loss}")),
                Some(_) => facts.reasons.push(loss),
                None => {
                    put(&mut facts.reasons, lost.len(), replaced.reason.as_ref(), &loss);
                    facts.effect = Effect::Destructive;
                }
            }
            lost.push(&file.path);
        }
        found
    }

    /// Before a block runs: what others have done meanwhile to the files of this
    /// run makes them theirs.
    pub(super) fn look_after_own_files(&mut self) {
        let paths = self.own_files.paths();
        if !paths.is_empty() {
            self.own_files.forget_changed(&self.shell.look_up(None, &paths));
        }
    }

    /// After a block has run: what it has made or replaced is this run's own.
    pub(super) fn take_up_files(&mut self, prepared: &Prepared) {
        let mut paths = self.own_files.paths();
        let known = paths.len();
        paths.extend(prepared.replaces.iter().map(|file| file.path.to_string_lossy().into_owned()));
        if paths.is_empty() {
            return;
        }
        let mut now = self.shell.look_up(None, &paths);
        let replaced = now.split_off(known);
        self.own_files.take(now);
        let changed = replaced.into_iter().filter(|file| {
            // One that is as it was before has kept what is in it.
            !prepared.replaces.contains(file)
        });
        self.own_files.take(changed.collect());
    }
}

/// Puts `reason` at its place among `reasons`, and takes away the one that says
/// less.
fn put(reasons: &mut Vec<String>, at: usize, says_less: Option<&String>, reason: &str) {
    reasons.retain(|other| Some(other) != says_less);
    reasons.insert(at.min(reasons.len()), reason.to_owned());
}

/// `1.2 KB, changed 3 days ago`.
fn told(content: Content, now: Timestamp) -> String {
    let size = size(content.bytes);
    let age = content.changed.and_then(|changed| SystemTime::from(now).duration_since(changed).ok());
    match age {
        Some(age) if age.as_secs() > 0 => format!("{size}, changed {} ago", self::age(age)),
        // Or its clock is ahead of this one.
        _ if content.changed.is_some() => format!("{size}, changed just now"),
        _ => size,
    }
}

/// A length for a person, with the prefixes that `ls -h` has.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // In tenths of the unit, so that nothing is lost to floating point.
    let (mut tenths, mut unit) = (u128::from(bytes) * 10 / 1024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// An age for a person, in its largest unit.
fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_for_people() {
        assert_eq!([1, 1023, 1024, 1_250, 1_500_000].map(size), ["1 B", "1023 B", "1.0 KB", "1.2 KB", "1.4 MB"]);
        assert_eq!(size(u64::MAX), "16383.9 PB");
        let ages = [1, 59, 60, 7_300, 259_200].map(|seconds| age(Duration::from_secs(seconds)));
        assert_eq!(ages, ["1 second", "59 seconds", "1 minute", "2 hours", "3 days"]);
    }

    #[test]
    fn a_loss_is_told_with_what_is_lost() {
        let hour = Duration::from_secs(3_600);
        let now = Timestamp::UNIX_EPOCH + hour * 24;
        let content = |changed| Content { bytes: 1_250, changed };
        let before = SystemTime::UNIX_EPOCH;
        assert_eq!(told(content(Some(before)), now), "1.2 KB, changed 1 day ago");
        assert_eq!(told(content(Some(before + hour * 48)), now), "1.2 KB, changed just now");
        assert_eq!(told(content(None), now), "1.2 KB");
    }

    #[test]
    fn a_file_is_the_runs_own_until_somebody_else_changes_it() {
        let file = |bytes| FileHere {
            path: "/tmp/x".into(),
            content: (bytes > 0).then_some(Content { bytes, changed: Some(SystemTime::UNIX_EPOCH) }),
        };
        let mut own = OwnFiles::default();
        assert!(!own.holds(&file(3)));
        own.take(vec![file(3)]);
        assert!(own.holds(&file(3)) && !own.holds(&file(4)));
        own.forget_changed(&[file(4)]);
        assert!(!own.holds(&file(3)), "another's hand was on it");
        own.take(vec![file(3)]);
        own.take(vec![file(0)]);
        assert!(!own.holds(&file(0)) && own.paths().is_empty());
    }
}
