//! Whether to try a failed block again, and when. Pure.

use crate::runbook::{Retry, Settings};
use std::time::Duration;

/// How long to keep trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// One try.
    Once,
    /// So many tries after the first.
    Times { left: u32, every: Duration },
    /// Until so long after the first try began.
    Until { every: Duration, within: Duration },
}

impl Patience {
    /// What the annotations ask for; `until` goes before `retry`.
    pub(super) fn of(settings: &Settings) -> Self {
        match (settings.until, settings.retry) {
            (Some(until), _) => Self::Until { every: until.every.0, within: until.within.0 },
            (None, Some(Retry::Times(left))) => Self::Times { left, every: Duration::ZERO },
            (None, Some(Retry::Paced { times, every })) => Self::Times { left: times, every: every.0 },
            (None, None) => Self::Once,
        }
    }

    /// After a failed try that ended `elapsed` after the first began: how long
    /// to wait before the next, or `None` to give up.
    pub(super) fn next(&mut self, elapsed: Duration) -> Option<Duration> {
        match self {
            Self::Once | Self::Times { left: 0, .. } => None,
            Self::Times { left, every } => {
                *left -= 1;
                Some(*every)
            }
            Self::Until { every, within } => (elapsed + *every <= *within).then_some(*every),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patience(yaml: &str) -> Patience {
        Patience::of(&serde_yaml::from_str(yaml).expect(yaml))
    }

    #[test]
    fn without_annotations_there_is_one_try() {
        assert_eq!(patience("{}").next(Duration::ZERO), None);
    }

    #[test]
    fn retry_counts_the_tries_after_the_first() {
        let mut twice = patience("retry: { times: 2, every: 3s }");
        assert_eq!(twice.next(Duration::ZERO), Some(Duration::from_secs(3)));
        assert_eq!(twice.next(Duration::ZERO), Some(Duration::from_secs(3)));
        assert_eq!(twice.next(Duration::ZERO), None);
    }

    #[test]
    fn until_never_begins_a_try_after_its_end() {
        let mut until = patience("until: { every: 5s, for: 12s }");
        assert_eq!(until.next(Duration::from_secs(7)), Some(Duration::from_secs(5)));
        assert_eq!(until.next(Duration::from_secs(8)), None);
    }
}
