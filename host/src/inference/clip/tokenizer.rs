//! CLIP's byte-pair tokenizer, as `open_clip.SimpleTokenizer` (Radford et al. 2021), from the published list of merges.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use flate2::read::GzDecoder;
use regex::Regex;
use tokenizers::Model as _;
use tokenizers::models::bpe::{BPE, Vocab};

use super::cleaning::clean;

/// The most tokens of a text, those for its start and end included; what every published model was trained for.
const MAX_TOKENS: usize = 77;
/// How many of the list's merges count: the vocabulary's size without single bytes, and the two marks.
const MERGES: usize = 49_152 - 256 - 2;
const START: &str = "<start_of_text>";
const END: &str = "<end_of_text>";
/// Marks the last piece of a word.
const END_OF_WORD: &str = "</w>";
/// The pieces that merges work on. The marks count when they are written out, as in the original, whose pattern ignores
/// case: there U+0345 is no letter, but folds to one, and so is in no piece.
const WORDS: &str =
    r"(?i:<start_of_text>|<end_of_text>|'s|'t|'re|'ve|'m|'ll|'d)|\p{L}+|\p{N}|[^\s\p{L}\p{N}\u{345}]+";

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Texts to token numbers.
pub(super) struct ClipTokenizer {
    words: Regex,
    merges: BPE,
    /// The character that stands for each byte.
    alphabet: [char; 256],
    start: u32,
    end: u32,
}

impl ClipTokenizer {
    /// Reads `bpe_simple_vocab_16e6.txt.gz`.
    pub(super) fn from_file(path: &Path) -> Result<Self, Error> {
        let mut text = String::new();
        GzDecoder::new(BufReader::new(File::open(path)?)).read_to_string(&mut text)?;
        let merges: Vec<(String, String)> = text
            .lines()
            .skip(1)
            .take(MERGES)
            .filter_map(|line| line.split_once(' '))
            .map(|(first, second)| (first.to_owned(), second.to_owned()))
            .collect();
        if merges.len() != MERGES {
            return Err(format!("it has {} merges instead of {MERGES}", merges.len()).into());
        }
        let (alphabet, order) = alphabet();
        let bytes = order.iter().map(char::to_string);
        let last_bytes = order.iter().map(|byte| format!("{byte}{END_OF_WORD}"));
        let merged = merges.iter().map(|(first, second)| format!("{first}{second}"));
        let vocabulary: Vocab = bytes.chain(last_bytes).chain(merged).zip(0..).collect();
        let start = u32::try_from(vocabulary.len())?;
        let merges = BPE::builder()
            .vocab_and_merges(vocabulary, merges)
            .end_of_word_suffix(END_OF_WORD.to_owned())
            .build()?;
        Ok(Self {
            words: Regex::new(WORDS)?,
            merges,
            alphabet,
            start,
            end: start + 1,
        })
    }

    /// The numbers of a text's tokens between those for its start and its end, at most [`MAX_TOKENS`].
    pub(super) fn encode(&self, text: &str) -> Result<Vec<i64>, Error> {
        let text = clean(text);
        let mut ids = vec![i64::from(self.start)];
        for word in self.words.find_iter(&text) {
            match word.as_str() {
                START => ids.push(self.start.into()),
                END => ids.push(self.end.into()),
                word => {
                    let characters: String = word
                        .bytes()
                        .map(|byte| self.alphabet[usize::from(byte)])
                        .collect();
                    let tokens = self.merges.tokenize(&characters)?;
                    ids.extend(tokens.iter().map(|token| i64::from(token.id)));
                }
            }
            if ids.len() >= MAX_TOKENS {
                break;
            }
        }
        ids.truncate(MAX_TOKENS - 1);
        ids.push(self.end.into());
        Ok(ids)
    }
}

/// The character that stands for each byte, and these characters in the vocabulary's order: bytes that print are
/// themselves and come first, the others are the characters from 256 on (GPT-2's `bytes_to_unicode`).
fn alphabet() -> ([char; 256], Vec<char>) {
    let prints = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    let mut alphabet = ['\0'; 256];
    let mut order = Vec::with_capacity(256);
    for byte in (0..=u8::MAX).filter(prints) {
        alphabet[usize::from(byte)] = char::from(byte);
        order.push(char::from(byte));
    }
    for (byte, character) in (0..=u8::MAX).filter(|byte| !prints(byte)).zip('\u{100}'..) {
        alphabet[usize::from(byte)] = character;
        order.push(character);
    }
    (alphabet, order)
}
