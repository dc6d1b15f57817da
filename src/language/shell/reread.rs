//! Programs that read what they are given as code of their own. What is quoted
//! for the shell here reaches them byte for byte, and may be code there.

use super::enter::prompts;
use super::scan;
use super::syntax::{self, Item};
use super::table::is_in;
use super::word::Word;
use crate::source::{Context, Limit, Place, Span};
use std::collections::HashSet;

/// What a value at each of `at` would stand in, and which program would read it
/// as code.
#[must_use]
pub fn places_at(text: &str, at: &[usize]) -> Vec<Place> {
    let contexts = scan::contexts_at(text, at);
    let readers = Readers::of(text);
    let place = |(context, at): (Context, &usize)| Place { context, limit: readers.at(*at).map(Limit::ReadAgain) };
    contexts.into_iter().zip(at).map(place).collect()
}

/// Programs of whose arguments some are code, or become some.
const TAKE_CODE: &str = "eval trap alias source bash sh zsh dash ksh ash fish csh tcsh busybox ssh mosh su runuser \
    scp sftp rsync pdsh ansible ssm rsh heroku watch parallel xargs crontab batch make just script expect tmux screen \
    flock python python2 python3 perl ruby node nodejs deno bun php lua awk gawk mawk nawk sed jq yq psql mysql mariadb \
    sqlite3 mongosh mongo redis-cli cqlsh clickhouse-client duckdb sqlcmd sqlplus influx bc dc gdb pwsh powershell \
    osascript vim vi nvim ex ed emacs";

/// The same where their name is a word of many other uses.
const TAKE_CODE_BY_NAME: &str = ". at";

/// Programs that run what they read from their standard input.
const READ_CODE: &str = "bash sh zsh dash ksh ash fish csh tcsh busybox ssh su runuser rsh psql mysql mariadb sqlite3 \
    mongosh mongo redis-cli cqlsh clickhouse-client duckdb sqlcmd sqlplus batch crontab parallel xargs bc dc gdb ed ex \
    pwsh powershell osascript chroot nsenter connect console source";

/// Programs that do so unless they are given something to run.
const READ_SCRIPTS: &str = "python python2 python3 perl ruby node nodejs deno bun php lua";

/// Clients, and options of theirs whose value is no statement.
const CLIENTS: &str = "psql mysql mariadb mongosh mongo redis-cli cqlsh clickhouse-client";
const CREDENTIALS: &str = "-p -a -u -U -h --password --pass --user --username --host";

/// Options whose value is an expression.
const BEFORE_EXPRESSIONS: &str = "--jq --query --eval --command --execute --template --format";

/// Variables that the shell, or the system's loader, reads as code.
const READ_VARIABLES: &str = "PS0 PS1 PS2 PS4 PROMPT_COMMAND BASH_ENV ENV LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT IFS PATH \
    RANDOM SECONDS OPTIND GIT_SSH_COMMAND PAGER EDITOR VISUAL";

/// Who reads again what stands where in a text.
struct Readers {
    /// Lines that are typed at the prompt of a program.
    prompts: Vec<(String, Span)>,
    known: Known,
}

enum Known {
    /// The pieces of the text in the order in which they begin, each with its
    /// end, the piece that holds it, and who reads it.
    Pieces(Vec<Piece>),
    /// The grammar gives up: whoever is named anywhere may read anything.
    Named(Option<String>),
}

struct Piece {
    span: Span,
    parent: Option<usize>,
    /// Who reads it from `from` on; what stands before goes to `outer`.
    reader: Option<String>,
    from: usize,
    outer: Option<String>,
}

impl Piece {
    fn reader_at(&self, at: usize) -> Option<&String> {
        if at < self.from { self.outer.as_ref() } else { self.reader.as_ref() }
    }
}

impl Readers {
    fn of(text: &str) -> Self {
        let prompts = prompts(text);
        let tree = syntax::parse(text).filter(|tree| !tree.root_node().has_error());
        let known = match &tree {
            Some(tree) => Known::Pieces(pieces(&syntax::items(tree), text)),
            None => Known::Named(named(text)),
        };
        Self { prompts, known }
    }

    fn at(&self, at: usize) -> Option<String> {
        let prompt = self.prompts.iter().find(|(_, lines)| lines.start <= at && at < lines.end);
        if let Some((program, _)) = prompt {
            return Some(program.clone());
        }
        let pieces = match &self.known {
            Known::Pieces(pieces) => pieces,
            Known::Named(reader) => return reader.clone(),
        };
        let next = pieces.partition_point(|piece| piece.span.start <= at);
        let mut here = next.checked_sub(1);
        while let Some(piece) = here.map(|index| &pieces[index]) {
            if at < piece.span.end {
                return piece.reader_at(at).cloned();
            }
            here = piece.parent;
        }
        None
    }
}

/// The first program in a text that is not understood of those that read code.
fn named(text: &str) -> Option<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let mut words = text.split(|c| !is_name(c));
    words.find(|word| is_in(TAKE_CODE, word) || is_in(READ_CODE, word)).map(str::to_owned)
}

/// Who reads each node of the grammar, and all that it holds.
fn pieces(items: &[Item<'_>], text: &str) -> Vec<Piece> {
    let commands = syntax::commands(items, text);
    let inputs = Inputs::of(items, &commands);
    let judge =
        Judge { items, text, commands: &commands, inputs: &inputs, functions: functions(items, &commands, text) };
    let sets_integers = items.iter().any(|item| item.kind == "declaration_command" && declares_integer(item, text));
    let mut pieces: Vec<Piece> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let span = Span::from(item.node.byte_range());
        let parent = item.parent.map(|parent| &pieces[parent]);
        let inherited = parent.and_then(|parent| parent.reader_at(span.start));
        let inherited = inherited.filter(|reader| !judge.is_no_statement(index, reader));
        let outer = inherited.or_else(|| parent.and_then(|parent| parent.outer.as_ref())).cloned();
        let reader = match item.kind {
            "variable_assignment" if sets_integers => Some((span.start, "bash".to_owned())),
            "command" => judge.command(index),
            _ => judge.own(index).map(|reader| (span.start, reader)),
        };
        let (from, reader) = match reader {
            Some((from, reader)) => (from, Some(reader)),
            None => (span.start, outer.clone()),
        };
        pieces.push(Piece { span, parent: item.parent, reader, from, outer });
    }
    pieces
}

/// Where commands stand that run what they read.
struct Inputs(Vec<(usize, String)>);

impl Inputs {
    fn of(items: &[Item<'_>], commands: &[Vec<Word>]) -> Self {
        let reads = |(item, words): (&Item<'_>, &Vec<Word>)| Some((item.node.start_byte(), reads_code(words)?));
        Self(items.iter().zip(commands).filter_map(reads).collect())
    }

    /// The first of them that begins in `from..to`.
    fn within(&self, from: usize, to: usize) -> Option<String> {
        let next = self.0.partition_point(|(start, _)| *start < from);
        self.0.get(next).filter(|(start, _)| *start < to).map(|(_, name)| name.clone())
    }
}

struct Judge<'a> {
    items: &'a [Item<'a>],
    text: &'a str,
    commands: &'a [Vec<Word>],
    inputs: &'a Inputs,
    /// Functions of the text that may hand on what they are given as code.
    functions: HashSet<String>,
}

impl Judge<'_> {
    /// Who reads what stands in this node, apart from who reads all around it.
    fn own(&self, index: usize) -> Option<String> {
        let item = &self.items[index];
        let text = syntax::text(item.node, self.text);
        match item.kind {
            "test_command" if evaluates(text) => Some("[[".to_owned()),
            "declaration_command" if declares_integer(item, self.text) => Some("declare".to_owned()),
            "array" if text.contains("]=") => Some("bash".to_owned()),
            "variable_assignment" => {
                let name = text.split(['=', '+', '[']).next().unwrap_or_default();
                (is_in(READ_VARIABLES, name) || name.starts_with("LD_")).then(|| "bash".to_owned())
            }
            "herestring_redirect" => {
                let whole = self.items[item.parent?].node;
                self.inputs.within(whole.start_byte(), whole.end_byte())
            }
            "heredoc_body" => {
                let redirect = item.parent.map(|parent| &self.items[parent])?;
                let whole = redirect.parent.map_or(redirect, |parent| &self.items[parent]);
                let whole = if whole.kind == "program" { redirect } else { whole };
                self.inputs.within(whole.node.start_byte(), whole.node.end_byte())
            }
            _ => self.expression(index).or_else(|| self.further_on(index)),
        }
    }

    /// Who reads the arguments of a command, and from where on.
    fn command(&self, index: usize) -> Option<(usize, String)> {
        let item = &self.items[index];
        let words = &self.commands[index];
        let is_function = words.first().is_some_and(|name| self.functions.contains(name.as_str()));
        let function = || words.first().filter(|_| is_function).map(|name| (0, name.to_string()));
        if let Some((word, reader)) = takes_code(words).or_else(function) {
            let from = syntax::word_starts(item.node).get(word).copied();
            return Some((from.unwrap_or(item.node.start_byte()), reader));
        }
        self.further_on(index).map(|reader| (item.node.start_byte(), reader))
    }

    /// A password, or an address, that a database's client is given.
    fn is_no_statement(&self, index: usize, reader: &str) -> bool {
        let item = &self.items[index];
        let of_command = item.parent.is_some_and(|parent| self.items[parent].kind == "command");
        if !of_command || !is_in(CLIENTS, reader) {
            return false;
        }
        let text = syntax::text(item.node, self.text);
        let before = item.previous.map(|before| syntax::text(self.items[before].node, self.text));
        let scheme = text.trim_start_matches(['"', '\'']).split_once("://").map(|(scheme, _)| scheme);
        let option = text.split('=').next().unwrap_or_default();
        before.is_some_and(|before| is_in(CREDENTIALS, before))
            || (option.starts_with("--") && is_in(CREDENTIALS, option))
            || text.starts_with("-p")
            || scheme.is_some_and(|scheme| scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+'))
    }

    /// The value of an option such as `--jq`.
    fn expression(&self, index: usize) -> Option<String> {
        let item = &self.items[index];
        let of_command = item.parent.is_some_and(|parent| self.items[parent].kind == "command");
        if !of_command {
            return None;
        }
        let text = syntax::text(item.node, self.text);
        let option = text.split('=').next().filter(|option| is_in(BEFORE_EXPRESSIONS, option));
        let before = item.previous.map(|before| syntax::text(self.items[before].node, self.text));
        let before = before.filter(|before| is_in(BEFORE_EXPRESSIONS, before));
        let path = ["jsonpath", "go-template"].into_iter().find(|form| text.contains(form));
        option.or(before).or(path).map(str::to_owned)
    }

    /// What reads, further on in a pipeline, what this part of it writes.
    fn further_on(&self, index: usize) -> Option<String> {
        let item = &self.items[index];
        let pipeline = item.parent.map(|parent| &self.items[parent]).filter(|parent| parent.kind == "pipeline")?;
        self.inputs.within(item.node.start_byte() + 1, pipeline.node.end_byte())
    }
}

/// The program among the words of a command that takes code, whichever other
/// program starts it, and which word it is: what stands before is not for it.
fn takes_code(words: &[Word]) -> Option<(usize, String)> {
    let first = base(words.first()?);
    let has = |options: &str| words[1..].iter().any(|word| is_in(options, word));
    let named = words.iter().map(base).enumerate().find(|(_, name)| is_in(TAKE_CODE, name));
    let by_itself = is_in(TAKE_CODE_BY_NAME, first)
        // What these are given as the name of a variable may hold a subscript.
        || (is_in("test [ printf wait", first) && has("-v -p"))
        || (first == "find" && has("-exec -execdir -ok -okdir"))
        || (first == "env" && has("-S --split-string"));
    named.or(by_itself.then_some((0, first))).map(|(word, name)| (word, name.to_owned()))
}

/// The program among the words of a command that runs what it reads.
fn reads_code(words: &[Word]) -> Option<String> {
    let is_plain = |word: &Word| word.as_str() == "-" || !word.starts_with('-');
    let names: Vec<&str> = words.iter().map(base).collect();
    let reads = names.iter().enumerate().find(|(at, name)| {
        let given = || words[at + 1..].iter().any(|word| is_plain(word) && word.as_str() != "-" || word.len() == 2);
        is_in(READ_CODE, name)
            || (is_in(READ_SCRIPTS, name) && !given())
            || (is_in("sudo doas", name) && words.iter().any(|word| is_in("-i -s --login --shell", word)))
            || (*at == 0 && is_in(TAKE_CODE_BY_NAME, name))
    });
    reads.map(|(_, name)| (*name).to_owned())
}

fn base(word: &Word) -> &str {
    let name = word.as_str();
    name.rsplit('/').next().unwrap_or(name)
}

/// Names of functions whose body holds a command that takes code.
fn functions(items: &[Item<'_>], commands: &[Vec<Word>], text: &str) -> HashSet<String> {
    let mut takes = items.iter().zip(commands).filter(|(item, _)| item.in_function);
    let any = takes.any(|(_, words)| takes_code(words).is_some() || reads_code(words).is_some());
    if !any {
        return HashSet::new();
    }
    let definitions = items.iter().filter(|item| item.kind == "function_definition");
    definitions.filter_map(|item| Some(syntax::text(item.node.child_by_field_name("name")?, text).to_owned())).collect()
}

/// Whether a test computes with its operands: then they are arithmetic.
fn evaluates(test: &str) -> bool {
    let computes = |word: &str| is_in("-eq -ne -lt -le -gt -ge -v -R", word);
    test.split_whitespace().any(computes)
}

/// `declare -i`: what the variable is set to is arithmetic.
fn declares_integer(item: &Item<'_>, text: &str) -> bool {
    let text = syntax::text(item.node, text);
    text.split_whitespace().any(|word| word.strip_prefix('-').is_some_and(|flags| flags.contains('i')))
}
