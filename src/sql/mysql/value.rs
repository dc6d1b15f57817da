//! Values as the server's own client shows them: text as it is, bytes that are
//! no text as `0x00FF`, as with its `--binary-as-hex`.

use crate::sql::report::DriverRow;
use crate::sql::table::Cell;
use sqlx::mysql::{MySqlColumn, MySqlRow, MySqlTypeInfo};
use sqlx::{Column as _, Decode, MySql, Row as _, Type, TypeInfo as _};

impl DriverRow for MySqlRow {
    fn names(&self) -> Vec<String> {
        names(self.columns())
    }

    fn cells(&self) -> Vec<Cell> {
        self.columns().iter().map(|column| cell(self, column)).collect()
    }
}

pub(super) fn names(columns: &[MySqlColumn]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
}

/// The first row's values; NULL is empty.
pub(super) fn texts(row: &MySqlRow) -> Vec<String> {
    row.cells().into_iter().map(|cell| cell.text.unwrap_or_default()).collect()
}

fn cell(row: &MySqlRow, column: &MySqlColumn) -> Cell {
    let value = row.try_get_raw(column.ordinal()).expect("the column is one of this row");
    let kind = column.type_info();
    // Statements go as text, and so do their values: what is missing is NULL.
    let bytes = <&[u8] as Decode<'_, MySql>>::decode(value).ok();
    Cell { text: bytes.map(|bytes| shown(bytes, kind)), numeric: is_numeric(kind) }
}

fn shown(bytes: &[u8], kind: &MySqlTypeInfo) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !is_binary(kind) => text.to_owned(),
        // A session may have been set to another character set than UTF-8:
        // then its bytes are no text here.
        _ => bytes.iter().fold("0x".to_owned(), |hex, byte| hex + &format!("{byte:02X}")),
    }
}

/// Whether its values are bytes, not text. JSON and other texts that are
/// compared byte by byte are text.
fn is_binary(kind: &MySqlTypeInfo) -> bool {
    matches!(kind.name(), "BIT" | "GEOMETRY")
        || (<[u8] as Type<MySql>>::compatible(kind) && !<str as Type<MySql>>::compatible(kind))
}

fn is_numeric(kind: &MySqlTypeInfo) -> bool {
    let name = kind.name();
    matches!(name, "BOOLEAN" | "FLOAT" | "DOUBLE" | "DECIMAL" | "YEAR")
        || name.trim_end_matches(" UNSIGNED").ends_with("INT")
}
