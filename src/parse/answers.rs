//! SQL with what the database answered below its statements, without prompts.

/// Statements apart from their answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) statements: String,
    pub(super) answers: String,
}

/// Words that statements begin with.
const VERBS: &str = "alter analyze begin call commit copy create delete drop explain grant insert kill merge optimize \
    revoke rollback select set show system truncate update use vacuum with";

/// Takes `code` apart if answers stand below its statements: each statement
/// ends in `;`, and what follows it up to the next one has the form of tables
/// and counts.
pub(super) fn read(code: &str) -> Option<Answered> {
    // Most blocks have no answer in them, and are not looked at further.
    if !code.contains(';') || !code.lines().any(is_sign) {
        return None;
    }
    let mut parts = Answered { statements: String::new(), answers: String::new() };
    let mut is_inside = false;
    let mut has_sign = false;
    for line in code.lines() {
        // Nothing but an answer begins with a corner, and it ends the statement.
        if is_inside && line.starts_with('┌') {
            parts.statements.push_str(";\n");
            is_inside = false;
        }
        let begins = || line.trim_start().starts_with("--") || is_verb(line);
        if is_inside || begins() {
            parts.statements.push_str(line);
            parts.statements.push('\n');
            is_inside = !line.trim_end().ends_with(';') && !line.trim_start().starts_with("--");
        } else {
            has_sign |= is_sign(line);
            parts.answers.push_str(line);
            parts.answers.push('\n');
        }
    }
    if is_inside || !has_sign || parts.statements.is_empty() {
        return None;
    }
    parts.answers = format!("{}\n", parts.answers.trim_matches('\n'));
    Some(parts)
}

fn is_verb(line: &str) -> bool {
    let word = line.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    VERBS.split_ascii_whitespace().any(|verb| word.eq_ignore_ascii_case(verb))
}

/// Whether only a database's client prints such a line: a border of a table, or
/// how many rows there were.
fn is_sign(line: &str) -> bool {
    let line = line.trim();
    let is_border = line.len() > 2
        && line.contains("--")
        && line.chars().all(|c| matches!(c, '-' | '+' | '|' | ' '))
        && line.contains(['+', '|']);
    let counts = line.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        && ["rows in set", "row in set", "rows)", "row)"].iter().any(|count| line.contains(count));
    is_border || counts || line.starts_with(['┌', '└', '╔', '╚']) || line.starts_with("Query OK")
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_stands_below_a_statement_is_its_answer() {
        let code = "select a\nfrom b;\n┌─a─┐\n│ 1 │\n└───┘\n\n-- Then:\ndelete from b where a = 1;\n0 rows in set.\n";
        let found = read(code).expect("there are answers");
        assert_eq!(found.statements, "select a\nfrom b;\n-- Then:\ndelete from b where a = 1;\n");
        assert_eq!(found.answers, "┌─a─┐\n│ 1 │\n└───┘\n\n0 rows in set.\n");
        let found = read("select a; \nselect b\n\n┌─b─┐\n└───┘\n").expect("there are answers");
        assert_eq!(found.statements, "select a; \nselect b\n\n;\n");
    }

    #[test]
    fn without_the_form_of_an_answer_nothing_is_taken_away() {
        for code in [
            "SELECT 1;\nSELECT 2;\n",
            "SELECT 1;\nsome_function(2);\n",
            "SELECT a\n-- +--\nFROM b\n",
            "INSERT INTO a VALUES ('\n+--+--+\n');\n",
            "+--+--+\n| a | b |\n+--+--+\n(1 row)\n",
        ] {
            assert_eq!(read(code), None, "{code}");
        }
    }
}
