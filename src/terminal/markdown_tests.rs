use super::render;
use proptest::prelude::*;

const PAGE: &str = "\
A queue worker **stopped** sending `heartbeats`, see [the dashboard](https://grafana.example/d/1) first.

1. Look at the *logs*.
2. Restart the worker:
   - by hand, or
   - with the script, which takes a little longer but checks everything twice
3. Wait.

> [!WARNING]
> Never restart **both** workers at the same time.

> An ordinary quote.

| Worker | Jobs | Note |
|--------|-----:|------|
| ingest | 12 | the small one |
| enforcement | 3400 | the one that is woken up for most of the time |
";

#[test]
fn a_page_at_a_hundred_columns() {
    insta::assert_snapshot!(render(PAGE, 100, false), @r"
    A queue worker stopped sending `heartbeats`, see the dashboard (https://grafana.example/d/1) first.

    1. Look at the logs.
    2. Restart the worker:
       • by hand, or
       • with the script, which takes a little longer but checks everything twice
    3. Wait.

    ▌ WARNING
    ▌ Never restart both workers at the same time.

    ▌ An ordinary quote.

    Worker       Jobs  Note
    ───────────  ────  ─────────────────────────────────────────────
    ingest         12  the small one
    enforcement  3400  the one that is woken up for most of the time
    ");
}

#[test]
fn a_page_at_forty_columns() {
    insta::assert_snapshot!(render(PAGE, 40, false), @r"
    A queue worker stopped sending
    `heartbeats`, see the dashboard
    (https://grafana.example/d/1) first.

    1. Look at the logs.
    2. Restart the worker:
       • by hand, or
       • with the script, which takes a
         little longer but checks everything
         twice
    3. Wait.

    ▌ WARNING
    ▌ Never restart both workers at the same
    ▌ time.

    ▌ An ordinary quote.

    Worker       Jobs  Note
    ───────────  ────  ─────────────────────
    ingest         12  the small one
    enforcement  3400  the one that is woken
                       up for most of the
                       time
    ");
}

#[test]
fn placeholders_are_words_and_tags_are_not() {
    let page =
        "ssh root@<vps-ip> now<br>then <b>stop</b><!-- hidden -->\n\n<details>\n<summary>More</summary>\n</details>\n";
    assert_eq!(render(page, 80, false), "ssh root@<vps-ip> now\nthen stop\n\nMore\n");
}

#[test]
fn a_link_shows_where_it_leads() {
    assert_eq!(
        render("[safe](https://evil.example) <https://a.example>", 80, false),
        "safe (https://evil.example) https://a.example\n"
    );
    assert_eq!(render("[above](#top)", 80, false), "above\n");
}

#[test]
fn a_table_too_wide_to_read_becomes_records() {
    let page =
        "|alpha|beta|gamma|delta|\n|-|-|-|-|\n|a long cell here|b long cell here|c long cell here|d long cell here|\n";
    assert_eq!(
        render(page, 30, false),
        "alpha: a long cell here\nbeta: b long cell here\ngamma: c long cell here\ndelta: d long cell here\n"
    );
}

#[test]
fn tasks_show_their_box() {
    assert_eq!(render("- [ ] call\n- [x] write\n", 80, false), "• [ ] call\n• [x] write\n");
}

#[test]
fn code_that_is_not_run_is_set_apart_and_seen_whole() {
    assert_eq!(render("Like:\n\n```yaml\na:\tb \n```\n", 80, false), "Like:\n\n  yaml:\n    a:→ b·\n");
}

#[test]
fn what_is_struck_out_does_not_read_like_what_is_not() {
    assert_eq!(render("~~drop it~~ keep it", 80, false), "~~drop it~~ keep it\n");
}

#[test]
fn a_long_line_of_code_shows_where_it_goes_on() {
    assert_eq!(render("    echo one two three\n", 20, false), "    echo one two\n  ┆ three\n");
}

#[test]
fn blocks_nest_and_stand_apart() {
    let page = "- one\n\n  more\n\n- two\n  > quoted\n  > > deep\n\n1. a\n\n   b\n2. c\n\n# End\n";
    insta::assert_snapshot!(render(page, 40, false), @r"
    • one

      more
    • two

      ▌ quoted
      ▌
      ▌ ▌ deep

    1. a

       b
    2. c

    End
    ");
}

#[test]
fn colour_takes_the_place_of_signs() {
    assert_eq!(render("a **b** `c`", 80, true), "a \u{1b}[1mb\u{1b}[0m \u{1b}[36mc\u{1b}[0m\n");
    assert_eq!(render("a **b** `c`", 80, false), "a b `c`\n");
}

proptest! {
    #[test]
    fn no_page_can_send_a_control_sequence(text in "(\\PC|[\u{1b}\u{7}\r\u{9b}\u{202e}\u{200b}`*_>#\n|\\[\\]()-]){0,80}") {
        let shown = render(&text, 40, false);
        prop_assert!(shown.chars().all(|c| c == '\n' || !(c.is_control() || super::visible::is_deceptive(c))), "{shown:?}");
    }
}
