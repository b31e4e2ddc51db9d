//! What neighbour search costs at ten thousand, a hundred thousand and a million faces, and what it misses.
//!
//! `cargo bench --bench scale -- [name=value...]`, where the names are `faces` and `width` (lists, separated by commas),
//! `exact`, `batch`, `connectivity`, `expansion_add` and `expansion_search` (see `IndexSettings`), and `replace`, which
//! measures again after every face was replaced. `store` measures the whole embedded store with the default clustering
//! policy instead of its index alone, of people with at most `most_photos` each; with `directory` it is kept there, and
//! measured again without filling. `server` does so in new collections of a Qdrant server instead, or of the nodes of a
//! cluster (addresses as in `QDRANT_URL`), and leaves them there. `placed` is how many photos are placed before any is timed,
//! and how many then are. The faces are made up (see `population.rs`). Each size runs in a process of its own.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

mod measure;
mod store;

use std::path::PathBuf;
use std::process::Command;

use ai_worker::domain::EmbeddingModel;
use ai_worker::store::IndexSettings;
use test_support::measuring::population;

/// What is to be measured.
struct Plan {
    faces: Vec<usize>,
    widths: Vec<usize>,
    settings: IndexSettings,
    replace: bool,
    store: bool,
    most_photos: u32,
    placed: usize,
    servers: Vec<String>,
    directory: Option<PathBuf>,
}

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let plan = plan(&arguments);
    if let ([faces], [width]) = (&plan.faces[..], &plan.widths[..]) {
        let model = EmbeddingModel {
            name: "made-up".to_owned(),
            dimension: *width,
            threshold: measure::THRESHOLD,
        };
        if !plan.servers.is_empty() {
            store::run_on_qdrant(*faces, plan.most_photos, &model, plan.placed, &plan.servers);
        } else if plan.store {
            store::run(
                *faces,
                plan.most_photos,
                &model,
                plan.settings,
                plan.placed,
                plan.directory.as_deref(),
            );
        } else {
            measure::run(*faces, &model, plan.settings, plan.replace);
        }
        return;
    }
    for width in &plan.widths {
        for faces in &plan.faces {
            let status = Command::new(std::env::current_exe().unwrap())
                .args(&arguments)
                .args([format!("width={width}"), format!("faces={faces}")])
                .status()
                .unwrap();
            assert!(status.success());
        }
    }
}

/// Later arguments win.
fn plan(arguments: &[String]) -> Plan {
    let list = |text: &str| text.split(',').map(|number| number.parse().unwrap()).collect();
    let mut plan = Plan {
        faces: vec![10_000, 100_000, 1_000_000],
        widths: vec![128, 512],
        settings: IndexSettings::default(),
        replace: false,
        store: false,
        most_photos: population::MOST_PHOTOS,
        placed: store::PLACED,
        servers: Vec::new(),
        directory: None,
    };
    for argument in arguments {
        let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
        let number = || value.parse().unwrap();
        match name {
            "faces" => plan.faces = list(value),
            "width" => plan.widths = list(value),
            "exact" => plan.settings.exact_faces = number(),
            "batch" => plan.settings.batch_faces = number(),
            "connectivity" => plan.settings.connectivity = number(),
            "expansion_add" => plan.settings.expansion_add = number(),
            "expansion_search" => plan.settings.expansion_search = number(),
            "replace" => plan.replace = true,
            "store" => plan.store = true,
            "most_photos" => plan.most_photos = value.parse().unwrap(),
            "placed" => plan.placed = number(),
            "server" => plan.servers = value.split(',').map(str::to_owned).collect(),
            "directory" => plan.directory = Some(value.into()),
            _ => println!("{argument} is not known"),
        }
    }
    plan
}
