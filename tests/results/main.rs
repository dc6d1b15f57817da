//! What comes of a query, from the server to the screen, the record, the report
//! and the variables of later blocks.

mod capture;
mod kept;
#[path = "../servers/mod.rs"]
mod servers;
#[path = "../support/mod.rs"]
mod support;

use servers::postgres::Database;
use std::process::Output;
use support::Sandbox;

/// Runs `page` to its end, with everything allowed and `database` as the
/// connection `ops`.
fn run(sandbox: &Sandbox, page: &str, database: &Database) -> Output {
    sandbox.write("page.md", page);
    let mut command = sandbox.runbook(["run", "page.md", "--yes=destructive"]);
    command.env("OPS_DATABASE_URL", &database.url).output().expect("it starts")
}
