//! In how many bits networks compute.

use std::str::FromStr;

use serde::Deserialize;

use super::manifest::{Conversion, Manifest, ManifestError, Role, Set};

/// The number format in which a network computes.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floating point, as published.
    #[default]
    Fp32,
    /// 8-bit integers, where the manifest has such a graph.
    Int8,
}

impl FromStr for Precision {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "fp32" => Ok(Self::Fp32),
            "int8" => Ok(Self::Int8),
            _ => Err("choose fp32 or int8, for all roles or as role=int8"),
        }
    }
}

/// A network's graph in 8-bit integers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Int8 {
    /// The name of its ONNX file in the models directory.
    pub file: String,
    /// What it gains and what it costs, for those who choose.
    pub measured: String,
    /// How it is made of the model's own file.
    pub convert: Conversion,
}

/// The precision of every role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precisions {
    default: Precision,
    roles: Vec<(Role, Precision)>,
}

impl Precisions {
    /// That of one role.
    #[must_use]
    pub fn of(&self, role: Role) -> Precision {
        let chosen = self.roles.iter().find(|(chosen, _)| *chosen == role);
        chosen.map_or(self.default, |(_, precision)| *precision)
    }

    /// Whether a set has a graph in 8 bits for every role that is named with it. `int8` for all roles means those that
    /// have one.
    ///
    /// # Errors
    /// When it does not.
    pub fn check(&self, manifest: &Manifest, set: &Set) -> Result<(), ManifestError> {
        let mut known = Vec::new();
        for name in &set.models {
            let model = manifest.model(name)?;
            known.extend(model.int8.as_ref().map(|_| model.role));
        }
        let mut named = self
            .roles
            .iter()
            .filter(|(_, precision)| *precision == Precision::Int8);
        named
            .find(|(role, _)| !known.contains(role))
            .map_or(Ok(()), |(role, _)| {
                let names: Vec<&str> = known.iter().map(|role| role.name()).collect();
                Err(ManifestError::NoInt8 {
                    role: *role,
                    set: set.name.clone(),
                    known: if names.is_empty() {
                        "no role".to_owned()
                    } else {
                        names.join(", ")
                    },
                })
            })
    }
}

impl Manifest {
    /// The same, with every graph as it was published.
    #[must_use]
    pub fn as_published(mut self) -> Self {
        for model in &mut self.models {
            model.rewritten = None;
        }
        self
    }

    /// The same, with the graphs of these precisions; a network that has no graph in 8 bits keeps its own.
    #[must_use]
    pub fn with_precision(mut self, precisions: &Precisions) -> Self {
        for model in &mut self.models {
            model.precision = match model.int8 {
                Some(_) => precisions.of(model.role),
                None => Precision::Fp32,
            };
        }
        self
    }
}

impl FromStr for Precisions {
    type Err = String;

    /// A precision for every role, or some as `role=precision`, or both, separated by commas.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut precisions = Self::default();
        for part in text.split(',').map(str::trim) {
            match part.split_once('=') {
                None => precisions.default = part.parse()?,
                Some((role, precision)) => {
                    let role: Role = role.trim().parse::<Role>().map_err(|error| format!("{error}"))?;
                    precisions.roles.push((role, precision.trim().parse()?));
                }
            }
        }
        Ok(precisions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_roles_differ_from_the_rest() -> Result<(), String> {
        let precisions: Precisions = "int8, age=fp32".parse()?;
        assert_eq!(precisions.of(Role::FaceDetector), Precision::Int8);
        assert_eq!(precisions.of(Role::Age), Precision::Fp32);
        let precisions: Precisions = "label-classifier=int8".parse()?;
        assert_eq!(precisions.of(Role::FaceDetector), Precision::Fp32);
        assert_eq!(precisions.of(Role::LabelClassifier), Precision::Int8);
        for wrong in ["int4", "painter=int8", "age=", ""] {
            assert!(wrong.parse::<Precisions>().is_err(), "{wrong:?}");
        }
        Ok(())
    }

    #[test]
    fn what_is_asked_for_by_name_must_be_there() -> Result<(), Box<dyn std::error::Error>> {
        let manifest = Manifest::built_in()?;
        let check = |precisions: &str, set| -> Result<(), Box<dyn std::error::Error>> {
            Ok(precisions
                .parse::<Precisions>()?
                .check(&manifest, manifest.set(set)?)?)
        };
        for right in [
            "int8",
            "fp32,age=int8",
            "label-classifier=int8,face-embedder=fp32",
        ] {
            check(right, "open")?;
        }
        check("face-detector=int8", "research")?;
        // That of `open` is another network.
        let error = check("int8,face-detector=int8", "open")
            .err()
            .map(|error| error.to_string());
        assert_eq!(
            error.as_deref(),
            Some(
                "PRECISION asks for face-detector=int8, which model set \"open\" does not have; \
                 remove it: int8 is available for age, label-classifier"
            )
        );
        assert!(check("caption-encoder=int8", "open").is_err());
        Ok(())
    }
}
