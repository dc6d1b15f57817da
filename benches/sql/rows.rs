//! A result of five columns and many rows: shown by its first, kept whole.

use crate::measure::{bytes_of, median, milliseconds, ratio, report, report_megabytes, rounds_of};
use crate::place::{Cost, PEAK, Place, cost};
use crate::postgres::{Database, server};
use std::fs;
use std::process::Command;
use std::time::Duration;

const ROUNDS: usize = 5;
const QUERY: &str = "SELECT * FROM events;\n";

pub(crate) fn rows(count: u64) {
    let database = server().database();
    database.psql(&format!(
        "CREATE TABLE events (id bigint, worker text, state text, amount numeric, at timestamptz);
         INSERT INTO events SELECT n, 'enforcement-worker-' || n % 977, (ARRAY['ready', 'claimed', 'failed'])[n % 3 + 1],
             n * 1.25, '2026-01-01'::timestamptz + n * interval '1 second' FROM generate_series(1, {count}) AS n;"
    ));
    database.psql("VACUUM ANALYZE events");
    let place = Place::new();
    let costs = rounds_of(ROUNDS, 3, |way| {
        place.forget_runs();
        match way {
            0 => psql(&place, &database, &[]),
            1 => psql(&place, &database, &["--csv"]),
            _ => cost(place.run(&page()).env("BENCH_DATABASE_URL", &database.url)),
        }
    });
    let [aligned, csv, kept] =
        [0, 1, 2].map(|way| median(costs[way].iter().map(|cost| cost.wall).collect::<Vec<Duration>>()));
    let rows = fs::metadata(place.record().with_file_name("output").join("001-1.csv")).expect("all rows are kept");
    println!(
        "\n{count} rows, {} MB as CSV: {:.0} ms for psql, {:.0} ms for psql --csv, {:.0} ms here",
        rows.len() >> 20,
        milliseconds(aligned),
        milliseconds(csv),
        milliseconds(kept)
    );
    report("rows", "time of psql's, aligned", ratio(kept, aligned), 0.25);
    report("rows", "time of psql's, --csv", ratio(kept, csv), 1.3);
    let psql = bytes_of(&fs::read_to_string(place.path().join("psql-peak")).unwrap_or_default(), "VmHWM");
    report_megabytes("memory", "peak of psql's", psql as f64, f64::INFINITY);
    report_megabytes("memory", "peak", place.memory("peak", "VmHWM") as f64, 16.0);
}

fn page() -> String {
    format!(
        "---\nconnections:\n  bench: {{ env: BENCH_DATABASE_URL }}\n---\n\n# Rows\n\n## All\n\n```sql\n{QUERY}```\n{PEAK}"
    )
}

/// The server's own client, which puts down its memory at the end.
fn psql(place: &Place, database: &Database, options: &[&str]) -> Cost {
    let script = place.path().join("query.sql");
    fs::write(&script, format!("{QUERY}\\! cp /proc/$PPID/status psql-peak\n")).expect("the script");
    let mut command: Command = database.client();
    place.at_home(&mut command);
    cost(command.args(options).arg("-f").arg(&script))
}
