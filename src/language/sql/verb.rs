//! What a statement does, by the verb it begins with.

use super::classify::{Verdict, Word, calls, changes_inside, query};
use super::lexer::TokenKind;
use super::{SqlDialect, StatementKind};
use crate::runbook::Effect;

/// Classifies the statement whose verb is `words[0]`.
pub(super) fn classify(code: &str, words: &[Word<'_>], dialect: SqlDialect) -> Verdict {
    use Effect::{Destructive, Unknown, Write};
    use StatementKind as Kind;
    let Some(first) = words.first().filter(|word| word.kind == TokenKind::Word) else {
        return Verdict::new(Kind::Unknown, Unknown, "it begins with no word that is known here");
    };
    let second = words.get(1);
    let second_is = |keywords: &[&str]| second.is_some_and(|word| word.is_any(keywords));
    match first.text.to_ascii_uppercase().as_str() {
        "SELECT" | "VALUES" | "TABLE" => query(words, dialect),
        "WITH" => with(words, dialect),
        "EXPLAIN" => explain(code, words, dialect),
        "DESCRIBE" | "DESC" if dialect == SqlDialect::Mysql => explain(code, words, dialect),
        "ANALYZE" if dialect == SqlDialect::Mysql && runs_what_it_analyses(words) => explain(code, words, dialect),
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" => change(words, dialect),
        "REPLACE" if dialect != SqlDialect::Postgres => {
            Verdict::new(Kind::Write, Write, "replaces rows").with_table(table_after(words, 1))
        }
        "TRUNCATE" => {
            let table = tables_after(words, 1);
            let others = if cascades(words) { ", and every table that refers to it" } else { "" };
            let reason = format!("empties {}{others}", table.as_deref().unwrap_or("a table"));
            Verdict::new(Kind::Write, Destructive, reason).with_table(table)
        }
        "CREATE" | "DROP" if dialect == SqlDialect::Mysql && is_temporary(words) => of_this_session(words, dialect),
        "CREATE" => create(words),
        "DROP" => drop(words),
        "ALTER" => alter(words),
        "COPY" => copy(words, dialect),
        "PRAGMA" => pragma(words),
        "SHOW" => Verdict::read(Kind::Session),
        "SET" if dialect == SqlDialect::Mysql && second_is(&["STATEMENT"]) => set_for_statement(code, words, dialect),
        "SET" => set(words),
        "RESET" if dialect == SqlDialect::Mysql => {
            Verdict::new(Kind::OutsideTransaction, Destructive, "resets the server's logs or its replication")
        }
        "STOP" | "START" | "CHANGE"
            if second_is(&["SLAVE", "REPLICA", "MASTER", "REPLICATION", "GROUP_REPLICATION"]) =>
        {
            Verdict::new(Kind::OutsideTransaction, Write, "starts, stops or changes replication")
        }
        "RESET" | "LISTEN" | "UNLISTEN" | "USE" | "DEALLOCATE" | "CLOSE" => {
            Verdict::new(Kind::Session, Write, "changes this session")
        }
        "DISCARD" => Verdict::new(Kind::OutsideTransaction, Write, "forgets what this session has set"),
        "ATTACH" | "DETACH" => Verdict::new(Kind::Session, Write, "changes which databases are open"),
        "BEGIN" if second_is(&["NOT"]) => compound(words),
        "BEGIN" => Verdict::new(Kind::Begin, Write, "opens a transaction"),
        "START" if second_is(&["TRANSACTION"]) => Verdict::new(Kind::Begin, Write, "opens a transaction"),
        "COMMIT" | "END" if second_is(&["PREPARED"]) => {
            Verdict::new(Kind::OutsideTransaction, Write, "commits a prepared transaction")
        }
        "ROLLBACK" if second_is(&["PREPARED"]) => {
            Verdict::new(Kind::OutsideTransaction, Write, "rolls a prepared transaction back")
        }
        "COMMIT" | "END" => Verdict::new(Kind::Commit, Write, "makes the transaction's changes permanent"),
        "ROLLBACK" if words.iter().any(|word| word.is("TO")) => {
            Verdict::new(Kind::Savepoint, Write, "goes back to a savepoint")
        }
        "ROLLBACK" | "ABORT" => Verdict::new(Kind::Rollback, Write, "drops the transaction's changes"),
        "SAVEPOINT" => Verdict::new(Kind::Savepoint, Write, "sets a savepoint"),
        "RELEASE" => Verdict::new(Kind::Savepoint, Write, "releases a savepoint"),
        "PREPARE" if second_is(&["TRANSACTION"]) => {
            Verdict::new(Kind::OutsideTransaction, Write, "prepares the transaction for a later commit")
        }
        "PREPARE" if words.iter().any(|word| word.is("AS")) => prepared(code, words, "AS", Kind::Session, dialect),
        "DECLARE" if words.iter().any(|word| word.is("FOR")) => prepared(code, words, "FOR", Kind::Unknown, dialect),
        "XA" if second_is(&["RECOVER"]) => Verdict::read(Kind::Query),
        "XA" if second_is(&["COMMIT"]) => {
            Verdict::new(Kind::OutsideTransaction, Write, "commits a prepared transaction")
        }
        "XA" if second_is(&["ROLLBACK"]) => {
            Verdict::new(Kind::OutsideTransaction, Write, "rolls a prepared transaction back")
        }
        "VACUUM" if words.iter().any(|word| word.is("FULL")) => {
            Verdict::new(Kind::OutsideTransaction, Write, "rewrites tables, locking each of them meanwhile")
        }
        "VACUUM" if words.iter().any(|word| word.is("INTO")) => {
            Verdict::new(Kind::OutsideTransaction, Write, "writes a copy of the database into a file")
        }
        "VACUUM" => Verdict::new(Kind::OutsideTransaction, Write, "rewrites or cleans up tables"),
        "REINDEX" if outside_transaction(words) || second_is(&["DATABASE", "SYSTEM", "SCHEMA"]) => {
            Verdict::new(Kind::OutsideTransaction, Write, "builds indexes anew")
        }
        "REINDEX" => Verdict::new(Kind::Schema, Write, "builds indexes anew, locking the table"),
        "CLUSTER" if words.len() == 1 => {
            Verdict::new(Kind::OutsideTransaction, Write, "rewrites every table that was clustered, locking each")
        }
        "CLUSTER" => Verdict::new(Kind::Schema, Write, "rewrites a table, locking it"),
        "ANALYZE" | "CHECKPOINT" | "OPTIMIZE" => Verdict::new(Kind::Schema, Write, "has the server work on its tables"),
        "REFRESH" => Verdict::new(Kind::Schema, Write, "computes a materialized view anew"),
        "COMMENT" | "SECURITY" | "RENAME" => Verdict::new(Kind::Schema, Write, "changes the schema"),
        "GRANT" => Verdict::new(Kind::Schema, Write, "gives rights"),
        "REVOKE" => Verdict::new(Kind::Schema, Write, "takes rights away"),
        "REASSIGN" => Verdict::new(Kind::Schema, Write, "changes rights"),
        "LOCK" | "UNLOCK" if dialect == SqlDialect::Mysql => {
            Verdict::new(Kind::OutsideTransaction, Write, "takes or releases locks of tables, and keeps what is open")
        }
        "LOCK" | "UNLOCK" => Verdict::new(Kind::Write, Write, "takes or releases locks of tables"),
        "NOTIFY" => Verdict::new(Kind::Write, Write, "notifies listeners"),
        "LOAD" => Verdict::new(Kind::Write, Write, "loads a file into the server"),
        "KILL" => Verdict::new(Kind::OutsideTransaction, Destructive, "ends a session of the database"),
        "PURGE" => Verdict::new(Kind::OutsideTransaction, Destructive, "deletes the server's logs"),
        "FLUSH" => Verdict::new(Kind::OutsideTransaction, Write, "empties caches or logs of the server"),
        "SHUTDOWN" | "RESTART" => Verdict::new(Kind::OutsideTransaction, Destructive, "shuts the server down"),
        "INSTALL" | "UNINSTALL" => Verdict::new(Kind::OutsideTransaction, Write, "changes which code the server runs"),
        "DO" if dialect == SqlDialect::Mysql => query(words, dialect),
        "DO" | "CALL" | "EXECUTE" => {
            Verdict::new(Kind::Unknown, Unknown, format!("{} runs code that is not looked into", first.text))
        }
        _ => Verdict::new(Kind::Unknown, Unknown, format!("`{}` is not a statement known here", first.text)),
    }
}

/// A WITH is a read only if its own verb is.
fn with(words: &[Word<'_>], dialect: SqlDialect) -> Verdict {
    let mut verdict = query(words, dialect);
    let own_verb = words[1..].iter().find(|word| {
        word.depth == words[0].depth
            && word.is_any(&["SELECT", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE"])
    });
    match own_verb {
        Some(verb) if verb.is_any(&["SELECT", "VALUES", "TABLE"]) => {}
        Some(_) => verdict.kind = StatementKind::Write,
        None if words.iter().any(|word| word.text == "(" && word.depth <= words[0].depth) => {
            // The main query may stand in parentheses; anything that writes
            // in it has been seen already.
        }
        None => verdict.at_least(Effect::Unknown, "WITH without a statement"),
    }
    if verdict.effect != Effect::Read && verdict.table.is_some() {
        verdict.kind = StatementKind::Write;
    }
    verdict
}

fn change(words: &[Word<'_>], dialect: SqlDialect) -> Verdict {
    let mut verdict = Verdict { kind: StatementKind::Write, ..Verdict::read(StatementKind::Write) };
    changes_inside(words, &mut verdict);
    if verdict.effect == Effect::Read {
        verdict.at_least(Effect::Write, "changes rows");
    }
    calls(words, &mut verdict, Effect::Write, dialect);
    verdict.reasons.retain(|reason| !reason.contains("not a function known here"));
    verdict
}

fn explain(code: &str, words: &[Word<'_>], dialect: SqlDialect) -> Verdict {
    let depth = words[0].depth;
    let rest = &words[1..];
    let verbs = [
        "SELECT", "VALUES", "TABLE", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "CREATE", "EXECUTE",
        "DECLARE", "REFRESH",
    ];
    let inner = rest.iter().position(|word| word.depth == depth && word.is_any(&verbs)).unwrap_or(rest.len());
    let (options, statement) = rest.split_at(inner);
    // The name of an option may be quoted: `EXPLAIN ("analyze")`.
    let is_analyze = |word: &Word<'_>| {
        let name = word.text.trim_matches(['"', '`', '[', ']']);
        word.quoted && ["ANALYZE", "ANALYSE"].iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    let asks_to_run = |word: &Word<'_>| word.is_any(&["ANALYZE", "ANALYSE"]) || is_analyze(word);
    let runs_it = words[0].is("ANALYZE") || options.iter().any(asks_to_run);
    if !runs_it {
        let plans = !statement.is_empty() || dialect == SqlDialect::Mysql;
        return if plans || options.iter().any(|word| word.text == "(") {
            Verdict::read(StatementKind::Query)
        } else {
            Verdict::new(StatementKind::Unknown, Effect::Unknown, "EXPLAIN of a statement not known here")
        };
    }
    let mut verdict = if statement.is_empty() {
        // The statement may stand in parentheses after the options.
        query(rest, dialect)
    } else {
        classify(code, statement, dialect)
    };
    if verdict.effect > Effect::Read {
        let said = if words[0].is("ANALYZE") { "ANALYZE" } else { "EXPLAIN ANALYZE" };
        verdict.reasons.push(format!("{said} runs the statement"));
    }
    verdict
}

/// A statement that is run later under a name, by what it will do then. A
/// cursor wants a transaction, and so is more than a read.
fn prepared(code: &str, words: &[Word<'_>], before: &str, kind: StatementKind, dialect: SqlDialect) -> Verdict {
    let at = words.iter().position(|word| word.is(before)).map_or(words.len(), |at| at + 1);
    let mut verdict = classify(code, &words[at..], dialect);
    if kind == StatementKind::Unknown {
        verdict.at_least(Effect::Write, "opens a cursor, which holds its transaction open");
    }
    verdict.kind = kind;
    verdict
}

/// MariaDB's `BEGIN NOT ATOMIC … END`: statements that are run as one.
fn compound(words: &[Word<'_>]) -> Verdict {
    let mut verdict = Verdict::new(StatementKind::Unknown, Effect::Unknown, "runs a block of statements as one");
    changes_inside(&words[1..], &mut verdict);
    verdict
}

/// MariaDB's `ANALYZE` of a statement, unlike that of a table.
fn runs_what_it_analyses(words: &[Word<'_>]) -> bool {
    let verbs = ["SELECT", "VALUES", "WITH", "INSERT", "UPDATE", "DELETE", "REPLACE"];
    let first = words[1..].iter().find(|word| word.is("TABLE") || word.is_any(&verbs));
    first.is_some_and(|first| !first.is("TABLE"))
}

fn outside_transaction(words: &[Word<'_>]) -> bool {
    // Also among the options: `REINDEX (CONCURRENTLY) TABLE a`.
    let begins = words.iter().take(12);
    let concurrently =
        begins.clone().any(|word| word.is("CONCURRENTLY") && (word.depth == 0 || words[0].is("REINDEX")));
    concurrently || words.get(1).is_some_and(|word| word.is_any(&["DATABASE", "TABLESPACE", "SUBSCRIPTION", "SYSTEM"]))
}

/// Whether MySQL makes or drops a table that no other session sees, for which
/// it does not commit.
fn is_temporary(words: &[Word<'_>]) -> bool {
    words[1..].iter().take_while(|word| !word.is("TABLE")).any(|word| word.is("TEMPORARY"))
}

/// No transaction holds it: it is a setting of the session more than a change.
fn of_this_session(words: &[Word<'_>], dialect: SqlDialect) -> Verdict {
    let verb = if words[0].is("CREATE") { "creates" } else { "drops" };
    let reason = format!("{verb} a table that only this session sees");
    let mut verdict = Verdict::new(StatementKind::Session, Effect::Write, reason);
    let rows = words.iter().position(|word| word.is_any(&["SELECT", "VALUES", "WITH"])).unwrap_or(words.len());
    let inner = query(&words[rows..], dialect);
    if inner.effect > Effect::Read {
        inner.reasons.into_iter().for_each(|reason| verdict.at_least(inner.effect, reason));
        verdict.kind = StatementKind::Write;
    }
    verdict
}

fn create(words: &[Word<'_>]) -> Verdict {
    let kind = if outside_transaction(words) { StatementKind::OutsideTransaction } else { StatementKind::Schema };
    let replaced =
        words.get(1).is_some_and(|word| word.is("OR")) && words.get(2).is_some_and(|word| word.is("REPLACE"));
    let what = words.get(3).filter(|_| replaced);
    let Some(what) = what.filter(|word| word.is_any(&["TABLE", "DATABASE", "SCHEMA", "SEQUENCE"])) else {
        return Verdict::new(kind, Effect::Write, create_reason(words));
    };
    let (what, name) = (what.text.to_ascii_lowercase(), table_after(words, 4));
    let named = name.as_deref().map_or_else(|| format!("the {what} of this name"), |name| format!("the {what} {name}"));
    Verdict::new(kind, Effect::Destructive, format!("drops {named}, if it is there, and creates it anew"))
        .with_table(name)
}

fn create_reason(words: &[Word<'_>]) -> String {
    if words.iter().take(5).any(|word| word.is("INDEX")) && !outside_transaction(words) {
        return "creates an index, locking the table against writes".to_owned();
    }
    let modifiers = ["OR", "REPLACE", "TEMP", "TEMPORARY", "UNIQUE", "UNLOGGED", "GLOBAL", "LOCAL", "RECURSIVE"];
    let what = words[1..].iter().find(|word| !word.is_any(&modifiers));
    let what = what.map_or("thing".to_owned(), |word| word.text.to_ascii_lowercase());
    format!("creates {} {what}", article(&what))
}

fn article(what: &str) -> &'static str {
    if what.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}

fn drop(words: &[Word<'_>]) -> Verdict {
    let kind = if outside_transaction(words) { StatementKind::OutsideTransaction } else { StatementKind::Schema };
    let what = words.get(1).map_or("something".to_owned(), |word| word.text.to_ascii_lowercase());
    let names_it = ["TABLE", "VIEW", "SCHEMA", "DATABASE"];
    let table = words.get(1).filter(|word| word.is_any(&names_it)).and_then(|_| tables_after(words, 2));
    let reason = match (what.as_str(), table.as_deref()) {
        ("table", Some(table)) => format!("drops the table {table}"),
        ("database" | "schema", name) => {
            format!("drops the {what} {} and all in it", name.unwrap_or("named there"))
        }
        ("owned", _) => "drops all that a role owns".to_owned(),
        _ => format!("drops {} {what}", article(&what)),
    };
    let is_whole = ["schema", "database", "owned"].contains(&what.as_str());
    let others = if cascades(words) && !is_whole { ", and what depends on it" } else { "" };
    Verdict::new(kind, Effect::Destructive, format!("{reason}{others}")).with_table(table)
}

fn cascades(words: &[Word<'_>]) -> bool {
    words.last().is_some_and(|word| word.is("CASCADE"))
}

fn alter(words: &[Word<'_>]) -> Verdict {
    let kind = if outside_transaction(words) { StatementKind::OutsideTransaction } else { StatementKind::Schema };
    let table = words.get(1).filter(|word| word.is("TABLE")).and_then(|_| table_after(words, 2));
    if words.iter().any(|word| word.is_any(&["DROP", "TRUNCATE"])) {
        return Verdict::new(kind, Effect::Destructive, "drops a part of what it alters").with_table(table);
    }
    Verdict::new(kind, Effect::Write, "alters the schema or the server").with_table(table)
}

fn copy(words: &[Word<'_>], dialect: SqlDialect) -> Verdict {
    let depth = words[0].depth;
    let direction = words.iter().position(|word| word.depth == depth && word.is_any(&["FROM", "TO"]));
    let Some(direction) = direction else {
        return Verdict::new(StatementKind::Unknown, Effect::Unknown, "COPY in neither direction");
    };
    let end = words.get(direction + 1);
    let end_is = |keyword: &str| end.is_some_and(|word| word.is(keyword));
    if end_is("PROGRAM") {
        return Verdict::new(StatementKind::Write, Effect::Unknown, "runs a program on the database's host");
    }
    if words[direction].is("FROM") {
        let kind = if end_is("STDIN") { StatementKind::CopyStdin } else { StatementKind::Write };
        let table = table_after(words, 1);
        let reason = format!("adds rows to {}", table.as_deref().unwrap_or("a table"));
        return Verdict::new(kind, Effect::Write, reason).with_table(table);
    }
    let mut verdict = query(&words[1..direction], dialect);
    // `COPY jobs (id, state) TO` lists columns and calls nothing.
    if words.get(1).is_some_and(Word::is_name) {
        verdict = Verdict::read(StatementKind::Query);
    }
    if !end_is("STDOUT") {
        verdict.at_least(Effect::Write, "writes a file on the database's host");
    }
    verdict
}

/// PRAGMAs that take an argument and only look.
const LOOKING_WITH_ARGUMENT: &[&str] = &[
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
];

/// PRAGMAs that only look when they are given nothing.
const LOOKING_ALONE: &[&str] = &[
    "database_list",
    "user_version",
    "schema_version",
    "data_version",
    "application_id",
    "journal_mode",
    "page_count",
    "page_size",
    "freelist_count",
    "foreign_keys",
    "compile_options",
    "collation_list",
    "function_list",
    "module_list",
    "pragma_list",
    "encoding",
    "busy_timeout",
    "synchronous",
    "cache_size",
    "auto_vacuum",
    "locking_mode",
    "query_only",
    "recursive_triggers",
    "temp_store",
    "mmap_size",
    "wal_autocheckpoint",
    "secure_delete",
    "max_page_count",
];

fn pragma(words: &[Word<'_>]) -> Verdict {
    let qualified = words.get(2).is_some_and(|word| word.text == ".");
    let at = if qualified { 3 } else { 1 };
    let name = words.get(at).map_or("", |word| word.text);
    let argument = words.get(at + 1);
    let is_in = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let looks = is_in(LOOKING_WITH_ARGUMENT) && argument.is_none_or(|word| word.text != "=")
        || is_in(LOOKING_ALONE) && argument.is_none();
    if looks {
        return Verdict::read(StatementKind::Session);
    }
    match argument {
        Some(_) => Verdict::new(StatementKind::Session, Effect::Write, format!("sets `{name}` of the database")),
        None => Verdict::new(StatementKind::Session, Effect::Unknown, format!("PRAGMA `{name}` is not known here")),
    }
}

/// MariaDB's `SET STATEMENT a = 1 FOR …`, which runs a statement.
fn set_for_statement(code: &str, words: &[Word<'_>], dialect: SqlDialect) -> Verdict {
    let depth = words[0].depth;
    match words.iter().position(|word| word.depth == depth && word.is("FOR")) {
        Some(at) => classify(code, &words[at + 1..], dialect),
        None => Verdict::new(StatementKind::Unknown, Effect::Unknown, "SET STATEMENT without a statement"),
    }
}

/// What of a SET is not only for this session: `SET GLOBAL`, `SET PASSWORD`.
pub(super) fn set_for_all(words: &[Word<'_>]) -> Option<&'static str> {
    const FOR_ALL: [(&str, &str); 3] =
        [("GLOBAL", "SET GLOBAL"), ("PERSIST", "SET PERSIST"), ("PERSIST_ONLY", "SET PERSIST_ONLY")];
    let is = |at: usize, keyword: &str| words.get(at).is_some_and(|word| word.is(keyword));
    if !is(0, "SET") {
        return None;
    }
    if is(1, "PASSWORD") {
        return Some("SET PASSWORD");
    }
    if is(1, "DEFAULT") && is(2, "ROLE") {
        return Some("SET DEFAULT ROLE");
    }
    (1..words.len()).find_map(|at| {
        let known = FOR_ALL.iter().find(|(keyword, _)| words[at].is(keyword))?;
        // `@@global.a` is a setting, `@global` a variable, and behind `=` both
        // are only read.
        let signs = words[..at].iter().rev().take_while(|word| word.text.chars().all(|c| c == '@')).count();
        let is_set = at - signs == 1 || words[at - signs - 1].text == ",";
        let is_setting = if signs == 0 { !is_next(words, at, "=") } else { is_next(words, at, ".") };
        (is_set && is_setting).then_some(known.1)
    })
}

fn is_next(words: &[Word<'_>], at: usize, text: &str) -> bool {
    words.get(at + 1).is_some_and(|next| next.text == text)
}

fn set(words: &[Word<'_>]) -> Verdict {
    if set_for_all(words).is_some() {
        return Verdict::new(StatementKind::Session, Effect::Write, "changes a setting of the whole server");
    }
    if words.iter().any(|word| word.text.starts_with('@')) {
        return Verdict::new(StatementKind::Session, Effect::Write, "changes a variable of this session");
    }
    Verdict::new(StatementKind::Session, Effect::Write, "changes a setting of this session")
}

/// Words between a verb and the table it names.
const BEFORE_TABLE: &[&str] = &[
    "INTO",
    "FROM",
    "TABLE",
    "ONLY",
    "IF",
    "EXISTS",
    "OR",
    "ROLLBACK",
    "ABORT",
    "REPLACE",
    "FAIL",
    "IGNORE",
    "LOW_PRIORITY",
    "QUICK",
    "DELAYED",
    "HIGH_PRIORITY",
];

/// The names that stand at `from`, with commas between them.
fn tables_after(words: &[Word<'_>], from: usize) -> Option<String> {
    let depth = words.get(from)?.depth;
    let first = table_after(words, from)?;
    let more = words.iter().enumerate().skip(from).filter(|(_, word)| word.depth == depth && word.text == ",");
    let names: Vec<_> = std::iter::once(first).chain(more.filter_map(|(at, _)| table_after(words, at + 1))).collect();
    Some(names.join(", "))
}

/// The name that stands at `from`, after the words that may precede it.
pub(super) fn table_after(words: &[Word<'_>], from: usize) -> Option<String> {
    let rest = words.get(from..)?;
    let start = rest.iter().position(|word| !word.is_any(BEFORE_TABLE))?;
    let first = rest[start..].first().filter(|word| word.is_name())?;
    let mut name = first.text.to_owned();
    let mut at = start + 1;
    while let (Some(dot), Some(part)) = (rest.get(at), rest.get(at + 1)) {
        if dot.text != "." || !part.is_name() {
            break;
        }
        name.push('.');
        name.push_str(part.text);
        at += 2;
    }
    Some(name)
}
