//! Commands of the servers' own clients: what each one is for, and what to do
//! instead. None of them is ever sent to a server.

use super::lexer::{Token, TokenKind};

/// What is to be done about a client's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// It only changes how the client shows things: it is left out.
    LeftOut,
    /// It only looks, at what a query shows as well.
    Looks {
        /// What to do instead.
        mend: String,
    },
    /// It does what cannot be done here.
    Refused {
        /// What it does, after its name; empty where it is not known.
        what: &'static str,
        /// What to do instead.
        mend: String,
    },
}

/// Commands that only change how a client shows things, or that end it.
const DISPLAY: &str = "\\x \\timing \\pset \\a \\t \\H \\f \\C \\T \\echo \\qecho \\warn \\q \\? \\h \\help \\encoding \
    \\errverbose \\copyright \\conninfo \\r \\reset \\p \\print \\crosstabview \\gx \\g \\G \
    .headers .header .mode .timer .width .help .quit .exit .nullvalue .stats .show .echo .print .prompt .changes .eqp \
    .explain .separator .bail .scanstats .version \
    nopager notee nowarning pager print prompt quit exit rehash status warnings help charset clear";

/// Variables of psql that change how it shows things and how it ends, and
/// nothing of what it sends.
const DISPLAY_VARIABLES: &str = "ON_ERROR_STOP VERBOSITY SHOW_CONTEXT ECHO ECHO_HIDDEN QUIET PROMPT1 PROMPT2 PROMPT3 \
    HISTFILE HISTSIZE HISTCONTROL COMP_KEYWORD_CASE FETCH_COUNT PAGER IGNOREEOF SHOW_ALL_RESULTS HIDE_TABLEAM \
    HIDE_TOAST_COMPRESSION";

/// What commands of psql and of SQLite's shell do that cannot be done here, and
/// what to do instead. A name that ends in `*` stands for all that begin with it.
const REFUSED: &[(&str, &str, &str)] = &[
    ("\\copy", "reads or writes a file here", "run it in a shell block: psql -c '\\copy …'"),
    ("\\gset", "sets variables of psql", "name the columns under `capture:` of the step instead"),
    (
        "\\gexec",
        "runs what the query gives",
        "look at its rows first, then write the statements they give into a block",
    ),
    ("\\gdesc", "describes the columns of a query", "end the statement with `;` to see its rows"),
    ("\\watch", "runs the statement again and again", "end it with `;`, and say `until:` for its step"),
    ("\\if", "lets psql decide what is sent", "keep the statements that are meant"),
    ("\\elif", "lets psql decide what is sent", "keep the statements that are meant"),
    ("\\else", "lets psql decide what is sent", "keep the statements that are meant"),
    ("\\endif", "lets psql decide what is sent", "keep the statements that are meant"),
    ("\\i*", "runs a file", "write the file's statements into the block, or run psql -f FILE in a shell block"),
    ("\\c", "goes to another database", "a block runs on one connection: name it under `connection:` of the step"),
    (
        "\\connect",
        "goes to another database",
        "a block runs on one connection: name it under `connection:` of the step",
    ),
    ("\\set", "sets a variable of psql", "declare it under `variables:` and write {{ its name }} in the statement"),
    ("\\unset", "forgets a variable of psql", "take it out"),
    ("\\getenv", "sets a variable of psql", "declare it under `variables:` with `env:`"),
    ("\\prompt", "asks for a variable of psql", "declare it under `variables:`, and it is asked for"),
    ("\\password", "asks for a new password", "type it into psql by hand"),
    ("\\!", "runs a command of the shell", "put the command into a shell block"),
    ("\\o", "writes a file", "the output is on record here; take it out"),
    ("\\out", "writes a file", "the output is on record here; take it out"),
    ("\\w", "writes a file", "take it out"),
    ("\\write", "writes a file", "take it out"),
    ("\\e*", "opens an editor", "edit the block when it is asked about"),
    ("\\lo_*", "reads, writes or removes a large object", "run it with psql in a shell block"),
    ("\\cd", "changes psql's folder", "take it out"),
    ("\\setenv", "sets a variable of the environment", "take it out"),
    (".read", "runs a file", "write the file's statements into the block"),
    (".import", "reads a file", "run it with sqlite3 in a shell block"),
    (".dump", "prints the database as statements", "run it with sqlite3 in a shell block"),
    (".backup", "writes a file", "run it with sqlite3 in a shell block"),
    (".save", "writes a file", "run it with sqlite3 in a shell block"),
    (".restore", "replaces the database", "run it with sqlite3 in a shell block"),
    (".open", "goes to another database", "a block runs on one connection: name it under `connection:` of the step"),
    (".shell", "runs a command of the shell", "put the command into a shell block"),
    (".system", "runs a command of the shell", "put the command into a shell block"),
    (".load", "loads code", "run it with sqlite3 in a shell block"),
    (".o*", "writes a file", "the output is on record here; take it out"),
    ("source", "runs a file", "write the file's statements into the block"),
    ("tee", "writes a file", "the output is on record here; take it out"),
    ("\\.", "ends rows for COPY", "load rows with \\copy in a shell block"),
    ("system", "runs a command of the shell", "put the command into a shell block"),
    ("connect", "goes to another database", "a block runs on one connection: name it under `connection:` of the step"),
    ("edit", "opens an editor", "edit the block when it is asked about"),
];

/// What psql's commands that look stand for. `NAME` is what they are given.
const LOOKS: &[(&str, &str, &str)] = &[
    (
        "\\d",
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
        "SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns \
         WHERE table_name = 'NAME' ORDER BY ordinal_position",
    ),
    (
        "\\dt",
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
        "SELECT schemaname, tablename FROM pg_tables WHERE tablename LIKE 'NAME'",
    ),
    (
        "\\dv",
        "SELECT schemaname, viewname FROM pg_views WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
        "SELECT definition FROM pg_views WHERE viewname LIKE 'NAME'",
    ),
    (
        "\\di",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname <> 'pg_catalog'",
        "SELECT tablename, indexdef FROM pg_indexes WHERE indexname LIKE 'NAME'",
    ),
    (
        "\\ds",
        "SELECT schemaname, sequencename, last_value FROM pg_sequences",
        "SELECT * FROM pg_sequences WHERE sequencename LIKE 'NAME'",
    ),
    (
        "\\df",
        "SELECT proname, prokind FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "SELECT oid::regprocedure FROM pg_proc WHERE proname LIKE 'NAME'",
    ),
    (
        "\\du",
        "SELECT rolname, rolsuper, rolcanlogin FROM pg_roles",
        "SELECT rolname, rolsuper, rolcanlogin FROM pg_roles WHERE rolname LIKE 'NAME'",
    ),
    ("\\dg", "SELECT rolname, rolsuper, rolcanlogin FROM pg_roles", ""),
    ("\\dn", "SELECT nspname FROM pg_namespace", ""),
    ("\\dx", "SELECT extname, extversion FROM pg_extension", ""),
    ("\\dp", "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants", ""),
    ("\\z", "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants", ""),
    (
        "\\l",
        "SELECT datname, pg_get_userbyid(datdba) AS owner FROM pg_database",
        "SELECT datname, pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname LIKE 'NAME'",
    ),
    ("\\sf", "", "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'NAME'"),
    ("\\sv", "", "SELECT definition FROM pg_views WHERE viewname = 'NAME'"),
    (".tables", "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')", ""),
    (".schema", "SELECT sql FROM sqlite_schema", "SELECT sql FROM sqlite_schema WHERE tbl_name = 'NAME'"),
    (".fullschema", "SELECT sql FROM sqlite_schema", ""),
    (".indexes", "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'", ""),
    (".indices", "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'", ""),
    (".databases", "PRAGMA database_list", ""),
    (".dbinfo", "PRAGMA page_count", ""),
];

/// What is to be done about the command `text`.
pub(super) fn told(text: &str) -> Told {
    let text = text.trim().trim_end_matches(';');
    let name = text.split_whitespace().next().unwrap_or(text);
    let arguments = text[name.len()..].trim();
    let is_in = |list: &str, word: &str| list.split_whitespace().any(|known| known.eq_ignore_ascii_case(word));
    if text[1.min(text.len())..].contains('\\') && name != "\\copy" {
        let mend = "write each on a line of its own".to_owned();
        return Told::Refused { what: "stands on a line with another one", mend };
    }
    // `\g` and `\gx` take a file, or options in parentheses.
    let writes = is_in("\\g \\gx", name) && !arguments.is_empty() && !arguments.starts_with('(');
    if writes {
        return Told::Refused { what: "writes a file", mend: "end the statement with `;`".to_owned() };
    }
    if is_in("\\set", name) && is_in(DISPLAY_VARIABLES, arguments.split_whitespace().next().unwrap_or_default()) {
        return Told::LeftOut;
    }
    // Case tells psql's commands apart: `\C` is a title, `\c` connects.
    if DISPLAY.split_whitespace().any(|known| known == name) || (!name.starts_with('\\') && is_in(DISPLAY, name)) {
        return Told::LeftOut;
    }
    if looks(name) && !text.contains(['|', '`']) {
        return Told::Looks { mend: query_for(text, name, arguments) };
    }
    let refused = REFUSED.iter().find(|(known, _, _)| match known.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name.eq_ignore_ascii_case(known),
    });
    match refused {
        Some((_, what, mend)) => Told::Refused { what, mend: (*mend).to_owned() },
        None => Told::Refused { what: "", mend: "take it out, or run it with the client in a shell block".to_owned() },
    }
}

/// Whether the command only shows what is in the database.
fn looks(name: &str) -> bool {
    let describes = name.starts_with("\\d") && !name.starts_with("\\do_");
    describes
        || ["\\l", "\\z", "\\sf", "\\sv"].contains(&name.trim_end_matches('+'))
        || (name.starts_with('.') && LOOKS.iter().any(|(known, _, _)| *known == name))
}

/// What to type in place of a command that looks.
fn query_for(text: &str, name: &str, arguments: &str) -> String {
    let plain = name.trim_end_matches(['+', 'S']);
    // A schema before the name is not looked for: the name alone finds it too.
    let object = arguments.rsplit('.').next().unwrap_or_default().replace('*', "%").replace('?', "_");
    let is_plain = object.chars().all(|c| c.is_alphanumeric() || "_%-".contains(c));
    let known = LOOKS.iter().find(|(known, _, _)| *known == plain);
    let query = known.map(|(_, all, one)| if object.is_empty() || one.is_empty() { *all } else { *one });
    match query.filter(|query| !query.is_empty() && is_plain) {
        Some(query) => format!("write the query it stands for: {};", query.replace("NAME", &object)),
        None if name.starts_with('.') => "run it with sqlite3 in a shell block".to_owned(),
        None => format!("run it in a shell block: psql -c '{}'", text.replace('\'', "'\\''")),
    }
}

/// Whether the command ends the client.
pub(super) fn ends_client(text: &str) -> bool {
    let name = text.trim_end_matches(';').split_whitespace().next().unwrap_or_default();
    ["\\q", ".quit", ".exit", "quit", "exit"].iter().any(|end| end.eq_ignore_ascii_case(name))
}

/// Whether the command ends the statement before it, as a `;` does.
pub(super) fn ends_statement(text: &str) -> bool {
    let name = text.split_whitespace().next().unwrap_or(text);
    ["\\g", "\\G", "\\gx", "\\gset", "\\gexec", "\\gdesc", "\\crosstabview", "\\watch"].contains(&name)
}

/// The first of `tokens` that psql would put a variable in the place of:
/// `:name`, `:'name'`, `:"name"`. Not the type in `a::int`, nor the end of a
/// slice, `a[1:n]`.
pub(super) fn variable<'t>(tokens: &'t [Token], code: &str) -> Option<(&'t Token, &'t Token)> {
    let mut brackets: usize = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text(code) {
            "[" => brackets += 1,
            "]" => brackets = brackets.saturating_sub(1),
            ":" if brackets == 0 => {
                let is_cast = at > 0 && code[..token.span.start].ends_with(':');
                let next = tokens.get(at + 1).filter(|next| next.span.start == token.span.end);
                let Some(next) = next else { continue };
                let names = matches!(next.kind, TokenKind::Word | TokenKind::Text { .. } | TokenKind::QuotedName);
                if names && !is_cast {
                    return Some((token, next));
                }
            }
            _ => {}
        }
    }
    None
}
