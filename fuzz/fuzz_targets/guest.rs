//! Whatever a plugin answers, what the host takes over is within the contract.
#![no_main]

use ai_worker::plugins::fuzzing::{context, decision, prompts, tags};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Answers {
    tags: Vec<(String, f32)>,
    prompts: Vec<Vec<String>>,
    context: (String, f32),
    cluster: Option<String>,
    reason: String,
    neighbours: Vec<u128>,
}

fuzz_target!(|answers: Answers| {
    if let Ok(tags) = tags(answers.tags) {
        assert!(tags.iter().all(|tag| !tag.name.is_empty() && (0.0..=1.0).contains(&tag.score)));
    }
    let count = answers.prompts.iter().map(Vec::len).sum::<usize>();
    assert!(prompts(answers.prompts).is_none_or(|kept| kept == count));
    if let Ok(context) = context(answers.context.0, answers.context.1) {
        assert!(!context.phrase.is_empty() && (0.0..=1.0).contains(&context.confidence));
    }
    if let Some(Some(joined)) = decision(answers.cluster, answers.reason, &answers.neighbours) {
        assert!(answers.neighbours.contains(&joined));
    }
});
