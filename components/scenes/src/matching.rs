//! Finds a word in text that a network read: letters may be wrong, and gaps missing.

/// Shorter words must stand alone: as a part of another they mean something else ("HUT" in "HUTAN").
const ALONE: usize = 5;
/// Shorter words must begin where one begins.
const AT_A_BEGINNING: usize = 7;
/// From which length on one letter may be wrong, missing or too many: of 47 words on banners 38 are found so, 35 without. In
/// shorter ones, and with two, other words are found as often.
const ONE_ERROR: usize = 8;
/// What an error takes from a word's letters: one that was read as it is goes before a longer one that is only like it.
const PRICE: usize = 3;

/// Text as it is searched: letters alone, and where words begin.
pub(crate) struct Text {
    letters: Vec<u8>,
    /// Where each word begins, and where the last one ends.
    beginnings: Vec<usize>,
}

impl Text {
    pub(crate) fn new<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut text = Self {
            letters: Vec::new(),
            beginnings: vec![0],
        };
        for line in lines {
            for word in line.split(|letter: char| !letter.is_alphanumeric()) {
                text.letters.extend(word.chars().filter_map(letter));
                if text.beginnings.last() != Some(&text.letters.len()) {
                    text.beginnings.push(text.letters.len());
                }
            }
        }
        text
    }

    /// Where a word, in capital letters and digits, is in it; none when it is not.
    pub(crate) fn find(&self, word: &str) -> Option<Match> {
        let word: Vec<u8> = word.chars().filter_map(letter).collect();
        if word.len() < ALONE {
            let alone = |start: &usize| self.beginnings.contains(&(start + word.len()));
            return self
                .starts(&word)
                .find(alone)
                .map(|start| Match::exact(start, &word));
        }
        if word.len() < AT_A_BEGINNING {
            return self.starts(&word).next().map(|start| Match::exact(start, &word));
        }
        let errors = usize::from(word.len() >= ONE_ERROR);
        let (fewest, end) = self.nearest(&word);
        (fewest <= errors).then(|| Match {
            letters: word.len().saturating_sub(PRICE * fewest),
            end,
        })
    }

    /// Whether a word stands where another ended, or a letter beside that.
    pub(crate) fn goes_on_with(&self, end: usize, word: &str) -> bool {
        let word: Vec<u8> = word.chars().filter_map(letter).collect();
        let near = end.saturating_sub(1)..=(end + 1).min(self.letters.len());
        near.into_iter()
            .any(|start| self.letters[start..].starts_with(&word))
    }

    /// Where words begin that begin with this one.
    fn starts(&self, word: &[u8]) -> impl Iterator<Item = usize> {
        let starts = self.beginnings.iter().copied();
        starts.filter(|start| self.letters[*start..].starts_with(word))
    }

    /// The fewest changes of a letter by which some part of the letters becomes the word (Sellers 1980), and where that part
    /// ends.
    fn nearest(&self, word: &[u8]) -> (usize, usize) {
        // For each end in the word the fewest changes, of parts that end at the letter looked at.
        let mut row: Vec<usize> = (0..=word.len()).collect();
        let mut nearest = (word.len(), 0);
        for (at, letter) in self.letters.iter().enumerate() {
            let mut diagonal = row[0];
            for (index, wanted) in word.iter().enumerate() {
                let replaced = diagonal + usize::from(letter != wanted);
                diagonal = row[index + 1];
                row[index + 1] = replaced.min(diagonal + 1).min(row[index] + 1);
            }
            if row[word.len()] < nearest.0 {
                nearest = (row[word.len()], at + 1);
            }
        }
        nearest
    }
}

/// Where a word was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Match {
    /// The number of its letters, less for errors: more are surer.
    pub(crate) letters: usize,
    /// The letter after it.
    pub(crate) end: usize,
}

impl Match {
    fn exact(start: usize, word: &[u8]) -> Self {
        Self {
            letters: word.len(),
            end: start + word.len(),
        }
    }
}

/// A letter as it is compared: readers take these for each other.
fn letter(letter: char) -> Option<u8> {
    let folded = match letter {
        '0' | 'Q' | 'q' => 'O',
        '1' | 'l' | '|' | 'L' => 'I',
        '5' => 'S',
        '8' => 'B',
        _ => letter.to_ascii_uppercase(),
    };
    folded.is_ascii_alphanumeric().then_some(folded as u8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn has(text: &str, word: &str) -> bool {
        Text::new([text]).find(word).is_some()
    }

    #[test]
    fn short_words_stand_alone() {
        assert!(has("DIRGAHAYU HUT RI", "HUT"));
        assert!(!has("HUTAN", "HUT"));
        assert!(!has("GROHUT", "HUT"));
        assert!(has("HUT-RI", "HUTRI"));
    }

    #[test]
    fn middling_words_begin_a_word() {
        assert!(has("RAPATKERJA", "RAPAT"));
        assert!(!has("DARAPATI", "RAPAT"));
    }

    #[test]
    fn long_words_may_have_an_error() {
        assert!(has("PELANTlKAN", "PELANTIKAN"));
        assert!(has("PELANTKAN", "PELANTIKAN"));
        assert!(has("ACARAPELANTTIKANBARU", "PELANTIKAN"));
        assert!(!has("PELATIHAN", "PELANTIKAN"));
        assert!(!has("", "PELANTIKAN"));
    }

    #[test]
    fn a_word_without_errors_goes_before_a_longer_one_with_some() {
        let text = Text::new(["KEJUARAAN BULUTANGKIS"]);
        let letters = |word: &str| text.find(word).map(|found| found.letters);
        assert_eq!(letters("KEJUARAAN"), Some(9));
        assert_eq!(letters("KEJUARAANS"), Some(7));
    }

    proptest! {
        #[test]
        fn what_stands_there_is_found(before in "[A-Z ]{0,12}", word in "[A-Z]{5,20}", after in "[A-Z ]{0,12}") {
            let text = format!("{before} {word} {after}");
            prop_assert!(has(&text, &word));
        }

        #[test]
        fn any_text_can_be_searched(text in ".{0,60}", word in "[A-Z0-9]{2,20}") {
            let _ = has(&text, &word);
        }
    }
}
