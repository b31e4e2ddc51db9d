//! Clusters in an order, those that a filter lets through. Each query begins where the page does and goes along an index,
//! so that a page takes the same time wherever it is and however few are let through.

use rusqlite::{Connection, params};

use super::rows::{self, CLUSTER, ORDERED_CLUSTER};
use crate::domain::ClusterId;
use crate::store::error::StoreError;
use crate::store::flags::{ClusterFilter, ClusterFlags};
use crate::store::record::{Cluster, ClusterOrder};

/// Clusters, each with what it is ordered by.
type Ordered = Vec<(u64, Cluster)>;

/// See [`FaceStore::clusters_by`](crate::store::FaceStore::clusters_by).
pub(super) fn page(
    connection: &Connection,
    order: ClusterOrder,
    filter: ClusterFilter,
    after: Option<(u64, ClusterId)>,
    limit: usize,
) -> Result<Ordered, StoreError> {
    let part = |flags| match order {
        ClusterOrder::Id => by_id(connection, flags, after.map(|(_, cluster)| cluster), limit),
        ClusterOrder::Faces => {
            let found = by_size(connection, "faces", flags, after, limit)?.into_iter();
            Ok(found.map(|(_, cluster)| (cluster.faces, cluster)).collect())
        }
        ClusterOrder::Latest => by_size(connection, "latest", flags, after, limit),
    };
    let Some(combinations) = filter.combinations() else {
        return part(None);
    };
    let mut found = Vec::new();
    for flags in combinations {
        found.extend(part(Some(flags))?);
    }
    found.sort_by(|(one, first), (other, second)| {
        let order = other.cmp(one);
        order.then(first.cluster_id.cmp(&second.cluster_id))
    });
    found.truncate(limit);
    Ok(found)
}

/// In the order of the ids, after one.
fn by_id(
    connection: &Connection,
    flags: Option<ClusterFlags>,
    after: Option<ClusterId>,
    limit: usize,
) -> Result<Ordered, StoreError> {
    // Every id comes after the empty text.
    let after = after.map_or_else(String::new, |after| after.to_string());
    let parameters = params![after, rows::limit(limit)];
    let found = rows::all(connection, &id_query(flags), parameters, rows::cluster)?;
    Ok(found.into_iter().map(|cluster| (0, cluster)).collect())
}

/// With the largest number first, each with the position of its face that was written last.
fn by_size(
    connection: &Connection,
    key: &str,
    flags: Option<ClusterFlags>,
    after: Option<(u64, ClusterId)>,
    limit: usize,
) -> Result<Ordered, StoreError> {
    let mut found = Vec::new();
    // Two queries, each of which the index answers from where it begins: those that are equal, and then the lesser.
    if let Some((number, cluster)) = after {
        let equal = size_query(key, flags, "= ?1 AND size.cluster_id > ?3");
        let number = rows::position(Some(number));
        let parameters = params![number, rows::limit(limit), cluster.to_string()];
        found = rows::all(connection, &equal, parameters, rows::ordered_cluster)?;
    }
    let below = after.map_or(i64::MAX, |(number, _)| rows::position(Some(number)));
    let parameters = params![below, rows::limit(limit - found.len())];
    let lesser = size_query(key, flags, "< ?1");
    found.extend(rows::all(connection, &lesser, parameters, rows::ordered_cluster)?);
    Ok(found)
}

fn id_query(flags: Option<ClusterFlags>) -> String {
    let (index, condition) = match flags {
        None => ("", String::new()),
        Some(flags) => ("INDEXED BY cluster_by_flags", condition("cluster", flags)),
    };
    format!(
        "SELECT {CLUSTER} FROM cluster {index} WHERE {condition} cluster_id > ?1 ORDER BY cluster_id LIMIT ?2"
    )
}

fn size_query(key: &str, flags: Option<ClusterFlags>, place: &str) -> String {
    let (index, condition) = match flags {
        None => (format!("cluster_by_{key}"), String::new()),
        Some(flags) => (format!("cluster_by_flags_and_{key}"), condition("size", flags)),
    };
    format!(
        "SELECT {ORDERED_CLUSTER} FROM cluster_size AS size INDEXED BY {index} \
         CROSS JOIN cluster ON cluster.cluster_id = size.cluster_id \
         WHERE {condition} size.{key} {place} ORDER BY size.{key} DESC, size.cluster_id LIMIT ?2"
    )
}

fn condition(table: &str, flags: ClusterFlags) -> String {
    let ClusterFlags { hidden, provisional } = flags;
    format!("{table}.hidden = {hidden} AND {table}.provisional = {provisional} AND")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::domain::EmbeddingModel;
    use crate::store::embedded::schema;

    #[test]
    fn each_page_goes_along_an_index_and_sorts_nothing() {
        let mut database = Connection::open_in_memory().unwrap();
        let model = EmbeddingModel {
            name: "a test".to_owned(),
            dimension: 2,
            threshold: 0.5,
        };
        schema::prepare(&mut database, &model).unwrap();
        let flags = [
            None,
            Some(ClusterFlags {
                hidden: true,
                provisional: false,
            }),
        ];
        let mut queries = Vec::new();
        for flags in flags {
            queries.push(id_query(flags));
            for key in ["faces", "latest"] {
                for place in ["= ?1 AND size.cluster_id > ?3", "< ?1"] {
                    queries.push(size_query(key, flags, place));
                }
            }
        }
        for query in queries {
            let mut statement = database.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
            let count = statement.parameter_count();
            for index in 1..=count {
                statement.raw_bind_parameter(index, 1).unwrap();
            }
            let mut steps = statement.raw_query();
            let mut plan = String::new();
            while let Some(step) = steps.next().unwrap() {
                plan.push_str(&step.get::<_, String>(3).unwrap());
                plan.push('\n');
            }
            assert!(
                !plan.contains("SCAN") && !plan.contains("B-TREE"),
                "{query}\n{plan}"
            );
        }
    }
}
