//! Variables taken from a block's result, where its annotations say so and
//! nowhere else.

use super::judge::Evidence;
use crate::runbook::Capture;

/// The first row of the last query: column names and values.
pub(super) type FirstRow = Vec<(String, Option<String>)>;

/// The value that `capture` finds, or why it finds none.
pub(super) fn capture(capture: &Capture, evidence: &Evidence, row: &FirstRow) -> Result<String, String> {
    match capture {
        Capture::Stdout => Ok(evidence.stdout.trim_end_matches(['\n', '\r']).to_owned()),
        Capture::Matches(pattern) => {
            let pattern = regex::Regex::new(pattern).map_err(|error| format!("not a regular expression: {error}"))?;
            let captures = pattern
                .captures(&evidence.stdout)
                .ok_or_else(|| format!("nothing in the output matches /{pattern}/"))?;
            let found = captures.get(1).or_else(|| captures.get(0));
            Ok(found.map_or_else(String::new, |found| found.as_str().to_owned()))
        }
        Capture::Json(pointer) => {
            let document: serde_json::Value =
                serde_json::from_str(&evidence.stdout).map_err(|error| format!("the output is not JSON: {error}"))?;
            match document.pointer(pointer) {
                Some(serde_json::Value::String(text)) => Ok(text.clone()),
                Some(value) => Ok(value.to_string()),
                None => Err(format!("the output has nothing at {pointer}")),
            }
        }
        Capture::Column(column) => match row.iter().find(|(name, _)| name == column) {
            Some((_, Some(value))) => Ok(value.clone()),
            Some((_, None)) => Err(format!("column {column} is NULL")),
            None if row.is_empty() => Err("the query gave no row".to_owned()),
            None => Err(format!("the result has no column {column}")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stdout(text: &str) -> Evidence {
        Evidence { stdout: text.into(), ..Evidence::default() }
    }

    #[test]
    fn a_pattern_gives_its_first_group_or_the_whole_match() {
        let evidence = stdout("host=db-1 port=5432\n");
        assert_eq!(capture(&Capture::Matches(r"host=(\S+)".into()), &evidence, &vec![]), Ok("db-1".into()));
        assert_eq!(capture(&Capture::Matches(r"\d+$".into()), &stdout("5432"), &vec![]), Ok("5432".into()));
        assert!(capture(&Capture::Matches("none".into()), &evidence, &vec![]).is_err());
    }

    #[test]
    fn a_pointer_gives_text_without_its_quotes() {
        let evidence = stdout(r#"{"a":{"b":"x","n":3}}"#);
        assert_eq!(capture(&Capture::Json("/a/b".into()), &evidence, &vec![]), Ok("x".into()));
        assert_eq!(capture(&Capture::Json("/a/n".into()), &evidence, &vec![]), Ok("3".into()));
    }

    #[test]
    fn null_and_missing_columns_are_not_values() {
        let row = vec![("id".to_owned(), Some("7".to_owned())), ("gone".to_owned(), None)];
        let column = |name: &str| capture(&Capture::Column(name.into()), &Evidence::default(), &row);
        assert_eq!(column("id"), Ok("7".into()));
        assert!(column("gone").is_err());
        assert!(column("other").is_err());
    }
}
