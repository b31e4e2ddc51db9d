//! The plugins, and how they have been doing.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::each;
use crate::domain::slots;
use crate::{domain, plugins, store};

/// What identifies a loaded plugin.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct PluginIdentity {
    /// The name it gives itself.
    name: String,
    /// The version it gives itself.
    version: String,
    /// SHA-256 of the component file, in hexadecimal.
    digest: String,
    /// `built-in`, or the file it was loaded from.
    origin: String,
}

impl From<plugins::PluginIdentity> for PluginIdentity {
    fn from(identity: plugins::PluginIdentity) -> Self {
        Self {
            name: identity.name,
            version: identity.version,
            digest: identity.digest,
            origin: identity.origin,
        }
    }
}

macro_rules! declare {
    ($($(#[$about:meta])* $slot:ident $name:tt $field:ident $place:tt;)+) => {
        sent! {
            /// What a plugin can decide.
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
            #[serde(rename_all = "kebab-case")]
            domain::Slot as Slot {
                $($(#[$about])* $slot,)+
            }
        }

        /// The plugins in the slots, for `/health` and for answers.
        #[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub(crate) struct PluginIdentities {
            $(#[doc = $place] $field: PluginIdentity,)+
        }

        impl From<plugins::PluginIdentities> for PluginIdentities {
            fn from(identities: plugins::PluginIdentities) -> Self {
                let [$($field),+] = identities.map(PluginIdentity::from).into_values();
                Self { $($field),+ }
            }
        }

        /// The plugins that made an answer, each by the SHA-256 of its component file in hexadecimal.
        #[derive(Debug, Serialize, ToSchema)]
        pub(crate) struct PluginDigests {
            $(#[doc = $place] $field: String,)+
        }

        impl From<store::PluginDigests> for PluginDigests {
            fn from(digests: store::PluginDigests) -> Self {
                let [$($field),+] = digests.into_values();
                Self { $($field),+ }
            }
        }
    };
}
slots!(declare);

/// The data that a component contains besides its code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PluginData {
    /// `vocabulary` or `phrases`.
    #[schema(value_type = String)]
    kind: &'static str,
    /// SHA-256, in hexadecimal, of the text from which the data was made.
    digest: String,
    /// Whether the data is that of the built-in plugin.
    built_in: bool,
}

impl From<plugins::data::PluginData> for PluginData {
    fn from(data: plugins::data::PluginData) -> Self {
        Self {
            kind: data.kind,
            digest: data.digest,
            built_in: data.built_in,
        }
    }
}

sent! {
    /// What happens to a photo whose plugin fails.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "kebab-case")]
    plugins::OnFailure as OnFailure {
        /// The photo fails with 502 and nothing of it is stored.
        Fail,
        /// The answer does without: no tags, the neutral phrase, or the plain threshold rule; and says so.
        Degrade,
    }
}

/// Statistics of a plugin's calls.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallReport {
    /// Calls since the plugin was loaded, without those of its golden cases and its trial before it was put into its
    /// slot.
    calls: u64,
    /// How many of these calls failed: they trapped, timed out, were declined or had an answer outside the contract.
    failures: u64,
    /// Total time of all calls, in milliseconds.
    busy_ms: f64,
    /// Median of the latest 1,024 calls, in microseconds; null before the first call.
    #[schema(required)]
    p50_us: Option<u32>,
    /// 99th percentile of the latest 1,024 calls, in microseconds; null before the first call.
    #[schema(required)]
    p99_us: Option<u32>,
}

impl From<plugins::CallReport> for CallReport {
    fn from(report: plugins::CallReport) -> Self {
        Self {
            calls: report.calls,
            failures: report.failures,
            busy_ms: report.busy_ms,
            p50_us: report.p50_us,
            p99_us: report.p99_us,
        }
    }
}

/// A call of an active plugin that failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastFailure {
    /// When, as RFC 3339.
    at: String,
    /// The plugin that failed.
    plugin: PluginIdentity,
    /// What happened in the call.
    error: String,
    /// What the plugin wrote in that call to its standard output, its standard error and the log: the last
    /// `PLUGIN_OUTPUT_BYTES` of it, without control characters. Empty if it wrote nothing. It may contain anything
    /// that the plugin saw in the photo.
    output: String,
}

impl From<plugins::LastFailure> for LastFailure {
    fn from(failure: plugins::LastFailure) -> Self {
        Self {
            at: failure.at,
            plugin: failure.plugin.into(),
            error: failure.error,
            output: failure.output,
        }
    }
}

/// Two answers to the same question.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Difference {
    /// What the active plugin answered, as the caller saw it.
    active: Value,
    /// What the candidate answered.
    candidate: Value,
}

impl From<plugins::Difference> for Difference {
    fn from(difference: plugins::Difference) -> Self {
        Self {
            active: difference.active,
            candidate: difference.candidate,
        }
    }
}

/// The results of a shadow so far.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShadowReport {
    /// The candidate.
    candidate: PluginIdentity,
    /// Calls that both plugins answered.
    compared: u64,
    /// How many of these calls they answered differently.
    different: u64,
    /// Calls on which the candidate failed.
    failed: u64,
    /// Calls that were not compared, because the limit of parallel comparisons was reached.
    skipped: u64,
    /// The candidate's own calls.
    calls: CallReport,
    /// The first differences.
    examples: Vec<Difference>,
}

impl From<plugins::ShadowReport> for ShadowReport {
    fn from(report: plugins::ShadowReport) -> Self {
        Self {
            candidate: report.candidate.into(),
            compared: report.compared,
            different: report.different,
            failed: report.failed,
            skipped: report.skipped,
            calls: report.calls.into(),
            examples: each(report.examples),
        }
    }
}

/// One plugin slot.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SlotReport {
    /// The slot.
    slot: Slot,
    /// The active plugin.
    #[serde(flatten)]
    identity: PluginIdentity,
    /// When it was put into its slot, as RFC 3339; null for a built-in plugin that was never replaced.
    #[schema(required)]
    since: Option<String>,
    /// What happens to a photo when the plugin fails.
    on_failure: OnFailure,
    /// The statistics of its calls since the worker loaded it.
    #[serde(flatten)]
    calls: CallReport,
    /// The latest failed call of this slot since the worker started; only for administrators, and only if there was
    /// one. The plugin that failed may be a previous one.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<LastFailure>,
    /// The digest of the plugin that a rollback would restore; null if there is no previous plugin.
    #[schema(required)]
    previous_digest: Option<String>,
    /// The data that it contains besides its code, such as a packed vocabulary; null for most plugins.
    #[schema(required)]
    data: Option<PluginData>,
    /// Tags of its vocabulary that need evidence which the model set cannot give, as far as the plugin declares what
    /// each tag needs; only for a tagger.
    tags_out_of_reach: Vec<String>,
    /// The candidate that runs beside it (shadow).
    #[schema(required)]
    shadow: Option<ShadowReport>,
}

impl From<plugins::SlotReport> for SlotReport {
    fn from(report: plugins::SlotReport) -> Self {
        Self {
            slot: report.slot.into(),
            identity: report.identity.into(),
            since: report.since,
            on_failure: report.on_failure.into(),
            calls: report.calls.into(),
            last_failure: report.last_failure.map(Into::into),
            previous_digest: report.previous_digest,
            data: report.data.map(Into::into),
            tags_out_of_reach: report.tags_out_of_reach,
            shadow: report.shadow.map(Into::into),
        }
    }
}

/// The result of a trial in which no answer failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrialReport {
    /// How many stored scenes the plugin answered well; for a cluster policy, stored faces.
    tried: u64,
    /// How many were left out because they lack evidence that the plugin wants.
    skipped: u64,
    /// How long it took, in milliseconds.
    took_ms: u64,
    /// Whether `PLUGIN_TRIAL_SECONDS` elapsed before all were tried.
    timed_out: bool,
    /// Why the trial ended early, if the store did not answer; null otherwise.
    #[schema(required)]
    problem: Option<String>,
}

impl From<plugins::TrialReport> for TrialReport {
    fn from(report: plugins::TrialReport) -> Self {
        Self {
            tried: report.tried,
            skipped: report.skipped,
            took_ms: report.took_ms,
            timed_out: report.timed_out,
            problem: report.problem,
        }
    }
}

/// A change of a slot, or its state if nothing changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Change {
    /// The slot.
    slot: Slot,
    /// Whether the slot changed; false if the plugin was already active.
    changed: bool,
    /// The plugin that is active now.
    active: PluginIdentity,
    /// The plugin that was active before.
    previous: PluginIdentity,
    /// The result of the trial on stored scenes. Null if there was no trial: after a rollback, if the plugin was
    /// already active, and if `trial=off` or `PLUGIN_TRIAL_SCENES=0` turned it off.
    #[schema(required)]
    trial: Option<TrialReport>,
}

impl From<plugins::Change> for Change {
    fn from(change: plugins::Change) -> Self {
        Self {
            slot: change.slot.into(),
            changed: change.changed,
            active: change.active.into(),
            previous: change.previous.into(),
            trial: change.trial.map(Into::into),
        }
    }
}
