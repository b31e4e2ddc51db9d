//! Where faces are kept.

use std::str::FromStr;

use super::reader::Reader;
use crate::store::{IndexSettings, QdrantSettings, Quantization, ReadConsistency};

/// Where faces are kept.
#[derive(Clone, Debug)]
pub enum VectorStore {
    /// In the data directory of this worker.
    Embedded(IndexSettings),
    /// On a Qdrant server or cluster, which several workers may share.
    Qdrant(QdrantSettings),
}

impl VectorStore {
    /// The sizes of the embedded store's index; none on a server.
    #[must_use]
    pub fn index(&self) -> Option<IndexSettings> {
        match self {
            Self::Embedded(index) => Some(*index),
            Self::Qdrant(_) => None,
        }
    }
}

/// Addresses of the gRPC ports of one cluster's nodes.
struct ServerUrls(Vec<String>);

impl FromStr for ServerUrls {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "write the address of the gRPC port, such as http://qdrant.internal:6334 or https://..., or \
                             those of several nodes of one cluster with commas between";
        let mut urls = Vec::new();
        for one in text.split(',').map(str::trim) {
            let url = url::Url::parse(one).map_err(|_| SHAPE)?;
            let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
            if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !is_plain {
                return Err(SHAPE);
            }
            if urls.iter().any(|other| other == one) {
                return Err("name each node once");
            }
            urls.push(one.to_owned());
        }
        Ok(Self(urls))
    }
}

/// A name that Qdrant takes in every place where a collection is named.
struct CollectionName(String);

impl FromStr for CollectionName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        if text.len() > 200 || !text.chars().all(is_plain) {
            return Err("use at most 200 letters, digits, hyphens, underscores and dots");
        }
        Ok(Self(text.to_owned()))
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<VectorStore> {
    let index = index(reader);
    let settings = qdrant(reader);
    if reader.value::<String>("VECTOR_STORE")? == "embedded" {
        return index.map(VectorStore::Embedded);
    }
    let (url, settings) = settings?;
    if url.is_none() {
        reader.error("QDRANT_URL must be set for VECTOR_STORE=qdrant, such as http://127.0.0.1:6334");
    }
    let urls = url?.0;
    Some(VectorStore::Qdrant(QdrantSettings { urls, ..settings }))
}

/// The sizes of the embedded store's index.
fn index(reader: &mut Reader<'_>) -> Option<IndexSettings> {
    let exact_faces = reader.integer("INDEX_EXACT_FACES");
    let batch_faces = reader.integer("INDEX_BATCH_FACES");
    let connectivity = reader.integer("INDEX_CONNECTIVITY");
    let expansion_add = reader.integer("INDEX_EXPANSION_ADD");
    let expansion_search = reader.integer("INDEX_EXPANSION_SEARCH");
    let erased_within = reader.duration("INDEX_ERASE_SECONDS");
    Some(IndexSettings {
        exact_faces: exact_faces?,
        batch_faces: batch_faces?,
        connectivity: connectivity?,
        expansion_add: expansion_add?,
        expansion_search: expansion_search?,
        erased_within: erased_within?,
    })
}

/// The settings of a server, without its address, which need not be there for another store.
fn qdrant(reader: &mut Reader<'_>) -> Option<(Option<ServerUrls>, QdrantSettings)> {
    let url = reader.optional::<ServerUrls>("QDRANT_URL");
    let api_key = reader.text("QDRANT_API_KEY");
    let collection = reader.value::<CollectionName>("QDRANT_COLLECTION");
    let timeout = reader.duration("QDRANT_TIMEOUT_MS");
    let lease = reader.duration("QDRANT_LEASE_MS");
    let on_disk = reader.switch("QDRANT_ON_DISK");
    let quantization = reader.value::<Quantization>("QDRANT_QUANTIZATION");
    let replication_factor = reader.integer("QDRANT_REPLICATION_FACTOR");
    let write_consistency = reader.integer("QDRANT_WRITE_CONSISTENCY");
    let read_consistency = reader.value::<ReadConsistency>("QDRANT_READ_CONSISTENCY");
    let search_candidates = reader.integer("QDRANT_HNSW_EF");
    let (timeout, lease) = (timeout?, lease?);
    if lease < timeout * QdrantSettings::TIMEOUTS_A_LEASE {
        reader.error(format!(
            "QDRANT_LEASE_MS must be at least {} times QDRANT_TIMEOUT_MS, so that a slow call does not lose the lease",
            QdrantSettings::TIMEOUTS_A_LEASE
        ));
        return None;
    }
    let (replication_factor, write_consistency): (u32, u32) = (replication_factor?, write_consistency?);
    if write_consistency > replication_factor {
        reader.error("QDRANT_WRITE_CONSISTENCY must not be above QDRANT_REPLICATION_FACTOR");
        return None;
    }
    let settings = QdrantSettings {
        urls: Vec::new(),
        api_key,
        collection: collection?.0,
        timeout,
        lease,
        on_disk: on_disk?,
        quantization: quantization?,
        replication_factor,
        write_consistency: match write_consistency {
            0 => replication_factor / 2 + 1,
            chosen => chosen,
        },
        read_consistency: read_consistency?,
        search_candidates: search_candidates?,
    };
    Some((url?, settings))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn settings(given: &[(&str, &str)]) -> Result<QdrantSettings, Vec<String>> {
        let given = |name: &str| {
            [("VECTOR_STORE", "qdrant")]
                .iter()
                .chain(given)
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let mut reader = Reader::new(&given);
        match read(&mut reader) {
            Some(VectorStore::Qdrant(settings)) if reader.errors.is_empty() => Ok(settings),
            _ => Err(reader.errors),
        }
    }

    #[test]
    fn the_index_has_the_sizes_that_were_measured() {
        let mut reader = Reader::new(&|_| None);
        assert_eq!(index(&mut reader), Some(IndexSettings::default()));
        assert_eq!(reader.errors, Vec::<String>::new());
    }

    #[test]
    fn a_server_needs_an_address_without_secrets() {
        assert!(settings(&[]).unwrap_err()[0].contains("QDRANT_URL"));
        assert!(settings(&[("QDRANT_URL", "http://127.0.0.1:6334")]).is_ok());
        assert!(settings(&[("QDRANT_URL", "https://qdrant.internal:6334")]).is_ok());
        for wrong in [
            "qdrant:6334",
            "grpc://qdrant:6334",
            "http://user:password@qdrant:6334",
            "http://one:6334,two:6334",
            "http://one:6334,",
            "http://one:6334,http://one:6334",
        ] {
            assert!(settings(&[("QDRANT_URL", wrong)]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_cluster_may_be_named_by_each_of_its_nodes() {
        let settings = settings(&[(
            "QDRANT_URL",
            "http://one:6334, http://two:6334,https://three:6334",
        )])
        .unwrap();
        assert_eq!(
            settings.urls,
            ["http://one:6334", "http://two:6334", "https://three:6334"]
        );
    }

    #[test]
    fn a_write_counts_when_most_copies_have_it() {
        let url = ("QDRANT_URL", "http://127.0.0.1:6334");
        for (copies, needed) in [("1", 1), ("2", 2), ("3", 2), ("5", 3)] {
            let settings = settings(&[url, ("QDRANT_REPLICATION_FACTOR", copies)]).unwrap();
            assert_eq!(settings.write_consistency, needed, "{copies}");
        }
        assert!(settings(&[url, ("QDRANT_WRITE_CONSISTENCY", "2")]).is_err());
        assert!(settings(&[url, ("QDRANT_LEASE_MS", "19999")]).is_err());
        assert!(settings(&[url, ("QDRANT_READ_CONSISTENCY", "0")]).is_err());
    }
}
