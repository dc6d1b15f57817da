//! The content of files: data, settings, descriptions.

use super::{Text, first_look, pattern};
use crate::language::shell::Plausibility;
use crate::runbook::{Class, Reading};

fn config(language: &'static str, what: &'static str) -> Reading {
    Reading::certain(Class::Config, language, what)
}

pattern!(
    HUNK,
    |line| ["diff --git ", "index ", "@@ -", "--- ", "+++ "].iter().any(|head| line.starts_with(head)),
    r"^(?:diff --git |index [0-9a-f]+\.\.|@@ -\d+|--- \S+|\+\+\+ \S+)"
);

pattern!(ITEM, |line| line.starts_with(['-', '+']), r"^[-+]+$");

/// A patch.
pub(super) fn diff(text: &Text<'_>) -> Option<Reading> {
    let heads = text.lines.iter().filter(|line| HUNK.is_match(line)).count();
    let changes = text.lines.iter().filter(|line| line.starts_with(['+', '-', ' ']) || HUNK.is_match(line)).count();
    let has = |sign: char| text.lines.iter().any(|line| line.starts_with(sign));
    let is_change =
        has('-') && has('+') && changes == text.lines.len() && !text.lines.iter().any(|line| ITEM.is_match(line));
    let is_patch =
        is_change || text.first().starts_with("diff --git ") || (heads > 1 && changes * 10 >= text.lines.len() * 8);
    is_patch.then(|| config("diff", "a patch"))
}

pattern!(
    INSTRUCTION,
    |line| first_look::begins_with_word(
        line,
        "FROM RUN COPY ADD CMD ENTRYPOINT ENV ARG WORKDIR EXPOSE USER VOLUME LABEL HEALTHCHECK SHELL STOPSIGNAL ONBUILD"
    ),
    r"^(?:FROM|RUN|COPY|ADD|CMD|ENTRYPOINT|ENV|ARG|WORKDIR|EXPOSE|USER|VOLUME|LABEL|HEALTHCHECK|SHELL|STOPSIGNAL|ONBUILD)\s+\S"
);

/// A Dockerfile.
pub(super) fn dockerfile(text: &Text<'_>) -> Option<Reading> {
    let begins = text.first().starts_with("FROM ") || INSTRUCTION.is_match(text.first());
    let instructions = text.fitting(&INSTRUCTION);
    let goes_on = text.content.iter().filter(|line| line.starts_with([' ', '\t'])).count();
    let is_file =
        begins && (instructions > 1 || text.content.len() == 1) && instructions + goes_on == text.content.len();
    // `FROM x` alone may be the end of a query.
    (is_file && (instructions > 1 || !text.first().starts_with("FROM ") || text.first().contains(':')))
        .then(|| config("dockerfile", "a Dockerfile"))
}

pattern!(
    SCHEDULE,
    first_look::schedule,
    r"^\s*(?:(?:\*|[\d*][\d,/*-]*|[A-Z]{3}(?:-[A-Z]{3})?)\s+){4}(?:\*|[\d*][\d,/*-]*|[A-Za-z]{3}(?:-[A-Za-z]{3})?)\s+\S|^\s*@(?:reboot|hourly|daily|weekly|monthly|yearly)\s+\S"
);
pattern!(SETTING_OF_CRON, r"^\s*[A-Z]+=\S*\s*$");

/// A crontab.
pub(super) fn cron(text: &Text<'_>) -> Option<Reading> {
    let schedules = text.fitting(&SCHEDULE);
    (schedules > 0 && schedules + text.fitting(&SETTING_OF_CRON) == text.content.len())
        .then(|| config("cron", "a crontab"))
}

pattern!(
    SECTION,
    |line| line.trim_start().starts_with('[') && line.trim_end().ends_with(']'),
    r"^\s*\[{1,2}[\w. :/\x22@*-]+\]{1,2}\s*$"
);
pattern!(SETTING, |line| first_look::is_setting(line, b".-"), r"^\s*[\w.-]+\s*=(?:\s|\S|$)");
pattern!(
    HTTP_REQUEST,
    |line| first_look::begins_with_word(line, "GET POST PUT PATCH DELETE HEAD OPTIONS"),
    r"^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(?:/|https?://|\{|_[a-z])\S*(?:\s+HTTP/[\d.]+)?(?:\s+(?:#|//|-|→|\(|\{).*)?$"
);
pattern!(SSH_HOST, |line| first_look::begins_with_word(line, "Host Match"), r"^(?:Host|Match)\s+\S");
pattern!(HEADER, |line| line.contains(": "), r"^[A-Z][A-Za-z-]+: \S");
pattern!(
    TAG,
    |line| line.trim_start().starts_with('<'),
    r"^\s*<(?:\?xml|!DOCTYPE|[a-zA-Z][\w:-]*(?:\s+[\w:-]+=|\s*/?>))"
);
const HCL: &str = "resource data variable output module provider terraform locals import moved removed check job group task \
    service path listener storage seal backend policy";
pattern!(
    HCL_BLOCK,
    |line| line.contains('{') && first_look::begins_with_word(line, HCL),
    r#"^\s*(?:resource|data|variable|output|module|provider|terraform|locals|import|moved|removed|check|job|group|task|service|path|listener|storage|seal|backend|policy)\b(?:\s+"[^"]*"){0,2}\s*\{"#
);
const NGINX: &str = "server location upstream http events stream map if types limit_except";
pattern!(
    BRACE_BLOCK,
    |line| line.trim_end().ends_with('{') && first_look::begins_with_word(line, NGINX),
    r"^\s*(?:server|location|upstream|http|events|stream|map|if|types|limit_except)\b[^;=]*\{\s*$"
);
pattern!(DIRECTIVE, |line| line.contains(';'), r"^\s*[\w$-]+\s+[^;]*;\s*(?:#.*)?$");
pattern!(
    RULE_OF_ALERTS,
    |line| first_look::begins_with_word(line, "ALERT IF FOR LABELS ANNOTATIONS"),
    r"^\s*(?:ALERT|IF|FOR|LABELS|ANNOTATIONS)\s"
);
pattern!(
    JSON_LINE,
    first_look::json,
    r#"^\s*(?:[\[\]{}]+,?|[\[{].*[\]}],?|"[^"]*"\s*:\s*.*|"[^"]*",?|-?[\d.]+,?|(?:true|false|null),?|\(?\.{3}\)?,?|//.*|[\]}],?\s*[\[{]?)$"#
);

pattern!(SETTING_IN_BRACES, r"^\s*(?:[\w.-]+\s*=\s*\S.*|[\[{(\]})]+,?)$");
pattern!(MEMBER, |line| line.starts_with('"') && line.contains(':'), r#"^"[^"]+"\s*:\s*(?:[\[{]|\S.*,?$)"#);
pattern!(TEMPLATE, |line| first_look::begins(line, &["{{"]), r"^\s*\{\{.*\}\}\s*,?\s*$");

/// Whether a line could be one of JSON.
pub(super) fn is_json_line(line: &str) -> bool {
    JSON_LINE.is_match(line)
}

/// Forms with brackets, sections and tags.
pub(super) fn structured(text: &Text<'_>) -> Option<Reading> {
    let first = text.first().trim_start();
    if is_key_material(text) {
        return Some(config("pem", "a key or a certificate"));
    }
    if first.starts_with(['{', '[']) && is_json(text) {
        return Some(config("json", "JSON"));
    }
    if first.starts_with(['{', '[']) && text.mostly(&SETTING_IN_BRACES, 9, 10) && text.content.len() > 2 {
        return Some(config("hcl", "HCL"));
    }
    // A part of a file, from the middle of it.
    if MEMBER.is_match(first) && text.mostly(&JSON_LINE, 9, 10) {
        return Some(config("json", "a part of JSON"));
    }
    let is_closed = || text.code.contains("</") || text.code.contains("/>");
    if TAG.is_match(first) && (is_closed() || first.contains('=') || first.starts_with("<!") || first.starts_with("<?"))
    {
        return Some(config("xml", "XML or HTML"));
    }
    let belongs = |line: &&&str| {
        HTTP_REQUEST.is_match(line)
            || HEADER.is_match(line)
            || JSON_LINE.is_match(line)
            || line.starts_with([' ', '\t', '{', '[', '"'])
    };
    if HTTP_REQUEST.is_match(first) && text.content.iter().filter(belongs).count() * 4 >= text.content.len() * 3 {
        return Some(config("http", "an HTTP request"));
    }
    let nested = text.content.iter().skip(1).all(|line| line.starts_with([' ', '\t']) || SSH_HOST.is_match(line));
    if SSH_HOST.is_match(first) && nested && text.content.len() > 1 {
        return Some(config("ini", "settings of ssh"));
    }
    if text.lines.iter().any(|line| line.starts_with("<<<<<<< "))
        && text.lines.iter().any(|line| line.starts_with(">>>>>>> "))
    {
        return Some(config("diff", "two versions of a text"));
    }
    let settings = text.fitting(&SETTING);
    if text.content.iter().any(|line| SECTION.is_match(line)) {
        let sections = text.fitting(&SECTION);
        let others = text
            .content
            .iter()
            .filter(|line| line.trim_start().starts_with([';', '"', ']']) || line.starts_with([' ', '\t']));
        let all =
            sections + settings + others.filter(|line| !SETTING.is_match(line) && !SECTION.is_match(line)).count();
        if all * 10 >= text.content.len() * 9 && (settings > 0 || sections == text.content.len()) {
            return Some(config("ini", "settings in sections"));
        }
    }
    let ends = text.content.iter().any(|line| line.trim() == "}");
    if HCL_BLOCK.is_match(first) && ends && settings > 0 {
        return Some(config("hcl", "HCL"));
    }
    if BRACE_BLOCK.is_match(first) && ends && text.fitting(&DIRECTIVE) > 0 {
        return Some(config("nginx", "settings in braces"));
    }
    if let Some(reading) = assignments(text) {
        return Some(reading);
    }
    if RULE_OF_ALERTS.is_match(first) && text.mostly(&RULE_OF_ALERTS, 1, 2) && text.content.len() > 1 {
        return Some(config("promql", "a rule for alerts"));
    }
    None
}

/// Keys and certificates in the forms of OpenSSL and OpenSSH.
fn is_key_material(text: &Text<'_>) -> bool {
    let is_public_key = |line: &&str| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|kind| kind.starts_with("ssh-") || kind.starts_with("ecdsa-sha2-"))
            && words.next().is_some_and(|key| key.starts_with("AAAA"))
    };
    let begins = text.first().trim_start();
    (begins.starts_with("-----BEGIN ") && begins.ends_with("-----"))
        || (!text.content.is_empty() && text.content.iter().all(is_public_key))
}

/// Names with values, and what opens and closes a group of them: HCL and the
/// many formats that look like it.
fn assignments(text: &Text<'_>) -> Option<Reading> {
    let opens = |line: &str| line.ends_with(['{', '[']) && !line.contains('(') && !line.contains(';');
    let is_spaced = |line: &str| line.split_once(" = ").is_some_and(|(name, _)| is_key(name.trim()));
    let closes = |line: &str| !line.is_empty() && line.chars().all(|c| matches!(c, '}' | ']' | ','));
    let is_value = |line: &str| line.starts_with('"') && line.ends_with(['"', ',']);
    let mut groups = 0;
    let mut values = 0;
    for line in text.content.iter().map(|line| line.trim()) {
        match line {
            _ if line.starts_with("//") => {}
            _ if opens(line) => groups += 1,
            _ if closes(line) => {}
            _ if is_spaced(line) || is_value(line) => values += 1,
            _ => return None,
        }
    }
    (groups > 0 && values > 0 && text.content.len() > 2).then(|| config("hcl", "settings in groups"))
}

/// A word that names a setting.
fn is_key(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '"'))
}

/// A template, by the marks of the languages for them.
pub(super) fn template(text: &Text<'_>) -> Option<Reading> {
    let marks = ["{%", "<%", "{{#", "{{<", "{{%", "{{ template", "{{- ", "{{/*"];
    let first = text.first().trim_start();
    marks.iter().any(|mark| first.starts_with(mark)).then(|| config("go-template", "a template"))
}

/// Settings one within another, told only by how far in they stand, as
/// routers, balancers and servers have them.
pub(super) fn nested(text: &Text<'_>, plausible: Plausibility) -> Option<Reading> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let goes_on =
        |line: &str| line.ends_with(['\\', '|', '{', '(', '[', '&']) || line.ends_with("then") || line.ends_with("do");
    let is_nested = |pair: &[&str]| indent(pair[1]) > indent(pair[0]) && !goes_on(pair[0]);
    // A word of such a file may be a program's name as well.
    let is_foreign = plausible.known * 4 <= text.content.len();
    let in_braces =
        text.content.iter().any(|line| line.ends_with('{')) && text.content.iter().any(|line| line.trim() == "}");
    let is_of_shell =
        |line: &&str| line.contains("()") || line.ends_with('\\') || line.trim_start().starts_with("function ");
    if in_braces && is_foreign && !text.content.iter().any(is_of_shell) {
        return Some(Reading::likely(Class::Config, "text", "settings in braces"));
    }
    // Commands with their options on lines of their own are no settings.
    let has_options = text.content.iter().any(|line| line.trim_start().starts_with('-'));
    (is_foreign && !has_options && text.content.windows(2).any(is_nested) && plausible.may_be_shell())
        .then(|| Reading::likely(Class::Config, "text", "settings, one within another"))
}

/// JSON, also with parts left out and with comments.
fn is_json(text: &Text<'_>) -> bool {
    let code = text.code.trim();
    if serde_json::from_str::<serde_json::Value>(code).is_ok() {
        return true;
    }
    let each = serde_json::Deserializer::from_str(code).into_iter::<serde_json::Value>();
    let values: Vec<_> = each.collect();
    if values.len() > 1 && values.iter().all(Result::is_ok) {
        return true;
    }
    if !text.code.contains(':') {
        return false;
    }
    // Word processors and translators change the quotes.
    let plain: Vec<String> = text.content.iter().map(|line| with_plain_quotes(line)).collect();
    let fits = |line: &&String| JSON_LINE.is_match(line) || TEMPLATE.is_match(line);
    plain.iter().filter(fits).count() * 10 >= plain.len() * 9
}

fn with_plain_quotes(line: &str) -> String {
    line.replace(['“', '”', '„', '«', '»'], "\"").replace('\u{a0}', " ").replace("\" :", "\":")
}

pattern!(
    YAML_LINE,
    |line| line.contains(':') || first_look::begins(line, &["-", "[", "..."]),
    r#"^\s*(?:-\s+)*(?:[\w./@$<{}-]+|"[^"]*"|'[^']*')\s*:(?:\s+.*|)$|^\s+\[\s.*\s\]$|^\s*\[\s[\w<>.-]+:\s.*\]$|^\s*-\s+\S|^\s*(?:---|\.\.\.)\s*$|^\s*-\s*$"#
);
pattern!(YAML_KEY, first_look::key, r#"^\s*(?:-\s+)*(?:[a-zA-Z_][\w./-]*|"[^"]*")\s*:(?:\s+\S.*|)$"#);
pattern!(
    YAML_START,
    |line| line.contains(':') || line.starts_with("---"),
    r"^(?:---|apiVersion:|kind:|version:|services:|on:|name:|groups:|[a-zA-Z_][\w./-]*:\s*$)"
);
pattern!(LABELLED_LINE, |line| line.contains(':'), r"^\s*(?:-\s+)?[A-Z][\w /()-]*:(?:\s|$)");

/// YAML.
pub(super) fn yaml(text: &Text<'_>) -> Option<Reading> {
    let keys = text.fitting(&YAML_KEY);
    // `Region: eu` is more often printed than written, `Region:` above what is
    // further in is not.
    let opens = text.first().ends_with(':') && !text.first().contains(' ') && text.content.len() > 1;
    if keys == 0 || (!opens && LABELLED_LINE.is_match(text.first())) {
        return None;
    }
    let all = yaml_lines(text);
    let starts = YAML_START.is_match(text.first());
    let nested = text.content.iter().any(|line| line.starts_with("  ") && YAML_LINE.is_match(line));
    if all * 10 < text.content.len() * 8 {
        return None;
    }
    let certain = (starts && (nested || text.content.len() > 1)) || (nested && keys > 1);
    Some(Reading { class: Class::Config, language: "yaml", what: "YAML", certain })
}

/// How many lines are such as YAML has, those of a text under `key: |` among
/// them.
fn yaml_lines(text: &Text<'_>) -> usize {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut fitting = 0;
    let mut inside: Option<usize> = None;
    for line in &text.content {
        if inside.is_some_and(|outer| indent(line) > outer) {
            fitting += 1;
            continue;
        }
        inside = None;
        let is_cut = line.trim_start().starts_with("...") || line.trim_start().starts_with("<snip");
        if is_cut || YAML_LINE.is_match(line) {
            fitting += 1;
            let opens = [": |", ": >", ": |-", ": >-", ": |+"].iter().any(|mark| line.ends_with(mark));
            inside = opens.then(|| indent(line));
        }
    }
    fitting
}

pattern!(VARIABLE, |line| first_look::is_setting(line, b"."), r"^\s*(?:export\s+)?[A-Za-z_][\w.]*=\S*(?:.*)$");
pattern!(SPACED_SETTING, |line| first_look::is_setting(line, b".-"), r"^\s*[a-z][\w.-]*\s*=\s*\S.*$");

/// `KEY=value` and `key = value`, which a shell might set and a file might hold.
pub(super) fn settings(text: &Text<'_>) -> Option<Reading> {
    if text.mostly(&VARIABLE, 1, 1) {
        return Some(Reading::likely(Class::Config, "env", "settings of variables"));
    }
    text.mostly(&SPACED_SETTING, 1, 1).then(|| Reading::likely(Class::Config, "ini", "settings"))
}
