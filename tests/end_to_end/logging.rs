//! A console that nobody reads: the pipe is full after a while, and the worker serves on and stops when it is told to.

use std::time::Duration;

use test_support::worker::Worker;

#[test_support::test]
async fn a_console_that_nobody_reads_holds_nothing_up() {
    let settings = [("LOG_BUFFER_BYTES", "65536")];
    let mut worker = Worker::start_unread(&settings).await;
    // More lines than a pipe (64 KiB) and the buffer take together.
    let limit = Duration::from_secs(60);
    let answered = tokio::time::timeout(limit, async {
        for _ in 0..2_000 {
            assert_eq!(worker.fetch("/api/clusters").await.status(), 200);
        }
        assert_eq!(worker.fetch("/livez").await.status(), 200);
    });
    answered.await.unwrap();
    worker.describe("obama.jpg").await;
    assert!(worker.measured("ai_worker_log_lines_dropped_total").await > 0);
    worker.terminate();
    assert!(worker.ended_within(Duration::from_secs(10)).await.success());
}
