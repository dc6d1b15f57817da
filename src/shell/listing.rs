//! What bash lists by itself, taken apart: all variables as `declare -p` prints
//! them, and the options that are on.

/// The declarations of a listing, each with the name it declares and its line
/// end; `None` for a text that is no listing.
pub(super) fn declarations(listing: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut found = Vec::new();
    let mut rest = listing;
    while !rest.is_empty() {
        let (declaration, after) = rest.split_at(end_of_command(rest)?);
        found.push((declared(declaration)?, declaration));
        rest = after;
    }
    Some(found)
}

/// Where the command ends that `text` begins with, after its line end. A value
/// may hold line ends: inside of quotes.
fn end_of_command(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += match byte {
            b'\n' => return Some(at + 1),
            b'\\' => 2,
            b'"' => quoted(&text[at..], b'"', true)?,
            // In `$'…'` a quote can be escaped, in `'…'` it cannot.
            b'\'' => quoted(&text[at..], b'\'', at > 0 && text[at - 1] == b'$')?,
            _ => 1,
        };
    }
    None
}

/// The length of what `text` begins with and encloses in `mark`.
fn quoted(text: &[u8], mark: u8, escapes: bool) -> Option<usize> {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' if escapes => at += 2,
            byte if *byte == mark => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// The name in `declare -x name="…"`.
fn declared(declaration: &[u8]) -> Option<&[u8]> {
    let rest = declaration.strip_prefix(b"declare -")?;
    let name = &rest[rest.iter().position(|byte| *byte == b' ')? + 1..];
    let end = name.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'))?;
    Some(&name[..end])
}

/// The names in a list such as `SHELLOPTS`, but for those that cannot be set.
pub(super) fn names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == b':').filter(|name| !matches!(*name, b"" | b"login_shell" | b"restricted_shell"))
}

/// Whether a variable is a block's own: neither bash's, nor lent by it, nor the
/// driver's, nor a secret, which is never saved by name.
pub(super) fn is_carried(name: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 4] = [b"BASH_", b"COMP_", b"__runbook_", b"RUNBOOK_SECRET_"];
    let is_lent = matches!(
        name,
        b"BASH"
            | b"BASHOPTS"
            | b"BASHPID"
            | b"COLUMNS"
            | b"DIRSTACK"
            | b"EPOCHREALTIME"
            | b"EPOCHSECONDS"
            | b"EUID"
            | b"FUNCNAME"
            | b"GROUPS"
            | b"HISTCMD"
            | b"LINENO"
            | b"LINES"
            | b"PIPESTATUS"
            | b"POSIXLY_CORRECT"
            | b"PPID"
            | b"PWD"
            | b"RANDOM"
            | b"SECONDS"
            | b"SHELLOPTS"
            | b"SRANDOM"
            | b"UID"
            | b"_"
    );
    !is_lent && !BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::process::Command;

    /// What bash prints of a variable of this value, of an array and of a map
    /// that hold it.
    fn listed(value: &[u8]) -> Vec<u8> {
        let script = "v=$1 a=(\"$1\" x) e=; declare -A m=([k]=$1 [\"k $1\"]=2); declare -i n; declare -p v a m n e";
        let mut bash = Command::new("bash");
        bash.args(["--norc", "--noprofile", "-c", script, "bash"]).arg(OsString::from_vec(value.to_vec()));
        let output = bash.output().expect("bash starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn is_taken_apart(value: &[u8]) {
        let listing = listed(value);
        let found = declarations(&listing).expect("it is a listing");
        let names: Vec<&[u8]> = found.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [&b"v"[..], b"a", b"m", b"n", b"e"], "{}", String::from_utf8_lossy(&listing));
        let declarations: Vec<&[u8]> = found.iter().map(|(_, declaration)| *declaration).collect();
        assert_eq!(declarations.concat(), listing);
    }

    #[test]
    fn a_value_that_looks_like_a_declaration_is_none() {
        for value in ["\ndeclare -- PATH=\"x\"\n", "'\n\"", "$'\\'\n", "\\", "a\tb\u{1b}\n", "`x`\n$(y)", "é\n"] {
            is_taken_apart(value.as_bytes());
        }
        is_taken_apart(b"\xff\n'\"");
    }

    #[test]
    fn what_is_no_listing_is_not_taken_for_one() {
        for text in ["declare -- a=\"1\"", "declare -- a=\"1\n", "echo hello\n", "declare -- a='\n"] {
            assert_eq!(declarations(text.as_bytes()), None, "{text}");
        }
        assert_eq!(declarations(b""), Some(Vec::new()));
    }

    #[test]
    fn the_options_are_told_apart() {
        let found: Vec<&[u8]> = names(b"extglob:login_shell:nullglob").collect();
        assert_eq!(found, [&b"extglob"[..], b"nullglob"]);
        assert_eq!(names(b"").count(), 0);
    }

    #[test]
    fn what_is_bashs_own_and_what_is_secret_is_not_carried() {
        for name in ["BASH_ARGV0", "RANDOM", "_", "RUNBOOK_SECRET_TOKEN", "__runbook_file", "PWD"] {
            assert!(!is_carried(name.as_bytes()), "{name}");
        }
        for name in ["OLDPWD", "PATH", "IFS", "BASHFUL", "TOKEN", "OPTIND"] {
            assert!(is_carried(name.as_bytes()), "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_value_is_told_from_what_follows_it(value in "[\"'$`\\\\ \n()=a\\[\\]{};]{0,12}") {
            is_taken_apart(value.as_bytes());
        }
    }
}
