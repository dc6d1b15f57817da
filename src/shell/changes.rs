//! What an interpreter other than bash has changed, as records that its driver
//! and that of bash have written.
//!
//! They are of the form that [`state`](super::state) has. Directory, umask and
//! exported variables are there twice, before the block and after it, each time
//! with a record `seen` behind them. A POSIX shell adds all its variables: as
//! `plain` before the block, as `left` after it.

use std::collections::BTreeMap;

/// What a block has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// The directory it went to, and the one it was in.
    pub(super) cwd: Option<(Vec<u8>, Vec<u8>)>,
    /// Bash code that sets the umask.
    pub(super) umask: Option<Vec<u8>>,
    /// Variables: set to a value, or unset.
    pub(super) variables: Vec<(Vec<u8>, Option<Value>)>,
}

/// A variable that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: Vec<u8>,
    pub(super) exported: bool,
}

/// What is known at one time.
#[derive(Debug, Default)]
struct Seen {
    cwd: Vec<u8>,
    umask: Vec<u8>,
    exported: BTreeMap<Vec<u8>, Vec<u8>>,
    /// All variables, where the interpreter tells them.
    all: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Changes {
    /// Reads the records; `None` if they are not whole.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut moments: Vec<Seen> = Vec::new();
        let mut now = Seen::default();
        let (mut plain, mut left) = (BTreeMap::new(), BTreeMap::new());
        let mut is_whole = false;
        for record in bytes.strip_suffix(b"\0")?.split(|byte| *byte == 0) {
            let line = record.iter().position(|byte| *byte == b'\n')?;
            let (head, body) = (&record[..line], record[line + 1..].to_vec());
            let space = head.iter().position(|byte| *byte == b' ')?;
            let name = head[space + 1..].to_vec();
            is_whole = false;
            match &head[..space] {
                b"cwd" => now.cwd = body.strip_suffix(b"\n").unwrap_or(&body).to_vec(),
                b"umask" => now.umask = body,
                b"exported" if is_carried(&name) => drop(now.exported.insert(name, body)),
                b"plain" if is_carried(&name) => drop(plain.insert(name, body)),
                b"left" if is_carried(&name) => drop(left.insert(name, body)),
                b"exported" | b"plain" | b"left" => {}
                b"seen" => {
                    moments.push(std::mem::take(&mut now));
                    is_whole = true;
                }
                _ => return None,
            }
        }
        let [before, after] = &mut moments[..] else { return None };
        (before.all, after.all) = (plain, left);
        is_whole.then(|| before.until(after))
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Seen {
    fn value(&self, name: &[u8]) -> Option<Value> {
        let exported = self.exported.get(name).map(|text| Value { text: text.clone(), exported: true });
        exported.or_else(|| Some(Value { text: self.all.get(name)?.clone(), exported: false }))
    }

    fn until(&self, after: &Self) -> Changes {
        let names: std::collections::BTreeSet<_> =
            [&self.exported, &self.all, &after.exported, &after.all].into_iter().flat_map(BTreeMap::keys).collect();
        let changed = names.into_iter().filter_map(|name| {
            let value = after.value(name);
            (value != self.value(name)).then(|| (name.clone(), value))
        });
        Changes {
            cwd: (self.cwd != after.cwd).then(|| (after.cwd.clone(), self.cwd.clone())),
            umask: (self.umask != after.umask).then(|| after.umask.clone()),
            variables: changed.collect(),
        }
    }
}

/// Whether a variable is the block's, and not one that every shell makes for
/// itself, the engine's own, or a secret, which is never saved by name.
fn is_carried(name: &[u8]) -> bool {
    const OWN: [&[u8]; 12] = [
        b"_",
        b"PWD",
        b"OLDPWD",
        b"SHLVL",
        b"PPID",
        b"LINENO",
        b"OPTIND",
        b"RANDOM",
        b"SECONDS",
        b"SHELLOPTS",
        b"EPOCHREALTIME",
        b"EPOCHSECONDS",
    ];
    let starts = |prefixes: [&[u8]; 3]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    !OWN.contains(&name) && !starts([b"BASH", b"__runbook_", b"RUNBOOK_SECRET_"])
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "cwd \n/a\n\0umask \numask 0022\n\0exported A\n1\0exported B\n2\0seen \n\0";

    fn changes(after: &str) -> Option<Changes> {
        Changes::decode(format!("{BEFORE}{after}").as_bytes())
    }

    fn names(changes: &Changes) -> Vec<(&str, Option<&str>)> {
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        changes
            .variables
            .iter()
            .map(|(name, value)| (text(name), value.as_ref().map(|value| text(&value.text))))
            .collect()
    }

    #[test]
    fn only_what_differs_is_a_change() {
        assert!(
            changes("cwd \n/a\n\0umask \numask 0022\n\0exported A\n1\0exported B\n2\0seen \n\0").unwrap().is_empty()
        );
        let changed = changes("cwd \n/b\n\0umask \numask 0022\n\0exported A\n\n\0exported C\n3\0seen \n\0").unwrap();
        assert_eq!(changed.cwd, Some((b"/b".to_vec(), b"/a".to_vec())));
        assert_eq!(changed.umask, None);
        assert_eq!(names(&changed), [("A", Some("\n")), ("B", None), ("C", Some("3"))]);
    }

    #[test]
    fn a_variable_may_gain_and_lose_its_export() {
        let changed = changes(
            "plain A\n1\0plain B\n2\0plain c\n3\0left A\n1\0left B\n2\0left c\n3\0\
             cwd \n/a\n\0umask \numask 0022\n\0exported A\n1\0exported c\n3\0seen \n\0",
        );
        let changed = changed.unwrap();
        assert_eq!(names(&changed), [("B", Some("2")), ("c", Some("3"))]);
        let exported: Vec<_> = changed.variables.iter().map(|(_, value)| value.as_ref().unwrap().exported).collect();
        assert_eq!(exported, [false, true]);
    }

    #[test]
    fn a_secret_and_what_shells_make_themselves_are_left_out() {
        let after = "cwd \n/a\n\0umask \numask 0022\n\0exported A\n1\0exported B\n2\0";
        let more = "exported RUNBOOK_SECRET_T\nx\0exported SHLVL\n9\0exported __runbook_x\n1\0seen \n\0";
        assert!(changes(&format!("{after}{more}")).unwrap().is_empty());
    }

    #[test]
    fn what_is_cut_short_anywhere_is_not_taken_for_whole() {
        let whole = format!("{BEFORE}{BEFORE}");
        assert!(Changes::decode(whole.as_bytes()).is_some());
        for length in 0..whole.len() {
            assert_eq!(Changes::decode(&whole.as_bytes()[..length]), None, "{length} bytes");
        }
    }
}
