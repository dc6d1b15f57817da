//! What a connection is opened with, found where psql finds it: in the URL,
//! then in the service that it names, then in the variables `PG…`, and the
//! password in the password file too.
//!
//! The driver reads most of these by itself, but takes a variable that it does
//! not understand for one that is not set: `PGSSLMODE=verify_full` would verify
//! nothing.

mod passfile;
mod service;
#[cfg(test)]
mod tests;
mod tls;

pub(super) use tls::{RootCertificate, TlsMode};

use crate::sql::address::Address;
use passfile::{Found as Passfound, Login};
use sqlx::postgres::PgConnectOptions;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a server has to accept a connection, where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(15);

/// The folders where a server on this machine has its socket.
const SOCKET_FOLDERS: [&str; 3] = ["/var/run/postgresql", "/private/tmp", "/tmp"];

/// Parameters that can be given, with the variable that stands for each where
/// nothing gives it.
const PARAMETERS: &[(&str, Option<&str>)] = &[
    ("host", Some("PGHOST")),
    ("hostaddr", Some("PGHOSTADDR")),
    ("port", Some("PGPORT")),
    ("user", Some("PGUSER")),
    ("dbname", Some("PGDATABASE")),
    ("password", Some("PGPASSWORD")),
    ("passfile", Some("PGPASSFILE")),
    ("service", Some("PGSERVICE")),
    ("sslmode", Some("PGSSLMODE")),
    ("sslrootcert", Some("PGSSLROOTCERT")),
    ("sslcert", Some("PGSSLCERT")),
    ("sslkey", Some("PGSSLKEY")),
    ("options", Some("PGOPTIONS")),
    ("connect_timeout", Some("PGCONNECT_TIMEOUT")),
];

/// What the driver can not do, and a responder may rely on.
const WITHOUT_EFFECT: &[(&str, Option<&str>)] = &[
    ("channel_binding", Some("PGCHANNELBINDING")),
    ("require_auth", Some("PGREQUIREAUTH")),
    ("requirepeer", Some("PGREQUIREPEER")),
    ("sslcrl", Some("PGSSLCRL")),
    ("sslcrldir", Some("PGSSLCRLDIR")),
    ("sslpassword", None),
    ("target_session_attrs", Some("PGTARGETSESSIONATTRS")),
];

/// What makes no difference here.
const HARMLESS: &str = "application_name fallback_application_name client_encoding keepalives keepalives_idle \
    keepalives_interval keepalives_count tcp_user_timeout gssencmode krbsrvname gsslib sslcompression sslsni \
    sslnegotiation ssl_min_protocol_version ssl_max_protocol_version load_balance_hosts statement-cache-capacity";

/// Other names for some of them.
const ALIASES: [(&str, &str); 5] = [
    ("ssl-mode", "sslmode"),
    ("ssl-root-cert", "sslrootcert"),
    ("ssl-ca", "sslrootcert"),
    ("ssl-cert", "sslcert"),
    ("ssl-key", "sslkey"),
];

/// Where the server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A name or a number.
    Host(String),
    /// The folder of its socket.
    Socket(PathBuf),
}

/// What a connection is opened with.
pub(super) struct Settings {
    pub(super) place: Place,
    pub(super) port: u16,
    pub(super) user: String,
    /// That of the user's name, where none is given.
    pub(super) database: Option<String>,
    pub(super) password: Option<Password>,
    /// Why no password is known, where that may surprise.
    pub(super) no_password: Option<String>,
    pub(super) tls: TlsMode,
    pub(super) root: RootCertificate,
    certificate: Option<(String, String)>,
    /// Settings of the session, name and value.
    options: Vec<(String, String)>,
    pub(super) patience: Duration,
    /// What a responder should know of all this, one line each.
    pub(super) remarks: Vec<String>,
}

/// A password, and where it was found; `None` for one that was typed.
pub(super) struct Password {
    pub(super) text: Zeroizing<String>,
    pub(super) from: Option<String>,
}

/// Where a parameter was found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Url,
    Service(String),
    Variable(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => f.write_str("the connection's URL"),
            Self::Service(file) => f.write_str(file),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// Looks a parameter up in each of the places.
struct Lookup<'a> {
    url: Vec<(String, String)>,
    service: Option<service::Service>,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl Lookup<'_> {
    fn get(&self, name: &str) -> Option<(String, Source)> {
        let in_list = |list: &[(String, String)]| {
            let found = list.iter().rev().find(|(key, value)| key == name && !value.is_empty());
            found.map(|(_, value)| value.clone())
        };
        if let Some(value) = in_list(&self.url) {
            return Some((value, Source::Url));
        }
        if let Some(service) = &self.service
            && let Some(value) = in_list(&service.parameters)
        {
            return Some((value, Source::Service(service.file.clone())));
        }
        let variable = PARAMETERS.iter().chain(WITHOUT_EFFECT).find(|(key, _)| *key == name)?.1?;
        let value = (self.variable)(variable).filter(|value| !value.is_empty())?;
        Some((value, Source::Variable(variable)))
    }

    fn value(&self, name: &str) -> Option<String> {
        self.get(name).map(|(value, _)| value)
    }

    fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, String> {
        let Some((value, source)) = self.get(name) else { return Ok(None) };
        value.trim().parse().map(Some).map_err(|_| format!("{name} in {source} is not a number that it can be"))
    }
}

impl Settings {
    /// What the connection of this URL is opened with.
    ///
    /// # Errors
    /// What is wrong, in one line, without the password.
    pub(super) fn find(url: &str) -> Result<Self, String> {
        let variable = |name: &str| std::env::var(name).ok();
        let folders: Vec<PathBuf> = SOCKET_FOLDERS.iter().map(PathBuf::from).collect();
        Self::find_in(url, &variable, &folders)
    }

    fn find_in(
        url: &str,
        variable: &dyn Fn(&str) -> Option<String>,
        socket_folders: &[PathBuf],
    ) -> Result<Self, String> {
        let address = Address::parse(url).map_err(|problem| {
            format!(
                "the URL cannot be read ({problem}): write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with % signs \
                 for special characters in the password"
            )
        })?;
        let mut lookup = Lookup { url: parameters(address), service: None, variable };
        if let Some(name) = lookup.value("service") {
            lookup.service = Some(service::look_up(&name, &service::files(variable))?);
        }
        let mut remarks = without_effect(&lookup);
        let port = lookup.number("port")?.unwrap_or(5432);
        let place = place(&lookup, port, socket_folders)?;
        let user = lookup.value("user").unwrap_or_else(|| driver_defaults().get_username().to_owned());
        let database = lookup.value("dbname");
        let (tls, root) = tls::mode(&lookup, &place, &mut remarks)?;
        let seconds = lookup.number::<u64>("connect_timeout")?.filter(|seconds| *seconds > 0);
        let mut settings = Self {
            options: options(&lookup, &mut remarks),
            certificate: lookup.value("sslcert").zip(lookup.value("sslkey")),
            patience: seconds.map_or(PATIENCE, Duration::from_secs),
            password: None,
            no_password: None,
            place,
            port,
            user,
            database,
            tls,
            root,
            remarks,
        };
        settings.find_password(&lookup, socket_folders);
        Ok(settings)
    }

    fn find_password(&mut self, lookup: &Lookup<'_>, socket_folders: &[PathBuf]) {
        if let Some((text, source)) = lookup.get("password") {
            self.password = Some(Password { text: Zeroizing::new(text), from: Some(source.to_string()) });
            return;
        }
        let named = lookup.value("passfile").map(PathBuf::from);
        let usual = || Some(std::env::home_dir()?.join(".pgpass"));
        let Some(file) = named.clone().or_else(usual) else { return };
        let socket = match &self.place {
            Place::Socket(folder) => folder.display().to_string(),
            Place::Host(_) => String::new(),
        };
        let host = match &self.place {
            Place::Socket(folder) if socket_folders.contains(folder) => "localhost",
            Place::Socket(_) => &socket,
            Place::Host(host) => host,
        };
        let login = Login { host, port: self.port, database: self.database_name(), user: &self.user };
        match passfile::look_up(&file, named.is_some(), &login) {
            Passfound::Password(text) => self.password = Some(Password { text, from: Some(passfile::shown(&file)) }),
            Passfound::Nothing(why) => self.no_password = why,
            Passfound::Ignored(why) => {
                self.no_password = Some(why.clone());
                self.remarks.push(why);
            }
        }
    }

    /// The database's name, given or not.
    pub(super) fn database_name(&self) -> &str {
        self.database.as_deref().unwrap_or(&self.user)
    }

    /// `HOST:PORT`, or the socket.
    pub(super) fn server(&self) -> String {
        match &self.place {
            Place::Socket(folder) => format!("{}/.s.PGSQL.{}", folder.display(), self.port),
            Place::Host(host) if host.contains(':') => format!("[{host}]:{}", self.port),
            Place::Host(host) => format!("{host}:{}", self.port),
        }
    }

    /// Whether nothing on the way to the server belongs to anybody else.
    pub(super) fn is_here(&self) -> bool {
        match &self.place {
            Place::Socket(_) => true,
            Place::Host(host) => match host.parse::<std::net::IpAddr>() {
                Ok(number) => number.is_loopback(),
                Err(_) => host.eq_ignore_ascii_case("localhost"),
            },
        }
    }

    /// What the driver is told.
    pub(super) fn driver_options(&self) -> PgConnectOptions {
        let options = driver_defaults().port(self.port).username(&self.user).database(self.database_name());
        let mut options = match &self.place {
            Place::Host(host) => options.host(host),
            Place::Socket(folder) => options.socket(folder),
        };
        if let Some(password) = &self.password {
            options = options.password(&password.text);
        }
        if let RootCertificate::File(file) = &self.root {
            options = options.ssl_root_cert(file);
        }
        if let Some((certificate, key)) = &self.certificate {
            options = options.ssl_client_cert(certificate).ssl_client_key(key);
        }
        options.options(self.options.iter().map(|(name, value)| (name, value)))
    }
}

/// What the driver finds by itself.
fn driver_defaults() -> PgConnectOptions {
    // It logs what it does not understand, with its value.
    tracing::subscriber::with_default(
        tracing::subscriber::NoSubscriber::default(),
        PgConnectOptions::new_without_pgpass,
    )
}

/// All of a URL as parameters; those behind `?` come last, and win.
fn parameters(address: Address) -> Vec<(String, String)> {
    let Address { user, password, host, port, database, parameters } = address;
    let password = password.map(|password| password.to_string());
    let parts = [
        ("user", user),
        ("password", password),
        ("host", host),
        ("port", port.map(|port| port.to_string())),
        ("dbname", database),
    ];
    let parts = parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let parameters =
        parameters.into_iter().map(|(name, value)| match ALIASES.iter().find(|(alias, _)| *alias == name) {
            Some((_, name)) => ((*name).to_owned(), value),
            None if name == "ssl" && value == "true" => ("sslmode".to_owned(), "require".to_owned()),
            None => (name, value),
        });
    parts.chain(parameters).collect()
}

/// What somebody has set and gets nothing of.
fn without_effect(lookup: &Lookup<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    for (name, _) in WITHOUT_EFFECT {
        // What asks for nothing is kept by doing nothing.
        let asks = |value: &str| !matches!(value, "prefer" | "disable" | "any");
        if let Some((_, source)) = lookup.get(name).filter(|(value, _)| asks(value)) {
            remarks.push(format!("{name} in {source} is not kept to: this program cannot do it"));
        }
    }
    let known = |name: &str| {
        name.starts_with("options[")
            || HARMLESS.split(' ').any(|harmless| harmless == name)
            || PARAMETERS.iter().chain(WITHOUT_EFFECT).any(|(key, _)| *key == name)
    };
    let of_service = lookup.service.as_ref().map_or(&[][..], |service| &service.parameters);
    for (name, _) in lookup.url.iter().chain(of_service).filter(|(name, _)| !known(name)) {
        // A password that was not encoded may have brought a name about.
        let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let name = if is_name { name } else { "a parameter" };
        remarks.push(format!("{name} of the connection is not known here, and has no effect"));
    }
    remarks
}

fn place(lookup: &Lookup<'_>, port: u16, socket_folders: &[PathBuf]) -> Result<Place, String> {
    let found = lookup.get("hostaddr").or_else(|| lookup.get("host"));
    let Some((host, source)) = found else {
        let has_socket = |folder: &&PathBuf| folder.join(format!(".s.PGSQL.{port}")).exists();
        let folder = socket_folders.iter().find(has_socket).cloned();
        return Ok(folder.map_or_else(|| Place::Host("localhost".to_owned()), Place::Socket));
    };
    if host.contains(',') {
        return Err(format!("{source} names several hosts: name the one that is meant"));
    }
    Ok(if host.starts_with('/') { Place::Socket(Path::new(&host).to_owned()) } else { Place::Host(host) })
}

/// The settings of the session that are asked for: `options[name]=value`, and
/// `options` as the server's own command line has them. Those of the variable
/// are the driver's.
fn options(lookup: &Lookup<'_>, remarks: &mut Vec<String>) -> Vec<(String, String)> {
    let mut options = Vec::new();
    if let Some((text, source)) = lookup.get("options").filter(|(_, source)| !matches!(source, Source::Variable(_))) {
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            let setting = match (word, word.strip_prefix("--"), word.strip_prefix("-c")) {
                ("-c", ..) => words.next(),
                (_, Some(setting), _) | (_, None, Some(setting)) => Some(setting),
                _ => None,
            };
            match setting.and_then(|setting| setting.split_once('=')) {
                Some((name, value)) => options.push((name.to_owned(), value.to_owned())),
                None => {
                    remarks.push(format!("options in {source} has a part that is not `-c name=value`: it is left out"));
                }
            }
        }
    }
    let single = lookup.url.iter().filter_map(|(name, value)| {
        Some((name.strip_prefix("options[")?.strip_suffix(']')?.to_owned(), value.clone()))
    });
    options.extend(single);
    options
}
