//! Where the body of a routine ends: the `;` in it end no statement of the
//! block.

use super::SqlDialect;

/// What is known of the body of the statement that is being read.
#[derive(Debug, Default)]
pub(super) struct Routine {
    /// The words that it begins with, in capitals, as long as they may still
    /// begin a routine.
    head: Vec<String>,
    /// Whether it is known what they begin.
    settled: bool,
    /// Whether it is the making of a routine.
    pub(super) is_one: bool,
    /// How many `BEGIN … END` and `CASE … END` are open.
    open: usize,
    /// The last word was an `END`; the next one may say of what: `END IF`.
    just_ended: bool,
    /// How much of `; END` stands last, which is what SQLite goes by: a `;`
    /// alone, or both.
    last: [bool; 2],
}

/// Words after `END` that say that no `BEGIN` has ended.
const ENDS_OTHER: &[&str] = &["IF", "WHILE", "LOOP", "REPEAT", "FOR"];

impl Routine {
    /// Whether a `;` here ends the statement.
    pub(super) fn is_complete(&self, dialect: SqlDialect) -> bool {
        match dialect {
            SqlDialect::Sqlite => !self.is_one || self.last == [true, true],
            _ => self.open == 0,
        }
    }

    /// Reads on. `depth` says how many parentheses are open.
    pub(super) fn token(&mut self, text: &str, is_word: bool, depth: usize, dialect: SqlDialect) {
        let is = |word: &str| is_word && text.eq_ignore_ascii_case(word);
        self.last = [self.last[1], false];
        if text == ";" {
            self.last = [false, true];
        } else if is("END") && self.last[0] {
            self.last = [true, true];
        }
        if !self.settled {
            self.read_head(text, is_word, dialect);
        }
        // psql does not look into parentheses.
        if !self.is_one || !is_word || (depth > 0 && dialect != SqlDialect::Mysql) {
            return;
        }
        let just_ended = std::mem::take(&mut self.just_ended);
        if just_ended && dialect == SqlDialect::Mysql {
            if ENDS_OTHER.iter().any(|word| is(word)) {
                self.open += 1;
            }
            // `END CASE`, which has been taken for the end of it already.
            if is("CASE") {
                return;
            }
        }
        if is("BEGIN") || (is("CASE") && self.open > 0) {
            self.open += 1;
        } else if is("END") && self.open > 0 {
            self.open -= 1;
            self.just_ended = true;
        }
    }

    fn read_head(&mut self, text: &str, is_word: bool, dialect: SqlDialect) {
        // psql goes by the words alone.
        if !is_word && matches!(dialect, SqlDialect::Postgres | SqlDialect::Unknown) {
            return;
        }
        let head: Vec<&str> = self.head.iter().map(String::as_str).collect();
        let (makes, may_follow): (&[&str], &[&str]) = match dialect {
            SqlDialect::Postgres | SqlDialect::Unknown => (&["FUNCTION", "PROCEDURE"], &["OR", "REPLACE"]),
            SqlDialect::Sqlite => (&["TRIGGER"], &["TEMP", "TEMPORARY"]),
            SqlDialect::Mysql => {
                (&["FUNCTION", "PROCEDURE", "TRIGGER", "EVENT"], &["OR", "REPLACE", "AGGREGATE", "DEFINER"])
            }
        };
        let word = if is_word { text.to_ascii_uppercase() } else { String::new() };
        match (head.as_slice(), word.as_str()) {
            // SQLite's shell takes the trigger that is only explained for one too.
            ([], "EXPLAIN" | "QUERY" | "PLAN") if dialect == SqlDialect::Sqlite => return,
            ([], "CREATE") => {}
            ([], "BEGIN") | (["BEGIN"], "NOT") if dialect == SqlDialect::Mysql => {}
            (["BEGIN", "NOT"], "ATOMIC") => (self.is_one, self.open) = (true, 1),
            (["CREATE", ..], made) if makes.contains(&made) => self.is_one = true,
            (["CREATE", ..], between) if may_follow.contains(&between) => {}
            // Behind `DEFINER` stands the name of a role, as `a@b`.
            (["CREATE", definer @ ..], _) if definer.contains(&"DEFINER") && text != "(" => {}
            _ => self.settled = true,
        }
        self.settled |= self.is_one;
        self.head.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completes(text: &str, dialect: SqlDialect) -> bool {
        let mut routine = Routine::default();
        for word in text.split_whitespace() {
            routine.token(word, word.starts_with(char::is_alphabetic), 0, dialect);
        }
        routine.is_complete(dialect)
    }

    #[test]
    fn a_body_ends_with_the_end_of_its_first_begin() {
        use SqlDialect::{Mysql, Postgres, Sqlite};
        for (text, dialect, complete) in [
            ("CREATE FUNCTION f ( ) BEGIN ATOMIC SELECT 1", Postgres, false),
            ("CREATE FUNCTION f ( ) BEGIN ATOMIC SELECT CASE WHEN a THEN b END", Postgres, false),
            ("CREATE OR REPLACE PROCEDURE f ( ) BEGIN ATOMIC SELECT 1 ; END", Postgres, true),
            ("CREATE TABLE begin", Postgres, true),
            ("CREATE TRIGGER t EXECUTE FUNCTION begin", Postgres, true),
            ("BEGIN", Mysql, true),
            ("BEGIN NOT ATOMIC SELECT 1", Mysql, false),
            ("CREATE PROCEDURE p ( ) BEGIN IF a THEN b ; END IF", Mysql, false),
            ("CREATE PROCEDURE p ( ) BEGIN CASE a WHEN b THEN c ; END CASE", Mysql, false),
            ("CREATE PROCEDURE p ( ) BEGIN IF a THEN b ; END IF ; WHILE a DO b ; END WHILE ; END", Mysql, true),
            ("CREATE DEFINER = a @ b TRIGGER t BEFORE INSERT ON u FOR EACH ROW BEGIN SET x = 1", Mysql, false),
            ("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT end", Sqlite, false),
            ("CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1 ; END", Sqlite, true),
            ("CREATE TABLE end", Sqlite, true),
        ] {
            assert_eq!(completes(text, dialect), complete, "{text}");
        }
    }
}
