//! The worker in this process.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use ai_worker::app::{App, StartError};
use ai_worker::config::Config;
use ai_worker::store::EmbeddedStore;
use ai_worker::{http, report};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderValue, Method, Request, header};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use crate::forms::Form;
use crate::networks::FakeNetworks;
use crate::photos::{FakePhotos, photo_of};
use crate::waiting::eventually;

/// The whole worker behind its router, on [`FakeNetworks`] and [`FakePhotos`]. Everything else is as it is in production:
/// settings, doors, pipeline, built-in plugins and the embedded store, whose folder is removed with it.
pub struct TestApp {
    /// None while it is stopped.
    running: Option<Running>,
    /// The photos that it can fetch.
    pub photos: FakePhotos,
    /// Where requests come from.
    pub peer: SocketAddr,
    /// Dropped last.
    data_dir: TempDir,
}

/// A worker that was started.
struct Running {
    app: Arc<App>,
    router: Router,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(&self.body)))
    }

    /// A header's text; empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The status and the problem's code.
    ///
    /// # Panics
    /// When it is no problem as RFC 9457 has them, or one that says another status.
    #[must_use]
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        assert!(!problem["request_id"].as_str().unwrap().is_empty(), "{problem}");
        (self.status, problem["code"].as_str().unwrap().to_owned())
    }

    /// The JSON body of a success.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn success(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }
}

impl TestApp {
    /// A worker with these settings, by their names in the environment; all others have their defaults.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let photos = FakePhotos::default();
        Self {
            running: Some(started(launch(settings, data.path(), &photos).await)),
            photos,
            peer: SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000)),
            data_dir: data,
        }
    }

    /// Stops the worker, which gives its store back.
    pub async fn stop(&mut self) {
        self.running = None;
        // Its own tasks may be at work for a moment.
        let faces = self.data().join("faces");
        let is_free = async || EmbeddedStore::lock(&faces).is_ok();
        eventually(Duration::from_secs(30), "the store is given back", is_free).await;
    }

    /// Starts a worker that was stopped again, with these settings.
    pub async fn start_again(&mut self, settings: &[(&str, &str)]) {
        self.running = Some(started(launch(settings, self.data(), &self.photos).await));
    }

    /// Why a worker that was stopped does not start again.
    ///
    /// # Panics
    /// When it does.
    pub async fn refusal(&self, settings: &[(&str, &str)]) -> String {
        match launch(settings, self.data(), &self.photos).await {
            Ok(_) => panic!("it starts"),
            Err(error) => report(&error),
        }
    }

    /// The worker's `DATA_DIR`.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data_dir.path()
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// Serves on a free port of loopback, as in production, until the task is aborted or `stop` is over. Most tests need no
    /// port.
    pub async fn serve(
        &self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> (SocketAddr, JoinHandle<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        self.serve_on(listener, stop)
    }

    /// As [`Self::serve`], on a socket that was made by the test.
    pub fn serve_on(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> (SocketAddr, JoinHandle<()>) {
        let address = listener.local_addr().unwrap();
        let server = http::serve(listener, Arc::clone(&self.running().app), stop);
        (address, tokio::spawn(server))
    }

    /// Sends a request from [`Self::peer`]. A client of HTTP names the host that it calls, so this one does, too.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(self.peer));
        request
            .headers_mut()
            .entry(header::HOST)
            .or_insert(HeaderValue::from_static("localhost"));
        let response = self.running().router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: to_bytes(body, usize::MAX).await.unwrap(),
        }
    }

    /// Sends a request without a body, with these headers.
    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[]).await
    }

    /// Sends a POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.to_string().into()).unwrap()).await
    }

    /// Sends a POST of a body of this media type.
    pub async fn post_body(&self, path: &str, media_type: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, media_type);
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Sends a POST of a form.
    pub async fn post_form(&self, path: &str, form: Form) -> Answer {
        self.post_body(path, &Form::content_type(), form.body()).await
    }

    /// Has the photo of this name described, under its own name.
    pub async fn process(&self, name: &str) -> Answer {
        let body = json!({ "file_id": name, "image_url": FakePhotos::url(name) });
        self.post("/api/process", &body).await
    }

    /// Adds a photo of these people and has it described, which must succeed; see [`photo_of`].
    pub async fn describe(&self, name: &str, persons: &[usize]) -> Value {
        self.photos.add(name, photo_of(persons));
        self.process(name).await.success()
    }

    /// How many faces and clusters are stored.
    pub async fn counts(&self) -> (u64, u64) {
        let store = self.get("/health").await.success()["vector_store"].take();
        (
            store["faces"].as_u64().unwrap(),
            store["clusters"].as_u64().unwrap(),
        )
    }
}

fn started(launched: Result<Running, StartError>) -> Running {
    launched.unwrap_or_else(|error| panic!("{error}"))
}

async fn launch(settings: &[(&str, &str)], data: &Path, photos: &FakePhotos) -> Result<Running, StartError> {
    let given = |name: &str| {
        if name == "DATA_DIR" {
            return Some(data.to_str().unwrap().to_owned());
        }
        let found = settings.iter().find(|(setting, _)| *setting == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let config = Config::read(&given).unwrap_or_else(|errors| panic!("{errors}"));
    let app = App::start_with(
        &config,
        FakeNetworks::embedding_model(),
        |_| Ok(FakeNetworks::inference()),
        Arc::new(photos.clone()),
    )
    .await?;
    Ok(Running {
        router: http::router(Arc::clone(&app)),
        app,
    })
}
