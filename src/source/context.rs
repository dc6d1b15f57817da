//! What surrounds a place in code.

/// What a byte of shell or SQL text stands in, and so how a value put there
/// would be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Outside every quote: a word of a command, a value in a statement.
    Bare,
    /// The word that names the command to run.
    Command,
    /// Inside `'…'`.
    SingleQuoted,
    /// Inside `"…"`: text of shell, a name of SQL.
    DoubleQuoted,
    /// Inside `$'…'` of shell or `E'…'` of SQL, where a backslash escapes.
    EscapeQuoted,
    /// Inside a here-document whose text the shell expands.
    Heredoc,
    /// Inside a here-document whose delimiter is quoted: plain text.
    QuotedHeredoc,
    /// Inside the word that ends a here-document.
    HeredocDelimiter,
    /// Inside a comment.
    Comment,
    /// Inside `` `…` `` of shell, where backslashes are read twice.
    Backticks,
    /// In text that the shell reads a second time: the arguments of `eval`.
    Evaluated,
    /// Inside `$((…))`, `((…))`, `let` or a subscript.
    Arithmetic,
    /// Inside `${…}`, where a value would be part of a name or a pattern.
    Expansion,
    /// In the name of a table, a column, a variable that is being set.
    Identifier,
    /// Inside `$$…$$` or `$tag$…$tag$` of Postgres.
    DollarQuoted,
    /// In a line that the database's client reads, not its server.
    ClientCommand,
    /// In a program of a language that is not known here.
    Foreign,
}

/// All that decides how a value can stand at a byte of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What surrounds it.
    pub context: Context,
    /// What else the value is up against.
    pub limit: Option<Limit>,
}

/// What a value is up against although its surroundings would take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// This program reads as code what it is given there: quoting for the shell
    /// here does not keep a value from being code there.
    ReadAgain(String),
    /// In this statement stand only constants, and no parameter.
    ConstantsOnly(String),
}

impl From<Context> for Place {
    fn from(context: Context) -> Self {
        Self { context, limit: None }
    }
}
