//! Who holds the lock that a statement waits for: asked once a second from a
//! session beside it, through the chain of those who wait themselves.

use super::super::report::DriverRow as _;
use super::super::statement::without_literals;
use super::super::watch::Blocked;
use super::error;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A statement that runs for less long is not looked after.
const FIRST: Duration = Duration::from_millis(700);
const TICK: Duration = Duration::from_secs(1);
/// How much of a query is told.
const QUERY_CHARACTERS: usize = 80;

/// Looks after the server process `backend`; what it waits for comes whenever
/// it has changed. It ends when nobody listens any more.
pub(super) fn watch(options: &PgConnectOptions, backend: i32) -> UnboundedReceiver<Option<Blocked>> {
    let (sender, receiver) = unbounded_channel();
    let options = options.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = sender.closed() => return,
            () = tokio::time::sleep(FIRST) => {}
        }
        if let Err(error) = look_after(&options, backend, &sender).await {
            tracing::debug!(error = %error::message(&error), "who is in the way cannot be asked");
        }
    });
    receiver
}

async fn look_after(
    options: &PgConnectOptions,
    backend: i32,
    sender: &UnboundedSender<Option<Blocked>>,
) -> Result<(), sqlx::Error> {
    let mut beside = PgConnection::connect_with(options).await?;
    let mut known = Vec::new();
    while !sender.is_closed() {
        let found = ask(&mut beside, backend).await?;
        let processes: Vec<_> = found.iter().map(|blocker| blocker.process.clone()).collect();
        if processes != known {
            known = processes;
            let _ = sender.send(told(&found));
        }
        tokio::select! {
            () = sender.closed() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
    beside.close().await
}

/// One who is in the way, or in the way of one who is.
#[derive(Debug, Default)]
struct Blocker {
    process: String,
    /// Whom it keeps waiting; `None` for the statement itself.
    keeps: Option<String>,
    user: Option<String>,
    application: Option<String>,
    address: Option<String>,
    kind: Option<String>,
    state: Option<String>,
    /// Seconds for which it has been in that state.
    state_for: Option<String>,
    query: Option<String>,
}

async fn ask(beside: &mut PgConnection, backend: i32) -> Result<Vec<Blocker>, sqlx::Error> {
    let ask = format!(
        "WITH RECURSIVE chain (pid, keeps, path) AS (
           SELECT b.pid, NULL::pg_catalog.int4, ARRAY[w.pid, b.pid]
           FROM pg_catalog.pg_stat_activity AS w,
                LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS b (pid)
           WHERE w.pid = {backend} AND w.wait_event_type = 'Lock'
           UNION ALL
           SELECT b.pid, c.pid, c.path || b.pid
           FROM chain AS c, LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(c.pid)) AS b (pid)
           WHERE c.pid <> 0 AND b.pid <> ALL (c.path) AND pg_catalog.cardinality(c.path) < 10)
         SELECT c.pid, c.keeps, a.usename, a.application_name, pg_catalog.host(a.client_addr), a.backend_type, a.state,
                pg_catalog.floor(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.state_change))::pg_catalog.int8,
                pg_catalog.left(a.query, 1000)
         FROM chain AS c LEFT JOIN pg_catalog.pg_stat_activity AS a USING (pid)
         ORDER BY pg_catalog.cardinality(c.path), c.pid LIMIT 20"
    );
    let rows = beside.fetch_all(sqlx::raw_sql(AssertSqlSafe(ask))).await?;
    let mut seen = HashSet::new();
    let blockers = rows.iter().map(|row| {
        let mut cells = row.cells().into_iter().map(|cell| cell.text.filter(|text| !text.is_empty()));
        let mut next = || cells.next().flatten();
        Blocker {
            process: next().unwrap_or_default(),
            keeps: next(),
            user: next(),
            application: next(),
            address: next(),
            kind: next(),
            state: next(),
            state_for: next(),
            query: next(),
        }
    });
    Ok(blockers.filter(|blocker| seen.insert(blocker.process.clone())).collect())
}

/// What is told of them; `None` where nobody is in the way any more.
fn told(blockers: &[Blocker]) -> Option<Blocked> {
    let first = blockers.first()?;
    let root = blockers.last().filter(|last| last.keeps.is_some());
    let behind = root.map(|root| format!(", behind {}", root.brief())).unwrap_or_default();
    Some(Blocked {
        brief: format!("blocked by {}{behind}", first.brief()),
        lines: blockers.iter().map(Blocker::in_full).collect(),
    })
}

impl Blocker {
    /// Such as `process 4711 (app, worker-3)`.
    fn brief(&self) -> String {
        if self.process == "0" {
            return "a prepared transaction".to_owned();
        }
        let who: Vec<_> = [&self.user, &self.application].into_iter().flatten().map(String::as_str).collect();
        match who.as_slice() {
            [] => format!("process {}", self.process),
            who => format!("process {} ({})", self.process, who.join(", ")),
        }
    }

    fn in_full(&self) -> String {
        if self.process == "0" {
            return "a prepared transaction, which is in pg_prepared_xacts until somebody ends it".to_owned();
        }
        let mut parts = vec![format!("process {}", self.process)];
        for (label, value) in
            [("user ", &self.user), ("application ", &self.application), ("from ", &self.address), ("", &self.role())]
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
            Some(query) if self.state.is_some() => text.push_str(&format!(": {}", shortened(query))),
            _ => text.push_str(" (what it does is shown to members of pg_read_all_stats only)"),
        }
        if let Some(keeps) = &self.keeps {
            text.push_str(&format!("; process {keeps} waits for it"));
        }
        text
    }

    /// What kind of process it is, where it is no client's.
    fn role(&self) -> Option<String> {
        self.kind.clone().filter(|kind| kind != "client backend")
    }
}

/// The beginning of a query on one line, without the texts in it: they may be
/// anybody's secrets.
fn shortened(query: &str) -> String {
    let query = without_literals(query);
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
            kind: Some("client backend".to_owned()),
            state: Some("idle in transaction".to_owned()),
            state_for: Some("185".to_owned()),
            query: Some("UPDATE users\n   SET token = 'hunter2', a = $$b$$ WHERE id = 3".to_owned()),
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
        let chain = [blocker("7"), Blocker { keeps: Some("7".to_owned()), ..blocker("8") }];
        let told = told(&chain).expect("somebody is in the way");
        assert_eq!(told.brief, "blocked by process 7, behind process 8");
        assert!(told.lines[1].ends_with("; process 7 waits for it"), "{:?}", told.lines);
        assert!(super::told(&[]).is_none());
        assert_eq!(blocker("0").brief(), "a prepared transaction");
    }
}
