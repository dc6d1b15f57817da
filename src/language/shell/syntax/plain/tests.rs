//! The grammar says the same.

use super::super::grammar;
use super::parse;
use proptest::prelude::*;
use std::path::Path;

/// Whether the text is plain enough; then the grammar says the same of it.
fn is_plain(code: &str) -> bool {
    let Some(tree) = parse(code) else { return false };
    assert_eq!(Some(tree), grammar::parse(code), "{code:?}");
    true
}

#[test]
fn plain_texts_have_the_tree_that_the_grammar_gives_them() {
    for code in [
        "ls",
        "\n  ls -l /srv  \n\n",
        "# All\nls -n 5 -7 5m 1.2 a=b *.x ~/y; w # now\n# and then\nps\n",
        "cat a | grep -c b | sort\n",
        "cd /srv && ls && ps || w\n",
        "a > /tmp/x 2>&1; b >>f; c 2>/dev/null | d\n",
        "a | b > f\na > b | c | d > e\na | b 2>&1 | c | d >> e 2>/dev/null\n",
        "a > b && c\na && b > c\na > b || c || d > e 2>&1\n",
        "for a in b; do c; done > f\na | for b in c; do d | e > f; done > g\n",
        "curl -s \\\n  \"http://x?a=$B&c=${D}\" 'e f'\n",
        "a \"$(id -u b | head -n 1)\" $C/d x$E 5$F\n",
        "a \"b $c d $(e f) g\" 'y'z \"p\"\"q\" \"\" \" x\"\n",
        "for a in $(b | c) \"d\" 5; do # e\n  rm \"$a\" # f\n  # g\n  w\ndone # h\nps\n",
        "for a in b c\ndo\n  for d in e; do f; done\ndone\n",
        "for a in b; do c; done | d\na $(for b in c; do d; done)\n",
        "\"$A/b\" -c\n$D e\n",
        "echo \"Übung – $A: …\" # é\n",
    ] {
        assert!(is_plain(code), "{code:?}");
    }
}

#[test]
fn what_the_grammar_has_its_own_mind_about_is_left_to_it() {
    for code in [
        "",
        "\n",
        "a && b | c",
        "a | b && c",
        "a \"$b $c\"",
        "a \"$b \"",
        "a \" $b\"",
        "a $_",
        "a 0x1f",
        "while a; do b; done",
        "a <b",
        "A=1 b",
        "(a)",
    ] {
        assert!(!is_plain(code), "{code:?}");
    }
}

/// Texts between fences, and every line of them, of the pages in `folder`.
fn texts(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let pages = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("a file").path());
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let pages = pages.map(|path| std::fs::read_to_string(path).expect("a page"));
    let blocks = |page: String| page.split("```").map(str::to_owned).collect::<Vec<_>>();
    let blocks = pages.flat_map(blocks).map(|block| block.split_once('\n').map_or("", |(_, text)| text).to_owned());
    blocks.flat_map(|block| block.lines().map(str::to_owned).chain([block.clone()]).collect::<Vec<_>>()).collect()
}

#[test]
fn what_stands_in_pages_has_the_tree_that_the_grammar_gives_it() {
    let texts: Vec<String> = ["tests/fixtures/rules", "runbooks"].into_iter().flat_map(texts).collect();
    let plain = texts.iter().filter(|text| is_plain(text)).count();
    assert!(plain > 200, "{plain} of {}", texts.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_plain_has_the_tree_that_the_grammar_gives_it(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "ls", "a", "-l", "--b=c", "5", "-9", "x5", "$A", "${B}", "\"", "\"d $E\"", "'f g'", "$(", ")", " ", " ",
                "  ", "\n", "\n\n", ";", "; ", " | ", " && ", " || ", " > ", " | ls", " && a -l", " > f", " 2>&1", " 2>/dev/null", ">>f", "# c\n",
                " # d\n", " \\\n  ", "for x in ", "; do ", "\ndo\n", "; done", "\ndone\n", "/", "~", "*", "=", ":", "é",
            ]),
            1..16,
        ),
    ) {
        is_plain(&parts.concat());
    }
}
