//! What is known of a person besides whose faces they are: whether somebody hid them, and whether it is open who they are.

/// How the reason of a policy begins that lets a face found a person only for now.
const PROVISIONAL: &str = "Provisional";

/// Whether a policy's reason says that the person whom a face founds is not certain.
pub(crate) fn is_provisional(reason: &str) -> bool {
    reason.starts_with(PROVISIONAL)
}

/// What is known of a person besides the faces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterFlags {
    /// Somebody put the person out of the way.
    pub hidden: bool,
    /// A face founded the person by a decision whose reason begins with `Provisional`, and no other face joined and nobody
    /// corrected it since.
    pub provisional: bool,
}

/// Which people are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterFilter {
    /// Only those that are hidden, or only those that are not; none: both.
    pub hidden: Option<bool>,
    /// Only those that are provisional, or only those that are not; none: both.
    pub provisional: Option<bool>,
}

impl ClusterFilter {
    /// Everybody.
    pub const ALL: Self = Self {
        hidden: None,
        provisional: None,
    };

    /// The flags of those that are listed, each combination once; none when all of them are.
    pub(crate) fn combinations(self) -> Option<Vec<ClusterFlags>> {
        if self == Self::ALL {
            return None;
        }
        let both = [false, true];
        let hidden = both
            .into_iter()
            .filter(|flag| self.hidden.is_none_or(|wanted| wanted == *flag));
        let combinations = hidden.flat_map(|hidden| {
            let provisional = both
                .into_iter()
                .filter(move |flag| self.provisional.is_none_or(|wanted| wanted == *flag));
            provisional.map(move |provisional| ClusterFlags { hidden, provisional })
        });
        Some(combinations.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_each_combination_of_flags_once() {
        let flags = |hidden, provisional| ClusterFlags { hidden, provisional };
        let filter = |hidden, provisional| ClusterFilter { hidden, provisional }.combinations();
        assert_eq!(filter(None, None), None);
        assert_eq!(
            filter(Some(false), None),
            Some(vec![flags(false, false), flags(false, true)])
        );
        assert_eq!(
            filter(None, Some(true)),
            Some(vec![flags(false, true), flags(true, true)])
        );
        assert_eq!(filter(Some(true), Some(false)), Some(vec![flags(true, false)]));
    }
}
