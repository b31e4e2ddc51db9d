//! What benchmarks share.

pub mod agreement;
pub mod cost;
pub mod evaluation;
pub mod forms;
pub mod made_up;
pub mod policies;
pub mod population;
