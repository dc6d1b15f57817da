//! What the open transaction has changed, on MySQL and MariaDB.

use super::{Flavour, MysqlSession, at_once, error};
use crate::effect::{Preview, Row, RowsBefore, Standing, Tally};
use crate::language::sql::{ChangedRows, SqlDialect, names_in};
use crate::sql::preview::{self, Answer, Asking, Failure, Locks, TOO_LARGE};
use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Executor as _};
use std::collections::BTreeSet;

#[async_trait(?Send)]
impl Asking for MysqlSession {
    fn dialect(&self) -> SqlDialect {
        SqlDialect::Mysql
    }

    /// A question that is refused, or takes too long, leaves the transaction
    /// as it was.
    async fn ask(&mut self, question: &str, _: Locks<'_>) -> Result<Answer, String> {
        if self.counts_matter {
            return Err("the block asks how many rows its statements changed, which a look would change".to_owned());
        }
        if self.parameters.variables_in(question).next().is_some() {
            return Err("a secret stands in its WHERE".to_owned());
        }
        let mut connection = self.connection.take().map_err(|closed| closed.to_string())?;
        let question = within_limits(self.flavour, question);
        let collected = preview::collect((&mut connection).fetch(sqlx::raw_sql(AssertSqlSafe(question)))).await;
        let error = match collected {
            Ok(answer) => {
                self.connection.put_back(connection);
                return Ok(answer);
            }
            Err(Failure::TooLarge) => {
                self.connection.put_back(connection);
                return Err(TOO_LARGE.to_owned());
            }
            Err(Failure::Driver(error)) => error,
        };
        if error::may_roll_back(&error) {
            // A transaction that the server has rolled back must not be taken for
            // an open one: what came next would be kept at once. So its session
            // goes, and with it whatever of the transaction there still is.
            self.connection.ended_because(format!(
                "looking at the rows ended with `{}`, after which the server may keep at once what comes next: the \
                 session was ended, and its transaction rolled back",
                error::message(&error)
            ));
        } else if !error::ends_session(&error) {
            self.connection.put_back(connection);
        }
        Err(error::message(&error))
    }
}

/// The question, ended by the server where it takes longer than a few seconds.
fn within_limits(flavour: Flavour, question: &str) -> String {
    match flavour {
        Flavour::Mariadb => {
            format!("SET STATEMENT max_statement_time = 3, innodb_lock_wait_timeout = 2 FOR {question}")
        }
        Flavour::Mysql => question.replacen("SELECT ", "SELECT /*+ MAX_EXECUTION_TIME(3000) */ ", 1),
    }
}

/// A view that is read where the rows of `change` are.
async fn view_in(session: &mut MysqlSession, change: &ChangedRows) -> Result<Option<String>, String> {
    let texts = [Some(&change.target), change.others.as_ref(), change.condition.as_ref()];
    let names: BTreeSet<_> = texts.into_iter().flatten().flat_map(|text| names_in(text, SqlDialect::Mysql)).collect();
    let look = |(schema, name): &(Option<String>, String)| {
        let schema = schema.as_deref().map_or_else(|| "DATABASE()".to_owned(), at_once::literal);
        format!(
            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {} \
             AND TABLE_TYPE = 'VIEW'",
            at_once::literal(name)
        )
    };
    let question = names.iter().map(look).collect::<Vec<_>>().join(" UNION ALL ");
    let answer = Asking::ask(session, &question, Locks::Drop).await?;
    Ok(answer.rows.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
}

#[async_trait(?Send)]
impl Preview for MysqlSession {
    async fn rows_before(&mut self, change: &ChangedRows) -> Result<RowsBefore, String> {
        // Nothing holds a question to reading in a transaction that may write,
        // and a view may call a function that changes something.
        if let Some(view) = view_in(self, change).await? {
            return Err(format!("{view} is a view, and reading it may change something"));
        }
        preview::rows_before(self, change).await
    }

    async fn rows_after(&mut self, change: &ChangedRows, before: &RowsBefore) -> Result<Vec<Row>, String> {
        preview::rows_after(self, change, before).await
    }

    async fn tally(&mut self, table: Option<&str>) -> Result<Tally, String> {
        preview::tally(self, table).await
    }

    /// What it locks is told to those with the right to see all processes only.
    async fn standing(&mut self) -> Option<Standing> {
        None
    }
}
