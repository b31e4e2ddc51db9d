//! What this machine has: processor, graphics cards and neural processing units, as far as files of the system tell. No
//! driver is called for it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// What a machine has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The processor.
    pub processor: Processor,
    /// Graphics cards, including those that are part of the processor.
    pub cards: Vec<Accelerator>,
    /// Neural processing units.
    pub npus: Vec<Accelerator>,
}

/// A processor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Processor {
    /// Its name, as the system gives it.
    pub name: String,
    /// Cores that this process may use.
    pub cores: usize,
}

/// A graphics card or a neural processing unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accelerator {
    /// Its name, as its driver or its maker gives it.
    pub name: String,
    /// Its PCI vendor and device id, as `8086:46a6`; null if the system gives none.
    pub id: Option<String>,
    /// Its driver, with the version if it is known; null if no driver is bound to it.
    pub driver: Option<String>,
    /// Why this process may not use it; null if no obstacle is known.
    pub problem: Option<String>,
}

/// Where files of the system begin: `/`, or a folder in a test.
#[derive(Clone, Debug)]
pub(super) struct SystemRoot(pub(super) PathBuf);

impl Machine {
    /// This machine.
    #[must_use]
    pub fn look() -> Self {
        let root = if cfg!(target_os = "linux") {
            Some(SystemRoot(PathBuf::from("/")))
        } else {
            // Other systems tell nothing by files.
            None
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        root.map_or_else(|| Self::by_platform(cores), |root| Self::by_files(&root, cores))
    }

    /// As far as the platform itself tells.
    fn by_platform(cores: usize) -> Self {
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        let apple = os == "macos" && arch == "aarch64";
        let told = std::env::var("PROCESSOR_IDENTIFIER").ok();
        let name = match told {
            Some(name) if os == "windows" => name,
            _ if apple => "Apple silicon".to_owned(),
            _ => format!("{arch} processor"),
        };
        let built_in = || Accelerator {
            name: "Apple silicon".to_owned(),
            id: None,
            driver: None,
            problem: None,
        };
        Self {
            processor: Processor { name, cores },
            cards: apple.then(built_in).into_iter().collect(),
            npus: apple.then(built_in).into_iter().collect(),
        }
    }

    /// As Linux tells by its files.
    pub(super) fn by_files(root: &SystemRoot, cores: usize) -> Self {
        let nvidia = Nvidia::look(root);
        let mut cards = root.accelerators("sys/class/drm", "card", &nvidia);
        // In a container there may be NVIDIA's own files alone.
        if !cards.iter().any(Accelerator::is_nvidia) {
            cards.extend(nvidia.names.iter().map(|name| Accelerator {
                name: name.clone(),
                id: None,
                driver: nvidia.driver(),
                problem: None,
            }));
        }
        Self {
            processor: Processor {
                name: root.processor(),
                cores,
            },
            cards,
            npus: root.accelerators("sys/class/accel", "accel", &nvidia),
        }
    }

    /// What drives it all, in one line: when it changes, what was measured is measured anew.
    pub(super) fn drivers(&self) -> String {
        let told = self.cards.iter().chain(&self.npus).map(|one| {
            let (id, driver) = (one.id.as_deref(), one.driver.as_deref());
            format!("{} {} {}", one.name, id.unwrap_or("-"), driver.unwrap_or("-"))
        });
        told.collect::<Vec<_>>().join("; ")
    }
}

impl Accelerator {
    pub(super) fn is_nvidia(&self) -> bool {
        let is_theirs = |id: &str| id.starts_with("10de:");
        self.id.as_deref().is_some_and(is_theirs) || self.name.starts_with("NVIDIA")
    }
}

/// What NVIDIA's driver tells.
#[derive(Default)]
struct Nvidia {
    version: Option<String>,
    names: Vec<String>,
}

impl Nvidia {
    fn look(root: &SystemRoot) -> Self {
        let version = root.text("proc/driver/nvidia/version");
        // NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul 27 07:00:00 UTC 2025
        let version = version.as_deref().and_then(|text| {
            let line = text.lines().next()?;
            let mut words = line.split_whitespace();
            words.find(|word| word.contains('.') && word.starts_with(|first: char| first.is_ascii_digit()))
        });
        let gpus = root.folder("proc/driver/nvidia/gpus");
        let names = gpus.iter().filter_map(|name| {
            let told = root.text(&format!("proc/driver/nvidia/gpus/{name}/information"))?;
            let model = told.lines().find_map(|line| line.strip_prefix("Model:"))?;
            Some(model.trim().to_owned())
        });
        Self {
            version: version.map(str::to_owned),
            names: names.collect(),
        }
    }

    fn driver(&self) -> Option<String> {
        self.version.as_ref().map(|version| format!("nvidia {version}"))
    }
}

impl SystemRoot {
    fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.0.join(path)).ok()
    }

    /// The names in a folder, in order; none where there is no such folder.
    fn folder(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(path)).into_iter().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    fn processor(&self) -> String {
        let told = self.text("proc/cpuinfo").unwrap_or_default();
        let name = told.lines().find_map(|line| {
            let (key, name) = line.split_once(':')?;
            (key.trim() == "model name").then(|| name.trim().to_owned())
        });
        name.unwrap_or_else(|| format!("{} processor", std::env::consts::ARCH))
    }

    /// What a class of devices has, each in a folder whose name is `prefix` and a number.
    fn accelerators(&self, class: &str, prefix: &str, nvidia: &Nvidia) -> Vec<Accelerator> {
        let is_one = |name: &String| {
            let number = name.strip_prefix(prefix);
            number
                .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let names = self.folder(class).into_iter().filter(is_one);
        let mut of_nvidia = nvidia.names.iter();
        names
            .map(|name| {
                let place = format!("{class}/{name}/device");
                let number = |file: &str| {
                    let text = self.text(&format!("{place}/{file}"))?;
                    Some(text.trim().trim_start_matches("0x").to_lowercase())
                };
                let (vendor, model) = (number("vendor"), number("device"));
                let uevent = self.text(&format!("{place}/uevent")).unwrap_or_default();
                let driver = uevent.lines().find_map(|line| line.strip_prefix("DRIVER="));
                let maker = vendor.as_deref().map(maker);
                let called = match (&vendor, of_nvidia.as_slice()) {
                    (Some(vendor), [_, ..]) if vendor == "10de" => of_nvidia.next().cloned(),
                    _ => None,
                };
                let what = if class.ends_with("accel") {
                    "NPU"
                } else {
                    "graphics"
                };
                Accelerator {
                    name: called.unwrap_or_else(|| match (maker, driver) {
                        (Some(maker), _) if !maker.is_empty() => format!("{maker} {what}"),
                        (_, Some(driver)) => format!("{driver} {what}"),
                        _ => what.to_owned(),
                    }),
                    id: vendor
                        .zip(model)
                        .map(|(vendor, model)| format!("{vendor}:{model}")),
                    driver: match driver {
                        Some("nvidia") => nvidia.driver().or_else(|| Some("nvidia".to_owned())),
                        Some(driver) => Some(self.with_version(driver)),
                        None => None,
                    },
                    problem: self.problem(&place),
                }
            })
            .collect()
    }

    /// A kernel driver with its version: its own where it tells one, else that of the kernel it came with.
    fn with_version(&self, driver: &str) -> String {
        let own = self.text(&format!("sys/module/{driver}/version"));
        let version = own.or_else(|| self.text("proc/sys/kernel/osrelease"));
        version.map_or_else(
            || driver.to_owned(),
            |version| format!("{driver} {}", version.trim()),
        )
    }

    /// Whether a card's file in /dev is there and may be opened.
    fn problem(&self, place: &str) -> Option<String> {
        let names = self
            .folder(&format!("{place}/drm"))
            .into_iter()
            .map(|name| format!("dev/dri/{name}"))
            .filter(|path| path.contains("renderD"))
            .chain(
                self.folder(&format!("{place}/accel"))
                    .into_iter()
                    .map(|name| format!("dev/accel/{name}")),
            );
        let mut files = names.map(|name| self.0.join(name));
        files.find_map(|file| may_use(&file).err())
    }
}

/// Whether this process may read and write a device's file.
fn may_use(file: &Path) -> Result<(), String> {
    let opened = fs::OpenOptions::new().read(true).write(true).open(file);
    opened.map(drop).map_err(|error| obstacle(file, &error))
}

/// What keeps this process from a device's file, and what helps.
fn obstacle(file: &Path, error: &std::io::Error) -> String {
    let file = file.display();
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            format!(
                "this user may not open {file}; add the user to the group that owns the file (often `render`)"
            )
        }
        std::io::ErrorKind::NotFound => {
            format!("{file} does not exist here; pass it into the container (--device)")
        }
        _ => format!("{file} cannot be opened: {error}"),
    }
}

/// A maker by its number on the bus, as the PCI-SIG has assigned them; empty for others.
pub(super) fn maker(number: &str) -> &'static str {
    match number {
        "8086" => "Intel",
        "10de" => "NVIDIA",
        "1002" | "1022" => "AMD",
        "106b" => "Apple",
        "1af4" => "virtio",
        _ => "",
    }
}

/// The Vulkan drivers that a loader would find, each with the state of its file and of its library: software that stands
/// in for a card is one, too.
pub(super) fn vulkan_drivers() -> String {
    let named = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].map(std::env::var_os);
    let named = named.iter().flatten().flat_map(std::env::split_paths);
    let folders = [
        "/etc/vulkan/icd.d",
        "/usr/local/share/vulkan/icd.d",
        "/usr/share/vulkan/icd.d",
    ];
    let found = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).into_iter().flatten());
    let found = found.filter_map(|entry| Some(entry.ok()?.path()));
    let mut drivers: Vec<String> = named.chain(found).map(|file| vulkan_driver(&file)).collect();
    drivers.sort();
    drivers.concat()
}

fn vulkan_driver(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let told: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let library = told["ICD"]["library_path"].as_str().unwrap_or_default();
    // Beside the file, where it is not a whole path. One that the loader looks for by its name is not looked at.
    let place = file.parent().unwrap_or(Path::new("/")).join(library);
    let state = fs::metadata(place).ok();
    let bytes = state.as_ref().map_or(0, fs::Metadata::len);
    let modified = state.and_then(|state| state.modified().ok());
    format!("; vulkan {} {text:?} {bytes} {modified:?}", file.display())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    /// A machine's files, each with what is in it.
    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Machine) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let machine = Machine::by_files(&SystemRoot(root.path().to_owned()), 4);
        (root, machine)
    }

    #[test]
    fn a_small_intel_computer_has_graphics_and_an_npu() {
        let (_root, machine) = machine(&[
            (
                "proc/cpuinfo",
                "processor\t: 0\nmodel name\t: Intel(R) Core(TM) Ultra 5 125H\nmodel name\t: other\n",
            ),
            ("proc/sys/kernel/osrelease", "6.12.9\n"),
            ("sys/class/drm/card1/device/vendor", "0x8086\n"),
            ("sys/class/drm/card1/device/device", "0x7D55\n"),
            (
                "sys/class/drm/card1/device/uevent",
                "DRIVER=i915\nPCI_CLASS=30000\n",
            ),
            ("sys/class/drm/card1/device/drm/renderD128/dev", "226:128\n"),
            ("sys/class/drm/card1-HDMI-A-1/status", "connected\n"),
            ("sys/class/drm/version", "drm 1.1.0\n"),
            ("dev/dri/renderD128", ""),
            ("sys/class/accel/accel0/device/vendor", "0x8086\n"),
            ("sys/class/accel/accel0/device/device", "0x7d1d\n"),
            ("sys/class/accel/accel0/device/uevent", "DRIVER=intel_vpu\n"),
            ("sys/class/accel/accel0/device/accel/accel0/dev", "261:0\n"),
        ]);
        assert_eq!(machine.processor.name, "Intel(R) Core(TM) Ultra 5 125H");
        let [card] = &machine.cards[..] else {
            panic!("{machine:?}")
        };
        assert_eq!(card.name, "Intel graphics");
        assert_eq!(card.id.as_deref(), Some("8086:7d55"));
        assert_eq!(card.driver.as_deref(), Some("i915 6.12.9"));
        assert_eq!(card.problem, None);
        let [npu] = &machine.npus[..] else {
            panic!("{machine:?}")
        };
        assert_eq!(npu.name, "Intel NPU");
        // Its file in /dev was not passed into this container.
        assert!(
            npu.problem
                .as_ref()
                .unwrap()
                .contains("accel0 does not exist here")
        );
        assert_eq!(
            machine.drivers(),
            "Intel graphics 8086:7d55 i915 6.12.9; Intel NPU 8086:7d1d intel_vpu 6.12.9"
        );
    }

    #[test]
    fn nvidias_card_is_named_by_its_driver_with_and_without_the_class() {
        let driver = [
            (
                "proc/driver/nvidia/version",
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul 27\nGCC version: 12\n",
            ),
            (
                "proc/driver/nvidia/gpus/0000:01:00.0/information",
                "Model: \t\t NVIDIA GeForce RTX 5060\nIRQ: 100\n",
            ),
        ];
        let (_root, alone) = machine(&driver);
        let with_class = [
            ("sys/class/drm/card0/device/vendor", "0x10de\n"),
            ("sys/class/drm/card0/device/device", "0x2d04\n"),
            ("sys/class/drm/card0/device/uevent", "DRIVER=nvidia\n"),
        ];
        let (_root, whole) = machine(&[&driver[..], &with_class].concat());
        for machine in [&alone, &whole] {
            let [card] = &machine.cards[..] else {
                panic!("{machine:?}")
            };
            assert_eq!(card.name, "NVIDIA GeForce RTX 5060");
            assert_eq!(card.driver.as_deref(), Some("nvidia 580.65.06"));
        }
        assert_eq!(whole.cards[0].id.as_deref(), Some("10de:2d04"));
    }

    #[test]
    fn a_machine_that_tells_nothing_has_a_processor() {
        let (_root, machine) = machine(&[]);
        assert!(machine.processor.name.ends_with("processor"));
        assert!(machine.cards.is_empty() && machine.npus.is_empty());
        assert!(Machine::look().processor.cores > 0);
    }

    #[test]
    fn a_card_that_may_not_be_opened_is_told_with_what_helps() {
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let told = obstacle(Path::new("/dev/dri/renderD128"), &denied);
        assert!(
            told.contains("/dev/dri/renderD128") && told.contains("render`"),
            "{told}"
        );
    }
}
