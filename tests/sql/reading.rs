//! Connections that may only read: what their roles could do all the same, and
//! what nothing lifts.

use crate::servers::postgres::{self, Database};
use crate::{connections, run};
use runbook::effect::{DatabaseError, Databases};
use runbook::sql::Connections;

/// What a responder is told of a session of this role.
async fn remarks(database: &Database, role: &str, read_only: bool) -> Vec<String> {
    let mut connections = connections(&database.url_for(role, "pw"), read_only);
    connections.open("db").await.map(|session| session.about().remarks).expect("it can be opened")
}

fn role(database: &Database, name: &str, rights: &str) -> String {
    let role = format!("{name}_of_{}", database.name);
    database.psql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'pw'; {}", rights.replace("ROLE", &role)));
    role
}

#[tokio::test]
async fn a_read_only_session_says_when_its_role_could_write() {
    let database = postgres::server().database();
    database.psql(
        "CREATE SCHEMA shut; CREATE TABLE shut.t (a int); CREATE TABLE t (a int, b int); \
         CREATE VIEW v AS SELECT * FROM t; GRANT SELECT ON t TO public",
    );
    let asked = "read-only is asked of the session, not of the role";
    let beyond = "write files on the server, which read-only does not stop";
    for (name, rights, expected) in [
        ("reader", "GRANT pg_read_all_data TO ROLE", None),
        ("shut_out", "GRANT INSERT ON shut.t TO ROLE", None),
        ("inserting", "GRANT INSERT ON t TO ROLE", Some("may write")),
        ("emptying", "GRANT TRUNCATE ON t TO ROLE", Some("may write")),
        ("by_column", "GRANT UPDATE (b) ON t TO ROLE", Some("may write")),
        ("by_view", "GRANT DELETE ON v TO ROLE", Some("may write")),
        ("by_membership", "GRANT pg_write_all_data TO ROLE", Some("may write")),
        ("when_set", "GRANT pg_write_all_data TO ROLE; ALTER ROLE ROLE NOINHERIT", Some("may write")),
        ("programs", "GRANT pg_execute_server_program TO ROLE", Some(&*format!("may run programs or {beyond}"))),
        (
            "both",
            "GRANT pg_write_server_files, pg_write_all_data TO ROLE",
            Some(&*format!("may write, and run programs or {beyond}")),
        ),
        ("super", "ALTER ROLE ROLE SUPERUSER", Some(&*format!("may write, and run programs or {beyond}"))),
    ] {
        let rights = rights.replace("ALTER ROLE ROLE", "ALTER USER ROLE");
        let role = role(&database, name, &rights);
        let expected: Vec<String> = expected.into_iter().map(|may| format!("{asked}: role {role} {may}")).collect();
        assert_eq!(remarks(&database, &role, true).await, expected, "{name}");
        assert_eq!(remarks(&database, &role, false).await, Vec::<String>::new(), "{name}, where writing is asked for");
    }
}

#[tokio::test]
async fn a_session_says_what_it_is() {
    let server = postgres::server();
    let database = server.database();
    let mut connections = connections(&database.url, true);
    let session = connections.open("db").await.expect("it can be opened");
    let (about, target) = (session.about(), session.target().to_owned());
    assert_eq!(about.host, Some(format!("127.0.0.1:{}", server.port())));
    assert_eq!((about.database.as_deref(), about.role.as_deref()), (Some(&*database.name), Some("postgres")));
    assert!(about.read_only);
    let version = database.psql("SHOW server_version");
    let version = version.split(' ').next().expect("a version");
    assert_eq!(about.version.as_deref(), Some(version));
    let major = version.split('.').next().expect("a number");
    assert_eq!(target, format!("postgres {major} · {} · role postgres · READ-ONLY", database.name));
    let pid = run(&mut connections, "SELECT pg_backend_pid()").await.expect("it reads").0.first_row;
    assert_eq!(pid, Some(vec![about.process.map(|process| process.to_string())]));
}

/// Runs `script` statement by statement as the superuser on a read-only
/// connection, and gives the errors.
async fn tried(reader: &mut Connections, script: &[&str]) -> Vec<String> {
    let mut errors = Vec::new();
    for statement in script {
        match run(reader, statement).await {
            Ok(_) => {}
            Err(DatabaseError::Statement { message, .. }) => errors.push(message),
            Err(other) => panic!("{statement}: {other}"),
        }
    }
    let _ = run(reader, "ROLLBACK").await;
    errors
}

#[tokio::test]
async fn nothing_on_a_read_only_connection_writes() {
    let database = postgres::server().database();
    database.psql(
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE SEQUENCE s; \
         CREATE FUNCTION lift() RETURNS text LANGUAGE sql AS \
             $$ SELECT set_config('default_transaction_read_only', 'off', false) $$; \
         CREATE FUNCTION lift_here() RETURNS text LANGUAGE sql AS \
             $$ SELECT set_config('transaction_read_only', 'off', true) $$; \
         CREATE FUNCTION gone() RETURNS void LANGUAGE sql AS $$ DELETE FROM t $$; \
         CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN \
             PERFORM set_config('default_transaction_read_only', 'off', false); COMMIT; DELETE FROM t; END $$; \
         CREATE FUNCTION loose_strings() RETURNS text LANGUAGE sql AS \
             $$ SELECT set_config('standard_conforming_strings', 'off', false) $$",
    );
    let mut reader = connections(&database.url, true);
    for script in [
        &["DELETE FROM t"][..],
        &["SELECT lift()", "SELECT gone()"],
        &["BEGIN", "SELECT lift_here()", "SELECT gone()"],
        &["SELECT gone()"],
        &["BEGIN", "SET \"transaction_read_only\" = off", "SELECT gone()"],
        &["BEGIN", "SET U&\"transaction\\005fread_only\" = off", "SELECT gone()"],
        &["BEGIN READ WRITE", "SELECT gone()"],
        &["SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "SELECT gone()"],
        &["RESET ALL", "SELECT gone()"],
        &["DO $$ BEGIN DELETE FROM t; END $$"],
        &["DO $$ BEGIN SET transaction_read_only = off; DELETE FROM t; END $$"],
        &["DO $$ BEGIN SET default_transaction_read_only = off; COMMIT; DELETE FROM t; END $$"],
        &["CALL commits()"],
        &["PREPARE p AS DELETE FROM t", "EXECUTE p"],
        &["EXPLAIN ANALYZE DELETE FROM t"],
        &["SELECT query_to_xml('DELETE FROM t', true, true, '')"],
        &["COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'"],
        &["SELECT nextval('s')"],
        &["SELECT lo_create(4711)"],
        &["CREATE TABLE other (a int)"],
        &["TRUNCATE t"],
        &["SELECT * FROM t FOR UPDATE"],
        &[
            "SELECT loose_strings()",
            "SELECT 'a\\''; COMMIT; BEGIN READ WRITE; DELETE FROM t; COMMIT; --'",
            "SELECT gone()",
        ],
        &["SET standard_conforming_strings = off", "SELECT gone()"],
    ] {
        let errors = tried(&mut reader, script).await;
        assert!(!errors.is_empty(), "{script:?}");
        assert_eq!(database.psql("SELECT count(*) FROM t"), "1", "{script:?}");
    }
    assert_eq!(database.psql("SELECT is_called FROM s"), "f", "the sequence stays");
    assert_eq!(database.psql("SELECT count(*) FROM pg_largeobject_metadata WHERE oid = 4711"), "0");
    assert_eq!(tried(&mut reader, &["SELECT * FROM t", "SHOW work_mem"]).await, [""; 0]);
}

/// What no read-only transaction stops, the server is not sent.
#[tokio::test]
async fn nothing_on_a_read_only_connection_acts_outside_of_tables() {
    let database = postgres::server().database();
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("it is ours");
    let file = folder.path().join("written");
    let program = format!("COPY (SELECT 1) TO PROGRAM ''touch {}''", file.display());
    database.psql("CREATE EXTENSION dblink; SELECT lo_create(4712)");
    let loaded = "SELECT pg_conf_load_time()";
    let before = database.psql(loaded);
    let mut reader = connections(&database.url, true);
    for script in [
        &[&*format!("DO $$ BEGIN EXECUTE '{program}'; END $$")][..],
        &["DO $$ BEGIN PERFORM pg_reload_conf(); END $$"],
        &["PREPARE p AS SELECT pg_reload_conf()", "EXECUTE p"],
        &["BEGIN", "DECLARE c CURSOR FOR SELECT pg_reload_conf()", "FETCH c"],
        &["SELECT lowrite(lo_open(4712, 131072), 'x')"],
        &["SELECT lo_unlink(4712)"],
        &["SELECT pg_rotate_logfile()"],
        &["SELECT pg_switch_wal()"],
        &["SELECT * FROM dblink('dbname=x', 'SELECT 1') AS t(a int)"],
        &["CREATE TEMP TABLE mine (a int)"],
        &["SELECT 1 AS a INTO TEMP mine"],
        &["ALTER SYSTEM SET work_mem = '5MB'"],
    ] {
        assert!(!tried(&mut reader, script).await.is_empty(), "{script:?}");
    }
    assert!(!file.exists());
    assert_eq!(database.psql(loaded), before);
    assert_eq!(database.psql("SELECT count(*) FROM pg_largeobject_metadata WHERE oid = 4712"), "1");
}

#[tokio::test]
async fn who_may_only_read_by_the_servers_word_may_so_after_a_block_that_reads() {
    let database = postgres::server().database();
    database.psql("CREATE TABLE t (a int)");
    let careful = role(&database, "careful", "GRANT ALL ON t TO ROLE");
    database.psql(&format!("ALTER ROLE {careful} SET default_transaction_read_only = on"));
    let mut session = connections(&database.url_for(&careful, "pw"), false);
    for reading in [true, false] {
        session.open("db").await.expect("it is open").set_reading(reading).await.expect("the server can be told");
    }
    let refused = run(&mut session, "INSERT INTO t VALUES (1)").await.err().expect("the role reads").to_string();
    assert!(refused.contains("read-only transaction"), "{refused}");
}

#[tokio::test]
async fn what_read_only_would_not_stop_is_refused_with_its_reason() {
    let database = postgres::server().database();
    let mut reader = connections(&database.url, true);
    for (statement, reason) in [
        ("SELECT pg_terminate_backend(1)", "`pg_terminate_backend()` ends sessions of the database"),
        ("COPY (SELECT 1) TO PROGRAM 'true'", "runs a program on the database's host"),
        ("SELECT pg_notify('a', 'b')", "`pg_notify()` notifies listeners"),
        ("SELECT pg_advisory_lock(1)", "`pg_advisory_lock()` takes or releases an advisory lock"),
        ("VACUUM", "rewrites or cleans up tables"),
        ("ALTER SYSTEM SET work_mem = '1GB'", "alters the schema or the server"),
    ] {
        let errors = tried(&mut reader, &[statement]).await;
        let refusal =
            format!("the connection is read-only, and this is no read: {reason}; `access: write` would allow it");
        assert_eq!(errors, [refusal], "{statement}");
        let session = reader.open("db").await.expect("it is open");
        assert_eq!(session.refuses(statement), errors.into_iter().next(), "told beforehand as well");
    }
}

#[tokio::test]
async fn a_sqlite_file_opened_to_read_is_not_written_to_by_any_way() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("test.db");
    let url = runbook::sql::seed(&file, "CREATE TABLE t (a int);").await.expect("a new database");
    let before = std::fs::read(&file).expect("the file");
    let mut reader = connections(&url, true);
    let other = folder.path().join("other.db");
    for script in [
        &["INSERT INTO t VALUES (1)"][..],
        &["PRAGMA \"query_only\" = off", "INSERT INTO t VALUES (1)"],
        &["PRAGMA main.query_only(0)", "INSERT INTO t VALUES (1)"],
        &["PRAGMA journal_mode = wal", "INSERT INTO t VALUES (1)"],
        &["PRAGMA user_version = 7", "INSERT INTO t VALUES (1)"],
        &[&format!("VACUUM INTO '{}'", other.display())],
        &[&format!("ATTACH 'file:{}?mode=rwc' AS other", other.display()), "CREATE TABLE other.t (a int)"],
    ] {
        assert!(!tried(&mut reader, script).await.is_empty(), "{script:?}");
        assert_eq!(std::fs::read(&file).expect("the file"), before, "{script:?}");
        assert!(!other.exists(), "{script:?}");
    }
    let about = reader.open("db").await.expect("it is open").about();
    assert!(about.read_only && about.database == Some(file.display().to_string()), "{about:?}");
}
