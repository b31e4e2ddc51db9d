//! What a plugin may answer, checked as the host does: whatever passes is within the contract and can be sent as JSON.

#![no_main]

use ai_worker::domain::ClusterId;
use ai_worker::plugins::fuzzing;
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Answer {
    Tags(Vec<(String, f32)>),
    Prompts(Vec<Vec<String>>),
    Context(String, f32),
    Decision(Option<String>, String),
    /// Joins a cluster that it was shown.
    Joins(u128, String),
}

fuzz_target!(|answer: Answer| {
    match answer {
        Answer::Tags(tags) => {
            if let Ok(tags) = fuzzing::tags(tags) {
                for tag in &tags {
                    assert!((0.0..=1.0).contains(&tag.score));
                    assert!((1..=64).contains(&tag.name.chars().count()));
                }
                assert!(serde_json::to_string(&tags.iter().map(|tag| &tag.name).collect::<Vec<_>>()).is_ok());
            }
        }
        Answer::Prompts(concepts) => {
            if let Ok(prompts) = fuzzing::prompts(concepts) {
                assert!(prompts.iter().all(|prompt| prompt.chars().count() <= 1_000));
            }
        }
        Answer::Context(phrase, confidence) => {
            if let Ok(context) = fuzzing::context(phrase, confidence) {
                assert!((0.0..=1.0).contains(&context.confidence));
                assert!((1..=200).contains(&context.phrase.chars().count()));
                let json = serde_json::to_string(&context).expect("it can be written");
                let again = serde_json::from_str(&json).expect("it can be read");
                assert_eq!(context, again);
            }
        }
        // Nobody was shown, so nobody can be joined.
        Answer::Decision(join, reason) => {
            let joins = join.is_some();
            assert!(fuzzing::decision(join, reason, &[]).is_err() || !joins);
        }
        Answer::Joins(number, reason) => {
            let text = format!("{number:032x}");
            let Ok(cluster) = ClusterId::parse(&text) else {
                return;
            };
            let short = reason.chars().count() <= 500;
            assert_eq!(fuzzing::decision(Some(text), reason, &[cluster]).is_ok(), short);
        }
    }
});
