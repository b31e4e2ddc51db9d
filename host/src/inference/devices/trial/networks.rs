//! The trial itself, in the process that was started for it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use half::f16;
use ort::environment::Environment;
use ort::memory::DeviceType;
use ort::session::{Session, SessionInputValue};
use ort::value::{DynValue, TensorElementType};

use super::agreement::Measure;
use super::inputs::{self, Inputs};
use super::{Cause, Line, NetworkTrial, Offered, Request, TrialNetwork, profile};
use crate::inference::devices::place::{Place, PlugIn};
use crate::inference::graphs::Signature;
use crate::inference::loading::{environment, has_one_size};
use crate::inference::session::{Bounds, SessionFactory};
use crate::models::manifest::Role;

/// How many images in an inference are measured, where a network takes any number.
const BATCHES: [usize; 3] = [4, 8, 16];
/// For how long one measurement runs, and how often at most.
const MEASURED: Duration = Duration::from_millis(300);
const MOST_RUNS: u32 = 20;
/// How often it is measured; the median counts.
const MEASUREMENTS: usize = 3;
/// A device that is so many times slower than the processor for single images is not measured any further: it will not be
/// taken, or only because somebody insists.
const HOPELESS: f64 = 4.0;

/// Why a network does not pass.
struct Failed {
    cause: Cause,
    reason: String,
}

/// Does what is asked for, and writes each line as soon as it is known. Blocks; whatever the library of the device does
/// to the process, it does here.
///
/// # Errors
/// When nobody reads.
pub fn run(request: &Request, out: &mut dyn Write) -> std::io::Result<()> {
    let mut say = |line: &Line| {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        out.write_all(&text)?;
        out.flush()
    };
    match begin(request) {
        Ok((environment, offered)) => {
            if let Some(offered) = offered {
                say(&Line::Devices(offered))?;
            }
            for network in &request.networks {
                say(&Line::Begins(network.name.clone()))?;
                let tried = Tried {
                    request,
                    network,
                    environment: &environment,
                };
                say(&match tried.network() {
                    Ok(trial) => Line::Runs(trial),
                    Err(Failed { cause, reason }) => Line::Fails {
                        network: network.name.clone(),
                        cause,
                        reason,
                    },
                })?;
            }
            say(&Line::Done)
        }
        Err(Failed { cause, reason }) => say(&Line::Impossible { cause, reason }),
    }
}

type Begun = (Arc<Environment>, Option<Vec<Offered>>);

/// Loads the runtime and what is beside it.
fn begin(request: &Request) -> Result<Begun, Failed> {
    let environment = environment(&request.runtime).map_err(|error| Failed {
        cause: Cause::LibraryRefused,
        reason: crate::report(&error),
    })?;
    let offered = match &request.place {
        Place::Processor => None,
        Place::BuiltIn(built_in) => {
            if !built_in.is_available() {
                return Err(Failed {
                    cause: Cause::NotInRuntime,
                    reason: format!("the installed ONNX Runtime has no {}", built_in.device),
                });
            }
            None
        }
        Place::PlugIn(plug_in) => Some(register(plug_in, &environment)?),
    };
    Ok((environment, offered))
}

/// Makes the library known, and asks for its devices.
fn register(plug_in: &PlugIn, environment: &Environment) -> Result<Vec<Offered>, Failed> {
    plug_in.register(environment).map_err(|error| Failed {
        cause: Cause::LibraryRefused,
        reason: format!("its library cannot be loaded: {}", first_line(&error)),
    })?;
    let devices = environment.devices().filter(|device| plug_in.is_ours(device));
    let offered = devices.map(|device| {
        let hardware = device.hardware_device();
        let kind = match hardware.ty() {
            DeviceType::GPU => "gpu",
            DeviceType::NPU => "npu",
            _ => "cpu",
        };
        Offered {
            kind: kind.to_owned(),
            vendor: hardware.vendor().unwrap_or_default().to_owned(),
            id: hardware.id(),
        }
    });
    Ok(offered.collect())
}

/// One network in its trial.
struct Tried<'a> {
    request: &'a Request,
    network: &'a TrialNetwork,
    environment: &'a Arc<Environment>,
}

/// The outputs of a run, by their names.
type Outputs = Vec<(String, Vec<f32>)>;

impl Tried<'_> {
    fn network(&self) -> Result<NetworkTrial, Failed> {
        let place = &self.request.place;
        let network = &self.network.name;
        if self.request.checks_processor {
            let mut session = self.session(&Place::Processor).map_err(|error| refused(&error))?;
            self.hold(&mut session)
                .map_err(|failed| failed.of_the_processor())?;
        }
        let profiled = tempfile::tempdir().map_err(not_tried)?;
        let mut session = self
            .profiled(place, &profiled.path().join("profile"))
            .map_err(|error| refused(&error))?;
        let difference = if *place == Place::Processor {
            self.write_references(&mut session)?;
            0.0
        } else {
            self.hold(&mut session)?
        };
        let nodes = session.end_profiling().map_err(|error| refused(&error))?;
        let nodes = std::fs::read_to_string(nodes).map_err(not_tried)?;
        let nodes = profile::nodes(&nodes).map_err(not_tried)?;
        drop(session);
        let provider = place.provider();
        if !nodes.iter().any(|(name, count)| name == provider && *count > 0) {
            return Err(Failed {
                cause: Cause::NotOnDevice,
                reason: format!("none of its nodes runs on {}: {}", place.device(), spell(&nodes)),
            });
        }
        // The processor is measured beside each device, and not for itself.
        let (on_processor, milliseconds) = match place {
            Place::Processor => (0.0, Vec::new()),
            _ => self.measure()?,
        };
        Ok(NetworkTrial {
            network: network.clone(),
            nodes,
            difference,
            milliseconds,
            on_processor,
        })
    }

    fn factory(&self, place: &Place) -> SessionFactory {
        SessionFactory {
            environment: Arc::clone(self.environment),
            place: place.clone(),
            threads: self.request.threads,
        }
    }

    fn session(&self, place: &Place) -> Result<Session, ort::Error> {
        self.factory(place)
            .build(&self.network.file, has_one_size(self.network.role))
    }

    fn profiled(&self, place: &Place, prefix: &Path) -> Result<Session, ort::Error> {
        self.factory(place)
            .build_with(&self.network.file, has_one_size(self.network.role), |builder| {
                Ok(builder.with_profiling(prefix)?)
            })
    }

    /// Where the processor's answers to a case are.
    fn reference(&self, case: usize, output: usize) -> PathBuf {
        let name = format!("{}-{case}-{output}.f32", self.network.name);
        self.request.references.join(name)
    }

    fn write_references(&self, session: &mut Session) -> Result<(), Failed> {
        let cases = inputs::cases(session, self.network).map_err(|error| refused(&error))?;
        for (case, inputs) in cases.iter().enumerate() {
            let outputs = answers(session, inputs).map_err(|error| refused(&error))?;
            for (output, (_, values)) in outputs.iter().enumerate() {
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                std::fs::write(self.reference(case, output), bytes).map_err(not_tried)?;
            }
        }
        Ok(())
    }

    /// Runs every case, and holds the answers against the processor's; the largest difference.
    fn hold(&self, session: &mut Session) -> Result<f32, Failed> {
        let cases = inputs::cases(session, self.network).map_err(|error| refused(&error))?;
        let mut largest = 0.0f32;
        for (case, inputs) in cases.iter().enumerate() {
            let outputs = answers(session, inputs).map_err(|error| refused(&error))?;
            for (output, (name, values)) in outputs.iter().enumerate() {
                largest = largest.max(self.apart(case, output, name, values)?);
            }
        }
        Ok(largest)
    }

    fn apart(&self, case: usize, output: usize, name: &str, values: &[f32]) -> Result<f32, Failed> {
        let bytes = std::fs::read(self.reference(case, output)).map_err(not_tried)?;
        let expected: Vec<f32> = bytes
            .as_chunks()
            .0
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes))
            .collect();
        Measure::of(self.network.role)
            .apart(name, &expected, values)
            .map_err(|reason| Failed {
                cause: Cause::Disagrees,
                reason,
            })
    }

    /// Milliseconds for an image on the processor, and on the device by how many an inference has: one, and several where the
    /// network takes them and the worker gives them. A processor gains too little by several to pay for the waiting
    /// (`models/README.md`).
    fn measure(&self) -> Result<(f64, Vec<(usize, f64)>), Failed> {
        let mut sessions = self.sessions(&Place::Processor)?;
        let first = &sessions[0];
        let takes_several = is_batched(self.network.role)
            && Signature::of(first.inputs(), first.outputs(), NO_BOUNDS).takes_any_number();
        let mut cases = inputs::cases(first, self.network).map_err(|error| refused(&error))?;
        let case = cases.swap_remove(0);
        let on_processor = milliseconds(&mut sessions, &case, 1).map_err(|error| refused(&error))?;
        let mut sessions = self.sessions(&self.request.place)?;
        let alone = milliseconds(&mut sessions, &case, 1).map_err(|error| refused(&error))?;
        let mut measured = vec![(1, alone)];
        if !takes_several || alone > on_processor * HOPELESS {
            return Ok((on_processor, measured));
        }
        for count in BATCHES {
            let several =
                inputs::repeated(&sessions[0], self.network, count).map_err(|error| refused(&error))?;
            // What is too much for the memory of a card ends it here: fewer are as many as it takes.
            let Ok(outputs) = answers(&mut sessions[0], &several) else {
                break;
            };
            for (output, (name, values)) in outputs.iter().enumerate() {
                for row in values.chunks((values.len() / count).max(1)) {
                    self.apart(0, output, name, row)?;
                }
            }
            match milliseconds(&mut sessions, &several, count) {
                Ok(time) => measured.push((count, time)),
                Err(_) => break,
            }
        }
        Ok((on_processor, measured))
    }

    /// As many sessions as there are callers.
    fn sessions(&self, place: &Place) -> Result<Vec<Session>, Failed> {
        (0..self.request.sessions.max(1))
            .map(|_| self.session(place))
            .collect::<Result<_, _>>()
            .map_err(|error| refused(&error))
    }
}

/// No guest gives anything here.
const NO_BOUNDS: Bounds = Bounds {
    values: 0,
    side: None,
};

/// Whether images that wait for a network of this role are run together.
fn is_batched(role: Role) -> bool {
    matches!(
        role,
        Role::FaceEmbedder
            | Role::Age
            | Role::Gender
            | Role::AgeGender
            | Role::LabelClassifier
            | Role::ImageEncoder
    )
}

/// All outputs of a run as numbers, by their names.
fn answers(session: &mut Session, inputs: &Inputs) -> Result<Outputs, ort::Error> {
    let outputs = session.run(given(inputs))?;
    let outputs = outputs.iter();
    outputs
        .map(|(name, value)| Ok((name.to_owned(), numbers(&value)?)))
        .collect()
}

fn given(inputs: &Inputs) -> Vec<(&str, SessionInputValue<'_>)> {
    let inputs = inputs.iter();
    inputs
        .map(|(name, value)| (name.as_str(), value.into()))
        .collect()
}

/// The values of a tensor. `as` is right: what networks count is small.
fn numbers(value: &DynValue) -> Result<Vec<f32>, ort::Error> {
    Ok(match value.dtype().tensor_type() {
        Some(TensorElementType::Float32) => value.try_extract_tensor::<f32>()?.1.to_vec(),
        Some(TensorElementType::Float16) => {
            let values = value.try_extract_tensor::<f16>()?.1;
            values.iter().map(|value| value.to_f32()).collect()
        }
        Some(TensorElementType::Int64) => {
            let values = value.try_extract_tensor::<i64>()?.1;
            values.iter().map(|value| *value as f32).collect()
        }
        _ => return Err(ort::Error::new(format!("an output is {}", value.dtype()))),
    })
}

/// Milliseconds for an image with as many callers as there are sessions: the median of several measurements.
fn milliseconds(sessions: &mut [Session], inputs: &Inputs, images: usize) -> Result<f64, ort::Error> {
    let once = |session: &mut Session| session.run(given(inputs)).map(drop);
    // The first runs compile and take memory.
    for session in sessions.iter_mut() {
        once(session)?;
    }
    let began = Instant::now();
    once(&mut sessions[0])?;
    let took = began.elapsed().max(Duration::from_micros(1));
    let runs = (MEASURED.div_duration_f64(took) as u32).clamp(1, MOST_RUNS);
    let mut times = [Duration::ZERO; MEASUREMENTS];
    for time in &mut times {
        let began = Instant::now();
        thread::scope(|scope| {
            let callers: Vec<_> = sessions
                .iter_mut()
                .map(|session| scope.spawn(move || (0..runs).try_for_each(|_| once(session))))
                .collect();
            callers.into_iter().try_for_each(|caller| {
                caller
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        })?;
        *time = began.elapsed();
    }
    times.sort_unstable();
    let images = f64::from(runs) * (sessions.len() * images) as f64;
    Ok(times[MEASUREMENTS / 2].as_secs_f64() * 1000.0 / images)
}

/// A network that cannot be loaded or run.
fn refused(error: &ort::Error) -> Failed {
    Failed {
        cause: Cause::NetworkRefused,
        reason: first_line(error),
    }
}

/// A trial that fails for another reason than the device.
fn not_tried(error: impl std::error::Error) -> Failed {
    Failed {
        cause: Cause::NotTried,
        reason: format!("the trial could not run: {error}"),
    }
}

impl Failed {
    /// The same, of this runtime's own processor.
    fn of_the_processor(self) -> Self {
        Self {
            cause: self.cause,
            reason: format!("on the processor of this ONNX Runtime: {}", self.reason),
        }
    }
}

/// Providers with how many nodes each ran.
fn spell(nodes: &[(String, usize)]) -> String {
    let nodes = nodes
        .iter()
        .map(|(provider, count)| format!("{provider} {count}"));
    nodes.collect::<Vec<_>>().join(", ")
}

/// What a library says in many lines.
fn first_line(error: &ort::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim().to_owned()
}
