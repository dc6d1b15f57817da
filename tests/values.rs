//! A value never becomes code, whether it stands for a `{{ … }}` or for a
//! placeholder that the page left open: it arrives byte for byte in real bash,
//! SQLite and Postgres, or is refused, and nothing else happens.

mod servers;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use runbook::effect::{Databases, Output, OutputError, Stream, Waiting};
use runbook::language::{shell, sql};
use runbook::runbook::{Value, VariableKind};
use runbook::source::Span;
use runbook::sql::{Connections, Target};
use runbook::template::{Form, Language, Rendered, Request, Substitution, TemplateError, substitute};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::process::Command;

/// What a text says where its value belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    Template,
    Placeholder,
}

const WRITINGS: [Writing; 2] = [Writing::Template, Writing::Placeholder];

/// `code` with `value` in the place of its `<v>`.
fn fill(
    code: &str,
    value: &str,
    secret: bool,
    language: Language,
    writing: Writing,
) -> Result<Rendered, Vec<TemplateError>> {
    let value = Value { text: value.to_owned(), kind: VariableKind::String, secret };
    let values = BTreeMap::from([("v".to_owned(), value)]);
    let places = |text: &str, at: &[usize]| match language {
        Language::Sql(Form::Postgres) => sql::places_at(text, at, sql::SqlDialect::Postgres),
        Language::Sql(Form::Sqlite) => sql::places_at(text, at, sql::SqlDialect::Sqlite),
        Language::Shell | Language::Plain => shell::places_at(text, at),
    };
    let request = Request { language, values: &values, now: jiff::Timestamp::UNIX_EPOCH, places: &places };
    match writing {
        Writing::Template => substitute(&code.replace("<v>", "{{ v }}"), &[], true, &request),
        Writing::Placeholder => {
            let substitution = |(at, text): (usize, &str)| Substitution {
                span: Span::new(at, at + text.len()),
                name: "v".to_owned(),
                may_be_option: false,
            };
            let substitutions: Vec<_> = code.match_indices("<v>").map(substitution).collect();
            substitute(code, &substitutions, false, &request)
        }
    }
}

/// What bash prints that runs the text in an empty folder, in which nothing is
/// left behind.
fn run(text: &str, secrets: &[(String, String)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", text])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .envs(secrets.iter().map(|(name, value)| (name, value)))
        .output()
        .expect("bash runs");
    assert!(output.stderr.is_empty(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let left = std::fs::read_dir(folder.path()).expect("the folder is there").count();
    assert_eq!(left, 0, "{text} has left something behind");
    String::from_utf8(output.stdout).expect("what was given is text")
}

/// Texts of harmless characters, and texts that attack.
fn hostile() -> impl Strategy<Value = String> {
    let attack = prop::sample::select(vec![
        "'",
        "\"",
        "`",
        "$",
        "$(touch x)",
        "`touch x`",
        "${x}",
        ";touch x;",
        "|",
        "&",
        ">x",
        "\n",
        "\ntouch x\n",
        " ",
        "\\",
        "-",
        "--",
        "-rf",
        "*",
        "?",
        "~",
        "#",
        "!",
        "!!",
        "(",
        ")",
        "{",
        "}",
        "{a,b}",
        "<",
        ">",
        "EOF",
        "\nEOF\n",
        "cat <<EOF\n",
        "a",
        "0",
        "=",
        "%",
        ",",
        "..",
        ":",
        "é",
        "\t",
        "\u{1}",
        "\u{7f}",
        "/*",
        "*/",
        "$$",
        "E'",
        "@",
        "in",
        "a[$(touch x)]",
        "'; DROP TABLE canary; --",
        "\r",
        "\u{202e}",
        "😀",
        "\0",
        "\\'",
        "$'",
        "''",
        "[",
        "]",
    ]);
    prop_oneof![
        1 => "[A-Za-z0-9_./:@%+=,-]{1,12}",
        4 => prop::collection::vec(attack, 0..6).prop_map(|pieces| pieces.concat()),
        1 => any::<String>().prop_map(|text| text.chars().take(8).collect()),
    ]
}

/// Texts that print their value, and what stands around it in what is printed.
const SHELL: &[(&str, &str, &str)] = &[
    ("printf '%s\\0' <v>", "", "\0"),
    ("printf '%s\\0' a<v>b", "a", "b\0"),
    ("printf '%s\\0' \"<v>\"", "", "\0"),
    ("printf '%s\\0' \"a <v> b\"", "a ", " b\0"),
    ("printf '%s\\0' '<v>'", "", "\0"),
    ("printf '%s\\0' 'a <v> b'", "a ", " b\0"),
    ("printf '%s\\0' 'a'\\''<v>'\"'\"", "a'", "'\0"),
    ("printf '%s\\0' --option=<v>", "--option=", "\0"),
    ("x=<v>; printf '%s\\0' \"$x\"", "", "\0"),
    ("x=\"<v>\"; printf '%s\\0' \"$x\"", "", "\0"),
    ("export x=<v>; printf '%s\\0' \"$x\"", "", "\0"),
    ("x=(1 <v>); printf '%s\\0' \"${x[1]}\"", "", "\0"),
    ("printf '%s\\0' \"$(printf %s. <v>)\"", "", ".\0"),
    ("printf '%s\\0' \"$(printf %s. '<v>')\"", "", ".\0"),
    ("printf '%s\\0' \"$(printf %s. \"<v>\")\"", "", ".\0"),
    ("cat <<EOF\n<v>\nEOF\n", "", "\n"),
    ("cat <<'EOF'\na <v>\nEOF\n", "a ", "\n"),
    ("cat <<-EOF\n\t<v> b\n\tEOF\n", "", " b\n"),
    ("cat <<-'EOF'\n\ta<v>\n\tEOF\n", "a", "\n"),
    ("case a in a) printf '%s\\0' <v>;; esac", "", "\0"),
    ("for x in <v>; do printf '%s\\0' \"$x\"; done", "", "\0"),
    ("if true; then printf '%s\\0' \"<v>\"; fi", "", "\0"),
    ("[[ <v> == \"<v>\" ]] && printf '%s\\0' '<v>'", "", "\0"),
    ("printf '%s\\0' <v> | cat", "", "\0"),
    ("printf '%s\\0' {a,<v>}", "a\0", "\0"),
    ("(cat <<EOF; printf '%s\\0' '<v>') | tail -z -n 1\nEOF\n", "", "\0"),
    ("cat <<< '<v>'", "", "\n"),
    // What takes characters beside it, or is read again.
    ("printf '%s\\0' $'<v>'", "", "\0"),
    ("printf '%s\\0' $x<v>", "", "\0"),
    ("printf '%s\\0' \\<v>", "", "\0"),
    ("printf '%s\\0' \\\\$<v>", "", "\0"),
    ("bash -c \"printf '%s\\\\0' '<v>'\"", "", "\0"),
    ("bash -c 'printf \"%s\\0\" <v>'", "", "\0"),
    ("eval \"printf '%s\\\\0' '<v>'\"", "", "\0"),
    ("printf '%s' \"printf '%s\\\\0' <v>\" | bash", "", "\0"),
    ("bash <<EOF\nprintf '%s\\0' <v>\nEOF\n", "", "\0"),
    ("cat <<'EOF' | bash\nprintf '%s\\0' <v>\nEOF\n", "", "\0"),
    ("bash <<< \"printf '%s\\\\0' <v>\"", "", "\0"),
    ("bash -c \"$(printf '%s' 'printf \"%s\\0\" <v>')\"", "", "\0"),
    ("echo a | xargs -I{} printf '%s\\0' <v>", "", "\0"),
    ("trap \"printf '%s\\\\0' <v>\" EXIT; (exit); trap - EXIT; printf '%s\\0' '<v>'", "", "\0"),
    ("f() { bash -c \"printf '%s\\\\0' $1\"; }; f <v>", "", "\0"),
    ("find . -maxdepth 0 -exec printf '%s\\0' <v> \\;", "", "\0"),
];

/// Texts in which a value could run without being printed.
const SILENT: &[&str] = &[
    "[[ 1 -eq <v> ]] || true",
    "[[ -v <v> ]] || true",
    "test -v <v> || true",
    "printf -v <v> x || true",
    "declare -i n=<v> || true",
    "declare -i n; n=<v> || true",
    "x=([<v>]=1) || true",
    "RANDOM=<v> || true",
    "echo $((<v>)) || true",
    "x=${y:<v>} || true",
    "PS4='<v>'; set -x",
];

/// Texts where no ordinary value is refused.
const ORDINARY: usize = 27;

proptest! {
    #![proptest_config(ProptestConfig { cases: 130, max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each case is forty values, and one bash that runs them all, for each of
    /// the two ways to write them: more than ten thousand together.
    #[test]
    fn a_value_reaches_bash_byte_for_byte_or_is_refused(
        values in prop::collection::vec((hostile(), 0..SHELL.len()), 1..80),
    ) {
        for writing in WRITINGS {
            let (mut text, mut expected) = (String::new(), String::new());
            for (value, at) in &values {
                let (code, before, after) = SHELL[*at];
                if let Ok(rendered) = fill(code, value, false, Language::Shell, writing) {
                    prop_assert!(!value.contains('\0'));
                    text += &(rendered.text + "\n");
                    expected += &format!("{before}{value}{after}");
                }
            }
            prop_assert_eq!(run(&text, &[]), expected, "{}", text);
        }
    }

    #[test]
    fn a_value_that_is_not_printed_runs_nothing_either(value in hostile(), at in 0..SILENT.len()) {
        for writing in WRITINGS {
            if let Ok(rendered) = fill(SILENT[at], &value, false, Language::Shell, writing) {
                run(&format!("{{ {}\n}} 2>/dev/null", rendered.text), &[]);
            }
        }
    }

    #[test]
    fn a_secret_reaches_bash_byte_for_byte_and_stands_in_no_text(value in hostile(), at in 0..SHELL.len()) {
        let (code, before, after) = SHELL[at];
        // Long enough to stand in no text by chance.
        let value = format!("{value}-s3cr3t");
        for writing in WRITINGS {
            match fill(code, &value, true, Language::Shell, writing) {
                Ok(rendered) => {
                    prop_assert!(!rendered.text.contains("s3cr3t"), "{}", rendered.text);
                    let printed = run(&rendered.text, &rendered.secrets);
                    prop_assert_eq!(printed, format!("{before}{value}{after}"));
                }
                Err(errors) => prop_assert!(!format!("{errors:?}").contains("s3cr3t"), "{errors:?}"),
            }
        }
    }
}

#[test]
fn ordinary_values_are_not_refused_in_ordinary_places() {
    for writing in WRITINGS {
        for (code, _, _) in SHELL {
            fill(code, "ingest-worker.2", false, Language::Shell, writing)
                .map_or_else(|errors| assert!(code.contains(['$', '\\']), "{code}: {errors:?}"), drop);
        }
        for (code, before, after) in &SHELL[..ORDINARY] {
            for value in ["2026-01-02 03:04", "it's \"5\" $ & more", "a\nb", "😀 *"] {
                let rendered = fill(code, value, false, Language::Shell, writing).expect(code);
                let printed = run(&rendered.text, &[]);
                assert_eq!(printed, format!("{before}{value}{after}"), "{code}");
            }
        }
    }
}

#[test]
fn a_secret_can_stand_in_every_quote_but_those_in_which_nothing_is_expanded() {
    for (code, _, _) in &SHELL[..ORDINARY] {
        let rendered = fill(code, "it's $5", true, Language::Shell, Writing::Placeholder);
        assert_eq!(rendered.is_ok(), !code.contains("'EOF'"), "{code}");
    }
    let errors = fill("cat <<'EOF'\n<v>\nEOF\n", "it's $5", true, Language::Shell, Writing::Placeholder);
    let errors = errors.expect_err("nothing is expanded there");
    assert!(errors[0].help().expect("the safe form").contains("<<EOF"), "{errors:?}");
}

#[test]
fn what_reads_its_arguments_again_gets_plain_values_only() {
    for code in [
        "ssh web \"kill <v>\"",
        "ssh web kill <v>",
        "sudo -u app sh -c 'ls <v>'",
        "kubectl exec -it pod -- sh -c \"ls <v>\"",
        "docker exec db psql -c \"SELECT '<v>'\"",
        "psql <<EOF\nSELECT '<v>';\nEOF\n",
        "echo \"SELECT '<v>'\" | sudo -u postgres psql",
        "cat <<EOF | ssh web\nkill <v>\nEOF\n",
        "x=$(ssh web \"cat <v>\")",
        "awk '/<v>/ { print }' f",
        "jq '.a == \"<v>\"' f",
        "echo <v> | xargs rm",
        "echo 'print(<v>)' | python3 -",
        "aws ec2 describe-instances --query \"x[?a=='<v>']\"",
        "f() { ssh web \"$1\"; }; f <v>",
        "psql\nSELECT '<v>';\n\\q\n",
    ] {
        fill(code, "ingest-worker.2", false, Language::Shell, Writing::Placeholder).expect(code);
        for value in ["1; touch x", "it's", "$(touch x)"] {
            assert!(fill(code, value, false, Language::Shell, Writing::Placeholder).is_err(), "{code}");
        }
        assert!(fill(code, "s3cr3t $x", true, Language::Shell, Writing::Placeholder).is_err(), "{code}");
    }
    for code in [
        "journalctl -u web --since \"<v>\" | awk '{ print $1 }'",
        "curl -s \"$URL\" -H 'X: <v>' | jq .items | python3 -m json.tool",
        "grep <v> f | python3 report.py",
        "kubectl -n <v> get pods -o json | jq .",
        "ssh web uptime; echo <v>",
        "find . -name <v>",
    ] {
        fill(code, "two words", false, Language::Shell, Writing::Placeholder).expect(code);
    }
}

#[test]
fn a_value_cannot_end_the_here_document_it_stands_in() {
    for (code, value) in [
        ("cat <<EOF\n<v>\nrm x\nEOF", "EOF"),
        ("cat <<'EOF'\nE<v>\nrm x\nEOF", "OF"),
        ("cat <<'EOF'\n<v>\nEOF\n", "a\nEOF\ntouch x\ncat <<'EOF'\nb"),
    ] {
        assert!(fill(code, value, false, Language::Shell, Writing::Template).is_err(), "{code}");
    }
}

#[test]
fn places_that_are_read_again_by_the_shell_itself_are_refused() {
    for code in [
        "echo `ls <v>`",
        "echo $((1 + <v>))",
        "echo ${x:-<v>}",
        "echo ${ <v> }",
        "eval echo <v>",
        "# <v>",
        "<v>=1",
        "export <v>=1",
        "cat <<<v>\na\n",
        "cat <<EOF\n$(ls <v>)\nEOF",
        "a[<v>]=1",
    ] {
        assert!(fill(code, "a", false, Language::Shell, Writing::Template).is_err(), "{code}");
    }
    assert!(fill("<v> status", "a", false, Language::Shell, Writing::Template).is_err());
}

/// Statements whose first value is theirs, and what stands around it.
const SQL: &[(&str, &str, &str)] = &[
    ("SELECT <v>", "", ""),
    ("SELECT '<v>'", "", ""),
    ("SELECT 'a <v> b'", "a ", " b"),
    ("SELECT 'it''s <v>'", "it's ", ""),
    ("SELECT w FROM (SELECT '<v>' AS w) AS s WHERE w = '<v>'", "", ""),
    ("SELECT coalesce(NULL, <v>)", "", ""),
    ("INSERT INTO canary VALUES ('<v>') RETURNING w", "", ""),
    // What takes characters beside it.
    ("SELECT 'a'<v>", "a", ""),
    ("SELECT <v>'a'", "", "a"),
    ("SELECT $$<v>$$", "", ""),
    ("SELECT 1 -- <v>", "1", ""),
    // What only Postgres takes for a text.
    ("SELECT E'<v>'", "", ""),
    ("SELECT E'\\\\ and further off <v>'", "\\ and further off ", ""),
    ("SELECT U&'<v>'", "", ""),
];

/// The statements that SQLite takes as well.
const SQLITE: usize = 11;

struct Nowhere;

impl Output for Nowhere {
    fn write(&mut self, _: Stream, _: &[u8]) -> Result<(), OutputError> {
        Ok(())
    }

    fn waiting(&mut self, _: &Waiting) {}
}

/// A session on a database with one table, of one row.
struct Session {
    runtime: tokio::runtime::Runtime,
    connections: Connections,
    form: Form,
}

impl Session {
    fn new(url: &str, form: Form) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let connections = Connections::new([("db".to_owned(), Target::new(url.to_owned(), false))]);
        let mut session = Self { runtime, connections, form };
        session.ask("CREATE TABLE canary (w text)", &[]).expect("a table");
        session.ask("INSERT INTO canary VALUES ('one')", &[]).expect("a row");
        session
    }

    /// The first value of the first row, and the name of its column.
    fn ask(&mut self, statement: &str, secrets: &[(String, String)]) -> Result<(Option<String>, String), String> {
        let (_sender, mut control) = tokio::sync::mpsc::unbounded_channel();
        let Self { runtime, connections, .. } = self;
        runtime.block_on(async {
            let session = connections.open("db").await.map_err(|error| error.to_string())?;
            session.bind(secrets);
            let result = session.run(statement, None, &mut Nowhere, &mut control).await;
            let result = result.map_err(|error| error.to_string())?;
            let first = result.first_row.and_then(|row| row.into_iter().next()).flatten();
            Ok((first, result.columns.first().cloned().unwrap_or_default()))
        })
    }

    /// The table is as it was.
    fn check_canary(&mut self) {
        self.ask("DELETE FROM canary WHERE w <> 'one'", &[]).expect("the table is there");
        assert_eq!(self.ask("SELECT count(*) FROM canary", &[]).expect("its count").0.as_deref(), Some("1"));
    }

    fn check_value(&mut self, value: &str, at: usize, secret: bool) {
        let (code, before, after) = SQL[at];
        for writing in WRITINGS {
            let Ok(rendered) = fill(code, value, secret, Language::Sql(self.form), writing) else { continue };
            assert!(!secret || !rendered.text.contains("s3cr3t"), "{}", rendered.text);
            let found = self.ask(&rendered.text, &rendered.secrets).map(|(value, _)| value.unwrap_or_default());
            assert_eq!(found, Ok(format!("{before}{value}{after}")), "{}", rendered.text);
        }
    }
}

fn check_values(session: Session, cases: u32) {
    let statements = if session.form == Form::Sqlite { SQLITE } else { SQL.len() };
    let session = RefCell::new(session);
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&(hostile(), 0..statements), |(value, at)| {
        let mut session = session.borrow_mut();
        session.check_value(&value, at, false);
        session.check_value(&format!("{value}-s3cr3t"), at, true);
        session.check_canary();
        // As the name of a column, which both servers take as it is.
        if let Ok(rendered) = fill("SELECT 1 AS \"<v>\"", &value, false, Language::Sql(session.form), Writing::Template)
        {
            assert_eq!(session.ask(&rendered.text, &[]).map(|(_, name)| name), Ok(value));
        }
        Ok(())
    });
    outcome.expect("every value arrives as it is, or is refused");
}

#[test]
fn a_value_reaches_sqlite_byte_for_byte_or_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let url = runtime.block_on(runbook::sql::seed(&folder.path().join("x.db"), "")).expect("a database");
    check_values(Session::new(&url, Form::Sqlite), 1500);
}

#[test]
fn a_value_reaches_postgres_byte_for_byte_or_is_refused() {
    let database = servers::postgres::server().database();
    check_values(Session::new(&database.url, Form::Postgres), 1500);
}

#[test]
fn a_secret_stands_in_no_statement_of_the_servers_and_is_gone_after_it() {
    let database = servers::postgres::server().database();
    let mut session = Session::new(&database.url, Form::Postgres);
    let secret = "s3cr3t' \\ $1 \"é";
    let code = "SELECT w || ' of ' || (SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()) FROM \
                (SELECT length('<v>')::text AS w) AS s";
    let rendered = fill(code, secret, true, Language::Sql(Form::Postgres), Writing::Placeholder).expect("a parameter");
    let found = session.ask(&rendered.text, &rendered.secrets).expect("it runs").0.expect("a value");
    assert!(found.starts_with("15 of SELECT") && !found.contains("s3cr3t"), "{found}");
    let after = session.ask("SELECT current_setting('runbook.secret_v')", &[]).expect("a setting").0;
    assert_eq!(after.as_deref(), Some(""));
    // Nor after a statement that failed, inside of a transaction and outside.
    let failing = fill("SELECT 1 / 0, '<v>'", secret, true, Language::Sql(Form::Postgres), Writing::Placeholder);
    let failing = failing.expect("a parameter");
    for (begin, end) in [("SELECT 1", "SELECT 1"), ("BEGIN", "ROLLBACK")] {
        session.ask(begin, &[]).expect(begin);
        session.ask(&failing.text, &failing.secrets).expect_err("a division by zero");
        session.ask(end, &[]).expect(end);
        let after = session.ask("SELECT current_setting('runbook.secret_v')", &[]).expect("a setting").0;
        assert_eq!(after.as_deref(), Some(""));
    }
}

#[test]
fn ordinary_values_are_not_refused_in_ordinary_places_of_sql() {
    for form in [Form::Postgres, Form::Sqlite] {
        for (code, _, _) in &SQL[..7] {
            for writing in WRITINGS {
                for value in ["ingest-worker.2", "two words", "it's"] {
                    fill(code, value, false, Language::Sql(form), writing).expect(code);
                }
            }
        }
        for refused in
            ["ALTER ROLE a PASSWORD '<v>'", "SELECT 'a <v>'", "SELECT * FROM <v>", "SELECT E'<v>'", "SET a = <v>"]
        {
            assert!(
                fill(refused, "hunter2hunter2", true, Language::Sql(form), Writing::Placeholder).is_err(),
                "{refused}"
            );
        }
    }
}
