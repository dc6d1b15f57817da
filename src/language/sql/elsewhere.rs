//! Statements for servers that cannot be run here.

use super::SqlDialect;
use super::lexer::{self, Token, TokenKind};
use super::split::batch_end;
use crate::source::Span;

/// A server that has no runner here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherServer {
    /// Microsoft SQL Server and Azure SQL.
    SqlServer,
    /// Oracle.
    Oracle,
}

impl OtherServer {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SqlServer => "SQL Server",
            Self::Oracle => "Oracle",
        }
    }

    /// Its own client.
    #[must_use]
    pub fn client(self) -> &'static str {
        match self {
            Self::SqlServer => "sqlcmd",
            Self::Oracle => "sqlplus",
        }
    }

    /// The server that a label of a block names.
    #[must_use]
    pub fn labelled(language: &str) -> Option<Self> {
        match language {
            "tsql" => Some(Self::SqlServer),
            "plsql" => Some(Self::Oracle),
            _ => None,
        }
    }
}

/// Words that begin a statement of SQL Server, and of no server that is known
/// here.
const SQL_SERVER_VERBS: &[&str] = &["EXEC", "DBCC", "WAITFOR", "RAISERROR"];

/// Names that only SQL Server has.
const SQL_SERVER_NAMES: &[&str] = &[
    "NOLOCK",
    "SP_WHO",
    "SP_WHO2",
    "SP_HELP",
    "SP_HELPDB",
    "SP_LOCK",
    "SP_CONFIGURE",
    "SP_EXECUTESQL",
    "XP_CMDSHELL",
    "SYSPROCESSES",
];

/// Functions that SQL Server has, and hardly another one.
const SQL_SERVER_FUNCTIONS: &[&str] = &["GETDATE", "GETUTCDATE", "SERVERPROPERTY"];

/// Names that only Oracle has.
const ORACLE_NAMES: &[&str] = &[
    "SERVEROUTPUT",
    "SYSDBA",
    "DBA_TABLESPACES",
    "DBA_DATA_FILES",
    "DBA_FREE_SPACE",
    "DBA_SEGMENTS",
    "DBA_USERS",
    "DBA_OBJECTS",
    "DBA_JOBS",
    "DBA_SCHEDULER_JOBS",
    "DBA_BLOCKERS",
    "DBA_WAITERS",
    "DBA_TEMP_FILES",
];

/// What names that only Oracle has begin with.
const ORACLE_PREFIXES: &[&str] = &["V$", "GV$", "DBMS_"];

/// The server that `code` is written for, where none that can be run here would
/// take it, and what shows it.
#[must_use]
pub fn other_server(code: &str, dialect: SqlDialect) -> Option<(OtherServer, Span)> {
    let mut tokens = lexer::lex(code, dialect).tokens;
    tokens.retain(|token| token.kind != TokenKind::Comment);
    (0..tokens.len()).find_map(|at| {
        let sight = Sight { code, tokens: &tokens, at };
        let token = tokens[at];
        if batch_end(code, token).is_some() {
            return Some((OtherServer::SqlServer, token.span));
        }
        // In the middle of a statement it divides.
        let may_run = sight.begins_statement() || at + 1 == tokens.len();
        if token.kind == TokenKind::Symbol && line_of(code, token.span).trim() == "/" && may_run {
            return Some((OtherServer::Oracle, token.span));
        }
        let server = if sight.is_for_sql_server(dialect) {
            OtherServer::SqlServer
        } else if sight.is_for_oracle(dialect) {
            OtherServer::Oracle
        } else {
            return None;
        };
        let end = tokens.get(at + 1).unwrap_or(&token).span.end;
        Some((server, Span::new(token.span.start, end)))
    })
}

/// A token and what stands around it.
struct Sight<'t> {
    code: &'t str,
    tokens: &'t [Token],
    at: usize,
}

impl Sight<'_> {
    /// The token that stands so far ahead; empty behind the last one.
    fn text(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text(self.code))
    }

    fn is_any(&self, words: &[&str]) -> bool {
        self.tokens[self.at].kind == TokenKind::Word && words.iter().any(|word| word.eq_ignore_ascii_case(self.text(0)))
    }

    /// Whether these words stand here.
    fn are(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.text(ahead).eq_ignore_ascii_case(word))
    }

    fn begins_statement(&self) -> bool {
        self.at.checked_sub(1).is_none_or(|before| self.tokens[before].kind == TokenKind::Semicolon)
    }

    /// Redshift has some of the words, and a database may have functions of its
    /// own by these names: where the server is known, it is asked.
    fn is_for_sql_server(&self, dialect: SqlDialect) -> bool {
        let counts = |text: &str| text == "(" || text.starts_with(|c: char| c.is_ascii_digit());
        let at_beginning = self.begins_statement()
            && (self.is_any(SQL_SERVER_VERBS)
                || (self.is_any(&["BACKUP", "RESTORE"])
                    && ["DATABASE", "LOG"].contains(&&*self.text(1).to_uppercase())));
        at_beginning
            || self.is_any(SQL_SERVER_NAMES)
            || self.are(&["DECLARE", "@"])
            || (self.are(&["SYS", "."]) && begins_with(self.text(2), "DM_"))
            || (dialect == SqlDialect::Unknown
                && ((self.is_any(SQL_SERVER_FUNCTIONS) && self.text(1) == "(")
                    || (self.are(&["SELECT", "TOP"]) && counts(self.text(2)))))
    }

    fn is_for_oracle(&self, dialect: SqlDialect) -> bool {
        let at_beginning = self.begins_statement()
            && (self.are(&["SPOOL"])
                || self.are(&["SHOW", "PARAMETER"])
                || self.are(&["ALTER", "SYSTEM", "KILL"])
                || self.are(&["SHUTDOWN", "IMMEDIATE"])
                || self.are(&["SHUTDOWN", "ABORT"]));
        let is_word = self.tokens[self.at].kind == TokenKind::Word;
        at_beginning
            || self.is_any(ORACLE_NAMES)
            || (is_word && ORACLE_PREFIXES.iter().any(|prefix| begins_with(self.text(0), prefix)))
            || (dialect != SqlDialect::Mysql && self.are(&["FROM", "DUAL"]))
    }
}

fn begins_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn line_of(code: &str, span: Span) -> &str {
    let start = code[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = code[span.end..].find('\n').map_or(code.len(), |at| span.end + at);
    &code[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_other_servers_take_is_known_by_its_words() {
        use OtherServer::{Oracle, SqlServer};
        for (code, server, sign) in [
            ("SELECT 1\nGO\n", SqlServer, "GO"),
            ("EXEC sp_who2;", SqlServer, "EXEC sp_who2"),
            ("SELECT 1;\nexec dbo.reset 5", SqlServer, "exec dbo"),
            ("SELECT * FROM jobs WITH (NOLOCK)", SqlServer, "NOLOCK)"),
            ("SELECT session_id FROM sys.dm_exec_requests", SqlServer, "sys."),
            ("DECLARE @n int = 1", SqlServer, "DECLARE @"),
            ("DBCC CHECKDB", SqlServer, "DBCC CHECKDB"),
            ("BACKUP DATABASE jobs TO DISK = 'x'", SqlServer, "BACKUP DATABASE"),
            ("SELECT sid FROM v$session", Oracle, "v$session"),
            ("BEGIN\n  jobs.reset(5);\nEND;\n/\n", Oracle, "/"),
            ("SELECT sysdate FROM dual", Oracle, "FROM dual"),
            ("ALTER SYSTEM KILL SESSION '1,2'", Oracle, "ALTER SYSTEM"),
            ("BEGIN dbms_stats.gather_table_stats('a', 'b'); END;", Oracle, "dbms_stats."),
            ("SET SERVEROUTPUT ON", Oracle, "SERVEROUTPUT ON"),
        ] {
            let (found, span) = other_server(code, SqlDialect::Postgres).unwrap_or_else(|| panic!("{code}"));
            assert_eq!((found, &code[span.start..span.end]), (server, sign), "{code}");
        }
    }

    #[test]
    fn words_of_sql_server_that_others_may_have_count_where_no_server_is_known() {
        for (code, sign) in [
            ("SELECT TOP 10 * FROM jobs", "SELECT TOP"),
            ("SELECT TOP (10) id FROM jobs", "SELECT TOP"),
            ("UPDATE jobs SET at = GETDATE() WHERE id = 1", "GETDATE("),
        ] {
            let (found, span) = other_server(code, SqlDialect::Unknown).unwrap_or_else(|| panic!("{code}"));
            assert_eq!((found, &code[span.start..span.end]), (OtherServer::SqlServer, sign), "{code}");
            for known in [SqlDialect::Postgres, SqlDialect::Mysql, SqlDialect::Sqlite] {
                assert_eq!(other_server(code, known), None, "{code}");
            }
        }
    }

    #[test]
    fn what_servers_here_take_is_for_no_other() {
        for code in [
            "SELECT top, go FROM jobs",
            "SELECT 'GO\nGO\n', /*\nGO\n*/ 1 / 2",
            "SELECT a\n/ b FROM c",
            "SELECT a\n/\nb FROM c",
            "SELECT * FROM (SELECT row_number() OVER () AS rownum FROM jobs) AS j WHERE rownum = 1",
            "EXECUTE restart(5)",
            "DECLARE c CURSOR FOR SELECT 1",
            "SELECT getdate FROM jobs",
            "SHOW statement_timeout",
            "ALTER SYSTEM SET work_mem = '4MB'",
            "SELECT * FROM rownumbers",
            "SELECT v FROM sys.jobs",
        ] {
            assert_eq!(other_server(code, SqlDialect::Postgres), None, "{code}");
        }
        assert_eq!(other_server("SELECT 1 FROM dual", SqlDialect::Mysql), None);
    }
}
