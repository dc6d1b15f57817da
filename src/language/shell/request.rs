//! HTTP requests: only a GET or HEAD without a body looks.

use super::form;
use super::table::{is_in, known};
use super::word::{Expands, Word};
use crate::runbook::Effect::{self, Destructive, Unknown, Write};

/// Options of curl that send something.
const SEND: &str = "-d -F -T --data --data-raw --data-binary --data-ascii --data-urlencode --form --form-string --json \
    --upload-file";
/// Options of curl that write the file they name.
const WRITE_NAMED: &str = "-o -D -c --output --dump-header --cookie-jar";
/// Options of curl that write a file named otherwise.
const WRITE: &str = "--remote-name --remote-header-name --remote-name-all --create-dirs --output-dir";
/// Options of curl that take orders from elsewhere.
const ORDERS: &str = "-K -Q -C -t -P -z";

/// What calling curl does.
pub(super) fn curl(arguments: &[Word]) -> Option<(Effect, String)> {
    let given = |list: &str| {
        arguments.iter().any(|argument| argument.len() > 1 && argument.starts_with('-') && is_in(list, argument))
    };
    let parsed = match known("curl").form.map(|form| form::parse(form, arguments)) {
        Some(Ok(parsed)) => parsed,
        Some(Err(reason)) => {
            // `-O` and the like are known, and write.
            let writes = arguments.iter().any(|a| a.starts_with('-') && !a.starts_with("--") && a.contains(['O', 'J']));
            return Some((if writes || given("-R") { Write } else { Unknown }, reason));
        }
        None => return None,
    };
    let mut method = None;
    let (mut sends, mut keeps) = (false, false);
    for (name, value) in &parsed.options {
        let value_text = value.as_ref().map_or("", Word::as_str);
        let value_expands = value.as_ref().map_or(Expands::Nothing, |value| value.expands);
        match name.as_str() {
            "-X" | "--request" if value_expands != Expands::Nothing => {
                return Some((Unknown, format!("which request `{value_text}` is cannot be told")));
            }
            "-X" | "--request" => method = Some(value_text.to_owned()),
            "-G" | "--get" => method = method.or(Some("GET".to_owned())),
            // `%output{file}` writes, and `@file` may hold it.
            "-w" | "--write-out"
                if value_text.contains("%output")
                    || value_text.starts_with('@')
                    || value_expands != Expands::Nothing =>
            {
                return Some((Unknown, "its `--write-out` may write a file".to_owned()));
            }
            name if is_in(ORDERS, name) => return Some((Unknown, format!("what `{name}` does is not known here"))),
            name if is_in(SEND, name) => sends = true,
            name if is_in(WRITE_NAMED, name) => keeps |= !matches!(value_text, "/dev/null" | "-"),
            name if is_in(WRITE, name) => keeps = true,
            _ => {}
        }
    }
    let urls = parsed.options.iter().filter(|(name, _)| name == "--url").filter_map(|(_, value)| value.as_ref());
    if let Some(url) = urls.chain(parsed.operands.iter().copied()).find(|url| !is_web(url)) {
        return Some((Unknown, format!("what a request to `{url}` does is not known here")));
    }
    by_method(method.as_deref(), sends, keeps)
}

fn by_method(method: Option<&str>, sends: bool, keeps: bool) -> Option<(Effect, String)> {
    match method {
        Some("DELETE") => Some((Destructive, "sends a DELETE request".to_owned())),
        Some("GET" | "HEAD" | "OPTIONS") if keeps => Some((Write, "writes a file".to_owned())),
        Some("GET" | "HEAD" | "OPTIONS") => None,
        Some(other) => Some((Write, format!("sends a {other} request"))),
        None if sends => Some((Write, "sends data in a request".to_owned())),
        None if keeps => Some((Write, "writes a file".to_owned())),
        None => None,
    }
}

/// Whether a request to `url` speaks HTTP, as far as it says.
fn is_web(url: &Word) -> bool {
    match url.split_once("://") {
        Some((scheme, _)) => is_in("http https file", &scheme.to_ascii_lowercase()) || scheme.starts_with('$'),
        None => true,
    }
}

/// What calling HTTPie does: its operands are a method, an address, and what is
/// to be sent.
pub(super) fn httpie(program: &str, arguments: &[Word]) -> Option<(Effect, String)> {
    let parsed = match known(program).form.map(|form| form::parse(form, arguments))? {
        Ok(parsed) => parsed,
        Err(reason) => return Some((Unknown, reason)),
    };
    let is_method = |word: &Word| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let mut operands = parsed.operands.as_slice();
    let method = operands.first().filter(|word| is_method(word)).map(|word| word.to_string());
    if method.is_some() {
        operands = &operands[1..];
    }
    // `a==b` is a query, `A:b` a header; the rest is sent.
    let sends = operands.iter().skip(1).any(|item| {
        let item = item.replacen("==", "", 1);
        item.contains(['=', '@']) || item.contains(":=")
    });
    by_method(method.as_deref(), sends, false)
}
