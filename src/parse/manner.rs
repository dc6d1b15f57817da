//! How a title says that what stands under it is one of several ways.

/// How a title says that it is one of several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// It does not.
    None,
    /// It names a tool, a medium or a system: "Heroku CLI", "Via the API".
    Means,
    /// It counts: "Option A", "Method 2".
    Numbered,
    /// It refers to what stands before it: "Alternative", "Or with curl".
    Instead,
}

/// Media and tools by which things are done.
const MEANS: &[&str] = &[
    "terminal",
    "shell",
    "ui",
    "webui",
    "web",
    "web console",
    "web interface",
    "browser",
    "dashboard",
    "console",
    "portal",
    "api",
    "rest api",
    "http api",
    "curl",
    "sql",
    "psql",
    "pgadmin",
    "mysql",
    "python",
    "node",
    "script",
    "local dev",
    "local development",
    "homebrew",
    "apt",
    "yum",
    "dnf",
    "docker",
    "docker compose",
    "docker-compose",
    "podman",
    "kubernetes",
    "k8s",
    "kubectl",
    "helm",
    "openshift",
    "systemd",
    "systemctl",
    "ansible",
    "terraform",
    "aws",
    "azure",
    "gcp",
    "gcloud",
    "google cloud",
    "heroku",
    "railway",
    "vercel",
    "netlify",
    "render",
    "supabase",
    "fly.io",
    "digitalocean",
    "cloudflare",
    "github",
    "gitlab",
    "github actions",
    "argocd",
    "bare metal",
    "manual",
    "manually",
    "automatic",
    "automated",
];

/// Words that begin an instruction: then a tool's name behind them is what
/// something is done to.
const VERBS: &[&str] = &[
    "access",
    "add",
    "backup",
    "build",
    "call",
    "change",
    "check",
    "clean",
    "clear",
    "configure",
    "confirm",
    "connect",
    "create",
    "debug",
    "delete",
    "deploy",
    "disable",
    "enable",
    "export",
    "find",
    "fix",
    "get",
    "import",
    "inspect",
    "install",
    "kill",
    "launch",
    "list",
    "log",
    "login",
    "migrate",
    "monitor",
    "move",
    "notify",
    "open",
    "pause",
    "query",
    "rebuild",
    "redeploy",
    "reload",
    "remove",
    "reset",
    "restart",
    "restore",
    "resume",
    "review",
    "rollback",
    "run",
    "scale",
    "see",
    "set",
    "setup",
    "show",
    "start",
    "stop",
    "sync",
    "test",
    "troubleshoot",
    "uninstall",
    "update",
    "upgrade",
    "use",
    "verify",
    "view",
    "wait",
    "watch",
];

/// How `title` says that it is one of several ways.
pub(super) fn manner(title: &str) -> Manner {
    let title = title.trim_end_matches([':', ' ']).to_lowercase();
    let (base, aside) = match title.split_once('(') {
        Some((base, aside)) => (base.trim(), aside.trim_end_matches([')', ' '])),
        None => (title.trim(), ""),
    };
    let words: Vec<&str> = base.split_whitespace().collect();
    let Some((&first, rest)) = words.split_first() else { return Manner::None };
    if matches!(first, "option" | "method" | "approach" | "alternative" | "variant" | "way")
        && rest.first().is_some_and(|next| is_ordinal(next))
    {
        return Manner::Numbered;
    }
    let opens = match first.trim_end_matches([',', ':']) {
        "or" | "alternatively" => true,
        // "Alternative names" are no other way.
        "alternative" => {
            let goes_on = |next: &&str| {
                let next = next.trim_end_matches([':', ',']);
                matches!(
                    next,
                    "way"
                        | "method"
                        | "approach"
                        | "option"
                        | "solution"
                        | "fix"
                        | "command"
                        | "via"
                        | "using"
                        | "with"
                        | "by"
                        | "to"
                )
            };
            first != base && first.ends_with([':', ',']) || rest.is_empty() || rest.first().is_some_and(goes_on)
        }
        _ => false,
    };
    if opens || matches!(words.last(), Some(&"alternative" | &"instead")) {
        return Manner::Instead;
    }
    if matches!(first, "via" | "using") && !rest.is_empty() {
        return Manner::Means;
    }
    if first == "run" && rest.len() > 1 && matches!(rest[0], "via" | "using" | "with" | "in" | "from") {
        return Manner::Means;
    }
    let named = match first {
        "with" | "from" | "in" | "on" | "by" | "through" | "for" => rest,
        _ => &words,
    };
    let named = match named.split_first() {
        Some((&"the" | &"a", rest)) => rest,
        _ => named,
    };
    let named = match named.split_last() {
        Some((&"users" | &"user", rest)) => rest,
        _ => named,
    };
    if names_means(named) || is_means(aside) && named.len() <= 2 && !starts_with_verb(named) {
        Manner::Means
    } else {
        Manner::None
    }
}

/// How the title of a section says so. A section that only names a tool may be
/// about that tool; "Using Helm", and a system's name beside another's, is a
/// way.
pub(super) fn of_section(title: &str) -> Manner {
    match manner(title) {
        Manner::Means if !is_plainly_means(title) => Manner::None,
        manner => manner,
    }
}

fn is_plainly_means(title: &str) -> bool {
    let title = title.to_lowercase();
    let first = title.split_whitespace().next().unwrap_or_default();
    let rest = title.trim_start_matches(first).trim();
    match first {
        "using" | "via" | "with" | "through" => true,
        "on" | "for" => is_system(rest),
        _ => is_system(&title) || rest.split_whitespace().count() <= 1 && is_surface(rest),
    }
}

/// Operating systems and their shells.
fn is_system(name: &str) -> bool {
    let name = name.split('(').next().unwrap_or(name).trim();
    SYSTEMS.contains(&name)
}

/// Systems, shells and the like, of which one is at hand; means as well.
const SYSTEMS: &[&str] = &[
    "macos",
    "mac",
    "mac os",
    "osx",
    "os x",
    "windows",
    "linux",
    "wsl",
    "ubuntu",
    "debian",
    "ubuntu/debian",
    "debian/ubuntu",
    "rhel",
    "centos",
    "fedora",
    "rhel/centos",
    "centos/rhel",
    "linux/macos",
    "macos/linux",
    "linux/mac",
    "mac/linux",
    "alpine",
    "arch",
    "bash",
    "zsh",
    "powershell",
    "pwsh",
    "cmd",
    "command prompt",
    "cli",
    "command line",
    "gui",
    "web ui",
];

/// Whether this is the name of a medium, a tool or a system.
fn is_means(name: &str) -> bool {
    MEANS.contains(&name) || SYSTEMS.contains(&name)
}

/// Whether these words are the name of a tool or medium, perhaps with up to
/// two words of whose it is before it: "Heroku web UI".
fn names_means(words: &[&str]) -> bool {
    /// Words before the tool's name.
    const OWNER: usize = 2;
    (0..words.len().min(OWNER + 1)).any(|skip| {
        let name = words[skip..].join(" ");
        // What may stand behind a product's name is not a product's name.
        let is_means = if skip == 0 { is_means(&name) } else { is_surface(&name) };
        is_means && (skip == 0 || !starts_with_verb(words))
    })
}

/// Whether a product has one of these: "AWS console", "Heroku CLI".
fn is_surface(name: &str) -> bool {
    matches!(
        name,
        "cli"
            | "ui"
            | "web ui"
            | "gui"
            | "dashboard"
            | "console"
            | "web console"
            | "portal"
            | "api"
            | "rest api"
            | "command line"
            | "shell"
    )
}

fn starts_with_verb(words: &[&str]) -> bool {
    words.first().is_some_and(|word| VERBS.contains(word))
}

/// The place that a counted way gives itself: 1 for `Option A` and `Method 1`.
pub(super) fn rank(title: &str) -> Option<usize> {
    let ordinal = title.split_whitespace().nth(1)?.trim_start_matches('#').to_lowercase();
    let ordinal = ordinal.trim_end_matches([':', '.', ')', '-', '–', '—']);
    let roman = ["i", "ii", "iii", "iv"].iter().position(|known| *known == ordinal);
    let word = ["one", "two", "three", "four"].iter().position(|known| *known == ordinal);
    match ordinal.as_bytes() {
        [letter @ b'a'..=b'h'] => Some(usize::from(letter - b'a') + 1),
        _ => ordinal.parse().ok().or(roman.or(word).map(|place| place + 1)),
    }
}

/// `a`, `2`, `iii:` and the like.
fn is_ordinal(word: &str) -> bool {
    let word = word.trim_start_matches('#').trim_end_matches([':', '.', ')', '-', '–', '—']);
    let is_number = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let is_letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase());
    is_number || is_letter || matches!(word, "ii" | "iii" | "iv" | "one" | "two" | "three" | "four")
}
