use super::Redactor;
use proptest::prelude::*;

fn masked(secrets: &[(&str, &str)], pieces: &[&[u8]]) -> Vec<u8> {
    let mut redactor = Redactor::new(secrets.iter().copied());
    let mut out = Vec::new();
    for piece in pieces {
        redactor.push(piece, &mut out);
    }
    redactor.finish(&mut out);
    out
}

fn masked_text(secrets: &[(&str, &str)], text: &str) -> String {
    let out = String::from_utf8(masked(secrets, &[text.as_bytes()])).expect("masked text is text");
    assert_eq!(out, Redactor::new(secrets.iter().copied()).redact(text), "the stream and the text agree");
    out
}

#[test]
fn a_secret_becomes_its_name() {
    assert_eq!(masked_text(&[("token", "hunter2!")], "a hunter2! b hunter2!"), "a «token» b «token»");
}

#[test]
fn without_secrets_bytes_pass_at_once() {
    let mut redactor = Redactor::new::<&str, &str>([]);
    assert!(redactor.is_empty());
    let mut out = Vec::new();
    redactor.push(b"\xff plain", &mut out);
    assert_eq!(out, b"\xff plain");
}

#[test]
fn an_empty_secret_masks_nothing() {
    assert!(Redactor::new([("token", "")]).is_empty());
}

#[test]
fn of_two_secrets_that_begin_alike_the_longest_is_masked() {
    let secrets = [("short", "correct"), ("long", "correct horse")];
    assert_eq!(masked_text(&secrets, "correct horse, correct hat"), "«long», «short» hat");
}

#[test]
fn overlapping_secrets_leave_nothing_of_each_other() {
    let secrets = [("a", "abcdefgh"), ("b", "efghijkl")];
    assert_eq!(masked_text(&secrets, "-abcdefghijkl-"), "-«a»-");
}

#[test]
fn only_what_may_become_a_secret_is_held_back() {
    let mut redactor = Redactor::new([("token", "hunter2!")]);
    let mut out = Vec::new();
    redactor.push(b"Password: ", &mut out);
    assert_eq!(out, b"Password: ");
    redactor.push(b"hunt", &mut out);
    assert_eq!(out, b"Password: ");
    redactor.push(b"ing", &mut out);
    assert_eq!(out, b"Password: hunting");
}

#[test]
fn a_secret_added_later_is_masked_from_then_on() {
    let mut redactor = Redactor::default();
    let mut out = Vec::new();
    redactor.push(b"hunter2! ", &mut out);
    redactor.add("token", "hunter2!");
    redactor.push(b"hunter2! ", &mut out);
    redactor.finish(&mut out);
    assert_eq!(out, "hunter2! «token» ".as_bytes());
}

#[test]
fn a_name_that_tells_the_secret_is_not_shown() {
    assert_eq!(masked_text(&[("hunter2", "hunter2")], "hunter2"), "«secret»");
    assert_eq!(masked_text(&[("a", "secret")], "x secret x"), "x «a» x");
    assert_eq!(masked_text(&[("secret", "secret")], "x secret x"), "x *** x");
}

#[test]
fn debug_shows_no_value() {
    let mut redactor = Redactor::new([("token", "hunter2!")]);
    redactor.push(b"hunt", &mut Vec::new());
    let shown = format!("{redactor:?}");
    assert!(shown.contains("«token»") && !shown.contains("hunt"), "{shown}");
}

#[test]
fn every_line_of_a_secret_is_masked_alone() {
    let secrets = [("key", "-----BEGIN KEY-----\nMIIEvQIBADAN\nshort\n-----END KEY-----\n")];
    assert_eq!(masked_text(&secrets, "  MIIEvQIBADAN\r\n"), "  «key»\r\n");
}

/// Written out by other tools than ours: what `printf %q`, `jq -R`,
/// `base64`, `xxd -p`, `python -c 'urllib.parse.quote'` make of the secret.
#[test]
fn the_forms_that_tools_give_a_secret_are_masked() {
    let secret = r#"p@ss w'rd/"$é\"#;
    for form in [
        r#"p@ss\ w\'rd/\"\$é\\"#,
        r#"p@ss w'\''rd/"$é\"#,
        r#"p@ss w'rd/\"$é\\"#,
        "p@ss w'rd/\\\"$\\u00e9\\\\",
        r#"p@ss w'rd/\"\$é\\"#,
        "p%40ss%20w%27rd%2F%22%24%C3%A9%5C",
        "p%40ss%20w%27rd%2f%22%24%c3%a9%5c",
        "p%40ss+w%27rd%2F%22%24%C3%A9%5C",
        "cEBzcyB3J3JkLyIkw6lc",
        "7040737320772772642f2224c3a95c",
        "7040737320772772642F2224C3A95C",
        r#"p@ss w''rd/"$é\"#,
        "p@ss w'rd/&quot;$é\\",
    ] {
        assert_eq!(masked_text(&[("password", secret)], &format!("<{form}>")), "<«password»>", "{form}");
    }
}

#[test]
fn base64_is_masked_wherever_the_secret_stands_in_the_data() {
    // base64 of `user:`, `users:`, `a-user:` and the secret `s3cr3t>>pass??`.
    for (encoded, left) in [
        ("dXNlcjpzM2NyM3Q+PnBhc3M/Pw==", "dXNlcjp"),
        ("dXNlcnM6czNjcjN0Pj5wYXNzPz8=", "dXNlcnM6"),
        ("YS11c2VyOnMzY3IzdD4+cGFzcz8/", "YS11c2VyOn"),
        ("dXNlcjpzM2NyM3Q-PnBhc3M_Pw", "dXNlcjp"),
    ] {
        let out = masked_text(&[("password", "s3cr3t>>pass??")], encoded);
        assert!(out.starts_with(left), "{out}");
        let rest = out.trim_start_matches(left).replace("«password»", "");
        assert!(out.contains("«password»") && rest.len() <= 4, "{out}");
    }
}

#[test]
fn the_lines_of_wrapped_base64_are_masked() {
    let secret = "x".repeat(99);
    let encoded = "eHh4".repeat(33);
    let text = format!("{}\n{}\n{}Cg==\n", &encoded[..76], &encoded[76..], &encoded[76..]);
    assert_eq!(masked_text(&[("key", &secret)], &text), "«key»\n«key»\n«key»Cg==\n");
}

fn secrets() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop_oneof!["[ab]{1,5}", "[ab'\\n é]{6,12}"], 1..4)
}

/// A stream in which secrets, and parts of them, are frequent.
fn stream() -> impl Strategy<Value = (Vec<String>, Vec<u8>)> {
    secrets().prop_flat_map(|secrets| {
        let piece = prop_oneof![
            prop::sample::select(secrets.clone()).prop_map(String::into_bytes),
            (prop::sample::select(secrets.clone()), 0..12_usize)
                .prop_map(|(secret, to)| secret.as_bytes()[..to.min(secret.len())].to_vec()),
            prop::collection::vec(prop::sample::select(b"ab' \n\xc3\xa9x".to_vec()), 0..5),
        ];
        (Just(secrets), prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat()))
    })
}

fn occurs(needle: &[u8], bytes: &[u8]) -> bool {
    !needle.is_empty() && bytes.windows(needle.len()).any(|window| window == needle)
}

proptest! {
    #[test]
    fn every_split_of_the_stream_gives_the_same_and_shows_no_secret(
        (secrets, bytes) in stream(),
        splits in prop::collection::vec(0..100_usize, 0..6),
    ) {
        let named: Vec<(&str, &str)> = secrets.iter().map(|secret| ("KEY", secret.as_str())).collect();
        let whole = masked(&named, &[&bytes]);

        let mut splits: Vec<usize> = splits.into_iter().map(|at| at.min(bytes.len())).collect();
        splits.extend([0, bytes.len()]);
        splits.sort_unstable();
        let pieces: Vec<&[u8]> = splits.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(&masked(&named, &pieces), &whole);

        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(&masked(&named, &single), &whole);

        for secret in &secrets {
            let secret = secret.trim_end_matches('\n').as_bytes();
            prop_assert!(!occurs(secret, &whole), "{:?} in {:?}", secret, whole);
        }
    }
}
