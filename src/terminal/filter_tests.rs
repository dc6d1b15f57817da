//! What is left of a block's output.

use super::*;
use proptest::prelude::*;

/// What comes of the chunks, character by character.
fn filtered<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Piece<'static>> {
    let mut filter = Filter::default();
    let mut pieces = Vec::new();
    let mut keep = |piece: Piece<'_>| match piece {
        Piece::Lines(text) => pieces.extend(text.iter().map(|byte| match byte {
            b'\n' => Piece::Newline,
            byte => Piece::Text(char::from(*byte)),
        })),
        Piece::Pictures(text, columns) => {
            let text = std::str::from_utf8(text).expect("it is UTF-8");
            assert_eq!(text.chars().count(), columns);
            pieces.extend(text.chars().map(Piece::Text));
        }
        Piece::Text(c) => pieces.push(Piece::Text(c)),
        Piece::Style(style) => pieces.push(Piece::Style(style)),
        Piece::Tab => pieces.push(Piece::Tab),
        Piece::Newline => pieces.push(Piece::Newline),
        Piece::Return => pieces.push(Piece::Return),
        Piece::Back => pieces.push(Piece::Back),
        Piece::Up(lines) => pieces.push(Piece::Up(lines)),
        Piece::Down(lines) => pieces.push(Piece::Down(lines)),
        Piece::Erase { whole } => pieces.push(Piece::Erase { whole }),
        Piece::EraseBelow => pieces.push(Piece::EraseBelow),
    };
    for chunk in chunks {
        filter.push(chunk, &mut keep);
    }
    filter.finish(&mut keep);
    pieces
}

fn text(bytes: &[u8]) -> String {
    filtered([bytes])
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Text(c) => Some(c),
            Piece::Newline => Some('\n'),
            Piece::Return => Some('\r'),
            Piece::Tab => Some('\t'),
            Piece::Back => Some('\u{8}'),
            _ => None,
        })
        .collect()
}

#[test]
fn titles_links_clipboard_and_questions_are_shown_as_text() {
    assert_eq!(text(b"a\x1b]0;ti\ttle\x07b"), "a␛]0;ti␉tle␇b");
    assert_eq!(text(b"a\x1b]52;c;aGk=\x1b\\b"), "a␛]52;c;aGk=␛\\b");
    assert_eq!(text(b"\x1b]8;;https://evil.example\x1b\\link"), "␛]8;;https://evil.example␛\\link");
    assert_eq!(text(b"\x1bP1$r0m\x1b\\z\x1b[6n\x1b[?c"), "␛P1$r0m␛\\z␛[6n␛[?c");
    let long = [b"\x1b]0;".to_vec(), vec![b'x'; 1000], b"\x07b".to_vec()].concat();
    assert_eq!(text(&long), format!("␛]0;{}…␇b", "x".repeat(SHOWN_STRING - 2)));
}

#[test]
fn cursor_movement_is_dropped_but_that_of_progress() {
    assert_eq!(text(b"\x1b[2J\x1b[H\x1b[?1049hx\x1bc\x1b(0y\x1b[5;5H\x1b[3C\x1b[2S"), "xy");
    let progress = b"\x1b[2A\x1b[B\x1b[K\x1b[2K\x1b[J\x1b[1G\x1b[9G\x1b[?2A\x1b[1;2A\x1b[99999A";
    let left = [
        Piece::Up(2),
        Piece::Down(1),
        Piece::Erase { whole: false },
        Piece::Erase { whole: true },
        Piece::EraseBelow,
        Piece::Return,
    ];
    assert_eq!(filtered([progress.as_slice()]), left);
}

#[test]
fn a_string_that_never_ends_hides_no_further_line() {
    assert_eq!(text(b"a\x1b]0;open\nnext"), "a␛]0;open\nnext");
    let mut long = b"\x1b]0;".to_vec();
    long.extend(vec![b'x'; LONGEST_STRING]);
    long.extend(b"!seen");
    assert!(text(&long).ends_with("seen"));
}

#[test]
fn controls_and_direction_marks_are_shown_by_name() {
    assert_eq!(text("a\u{7}bc\u{202e}d\u{9b}31m".as_bytes()), "a␇bc<U+202E>d<U+009B>31m");
    assert_eq!(text(b"\x00\x7f"), "␀␡");
}

#[test]
fn bytes_that_are_no_text_are_shown_as_such() {
    assert_eq!(text(b"a\xffb\xc3"), "a\u{fffd}b\u{fffd}");
    assert_eq!(text(b"\xe2\x82A"), "\u{fffd}A");
}

#[test]
fn colours_pass_and_concealing_does_not() {
    assert_eq!(filtered([b"\x1b[1;31m".as_slice()]), [Piece::Style(AnsiColor::Red.on_default().bold())]);
    assert_eq!(filtered([b"\x1b[8m".as_slice()]), [Piece::Style(Style::new())]);
    assert_eq!(filtered([b"\x1b[38;5;9m".as_slice()]), filtered([b"\x1b[38:5:9m".as_slice()]));
    assert_eq!(filtered([b"\x1b[38;2;1;2;3m".as_slice()]), filtered([b"\x1b[38:2::1:2:3m".as_slice()]));
    assert_eq!(filtered([b"\x1b[>4;1m".as_slice()]), []);
}

/// Bytes that are mostly pieces of control sequences.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        any::<char>().prop_map(|c| c.to_string().into_bytes()),
        "[0-9;:?]{0,6}[a-zA-Z]".prop_map(|text| text.into_bytes()),
        proptest::sample::select(vec![
            "\x1b",
            "\x1b[",
            "\x1b]",
            "\x1bP",
            "\x1b\\",
            "\x07",
            "\r",
            "\n",
            "\t",
            "\u{9b}",
            "\u{9d}",
            "\u{9c}",
            "\u{202e}",
            "\u{2066}",
            "\x1b[31m",
            "\x1b[0m",
            "\x1b[2K",
            "52;c;",
            "8;;http://x"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(fragment, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_control_or_direction_mark_ever_gets_through(bytes in hostile()) {
        for piece in filtered([bytes.as_slice()]) {
            if let Piece::Text(c) = piece {
                prop_assert!(!c.is_control() && !visible::is_deceptive(c), "{c:?}");
            }
        }
    }

    #[test]
    fn bytes_are_read_as_the_language_itself_reads_them(
        bytes in proptest::collection::vec(prop_oneof![any::<u8>(), 0x80..=0xf4_u8, Just(b' ')], 0..40),
    ) {
        let readable: Vec<u8> = bytes.into_iter().filter(|byte| *byte >= b' ').collect();
        let expected = String::from_utf8_lossy(&readable);
        let expected: String = expected
            .chars()
            .map(|c| if c.is_control() || visible::is_deceptive(c) { visible::name(c).unwrap_or_default() } else { c.to_string() })
            .collect();
        prop_assert_eq!(text(&readable), expected);
    }

    #[test]
    fn how_the_bytes_are_cut_changes_nothing(bytes in hostile(), size in 1_usize..8) {
        prop_assert_eq!(filtered(bytes.chunks(size)), filtered([bytes.as_slice()]));
    }

    #[test]
    fn ordinary_text_gets_through_unchanged(line in "[ -~äöü字]{0,40}") {
        prop_assert_eq!(text(line.as_bytes()), line);
    }
}
