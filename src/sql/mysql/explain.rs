//! The plan of a change, asked for in a session that is held to reading: the
//! server refuses even that in a transaction that may only read.

use super::{MysqlSession, READ_WRITE, Statement};
use sqlx::Executor as _;
use sqlx::mysql::MySqlConnection;

impl MysqlSession {
    /// Opens a transaction in which a change can be explained, where it is only
    /// from here that the session is held to reading.
    pub(super) async fn begin_explaining(&mut self, connection: &mut MySqlConnection, statement: &Statement) {
        if self.reading == Some(READ_WRITE) && !self.is_open && statement.plans_change() {
            // Where it cannot be opened, the server says why of the statement too.
            let begun = connection.execute(sqlx::raw_sql("START TRANSACTION READ WRITE")).await;
            self.is_explaining = begun.is_ok();
        }
    }

    /// Takes back whatever came of explaining.
    pub(super) async fn end_explaining(&mut self, connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
        if std::mem::take(&mut self.is_explaining) {
            connection.execute(sqlx::raw_sql("ROLLBACK")).await?;
        }
        Ok(())
    }
}
