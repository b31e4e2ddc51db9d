//! wasi-nn for guests: the networks that their slot may use, within the budget of a call.
//!
//! The interfaces are wasi-nn's and so are the types of graphs and tensors; only what lies between is the worker's own,
//! because what a guest is refused must count against its limits: memory that the host holds for it, and log lines.

use wasmtime::component::Resource;
use wasmtime_wasi_nn::backend::{BackendError, NamedTensor};
use wasmtime_wasi_nn::wit::TensorType;
use wasmtime_wasi_nn::{ExecutionContext, Graph, Tensor};

use super::bindings::log;
use super::bindings::nn::{errors, graph, inference, tensor};
use super::guest::Guest;
use super::nn_error::{NnError, NnErrorCode};

/// What a guest gets of an answer, or of a refusal.
type Answer<T> = wasmtime::Result<Result<T, Resource<NnError>>>;

impl Guest {
    /// Keeps a tensor for the guest.
    pub(super) fn push_tensor(&mut self, tensor: Tensor) -> wasmtime::Result<Resource<Tensor>> {
        let left = self.neural.tensor_bytes.checked_sub(tensor.data.len());
        self.neural.tensor_bytes = left.ok_or_else(|| {
            wasmtime::Error::msg("the call's tensors have more bytes than PLUGIN_MEMORY_BYTES allows")
        })?;
        Ok(self.table.push(tensor)?)
    }

    /// Refuses something; the log says more than the guest is told.
    fn refuse<T>(&mut self, refusal: NnError, causes: &str) -> Answer<T> {
        self.log.write(log::Level::Warn, causes);
        Ok(Err(self.table.push(refusal)?))
    }

    fn backend_failed<T>(&mut self, error: &BackendError) -> Answer<T> {
        let refusal = NnError {
            code: NnErrorCode::RuntimeError,
            text: "the graph refused the call or failed; the worker's log says why",
        };
        self.refuse(refusal, &format!("a graph did not run: {}", crate::report(error)))
    }
}

impl graph::Host for Guest {
    fn load(
        &mut self,
        _: Vec<Vec<u8>>,
        _: graph::GraphEncoding,
        _: graph::ExecutionTarget,
    ) -> Answer<Resource<Graph>> {
        let text = "a plugin cannot bring a network of its own; load one of the host's by its name";
        let code = NnErrorCode::UnsupportedOperation;
        self.refuse(NnError { code, text }, text)
    }

    fn load_by_name(&mut self, name: String) -> Answer<Resource<Graph>> {
        if let Some(graph) = self.neural.graphs.get(&name) {
            let graph = graph.clone();
            return Ok(Ok(self.table.push(graph)?));
        }
        let refusal = NnError {
            code: NnErrorCode::NotFound,
            text: "there is no graph of this name for this slot; PLUGIN_GRAPHS says which there are",
        };
        self.refuse(
            refusal,
            &format!("there is no graph {name:?} for this slot; PLUGIN_GRAPHS says which there are"),
        )
    }
}

impl graph::HostGraph for Guest {
    fn init_execution_context(&mut self, graph: Resource<Graph>) -> Answer<Resource<ExecutionContext>> {
        let graph = self.table.get(&graph)?;
        match self.clock.host(|| graph.init_execution_context()) {
            Ok(context) => Ok(Ok(self.table.push(context)?)),
            Err(error) => self.backend_failed(&error),
        }
    }

    fn drop(&mut self, graph: Resource<Graph>) -> wasmtime::Result<()> {
        self.table.delete(graph)?;
        Ok(())
    }
}

impl inference::HostGraphExecutionContext for Guest {
    fn compute(
        &mut self,
        context: Resource<ExecutionContext>,
        inputs: Vec<(String, Resource<Tensor>)>,
    ) -> Answer<Vec<(String, Resource<Tensor>)>> {
        let mut given = Vec::with_capacity(inputs.len());
        for (name, tensor) in inputs {
            let tensor = self.table.delete(tensor)?;
            given.push(NamedTensor { name, tensor });
        }
        if let Err(refusal) = self.neural.begin_inference(&self.clock) {
            let text = refusal.text;
            return self.refuse(refusal, text);
        }
        let context = self.table.get_mut(&context)?;
        match self.clock.host(|| context.compute_with_io(given)) {
            Ok(outputs) => {
                let mut kept = Vec::with_capacity(outputs.len());
                for NamedTensor { name, tensor } in outputs {
                    kept.push((name, self.push_tensor(tensor)?));
                }
                Ok(Ok(kept))
            }
            Err(error) => self.backend_failed(&error),
        }
    }

    fn drop(&mut self, context: Resource<ExecutionContext>) -> wasmtime::Result<()> {
        self.table.delete(context)?;
        Ok(())
    }
}

impl tensor::HostTensor for Guest {
    fn new(
        &mut self,
        dimensions: Vec<u32>,
        kind: tensor::TensorType,
        data: Vec<u8>,
    ) -> wasmtime::Result<Resource<Tensor>> {
        self.push_tensor(Tensor::new(dimensions, kind.into(), data))
    }

    fn dimensions(&mut self, tensor: Resource<Tensor>) -> wasmtime::Result<Vec<u32>> {
        Ok(self.table.get(&tensor)?.dimensions.clone())
    }

    fn ty(&mut self, tensor: Resource<Tensor>) -> wasmtime::Result<tensor::TensorType> {
        Ok(self.table.get(&tensor)?.ty.into())
    }

    fn data(&mut self, tensor: Resource<Tensor>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.table.get(&tensor)?.data.clone())
    }

    fn drop(&mut self, tensor: Resource<Tensor>) -> wasmtime::Result<()> {
        self.table.delete(tensor)?;
        Ok(())
    }
}

impl errors::HostError for Guest {
    fn code(&mut self, refusal: Resource<NnError>) -> wasmtime::Result<errors::ErrorCode> {
        Ok(self.table.get(&refusal)?.code.into())
    }

    fn data(&mut self, refusal: Resource<NnError>) -> wasmtime::Result<String> {
        Ok(self.table.get(&refusal)?.text.to_owned())
    }

    fn drop(&mut self, refusal: Resource<NnError>) -> wasmtime::Result<()> {
        self.table.delete(refusal)?;
        Ok(())
    }
}

impl inference::Host for Guest {}
impl tensor::Host for Guest {}
impl errors::Host for Guest {}

/// Both sides are the same enumeration of the same interface, each with its own Rust type.
macro_rules! same_types {
    ($($name:ident)*) => {
        impl From<tensor::TensorType> for TensorType {
            fn from(kind: tensor::TensorType) -> Self {
                match kind {
                    $(tensor::TensorType::$name => Self::$name,)*
                }
            }
        }

        impl From<TensorType> for tensor::TensorType {
            fn from(kind: TensorType) -> Self {
                match kind {
                    $(TensorType::$name => Self::$name,)*
                }
            }
        }
    };
}

same_types!(Fp16 Fp32 Fp64 Bf16 U8 I32 I64);

impl From<NnErrorCode> for errors::ErrorCode {
    fn from(code: NnErrorCode) -> Self {
        match code {
            NnErrorCode::Timeout => Self::Timeout,
            NnErrorCode::RuntimeError => Self::RuntimeError,
            NnErrorCode::UnsupportedOperation => Self::UnsupportedOperation,
            NnErrorCode::NotFound => Self::NotFound,
        }
    }
}
