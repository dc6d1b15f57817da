//! Encrypted connections, to a server with a certificate of its own.

use crate::connections;
use crate::servers::postgres;
use runbook::effect::Databases;
use runbook::run::Encryption;

/// How a connection of this URL is kept from others, or why there is none; and
/// what the server says of it.
async fn opened(url: &str) -> Result<(Option<Encryption>, String), String> {
    let mut connections = connections(url, false);
    let about = connections.open("db").await.map(|session| session.about()).map_err(|error| error.to_string())?;
    let ssl = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let row = crate::run(&mut connections, ssl).await.expect("it is open").0.first_row;
    Ok((about.encryption, row.and_then(|mut row| row.pop().flatten()).expect("a value")))
}

#[tokio::test]
async fn each_sslmode_keeps_to_its_word() {
    let server = postgres::server_with_tls();
    let database = server.database();
    let (port, ca) = (server.port(), server.authority().display().to_string());
    let url = |host: &str, parameters: &str| database.url.replace("127.0.0.1", host) + "?" + parameters;
    let ssl = |encryption| Ok((Some(encryption), "t".to_owned()));
    let plain = |encryption| Ok((Some(encryption), "f".to_owned()));
    let trusting = format!("sslrootcert={ca}");
    for (host, parameters, expected) in [
        ("127.0.0.1", "", ssl(Encryption::Unverified)),
        ("127.0.0.1", "sslmode=disable", plain(Encryption::None)),
        ("127.0.0.1", "sslmode=allow", plain(Encryption::None)),
        ("127.0.0.1", "sslmode=prefer", ssl(Encryption::Unverified)),
        ("127.0.0.1", "sslmode=require", ssl(Encryption::Unverified)),
        ("127.0.0.1", &format!("sslmode=require&{trusting}"), ssl(Encryption::Authority)),
        ("127.0.0.1", &format!("sslmode=verify-ca&{trusting}"), ssl(Encryption::Authority)),
        ("localhost", &format!("sslmode=verify-full&{trusting}"), ssl(Encryption::Verified)),
        (
            "127.0.0.1",
            &format!("sslmode=verify-full&{trusting}"),
            Err(format!(
                "db: the certificate of 127.0.0.1:{port} is not for the name 127.0.0.1: connect by the name that it is \
                 for, or say sslmode=verify-ca"
            )),
        ),
        (
            "localhost",
            "sslmode=verify-full",
            Err(format!(
                "db: nobody trusted here has signed the certificate of localhost:{port}: give its authority's with \
                 sslrootcert=FILE, or say sslmode=require, which verifies none"
            )),
        ),
    ] {
        assert_eq!(opened(&url(host, parameters)).await, expected, "{host} {parameters}");
    }
    let socket = format!("postgres://postgres@/{}?host={}&port={port}", database.name, server.socket().display());
    assert_eq!(opened(&(socket + "&sslmode=require")).await, plain(Encryption::Local), "on a socket");

    // Certificates of the server's own making.
    let verified = url("localhost", &format!("sslmode=verify-full&{trusting}"));
    for (certificate, expected) in [
        ("expired", format!("db: the certificate of localhost:{port} has expired: renew it on the server")),
        (
            "ca",
            format!(
                "db: the certificate of localhost:{port} is that of an authority, which may not be a server's own: have \
                 it sign one for the server, or say sslmode=require without sslrootcert"
            ),
        ),
    ] {
        for (setting, ending) in [("ssl_cert_file", "crt"), ("ssl_key_file", "key")] {
            server.psql("postgres", &format!("ALTER SYSTEM SET {setting} = '{certificate}.{ending}'"));
        }
        server.reload();
        assert_eq!(opened(&verified).await, Err(expected), "{certificate}");
    }
    assert_eq!(opened(&url("localhost", "sslmode=require")).await, ssl(Encryption::Unverified));
}

#[tokio::test]
async fn a_server_that_wants_tls_or_none_of_it_gets_what_the_mode_allows() {
    let server = postgres::server_with_tls();
    let database = server.database();
    let (only, never) = (format!("only_{}", database.name), format!("never_{}", database.name));
    for role in [&only, &never] {
        database.psql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'pw'"));
    }
    server.let_in(&[
        &format!("hostssl all {only} 127.0.0.1/32 trust"),
        &format!("hostnossl all {never} 127.0.0.1/32 trust"),
        &format!("host all {only},{never} 127.0.0.1/32 reject"),
    ]);
    let url = |role: &str, mode: &str| format!("{}?sslmode={mode}", database.url_for(role, "pw"));
    assert_eq!(opened(&url(&only, "allow")).await, Ok((Some(Encryption::Unverified), "t".to_owned())));
    assert_eq!(opened(&url(&never, "prefer")).await, Ok((Some(Encryption::None), "f".to_owned())));
    let refused = opened(&url(&only, "disable")).await.expect_err("it wants TLS");
    assert!(refused.contains(&format!("refuses {only} (pg_hba.conf rejects connection")), "{refused}");
}
