//! Which networks of the host a guest may run.

use std::collections::HashMap;
use std::str::FromStr;

use wasmtime_wasi_nn::Graph;

use super::slot::Slot;

/// Graphs by their names in the model manifest.
pub type Graphs = HashMap<String, Graph>;

/// A network that a slot may use, written `slot=graph`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphPermission {
    /// Who may use it.
    pub slot: Slot,
    /// The graph's name in the model manifest.
    pub graph: String,
}

impl FromStr for GraphPermission {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (slot, graph) = text
            .split_once('=')
            .ok_or("write it as slot=graph, such as tagger=efficientnet-lite2")?;
        let graph = graph.trim().to_owned();
        if graph.is_empty() {
            return Err("the graph has no name".to_owned());
        }
        let slot = slot
            .trim()
            .parse()
            .map_err(|error: super::UnknownSlot| error.to_string())?;
        Ok(Self { slot, graph })
    }
}
