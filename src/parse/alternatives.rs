//! Several ways to do the same thing: one of them is to be chosen.

use super::sections::Anchors;
use super::steps::{empty, has_work};
use crate::runbook::{Section, Step, StepKind};
use crate::source::Span;
use std::collections::HashMap;
use std::ops::Range;

/// How a title says that it is one of several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It does not.
    None,
    /// It names a tool, a medium or a system: "Heroku CLI", "Via the API".
    Means,
    /// It counts: "Option A", "Method 2".
    Numbered,
    /// It refers to what stands before it: "Alternative", "Or with curl".
    Instead,
}

/// Finds the alternatives among the steps of one section, the first of which
/// is the section's own, perhaps without anything to do.
pub(super) fn within_section(steps: &mut Vec<Step>, ids: &mut Anchors) {
    if steps.len() < 2 {
        return;
    }
    let mut manners: Vec<Manner> = steps.iter().map(|step| manner(&step.title)).collect();
    manners[0] = Manner::None;
    let mut heads = Vec::new();
    let mut at = 1;
    while at < steps.len() {
        let end = at + manners[at..].iter().take_while(|manner| **manner != Manner::None).count();
        if end == at {
            at += 1;
            continue;
        }
        if is_first_way(steps, at, end, manners[at]) {
            let head = &mut steps[at - 1];
            head.kind = StepKind::Choice;
            let id = head.id.clone();
            offer(&mut steps[at - 1..end], &id);
        } else if end - at > 1 && at == 1 && !has_work(&steps[0]) {
            steps[0].kind = StepKind::Choice;
            let id = steps[0].id.clone();
            offer(&mut steps[at..end], &id);
        } else if end - at > 1 {
            let head = head_before(&steps[at], &steps[0].id, &steps[0].title, ids);
            offer(&mut steps[at..end], &head.id);
            heads.push((at, head));
        }
        at = end;
    }
    insert(steps, heads);
}

/// Finds sections beside each other that count as options ("Option 1: …",
/// "Option 2: …"), each of a single step. `idle` holds the sections' own
/// steps that have nothing to do.
pub(super) fn across_sections(steps: &mut Vec<Step>, idle: Vec<Step>, sections: &[Section], ids: &mut Anchors) {
    let runs = numbered_runs(sections);
    if runs.is_empty() {
        return;
    }
    let mut idle: HashMap<String, Step> = idle.into_iter().map(|step| (step.id.clone(), step)).collect();
    let by_anchor: HashMap<&str, &Section> =
        sections.iter().map(|section| (section.anchor.as_str(), section)).collect();
    let mut heads = Vec::new();
    for run in runs {
        let ways: Vec<Range<usize>> = run.iter().map(|section| steps_within(steps, section)).collect();
        if !ways.iter().all(|way| way.len() == 1 && steps[way.start].option_of.is_none()) {
            continue;
        }
        let (first, last) = (ways[0].start, ways[ways.len() - 1].end);
        let parent = run[0].parent.as_deref().and_then(|anchor| by_anchor.get(anchor));
        let begins = |parent: &Section| first == 0 || steps[first - 1].span.start < parent.extent.start;
        let own = parent.filter(|parent| begins(parent)).and_then(|parent| idle.remove(&parent.anchor));
        let head = match (own, parent) {
            (Some(own), _) => Step { kind: StepKind::Choice, ..own },
            (None, Some(parent)) => head_before(&steps[first], &parent.anchor, &parent.title, ids),
            (None, None) => head_before(&steps[first], "start", "Options", ids),
        };
        offer(&mut steps[first..last], &head.id);
        heads.push((first, head));
    }
    insert(steps, heads);
}

/// Puts each head before the step that has its index, which rises.
fn insert(steps: &mut Vec<Step>, heads: Vec<(usize, Step)>) {
    if heads.is_empty() {
        return;
    }
    let mut heads = heads.into_iter().peekable();
    for (at, step) in std::mem::take(steps).into_iter().enumerate() {
        steps.extend(heads.next_if(|(before, _)| *before == at).map(|(_, head)| head));
        steps.push(step);
    }
}

/// Runs of two and more sections with the same parent, one directly after the
/// other, whose titles count.
fn numbered_runs(sections: &[Section]) -> Vec<Vec<&Section>> {
    let mut runs: Vec<Vec<&Section>> = Vec::new();
    for section in sections.iter().filter(|section| manner(&section.title) == Manner::Numbered) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| are_neighbours(last, section)) => run.push(section),
            _ => runs.push(vec![section]),
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

fn are_neighbours(one: &Section, next: &Section) -> bool {
    one.extent.end == next.extent.start && one.level == next.level
}

/// The steps that stand within `section`. Steps are in page order.
fn steps_within(steps: &[Step], section: &Section) -> Range<usize> {
    let start = steps.partition_point(|step| step.span.start < section.extent.start);
    let end = steps.partition_point(|step| step.span.start < section.extent.end);
    start..end
}

/// Whether the step before `at` is itself the first of the ways `at..end`.
fn is_first_way(steps: &[Step], at: usize, end: usize, manner: Manner) -> bool {
    let before = &steps[at - 1];
    match manner {
        Manner::Instead => has_work(before),
        // A tool's name offers another way only for what another tool does:
        // before two ways with the same tool stands what prepares for both.
        Manner::Means => at == 1 && has_work(before) && !steps[at..end].iter().any(|way| shares_tool(before, way)),
        Manner::Numbered | Manner::None => false,
    }
}

fn shares_tool(one: &Step, other: &Step) -> bool {
    one.blocks()
        .any(|a| a.class.is_executable() && other.blocks().any(|b| b.class.is_executable() && a.language == b.language))
}

fn offer(ways: &mut [Step], head: &str) {
    for way in ways {
        way.option_of = Some(head.to_owned());
    }
}

/// A step that does nothing but ask which way to take.
fn head_before(first: &Step, above: &str, title: &str, ids: &mut Anchors) -> Step {
    let id = ids.give_slug(format!("{above}/options"));
    let at = Span::new(first.span.start, first.span.start);
    Step { kind: StepKind::Choice, ..empty(id, title.to_owned(), first.line, at, &first.section) }
}

/// Media and tools by which things are done.
const MEANS: &[&str] = &[
    "cli",
    "command line",
    "terminal",
    "shell",
    "bash",
    "zsh",
    "powershell",
    "pwsh",
    "cmd",
    "command prompt",
    "ui",
    "web ui",
    "webui",
    "gui",
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
fn manner(title: &str) -> Manner {
    let title = title.to_lowercase();
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
    if matches!(first.trim_end_matches([',', ':']), "or" | "alternatively" | "alternative")
        || matches!(words.last(), Some(&"alternative" | &"instead"))
    {
        return Manner::Instead;
    }
    if matches!(first, "via" | "using") && !rest.is_empty() {
        return Manner::Means;
    }
    if first == "run" && rest.len() > 1 && matches!(rest[0], "via" | "using" | "with" | "in" | "from") {
        return Manner::Means;
    }
    let named = match first {
        "with" | "from" | "in" | "on" | "by" | "through" => rest,
        _ => &words,
    };
    let named = match named.split_first() {
        Some((&"the" | &"a", rest)) => rest,
        _ => named,
    };
    if names_means(named) || MEANS.contains(&aside) && named.len() <= 2 && !starts_with_verb(named) {
        Manner::Means
    } else {
        Manner::None
    }
}

/// Whether these words are the name of a tool or medium, perhaps with up to
/// two words of whose it is before it: "Heroku web UI".
fn names_means(words: &[&str]) -> bool {
    /// Words before the tool's name.
    const OWNER: usize = 2;
    (0..words.len().min(OWNER + 1)).any(|skip| {
        let name = words[skip..].join(" ");
        // What may stand behind a product's name is not a product's name.
        let is_means = if skip == 0 { MEANS.contains(&name.as_str()) } else { is_surface(&name) };
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

/// `a`, `2`, `iii:` and the like.
fn is_ordinal(word: &str) -> bool {
    let word = word.trim_start_matches('#').trim_end_matches([':', '.', ')', '-', '–', '—']);
    let is_number = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let is_letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase());
    is_number || is_letter || matches!(word, "ii" | "iii" | "iv" | "one" | "two" | "three" | "four")
}
