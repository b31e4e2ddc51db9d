//! SIGTERM: what is in work is finished, what waits is sent away, and nothing takes longer than it may.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use reqwest::{Method, Response};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use test_support::prerequisites;
use test_support::worker::{Worker, clusters, command};

/// One photo at a time, and this long to finish it.
fn settings(seconds: &'static str) -> [(&'static str, &'static str); 2] {
    [("MAX_CONCURRENT_PHOTOS", "1"), ("SHUTDOWN_SECONDS", seconds)]
}

/// A request for a photo that its server gives after a while.
async fn process_after(worker: &Worker, milliseconds: u32, file: &str) -> reqwest::Result<Response> {
    let url = worker.photos.url(&format!("after/{milliseconds}/obama.jpg"));
    let body = json!({ "file_id": file, "image_url": url });
    worker
        .request(Method::POST, "/api/process")
        .json(&body)
        .send()
        .await
}

#[test_support::test]
async fn what_is_in_work_is_answered_and_what_waits_is_sent_away() {
    let mut worker = Worker::start(&settings("20")).await;
    let in_work = process_after(&worker, 2_000, "in work");
    let waiting = async {
        worker.photos.asked_for_late(1).await;
        process_after(&worker, 0, "waiting").await.unwrap()
    };
    let batch = async {
        worker.photos.asked_for_late(1).await;
        let photo = json!({ "file_id": "of a batch", "image_url": worker.photos.url("biden.jpg") });
        worker
            .post_lines("/api/process/batch", &json!({ "photos": [photo] }))
            .await
    };
    let signal = async {
        worker.photos.asked_for_late(1).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        worker.terminate();
        tokio::time::sleep(Duration::from_millis(300)).await;
        worker.request(Method::GET, "/health").send().await
    };
    let (in_work, waiting, batch, late) = tokio::join!(in_work, waiting, batch, signal);
    assert!(late.is_err(), "somebody was let in after the signal");
    assert_eq!(waiting.status(), 503);
    assert!(waiting.headers().contains_key("retry-after"));
    let problem: Value = waiting.json().await.unwrap();
    assert_eq!(problem["code"], "shutting_down");
    assert_eq!(batch[0]["problem"]["code"], "shutting_down", "{batch:?}");
    let in_work = in_work.unwrap();
    assert_eq!(in_work.status(), 200);
    let answer: Value = in_work.json().await.unwrap();
    assert!(worker.ended_within(Duration::from_secs(5)).await.success());

    // What was acknowledged is there, and nothing else.
    let worker = Worker::start_in(worker.kill(), &[]).await;
    assert_eq!(worker.counts().await, (1, 1));
    assert_eq!(clusters(&worker.describe("obama2.jpg").await), clusters(&answer));
}

#[test_support::test]
async fn stopping_takes_no_longer_than_it_may() {
    let mut worker = Worker::start(&settings("1")).await;
    let (slow, ended) = tokio::join!(process_after(&worker, 15_000, "slow"), async {
        worker.photos.asked_for_late(1).await;
        worker.terminate();
        Instant::now()
    });
    assert!(slow.is_err());
    let status = worker.ended_within(Duration::from_secs(3)).await;
    assert!(!status.success());
    assert!(ended.elapsed() < Duration::from_secs(4), "{:?}", ended.elapsed());
}

#[test_support::test]
async fn a_second_signal_ends_it_at_once() {
    let mut worker = Worker::start(&settings("60")).await;
    let (slow, second) = tokio::join!(process_after(&worker, 15_000, "slow"), async {
        worker.photos.asked_for_late(1).await;
        worker.terminate();
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        worker.terminate();
        Instant::now()
    });
    assert!(slow.is_err());
    let status = worker.ended_within(Duration::from_secs(2)).await;
    assert!(!status.success());
    assert!(
        second.elapsed() < Duration::from_secs(3),
        "{:?}",
        second.elapsed()
    );
}

/// A connection that sends this and nothing more.
async fn connect(worker: &Worker, text: &str) -> TcpStream {
    let address = worker.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

#[test_support::test]
async fn connections_without_a_whole_request_are_not_waited_for() {
    for signal in [Signal::TERM, Signal::HUP] {
        let mut worker = Worker::start(&settings("20")).await;
        let mut silent = Vec::new();
        for text in [
            "",
            "GET /livez HTTP/1.1\r\nHost: local",
            "POST /api/process HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: 100\r\n\r\n{",
            "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ] {
            silent.push(connect(&worker, text).await);
        }
        let in_work = process_after(&worker, 1_000, "in work");
        let stop = async {
            worker.photos.asked_for_late(1).await;
            worker.send_signal(signal);
        };
        let (in_work, ()) = tokio::join!(in_work, stop);
        assert_eq!(in_work.unwrap().status(), 200);
        assert!(
            worker.ended_within(Duration::from_secs(10)).await.success(),
            "{signal:?}"
        );
    }
}

#[test_support::test]
async fn a_hangup_that_is_ignored_stays_ignored() {
    let worker = Worker::start_by(&["sh", "-c", "trap '' HUP; exec \"$0\""], &[]).await;
    worker.send_signal(Signal::HUP);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(worker.health().await["status"], "ok");
}

#[test_support::test]
fn a_stop_while_it_starts_is_no_failure() {
    prerequisites();
    for milliseconds in [150, 400, 900] {
        let data = tempfile::tempdir().unwrap();
        let settings = [("PORT", "0"), ("DATA_DIR", data.path().to_str().unwrap())];
        let child = command(&settings).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        let id = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(id, Signal::TERM).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        // Before it listens to signals, the system ends it.
        assert!(
            output.status.success() || (said.is_empty() && output.status.signal() == Some(15)),
            "after {milliseconds} ms: {} {said}",
            output.status
        );
    }
}

#[test_support::test]
async fn callers_who_hang_up_leave_nothing_that_a_stop_breaks() {
    // Each network is loaded when it is first needed, so that some are being loaded.
    let settings = [("PRELOAD", "none"), ("SHUTDOWN_SECONDS", "60")];
    for attempt in 0..4 {
        let mut worker = Worker::start(&settings).await;
        let mut callers = JoinSet::new();
        for photo in ["obama.jpg", "t1.jpg", "coffee.png"] {
            let body = json!({ "file_id": photo, "image_url": worker.photos.url(photo) });
            callers.spawn(worker.request(Method::POST, "/api/process").json(&body).send());
        }
        tokio::time::sleep(Duration::from_millis(fastrand::u64(50..1_500))).await;
        callers.shutdown().await;
        worker.terminate();
        let status = worker.ended_within(Duration::from_secs(70)).await;
        let said = worker.said();
        assert!(status.success(), "attempt {attempt}: {status}\n{said}");
        assert!(!said.contains("ERROR") && !said.contains("onnxruntime"), "{said}");
    }
}

#[test_support::test]
async fn requests_whose_caller_has_left_are_dropped_before_inference() {
    let settings = [("MAX_CONCURRENT_PHOTOS", "1")];
    let worker = Worker::start(&settings).await;
    let leave = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut callers = tokio::task::JoinSet::new();
        for index in 0..20 {
            let body =
                json!({ "file_id": format!("left {index}"), "image_url": worker.photos.url("t1.jpg") });
            let request = worker.request(Method::POST, "/api/process").json(&body);
            callers.spawn(request.send());
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
    };
    // They all come and go while one photo is in work.
    let (stayed, ()) = tokio::join!(process_after(&worker, 2_000, "stayed"), leave);
    assert_eq!(stayed.unwrap().status(), 200);
    worker.describe("coffee.png").await;
    assert_eq!(worker.counts().await, (1, 1), "photos were described for nobody");
}

#[test_support::test]
async fn photos_wait_for_room_in_memory() {
    // Room for the largest of these, or for the others together.
    let settings = [("DECODED_PIXELS", "2200000"), ("MAX_PHOTO_PIXELS", "2200000")];
    let worker = Worker::start(&settings).await;
    let photos = async {
        let (first, second, third) = tokio::join!(
            worker.process("obama.jpg"),
            worker.process("biden.jpg"),
            worker.process("coffee.png")
        );
        assert_eq!((first.0, second.0, third.0), (200, 200, 200));
    };
    let watch = async {
        let mut most = 0;
        loop {
            most = most.max(worker.measured("ai_worker_decoded_pixels").await);
            // In whole units of 1,024.
            assert!(most <= 2_200_576, "{most} pixels were in memory");
            tokio::time::sleep(Duration::from_millis(2)).await;
            if most > 0 && worker.measured("ai_worker_photos_working").await == 0 {
                return most;
            }
        }
    };
    let ((), most) = tokio::join!(photos, watch);
    assert!(
        most > 970 * 2_204 - 1,
        "the largest photo was never in memory, only {most} pixels"
    );
}
