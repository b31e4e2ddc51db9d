//! What pages of people and photos cost a store that holds many, over HTTP, as the console asks for them.
//!
//! `cargo bench --bench pages -- [faces=300000] [calls=200] [serve]`. The faces are made up (see
//! `test_support::measuring::population`) and make a third as many people, three faces to a photo. `serve` leaves the worker running afterwards, until standard input ends, so
//! that a browser can be pointed at its console. The goal is a 99th percentile of at most 50 ms for each page.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark may panic")]

mod filling;
mod measure;

use test_support::worker::Worker;

fn main() {
    let (mut faces, mut calls, mut serve) = (300_000, 200, false);
    for argument in std::env::args().skip(1).filter(|argument| argument != "--bench") {
        match argument.split_once('=') {
            Some(("faces", number)) => faces = number.parse().unwrap(),
            Some(("calls", number)) => calls = number.parse().unwrap(),
            None if argument == "serve" => serve = true,
            _ => panic!("{argument} is not known"),
        }
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let data = tempfile::tempdir().unwrap();
        filling::fill(data.path(), faces).await;
        let worker = Worker::start_in(data, &[("ADMIN_KEY", measure::ADMIN_KEY)]).await;
        measure::run(&worker, calls).await;
        if serve {
            println!("serving {}/console/ until standard input ends", worker.url);
            let ended = tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin()));
            let _ = ended.await.unwrap();
        }
    });
}
