//! Who is provisional in collections of versions that did not keep it: it shows in why a person's only face is there.

use std::collections::HashSet;

use uuid::Uuid;

use super::layout::{self, Collection};
use super::turn::QdrantTurn;
use super::{Inner, rows};
use crate::domain::ClusterId;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::face_store::Turn as _;
use crate::store::flags::{ClusterFilter, ClusterFlags, is_provisional};
use crate::store::record::{Cluster, DecidedBy};

/// How many clusters are looked at a time.
const PAGE: usize = 500;

/// Marks those who are provisional. Repeating it changes nothing.
///
/// # Errors
/// When the server does not answer; what was marked before is.
pub(super) async fn fill(inner: &Inner, turn: &mut QdrantTurn) -> Result<(), StoreError> {
    let mut after: Option<ClusterId> = None;
    loop {
        let page = inner
            .clusters_by_id(ClusterFilter::ALL, after.as_ref(), PAGE)
            .await?;
        let changes: Vec<Change> = provisional(inner, &page).await?.map(flagged).collect();
        if !changes.is_empty() {
            turn.apply(changes).await?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.cluster_id),
            _ => return Ok(()),
        }
    }
}

/// Those whose only face a policy let found them for now, and nobody corrected.
async fn provisional<'a>(
    inner: &Inner,
    page: &'a [Cluster],
) -> Result<impl Iterator<Item = &'a Cluster>, StoreError> {
    let alone: Vec<&Cluster> = page.iter().filter(|cluster| cluster.faces == 1).collect();
    let mut founded = HashSet::new();
    if !alone.is_empty() {
        let faces = alone.iter().map(|cluster| cluster.representative.as_uuid());
        let explanations = alone
            .iter()
            .map(|cluster| layout::explanation(&cluster.representative));
        let (faces, explanations) = tokio::try_join!(
            inner.server.points(Collection::Faces, faces.collect(), false),
            inner
                .server
                .points(Collection::Records, explanations.collect(), false),
        )?;
        let mut reasons: HashSet<Uuid> = HashSet::new();
        for point in &explanations {
            let explanation = rows::read_explanation(point)?;
            if explanation.decided_by == DecidedBy::Policy && is_provisional(&explanation.reason) {
                reasons.insert(rows::read_id(point)?);
            }
        }
        for point in &faces {
            let face = rows::read_id(point)?.into();
            if !rows::is_corrected(point) && reasons.contains(&layout::explanation(&face)) {
                founded.insert(face);
            }
        }
    }
    Ok(alone
        .into_iter()
        .filter(move |cluster| founded.contains(&cluster.representative)))
}

fn flagged(cluster: &Cluster) -> Change {
    Change::PutCluster {
        cluster: cluster.cluster_id,
        representative: cluster.representative,
        flags: ClusterFlags {
            provisional: true,
            ..cluster.flags
        },
    }
}
