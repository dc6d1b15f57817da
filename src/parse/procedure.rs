//! What on a page is no part of the procedure: sections that only tell,
//! examples of the mistake, files to be created.

use super::topic::topic;
use crate::runbook::{Block, Item, Section, Step};
use crate::source::SourceFile;
use std::collections::HashMap;

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
    let as_written = last_sentence(before);
    let said = as_written.to_lowercase();
    if is_mistake(&said) || tells_of_mistake(&said) {
        return Some(format!("the page says of it: {}", as_written.replace("**", "").replace("__", "")));
    }
    let names_itself = first.split_whitespace().next().is_some_and(is_path)
        && (first.split_whitespace().count() == 1 || first.contains(" add "));
    if names_itself || first.starts_with("add to ") && first.split_whitespace().any(is_path) {
        return Some("it is the content of a file".to_owned());
    }
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
    // Nearly all lines lack what each of these has.
    if !line.contains("this") && !line.contains("the wrong way") {
        return false;
    }
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
    !line.is_empty()
        && [
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
