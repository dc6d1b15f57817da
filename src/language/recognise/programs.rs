//! Programs for other interpreters than a shell.

use super::{Text, first_look, pattern};
use crate::runbook::{Class, Reading};

// Lines that only Python has.
pattern!(
    STRONG_PYTHON,
    first_look::python,
    r#"(?x)^\s*(?:
        import\ \w+(?:\.\w+)*(?:\ as\ \w+)?(?:,\s*\w+)*\s*(?:\#.*)?$ | from\ \.*[\w.]+\ import\ [\w(*]
      | (?:async\ )?def\ \w+\(.*(?::|,|\()\s*(?:\#.*)?$ | class\ \w+(?:\(.*\))?:\s*(?:\#.*)?$
      | (?:if|elif|while|for|with|async\ with)\s+[^\s:].*:\s*(?:\#.*)?$ | except\b.*:\s*(?:\#.*)?$ | (?:try|else|finally):\s*$
      | print\(.*\)\s*$ | @[\w.]+(?:\(.*\))?\s*$ | raise\ \w+\( | return\b.*$ | """
    )"#
);
pattern!(
    PYTHON,
    r#"^\s*(?:[\w.\[\]'", ]+\s*[-+*/|]?=\s*\S.*|[\w.]+\(.*|[)\]}]+[,:]?\)*|(?:pass|break|continue|yield|assert|del|global|lambda)\b.*|["'\w].*,\s*(?:#.*)?|["'].*["'])$"#
);

/// Python.
pub(super) fn python(text: &Text<'_>) -> Option<Reading> {
    let strong = text.fitting(&STRONG_PYTHON);
    // Java and its like have annotations and blocks too.
    let has_braces = text.content.iter().any(|line| line.ends_with(";") || line.ends_with(") {"));
    if strong == 0 || has_braces {
        return None;
    }
    let fits = |line: &&&str| STRONG_PYTHON.is_match(line) || PYTHON.is_match(line);
    let all = text.content.iter().filter(fits).count();
    let indented = text.content.iter().filter(|line| line.starts_with([' ', '\t'])).count();
    if all * 10 < text.content.len() * 7 && all + indented < text.content.len() {
        return None;
    }
    let is_certain = strong > 1 || text.content.len() < 4;
    Some(Reading { class: Class::Script, language: "python", what: "Python", certain: is_certain })
}

// Lines that only Ruby has.
pattern!(
    RUBY,
    r"\bdo(?: \|[\w, ]+\|)?\s*$|^\s*(?:puts|require|require_relative)\s+['\x22]|^\s*(?:def|module)\s+[\w.:]+(?:\(.*\))?\s*$|\.each\b|^[A-Z]\w*(?:::\w+)*\.\w+|\w[!?]\s*$"
);
pattern!(END, |line| line.trim() == "end", r"^\s*end\s*$");

/// Ruby, as far as its blocks tell.
pub(super) fn ruby(text: &Text<'_>) -> Option<Reading> {
    let ends = text.fitting(&END);
    if ends == 0 {
        return None;
    }
    let strong = text.fitting(&RUBY);
    (strong > 0 && strong >= ends).then(|| Reading::certain(Class::Script, "ruby", "Ruby"))
}

// What only JavaScript has.
pattern!(
    STRONG_JAVASCRIPT,
    first_look::javascript,
    r"^\s*(?:(?:const|let|var)\s+[\w{\[].*=|(?:export\s+)?(?:default\s+)?(?:async\s+)?function\b.*\{|import\s+.*\s+from\s+['\x22]|module\.exports|.*=>\s*[{(]?\s*$|await\s|console\.\w+\()|require\(['\x22]"
);

/// JavaScript, which is more often a part of a program than one of its own.
pub(super) fn javascript(text: &Text<'_>) -> Option<Reading> {
    let strong = text.fitting(&STRONG_JAVASCRIPT);
    (strong > 0 && strong * 4 >= text.content.len()).then_some(Reading {
        class: Class::Unknown,
        language: "javascript",
        what: "JavaScript",
        certain: strong > 1,
    })
}

// A call in a console: `jobs.reclaim()`, `db.runs.find({…})`.
pattern!(
    CALL,
    first_look::call,
    r"^\s*(?:(?:var|let|const)\s+\w+\s*=\s*)?(?:await\s+)?[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*|\[[^\]]*\]|\([^()]*\))*\.[A-Za-z_$][\w$]*\(.*(?:\)\s*;?|[{(,\[])\s*(?://.*)?$"
);
pattern!(
    MONGO,
    first_look::mongo,
    r"^\s*(?:(?:var|let|const)\s+\w+\s*=\s*)?(?:db|rs|sh)\.\w|^\s*(?:show (?:dbs|collections)|use \w+)\s*;?$"
);
pattern!(INSIDE_CALL, r"^\s*(?:[)}\]]+.*|[\w$.'\x22]+\s*:.*|\{.*|\.\w+\(.*|//.*)$");

/// Calls typed into the console of a program.
pub(super) fn console(text: &Text<'_>) -> Option<Reading> {
    if !CALL.is_match(text.first()) && !MONGO.is_match(text.first()) {
        return None;
    }
    let fits = |line: &&&str| CALL.is_match(line) || MONGO.is_match(line) || INSIDE_CALL.is_match(line);
    if text.content.iter().filter(fits).count() < text.content.len() {
        return None;
    }
    if text.content.iter().any(|line| MONGO.is_match(line) && line.contains('.')) {
        return Some(Reading::certain(Class::Script, "mongosh", "commands for MongoDB's shell"));
    }
    let is_python = text.content.iter().any(|line| line.trim_start().starts_with("print("));
    (!is_python).then(|| Reading::certain(Class::Unknown, "javascript", "calls for a program's own console"))
}

/// A script that names its interpreter on its first line.
pub(super) fn by_shebang(text: &Text<'_>) -> Option<Reading> {
    let line = text.code.trim_start().lines().next()?.strip_prefix("#!")?.trim();
    let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.find(|word| *word != "env" && !word.starts_with('-'))?;
    let name = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (class, language) = match name {
        "bash" | "sh" | "dash" | "ksh" | "ash" => (Class::Shell, "bash"),
        "zsh" => (Class::Shell, "zsh"),
        "fish" => (Class::Shell, "fish"),
        "python" => (Class::Script, "python"),
        "node" => (Class::Script, "node"),
        "ruby" => (Class::Script, "ruby"),
        "perl" => (Class::Script, "perl"),
        "pwsh" | "powershell" => (Class::Script, "pwsh"),
        _ => return None,
    };
    Some(Reading::certain(class, language, "a script, by its first line"))
}
