//! Clusters in other orders than that of their ids. The server keeps neither: how many faces clusters have it counts, and
//! which was written last shows in the order of all faces.

use std::collections::{HashMap, HashSet};

use qdrant_client::qdrant::{Direction, Filter};
use uuid::Uuid;

use super::Inner;
use super::conditions::{below, from, of_clusters};
use super::layout::{self, Collection};
use super::rows;
use crate::domain::{ClusterId, FaceId};
use crate::faces::change::Cluster;
use crate::faces::store::StoreError;

/// How many clusters are counted at first; then twice as many, and so on.
const COUNTED: usize = 1_000;
/// How many of the faces that were written last are looked at for each cluster that is wanted.
const FACES_EACH: usize = 4;

impl Inner {
    /// Clusters with most faces first, after a number of faces and a cluster. Takes longer the later that is.
    pub(super) async fn clusters_by_faces(
        &self,
        after: Option<(u64, ClusterId)>,
        limit: usize,
    ) -> Result<Vec<(u64, Cluster)>, StoreError> {
        // Of several shards each counts for itself, and names only so many.
        let mut counted = limit.max(COUNTED);
        loop {
            // Most first, and those that are equal in the order of their values.
            let counts = self
                .server
                .count_each(Collection::Faces, layout::CLUSTER_ID, Filter::default(), counted)
                .await?;
            let is_all = counts.len() < counted;
            let mut page = Vec::new();
            for (id, faces) in counts {
                let id = ClusterId::parse(&id).map_err(rows::damaged)?;
                let comes = after.is_none_or(|(number, last)| faces < number || faces == number && id > last);
                if comes {
                    page.push((id, faces));
                }
            }
            if is_all || page.len() >= limit {
                page.truncate(limit);
                let representatives = self.representatives(page.iter().map(|(id, _)| *id)).await?;
                let row = |(cluster_id, faces): (ClusterId, u64)| {
                    let representative = *representatives.get(&cluster_id)?;
                    let cluster = Cluster {
                        cluster_id,
                        representative,
                        faces,
                    };
                    Some((faces, cluster))
                };
                return Ok(page.into_iter().filter_map(row).collect());
            }
            counted *= 2;
        }
    }

    /// Clusters with the face that was written last first, after the position of such a face.
    pub(super) async fn clusters_by_latest(
        &self,
        after: Option<(u64, ClusterId)>,
        limit: usize,
    ) -> Result<Vec<(u64, Cluster)>, StoreError> {
        let mut page: Vec<(ClusterId, u64)> = Vec::new();
        let mut seen = HashSet::new();
        let mut before = after.map(|(position, _)| position);
        let looked_at = limit.saturating_mul(FACES_EACH);
        loop {
            let mut filter = Filter::default();
            filter
                .must
                .extend(before.map(|before| below(layout::SEQUENCE, before)));
            let faces = self
                .ordered(
                    Collection::Faces,
                    layout::SEQUENCE,
                    filter,
                    Direction::Desc,
                    looked_at,
                    false,
                )
                .await?;
            let is_last = faces.len() < looked_at;
            let mut found = Vec::new();
            for face in &faces {
                let position = rows::read_integer(&face.payload, layout::SEQUENCE)?;
                let cluster = rows::read_cluster(&face.payload, layout::CLUSTER_ID)?;
                before = Some(position);
                if seen.insert(cluster) {
                    found.push((cluster, position));
                }
            }
            // A cluster that has a later face was on a page before.
            if let Some((position, _)) = after {
                let earlier = self.count_of(&found, Some(position)).await?;
                found.retain(|(cluster, _)| !earlier.contains_key(cluster));
            }
            page.extend(found);
            if is_last || page.len() >= limit {
                break;
            }
        }
        page.truncate(limit);
        let counts = self.count_of(&page, None).await?;
        let representatives = self.representatives(page.iter().map(|(id, _)| *id)).await?;
        let row = |(cluster_id, position): (ClusterId, u64)| {
            let cluster = Cluster {
                cluster_id,
                representative: *representatives.get(&cluster_id)?,
                faces: counts.get(&cluster_id).copied().unwrap_or_default(),
            };
            Some((position, cluster))
        };
        Ok(page.into_iter().filter_map(row).collect())
    }

    /// How many faces each of these clusters has, from a position on if there is one; those without any are left out.
    async fn count_of(
        &self,
        clusters: &[(ClusterId, u64)],
        position: Option<u64>,
    ) -> Result<HashMap<ClusterId, u64>, StoreError> {
        if clusters.is_empty() {
            return Ok(HashMap::new());
        }
        let names = clusters.iter().map(|(cluster, _)| cluster.to_string()).collect();
        let mut filter = Filter::must([of_clusters(names)]);
        filter
            .must
            .extend(position.map(|position| from(layout::SEQUENCE, position)));
        let counts = self
            .server
            .count_each(Collection::Faces, layout::CLUSTER_ID, filter, clusters.len())
            .await?;
        let read = |(id, faces): (String, u64)| Ok((ClusterId::parse(&id).map_err(rows::damaged)?, faces));
        counts.into_iter().map(read).collect()
    }

    /// What stands for these clusters. One that is being written or removed may not be there.
    async fn representatives(
        &self,
        clusters: impl Iterator<Item = ClusterId>,
    ) -> Result<HashMap<ClusterId, FaceId>, StoreError> {
        let ids: Vec<Uuid> = clusters.map(|cluster| cluster.as_uuid()).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let points = self.server.points(Collection::Clusters, ids, false).await?;
        let read = |point| Ok((rows::read_id(point)?.into(), rows::read_representative(point)?));
        points.iter().map(read).collect()
    }
}
