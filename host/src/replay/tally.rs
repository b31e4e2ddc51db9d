//! What changes how often: tags and phrases, with the first photos of each.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::report::{PhraseChange, TagChange};
use crate::domain::FileId;

/// The most tags, and the most pairs of phrases, that are counted one by one, so that a candidate that invents them cannot
/// fill the memory.
const MAX_COUNTED: usize = 10_000;
/// The most tags, and the most pairs of phrases, whose first photos are kept, for the same reason.
const MAX_WITH_PHOTOS: usize = 1_000;
/// How many of the first photos are kept.
const FIRST: usize = 3;

/// Counts a photo that gains or loses a tag.
pub(super) fn count_tag(tags: &mut BTreeMap<String, TagChange>, tag: &str, is_gain: bool, file_id: &FileId) {
    if tags.len() >= MAX_COUNTED && !tags.contains_key(tag) {
        return;
    }
    let keeps_photos = tags.len() < MAX_WITH_PHOTOS;
    let change = tags.entry(tag.to_owned()).or_default();
    let (count, first) = if is_gain {
        (&mut change.gained, &mut change.gained_in)
    } else {
        (&mut change.lost, &mut change.lost_in)
    };
    *count += 1;
    if keeps_photos && first.len() < FIRST {
        first.push(file_id.clone());
    }
}

/// How often which phrase takes the place of which.
#[derive(Default)]
pub(super) struct PhraseTally(BTreeMap<(String, String), (u64, Vec<FileId>)>);

impl PhraseTally {
    /// Counts the phrases of one photo; equal ones are no change.
    pub(super) fn count(&mut self, file_id: &FileId, before: &str, after: &str) {
        if before == after {
            return;
        }
        let pair = (before.to_owned(), after.to_owned());
        if self.0.len() >= MAX_COUNTED && !self.0.contains_key(&pair) {
            return;
        }
        let keeps_photos = self.0.len() < MAX_WITH_PHOTOS;
        let (photos, first) = self.0.entry(pair).or_default();
        *photos += 1;
        if keeps_photos && first.len() < FIRST {
            first.push(file_id.clone());
        }
    }

    /// The changes of most photos, at most so many.
    pub(super) fn most(self, listed: usize) -> Vec<PhraseChange> {
        let counted = self
            .0
            .into_iter()
            .map(|((before, after), (photos, first))| PhraseChange {
                before,
                after,
                photos,
                first,
            });
        let mut changes: Vec<PhraseChange> = counted.collect();
        // Stable, so that those of equally many photos stay in the order of their phrases.
        changes.sort_by_key(|change| Reverse(change.photos));
        changes.truncate(listed);
        changes
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn photo(number: usize) -> FileId {
        FileId::new(number.to_string()).unwrap()
    }

    #[test]
    fn phrases_are_counted_and_those_of_most_photos_come_first() {
        let mut tally = PhraseTally::default();
        tally.count(&photo(0), "rare", "new");
        tally.count(&photo(1), "same", "same");
        for number in 2..7 {
            tally.count(&photo(number), "often", "new");
        }
        let [most] = &tally.most(1)[..] else {
            unreachable!()
        };
        assert_eq!(
            (most.before.as_str(), most.after.as_str(), most.photos),
            ("often", "new", 5)
        );
        assert_eq!(most.first, [photo(2), photo(3), photo(4)]);
    }

    #[test]
    fn a_candidate_that_invents_words_fills_no_memory() {
        let (mut tags, mut tally) = (BTreeMap::new(), PhraseTally::default());
        for number in 0..2 * MAX_COUNTED {
            count_tag(&mut tags, &number.to_string(), true, &photo(number));
            tally.count(&photo(number), "before", &number.to_string());
        }
        count_tag(&mut tags, "0", false, &photo(1));
        assert_eq!(
            (tags.len(), tags["0"].lost, tally.0.len()),
            (MAX_COUNTED, 1, MAX_COUNTED)
        );
        let with_photos = tags.values().filter(|change| !change.gained_in.is_empty());
        assert_eq!(with_photos.count(), MAX_WITH_PHOTOS);
    }
}
