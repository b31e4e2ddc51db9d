//! The host's networks as wasi-nn graphs: what guests run is what the host runs, on the same sessions and slots.

mod elements;
mod signature;
#[cfg(test)]
pub(super) mod tests;

use std::sync::Arc;

use wasmtime_wasi_nn::backend::{BackendError, BackendExecutionContext, BackendGraph, Id, NamedTensor};
use wasmtime_wasi_nn::{ExecutionContext, Graph, Tensor};

use super::InferenceError;
use super::session::Network;
pub(super) use signature::Signature;

/// Why a graph did not run for a guest. It is the source of [`BackendError::BackendAccess`].
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// The guest gave or asked for something that does not fit the graph; nothing ran.
    #[error("graph {graph:?} refused the call: {reason}")]
    InvalidArgument {
        /// The graph's name in the model manifest.
        graph: String,
        /// What does not fit, and what would.
        reason: String,
    },
    /// The network failed. Its own words are the source.
    #[error(transparent)]
    Inference(#[from] InferenceError),
}

impl From<GraphError> for BackendError {
    fn from(error: GraphError) -> Self {
        Self::BackendAccess(wasmtime::Error::new(error))
    }
}

/// A network under wasi-nn's interface. Computing blocks until a slot is free and the network has run.
pub(super) fn graph(network: &Arc<Network>) -> Graph {
    let graph: Box<dyn BackendGraph> = Box::new(NetworkGraph(Arc::clone(network)));
    graph.into()
}

fn signature(network: &Network) -> Result<&Signature, GraphError> {
    Ok(network.signature()?)
}

struct NetworkGraph(Arc<Network>);

impl BackendGraph for NetworkGraph {
    fn init_execution_context(&self) -> Result<ExecutionContext, BackendError> {
        let Signature { inputs, outputs, .. } = signature(&self.0)?;
        for declared in inputs.iter().chain(outputs) {
            if let Err(other) = &declared.kind {
                let (graph, name) = (&self.0.name, &declared.name);
                return Err(BackendError::UnsupportedTensorType(format!(
                    "{name:?} of graph {graph:?} is {other}, which wasi-nn has no name for"
                )));
            }
        }
        let context: Box<dyn BackendExecutionContext> = Box::new(Execution {
            inputs: inputs.iter().map(|_| None).collect(),
            outputs: Vec::new(),
            network: Arc::clone(&self.0),
        });
        Ok(context.into())
    }
}

/// Tensors between calls. A session is held only while the network runs.
struct Execution {
    network: Arc<Network>,
    /// What `set_input` left, in the graph's order.
    inputs: Vec<Option<Tensor>>,
    /// What the last `compute` without arguments gave, in the graph's order; empty before it.
    outputs: Vec<Tensor>,
}

impl BackendExecutionContext for Execution {
    fn set_input(&mut self, id: Id, tensor: &Tensor) -> Result<(), BackendError> {
        let signature = signature(&self.network)?;
        let checked = signature
            .input(&id)
            .and_then(|index| signature.check(index, tensor).map(|()| index));
        let index = checked.map_err(|reason| self.invalid(reason))?;
        self.inputs[index] = Some(tensor.clone());
        Ok(())
    }

    fn get_output(&mut self, id: Id) -> Result<Tensor, BackendError> {
        let index = signature(&self.network)?.output(&id);
        let index = index.map_err(|reason| self.invalid(reason))?;
        self.outputs
            .get(index)
            .cloned()
            .ok_or_else(|| self.invalid("it has not run yet; call compute first".to_owned()))
    }

    fn compute(
        &mut self,
        inputs: Option<Vec<NamedTensor>>,
    ) -> Result<Option<Vec<NamedTensor>>, BackendError> {
        let signature = signature(&self.network)?;
        if let Some(inputs) = inputs {
            let inputs = signature.place(inputs).map_err(|reason| self.invalid(reason))?;
            let outputs = self.run(&inputs.iter().collect::<Vec<_>>())?;
            let names = signature.outputs.iter().map(|declared| declared.name.clone());
            let named = names.zip(outputs);
            Ok(Some(
                named.map(|(name, tensor)| NamedTensor { name, tensor }).collect(),
            ))
        } else {
            let set = self.inputs.iter().map(Option::as_ref).collect();
            let inputs = signature.complete(set).map_err(|reason| self.invalid(reason))?;
            self.outputs = self.run(&inputs)?;
            Ok(None)
        }
    }
}

impl Execution {
    /// Runs the network on checked inputs in the graph's order; gives all outputs in the graph's order.
    fn run(&self, inputs: &[&Tensor]) -> Result<Vec<Tensor>, GraphError> {
        let Signature {
            inputs: declared,
            outputs,
            ..
        } = self.network.signature()?;
        let outputs = self.network.run(|session| {
            let values = declared
                .iter()
                .zip(inputs)
                .map(|(declared, tensor)| Ok((declared.name.as_str(), elements::to_value(tensor)?)))
                .collect::<Result<Vec<_>, ort::Error>>()?;
            let given = session.run(values)?;
            let output = |name: &String| {
                let value = given
                    .get(name)
                    .ok_or_else(|| ort::Error::new(format!("there is no output {name:?}")))?;
                elements::from_value(value)
            };
            outputs.iter().map(|declared| output(&declared.name)).collect()
        })?;
        Ok(outputs)
    }

    fn invalid(&self, reason: String) -> BackendError {
        let graph = self.network.name.clone();
        GraphError::InvalidArgument { graph, reason }.into()
    }
}
