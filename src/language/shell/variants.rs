//! Several ways in one block, told apart by comments: `# macOS`, `# Option 2`,
//! `# Or by hand`.
//!
//! Comments that only tell what comes next are no ways, so it takes two of the
//! same manner, or one that says "or".

use super::inside::{self, line_start};
use super::table::is_in;
use crate::source::Span;
use std::collections::HashMap;

/// One of several ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// What its comment calls it.
    pub title: String,
    /// Its lines.
    pub spans: Vec<Span>,
    /// The systems that it is for, where its comment names nothing else.
    pub systems: Vec<String>,
}

/// The ways that `code` holds; none where it is all to be done. What belongs to
/// no way belongs to each.
#[must_use]
pub fn variants(code: &str) -> Vec<Variant> {
    let items = items(code);
    let found = [Manner::System, Manner::Numbered].into_iter().find_map(|manner| sections(code, &items, manner));
    found.or_else(|| tagged(&items)).or_else(|| either(code, &items)).unwrap_or_default()
}

/// `code` with only the way at `chosen` of `variants` in it. The lines of the
/// others are blank, so that every line keeps its number, but for those at the
/// end, which are left out.
#[must_use]
pub fn only(code: &str, variants: &[Variant], chosen: usize) -> String {
    let mut others: Vec<Span> =
        variants.iter().enumerate().filter(|(at, _)| *at != chosen).flat_map(|(_, way)| way.spans.clone()).collect();
    others.sort_by_key(|span| span.start);
    let mut text = String::with_capacity(code.len());
    let mut at = 0;
    for span in others {
        text.push_str(&code[at..span.start.max(at)]);
        text.extend(code[span.start.max(at)..span.end].matches('\n'));
        at = span.end;
    }
    text.push_str(&code[at..]);
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// A command or a comment at the top of the text.
struct Item {
    span: Span,
    /// What the comment says; `None` for a command.
    says: Option<String>,
    /// What the comment behind the command says.
    tag: Option<String>,
    /// It follows a blank line, or begins the text.
    begins: bool,
}

fn items(code: &str) -> Vec<Item> {
    let structure = inside::find(code);
    let Some(tree) = structure.tree.as_ref().filter(|tree| !tree.root_node().has_error()) else { return Vec::new() };
    let mut items: Vec<Item> = Vec::new();
    for node in tree.root_node().named_children() {
        let mut span = Span::from(node.byte_range());
        span.end = span.start + code[span.start..span.end].trim_end().len();
        let says =
            (node.kind() == "comment").then(|| code[span.start..span.end].trim_start_matches('#').trim().to_owned());
        let gap = &code[items.last().map_or(0, |item| item.span.end)..span.start];
        if let (Some(says), Some(last)) = (&says, items.last_mut().filter(|_| !gap.contains('\n'))) {
            last.tag = Some(says.clone());
            last.span.end = span.end;
            continue;
        }
        let begins = items.is_empty() || gap.matches('\n').count() > 1;
        items.push(Item { span, says, tag: None, begins });
    }
    items
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    System,
    Numbered,
}

impl Manner {
    fn fits(self, says: &str) -> bool {
        match self {
            Self::System => !systems(says).is_empty(),
            Self::Numbered => is_numbered(says),
        }
    }
}

/// Ways under a comment of their own each.
fn sections(code: &str, items: &[Item], manner: Manner) -> Option<Vec<Variant>> {
    let is_title = |item: &Item| item.says.as_deref().is_some_and(|says| manner.fits(says));
    let titles: Vec<usize> = items.iter().enumerate().filter(|(_, item)| is_title(item)).map(|(at, _)| at).collect();
    let mut found = Ways::default();
    for (number, &at) in titles.iter().enumerate() {
        // The last way for a system ends where another paragraph has a comment
        // of its own: what comes then is for all.
        let end = titles.get(number + 1).copied().unwrap_or_else(|| {
            let next = |item: &&Item| manner == Manner::System && item.begins && item.says.is_some();
            let after = items[at + 1..].iter().position(|item| next(&item));
            after.map_or(items.len(), |after| at + 1 + after)
        });
        let says = items[at].says.as_deref().unwrap_or_default();
        let until = items.get(end).map_or(code.len(), |item| line_start(code, item.span.start));
        found.add(says, Span::new(line_start(code, items[at].span.start), until));
    }
    found.several()
}

/// Commands with a comment behind each that names a system.
fn tagged(items: &[Item]) -> Option<Vec<Variant>> {
    let mut found = Ways::default();
    for item in items {
        if let Some(tag) = item.tag.as_deref().filter(|tag| !systems(tag).is_empty()) {
            found.add(tag, item.span);
        }
    }
    found.several()
}

/// Ways of which the later say "or".
fn either(code: &str, items: &[Item]) -> Option<Vec<Variant>> {
    let is_or = |item: &Item| item.says.as_deref().is_some_and(says_or);
    let or = items.iter().position(is_or)?;
    // The first way is what stands before it: its paragraph, or what comes
    // after the last comment in the same one.
    let mut first = or.checked_sub(1)?;
    if items[or].begins {
        while !items[first].begins {
            first = first.checked_sub(1)?;
        }
    } else {
        while first > 0 && items[first].says.is_none() && !items[first].begins {
            first -= 1;
        }
    }
    let title = |from: usize, until: usize| {
        let says = items[from..until].iter().find_map(|item| item.says.clone());
        says.unwrap_or_else(|| {
            code[items[from].span.start..items[from].span.end].lines().next().unwrap_or_default().to_owned()
        })
    };
    let start = |at: usize| items.get(at).map_or(code.len(), |item: &Item| line_start(code, item.span.start));
    if items[first..or].iter().all(|item| item.says.is_some()) {
        return None;
    }
    let mut found = Ways::default();
    found.add(&title(first, or), Span::new(start(first), start(or)));
    let mut at = or;
    while at < items.len() {
        // A way goes on to the next one, or to the next paragraph.
        let ends = |item: &Item| is_or(item) || (item.begins && item.says.is_some());
        let end = items[at + 1..].iter().position(ends).map_or(items.len(), |after| at + 1 + after);
        found.add(&title(at, end), Span::new(start(at), start(end)));
        let goes_on =
            items.get(end).is_some_and(|item| is_or(item) || item.says.as_deref().is_some_and(says_otherwise));
        if !goes_on {
            break;
        }
        at = end;
    }
    found.several()
}

/// The ways found so far.
#[derive(Default)]
struct Ways {
    found: Vec<Variant>,
    by_title: HashMap<String, usize>,
}

impl Ways {
    fn add(&mut self, title: &str, span: Span) {
        let title = title.trim_end_matches(':').trim();
        if let Some(at) = self.by_title.get(title) {
            self.found[*at].spans.push(span);
            return;
        }
        self.by_title.insert(title.to_owned(), self.found.len());
        self.found.push(Variant { title: title.to_owned(), spans: vec![span], systems: systems(title) });
    }

    fn several(self) -> Option<Vec<Variant>> {
        (self.found.len() > 1).then_some(self.found)
    }
}

/// Operating systems, and what goes with their names.
const SYSTEMS: &str = "macos mac osx darwin linux windows ubuntu debian centos rhel fedora redhat alpine arch suse bsd \
    freebsd unix wsl powershell cmd";
const WITH_SYSTEMS: &str = "on for in the if using and or os x systems users only based hosts";

/// The systems that `text` names, where it names nothing else.
fn systems(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if !words.iter().all(|word| is_in(SYSTEMS, word) || is_in(WITH_SYSTEMS, word)) {
        return Vec::new();
    }
    words.into_iter().filter(|word| is_in(SYSTEMS, word)).map(str::to_owned).collect()
}

/// `Option 1: …`, `Method B`.
fn is_numbered(text: &str) -> bool {
    let mut words = text.split(|c: char| c.is_whitespace() || ":.)-–—(".contains(c)).filter(|word| !word.is_empty());
    let what = words.next().map(str::to_ascii_lowercase).unwrap_or_default();
    let which = words.next().unwrap_or_default();
    let counts = which.bytes().all(|byte| byte.is_ascii_digit())
        || (which.len() == 1 && which.bytes().all(|byte| byte.is_ascii_uppercase()));
    is_in("option alternative variant method approach way", &what) && !which.is_empty() && counts
}

fn says_or(text: &str) -> bool {
    let first = text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    is_in("or alternatively alternative", &first.to_ascii_lowercase())
}

/// Among ways that say "or", another one.
fn says_otherwise(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["emergency", "last resort", "fallback", "otherwise", "manual", "by hand"].iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The titles, and what of the text each way leaves.
    fn ways(code: &str) -> Vec<(String, String)> {
        let found = variants(code);
        let text = |at: usize| {
            let text = only(code, &found, at);
            let keeps_number = |(line, own): (&str, &str)| line.is_empty() || own.contains(line);
            assert!(text.lines().zip(code.lines()).all(keeps_number), "every line keeps its number: {text:?}");
            text.split('\n').filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("|")
        };
        found.iter().enumerate().map(|(at, way)| (way.title.clone(), text(at))).collect()
    }

    fn way(title: &str, text: &str) -> (String, String) {
        (title.to_owned(), text.to_owned())
    }

    #[test]
    fn systems_are_ways() {
        assert_eq!(
            ways("cd /x\n# macOS\nbrew install a\n\n# Ubuntu/Debian:\napt install a\n\n# Verify\na --version\n"),
            [
                way("macOS", "cd /x|# macOS|brew install a|# Verify|a --version"),
                way("Ubuntu/Debian", "cd /x|# Ubuntu/Debian:|apt install a|# Verify|a --version"),
            ]
        );
        assert_eq!(
            ways(
                "# Find it\nlsof -i :1  # macOS/Linux\nnetstat -ano  # Windows\n\nkill 2 # macOS/Linux\ntaskkill # Windows\n"
            ),
            [
                way("macOS/Linux", "# Find it|lsof -i :1  # macOS/Linux|kill 2 # macOS/Linux"),
                way("Windows", "# Find it|netstat -ano  # Windows|taskkill # Windows"),
            ]
        );
        assert_eq!(ways("# Linux\na\n# Windows (PowerShell)\nb\n").len(), 2);
    }

    #[test]
    fn numbered_options_are_ways_with_all_that_follows() {
        assert_eq!(
            ways("# Option 1: CLI\na\n\n# then\nb\n\n# Option 2 (slow)\nc\n\n# then\nd\n"),
            [
                way("Option 1: CLI", "# Option 1: CLI|a|# then|b"),
                way("Option 2 (slow)", "# Option 2 (slow)|c|# then|d"),
            ]
        );
    }

    #[test]
    fn what_says_or_is_another_way() {
        assert_eq!(
            ways("# Get it\nbrew install a\n# or download it from a page\n\n# Scan\na scan\n"),
            [
                way("Get it", "# Get it|brew install a|# Scan|a scan"),
                way("or download it from a page", "# or download it from a page|# Scan|a scan"),
            ]
        );
        assert_eq!(
            ways(
                "# Revert\ngit revert x\ngit push\n\n# Or switch it off\n# by the page\n\n# Manual way (emergency)\nkubectl x\n"
            ),
            [
                way("Revert", "# Revert|git revert x|git push"),
                way("Or switch it off", "# Or switch it off|# by the page"),
                way("Manual way (emergency)", "# Manual way (emergency)|kubectl x"),
            ]
        );
        assert_eq!(ways("a\n\nb\n# Or:\nc\n"), [way("b", "a|b"), way("Or", "a|# Or:|c")]);
    }

    #[test]
    fn comments_that_tell_what_comes_next_are_no_ways() {
        for code in [
            "# Stop\na\n# Start\nb\n",
            "# Check Linux kernel\nuname\n# Check Windows clients\nb\n",
            "# macOS\na\n",
            "# Option 1\na\n",
            "# Optional: restart\na\n# Options below\nb\n",
            "# Original file\na\n# Order matters\nb\n",
            "# Or nothing\n",
            "cat <<EOF\n# macOS\n# Linux\nEOF\n",
            "echo '# macOS\n# Linux'\n",
        ] {
            assert_eq!(variants(code), [], "{code}");
        }
    }
}
