//! Starts the built worker on a free port, with its own data directory.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::photo_server::PhotoServer;
use crate::prerequisites::{available_prerequisites, prerequisites};
use crate::waiting::eventually;

/// The setting of an admin key; [`Worker::admin`] sends it.
pub const ADMIN: (&str, &str) = ("ADMIN_KEY", "admin-secret");

/// A running worker; killed when dropped.
pub struct Worker {
    child: Child,
    /// Reads what it says after its start, until it has ended.
    log: Option<JoinHandle<String>>,
    /// Its console, when nobody reads it.
    _unread: Option<Lines<BufReader<ChildStderr>>>,
    /// Where it listens.
    pub url: String,
    /// Its `DATA_DIR`.
    pub data: TempDir,
    /// What serves the photos that it fetches.
    pub photos: PhotoServer,
    /// A client that talks to it.
    pub client: reqwest::Client,
}

/// A command that starts the worker without this machine's environment leaking in.
pub fn command(settings: &[(&str, &str)]) -> Command {
    command_by(&[], settings)
}

/// The same by another program, which is given these arguments and then the path of the worker.
fn command_by(launcher: &[&str], settings: &[(&str, &str)]) -> Command {
    // Cargo builds the worker for whatever it runs of the package `ai-worker`, and says where it is.
    let worker = std::env::var_os("CARGO_BIN_EXE_ai-worker").unwrap();
    let mut command = match launcher {
        [] => Command::new(&worker),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(&worker);
            command
        }
    };
    for setting in ai_worker::config::settings::SETTINGS {
        command.env_remove(setting.name);
    }
    if let Ok(found) = available_prerequisites() {
        command.env("MODELS_DIR", &found.models);
    }
    // What is recorded and expected was measured there.
    command.env("DEVICE", "cpu");
    // So that no .env of the checkout is read.
    command
        .current_dir(std::env::temp_dir())
        .envs(settings.iter().copied());
    command
}

/// An HTTP client that talks to loopback only.
pub fn client() -> reqwest::Client {
    // The second installation in one process fails, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Sends a request; the status and the JSON body.
pub async fn respond(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The file that lies alone in a folder.
pub fn only_file(folder: &Path) -> PathBuf {
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
    let [Ok(file)] = &files[..] else {
        panic!("{files:?} in {}", folder.display());
    };
    file.path()
}

impl Worker {
    /// A worker with these settings and a new data directory.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), settings).await
    }

    /// A worker on an existing data directory.
    pub async fn start_in(data: TempDir, settings: &[(&str, &str)]) -> Self {
        Self::launch(&[], data, settings, true).await
    }

    /// A worker that another program starts, which is given these arguments and then the path of the worker.
    pub async fn start_by(launcher: &[&str], settings: &[(&str, &str)]) -> Self {
        Self::launch(launcher, tempfile::tempdir().unwrap(), settings, true).await
    }

    /// A worker whose console nobody reads any more once it is ready.
    pub async fn start_unread(settings: &[(&str, &str)]) -> Self {
        Self::launch(&[], tempfile::tempdir().unwrap(), settings, false).await
    }

    async fn launch(launcher: &[&str], data: TempDir, settings: &[(&str, &str)], is_read: bool) -> Self {
        let prerequisites = prerequisites();
        let photos = PhotoServer::start("127.0.0.1", &prerequisites.samples).await;
        let mut command = command_by(launcher, &[("PORT", "0"), ("PHOTO_NETWORKS", "127.0.0.1/32")]);
        command
            .env("DATA_DIR", data.path())
            // So that nothing moves but what a test moves.
            .env("CONSOLIDATE_MINUTES", "0")
            .envs(settings.iter().copied())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = tokio::task::spawn_blocking(move || {
            let mut seen = String::new();
            for line in lines.by_ref().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("address=") {
                    let address = rest.split_whitespace().next().unwrap_or_default().to_owned();
                    if !is_read {
                        // Open, and full after a while.
                        return Ok((address, Ok(lines)));
                    }
                    // Keeps the pipe from filling up.
                    let rest = std::thread::spawn(move || {
                        let mut rest = String::new();
                        for line in lines.map_while(Result::ok) {
                            rest.push_str(&line);
                            rest.push('\n');
                        }
                        rest
                    });
                    return Ok((address, Err(rest)));
                }
                seen.push_str(&line);
                seen.push('\n');
            }
            Err(seen)
        })
        .await
        .unwrap();
        let (address, console) = match address {
            Ok(started) => started,
            Err(seen) => panic!("the worker did not start:\n{seen}"),
        };
        let (unread, log) = match console {
            Ok(unread) => (Some(unread), None),
            Err(log) => (None, Some(log)),
        };
        Self {
            child,
            log,
            _unread: unread,
            url: format!("http://{address}"),
            data,
            photos,
            client: client(),
        }
    }

    /// Stops the worker at once and gives its data directory back.
    pub fn kill(mut self) -> TempDir {
        self.stop();
        std::mem::replace(&mut self.data, tempfile::tempdir().unwrap())
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the worker to stop.
    pub fn terminate(&self) {
        self.send_signal(rustix::process::Signal::TERM);
    }

    /// Sends it a signal.
    pub fn send_signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// What it has said on standard error since it was ready; call it once, when it has ended.
    pub fn said(&mut self) -> String {
        self.log.take().unwrap().join().unwrap()
    }

    /// How the worker ended; panics when it has not by then.
    pub async fn ended_within(&mut self, limit: Duration) -> ExitStatus {
        let has_ended = async || self.child.try_wait().unwrap().is_some();
        eventually(limit, "the worker ends", has_ended).await;
        self.child.wait().unwrap()
    }

    /// Ends the worker in order, so that all its lines are written, and gives what it logged in a folder.
    pub async fn whole_log(&mut self, folder: &Path) -> String {
        self.terminate();
        assert!(self.ended_within(Duration::from_secs(15)).await.success());
        std::fs::read_to_string(only_file(folder)).unwrap()
    }

    /// A request to the worker.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Sends a request about plugins with the admin key; the status and the JSON body.
    pub async fn admin(&self, method: Method, path: &str, component: Vec<u8>) -> (u16, Value) {
        let request = self.request(method, &format!("/api/plugins{path}"));
        respond(request.header("X-Admin-Key", ADMIN.1).body(component)).await
    }

    /// What is said of a slot for plugins.
    pub async fn slot(&self, slot: &str) -> Value {
        let (status, list) = self.admin(Method::GET, "", Vec::new()).await;
        assert_eq!(status, 200, "{list}");
        let mut slots = list.as_array().unwrap().iter();
        slots.find(|entry| entry["slot"] == slot).unwrap().clone()
    }

    /// A value of `/proc/PID/status` in KiB: `VmRSS` is the memory it has, `VmHWM` the most it had.
    pub fn memory_kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let mut lines = status.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.unwrap().trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// How many files it has open.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))
            .unwrap()
            .count()
    }

    /// Makes `VmHWM` what it is now (proc(5), `clear_refs`).
    pub fn reset_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }

    /// Processor time of all its threads since it began.
    pub fn processor_time(&self) -> Duration {
        // `utime` and `stime`.
        self.statistic(14) + self.statistic(15)
    }

    /// A field of `/proc/PID/stat` that counts ticks, by its number in proc(5).
    pub fn statistic(&self, number: usize) -> Duration {
        let statistics = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // After the name, the second field, which may hold anything.
        let mut fields = statistics.rsplit_once(')').unwrap().1.split_whitespace();
        let ticks: u64 = fields.nth(number - 3).unwrap().parse().unwrap();
        // Hundredths of a second, on every common architecture (`USER_HZ`).
        Duration::from_millis(10 * ticks)
    }

    /// Sends a POST that is answered line by line.
    pub async fn post_lines(&self, path: &str, body: &Value) -> Vec<Value> {
        let response = self.request(Method::POST, path).json(body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let body = response.text().await.unwrap();
        body.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Sends a POST; the status and the JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        respond(self.request(Method::POST, path).json(body)).await
    }

    /// Processes a photo of the photo server, under its own name.
    pub async fn process(&self, photo: &str) -> (u16, Value) {
        self.process_as(photo, photo).await
    }

    /// Processes a photo of the photo server under this file id.
    pub async fn process_as(&self, file_id: &str, photo: &str) -> (u16, Value) {
        let body = json!({ "file_id": file_id, "image_url": self.photos.url(photo) });
        self.post("/api/process", &body).await
    }

    /// Processes a photo that must succeed.
    pub async fn describe(&self, photo: &str) -> Value {
        let (status, answer) = self.process(photo).await;
        assert_eq!(status, 200, "{photo}: {answer}");
        answer
    }

    /// Processes a photo that must succeed, and asks for details.
    pub async fn describe_in_detail(&self, photo: &str) -> Value {
        let body = json!({ "file_id": photo, "image_url": self.photos.url(photo) });
        let (status, answer) = self.post("/api/process?details=true", &body).await;
        assert_eq!(status, 200, "{photo}: {answer}");
        answer
    }

    /// Sends a GET, whatever is answered.
    pub async fn fetch(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// Sends a GET; the status and the JSON body.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        respond(self.request(Method::GET, path)).await
    }

    /// `GET /metrics`.
    pub async fn metrics(&self) -> String {
        self.fetch("/metrics").await.text().await.unwrap()
    }

    /// The value of one series of `GET /metrics`, in whole; 0 when there is none.
    pub async fn measured(&self, series: &str) -> u64 {
        let text = self.metrics().await;
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.map_or(0, |value| value.parse::<f64>().unwrap() as u64)
    }

    /// `GET /health`.
    pub async fn health(&self) -> Value {
        self.fetch("/health").await.json().await.unwrap()
    }

    /// How many faces and clusters are stored.
    pub async fn counts(&self) -> (u64, u64) {
        let store = self.health().await["vector_store"].take();
        (
            store["faces"].as_u64().unwrap(),
            store["clusters"].as_u64().unwrap(),
        )
    }

    /// The status, type and bytes of a cluster's thumbnail.
    pub async fn thumbnail(&self, cluster: &str) -> (u16, String, Vec<u8>) {
        let response = self.fetch(&format!("/api/cluster/{cluster}/thumbnail")).await;
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        (
            response.status().as_u16(),
            kind,
            response.bytes().await.unwrap().to_vec(),
        )
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The cluster ids of an answer's faces.
pub fn clusters(answer: &Value) -> Vec<String> {
    answer["faces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|face| face["cluster_id"].as_str().unwrap().to_owned())
        .collect()
}
