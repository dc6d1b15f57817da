//! psql.

use crate::{assert_same, is_refused, ours, soup, take};
use proptest::prelude::*;
use runbook::language::sql::SqlDialect::Postgres;
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

/// Asked before the start-up proper: for TLS, for Kerberos.
const REQUESTS: [u32; 2] = [80_877_103, 80_877_104];

/// The statements that psql sends when it reads `code` from a file.
fn sent_by_psql(code: &str) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    let server = std::thread::spawn(move || {
        let (mut client, _) = listener.accept()?;
        serve(&mut client)
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("code.sql");
    std::fs::write(&file, code).expect("the folder is ours");
    let mut psql = Command::new("psql");
    psql.args(["-X", "-q", "-f"]).arg(&file).arg("-d");
    psql.arg(format!("host=127.0.0.1 port={port} user=x dbname=x sslmode=disable gssencmode=disable"));
    let output = psql.env_clear().stdin(Stdio::null()).output().expect("psql is installed: apt-get install postgresql");
    let sent = server.join().expect("the listener does not panic");
    sent.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Says yes to everything, and keeps what it was asked.
fn serve(client: &mut TcpStream) -> io::Result<Vec<String>> {
    loop {
        let length = number(&take(client, 4)?);
        let start = take(client, length as usize - 4)?;
        if !REQUESTS.contains(&number(&start[..4])) {
            break;
        }
        client.write_all(b"N")?;
    }
    send(client, b'R', &[0; 4])?;
    for (name, value) in
        [("server_version", "15.0"), ("client_encoding", "UTF8"), ("standard_conforming_strings", "on")]
    {
        send(client, b'S', format!("{name}\0{value}\0").as_bytes())?;
    }
    send(client, b'Z', b"I")?;
    let mut sent = Vec::new();
    loop {
        let kind = take(client, 1)?[0];
        let length = number(&take(client, 4)?);
        let body = take(client, length as usize - 4)?;
        match kind {
            b'Q' => {
                let text = String::from_utf8(body[..body.len() - 1].to_vec()).expect("the code is UTF-8");
                let takes_rows = text.to_uppercase().contains("FROM STDIN");
                sent.push(text);
                if takes_rows {
                    send(client, b'G', &[0; 3])?;
                    continue;
                }
            }
            b'd' => continue,
            b'X' => return Ok(sent),
            _ => {}
        }
        send(client, b'C', b"OK\0")?;
        send(client, b'Z', b"I")?;
    }
}

fn send(client: &mut TcpStream, kind: u8, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len() + 4).expect("it is short");
    client.write_all(&[&[kind], &length.to_be_bytes()[..], body].concat())
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().expect("four bytes"))
}

#[test]
fn psql_ends_statements_where_we_end_them() {
    for code in [
        "SELECT 1",
        "SELECT 1;;; SELECT 2 ; -- SELECT 3;\n/* SELECT 4; /* nested; */ ; */ SELECT 5",
        "SELECT 'it''s; fine'; SELECT 'a\\'; SELECT 2",
        "SELECT E'it\\'s; fine', e'\\\\'; SELECT 2",
        "SELECT E'a' -- comment; here\n'b'; SELECT 2",
        "SELECT 'a'\n'b\\'; SELECT 2",
        "SELECT U&'d\\0061t\\+000061; ', U&\"x;y\" UESCAPE '!'; SELECT 2",
        "SELECT B'1;0', X'1;F', N'a;b'; SELECT 2",
        "SELECT nameE'a\\'; SELECT 2",
        "DO $$ BEGIN x; END $$; SELECT 1",
        "DO $body$ BEGIN PERFORM $$;$$; $b$ ; END $body$; SELECT 1",
        "SELECT a$$b; c$$; SELECT $1; SELECT 1$$;$$; SELECT $1$a$;$a$",
        "SELECT $é$;$é$, $a1$;$a1$; SELECT $1a$;$1a$",
        "SELECT \"a;\"\"b\", 'x' AS \"-- y\"; SELECT 2",
        "SELECT (1; 2); SELECT 3",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b); SELECT 3",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN b END; END; SELECT 2",
        "create or replace procedure p() language sql begin atomic insert into t values (1); end; SELECT 2",
        "CREATE FUNCTION f() RETURNS int RETURN 1; SELECT 2",
        "'' CREATE FUNCTION f() BEGIN ATOMIC \"\" a; b",
        "CREATE TRIGGER t BEFORE INSERT ON begin EXECUTE FUNCTION f(); SELECT 2",
        "CREATE TABLE begin (a int); SELECT 2; END; SELECT 3",
        "BEGIN; UPDATE t SET a = 1; END; SELECT 1",
        "SELECT 1 */* c; */ 2; SELECT 3 +-- c; d\n 4; SELECT 5--6;\n;",
        "SELECT a::int, b[1:2], c [lo:hi], f(d := 1); SELECT 2",
        "COPY t FROM STDOUT; SELECT 1",
        "SELECT 1\r\n;\r\nSELECT 2 -- c\r\n;",
        "\\x on\nSELECT 1;\n\\timing\n\\pset null '∅'\nSELECT 2 \\gx\nSELECT 3 \\g\n\\echo it; is\nSELECT 4",
        "\\set ON_ERROR_STOP on\nSELECT 1;\n\\q\n",
        "SELECT 'a\n\nb';\n\n\nSELECT\n\n2",
        "SELECT 'never closed; SELECT 2",
        "SELECT 1; /* never closed; SELECT 2",
        "SELECT $a$ never; closed $b$; SELECT 2",
    ] {
        assert!(!is_refused(code, Postgres), "{code}");
        assert_same(code, &ours(code, Postgres), &sent_by_psql(code), Postgres);
    }
}

#[test]
fn what_psql_would_do_by_itself_is_refused_and_not_sent_another_way() {
    for code in [
        "SELECT 1 AS a \\gset\nSELECT :a;",
        "\\i other.sql",
        "\\if true\nSELECT 1;\n\\endif",
        "SELECT 1 \\x\n + 1;",
        "SELECT 1 \\watch 5",
        "\\set id 5\nDELETE FROM t WHERE id = :id;",
        "DELETE FROM t WHERE id = :'id';",
        "COPY t FROM STDIN;\n1\tDROP TABLE x;\n\\.\nSELECT 1;",
        "\\x \\\\ DELETE FROM t;",
        "SELECT 1;\n\\q\nDELETE FROM t;",
        "SELECT 1 \\g /tmp/out",
        "SELECT (a \\; b);",
        "SET standard_conforming_strings = off; SELECT 'a\\'; DELETE FROM t; --'",
        "SELECT set_config('standard_conforming_strings', 'off', false);",
    ] {
        assert!(is_refused(code, Postgres), "{code}");
    }
}

/// psql reads line by line, and forgets that the quote on the second line goes
/// on with the first, where a backslash escapes; the server does not. It would
/// refuse the piece that psql sends, and takes ours.
#[test]
fn a_text_that_goes_on_in_the_next_line_ends_where_the_server_ends_it() {
    let code = "SELECT E'a'\n  'b\\'; c'; SELECT 2";
    assert_eq!(sent_by_psql(code)[0], "SELECT E'a'\n  'b\\';");
    assert_eq!(ours(code, Postgres), ["SELECT E'a'\n  'b\\'; c'", "SELECT 2"]);
    assert_eq!(ours("SELECT E'a' -- c; d\n'b\\'; SELECT 2", Postgres).len(), 2, "a comment comes too early");
    assert_eq!(ours("SELECT E'a'\n-- c; d\n'b\\'; e'; SELECT 2", Postgres).len(), 2);
}

/// Two statements that psql sends as one: here each is sent, and shown, alone.
#[test]
fn statements_that_psql_sends_together_are_told_apart() {
    let sent = sent_by_psql("SELECT 1\\; SELECT 2;");
    assert_eq!(sent, ["SELECT 1; SELECT 2;"]);
    assert_eq!(ours("SELECT 1\\; SELECT 2;", Postgres), ["SELECT 1", "SELECT 2"]);
}

/// A quote that may go on with one on a line before it.
fn quote_after_quote() -> regex::Regex {
    regex::Regex::new(r"'[ \t\r]*\n(?s:.*)'").expect("a regular expression")
}

const PIECES: &[&str] = &[
    "SELECT",
    "1",
    "x",
    "'",
    "''",
    "'a;b'",
    "E'",
    "e'\\'",
    "\\",
    "\\\\",
    "\"",
    "\"a;b\"",
    "$$",
    "$a$",
    "$1",
    "$",
    "--",
    "-- c;\n",
    "/*",
    "*/",
    "/* c; */",
    ";",
    ";",
    "; ",
    "\n",
    "(",
    ")",
    "CREATE",
    "OR",
    "REPLACE",
    "FUNCTION",
    "PROCEDURE",
    "TRIGGER",
    "BEGIN",
    "BEGIN ATOMIC",
    "CASE",
    "END",
    "::",
    ":",
    "[",
    "]",
    "U&'",
    "é",
    ".",
    "+",
    "#",
    "`",
    "1$$",
    "\r\n",
    "CREATE FUNCTION f() BEGIN ATOMIC",
    "DO",
    "COPY t TO",
    "DELETE FROM t",
];

proptest! {
    #![proptest_config(crate::cases(100))]

    #[test]
    fn psql_ends_the_statements_of_any_text_where_we_end_them_or_none_is_sent(code in soup(PIECES)) {
        let goes_on = code.to_lowercase().contains("e'") && quote_after_quote().is_match(&code);
        if !goes_on && !is_refused(&code, Postgres) {
            assert_same(&code, &ours(&code, Postgres), &sent_by_psql(&code), Postgres);
        }
    }
}
