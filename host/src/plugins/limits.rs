//! How much of memory and tables a call may have, all instances of its component together.

use wasmtime::ResourceLimiter;

use super::settings::PluginLimits;

/// Counts what one call's store grows to.
///
/// What a component may have does not depend on how many memories it is made of, so this counts their sum, which
/// wasmtime's own limits do not.
pub(super) struct CallLimits {
    memory_bytes: Sum,
    table_elements: Sum,
    instances: usize,
}

/// A sum that ends at its limit, and the setting that says where.
struct Sum {
    used: usize,
    limit: usize,
    what: &'static str,
    setting: &'static str,
}

impl CallLimits {
    pub(super) fn new(limits: &PluginLimits) -> Self {
        Self {
            memory_bytes: Sum {
                used: 0,
                limit: limits.memory_bytes,
                what: "bytes of memory",
                setting: "PLUGIN_MEMORY_BYTES",
            },
            table_elements: Sum {
                used: 0,
                limit: limits.table_elements,
                what: "elements in its tables",
                setting: "PLUGIN_TABLE_ELEMENTS",
            },
            instances: limits.instances,
        }
    }

    /// How many bytes of memory the call has come to.
    pub(super) fn memory_bytes(&self) -> usize {
        self.memory_bytes.used
    }
}

impl Sum {
    /// An error ends the call. Guests that were told instead mostly trap without a reason.
    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let Self {
            used,
            limit,
            what,
            setting,
        } = self;
        let wanted = used.saturating_add(desired.saturating_sub(current));
        if wanted > *limit {
            return Err(wasmtime::Error::msg(format!(
                "it wants {wanted} {what} and {setting} allows {limit}"
            )));
        }
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Err(wasmtime::Error::msg(format!(
                "it wants more {what} than it declares itself"
            )));
        }
        *used = wanted;
        Ok(true)
    }
}

impl ResourceLimiter for CallLimits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.memory_bytes.grow(current, desired, maximum)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(error)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.table_elements.grow(current, desired, maximum)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(error)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.instances
    }
}
