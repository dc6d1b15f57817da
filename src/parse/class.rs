//! What kind of code a block holds: by its label, by prompts in it, by its
//! content, and by what stands before it.

use super::answers;
use super::first_line;
use super::form;
use super::labels::{self, Meaning};
use super::printed;
use super::prompt::{Console, is_for_postgres};
use super::session::{self, Expected, Session};
use crate::runbook::{Class, Reading};

/// What stands directly before a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// Nothing that tells anything.
    Free,
    /// A block that is run, with nothing between.
    AfterCommand,
    /// Words that announce output, such as "Expected output:".
    AfterAnnouncement,
    /// Words about something that is seen, such as "the log shows:".
    AfterMention,
    /// Words about something that is written, such as "add to the file:".
    AfterFile,
    /// Words that ask for a command, such as "Then run:", or the page has run
    /// the same program before.
    AfterRequest,
}

/// What a block turned out to be.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) class: Class,
    pub(super) language: String,
    pub(super) why: String,
    /// What to execute, where that is not the code as it stands.
    pub(super) run: Option<String>,
    /// The output that stands among its commands.
    pub(super) expects: Option<String>,
    /// It is asked about before it runs.
    pub(super) doubtful: bool,
}

impl Told {
    fn new(class: Class, language: &str, why: String) -> Self {
        Self { class, language: language.to_owned(), why, run: None, expects: None, doubtful: false }
    }

    /// By its content, against its label.
    fn against(label: &str, reading: &Reading) -> Self {
        let why = format!("labelled `{label}`, but it reads as {}", reading.what);
        Self { doubtful: true, ..Self::new(reading.class, reading.language, why) }
    }
}

/// Tells what a text is from its content alone.
pub(super) type Recognise<'a> = dyn Fn(&str) -> Option<Reading> + 'a;

/// Languages whose labels are put on commands too, because they colour them
/// well or stand for the file that the commands are about.
const MISUSED: &str = "yaml json toml ini text xml http python node cmd sql postgresql mysql sqlite log output";

/// Tells what kind of code `code` under `label` (lower-case) is.
pub(super) fn tell(label: &str, code: &str, context: Context, recognise: &Recognise<'_>) -> Told {
    if let Some(told) = by_first_line(label, code, context, recognise) {
        return told;
    }
    let meaning = labels::meaning(label);
    if let Some(told) = as_page(label, code, recognise) {
        return told;
    }
    if let Some(told) = by_prompts(label, meaning, code, recognise) {
        return told;
    }
    if let Some(told) = by_answers(label, meaning, code, recognise) {
        return told;
    }
    if context == Context::AfterAnnouncement
        && let Some(told) = by_announcement(label, meaning, code)
    {
        return told;
    }
    // Where the label is believed in any case, the content is not looked at.
    let is_believed = |meaning: Meaning| is_believed(meaning) && !form::is_missing(meaning.language, code);
    let reading = if meaning.is_some_and(is_believed) { None } else { recognise(code) };
    if context != Context::AfterAnnouncement
        && let Some(told) = by_output(label, meaning, reading.as_ref(), code, recognise)
    {
        return told;
    }
    if let Some(told) = by_context(label, meaning, reading.as_ref(), code, context) {
        return told;
    }
    let may_be_shell = meaning.map_or(label.is_empty(), |meaning| meaning.class == Class::Shell);
    let is_commands = || reading.as_ref().is_some_and(|found| found.certain && found.class == Class::Shell);
    if may_be_shell && first_line::is_path_of_file(code) && !is_commands() {
        return Told::new(Class::Config, "", "its first line names the file that it is the content of".to_owned());
    }
    match (meaning, reading) {
        (Some(meaning), Some(reading)) if is_mislabelled(meaning, &reading, code) => Told::against(label, &reading),
        // One command under the label of a file that it is about.
        (Some(meaning), Some(reading)) if reading.class == Class::Shell && form::is_missing(meaning.language, code) => {
            Told::against(label, &reading)
        }
        // Without prompts a session is nothing but commands.
        (Some(Meaning { class: Class::Session, language }), _) => {
            Told::new(Class::Shell, language, format!("labelled `{label}`, without prompts"))
        }
        (Some(Meaning { class, language }), _) => {
            let told = Told::new(class, language, by_label(label, class, language));
            Told { doubtful: class == Class::Script && is_of_file(language, context), ..told }
        }
        (None, reading) if label.is_empty() => unlabelled(reading.as_ref(), code, context),
        (None, reading) => {
            let unknown = format!("labelled `{label}`, which is no language this tool knows");
            match reading.filter(|reading| reading.certain) {
                Some(Reading { class, language, what, .. }) => {
                    Told { doubtful: true, ..Told::new(class, language, format!("{unknown}; it reads as {what}")) }
                }
                None => Told::new(Class::Unknown, label, unknown),
            }
        }
    }
}

/// By a first line that names the language: it is no part of what is run.
fn by_first_line(label: &str, code: &str, context: Context, recognise: &Recognise<'_>) -> Option<Told> {
    let (named, rest) = first_line::language(code).filter(|_| label.is_empty())?;
    let mut told = tell(&named, rest, context, recognise);
    if matches!(told.class, Class::Shell | Class::Sql | Class::Script) {
        told.run.get_or_insert_with(|| rest.to_owned());
    }
    Some(told)
}

/// By the marks of a page in it, which may show commands as pages do.
fn as_page(label: &str, code: &str, recognise: &Recognise<'_>) -> Option<Told> {
    let has_marks = || ["```", "!!! ", "??? ", "!["].iter().any(|mark| code.contains(mark));
    if !label.is_empty() || !has_marks() {
        return None;
    }
    let reading = recognise(code).filter(|reading| reading.certain && reading.language == "markdown")?;
    Some(Told::new(reading.class, reading.language, format!("unlabelled, but it reads as {}", reading.what)))
}

fn unlabelled(reading: Option<&Reading>, code: &str, context: Context) -> Told {
    // What is only shown can be guessed at; whether something is a command, or
    // only talks about one, the page must say.
    let is_shown = |class: Class| matches!(class, Class::Output | Class::Config);
    // A text in no language, which nobody could type as it stands.
    let is_remainder = |reading: &Reading| reading.language.is_empty();
    match (reading, context) {
        (Some(Reading { class, language, what, certain: true }), context) => {
            let told = Told::new(*class, language, format!("unlabelled, but it reads as {what}"));
            Told { doubtful: *class == Class::Script && is_of_file(language, context), ..told }
        }
        (Some(Reading { class: Class::Shell, .. }), Context::AfterFile) => {
            Told::new(Class::Config, "", "unlabelled; the page speaks of what is written in a file".to_owned())
        }
        (Some(found), Context::AfterMention)
            if !matches!(found.class, Class::Sql | Class::Script) && has_no_sign(code) =>
        {
            Told::new(Class::Output, "", "unlabelled; the page speaks of what is seen".to_owned())
        }
        (Some(found), Context::AfterRequest) if is_remainder(found) && first_line::begins_like_command(code) => {
            let why = format!("unlabelled; the page asks for a command, but it may be {}", found.what);
            Told::new(Class::Unknown, "", why)
        }
        (Some(found), _) if is_shown(found.class) || is_remainder(found) => {
            Told::new(found.class, found.language, format!("unlabelled, but it reads as {}", found.what))
        }
        (Some(Reading { class: Class::Shell, language, what, .. }), context) => {
            let asked = if context == Context::AfterRequest { "but the page asks for a command and " } else { "" };
            let why = format!("unlabelled, {asked}it may be {what}");
            Told { doubtful: true, ..Told::new(Class::Shell, language, why) }
        }
        (Some(Reading { what, .. }), _) => Told::new(Class::Unknown, "", format!("unlabelled; it may be {what}")),
        (None, _) => Told::new(Class::Unknown, "", "unlabelled, and its content does not tell what it is".to_owned()),
    }
}

/// Whether the page may show what a file of a program holds: what is written in
/// these languages is rarely typed.
fn is_of_file(language: &str, context: Context) -> bool {
    matches!(context, Context::AfterFile | Context::AfterMention)
        && matches!(language, "python" | "node" | "ruby" | "php" | "perl" | "lua")
}

/// Whether none of its lines follows a sign that prompts may end with.
fn has_no_sign(code: &str) -> bool {
    session::is_free_of_prompts(code) && !code.lines().any(|line| line.starts_with('>'))
}

fn by_label(label: &str, class: Class, language: &str) -> String {
    let meaning = match class {
        Class::Shell | Class::Session => "shell commands",
        Class::Sql => "SQL",
        Class::Script => "a program for another interpreter",
        Class::Output => "output",
        Class::Config if matches!(language, "promql" | "logql" | "query") => "a query for another tool",
        Class::Config => "the content of a file",
        Class::Prose => "text",
        Class::Unknown => "unknown",
    };
    format!("labelled `{label}`: {meaning}")
}

/// Whether a label is believed whatever the content looks like: a query that
/// names its language is what it says.
fn is_believed(meaning: Meaning) -> bool {
    !matches!(meaning.class, Class::Shell | Class::Session)
        && !MISUSED.split(' ').any(|language| language == meaning.language)
}

/// Whether the content says otherwise than the label, and is to be believed.
fn is_mislabelled(meaning: Meaning, reading: &Reading, code: &str) -> bool {
    match meaning.class {
        Class::Shell | Class::Session => {
            // `NAME=value` may be set by a shell, and a name alone may be that of
            // a program; other settings and listings would only fail in one.
            let is_shown = match reading.class {
                Class::Output => !reading.language.is_empty(),
                Class::Config => !matches!(reading.language, "env" | "text" | ""),
                _ => false,
            };
            reading.class != Class::Shell && (reading.certain || is_shown)
        }
        _ if is_believed(meaning) => false,
        // `ExecStart=/usr/bin/tool serve` sets a variable for a command, too.
        Class::Config if form::is_of_settings(meaning.language, code) => false,
        Class::Prose => reading.certain && reading.class != Class::Prose,
        Class::Output => reading.certain && reading.class == Class::Shell,
        Class::Script if meaning.language == "pwsh" => false,
        // Windows has paths and variables of its own.
        Class::Script if meaning.language == "cmd" => {
            reading.certain && reading.class == Class::Shell && !code.contains(['\\', '%'])
        }
        // Data has the syntax of JavaScript, and does nothing there.
        Class::Script if meaning.language == "node" && reading.language == "json" => reading.certain,
        Class::Script if meaning.language == "node" && reading.language == "mongosh" => reading.certain,
        // A table alone was printed; one below a statement comes with it.
        Class::Sql if matches!(reading.class, Class::Output | Class::Prose) => {
            let begins = code.trim_start();
            reading.certain && !begins.starts_with("-- ") && !is_for_postgres(begins)
        }
        _ => reading.certain && matches!(reading.class, Class::Shell | Class::Sql) && meaning.class != reading.class,
    }
}

/// By the words before it that announce output, where nothing but a prompt
/// would say otherwise.
fn by_announcement(label: &str, meaning: Option<Meaning>, code: &str) -> Option<Told> {
    let may_be_output = match meaning {
        None => label.is_empty(),
        Some(Meaning { class: Class::Prose, language }) => language == "text",
        Some(Meaning { class: Class::Config, language }) => {
            matches!(language, "json" | "yaml" | "xml" | "csv" | "http")
        }
        Some(_) => false,
    };
    let language = meaning.map_or("", |meaning| meaning.language);
    let why = "the page announces it as output";
    (may_be_output && session::is_free_of_prompts(code)).then(|| Told::new(Class::Output, language, why.to_owned()))
}

/// Output is called output only where the page makes it plain.
fn by_context(
    label: &str,
    meaning: Option<Meaning>,
    reading: Option<&Reading>,
    code: &str,
    context: Context,
) -> Option<Told> {
    let unlabelled = label.is_empty();
    let (class, language) = meaning.map_or((Class::Unknown, ""), |meaning| (meaning.class, meaning.language));
    let is_text = class == Class::Prose && language == "text";
    let certain = reading.filter(|reading| reading.certain);
    let output =
        |why: &str| session::is_free_of_prompts(code).then(|| Told::new(Class::Output, language, why.to_owned()));
    match context {
        Context::AfterAnnouncement if class == Class::Shell => {
            let reading = reading.filter(|reading| reading.class != Class::Shell)?;
            output(&format!("the page announces it as output, and it reads as {}", reading.what))
        }
        // What is announced as output and has no prompt is nothing typed.
        Context::AfterAnnouncement
            if class == Class::Session && !certain.is_some_and(|found| found.class == Class::Shell) =>
        {
            output("the page announces it as output")
        }
        Context::AfterCommand if is_text || unlabelled => {
            let is_own = |reading: &Reading| match reading.class {
                Class::Shell => true,
                // Steps of a list and parts of a page are written, not printed.
                Class::Prose => reading.language == "markdown" || is_step_of_a_list(code),
                Class::Sql | Class::Script => unlabelled,
                Class::Config => unlabelled && !matches!(reading.language, "json" | "yaml" | "xml" | "promql" | "pem"),
                _ => false,
            };
            let is_own = certain.is_some_and(is_own);
            if is_own { None } else { output("directly after a command, without a language of its own") }
        }
        _ => None,
    }
}

/// `2. Check out the branch …`
fn is_step_of_a_list(code: &str) -> bool {
    let code = code.trim_start();
    let rest = code.trim_start_matches(|c: char| c.is_ascii_digit());
    let text = if rest.len() < code.len() { rest.strip_prefix(". ") } else { None };
    text.is_some_and(|text| text.starts_with(|c: char| c.is_alphabetic()))
}

/// By the output that stands below its commands, without any prompt: the
/// commands alone are run.
fn by_output(
    label: &str,
    meaning: Option<Meaning>,
    reading: Option<&Reading>,
    code: &str,
    recognise: &Recognise<'_>,
) -> Option<Told> {
    let is_for_shell = meaning.is_none_or(|meaning| matches!(meaning.class, Class::Shell | Class::Session));
    if !is_for_shell
        || (meaning.is_none() && !label.is_empty())
        || reading.is_some_and(|found| found.certain && found.class == Class::Shell)
    {
        return None;
    }
    let found = printed::below(code, !label.is_empty(), recognise).or_else(|| printed::in_turns(code, recognise))?;
    let subject = if label.is_empty() { "unlabelled".to_owned() } else { format!("labelled `{label}`") };
    let language = meaning.map_or("bash", |meaning| meaning.language);
    let mut told = Told::new(Class::Session, language, format!("{subject}, its commands stand above what they print"));
    told.run = Some(found.commands);
    told.expects = Some(found.output);
    Some(told)
}

/// By the answers of a database below its statements: the statements alone are
/// run.
fn by_answers(label: &str, meaning: Option<Meaning>, code: &str, recognise: &Recognise<'_>) -> Option<Told> {
    let is_sql = meaning.is_some_and(|meaning| meaning.class == Class::Sql);
    if !is_sql && !label.is_empty() {
        return None;
    }
    let found = answers::read(code)?;
    let reading = recognise(&found.statements).filter(|reading| reading.certain && reading.class == Class::Sql);
    let language = match (meaning, reading) {
        (Some(meaning), _) => meaning.language,
        (None, reading) => reading?.language,
    };
    let subject = if label.is_empty() { "unlabelled".to_owned() } else { format!("labelled `{label}`") };
    let why = format!("{subject}, its statements stand above what the database answers");
    let mut told = Told::new(Class::Session, language, why);
    told.run = Some(found.statements);
    told.expects = Some(found.answers);
    Some(told)
}

/// By prompts in it, wherever its label allows for them.
fn by_prompts(label: &str, meaning: Option<Meaning>, code: &str, recognise: &Recognise<'_>) -> Option<Told> {
    let class = meaning.map(|meaning| meaning.class);
    let expected = match meaning {
        None | Some(Meaning { class: Class::Prose | Class::Output, language: "text" | "output" }) => Expected::Nothing,
        Some(Meaning { class: Class::Session, .. }) => Expected::Terminal,
        Some(Meaning { class: Class::Shell | Class::Sql, .. }) => Expected::Program,
        Some(Meaning { class: Class::Script, .. }) => Expected::Program,
        Some(_) => return None,
    };
    let is_command =
        |line: &str| recognise(line).is_some_and(|reading| reading.certain && reading.class == Class::Shell);
    // A few words in no language may be a command all the same.
    let is_prose = |line: &str| {
        recognise(line).is_some_and(|reading| reading.class == Class::Prose && !reading.language.is_empty())
    };
    let is_sql = class == Some(Class::Sql);
    let is_query =
        |code: &str| is_sql || recognise(code).is_some_and(|reading| reading.certain && reading.class == Class::Sql);
    let session = session::read(code, expected, &is_command, &is_prose, &is_query)?;
    if session.may_be_comments && class != Some(Class::Shell) {
        return None;
    }
    let language = match meaning {
        Some(meaning) if session.console == Console::Shell && meaning.class == Class::Shell => meaning.language,
        Some(meaning) if session.console == Console::Sql && meaning.class == Class::Sql => meaning.language,
        _ => session.console.language(),
    };
    // A `$` begins a line of Perl, too.
    if class == Some(Class::Script) && meaning.is_some_and(|meaning| meaning.language != language) {
        return None;
    }
    Some(of_session(label, meaning, language, session))
}

fn of_session(label: &str, meaning: Option<Meaning>, language: &str, session: Session) -> Told {
    let prompts = match session.console {
        Console::Shell => "prompts".to_owned(),
        _ => format!("prompts of {}", name(language)),
    };
    let mut why = match meaning {
        _ if label.is_empty() => format!("unlabelled, its commands follow {prompts}"),
        Some(meaning)
            if meaning.class == Class::Session || meaning.language == language && meaning.class == Class::Sql =>
        {
            format!("labelled `{label}`, its commands follow {prompts}")
        }
        _ => format!("labelled `{label}`, but its commands follow {prompts}"),
    };
    let is_text = meaning.is_some_and(|meaning| matches!(meaning.class, Class::Prose | Class::Output));
    if session.may_be_comments {
        why.push_str(" of root, or are commented out");
    }
    if let Some(foreign) = session.foreign {
        let other = if foreign == Console::Shell { "a shell" } else { name(foreign.language()) };
        why.push_str(&format!("; what follows the prompts of {other} is only shown"));
    }
    Told {
        class: Class::Session,
        language: language.to_owned(),
        why,
        run: Some(session.commands),
        expects: session.output,
        doubtful: is_text || session.foreign.is_some() || session.may_be_comments,
    }
}

/// What people call the console of a language.
fn name(language: &str) -> &str {
    match language {
        "pwsh" => "PowerShell",
        "cmd" => "the Windows command line",
        "python" => "Python",
        "ruby" => "Ruby",
        "postgresql" => "psql",
        "mysql" => "MySQL",
        "sqlite" => "SQLite",
        "sql" => "a database",
        other => other,
    }
}
