//! The labels that real pages write after a fence, and what they mean.

use crate::runbook::Class;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a label stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    /// One name for all the labels of a language.
    pub(super) language: &'static str,
    pub(super) class: Class,
}

/// A language, its class, and the labels that mean it.
type Row = (&'static str, Class, &'static str);

/// Labels as real pages write them, in lower case. A language comes once for
/// each class.
const LANGUAGES: &[Row] = &[
    (
        "bash",
        Class::Shell,
        "bash sh shell shellscript shell-script ash dash ksh azurecli azurecli-interactive gcloud aws cli \
        commandline command cmdline linux bash-script sh-script bashscript unix ksh93 mksh posix \
        posix-sh posix-shell commands cmds command-line awscli aws-cli azcli azure-cli cloudshell \
        cloud-shell gcloud-cli kubectl k8s-cli docker docker-cli git npm yarn pnpm pip apt brew curl ssh \
        heroku oc openshift helm-cli vault redhat ubuntu debian centos macos osx mac linux-shell \
        unix-shell",
    ),
    ("zsh", Class::Shell, "zsh"),
    ("fish", Class::Shell, "fish"),
    (
        "bash",
        Class::Session,
        "console shell-session shellsession sh-session bash-session terminal term tty ansi \
        console-session bash-console sh-console terminal-session zsh-session cli-session",
    ),
    (
        "sql",
        Class::Sql,
        "sql ansisql ddl dml sql-query sqlquery bigquery googlesql standard-sql snowflake redshift athena \
        presto trino spark-sql sparksql hql hiveql clickhouse duckdb cockroachdb crdb",
    ),
    (
        "postgresql",
        Class::Sql,
        "postgresql postgres psql pgsql plpgsql pg postgre postgresql-console plpg timescaledb \
        psql-session",
    ),
    ("mysql", Class::Sql, "mysql mariadb mysql-console mariadb-console"),
    ("sqlite", Class::Sql, "sqlite sqlite3 sqlite-console"),
    ("tsql", Class::Sql, "tsql t-sql mssql sqlserver"),
    ("plsql", Class::Sql, "plsql oracle"),
    (
        "pwsh",
        Class::Script,
        "powershell pwsh ps1 ps posh powershell-interactive azurepowershell azurepowershell-interactive \
        power-shell pwsh-session ps1con powershellscript psh pwsh-interactive azpowershell",
    ),
    ("python", Class::Script, "python py python3 py3 python2 pycon python-console python-repl ipython py2 django"),
    ("node", Class::Script, "javascript js node nodejs mjs cjs es6 ecmascript"),
    ("ruby", Class::Script, "ruby rb irb rails"),
    ("perl", Class::Script, "perl pl"),
    ("php", Class::Script, "php"),
    ("lua", Class::Script, "lua"),
    ("r", Class::Script, "r rscript"),
    ("cmd", Class::Script, "cmd bat batch batchfile dos dosbatch winbatch windows command-prompt"),
    (
        "output",
        Class::Output,
        "output stdout stderr result results expected expected-output console-output program-output \
        sample-output example-output response expected-result text-output",
    ),
    (
        "log",
        Class::Output,
        "log logs syslog logfile error errors traceback pytb stacktrace stack-trace stack trace dmesg \
        journal",
    ),
    (
        "yaml",
        Class::Config,
        "yaml yml k8s kubernetes docker-compose compose ansible helmfile openapi swagger cloudformation \
        kubernetes-manifest manifest github-actions gitlab-ci playbook",
    ),
    ("json", Class::Config, "json jsonc json5 jsonl ndjson geojson hjson json-ld har ipynb"),
    ("toml", Class::Config, "toml cargo-toml"),
    (
        "ini",
        Class::Config,
        "ini conf cfg config properties systemd service desktop inifile editorconfig gitconfig git-config \
        unit systemd-unit sshconfig ssh-config ssh_config hosts configuration settings sysctl udev netrc \
        npmrc java-properties",
    ),
    ("file", Class::Config, "file file-content file-contents"),
    ("hcl", Class::Config, "hcl terraform tf tfvars nomad packer opentofu tofu sentinel bicep"),
    ("dockerfile", Class::Config, "dockerfile containerfile"),
    ("env", Class::Config, "env dotenv .env"),
    ("nginx", Class::Config, "nginx nginxconf haproxy caddy caddyfile vcl varnish traefik envoy"),
    ("apache", Class::Config, "apache apacheconf htaccess apache-config httpd"),
    ("xml", Class::Config, "xml xsd plist svg xslt pom wsdl maven"),
    ("html", Class::Config, "html vue svelte htm xhtml erb"),
    ("css", Class::Config, "css scss less sass stylus"),
    ("makefile", Class::Config, "makefile make just justfile mk cmake"),
    ("cron", Class::Config, "cron crontab"),
    ("csv", Class::Config, "csv tsv"),
    ("diff", Class::Config, "diff patch udiff git-diff"),
    ("http", Class::Config, "http https rest rest-client url urls uri"),
    ("graphql", Class::Config, "graphql gql"),
    ("protobuf", Class::Config, "protobuf proto"),
    ("go-template", Class::Config, "jinja jinja2 j2 gotmpl go-template helm liquid"),
    ("vim", Class::Config, "vim viml"),
    ("typescript", Class::Config, "typescript ts tsx jsx"),
    ("go", Class::Config, "go golang"),
    ("rust", Class::Config, "rust rs"),
    ("java", Class::Config, "java"),
    ("kotlin", Class::Config, "kotlin kt"),
    ("scala", Class::Config, "scala"),
    ("groovy", Class::Config, "groovy gradle jenkinsfile"),
    ("c", Class::Config, "c h"),
    ("cpp", Class::Config, "cpp c++ cxx cc"),
    ("csharp", Class::Config, "csharp cs c#"),
    ("swift", Class::Config, "swift"),
    ("elixir", Class::Config, "elixir ex exs erlang"),
    (
        "text",
        Class::Prose,
        "text txt plaintext plain none no-highlight nohighlight raw text-only example note nolang no-lang \
        unformatted pseudo pseudocode comment comments tree file-tree directory filetree folders dirtree \
        message email slack quote admonition attention caution danger hint important info notice seealso tip \
        warning",
    ),
    (
        "markdown",
        Class::Prose,
        "markdown md mdx mdown gfm commonmark rmarkdown rmd tab-set tab-item dropdown card grid figure image \
        list-table csv-table toctree literalinclude",
    ),
    (
        "mermaid",
        Class::Prose,
        "mermaid plantuml puml dot graphviz ascii asciidoc rst latex tex flowchart sequence \
        sequence-diagram diagram flow d2 ditaa ascii-art asciiart chart math katex",
    ),
    ("tcsh", Class::Script, "csh tcsh"),
    ("nu", Class::Script, "nu nushell"),
    ("awk", Class::Config, "awk sed jq regex regexp"),
    ("mongosh", Class::Script, "mongo mongosh mongodb mongo-shell"),
    ("redis-cli", Class::Script, "redis redis-cli"),
    ("cqlsh", Class::Script, "cql cqlsh cassandra"),
    ("gitignore", Class::Config, "gitignore dockerignore ignore codeowners"),
    ("promql", Class::Config, "promql metricsql prometheus prom"),
    ("logql", Class::Config, "logql loki"),
    (
        "query",
        Class::Config,
        "kql kusto kusto-query spl splunk lucene kibana esql eql influxql flux sumologic datadog newrelic \
        nrql insights cloudwatch-insights cypher sparql gremlin query traceql jql xpath jsonpath cel",
    ),
    ("puppet", Class::Config, "puppet pp chef salt sls"),
    ("rego", Class::Config, "rego jsonnet libsonnet cue dhall nix starlark bazel bzl"),
    (
        "dart",
        Class::Config,
        "dart haskell hs ocaml ml clojure clj fsharp f# julia jl objective-c objc vb vbnet vba solidity \
        sol asm nasm assembly zig nim d pascal fortran matlab scheme lisp elisp elm purescript crystal",
    ),
];

/// What other tools put before the language.
const PREFIXES: [&str; 7] = ["language-", "lang-", "highlight-source-", "highlight-", "source-", "src-", "code-"];

/// What `label` (lower-case) means. The name of a file means the language of
/// its ending.
pub(super) fn meaning(label: &str) -> Option<Meaning> {
    let label = PREFIXES.iter().find_map(|prefix| label.strip_prefix(prefix)).unwrap_or(label);
    let label = label.strip_prefix("#!").map_or(label, |program| program.rsplit('/').next().unwrap_or(program));
    let ending = || named(label.rsplit_once('.').filter(|(name, _)| !name.is_empty())?.1);
    named(label).or_else(ending)
}

/// Whether this label, in lower case, says that a block is for a shell or a
/// database.
#[must_use]
pub fn is_for_shell_or_sql(label: &str) -> bool {
    meaning(label).is_some_and(|meaning| matches!(meaning.class, Class::Shell | Class::Session | Class::Sql))
}

/// What each label means; of several rows the first.
static MEANINGS: LazyLock<HashMap<&'static str, Meaning>> = LazyLock::new(|| {
    let mut meanings = HashMap::with_capacity(1024);
    for (language, class, labels) in LANGUAGES {
        for label in labels.split_whitespace() {
            meanings.entry(label).or_insert(Meaning { language, class: *class });
        }
    }
    meanings
});

fn named(label: &str) -> Option<Meaning> {
    MEANINGS.get(label).copied()
}

#[cfg(test)]
mod tests {
    use super::LANGUAGES;
    use std::collections::HashSet;

    #[test]
    fn no_label_means_two_things_and_all_are_in_lower_case() {
        let mut seen = HashSet::new();
        for label in LANGUAGES.iter().flat_map(|(_, _, labels)| labels.split_whitespace()) {
            assert!(seen.insert(label), "{label} is there twice");
            assert_eq!(label, label.to_lowercase());
        }
    }
}
