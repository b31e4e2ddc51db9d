//! From "we want the tag batik" to a changed answer of a live worker, as a domain team does it: two commands, no compiler.

use std::time::Instant;

use serde_json::Value;
use test_support::guests::COMPONENTS;

use test_support::worker::{ADMIN, Worker, command};

#[test_support::test]
async fn a_new_tag_takes_two_commands() {
    let worker = Worker::start(&[ADMIN]).await;
    let before = worker.describe("obama.jpg").await;
    assert!(
        !before["tags"].as_array().unwrap().contains(&"batik".into()),
        "{before}"
    );

    let directory = tempfile::tempdir().unwrap();
    let (vocabulary, tagger) = (
        directory.path().join("vocabulary.toml"),
        directory.path().join("batik.wasm"),
    );
    let text = std::fs::read_to_string(format!("{COMPONENTS}/tagger/vocabulary.toml")).unwrap();
    // The default vocabulary knows it by prompts, which this model set does not look at, and by nothing else.
    let tag = "tag = \"batik\"\n";
    let seen = format!("{tag}labels = {{ suit = 1.0, groom = 1.0 }}\nat_people = true\n");
    std::fs::write(&vocabulary, text.replacen(tag, &seen, 1)).unwrap();

    let started = Instant::now();
    let said = |output: std::process::Output| {
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let pack = command(&[])
        .args(["plugin", "pack", "tagger", "--vocabulary"])
        .arg(&vocabulary)
        .arg("-o")
        .arg(&tagger)
        .output();
    let packed = said(pack.unwrap());
    let pack_took = started.elapsed();
    let swap = command(&[ADMIN])
        .args(["plugin", "swap", "tagger"])
        .arg(&tagger)
        .args(["--server", &worker.url])
        .output();
    let swapped = said(swap.unwrap());
    println!("pack took {pack_took:?}, both commands {:?}", started.elapsed());
    assert!(packed.contains("134 tags with "), "{packed}");
    assert!(swapped.contains("\"version\": \"2.3.0+"), "{swapped}");

    let after = worker.describe("obama2.jpg").await;
    let expected: Value = "batik".into();
    assert!(after["tags"].as_array().unwrap().contains(&expected), "{after}");
}
