//! What points are looked for by.
//!
//! The client's own short forms are not used: from a text with a space in it they make a search for words.

use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::{Condition, FieldCondition, Match, Range, RepeatedStrings};

use super::layout::{self, Kind};
use crate::domain::{ClusterId, FileId};

/// Whatever is of a photo.
pub(super) fn of_file(file: &FileId) -> Condition {
    is(layout::FILE_ID, MatchValue::Keyword(file.as_str().to_owned()))
}

/// Records of a kind.
pub(super) fn of_kind(kind: Kind) -> Condition {
    is(layout::KIND, MatchValue::Keyword(kind.name().to_owned()))
}

/// Faces of a cluster.
pub(super) fn of_cluster(cluster: &ClusterId) -> Condition {
    is(layout::CLUSTER_ID, MatchValue::Keyword(cluster.to_string()))
}

/// Faces of any of these clusters.
pub(super) fn of_clusters(clusters: Vec<String>) -> Condition {
    let clusters = RepeatedStrings { strings: clusters };
    is(layout::CLUSTER_ID, MatchValue::Keywords(clusters))
}

/// Redirects to a cluster.
pub(super) fn leading_to(target: &ClusterId) -> Condition {
    is(layout::TARGET, MatchValue::Keyword(target.to_string()))
}

/// Distinctions of a cluster.
pub(super) fn speaking_of(cluster: &ClusterId) -> Condition {
    is(layout::CLUSTERS, MatchValue::Keyword(cluster.to_string()))
}

/// The state, if it has this version.
pub(super) fn of_version(version: u64) -> Condition {
    let version = i64::try_from(version).unwrap_or(i64::MAX);
    is(layout::VERSION, MatchValue::Integer(version))
}

/// Answers that were given before a moment, in seconds since 1970.
pub(super) fn given_before(at: u64) -> Condition {
    within(
        layout::AT,
        Range {
            lt: Some(at as f64),
            ..Range::default()
        },
    )
}

/// What comes after a position. Positions are far below 2^53, so that none is lost in the server's numbers.
pub(super) fn positioned_after(position: u64) -> Condition {
    within(
        layout::SEQUENCE,
        Range {
            gt: Some(position as f64),
            ..Range::default()
        },
    )
}

/// What happened after a position.
pub(super) fn happened_after(position: u64) -> Condition {
    within(
        layout::EVENT,
        Range {
            gt: Some(position as f64),
            ..Range::default()
        },
    )
}

/// What happened up to a position.
pub(super) fn happened_until(position: u64) -> Condition {
    within(
        layout::EVENT,
        Range {
            lte: Some(position as f64),
            ..Range::default()
        },
    )
}

/// What comes before a position.
pub(super) fn positioned_before(position: u64) -> Condition {
    within(
        layout::SEQUENCE,
        Range {
            lt: Some(position as f64),
            ..Range::default()
        },
    )
}

/// What is at a position or after it.
pub(super) fn positioned_from(position: u64) -> Condition {
    within(
        layout::SEQUENCE,
        Range {
            gte: Some(position as f64),
            ..Range::default()
        },
    )
}

fn is(key: &str, value: MatchValue) -> Condition {
    condition(FieldCondition {
        key: key.to_owned(),
        r#match: Some(Match {
            match_value: Some(value),
        }),
        ..FieldCondition::default()
    })
}

fn within(key: &str, range: Range) -> Condition {
    condition(FieldCondition {
        key: key.to_owned(),
        range: Some(range),
        ..FieldCondition::default()
    })
}

fn condition(field: FieldCondition) -> Condition {
    Condition {
        condition_one_of: Some(ConditionOneOf::Field(field)),
    }
}
