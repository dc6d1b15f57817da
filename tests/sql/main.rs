//! What a database session promises, held against each kind of server.

mod cancels;
mod commits;
mod connecting;
mod contract;
mod limits;
mod mariadb;
mod mariadb_locks;
mod mariadb_types;
mod postgres;
mod preview;
mod reading;
mod refusals;
#[path = "../servers/mod.rs"]
mod servers;
mod sqlite;
mod tls;
mod types;

use runbook::effect::{
    Control, DatabaseError, Databases, Extent, Output, OutputError, ServerKind, StatementResult, Stream, Waiting,
};
use runbook::sql::{Connections, Target};
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// A statement that never ends, on Postgres and SQLite.
const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n";

/// The same on MariaDB, which ends a recursion by itself.
const ENDLESS_IN_MARIADB: &str =
    "SELECT COUNT(*) FROM seq_1_to_10000000 AS a, seq_1_to_10000000 AS b WHERE a.seq + b.seq < 0";

/// Far away: a test that gets there hangs.
const NEVER: Option<Duration> = None;

#[derive(Default)]
struct Recorded {
    out: String,
    err: String,
    /// Told to end a statement when this is written.
    interrupt_on: Option<(&'static str, UnboundedSender<Control>)>,
    extent: Extent,
    /// What was kept beside what is shown, and the rows in it.
    csv: Vec<u8>,
    rows: u64,
}

impl Output for Recorded {
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), OutputError> {
        let text = std::str::from_utf8(bytes).expect("whole characters");
        match stream {
            Stream::Out => self.out.push_str(text),
            Stream::Err => self.err.push_str(text),
        }
        if let Some((word, sender)) = &self.interrupt_on
            && text.contains(word)
        {
            sender.send(Control::Interrupt).expect("somebody listens");
        }
        Ok(())
    }

    fn waiting(&mut self, _: &Waiting) {}

    fn extent(&self) -> Extent {
        self.extent
    }

    fn keep_rows(&mut self, csv: &[u8], rows: u64) -> Result<(), OutputError> {
        self.csv.extend_from_slice(csv);
        self.rows += rows;
        Ok(())
    }

    fn rows_file(&self) -> Option<String> {
        (!self.csv.is_empty()).then(|| "output/001-1.csv".to_owned())
    }
}

/// A connection to a fresh database.
struct Server {
    connections: Connections,
    url: String,
    kind: ServerKind,
    postgres: Option<servers::postgres::Database>,
    mariadb: Option<servers::mariadb::Database>,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn new(kind: ServerKind) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (url, postgres, mariadb) = match kind {
            ServerKind::Postgres => {
                let database = servers::postgres::server().database();
                (database.url.clone(), Some(database), None)
            }
            ServerKind::Mysql => {
                let database = servers::mariadb::server().database();
                (database.url.clone(), None, Some(database))
            }
            ServerKind::Sqlite => {
                let url = runbook::sql::seed(&folder.path().join("test.db"), "").await.expect("a new database");
                (url, None, None)
            }
        };
        Self { connections: connections(&url, false), url, kind, postgres, mariadb, _folder: folder }
    }

    /// A statement that never ends.
    fn endless(&self) -> &'static str {
        if self.kind == ServerKind::Mysql { ENDLESS_IN_MARIADB } else { ENDLESS }
    }

    /// Another session on the same database.
    fn beside(&self, read_only: bool) -> Connections {
        connections(&self.url, read_only)
    }

    async fn run(&mut self, sql: &str) -> Result<(StatementResult, Recorded), DatabaseError> {
        run(&mut self.connections, sql).await
    }

    async fn ok(&mut self, sql: &str) -> (StatementResult, Recorded) {
        self.run(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    async fn error(&mut self, sql: &str) -> DatabaseError {
        self.run(sql).await.err().unwrap_or_else(|| panic!("{sql} should fail"))
    }

    /// What is shown of a query on a screen so wide.
    async fn on_screen(&mut self, sql: &str, width: usize) -> String {
        let (_sender, mut control) = mpsc::unbounded_channel();
        let output = Recorded { extent: Extent { width: Some(width), judged: false }, ..Recorded::default() };
        let (_, output) = run_with(&mut self.connections, sql, NEVER, output, &mut control).await.expect("it runs");
        output.out
    }

    /// The single value of a query.
    async fn value(&mut self, sql: &str) -> Option<String> {
        self.ok(sql).await.0.first_row.expect("a row").swap_remove(0)
    }

    async fn in_transaction(&mut self) -> bool {
        let session = self.connections.open("db").await.expect("the session is open");
        session.in_transaction().await.expect("the server can be asked")
    }
}

fn connections(url: &str, read_only: bool) -> Connections {
    Connections::new([("db".to_owned(), Target::new(url.to_owned(), read_only))])
}

async fn run(connections: &mut Connections, sql: &str) -> Result<(StatementResult, Recorded), DatabaseError> {
    let (_sender, mut control) = mpsc::unbounded_channel();
    run_with(connections, sql, NEVER, Recorded::default(), &mut control).await
}

async fn run_with(
    connections: &mut Connections,
    sql: &str,
    timeout: Option<Duration>,
    mut output: Recorded,
    control: &mut UnboundedReceiver<Control>,
) -> Result<(StatementResult, Recorded), DatabaseError> {
    let session = connections.open("db").await?;
    let result = session.run(sql, timeout, &mut output, control).await?;
    Ok((result, output))
}
