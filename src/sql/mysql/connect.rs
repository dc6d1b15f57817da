//! Opening a session, with the settings that the server's own client would
//! find.

use super::value::texts;
use super::{Flavour, MysqlSession, error};
use crate::run::{DatabaseSession, Encryption};
use crate::sql::Target;
use crate::sql::address::percent_decoded;
use crate::sql::held::Held;
use crate::sql::parameter::Parameters;
use crate::sql::refused::Refused;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a server has to accept a connection.
const PATIENCE: Duration = Duration::from_secs(15);

/// What may stand behind the `?` of a URL. The driver passes over what it does
/// not know, and so over a mistyped demand for a secure connection.
const PARAMETERS: [&str; 12] = [
    "ssl-mode",
    "sslmode",
    "ssl-ca",
    "sslca",
    "ssl-cert",
    "sslcert",
    "ssl-key",
    "sslkey",
    "socket",
    "collation",
    "timezone",
    "time-zone",
];

/// How to write a URL.
const FORM: &str =
    "write mysql://USER:PASSWORD@HOST:PORT/DATABASE, with % signs for special characters in the password";

impl MysqlSession {
    /// Opens a session.
    ///
    /// # Errors
    /// What went wrong and the mend, in one line.
    pub(in crate::sql) async fn connect(
        target: &Target,
        password: Option<&Zeroizing<String>>,
    ) -> Result<Self, Refused> {
        let read_only = target.read_only;
        let mut options = options(&target.url)?;
        if let Some(password) = password {
            options = options.password(password);
        }
        let is_known = password.is_some() || has_password(&target.url);
        let opened = tokio::time::timeout(PATIENCE, options.connect()).await;
        let mut connection = match opened {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(refused(&options, &error, is_known)),
            Err(_) => {
                return Err(format!(
                    "{} did not answer within {} s: is the host right, and reachable from here?",
                    server(&options),
                    PATIENCE.as_secs()
                )
                .into());
            }
        };
        let prepared = prepare(&mut connection, &options, read_only).await;
        let about = prepared.map_err(|error| refusal(&options, &error))?;
        Ok(Self {
            connection: Held::new(connection),
            options,
            target: about.session.target(),
            about: about.session,
            moved: false,
            flavour: about.flavour,
            id: about.id,
            read_only,
            reading: None,
            is_open: false,
            is_explaining: false,
            rollbacks: None,
            has_locked: false,
            has_warned: false,
            counts_matter: false,
            unchecked: None,
            limit: None,
            parameters: Parameters::default(),
        })
    }
}

fn options(url: &str) -> Result<MySqlConnectOptions, String> {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    // Part of a password, perhaps, which is not to be shown.
    if query.contains('@') {
        return Err(format!("the URL cannot be read (an `@` stands behind its `?`): {FORM}"));
    }
    let names: Vec<&str> = query.split('&').filter_map(|parameter| parameter.split('=').next()).collect();
    if let Some(name) = names.iter().find(|name| !name.is_empty() && !PARAMETERS.contains(name)) {
        return Err(format!(
            "the URL's `{name}` is not known here: there are ssl-mode, ssl-ca, ssl-cert, ssl-key, socket, collation \
             and time-zone"
        ));
    }
    for (name, file) in query.split('&').filter_map(|parameter| parameter.split_once('=')) {
        let file = percent_decoded(file);
        let is_file = ["ssl-ca", "sslca", "ssl-cert", "sslcert", "ssl-key", "sslkey"].contains(&name);
        if is_file && !Path::new(&file).is_file() {
            return Err(format!("there is no file {file}, which the URL names as its {name}"));
        }
    }
    let options = MySqlConnectOptions::from_str(url).map_err(|error| {
        let problem = match error {
            sqlx::Error::Configuration(problem) => problem.to_string(),
            error => error.to_string(),
        };
        format!("the URL cannot be read ({problem}): {FORM}")
    })?;
    let authority = place.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
    let names_user = authority.rsplit_once('@').is_some_and(|(user, _)| !user.is_empty() && !user.starts_with(':'));
    // The driver would take `root`.
    let options = match std::env::var("USER").or_else(|_| std::env::var("LOGNAME")) {
        _ if names_user => options,
        Ok(user) if !user.is_empty() => options.username(&user),
        _ => return Err(format!("the URL names no user: {FORM}")),
    };
    let has_zone = names.iter().any(|name| name.contains("zone"));
    let options = if has_zone { options } else { options.timezone(None) };
    Ok(options
        .charset("utf8mb4")
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .statement_cache_capacity(0)
        .disable_statement_logging())
}

/// Settings of a session, each for itself, for not every server has them all.
const SETTINGS: [&str; 4] = [
    // The driver asks for a mode in which the names of functions are reserved.
    "SET SESSION sql_mode = IF(FIND_IN_SET('IGNORE_SPACE', @@GLOBAL.sql_mode), @@SESSION.sql_mode, \
     REPLACE(@@SESSION.sql_mode, 'IGNORE_SPACE', ''))",
    // A person sits here.
    "SET SESSION wait_timeout = @@SESSION.interactive_timeout",
    "SET SESSION lock_wait_timeout = LEAST(@@SESSION.lock_wait_timeout, 10)",
    "SET SESSION innodb_lock_wait_timeout = LEAST(@@SESSION.innodb_lock_wait_timeout, 10)",
];

impl MysqlSession {
    /// Finds out where the session is, which its own statements may have changed.
    pub(super) async fn look_around(&mut self) {
        const WHERE: &str = "SELECT COALESCE(DATABASE(), 'no database'), CURRENT_USER()";
        let found = self.ask(async |connection| connection.fetch_one(sqlx::raw_sql(WHERE)).await).await;
        let found = found.map(|row| texts(&row)).unwrap_or_default();
        let [database, account] = found.as_slice() else { return };
        let has_own_name = self.target == self.about.target();
        (self.about.database, self.about.role) = (Some(database.clone()), Some(account.clone()));
        if has_own_name {
            self.target = self.about.target();
        }
    }
}

/// What a session leads to.
struct About {
    session: DatabaseSession,
    flavour: Flavour,
    id: u64,
}

/// Makes the session what that of the server's own client would be, but for a
/// limit on waiting for locks; says what it leads to.
async fn prepare(
    connection: &mut MySqlConnection,
    options: &MySqlConnectOptions,
    read_only: bool,
) -> Result<About, sqlx::Error> {
    for setting in SETTINGS {
        if let Err(problem) = connection.execute(setting).await {
            if error::ends_session(&problem) {
                return Err(problem);
            }
            tracing::warn!(error = %error::message(&problem), "a setting of the session was not taken: {setting}");
        }
    }
    if read_only {
        connection.execute(super::READ_ONLY).await?;
    }
    const ABOUT: &str =
        "SELECT VERSION(), COALESCE(DATABASE(), ''), CURRENT_USER(), @@GLOBAL.read_only, CONNECTION_ID()";
    let row = connection.fetch_one(sqlx::raw_sql(ABOUT)).await?;
    let about = texts(&row);
    let [version, database, account, replica, id] = about.as_slice() else {
        return Err(sqlx::Error::Protocol("the server does not say what it is".to_owned()));
    };
    let is_mariadb = version.to_ascii_lowercase().contains("mariadb");
    let flavour = if is_mariadb { Flavour::Mariadb } else { Flavour::Mysql };
    let name = if is_mariadb { "mariadb" } else { "mysql" };
    let mut remarks = Vec::new();
    if read_only {
        remarks.extend(super::rights::remark(connection, account).await);
    }
    let read_only = if super::aside::is_read_only(connection, flavour).await? {
        if !read_only {
            remarks.push("the server has made the session read-only (tx_read_only)".to_owned());
        }
        true
    } else {
        read_only
    };
    if !["0", "OFF"].contains(&replica.as_str()) {
        remarks.push("the server is read_only: only privileged accounts can change anything".to_owned());
    }
    let encryption = encryption(connection, options).await?;
    if encryption == Encryption::None && !is_here(options.get_host()) {
        let server = server(options);
        remarks.push(format!("the connection to {server} is not encrypted: whoever is on the way can read it"));
    }
    let session = DatabaseSession {
        server: name.to_owned(),
        version: version.split('-').next().map(str::to_owned),
        host: Some(address(options)),
        database: Some(if database.is_empty() { "no database".to_owned() } else { database.clone() }),
        role: Some(account.clone()),
        read_only,
        encryption: Some(encryption),
        process: id.parse().ok(),
        remarks,
    };
    Ok(About { session, flavour, id: id.parse().unwrap_or_default() })
}

/// How the way to the server is kept from others, by what it says itself.
async fn encryption(
    connection: &mut MySqlConnection,
    options: &MySqlConnectOptions,
) -> Result<Encryption, sqlx::Error> {
    if options.get_socket().is_some() {
        return Ok(Encryption::Local);
    }
    let row = connection.fetch_optional(sqlx::raw_sql("SHOW SESSION STATUS LIKE 'Ssl_cipher'")).await?;
    let cipher = row.and_then(|row| texts(&row).pop()).unwrap_or_default();
    Ok(match options.get_ssl_mode() {
        _ if cipher.is_empty() => Encryption::None,
        MySqlSslMode::VerifyIdentity => Encryption::Verified,
        MySqlSslMode::VerifyCa => Encryption::Authority,
        _ => Encryption::Unverified,
    })
}

/// Whether it is this machine.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `HOST:PORT`, or the socket.
fn address(options: &MySqlConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

fn server(options: &MySqlConnectOptions) -> String {
    format!("the server at {}", address(options))
}

/// Whether the URL has a password.
fn has_password(url: &str) -> bool {
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next()).unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.split_once(':').is_some_and(|(_, password)| !password.is_empty())
}

/// Why the server cannot be used: for want of the right password, or for
/// another reason. Whether one `is_known` tells the two apart.
fn refused(options: &MySqlConnectOptions, error: &sqlx::Error, is_known: bool) -> Refused {
    if error::number(error) != Some(ACCESS_DENIED) {
        return refusal(options, error).into();
    }
    let user = options.get_username().to_owned();
    let message = if is_known {
        refusal(options, error)
    } else {
        format!("{} wants a password of {user}, and the connection's URL has none", server(options))
    };
    Refused::Password { user, server: server(options), message, refused: is_known, not_found: None }
}

/// The server's number for a user and a password that do not fit.
const ACCESS_DENIED: u16 = 1045;

/// Why the server cannot be used, and the mend.
fn refusal(options: &MySqlConnectOptions, error: &sqlx::Error) -> String {
    const NO_RIGHT_TO_DATABASE: u16 = 1044;
    const NO_SUCH_DATABASE: u16 = 1049;
    const ACCESS_DENIED_WITHOUT_PASSWORD: u16 = 1698;
    const TOO_MANY_CONNECTIONS: [u16; 3] = [1040, 1203, 1226];
    const HOST_NOT_ALLOWED: [u16; 2] = [1129, 1130];

    let said = error::message(error).replace('\n', " ");
    let server = server(options);
    let user = options.get_username();
    let database = options.get_database().unwrap_or_default();
    match (error::number(error), error) {
        (Some(ACCESS_DENIED), _) => {
            format!("{server} refuses the password of {user} ({said}): mend it in the connection's URL")
        }
        (Some(ACCESS_DENIED_WITHOUT_PASSWORD), _) => {
            format!("{server} lets {user} in without a password only from its own account ({said}): use another user")
        }
        (Some(NO_SUCH_DATABASE), _) => {
            format!("{server} has no database {database}: mend the name at the end of the connection's URL")
        }
        (Some(NO_RIGHT_TO_DATABASE), _) => {
            format!("{server} does not let {user} into the database {database}: mend the name, or GRANT the right")
        }
        (Some(number), _) if TOO_MANY_CONNECTIONS.contains(&number) => {
            format!("{server} has no connection left ({said}): end an idle one, or wait")
        }
        (Some(number), _) if HOST_NOT_ALLOWED.contains(&number) => {
            format!("{server} lets nobody in from this machine ({said}): mend the user's host in its grants")
        }
        (Some(_), _) => format!("{server} says: {said}"),
        (None, sqlx::Error::Io(problem)) => match problem.kind() {
            _ if said.contains("certificate") => format!(
                "the certificate of {server} is not trusted ({said}): let ssl-ca in the URL name the file of its \
                 issuer, or ssl-mode=REQUIRED take any"
            ),
            std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::NotFound => {
                format!("nothing answers for {server} ({said}): is it running, and are host and port right?")
            }
            _ if said.contains("lookup") => {
                format!("no host {} is known here ({said}): mend the connection's URL", options.get_host())
            }
            _ => format!("{server} cannot be reached ({said}): are host and port right, and open from here?"),
        },
        (None, sqlx::Error::Tls(_)) => {
            format!("no secure connection to {server} ({said}): mend ssl-mode or ssl-ca in the URL")
        }
        // The password may not be sent in the open, and the driver has no key
        // of the server to hide it with.
        (None, sqlx::Error::Configuration(_)) if said.contains("RSA") => {
            format!("{server} takes the password of {user} on a secure connection only: turn TLS on at the server")
        }
        (None, sqlx::Error::Protocol(_)) if said.contains("authentication plugin") => {
            format!("{server} lets {user} in by a way that is not there here ({said}): use a user with a password")
        }
        (None, _) => format!("{server} cannot be used: {said}"),
    }
}

/// Runs a statement of our own that gives nothing.
pub(super) async fn execute(connection: &mut MySqlConnection, statement: String) -> Result<(), sqlx::Error> {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(statement))).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::{options, refusal};

    #[test]
    fn a_certificate_that_is_not_trusted_is_not_taken_for_a_host_that_is_not_reached() {
        let options = options("mysql://app:pw@db.example/shop").expect("a URL");
        let untrusted = std::io::Error::new(std::io::ErrorKind::InvalidData, "invalid peer certificate: UnknownIssuer");
        let told = refusal(&options, &sqlx::Error::Io(untrusted));
        assert!(told.starts_with("the certificate of the server at db.example:3306 is not trusted"), "{told}");
    }

    #[test]
    fn a_url_is_refused_for_what_the_driver_would_pass_over() {
        let refused = |url: &str| options(url).err().unwrap_or_default();
        assert!(refused("mysql://u@h/d?ssl-mod=REQUIRED").contains("`ssl-mod` is not known here"));
        assert!(refused("mysql://u@h/d?ssl-ca=/none%20such.pem").starts_with("there is no file /none such.pem"));
        assert!(!refused("mysql://u:pass?word@h/d").contains("word@"), "it may be of a password");
        assert!(options("mariadb://u@h/d?ssl-mode=REQUIRED&timezone=%2B02:00").is_ok());
    }
}
