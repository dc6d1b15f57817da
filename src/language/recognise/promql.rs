//! PromQL, told by its words: a query over several lines, or with arithmetic
//! around it, has no line that only PromQL could have.

/// Functions and aggregations.
const FUNCTIONS: &str = "abs absent absent_over_time avg avg_over_time bottomk ceil changes clamp clamp_max clamp_min \
    coalesce count count_over_time count_values day_of_month day_of_week days_in_month delta deriv exp floor group \
    histogram_quantile hour idelta increase irate label_join label_replace last_over_time ln log10 log2 max max_over_time \
    min min_over_time minute month predict_linear present_over_time quantile quantile_over_time rate resets round scalar \
    sgn sort sort_desc sqrt stddev stddev_over_time stdvar sum sum_over_time time timestamp topk vector year";

/// Words between its parts.
const BETWEEN: &str = "and or unless bool offset inf nan start end";

/// Words that labels follow in parentheses.
const GROUPING: &str = "by without on ignoring group_left group_right";

fn is_in(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|other| other.eq_ignore_ascii_case(word))
}

/// Whether each word of `code` is one of PromQL's or the name of a metric, and
/// something in it is no mere name.
pub(super) fn is_query(code: &str) -> bool {
    let mut rest = code;
    let mut calls = 0;
    let mut metrics = 0;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.bytes().next() else { break };
        match first {
            b'#' => rest = rest.split_once('\n').map_or("", |(_, below)| below),
            b'{' | b'[' | b'"' | b'\'' => {
                let close = match first {
                    b'{' => '}',
                    b'[' => ']',
                    other => char::from(other),
                };
                let Some((inside, after)) = rest[1..].split_once(close) else { return false };
                // A selector compares labels, a range is a duration.
                let is_selector = first == b'{' && inside.contains('=');
                let is_range = first == b'[' && inside.starts_with(|c: char| c.is_ascii_digit() || c == '$');
                if first == b'{' && !inside.trim().is_empty() && !is_selector || first == b'[' && !is_range {
                    return false;
                }
                calls += usize::from(is_selector || is_range);
                rest = after;
            }
            b'(' | b')' | b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'<' | b'>' | b'=' | b'!' | b',' | b'@' => {
                rest = &rest[1..];
            }
            b'0'..=b'9' | b'.' => {
                rest = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.');
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b':' => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
                let word;
                (word, rest) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
                let follows = rest.trim_start();
                if is_in(GROUPING, word) {
                    if let Some(labels) = follows.strip_prefix('(') {
                        let Some((_, after)) = labels.split_once(')') else { return false };
                        rest = after;
                    }
                } else if is_in(FUNCTIONS, word) && (follows.starts_with('(') || starts_with_grouping(follows)) {
                    calls += 1;
                } else if word.contains(['_', ':']) || rest.starts_with(['{', '[']) || calls > 0 {
                    metrics += 1;
                    // Two words next to each other are none of a query's.
                    if follows.starts_with(|c: char| c.is_ascii_alphabetic())
                        && !is_in(BETWEEN, first_word(follows))
                        && !is_in(GROUPING, first_word(follows))
                    {
                        return false;
                    }
                } else if !is_in(BETWEEN, word) {
                    return false;
                }
            }
            _ => return false,
        }
    }
    metrics > 0 && calls > 0
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default()
}

fn starts_with_grouping(text: &str) -> bool {
    is_in(GROUPING, first_word(text))
}

#[cfg(test)]
mod tests {
    use super::is_query;

    #[test]
    fn each_word_of_a_query_is_one_of_its_own() {
        for code in [
            "(\n  sum(rate(requests_total{code=~\"5..\"}[5m]))\n  -\n  sum(rate(errors_total[5m]))\n) * 100 > 5\n",
            "100 * sum without(code, job)\n(rate(handled_total[5m])) > 5 and on() up_since == 0\n",
            "# Which ones?\ntopk(5, sort_desc(queue_depth{\n  job=\"x\",\n}))\n",
            "(size_in_bytes{a=\"b\"} / quota_in_bytes) * 100\n",
        ] {
            assert!(is_query(code), "{code}");
        }
    }

    #[test]
    fn what_only_shares_words_with_a_query_is_none() {
        for code in [
            "",
            "sort -u names.txt\n",
            "sum of all\n",
            "time make build_all\n",
            "count(*)\n",
            "job_name\n",
            "min(a, b) and then max_of(c)\n",
            "rate(x[5m]) | tee y\n",
            "{\"a\": 1}\n",
        ] {
            assert!(!is_query(code), "{code}");
        }
    }
}
