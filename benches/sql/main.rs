//! What SQL costs: a large result that is kept whole, and many small ones,
//! against psql on the same server.
//!
//! `cargo bench --bench sql [SECTION …] [ROWS]`, where the sections are `rows`
//! and `small`; by default both, with a million rows.

#[path = "../measure/mod.rs"]
mod measure;
#[allow(dead_code, reason = "each bench uses a part of this")]
#[path = "../shell/place.rs"]
mod place;
#[path = "../../tests/servers/postgres.rs"]
mod postgres;
mod rows;
mod small;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let rows = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let chosen: Vec<&String> = arguments.iter().filter(|argument| argument.parse::<u64>().is_err()).collect();
    let wants = |section: &str| chosen.is_empty() || chosen.iter().any(|name| *name == section);
    if wants("rows") {
        rows::rows(rows);
    }
    if wants("small") {
        small::small();
    }
}
