#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{Collector, Joined, Queue};

type Answer = Result<Vec<f32>, String>;

/// Twice each value: an answer that says whose it is.
fn double(_: usize, values: &[f32]) -> Answer {
    Ok(values.iter().map(|value| 2.0 * value).collect())
}

fn collector(queue: &Queue<String>, image: f32) -> Collector<'_, String> {
    match queue.join(vec![image; 3]) {
        Joined::Collects(collector) => collector,
        _ => panic!("nobody else collects"),
    }
}

/// Joins with the images 1 to `count`, each on a thread of its own, while another one collects; waits until all of them
/// are in the queue. Gives the threads, and where the counts of their own runs will be.
fn join_many(queue: &Arc<Queue<String>>, count: u8) -> (Vec<JoinHandle<Answer>>, Arc<Mutex<Vec<usize>>>) {
    let runs = Arc::<Mutex<Vec<usize>>>::default();
    let threads = (1..=count)
        .map(|image| {
            let (queue, runs) = (Arc::clone(queue), Arc::clone(&runs));
            thread::spawn(move || match queue.join(vec![f32::from(image); 3]) {
                Joined::Answered(answer) => answer,
                Joined::Abandoned => Err("nobody panicked".to_owned()),
                Joined::Collects(collector) => collector.run(|count, values| {
                    runs.lock().unwrap().push(count);
                    double(count, values)
                }),
            })
        })
        .collect();
    let patience = Instant::now() + Duration::from_secs(20);
    while waiting(queue) < usize::from(count) {
        assert!(Instant::now() < patience, "they do not join");
        thread::sleep(Duration::from_millis(1));
    }
    (threads, runs)
}

/// Asserts that each of the images that joined got its own answer.
fn assert_doubled(threads: Vec<JoinHandle<Answer>>) {
    for (image, thread) in (1_u8..).zip(threads) {
        assert_eq!(thread.join().unwrap().unwrap(), [2.0 * f32::from(image); 3]);
    }
}

fn waiting(queue: &Queue<String>) -> usize {
    queue.state.lock().unwrap().waiting.len()
}

#[test]
fn who_comes_alone_runs_alone() {
    let queue = Queue::new(8);
    for image in [1.0, 2.0] {
        let output = collector(&queue, image).run(|count, values| {
            assert_eq!(count, 1);
            double(count, values)
        });
        assert_eq!(output.unwrap(), [2.0 * image; 3]);
    }
}

#[test]
fn who_waits_is_taken_along_and_each_gets_its_own_answer() {
    let queue = Arc::new(Queue::new(4));
    let first = collector(&queue, 0.0);
    let (others, runs) = join_many(&queue, 6);
    let own = first.run(|count, values| {
        assert_eq!(count, 4);
        double(count, values)
    });
    assert_eq!(own.unwrap(), [0.0; 3]);
    assert_doubled(others);
    // Three are left, and a power of two of them runs at a time.
    assert_eq!(runs.lock().unwrap().iter().sum::<usize>(), 3);
    assert!(runs.lock().unwrap().iter().all(|count| *count <= 2));
}

#[test]
fn a_collector_that_gives_up_hands_on() {
    let queue = Arc::new(Queue::new(4));
    let first = collector(&queue, 0.0);
    let (others, _) = join_many(&queue, 3);
    drop(first);
    assert_doubled(others);
    assert_eq!(collector(&queue, 1.0).run(double).unwrap(), [2.0; 3]);
}

#[test]
fn what_fails_together_runs_alone_and_so_does_all_that_follows() {
    let queue = Arc::new(Queue::new(4));
    let first = collector(&queue, 0.0);
    let (others, _) = join_many(&queue, 3);
    let calls = AtomicUsize::new(0);
    let own = first.run(|count, values| {
        calls.fetch_add(1, Ordering::Relaxed);
        match (count, values[0] as u8) {
            (1, 2) => Err("the second is bad".to_owned()),
            (1, _) => double(count, values),
            _ => Err("one at a time".to_owned()),
        }
    });
    assert_eq!(own.unwrap(), [0.0; 3]);
    assert_eq!(calls.load(Ordering::Relaxed), 5);
    let answers: Vec<Answer> = others.into_iter().map(|other| other.join().unwrap()).collect();
    assert_eq!(answers[0].as_deref().unwrap(), [2.0; 3]);
    assert_eq!(answers[1], Err("the second is bad".to_owned()));
    assert_eq!(answers[2].as_deref().unwrap(), [6.0; 3]);
    assert!(!queue.is_open());
}

#[test]
fn answers_whose_number_does_not_fit_are_not_believed() {
    let queue = Arc::new(Queue::new(2));
    let first = collector(&queue, 0.5);
    let (others, _) = join_many(&queue, 1);
    let own = first.run(|count, values| match count {
        1 => double(count, values),
        _ => Ok(vec![0.0; 3]),
    });
    assert_eq!(own.unwrap(), [1.0; 3]);
    assert_doubled(others);
}

#[test]
fn everybody_is_answered_when_many_come_at_the_same_time() {
    let queue = Arc::new(Queue::new(8));
    // As if there were one session.
    let session = Arc::new(Mutex::new(()));
    let threads: Vec<_> = (0..64_u8)
        .map(|image| {
            let (queue, session) = (Arc::clone(&queue), Arc::clone(&session));
            thread::spawn(move || {
                for round in 0..50_u16 {
                    let value = f32::from(image) + f32::from(round) * 100.0;
                    let answer = match queue.join(vec![value; 2]) {
                        Joined::Answered(answer) => answer,
                        Joined::Abandoned => Err("nobody panicked".to_owned()),
                        Joined::Collects(collector) => {
                            let _session = session.lock().unwrap();
                            collector.run(double)
                        }
                    };
                    assert_eq!(answer.unwrap(), [2.0 * value; 2]);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(waiting(&queue), 0);
}
