//! What a title is about: something to do, or something to know.

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
            "testing the solution…",
            "testing the change…",
            "testing this…",
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
    let mut title = title.to_lowercase();
    if title.contains('’') {
        title = title.replace('’', "'");
    }
    let title = without_number(&title);
    let stem = title.split([':', '(', '–', '—', '?']).next().unwrap_or(title);
    let stem = stem.trim_matches(|c: char| !c.is_alphanumeric());
    let is_meant = |known: &str| match known.strip_suffix('…') {
        Some(opening) => stem.strip_prefix(opening).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)),
        None => stem == known,
    };
    // The first letter already rules most of them out.
    let first = stem.as_bytes().first();
    let may_be_meant = |known: &&&str| known.as_bytes().first() == first;
    let known = TITLES.iter().find(|(_, titles)| titles.iter().filter(may_be_meant).any(|known| is_meant(known)));
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
            "Test the fix",
            "Testing the fix",
            "Testing after the fix",
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
