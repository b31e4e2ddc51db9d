//! Clusters in an order. The server keeps that of their ids only: how many faces clusters have it counts, and which was
//! written last shows in the order of all faces. Of flags faces know nothing: who has one is read first there, which takes
//! time in proportion to how many that are.

use std::collections::{HashMap, HashSet};

use qdrant_client::qdrant::{Direction, Filter, RetrievedPoint};
use uuid::Uuid;

use super::conditions::{below, flagged, from, of_clusters};
use super::layout::{self, Collection};
use super::{Inner, rows};
use crate::domain::{ClusterId, FaceId};
use crate::store::error::StoreError;
use crate::store::flags::{ClusterFilter, ClusterFlags};
use crate::store::record::Cluster;

/// How many clusters are counted at first; then twice as many, and so on.
const COUNTED: usize = 1_000;
/// How many of the faces that were written last are looked at for each cluster that is wanted.
const FACES_EACH: usize = 4;
/// Up to so many clusters are named to the server, to be looked for or left out; more are told apart here.
const NAMED: usize = 1_000;

/// Who has the flags that a filter speaks of, and whether these are listed or all others.
#[derive(Default)]
struct Listed(Vec<(HashSet<ClusterId>, bool)>);

impl Listed {
    fn admits(&self, cluster: &ClusterId) -> bool {
        self.0
            .iter()
            .all(|(flagged, wanted)| flagged.contains(cluster) == *wanted)
    }

    /// Whether it is clear that nobody is listed.
    fn is_nobody(&self) -> bool {
        self.0
            .iter()
            .any(|(flagged, wanted)| *wanted && flagged.is_empty())
    }

    /// What the faces of those who are listed are looked for by; may find others, too.
    fn faces(&self) -> Filter {
        let mut filter = Filter::default();
        for (flagged, wanted) in self
            .0
            .iter()
            .filter(|(flagged, _)| (1..=NAMED).contains(&flagged.len()))
        {
            let named = of_clusters(flagged.iter().map(ClusterId::to_string).collect());
            if *wanted {
                filter.must.push(named);
            } else {
                filter.must_not.push(named);
            }
        }
        filter
    }
}

impl Inner {
    /// Who is listed; none when it is clear that nobody is.
    async fn listed(&self, filter: ClusterFilter) -> Result<Option<Listed>, StoreError> {
        let mut listed = Listed::default();
        for (flag, wanted) in [
            (layout::HIDDEN, filter.hidden),
            (layout::PROVISIONAL, filter.provisional),
        ] {
            let Some(wanted) = wanted else { continue };
            let points = self
                .server
                .all(Collection::Clusters, Filter::must([flagged(flag)]))
                .await?;
            let ids = rows::read_all(&points, |point| Ok(rows::read_id(point)?.into()))?;
            listed.0.push((ids.into_iter().collect(), wanted));
        }
        Ok((!listed.is_nobody()).then_some(listed))
    }

    /// Clusters that a filter lets through, in the order of their ids, after one.
    pub(super) async fn clusters_by_id(
        &self,
        listed: ClusterFilter,
        after: Option<&ClusterId>,
        limit: usize,
    ) -> Result<Vec<Cluster>, StoreError> {
        let mut filter = Filter::default();
        for (flag, wanted) in [
            (layout::HIDDEN, listed.hidden),
            (layout::PROVISIONAL, listed.provisional),
        ] {
            match wanted {
                Some(true) => filter.must.push(flagged(flag)),
                Some(false) => filter.must_not.push(flagged(flag)),
                None => {}
            }
        }
        let after = after.map(ClusterId::as_uuid);
        let points = self.after(Collection::Clusters, filter, after, limit).await?;
        let ids = rows::read_all(&points, rows::read_id)?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let of_page = Filter::must([of_clusters(names)]);
        let counts = self
            .server
            .count_each(Collection::Faces, layout::CLUSTER_ID, of_page, ids.len())
            .await?;
        let counts: HashMap<String, u64> = counts.into_iter().collect();
        let read = |(point, id): (&RetrievedPoint, &Uuid)| {
            Ok(Cluster {
                cluster_id: (*id).into(),
                representative: rows::read_representative(point)?,
                faces: counts.get(&id.to_string()).copied().unwrap_or_default(),
                flags: rows::read_flags(point),
            })
        };
        points.iter().zip(&ids).map(read).collect()
    }

    /// Clusters with most faces first, after a number of faces and a cluster. Takes longer the later that is.
    pub(super) async fn clusters_by_faces(
        &self,
        filter: ClusterFilter,
        after: Option<(u64, ClusterId)>,
        limit: usize,
    ) -> Result<Vec<(u64, Cluster)>, StoreError> {
        let Some(listed) = self.listed(filter).await? else {
            return Ok(Vec::new());
        };
        // Of several shards each counts for itself, and names only so many.
        let mut counted = limit.max(COUNTED);
        loop {
            // Most first, and those that are equal in the order of their values.
            let counts = self
                .server
                .count_each(Collection::Faces, layout::CLUSTER_ID, listed.faces(), counted)
                .await?;
            let is_all = counts.len() < counted;
            let mut page = Vec::new();
            for (id, faces) in counts {
                let id = ClusterId::parse(&id).map_err(rows::damaged)?;
                let comes = after.is_none_or(|(number, last)| faces < number || faces == number && id > last);
                if comes && listed.admits(&id) {
                    page.push((id, faces));
                }
            }
            if is_all || page.len() >= limit {
                page.truncate(limit);
                return self.filled(page, |_, faces| faces).await;
            }
            counted *= 2;
        }
    }

    /// Clusters with the face that was written last first, after the position of such a face.
    pub(super) async fn clusters_by_latest(
        &self,
        filter: ClusterFilter,
        after: Option<(u64, ClusterId)>,
        limit: usize,
    ) -> Result<Vec<(u64, Cluster)>, StoreError> {
        let Some(listed) = self.listed(filter).await? else {
            return Ok(Vec::new());
        };
        let mut page: Vec<(ClusterId, u64)> = Vec::new();
        let mut seen = HashSet::new();
        let mut before = after.map(|(position, _)| position);
        let looked_at = limit.saturating_mul(FACES_EACH);
        loop {
            let mut filter = listed.faces();
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
                if listed.admits(&cluster) && seen.insert(cluster) {
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
        let faces = |id: &ClusterId, _| counts.get(id).copied().unwrap_or_default();
        self.filled(page, faces).await
    }

    /// Clusters with what they are ordered by, which may tell how many faces each has. One that is being written or removed is
    /// left out.
    async fn filled(
        &self,
        page: Vec<(ClusterId, u64)>,
        faces: impl Fn(&ClusterId, u64) -> u64,
    ) -> Result<Vec<(u64, Cluster)>, StoreError> {
        let rows = self.rows(page.iter().map(|(id, _)| *id)).await?;
        let row = |(cluster_id, order): (ClusterId, u64)| {
            let (representative, flags) = *rows.get(&cluster_id)?;
            let cluster = Cluster {
                cluster_id,
                representative,
                faces: faces(&cluster_id, order),
                flags,
            };
            Some((order, cluster))
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

    /// What stands for these clusters, and what else is known of them. One that is being written or removed may not be
    /// there.
    async fn rows(
        &self,
        clusters: impl Iterator<Item = ClusterId>,
    ) -> Result<HashMap<ClusterId, (FaceId, ClusterFlags)>, StoreError> {
        let ids: Vec<Uuid> = clusters.map(|cluster| cluster.as_uuid()).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let points = self.server.points(Collection::Clusters, ids, false).await?;
        let read = |point| {
            let row = (rows::read_representative(point)?, rows::read_flags(point));
            Ok((rows::read_id(point)?.into(), row))
        };
        points.iter().map(read).collect()
    }
}
