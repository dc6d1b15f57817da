//! Words that stand for something else by their own spelling.

use super::letters::Needles;
use super::spelling::Spelling;
use std::ops::Range;

/// How sure a spelling is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sureness {
    /// It means the reader wherever it stands: `your-bucket`, `CHANGEME`.
    Anywhere,
    /// It stands for something in arguments and addresses, and may be an
    /// explanation elsewhere: `YYYY-MM-DD`, `XXXX`.
    InArguments,
}

/// A spelling that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StandIn {
    /// Where in the text that was looked at.
    pub(super) range: Range<usize>,
    /// Whether it says nothing of what it stands for: `XXXX`, `changeme`.
    pub(super) is_mute: bool,
}

/// Words that speak to the reader.
static READER: Spelling = Spelling::new(
    r"(?ix)
          (?: your | insert | enter ) [-_] [a-z0-9_-]* [a-z0-9]
        | your (?: app | account | bucket | cluster | company | database | db | domain | email | env | file | host
            | id | image | instance | ip | key | name | namespace | node | org | organi[sz]ation | passw | password
            | pod | project | region | registry | repo | secret | server | service | site | table | team | tenant
            | token | user | zone ) [a-z0-9_-]*
        | replace [-_] (?: this | with ) [a-z0-9_-]*
        | [a-z0-9_]+ [-_] here",
);

/// Words that say only that something belongs there.
static MUTE: Spelling = Spelling::new(r"(?i)change[-_]?me|replace[-_]?me|fill[-_]?me[-_]?in");

/// A day, a time of the day, or both.
static MOMENT: Spelling = Spelling::new(
    r"(?x)
          (?: YYYY [-_/.]? MM [-_/.]? DD | yyyy [-_/.]? mm [-_/.]? dd | yyyy [-_/.]? MM [-_/.]? dd )
            (?: [T_\x20-]? (?: HH | hh ) [:_-]? (?: MM | mm ) (?: [:_-]? (?: SS | ss ) )? Z? )?
        | (?: DD | MM ) [-/.] (?: MM | DD ) [-/.] YYYY
        | (?: HH | hh ) : (?: MM | mm ) (?: : (?: SS | ss ) )?
        | YYYY - MM
        | YYYY",
);

/// Runs of `x`, alone or with hyphens between; numbers and versions of them.
static CROSSES: Spelling = Spelling::new(
    r"(?x)
          (?: [0-9]{1,3} \. ){1,3} (?: [xX]{1,3} \. ){0,2} [xX]{1,3}
        | (?: [xX]{1,3} \. ){2,3} [xX]{1,3}
        | v? X \. Y (?: \. Z )? | v? x \. y \. z
        | [xX]{3,} (?: [-:] [xX]{2,} )*",
);

/// The path of nothing in particular.
static PATH: Spelling = Spelling::new(r"[~.]{0,2}/?path/to/[A-Za-z0-9_./-]*[A-Za-z0-9_/-]");

/// What [`READER`] cannot do without, written in whatever case, beside a `your`
/// that goes on.
static FOR_READER: Needles =
    Needles::new(&["insert-", "insert_", "enter-", "enter_", "replace-", "replace_", "-here", "_here"]);

/// What [`MUTE`] cannot do without.
static FOR_MUTE: Needles = Needles::new(&[
    "changeme",
    "change-me",
    "change_me",
    "replaceme",
    "replace-me",
    "replace_me",
    "fillme",
    "fill-me",
    "fill_me",
]);

/// What [`CROSSES`] cannot do without.
static FOR_CROSSES: Needles =
    Needles::new(&["xxx", "x.x", "x.y", "0.x", "1.x", "2.x", "3.x", "4.x", "5.x", "6.x", "7.x", "8.x", "9.x"]);

/// One of these stands in every text that [`find`] finds anything in.
static FOR_ANY: Needles = Needles::new(&[
    "your",
    "insert-",
    "insert_",
    "enter-",
    "enter_",
    "replace-",
    "replace_",
    "-here",
    "_here",
    "changeme",
    "change-me",
    "change_me",
    "replaceme",
    "fillme",
    "fill-me",
    "fill_me",
    "xxx",
    ".x",
    "x.y",
    "path/to/",
    "yyyy",
    "hh:",
]);

/// Whether [`find`] can find anything in `text`, or in a part of it. Hardly a
/// text holds any, and then its words need not be looked at one by one.
pub(super) fn may_stand_in(text: &str) -> bool {
    FOR_ANY.stand_in(text)
}

/// Whether a word goes on behind a `your`, or there is another of these.
fn speaks_to_reader(text: &str) -> bool {
    let goes_on =
        |at: usize| text.as_bytes().get(at).is_some_and(|byte| byte.is_ascii_alphabetic() || b"-_".contains(byte));
    FOR_READER.stand_in(text)
        || text
            .as_bytes()
            .windows(4)
            .enumerate()
            .any(|(at, word)| word.eq_ignore_ascii_case(b"your") && goes_on(at + 4))
}

/// Every stand-in of `text` that is at least as sure.
pub(super) fn find(text: &str, sureness: Sureness) -> Vec<StandIn> {
    let mut found = Vec::new();
    let mut add = |pattern: &Spelling, is_mute: bool, fits: &dyn Fn(&str, &Range<usize>) -> bool| {
        for range in pattern.places(text, &[0]) {
            if fits(text, &range) && !found.iter().any(|other: &StandIn| overlap(&other.range, &range)) {
                found.push(StandIn { range, is_mute });
            }
        }
    };
    if speaks_to_reader(text) {
        add(&READER, false, &is_whole);
    }
    if FOR_MUTE.stand_in(text) {
        add(&MUTE, true, &is_whole);
    }
    if sureness == Sureness::InArguments {
        if text.contains("path/to/") {
            add(&PATH, false, &|text, range| !text[..range.start].ends_with(|c: char| c.is_alphanumeric() || c == '$'));
        }
        if ["YYYY", "yyyy", "HH:", "hh:"].iter().any(|part| text.contains(part)) {
            add(&MOMENT, false, &is_no_part);
        }
        if FOR_CROSSES.stand_in(text) {
            add(&CROSSES, true, &is_address_or_run);
        }
    }
    found.sort_by_key(|found| found.range.start);
    found
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Not a part of a longer word, nor the name of a variable.
fn is_whole(text: &str, range: &Range<usize>) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !text[..range.start].ends_with(|c: char| inside(c) || c == '$' || c == '{')
        && !text[range.end..].starts_with(inside)
}

/// Not a part of a longer run of letters.
fn is_no_part(text: &str, range: &Range<usize>) -> bool {
    !text[..range.start].ends_with(|c: char| c.is_alphabetic() || c == '$' || c == '%')
        && !text[range.end..].starts_with(|c: char| c.is_alphabetic())
}

/// Of an address, at least four numbers; of a version, none but crosses. A
/// branch is really called `1.2.x`.
fn is_address_or_run(text: &str, range: &Range<usize>) -> bool {
    let found = &text[range.clone()];
    let parts = found.split('.').count();
    let has_digit = found.contains(|c: char| c.is_ascii_digit());
    let bounded = !text[..range.start].ends_with(|c: char| c.is_alphanumeric() || c == '$')
        && !text[range.end..].starts_with(|c: char| c.is_alphanumeric());
    bounded && !(has_digit && parts < 4) && !text[range.end..].starts_with(".example")
}

/// What a shouted word asks for, by its end.
const ASKS: &str = "ACCOUNT ADDRESS APP ARN BACKUP BRANCH BUCKET CLUSTER COMMIT CONTAINER COUNT DATABASE DATE DB DEPLOYMENT \
    DEVICE DIR DIRECTORY DOMAIN EMAIL ENDPOINT ENV ENVIRONMENT FILE FILENAME FOLDER GROUP HASH HERE HOST HOSTNAME ID \
    IMAGE INSTANCE IP JOB KEY LABEL MACHINE NAME NAMESPACE NODE NUMBER ORG PASSWORD PATH PID POD PORT PROJECT PVC QUEUE \
    REGION RELEASE REPO REPOSITORY REVISION ROLE SECRET SERVER SERVICE SHA SIZE STRING SUBNET TABLE TAG TENANT TIME \
    TIMESTAMP TOKEN TOPIC URI URL USER USERNAME UUID VALUE VERSION VM VOLUME ZONE";

/// Shouted words that stand for something by themselves.
const ALONE: &str = "BUCKET CLUSTER CONTAINER DATABASE DATE DEPLOYMENT DOMAIN FILENAME HOSTNAME HOST INSTANCE IP LATEST \
    NAMESPACE NODE NODENAME PASSWORD PID POD PODNAME PORT PROJECT REGION SERVER SERVICE TAG TIMESTAMP TOKEN URL USER \
    USERNAME UUID";

/// Shouted words that stand for something behind a hyphen: `config-LATEST.tgz`.
const BEHIND: &str = "TIMESTAMP LATEST DATE VERSION HASH SHA ID NAME NUMBER TAG";

/// How a shouted word begins that asks for something, whatever its end.
const BEGINS: &str = "YOUR MY NEW OLD TARGET SOURCE SOME FAILED DESIRED";

fn is_in(list: &str, word: &str) -> bool {
    !word.is_empty() && list.as_bytes().split(|byte| *byte == b' ').any(|entry| entry == word.as_bytes())
}

/// `SERVICE_ID`, `POD-NAME`: capitals in parts, of which the last says what is
/// asked for.
pub(super) fn is_shouted(word: &str) -> bool {
    if !word.starts_with(|c: char| c.is_ascii_uppercase()) {
        return false;
    }
    let parts: Vec<&str> = word.split(['_', '-']).collect();
    let is_capital = |part: &&str| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let [first, .., last] = parts.as_slice() else { return false };
    let end = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = if end.is_empty() { parts[parts.len() - 2] } else { end };
    // A cipher has such a name, with hyphens and numbers.
    if word.contains('-') && (word.contains(|c: char| c.is_ascii_digit()) || parts.len() > 3 || *last == "SHA") {
        return false;
    }
    let shape = is_capital(first) && parts.iter().all(|part| !part.is_empty() && (is_capital(part) || *part == *last));
    shape
        && last.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && (is_in(ASKS, numbered) || is_in(BEGINS, first))
}

/// `HOSTNAME` as a word of its own.
pub(super) fn is_shouted_alone(word: &str) -> bool {
    let ends_in_name = word.ends_with("NAME") && word.len() > 5 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    is_in(ALONE, word) || ends_in_name
}

/// The shouted end of a name that is not shouted itself: `TIMESTAMP` of
/// `creds-TIMESTAMP`.
pub(super) fn shouted_end(word: &str) -> Option<Range<usize>> {
    let is_end = |at: usize| {
        let end = &word[at..];
        let is_lower = word[..at].contains(|c: char| c.is_ascii_lowercase());
        is_lower && (is_in(BEHIND, end) || (!end.contains('-') && is_shouted(end)))
    };
    // `name-YOUR_ID` before the `ID` of it.
    [word.rfind('-'), word.rfind('_')]
        .into_iter()
        .flatten()
        .map(|at| at + 1)
        .find(|at| is_end(*at))
        .map(|at| at..word.len())
}

/// Ends of a name that nothing but an address has.
const ADDRESSES: &str = "ip ips hostname fqdn address ipaddr ipaddress";
/// What a machine is called.
const MACHINES: &str = "host server node machine vm box instance";
/// What only a stand-in for a machine says of it.
const WHICH: &str = "new old target source remote destination dest failed failing affected broken other some healthy \
    primary secondary replica standby your my the bad good dead current";

/// `primary-ip`, `new-host`: which machine, instead of its name.
pub(super) fn is_some_machine(word: &str) -> bool {
    let mut parts = word.split(['-', '_']);
    let (Some(first), Some(last)) = (parts.next(), parts.next_back()) else { return false };
    let plain = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'_');
    plain && !first.is_empty() && (is_in(ADDRESSES, last) || (is_in(MACHINES, last) && is_in(WHICH, first)))
}

/// `some_new_table`, `example_db`: names made up as an example.
pub(super) fn is_sample_name(word: &str) -> bool {
    let begins = |prefix: &str| word.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
    word.len() > 5 && ["some_", "some-", "example_", "my_table", "your_"].into_iter().any(begins)
}

/// `...` or `…`: something is left out.
pub(super) fn is_left_out(word: &str) -> bool {
    matches!(word, "..." | "…" | "{...}" | "[...]" | "<...>" | "(...)")
        || (word.len() > 2 && word.bytes().all(|b| b == b'*'))
}

/// `sk-...`: the beginning of something that is left out.
pub(super) fn is_cut_off(word: &str) -> bool {
    let Some(start) = word.strip_suffix("...").or_else(|| word.strip_suffix('…')) else { return false };
    start.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        && start.chars().all(|c| c.is_ascii_alphanumeric() || "-_:+=".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text, Sureness::InArguments).into_iter().map(|found| &text[found.range]).collect()
    }

    #[test]
    fn spellings_are_found_whole() {
        for (text, expected) in [
            ("your-bucket", vec!["your-bucket"]),
            ("https://your-org.example.org/YOUR_ID", vec!["your-org", "YOUR_ID"]),
            ("yourdomain.com", vec!["yourdomain"]),
            ("API_KEY_HERE", vec!["API_KEY_HERE"]),
            ("changeme", vec!["changeme"]),
            ("config-YYYYMMDD.tar", vec!["YYYYMMDD"]),
            ("YYYY-MM-DD HH:MM:SS", vec!["YYYY-MM-DD HH:MM:SS"]),
            ("YYYYMMDD_HHMMSS", vec!["YYYYMMDD_HHMMSS"]),
            ("sha-XXXXXXX", vec!["XXXXXXX"]),
            ("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", vec!["xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"]),
            ("XX.XX.XX.XX", vec!["XX.XX.XX.XX"]),
            ("x.x.x.x", vec!["x.x.x.x"]),
            ("10.0.x.x", vec!["10.0.x.x"]),
            ("vX.Y.Z", vec!["vX.Y.Z"]),
            ("/path/to/backup.sql", vec!["/path/to/backup.sql"]),
            ("release-1.2.x", vec![]),
            ("yourself", vec![]),
            ("$YOUR_ID", vec![]),
            ("fooxxx", vec![]),
            ("%YYYY", vec![]),
        ] {
            assert_eq!(found(text), expected, "{text}");
            assert!(expected.is_empty() || may_stand_in(text), "{text}");
        }
    }

    #[test]
    fn what_every_spelling_needs_is_among_what_any_needs() {
        for text in [
            "insert_it",
            "enter-id",
            "replace-this",
            "key-here",
            "change-me",
            "change_me",
            "replace_me",
            "replaceme",
            "fill-me-in",
            "fillmein",
            "fill_me_in",
            "xxx",
            "9.x.x.x",
            "x.x.x",
            "vx.y.z",
            "path/to/a",
            "HH:MM",
            "hh:mm",
            "yyyy-mm-dd",
        ] {
            assert!(may_stand_in(text) && !found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn words_that_only_look_like_it_are_not_looked_at_further() {
        for text in [
            "insert into",
            "Enter it here",
            "your bucket",
            "change the file",
            "replace it",
            "command",
            "add",
            "index.html",
        ] {
            assert!(found(text).is_empty(), "{text}");
            assert!(!FOR_MUTE.stand_in(text) && !FOR_CROSSES.stand_in(text), "{text}");
            assert!(!speaks_to_reader(text), "{text}");
        }
    }

    #[test]
    fn only_words_to_the_reader_are_sure_anywhere() {
        let sure = find("your-token on YYYY-MM-DD, XXXX", Sureness::Anywhere);
        assert_eq!(sure.len(), 1);
        assert!(!sure[0].is_mute);
    }

    #[test]
    fn a_shouted_word_says_what_it_asks_for() {
        for word in ["SERVICE_ID", "POD-NAME", "NEW_LEADER", "NODE_NAME_1", "DB_PASSWORD", "HOST_2"] {
            assert!(is_shouted(word), "{word}");
        }
        for word in
            ["CAPABILITY_IAM", "CREATE_COMPLETE", "PAY_PER_REQUEST", "SERVICE", "service_id", "A_", "_ID", "X-1"]
        {
            assert!(!is_shouted(word), "{word}");
        }
    }

    #[test]
    fn a_machine_is_told_from_its_name() {
        for word in ["primary-ip", "server-ip", "new-host", "ip-address", "remote-server"] {
            assert!(is_some_machine(word), "{word}");
        }
        for word in ["db-1", "bastion", "bastion-host", "web-server", "ip"] {
            assert!(!is_some_machine(word), "{word}");
        }
    }
}
