//! What a plugin may write where people read it: one line of words, in which nothing is hidden.

/// The longest reason that a tagger or a context mapper gives, in characters.
pub(super) const MAX_REASON_CHARS: usize = 200;

/// Says what is wrong with text that must say something: 1 to `most` characters.
pub(super) fn check_words(what: &str, text: &str, most: usize) -> Result<(), String> {
    let length = text.chars().count();
    if length == 0 || length > most {
        return Err(format!(
            "a {what} of {length} characters; 1 to {most} are allowed"
        ));
    }
    if text.chars().all(is_invisible) {
        return Err(format!("a blank {what}"));
    }
    check_characters(what, text)
}

/// Says what is wrong with text that may be empty or not there: at most `most` characters.
pub(super) fn check_remark(what: &str, text: Option<&str>, most: usize) -> Result<(), String> {
    let text = text.unwrap_or_default();
    let length = text.chars().count();
    if length > most {
        return Err(format!(
            "a {what} of {length} characters; at most {most} are allowed"
        ));
    }
    check_characters(what, text)
}

/// A text without what [`check_words`] refuses, for where text comes from a plugin that failed anyway.
pub(super) fn cleaned(text: &str, most: usize) -> String {
    let letters = text.chars().take(most);
    letters
        .map(|letter| if is_refused(letter) { ' ' } else { letter })
        .collect()
}

/// Lines of text without what [`check_words`] refuses: each line stays one, and what is left of the rest is spaces.
pub(super) fn cleaned_lines(text: &str) -> String {
    let letters = text.replace("\r\n", "\n");
    letters
        .chars()
        .map(|letter| {
            if letter != '\n' && is_refused(letter) {
                ' '
            } else {
                letter
            }
        })
        .collect()
}

fn check_characters(what: &str, text: &str) -> Result<(), String> {
    match text.chars().find(|letter| is_refused(*letter)) {
        None => Ok(()),
        Some(letter) => Err(format!(
            "a {what} with the character U+{:04X}; control characters, line breaks and characters that change the text \
             direction are not allowed",
            u32::from(letter)
        )),
    }
}

/// What breaks a line, steers a terminal, or makes text look like another: controls, line and paragraph separators, and
/// the embeddings, overrides and isolates of bidirectional text.
fn is_refused(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Spaces, and what is drawn as nothing (Unicode's `Default_Ignorable_Code_Point`, and the empty Braille pattern).
fn is_invisible(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_script_are_let_through() {
        for text in [
            "Rapat di dalam ruangan",
            "café",
            "婚礼",
            "עברית",
            "می‌خواهم",
            "👩‍🍳",
            "x",
        ] {
            assert_eq!(check_words("tag", text, 64), Ok(()), "{text}");
            assert_eq!(check_remark("reason", Some(text), 64), Ok(()), "{text}");
            assert_eq!(cleaned(text, 64), text);
        }
        assert_eq!(check_remark("reason", None, 64), Ok(()));
        assert_eq!(check_remark("reason", Some(""), 64), Ok(()));
    }

    #[test]
    fn text_that_hides_something_is_refused() {
        for letter in [
            '\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{2028}', '\u{2029}',
            '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}',
        ] {
            let text = format!("gnp{letter}.jpg");
            let says = format!("U+{:04X}", u32::from(letter));
            assert!(
                check_words("tag", &text, 64).is_err_and(|error| error.contains(&says)),
                "{says}"
            );
            assert!(check_remark("reason", Some(&text), 64).is_err(), "{says}");
            assert_eq!(cleaned(&text, 64), "gnp .jpg");
        }
    }

    #[test]
    fn text_that_shows_nothing_is_refused() {
        for text in [
            "",
            " ",
            "\u{a0}\u{3000}",
            "\u{200b}",
            "\u{feff} \u{2800}",
            "\u{3164}",
            "\u{e0041}",
        ] {
            assert!(check_words("phrase", text, 64).is_err(), "{text:?}");
        }
    }
}
