//! Makes the collections, and refuses those that belong to another embedder.

use qdrant_client::qdrant::quantization_config::Quantization as QuantizationKind;
use qdrant_client::qdrant::vectors_config::Config;
use qdrant_client::qdrant::{
    BinaryQuantization, CollectionConfig, CollectionInfo, CreateCollection, CreateFieldIndexCollection,
    Distance, QuantizationConfig, QuantizationType, ScalarQuantization, Value, VectorParams, VectorsConfig,
};

use super::layout::{Collection, FORMAT, PROVISIONAL};
use super::server::{Server, ordering};
use super::settings::Quantization;
use super::state::State;
use crate::domain::{EmbeddingModel, PREPROCESSING};
use crate::store::error::StoreError;
use crate::store::preprocessing::warn_of_preprocessing;

/// The first version of the server that can update on a condition, which the right to write rests upon.
const OLDEST: (u64, u64) = (1, 16);

/// What the collections' metadata call the way in which faces were cut out; not there where they are older than it.
const METADATA_PREPROCESSING: &str = "preprocessing";

/// Makes what is missing, and checks what is there; says whether an earlier version has left clusters without what is
/// known of them now, so that [`finish`] must follow. Several workers may do so at once.
///
/// # Errors
/// When the server does not answer, refuses the key or is too old, or the collections are of another embedder.
pub(super) async fn prepare(server: &Server, model: &EmbeddingModel) -> Result<bool, StoreError> {
    check_version(server).await?;
    let active = format!("{} ({} dimensions)", model.name, model.dimension);
    let mut is_earlier = false;
    for collection in Collection::ALL {
        let is_new = !exists(server, collection).await?;
        if is_new {
            create(server, collection, model, &active).await?;
        }
        // The index is made last of all, so that it is missing for as long as anything else is.
        let left_out = (collection == Collection::Clusters && !is_new).then_some(PROVISIONAL);
        is_earlier |= index(server, collection, left_out).await?;
    }
    check_vectors(server, model, &active).await?;
    warn_of_preprocessing(preprocessing(server).await?);
    State::new(active.clone()).found(server).await?;
    let stored = match State::read_from(server, 0).await {
        Err(StoreError::CopiesDisagree) => {
            State::mend(server).await?;
            State::read_from(server, 0).await?
        }
        read => read?,
    };
    let stored = stored.model;
    if stored != active {
        return Err(StoreError::OtherModel { stored, active });
    }
    Ok(is_earlier)
}

/// Makes the index that says that nothing is missing any more.
///
/// # Errors
/// When the server does not answer.
pub(super) async fn finish(server: &Server) -> Result<(), StoreError> {
    index(server, Collection::Clusters, None).await.map(drop)
}

/// How the faces of the collections were cut out when they were made.
async fn preprocessing(server: &Server) -> Result<u32, StoreError> {
    let metadata = info(server, Collection::Faces)
        .await?
        .and_then(|info| info.config)
        .map(|config| config.metadata)
        .unwrap_or_default();
    let stored = metadata.get(METADATA_PREPROCESSING).and_then(Value::as_integer);
    Ok(stored.and_then(|stored| u32::try_from(stored).ok()).unwrap_or(1))
}

async fn check_version(server: &Server) -> Result<(), StoreError> {
    let version = server
        .call(|client| async move { client.health_check().await })
        .await?
        .version;
    let mut numbers = version.split('.').map(str::parse::<u64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) < OLDEST => Err(StoreError::OldQdrant {
            url: server.nodes.current().0.url.clone(),
            version,
        }),
        // A version that cannot be read is somebody's own build.
        _ => Ok(()),
    }
}

async fn exists(server: &Server, collection: Collection) -> Result<bool, StoreError> {
    let name = server.name(collection);
    server
        .call(|client| {
            let name = name.clone();
            async move { client.collection_exists(name).await }
        })
        .await
}

async fn create(
    server: &Server,
    collection: Collection,
    model: &EmbeddingModel,
    active: &str,
) -> Result<(), StoreError> {
    let settings = &server.settings;
    let mut request = CreateCollection {
        collection_name: server.name(collection),
        // A cluster would otherwise make one for each node, and counts of what has most are only right within one.
        shard_number: Some(1),
        replication_factor: Some(settings.replication_factor),
        write_consistency_factor: Some(settings.write_consistency),
        metadata: [
            ("embedding_model".to_owned(), Value::from(active)),
            ("format".to_owned(), Value::from(FORMAT)),
            (
                METADATA_PREPROCESSING.to_owned(),
                Value::from(i64::from(PREPROCESSING)),
            ),
        ]
        .into(),
        ..CreateCollection::default()
    };
    on_disk(&mut request);
    if collection == Collection::Faces {
        request.vectors_config = Some(VectorsConfig {
            config: Some(Config::Params(vectors(model, settings.on_disk))),
        });
        request.quantization_config = quantization(settings.quantization);
    }
    let made = server
        .call(|client| {
            let request = request.clone();
            async move { client.create_collection(request).await }
        })
        .await;
    match made {
        Ok(_) => Ok(()),
        // Another worker was faster, or the answer to an earlier try was lost.
        Err(StoreError::Qdrant { .. }) if exists(server, collection).await? => Ok(()),
        Err(error) => Err(error),
    }
}

/// Portraits and scenes stay on disk; the fields that are indexed are in memory all the same.
#[expect(deprecated, reason = "servers before 1.20 do not know what takes its place")]
fn on_disk(request: &mut CreateCollection) {
    request.on_disk_payload = Some(true);
}

#[expect(deprecated, reason = "servers before 1.20 do not know what takes its place")]
fn vectors(model: &EmbeddingModel, on_disk: bool) -> VectorParams {
    VectorParams {
        size: model.dimension as u64,
        distance: Distance::Cosine.into(),
        on_disk: Some(on_disk),
        ..VectorParams::default()
    }
}

#[expect(deprecated, reason = "servers before 1.20 do not know what takes its place")]
fn quantization(chosen: Quantization) -> Option<QuantizationConfig> {
    let kind = match chosen {
        Quantization::None => return None,
        Quantization::Scalar => QuantizationKind::Scalar(ScalarQuantization {
            r#type: QuantizationType::Int8.into(),
            always_ram: Some(true),
            ..ScalarQuantization::default()
        }),
        Quantization::Binary => QuantizationKind::Binary(BinaryQuantization {
            always_ram: Some(true),
            ..BinaryQuantization::default()
        }),
    };
    Some(QuantizationConfig {
        quantization: Some(kind),
    })
}

/// Indexes what is not indexed yet, but for one field; says whether that is not either.
async fn index(server: &Server, collection: Collection, left_out: Option<&str>) -> Result<bool, StoreError> {
    let mut is_left_out = false;
    let indexed = match info(server, collection).await? {
        Some(info) => info.payload_schema,
        None => return Err(no_collection(server, collection)),
    };
    for (field, kind) in collection.indexed() {
        if indexed.contains_key(*field) {
            continue;
        }
        if left_out == Some(*field) {
            is_left_out = true;
            continue;
        }
        let request = CreateFieldIndexCollection {
            collection_name: server.name(collection),
            wait: Some(true),
            field_name: (*field).to_owned(),
            field_type: Some((*kind).into()),
            ordering: Some(ordering()),
            ..CreateFieldIndexCollection::default()
        };
        server
            .call(|client| {
                let request = request.clone();
                async move { client.create_field_index(request).await }
            })
            .await?;
    }
    Ok(is_left_out)
}

/// Refuses vectors of another width, and a collection that is not this worker's at all.
async fn check_vectors(server: &Server, model: &EmbeddingModel, active: &str) -> Result<(), StoreError> {
    let config: Option<CollectionConfig> = info(server, Collection::Faces)
        .await?
        .and_then(|info| info.config);
    let vectors = config
        .and_then(|config| config.params)
        .and_then(|params| params.vectors_config)
        .and_then(|vectors| vectors.config);
    match vectors {
        Some(Config::Params(VectorParams { size, distance, .. }))
            if size == model.dimension as u64 && distance == i32::from(Distance::Cosine) =>
        {
            Ok(())
        }
        Some(Config::Params(VectorParams { size, distance, .. })) => {
            let distance =
                Distance::try_from(distance).map_or("an unknown", |distance| distance.as_str_name());
            Err(StoreError::OtherModel {
                stored: format!("{size} dimensions with {distance} distance"),
                active: active.to_owned(),
            })
        }
        _ => Err(StoreError::OtherModel {
            stored: "several kinds or none".to_owned(),
            active: active.to_owned(),
        }),
    }
}

async fn info(server: &Server, collection: Collection) -> Result<Option<CollectionInfo>, StoreError> {
    let name = server.name(collection);
    let answer = server
        .call(|client| {
            let name = name.clone();
            async move { client.collection_info(name).await }
        })
        .await?;
    Ok(answer.result)
}

fn no_collection(server: &Server, collection: Collection) -> StoreError {
    StoreError::Qdrant {
        url: server.nodes.current().0.url.clone(),
        source: format!("nothing is said of collection {}", server.name(collection)).into(),
    }
}
