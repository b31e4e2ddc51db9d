//! The default context-mapper plugin.
