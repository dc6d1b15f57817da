//! Secrets that statements refer to: they go to the server beside a statement,
//! never inside it.

use crate::template::{Form, secret_parameter, secret_setting};
use zeroize::Zeroizing;

/// What the parameters of statements stand for.
#[derive(Default)]
pub(super) struct Parameters(Vec<Parameter>);

/// One secret.
pub(super) struct Parameter {
    variable: String,
    pub(super) text: Zeroizing<String>,
}

impl Parameter {
    /// The setting of a Postgres session that carries it.
    pub(super) fn setting(&self) -> String {
        secret_setting(&self.variable)
    }

    /// The variable of a MySQL session that carries it.
    pub(super) fn session_variable(&self) -> String {
        secret_parameter(&self.variable, Form::Mysql)
    }
}

impl Parameters {
    pub(super) fn new(parameters: &[(String, String)]) -> Self {
        let parameter =
            |(variable, text): &(String, String)| Parameter { variable: variable.clone(), text: text.clone().into() };
        Self(parameters.iter().map(parameter).collect())
    }

    /// Those that `statement` refers to as Postgres does.
    pub(super) fn settings_in(&self, statement: &str) -> impl Iterator<Item = &Parameter> {
        self.0.iter().filter(|parameter| statement.contains(&secret_parameter(&parameter.variable, Form::Postgres)))
    }

    /// Those that `statement` refers to as MySQL does.
    pub(super) fn variables_in(&self, statement: &str) -> impl Iterator<Item = &Parameter> {
        self.0.iter().filter(|parameter| statement.contains(&parameter.session_variable()))
    }

    /// The statement with numbers for the names of those that it refers to as
    /// SQLite does, of the same length, and their values in that order. The
    /// driver knows parameters by their numbers only.
    pub(super) fn numbered(&self, statement: &str) -> (String, Vec<&Parameter>) {
        let mut text = statement.to_owned();
        let mut values: Vec<&Parameter> = Vec::new();
        for parameter in &self.0 {
            let name = secret_parameter(&parameter.variable, Form::Sqlite);
            let number = format!("?{:<width$}", values.len() + 1, width = name.len() - 1);
            let numbered = with_number(&text, &name, &number);
            if numbered != text {
                text = numbered;
                values.push(parameter);
            }
        }
        (text, values)
    }
}

/// `text` with `number` in the place of the whole word `name`.
fn with_number(text: &str, name: &str, number: &str) -> String {
    let mut found = String::with_capacity(text.len());
    let mut at = 0;
    for (start, _) in text.match_indices(name) {
        let end = start + name.len();
        if !text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            found.push_str(&text[at..start]);
            found.push_str(number);
            at = end;
        }
    }
    found.push_str(&text[at..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_numbers_of_the_same_length_in_sqlite() {
        let given = [("RUNBOOK_SECRET_B", "bb"), ("RUNBOOK_SECRET_A", "aa"), ("RUNBOOK_SECRET_C", "cc")];
        let parameters = Parameters::new(&given.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let statement = "SELECT :RUNBOOK_SECRET_A, :RUNBOOK_SECRET_B, :RUNBOOK_SECRET_A, :RUNBOOK_SECRET_AB";
        let (text, values) = parameters.numbered(statement);
        assert_eq!(text.len(), statement.len());
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>(),
            ["SELECT", "?2", ",", "?1", ",", "?2", ",", ":RUNBOOK_SECRET_AB"]
        );
        assert_eq!(values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>(), ["bb", "aa"]);
        assert_eq!(parameters.numbered("SELECT 1").0, "SELECT 1");
    }

    #[test]
    fn mysql_is_given_those_that_a_statement_refers_to() {
        let given = [("RUNBOOK_SECRET_A", "aa"), ("RUNBOOK_SECRET_B", "bb")];
        let parameters = Parameters::new(&given.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let named: Vec<_> = parameters.variables_in("SELECT @runbook_secret_b").collect();
        assert_eq!(named.len(), 1);
        assert_eq!((named[0].session_variable().as_str(), named[0].text.as_str()), ("@runbook_secret_b", "bb"));
    }

    #[test]
    fn postgres_is_given_those_that_a_statement_refers_to() {
        let given = [("RUNBOOK_SECRET_A", "aa"), ("RUNBOOK_SECRET_B", "bb")];
        let parameters = Parameters::new(&given.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let named: Vec<_> = parameters.settings_in("SELECT current_setting('runbook.secret_b')").collect();
        assert_eq!(named.len(), 1);
        assert_eq!((named[0].setting().as_str(), named[0].text.as_str()), ("runbook.secret_b", "bb"));
    }
}
