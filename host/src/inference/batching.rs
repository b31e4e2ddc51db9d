//! Images that wait for the same network at the same time, of one photo or of several, and are run together.
//!
//! Nobody waits for company. One of those who wait for a session collects: once it has the session, it takes along who
//! came meanwhile. So there are batches when the device is what everybody waits for, and an image that comes alone runs
//! alone and at once.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt::Display;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use super::session::lock;

/// Who waits for one network.
pub(super) struct Queue<E> {
    /// The most images of a run.
    limit: AtomicUsize,
    state: Mutex<State<E>>,
}

struct State<E> {
    /// Somebody waits for a session, and will take along who comes.
    collecting: bool,
    waiting: VecDeque<Waiting<E>>,
}

/// An image whose caller listens.
struct Waiting<E> {
    tensor: Vec<f32>,
    caller: SyncSender<Message<E>>,
}

/// What one who waits is told.
enum Message<E> {
    /// What the network gave for its image.
    Answer(Result<Vec<f32>, E>),
    /// It is to collect, and gets its image back.
    Collect(Vec<f32>),
}

/// What became of an image that joined a queue.
pub(super) enum Joined<'a, E> {
    /// It was taken along.
    Answered(Result<Vec<f32>, E>),
    /// Its caller is to get a session and run the network.
    Collects(Collector<'a, E>),
    /// Whoever took it along panicked.
    Abandoned,
}

/// The one who takes along who waits.
pub(super) struct Collector<'a, E> {
    tensor: Vec<f32>,
    turn: Turn<'a, E>,
}

/// The right to collect. When it is dropped, the one who waited longest has it.
struct Turn<'a, E>(&'a Queue<E>);

impl<E> Queue<E> {
    /// For at most so many images in a run.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit: AtomicUsize::new(limit),
            state: Mutex::new(State {
                collecting: false,
                waiting: VecDeque::new(),
            }),
        }
    }

    /// Whether more than one image may be run at a time.
    pub(super) fn is_open(&self) -> bool {
        self.limit.load(Ordering::Relaxed) > 1
    }

    /// Runs every image alone from now on.
    fn close(&self) {
        self.limit.store(1, Ordering::Relaxed);
    }

    /// Joins with the values of an image; blocks while another one collects, until that one has an answer or hands on.
    pub(super) fn join(&self, tensor: Vec<f32>) -> Joined<'_, E> {
        let told = {
            let mut state = lock(&self.state);
            if !state.collecting {
                state.collecting = true;
                return Joined::Collects(self.collector(tensor));
            }
            let (caller, told) = sync_channel(1);
            state.waiting.push_back(Waiting { tensor, caller });
            told
        };
        match told.recv() {
            Ok(Message::Answer(answer)) => Joined::Answered(answer),
            Ok(Message::Collect(tensor)) => Joined::Collects(self.collector(tensor)),
            Err(_) => Joined::Abandoned,
        }
    }

    fn collector(&self, tensor: Vec<f32>) -> Collector<'_, E> {
        Collector {
            tensor,
            turn: Turn(self),
        }
    }
}

impl<E> Collector<'_, E> {
    /// Runs the network on its image and on those that wait, as far as they may be run together, and tells the others
    /// what it gave; gives what it gave for its own image.
    ///
    /// `network` gets a number of images and their values, one image after the other, and gives as many outputs of equal
    /// length. Where it fails on several, for lack of memory or because its graph takes one in spite of what it says, they
    /// are run one by one, and so are all that come later.
    pub(super) fn run(
        self,
        mut network: impl FnMut(usize, &[f32]) -> Result<Vec<f32>, E>,
    ) -> Result<Vec<f32>, E>
    where
        E: Display,
    {
        let queue = self.turn.0;
        let (values, others) = self.collect();
        let count = others.len() + 1;
        if count == 1 {
            return network(1, &values);
        }
        match network(count, &values) {
            Ok(outputs) if !outputs.is_empty() && outputs.len().is_multiple_of(count) => {
                let mut outputs = outputs.chunks_exact(outputs.len() / count).map(<[f32]>::to_vec);
                let own = outputs.next().unwrap_or_default();
                for (caller, output) in others.iter().zip(outputs) {
                    tell(caller, Message::Answer(Ok(output)));
                }
                Ok(own)
            }
            failed => {
                let error = failed.err().map(|error| error.to_string());
                tracing::warn!(
                    images = count,
                    error,
                    "a network failed on a batch of images; from now on it runs them one by one"
                );
                queue.close();
                let mut images = values.chunks_exact(values.len() / count);
                let own = network(1, images.next().unwrap_or_default());
                for (caller, image) in others.iter().zip(images) {
                    tell(caller, Message::Answer(network(1, image)));
                }
                own
            }
        }
    }

    /// Takes the values of those who waited longest behind its own, and hands on.
    ///
    /// Counts are powers of two: cuDNN looks for its algorithms anew for each count.
    fn collect(self) -> (Vec<f32>, Vec<SyncSender<Message<E>>>) {
        let Self { mut tensor, turn } = self;
        let taken: Vec<Waiting<E>> = {
            let mut state = lock(&turn.0.state);
            let most = turn.0.limit.load(Ordering::Relaxed).max(1);
            let count = 1 << (state.waiting.len() + 1).min(most).ilog2();
            state.waiting.drain(..count - 1).collect()
        };
        drop(turn);
        tensor.reserve_exact(taken.iter().map(|waiting| waiting.tensor.len()).sum());
        let mut callers = Vec::with_capacity(taken.len());
        for waiting in taken {
            tensor.extend_from_slice(&waiting.tensor);
            callers.push(waiting.caller);
        }
        (tensor, callers)
    }
}

impl<E> Drop for Turn<'_, E> {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        match state.waiting.pop_front() {
            Some(Waiting { tensor, caller }) => tell(&caller, Message::Collect(tensor)),
            None => state.collecting = false,
        }
    }
}

/// Whoever joined blocks until it is told, so that it always listens, and is told once.
fn tell<E>(caller: &SyncSender<Message<E>>, message: Message<E>) {
    let listens = caller.send(message).is_ok();
    debug_assert!(listens, "whoever joined waits until it is told");
}
