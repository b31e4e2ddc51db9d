//! A model hub on a loopback address that answers as a test tells it to.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the hub was asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    /// The first byte of the range that was asked for.
    pub(crate) from: Option<usize>,
}

/// What it answers.
#[derive(Default)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// How many bytes of the body are sent before the connection ends.
    sent: Option<usize>,
    /// Whether the connection then stays open without a word.
    stalls: bool,
}

impl Answer {
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// A file, or the part of it that was asked for.
    pub(crate) fn file(request: &Request, content: &[u8]) -> Self {
        let Some(from) = request.from else {
            return Self {
                status: 200,
                body: content.to_vec(),
                ..Self::default()
            };
        };
        let range = format!("bytes {from}-{}/{}", content.len() - 1, content.len());
        Self {
            status: 206,
            headers: vec![("Content-Range", range)],
            body: content[from..].to_vec(),
            ..Self::default()
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The connection ends after so many bytes of the body.
    pub(crate) fn cut_after(mut self, bytes: usize) -> Self {
        self.sent = Some(bytes);
        self
    }

    /// Nothing more comes after so many bytes of the body, although the connection stays.
    pub(crate) fn stall_after(self, bytes: usize) -> Self {
        Self {
            stalls: true,
            ..self.cut_after(bytes)
        }
    }
}

/// A server that lives as long as the test's process.
pub(crate) struct Hub {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Hub {
    /// `answer` gets each request and how many came before it.
    pub(crate) fn start(answer: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream.unwrap(), &*answer, &seen));
            }
        });
        Self { url, asked }
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&Request, usize) -> Answer, seen: &Mutex<Vec<Request>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let request = Request {
        path: head.split(' ').nth(1).unwrap().to_owned(),
        authorization: header("authorization"),
        from: header("range").map(|range| {
            let start = range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap();
            start.parse().unwrap()
        }),
    };
    let before = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let answer = answer(&request, before);
    let mut text = format!(
        "HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\nConnection: close\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    let sent = answer.sent.unwrap_or(answer.body.len());
    // The worker may have gone.
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.write_all(&answer.body[..sent]);
    let _ = stream.flush();
    if answer.stalls {
        // Until the worker goes.
        let _ = stream.read(&mut [0]);
    }
}
