//! A server of photos, good and bad, on a loopback address.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path as Name, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::StreamExt as _;
use std::collections::HashMap;
use tokio::sync::watch;

/// Photos that are kept in the repository.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures");

/// Serves the samples, whatever is added later, and a few ways to misbehave.
pub struct PhotoServer {
    base: String,
    photos: Arc<Mutex<HashMap<String, Bytes>>>,
    /// How many photos were asked for that come late.
    late: watch::Sender<usize>,
    task: tokio::task::JoinHandle<()>,
}

impl PhotoServer {
    /// A server on a free port of this address, with the photos of this folder and those of `tests/fixtures`.
    pub async fn start(address: &str, samples: &Path) -> Self {
        let mut photos = HashMap::new();
        for directory in [samples, Path::new(FIXTURES)] {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                    photos.insert(name, Bytes::from(std::fs::read(&path).unwrap()));
                }
            }
        }
        let photos = Arc::new(Mutex::new(photos));
        let late = watch::Sender::new(0);
        let asked = late.clone();
        let router = Router::new()
            .route("/endless", get(endless))
            .route("/slow", get(slow))
            .route(
                "/busy",
                get(async || (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "7")])),
            )
            .route(
                "/loop",
                get(async || (StatusCode::FOUND, [(header::LOCATION, "/loop")])),
            )
            .route(
                "/after/{milliseconds}/{name}",
                get(move |photos, name| {
                    asked.send_modify(|asked| *asked += 1);
                    late_photo(photos, name)
                }),
            )
            .route("/to/{target}", get(redirect))
            .route("/{name}", get(photo))
            .with_state(Arc::clone(&photos));
        let listener = tokio::net::TcpListener::bind((address, 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            base,
            photos,
            late,
            task,
        }
    }

    /// The URL of a photo, or of one of the ways to misbehave.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    /// Waits until so many photos were asked for that come late, as `after/{milliseconds}/{name}`.
    pub async fn asked_for_late(&self, photos: usize) {
        self.late
            .subscribe()
            .wait_for(|asked| *asked >= photos)
            .await
            .unwrap();
    }

    /// Serves this, too.
    pub fn add(&self, name: &str, bytes: Vec<u8>) {
        self.photos
            .lock()
            .unwrap()
            .insert(name.to_owned(), Bytes::from(bytes));
    }

    /// Serves this no more.
    pub fn remove(&self, name: &str) {
        self.photos.lock().unwrap().remove(name);
    }

    /// What it serves under this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Bytes {
        self.photos.lock().unwrap()[name].clone()
    }
}

impl Drop for PhotoServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Photos = Arc<Mutex<HashMap<String, Bytes>>>;

async fn photo(State(photos): State<Photos>, Name(name): Name<String>) -> Response {
    match photos.lock().unwrap().get(&name) {
        // The type is a lie on purpose: the worker must look at the content.
        Some(bytes) => ([(header::CONTENT_TYPE, "image/jpeg")], bytes.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn late_photo(photos: State<Photos>, Name((milliseconds, name)): Name<(u64, String)>) -> Response {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    photo(photos, Name(name)).await
}

/// Redirects to port `target` of 127.0.0.1.
async fn redirect(Name(target): Name<u16>) -> Response {
    let location = format!("http://127.0.0.1:{target}/obama.jpg");
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

async fn endless() -> Body {
    let chunk = Bytes::from(vec![0_u8; 65_536]);
    Body::from_stream(futures_util::stream::repeat(chunk).map(Ok::<_, std::io::Error>))
}

async fn slow() -> StatusCode {
    tokio::time::sleep(Duration::from_secs(30)).await;
    StatusCode::OK
}
