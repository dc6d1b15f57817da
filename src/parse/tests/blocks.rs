use super::{findings, only_block, read, sound};

#[test]
fn every_way_to_write_a_block_gives_its_exact_lines_and_code() {
    // Page, first line, last line, first line of the code, code.
    let pages = [
        ("# a\n\n```sh\nx\n```\n", 3, 5, 4, "x\n"),
        ("~~~~ sh\nx\n~~~\ny\n~~~~\n", 1, 5, 2, "x\n~~~\ny\n"),
        ("```sh\n```\n", 1, 2, 2, ""),
        ("a\n\n    x\n\n    y\n\n\nb\n", 3, 5, 3, "x\n\ny\n"),
        ("> ```sh\n> x\n>\n> y\n> ```\n", 1, 5, 2, "x\n\ny\n"),
        ("1. a\n\n   ```sh\n   x\n     y\n   ```\n", 3, 6, 4, "x\n  y\n"),
        ("- a\n\n\t```sh\n\tx\n\t\ty\n\t```\n", 3, 6, 4, "x\n\ty\n"),
        ("- a\n  - b\n\n    > ~~~sh\n    > x\n    > ~~~\n", 4, 6, 5, "x\n"),
        ("```sh\r\nx\r\ny\r\n```\r\n", 1, 4, 2, "x\ny\n"),
        ("\u{feff}```sh\nx\n```", 1, 3, 2, "x\n"),
        ("é\n\n  ```sh\n  ü\n  ```\n", 3, 5, 4, "ü\n"),
    ];
    for (page, first, last, code_line, code) in pages {
        let block = only_block(page);
        assert_eq!((block.line_start, block.line_end, block.code_line), (first, last, code_line), "{page:?}");
        assert_eq!(block.code, code, "{page:?}");
    }
}

#[test]
fn comments_and_front_matter_hold_no_blocks() {
    let page = "---\ntitle: t\n---\n<!--\n\n```sh\nx\n```\n-->\n\ntext\n";
    assert_eq!(sound(page).blocks().count(), 0);
}

#[test]
fn an_unclosed_fence_is_an_error_at_its_own_line() {
    let pages = [
        ("a\n\n```sh\nx\n\n# not a heading\n", "3:1"),
        ("```", "1:1"),
        ("```sh\nx\n    ```", "1:1"),
        ("~~~\nx\n```\n", "1:1"),
        ("> ```sh\n> x\n\ny\n", "1:3"),
        ("- a\n  ```sh\n  x\n\ny\n", "2:3"),
        ("1. ```sh\n2. x\n", "1:4"),
        ("> ```\n\n```\nx\n```\n", "1:3"),
    ];
    for (page, place) in pages {
        assert_eq!(findings(page), [format!("unclosed-fence {place}")], "{page:?}");
    }
}

#[test]
fn closed_fences_are_not_called_unclosed() {
    for page in [
        "```\nx\n   ```",
        "```\n```",
        "````\n```\n`````\n",
        "> - ```\n>   x\n>   ```\n",
        "- ```\n  x\n\n  ```\n",
        "\t```\n",
    ] {
        assert_eq!(findings(page), [""; 0], "{page:?}");
    }
}

#[test]
fn the_first_word_of_the_info_string_is_the_label() {
    let pages = [
        ("```bash\n```", "bash"),
        ("``` Bash extra\n```", "bash"),
        ("```{.bash .numberLines}\n```", "bash"),
        ("```{bash}\n```", "bash"),
        ("```bash{1,3}\n```", "bash"),
        ("```bash,linenos\n```", "bash"),
        ("```yaml:compose.yml\n```", "yaml"),
        ("```shell-session\n```", "shell-session"),
        ("```c++\n```", "c++"),
        ("``` name=x\n```", ""),
        ("```\n```", ""),
    ];
    for (page, label) in pages {
        assert_eq!(only_block(page).label, label, "{page:?}");
    }
}

#[test]
fn annotations_stand_in_the_info_string_beside_those_of_other_tools() {
    let block = only_block(
        "```sql name=reset title=\"a b\" cwd='/srv/x y' when=\"a == 1\" timeout=1m confirm=typed effect=write template=off {1,2}\n```",
    );
    assert_eq!(block.name.as_deref(), Some("reset"));
    assert_eq!(block.settings.cwd.as_deref(), Some("/srv/x y"));
    assert_eq!(block.settings.when.as_deref(), Some("a == 1"));
    assert_eq!(block.settings.timeout.map(|timeout| timeout.0.as_secs()), Some(60));
    assert_eq!(block.settings.confirm, Some(crate::runbook::Confirm::Typed));
    assert_eq!(block.settings.effect, Some(crate::runbook::Effect::Write));
    assert_eq!(block.settings.template, Some(false));
}

#[test]
fn an_entity_in_the_info_string_is_not_decoded() {
    assert_eq!(only_block("```sh name=a&amp;b\n```").name.as_deref(), Some("a&amp;b"));
}

#[test]
fn wrong_annotations_in_the_info_string_are_told_with_their_place() {
    assert_eq!(
        findings("x\n\n```sh confirm=nver timeout=5x timout=1m connection=ops rollback=back\nx\n```\n"),
        [
            "bad-value 3:7",
            "bad-duration 3:20",
            "unknown-attribute 3:31",
            "unknown-connection 3:41",
            "unknown-step 3:56"
        ]
    );
    let help = read("```sh timout=1m\n```").diagnostics[0].help.clone();
    assert_eq!(help.as_deref(), Some("did you mean `timeout`?"));
}

#[test]
fn ids_and_numbers_count_the_blocks_of_a_step() {
    let runbook = sound("# A\n```sh\n1\n```\ntext\n```sh\n2\n```\n# B\n```sh\n3\n```\n");
    let ids: Vec<(&str, usize)> = runbook.blocks().map(|block| (block.id.as_str(), block.number)).collect();
    assert_eq!(ids, [("a:1", 1), ("a:2", 2), ("b:1", 1)]);
}
