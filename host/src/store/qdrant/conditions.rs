//! What points are looked for by.
//!
//! The client's own short forms are not used: from a text with a space in it they make a search for words.

use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::{Condition, FieldCondition, Filter, Match, Range, RepeatedStrings};

use super::layout::{self, Kind};
use crate::domain::{ClusterId, FileId};

/// Whatever is of a photo.
pub(super) fn of_file(file: &FileId) -> Condition {
    is(layout::FILE_ID, MatchValue::Keyword(file.as_str().to_owned()))
}

/// Whatever is of any of these photos.
pub(super) fn of_files(files: Vec<String>) -> Condition {
    let files = RepeatedStrings { strings: files };
    is(layout::FILE_ID, MatchValue::Keywords(files))
}

/// Photos with a tag.
pub(super) fn tagged(tag: &str) -> Condition {
    is(layout::TAGS, MatchValue::Keyword(tag.to_owned()))
}

/// Photos that an earlier version wrote, so that they cannot be listed by all that there is.
pub(super) fn to_be_listed() -> Filter {
    Filter {
        must: vec![of_kind(Kind::Photo)],
        must_not: vec![is(layout::LISTED, MatchValue::Integer(layout::LISTING))],
        ..Filter::default()
    }
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

/// Distinctions of a cluster, or pairs of it that are uncertain.
pub(super) fn speaking_of(cluster: &ClusterId) -> Condition {
    is(layout::CLUSTERS, MatchValue::Keyword(cluster.to_string()))
}

/// Entries of the history that any of these keys finds.
pub(super) fn found_by(keys: &[String]) -> Condition {
    let strings = keys.to_vec();
    is(layout::KEYS, MatchValue::Keywords(RepeatedStrings { strings }))
}

/// Clusters that have this flag.
pub(super) fn flagged(flag: &str) -> Condition {
    is(flag, MatchValue::Boolean(true))
}

/// The state, if it has this version.
pub(super) fn of_version(version: u64) -> Condition {
    let version = i64::try_from(version).unwrap_or(i64::MAX);
    is(layout::VERSION, MatchValue::Integer(version))
}

/// Where a number of a point is less than another. Positions and moments are far below 2^53, so that none is lost in the
/// server's numbers.
pub(super) fn below(key: &str, number: u64) -> Condition {
    let lt = Some(number as f64);
    within(
        key,
        Range {
            lt,
            ..Range::default()
        },
    )
}

/// Where it is greater.
pub(super) fn above(key: &str, number: u64) -> Condition {
    let gt = Some(number as f64);
    within(
        key,
        Range {
            gt,
            ..Range::default()
        },
    )
}

/// Where it is the same or less.
pub(super) fn up_to(key: &str, number: u64) -> Condition {
    let lte = Some(number as f64);
    within(
        key,
        Range {
            lte,
            ..Range::default()
        },
    )
}

/// Where it is the same or greater.
pub(super) fn from(key: &str, number: u64) -> Condition {
    let gte = Some(number as f64);
    within(
        key,
        Range {
            gte,
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
