//! The page as one HTML file: no script, no font, no picture, nothing to
//! fetch. It reads on a dark screen at night, on a bright one by day, and on
//! paper.

use super::page::{Phrase, Piece, Tone};
use super::wording::count;

const STYLE: &str = include_str!("style.css");

pub(super) fn render(title: &str, page: &[Piece]) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n",
        escape(title)
    );
    for piece in page {
        write(piece, &mut out);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn write(piece: &Piece, out: &mut String) {
    match piece {
        Piece::Banner { tone, title, text } => out.push_str(&format!(
            "<p class=\"banner {}\"><strong>{}</strong> {}</p>\n",
            class(*tone),
            escape(title),
            escape(text)
        )),
        Piece::Title(title) => out.push_str(&format!("<h1>{}</h1>\n", escape(title))),
        Piece::Heading { level, text, status } => {
            let badge =
                status.as_ref().map_or_else(String::new, |(tone, word)| format!(" {}", self::status(*tone, word)));
            out.push_str(&format!("<h{level}>{}{badge}</h{level}>\n", escape(text)));
        }
        Piece::Paragraph(words) => out.push_str(&format!("<p>{}</p>\n", line(words))),
        Piece::Aside(words) => out.push_str(&format!("<p class=\"aside\">{}</p>\n", line(words))),
        Piece::Quote { text, by } => out.push_str(&format!(
            "<blockquote><p>{}</p><footer>{}</footer></blockquote>\n",
            escape(text).replace('\n', "<br>"),
            escape(by)
        )),
        Piece::Facts(facts) => {
            out.push_str("<dl>\n");
            for (name, value) in facts {
                out.push_str(&format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), line(value)));
            }
            out.push_str("</dl>\n");
        }
        Piece::Table { head, rows } => {
            out.push_str("<div class=\"wide\"><table>\n<thead><tr>");
            head.iter().for_each(|name| out.push_str(&format!("<th>{name}</th>")));
            out.push_str("</tr></thead>\n<tbody>\n");
            for row in rows {
                out.push_str("<tr>");
                row.iter().for_each(|words| out.push_str(&format!("<td>{}</td>", line(words))));
                out.push_str("</tr>\n");
            }
            out.push_str("</tbody>\n</table></div>\n");
        }
        Piece::List(items) => {
            out.push_str("<ul>\n");
            items.iter().for_each(|words| out.push_str(&format!("<li>{}</li>\n", line(words))));
            out.push_str("</ul>\n");
        }
        Piece::Tasks(tasks) => {
            out.push_str("<ul class=\"tasks\">\n");
            for (done, words) in tasks {
                let (class, sign) = if *done { ("done", "☑") } else { ("open", "☐") };
                out.push_str(&format!("<li class=\"{class}\"><span>{sign}</span> {}</li>\n", line(words)));
            }
            out.push_str("</ul>\n");
        }
        Piece::Code { language, text } => {
            out.push_str(&format!(
                "<pre class=\"code\" data-language=\"{}\">{}</pre>\n",
                escape(language),
                escape(text)
            ));
        }
        Piece::Output { head, omitted, tail, file } => {
            out.push_str(&format!("<pre class=\"output\">{}", escape(head)));
            if *omitted > 0 {
                let lines = count(*omitted, "line", "lines");
                let file = escape(file);
                out.push_str(&format!("<i>… {lines} left out; all of it is in {file}</i>\n{}", escape(tail)));
            }
            out.push_str("</pre>\n");
        }
        Piece::Diff(diff) => {
            out.push_str("<pre class=\"diff\">");
            for (place, line) in diff.lines().enumerate() {
                let tag = match line.as_bytes().first() {
                    // The first two lines name the two sides.
                    _ if place < 2 => "b",
                    Some(b'+') => "ins",
                    Some(b'-') => "del",
                    Some(b'@') => "i",
                    _ => "span",
                };
                out.push_str(&format!("<{tag}>{}</{tag}>\n", escape(line)));
            }
            out.push_str("</pre>\n");
        }
    }
}

fn line(words: &[Phrase]) -> String {
    let written = words.iter().map(|span| match span {
        Phrase::Text(text) => escape(text),
        Phrase::Strong(text) => format!("<strong>{}</strong>", escape(text)),
        Phrase::Status(tone, word) => status(*tone, word),
        Phrase::Code(text) => format!("<code>{}</code>", escape(text)),
    });
    written.collect()
}

fn status(tone: Tone, word: &str) -> String {
    format!("<span class=\"status {}\">{}</span>", class(tone), escape(word))
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
        Tone::Quiet => "quiet",
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
