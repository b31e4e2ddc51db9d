//! Why a component does not fit its slot, in words for its author: what it exports and imports beside what the worker
//! speaks. Asked only about components that were refused, since reading one takes milliseconds.

use wit_component::DecodedWasm;
use wit_parser::{InterfaceId, PackageName, Resolve, WorldId, WorldItem, WorldKey};

use super::packages::spoken;
use super::packages::{EARLIER_WIT_VERSION, WIT_VERSION};
use super::slot::Slot;
use super::text::cleaned;
use super::types_in_words::difference;

/// The longest complaint, in characters: names come from the component.
const MAX_CHARS: usize = 1_000;

/// What an author is to do about the wrong version.
const REBUILD: &str =
    "`ai-worker plugin wit wit` writes today's package into the folder wit; build the plugin with it";

/// What stands between a valid component and its slot; none when its interfaces fit.
pub(super) fn complaint(slot: Slot, component: &[u8]) -> Option<String> {
    let Ok(DecodedWasm::Component(resolve, world)) = wit_component::decode(component) else {
        return None;
    };
    let found = Found { resolve, world };
    found
        .wrong_export(slot)
        .or_else(|| found.wrong_import())
        .map(|complaint| cleaned(&complaint, MAX_CHARS))
}

/// A component's outside.
struct Found {
    resolve: Resolve,
    world: WorldId,
}

/// An interface that a component imports or exports.
struct Named<'a> {
    package: &'a PackageName,
    /// Without package and version.
    interface: &'a str,
    id: InterfaceId,
}

impl Named<'_> {
    /// Namespace and name of its package.
    fn of(&self, namespace: &str, name: &str) -> bool {
        self.package.namespace == namespace && self.package.name == name
    }

    fn full_name(&self) -> String {
        self.package.interface_id(self.interface)
    }
}

impl Found {
    fn exports(&self) -> Vec<Named<'_>> {
        let exports = self.resolve.worlds[self.world].exports.iter();
        exports.filter_map(|(key, item)| self.named(key, item)).collect()
    }

    fn imports(&self) -> Vec<Named<'_>> {
        let imports = self.resolve.worlds[self.world].imports.iter();
        imports.filter_map(|(key, item)| self.named(key, item)).collect()
    }

    fn named(&self, key: &WorldKey, item: &WorldItem) -> Option<Named<'_>> {
        let (WorldKey::Interface(_), WorldItem::Interface { id, .. }) = (key, item) else {
            return None;
        };
        let interface = &self.resolve.interfaces[*id];
        Some(Named {
            package: &self.resolve.packages[interface.package?].name,
            interface: interface.name.as_deref()?,
            id: *id,
        })
    }

    fn wrong_export(&self, slot: Slot) -> Option<String> {
        let wanted = format!("ai-worker:plugin/{slot}");
        let exports = self.exports();
        let ours = |export: &&Named<'_>| export.of("ai-worker", "plugin");
        let Some(export) = exports
            .iter()
            .filter(ours)
            .find(|export| export.interface == slot.name())
        else {
            let other = exports.iter().filter(ours).find_map(|export| {
                let slot: Slot = export.interface.parse().ok()?;
                Some(format!("it is a plugin for the {slot} slot: put it there"))
            });
            let names: Vec<String> = exports.iter().map(Named::full_name).collect();
            let exports = if names.is_empty() {
                "no interface".to_owned()
            } else {
                names.join(", ")
            };
            return Some(format!(
                "it exports {exports} and not {wanted}@{WIT_VERSION}; {}",
                other.unwrap_or_else(|| format!("build it for the world `{slot}-plugin`"))
            ));
        };
        self.wrong_version(export, "exports")
            .or_else(|| self.misfit(export, true))
    }

    fn wrong_import(&self) -> Option<String> {
        self.imports().iter().find_map(|import| {
            if import.of("ai-worker", "plugin") {
                self.wrong_version(import, "imports")
                    .or_else(|| self.misfit(import, false))
            } else if import.of("wasi", "nn") {
                self.misfit(import, false)
            } else {
                refused_import(import)
            }
        })
    }

    /// A version of the package that no worker of this version speaks.
    fn wrong_version(&self, named: &Named<'_>, does: &str) -> Option<String> {
        let version = named.package.version.as_ref()?;
        // Within a major version the types decide.
        (version.major != 1).then(|| {
            format!(
                "it {does} {}; this worker speaks {WIT_VERSION} and {EARLIER_WIT_VERSION}: {REBUILD}",
                named.full_name()
            )
        })
    }

    /// How an interface of the component differs from the worker's.
    fn misfit(&self, named: &Named<'_>, exported: bool) -> Option<String> {
        let version = named.package.version.as_ref();
        let spoken = spoken(&version.map(ToString::to_string).unwrap_or_default())?;
        let (id, _) = spoken.interfaces.iter().find(|(_, interface)| {
            let package = interface.package.map(|package| &spoken.packages[package].name);
            interface.name.as_deref() == Some(named.interface)
                && package.is_some_and(|package| named.of(&package.namespace, &package.name))
        })?;
        let difference = difference((&self.resolve, named.id), (&spoken, id), exported)?;
        Some(format!(
            "it was built for another edition of {}: {difference}; {REBUILD}",
            named.full_name()
        ))
    }
}

/// An import of a package that is not the worker's own.
fn refused_import(import: &Named<'_>) -> Option<String> {
    /// What is linked of WASI, so that guests find it; none of it leads anywhere.
    const LINKED: [&str; 6] = ["cli", "clocks", "filesystem", "io", "random", "sockets"];
    let name = import.full_name();
    if import.package.namespace != "wasi" {
        return Some(format!(
            "it imports {name}, which no worker has: a plugin may import ai-worker:plugin/log, ai-worker:plugin/photo, \
             wasi:nn and WASI 0.2; leave it out of the plugin's world"
        ));
    }
    if import.package.name == "http" {
        return Some(format!(
            "it imports {name}, which no slot may have: plugins have no network. componentize-js and jco bring it unless \
             told otherwise: `jco componentize --disable http fetch-event`, or `disableFeatures: [\"http\", \
             \"fetch-event\"]` for its function componentize()"
        ));
    }
    let is_linked = LINKED.contains(&import.package.name.as_str());
    let of_0_2 = import
        .package
        .version
        .as_ref()
        .is_some_and(|version| (version.major, version.minor) == (0, 2));
    (!is_linked || !of_0_2).then(|| {
        format!(
            "it imports {name}, which no slot may have: of WASI there are {} of version 0.2, and they lead nowhere; build \
             it for WASI 0.2 and without what needs that import",
            LINKED.join(", ")
        )
    })
}
