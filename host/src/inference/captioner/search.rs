//! How a sentence is found, one token after the other: greedily or by a beam, as `generate` of transformers 4.46 does it
//! with the settings of the same names.

/// What a sentence may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// The token that a sentence begins with.
    pub(super) start: i64,
    /// The token that ends it.
    pub(super) end: i64,
    /// Sentences that are followed at the same time; 1 is the greedy search.
    pub(super) beams: usize,
    /// The fewest tokens before the end, the start counted.
    pub(super) min_length: usize,
    /// The most tokens, start and end counted.
    pub(super) max_length: usize,
    /// What the scores of tokens that the sentence has already are divided by (or multiplied, where they are negative);
    /// 1 changes nothing (Keskar et al. 2019).
    pub(super) repetition_penalty: f32,
}

/// A finished sentence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sentence {
    /// From the start to the end, or to the most tokens.
    pub(super) tokens: Vec<i64>,
    /// The mean of the logarithms of its tokens' probabilities, the start not counted.
    pub(super) log_probability: f32,
}

/// A network that says how likely each token is to come next.
pub(super) trait NextToken {
    /// What goes wrong.
    type Error;

    /// Appends one token to some of the sentences of the last call, which `sequences` names by their places in it, and
    /// gives the logits of what may come next: one row a sentence, one value a token. Before the first call there is
    /// one empty sentence.
    fn next(&mut self, tokens: &[i64], sequences: &[i64]) -> Result<Vec<Vec<f32>>, Self::Error>;
}

/// The likeliest sentence that the search finds.
pub(super) fn sentence<N: NextToken>(network: &mut N, rules: &Rules) -> Result<Sentence, N::Error> {
    if rules.beams > 1 {
        beam(network, rules)
    } else {
        greedy(network, rules)
    }
}

/// Takes the likeliest token each time.
fn greedy<N: NextToken>(network: &mut N, rules: &Rules) -> Result<Sentence, N::Error> {
    let mut tokens = vec![rules.start];
    let mut sum = 0.0;
    let mut last = rules.start;
    while tokens.len() < rules.max_length {
        let mut scores = network.next(&[last], &[0])?.pop().unwrap_or_default();
        rules.apply(&tokens, &mut scores);
        log_softmax(&mut scores);
        let Some((token, score)) = best(&scores) else {
            break;
        };
        sum += score;
        tokens.push(token);
        last = token;
        if token == rules.end {
            break;
        }
    }
    Ok(Sentence {
        log_probability: mean(sum, tokens.len()),
        tokens,
    })
}

/// A sentence that goes on, with the sum of its tokens' logarithms.
struct Open {
    tokens: Vec<i64>,
    sum: f32,
}

/// One way to go on: which sentence, by which token, and the sum then.
#[derive(Clone, Copy)]
struct Candidate {
    sequence: usize,
    token: i64,
    sum: f32,
}

/// Follows the likeliest `beams` sentences, and keeps as many finished ones, by the mean of their logarithms.
fn beam<N: NextToken>(network: &mut N, rules: &Rules) -> Result<Sentence, N::Error> {
    let mut open = vec![Open {
        tokens: vec![rules.start],
        sum: 0.0,
    }];
    let mut sequences = vec![0];
    let mut finished = Finished::new(rules.beams);
    let mut length = 1;
    while length < rules.max_length {
        let last: Vec<i64> = open
            .iter()
            .filter_map(|open| open.tokens.last().copied())
            .collect();
        let mut best = Best::new(2 * rules.beams);
        for (sequence, (mut scores, open)) in network
            .next(&last, &sequences)?
            .into_iter()
            .zip(&open)
            .enumerate()
        {
            log_softmax(&mut scores);
            rules.apply(&open.tokens, &mut scores);
            for (token, score) in (0..).zip(scores) {
                best.offer(Candidate {
                    sequence,
                    token,
                    sum: open.sum + score,
                });
            }
        }
        length += 1;
        let mut next = Vec::with_capacity(rules.beams);
        let mut chosen = Vec::with_capacity(rules.beams);
        for (rank, candidate) in best.candidates.iter().enumerate() {
            let tokens = &open[candidate.sequence].tokens;
            if candidate.token == rules.end {
                // An end that is not among the likeliest is not worth a sentence.
                if rank < rules.beams {
                    finished.add(tokens, candidate.sum, length);
                }
                continue;
            }
            let mut tokens = tokens.clone();
            tokens.push(candidate.token);
            next.push(Open {
                tokens,
                sum: candidate.sum,
            });
            chosen.push(candidate.sequence as i64);
            if next.len() == rules.beams {
                break;
            }
        }
        open = next;
        sequences = chosen;
        let attainable = best
            .candidates
            .first()
            .map_or(f32::NEG_INFINITY, |best| mean(best.sum, length));
        if finished.enough_for(attainable) || open.is_empty() {
            return Ok(finished.into_best(rules));
        }
    }
    for open in &open {
        finished.add(&open.tokens, open.sum, length);
    }
    Ok(finished.into_best(rules))
}

/// The best candidates so far, best first; of equally good ones the first.
struct Best {
    count: usize,
    candidates: Vec<Candidate>,
}

impl Best {
    fn new(count: usize) -> Self {
        Self {
            count,
            candidates: Vec::with_capacity(count + 1),
        }
    }

    fn offer(&mut self, candidate: Candidate) {
        let place = self
            .candidates
            .partition_point(|better| better.sum >= candidate.sum);
        if place < self.count {
            self.candidates.insert(place, candidate);
            self.candidates.truncate(self.count);
        }
    }
}

/// The best finished sentences, without their ends.
struct Finished {
    count: usize,
    sentences: Vec<Sentence>,
}

impl Finished {
    fn new(count: usize) -> Self {
        Self {
            count,
            sentences: Vec::with_capacity(count + 1),
        }
    }

    /// The score of the worst of them.
    fn worst(&self) -> f32 {
        self.sentences
            .iter()
            .map(|sentence| sentence.log_probability)
            .fold(f32::INFINITY, f32::min)
    }

    fn add(&mut self, tokens: &[i64], sum: f32, length: usize) {
        let log_probability = mean(sum, length);
        if self.sentences.len() == self.count {
            if log_probability <= self.worst() {
                return;
            }
            let worst = self.worst();
            if let Some(place) = self.sentences.iter().position(|one| one.log_probability == worst) {
                self.sentences.remove(place);
            }
        }
        self.sentences.push(Sentence {
            tokens: tokens.to_vec(),
            log_probability,
        });
    }

    /// Whether no open sentence can become better than the worst of them.
    fn enough_for(&self, attainable: f32) -> bool {
        self.sentences.len() == self.count && self.worst() >= attainable
    }

    /// The best of them, with its end where there is room for it; of equally good ones the last.
    fn into_best(self, rules: &Rules) -> Sentence {
        let best = self
            .sentences
            .into_iter()
            .max_by(|a, b| a.log_probability.total_cmp(&b.log_probability));
        let mut best = best.unwrap_or(Sentence {
            tokens: vec![rules.start],
            log_probability: f32::NEG_INFINITY,
        });
        if best.tokens.len() < rules.max_length {
            best.tokens.push(rules.end);
        }
        best
    }
}

impl Rules {
    /// Changes the scores of what may come after `tokens`.
    fn apply(&self, tokens: &[i64], scores: &mut [f32]) {
        if self.repetition_penalty != 1.0 {
            for (place, token) in tokens.iter().enumerate() {
                let repeated = tokens[..place].contains(token);
                if let Some(score) = usize::try_from(*token)
                    .ok()
                    .and_then(|token| scores.get_mut(token))
                    && !repeated
                {
                    if *score < 0.0 {
                        *score *= self.repetition_penalty;
                    } else {
                        *score /= self.repetition_penalty;
                    }
                }
            }
        }
        if tokens.len() < self.min_length
            && let Some(score) = usize::try_from(self.end).ok().and_then(|end| scores.get_mut(end))
        {
            *score = f32::NEG_INFINITY;
        }
    }
}

/// The mean over a sentence of `length` tokens, the first of which was given.
fn mean(sum: f32, length: usize) -> f32 {
    sum / (length.saturating_sub(1).max(1)) as f32
}

/// The place and value of the largest; of equally large ones the first.
fn best(scores: &[f32]) -> Option<(i64, f32)> {
    (0..)
        .zip(scores.iter().copied())
        .reduce(|best, other| if other.1 > best.1 { other } else { best })
}

fn log_softmax(scores: &mut [f32]) {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = scores.iter().map(|score| (score - largest).exp()).sum();
    let shift = largest + sum.ln();
    for score in scores {
        *score -= shift;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const START: i64 = 0;
    const END: i64 = 1;

    /// A fake network of a language of six tokens: what may come next depends on the last token only.
    struct FakeNetwork {
        sentences: Vec<Vec<i64>>,
        logits: fn(&[i64]) -> [f32; 6],
    }

    impl NextToken for FakeNetwork {
        type Error = ();

        fn next(&mut self, tokens: &[i64], sequences: &[i64]) -> Result<Vec<Vec<f32>>, ()> {
            let longer = |(token, sequence): (&i64, &i64)| {
                let mut sentence = self.sentences[usize::try_from(*sequence).unwrap()].clone();
                sentence.push(*token);
                sentence
            };
            self.sentences = tokens.iter().zip(sequences).map(longer).collect();
            let logits = |sentence: &Vec<i64>| (self.logits)(sentence).to_vec();
            Ok(self.sentences.iter().map(logits).collect())
        }
    }

    fn found(logits: fn(&[i64]) -> [f32; 6], rules: Rules) -> Sentence {
        let mut network = FakeNetwork {
            sentences: vec![Vec::new()],
            logits,
        };
        sentence(&mut network, &rules).unwrap()
    }

    fn rules(beams: usize) -> Rules {
        Rules {
            start: START,
            end: END,
            beams,
            min_length: 0,
            max_length: 6,
            repetition_penalty: 1.0,
        }
    }

    /// After the start 2 is a little likelier than 3, but what follows 2 is uncertain and what follows 3 is not.
    fn a_bad_beginning(sentence: &[i64]) -> [f32; 6] {
        match sentence.last() {
            Some(&START) => [-9.0, -9.0, 1.0, 0.8, -9.0, -9.0],
            Some(2) => [-9.0, 0.0, -9.0, -9.0, 0.0, 0.0],
            Some(3) => [-9.0, -9.0, -9.0, -9.0, 9.0, -9.0],
            _ => [-9.0, 9.0, -9.0, -9.0, -9.0, -9.0],
        }
    }

    #[test]
    fn a_beam_finds_what_greed_misses() {
        assert_eq!(found(a_bad_beginning, rules(1)).tokens[..2], [START, 2]);
        let best = found(a_bad_beginning, rules(3));
        assert_eq!(best.tokens, [START, 3, 4, END]);
        // ln(0.45) for 3, and nearly 0 for what follows.
        assert!(
            (best.log_probability * 3.0 + 0.8).abs() < 0.01,
            "{}",
            best.log_probability
        );
    }

    #[test]
    fn sentences_end_where_they_must() {
        let always_end: fn(&[i64]) -> [f32; 6] = |_| [-9.0, 5.0, 0.2, 0.0, 0.1, 0.0];
        let never_end: fn(&[i64]) -> [f32; 6] = |_| [-9.0, -99.0, 2.0, 0.0, 0.0, 0.0];
        for beams in [1, 2, 5] {
            assert_eq!(found(always_end, rules(beams)).tokens, [START, END]);
            let long = Rules {
                min_length: 4,
                ..rules(beams)
            };
            assert_eq!(found(always_end, long).tokens, [START, 2, 2, 2, END]);
            assert_eq!(found(never_end, rules(beams)).tokens, [START, 2, 2, 2, 2, 2]);
        }
    }

    #[test]
    fn what_was_said_becomes_less_likely() {
        let logits: fn(&[i64]) -> [f32; 6] = |_| [-9.0, 0.0, 2.0, 1.9, 1.8, 1.7];
        let varied = Rules {
            repetition_penalty: 2.0,
            ..rules(1)
        };
        assert_eq!(found(logits, varied).tokens, [START, 2, 3, 4, 5, 2]);
    }
}
