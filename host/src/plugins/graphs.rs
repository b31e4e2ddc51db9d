//! Which networks of the host a guest may run, and how often in one call.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use wasmtime_wasi_nn::backend::{BackendError, BackendExecutionContext, BackendGraph, Id, NamedTensor};
use wasmtime_wasi_nn::{ExecutionContext, Graph, GraphRegistry, Tensor};

use super::Slot;

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

/// The graphs that one call may load, all of which share the call's budget.
pub(super) struct CallGraphs(Graphs);

/// What is left of a call's inferences.
struct Budget {
    inferences: AtomicU32,
    deadline: Instant,
}

impl CallGraphs {
    /// `inferences` may be run before `deadline`; an inference that has begun is not interrupted.
    pub(super) fn new(allowed: &Graphs, inferences: u32, deadline: Instant) -> Self {
        let budget = Arc::new(Budget {
            inferences: AtomicU32::new(inferences),
            deadline,
        });
        let metered = |graph: &Graph| {
            let metered: Box<dyn BackendGraph> = Box::new(MeteredGraph {
                graph: graph.clone(),
                budget: Arc::clone(&budget),
            });
            Graph::from(metered)
        };
        Self(
            allowed
                .iter()
                .map(|(name, graph)| (name.clone(), metered(graph)))
                .collect(),
        )
    }
}

impl GraphRegistry for CallGraphs {
    fn get(&self, name: &str) -> Option<&Graph> {
        self.0.get(name)
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Graph> {
        self.0.get_mut(name)
    }
}

struct MeteredGraph {
    graph: Graph,
    budget: Arc<Budget>,
}

impl BackendGraph for MeteredGraph {
    fn init_execution_context(&self) -> Result<ExecutionContext, BackendError> {
        let metered: Box<dyn BackendExecutionContext> = Box::new(MeteredContext {
            context: self.graph.init_execution_context()?,
            budget: Arc::clone(&self.budget),
        });
        Ok(ExecutionContext::from(metered))
    }
}

struct MeteredContext {
    context: ExecutionContext,
    budget: Arc<Budget>,
}

impl BackendExecutionContext for MeteredContext {
    fn set_input(&mut self, id: Id, tensor: &Tensor) -> Result<(), BackendError> {
        self.context.set_input(id, tensor)
    }

    fn get_output(&mut self, id: Id) -> Result<Tensor, BackendError> {
        self.context.get_output(id)
    }

    fn compute(
        &mut self,
        inputs: Option<Vec<NamedTensor>>,
    ) -> Result<Option<Vec<NamedTensor>>, BackendError> {
        let refused = |reason: &str| {
            Err(BackendError::BackendAccess(wasmtime::Error::msg(
                reason.to_owned(),
            )))
        };
        if Instant::now() >= self.budget.deadline {
            return refused("the call's time is over");
        }
        let spent = self
            .budget
            .inferences
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if spent.is_err() {
            return refused("the call has run as many inferences as PLUGIN_INFERENCES allows");
        }
        match inputs {
            Some(inputs) => self.context.compute_with_io(inputs).map(Some),
            None => self.context.compute().map(|()| None),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use std::time::Duration;

    use super::*;

    /// A stand-in for a network: gives back what it is given.
    struct Echo;

    impl BackendGraph for Echo {
        fn init_execution_context(&self) -> Result<ExecutionContext, BackendError> {
            let context: Box<dyn BackendExecutionContext> = Box::new(Self);
            Ok(context.into())
        }
    }

    impl BackendExecutionContext for Echo {
        fn set_input(&mut self, _: Id, _: &Tensor) -> Result<(), BackendError> {
            Ok(())
        }

        fn get_output(&mut self, _: Id) -> Result<Tensor, BackendError> {
            Err(BackendError::NotEnoughMemory(0))
        }

        fn compute(
            &mut self,
            inputs: Option<Vec<NamedTensor>>,
        ) -> Result<Option<Vec<NamedTensor>>, BackendError> {
            Ok(inputs)
        }
    }

    fn allowed() -> Graphs {
        let echo: Box<dyn BackendGraph> = Box::new(Echo);
        Graphs::from([("echo".to_owned(), echo.into())])
    }

    #[test]
    fn all_graphs_of_a_call_share_its_budget() {
        let graphs = CallGraphs::new(&allowed(), 2, Instant::now() + Duration::from_secs(60));
        assert!(graphs.get("other").is_none());
        let graph = graphs.get("echo").unwrap();
        let (mut one, mut two) = (
            graph.init_execution_context().unwrap(),
            graph.init_execution_context().unwrap(),
        );
        assert!(one.compute_with_io(Vec::new()).is_ok());
        assert!(two.compute_with_io(Vec::new()).is_ok());
        assert!(one.compute_with_io(Vec::new()).is_err());
    }

    #[test]
    fn nothing_runs_after_the_deadline() {
        let graphs = CallGraphs::new(&allowed(), 2, Instant::now());
        let mut context = graphs.get("echo").unwrap().init_execution_context().unwrap();
        assert!(context.compute_with_io(Vec::new()).is_err());
    }
}
