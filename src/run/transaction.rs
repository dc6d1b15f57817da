//! A session and its transaction as the server knows them, so that it can be
//! asked about them when the connection, or this program, is gone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A session, as its server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerSession {
    /// What tells the server and the database from all others.
    pub server: String,
    /// Changes when the server has recovered from a crash, which may have cost
    /// it what it had not yet written down, the numbers of transactions too.
    pub epoch: String,
    /// The id of the session's process at the server.
    pub process: i64,
    /// When that process began, in the server's own words: ids are used again.
    pub began: String,
}

/// A transaction, as its server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ServerTransaction {
    /// Its number; absent where the server has given it none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The session it is in; absent where the server does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<ServerSession>,
}
