//! `sslmode` and the certificates that go with it.

use super::{Lookup, Place, Source, passfile};
use std::path::PathBuf;

/// How much TLS is asked for, `sslmode` by its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql::postgres) enum TlsMode {
    /// None.
    Disable,
    /// Only where the server refuses to go without.
    Allow,
    /// Where the server has it.
    Prefer,
    /// In any case.
    Require,
    /// With a certificate of a trusted authority.
    VerifyCa,
    /// With one for the host's name.
    VerifyFull,
}

/// Whose signature a certificate must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sql::postgres) enum RootCertificate {
    /// That of an authority the system trusts.
    System,
    /// That of an authority in this file, too.
    File(PathBuf),
}

impl TlsMode {
    const ALL: [(&'static str, Self); 6] = [
        ("disable", Self::Disable),
        ("allow", Self::Allow),
        ("prefer", Self::Prefer),
        ("require", Self::Require),
        ("verify-ca", Self::VerifyCa),
        ("verify-full", Self::VerifyFull),
    ];

    /// Its name.
    pub(in crate::sql::postgres) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }

    fn verifies(self) -> bool {
        matches!(self, Self::VerifyCa | Self::VerifyFull)
    }
}

/// What is asked for, by psql's rules: a certificate of an authority that is
/// given is always used, also with `require`.
pub(super) fn mode(
    lookup: &Lookup<'_>,
    place: &Place,
    remarks: &mut Vec<String>,
) -> Result<(TlsMode, RootCertificate), String> {
    let mut mode = TlsMode::Prefer;
    if let Some((name, source)) = lookup.get("sslmode") {
        let found = TlsMode::ALL.iter().find(|(known, _)| *known == name);
        let names = TlsMode::ALL.map(|(known, _)| known).join(", ");
        mode = found.ok_or_else(|| format!("sslmode in {source} is none of {names}"))?.1;
    }
    // A socket is on this machine, and servers offer no TLS on it.
    if matches!(place, Place::Socket(_)) {
        return Ok((TlsMode::Disable, RootCertificate::System));
    }
    let root = match lookup.get("sslrootcert") {
        Some((name, _)) if name == "system" => {
            return Ok((TlsMode::VerifyFull, RootCertificate::System));
        }
        Some((name, source)) => Some((PathBuf::from(name), Some(source))),
        None => std::env::home_dir().map(|home| (home.join(".postgresql/root.crt"), None)),
    };
    let Some((file, source)) = root else { return Ok((mode, RootCertificate::System)) };
    if !matches!(mode, TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull) {
        return Ok((mode, RootCertificate::System));
    }
    match (std::fs::File::open(&file), source) {
        (Ok(_), _) => {
            let mode = if mode == TlsMode::Require { TlsMode::VerifyCa } else { mode };
            Ok((mode, RootCertificate::File(file)))
        }
        (Err(_), None) => Ok((mode, RootCertificate::System)),
        (Err(error), Some(source)) => missing(&file, &error, &source, mode, remarks),
    }
}

/// A file that was named and cannot be read.
fn missing(
    file: &std::path::Path,
    error: &std::io::Error,
    source: &Source,
    mode: TlsMode,
    remarks: &mut Vec<String>,
) -> Result<(TlsMode, RootCertificate), String> {
    let problem =
        format!("sslrootcert in {source} names {}, which cannot be read ({})", passfile::shown(file), error.kind());
    if mode.verifies() {
        return Err(format!("{problem}: mend the path, or say sslrootcert=system"));
    }
    remarks.push(format!("{problem}: the server's certificate is not verified"));
    Ok((mode, RootCertificate::System))
}
