//! Values as the server's own text, as psql shows them.

use crate::sql::report::DriverRow;
use crate::sql::table::Cell;
use crate::sql::value::Value;
use sqlx::postgres::{PgColumn, PgRow};
use sqlx::{Column as _, Row as _, ValueRef as _};

pub(super) fn names(columns: &[PgColumn]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
}

impl DriverRow for PgRow {
    fn names(&self) -> Vec<String> {
        names(self.columns())
    }

    fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        // A session may have been set to another encoding than UTF-8.
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.each(&mut |value| cells.push(Cell { text: value.bytes.map(text), numeric: value.numeric }));
        cells
    }

    fn each(&self, take: &mut dyn FnMut(Value<'_>)) {
        for (index, column) in self.columns().iter().enumerate() {
            let value = self.try_get_raw(index).expect("the column is one of this row");
            let bytes = if value.is_null() { None } else { Some(value.as_bytes().unwrap_or_default()) };
            take(Value { bytes, numeric: is_numeric(column) });
        }
    }
}

/// Whether the column's type is one of those that psql writes at the right.
fn is_numeric(column: &PgColumn) -> bool {
    // int8, int2, int4, oid, xid, cid, float4, float8, money, numeric, xid8.
    let oid = column.type_info().oid().map_or(0, |oid| oid.0);
    matches!(oid, 20 | 21 | 23 | 26 | 28 | 29 | 700 | 701 | 790 | 1700 | 5069)
}
