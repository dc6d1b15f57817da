//! What on a page is no part of the procedure: what happened, how to prevent
//! it, examples of the mistake, catalogues of commands, files to be created.

use crate::runbook::{Block, Item, Section, Step};
use crate::source::SourceFile;
use std::collections::HashMap;

/// What a title is about, where that is not something to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// What happened, and why; what something is.
    Account,
    /// Keeping it from happening again.
    Prevention,
    /// Trying out the lasting solution.
    Trial,
    /// How not to do it.
    Mistake,
    /// Commands to look up.
    Catalogue,
    /// What else could be asked or read.
    Appendix,
    /// A form to be filled in.
    Template,
    /// Work that comes at its own times.
    Upkeep,
}

impl Topic {
    /// What text under such a title does, for a person.
    fn does(self) -> &'static str {
        match self {
            Self::Account => "tells what happened",
            Self::Prevention => "is about preventing it",
            Self::Trial => "tries out the lasting solution",
            Self::Mistake => "shows how not to do it",
            Self::Catalogue => "is a list of commands to look up",
            Self::Appendix => "is there to be looked up",
            Self::Template => "is a form to be filled in",
            Self::Upkeep => "is for other times",
        }
    }

    /// Why what stands under `title` is passed over.
    pub(super) fn reason(self, title: &str) -> String {
        format!("stands under “{title}”, which {}", self.does())
    }
}

/// A title is about the topic if it is one of these, or begins with one of
/// those that end in `…`.
const TITLES: &[(Topic, &[&str])] = &[
    (
        Topic::Account,
        &[
            "root cause",
            "root causes",
            "root cause analysis…",
            "root cause and…",
            "root cause &…",
            "rca",
            "what happened…",
            "what caused…",
            "why it…",
            "why did…",
            "why does…",
            "why this happened…",
            "why this happens…",
            "background",
            "background information",
            "overview",
            "introduction",
            "context",
            "incident summary",
            "incident timeline",
            "timeline",
            "error details",
            "error message",
            "error messages",
            "explanation",
            "how it works…",
            "architecture",
        ],
    ),
    (
        Topic::Prevention,
        &[
            "prevention…",
            "preventive…",
            "preventative…",
            "preventing…",
            "prevent recurrence…",
            "prevent future…",
            "lessons learned…",
            "post-mortem…",
            "postmortem…",
            "retrospective…",
            "future improvements…",
            "improvements",
            "monitoring improvements…",
            "durable solution…",
            "durable fix…",
            "long-term fix…",
            "long-term solution…",
            "long term fix…",
            "long term solution…",
            "best practices…",
        ],
    ),
    (
        Topic::Trial,
        &[
            "tests",
            "testing",
            "test plan…",
            "testing the fix…",
            "testing the solution…",
            "testing the change…",
            "testing after…",
            "testing this…",
            "test the fix…",
            "test the solution…",
            "testing plan…",
            "testing strategy…",
            "unit tests…",
            "regression tests…",
        ],
    ),
    (
        Topic::Mistake,
        &[
            "what went wrong…",
            "the mistake…",
            "common mistakes…",
            "mistakes…",
            "what not to do…",
            "do not do this…",
            "don't do this…",
            "do not",
            "don't",
            "don’t",
            "wrong",
            "wrong way",
            "the wrong way",
            "bad",
            "bad example",
            "incorrect",
            "anti-pattern…",
            "anti-patterns…",
            "old code",
            "how not to…",
        ],
    ),
    (
        Topic::Catalogue,
        &[
            "quick reference…",
            "useful commands…",
            "handy commands…",
            "helpful commands…",
            "common commands…",
            "critical commands…",
            "key commands…",
            "command reference…",
            "commands reference…",
            "cheat sheet…",
            "cheatsheet…",
            "quick commands…",
            "useful queries…",
            "common queries…",
            "useful snippets…",
            "snippets",
        ],
    ),
    (
        Topic::Appendix,
        &[
            "faq…",
            "faqs…",
            "q",
            "questions",
            "frequently asked…",
            "q&a",
            "references…",
            "reference",
            "appendix…",
            "further reading…",
            "see also…",
            "related…",
            "glossary…",
            "changelog…",
            "change log…",
            "revision history…",
            "version history…",
            "document history…",
            "table of contents…",
            "contents",
            "success metrics",
            "check reference",
        ],
    ),
    (Topic::Template, &["template", "templates"]),
    (
        Topic::Upkeep,
        &[
            "maintenance",
            "regular maintenance…",
            "routine maintenance…",
            "ongoing maintenance…",
            "periodic maintenance…",
            "scheduled maintenance tasks…",
            "regular checks",
            "monitoring and alerts…",
            "monitoring and alerting…",
            "monitoring & alerts…",
            "monitoring & alerting…",
            "monitoring setup…",
            "set up monitoring…",
            "setting up monitoring…",
            "alerting setup…",
            "alerts setup…",
            "scheduled checks",
        ],
    ),
];

/// What `title` is about, unless it is something to do.
pub(super) fn topic(title: &str) -> Option<Topic> {
    let title = title.to_lowercase().replace('’', "'");
    let title = without_number(&title);
    let stem = title.split([':', '(', '–', '—', '?']).next().unwrap_or(title);
    let stem = stem.trim_matches(|c: char| !c.is_alphanumeric());
    let is_meant = |known: &&str| match known.strip_suffix('…') {
        Some(opening) => stem.strip_prefix(opening).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)),
        None => stem == *known,
    };
    let known = TITLES.iter().find(|(_, titles)| titles.iter().any(|known| is_meant(&known)));
    known.map(|(topic, _)| *topic).or_else(|| is_form(stem).then_some(Topic::Template))
}

/// "Incident report template": a form, where "Generate an ARM template" is a
/// step.
fn is_form(stem: &str) -> bool {
    let Some(of) = stem.strip_suffix(" template").or_else(|| stem.strip_suffix(" templates")) else { return false };
    let kind = of.rsplit(' ').next().unwrap_or(of);
    let forms = [
        "report",
        "incident",
        "message",
        "communication",
        "email",
        "ticket",
        "update",
        "notification",
        "postmortem",
        "post-mortem",
        "summary",
        "announcement",
        "pr",
        "rca",
        "handover",
        "handoff",
        "review",
    ];
    forms.contains(&kind) && of.split(' ').count() <= 3
}

/// Whether what is listed under this title tells of the incident: numbered
/// lines there are nothing to do, while a block may well be.
pub(super) fn is_explanation(title: &str) -> bool {
    const TITLES: &[&str] = &[
        "cause",
        "causes",
        "possible cause",
        "possible causes",
        "common causes",
        "likely causes",
        "potential causes",
        "symptom",
        "symptoms",
        "impact",
        "description",
        "problem",
        "problem description",
        "meaning",
        "what it does",
        "safeguards",
        "new safeguards",
        "pattern of failures",
        "trigger",
        "triggers",
        "triggered by",
        "assumptions",
        "features",
        "benefits",
        "notes",
        "note",
        "limitations",
        "severity",
    ];
    let title = title.to_lowercase();
    let stem = title.split([':', '(']).next().unwrap_or(&title).trim_matches(|c: char| !c.is_alphanumeric());
    TITLES.contains(&stem) || matches!(topic(&title), Some(Topic::Account | Topic::Prevention))
}

/// A title without the number or sign that it may begin with.
fn without_number(title: &str) -> &str {
    title.trim_start_matches(|c: char| !c.is_alphabetic())
}

/// For each section that is no part of the procedure, why: by its own title or
/// by that of one it stands in. The title over the whole page is not asked.
pub(super) fn asides(sections: &[Section]) -> HashMap<String, String> {
    let mut asides: HashMap<String, String> = HashMap::new();
    for (at, section) in sections.iter().enumerate() {
        let inherited = section.parent.as_ref().and_then(|parent| asides.get(parent)).cloned();
        let is_page = at == 0 && sections.iter().skip(1).all(|other| other.level > section.level);
        let own = || topic(&section.title).filter(|_| !is_page).map(|topic| topic.reason(section.title.trim()));
        if let Some(reason) = inherited.or_else(own) {
            asides.insert(section.anchor.clone(), reason);
        }
    }
    asides
}

/// Tells the step's blocks that are nothing to run although they could be.
pub(super) fn look_at_blocks(file: &SourceFile, step: &mut Step) {
    let mut before = "";
    let title = step.title.clone();
    for item in &mut step.items {
        match item {
            Item::Prose(span) => before = file.slice(*span),
            Item::Action(action) => before = file.slice(action.span),
            Item::Block(block) => {
                block.aside = of_block(block, before, &title);
                before = "";
            }
        }
    }
}

/// Why a block is nothing to run although it could be, by the words directly
/// before it and by its own first lines.
fn of_block(block: &Block, before: &str, title: &str) -> Option<String> {
    let code = block.code.trim_start();
    let comments: Vec<&str> = code.lines().map(str::trim).take_while(|line| is_comment(line)).collect();
    let comment = |line: &&str| line.trim_start_matches(['#', '/', '-', ' ', '!', '*']).to_lowercase();
    let first = comments.iter().find(|line| !line.starts_with("#!")).map(comment).unwrap_or_default();
    if is_mistake(&first) || first.starts_with("old code") || first.starts_with("bad:") || first.starts_with("wrong:") {
        return Some(format!("its first line says: {}", comments[0].trim_start_matches(['#', '/', '-', ' '])));
    }
    let said = last_sentence(before);
    if is_mistake(&said.to_lowercase()) || tells_of_mistake(&said.to_lowercase()) {
        return Some(format!("the page says of it: {said}"));
    }
    let names_itself = first.split_whitespace().next().is_some_and(is_path)
        && (first.split_whitespace().count() == 1 || first.contains(" add "));
    if names_itself || first.starts_with("add to ") && first.split_whitespace().any(is_path) {
        return Some("it is the content of a file".to_owned());
    }
    let said = said.to_lowercase();
    let is_script = code.starts_with("#!");
    let asks_for_file = |text: &str| {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        words.iter().any(|word| matches!(*word, "create" | "add" | "save" | "write"))
            && words.iter().any(|word| matches!(*word, "script" | "file" | "hook"))
    };
    if is_script && (asks_for_file(&said) || asks_for_file(&title.to_lowercase())) {
        return Some("it is a script to be created".to_owned());
    }
    if said.ends_with(':') && is_label_of_file(&said) {
        return Some("it is the content of a file".to_owned());
    }
    None
}

fn is_comment(line: &str) -> bool {
    line.starts_with('#') || line.starts_with("//") || line.starts_with("--") || line.is_empty()
}

/// Whether a line forbids what follows it.
fn is_mistake(line: &str) -> bool {
    let line = line.replace('’', "'");
    let line = line.trim_start_matches(|c: char| !c.is_alphabetic());
    [
        "do not do this",
        "don't do this",
        "never do this",
        "do not run this",
        "don't run this",
        "never run this",
        "do not use this",
        "don't use this",
    ]
    .iter()
    .any(|opening| line.contains(opening))
        || line.starts_with("the wrong way")
        || line.starts_with("this is wrong")
        || line.starts_with("this is what went wrong")
}

/// Whether a sentence tells how it came to the incident.
fn tells_of_mistake(line: &str) -> bool {
    [
        "what went wrong",
        "the mistake was",
        "was the mistake",
        "caused the",
        "caused by",
        "which caused",
        "happened because",
        "was likely executed",
        "was executed",
        "were executed",
        "was accidentally",
        "instead of this",
    ]
    .iter()
    .any(|words| line.contains(words))
}

/// Whether it is a file's name with nothing but a verb before it: "Create
/// `scripts/x.sh`:".
fn is_label_of_file(line: &str) -> bool {
    let words: Vec<&str> = line.trim_end_matches(':').split_whitespace().collect();
    let Some((last, before)) = words.split_last() else { return false };
    let names = last.starts_with('`') && is_path(last.trim_matches('`'));
    let allowed = [
        "create", "add", "save", "as", "in", "to", "this", "it", "a", "the", "new", "file", "script", "update", "edit",
        "modify",
    ];
    names && before.iter().all(|word| allowed.contains(word)) && before.first() != Some(&"run")
}

/// Whether a word is the path of a file with an ending.
fn is_path(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && matches!(
                ending,
                "sh" | "py"
                    | "js"
                    | "ts"
                    | "rb"
                    | "pl"
                    | "sql"
                    | "ps1"
                    | "yml"
                    | "yaml"
                    | "json"
                    | "toml"
                    | "conf"
                    | "cfg"
                    | "ini"
                    | "service"
                    | "timer"
                    | "bash"
            )
            && word.chars().all(|c| c.is_alphanumeric() || "/._-~$".contains(c))
    })
}

/// The last sentence of the last paragraph's last line, without its markup.
fn last_sentence(text: &str) -> &str {
    let line = text.trim_end().lines().next_back().unwrap_or_default();
    let line = line.trim_start_matches(['>', '-', '*', '#', ' ', '\t']).trim_end_matches(['*', '_', ' ']);
    let end = line.trim_end_matches(['.', ':', '!']).len();
    let start = line[..end].rfind(". ").map_or(0, |at| at + 2);
    &line[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_that_tell_and_do_nothing_are_no_procedure() {
        for title in [
            "Root Cause",
            "Root Cause Analysis",
            "3. Root cause",
            "Why It Failed",
            "What Happened",
            "Background",
            "Overview",
            "Prevention Measures",
            "Lessons learned",
            "Post-Mortem",
            "Testing the Solution",
            "Durable Solution Implemented",
            "What went wrong",
            "Don't do this",
            "Wrong",
            "❌ Bad",
            "FAQ",
            "Q: What if it does not?",
            "References",
            "Appendix A",
            "Monitoring and Alerts",
            "Maintenance",
            "1. Quick Reference",
            "Quick Reference: Common SQL",
            "Useful commands",
            "Cheat Sheet",
            "Incident Report Template",
        ] {
            assert!(topic(title).is_some(), "{title}");
        }
    }

    #[test]
    fn titles_that_do_something_are_procedure() {
        for title in [
            "Generate an ARM Template",
            "Testing the upgrade in a test cluster",
            "Common causes",
            "Symptoms",
            "Verification",
            "Rollback",
            "Rollback plan",
            "Recovery",
            "Resolution",
            "Immediate fix",
            "Manual fix",
            "Identify the root cause",
            "Prevent new writes",
            "Test the connection",
            "Fix the root cause",
            "Maintenance mode",
            "Monitor for errors",
            "Check monitoring",
            "Before you begin",
            "Investigation",
            "Step 1: Overview of the queue",
            "Query the database",
            "Bad gateway",
            "Wrong replica count",
            "Questionable jobs",
            "Template the config",
            "Mitigation",
        ] {
            assert_eq!(topic(title), None, "{title}");
        }
    }
}
