//! What a text makes of the names of commands: functions, aliases, the paths
//! that programs are looked for in.

use super::once::Once;
use super::syntax::{self, Item, text};
use super::table::{fits, is_in};
use super::word::{Expands, Word, joined};
use super::words;

/// Stands for every name.
pub(super) const EVERYTHING: &str = "*";

/// How deep `eval` in `eval` is looked into.
const DEEPEST: usize = 4;

/// Variables by which known programs run other programs, or other programs
/// take their names; with `*` for anything.
const CHANGE_PROGRAMS: &str = "PATH LD_* DYLD_* BASH_ENV ENV BASH_FUNC_* BASH_CMDS BASH_ALIASES SHELLOPTS BASHOPTS \
    PROMPT_COMMAND PS4 PS0 PAGER *_PAGER MANPAGER MANOPT LESS LESSOPEN LESSCLOSE LESSKEY* MORE EDITOR VISUAL BROWSER \
    GIT_* PSQLRC PSQL_* PGSERVICEFILE PGSYSCONFDIR PYTHON* PERL5* PERLLIB RUBYOPT RUBYLIB NODE_OPTIONS NODE_PATH \
    TAR_OPTIONS GREP_OPTIONS RIPGREP_CONFIG_PATH CURL_HOME XDG_CONFIG_* HOME SSH_ASKPASS AWKPATH AWKLIBPATH FPATH \
    IFS GCONV_PATH SYSTEMD_* MYSQL_HOME MYSQL_TEST_LOGIN_FILE TERMINFO* OPENSSL_* GOROOT JAVA_TOOL_OPTIONS TF_* \
    KUBECTL_* DOCKER_CONFIG AWS_CONFIG_FILE";

/// Builtins that change the meaning of any name.
const CHANGE_NAMES: &str = "source . enable complete bind trap hash";

/// The variables among `items` whose new value changes what programs do.
pub(super) fn program_settings(items: &[Item<'_>], commands: &[Vec<Word>], code: &str) -> Vec<String> {
    let assigned = items.iter().filter(|item| item.kind == "variable_assignment");
    let mut found: Vec<String> = assigned
        .filter_map(|item| item.node.child_by_field_name("name"))
        .map(|name| text(name, code).split('[').next().unwrap_or_default().to_owned())
        .collect();
    found.extend(commands.iter().flat_map(|words| {
        let names = |words: &[Word]| words.iter().map(Word::to_string).collect::<Vec<_>>();
        match words.first().map_or("", Word::as_str) {
            // These set what they name; `env` and `sudo` set it for a program.
            "read" | "mapfile" | "readarray" | "printf" | "getopts" => names(&words[1..]),
            _ => words[1.min(words.len())..]
                .iter()
                .take_while(|word| word.starts_with('-') || word.contains('='))
                .filter_map(|word| word.split_once('=').map(|(name, _)| name.to_owned()))
                .collect(),
        }
    }));
    found.extend(
        items.iter().filter(|item| item.kind == "for_statement").filter_map(|item| {
            item.node.child_by_field_name("variable").map(|variable| text(variable, code).to_owned())
        }),
    );
    found.retain(|name| fits(CHANGE_PROGRAMS, name));
    found.dedup();
    found
}

/// The names that mean something else after the code than before it: each
/// once, [`EVERYTHING`] where that can be any.
pub(super) fn find(items: &[Item<'_>], commands: &[Vec<Word>], code: &str, is_understood: bool) -> Vec<String> {
    let mut found = Vec::new();
    collect(items, commands, code, 0, &mut found);
    if (!is_understood && may_define(code)) || !program_settings(items, commands, code).is_empty() {
        found.push(EVERYTHING.to_owned());
    }
    found.iter().map(String::as_str).collect::<Once>().into_names()
}

/// Whether code that the grammar does not understand holds a word that could
/// change what names mean.
fn may_define(code: &str) -> bool {
    let changes = |word: &Word| {
        let name = word.split(['=', '+', '[']).next().unwrap_or_default();
        is_in(CHANGE_NAMES, word) || is_in("eval alias function builtin command", word) || fits(CHANGE_PROGRAMS, name)
    };
    let text_may = code.replace([' ', '\t'], "").contains("()");
    text_may
        || words::commands(code)
            .iter()
            .any(|words| words.first().is_some_and(|name| name.contains(['$', '`'])) || words.iter().any(changes))
        || words::assigned(code).iter().any(|name| fits(CHANGE_PROGRAMS, name))
}

fn collect(items: &[Item<'_>], commands: &[Vec<Word>], code: &str, depth: usize, found: &mut Vec<String>) {
    for (item, words) in items.iter().zip(commands) {
        match item.kind {
            "function_definition" => {
                let name = item.node.child_by_field_name("name");
                found.extend(name.map(|name| text(name, code).to_owned()));
            }
            "command" => by_command(words, depth, found),
            _ => {}
        }
    }
}

fn by_command(words: &[Word], depth: usize, found: &mut Vec<String>) {
    let Some((name, arguments)) = words.split_first() else { return };
    match name.as_str() {
        "builtin" | "command" if !arguments.is_empty() => by_command(arguments, depth, found),
        "alias" => {
            found.extend(arguments.iter().map(|word| match word.split_once('=') {
                Some((name, _)) if word.expands == Expands::Nothing => name.to_owned(),
                _ => EVERYTHING.to_owned(),
            }));
        }
        "eval" if depth >= DEEPEST || arguments.iter().any(|word| word.expands > Expands::Nothing) => {
            found.push(EVERYTHING.to_owned());
        }
        "eval" => {
            let code = joined(arguments);
            let tree = syntax::parse(&code);
            let items = tree.as_ref().map(syntax::items).unwrap_or_default();
            let commands = syntax::commands(&items, &code);
            collect(&items, &commands, &code, depth + 1, found);
            let is_broken = tree.as_ref().is_none_or(|tree| tree.root_node().has_error());
            if is_broken || !program_settings(&items, &commands, &code).is_empty() {
                found.push(EVERYTHING.to_owned());
            }
        }
        // A path is no builtin, whatever stands for its folder.
        path if path.contains('/') && (name.expands < Expands::Freely || path.starts_with("$HOME/")) => {}
        _ if name.expands > Expands::Nothing => found.push(EVERYTHING.to_owned()),
        name if is_in(CHANGE_NAMES, name) && !arguments.is_empty() => found.push(EVERYTHING.to_owned()),
        _ => {}
    }
}
