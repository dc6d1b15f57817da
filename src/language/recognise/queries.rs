//! Queries for what watches a system.

use super::{Text, first_look, pattern, promql};
use crate::runbook::{Class, Reading};

// What only PromQL has: a function over a range, an aggregation with labels,
// a selector with a range.
pattern!(
    PROMQL,
    first_look::promql,
    r#"(?x)
        \b(?:rate|irate|increase|delta|deriv|resets|changes|(?:avg|min|max|sum|count|quantile|stddev|last|present|absent)_over_time)
            \s*\(\s*[a-zA-Z_:(].*\[[\w\s$:]+\]
      | ^\s*(?:histogram_quantile|label_replace|predict_linear|absent)\s*\(
      | ^\s*(?:sum|avg|max|min|count|topk|bottomk|quantile|stddev|group)\s*(?:\(|(?:by|without)\s*\()
      | ^\s*[a-zA-Z_:][\w:]*\{[\w\s"'=~!.,|*+^$\#\\:/()?<>-]*\}\s*(?:$|[\[<>=!*/+-]|offset\b)
      | ^\s*[a-z_:][a-z0-9_:]+\s*(?:==|!=|<=?|>=?)\s*(?:bool\s+)?-?[\d.]+\s*$
    "#
);

// A selector of streams, and what only PromQL and LogQL begin or go on with.
pattern!(
    LOGQL,
    first_look::logql,
    r#"^\s*(?:(?:sum|count|rate|topk)[^{]*[\s(])?\{\s*[\w.]+\s*(?:=~?|!=|!~)\s*["`][^}]*\}(?:\s*(?:\|[=~>]?|!=|!~|\[).*)?\s*\)*"#
);
pattern!(
    GOES_ON,
    r"^\s*(?:[)\]},|]|(?:by|without|on|ignoring|group_left|group_right|and|or|unless|offset)\b|[-+*/<>=!]+\s|[\d.]+\s*[,)]?$)"
);

// Names with the unit that those of metrics end with.
pattern!(
    METRIC_ALONE,
    first_look::metric,
    r"^\s*[a-z]+(?:_[a-z0-9]+){1,}_(?:bytes|total|seconds|count|sum|bucket|ratio|info|percent)\s*$"
);

/// PromQL and LogQL.
pub(super) fn reading(text: &Text<'_>) -> Option<Reading> {
    if text.mostly(&METRIC_ALONE, 1, 1) {
        return Some(Reading::certain(Class::Config, "promql", "names of metrics"));
    }
    let may_be = text.code.contains(['(', '{']) && !text.code.contains([';', '|', '&', '`']);
    if may_be && promql::is_query(text.code) {
        return Some(Reading::certain(Class::Config, "promql", "a query of metrics"));
    }
    let is_logql = LOGQL.is_match(text.first());
    if !is_logql && !PROMQL.is_match(text.first()) && !text.content.iter().any(|line| PROMQL.is_match(line)) {
        return None;
    }
    let fits =
        |line: &&&str| PROMQL.is_match(line) || LOGQL.is_match(line) || GOES_ON.is_match(line) || is_metric(line);
    let fitting = text.content.iter().filter(fits).count();
    if fitting < text.content.len() {
        return None;
    }
    let (language, what) = if is_logql { ("logql", "a query of logs") } else { ("promql", "a query of metrics") };
    Some(Reading::certain(Class::Config, language, what))
}

/// `  http_requests_total{job="x"}[5m]`, inside the brackets of a function.
fn is_metric(line: &str) -> bool {
    let line = line.trim().trim_end_matches([',', ')']);
    let mut sides = line.split(" < ").flat_map(|part| part.split(" > ")).flat_map(|part| part.split(" / "));
    sides.all(is_metric_name)
}

fn is_metric_name(line: &str) -> bool {
    let name = line.split(['{', '[']).next().unwrap_or_default();
    !name.is_empty()
        && name.contains('_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '('))
}
