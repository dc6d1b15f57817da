use super::*;
use crate::runbook::VariableKind;
use crate::source::{Context, Limit};
use proptest::prelude::*;

fn value(text: &str, kind: VariableKind, secret: bool) -> Value {
    Value { text: text.to_owned(), kind, secret }
}

fn values() -> BTreeMap<String, Value> {
    [
        ("service", value("ingest-worker", VariableKind::String, false)),
        ("limit", value("50", VariableKind::Int, false)),
        ("force", value("true", VariableKind::Bool, false)),
        ("stuck_after", value("5m", VariableKind::Duration, false)),
        ("flag", value("-rf", VariableKind::String, false)),
        ("below", value("-5", VariableKind::Int, false)),
        ("name", value("it's; rm", VariableKind::String, false)),
        ("token", value("s3cr3t $x", VariableKind::String, true)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// 2026-01-02 03:04:05.678 UTC.
fn now() -> jiff::Timestamp {
    "2026-01-02T03:04:05.678Z".parse().expect("a timestamp")
}

fn render_at(text: &str, language: Language, context: Context) -> Result<Rendered, Vec<TemplateError>> {
    let values = values();
    render(text, &Request { language, values: &values, now: now(), places: &|_, at| vec![context.into(); at.len()] })
}

fn text(template: &str, language: Language, context: Context) -> String {
    render_at(template, language, context).expect(template).text
}

fn refusal(template: &str, language: Language, context: Context) -> String {
    let errors = render_at(template, language, context).expect_err(template);
    errors[0].to_string()
}

const POSTGRES: Language = Language::Sql(Form::Postgres);
const SQLITE: Language = Language::Sql(Form::Sqlite);

#[test]
fn only_double_braces_are_special() {
    for template in ["echo ${#a[@]} {% if %} {# no #}", "a } b }} c { d", "", "${x%%{*}"] {
        assert_eq!(text(template, Language::Shell, Context::Bare), template);
    }
    assert_eq!(text("{{ '}}' | length }}", Language::Shell, Context::Bare), "2");
    assert_eq!(text("{{ {'a': {'b': 'c'}}.a.b }}", Language::Shell, Context::Bare), "c");
}

#[test]
fn harmless_values_go_into_shell_as_they_are() {
    for place in [Context::Bare, Context::SingleQuoted, Context::DoubleQuoted, Context::Heredoc, Context::QuotedHeredoc]
    {
        assert_eq!(text("a {{ service }} b {{limit}}", Language::Shell, place), "a ingest-worker b 50");
    }
    assert_eq!(text("/opt/{{ service }}/run", Language::Shell, Context::Command), "/opt/ingest-worker/run");
    for named in ["sudo {{ service }}", "nohup \"{{ service }}\"", "timeout 5 '{{ service }}'"] {
        assert!(refusal(named, Language::Shell, Context::Command).contains("name the command"), "{named}");
    }
    assert_eq!(text("--force={{ force }}", Language::Shell, Context::Bare), "--force=true");
    assert_eq!(text("{{ service | upper }}", Language::Shell, Context::Bare), "INGEST-WORKER");
}

#[test]
fn a_value_that_the_shell_could_read_is_refused_with_its_span() {
    let template = "echo {{ service }} $'{{ name }}'";
    let errors = render_at(template, Language::Shell, Context::EscapeQuoted).expect_err("refused");
    assert_eq!(errors.len(), 1);
    let span = errors[0].span();
    assert_eq!(&template[span.start..span.end], "{{ name }}");
    assert!(errors[0].to_string().contains("`\\'`"), "{}", errors[0]);
    assert!(errors[0].help().is_some());
}

#[test]
fn all_errors_are_told_and_not_the_first_alone() {
    let errors =
        render_at("$x{{ name }} {{ nope }} {{ limit + 'a' }}", Language::Shell, Context::Bare).expect_err("errors");
    assert_eq!(errors.len(), 3, "{errors:?}");
}

#[test]
fn a_dash_where_a_word_begins_is_refused() {
    for template in ["rm {{ flag }}", "{{ flag }}"] {
        assert!(refusal(template, Language::Shell, Context::Bare).contains("option"), "{template}");
    }
    for template in ["rm \"{{ flag }}\"", "rm ''\"{{ flag }}\"", "a;x '{{ flag }}'"] {
        assert!(refusal(template, Language::Shell, Context::DoubleQuoted).contains("option"), "{template}");
    }
    assert_eq!(text("--by={{ flag }}", Language::Shell, Context::Bare), "--by=-rf");
}

#[test]
fn a_value_never_joins_what_the_shell_reads_beside_it() {
    for template in ["echo ${{ service }}", "echo $a{{ service }}", "echo $a_{{ service }}", "echo \\{{ service }}"] {
        refusal(template, Language::Shell, Context::Bare);
        refusal(template, Language::Shell, Context::DoubleQuoted);
    }
    assert_eq!(text("ls {{ limit }}>out", Language::Shell, Context::Bare), "ls '50'>out");
    assert_eq!(text("ls {a,{{ 'b,c' }}}", Language::Shell, Context::Bare), "ls {a,'b,c'}");
    refusal("echo $'\\x{{ limit }}'", Language::Shell, Context::EscapeQuoted);
    assert_eq!(text("echo \\${{ service }}", Language::Shell, Context::DoubleQuoted), "echo \\$ingest-worker");
}

#[test]
fn places_without_a_safe_form_are_refused() {
    for place in [Context::Command, Context::Identifier, Context::Comment] {
        refusal("{{ service }}", Language::Shell, place);
    }
    for place in [Context::Identifier, Context::Comment, Context::Heredoc] {
        refusal("{{ service }}", POSTGRES, place);
    }
}

#[test]
fn sql_gets_numbers_bare_and_all_else_quoted() {
    for (template, expected) in [
        ("id = {{ limit }}", "id = 50"),
        ("a = {{ force }}", "a = true"),
        ("w = {{ service }}", "w = 'ingest-worker'"),
        ("x > {{ below }}", "x > -5"),
        ("x - {{ limit + 1 }}", "x - 51"),
        ("i = {{ '12' }}", "i = '12'"),
        ("t = {{ service }}::text", "t = 'ingest-worker'::text"),
    ] {
        assert_eq!(text(template, POSTGRES, Context::Bare), expected);
    }
    assert_eq!(text("'{{ service }}%'", SQLITE, Context::SingleQuoted), "'ingest-worker%'");
    assert_eq!(text("interval '{{ stuck_after }}'", POSTGRES, Context::SingleQuoted), "interval '5m'");
    for template in
        ["a{{ name }}", "a{{ limit }}", "{{ limit }}a", "'a'{{ service }}", "E{{ service }}", "-{{ below }}"]
    {
        refusal(template, POSTGRES, Context::Bare);
    }
    assert_eq!(text("'{{ name }}'", POSTGRES, Context::SingleQuoted), "'it''s; rm'");
    assert_eq!(text("w = {{ name }}", SQLITE, Context::Bare), "w = 'it''s; rm'");
    assert_eq!(text("w = {{ 'a\\\\b' }}", POSTGRES, Context::Bare), "w = E'a\\\\b'");
    assert_eq!(text("\"{{ name }}\"", SQLITE, Context::DoubleQuoted), "\"it's; rm\"");
}

#[test]
fn moments_take_the_form_of_the_language() {
    for (language, expected) in [
        (POSTGRES, "'2026-01-02 02:59:05.678+00'"),
        (SQLITE, "'2026-01-02 02:59:05'"),
        (Language::Shell, "2026-01-02T02:59:05Z"),
    ] {
        assert_eq!(text("{{ ago(stuck_after) }}", language, Context::Bare), expected);
        assert_eq!(text("{{ ago('5m') }}", language, Context::Bare), expected);
    }
    assert_eq!(text("'{{ now() }}'", SQLITE, Context::SingleQuoted), "'2026-01-02 03:04:05'");
    for template in ["{{ ago('soon') }}", "{{ ago('99999999d') }}", "{{ ago() }}"] {
        refusal(template, SQLITE, Context::Bare);
    }
}

#[test]
fn a_secret_is_only_ever_referred_to() {
    let bare = render_at("curl -H {{ token }} {{ token }}", Language::Shell, Context::Bare).expect("rendered");
    assert_eq!(bare.text, "curl -H \"$RUNBOOK_SECRET_TOKEN\" \"$RUNBOOK_SECRET_TOKEN\"");
    assert_eq!(bare.secrets, [("RUNBOOK_SECRET_TOKEN".to_owned(), "s3cr3t $x".to_owned())]);
    assert!(!format!("{bare:?}").contains("s3cr3t"));
    let quoted = render_at("-H \"Bearer {{ token }}\"", Language::Shell, Context::DoubleQuoted).expect("rendered");
    assert_eq!(quoted.text, "-H \"Bearer ${RUNBOOK_SECRET_TOKEN}\"");
    let single = text("-H 'Bearer {{ token }}'", Language::Shell, Context::SingleQuoted);
    assert_eq!(single, "-H 'Bearer '\"$RUNBOOK_SECRET_TOKEN\"''");
    assert_eq!(text("k: {{ token }}", Language::Shell, Context::Heredoc), "k: ${RUNBOOK_SECRET_TOKEN}");
    let bound = text("t = {{ token }}", POSTGRES, Context::Bare);
    assert_eq!(bound, "t = current_setting('runbook.secret_token')");
    assert_eq!(text("t = {{ token }}", SQLITE, Context::Bare), "t = :RUNBOOK_SECRET_TOKEN");
    for (template, language, place) in [
        ("{{ token }}", Language::Shell, Context::QuotedHeredoc),
        ("{{ token }}", Language::Shell, Context::Command),
        ("{{ token | upper }}", Language::Shell, Context::Bare),
        ("{{ token | raw }}", Language::Shell, Context::Bare),
        ("{{ token ~ 'a' }}", Language::Shell, Context::Bare),
        ("{{ 'a' if token else 'b' }}", Language::Shell, Context::Bare),
        ("'{{ token }}'", POSTGRES, Context::SingleQuoted),
        ("{{ token }}", POSTGRES, Context::Identifier),
        ("{{ token }}", Language::Plain, Context::Bare),
    ] {
        let said = refusal(template, language, place);
        assert!(!said.contains("s3cr3t"), "{said}");
    }
}

#[test]
fn two_secrets_never_share_an_environment_variable() {
    let values: BTreeMap<_, _> = [("key", "aaaa"), ("KEY", "bbbb")]
        .map(|(name, text)| (name.to_owned(), value(text, VariableKind::String, true)))
        .into();
    let request = Request {
        language: Language::Shell,
        values: &values,
        now: now(),
        places: &|_, at| vec![Context::Bare.into(); at.len()],
    };
    let secrets = render("{{ key }} {{ KEY }}", &request).expect("rendered").secrets;
    assert_eq!(secrets.len(), 2);
    assert!(!secrets[0].0.eq_ignore_ascii_case(&secrets[1].0), "{secrets:?}");
}

#[test]
fn raw_is_the_explicit_way_out_and_is_reported() {
    let rendered = render_at("a {{ name | raw }} b", Language::Shell, Context::Bare).expect("rendered");
    assert_eq!(rendered.text, "a it's; rm b");
    let [span] = rendered.raw[..] else { panic!("one raw span") };
    assert_eq!(&rendered.text[span.start..span.end], "it's; rm");
    for template in ["{{ name | raw | upper }}", "{{ (name | raw) }}", "{{ [name | raw] }}", "{{ 'a' ~ name | raw }}"] {
        assert!(matches!(
            render_at(template, Language::Shell, Context::Bare).expect_err(template)[0],
            TemplateError::Syntax { .. }
        ));
    }
    let conditional = "{{ 'a;b' if force else 'c' | raw }}";
    assert!(
        render_at(conditional, Language::Shell, Context::Bare).is_err(),
        "raw covers only the part it stands behind"
    );
    assert!(render_at("{{ nope | raw }}", Language::Shell, Context::Bare).is_err());
}

#[test]
fn a_name_without_a_value_is_named_with_the_nearest() {
    let template = "echo {{ sevrice }}";
    let errors = render_at(template, Language::Shell, Context::Bare).expect_err("undefined");
    let span = errors[0].span();
    assert_eq!(&template[span.start..span.end], "sevrice");
    assert_eq!(errors[0].to_string(), "`sevrice` has no value");
    assert_eq!(errors[0].help().as_deref(), Some("did you mean `service`?"));
    let diagnostic = errors[0].diagnostic(100);
    assert_eq!((diagnostic.code, diagnostic.span.start), ("template-undefined", 108));
    let errors = render_at("{{ zzz.a }}", Language::Shell, Context::Bare).expect_err("undefined");
    assert!(matches!(&errors[0], TemplateError::Undefined { nearest: None, .. }));
    assert_eq!(text("{{ zzz | default('a') }}", Language::Shell, Context::Bare), "a");
}

#[test]
fn what_is_no_expression_is_told_with_its_span() {
    for template in
        ["a {{ b", "{{ }}", "{{.Names}}", "{{range .items}}", "{{ a b }}", "{{- a -}}", "{{ 'a }}", "{{ x | safe }}"]
    {
        let errors = render_at(template, Language::Shell, Context::Bare).expect_err(template);
        let span = errors[0].span();
        assert!(template.get(span.start..span.end).is_some_and(|text| !text.is_empty()), "{template}");
    }
}

#[test]
fn a_value_that_changes_the_structure_is_refused() {
    let values = values();
    // As if the value ended the here-document it stands in.
    let places = |text: &str, at: &[usize]| {
        let context = if text.contains("ingest") { Context::Bare } else { Context::Heredoc };
        vec![Place::from(context); at.len()]
    };
    let request = Request { language: Language::Shell, values: &values, now: now(), places: &places };
    let errors = render("cat <<E\n{{ service }}\nE", &request).expect_err("refused");
    assert!(errors[0].to_string().contains("change what the text around it means"));
}

#[test]
fn references_name_every_variable_and_its_place() {
    let template =
        "{{ service }} {{ ago(stuck_after) }} {{ 'limit' ~ force | upper }} {{ range(3) | list }} {{ service }}";
    let found = references(template).expect("references");
    let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["service", "stuck_after", "force", "service"]);
    for (name, span) in &found {
        assert_eq!(&template[span.start..span.end], name);
    }
    assert!(references("{{ a").is_err());
}

#[test]
fn conditions_hold_or_do_not() {
    let values = values();
    for (expression, expected) in [
        ("force", true),
        ("not force", false),
        ("service == 'ingest-worker' and limit > 10", true),
        ("service in ['a', 'b']", false),
        ("nope is defined", false),
        ("limit is defined", true),
    ] {
        assert_eq!(holds(expression, &values, now()), Ok(expected), "{expression}");
    }
    for expression in ["nope", "nope == 1", "token == 'a'", "a b", ""] {
        let error = holds(expression, &values, now()).expect_err(expression);
        assert!(!error.to_string().contains("s3cr3t"));
    }
}

proptest! {
    #[test]
    fn any_template_is_answered_without_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "{{", "}}", "{", "}", "'", "\"", "\\", " ", "service", "|", "raw", "(", ")", "[", "]", "-", "é", "\n", "1",
            "if", "else", "ago", "now()", ".", "~", "*", "{%", "{#", "$",
        ]), 0..25),
        place in prop::sample::select(vec![Context::Bare, Context::DoubleQuoted, Context::EscapeQuoted, Context::Identifier]),
    ) {
        let template = pieces.concat();
        for language in [Language::Shell, POSTGRES, Language::Plain] {
            if let Err(errors) = render_at(&template, language, place) {
                for error in errors {
                    prop_assert!(template.get(error.span().start..error.span().end).is_some());
                }
            }
        }
        let _ = references(&template);
        let _ = holds(&template, &values(), now());
    }
}

#[test]
fn a_dash_behind_other_text_in_quotes_begins_no_option() {
    let values =
        BTreeMap::from([("v".to_owned(), Value { text: "-rf".to_owned(), kind: VariableKind::String, secret: false })]);
    let is_taken = |text: &str, context: Context| {
        let places = move |_: &str, at: &[usize]| vec![Place::from(context); at.len()];
        let now = jiff::Timestamp::UNIX_EPOCH;
        render(text, &Request { language: Language::Shell, values: &values, now, places: &places }).is_ok()
    };
    assert!(is_taken("echo \"x {{ v }}\"", Context::DoubleQuoted));
    assert!(!is_taken("rm \"{{ v }}\"", Context::DoubleQuoted));
    assert!(!is_taken("rm {{ v }}", Context::Bare));
}

#[test]
fn a_text_without_its_values_is_as_long_and_holds_no_braces() {
    let text = "SELECT {{ ago(\"60s\") }} FROM t WHERE a = '{{ v }}'";
    let without = without_values(text, Language::Sql(Form::Postgres));
    assert_eq!(without.len(), text.len());
    assert!(!without.contains("{{") && without.starts_with("SELECT 0 "), "{without}");
    assert_eq!(without_values("x {{ v }}", Language::Shell), "x x______");
}

#[test]
fn the_places_of_all_values_are_asked_for_at_once() {
    let values = values();
    let readings = std::cell::Cell::new(0);
    let places = |_: &str, at: &[usize]| {
        readings.set(readings.get() + 1);
        vec![Context::Bare.into(); at.len()]
    };
    let request = Request { language: Language::Shell, values: &values, now: now(), places: &places };
    render(&"echo {{ service }}\n".repeat(200), &request).expect("rendered");
    assert_eq!(readings.get(), 2, "once before the values, once with them");
}

#[test]
fn a_value_is_written_as_a_person_would_quote_it() {
    let written = |value: &str, context: Context| {
        let values = BTreeMap::from([("v".to_owned(), self::value(value, VariableKind::String, false))]);
        let places = move |_: &str, at: &[usize]| vec![Place::from(context); at.len()];
        let request = Request { language: Language::Shell, values: &values, now: now(), places: &places };
        render("say {{ v }}", &request).expect(value).text
    };
    for (value, expected) in [
        ("prod", "say prod"),
        ("a b", "say 'a b'"),
        ("it's", "say \"it's\""),
        ("it's $5", "say 'it'\\''s $5'"),
        ("", "say ''"),
        ("=ls", "say '=ls'"),
    ] {
        assert_eq!(written(value, Context::Bare), expected);
    }
    assert_eq!(written("a \"$b\"", Context::DoubleQuoted), "say a \\\"\\$b\\\"");
    assert_eq!(written("it's", Context::SingleQuoted), "say it'\\''s");
    assert_eq!(written("`$x`", Context::Heredoc), "say \\`\\$x\\`");
    assert_eq!(written("`$x`", Context::QuotedHeredoc), "say `$x`");
}

#[test]
fn what_reads_its_arguments_as_code_gets_harmless_values_only() {
    let values = values();
    let place = Place { context: Context::DoubleQuoted, limit: Some(Limit::ReadAgain("ssh".into())) };
    let places = |_: &str, at: &[usize]| vec![place.clone(); at.len()];
    let request = Request { language: Language::Shell, values: &values, now: now(), places: &places };
    assert_eq!(render("ssh h \"x {{ service }}\"", &request).expect("harmless").text, "ssh h \"x ingest-worker\"");
    for template in ["ssh h \"x {{ name }}\"", "ssh h \"x {{ token }}\""] {
        let said = render(template, &request).expect_err(template)[0].to_string();
        assert!(said.contains("`ssh` reads") && !said.contains("s3cr3t"), "{said}");
    }
}

#[test]
fn a_secret_in_a_statement_without_parameters_is_refused() {
    let values = values();
    let place = Place { context: Context::Bare, limit: Some(Limit::ConstantsOnly("ALTER".into())) };
    let places = |_: &str, at: &[usize]| vec![place.clone(); at.len()];
    let request = Request { language: POSTGRES, values: &values, now: now(), places: &places };
    let said = render("ALTER ROLE a PASSWORD '{{ token }}'", &request).expect_err("refused")[0].to_string();
    assert!(said.contains("ALTER takes no parameter"), "{said}");
    assert_eq!(render("SET x = {{ service }}", &request).expect("a constant").text, "SET x = 'ingest-worker'");
}

/// Over a placeholder, what its reader would write.
fn over(text: &str, value: &str, context: Context) -> Result<String, String> {
    let at = text.find("<v>").expect("a placeholder");
    let values = BTreeMap::from([("v".to_owned(), self::value(value, VariableKind::String, false))]);
    let substitution = Substitution { span: Span::new(at, at + 3), name: "v".to_owned(), may_be_option: false };
    let places = move |_: &str, at: &[usize]| vec![Place::from(context); at.len()];
    let request = Request { language: Language::Shell, values: &values, now: now(), places: &places };
    let rendered = substitute(text, &[substitution], false, &request);
    rendered.map(|rendered| rendered.text).map_err(|errors| errors[0].to_string())
}

#[test]
fn over_a_placeholder_a_value_may_name_a_plain_program_and_nothing_else() {
    for name in ["kubectl", "./bin/tool.sh", "/usr/bin/g++", "docker-compose"] {
        assert_eq!(over("<v> restart", name, Context::Command).expect(name), format!("{name} restart"));
    }
    assert_eq!(over("./<v>.sh", "run", Context::Command).as_deref(), Ok("./run.sh"));
    for no_name in ["docker compose", "a;b", "-x", "eval", "if", "bin/", ".", "A=1", "$x", "", "~/x", "a\nb"] {
        let said = over("<v> restart", no_name, Context::Command).expect_err(no_name);
        assert!(["names the command", "is no program", "is empty"].iter().any(|why| said.contains(why)), "{said}");
    }
    assert!(over("<v>() { ls; }", "ls", Context::Command).is_err());
}

#[test]
fn an_empty_value_fills_in_no_placeholder() {
    assert!(over("rm -rf /srv/<v>", "", Context::Bare).expect_err("refused").contains("empty"));
}

#[test]
fn what_no_address_can_hold_is_refused_with_its_percent_encoding() {
    let values = BTreeMap::from([("v".to_owned(), value("a b", VariableKind::String, false))]);
    let places = |_: &str, at: &[usize]| vec![Place::from(Context::DoubleQuoted); at.len()];
    let request = Request { language: Language::Shell, values: &values, now: now(), places: &places };
    let errors = render("curl \"https://x.test/{{ v }}\"", &request).expect_err("refused");
    assert_eq!(errors[0].help().as_deref(), Some("give it percent-encoded: a%20b"));
    assert!(render("curl \"x.test {{ v }}\"", &request).is_ok());
}
