//! Values in SQL text.

use super::{Allowed, Refusal, Secret, Surroundings, near, refuse, refuse_nul};
use crate::source::{Context, Limit};
use crate::template::expression::Evaluated;
use crate::template::{Form, secret_parameter};

pub(super) fn value(
    value: &Evaluated,
    text: &str,
    form: Form,
    around: &Surroundings<'_>,
    allowed: Allowed,
) -> Result<String, Refusal> {
    refuse_nul(text)?;
    match around.place.context {
        Context::Bare => {
            check_alone(around)?;
            if matches!(value, Evaluated::Number(_) | Evaluated::Bool(_)) {
                if text.starts_with('-') && around.before.ends_with('-') {
                    return Err(refuse("`--` would begin a comment", "put a space before the value"));
                }
                return Ok(text.to_owned());
            }
            if form == Form::Mysql && matches!(value, Evaluated::Moment(_)) {
                return Ok(format!("CONVERT_TZ('{text}', '+00:00', @@time_zone)"));
            }
            Ok(literal(text, form))
        }
        // A part of a text, which nothing would take for another time zone's.
        _ if form == Form::Mysql && matches!(value, Evaluated::Moment(_)) => {
            self::value(&Evaluated::Text(String::new()), &format!("{text} UTC"), form, around, allowed)
        }
        Context::SingleQuoted => {
            // `U&'\0041'`, and a session in which a backslash escapes.
            if form == Form::Postgres && text.contains('\\') {
                return Err(refuse(
                    "whether a backslash means itself inside `'…'` is a setting of the server",
                    "let the value stand alone, without the quotes around it",
                ));
            }
            Ok(text.replace('\'', "''"))
        }
        Context::EscapeQuoted if near(around.before).any(|c| c == '\\') => {
            Err(refuse("a backslash stands close before the value", "use a plain quoted text"))
        }
        Context::EscapeQuoted => Ok(text.replace('\\', "\\\\").replace('\'', "''")),
        // Text in MySQL; and a name where the session is set so, in which a
        // doubled quote means the same. A session in which a backslash does not
        // escape is not sent a doubled one.
        Context::DoubleQuoted if form == Form::Mysql => {
            if near(around.before).any(|c| c == '\\') {
                return Err(refuse("a backslash stands close before the value", "use a plain quoted text"));
            }
            Ok(text.replace('\\', "\\\\").replace('"', "\"\""))
        }
        Context::DoubleQuoted => quoted_name(text, around),
        Context::Identifier if allowed.name && is_name(text, around) => Ok(text.to_owned()),
        context => Err(refuse_in(context)),
    }
}

/// A secret goes to the server beside the statement, never inside it.
pub(super) fn secret(secret: &Secret<'_>, form: Form, around: &Surroundings<'_>) -> Result<String, Refusal> {
    refuse_nul(secret.text)?;
    let name = secret.name;
    match (around.place.context, &around.place.limit) {
        (Context::Bare, Some(Limit::ConstantsOnly(statement))) => Err(refuse(
            format!("`{name}` is a secret, and {statement} takes no parameter: it would stand in the server's log"),
            match form {
                Form::Mysql => "do this in a shell block, with a client that reads it from a file of its own",
                Form::Postgres | Form::Sqlite => {
                    "do this in a shell block, with the client that asks for it (`\\password` of psql)"
                }
            },
        )),
        (Context::Bare, _) => {
            check_alone(around)?;
            Ok(secret_parameter(secret.variable, form))
        }
        (Context::SingleQuoted | Context::EscapeQuoted | Context::DoubleQuoted, _) => Err(refuse(
            format!("`{name}` is a secret, and cannot be a part of a quoted text"),
            match form {
                Form::Mysql => "let it stand alone, and join the texts: `CONCAT('before ', {{ secret }}, ' after')`",
                Form::Postgres | Form::Sqlite => {
                    "let it stand alone, and join the texts: `'before ' || {{ secret }} || ' after'`"
                }
            },
        )),
        (context, _) => Err(refuse_in(context)),
    }
}

/// `text` as a literal that means it whatever the session is set to; a session
/// of MySQL in which a backslash does not escape is not sent a doubled one.
fn literal(text: &str, form: Form) -> String {
    let doubled = text.replace('\'', "''");
    match form {
        Form::Postgres if text.contains('\\') => format!("E'{}'", doubled.replace('\\', "\\\\")),
        Form::Mysql => format!("'{}'", doubled.replace('\\', "\\\\")),
        Form::Postgres | Form::Sqlite => format!("'{doubled}'"),
    }
}

/// Where a literal, or a parameter, would be read as one with what is beside it.
fn check_alone(around: &Surroundings<'_>) -> Result<(), Refusal> {
    let Surroundings { before, after, .. } = *around;
    let glues = |c: char| c.is_alphanumeric() || "_$'\"`.@#\\?".contains(c) || !c.is_ascii();
    let is_unicode = before.strip_suffix('&').is_some_and(|before| before.ends_with(['U', 'u']));
    // A cast, `::text`, may follow, and not `:name`.
    let names = after.starts_with(':') && !after.starts_with("::");
    if before.ends_with(|c: char| glues(c) || c == ':') || after.starts_with(glues) || is_unicode || names {
        return Err(refuse(
            "the value would be a part of the word beside it",
            "put a space between them, or all of it in one quoted text",
        ));
    }
    Ok(())
}

fn quoted_name(text: &str, around: &Surroundings<'_>) -> Result<String, Refusal> {
    const LONGEST: usize = 63;
    let is_unicode = |before: &str| before.ends_with("U&\"") || before.ends_with("u&\"");
    if text.is_empty() || text.len() > LONGEST || (text.contains('\\') && is_unicode(around.before)) {
        return Err(refuse("the value cannot be the name of a table or a column", "give the name itself"));
    }
    Ok(text.replace('"', "\"\""))
}

/// Whether it can be no more than a plain name, with that of its schema at most.
fn is_name(text: &str, around: &Surroundings<'_>) -> bool {
    let glued = |c: char| c.is_alphanumeric() || c == '_';
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let starts = |part: &str| !part.starts_with(|c: char| c.is_ascii_digit());
    if around.before.ends_with(glued) || around.after.starts_with(glued) {
        return is_part(text) && (around.before.ends_with(glued) || starts(text));
    }
    let most = if around.before.ends_with(['`', '[']) { 1 } else { 2 };
    text.split('.').all(|part| is_part(part) && starts(part)) && text.split('.').count() <= most
}

fn refuse_in(context: Context) -> Refusal {
    let inside =
        |place: &str| refuse(format!("a value cannot be put inside {place} safely"), "use it outside, as a value");
    match context {
        Context::Identifier => refuse(
            "a value cannot name a table or a column",
            "write the name in the runbook, or give a plain name of letters, digits and _",
        ),
        Context::Comment => inside("a comment"),
        Context::DollarQuoted => inside("a dollar-quoted string"),
        Context::ClientCommand => inside("a command of the database's client"),
        _ => refuse("a value cannot be put here safely", "use it as a value of its own"),
    }
}
