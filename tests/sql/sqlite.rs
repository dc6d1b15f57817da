//! What is SQLite's own, and the databases of a rehearsal.

use crate::{Server, connections, run};
use runbook::effect::{DatabaseError, ServerKind};

#[tokio::test]
async fn sqlite_values_are_as_its_shell_prints_them() {
    let mut server = Server::new(ServerKind::Sqlite).await;
    let row = server.ok("SELECT 1.0, 0.1, 1e100, -7, x'00ff', 9223372036854775807, 'é'").await.0.first_row;
    let row: Vec<String> = row.expect("a row").into_iter().map(|value| value.expect("no NULL")).collect();
    assert_eq!(row, ["1.0", "0.1", "1.0e+100", "-7", "X'00FF'", "9223372036854775807", "é"]);
}

#[tokio::test]
async fn a_seeded_schema_serves_qualified_names_from_other_processes_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let seed = "CREATE SCHEMA ops;\nCREATE TABLE ops.job_queue (id int, name text);\n\
                INSERT INTO ops.job_queue VALUES (1, 'stuck'), (2, NULL);\nCREATE TABLE plain (a int);\n";
    let url = runbook::sql::seed(&folder.path().join("odd ?#%.db"), seed).await.expect("the seed is right");
    let mut session = connections(&url, false);
    let (result, _) = run(&mut session, "SELECT * FROM ops.job_queue ORDER BY id").await.expect("as on Postgres");
    assert_eq!(result.rows, Some(2));

    let printed =
        runbook::sql::execute(&url, "DELETE FROM ops.job_queue WHERE id = 1; SELECT * FROM ops.job_queue").await;
    assert_eq!(printed.as_deref(), Ok("2|\n"));
    let (result, _) = run(&mut session, "SELECT * FROM ops.job_queue").await.expect("the session is still there");
    assert_eq!(result.rows, Some(1), "what another process did is seen");

    let again = runbook::sql::seed(&folder.path().join("odd ?#%.db"), "").await;
    assert!(again.is_err(), "a file that is there is not touched");
}

#[tokio::test]
async fn a_faulty_seed_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let seed = "CREATE SCHEMA ops;\nCREATE TABLE ops.a (id int);\nINSRT INTO ops.a VALUES (1);\n";
    let error = runbook::sql::seed(&folder.path().join("x.db"), seed).await.expect_err("INSRT is no command");
    assert_eq!(
        error,
        DatabaseError::Statement { message: "near \"INSRT\": syntax error".to_owned(), offset: seed.find("INSRT") }
    );
}

#[tokio::test]
async fn foreign_keys_are_as_in_sqlites_own_shell_unless_the_url_or_a_rehearsal_wants_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("plain.db");
    let enforced = async |url: &str| {
        let (result, _) = run(&mut connections(url, false), "PRAGMA foreign_keys").await.expect("it can be asked");
        result.first_row.expect("a row").swap_remove(0).expect("no NULL")
    };
    let plain = format!("sqlite:{}?mode=rwc", file.display());
    assert_eq!(enforced(&plain).await, "0");
    assert_eq!(enforced(&format!("{plain}&foreign_keys=on")).await, "1");
    let odd = connections(&format!("{plain}&foreign_keys=perhaps"), false);
    let odd = run(&mut { odd }, "SELECT 1").await.err().expect("it is neither").to_string();
    assert!(odd.contains("foreign_keys=perhaps: write foreign_keys=on"), "{odd}");
    let seeded = runbook::sql::seed(&folder.path().join("seeded.db"), "").await.expect("a new database");
    assert_eq!(enforced(&seeded).await, "1", "it may stand in for another server");
}
