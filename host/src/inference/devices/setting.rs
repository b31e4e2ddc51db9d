//! `DEVICE`: where the operator wants networks to run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::models::manifest::Role;

/// A kind of device that networks can run on.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// NVIDIA's graphics cards, through CUDA.
    Cuda,
    /// Apple's graphics and neural engines, through CoreML.
    CoreMl,
    /// The processor, by ONNX Runtime itself.
    Cpu,
    /// Graphics cards of any maker, through WebGPU on Vulkan, Direct3D 12 or Metal.
    WebGpu,
    /// Intel's processors, graphics and neural processing units, through OpenVINO.
    OpenVino,
    /// NVIDIA's RTX graphics cards, through TensorRT for RTX.
    #[serde(rename = "tensorrt-rtx")]
    TensorRtRtx,
    /// Apple's graphics, through MLX.
    Mlx,
}

impl Device {
    /// All but the processor, in the order in which they are looked at.
    pub const ACCELERATORS: [Self; 6] = [
        Self::Cuda,
        Self::TensorRtRtx,
        Self::CoreMl,
        Self::Mlx,
        Self::OpenVino,
        Self::WebGpu,
    ];

    /// Its name in `DEVICE`, in `models pull --device` and in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::CoreMl => "coreml",
            Self::Cpu => "cpu",
            Self::WebGpu => "webgpu",
            Self::OpenVino => "openvino",
            Self::TensorRtRtx => "tensorrt-rtx",
            Self::Mlx => "mlx",
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Device {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ACCELERATORS.into_iter().chain([Self::Cpu]);
        all.find(|device| device.name() == text).ok_or(())
    }
}

/// What the operator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevicePreference {
    /// The fastest that was measured here.
    Auto,
    /// This one or none.
    Only(Device, CardIndex),
}

/// Which of several devices of one kind is meant, from 0; none for the best of them.
pub type CardIndex = Option<usize>;

/// What a preference may be, for those who wrote something else.
const PREFERENCES: &str = "choose auto, cpu, cuda, webgpu, openvino, tensorrt-rtx, mlx or coreml, with an index where there are \
                           several cards (webgpu:1)";

impl FromStr for DevicePreference {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let (name, index) = match text.split_once(':') {
            Some((name, index)) => (name, Some(index.parse().map_err(|_| PREFERENCES)?)),
            None => (text, None),
        };
        match name.parse().map_err(|()| PREFERENCES)? {
            Device::Cpu if index.is_some() => Err("the processor (cpu) takes no index"),
            device => Ok(Self::Only(device, index)),
        }
    }
}

impl fmt::Display for DevicePreference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Only(device, None) => write!(formatter, "{device}"),
            Self::Only(device, Some(index)) => write!(formatter, "{device}:{index}"),
        }
    }
}

/// `DEVICE`: a preference for all roles, and others for some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSetting {
    everywhere: DevicePreference,
    roles: Vec<(Role, DevicePreference)>,
}

/// The two networks that write captions, which `captioner` means together.
const CAPTIONER: [Role; 2] = [Role::CaptionEncoder, Role::CaptionDecoder];

impl DeviceSetting {
    /// The same preference for every role.
    #[must_use]
    pub fn everywhere(preference: DevicePreference) -> Self {
        Self {
            everywhere: preference,
            roles: Vec::new(),
        }
    }

    /// The preference for the roles that are not named.
    #[must_use]
    pub fn default(&self) -> DevicePreference {
        self.everywhere
    }

    /// The preference for a role.
    #[must_use]
    pub fn of(&self, role: Role) -> DevicePreference {
        let named = self.roles.iter().find(|(named, _)| *named == role);
        named.map_or(self.everywhere, |(_, preference)| *preference)
    }

    /// Whether this device is asked for, or the fastest.
    #[must_use]
    pub fn may_use(&self, device: Device) -> bool {
        let preferences = self.roles.iter().map(|(_, preference)| preference);
        preferences
            .chain([&self.everywhere])
            .any(|preference| match preference {
                DevicePreference::Auto => true,
                DevicePreference::Only(only, _) => *only == device,
            })
    }

    /// Whether nothing but the processor is asked for.
    #[must_use]
    pub fn is_processor_only(&self) -> bool {
        Device::ACCELERATORS.iter().all(|device| !self.may_use(*device))
    }
}

impl FromStr for DeviceSetting {
    type Err = String;

    /// A preference for all roles, or some as `role=preference`, or both, separated by commas; `captioner` means both
    /// networks that write captions.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut setting = Self::everywhere(DevicePreference::Auto);
        let mut is_said = false;
        for part in text.split(',').map(str::trim) {
            let Some((roles, preference)) = part.split_once('=') else {
                if std::mem::replace(&mut is_said, true) {
                    return Err(format!(
                        "{part:?} is a second device for all roles; write role={part} to use it for one role"
                    ));
                }
                setting.everywhere = part.parse()?;
                continue;
            };
            let preference = preference.trim().parse()?;
            let roles = match roles.trim() {
                "captioner" => CAPTIONER.to_vec(),
                role => vec![role.parse::<Role>().map_err(|error| error.to_string())?],
            };
            for role in roles {
                if setting.roles.iter().any(|(named, _)| *named == role) {
                    return Err(format!("{} is listed twice; list it once", role.name()));
                }
                setting.roles.push((role, preference));
            }
        }
        Ok(setting)
    }
}

impl fmt::Display for DeviceSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.everywhere)?;
        self.roles
            .iter()
            .try_for_each(|(role, preference)| write!(formatter, ",{}={preference}", role.name()))
    }
}

/// What happens when a device fails that was taken: `DEVICE_FALLBACK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// The photo fails.
    Off,
    /// The network goes on on the processor.
    Cpu,
}

impl FromStr for Fallback {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "cpu" => Ok(Self::Cpu),
            _ => Err("choose off or cpu"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    #[test]
    fn a_device_is_named_for_all_roles_and_for_some() {
        let setting: DeviceSetting = "auto, captioner=cpu,face-embedder=webgpu:1".parse().unwrap();
        assert_eq!(setting.of(Role::FaceDetector), DevicePreference::Auto);
        let cpu = DevicePreference::Only(Device::Cpu, None);
        assert_eq!(setting.of(Role::CaptionEncoder), cpu);
        assert_eq!(setting.of(Role::CaptionDecoder), cpu);
        let second = DevicePreference::Only(Device::WebGpu, Some(1));
        assert_eq!(setting.of(Role::FaceEmbedder), second);
        assert_eq!(
            setting.to_string(),
            "auto,caption-encoder=cpu,caption-decoder=cpu,face-embedder=webgpu:1"
        );
        assert_eq!(setting.to_string().parse(), Ok(setting));
        let only_a_role: DeviceSetting = "captioner=cpu".parse().unwrap();
        assert_eq!(only_a_role.default(), DevicePreference::Auto);
    }

    #[test]
    fn what_is_no_device_is_refused_with_what_there_is() {
        for (wrong, expected) in [
            ("abacus", "tensorrt-rtx"),
            ("webgpu:first", "webgpu:1"),
            ("cpu:0", "no index"),
            ("cpu,cuda", "second device"),
            ("portraitist=cpu", "portraitist"),
            ("captioner=cpu,caption-encoder=cuda", "listed twice"),
            ("", "choose auto"),
        ] {
            let error = wrong.parse::<DeviceSetting>().unwrap_err();
            assert!(error.contains(expected), "{wrong:?}: {error}");
        }
    }

    #[test]
    fn every_device_has_one_name() {
        for device in Device::ACCELERATORS.into_iter().chain([Device::Cpu]) {
            assert_eq!(device.name().parse(), Ok(device));
            assert_eq!(serde_json::to_value(device).unwrap(), device.name());
        }
    }
}
