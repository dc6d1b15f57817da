//! MariaDB's client, which is MySQL's too.

use crate::{assert_same, is_refused, ours, soup, take};
use proptest::prelude::*;
use runbook::language::sql::SqlDialect::Mysql;
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

/// `COM_QUIT`, `COM_QUERY`.
const QUIT: u8 = 1;
const QUERY: u8 = 3;

/// The statements that the client sends when it is given `code`.
fn sent_by_mariadb(code: &str) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    let server = std::thread::spawn(move || {
        let (mut client, _) = listener.accept()?;
        serve(&mut client)
    });
    let mut mariadb = Command::new("mariadb");
    mariadb.args([
        "--no-defaults",
        "--batch",
        "--force",
        "--comments",
        "--protocol=tcp",
        "--host=127.0.0.1",
        "--user=x",
    ]);
    mariadb.arg(format!("--port={port}")).env_clear().stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut mariadb = mariadb.spawn().expect("the client is installed: apt-get install mariadb-client");
    let written = mariadb.stdin.take().expect("it is piped").write_all(code.as_bytes());
    // It may have left before it has read all of it.
    drop(written);
    mariadb.wait().expect("it ends");
    server.join().expect("the listener does not panic").expect("it speaks the protocol")
}

/// Says yes to everything, and keeps what it was asked.
fn serve(client: &mut TcpStream) -> io::Result<Vec<String>> {
    const OK: [u8; 7] = [0, 0, 0, 2, 0, 0, 0];
    // Long passwords, a database named at once, protocol 4.1, its way to log in.
    let abilities: u32 = 1 | 8 | 0x200 | 0x8000 | 0x8_0000;
    let mut hello = vec![10];
    hello.extend_from_slice(b"10.11.0-MariaDB\0");
    hello.extend_from_slice(&7u32.to_le_bytes());
    hello.extend_from_slice(b"saltsalt\0");
    hello.extend_from_slice(&abilities.to_le_bytes()[..2]);
    hello.extend_from_slice(&[33, 2, 0]);
    hello.extend_from_slice(&abilities.to_le_bytes()[2..]);
    hello.push(21);
    hello.extend_from_slice(&[0; 10]);
    hello.extend_from_slice(b"saltsaltsalt\0mysql_native_password\0");
    send(client, 0, &hello)?;
    let (number, _) = receive(client)?;
    send(client, number + 1, &OK)?;
    let mut sent = Vec::new();
    loop {
        let (number, body) = receive(client)?;
        match body.split_first() {
            Some((&QUERY, text)) => sent.push(String::from_utf8(text.to_vec()).expect("the code is UTF-8")),
            Some((&QUIT, _)) | None => return Ok(sent),
            Some(_) => {}
        }
        send(client, number + 1, &OK)?;
    }
}

fn send(client: &mut TcpStream, number: u8, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len()).expect("it is short").to_le_bytes();
    client.write_all(&[&length[..3], &[number], body].concat())
}

fn receive(client: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let head = take(client, 4)?;
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    Ok((head[3], take(client, length as usize)?))
}

#[test]
fn mysqls_client_ends_statements_where_we_end_them() {
    for code in [
        "SELECT 1",
        "SELECT 1;;; SELECT 2 ; -- SELECT 3;\nSELECT 4 # c; d\n; /* c; */ SELECT 5",
        "SELECT 'it''s; \\'fine'; SELECT \"a\\\"; b\", `c;``d\\`; SELECT 2",
        "SELECT 5--3; SELECT 5 -- 3;\n; SELECT 5--\t3;\n;",
        "SELECT 1 /*!40000 + 1 */; SELECT 2",
        "SELECT (1; SELECT 2",
        "SHOW ENGINE INNODB STATUS\\G\nSELECT 1\\g SELECT 2",
        "DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n  IF a THEN SELECT 1; END IF;\nEND//\nDELIMITER ;\nSELECT 2;",
        "delimiter $$\nCREATE TRIGGER t BEFORE INSERT ON u FOR EACH ROW BEGIN SET NEW.x = '$$'; END$$\ndelimiter ;\nSELECT 1",
        "DELIMITER ;;\nSELECT 1; SELECT 2;;\nDELIMITER ;\nSELECT 3;",
        "DELIMITER |\nSELECT 1|SELECT 'a|b'|\nDELIMITER ;\nSELECT 3; SELECT \\N",
        "SELECT 1;\nnopager\nSELECT 2;\nwarnings\nexit\n",
        "SELECT 'a\n\nb';\n\nSELECT\n\n2",
    ] {
        assert!(!is_refused(code, Mysql), "{code}");
        assert_same(code, &ours(code, Mysql), &sent_by_mariadb(code), Mysql);
    }
}

/// Without `DELIMITER`, that client tears a routine's body apart, and the server
/// refuses the pieces. The body is sent whole here: no piece of it can run.
#[test]
fn a_body_without_a_delimiter_is_sent_whole() {
    let body = "CREATE PROCEDURE p()\nBEGIN\n  IF a THEN DELETE FROM b; END IF;\n  DELETE FROM c;\nEND";
    let code = format!("{body};\nSELECT 1;");
    assert_eq!(sent_by_mariadb(&code).len(), 5);
    assert_eq!(ours(&code, Mysql), [body, "SELECT 1"]);
}

#[test]
fn what_mysqls_client_would_do_by_itself_is_refused_and_not_sent_another_way() {
    for code in [
        "source other.sql",
        "\\. other.sql",
        "system rm -rf /",
        "SELECT 1 \\! ls",
        "SELECT 1 \\c",
        "SET sql_mode = 'ANSI_QUOTES'; SELECT \"a\\\"; DELETE FROM t; -- \"",
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')",
    ] {
        assert!(is_refused(code, Mysql), "{code}");
    }
}

const PIECES: &[&str] = &[
    "SELECT",
    "1",
    "x",
    "'",
    "''",
    "'a;b'",
    "\\'",
    "\"",
    "\"a;b\"",
    "`",
    "`a;b`",
    "--",
    "-- c;\n",
    "--x",
    "#",
    "# c;\n",
    "/*",
    "*/",
    "/* c; */",
    ";",
    ";",
    "; ",
    "\n",
    "(",
    ")",
    "BEGIN",
    "CASE",
    "END",
    "é",
    ".",
    "$$",
    "//",
    "@",
    "DELETE FROM t",
    "\nDELIMITER //\n",
    "\nDELIMITER $$\n",
    "\nDELIMITER ;\n",
    "\\G",
    "\\N",
];

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn mysqls_client_ends_the_statements_of_any_text_where_we_end_them_or_none_is_sent(code in soup(PIECES)) {
        // A `;` under another delimiter is nothing to the client.
        let ours: Vec<&str> = ours(&code, Mysql).into_iter().filter(|text| text.contains(|c| !";\n ".contains(c))).collect();
        let theirs = sent_by_mariadb(&code);
        // In the middle of a statement, and behind a comment that it keeps, it
        // is none for the client, which loses the line's end behind it.
        let is_inside = ours.iter().any(|statement| statement.contains("\nDELIMITER"))
            || theirs.iter().any(|statement| statement.contains("DELIMITER"));
        // For the client `--x` is a comment where a statement begins, and
        // nowhere else. The server takes it for none, and refuses it.
        let is_half_comment = ours.iter().any(|statement| statement.starts_with("--"));
        if !is_inside && !is_half_comment && !is_refused(&code, Mysql) {
            assert_same(&code, &ours, &theirs, Mysql);
        }
    }
}
