//! Texts as CLIP's tokenizer wants them: what `open_clip.tokenizer` does with `ftfy`, `html.unescape`, `split` and
//! `lower` before it looks for words.
//!
//! One step of `ftfy` is left out: it guesses where a text was decoded with the wrong encoding (`fix_encoding`). That
//! takes tables of what is likely, and no prompt is written so. Sequences that colour a terminal lose their escape
//! character here, not the rest.

use std::borrow::Cow;

use tokenizers::NormalizedString;

/// A text without entities, odd forms of letters and quotation marks, control characters and repeated spaces, in lower
/// case.
pub(super) fn clean(text: &str) -> String {
    let mut text = text.to_owned();
    // Each step may make work for another, as in ftfy; every one of them shortens or settles the text, and two or
    // three rounds do. The bound is for texts that nobody has thought of.
    for _ in 0..16 {
        let fixed = fix(&text);
        if fixed == text {
            break;
        }
        text = fixed;
    }
    let text = htmlize::unescape(htmlize::unescape(text));
    let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
    words.join(" ").to_lowercase()
}

/// One round of `ftfy.fix_text`, version 6.3.
fn fix(text: &str) -> String {
    // A text with tags is taken for HTML, whose entities are meant.
    let text = if text.contains('<') {
        Cow::Borrowed(text)
    } else {
        htmlize::unescape(text)
    };
    let fixed: String = text.chars().flat_map(fix_character).collect();
    let mut fixed = NormalizedString::from(fixed);
    fixed.nfc();
    fixed.get().to_owned()
}

/// What stands for a character: itself but for control characters, ligatures, wide and narrow forms, curled quotes.
fn fix_character(character: char) -> Vec<char> {
    match character {
        '\0'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1f}' | '\u{7f}' => Vec::new(),
        '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' => Vec::new(),
        '\u{80}'..='\u{9f}' => vec![windows_1252(character)],
        '\u{2bc}' | '\u{2018}'..='\u{201b}' => vec!['\''],
        '\u{201c}'..='\u{201f}' => vec!['"'],
        '\u{132}' => vec!['I', 'J'],
        '\u{133}' => vec!['i', 'j'],
        '\u{149}' => vec!['\'', 'n'],
        '\u{3000}' => vec![' '],
        '\u{fb05}' => vec!['\u{17f}', 't'],
        // The digraphs of the Latin letters of Croatian, the Latin ligatures, and what has two widths.
        '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}' | '\u{fb00}'..='\u{fb06}' | '\u{ff01}'..='\u{ffef}' => {
            compatible(character)
        }
        _ => vec![character],
    }
}

/// The characters that a compatibility form stands for.
fn compatible(character: char) -> Vec<char> {
    let mut normalised = NormalizedString::from(character.to_string());
    normalised.nfkc();
    normalised.get().chars().collect()
}

/// A character of the second control block as browsers read it: as the byte of Windows-1252 that it is.
fn windows_1252(character: char) -> char {
    /// Bytes 128 to 159; the five that Windows-1252 leaves open stay what they are.
    const CHARACTERS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '\'', '\'', '"', '"', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    CHARACTERS
        .get((character as usize).saturating_sub(0x80))
        .copied()
        .unwrap_or(character)
}

/// A space as `str.split` of Python knows it, which has four separators more than Unicode's property.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_oddly_is_written_plainly() {
        for (text, cleaned) in [
            ("", ""),
            ("  A  Photo\n of\ta wedding ", "a photo of a wedding"),
            (
                "a child\u{2019}s \u{201c}birthday\u{201d}",
                "a child's \"birthday\"",
            ),
            ("fish &amp; chips &lt;hot&gt; &#233;", "fish & chips <hot> é"),
            ("&amp;amp;amp; <b>", "&amp; <b>"),
            ("ﬁnal ＬＯＵＤ　ﾀ", "final loud タ"),
            ("e\u{301}t\u{e9}", "été"),
            ("zero\u{feff}width\u{7}bell", "zerowidthbell"),
            ("ΟΔΟΣ", "οδος"),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
    }
}
