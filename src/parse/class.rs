//! What kind of code a block holds: by its label, by prompts in it, and by
//! what stands before it.

use super::session;
use crate::runbook::Class;

/// What stands directly before a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// Nothing that tells anything.
    Free,
    /// A block that is run, with nothing between.
    AfterCommand,
    /// Words that announce output, such as "Expected output:".
    AfterAnnouncement,
}

/// What a block turned out to be.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) class: Class,
    pub(super) language: String,
    pub(super) why: String,
    /// What to execute, where that is not the code as it stands.
    pub(super) run: Option<String>,
    /// The output that stands among its commands.
    pub(super) expects: Option<String>,
}

/// A language, its class, and the labels that mean it.
type Row = (&'static str, Class, &'static [&'static str]);

/// Labels as real pages write them. A language comes once for each class.
const LANGUAGES: &[Row] = &[
    (
        "bash",
        Class::Shell,
        &[
            "bash",
            "sh",
            "shell",
            "shellscript",
            "shell-script",
            "ash",
            "dash",
            "ksh",
            "azurecli",
            "azurecli-interactive",
            "gcloud",
            "aws",
            "cli",
            "commandline",
            "command",
            "cmdline",
            "linux",
        ],
    ),
    ("zsh", Class::Shell, &["zsh"]),
    ("fish", Class::Shell, &["fish"]),
    (
        "bash",
        Class::Session,
        &["console", "shell-session", "shellsession", "sh-session", "bash-session", "terminal", "term", "tty", "ansi"],
    ),
    ("sql", Class::Sql, &["sql", "ansisql", "ddl", "dml"]),
    ("postgresql", Class::Sql, &["postgresql", "postgres", "psql", "pgsql", "plpgsql"]),
    ("mysql", Class::Sql, &["mysql", "mariadb"]),
    ("sqlite", Class::Sql, &["sqlite", "sqlite3"]),
    ("tsql", Class::Sql, &["tsql", "t-sql", "mssql", "sqlserver"]),
    ("plsql", Class::Sql, &["plsql", "oracle"]),
    (
        "pwsh",
        Class::Script,
        &[
            "powershell",
            "pwsh",
            "ps1",
            "ps",
            "posh",
            "powershell-interactive",
            "azurepowershell",
            "azurepowershell-interactive",
        ],
    ),
    ("python", Class::Script, &["python", "py", "python3", "py3"]),
    ("node", Class::Script, &["javascript", "js", "node", "nodejs", "mjs", "cjs"]),
    ("ruby", Class::Script, &["ruby", "rb"]),
    ("perl", Class::Script, &["perl", "pl"]),
    ("php", Class::Script, &["php"]),
    ("lua", Class::Script, &["lua"]),
    ("r", Class::Script, &["r", "rscript"]),
    ("cmd", Class::Script, &["cmd", "bat", "batch", "batchfile", "dos"]),
    ("output", Class::Output, &["output", "stdout", "stderr", "result", "results", "expected", "expected-output"]),
    ("log", Class::Output, &["log", "logs", "syslog"]),
    ("yaml", Class::Config, &["yaml", "yml", "k8s", "kubernetes", "docker-compose"]),
    ("json", Class::Config, &["json", "jsonc", "json5", "jsonl", "ndjson"]),
    ("toml", Class::Config, &["toml"]),
    ("ini", Class::Config, &["ini", "conf", "cfg", "config", "properties", "systemd", "service", "desktop"]),
    ("hcl", Class::Config, &["hcl", "terraform", "tf", "tfvars"]),
    ("dockerfile", Class::Config, &["dockerfile", "docker", "containerfile"]),
    ("env", Class::Config, &["env", "dotenv", ".env"]),
    ("nginx", Class::Config, &["nginx", "nginxconf"]),
    ("apache", Class::Config, &["apache", "apacheconf", "htaccess"]),
    ("xml", Class::Config, &["xml", "xsd", "plist"]),
    ("html", Class::Config, &["html", "vue", "svelte"]),
    ("css", Class::Config, &["css", "scss", "less"]),
    ("makefile", Class::Config, &["makefile", "make", "just", "justfile"]),
    ("cron", Class::Config, &["cron", "crontab"]),
    ("csv", Class::Config, &["csv", "tsv"]),
    ("diff", Class::Config, &["diff", "patch"]),
    ("http", Class::Config, &["http"]),
    ("graphql", Class::Config, &["graphql", "gql"]),
    ("protobuf", Class::Config, &["protobuf", "proto"]),
    ("go-template", Class::Config, &["jinja", "jinja2", "j2", "gotmpl", "go-template", "helm", "liquid"]),
    ("vim", Class::Config, &["vim", "viml"]),
    ("typescript", Class::Config, &["typescript", "ts", "tsx", "jsx"]),
    ("go", Class::Config, &["go", "golang"]),
    ("rust", Class::Config, &["rust", "rs"]),
    ("java", Class::Config, &["java"]),
    ("kotlin", Class::Config, &["kotlin", "kt"]),
    ("scala", Class::Config, &["scala"]),
    ("groovy", Class::Config, &["groovy", "gradle", "jenkinsfile"]),
    ("c", Class::Config, &["c", "h"]),
    ("cpp", Class::Config, &["cpp", "c++", "cxx", "cc"]),
    ("csharp", Class::Config, &["csharp", "cs", "c#"]),
    ("swift", Class::Config, &["swift"]),
    ("elixir", Class::Config, &["elixir", "ex", "exs", "erlang"]),
    ("text", Class::Prose, &["text", "txt", "plaintext", "plain", "none", "no-highlight", "nohighlight", "raw"]),
    ("markdown", Class::Prose, &["markdown", "md", "mdx", "mdown"]),
    (
        "mermaid",
        Class::Prose,
        &["mermaid", "plantuml", "puml", "dot", "graphviz", "ascii", "asciidoc", "rst", "latex", "tex"],
    ),
];

/// First words of lines that are commands, in an unlabelled block that might
/// else be taken for output.
const COMMANDS: &[&str] = &[
    "apt",
    "apt-get",
    "aws",
    "az",
    "bash",
    "brew",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cp",
    "curl",
    "dig",
    "dnf",
    "docker",
    "docker-compose",
    "echo",
    "export",
    "find",
    "gcloud",
    "gh",
    "git",
    "grep",
    "helm",
    "journalctl",
    "kill",
    "kubectl",
    "ls",
    "make",
    "mkdir",
    "mv",
    "mysql",
    "npm",
    "npx",
    "oc",
    "openssl",
    "pip",
    "ping",
    "pnpm",
    "podman",
    "psql",
    "python",
    "python3",
    "rm",
    "rsync",
    "scp",
    "sed",
    "service",
    "sh",
    "source",
    "sqlite3",
    "ssh",
    "sudo",
    "systemctl",
    "tail",
    "tar",
    "terraform",
    "touch",
    "vault",
    "wget",
    "yarn",
    "yum",
];

/// Tells what kind of code `code` under `label` (lower-case) is.
pub(super) fn tell(label: &str, code: &str, context: Context) -> Told {
    let known = LANGUAGES.iter().find(|(_, _, labels)| labels.contains(&label));
    let language = known.map_or(label, |(language, _, _)| language);
    let class = known.map(|(_, class, _)| *class);
    if let Some(told) = told_by_context(label, language, class, code, context) {
        return told;
    }
    if matches!(class, None | Some(Class::Shell | Class::Session))
        && (class.is_some() || label.is_empty())
        && let Some(session) = session::read(code, class == Some(Class::Session))
    {
        let why = match class {
            Some(Class::Session) => format!("labelled `{label}`, its commands follow prompts"),
            Some(_) => format!("labelled `{label}`, but its commands follow prompts"),
            None => "unlabelled, its commands follow prompts".to_owned(),
        };
        let language = if language.is_empty() { "bash" } else { language };
        return Told {
            class: Class::Session,
            language: language.to_owned(),
            why,
            run: Some(session.commands),
            expects: session.output,
        };
    }
    match class {
        // Without prompts a session is nothing but commands.
        Some(Class::Session) => plain(Class::Shell, language, format!("labelled `{label}`, without prompts")),
        Some(class) => plain(class, language, by_label(label, class)),
        None if label.is_empty() => plain(Class::Unknown, "", "unlabelled".to_owned()),
        None => plain(Class::Unknown, language, format!("labelled `{label}`, which is no language this tool knows")),
    }
}

fn plain(class: Class, language: &str, why: String) -> Told {
    Told { class, language: language.to_owned(), why, run: None, expects: None }
}

fn by_label(label: &str, class: Class) -> String {
    let meaning = match class {
        Class::Shell | Class::Session => "shell commands",
        Class::Sql => "SQL",
        Class::Script => "a program for another interpreter",
        Class::Output => "output",
        Class::Config => "the content of a file",
        Class::Prose => "text",
        Class::Unknown => "unknown",
    };
    format!("labelled `{label}`: {meaning}")
}

/// Output is called output only where the page makes it plain.
fn told_by_context(label: &str, language: &str, class: Option<Class>, code: &str, context: Context) -> Option<Told> {
    let unlabelled = label.is_empty();
    let is_text = language == "text";
    let is_data = matches!(class, Some(Class::Config)) && matches!(language, "json" | "yaml" | "xml" | "csv" | "http");
    match context {
        Context::AfterAnnouncement if unlabelled || is_text || is_data => session::is_free_of_prompts(code)
            .then(|| plain(Class::Output, language, "the page announces it as output".to_owned())),
        Context::AfterCommand if is_text || (unlabelled && !starts_with_command(code)) => {
            let why = "directly after a command, without a language of its own".to_owned();
            session::is_free_of_prompts(code).then(|| plain(Class::Output, language, why))
        }
        _ => None,
    }
}

fn starts_with_command(code: &str) -> bool {
    let line = code.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let first = line.and_then(|line| line.split_whitespace().next()).unwrap_or_default();
    first.starts_with("./") || COMMANDS.contains(&first)
}
