//! How faces, clusters and the rest become points, and come back.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qdrant_client::qdrant::value::Kind as Is;
use qdrant_client::qdrant::{
    ListValue, NamedVectors, PointId, PointStruct, RetrievedPoint, Value, Vectors, point_id::PointIdOptions,
    vector_output,
};
use uuid::Uuid;

use super::layout::{self, Kind};
use super::server::point_id;
use crate::domain::{BoundingBox, ClusterId, Embedding, FaceId, FileId, SourceUrl};
use crate::store::error::StoreError;
use crate::store::flags::ClusterFlags;
use crate::store::format::{Stored, from_text, to_text};
use crate::store::photo_list::ListedPhoto;
use crate::store::record::{
    Explanation, PhotoDescription, PhotoRecord, Redirect, Rejection, SequencedFace, SequencedPhoto,
    StoredAnswer, StoredFace,
};

/// What a point holds besides its vector.
pub(super) type Payload = HashMap<String, Value>;

const BOUNDING_BOX: &str = "bounding_box";
const CONFIDENCE: &str = "confidence";
pub(super) const QUALITY: &str = "quality";
const CORRECTED: &str = "corrected";
const JOINED: &str = "joined";
const REPRESENTATIVE: &str = "representative";
const FACES: &str = "faces";
const DISTINCTIONS: &str = "distinctions";
const MOMENT: &str = "moment";
const AUTOMATIC: &str = "automatic";
const SCENE: &str = "scene";
const PROMPTS_OF: &str = "prompts_of";
pub(super) const DESCRIPTION: &str = "description";
const MODEL_SET: &str = "model_set";
pub(super) const SOURCE_URL: &str = "source_url";
pub(super) const CONTENT: &str = "content";
const KEY: &str = "key";
const REQUEST: &str = "request";
const BODY: &str = "body";

pub(super) fn payload<const N: usize>(fields: [(&str, Value); N]) -> Payload {
    fields
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// A point without a vector. It says so, because the server takes one that says nothing for a mistake.
pub(super) fn bare(id: Uuid, payload: Payload) -> PointStruct {
    PointStruct {
        id: Some(point_id(id)),
        payload,
        vectors: Some(Vectors::from(NamedVectors::default())),
    }
}

pub(super) fn face(face: &StoredFace, sequence: u64) -> PointStruct {
    let fields = [
        (layout::FILE_ID, face.file_id.as_str().into()),
        (layout::CLUSTER_ID, face.cluster_id.to_string().into()),
        (BOUNDING_BOX, edges(face.bounding_box)),
        (CONFIDENCE, f64::from(face.confidence).into()),
        (QUALITY, f64::from(face.quality).into()),
        (CORRECTED, face.corrected.into()),
        (JOINED, integer(face.joined)),
        (layout::SEQUENCE, integer(sequence)),
    ];
    PointStruct {
        id: Some(point_id(face.face_id.as_uuid())),
        payload: payload(fields),
        vectors: Some(Vectors::from(face.embedding.as_slice().to_vec())),
    }
}

/// What an assignment changes of a face.
pub(super) fn assignment(cluster: &ClusterId, corrected: Option<bool>) -> Payload {
    let mut fields = payload([(layout::CLUSTER_ID, cluster.to_string().into())]);
    if let Some(corrected) = corrected {
        fields.insert(CORRECTED.to_owned(), corrected.into());
    }
    fields
}

pub(super) fn cluster(cluster: &ClusterId, representative: &FaceId, flags: ClusterFlags) -> PointStruct {
    let mut fields = payload([(REPRESENTATIVE, representative.to_string().into())]);
    put_flags(&mut fields, flags);
    bare(cluster.as_uuid(), fields)
}

/// Only those that are set, as earlier versions knew none.
fn put_flags(fields: &mut Payload, flags: ClusterFlags) {
    let set = [
        (layout::HIDDEN, flags.hidden),
        (layout::PROVISIONAL, flags.provisional),
    ];
    for (key, _) in set.into_iter().filter(|(_, is_set)| *is_set) {
        fields.insert(key.to_owned(), true.into());
    }
}

pub(super) fn redirect(redirect: &Redirect) -> Result<PointStruct, StoreError> {
    let representative = redirect.representative.map(|face| face.to_string());
    let fields = [
        (layout::TARGET, redirect.target.to_string().into()),
        (REPRESENTATIVE, representative.unwrap_or_default().into()),
        (FACES, to_json(&redirect.faces)?),
        (DISTINCTIONS, to_json(&redirect.distinctions)?),
        (MOMENT, integer(redirect.moment)),
        (AUTOMATIC, redirect.automatic.into()),
    ];
    let mut fields = payload(fields);
    put_flags(&mut fields, redirect.flags);
    Ok(bare(redirect.source.as_uuid(), fields))
}

pub(super) fn rejection(rejection: &Rejection) -> PointStruct {
    let fields = [
        (layout::FILE_ID, rejection.file_id.as_str().into()),
        (BOUNDING_BOX, edges(rejection.bounding_box)),
    ];
    bare(rejection.face_id.as_uuid(), payload(fields))
}

pub(super) fn photo(photo: &PhotoRecord, sequence: u64) -> Result<PointStruct, StoreError> {
    let fields = [
        (layout::KIND, Kind::Photo.name().into()),
        (layout::FILE_ID, photo.file_id.as_str().into()),
        (layout::SEQUENCE, integer(sequence)),
        (SCENE, to_json(&photo.scene)?),
        (PROMPTS_OF, photo.prompts_of.as_str().into()),
        (DESCRIPTION, to_json(&photo.description)?),
        (MODEL_SET, photo.model_set.as_str().into()),
    ];
    let mut fields = payload(fields);
    if let Some(url) = &photo.source_url {
        fields.insert(SOURCE_URL.to_owned(), url.as_str().into());
    }
    fields.extend(listed_by(&photo.description));
    Ok(bare(layout::photo(&photo.file_id), fields))
}

/// What a new description changes of a photo.
pub(super) fn description(description: &PhotoDescription) -> Result<Payload, StoreError> {
    let mut fields = payload([(DESCRIPTION, to_json(description)?)]);
    fields.extend(listed_by(description));
    Ok(fields)
}

/// What a photo with this description is listed by.
fn listed_by(description: &PhotoDescription) -> Payload {
    let tags = description.tags.iter().map(|tag| tag.name.as_str().into());
    payload([
        (layout::TAGS, list(tags.collect())),
        (layout::LISTED, layout::LISTING.into()),
    ])
}

pub(super) fn portrait(face: &FaceId, jpeg: &[u8]) -> PointStruct {
    let fields = [
        (layout::KIND, Kind::Portrait.name().into()),
        (CONTENT, STANDARD.encode(jpeg).into()),
    ];
    bare(layout::portrait(face), payload(fields))
}

pub(super) fn explanation(face: &FaceId, explanation: &Explanation) -> Result<PointStruct, StoreError> {
    let fields = [
        (layout::KIND, Kind::Explanation.name().into()),
        (CONTENT, to_json(explanation)?),
    ];
    Ok(bare(layout::explanation(face), payload(fields)))
}

pub(super) fn distinction(one: &ClusterId, other: &ClusterId) -> PointStruct {
    bare(
        layout::distinction(one, other),
        pair(Kind::Distinction, one, other),
    )
}

pub(super) fn unsure(one: &ClusterId, other: &ClusterId) -> PointStruct {
    bare(layout::unsure(one, other), pair(Kind::Unsure, one, other))
}

fn pair(kind: Kind, one: &ClusterId, other: &ClusterId) -> Payload {
    let clusters = [one, other].map(|cluster| Value::from(cluster.to_string()));
    payload([
        (layout::KIND, kind.name().into()),
        (layout::CLUSTERS, list(clusters.to_vec())),
    ])
}

pub(super) fn answer(answer: &StoredAnswer) -> PointStruct {
    let mut fields = payload([
        (layout::KIND, Kind::Answer.name().into()),
        (KEY, answer.key.as_str().into()),
        (REQUEST, answer.request.as_str().into()),
        (BODY, answer.body.as_str().into()),
        (layout::AT, integer(answer.at)),
    ]);
    if let Some(file) = &answer.file_id {
        fields.insert(layout::FILE_ID.to_owned(), file.as_str().into());
    }
    bare(layout::answer(&answer.key), fields)
}

/// A part of a journal.
pub(super) fn journal(journal: &Uuid, part: u32, request: &[u8]) -> PointStruct {
    let fields = [
        (layout::KIND, Kind::Journal.name().into()),
        (CONTENT, STANDARD.encode(request).into()),
    ];
    bare(layout::journal(journal, part), payload(fields))
}

pub(super) fn read_face(point: &RetrievedPoint) -> Result<SequencedFace, StoreError> {
    let vector = point.vectors.as_ref().and_then(|vectors| vectors.get_vector());
    let Some(vector_output::Vector::Dense(vector)) = vector else {
        return Err(missing("vector"));
    };
    let fields = &point.payload;
    Ok(SequencedFace {
        position: read_integer(fields, layout::SEQUENCE)?,
        face: StoredFace {
            face_id: read_id(point)?.into(),
            file_id: read_file(fields)?,
            cluster_id: read_cluster(fields, layout::CLUSTER_ID)?,
            embedding: Embedding::stored(vector.data).map_err(damaged)?,
            bounding_box: read_box(fields)?,
            confidence: read_number(fields, CONFIDENCE)?,
            quality: read_number(fields, QUALITY)?,
            corrected: matches!(kind(fields, CORRECTED)?, Is::BoolValue(true)),
            joined: read_integer_if_there(fields, JOINED)?,
        },
    })
}

/// The face that stands for a cluster.
pub(super) fn read_representative(point: &RetrievedPoint) -> Result<FaceId, StoreError> {
    FaceId::parse(read_text(&point.payload, REPRESENTATIVE)?).map_err(damaged)
}

pub(super) fn read_redirect(point: &RetrievedPoint) -> Result<Redirect, StoreError> {
    let fields = &point.payload;
    let representative = Some(read_text(fields, REPRESENTATIVE)?).filter(|text| !text.is_empty());
    Ok(Redirect {
        source: read_id(point)?.into(),
        target: read_cluster(fields, layout::TARGET)?,
        representative: representative.map(FaceId::parse).transpose().map_err(damaged)?,
        faces: read_json(fields, FACES)?,
        distinctions: read_json(fields, DISTINCTIONS)?,
        moment: read_integer_if_there(fields, MOMENT)?,
        automatic: is_set(fields, AUTOMATIC),
        flags: read_flags(point),
    })
}

/// What is known of a cluster besides its faces.
pub(super) fn read_flags(point: &RetrievedPoint) -> ClusterFlags {
    ClusterFlags {
        hidden: is_set(&point.payload, layout::HIDDEN),
        provisional: is_set(&point.payload, layout::PROVISIONAL),
    }
}

/// Whether somebody put a face where it is.
pub(super) fn is_corrected(face: &RetrievedPoint) -> bool {
    is_set(&face.payload, CORRECTED)
}

/// Whether something is true; it is not where the point is of a version that did not keep it.
fn is_set(fields: &Payload, key: &str) -> bool {
    let kind = fields.get(key).and_then(|value| value.kind.as_ref());
    matches!(kind, Some(Is::BoolValue(true)))
}

pub(super) fn read_rejection(point: &RetrievedPoint) -> Result<Rejection, StoreError> {
    Ok(Rejection {
        face_id: read_id(point)?.into(),
        file_id: read_file(&point.payload)?,
        bounding_box: read_box(&point.payload)?,
    })
}

pub(super) fn read_photo(point: &RetrievedPoint) -> Result<SequencedPhoto, StoreError> {
    let fields = &point.payload;
    Ok(SequencedPhoto {
        position: read_integer(fields, layout::SEQUENCE)?,
        photo: PhotoRecord {
            file_id: read_file(fields)?,
            scene: read_json(fields, SCENE)?,
            prompts_of: read_text(fields, PROMPTS_OF)?.to_owned(),
            description: read_json(fields, DESCRIPTION)?,
            model_set: read_text(fields, MODEL_SET)?.to_owned(),
            source_url: read_source_url(fields)?,
        },
    })
}

/// A photo in a list, without its clusters, which are not kept with it.
pub(super) fn read_listed(point: &RetrievedPoint) -> Result<ListedPhoto, StoreError> {
    let (file_id, description) = read_description(point)?;
    Ok(ListedPhoto {
        file_id,
        tags: Some(description.tags.into_iter().map(|tag| tag.name).collect()),
        context: Some(description.context.phrase),
        clusters: Vec::new(),
        has_url: point.payload.contains_key(SOURCE_URL),
    })
}

/// A photo's name and what is said about it.
pub(super) fn read_description(point: &RetrievedPoint) -> Result<(FileId, PhotoDescription), StoreError> {
    let fields = &point.payload;
    Ok((read_file(fields)?, read_json(fields, DESCRIPTION)?))
}

/// Where a photo came from; none when that was not kept.
fn read_source_url(fields: &Payload) -> Result<Option<SourceUrl>, StoreError> {
    let url = fields
        .contains_key(SOURCE_URL)
        .then(|| read_text(fields, SOURCE_URL));
    Ok(url.transpose()?.map(|url| SourceUrl::stored(url.to_owned())))
}

/// The content of a portrait or of a part of a journal.
pub(super) fn read_bytes(point: &RetrievedPoint) -> Result<Vec<u8>, StoreError> {
    STANDARD
        .decode(read_text(&point.payload, CONTENT)?)
        .map_err(damaged)
}

pub(super) fn read_explanation(point: &RetrievedPoint) -> Result<Explanation, StoreError> {
    read_json(&point.payload, CONTENT)
}

/// The other cluster of a distinction, or of a pair that is uncertain.
pub(super) fn read_other(point: &RetrievedPoint, one: &ClusterId) -> Result<ClusterId, StoreError> {
    let Is::ListValue(clusters) = kind(&point.payload, layout::CLUSTERS)? else {
        return Err(missing(layout::CLUSTERS));
    };
    for value in &clusters.values {
        let Some(Is::StringValue(text)) = &value.kind else {
            continue;
        };
        let cluster = ClusterId::parse(text).map_err(damaged)?;
        if cluster != *one {
            return Ok(cluster);
        }
    }
    Err(missing(layout::CLUSTERS))
}

pub(super) fn read_answer(point: &RetrievedPoint) -> Result<StoredAnswer, StoreError> {
    let fields = &point.payload;
    let file = fields.contains_key(layout::FILE_ID).then(|| read_file(fields));
    Ok(StoredAnswer {
        key: read_text(fields, KEY)?.to_owned(),
        request: read_text(fields, REQUEST)?.to_owned(),
        body: read_text(fields, BODY)?.to_owned(),
        file_id: file.transpose()?,
        at: read_integer(fields, layout::AT)?,
    })
}

/// Points as rows.
pub(super) fn read_all<T>(
    points: &[RetrievedPoint],
    read: impl Fn(&RetrievedPoint) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    points.iter().map(read).collect()
}

/// Under which id a point lies.
pub(super) fn read_id(point: &RetrievedPoint) -> Result<Uuid, StoreError> {
    point.id.as_ref().map_or_else(|| Err(missing("id")), id)
}

/// A point's id as this store gives them.
pub(super) fn id(id: &PointId) -> Result<Uuid, StoreError> {
    match &id.point_id_options {
        Some(PointIdOptions::Uuid(text)) => Uuid::try_parse(text).map_err(damaged),
        _ => Err(missing("id")),
    }
}

pub(super) fn read_text<'a>(fields: &'a Payload, key: &str) -> Result<&'a str, StoreError> {
    match kind(fields, key)? {
        Is::StringValue(text) => Ok(text),
        _ => Err(missing(key)),
    }
}

pub(super) fn read_integer(fields: &Payload, key: &str) -> Result<u64, StoreError> {
    match kind(fields, key)? {
        Is::IntegerValue(value) => u64::try_from(*value).map_err(damaged),
        _ => Err(missing(key)),
    }
}

/// A number; 0 where the point is of a version that did not keep it.
pub(super) fn read_integer_if_there(fields: &Payload, key: &str) -> Result<u64, StoreError> {
    if fields.contains_key(key) {
        read_integer(fields, key)
    } else {
        Ok(0)
    }
}

pub(super) fn read_number(fields: &Payload, key: &str) -> Result<f32, StoreError> {
    match kind(fields, key)? {
        // It was written from a number of this width.
        Is::DoubleValue(value) => Ok(*value as f32),
        Is::IntegerValue(value) => Ok(*value as f32),
        _ => Err(missing(key)),
    }
}

pub(super) fn read_cluster(fields: &Payload, key: &str) -> Result<ClusterId, StoreError> {
    ClusterId::parse(read_text(fields, key)?).map_err(damaged)
}

pub(super) fn read_file(fields: &Payload) -> Result<FileId, StoreError> {
    FileId::new(read_text(fields, layout::FILE_ID)?).map_err(damaged)
}

pub(super) fn read_json<T: Stored>(fields: &Payload, key: &str) -> Result<T, StoreError> {
    from_text(read_text(fields, key)?)
}

fn read_box(fields: &Payload) -> Result<BoundingBox, StoreError> {
    let Is::ListValue(edges) = kind(fields, BOUNDING_BOX)? else {
        return Err(missing(BOUNDING_BOX));
    };
    let edges: Vec<u32> = edges
        .values
        .iter()
        .filter_map(|edge| match edge.kind {
            Some(Is::IntegerValue(edge)) => u32::try_from(edge).ok(),
            _ => None,
        })
        .collect();
    let edges: [u32; 4] = edges.try_into().map_err(|_| missing(BOUNDING_BOX))?;
    Ok(edges.into())
}

fn kind<'a>(fields: &'a Payload, key: &str) -> Result<&'a Is, StoreError> {
    fields
        .get(key)
        .and_then(|value| value.kind.as_ref())
        .ok_or_else(|| missing(key))
}

/// A number as the server counts; positions and times stay far below its end.
pub(super) fn integer(value: u64) -> Value {
    i64::try_from(value).unwrap_or(i64::MAX).into()
}

fn edges(bounding_box: BoundingBox) -> Value {
    let edges: [u32; 4] = bounding_box.into();
    list(edges.iter().map(|edge| i64::from(*edge).into()).collect())
}

pub(super) fn list(values: Vec<Value>) -> Value {
    Is::ListValue(ListValue { values }).into()
}

/// Text, because the server need not understand it and must not change it.
pub(super) fn to_json(value: &impl Stored) -> Result<Value, StoreError> {
    to_text(value).map(Value::from)
}

fn missing(key: &str) -> StoreError {
    StoreError::Damaged(format!("a point of Qdrant without a valid {key}"))
}

pub(super) fn damaged(error: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(error.to_string())
}
