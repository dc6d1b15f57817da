//! Who holds the lock that a statement waits for: asked once a second from a
//! session beside it.

use super::quotes::{Rules, without_literals};
use super::watch::Blocked;
use async_trait::async_trait;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A statement that runs for less long is not looked after.
const FIRST: Duration = Duration::from_millis(700);
const TICK: Duration = Duration::from_secs(1);
/// How much of a query is told.
const QUERY_CHARACTERS: usize = 80;

/// A session that can be asked who is in the way of another one.
#[async_trait]
pub(super) trait Beside: Send {
    /// Asks.
    ///
    /// # Errors
    /// If there is no use in asking again.
    async fn look(&mut self) -> Result<Found, sqlx::Error>;

    /// Ends the session.
    async fn close(self: Box<Self>);
}

/// Who is in the way.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The nearest first, then those in their way.
    pub(super) blockers: Vec<Blocker>,
    /// Why it is not certain that they are in the way; empty where it is.
    pub(super) doubt: &'static str,
    /// Why they are not shown, where somebody is in the way who is not.
    pub(super) hidden: Option<String>,
}

/// Looks after a statement until nobody listens any more; who is in its way
/// comes whenever that has changed. `open` opens the session that is asked.
pub(super) fn watch(
    open: impl Future<Output = Result<Box<dyn Beside>, sqlx::Error>> + Send + 'static,
) -> UnboundedReceiver<Option<Blocked>> {
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        let mut known = Vec::new();
        tokio::select! {
            () = sender.closed() => return,
            () = tokio::time::sleep(FIRST) => {}
        }
        let looked = async {
            let mut beside = open.await?;
            while !sender.is_closed() {
                let found = beside.look().await?;
                if known != found.who() {
                    known = found.who();
                    let _ = sender.send(found.told());
                }
                tokio::select! {
                    () = sender.closed() => {}
                    () = tokio::time::sleep(TICK) => {}
                }
            }
            beside.close().await;
            Ok::<(), sqlx::Error>(())
        };
        if let Err(error) = looked.await {
            tracing::debug!(%error, "who is in the way cannot be asked");
        }
    });
    receiver
}

impl Found {
    /// What makes it another finding than the one before.
    fn who(&self) -> Vec<String> {
        self.blockers.iter().map(|blocker| blocker.process.clone()).chain(self.hidden.clone()).collect()
    }

    /// What is told of it; `None` where nobody is in the way.
    fn told(&self) -> Option<Blocked> {
        let Some(first) = self.blockers.first() else {
            return self.hidden.as_ref().map(|hidden| Blocked {
                brief: format!("{}blocked by somebody who is not shown here", self.doubt),
                doubt: self.doubt,
                lines: vec![hidden.clone()],
            });
        };
        let root = self.blockers.last().filter(|last| last.keeps.is_some());
        let behind = root.map(|root| format!(", behind {}", root.brief())).unwrap_or_default();
        Some(Blocked {
            brief: format!("{}blocked by {}{behind}", self.doubt, first.brief()),
            doubt: self.doubt,
            lines: self.blockers.iter().map(Blocker::in_full).collect(),
        })
    }
}

/// One who is in the way, or in the way of one who is.
#[derive(Debug, Default)]
pub(super) struct Blocker {
    /// The server's number for its session.
    pub(super) process: String,
    /// Whom it keeps waiting; `None` for the statement itself.
    pub(super) keeps: Option<String>,
    pub(super) user: Option<String>,
    pub(super) application: Option<String>,
    pub(super) address: Option<String>,
    /// What kind of process it is, where it is no client's.
    pub(super) role: Option<String>,
    pub(super) state: Option<String>,
    /// Seconds for which it has been in that state.
    pub(super) state_for: Option<String>,
    /// What it does, or did last, without the texts in it.
    pub(super) query: Option<String>,
    /// Why that is not shown.
    pub(super) unseen: &'static str,
    /// What it is, where it is no session.
    pub(super) instead: Option<&'static str>,
}

impl Blocker {
    /// Such as `process 4711 (app, worker-3)`.
    fn brief(&self) -> String {
        if let Some(instead) = self.instead {
            return instead.split(',').next().unwrap_or(instead).to_owned();
        }
        let who: Vec<_> = [&self.user, &self.application].into_iter().flatten().map(String::as_str).collect();
        match who.as_slice() {
            [] => format!("process {}", self.process),
            who => format!("process {} ({})", self.process, who.join(", ")),
        }
    }

    fn in_full(&self) -> String {
        if let Some(instead) = self.instead {
            return instead.to_owned();
        }
        let mut parts = vec![format!("process {}", self.process)];
        for (label, value) in
            [("user ", &self.user), ("application ", &self.application), ("from ", &self.address), ("", &self.role)]
        {
            parts.extend(value.as_ref().map(|value| format!("{label}{value}")));
        }
        if let Some(state) = &self.state {
            let seconds = self.state_for.as_ref().and_then(|seconds| seconds.parse().ok());
            let how_long = seconds.map(|seconds| format!(" for {}", how_long(seconds))).unwrap_or_default();
            parts.push(format!("{state}{how_long}"));
        }
        let mut text = parts.join(", ");
        match &self.query {
            Some(query) => text.push_str(&format!(": {query}")),
            None if self.unseen.is_empty() => {}
            None => text.push_str(&format!(" ({})", self.unseen)),
        }
        if let Some(keeps) = &self.keeps {
            text.push_str(&format!("; process {keeps} waits for it"));
        }
        text
    }
}

/// The beginning of a query on one line, without the texts in it: they may be
/// anybody's secrets.
pub(super) fn shortened(query: &str, rules: Rules) -> String {
    let query = without_literals(query, rules);
    let words: Vec<_> = query.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(QUERY_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn how_long(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocker(process: &str) -> Blocker {
        Blocker { process: process.to_owned(), ..Blocker::default() }
    }

    #[test]
    fn a_blocker_is_told_with_all_that_is_known_and_none_of_its_texts() {
        let blocker = Blocker {
            user: Some("app".to_owned()),
            application: Some("worker-3".to_owned()),
            address: Some("10.0.0.7".to_owned()),
            state: Some("idle in transaction".to_owned()),
            state_for: Some("185".to_owned()),
            query: Some(shortened("UPDATE users\n   SET token = 'hunter2', a = $$b$$ WHERE id = 3", Rules::Standard)),
            ..blocker("4711")
        };
        assert_eq!(
            blocker.in_full(),
            "process 4711, user app, application worker-3, from 10.0.0.7, idle in transaction for 3 min: \
             UPDATE users SET token = '…', a = '…' WHERE id = 3"
        );
        assert_eq!(blocker.brief(), "process 4711 (app, worker-3)");
    }

    #[test]
    fn the_one_at_the_root_is_told_beside_the_one_in_the_way() {
        let keeps = Some("7".to_owned());
        let chain = Found { blockers: vec![blocker("7"), Blocker { keeps, ..blocker("8") }], ..Found::default() };
        let told = chain.told().expect("somebody is in the way");
        assert_eq!(told.brief, "blocked by process 7, behind process 8");
        assert!(told.lines[1].ends_with("; process 7 waits for it"), "{:?}", told.lines);
        assert!(Found::default().told().is_none());
    }

    #[test]
    fn what_is_no_session_and_what_is_not_certain_is_said_so() {
        let instead = Some("a prepared transaction, which is in pg_prepared_xacts until somebody ends it");
        let prepared = Blocker { instead, ..blocker("0") };
        assert_eq!(prepared.brief(), "a prepared transaction");
        let unsure = Found { blockers: vec![prepared], doubt: "perhaps ", ..Found::default() };
        assert_eq!(unsure.told().map(|told| told.brief).as_deref(), Some("perhaps blocked by a prepared transaction"));
        let hidden = Found { hidden: Some("somebody".to_owned()), ..Found::default() };
        assert_eq!(hidden.told().map(|told| told.lines), Some(vec!["somebody".to_owned()]));
    }
}
