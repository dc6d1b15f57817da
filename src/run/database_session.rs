//! What is known of a session with a database: where statements go, as whom,
//! and whether they can change anything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A session with a database, as it was when it was opened. No password.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseSession {
    /// The kind of server: `postgres`, `sqlite`.
    pub server: String,
    /// Its version, in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Host and port, or the folder of the socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The database, or its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Whose rights the session has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whether the session can only read.
    #[serde(default)]
    pub read_only: bool,
    /// How the way to the server is kept from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    /// The server's number for the session: a process id, or that of a thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<i64>,
    /// What a responder should know of it, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// How the way to a server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// Not at all.
    None,
    /// It does not leave the machine: a socket in its file system.
    Local,
    /// TLS; anybody could have given the certificate.
    Unverified,
    /// TLS, with a certificate of a trusted authority for any name.
    Authority,
    /// TLS, with a certificate of a trusted authority for the host's name.
    Verified,
}

impl Encryption {
    /// In words, for a person.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::None => "not encrypted",
            Self::Local => "local socket",
            Self::Unverified => "TLS, certificate not verified",
            Self::Authority => "TLS, certificate verified but for its name",
            Self::Verified => "TLS, certificate verified",
        }
    }
}

impl DatabaseSession {
    /// Server, database, role and whether it can change anything, for a
    /// prompt: `postgres 15 · prod-db · role app · WRITE`.
    #[must_use]
    pub fn target(&self) -> String {
        let server = match self.series() {
            Some(series) => format!("{} {series}", self.server),
            None => self.server.clone(),
        };
        let role = self.role.as_ref().map(|role| format!("role {role}"));
        let access = if self.read_only { "READ-ONLY" } else { "WRITE" };
        let parts = [Some(server), self.database.clone(), role, Some(access.to_owned())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// Host and encryption, for a person; `None` for what has neither.
    #[must_use]
    pub fn way(&self) -> Option<String> {
        let encryption = self.encryption.map(Encryption::words);
        let parts: Vec<&str> = self.host.as_deref().into_iter().chain(encryption).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// As much of the version as tells what the server can do: `15` of 15.4,
    /// `10.11` of a MariaDB 10.11.6. That of SQLite is that of this program.
    fn series(&self) -> Option<String> {
        let version = self.version.as_deref().filter(|_| self.server != "sqlite")?;
        let mut parts = version.split('.');
        let first = parts.next()?;
        // Since version 10 only the first number tells two servers apart.
        let is_whole = self.server == "postgres" && first.len() > 1;
        Some(match parts.next().filter(|_| !is_whole) {
            Some(second) => format!("{first}.{second}"),
            None => first.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{DatabaseSession, Encryption};

    fn session(server: &str, version: &str) -> DatabaseSession {
        DatabaseSession { server: server.to_owned(), version: Some(version.to_owned()), ..DatabaseSession::default() }
    }

    #[test]
    fn a_target_says_where_as_whom_and_whether_anything_can_change() {
        let mut prod = session("postgres", "15.4");
        (prod.database, prod.role) = (Some("prod-db".to_owned()), Some("app".to_owned()));
        assert_eq!(prod.target(), "postgres 15 · prod-db · role app · WRITE");
        prod.read_only = true;
        assert_eq!(prod.target(), "postgres 15 · prod-db · role app · READ-ONLY");
    }

    #[test]
    fn a_version_is_as_short_as_it_may_be() {
        for (server, version, target) in [
            ("postgres", "9.6.24", "postgres 9.6 · WRITE"),
            ("postgres", "17", "postgres 17 · WRITE"),
            ("mariadb", "10.11.6", "mariadb 10.11 · WRITE"),
            ("sqlite", "3.46.1", "sqlite · WRITE"),
        ] {
            assert_eq!(session(server, version).target(), target);
        }
    }

    #[test]
    fn the_way_to_a_server_names_it_and_how_safe_it_is() {
        let mut there = session("postgres", "15.4");
        assert_eq!(there.way(), None);
        (there.host, there.encryption) = (Some("db.example:5432".to_owned()), Some(Encryption::None));
        assert_eq!(there.way().as_deref(), Some("db.example:5432, not encrypted"));
    }

    #[test]
    fn a_record_of_before_is_still_read() {
        let old: DatabaseSession = serde_json::from_str(r#"{"server":"postgres"}"#).expect("it is read");
        assert_eq!(old, DatabaseSession { server: "postgres".to_owned(), ..DatabaseSession::default() });
    }
}
