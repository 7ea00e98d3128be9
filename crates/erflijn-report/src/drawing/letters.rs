//! How wide letters are, and texts that fit a place.

/// A width that no common sans-serif letter type exceeds by much.
pub(crate) fn text_width(content: &str, size: f64) -> f64 {
    let of = |letter: char| match letter {
        'i' | 'j' | 'l' | '.' | ',' | '\'' | '|' | ':' | ';' | 'I' => 0.32,
        ' ' | 't' | 'f' | 'r' | '-' | '(' | ')' | '\u{a0}' => 0.40,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.95,
        'A'..='Z' => 0.73,
        _ => 0.60,
    };
    size * content.chars().map(of).sum::<f64>()
}

/// The text, cut to a width with an ellipsis.
pub(crate) fn fitted(content: &str, width: f64, size: f64) -> String {
    if text_width(content, size) <= width {
        return content.to_owned();
    }
    let mut cut: Vec<char> = content.chars().collect();
    while !cut.is_empty() && text_width(&cut.iter().collect::<String>(), size) + size > width {
        cut.pop();
    }
    format!("{}…", cut.iter().collect::<String>().trim_end())
}

/// The text in at most so many lines of a width; the last one is cut when it does not fit.
pub(crate) fn wrapped(content: &str, width: f64, size: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in content.split_whitespace() {
        let is_full = lines.len() == most;
        match lines.last_mut() {
            Some(last) if is_full || text_width(&format!("{last} {word}"), size) <= width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.into_iter().map(|line| fitted(&line, width, size)).collect()
}
