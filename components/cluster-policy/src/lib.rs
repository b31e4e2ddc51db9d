//! The default cluster-policy plugin.
