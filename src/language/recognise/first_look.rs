//! Whether a line can fit a pattern at all, told by its first letters and by
//! the signs that the pattern cannot do without.
//!
//! Each of these allows at least what its pattern fits, which a test holds:
//! to build a pattern costs more than to read a page without it.

#[cfg(test)]
mod tests;

/// `line` without the white space it begins with.
fn head(line: &str) -> &str {
    line.trim_start()
}

/// The byte that a line begins with; 0 where there is none.
fn first(line: &str) -> u8 {
    head(line).as_bytes().first().copied().unwrap_or(0)
}

/// Whether the line begins with one of these.
pub(super) fn begins(line: &str, heads: &[&str]) -> bool {
    let line = head(line);
    heads.iter().any(|head| line.starts_with(head))
}

/// Whether the line begins with one of these words and then something else.
pub(super) fn begins_with_word(line: &str, words: &str) -> bool {
    let line = head(line);
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(line.len());
    let first = &line[..end];
    !first.is_empty() && words.contains(first) && words.split(' ').any(|word| word == first)
}

/// Whether one of these stands in the line.
pub(super) fn holds(line: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| line.contains(part))
}

/// Whether white space stands wider than one blank behind the line's beginning.
pub(super) fn is_spread(line: &str) -> bool {
    let line = head(line);
    line.contains("  ") || line.bytes().any(|byte| byte.is_ascii_whitespace() && byte != b' ')
        // A space that is not of ASCII may be one of the two.
        || !line.is_ascii()
}

/// Whether a line is one word.
pub(super) fn is_one_word(line: &str) -> bool {
    !line.trim().bytes().any(|byte| byte.is_ascii_whitespace())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether what stands before the first `=` may be a name; `signs` may stand in
/// it beside letters, digits and `_`.
pub(super) fn is_setting(line: &str, signs: &[u8]) -> bool {
    line.split_once('=').is_some_and(|(name, _)| {
        let name = name.split_whitespace().next_back().unwrap_or_default();
        !name.is_empty() && name.bytes().all(|byte| is_word(byte) || signs.contains(&byte))
    })
}

/// Whether a line may be one of a crontab.
pub(super) fn schedule(line: &str) -> bool {
    if first(line) == b'@' {
        return begins(line, &["@reboot", "@hourly", "@daily", "@weekly", "@monthly", "@yearly"]);
    }
    let mut fields = line.split_whitespace();
    let is_field = |field: &str| field.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*,/-".contains(&byte));
    let begins = fields.clone().next().is_some_and(|field| !field.bytes().any(|byte| byte.is_ascii_lowercase()));
    begins && fields.by_ref().take(5).filter(|field| is_field(field)).count() == 5 && fields.next().is_some()
}

/// Whether a line may name a key of YAML.
pub(super) fn key(line: &str) -> bool {
    let line = line.trim_start_matches(|c: char| c == '-' || c.is_whitespace());
    let rest = match line.as_bytes().first() {
        Some(b'"') => return line.contains(':'),
        Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => {
            line.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_./-".contains(c))
        }
        _ => return false,
    };
    rest.trim_start().strip_prefix(':').is_some_and(|value| value.is_empty() || value.starts_with(char::is_whitespace))
}

/// Whether a line may be one of JSON.
pub(super) fn json(line: &str) -> bool {
    match first(line) {
        b't' | b'f' | b'n' => begins(line, &["true", "false", "null"]),
        b'/' => begins(line, &["//"]),
        byte => b"[]{}\"-.(".contains(&byte) || byte.is_ascii_digit(),
    }
}

/// Whether a line may be one of a log.
pub(super) fn log(line: &str) -> bool {
    const LEVELS: &[&str] = &[
        "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "CRITICAL", "NOTICE", "SEVERE", "PANIC", "FATA[", "ERRO[",
        "DEBU[",
    ];
    const MONTHS: &[&str] = &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // The time may stand in brackets behind the name of who writes.
    let stamp = |(at, _)| line.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    if line.contains('T') && line.match_indices('[').any(stamp) {
        return true;
    }
    let line = head(line);
    let bytes = line.as_bytes();
    let opened = line.trim_start_matches(['[', '"', ' ', '\t']);
    match bytes.first() {
        Some(b'[' | b'"') => opened.starts_with(|c: char| c.is_ascii_digit()) || begins(opened, LEVELS),
        Some(b'0'..=b'9') => {
            let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            match bytes.get(digits) {
                Some(b'-' | b'/') => digits == 4,
                Some(b':') => digits <= 2,
                Some(b'.') => digits <= 3,
                Some(b's' | b'm' | b'h' | b'd') => true,
                _ => false,
            }
        }
        Some(b'A'..=b'Z') => {
            begins(line, LEVELS) || begins(line, MONTHS) || bytes.get(1).is_some_and(u8::is_ascii_digit)
        }
        Some(b't' | b'l') => begins(line, &["ts=", "time=", "t=", "level=", "lvl="]),
        Some(b'.') => line.starts_with("..."),
        Some(b'{') => line.starts_with("{\""),
        _ => false,
    }
}

/// Whether a line may be what a program complains with.
pub(super) fn complaint(line: &str) -> bool {
    const BEGIN: &[&str] = &[
        "error",
        "fatal",
        "panic",
        "warning",
        "Error",
        "Fatal",
        "ERROR",
        "FATAL",
        "FAILED",
        "Warning",
        "E:",
        "W:",
        "E[",
        "W[",
        "server closed ",
        "connection closed ",
        "libceph",
        "InnoDB",
        "xtrabackup",
        "kernel",
        "systemd[",
        "Caused by:",
        "Traceback",
        "goroutine",
        "Exception in",
        "thread '",
        "Connection ",
        "ssh: connect",
        "kex_exchange",
        "Segmentation",
        "HTTP/",
        "Normal",
        "~",
        "+",
        "-",
    ];
    const OF_WHAT_IS_QUOTED: &[&str] = &[
        "is forbidden",
        "failed",
        "not found",
        "denied",
        "refused",
        "timed out",
        "exceeded",
        "could not",
        "cannot",
        "does not exist",
    ];
    const HOLD: &[&str] = &[
        "Error",
        "Exception",
        "Warning",
        "Failure",
        "raised a",
        "threw a",
        "does not contain",
        "not found",
        "cannot find",
        ": command not found",
        ": line ",
        ": No such file",
        ": Permission denied",
        ": cannot ",
        ": error:",
        ": fatal:",
        ": (",
        "annot ",
        "ould not ",
        "nable to ",
        "ailed to ",
    ];
    begins(line, BEGIN)
        || holds(line, HOLD)
        || line.contains('"') && holds(line, OF_WHAT_IS_QUOTED)
        || line.trim_end().ends_with("imports")
        || line.trim_end().ends_with(" rows)")
        || line.trim_end().ends_with(" row)")
}

/// Whether a line may be of a traceback.
pub(super) fn frame(line: &str) -> bool {
    begins(line, &["File \"", "at ", "^", "...", "from "]) || first(line).is_ascii_digit() && line.contains(": 0x")
}

/// Whether a line may be a rule or border of a table.
pub(super) fn border(line: &str) -> bool {
    let line = line.trim();
    match line.as_bytes() {
        [b'+', b'-' | b'=', ..] => true,
        [b'-' | b'=', b'-' | b'=', ..] => line.contains(|c: char| c == '+' || c.is_whitespace()),
        [first, ..] => !first.is_ascii(),
        [] => false,
    }
}

/// Whether a line may be the head of columns, in capitals.
pub(super) fn capital_head(line: &str) -> bool {
    first(line).is_ascii_uppercase() && is_spread(line) && !line.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Whether a line may be the head of columns that is known.
pub(super) fn known_head(line: &str) -> bool {
    const HEADS: &[&str] = &[
        "Filesystem",
        "total",
        "PID",
        "USER",
        "COMMAND",
        "Proto",
        "Netid",
        "State",
        "CONTAINER ID",
        "NAME",
        "LAST SEEN",
        "Device",
        "procs",
        "REPOSITORY",
        "UNIT",
        "top - ",
        "Active Internet",
    ];
    let mode = head(line).as_bytes().get(1..10);
    begins(line, HEADS) || mode.is_some_and(|mode| mode.iter().all(|byte| b"rwxsStT-".contains(byte)))
}

/// Whether a line may tell the state of a service.
pub(super) fn state(line: &str) -> bool {
    const KINDS: &str =
        "deployment statefulset daemonset pod service configmap secret job cronjob node ingress namespace";
    const DONE: &[&str] = &[
        " created",
        " deleted",
        " configured",
        " scaled",
        " unchanged",
        " condition met",
        " cordoned",
        " drained",
        " evicted",
    ];
    begins(line, &["●", "○", "×", "Active: ", "Loaded: ", "Main PID: ", "Tasks: ", "CGroup: "])
        || begins_with_word(line, KINDS) && (line.contains('/') || holds(line, DONE))
}

/// Whether a line may be of a program's help.
pub(super) fn help(line: &str) -> bool {
    match first(line) {
        b'-' => is_spread(line),
        _ => line.get(..6).is_some_and(|usage| usage.eq_ignore_ascii_case("usage:") || usage == "Usage "),
    }
}

/// Whether boxes or arrows may stand in a line.
pub(super) fn drawing(line: &str) -> bool {
    let text = line.trim();
    !line.is_ascii()
        || holds(line, &["-->", "<--", "==>", " -> "])
        || text.len() == 1
        || begins(text, &["+-", "+=", "^"])
        || text.starts_with('|') && text.ends_with('|')
}

/// Whether a line may be an address and nothing else.
pub(super) fn address(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (first, last) = (words.next().unwrap_or_default(), words.next_back());
    let is_labelled = || first.starts_with(|c: char| c.is_ascii_uppercase() || matches!(c, '-' | '*'));
    last.map_or(first.contains("://"), |last| last.contains("://") && is_labelled())
}

/// Whether a line may be a query of metrics.
pub(super) fn promql(line: &str) -> bool {
    const OVER_RANGE: &[&str] = &["rate", "increase", "delta", "deriv", "resets", "changes", "_over_time"];
    const FUNCTIONS: &[&str] = &[
        "histogram_quantile",
        "label_replace",
        "predict_linear",
        "absent",
        "sum",
        "avg",
        "max",
        "min",
        "count",
        "topk",
        "bottomk",
        "quantile",
        "stddev",
        "group",
    ];
    let name = head(line).bytes().take_while(|byte| is_word(*byte) || *byte == b':').count();
    line.contains('[') && holds(line, OVER_RANGE)
        || line.contains('(') && begins(line, FUNCTIONS)
        || head(line).as_bytes().get(name) == Some(&b'{') && name > 0
        || line.contains(['=', '<', '>']) && line.trim_end().ends_with(|c: char| c.is_ascii_digit() || c == '.')
}

/// Whether a line may be a query of logs.
pub(super) fn logql(line: &str) -> bool {
    begins(line, &["{", "sum", "count", "rate", "topk"]) && line.contains('{') && line.contains(['=', '!'])
}

/// Whether a line may be the name of a metric.
pub(super) fn metric(line: &str) -> bool {
    let line = line.trim();
    line.contains('_') && line.bytes().all(|byte| is_word(byte) && !byte.is_ascii_uppercase())
}

/// Whether a line may be of Python and of nothing else.
pub(super) fn python(line: &str) -> bool {
    const BLOCKS: &str = "if elif while for with async except try else finally class";
    begins(line, &["import", "from", "async", "def", "print(", "@", "raise", "return", "\"\"\""])
        || line.contains(':') && begins_with_word(line, BLOCKS)
}

/// Whether a line may be of JavaScript and of nothing else.
pub(super) fn javascript(line: &str) -> bool {
    const WORDS: &str = "const let var export default async function import module await console";
    begins_with_word(line, WORDS) || holds(line, &["=>", "require("])
}

/// Whether a line may be a call in a program's console.
pub(super) fn call(line: &str) -> bool {
    let line = head(line);
    let name = line.bytes().take_while(|byte| is_word(*byte) || *byte == b'$').count();
    let goes_on = line.as_bytes().get(name).is_some_and(|byte| b".[(".contains(byte));
    line.contains('.') && line.contains('(') && (goes_on || begins_with_word(line, "var let const await"))
}

/// Whether a line may be for MongoDB's shell.
pub(super) fn mongo(line: &str) -> bool {
    begins(line, &["db.", "rs.", "sh.", "show ", "use "])
        || begins_with_word(line, "var let const") && holds(line, &["db.", "rs.", "sh."])
}

/// Whether something in a line may be what sentences do not have.
pub(super) fn code(line: &str) -> bool {
    line.contains(['$', '=', '\t'])
        || holds(line, &[" -", "&&", "||", "()"])
        || !line.is_ascii()
        || line.contains(|c: char| c.is_ascii_control())
        || line.starts_with('-')
        || line.trim_end().ends_with(['{', '}', ';', '\\'])
        || b"\"[{<".contains(&first(line))
}

/// Whether a line may be a name and what it is.
pub(super) fn entry(line: &str) -> bool {
    let ends = |rest: &[u8]| rest.first().is_none_or(u8::is_ascii_whitespace);
    line.match_indices(':').any(|(at, _)| ends(&line.as_bytes()[at + 1..]))
}

/// Whether a line may be a rule with or without a title in it.
pub(super) fn banner(line: &str) -> bool {
    let line = head(line).as_bytes();
    let is_rule = |rule: &[u8]| rule.iter().all(|byte| b"=*#~_-".contains(byte));
    line.first().is_some_and(|byte| !byte.is_ascii()) || line.get(..3).is_some_and(is_rule)
}

/// Whether a line may be what a program says while it works.
pub(super) fn progress(line: &str) -> bool {
    const DOING: &[&str] = &[
        "start", "stopp", "creat", "delet", "remov", "updat", "download", "fetch", "install", "wait", "check",
        "connect", "configur", "logg", "appl", "load", "cop", "succe", "complet", "finish", "done",
    ];
    const DONE: &[&str] = &[
        " created",
        " deleted",
        " updated",
        " configured",
        " unchanged",
        " started",
        " stopped",
        " succeeded",
        " completed",
        " removed",
        " restarted",
    ];
    let line = head(line);
    let doing = |word: &&str| line.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    DOING.iter().any(doing) || holds(line, DONE)
}

/// Whether a line may be the name of a variable.
pub(super) fn variable_name(line: &str) -> bool {
    let line = head(line).as_bytes();
    let capitals = line.iter().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).count();
    capitals > 0 && line.get(capitals) == Some(&b'_')
}

/// Whether a line may begin something in the code of a program.
pub(super) fn opening(line: &str) -> bool {
    const WORDS: &str = "public private protected static final async export override func fn def class struct interface type \
        package import describe it module";
    let end = line.trim_end();
    begins_with_word(line, WORDS)
        || first(line) == b'@'
        || line.contains('{') && begins_with_word(line, "if for try")
        || line.contains(":=")
        || line.contains(')') && end.ends_with('{')
        || end.ends_with(");")
}
