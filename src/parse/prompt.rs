//! The prompts that consoles write before what is typed.

use regex::bytes::{Regex, RegexBuilder};
use std::sync::{LazyLock, OnceLock};

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
    // Each of them ends in one of these.
    if !text.contains(['>', '#', '*']) {
        return None;
    }
    let (console, end) = OTHERS.iter().find_map(|other| Some((other.console, other.end(text)?)))?;
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

/// The prompt of another console than a shell's.
struct Other {
    console: Console,
    /// Whether a line can begin with it at all: hardly one does, so that hardly
    /// a pattern is ever built.
    may_begin: fn(&str) -> bool,
    written: &'static str,
    built: OnceLock<Regex>,
}

impl Other {
    const fn new(console: Console, may_begin: fn(&str) -> bool, written: &'static str) -> Self {
        Self { console, may_begin, written, built: OnceLock::new() }
    }

    /// Where the prompt that `line` begins with ends.
    fn end(&self, line: &str) -> Option<usize> {
        if (self.may_begin)(line) { self.find(line) } else { None }
    }

    fn find(&self, line: &str) -> Option<usize> {
        let found = self.built.get_or_init(|| pattern(self.written)).find(line.as_bytes());
        found.map(|found| found.end())
    }
}

static OTHERS: [Other; 10] = [
    Other::new(
        Console::PowerShell,
        |line| line.starts_with("PS") || (line.starts_with('[') && line.contains("]: PS")),
        r"^(?:\[[\w.-]+\]: )?PS(?: [A-Za-z]:[^>]*| [/~][^>]*)?> ?",
    ),
    Other::new(Console::Cmd, |line| line.get(1..3) == Some(":\\"), r"^[A-Za-z]:\\[^<>|]*> ?"),
    Other::new(Console::Python, |line| line.starts_with(">>>"), r"^>>>(?: |$)"),
    Other::new(
        Console::Ruby,
        |line| line.starts_with("irb(") || (line.starts_with('[') && line.contains("] pry(")),
        r"^(?:irb\([^)]*\)(?::\d+)*(?::\d+)?[>*](?: |$)|\[\d+\] pry\([^)]*\)> ?)",
    ),
    Other::new(
        Console::Mysql,
        |line| line.starts_with(['m', 'M']) && line.contains('>'),
        r"^(?:(?i:mysql|mariadb)(?:@[\w.-]+)?(?: \[[^\]]*\])?|MySQL .{1,60}SQL ?)>(?: |$)",
    ),
    Other::new(Console::Sqlite, |line| line.starts_with("sqlite>"), r"^sqlite>(?: |$)"),
    Other::new(
        Console::Redis,
        |line| {
            let is_address = line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(':');
            (is_address || line.starts_with("redis") || line.starts_with("valkey") || line.starts_with("localhost:"))
                && line.contains('>')
        },
        r"^(?:(?:redis|valkey)(?: [\w.:/-]+)?|(?:\d{1,3}\.){3}\d{1,3}:\d+|localhost:\d+)(?:\[\d+\])?(?:\(TX\))?>(?: |$)",
    ),
    Other::new(Console::Cassandra, |line| line.contains("cqlsh"), r"^(?:\w+@)?cqlsh(?::\w+)?>(?: |$)"),
    Other::new(
        Console::Mongo,
        |line| {
            let database = line.split('>').next().unwrap_or_default();
            let is_member = [" [primary]", " [secondary]", " [direct: ", ":PRIMARY", ":SECONDARY"];
            line.contains('>')
                && (is_member.iter().any(|part| database.contains(part))
                    || ["mongosh", "mongo", "mongos", "test", "admin", "local"].contains(&database))
        },
        r"^(?:[\w-]+(?: [\w-]+)? \[(?:primary|secondary|direct: \w+)\] \w*> ?|\w+:(?:PRIMARY|SECONDARY)> ?|(?:mongosh|mongo|mongos|test|admin|local)> )",
    ),
    Other::new(
        Console::Postgres,
        |line| ["=#", "=>", "=*", "=!"].iter().any(|sign| line.contains(sign)),
        r"^[A-Za-z_][\w.-]*=[*!]?[#>](?: |$)",
    ),
];

static POSTGRES_CONTINUATION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^[A-Za-z_][\w.-]*[-('"$][*!]?[#>](?: |$)"#));
static MYSQL_CONTINUATION: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^\s+[-'"`]>(?: |$)"#));

/// Whether this is what is typed into psql.
pub(super) fn is_for_postgres(typed: &str) -> bool {
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
        // No command is named by a number; sums and counters are.
        let typed = text[sign.len()..].split_whitespace().next().unwrap_or_default();
        let is_number = typed.starts_with(|c: char| c.is_ascii_digit())
            && typed.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'%'));
        return (!is_number).then_some(indent + sign.len());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_that_begins_with_a_prompt_is_looked_at() {
        for (line, console) in [
            ("PS C:\\Users> ls", Console::PowerShell),
            ("PS> ls", Console::PowerShell),
            ("PS /home/a> ls", Console::PowerShell),
            ("[host.a-1]: PS C:\\> ls", Console::PowerShell),
            ("C:\\Users\\a> dir", Console::Cmd),
            (">>> 1", Console::Python),
            ("irb(main):001:0> 1", Console::Ruby),
            ("irb(main):001:0* 1", Console::Ruby),
            ("[1] pry(main)> 1", Console::Ruby),
            ("mysql> SELECT 1;", Console::Mysql),
            ("MariaDB [(none)]> SELECT 1;", Console::Mysql),
            ("mysql@db-2> SELECT 1;", Console::Mysql),
            ("MySQL  db:3306 ssl  SQL > SELECT 1;", Console::Mysql),
            ("sqlite> .tables", Console::Sqlite),
            ("127.0.0.1:6379> GET a", Console::Redis),
            ("redis db:6379[1](TX)> GET a", Console::Redis),
            ("valkey 127.0.0.1:6379> INFO", Console::Redis),
            ("localhost:6379> GET a", Console::Redis),
            ("cqlsh> SELECT 1;", Console::Cassandra),
            ("a@cqlsh:b> SELECT 1;", Console::Cassandra),
            ("rs0 [primary] admin> db.a.find()", Console::Mongo),
            ("Atlas rs0 [direct: primary] > x", Console::Mongo),
            ("rs0:SECONDARY> db.a.find()", Console::Mongo),
            ("admin> db.a.find()", Console::Mongo),
            ("db=# SELECT 1;", Console::Postgres),
            ("db=> SELECT 1;", Console::Postgres),
            ("db=*# SELECT 1;", Console::Postgres),
            ("db=!> SELECT 1;", Console::Postgres),
        ] {
            let other = OTHERS.iter().find(|other| other.console == console).expect("it is one of them");
            assert_eq!(other.end(line), other.find(line), "{line}");
            assert_eq!(prompt(line).map(|found| found.console), Some(console), "{line}");
        }
        for line in ["ls > a", "echo a => b", "M > x", "test > x", "a=#b", "1: > x", "[x] > y", "# a"] {
            for other in &OTHERS {
                assert_eq!(other.end(line), other.find(line), "{line}");
            }
        }
    }
}
