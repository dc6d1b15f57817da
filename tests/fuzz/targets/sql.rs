//! Any text as SQL of every dialect: nothing panics, and whatever is found has
//! its place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use runbook::language::sql::{self, SqlDialect};
use runbook_fuzz::{assert_in_order, assert_within};

const DIALECTS: [SqlDialect; 4] = [SqlDialect::Postgres, SqlDialect::Sqlite, SqlDialect::Mysql, SqlDialect::Unknown];

fuzz_target!(|code: &str| {
    for dialect in DIALECTS {
        let statements = sql::split(code, dialect);
        assert_in_order(code, statements.iter().map(|statement| statement.span));
        for comment in statements.iter().filter_map(|statement| statement.comment) {
            assert_within(code, comment);
        }
        assert_in_order(code, sql::placeholders(code, dialect).iter().map(|found| found.span));
        for at in [0, code.len() / 3, code.len()] {
            let _ = sql::places_at(code, &[code.floor_char_boundary(at)], dialect);
        }
    }
});
