//! The forms in which a secret may turn up in a tool's output.

use super::Redactor;
use std::fmt::Write as _;
use zeroize::Zeroizing;

type Form = Zeroizing<Vec<u8>>;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The columns at which `base64` and PEM break their lines.
const BASE64_LINES: [usize; 2] = [76, 64];

/// Every form of `value` to look for, the value itself among them.
pub(super) fn of(value: &str) -> Vec<Form> {
    // A value read from a file ends in a newline that it is printed without.
    let value = value.trim_end_matches(['\n', '\r']);
    let mut forms = vec![Form::new(value.as_bytes().to_vec())];
    if value.len() >= Redactor::SHORTEST {
        further(value, &mut forms);
    }
    in_csv(&mut forms);
    forms
}

fn further(value: &str, forms: &mut Vec<Form>) {
    written(value, forms);
    encoded(value.as_bytes(), forms);
    // A tool may indent the lines of a secret, or end them in CR LF.
    let trimmed = value.trim();
    for line in trimmed.lines().map(str::trim).chain([trimmed]) {
        if line.len() < value.len() && line.len() >= Redactor::SHORTEST {
            forms.push(Form::new(line.as_bytes().to_vec()));
            written(line, forms);
        }
    }
}

/// Every form again with its quotes doubled, where it has any: so it stands in
/// a field of CSV.
fn in_csv(forms: &mut Vec<Form>) {
    let mut doubled = Vec::new();
    for form in forms.iter().filter(|form| form.contains(&b'"')) {
        let mut bytes = Form::new(Vec::with_capacity(form.len() * 2));
        for byte in form.iter() {
            bytes.extend(std::iter::repeat_n(*byte, if *byte == b'"' { 2 } else { 1 }));
        }
        doubled.push(bytes);
    }
    forms.append(&mut doubled);
}

/// `text` as quoted or escaped in another text.
fn written(text: &str, forms: &mut Vec<Form>) {
    let mut add = |form: String| forms.push(Form::new(form.into_bytes()));

    add(percent(text, "-_.~", true));
    add(percent(text, "-_.~", false));
    add(percent(text, "-_.!~*'()", true));
    add(percent(text, "-_.~/:@", true));
    add(percent(text, "-_.*", true).replace("%20", "+"));

    add(json(text, false));
    add(json(text, true));
    add(json(text, false).replace('/', "\\/"));

    add(text.replace('\'', r"'\''"));
    add(text.replace('\'', r#"'"'"'"#));
    add(backslashed(text, |c| !(c.is_alphanumeric() || "_-./:=@%+".contains(c))));
    add(backslashed(text, |c| !(c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c))));
    add(backslashed(text, |c| "\"$`\\".contains(c)));
    add(dollar_quoted(text));

    add(text.replace('\'', "''"));
    add(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"));
}

/// `bytes` in base64, wherever in the encoded data they stand, and in hex.
fn encoded(bytes: &[u8], forms: &mut Vec<Form>) {
    for alphabet in [STANDARD, URL_SAFE] {
        let whole = base64(bytes, alphabet);
        // The last character depends on what follows, perhaps a newline.
        let sure = whole.len() - usize::from(!bytes.len().is_multiple_of(3));
        for columns in BASE64_LINES {
            let lines = whole.chunks(columns).chain(whole[..sure].chunks(columns));
            forms.extend(lines.filter(|line| line.len() >= Redactor::SHORTEST).map(|line| Form::new(line.to_vec())));
        }
        let mut padded = whole.clone();
        padded.resize(whole.len().next_multiple_of(4), b'=');
        forms.push(padded);

        for before in 0..3 {
            let mut shifted = Form::new(vec![0; before]);
            shifted.extend_from_slice(bytes);
            let text = base64(&shifted, alphabet);
            // The first and last characters depend on the neighbours too.
            let start = [0, 2, 3][before];
            let end = text.len() - usize::from(!shifted.len().is_multiple_of(3));
            forms.push(Form::new(text[start..end].to_vec()));
        }
    }
    for digits in [b"0123456789abcdef", b"0123456789ABCDEF"] {
        let digit = |nibble: u8| digits[usize::from(nibble)];
        forms.push(Form::new(bytes.iter().flat_map(|&b| [digit(b >> 4), digit(b & 15)]).collect()));
    }
}

/// Base64 without padding.
fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> Form {
    let mut text = Form::new(Vec::with_capacity(bytes.len().div_ceil(3) * 4));
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, i| bits << 8 | u32::from(chunk.get(i).copied().unwrap_or(0)));
        let characters = [18, 12, 6, 0].map(|shift| alphabet[(bits >> shift & 63) as usize]);
        text.extend_from_slice(&characters[..=chunk.len()]);
    }
    text
}

/// Percent-encodes what is neither alphanumeric nor in `kept`.
fn percent(text: &str, kept: &str, upper: bool) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        let kept = byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte);
        let written = match (kept, upper) {
            (true, _) => {
                out.push(char::from(byte));
                Ok(())
            }
            (false, true) => write!(out, "%{byte:02X}"),
            (false, false) => write!(out, "%{byte:02x}"),
        };
        written.expect("a string takes what is written to it");
    }
    out
}

/// The inside of a JSON string; with `ascii`, as tools write it that escape
/// every other character.
fn json(text: &str, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut units = [0; 2];
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || (ascii && !c.is_ascii()) => {
                for unit in c.encode_utf16(&mut units) {
                    write!(out, "\\u{unit:04x}").expect("a string takes what is written to it");
                }
            }
            c => out.push(c),
        }
    }
    out
}

fn backslashed(text: &str, special: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if special(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Inside of bash's `$'…'`, which `printf %q` uses where there are control
/// characters.
fn dollar_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{1b}' => out.push_str("\\E"),
            '\'' | '\\' => out.extend(['\\', c]),
            c if c.is_ascii_control() => {
                write!(out, "\\{:03o}", u32::from(c)).expect("a string takes what is written to it");
            }
            c => out.push(c),
        }
    }
    out
}
