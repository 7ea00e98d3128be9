//! Colours of figures and page. Each text stands on its ground with a contrast of 4.5 or more, each mark with 3.

use crate::drawing::part_of;

pub(crate) const INK: &str = "#1a1a1a";
pub(crate) const PAPER: &str = "#ffffff";
pub(crate) const BLUE: &str = "#0b4f8a";
pub(crate) const ORANGE: &str = "#a84300";
/// Lines that guide the eye.
pub(crate) const GUIDE: &str = "#767676";

/// Light to dark; each step comes with the colour of letters on it.
pub(crate) const RAMP: [(&str, &str); 5] =
    [("#eef4fa", INK), ("#c6dbef", INK), ("#8fc0e2", INK), ("#2a75b3", PAPER), ("#084a8c", PAPER)];

/// The step of a value between the ends of a scale.
pub(crate) fn step(value: f64, low: f64, high: f64) -> (&'static str, &'static str) {
    RAMP[step_index(value, low, high)]
}

pub(crate) fn step_index(value: f64, low: f64, high: f64) -> usize {
    let share = part_of(value, low, high);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to five steps")]
    let index = (share * RAMP.len() as f64).floor().clamp(0.0, RAMP.len() as f64 - 1.0) as usize;
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance after the Web Content Accessibility Guidelines 2.1.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn the_formula_gives_published_ratios() {
        // Black on white is 21 by definition; #777777 on white is 4.48, the guidelines' own near miss.
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.005);
    }

    #[test]
    fn letters_can_be_read_on_every_ground() {
        let grounds = RAMP.iter().copied();
        let on_paper = [INK, BLUE, ORANGE].map(|ink| (PAPER, ink));
        for (ground, ink) in grounds.chain(on_paper).chain([(BLUE, PAPER), (ORANGE, PAPER)]) {
            let ratio = contrast(ground, ink);
            assert!(ratio >= 4.5, "{ink} on {ground} has {ratio}");
        }
    }

    #[test]
    fn marks_can_be_seen_on_paper() {
        for mark in [INK, BLUE, ORANGE, GUIDE] {
            assert!(contrast(mark, PAPER) >= 3.0, "{mark}");
        }
    }

    /// Every pair of colours that the page's style sheet sets together, as `color` and `background` of one rule.
    #[test]
    fn letters_of_the_page_can_be_read() {
        let mut pairs = 0;
        for rule in crate::page::STYLE.split('}') {
            let value = |property: &str| {
                let body = rule.rsplit_once('{')?.1;
                body.split(';').find_map(|part| {
                    let (name, value) = part.split_once(':')?;
                    (name.trim() == property && value.trim().starts_with('#')).then(|| value.trim())
                })
            };
            if let Some(ink) = value("color") {
                let ground = value("background").unwrap_or(PAPER);
                assert!(contrast(ink, ground) >= 4.5, "{ink} on {ground}");
                pairs += 1;
            }
        }
        assert!(pairs >= 5, "{pairs} pairs found");
    }

    #[test]
    fn steps_cover_the_scale() {
        assert_eq!(
            [0.0, 0.19, 0.2, 0.99, 1.0, 2.0, -1.0].map(|at| step_index(at, 0.0, 1.0)),
            [0, 0, 1, 4, 4, 4, 0]
        );
        assert_eq!(step_index(3.0, 3.0, 3.0), 0);
    }
}
