//! `.pgpass`: the passwords that psql finds by itself, by psql's own rules.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What a password is looked for with.
pub(super) struct Login<'a> {
    /// `localhost` for the server's usual socket.
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// What became of looking for a password.
pub(super) enum Found {
    Password(Zeroizing<String>),
    /// There is none; why, where that may surprise.
    Nothing(Option<String>),
    /// There is a file, and it must not be used: why, and the mend.
    Ignored(String),
}

/// Looks `login` up in `file`, which `named` tells to be one that somebody has
/// named, not the usual one.
pub(super) fn look_up(file: &Path, named: bool, login: &Login<'_>) -> Found {
    let shown = shown(file);
    let about = match fs::metadata(file) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Found::Nothing(named.then(|| format!("the password file {shown} is not there")));
        }
        Err(error) => return Found::Ignored(format!("{shown} is not used: it cannot be looked at ({})", error.kind())),
    };
    if !about.is_file() {
        return Found::Ignored(format!("{shown} is not used: it is not a plain file"));
    }
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Found::Ignored(format!("{shown} is not used: others may read it (mode {mode:03o}); chmod 600 {shown}"));
    }
    let text = match fs::read(file) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) => return Found::Ignored(format!("{shown} is not used: it cannot be read ({})", error.kind())),
    };
    let text = Zeroizing::new(String::from_utf8_lossy(&text).into_owned());
    match text.lines().find_map(|line| password_in(line, login)) {
        Some(password) => Found::Password(password),
        None => {
            let Login { host, port, database, user } = login;
            Found::Nothing(Some(format!("{shown} has no line for {host}:{port}:{database}:{user}")))
        }
    }
}

/// The file as it would be typed.
pub(super) fn shown(file: &Path) -> String {
    let home = std::env::home_dir().and_then(|home| file.strip_prefix(home).ok().map(Path::to_owned));
    home.map_or_else(|| file.to_owned(), |below| PathBuf::from("~").join(below)).display().to_string()
}

/// The password of a line `HOST:PORT:DATABASE:USER:PASSWORD` that is for this
/// login.
fn password_in(line: &str, login: &Login<'_>) -> Option<Zeroizing<String>> {
    if line.starts_with('#') {
        return None;
    }
    let port = login.port.to_string();
    let mut rest = line;
    for wanted in [login.host, &port, login.database, login.user] {
        let end = end_of_field(rest)?;
        let field = &rest[..end];
        if field != "*" && *unescaped(field) != wanted {
            return None;
        }
        rest = &rest[end + 1..];
    }
    let password = unescaped(rest);
    (!password.is_empty()).then_some(password)
}

/// Where the `:` is that ends the field.
fn end_of_field(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let ends = c == ':' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })
}

/// `text` without the backslashes that only escape.
fn unescaped(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let meant = if c == '\\' { characters.next() } else { Some(c) };
        if let Some(c) = meant {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{Found, Login, look_up, password_in};
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    const LOGIN: Login<'_> = Login { host: "db", port: 5432, database: "prod", user: "app" };

    #[test]
    fn a_line_is_for_a_login_as_psql_has_it() {
        for (line, password) in [
            ("db:5432:prod:app:secret", Some("secret")),
            ("*:*:*:*:secret", Some("secret")),
            ("db:5432:prod:app:a\\:b\\\\c:d", Some("a:b\\c:d")),
            ("d\\b:5432:prod:app:x", Some("x")),
            ("#db:5432:prod:app:secret", None),
            ("db:5433:prod:app:secret", None),
            ("db:5432:other:app:secret", None),
            ("db:5432:prod:app", None),
            ("db:5432:prod:app:", None),
            ("", None),
        ] {
            let found = password_in(line, &LOGIN);
            assert_eq!(found.as_ref().map(|found| found.as_str()), password, "{line}");
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_not_used_and_that_is_said() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("pass");
        fs::write(&file, "# mine\r\n*:*:*:other:no\r\n*:*:*:app:secret\r\n").expect("the folder is ours");
        fs::set_permissions(&file, Permissions::from_mode(0o640)).expect("the file is ours");
        let Found::Ignored(why) = look_up(&file, true, &LOGIN) else { panic!("it is not used") };
        let path = file.display();
        assert_eq!(why, format!("{path} is not used: others may read it (mode 640); chmod 600 {path}"));

        fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("the file is ours");
        let Found::Password(password) = look_up(&file, true, &LOGIN) else { panic!("it is used") };
        assert_eq!(password.as_str(), "secret");
        let Found::Nothing(Some(why)) = look_up(&file, true, &Login { user: "nobody", ..LOGIN }) else {
            panic!("there is no line")
        };
        assert_eq!(why, format!("{path} has no line for db:5432:prod:nobody"));
    }

    #[test]
    fn only_a_file_that_somebody_named_is_missed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(matches!(look_up(&folder.path().join("x"), true, &LOGIN), Found::Nothing(Some(_))));
        assert!(matches!(look_up(&folder.path().join("x"), false, &LOGIN), Found::Nothing(None)));
        assert!(matches!(look_up(folder.path(), false, &LOGIN), Found::Ignored(_)));
    }
}
