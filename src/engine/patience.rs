//! Whether to try a failed block again, and when. Pure.

use crate::runbook::{HumanDuration, Retry, Settings};
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

    /// How long the same is looked at again and again, where that is what the
    /// tries are for.
    pub(super) fn within(&self) -> Option<Duration> {
        match self {
            Self::Until { within, .. } => Some(*within),
            Self::Once | Self::Times { .. } => None,
        }
    }

    /// What is said of the tries to come, the next of them after `pause`.
    pub(super) fn announce(&self, pause: Duration) -> String {
        match self {
            Self::Until { every, within } => {
                format!("trying again every {}, for {} in all", HumanDuration(*every), HumanDuration(*within))
            }
            Self::Once | Self::Times { .. } if pause.is_zero() => "trying again".to_owned(),
            Self::Once | Self::Times { .. } => format!("trying again in {}", HumanDuration(pause)),
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
    fn the_tries_to_come_are_told() {
        let until = patience("until: { every: 5s, for: 2m }");
        assert_eq!(until.announce(Duration::from_secs(5)), "trying again every 5s, for 2m in all");
        assert_eq!(until.within(), Some(Duration::from_secs(120)));
        let retry = patience("retry: 3");
        assert_eq!(retry.announce(Duration::ZERO), "trying again");
        assert_eq!(retry.announce(Duration::from_secs(3)), "trying again in 3s");
        assert_eq!(retry.within(), None);
    }

    #[test]
    fn until_never_begins_a_try_after_its_end() {
        let mut until = patience("until: { every: 5s, for: 12s }");
        assert_eq!(until.next(Duration::from_secs(7)), Some(Duration::from_secs(5)));
        assert_eq!(until.next(Duration::from_secs(8)), None);
    }
}
