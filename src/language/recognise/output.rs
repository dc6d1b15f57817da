//! What programs print: logs, tracebacks, tables, trees, messages.

use super::{Text, first_look, pattern};
use crate::runbook::{Class, Reading};

// A time, a level, or the name of a process before the message.
pattern!(
    LOG_LINE,
    first_look::log,
    r#"(?x)^\s*(?:
        \[?"?\d{4}[-/]\d\d[-/]\d\d[T\ _]\d\d:\d\d
      | \[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?\s+\S
      | \d{1,2}:\d\d(?::\d\d)?\ ?[AP]M\s+\S
      | (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}\s+\d\d:\d\d
      | [IWEF]\d{4}\s\d\d:\d\d:\d\d
      | \[?(?:FATAL|ERROR|WARN|WARNING|INFO|DEBUG|TRACE|CRITICAL|NOTICE|SEVERE|PANIC)\b\]?\s*[:\ \[|-]
      | (?:ts|time|t|level|lvl)=\S+\s+\w+=
      | \d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\s-\s\S+\s\[
      | \[\s*\d+\.\d{6}\]
      | [^\[]+\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d
      | (?:FATA|ERRO|WARN|INFO|DEBU)\[\d+\]
      | \d+[smhd](?:\d+[smh])?\s{2,}(?:Normal|Warning)\s
      # The time and the source left out.
      | \.{3}\s+\w
      | \{"(?:level|ts|time|timestamp|msg|severity)":
    )"#
);

// Messages in the forms in which programs complain.
pattern!(
    COMPLAINT,
    first_look::complaint,
    r#"(?x)^\s*(?:
        (?:\w+\.)*[A-Z]\w*(?:Error|Exception|Warning|Failure)(?::\s|$)
      | (?:error|fatal|panic|warning|Error|Fatal|ERROR|FATAL|FAILED|Warning|E|W)(?:\[\w+\])?:\s
      | .*\b(?:raised|threw)\ an?\ (?:exception|error)\b
      | [\w.@-]+(?:/[\w.@-]+)+(?::\ |\ ).*(?:does\ not\ contain|not\ found|cannot\ find|imports$)
      | (?:server|connection)\ closed\ .*(?:unexpectedly|connection) | (?:libceph|InnoDB|xtrabackup|kernel|systemd\[\d+\]):\s
      | [^"]*"[^"]+"[^"]*\b(?:is\ forbidden|failed|not\ found|denied|refused|timed\ out|exceeded|could\ not|cannot|does\ not\ exist)\b
      | Error\ from\ server | error\ from\ daemon
      | [\w./-]+:\ (?:command\ not\ found|line\ \d+:|No\ such\ file|Permission\ denied|cannot\ |error:|fatal:)
      | .*:\ (?:error|fatal):\ | (?:[\w-]+:\ )?(?:[Cc]annot|[Cc]ould\ not|[Uu]nable\ to|[Ff]ailed\ to)\ \w
      | [\w-]+:\ (?:\(\d+\)|error:|fatal:|\S+:\ (?:command\ not\ found|No\ such\ file|Permission\ denied))
      | Caused\ by:\s | Traceback\ \(most\ recent | goroutine\ \d+\ \[ | Exception\ in\ thread | thread\ '.*'\ panicked
      | Connection\ (?:refused|reset|timed\ out) | ssh:\ connect | kex_exchange | Segmentation\ fault
      | HTTP/[\d.]+\ \d{3}\b | (?:Warning|Normal)\s{2,}\w+\s{2,}
      | [~+-]/?[+-]?\ (?:resource|data)\ " | \(\d+\ rows?\)$
    )"#
);

// Lines of a traceback that hold code or a place in it.
pattern!(
    FRAME,
    first_look::frame,
    r#"^\s*(?:File ".*", line \d+|at [\w$.<>/]+\(.*\)|at .*:\d+:\d+\)?$|\^+~*\^*$|\.{3} \d+ more|from .*:\d+:in `|\d+: 0x[0-9a-f]+)"#
);

// Rules and borders of tables, and the columns of psql.
pattern!(
    BORDER,
    first_look::border,
    r"^\s*(?:\+(?:[-=]+\+)+|[-=]{2,}(?:\+[-=]{2,})+|[-=]{2,}(?:\s+[-=]{2,})+|[┌├└╔╠╚┏┣┗][─┬┼┴═╦╬╩━┳╋┻┐┤┘╗╣╝┓┫┛]{3,})\s*$"
);

// The heads that programs give their columns.
pattern!(
    CAPITAL_HEAD,
    first_look::capital_head,
    r"^\s*[A-Z][A-Z0-9_()%/:#@-]*(?: [A-Z0-9()%/-]+)*(?:\s{2,}[A-Z%][A-Z0-9_()%/:#@-]*(?: [A-Z0-9()%/-]+)*)+\s*$"
);
pattern!(
    KNOWN_HEAD,
    first_look::known_head,
    r"^\s*(?:Filesystem\s+|total\s+used\s+free|\s*PID\s+|USER\s+PID|COMMAND\s+PID|Proto\s+|Netid\s+|State\s+Recv-Q|CONTAINER ID\s|NAME\s+(?:READY|STATUS|TYPE|DESIRED)|NAMESPACE\s+NAME|LAST SEEN\s|Device\s+|procs\s+-|REPOSITORY\s+TAG|UNIT\s+LOAD|top - \d|total \d+$|Active Internet connections|[dl-][rwxsStT-]{9}[.+@]?\s+\d)"
);

// The state of a service as systemctl shows it, and of other programs.
pattern!(
    STATE,
    first_look::state,
    r"^\s*(?:[●○×] \S+|Active: |Loaded: |Main PID: |Tasks: |CGroup: |(?:deployment|statefulset|daemonset|pod|service|configmap|secret|job|cronjob|node|ingress)(?:\.[\w.]+)?/[\w.-]+ (?:\w+)|(?:pod|deployment|service|secret|configmap|node|namespace) .?\S+.? (?:created|deleted|configured|scaled|unchanged|condition met|cordoned|drained|evicted))"
);

// `├──`, as tree draws folders.
pattern!(
    BRANCH,
    |line| line.contains(['├', '└']) || first_look::holds(line, &["|--", "`--", "+--"]),
    r"^[\s│|]*(?:[├└]|(?:\||`|\+)-- ?[\w.])"
);

// Lines of a program's own help.
pattern!(
    HELP,
    first_look::help,
    r"^(?i:usage):\s+\S|^Usage of \S+:$|^\s*-{1,2}[\w\[][\w\[\]-]*(?:,\s+--[\w-]+)?(?:[ =]\S+)?\s{2,}\S"
);

// Other boxes and arrows.
pattern!(
    DRAWING,
    first_look::drawing,
    r"[┌┐└┘├┤┬┴┼─│╔╗╚╝║═╭╮╰╯▼▲►◄→←↓↑]|-->|<--|==>|\S -> \S.* -> \S|^\s*\+[-=]{3,}\+|^\s*\|.*\|\s*$|^\s*[|vV^/\\]\s*$|^\s*\^(?:\s+\^)+\s*$"
);

pattern!(POINTERS, |line| line.trim_start().starts_with('^'), r"^\s*\^(?:\s+\^)+\s*$");

// A link, or a request without its method.
pattern!(
    ADDRESS,
    first_look::address,
    r"^\s*(?:[-*]\s+)?(?:[A-Z][\w ]*:\s+)?(?:https?|ftp|ssh|sftp|file|git|ldaps?|wss?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp|jdbc:\w+|s3|gs)://\S+\s*$"
);

// `@bot restart the build`, and a bot's own commands.
pattern!(MENTION, |line| line.trim_start().starts_with('@'), r"^\s*@[a-z][\w-]*\s+[a-z][\w -]*(?:\s\S.*)?$");

/// Whether it has a title as programs write over parts of their own help, and
/// an option below it.
fn has_parts_of_help(text: &Text<'_>) -> bool {
    const TITLES: [&str; 6] =
        ["options:", "flags:", "optional arguments:", "positional arguments:", "global options:", "global flags:"];
    let is_title =
        |line: &&str| line.ends_with(':') && TITLES.iter().any(|title| line.trim().eq_ignore_ascii_case(title));
    let mut lines = text.lines.iter().skip_while(|line| !is_title(line));
    lines.any(|line| {
        let name = line.trim_start().trim_start_matches('-');
        line.trim_start().starts_with('-') && name.starts_with(|c: char| c.is_ascii_alphanumeric())
    })
}

/// Screens that could hardly be anything else: tracebacks, trees, drawings,
/// addresses.
pub(super) fn screen(text: &Text<'_>) -> Option<Reading> {
    let lines = &text.lines;
    let frames = lines.iter().filter(|line| FRAME.is_match(line)).count();
    let complains = || lines.iter().any(|line| COMPLAINT.is_match(line));
    let begins = text.first();
    if frames > 0 && (FRAME.is_match(begins) || complains()) || begins.starts_with("Traceback (most recent call last)")
    {
        return Some(Reading::certain(Class::Output, "text", "a traceback"));
    }
    if has_parts_of_help(text) {
        return Some(Reading::certain(Class::Output, "text", "the help of a program"));
    }
    if HELP.is_match(begins)
        && (begins.get(..5).is_some_and(|usage| usage.eq_ignore_ascii_case("usage")) || text.mostly(&HELP, 1, 2))
    {
        return Some(Reading::certain(Class::Output, "text", "the help of a program"));
    }
    if text.mostly(&MENTION, 1, 1) {
        return Some(Reading::certain(Class::Prose, "text", "messages for a chat"));
    }
    if text.mostly(&ADDRESS, 1, 1) {
        return Some(Reading::certain(Class::Prose, "text", "addresses"));
    }
    let branches = lines.iter().filter(|line| BRANCH.is_match(line)).count();
    if branches > 0 && (branches + 2) * 10 >= lines.len() * 7 {
        return Some(Reading::certain(Class::Prose, "text", "a tree of folders"));
    }
    let drawn = || lines.iter().filter(|line| DRAWING.is_match(line)).count();
    let boxes = lines.iter().filter(|line| line.contains(['┌', '└', '│', '╔', '╚', '║', '├', '▼'])).count();
    if boxes > 1 && drawn() * 2 >= lines.len() && !lines.iter().any(|line| BORDER.is_match(line) && line.contains('┼'))
    {
        return Some(Reading::certain(Class::Prose, "text", "a drawing"));
    }
    None
}

/// Arrows and boxes between words.
pub(super) fn drawing(text: &Text<'_>) -> Option<Reading> {
    let drawn = text.lines.iter().filter(|line| DRAWING.is_match(line)).count();
    // Carets point at parts of the line above.
    let points = text.lines.iter().any(|line| POINTERS.is_match(line));
    (points || (drawn > 0 && drawn * 2 >= text.lines.len()))
        .then(|| Reading::certain(Class::Prose, "text", "a drawing"))
}

// What a database says when it has done something.
pattern!(
    ANSWER,
    |line| line.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '('),
    r"^(?:(?:INSERT|UPDATE|DELETE|SELECT|COPY|MOVE|FETCH|MERGE)(?: \d+){1,2}|(?:CREATE|ALTER|DROP|TRUNCATE|COMMENT|GRANT|REVOKE|LOCK|PREPARE|DEALLOCATE|DISCARD|REINDEX|REFRESH)(?: [A-Z]+){0,3}|SET|DO|VACUUM|ANALYZE|BEGIN|COMMIT|ROLLBACK|Time: \d.*|Query OK.*|Rows matched: .*|\(?\d+ rows?\b.*)$"
);

/// What a database says when it has done something, each a line without an end.
pub(super) fn answers(text: &Text<'_>) -> Option<Reading> {
    // `BEGIN` alone may be typed as well.
    let is_plain = |line: &str| matches!(line, "BEGIN" | "COMMIT" | "ROLLBACK" | "VACUUM" | "ANALYZE" | "SET" | "DO");
    let is_answer = text.mostly(&ANSWER, 1, 1) && text.content.iter().any(|line| !is_plain(line));
    is_answer.then(|| Reading::certain(Class::Output, "text", "what a database answers"))
}

/// A log whose lines are objects.
pub(super) fn objects(text: &Text<'_>) -> Option<Reading> {
    let is_object = text.first().starts_with("{\"") && text.mostly(&LOG_LINE, 3, 5);
    is_object.then(|| Reading::certain(Class::Output, "log", "messages of a program"))
}

/// Whether every line begins with the same mark, as some programs write before
/// all that they say: `==2615==`, `[3]`.
fn is_marked(text: &Text<'_>) -> bool {
    let mark = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let first = mark(text.first());
    text.lines.len() > 2
        && first.starts_with(['=', '[', '(', '<'])
        && first.ends_with(['=', ']', ')', '>'])
        && first.bytes().any(|byte| byte.is_ascii_digit())
        && text.lines.iter().all(|line| mark(line) == first)
}

/// Lines of a log, and messages.
pub(super) fn log(text: &Text<'_>) -> Option<Reading> {
    let told = text.content.iter().filter(|line| LOG_LINE.is_match(line) || COMPLAINT.is_match(line)).count();
    let begins = LOG_LINE.is_match(text.first()) || COMPLAINT.is_match(text.first());
    let is_log = (told > 0 && told * 10 >= text.content.len() * 6) || LOG_LINE.is_match(text.first());
    // A long message goes on over lines of its own.
    let goes_on = begins && told * 4 >= text.content.len();
    (is_log || goes_on || is_marked(text)).then(|| Reading::certain(Class::Output, "log", "messages of a program"))
}

/// Columns.
pub(super) fn table(text: &Text<'_>) -> Option<Reading> {
    let reading = || Some(Reading::certain(Class::Output, "text", "a table that a program prints"));
    let lines = &text.lines;
    let borders = lines.iter().filter(|line| BORDER.is_match(line)).count();
    let is_rule = |line: &&str| line.trim().len() > 3 && line.trim().chars().all(|c| c == '-');
    // A table has its borders below each other, boxes stand anywhere.
    let mut indents = lines.iter().filter(|line| line.trim_start().starts_with("+-")).map(|line| line.find('+'));
    let first = indents.next();
    if indents.any(|indent| Some(indent) != first) {
        return Some(Reading::certain(Class::Prose, "text", "a drawing"));
    }
    // A rule under one narrow column, or above what is counted at the end.
    let is_narrow = || {
        lines.len() > 2
            && lines[1].len() > 2
            && lines[1].chars().all(|c| c == '-')
            && lines[0].starts_with(' ')
            && lines[2].starts_with(' ')
    };
    let is_counted = || {
        let counts = |line: &&str| line.starts_with('(') && (line.ends_with(" rows)") || line == &"(1 row)");
        lines.last().is_some_and(counts) && lines.iter().any(is_rule)
    };
    if (borders > 0 && lines.len() > 2) || lines.get(1).is_some_and(is_rule) || is_narrow() || is_counted() {
        return reading();
    }
    if CAPITAL_HEAD.is_match(text.first()) || KNOWN_HEAD.is_match(text.first()) {
        return reading();
    }
    if text.content.iter().any(|line| KNOWN_HEAD.is_match(line)) && !text.content.is_empty() {
        return reading();
    }
    if text.mostly(&STATE, 1, 2) || (text.fitting(&STATE) > 1 && STATE.is_match(text.first())) {
        return reading();
    }
    let columns = |line: &&&str| line.trim_start().split("  ").filter(|cell| !cell.trim().is_empty()).count() > 2;
    let wide = text.content.iter().filter(columns).count();
    (wide > 2 && wide * 4 >= text.content.len() * 3)
        .then(|| Reading::likely(Class::Output, "text", "a table that a program prints"))
}
