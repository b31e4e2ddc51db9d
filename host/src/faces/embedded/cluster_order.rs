//! Clusters in other orders than that of their ids.

use rusqlite::{Connection, params};

use super::rows::{self, ORDERED_CLUSTER};
use crate::domain::ClusterId;
use crate::faces::change::{Cluster, ClusterOrder};
use crate::faces::store::StoreError;

/// See [`FaceStore::clusters_by`](crate::faces::FaceStore::clusters_by).
pub(super) fn page(
    connection: &Connection,
    order: ClusterOrder,
    after: Option<(u64, ClusterId)>,
    limit: usize,
) -> Result<Vec<(u64, Cluster)>, StoreError> {
    let key = match order {
        ClusterOrder::Faces => "faces",
        ClusterOrder::Latest => "latest",
    };
    let from = format!("SELECT {ORDERED_CLUSTER} FROM cluster_size JOIN cluster USING (cluster_id)");
    let mut found = Vec::new();
    // Two queries, each of which the index answers from where it begins: those that are equal, and then the lesser.
    if let Some((number, cluster)) = after {
        let equal = format!("{from} WHERE {key} = ?1 AND cluster_id > ?2 ORDER BY cluster_id LIMIT ?3");
        let parameters = params![
            rows::position(Some(number)),
            cluster.to_string(),
            rows::limit(limit)
        ];
        found = rows::all(connection, &equal, parameters, rows::ordered_cluster)?;
    }
    let lesser = format!("{from} WHERE {key} < ?1 ORDER BY {key} DESC, cluster_id LIMIT ?2");
    let below = after.map_or(i64::MAX, |(number, _)| rows::position(Some(number)));
    let parameters = params![below, rows::limit(limit - found.len())];
    found.extend(rows::all(connection, &lesser, parameters, rows::ordered_cluster)?);
    Ok(found
        .into_iter()
        .map(|(latest, cluster)| match order {
            ClusterOrder::Faces => (cluster.faces, cluster),
            ClusterOrder::Latest => (latest, cluster),
        })
        .collect())
}
