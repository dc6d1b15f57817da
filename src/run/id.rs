//! The name of a run, which is also the name of its folder.

use jiff::{Timestamp, tz::TimeZone};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The name of a run: when it began (UTC, to the minute), which runbook, and
/// four random digits: `2026-11-22-0316-worker-death-7f3a`.
///
/// It sorts by time, can be typed, and holds nothing but lower-case letters,
/// digits and hyphens, so that it is safe as a folder's name everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

/// The text is not the name of a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a run id, which looks like 2026-11-22-0316-worker-death-7f3a")]
pub struct RunIdError(String);

/// How the beginning of an id is made: `d` stands for a digit.
const DATE: &str = "dddd-dd-dd-dddd-";
/// The random digits at its end.
const SUFFIX: usize = 4;
/// A slug beyond this makes ids that nobody types.
const LONGEST_SLUG: usize = 40;

impl RunId {
    /// A new id for a run of the runbook `name` that begins `now`. Two of the
    /// same minute and runbook are the same once in 65,536 times; the folder
    /// of the second then cannot be made, and another id is to be tried.
    #[must_use]
    pub fn generate(now: Timestamp, name: &str) -> Self {
        // The last bytes of a version 7 UUID are random; the first are time.
        let [.., high, low] = Uuid::now_v7().into_bytes();
        Self::new(now, name, u16::from_be_bytes([high, low]))
    }

    /// The id with these `random` bits.
    #[must_use]
    pub fn new(now: Timestamp, name: &str, random: u16) -> Self {
        let time = now.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d-%H%M");
        Self(format!("{time}-{}-{random:04x}", slug(name)))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Lower-case ASCII letters and digits of `name`, all else as single hyphens.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if slug.len() >= LONGEST_SLUG {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "runbook".to_owned() } else { slug.to_owned() }
}

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || RunIdError(text.to_owned());
        let (date, rest) = text.split_at_checked(DATE.len()).ok_or_else(error)?;
        let dated = date.bytes().zip(DATE.bytes()).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        });
        let (slug, random) = rest.rsplit_once('-').ok_or_else(error)?;
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let named = !slug.is_empty()
            && slug.len() <= LONGEST_SLUG
            && slug.split('-').all(|part| !part.is_empty() && part.bytes().all(is_word));
        let ended = random.len() == SUFFIX && random.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (dated && named && ended).then(|| Self(text.to_owned())).ok_or_else(error)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        "2026-11-22T03:16:42.5Z".parse().expect("a timestamp")
    }

    #[test]
    fn an_id_says_when_and_which_runbook() {
        assert_eq!(RunId::new(now(), "worker-death", 0x7f3a).as_str(), "2026-11-22-0316-worker-death-7f3a");
        assert_eq!(RunId::new(now(), "Störung: DB/../x ", 1).as_str(), "2026-11-22-0316-st-rung-db-x-0001");
        assert_eq!(RunId::new(now(), "…", 1).as_str(), "2026-11-22-0316-runbook-0001");
    }

    #[test]
    fn what_could_leave_the_folder_is_not_an_id() {
        for text in [
            "",
            "..",
            "latest",
            "2026-11-22-0316-worker-death",
            "2026-11-22-0316--7f3a",
            "2026-11-22-0316-a/../b-7f3a",
            "2026-11-22-0316-A-7f3a",
            "2026-11-22-0316-a--b-7f3a",
            "2026-11-22-0316-a-7f3A",
            "2026-11-22-0316-a-7f3a\n",
            "2026-11-22-031é-a-7f3a",
        ] {
            assert!(text.parse::<RunId>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_id_made_can_be_read(name in ".*", random: u16) {
            let id = RunId::new(now(), &name, random);
            prop_assert_eq!(id.as_str().parse::<RunId>(), Ok(id.clone()));
        }
    }
}
