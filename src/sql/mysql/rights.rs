//! What an account may do all the same where its session only reads.

use super::error;
use super::value::texts;
use sqlx::Executor as _;
use sqlx::mysql::MySqlConnection;

/// Privileges that change nothing.
const READING: &[&str] = &["USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "REFERENCES", "LOCK TABLES"];

/// What a responder should know of the rights of the account, where its session
/// is asked to read only.
pub(super) async fn remark(connection: &mut MySqlConnection, account: &str) -> Option<String> {
    let asked = "read-only is asked of the session, not of the account";
    match connection.fetch_all(sqlx::raw_sql("SHOW GRANTS")).await {
        Ok(rows) => {
            let may_write = rows.iter().flat_map(texts).any(|grant| may_write(&grant));
            may_write.then(|| format!("{asked}: {account} may write"))
        }
        Err(error) => {
            tracing::debug!(error = %error::message(&error), "the rights of the account are not known");
            Some(format!("{asked}: whether {account} may write could not be found out"))
        }
    }
}

/// Whether a line of SHOW GRANTS gives more than to read. A role is taken to:
/// what it gives stands in lines of its own only while it is in force.
fn may_write(grant: &str) -> bool {
    let Some(privileges) = grant.strip_prefix("GRANT ") else { return false };
    let Some((privileges, _)) = privileges.split_once(" ON ") else { return true };
    // `SELECT (a, b)` is of columns.
    let mut depth = 0_usize;
    let mut names = String::new();
    for c in privileges.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => names.push(c),
            _ => {}
        }
    }
    names.split(',').any(|name| !READING.contains(&name.trim()))
}

#[cfg(test)]
mod tests {
    use super::may_write;

    #[test]
    fn only_what_reads_is_no_right_to_write() {
        for (grant, expected) in [
            ("GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*00'", false),
            ("GRANT SELECT, SHOW VIEW ON `shop`.* TO `a`@`%`", false),
            ("GRANT SELECT (a, b), REFERENCES ON `shop`.`jobs` TO `a`@`%`", false),
            ("GRANT SELECT, INSERT (a) ON `shop`.`jobs` TO `a`@`%`", true),
            ("GRANT ALL PRIVILEGES ON `shop`.* TO `a`@`%` WITH GRANT OPTION", true),
            ("GRANT EXECUTE ON PROCEDURE `shop`.`clean` TO `a`@`%`", true),
            ("GRANT `writer` TO `a`@`%`", true),
            ("SET DEFAULT ROLE `writer` FOR `a`@`%`", false),
        ] {
            assert_eq!(may_write(grant), expected, "{grant}");
        }
    }
}
