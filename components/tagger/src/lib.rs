//! The default tagger plugin.
