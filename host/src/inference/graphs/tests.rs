//! The backend on graphs of two nodes, written here byte by byte: every element type, and who waits for whom.
//! They need the ONNX Runtime library, but no model.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use wasmtime_wasi_nn::wit::TensorType;

use super::super::devices::failures::Failures;
use super::super::devices::{Fallback, Place};
use super::super::session::{Bounds, SessionFactory, Slots};
use super::*;
use crate::models;
use crate::models::manifest::{Manifest, ModelDirectory};

/// A protobuf field that has a length.
fn field(number: u8, contents: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    let mut length = contents.len();
    while length > 127 {
        bytes.push(length as u8 | 128);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(contents);
    bytes
}

/// A protobuf field that is a number below 128.
fn number(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

/// A declared tensor `[2, n]` of an ONNX element type.
fn outlet(name: &str, element: u8) -> Vec<u8> {
    let dimensions = [field(1, &number(1, 2)), field(1, &field(2, b"n"))].concat();
    let tensor = [number(1, element), field(2, &dimensions)].concat();
    [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
}

/// The model whose outputs `first` and `second` are its inputs `right` and `left`.
pub(in crate::inference) fn swap(element: u8) -> Vec<u8> {
    let identity = |from: &str, to: &str| {
        let node = [
            field(1, from.as_bytes()),
            field(2, to.as_bytes()),
            field(4, b"Identity"),
        ];
        field(1, &node.concat())
    };
    let graph = [
        identity("right", "first"),
        identity("left", "second"),
        field(2, b"swap"),
        field(11, &outlet("left", element)),
        field(11, &outlet("right", element)),
        field(12, &outlet("first", element)),
        field(12, &outlet("second", element)),
    ];
    [number(1, 8), field(7, &graph.concat()), field(8, &number(2, 16))].concat()
}

/// The ONNX Runtime library, which is fetched with a model set where it is not there yet.
pub(in crate::inference) fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        if let Some(library) = std::env::var_os("ORT_DYLIB_PATH") {
            return library.into();
        }
        let directory = ModelDirectory(std::env::var_os("MODELS_DIR").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/models")),
            PathBuf::from,
        ));
        let manifest = Manifest::built_in().unwrap();
        let mut access = models::Access {
            hub: models::HubSettings::default(),
            consent: &mut |_| Ok(true),
            // The library is all that is looked for.
            comparison: &mut |_, _, _| Ok(false),
        };
        models::pull(
            &manifest,
            manifest.set("open").unwrap(),
            false,
            &directory,
            &mut access,
            &mut std::io::sink(),
        )
        .unwrap();
        models::runtime_library(&manifest, &directory).unwrap()
    })
}

/// The network with one slot.
fn network(element: u8) -> Arc<Network> {
    let factory = SessionFactory {
        environment: super::super::loading::environment(library()).unwrap(),
        place: Place::Processor,
        threads: 1,
    };
    let file = tempfile::Builder::new().suffix(".onnx").tempfile().unwrap();
    std::fs::write(file.path(), swap(element)).unwrap();
    let slots = Arc::new(Slots::new(1));
    let bounds = Bounds {
        values: 64,
        side: None,
    };
    let network = Network::new(
        "swap",
        file.path().to_owned(),
        bounds,
        true,
        &factory,
        &slots,
        &Arc::new(Failures::new(Fallback::Off)),
    );
    // The file goes when this returns.
    network.signature().unwrap();
    Arc::new(network)
}

fn context(network: &Arc<Network>) -> ExecutionContext {
    graph(network).init_execution_context().unwrap()
}

fn named(name: &str, tensor: &Tensor) -> NamedTensor {
    NamedTensor {
        name: name.to_owned(),
        tensor: tensor.clone(),
    }
}

fn bytes(start: u8, count: usize) -> Vec<u8> {
    (start..).take(count).collect()
}

#[test]
#[ignore = "needs the ONNX Runtime library; cargo test --lib -- --ignored inference"]
fn every_element_type_goes_through_unchanged() {
    for (element, ty) in [
        (1, TensorType::Fp32),
        (2, TensorType::U8),
        (6, TensorType::I32),
        (7, TensorType::I64),
        (10, TensorType::Fp16),
        (11, TensorType::Fp64),
        (16, TensorType::Bf16),
    ] {
        let network = network(element);
        let length = 6 * elements::size(ty);
        let left = Tensor::new(vec![2, 3], ty, bytes(1, length));
        let right = Tensor::new(vec![2, 3], ty, bytes(101, length));
        let given = vec![named("right", &right), named("left", &left)];
        let outputs = context(&network).compute_with_io(given).unwrap();
        let outputs: Vec<_> = outputs.into_iter().map(|one| (one.name, one.tensor)).collect();
        let expected = [("first".to_owned(), right), ("second".to_owned(), left)];
        assert_eq!(outputs, expected, "{ty:?}");
    }
}

#[test]
#[ignore = "needs the ONNX Runtime library; cargo test --lib -- --ignored inference"]
fn inputs_that_are_set_stay_until_others_are() {
    let network = network(2);
    let tensor = |value| Tensor::new(vec![2, 1], TensorType::U8, vec![value; 2]);
    let mut context = context(&network);
    assert!(context.get_output(Id::Index(0)).is_err());
    context.set_input(Id::Index(0), &tensor(1)).unwrap();
    assert!(context.compute().is_err(), "an input is missing");
    context
        .set_input(Id::Name("right".to_owned()), &tensor(2))
        .unwrap();
    context.compute().unwrap();
    assert_eq!(
        context.get_output(Id::Name("first".to_owned())).unwrap(),
        tensor(2)
    );
    assert_eq!(context.get_output(Id::Index(1)).unwrap(), tensor(1));

    context.set_input(Id::Index(0), &tensor(3)).unwrap();
    assert_eq!(context.get_output(Id::Index(1)).unwrap(), tensor(1));
    context.compute().unwrap();
    assert_eq!(context.get_output(Id::Index(0)).unwrap(), tensor(2));
    assert_eq!(context.get_output(Id::Index(1)).unwrap(), tensor(3));

    let wide = Tensor::new(vec![3, 1], TensorType::U8, vec![0; 3]);
    assert!(context.set_input(Id::Index(0), &wide).is_err());
    assert!(context.set_input(Id::Index(2), &tensor(4)).is_err());
    assert!(context.get_output(Id::Index(2)).is_err());
    // What was refused changed nothing, and neither do the tensors of a call that brings its own.
    context
        .compute_with_io(vec![named("0", &tensor(5)), named("1", &tensor(6))])
        .unwrap();
    assert_eq!(context.get_output(Id::Index(1)).unwrap(), tensor(3));
}

#[test]
#[ignore = "needs the ONNX Runtime library; cargo test --lib -- --ignored inference"]
fn graphs_of_other_types_say_so() {
    const BOOLEAN: u8 = 9;
    let network = network(BOOLEAN);
    let Err(error) = graph(&network).init_execution_context() else {
        panic!("wasi-nn has no booleans");
    };
    assert!(matches!(error, BackendError::UnsupportedTensorType(_)));
    let said = error.to_string();
    assert!(
        said.contains("\"left\" of graph \"swap\" is a tensor of bool"),
        "{said}"
    );
}

#[test]
#[ignore = "needs the ONNX Runtime library; cargo test --lib -- --ignored inference"]
fn guests_wait_for_a_slot_like_the_host() {
    let network = network(2);
    let tensor = Tensor::new(vec![2, 1], TensorType::U8, vec![7; 2]);
    // Contexts that do nothing hold nothing.
    let mut contexts: Vec<_> = (0..100).map(|_| context(&network)).collect();
    let last = contexts.pop().unwrap();
    let (finished, outcome) = mpsc::channel();
    let mut guest = Some((tensor, finished, last));
    std::thread::scope(|scope| {
        network
            .run(|_| {
                let (tensor, finished, mut last) = guest.take().unwrap();
                scope.spawn(move || {
                    let given = vec![named("left", &tensor), named("right", &tensor)];
                    finished.send(last.compute_with_io(given).unwrap().len()).unwrap();
                });
                let early = outcome.recv_timeout(Duration::from_millis(200));
                assert_eq!(early, Err(mpsc::RecvTimeoutError::Timeout));
                Ok(())
            })
            .unwrap();
        assert_eq!(outcome.recv_timeout(Duration::from_secs(10)), Ok(2));
    });
}
