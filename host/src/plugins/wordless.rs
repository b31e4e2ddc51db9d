//! Errors as whoever looks after the worker may have them: what a guest said, it may have taken from a photo.

use super::error::PluginError;
use super::slot::Slot;

impl PluginError {
    /// The slot of the plugin that failed in a call; none where it was none.
    #[must_use]
    pub fn slot(&self) -> Option<Slot> {
        match self {
            Self::Trapped { slot, .. }
            | Self::AddressSpace { slot, .. }
            | Self::TimedOut { slot, .. }
            | Self::NoAnswer { slot, .. }
            | Self::Declined { slot, .. }
            | Self::InvalidAnswer { slot, .. } => Some(*slot),
            _ => None,
        }
    }

    /// What happened in a call, without any word of the guest's.
    #[must_use]
    pub fn without_words(&self) -> String {
        match self {
            Self::Trapped { slot, function, .. } => format!("the {slot} plugin failed in `{function}`"),
            Self::Declined { slot, .. } => format!("the {slot} plugin declined to answer"),
            Self::InvalidAnswer { slot, function, .. } => {
                format!("the {slot} plugin gave an invalid answer in `{function}`")
            }
            Self::AddressSpace { .. } | Self::TimedOut { .. } | Self::NoAnswer { .. } => self.to_string(),
            _ => "a plugin failed; the log has the cause".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_guest_said_is_told() {
        let (slot, function) = (Slot::Tagger, "tag");
        let secret = || "ANNA".to_owned();
        let errors = [
            PluginError::Trapped {
                slot,
                function,
                reason: secret(),
                output: secret(),
            },
            PluginError::Declined {
                slot,
                reason: secret(),
                output: secret(),
            },
            PluginError::InvalidAnswer {
                slot,
                function,
                reason: secret(),
                output: secret(),
            },
            PluginError::TimedOut {
                slot,
                function,
                output: secret(),
                limit: std::time::Duration::from_secs(1),
            },
            PluginError::NoPlugin(secret()),
        ];
        for error in errors {
            let told = error.without_words();
            assert!(!told.contains("ANNA") && !told.is_empty(), "{told}");
        }
    }
}
