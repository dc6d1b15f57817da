//! The parts of a connection's URL.
//!
//! No problem that is told of here names any of them: where a URL is written
//! wrong, a part of the password may stand in each.

use zeroize::Zeroizing;

/// A URL in parts, each as it is meant, `%41` read as `A`. What is not there,
/// or empty, is `None`.
#[derive(Default)]
pub(super) struct Address {
    pub(super) user: Option<String>,
    pub(super) password: Option<Zeroizing<String>>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) database: Option<String>,
    /// What stands behind `?`, in its order.
    pub(super) parameters: Vec<(String, String)>,
}

impl Address {
    /// The parts of `SCHEME://USER:PASSWORD@HOST:PORT/DATABASE?NAME=VALUE`, of
    /// which each may be left out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(url: &str) -> Result<Self, &'static str> {
        let rest = url.split_once(':').map_or("", |(_, rest)| rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut address = Self::default();
        let path = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
                if path.contains('@') {
                    return Err("there is a / before its @");
                }
                let (login, server) = authority.rsplit_once('@').unwrap_or(("", authority));
                let (user, password) = login.split_once(':').unwrap_or((login, ""));
                (address.user, address.password) = (given(user), given(password).map(Zeroizing::new));
                (address.host, address.port) = host_and_port(server)?;
                path
            }
            None => rest.trim_start_matches('/'),
        };
        address.database = given(path);
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            address.parameters.push((percent_decoded(name), percent_decoded(value)));
        }
        Ok(address)
    }
}

fn given(part: &str) -> Option<String> {
    (!part.is_empty()).then(|| percent_decoded(part))
}

fn host_and_port(server: &str) -> Result<(Option<String>, Option<u16>), &'static str> {
    let (host, port) = match server.strip_prefix('[') {
        // A number of version 6 has colons of its own.
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or("a [ is not closed")?;
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some("")).ok_or("something follows a ]")?)
        }
        None => server.split_once(':').unwrap_or((server, "")),
    };
    if server.contains(',') {
        return Err("it names several hosts, of which only one can be meant");
    }
    let port = match port {
        "" => None,
        port => Some(port.parse().map_err(|_| "its port is not a number")?),
    };
    Ok((given(host), port))
}

/// `text` with each `%41` as the byte that it stands for.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn parts(url: &str) -> [Option<String>; 5] {
        let Address { user, password, host, port, database, .. } = Address::parse(url).expect("a URL");
        [user, password.map(|password| password.to_string()), host, port.map(|port| port.to_string()), database]
    }

    #[test]
    fn a_url_is_read_whatever_of_it_is_left_out() {
        for (url, expected) in [
            ("postgres://u:p@h:1/d", ["u", "p", "h", "1", "d"]),
            ("postgres:", ["", "", "", "", ""]),
            ("postgres://", ["", "", "", "", ""]),
            ("postgres:///d", ["", "", "", "", "d"]),
            ("postgres:d", ["", "", "", "", "d"]),
            ("postgres://h", ["", "", "h", "", ""]),
            ("postgres://u@h/", ["u", "", "h", "", ""]),
            ("postgres://u:p%40%2F%25@[::1]:5433/a%20b", ["u", "p@/%", "::1", "5433", "a b"]),
            ("postgres://%2Frun%2Fpg/d", ["", "", "/run/pg", "", "d"]),
            ("postgres://u:a@b@h/d", ["u", "a@b", "h", "", "d"]),
            ("postgres://u:a:b@h/d", ["u", "a:b", "h", "", "d"]),
        ] {
            assert_eq!(parts(url), expected.map(|part| (!part.is_empty()).then(|| part.to_owned())), "{url}");
        }
    }

    #[test]
    fn parameters_are_kept_in_their_order() {
        let address = Address::parse("postgres://h/d?host=%2Frun%2Fpg&sslmode=require&x").expect("a URL");
        let expected = [("host", "/run/pg"), ("sslmode", "require"), ("x", "")];
        assert_eq!(address.parameters, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_url_with_a_bare_password_is_refused_without_naming_any_of_it() {
        for url in [
            "postgres://u:hunter/2@h/d",
            "postgres://u:12/hunter@h/d",
            "postgres://u:p@[::1/hunter2",
            "postgres://u:p@h:hunter2/d",
            "postgres://u:p@h1,h2/d",
        ] {
            let problem = Address::parse(url).err().unwrap_or_else(|| panic!("{url} is refused"));
            assert!(!problem.contains("hunter"), "{problem}");
        }
    }
}
