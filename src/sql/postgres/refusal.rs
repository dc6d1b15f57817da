//! Why a PostgreSQL server cannot be used, in one line with the mend.

use super::error;
use super::settings::{Password, Place, RootCertificate, Settings};
use crate::sql::refused::Refused;
use std::io::ErrorKind;

/// The server names a password as the reason: a wrong one, or none.
pub(super) const WRONG_PASSWORD: &str = "28P01";
/// It refuses the user, the host, or the want of encryption.
pub(super) const NOT_AUTHORIZED: &str = "28000";

const NO_DATABASE: &str = "3D000";
const TOO_MANY_CONNECTIONS: &str = "53300";
const STOPPED: [&str; 2] = ["57P01", "57P02"];
const NOT_READY: &str = "57P03";

/// Why the server cannot be used, and the mend.
pub(super) fn refusal(settings: &Settings, error: &sqlx::Error) -> Refused {
    let said = error::message(error).replace('\n', " ");
    let server = settings.server();
    let user = &settings.user;
    Refused::Because(match (error::code(error), error) {
        (Some(WRONG_PASSWORD), _) => return password(settings),
        (Some(NOT_AUTHORIZED), _) if said.contains("does not exist") => {
            format!("the server at {server} has no role {user}: mend the user in the connection's URL")
        }
        (Some(NOT_AUTHORIZED), _) => {
            format!("the server at {server} refuses {user} ({said}): mend the user, or the server's pg_hba.conf")
        }
        (Some(NO_DATABASE), _) => {
            let database = settings.database_name();
            format!(
                "the server at {server} has no database {database}: mend the name at the end of the connection's URL"
            )
        }
        (Some(TOO_MANY_CONNECTIONS), _) => {
            format!("the server at {server} has no connection left ({said}): end an idle one, or wait")
        }
        (Some(NOT_READY), _) => format!("the server at {server} is not ready ({said}): try again in a moment"),
        (Some(code), _) if STOPPED.contains(&code) => {
            format!("the server at {server} is being stopped ({said}): find out by whom, then try again")
        }
        (Some(_), _) => format!("the server at {server} says: {said}"),
        (None, sqlx::Error::Io(problem)) if problem.kind() == ErrorKind::InvalidData => tls(settings, &said),
        (None, sqlx::Error::Tls(_)) => tls(settings, &said),
        (None, sqlx::Error::Io(problem)) => unreachable(settings, problem),
        (None, sqlx::Error::Protocol(said)) if said.contains("authentication") => {
            format!("the server at {server} asks for a way to log in that is not known here ({said})")
        }
        (None, sqlx::Error::Protocol(_)) => {
            format!("what answers at {server} does not speak PostgreSQL's language: is the port right?")
        }
        (None, sqlx::Error::Configuration(problem)) => {
            format!("{problem}: mend it in the connection's URL, or in the variables PG…")
        }
        (None, _) => format!("the server at {server} cannot be used: {said}"),
    })
}

fn password(settings: &Settings) -> Refused {
    let (server, user) = (settings.server(), settings.user.clone());
    let (message, refused) = match &settings.password {
        // To a role that is not there the server says the same.
        Some(Password { from: Some(from), .. }) => (
            format!(
                "the server at {server} refuses the password of {user} in {from}, or has no such role: mend it there"
            ),
            true,
        ),
        Some(Password { from: None, .. }) => {
            (format!("the server at {server} refuses the password of {user} that was typed, or has no such role"), true)
        }
        None => {
            let why = settings.no_password.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
            (
                format!(
                    "the server at {server} wants a password of {user}, and none is known{why}: set PGPASSWORD, or add \
                     a line to ~/.pgpass"
                ),
                false,
            )
        }
    };
    Refused::Password { user, server, message, refused, not_found: settings.no_password.clone() }
}

fn unreachable(settings: &Settings, problem: &std::io::Error) -> String {
    let server = settings.server();
    match (problem.kind(), &settings.place) {
        (ErrorKind::NotFound | ErrorKind::ConnectionRefused, Place::Socket(_)) => format!(
            "no server listens at {server}: is it running on this machine, or is a host missing in the connection's URL?"
        ),
        (ErrorKind::ConnectionRefused, Place::Host(_)) => {
            format!("nothing answers at {server}: is the server running, and are host and port right?")
        }
        (ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset, _) => format!(
            "{server} closed the connection without a word: is that PostgreSQL, and may this machine connect to it?"
        ),
        _ => format!("{server} cannot be reached ({problem}): are host and port right, and open from here?"),
    }
}

/// Nobody knows the host.
pub(super) fn unknown_host(host: &str) -> String {
    format!("there is no host {host}: is its name right, and can names be looked up from here?")
}

/// Nothing came back in time.
pub(super) fn too_slow(settings: &Settings) -> String {
    format!(
        "{} did not answer within {} s: are host and port right, and open from here?",
        settings.server(),
        settings.patience.as_secs()
    )
}

fn tls(settings: &Settings, said: &str) -> String {
    let server = settings.server();
    let host = match &settings.place {
        Place::Host(host) => host.as_str(),
        Place::Socket(_) => "the server",
    };
    let mode = settings.tls.name();
    if said.contains("server does not support TLS") {
        return format!(
            "the server at {server} has no TLS, and sslmode={mode} asks for it: turn ssl on there, or say \
             sslmode=disable where nobody else is on the way"
        );
    }
    if said.contains("UnknownIssuer") || said.contains("trust anchors") {
        return match &settings.root {
            RootCertificate::File(file) => format!(
                "the authority in {} has not signed the certificate of {server}: give the right one with \
                 sslrootcert=FILE",
                file.display()
            ),
            RootCertificate::System => format!(
                "nobody trusted here has signed the certificate of {server}: give its authority's with \
                 sslrootcert=FILE, or say sslmode=require, which verifies none"
            ),
        };
    }
    if said.contains("not valid for") || said.contains("NotValidForName") {
        return format!(
            "the certificate of {server} is not for the name {host}: connect by the name that it is for, or say \
             sslmode=verify-ca"
        );
    }
    if said.contains("expired") || said.contains("Expired") {
        return format!("the certificate of {server} has expired: renew it on the server");
    }
    if said.contains("CaUsedAsEndEntity") {
        return format!(
            "the certificate of {server} is that of an authority, which may not be a server's own: have it sign one for \
             the server, or say sslmode=require without sslrootcert"
        );
    }
    format!("no TLS with the server at {server} ({said}): mend sslmode or sslrootcert in the connection's URL")
}
