//! In how many bits networks compute.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::manifest::{Conversion, Role};

/// In how many bits a network computes.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
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
}
