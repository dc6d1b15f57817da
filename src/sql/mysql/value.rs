//! Values as the server's own client shows them: text as it is, bytes that are
//! no text as `0x00FF`, as with its `--binary-as-hex`.

use crate::sql::report::DriverRow;
use crate::sql::table::Cell;
use crate::sql::value::Value;
use sqlx::mysql::{MySqlColumn, MySqlRow, MySqlTypeInfo};
use sqlx::{Column as _, Decode, MySql, Row as _, Type, TypeInfo as _};

impl DriverRow for MySqlRow {
    fn names(&self) -> Vec<String> {
        names(self.columns())
    }

    fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.each(&mut |value| cells.push(Cell { text: value.bytes.map(text), numeric: value.numeric }));
        cells
    }

    fn each(&self, take: &mut dyn FnMut(Value<'_>)) {
        for column in self.columns() {
            let value = self.try_get_raw(column.ordinal()).expect("the column is one of this row");
            let kind = column.type_info();
            let numeric = is_numeric(kind);
            // Statements go as text, and so do their values: what is missing is NULL.
            match <&[u8] as Decode<'_, MySql>>::decode(value) {
                Ok(bytes) if is_text(bytes, kind) => take(Value { bytes: Some(bytes), numeric }),
                Ok(bytes) => take(Value { bytes: Some(hexadecimal(bytes).as_bytes()), numeric }),
                Err(_) => take(Value { bytes: None, numeric }),
            }
        }
    }
}

pub(super) fn names(columns: &[MySqlColumn]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
}

/// The first row's values; NULL is empty.
pub(super) fn texts(row: &MySqlRow) -> Vec<String> {
    row.cells().into_iter().map(|cell| cell.text.unwrap_or_default()).collect()
}

/// A session may have been set to another character set than UTF-8: then its
/// bytes are no text here.
fn is_text(bytes: &[u8], kind: &MySqlTypeInfo) -> bool {
    !is_binary(kind) && std::str::from_utf8(bytes).is_ok()
}

/// `0x00FF`.
fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digits =
        bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)]));
    "0x".chars().chain(digits).collect()
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
