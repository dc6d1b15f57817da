//! Whether a text is SQL: every statement of it has the shape of one.

use super::lexer::{self, Token, TokenKind};
use super::split::split_tokens;
use super::{SqlDialect, StatementKind};
use crate::source::Span;

/// A text that is SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::language) struct SqlReading {
    /// Whose it is, as far as its words tell.
    pub(in crate::language) dialect: SqlDialect,
    /// Nothing else has these shapes.
    pub(in crate::language) certain: bool,
}

/// How much a statement's shape says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Only SQL has it.
    Strong,
    /// SQL has it, and so have other texts.
    Weak,
}

/// Reads `code` as SQL; `None` where one of its statements is none.
pub(in crate::language) fn reading(code: &str) -> Option<SqlReading> {
    let dialect = dialect(code);
    let by = if dialect == SqlDialect::Unknown { SqlDialect::Postgres } else { dialect };
    let lexed = lexer::lex(code, by);
    let statements = split_tokens(code, &lexed, by, false);
    let mut strong = 0;
    for statement in &statements {
        let shape = match statement.kind {
            StatementKind::LeftOut => Shape::Weak,
            StatementKind::ClientCommand if code[statement.span.start..].starts_with(['\\', '.']) => Shape::Weak,
            _ => {
                let is_ended = code[statement.span.end..].trim_start().starts_with(';');
                shape(code, words(code, &lexed.tokens, statement.span), is_ended)?
            }
        };
        strong += usize::from(shape == Shape::Strong);
    }
    (!statements.is_empty()).then_some(SqlReading { dialect, certain: strong > 0 })
}

fn words<'a>(code: &str, tokens: &'a [Token], span: Span) -> &'a [Token] {
    let first = tokens.partition_point(|token| token.span.start < span.start);
    let end = tokens.partition_point(|token| token.span.start < span.end);
    debug_assert!(end <= tokens.len() && span.end <= code.len());
    &tokens[first..end]
}

/// Kinds of things that `CREATE`, `ALTER` and `DROP` are followed by.
const OBJECTS: &str = "TABLE INDEX UNIQUE VIEW DATABASE USER ROLE SCHEMA EXTENSION FUNCTION OR MATERIALIZED TRIGGER TYPE \
    SEQUENCE TEMP TEMPORARY POLICY PUBLICATION SUBSCRIPTION PROCEDURE SYSTEM LOGIN EVENT SERVER AGGREGATE DOMAIN \
    EXTERNAL KEYSPACE TABLESPACE RULE STATISTICS VIRTUAL GLOBAL UNLOGGED FOREIGN DEFAULT INSTANCE LARGE OWNED";

/// What `SHOW` is followed by.
const SHOWN: &str = "TABLES DATABASES PROCESSLIST FULL ENGINE ENGINES STATUS VARIABLES GLOBAL SLAVE SLAVES REPLICA \
    REPLICAS MASTER BINARY BINLOG CREATE GRANTS INDEX INDEXES KEYS COLUMNS SESSION WARNINGS ERRORS PLUGINS OPEN SCHEMAS \
    TABLE EVENTS TRIGGERS ALL";

/// Verbs that are words of other texts too.
const OTHER_VERBS: &str = "CALL EXEC EXECUTE DO KILL FLUSH PURGE STOP START CHANGE RESET USE DESCRIBE DESC OPTIMIZE LOCK \
    UNLOCK REFRESH COPY COMMENT PRAGMA MERGE LISTEN NOTIFY ATTACH DETACH VACUUM ANALYZE REINDEX CLUSTER CHECKPOINT \
    DECLARE PREPARE DEALLOCATE DISCARD VALUES TABLE LOAD RENAME CHECK REPAIR SAVEPOINT RELEASE GO BACKUP RESTORE DBCC \
    DELIMITER";

/// Verbs that only some databases have, and those above with other objects.
const OWN_VERBS: &str =
    "CREATE ALTER DROP SHOW IMPORT EXPORT PAUSE RESUME CANCEL RELOAD UNDROP SPLIT SCATTER MSCK SYSTEM";

fn is_in(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|other| other.eq_ignore_ascii_case(word))
}

/// The shape of a statement, if it has that of one.
fn shape(code: &str, tokens: &[Token], is_ended: bool) -> Option<Shape> {
    let words: Vec<&str> = tokens
        .iter()
        .filter(|token| token.kind != TokenKind::Comment)
        .map(|token| token.text(code))
        .skip_while(|text| *text == "(")
        .collect();
    let (first, rest) = words.split_first()?;
    let is = |at: usize, word: &str| rest.get(at).is_some_and(|other| other.eq_ignore_ascii_case(word));
    let has = |word: &str| rest.iter().any(|other| other.eq_ignore_ascii_case(word));
    let loud = first.chars().all(|c| c.is_ascii_uppercase());
    // "Select the row from …" is a sentence.
    let speaks = (!loud && first.starts_with(|c: char| c.is_ascii_uppercase()))
        || ["the", "a", "an", "your", "this"].iter().any(|word| is(0, word));
    if speaks {
        return None;
    }
    let is_strong = match first.to_ascii_uppercase().as_str() {
        "SELECT" => {
            !rest.is_empty()
                && (has("FROM") || has("(") || loud || rest[0].starts_with(|c: char| c.is_ascii_digit() || c == '@'))
        }
        "WITH" => is(0, "RECURSIVE") || is(1, "AS") || (has("AS") && has("SELECT")),
        "UPDATE" => has("SET"),
        "DELETE" => is(0, "FROM") || (has("FROM") && has("WHERE")),
        "INSERT" | "REPLACE" => has("INTO"),
        // With nothing named, it is what a database answers.
        "CREATE" | "ALTER" | "DROP" if rest.len() < 2 => return None,
        "CREATE" | "ALTER" | "DROP" if rest.first().is_some_and(|object| is_in(OBJECTS, object)) => true,
        // Objects that only some databases have.
        "CREATE" | "ALTER" | "DROP" if loud && rest[0].bytes().all(|byte| byte.is_ascii_uppercase()) => {
            return Some(if rest.len() > 2 { Shape::Strong } else { Shape::Weak });
        }
        "TRUNCATE" => is(0, "TABLE") || (loud && rest.len() == 1),
        "EXPLAIN" => ["SELECT", "ANALYZE", "(", "VERBOSE", "UPDATE", "DELETE", "INSERT", "WITH", "FORMAT"]
            .iter()
            .any(|next| is(0, next)),
        "SHOW" if rest.first().is_some_and(|shown| is_in(SHOWN, shown)) => true,
        // Capitals at the beginning and a `;` at the end: whatever it is, it is
        // a statement for a database.
        verb if loud && is_ended && (is_in(OTHER_VERBS, verb) || is_in(OWN_VERBS, verb)) => true,
        "SHOW" if rest.len() == 1 => return Some(Shape::Weak),
        "GRANT" | "REVOKE" => has("TO") || has("FROM"),
        "SET" if has("=") || has("TO") => return Some(if loud || is_ended { Shape::Strong } else { Shape::Weak }),
        "EXEC" | "EXECUTE" if rest.contains(&".") || rest.iter().any(|word| word.contains('.')) => true,
        "BEGIN" | "COMMIT" | "ROLLBACK" | "END" | "ABORT"
            if rest.is_empty() || ["TRANSACTION", "WORK", "TO", "ISOLATION", "AND"].iter().any(|next| is(0, next)) =>
        {
            return Some(Shape::Weak);
        }
        verb if is_in(OTHER_VERBS, verb) && (loud || rest.len() <= 3) => return Some(Shape::Weak),
        _ => false,
    };
    is_strong.then_some(Shape::Strong)
}

/// Whose words stand in `code`.
fn dialect(code: &str) -> SqlDialect {
    let lower = code.to_ascii_lowercase();
    let holds = |marks: &[&str]| marks.iter().any(|mark| lower.contains(mark));
    let begins =
        |marks: &[&str]| lower.lines().any(|line| marks.iter().any(|mark| line.trim_start().starts_with(mark)));
    if begins(&["\\d", "\\l", "\\c ", "\\x", "\\timing"]) || holds(&["pg_", "::text", "::int", "$$"]) {
        SqlDialect::Postgres
    } else if begins(&[".tables", ".schema", ".mode", ".headers", "pragma "]) {
        SqlDialect::Sqlite
    } else if holds(&[
        "show processlist",
        "show full processlist",
        "show engine ",
        "show slave",
        "show replica",
        "\\g\n",
    ]) || (holds(&["`"]) && !holds(&["```"]))
    {
        SqlDialect::Mysql
    } else {
        SqlDialect::Unknown
    }
}
