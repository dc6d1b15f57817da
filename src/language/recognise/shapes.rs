//! Texts that only their shape tells: listings, names, options, exchanges.
//!
//! All of them are only shown, so the best guess is enough.

use super::data::is_json_line;
use super::{Text, first_look, pattern};
use crate::runbook::{Class, Reading};

fn output(what: &'static str) -> Reading {
    Reading::likely(Class::Output, "text", what)
}

// A name in words, and what it is: `Status:  running`.
pattern!(
    ENTRY,
    first_look::entry,
    r"^\s*(?:[-*]\s+)?(?:[A-Z0-9][\w ./()#-]{0,40}\s*:(?:\s+\S.*|)|[a-z][\w-]*(?: [\w-]+){0,3}\s*:\s{2,}\S.*)$"
);
// `══ Summary ══`, and rules without a title.
pattern!(BANNER, first_look::banner, r"^\s*(?:[=*#~_-]{3,}|[═─━]{2,})(?:\s+\S.*\s+(?:[=*#~_-]{3,}|[═─━]{2,}))?\s*$");
// A cell, one tab or several, another cell.
pattern!(TABBED, |line| line.contains('\t'), r"\S[ ]*\t+[ ]*\S");
// The names of columns in small letters, far apart.
pattern!(
    SMALL_HEAD,
    |line| line.contains('_') || first_look::is_spread(line),
    r"^\s*[a-z][\w()%./-]*(?:\s{2,}[a-z][\w()%./-]*| [a-z]+(?:_[a-z]+)+){2,}\s*$"
);

/// Names with their values, and columns without rules between them.
pub(super) fn listing(text: &Text<'_>) -> Option<Reading> {
    let lines = text.lines.len();
    let entries = text.fitting(&ENTRY);
    let banners = text.lines.iter().filter(|line| BANNER.is_match(line)).count();
    if entries > 1 && (entries + banners) * 2 > lines {
        return Some(output("a listing that a program prints"));
    }
    if text.mostly(&CELLS, 1, 1) || has_rows(text) {
        return Some(output("a table that a program prints"));
    }
    if text.mostly(&TABBED, 3, 4) || (text.content.len() > 1 && SMALL_HEAD.is_match(text.first())) {
        return Some(output("a table that a program prints"));
    }
    None
}

// Four cells and more, far apart.
pattern!(CELLS, first_look::is_spread, r"^\s*\S+(?: \S+)*(?:\s{2,}\S+(?: \S+)*){3,}\s*$");

/// Whether its first lines are rows whose cells end at the same bar.
fn has_rows(text: &Text<'_>) -> bool {
    let bar = |line: &&&str| line.find(" | ");
    let first = text.lines.first().and_then(|line| bar(&line));
    first.is_some() && text.lines.iter().filter(|line| bar(line) == first).count() > 1
}

// What stands for arguments at the end of a command that is explained.
pattern!(
    SYNOPSIS,
    |line| line.contains('['),
    r"^[a-z][\w.-]*\s(?:.*\s)?\[(?i:flags|options|args|arguments|command|subcommand)(?:\.{3})?\](?:\.{3})?$|^[A-Za-z][\w./-]*\s(?:.*\s)?\[--?\w[^\]]*\.\.\.\]|^[A-Za-z][\w./-]*\s(?:.*\s)?\[<[^\]]*\.\.\.\]|^[A-Za-z][\w./-]*\s(?:.*\s)?\[--\w"
);

// A name or an option that may be left out.
pattern!(
    OPTIONAL,
    |line| line.contains('['),
    r"^\s*[a-z].*\s\[(?:--?[a-z][\w-]*(?:[ =][A-Z][A-Z_-]*)?|[A-Z][A-Z_-]+)\]"
);

/// How a program is called, with what may be left out; also several commands
/// of it, most of them with something that may be left out.
pub(super) fn synopsis(text: &Text<'_>) -> Option<Reading> {
    let is_list = text.content.len() > 1 && text.mostly(&OPTIONAL, 1, 2);
    (text.mostly(&SYNOPSIS, 1, 1) || is_list)
        .then(|| Reading::likely(Class::Config, "text", "the synopsis of a command"))
}

pattern!(COLUMN, first_look::is_spread, r"^\s*\S+(?: \S+)?\s{2,}\S");

/// Whether its lines are split by wide spaces, which nobody types.
pub(super) fn has_columns(text: &Text<'_>) -> bool {
    text.mostly(&COLUMN, 1, 2)
}

// `404 Not Found`.
pattern!(STATUS, |line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()), r"^\s*[1-5]\d\d\s+[A-Z][A-Za-z]");

/// What is sent to a service, and what comes back.
pub(super) fn exchange(text: &Text<'_>) -> Option<Reading> {
    let statuses = text.fitting(&STATUS);
    let fits = |line: &&&str| STATUS.is_match(line) || ENTRY.is_match(line) || is_json_line(line);
    let all = text.content.iter().filter(fits).count();
    (statuses > 0 && all > 1 && all * 10 >= text.content.len() * 9)
        .then(|| Reading::likely(Class::Config, "http", "a description of a request"))
}

// What a program says while it works.
pattern!(
    PROGRESS,
    first_look::progress,
    r"(?x)^\s*(?:(?i:start(?:ing|ed)|stopp(?:ing|ed)|creat(?:ing|ed)|delet(?:ing|ed)|remov(?:ing|ed)|updat(?:ing|ed)
        |download(?:ing|ed)|fetch(?:ing|ed)|install(?:ing|ed)|wait(?:ing|ed)|check(?:ing|ed)|connect(?:ing|ed)|configur(?:ing|ed)
        |logg(?:ing|ed)|apply(?:ing)|applied|load(?:ing|ed)|copy(?:ing)|copied|success(?:fully)?|succeeded|completed|finished|done)\b[:\ .]
      | [\w./'\x22-]+(?:\ [\w./'\x22-]+){0,2}\ (?:created|deleted|updated|configured|unchanged|started|stopped|succeeded|completed|removed|restarted)\.?$)"
);

/// What a program says while it works.
pub(super) fn progress(text: &Text<'_>) -> Option<Reading> {
    (PROGRESS.is_match(text.first()) && text.mostly(&PROGRESS, 1, 2)).then(|| output("messages of a program"))
}

// A name of the environment, and perhaps what it is for.
pattern!(VARIABLE_NAME, first_look::variable_name, r"^\s*[A-Z][A-Z0-9]*_\w+(?:\s+(?:#|--?|:)\s.*)?$");

/// Names of variables, each perhaps with a word about it.
pub(super) fn variables(text: &Text<'_>) -> Option<Reading> {
    text.mostly(&VARIABLE_NAME, 1, 1).then(|| Reading::certain(Class::Config, "text", "names of variables"))
}

// One option and nothing else, perhaps as an item of a list.
pattern!(OPTION, |line| line.trim_start().starts_with('-'), r"^\s*(?:-\s+)?--?[A-Za-z][\w.:-]*(?:[= ]\S.*)?$");

/// Options to be given to a program.
pub(super) fn options(text: &Text<'_>) -> Option<Reading> {
    text.mostly(&OPTION, 1, 1).then(|| Reading::likely(Class::Config, "options", "options of a program"))
}

// A word that is part of a longer name: of a file, an image, an address.
pattern!(NAME, first_look::is_one_word, r"^\s*[\w.@<{(\x22'*!+/-][\w.@<>{}()\x22'*!+$%?&=#,-]*[/:.@_+-][^\s;|&`]*$");
pattern!(WORD, first_look::is_one_word, r"^\s*[^\s;|&`$]+$");

/// Names, one on each line.
pub(super) fn names(text: &Text<'_>) -> Option<Reading> {
    let names = text.fitting(&NAME);
    let is_list = names > 0 && names * 2 >= text.content.len() && text.mostly(&WORD, 1, 1);
    let may_be_run = text.content.iter().any(|line| line.trim_start().starts_with("./") || line.contains("bin/"));
    // A word alone may be the name of a program.
    let is_word = text.content.len() == 1
        && text.first().trim().bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-'));
    (is_list && !may_be_run && !is_word).then(|| Reading::likely(Class::Config, "text", "names"))
}

// A file or a folder, and perhaps a word about it.
pattern!(ENTRY_OF_FOLDER, r"^\s*[\w.<>{}*@/-]+(?:\s+(?:#|//|—|←|<-)\s.*)?$");
pattern!(
    FOLDER,
    |line| line.split_whitespace().next().is_some_and(|name| name.ends_with('/')),
    r"^\s*[\w.<>{}*@/-]+/(?:\s+(?:#|//|—|←|<-)\s.*)?$"
);

/// Files in folders, told by how far in they stand.
pub(super) fn folders(text: &Text<'_>) -> Option<Reading> {
    let has_folder = text.fitting(&FOLDER) > 0;
    let is_nested = text.content.iter().any(|line| line.starts_with([' ', '\t'])) || text.fitting(&FOLDER) > 1;
    (text.content.len() > 1 && has_folder && is_nested && text.mostly(&ENTRY_OF_FOLDER, 1, 1))
        .then(|| Reading::certain(Class::Prose, "text", "a tree of folders"))
}

// What lines of programs end with or are.
pattern!(STATEMENT, r"[;{}]\s*(?://.*)?$|^\s*(?://|/\*|\*/?\s|@\w+|\}|\)|return\b|else\b)|:=|\)\s*(?:->|throws)\s");
pattern!(
    OPENING,
    first_look::opening,
    r"^\s*(?:(?:public|private|protected|static|final|async|export|override)\s+|func\s|fn\s|def\s|class\s|struct\s|interface\s|type\s+\w+\s|package\s+\w+|import\s+[(\x22\w]|@\w+(?:\s+\x22.*)?$|if\s.*\{$|for\s.*\{$|try\s*\{|describe\b|it\b|module\s)|:=|\)\s*\{$|\w\(.*\)\.\w+\(.*\);$"
);

/// Code of a program in no language that could be run here.
pub(super) fn code(text: &Text<'_>) -> Option<Reading> {
    if !text.content.iter().any(|line| OPENING.is_match(line)) {
        return None;
    }
    let fits = |line: &&&str| STATEMENT.is_match(line) || OPENING.is_match(line);
    let all = text.content.iter().filter(fits).count();
    (all * 2 > text.content.len()).then(|| Reading::likely(Class::Config, "text", "code of a program"))
}

#[cfg(test)]
mod tests {
    use crate::language::recognise;
    use crate::runbook::Class;

    #[track_caller]
    fn all_are(class: Class, what: &str, texts: &[&str]) {
        for text in texts {
            let reading = recognise(text).unwrap_or_else(|| panic!("{text:?} reads as nothing"));
            assert_eq!((reading.class, reading.what), (class, what), "{text:?}");
        }
    }

    #[test]
    fn listings_and_tables_without_rules_are_outputs() {
        let listings =
            ["══ Queue check ══\nQueue       : jobs\nDepth       : 12 (warn: 10)\n", "Region:  eu\nZone:    a\n"];
        all_are(Class::Output, "a listing that a program prints", &listings);
        let tables = ["A\tfirst part\nB\tsecond part\n", "name    size  created_at\nx1 4 2024-01-01\n"];
        all_are(Class::Output, "a table that a program prints", &tables);
        all_are(
            Class::Config,
            "the synopsis of a command",
            &["tool get [NAME] [flags]\n", "tool hook <name> [<key=value> ...]\n"],
        );
        let rows = [" (4,2) |  99\n (4,3) | 100\nlost\n", "job-7  DRAIN  zone-a   pool-2     stopped: 3\n"];
        all_are(Class::Output, "a table that a program prints", &rows);
        all_are(Class::Output, "messages of a program", &["pipeline updated\nstarted shop/deploy #12\n"]);
    }

    #[test]
    fn descriptions_of_requests_options_and_names_are_content() {
        all_are(
            Class::Config,
            "a description of a request",
            &["Body: (empty)\nCodes:\n    200 OK\n    404 Not Found\n"],
        );
        all_are(Class::Config, "options of a program", &["--store.retries=3\n", "- --nodes=1:3:pool\n- --now\n"]);
        all_are(Class::Config, "names of variables", &["TOOL_HOME  # Where it is.\nTOOL_REGION\n"]);
        all_are(Class::Config, "names", &["feature/paging\nfix/login-loop\n", "queue:Read\nqueue:Purge\n"]);
        all_are(Class::Prose, "a tree of folders", &["app/\n  main.py     # Where it starts.\n  parts/\n"]);
    }

    #[test]
    fn a_word_alone_may_be_a_program() {
        for text in ["make_thumbnails\n", "make-thumbnails\n"] {
            assert_eq!(recognise(text), None, "{text:?}");
        }
    }

    #[test]
    fn code_of_programs_is_content_and_never_run() {
        let codes = [
            "@After\nvoid stop() throws Exception {\n    pool.close();\n}\n",
            "if err != nil {\n  return err\n}\nn := len(list)\n",
        ];
        all_are(Class::Config, "code of a program", &codes);
    }

    #[test]
    fn commands_have_none_of_these_shapes() {
        for text in
            ["tar -xf a.tgz\n./run\n", "misc/tool.sh list\n", "ls /srv/a\ncat /srv/a/b.log\n", "./a.sh\n./b.sh\n"]
        {
            assert_eq!(recognise(text).map(|reading| reading.class), Some(Class::Shell), "{text:?}");
        }
    }
}
