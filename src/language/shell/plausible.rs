//! Whether a text is commands for a shell: by its structure, and by whether
//! its words are such as people type there.

mod candidates;
#[cfg(test)]
mod tests;

pub(in crate::language) use candidates::may_hold_commands;

use super::plain::{self, Plain};
use super::syntax::{self, Item, text};
use super::table::{is_in, known};
use super::{familiar, placeholders, scan};
use std::collections::HashSet;

/// How much of a text is commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::language) struct Plausibility {
    /// The grammar understands all of it.
    pub(in crate::language) is_understood: bool,
    /// Commands that people know, and paths to programs.
    pub(in crate::language) known: usize,
    /// Commands that may be ones, and `VAR=…`.
    pub(in crate::language) possible: usize,
    /// What stands in the place of a command and is none.
    pub(in crate::language) odd: usize,
    /// `VAR=…` on lines of their own, counted in `possible` too.
    pub(in crate::language) assignments: usize,
    /// Names like those of programs with something given to them, also with
    /// parts that may be left out.
    pub(in crate::language) typed: usize,
}

impl Plausibility {
    /// Whether the text is commands and nothing else.
    pub(in crate::language) fn is_shell(self) -> bool {
        let all = self.known + self.possible + self.odd;
        if self.is_understood {
            self.known > 0 && self.odd * 6 <= all && self.known * 3 + self.assignments * 3 >= all
        } else {
            self.known > 0 && self.odd * 4 <= all && self.known * 4 >= all * 3
        }
    }

    /// Whether the text may be commands, if what stands around it says so.
    pub(in crate::language) fn may_be_shell(self) -> bool {
        self.typed > 0 && self.typed * 2 >= self.known + self.possible + self.odd
    }

    fn add(&mut self, standing: Standing, name: &str, arguments: &[&str]) {
        self.typed += usize::from(may_be_typed(name, arguments) || (arguments.is_empty() && is_familiar(name)));
        match standing {
            Standing::Known => self.known += 1,
            Standing::Possible => self.possible += 1,
            Standing::Odd => self.odd += 1,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Known,
    Possible,
    Odd,
}

/// Weighs every command of `code`.
pub(in crate::language) fn plausibility(code: &str) -> Plausibility {
    // What a shell takes for a redirection is more often a prompt or a quote.
    let quoted = code.lines().filter(|line| line.trim_start().starts_with("> ")).count();
    let found = of_commands(code);
    Plausibility {
        odd: found.odd + quoted,
        known: found.known.saturating_sub(quoted),
        typed: found.typed.saturating_sub(quoted),
        ..found
    }
}

fn of_commands(code: &str) -> Plausibility {
    of_plain_commands(code).unwrap_or_else(|| by_grammar(code))
}

/// Most texts hold plain commands alone, whose words the grammar need not be
/// asked for.
fn of_plain_commands(code: &str) -> Option<Plausibility> {
    let mut found = Plausibility { is_understood: true, ..Plausibility::default() };
    plain::each(code, &mut |part| match part {
        Plain::Command(name, arguments) => found.add(standing(name, arguments), name, arguments),
        Plain::Loop => found.known += 1,
    })?;
    Some(found)
}

fn by_grammar(code: &str) -> Plausibility {
    let contexts = scan::contexts(code);
    let angles = placeholders::angles(code, &contexts);
    let filled = placeholders::filled_in(code, &angles);
    let Some(tree) = syntax::parse(&filled).filter(|tree| !tree.root_node().has_error()) else {
        return by_lines(&filled);
    };
    let items = syntax::items(&tree);
    let functions = items.iter().filter(|item| item.kind == "function_definition");
    let own: HashSet<&str> =
        functions.filter_map(|item| Some(text(item.node.child_by_field_name("name")?, &filled))).collect();
    let mut found = Plausibility { is_understood: true, ..Plausibility::default() };
    for item in &items {
        match item.kind {
            "command" => {
                let (name, arguments) = words_of(item, &filled);
                let standing = if own.contains(name) { Standing::Known } else { standing(name, &arguments) };
                found.add(standing, name, &arguments);
            }
            "declaration_command" | "unset_command" => found.known += 1,
            "test_command" => {
                // `[Unit]` is the head of a section.
                let is_test = text(item.node, &filled).starts_with(|c: char| c != '[')
                    || text(item.node, &filled).starts_with("[ ")
                    || text(item.node, &filled).starts_with("[[ ");
                found.add(if is_test { Standing::Known } else { Standing::Odd }, "", &[]);
            }
            "for_statement" | "while_statement" | "case_statement" | "function_definition" => found.known += 1,
            "variable_assignment" if item.parent.is_some_and(|parent| items[parent].kind == "program") => {
                found.possible += 1;
                found.assignments += 1;
            }
            _ => {}
        }
    }
    found
}

/// The name of a command and what is given to it.
fn words_of<'a>(item: &Item<'_>, code: &'a str) -> (&'a str, Vec<&'a str>) {
    let mut name = "";
    let mut arguments = Vec::new();
    for child in item.node.named_children() {
        match child.kind() {
            "command_name" => name = text(child, code),
            "variable_assignment" | "file_redirect" | "heredoc_redirect" | "herestring_redirect" | "comment" => {}
            _ => arguments.push(text(child, code)),
        }
    }
    (name, arguments)
}

/// Without a tree, each line is weighed by its words.
fn by_lines(code: &str) -> Plausibility {
    let mut found = Plausibility::default();
    let mut continued = false;
    for line in code.lines() {
        let line = line.trim();
        let goes_on = std::mem::replace(&mut continued, line.ends_with(['\\', '|']) || line.ends_with("&&"));
        if line.is_empty() || line.starts_with('#') || goes_on {
            continue;
        }
        let mut words = line.split_whitespace().skip_while(|word| is_assignment(word));
        match words.next() {
            None => {
                found.possible += 1;
                found.assignments += 1;
            }
            Some(word) if is_in(KEYWORDS, word.trim_end_matches(';')) => found.possible += 1,
            Some(name) => {
                let arguments: Vec<&str> = words.collect();
                found.add(standing(name, &arguments), name, &arguments);
            }
        }
    }
    found
}

/// Words of the grammar that lines begin with.
const KEYWORDS: &str = "for while until if then elif else fi do done case esac select function { } ( ) ! [[ ]] ;;";

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.trim_end_matches('+');
        !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(is_name_character)
    })
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Commands whose arguments are meant to be read by people.
const TELL: &str = "echo printf logger wall say notify-send figlet cowsay trap alias";

/// Words that commands are rarely given, and sentences rarely lack.
const OF_SENTENCES: &str =
    "the your our their this these those that which sure an its is are was were will should must";

/// Words that commands are given now and then.
const OF_BOTH: &str = "a to of and or if in on for from with you it be when then not by as at into before after until \
    all any has have can";

/// The length of the longest of these words.
const LONGEST_OF_SENTENCES: usize = 6;

/// Known names that are also words, or that outputs begin with: known only
/// with what makes them a command.
const WORDS_TOO: &str = "true false yes test time type wait help history users w id date install split expand join look \
    last host file cut head sort open watch set read top find kill which who what man more less column state service go \
    start stop nice at mail write script link local return exit continue break clear let shift suspend up down status run \
    rename import groups size fold paste convert display sleep jobs code just";

fn standing(name: &str, arguments: &[&str]) -> Standing {
    let plain = name.trim_matches(['"', '\'']);
    let has_option = arguments.iter().any(|argument| is_option(argument));
    if reads_as_a_sentence(plain, arguments) {
        return Standing::Odd;
    }
    // `$x = …`, `key = …`, `key : …` are of another language.
    if matches!(arguments.first(), Some(&("=" | "==" | ":" | "->" | "=>" | ":=" | "+=" | "|>"))) {
        return Standing::Odd;
    }
    // A synopsis and a text with parts left out are no commands as they stand,
    // a quoted name alone is data, and `exec a.b.c` is SQL.
    let is_data = name.starts_with(['"', '\'']) && !plain.contains(['/', '$']);
    let is_procedure =
        plain == "exec" && arguments.first().is_some_and(|name| name.contains('.') && !name.contains('/'));
    // `set pagination off` is of a debugger or another console: what a shell is
    // set to begins with a sign.
    let is_setting = plain == "set" && arguments.first().is_some_and(|first| !first.starts_with(['-', '+', '$', '"']));
    if is_data || is_procedure || is_setting || arguments.iter().any(|argument| is_synopsis(argument)) {
        return Standing::Odd;
    }
    if let Some(standing) = path(plain) {
        return standing;
    }
    if is_familiar(plain) {
        let is_word = is_in(WORDS_TOO, plain);
        let verbs = ["start", "stop", "restart", "reload", "status"];
        let shows = has_option
            || arguments.iter().any(|argument| argument.contains(['/', '$', '.', '"', '*', '|', '=']))
            || arguments.last().is_some_and(|last| arguments.len() == 2 && verbs.contains(last));
        return if !is_word || shows { Standing::Known } else { Standing::Possible };
    }
    let begins_well = plain.starts_with(|c: char| c.is_ascii_lowercase());
    let is_name = plain.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'));
    let is_script = [".sh", ".py", ".pl", ".rb", ".bash"].iter().any(|ending| plain.ends_with(ending));
    match (begins_well && is_name && !plain.ends_with('.'), has_option) {
        (true, true) => Standing::Known,
        (true, false) if is_script => Standing::Known,
        (true, false) if arguments.len() <= 4 => Standing::Possible,
        // `PGPASSWORD=…` is an assignment, `MyTool --help` is a command.
        (false, true) if is_name && plain.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_cmdlet(plain) => {
            Standing::Possible
        }
        _ => Standing::Odd,
    }
}

/// Whether a line of such words may have been meant to be typed.
fn may_be_typed(name: &str, arguments: &[&str]) -> bool {
    let is_program = ["./", "~/", "/usr/", "/opt/", "/bin/", "/sbin/"].iter().any(|folder| name.starts_with(folder));
    let is_name = is_program
        || name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    // An arrow leads from one thing to the next, wherever it stands.
    let is_of_another_language = matches!(arguments.first(), Some(&("=" | "==" | ":" | ":=" | "+=" | "|>")))
        || arguments.iter().any(|argument| matches!(*argument, "->" | "=>" | "→" | "<-" | "←"));
    let is_given = arguments.iter().any(|argument| !matches!(*argument, "..." | "…"));
    is_name && is_given && !is_of_another_language && !reads_as_a_sentence(name, arguments)
}

/// Whether `name` is a program that people type, or a builtin.
fn is_familiar(name: &str) -> bool {
    let tables = known(name);
    tables.is_builtin
        || tables.is_reader
        || tables.is_interactive
        || tables.is_cloud
        || tables.wrapper.is_some()
        || tables.writes.is_some()
        || tables.destroys.is_some()
        || tables.subcommands.is_some()
        || tables.form.is_some()
        || familiar::is_familiar(name)
}

/// What a name with a folder, or one that a variable gives, can be.
fn path(name: &str) -> Option<Standing> {
    if name.starts_with("$(") || name.starts_with('`') {
        return Some(Standing::Possible);
    }
    if let Some(rest) = name.strip_prefix('$') {
        let variable = rest.trim_start_matches('{');
        let length = variable.find(|c: char| !is_name_character(c)).unwrap_or(variable.len());
        let after = variable[length..].trim_start_matches('}');
        let is_word = length > 0 && (after.is_empty() || after.starts_with('/'));
        return Some(if is_word { Standing::Known } else { Standing::Odd });
    }
    if !name.contains('/') {
        return None;
    }
    let program = name.rsplit('/').next().unwrap_or_default();
    let extension = program.rsplit_once('.').map(|(_, extension)| extension);
    let is_program = match extension {
        Some("sh" | "py" | "pl" | "rb" | "bash" | "js") => true,
        None => name.starts_with("./") || name.starts_with("~/") || name.contains("bin/"),
        Some(_) => false,
    };
    Some(match name.starts_with(['/', '.', '~']) {
        _ if program.is_empty() || name.contains("://") => Standing::Odd,
        true if is_program => Standing::Known,
        true => Standing::Possible,
        false if is_program => Standing::Known,
        false => Standing::Odd,
    })
}

/// `Get-Process`: a verb and a noun, as PowerShell names its commands.
fn is_cmdlet(name: &str) -> bool {
    let is_capital = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase());
    name.split_once('-').is_some_and(|(verb, noun)| is_capital(verb) && is_capital(noun))
}

/// `[flags]`, `[NAME]`, `...`: what may stand here, not what does.
fn is_synopsis(argument: &str) -> bool {
    let inside = argument.strip_prefix('[').map(|inside| inside.trim_end_matches(']'));
    matches!(argument, "..." | "…")
        || inside.is_some_and(|inside| {
            !inside.is_empty() && inside.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '=' | '.'))
        })
}

fn is_option(argument: &str) -> bool {
    let name = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-')).unwrap_or_default();
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Whether the words make a sentence rather than a command.
fn reads_as_a_sentence(name: &str, arguments: &[&str]) -> bool {
    if is_in(TELL, name) || arguments.len() < 2 {
        return false;
    }
    // A comma ends no argument, and a full stop only that of `cp x .`.
    let plain = |word: &str| word.trim_end_matches([',', '.', ':', ';']).len();
    let may_be_one =
        |word: &&str| word.len() <= LONGEST_OF_SENTENCES && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let short: Vec<&str> = arguments.iter().map(|word| &word[..plain(word)]).filter(may_be_one).collect();
    let count = |list: &str| short.iter().filter(|word| is_in(list, word)).count();
    let certain = count(OF_SENTENCES);
    let options = arguments.iter().filter(|argument| is_option(argument)).count();
    let ends = arguments.last().is_some_and(|last| {
        last.len() > 2
            && last.ends_with(['.', ':', '?', ','])
            && last[..last.len() - 1].chars().all(char::is_alphabetic)
    });
    let weight = certain * 2 + count(OF_BOTH) + usize::from(ends) * 2;
    weight >= 2 + options && (certain > 0 || ends || weight > 2 || arguments.len() > 4)
}
