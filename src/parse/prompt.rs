//! The prompts that consoles write before what is typed.

use regex::bytes::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// Who writes a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Console {
    Shell,
    PowerShell,
    /// The command line of Windows.
    Cmd,
    Python,
    Ruby,
    Postgres,
    Mysql,
    Sqlite,
    /// A database that is not named.
    Sql,
    Redis,
    Mongo,
    Cassandra,
}

impl Console {
    /// The language of what is typed there.
    pub(super) fn language(self) -> &'static str {
        match self {
            Self::Shell => "bash",
            Self::PowerShell => "pwsh",
            Self::Cmd => "cmd",
            Self::Python => "python",
            Self::Ruby => "ruby",
            Self::Postgres => "postgresql",
            Self::Mysql => "mysql",
            Self::Sqlite => "sqlite",
            Self::Sql => "sql",
            Self::Redis => "redis-cli",
            Self::Mongo => "mongosh",
            Self::Cassandra => "cqlsh",
        }
    }

    /// Whether statements go on until a `;`.
    pub(super) fn takes_sql(self) -> bool {
        matches!(self, Self::Postgres | Self::Mysql | Self::Sqlite | Self::Sql | Self::Cassandra)
    }
}

/// A prompt at the beginning of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prompt {
    pub(super) console: Console,
    /// Its length in bytes, with the white space around it.
    pub(super) length: usize,
}

/// What `line` begins with, if that is a prompt.
pub(super) fn prompt(line: &str) -> Option<Prompt> {
    if let Some(length) = shell(line) {
        return Some(Prompt { console: Console::Shell, length });
    }
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let (console, end) =
        OTHERS.iter().find_map(|(console, pattern)| Some((*console, pattern.find(text.as_bytes())?.end())))?;
    let (written, typed) = text.split_at(end);
    let is_prompt = match console {
        // `key=> value` is written elsewhere too.
        Console::Postgres => is_for_postgres(typed),
        Console::Mongo if !written.contains(['[', ':']) => {
            typed == "db" || ["db.", "rs.", "sh.", "show ", "use "].iter().any(|begin| typed.starts_with(begin))
        }
        _ => true,
    };
    is_prompt.then_some(Prompt { console, length: indent + end })
}

/// What stands before a line that goes on with a command of `console`.
pub(super) fn continuation(console: Console, line: &str) -> Option<usize> {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let length = match console {
        Console::Shell => text.strip_prefix("> ").map(|_| 2).or((text == ">").then_some(1)),
        Console::PowerShell => text.strip_prefix(">>").map(|rest| 2 + usize::from(rest.starts_with(' '))),
        Console::Python => (text == "...").then_some(3).or_else(|| text.strip_prefix("... ").map(|_| 4)),
        Console::Postgres => POSTGRES_CONTINUATION.find(text.as_bytes()).map(|found| found.end()),
        Console::Mysql => MYSQL_CONTINUATION.find(line.as_bytes()).map(|found| found.end() - indent),
        Console::Sqlite => (text == "...>").then_some(4).or_else(|| text.strip_prefix("...> ").map(|_| 5)),
        Console::Sql => text.strip_prefix("-> ").map(|_| 3),
        Console::Ruby | Console::Mongo => text.strip_prefix("... ").map(|_| 4),
        Console::Cassandra => text.strip_prefix("... ").map(|_| 4),
        Console::Cmd | Console::Redis => None,
    };
    length.map(|length| indent + length)
}

/// All of these end in an ASCII character or at the line's end, so what they
/// find ends where a character does; without Unicode's tables they are cheap.
fn pattern(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).unicode(false).build().expect("the pattern is a constant, and tested")
}

static OTHERS: LazyLock<[(Console, Regex); 10]> = LazyLock::new(|| {
    [
        (Console::PowerShell, pattern(r"^(?:\[[\w.-]+\]: )?PS(?: [A-Za-z]:[^>]*| [/~][^>]*)?> ?")),
        (Console::Cmd, pattern(r"^[A-Za-z]:\\[^<>|]*> ?")),
        (Console::Python, pattern(r"^>>>(?: |$)")),
        (Console::Ruby, pattern(r"^(?:irb\([^)]*\)(?::\d+)*(?::\d+)?[>*](?: |$)|\[\d+\] pry\([^)]*\)> ?)")),
        (Console::Mysql, pattern(r"^(?:(?i:mysql|mariadb)(?: \[[^\]]*\])?|MySQL .{1,60}SQL ?)>(?: |$)")),
        (Console::Sqlite, pattern(r"^sqlite>(?: |$)")),
        (
            Console::Redis,
            pattern(
                r"^(?:redis(?: [\w.:/-]+)?|(?:\d{1,3}\.){3}\d{1,3}:\d+|localhost:\d+)(?:\[\d+\])?(?:\(TX\))?>(?: |$)",
            ),
        ),
        (Console::Cassandra, pattern(r"^(?:\w+@)?cqlsh(?::\w+)?>(?: |$)")),
        (
            Console::Mongo,
            pattern(
                r"^(?:[\w-]+(?: [\w-]+)? \[(?:primary|secondary|direct: \w+)\] \w*> ?|\w+:(?:PRIMARY|SECONDARY)> ?|(?:mongosh|mongo|mongos|test|admin|local)> )",
            ),
        ),
        (Console::Postgres, pattern(r"^[A-Za-z_][\w.-]*=[*!]?[#>](?: |$)")),
    ]
});

static POSTGRES_CONTINUATION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^[A-Za-z_][\w.-]*[-('"$][*!]?[#>](?: |$)"#));
static MYSQL_CONTINUATION: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\s+[-'"`]>(?: |$)"#));

/// Whether this is what is typed into psql.
fn is_for_postgres(typed: &str) -> bool {
    const VERBS: &str = "select with insert update delete create alter drop truncate begin commit rollback explain \
        analyze vacuum reindex show set reset grant revoke copy do call table values listen notify checkpoint";
    let word: String = typed.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    typed.is_empty() || typed.starts_with('\\') || VERBS.split_whitespace().any(|verb| verb == word)
}

/// Length of a shell's prompt, with the white space before it: `$ `,
/// `user@host:~$ `, `[root@host ~]# `, `sh-5.2$ `, `% `.
fn shell(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    let text = &line[indent..];
    if let Some(sign) = ["$ ", "$> ", "% ", "❯ ", "➜ "].iter().find(|sign| text.starts_with(**sign)) {
        return Some(indent + sign.len());
    }
    if matches!(text, "$" | "%") {
        return Some(line.len());
    }
    let end = text.find(['$', '#'])?;
    let after = &text[end + 1..];
    let space = after.chars().next().map_or(0, char::len_utf8);
    if !after.is_empty() && !after.starts_with(' ') {
        return None;
    }
    is_host(text[..end].trim_end()).then_some(indent + end + 1 + space)
}

/// Whether `text` is what shells write before `$` or `#`.
fn is_host(text: &str) -> bool {
    let text = match text.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((_, rest)) => rest.trim_start(),
        None => text,
    };
    if let Some(version) = ["sh-", "bash-", "zsh-"].iter().find_map(|shell| text.strip_prefix(shell)) {
        return version.chars().all(|c| c.is_ascii_digit() || c == '.') && !version.is_empty();
    }
    let text = match text.strip_prefix('[') {
        Some(inner) => match inner.strip_suffix(']') {
            Some(inner) => inner,
            None => return false,
        },
        None if text.contains(' ') && !text.contains(":~") => return false,
        None => text,
    };
    // In a container, root stands in a folder without a host, and a shell that
    // knows neither writes its own name.
    if matches!(text, "/" | "~" | "bash" | "sh") {
        return true;
    }
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let Some((user, host)) = text.split_once('@') else {
        return text.split_once(':').is_some_and(|(host, folder)| {
            // Some hosts are instances of a group: `web/3:~$`.
            let is_home = folder.starts_with('~');
            !host.is_empty()
                && host.chars().all(|c| is_name(c) || (is_home && c == '/'))
                && folder.starts_with(['/', '~'])
                && !folder.contains("//")
        });
    };
    let host = host.split([':', ' ']).next().unwrap_or_default();
    let user = user.trim_matches(['<', '>']);
    let host = host.trim_matches(['<', '>']);
    !user.is_empty() && user.chars().all(is_name) && !host.is_empty() && host.chars().all(is_name)
}
