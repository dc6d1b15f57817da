//! `pg_service.conf`: names for whole sets of connection parameters.

use super::passfile::shown;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where packages put the file for all users.
const SYSTEM_FOLDERS: [&str; 3] = ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/etc"];

/// The parameters that a service stands for, and the file that says so.
pub(super) struct Service {
    pub(super) file: String,
    pub(super) parameters: Vec<(String, String)>,
}

/// The files that may define services, the user's own first.
pub(super) fn files(variable: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let own = variable("PGSERVICEFILE").map(PathBuf::from);
    let own = own.or_else(|| Some(std::env::home_dir()?.join(".pg_service.conf")));
    let system: Vec<PathBuf> = match variable("PGSYSCONFDIR") {
        Some(folder) => vec![PathBuf::from(folder)],
        None => SYSTEM_FOLDERS.iter().map(PathBuf::from).collect(),
    };
    own.into_iter().chain(system.into_iter().map(|folder| folder.join("pg_service.conf"))).collect()
}

/// Looks a service up.
///
/// # Errors
/// What is wrong, and the mend.
pub(super) fn look_up(name: &str, files: &[PathBuf]) -> Result<Service, String> {
    for file in files {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
            Err(error) => return Err(format!("the service file {} cannot be read ({})", shown(file), error.kind())),
        };
        if let Some(parameters) = section(name, &text).map_err(|problem| format!("{}{problem}", at(file)))? {
            return Ok(Service { file: shown(file), parameters });
        }
    }
    let first = files.first().map(|file| format!(": define it in {}", shown(file))).unwrap_or_default();
    Err(format!("no service file defines the service {name}{first}"))
}

fn at(file: &Path) -> String {
    format!("{}:", shown(file))
}

/// The parameters below `[name]`; `None` where there is no such section.
fn section(name: &str, text: &str) -> Result<Option<Vec<(String, String)>>, String> {
    let mut found: Option<Vec<(String, String)>> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            found = (header.strip_suffix(']') == Some(name)).then(Vec::new);
            continue;
        }
        let Some(parameters) = &mut found else { continue };
        match line.split_once('=') {
            Some(("service", _)) => return Err(format!("{number}: a service cannot name another one")),
            Some((key, value)) => parameters.push((key.trim().to_owned(), value.trim().to_owned())),
            None => return Err(format!("{number}: this is no `name=value`")),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{look_up, section};

    const FILE: &str = "# ours\n[other]\nhost=x\n\n[ops]\nhost = db.example\n  port=5433\nuser=app\n[third]\nbroken\n";

    #[test]
    fn a_service_is_what_stands_below_its_name() {
        let parameters = section("ops", FILE).expect("a good file").expect("it is there");
        let expected = [("host", "db.example"), ("port", "5433"), ("user", "app")];
        assert_eq!(parameters, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(section("nonesuch", FILE), Ok(None));
    }

    #[test]
    fn what_is_wrong_with_a_service_names_the_line() {
        assert_eq!(section("third", FILE), Err("10: this is no `name=value`".to_owned()));
        assert_eq!(section("a", "[a]\nservice=b"), Err("2: a service cannot name another one".to_owned()));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("services");
        let missing = look_up("ops", std::slice::from_ref(&file)).err().expect("it is not defined");
        assert_eq!(missing, format!("no service file defines the service ops: define it in {}", file.display()));
    }
}
