//! Where each parameter is found, and what is said of those that are wrong.

use super::{Place, RootCertificate, Settings, TlsMode};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of `url` where these variables are set, and no server has a
/// socket.
fn found(url: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
    found_with_sockets(url, variables, &[])
}

fn found_with_sockets(url: &str, variables: &[(&str, &str)], sockets: &[PathBuf]) -> Result<Settings, String> {
    // Nothing of the machine's own files is read.
    let unset =
        [("PGPASSFILE", "/nonesuch/pgpass"), ("PGSERVICEFILE", "/nonesuch/services"), ("PGSYSCONFDIR", "/nonesuch")];
    let variable = |name: &str| {
        let all = variables.iter().chain(&unset);
        all.clone().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    Settings::find_in(url, &variable, sockets)
}

fn ok(url: &str, variables: &[(&str, &str)]) -> Settings {
    found(url, variables).unwrap_or_else(|problem| panic!("{url}: {problem}"))
}

fn problem(url: &str, variables: &[(&str, &str)]) -> String {
    found(url, variables).err().unwrap_or_else(|| panic!("{url} is refused"))
}

fn password(settings: &Settings) -> Option<(&str, &str)> {
    let password = settings.password.as_ref()?;
    Some((password.text.as_str(), password.from.as_deref()?))
}

#[test]
fn a_bare_url_leaves_all_to_the_variables() {
    let variables = [
        ("PGHOST", "db.example"),
        ("PGPORT", "5433"),
        ("PGUSER", "app"),
        ("PGDATABASE", "prod"),
        ("PGPASSWORD", "hunter2"),
        ("PGSSLMODE", "require"),
        ("PGCONNECT_TIMEOUT", "3"),
    ];
    for url in ["postgres:", "postgres://", "postgresql:///"] {
        let settings = ok(url, &variables);
        assert_eq!(settings.server(), "db.example:5433");
        assert_eq!((settings.user.as_str(), settings.database_name()), ("app", "prod"));
        assert_eq!(password(&settings), Some(("hunter2", "PGPASSWORD")));
        assert_eq!((settings.tls, settings.patience), (TlsMode::Require, Duration::from_secs(3)));
    }
}

#[test]
fn the_url_wins_over_the_service_and_that_over_the_variables() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let services = folder.path().join("services");
    fs::write(&services, "[ops]\nhost=of-service\nport=5433\nuser=of-service\nunheard=of\n").expect("it is ours");
    let services = services.display().to_string();
    let variables = [("PGSERVICEFILE", services.as_str()), ("PGHOST", "of-variable"), ("PGDATABASE", "of-variable")];
    let settings = ok("postgres://of-url@/?service=ops", &variables);
    assert_eq!(settings.server(), "of-service:5433");
    assert_eq!((settings.user.as_str(), settings.database_name()), ("of-url", "of-variable"));
    assert_eq!(settings.remarks, ["unheard of the connection is not known here, and has no effect"]);
    let with_variable = [&variables[..], &[("PGSERVICE", "ops")]].concat();
    assert_eq!(ok("postgres:", &with_variable).server(), "of-service:5433");
    let missing = problem("postgres:?service=nonesuch", &variables);
    assert_eq!(missing, format!("no service file defines the service nonesuch: define it in {services}"));
}

#[test]
fn parameters_behind_the_question_mark_win_over_the_rest_of_the_url() {
    let settings = ok("postgres://a:x@h:1/d?user=b&password=y&host=g&port=2&dbname=e", &[]);
    assert_eq!(settings.server(), "g:2");
    assert_eq!((settings.user.as_str(), settings.database_name()), ("b", "e"));
    assert_eq!(password(&settings), Some(("y", "the connection's URL")));
}

#[test]
fn without_a_host_the_socket_of_this_machine_is_taken_where_there_is_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sockets = [folder.path().to_owned()];
    let place = |url: &str| found_with_sockets(url, &[], &sockets).map(|settings| settings.place);
    assert_eq!(place("postgres:"), Ok(Place::Host("localhost".to_owned())));
    fs::write(folder.path().join(".s.PGSQL.5433"), "").expect("the folder is ours");
    assert_eq!(place("postgres:?port=5433"), Ok(Place::Socket(folder.path().to_owned())));
    assert_eq!(place("postgres:"), Ok(Place::Host("localhost".to_owned())));
}

#[test]
fn a_password_file_is_asked_for_the_login_as_psql_asks_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("pass");
    // Without a name of its own the database has that of the user; a server's
    // usual socket is called localhost.
    fs::write(&file, "localhost:5433:app:app:of-socket\ndb:5432:prod:app:of-host\n").expect("it is ours");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("it is ours");
    fs::write(folder.path().join(".s.PGSQL.5433"), "").expect("the folder is ours");
    let path = file.display().to_string();
    let variables = [("PGPASSFILE", path.as_str())];
    let settings = found_with_sockets("postgres://app@/?port=5433", &variables, &[folder.path().to_owned()]);
    assert_eq!(password(&settings.expect("it is found")), Some(("of-socket", path.as_str())));
    assert_eq!(password(&ok("postgres://app@db/prod", &variables)), Some(("of-host", path.as_str())));
    let none = ok("postgres://app@db/test", &variables);
    assert_eq!(password(&none), None);
    assert_eq!(none.no_password, Some(format!("{path} has no line for db:5432:test:app")));

    fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("it is ours");
    let ignored = ok("postgres://app@db/prod", &variables);
    let why = format!("{path} is not used: others may read it (mode 644); chmod 600 {path}");
    assert_eq!((ignored.no_password, ignored.remarks), (Some(why.clone()), vec![why]));
}

#[test]
fn a_value_that_is_not_understood_is_never_passed_over() {
    let modes = "disable, allow, prefer, require, verify-ca, verify-full";
    for (url, variables, expected) in [
        ("postgres:", &[("PGSSLMODE", "verify_full")][..], format!("sslmode in PGSSLMODE is none of {modes}")),
        ("postgres://h/?sslmode=yes", &[], format!("sslmode in the connection's URL is none of {modes}")),
        ("postgres:", &[("PGPORT", "many")], "port in PGPORT is not a number that it can be".to_owned()),
        (
            "postgres://h/?connect_timeout=x",
            &[],
            "connect_timeout in the connection's URL is not a number that it can be".to_owned(),
        ),
        ("postgres:", &[("PGHOST", "a,b")], "PGHOST names several hosts: name the one that is meant".to_owned()),
        (
            "postgres://h/?sslmode=verify-ca&sslrootcert=/nonesuch/ca",
            &[],
            "sslrootcert in the connection's URL names /nonesuch/ca, which cannot be read (entity not found): mend the \
             path, or say sslrootcert=system"
                .to_owned(),
        ),
    ] {
        assert_eq!(problem(url, variables), expected);
    }
    let settings = ok("postgres://h/?channel_binding=require&sslrootcert=/nonesuch/ca&sslmode=require&Pa55=x", &[]);
    assert_eq!(
        settings.remarks,
        [
            "channel_binding in the connection's URL is not kept to: this program cannot do it",
            "a parameter of the connection is not known here, and has no effect",
            "sslrootcert in the connection's URL names /nonesuch/ca, which cannot be read (entity not found): the \
             server's certificate is not verified"
        ]
    );
}

#[test]
fn an_authority_that_is_given_is_held_to() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ca = folder.path().join("ca.crt");
    fs::write(&ca, "").expect("the folder is ours");
    let tls = |mode: &str| {
        let settings = ok(&format!("postgres://h/?sslmode={mode}&sslrootcert={}", ca.display()), &[]);
        (settings.tls, settings.root)
    };
    assert_eq!(tls("require"), (TlsMode::VerifyCa, RootCertificate::File(ca.clone())));
    assert_eq!(tls("verify-full"), (TlsMode::VerifyFull, RootCertificate::File(ca.clone())));
    assert_eq!(tls("prefer").0, TlsMode::Prefer);
    let system = ok("postgres://h/?sslrootcert=system", &[]);
    assert_eq!((system.tls, system.root), (TlsMode::VerifyFull, RootCertificate::System));
    assert_eq!(ok("postgres://h/?ssl=true", &[]).tls, TlsMode::Require);
    assert_eq!(ok("postgres://%2Frun%2Fpg/?sslmode=require", &[]).tls, TlsMode::Disable, "on a socket");
}

#[test]
fn only_what_stays_on_this_machine_is_here() {
    for (url, here) in [
        ("postgres://localhost/", true),
        ("postgres://127.0.0.1/", true),
        ("postgres://[::1]/", true),
        ("postgres://%2Frun%2Fpg/", true),
        ("postgres://10.0.0.5/", false),
        ("postgres://localhost.example/", false),
    ] {
        assert_eq!(ok(url, &[]).is_here(), here, "{url}");
    }
}

#[test]
fn settings_of_the_session_are_taken_in_each_form() {
    let settings = ok("postgres://h/?options=-c%20a=1%20--b=2%20-cd=3%20-x&options[e]=4", &[]);
    let expected = [("a", "1"), ("b", "2"), ("d", "3"), ("e", "4")];
    assert_eq!(settings.options, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(
        settings.remarks,
        ["options in the connection's URL has a part that is not `-c name=value`: it is left out"]
    );
}
