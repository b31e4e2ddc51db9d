//! The example `label-classifier`: a guest that runs the host's classifier itself has the host's own labels.

use ai_worker::inference::{Inference, image_tensor};
use ai_worker::models::manifest::{Channels, ImageInput};
use ai_worker::photo;
use image::RgbImage;
use wasmtime::component::{Component, HasSelf, Linker, Resource, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi_nn::wit::{TensorType, WasiNnCtx, WasiNnView};
use wasmtime_wasi_nn::{Graph, GraphRegistry, Registry, Tensor};

use super::{assert_close, inference, sample};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "
            package ai-worker:example;
            world example {
                import ai-worker:plugin/log@1.1.0;
                import ai-worker:plugin/photo@1.1.0;
                export ai-worker:plugin/tagger@1.1.0;
            }
        ",
        world: "ai-worker:example/example",
        imports: { default: trappable },
        with: { "wasi:nn/tensor.tensor": wasmtime_wasi_nn::Tensor },
    });
}
use bindings::ai_worker::plugin::{log, photo as pixels, types};

const COMPONENT: &[u8] = include_bytes!("../../components/examples/label-classifier/label-classifier.wasm");
/// Exponentials of another library, in WebAssembly.
const SAME: f32 = 1e-5;

/// What the guest can reach.
struct Host {
    table: ResourceTable,
    neural: WasiNnCtx,
    photo: Option<RgbImage>,
    lines: Vec<String>,
}

struct Graphs(Vec<(String, Graph)>);

impl GraphRegistry for Graphs {
    fn get(&self, name: &str) -> Option<&Graph> {
        self.0
            .iter()
            .find(|(graph, _)| graph == name)
            .map(|(_, graph)| graph)
    }

    fn get_mut(&mut self, _: &str) -> Option<&mut Graph> {
        None
    }
}

impl types::Host for Host {}

impl log::Host for Host {
    fn write(&mut self, _: log::Level, message: String) -> wasmtime::Result<()> {
        self.lines.push(message);
        Ok(())
    }
}

impl pixels::Host for Host {
    fn pixels(
        &mut self,
        view: pixels::View,
    ) -> wasmtime::Result<Result<Resource<Tensor>, pixels::PhotoError>> {
        let Some(photo) = &self.photo else {
            return Ok(Err(pixels::PhotoError::NotAvailable));
        };
        let size = view.size;
        let input = ImageInput {
            size,
            channels: match view.channels {
                pixels::Channels::Rgb => Channels::Rgb,
                pixels::Channels::Bgr => Channels::Bgr,
            },
            mean: view.mean.into(),
            std: view.deviation.into(),
        };
        let values = image_tensor(&photo::centre_crop(photo, view.fraction, size)?, &input);
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let tensor = Tensor::new(vec![1, 3, size, size], TensorType::Fp32, data);
        Ok(Ok(self.table.push(tensor)?))
    }
}

/// The tags of a photo, and what was logged.
fn tags(
    graphs: Vec<(String, Graph)>,
    photo: Option<RgbImage>,
) -> (Result<Vec<types::ScoredTag>, types::PluginError>, Vec<String>) {
    let engine = Engine::default();
    let component = Component::new(&engine, COMPONENT).unwrap();
    let mut linker = Linker::new(&engine);
    types::add_to_linker::<Host, HasSelf<_>>(&mut linker, |host| host).unwrap();
    log::add_to_linker::<Host, HasSelf<_>>(&mut linker, |host| host).unwrap();
    pixels::add_to_linker::<Host, HasSelf<_>>(&mut linker, |host| host).unwrap();
    wasmtime_wasi_nn::wit::add_to_linker(&mut linker, |host: &mut Host| {
        WasiNnView::new(&mut host.table, &mut host.neural)
    })
    .unwrap();
    let host = Host {
        table: ResourceTable::new(),
        neural: WasiNnCtx::new([], Registry::from(Graphs(graphs))),
        photo,
        lines: Vec::new(),
    };
    let mut store = Store::new(&engine, host);
    let guest = bindings::Example::instantiate(&mut store, &component, &linker).unwrap();
    let tagger = guest.ai_worker_plugin_tagger();
    let description = tagger.call_describe(&mut store).unwrap();
    assert!(description.evidence.contains(types::Evidence::PIXELS));
    let scene = types::Scene {
        width: 1,
        height: 1,
        faces: Vec::new(),
        labels: None,
        similarities: None,
        caption: None,
        text_similarities: None,
        objects: None,
        text: None,
        indoor: None,
    };
    let tags = tagger.call_tag(&mut store, &scene).unwrap();
    (tags, store.into_data().lines)
}

fn expected(inference: &Inference, photo: &RgbImage) -> Vec<(String, f32)> {
    let crop = photo::centre_crop(photo, 0.93, inference.label_size().unwrap()).unwrap();
    let labels = inference.classify(&crop, 20).unwrap().unwrap().labels;
    labels
        .into_iter()
        .map(|label| (label.name, label.score))
        .collect()
}

#[test_support::test]
fn the_example_gives_the_hosts_own_labels() {
    let inference = inference("open");
    for name in ["coffee.png", "rocket.jpg", "obama.jpg"] {
        let photo = sample(name);
        let expected = expected(&inference, &photo);
        let (tags, lines) = tags(inference.graphs(), Some(photo));
        let tags = tags.unwrap();
        assert_eq!(tags.len(), 20, "{name}");
        for (tag, (label, score)) in tags.iter().zip(&expected) {
            assert_eq!(&tag.name, label, "{name}");
            assert_close(&format!("{name}, {label}"), tag.score, *score, SAME);
        }
        assert_eq!(lines.len(), 1);
        assert!(lines[0].contains(&expected[0].0), "{lines:?}");
    }
}

#[test_support::test]
fn the_example_says_what_it_lacks() {
    let (without_photo, lines) = tags(Vec::new(), None);
    assert_eq!(without_photo.unwrap().len(), 0);
    assert!(lines.is_empty());
    let (without_graph, _) = tags(Vec::new(), Some(RgbImage::new(8, 8)));
    let Err(types::PluginError::Failed(reason)) = without_graph else {
        panic!("there is no graph");
    };
    assert!(reason.starts_with("the graph efficientnet-lite2: "), "{reason}");
}
