//! What is left to fill in, in a shell block.

use super::arguments::{Argument, Role, arguments};
use super::table::is_in;
use super::variables::Variables;
use crate::language::Context;
use crate::language::placeholder::{self, Placeholder};
use crate::language::stand_in::{self, Sureness};
use crate::source::Span;

/// Every `<name>` that is no redirection.
pub(super) fn angles(code: &str, contexts: &[Context]) -> Vec<Placeholder> {
    // Only where there is one is it worth to look at the words.
    let words = if code.contains('<') { arguments(code, contexts) } else { Vec::new() };
    let has_tags = code.contains("</") || code.contains("/>");
    placeholder::angles(code, |at, end| {
        let stands_in_word = |at: usize| {
            matches!(
                contexts[at],
                Context::Bare
                    | Context::Command
                    | Context::SingleQuoted
                    | Context::DoubleQuoted
                    | Context::Identifier
                    | Context::Evaluated
                    | Context::Backticks
            )
        };
        if matches!(contexts[at], Context::Heredoc | Context::QuotedHeredoc) {
            let name = &code[at + 1..end - 1];
            return placeholder::is_to_reader(name) || !has_tags && is_spelled_out(&code[..at], name);
        }
        // `2<file>` names a descriptor, and `$<` nothing.
        stands_in_word(at)
            && stands_in_word(end - 1)
            && !code[..at].ends_with(['$', '&'])
            && !is_descriptor(&code[..at])
            && (!is_quoted(contexts[at]) || is_meant_in_quotes(code, contexts, &words, at, end))
    })
}

/// Whether `<name>` in a document without tags, where `before` stands before it,
/// is written as a type of some language or a header is not: `<host-name>`.
fn is_spelled_out(before: &str, name: &str) -> bool {
    let is_loud = name.len() > 2 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let is_of_code = before.ends_with(|c: char| c.is_alphanumeric() || c == '_') || before.ends_with("#include ");
    (is_loud || name.contains(['-', '_', ' '])) && !is_of_code
}

/// Whether a text ends in a number that is a word of its own.
fn is_descriptor(before: &str) -> bool {
    let word = before.trim_end_matches(|c: char| c.is_ascii_digit());
    word.len() < before.len() && (word.is_empty() || word.ends_with(|c: char| c.is_whitespace() || ";|&(".contains(c)))
}

fn is_quoted(context: Context) -> bool {
    matches!(context, Context::SingleQuoted | Context::DoubleQuoted)
}

/// Programs that look for their arguments in something, or change it by them.
const TAKE_PATTERNS: &str = "grep egrep fgrep zgrep pgrep rg ag ack sed awk gawk mawk perl jq yq xmllint";

/// Programs that only print what they are given.
const TAKE_TEXT: &str = "printf echo cat tee";

/// Programs whose quoted arguments are code or addresses, in which a `<name>`
/// is what it is outside of quotes.
const TAKE_CODE: &str = "ssh bash sh zsh su psql mysql mariadb sqlite3 redis-cli kubectl oc docker mongosh mongo";

/// Whether the `<name>` in quotes is left to fill in: where the quoted word is
/// nothing else, or is code or an address, or speaks to the reader.
fn is_meant_in_quotes(code: &str, contexts: &[Context], words: &[Argument<'_>], at: usize, end: usize) -> bool {
    let next = words.partition_point(|word| word.span.end <= at);
    let Some(word) = words.get(next).filter(|word| word.span.start <= at) else { return false };
    let is_whole =
        code[..at].ends_with(['"', '\'']) && code[end..].starts_with(['"', '\'']) && !is_quoted(contexts[at - 1]);
    // `echo "see <your page>"` is read by somebody who knows.
    let prints = is_in(TAKE_TEXT, word.command);
    if placeholder::is_to_reader(&code[at + 1..end - 1]) && (!prints || is_whole || code[..at].ends_with('=')) {
        return true;
    }
    if prints || is_in(TAKE_PATTERNS, word.command) {
        return false;
    }
    let before = &code[word.span.start..at];
    let piece = before.rsplit(|c: char| c.is_whitespace() || "\"'".contains(c)).next().unwrap_or_default();
    let mut inner = before.split(|c: char| c.is_whitespace() || "\"'|;&(".contains(c));
    let holds_text = inner.any(|word| is_in(TAKE_TEXT, word) || is_in(TAKE_PATTERNS, word));
    !holds_text
        && (is_whole
            || word.role == Role::Assignment
            || is_in(TAKE_CODE, word.command)
            || piece.contains("://")
            || piece.ends_with("Bearer ")
            || before.ends_with("Bearer ")
            || before.ends_with("Basic "))
}

/// `code` with a plain word of the same length in the place of each `<name>`.
pub(super) fn filled_in(code: &str, angles: &[Placeholder]) -> String {
    let mut filled = String::with_capacity(code.len());
    let mut at = 0;
    for (number, placeholder) in angles.iter().enumerate() {
        filled.push_str(&code[at..placeholder.span.start]);
        filled.push_str(&filling(number, placeholder));
        at = placeholder.span.end;
    }
    filled.push_str(&code[at..]);
    filled
}

/// The word that stands for a placeholder: of its length, and another for each
/// as long as the length allows.
fn filling(number: usize, placeholder: &Placeholder) -> String {
    let length = placeholder.span.end - placeholder.span.start;
    let number = number.to_string();
    let number = if number.len() < length { number.as_str() } else { "" };
    format!("x{number:_>width$}", width = length - 1)
}

/// `text`, which quotes the filled-in code, with the placeholders back in it.
pub(super) fn put_back(text: &str, angles: &[Placeholder]) -> String {
    let mut text = text.to_owned();
    for (number, placeholder) in angles.iter().enumerate() {
        text = text.replace(&filling(number, placeholder), &placeholder.text);
    }
    text
}

/// Commands whose arguments are names of variables, or text to look for.
const TAKE_NAMES: &str = "printenv read getopts mapfile readarray grep egrep fgrep pgrep rg sed awk jq yq perl echo printf \
    test [ [[ trap unset export local declare typeset let mktemp find";

/// Options that are followed by the name of a variable or a signal, or by how
/// something is to be written or sorted.
const BEFORE_NAMES: &str = "-e --env --build-arg -v --var --set -s --signal -o --option --output --format --sort \
    --sort-by --columns -X --request --capabilities --type";

/// Programs whose arguments are hosts.
const TAKE_HOSTS: &str = "ssh scp sftp rsync ping ping6 traceroute tracepath mtr nc ncat telnet curl wget dig nslookup host \
    nmap ssh-copy-id ssh-keyscan psql pg_basebackup mysql redis-cli etcdctl";

/// Options that a host follows.
const BEFORE_HOSTS: &str = "-h --host -H --hostname --server --server-name -R --remote -connect --address";

/// The `<name>`s, and the words that are placeholders by their spelling or
/// their use. `filled` is the text with the `<name>`s filled in, and `contexts` is what its
/// bytes stand in.
pub(super) fn all(
    code: &str,
    filled: &str,
    contexts: &[Context],
    angles: &[Placeholder],
    variables: &Variables,
    known: &dyn Fn(&str) -> bool,
) -> Vec<Placeholder> {
    let is_variable = |word: &str| known(word) || variables.sets.iter().any(|set| set == word);
    let mut found = angles.to_vec();
    let words = arguments(filled, contexts);
    // What stands there in a `<name>` is only its filling.
    let holds_filling = |span: Span| {
        let next = angles.partition_point(|angle| angle.span.end <= span.start);
        angles.get(next).is_some_and(|angle| angle.span.start < span.end)
    };
    let brackets =
        placeholder::brackets(filled, |at, _, to_reader| is_meant_in_brackets(filled, &words, at, to_reader));
    found.extend(brackets.into_iter().filter(|bracket| !holds_filling(bracket.span)));
    let may_be_spelled = stand_in::may_stand_in(filled);
    let mut habits = Habits::of("");
    for word in words {
        if word.command != habits.command {
            habits = Habits::of(word.command);
        }
        let text = &filled[word.span.start..word.span.end];
        let search = Search { word, text, habits, may_be_spelled, is_variable: &is_variable };
        for (range, name) in search.all() {
            let span = Span::new(word.span.start + range.start, word.span.start + range.end);
            if !holds_filling(span) && contexts[span.start] != Context::Expansion {
                found.push(Placeholder::new(&code[span.start..span.end], &name, span));
            }
        }
    }
    placeholder::in_order(found)
}

/// Programs whose arguments hold brackets of their own.
const TAKE_BRACKETS: &str = "python python3 node ruby perl php ansible helm gomplate tr find expr xargs eval";

/// Whether a name in brackets stands in a word that has no other use for them.
fn is_meant_in_brackets(code: &str, words: &[Argument<'_>], at: usize, to_reader: bool) -> bool {
    let next = words.partition_point(|word| word.span.end <= at);
    let Some(word) = words.get(next).filter(|word| word.span.start <= at) else { return false };
    let text = &code[word.span.start..word.span.end];
    let takes =
        [TAKE_PATTERNS, TAKE_BRACKETS].iter().any(|list| is_in(list, word.command)) || word.command.starts_with('[');
    let prints = is_in(TAKE_TEXT, word.command) || word.role == Role::Document;
    // `"fix it [skip ci]"` is text, of which the bracket is a part.
    let is_text = text.starts_with(['"', '\'']) && text.contains(' ') && !code[..at].ends_with(['"', '\'']);
    let is_braced = code[at..].starts_with('{');
    !takes
        && (!is_text || to_reader)
        && !text.contains("jsonpath")
        && (if prints { to_reader && !is_braced } else { true })
}

/// What a command does with its words.
#[derive(Clone, Copy)]
struct Habits<'a> {
    command: &'a str,
    takes_patterns: bool,
    takes_text: bool,
}

impl<'a> Habits<'a> {
    fn of(command: &'a str) -> Self {
        Self { command, takes_patterns: is_in(TAKE_PATTERNS, command), takes_text: is_in(TAKE_TEXT, command) }
    }
}

/// The search for stand-ins in one word.
struct Search<'a> {
    word: Argument<'a>,
    text: &'a str,
    habits: Habits<'a>,
    /// Whether the text around it may hold a word that is one by its spelling.
    may_be_spelled: bool,
    is_variable: &'a dyn Fn(&str) -> bool,
}

type Hit = (std::ops::Range<usize>, String);

impl Search<'_> {
    fn all(&self) -> Vec<Hit> {
        let Argument { command, role, .. } = self.word;
        if self.habits.takes_patterns {
            return Vec::new();
        }
        let inner = self.value();
        let is_quoted = self.text[..inner.start].ends_with(['"', '\'']);
        let value = &self.text[inner.clone()];
        let has_space = value.contains(char::is_whitespace);
        let is_text = role == Role::Document || self.habits.takes_text;
        let sureness = if is_text { Sureness::Anywhere } else { Sureness::InArguments };
        let mut hits = Vec::new();
        if self.may_be_spelled && command != "mktemp" && !self.is_format() {
            for hit in stand_in::find(self.text, sureness) {
                let text = &self.text[hit.range.clone()];
                if !(self.is_variable)(text) {
                    hits.push((
                        hit.range.clone(),
                        if hit.is_mute { self.name_by_place(text) } else { text.to_owned() },
                    ));
                }
            }
        }
        if is_text {
            return hits;
        }
        if stand_in::is_left_out(value) || (!is_quoted && stand_in::is_cut_off(value)) {
            hits.push((inner.clone(), self.name_by_place(value)));
        }
        if has_space && is_quoted && !is_in("ssh bash sh su kubectl oc docker", command) {
            hits.extend(self.behind_bearer(&inner));
            return hits;
        }
        for (start, piece) in pieces(value) {
            hits.extend(self.in_piece(inner.start + start, piece, value));
        }
        hits
    }

    /// The word without its quotes; of an assignment or a long option, what it
    /// gives.
    fn value(&self) -> std::ops::Range<usize> {
        let text = self.text;
        let start = match text.split_once('=') {
            Some((name, _)) if !name.contains(['"', '\'', '/', ':']) => name.len() + 1,
            _ => 0,
        };
        let is_quoted =
            |quote: char| text.len() >= start + 2 && text[start..].starts_with(quote) && text.ends_with(quote);
        if is_quoted('"') || is_quoted('\'') { start + 1..text.len() - 1 } else { start..text.len() }
    }

    /// Whether the word says in which form something is to be written.
    fn is_format(&self) -> bool {
        let lower = |text: &str| text.to_ascii_lowercase();
        let near = [lower(self.word.previous), lower(self.text)];
        near[0].contains("format") && near[0].starts_with('-')
            || ["format=", "format(", "to_char(", "to_date(", "to_timestamp(", "strftime("]
                .iter()
                .any(|n| near[1].contains(n))
    }

    /// What a stand-in that says nothing itself is for: the variable or the
    /// option that it is given to, else the piece of the word around it.
    fn name_by_place(&self, text: &str) -> String {
        let value = self.text.trim_matches(['"', '\'']);
        let given_to = value.split_once('=').filter(|(name, _)| !name.contains(['"', '\'', '/', ' ']));
        if let Some((name, _)) = given_to.filter(|(_, value)| value.trim_matches(['"', '\'']) == text) {
            return name.trim_start_matches('-').to_owned();
        }
        if let Some(option) = self.word.previous.strip_prefix("--").filter(|_| value.len() < text.len() + 2) {
            return option.to_owned();
        }
        let pieces = given_to.map_or(value, |(_, value)| value).split([':', '/', '@', '=', ',']);
        let piece = pieces.filter(|piece| piece.contains(text)).find(|piece| !piece.contains(char::is_whitespace));
        piece.filter(|piece| piece.len() <= 40).unwrap_or(text).to_owned()
    }

    /// `TOKEN` of `"Authorization: Bearer TOKEN"`.
    fn behind_bearer(&self, inner: &std::ops::Range<usize>) -> Option<Hit> {
        let value = &self.text[inner.clone()];
        let at = ["Bearer ", "Basic ", "Token "].iter().find_map(|word| Some(value.find(word)? + word.len()))?;
        let word = value[at..].trim_end();
        let asks = stand_in::is_shouted(word)
            || stand_in::is_shouted_alone(word)
            || stand_in::is_left_out(word)
            || stand_in::is_cut_off(word);
        asks.then(|| (inner.start + at..inner.start + at + word.len(), word.to_owned()))
    }

    /// What stands in one piece of a word, of those that `:`, `@` and the like
    /// part.
    fn in_piece(&self, start: usize, piece: &str, whole: &str) -> Option<Hit> {
        let Argument { command, previous, role, .. } = self.word;
        let hit = |range: std::ops::Range<usize>| {
            let text = piece[range.clone()].to_owned();
            (start + range.start..start + range.end, text)
        };
        // `NAME=` inside of an argument is given a value there.
        if piece.is_empty()
            || self.text[start + piece.len()..].starts_with('=')
            || self.text[..start].ends_with(['$', '{'])
        {
            return None;
        }
        let takes_names =
            || is_in(TAKE_NAMES, command) || is_in(BEFORE_NAMES, previous) || self.text.contains("custom-columns");
        // Nothing is shouted without a capital.
        if piece.bytes().any(|byte| byte.is_ascii_uppercase()) {
            let is_given = role == Role::Assignment
                || (is_in("export local declare typeset readonly", command) && whole.len() < self.text.len());
            if is_given || !takes_names() {
                let is_alone = piece == whole || is_given || whole.contains(['@', ':']);
                // The name of a command may be shouted as that of any file.
                let is_command = command == whole && role == Role::Argument && previous.is_empty();
                let is_named = stand_in::is_shouted(piece) && !(self.is_variable)(piece);
                if (is_named || (is_alone && stand_in::is_shouted_alone(piece))) && !is_command {
                    return Some(hit(0..piece.len()));
                }
                if let Some(range) = stand_in::shouted_end(piece) {
                    return Some(hit(range));
                }
            }
        }
        let in_place = !piece.starts_with('-') && !whole.starts_with('-');
        if in_place && stand_in::is_some_machine(piece) {
            let is_host = is_in(TAKE_HOSTS, command) || is_in(BEFORE_HOSTS, previous) || whole.contains("://");
            if is_host && !self.is_path(start, piece, whole) {
                return Some(hit(0..piece.len()));
            }
        }
        let is_sample = piece == whole && stand_in::is_sample_name(piece) && !takes_names() && command != whole;
        is_sample.then(|| hit(0..piece.len()))
    }

    /// Whether the piece is a part of a path, and so no host.
    fn is_path(&self, start: usize, piece: &str, whole: &str) -> bool {
        let after = self.text[start + piece.len()..].starts_with('/');
        let before = self.text[..start].ends_with('/') && !self.text[..start].ends_with("//");
        before || (after && !whole.contains("://"))
    }
}

/// The parts of a word that `:`, `@`, `/` and the like stand between, each with
/// its offset.
fn pieces(word: &str) -> impl Iterator<Item = (usize, &str)> {
    let parts = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '$' || !c.is_ascii());
    let mut at = 0;
    word.split(parts).map(move |piece| {
        let start = at;
        // Every separator is one byte, for it is ASCII.
        at += piece.len() + 1;
        let plain = piece.trim_start_matches('-');
        // An option keeps its hyphens: it is no value.
        if start == 0 { (start, piece) } else { (start + piece.len() - plain.len(), plain) }
    })
}
