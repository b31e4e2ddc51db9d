//! Graphs that ONNX Runtime runs faster than those that were published, and that answer the same.
//!
//! - Old exporters list weights as inputs of the graph, too, so that whoever runs it may replace them. ONNX Runtime
//!   then folds no batch normalisation into the layer before, packs no weights, and leaves out its blocked layout.
//! - A PReLU with a slope for each channel has no kernel in the blocked layout: each costs one reordering before it and
//!   one behind. `x + (1 - slope) * relu(-x)` is the same, as two depthwise convolutions of 1 x 1, of which ONNX Runtime
//!   computes the first together with its ReLU and the second together with the addition.
//! - A detector that was exported for squares runs on other shapes when its inputs and outputs do not state theirs.
//!
//! Nothing here runs a network; whoever places the result compares what both answer before.

mod graph;
#[cfg(test)]
pub(crate) mod tests;
mod wire;

use std::{fs, io, path::Path};

use serde::Deserialize;

use graph::Graph;
pub use wire::Damaged;
use wire::{Message, Value};

/// A network's graph as it is made for ONNX Runtime.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewritten {
    /// The name of its ONNX file in the models directory.
    pub file: String,
    /// SHA-256 of that file in hexadecimal, which is the same on every machine.
    pub sha256: String,
    /// Whether it takes images of other heights and widths, too, in multiples of 32.
    #[serde(default)]
    pub open_sides: bool,
}

/// A graph that was not rewritten.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// A file cannot be read or written.
    #[error(
        "it cannot be read, or the result cannot be written; check the permissions and the free space of the models \
         directory"
    )]
    Io(#[from] io::Error),
    /// The file is no ONNX graph.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// The rewritten graph does not run, or answers something else than the published one.
    #[error("the rewritten graph gives different answers; it was not kept, and the published graph is used")]
    Differs(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Field numbers of `ModelProto`.
mod model {
    pub(super) const IR_VERSION: u32 = 1;
    pub(super) const GRAPH: u32 = 7;
}

/// The first version of the format in which weights need not be inputs.
const WEIGHTS_ALONE: u64 = 4;

/// Writes the graph that `source` becomes to `result`.
///
/// # Errors
/// When `source` is no ONNX graph, or a file cannot be read or written.
pub fn rewrite(source: &Path, result: &Path, rewritten: &Rewritten) -> Result<(), RewriteError> {
    let published = fs::read(source)?;
    fs::write(result, rewrite_bytes(&published, rewritten.open_sides)?)?;
    Ok(())
}

fn rewrite_bytes(published: &[u8], open_sides: bool) -> Result<Vec<u8>, Damaged> {
    let mut message = Message::read(published)?;
    let mut found = false;
    for (field, value) in &mut message.0 {
        match (*field, &mut *value) {
            (model::IR_VERSION, Value::Number(version)) => *version = (*version).max(WEIGHTS_ALONE),
            (model::GRAPH, Value::Bytes(bytes)) => {
                let mut graph = Graph::read(bytes)?;
                graph.drop_weights_from_inputs()?;
                graph.replace_prelu()?;
                if open_sides {
                    graph.open_sides()?;
                }
                *bytes = graph.write().into();
                found = true;
            }
            _ => {}
        }
    }
    if found { Ok(message.write()) } else { Err(Damaged) }
}
