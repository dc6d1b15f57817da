//! Values in shell text.

use super::{Allowed, Refusal, Secret, Surroundings, first, first_harmful, is_harmless, near, refuse, refuse_nul};
use crate::source::{Context, Limit};

pub(super) fn text(text: &str, around: &Surroundings<'_>, allowed: Allowed) -> Result<String, Refusal> {
    let Surroundings { place, before, after, .. } = *around;
    refuse_nul(text)?;
    if place.context == Context::Command {
        return command(text, around, allowed);
    }
    check_place(around)?;
    // bash marks quoted characters with these two, and loses track of its own.
    if text.contains(['\u{1}', '\u{7f}']) {
        return Err(refuse("bash does not keep the control characters of the value", "use a value without them"));
    }
    if let Some(Limit::ReadAgain(program)) = &place.limit
        && !is_harmless(text)
    {
        return Err(refuse(
            format!("`{program}` reads what it is given here as code, and of the value {}", first_harmful(text)),
            "use a value of letters, digits and _ . / : @ % + = , - only, or edit the block to quote it for that program",
        ));
    }
    if is_option(text, around) && !allowed.option {
        return Err(Refusal {
            is_option: true,
            ..refuse(
                format!("the value `{text}` would be read as an option, for it begins with `-`"),
                "put `./` before a path, or `--` before the arguments and something before the value",
            )
        });
    }
    check_url(text, before, false)?;
    match place.context {
        Context::SingleQuoted => Ok(text.replace('\'', r"'\''")),
        Context::DoubleQuoted => Ok(backslashed(text, "\\\"$`")),
        Context::EscapeQuoted if text.contains(['\'', '\\']) => {
            let reason = format!("between `$'` and `'`, {}", first(text, |c| matches!(c, '\'' | '\\')));
            Err(refuse(reason, "use `'…'` instead of `$'…'`"))
        }
        Context::Heredoc => check_tabs(text, around).map(|()| backslashed(text, "\\$`")),
        Context::QuotedHeredoc => check_tabs(text, around).map(|()| text.to_owned()),
        Context::Bare if needs_quotes(text, before, after) => Ok(quoted(text)),
        _ => Ok(text.to_owned()),
    }
}

/// A secret is only ever referred to: the shell puts it in.
pub(super) fn secret(secret: &Secret<'_>, around: &Surroundings<'_>, allowed: Allowed) -> Result<String, Refusal> {
    let Secret { name, variable, text } = *secret;
    refuse_nul(text)?;
    check_place(around)?;
    if let Some(Limit::ReadAgain(program)) = &around.place.limit
        && !is_harmless(text)
    {
        return Err(refuse(
            format!(
                "`{program}` reads what it is given here as code, and the secret `{name}` is more than letters and digits"
            ),
            "hand it over in another way: in a file, or on standard input",
        ));
    }
    if is_option(text, around) && !allowed.option {
        return Err(Refusal {
            is_option: true,
            ..refuse(format!("the secret `{name}` would be read as an option"), "put `--` before the arguments")
        });
    }
    check_url(text, around.before, true)?;
    match around.place.context {
        Context::Bare => Ok(format!("\"${variable}\"")),
        Context::SingleQuoted => Ok(format!("'\"${variable}\"'")),
        Context::DoubleQuoted | Context::Heredoc => Ok(format!("${{{variable}}}")),
        Context::QuotedHeredoc => Err(refuse(
            format!("`{name}` is a secret, and in a here-document whose delimiter is quoted nothing can refer to it"),
            "take the quotes off the delimiter (`<<EOF`), and put a `\\` before each `$` that is meant as it stands",
        )),
        _ => Err(refuse(
            format!("`{name}` is a secret, and cannot be referred to here"),
            "put it into a word of its own, or into `\"…\"`",
        )),
    }
}

/// What the shell itself reads where the name of a command stands.
const OWN_WORDS: &str = "if then else elif fi do done while until for case esac in select function coproc time eval exec \
    source trap alias let command builtin";

/// What names the command to run, or a part of its name: plain, so that it can
/// be judged for what it does.
fn command(text: &str, around: &Surroundings<'_>, allowed: Allowed) -> Result<String, Refusal> {
    let begins = begins_word(around.before, Context::Command);
    if begins && !allowed.name {
        return Err(refuse(
            "a value cannot name the command to run",
            "write the command in the runbook, or `| raw` behind the name",
        ));
    }
    check_neighbours(around)?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_./+-".contains(c);
    if text.is_empty() || !text.chars().all(is_part) {
        return Err(refuse(
            format!("it names the command to run, and {}", first(text, |c| !is_part(c))),
            "give the name or the path of one program, of letters, digits and _ . / + - only, or edit the block",
        ));
    }
    let is_name = text.contains(|c: char| c.is_ascii_alphanumeric()) && !text.starts_with('-');
    let is_own = OWN_WORDS.split(' ').any(|word| word == text);
    if begins && (!is_name || is_own || text.ends_with('/') || around.after.trim_start().starts_with('(')) {
        return Err(refuse(format!("`{text}` is no program"), "give the name or the path of one program"));
    }
    Ok(text.to_owned())
}

/// Whether a value in this place can be taken for anything but text, whatever
/// it is.
fn check_place(around: &Surroundings<'_>) -> Result<(), Refusal> {
    let context = around.place.context;
    match context {
        Context::Bare | Context::DoubleQuoted | Context::Heredoc => check_neighbours(around),
        Context::SingleQuoted | Context::QuotedHeredoc => Ok(()),
        // `\x` and `\0` take the characters after them.
        Context::EscapeQuoted if near(around.before).any(|c| c == '\\') => {
            Err(refuse("a backslash stands close before the value", "use `'…'` instead of `$'…'`"))
        }
        Context::EscapeQuoted => Ok(()),
        Context::Command => Err(refuse("a secret cannot name the command to run", "write the command in the runbook")),
        Context::Identifier => Err(refuse("a value cannot name the variable to set", "write the name in the runbook")),
        Context::HeredocDelimiter => Err(inside("the word that ends a here-document")),
        Context::Comment => Err(inside("a comment")),
        Context::Backticks => Err(inside("backticks, which are read twice")),
        Context::Evaluated => Err(inside("text that the shell reads a second time")),
        Context::Arithmetic => Err(inside("arithmetic")),
        Context::Expansion => Err(inside("an expansion")),
        Context::DollarQuoted | Context::ClientCommand | Context::Foreign => {
            Err(inside("a program in another language"))
        }
    }
}

fn inside(place: &str) -> Refusal {
    refuse(
        format!("a value cannot be put inside {place} safely"),
        "set a variable of the shell first, `name={{ … }}`, and use that",
    )
}

/// Where a backslash or a `$` before the value would take it.
fn check_neighbours(around: &Surroundings<'_>) -> Result<(), Refusal> {
    let before = around.before;
    if before.ends_with('\\') {
        return Err(refuse("a backslash stands before the value", "take the backslash away"));
    }
    let name = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if let Some(dollar) = name.strip_suffix('$')
        && (dollar.len() - dollar.trim_end_matches('\\').len()).is_multiple_of(2)
    {
        return Err(refuse(
            "the value would become a part of the variable's name before it",
            "write `${name}` for the variable",
        ));
    }
    Ok(())
}

fn is_option(text: &str, around: &Surroundings<'_>) -> bool {
    text.starts_with('-') && begins_word(around.before, around.place.context)
}

/// Whether a value behind `before` is the beginning of a word, for the shell or
/// for a program that is given the text in quotes.
fn begins_word(before: &str, context: Context) -> bool {
    let before = match (context, before.strip_suffix(['\'', '"'])) {
        // Behind other text inside the quotes.
        (Context::SingleQuoted | Context::DoubleQuoted, None) => return false,
        (Context::Heredoc | Context::QuotedHeredoc, _) => return false,
        (_, Some(before)) => before.trim_end_matches(['\'', '"', '$']),
        (_, None) => before,
    };
    before.is_empty() || before.ends_with(|c: char| c.is_whitespace() || ";|&()<>`".contains(c))
}

/// Whether a bare word would not be read as the text alone.
fn needs_quotes(text: &str, before: &str, after: &str) -> bool {
    let word = &before[before.rfind(char::is_whitespace).map_or(0, |at| at + 1)..];
    let names_descriptor = after.starts_with(['<', '>']) && text.bytes().all(|byte| byte.is_ascii_digit());
    let makes_words = word.contains('{') && (text.contains(',') || text.contains(".."));
    // zsh looks for the program of `=name`.
    !is_harmless(text)
        || names_descriptor
        || makes_words
        || (text.starts_with('=') && begins_word(before, Context::Bare))
}

/// The text as one word.
fn quoted(text: &str) -> String {
    let plain_in_double = !text.contains(['"', '$', '`', '\\', '!']);
    if text.contains('\'') && plain_in_double {
        return format!("\"{text}\"");
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn backslashed(text: &str, special: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if special.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// `<<-` takes the tabs away that a line begins with.
fn check_tabs(text: &str, around: &Surroundings<'_>) -> Result<(), Refusal> {
    let begins_line = around.before.trim_end_matches('\t').ends_with('\n');
    let loses = (begins_line && text.starts_with('\t')) || text.contains("\n\t");
    if around.strips_tabs && loses {
        return Err(refuse("`<<-` would take away a tab of the value", "write `<<` without the `-`"));
    }
    Ok(())
}

/// What can stand in no address cannot stand in a part of one.
fn check_url(text: &str, before: &str, is_secret: bool) -> Result<(), Refusal> {
    let word = &before[before.rfind(|c: char| c.is_whitespace() || "\"'`".contains(c)).map_or(0, |at| at + 1)..];
    let is_wrong = |c: char| c <= ' ' || c == '\u{7f}' || "\"<>\\^`{|}".contains(c);
    if !word.contains("://") || !text.contains(is_wrong) {
        return Ok(());
    }
    if is_secret {
        return Err(refuse("the secret holds what cannot stand in an address", "give it percent-encoded"));
    }
    let mut encoded = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_wrong(c) {
            encoded.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            encoded.push(c);
        }
    }
    let reason = format!("it is a part of an address, and {}", first(text, is_wrong));
    Err(refuse(reason, format!("give it percent-encoded: {encoded}")))
}
