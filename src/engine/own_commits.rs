//! Where a SQL block ends its transactions by itself, and where it does not.

use super::sql_script::may_change;
use crate::language::sql::{SqlDialect, StatementKind, split};

/// A sentence for each COMMIT or ROLLBACK of the block's own that has something
/// to keep or to take back, and for a BEGIN that neither follows. `line` says which line of the page holds a byte of
/// the text, if one does.
pub(super) fn notes(text: &str, dialect: SqlDialect, line: impl Fn(usize) -> Option<usize>) -> Vec<String> {
    let mut notes = Vec::new();
    let mut changed = false;
    let mut opened = None;
    for statement in split(text, dialect) {
        let place = line(statement.span.start).map(|line| format!(" at line {line}")).unwrap_or_default();
        match statement.kind {
            StatementKind::Commit if changed => {
                notes.push(format!("this block commits by itself{place}: you are asked there"));
            }
            StatementKind::Rollback if changed => {
                notes.push(format!("this block takes its changes back by itself{place}"));
            }
            _ => {}
        }
        let ends = matches!(statement.kind, StatementKind::Commit | StatementKind::Rollback);
        opened = match statement.kind {
            StatementKind::Begin => Some(place),
            _ => opened.filter(|_| !ends),
        };
        changed = !ends && (changed || may_change(&statement));
    }
    if let Some(place) = opened {
        notes.push(format!(
            "this block opens a transaction{place} and does not end it: it ends with the block, and a COMMIT or \
             ROLLBACK in a later block ends nothing"
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocks_own_commit_is_told_with_its_line() {
        let code = "BEGIN;\nUPDATE a SET b = 1 WHERE c = 2;\nCOMMIT;\nBEGIN;\nSELECT 1;\nCOMMIT;\nDELETE FROM a WHERE b = 1;\nROLLBACK;\n";
        let line = |at: usize| Some(10 + code[..at].matches('\n').count());
        assert_eq!(
            notes(code, SqlDialect::Postgres, line),
            [
                "this block commits by itself at line 12: you are asked there",
                "this block takes its changes back by itself at line 17"
            ]
        );
        assert_eq!(notes("UPDATE a SET b = 1", SqlDialect::Postgres, |_| None), [""; 0]);
        let left_open = notes("BEGIN;\nUPDATE a SET b = 1;\n", SqlDialect::Postgres, line);
        assert_eq!(left_open.len(), 1);
        assert!(
            left_open[0].starts_with("this block opens a transaction at line 10 and does not end it"),
            "{left_open:?}"
        );
    }
}
