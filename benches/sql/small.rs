//! A thousand small statements on one session, each of them recorded.

use crate::measure::{median, milliseconds, ratio, report, rounds_of};
use crate::place::{Place, cost};
use crate::postgres::server;
use std::fmt::Write as _;
use std::fs;

const ROUNDS: usize = 11;
const STATEMENTS: usize = 1000;

pub(crate) fn small() {
    let database = server().database();
    let place = Place::new();
    let mut script = String::new();
    for number in 1..=STATEMENTS {
        let _ = writeln!(script, "SELECT {number} AS n, 'ready' AS state;");
    }
    let connections = "---\nconnections:\n  bench: { env: BENCH_DATABASE_URL }\n---\n";
    let page = format!("{connections}\n# Small\n\n## All\n\n```sql\n{script}```\n");
    let nothing = format!("{connections}\n# Small\n\n## One\n\n```sql\nSELECT 1;\n```\n");
    fs::write(place.path().join("small.sql"), &script).expect("the script");
    fs::write(place.path().join("nothing.sql"), "SELECT 1;\n").expect("the script");
    let costs = rounds_of(ROUNDS, 4, |way| {
        place.forget_runs();
        let mut command = match way {
            0 | 2 => {
                let mut psql = database.client();
                place.at_home(&mut psql);
                psql.args(["-f", if way == 0 { "small.sql" } else { "nothing.sql" }]);
                psql
            }
            way => place.run(if way == 1 { &page } else { &nothing }),
        };
        cost(command.env("BENCH_DATABASE_URL", &database.url)).wall
    });
    let [psql, run, psql_nothing, run_nothing] = [0, 1, 2, 3].map(|way| median(costs[way].clone()));
    println!(
        "\n{STATEMENTS} statements: {:.0} ms for psql, {:.0} ms here; one: {:.0} ms and {:.0} ms",
        milliseconds(psql),
        milliseconds(run),
        milliseconds(psql_nothing),
        milliseconds(run_nothing)
    );
    report("small", "time of psql -f", ratio(run, psql), 1.2);
    report(
        "small",
        "time of psql -f, without what one statement costs",
        ratio(run.saturating_sub(run_nothing), psql.saturating_sub(psql_nothing)),
        f64::INFINITY,
    );
}
