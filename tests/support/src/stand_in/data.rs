//! Collections in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use qdrant_client::qdrant::points_selector::PointsSelectorOneOf;
use qdrant_client::qdrant::points_update_operation::{Operation, PointStructList, SetPayload};
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::vectors::VectorsOptions;
use qdrant_client::qdrant::vectors_config::Config;
use qdrant_client::qdrant::{
    CreateCollection, FieldType, PointId, PointStruct, PointsSelector, RetrievedPoint, UpdateMode, Value,
    VectorOutput, VectorsOutput, point_id::PointIdOptions, vector, vector_output, vectors_output,
};
use tonic::Status;
use uuid::Uuid;

use super::filter;

/// What a point holds besides its vector.
pub(super) type Payload = HashMap<String, Value>;

/// One point.
#[derive(Clone)]
pub(super) struct Point {
    pub(super) payload: Payload,
    pub(super) vector: Option<Vec<f32>>,
}

/// One collection.
#[derive(Clone)]
pub(super) struct Collection {
    pub(super) made_as: CreateCollection,
    pub(super) indexed: HashMap<String, FieldType>,
    pub(super) points: BTreeMap<Uuid, Point>,
}

/// Every collection.
#[derive(Default)]
pub(super) struct Data {
    pub(super) collections: Mutex<HashMap<String, Collection>>,
}

impl Data {
    /// Works on a collection while nobody else does.
    pub(super) fn with<T>(
        &self,
        name: &str,
        work: impl FnOnce(&mut Collection) -> Result<T, Status>,
    ) -> Result<T, Status> {
        let mut collections = self.collections.lock().unwrap();
        let collection = collections
            .get_mut(name)
            .ok_or_else(|| Status::not_found(format!("Not found: Collection `{name}` doesn't exist!")))?;
        work(collection)
    }

    /// Becomes the same as another.
    pub(super) fn copy_from(&self, other: &Self) {
        let whole = other.collections.lock().unwrap().clone();
        *self.collections.lock().unwrap() = whole;
    }

    /// Changes a field of the records of a kind.
    pub(super) fn change_record(&self, kind: &str, key: &str, value: Value) {
        let mut collections = self.collections.lock().unwrap();
        for point in collections.get_mut("faces-records").unwrap().points.values_mut() {
            if text(&point.payload, "kind") == Some(kind) {
                point.payload.insert(key.to_owned(), value.clone());
            }
        }
    }

    /// Takes fields out of the records of a kind.
    pub(super) fn forget_of_records(&self, kind: &str, keys: &[&str]) {
        let mut collections = self.collections.lock().unwrap();
        for point in collections.get_mut("faces-records").unwrap().points.values_mut() {
            if text(&point.payload, "kind") == Some(kind) {
                point.payload.retain(|key, _| !keys.contains(&key.as_str()));
            }
        }
    }

    pub(super) fn records(&self, kind: &str) -> usize {
        let collections = self.collections.lock().unwrap();
        let records = collections.get("faces-records").unwrap();
        let is_kind = |point: &&Point| text(&point.payload, "kind") == Some(kind);
        records.points.values().filter(is_kind).count()
    }
}

impl Collection {
    /// Makes one operation of a batch, whole or not at all.
    pub(super) fn change(&mut self, operation: Operation) -> Result<(), Status> {
        match operation {
            Operation::Upsert(list) => self.upsert(list),
            Operation::SetPayload(change) => self.set_payload(change),
            Operation::DeletePoints(removal) => {
                for id in self.selected(removal.points, false)? {
                    self.points.remove(&id);
                }
                Ok(())
            }
            other => Err(Status::unimplemented(format!("{other:?}"))),
        }
    }

    fn upsert(&mut self, list: PointStructList) -> Result<(), Status> {
        let mode = list.update_mode.unwrap_or_default();
        let mut points = Vec::new();
        for point in list.points {
            points.push(self.checked(point)?);
        }
        for (id, point) in points {
            let there = self.points.get(&id);
            let goes_in = match (there, mode) {
                (None, mode) => mode != i32::from(UpdateMode::UpdateOnly),
                (Some(_), mode) if mode == i32::from(UpdateMode::InsertOnly) => false,
                (Some(there), _) => list
                    .update_filter
                    .as_ref()
                    .is_none_or(|filter| filter::matches(filter, &id, &there.payload)),
            };
            if goes_in {
                self.points.insert(id, point);
            }
        }
        Ok(())
    }

    /// A point as it is kept: with a vector of length 1 if its length is another.
    fn checked(&self, point: PointStruct) -> Result<(Uuid, Point), Status> {
        let id = id(point.id.as_ref())?;
        let options = point
            .vectors
            .and_then(|vectors| vectors.vectors_options)
            .ok_or_else(|| Status::invalid_argument("Expected some vectors"))?;
        let vector = match options {
            VectorsOptions::Vectors(named) if named.vectors.is_empty() => None,
            VectorsOptions::Vector(one) => match one.vector {
                Some(vector::Vector::Dense(dense)) => Some(dense.data),
                // What clients before 1.16 fill.
                _ => Some(old_data(one)),
            },
            VectorsOptions::Vectors(_) => return Err(Status::invalid_argument("Not existing vector name")),
        };
        let expected = self.width();
        if let Some(vector) = &vector
            && Some(vector.len() as u64) != expected
        {
            return Err(Status::invalid_argument(format!(
                "Wrong input: Vector dimension error: expected dim: {expected:?}, got {}",
                vector.len()
            )));
        }
        let point = Point {
            payload: point.payload,
            vector: vector.map(normalised),
        };
        Ok((id, point))
    }

    fn set_payload(&mut self, change: SetPayload) -> Result<(), Status> {
        for id in self.selected(change.points_selector, true)? {
            if let Some(point) = self.points.get_mut(&id) {
                point.payload.extend(change.payload.clone());
            }
        }
        Ok(())
    }

    /// The points that are meant. Some operations want points that are named to be there.
    fn selected(&self, selector: Option<PointsSelector>, must_exist: bool) -> Result<Vec<Uuid>, Status> {
        match selector.and_then(|selector| selector.points_selector_one_of) {
            Some(PointsSelectorOneOf::Points(list)) => {
                let ids: Vec<Uuid> = list
                    .ids
                    .iter()
                    .map(|point| id(Some(point)))
                    .collect::<Result<_, _>>()?;
                match ids.iter().find(|id| must_exist && !self.points.contains_key(*id)) {
                    Some(missing) => Err(Status::not_found(format!("No point with id {missing} found"))),
                    None => Ok(ids),
                }
            }
            // Named points are looked up, since there may be thousands of such changes in one batch.
            Some(PointsSelectorOneOf::Filter(wanted)) if filter::named(&wanted).is_some() => {
                Ok(filter::named(&wanted)
                    .into_iter()
                    .flatten()
                    .filter_map(|id| self.points.get_key_value(&id))
                    .filter(|(id, point)| filter::matches(&wanted, id, &point.payload))
                    .map(|(id, _)| *id)
                    .collect())
            }
            Some(PointsSelectorOneOf::Filter(wanted)) => Ok(self
                .points
                .iter()
                .filter(|(id, point)| filter::matches(&wanted, id, &point.payload))
                .map(|(id, _)| *id)
                .collect()),
            None => Err(Status::invalid_argument("points_selector is expected")),
        }
    }

    /// How wide vectors are; none where there are none.
    pub(super) fn width(&self) -> Option<u64> {
        match self.made_as.vectors_config.as_ref()?.config.as_ref()? {
            Config::Params(params) => Some(params.size),
            Config::ParamsMap(_) => None,
        }
    }
}

#[expect(deprecated, reason = "the client fills it for servers before 1.16")]
fn old_data(vector: qdrant_client::qdrant::Vector) -> Vec<f32> {
    vector.data
}

/// As Qdrant does it: what is of length 1 already stays bit for bit.
fn normalised(mut vector: Vec<f32>) -> Vec<f32> {
    let square: f32 = vector.iter().map(|value| value * value).sum();
    if square > f32::EPSILON && (square - 1.0).abs() > 1e-6 {
        let length = square.sqrt();
        for value in &mut vector {
            *value /= length;
        }
    }
    vector
}

pub(super) fn id(id: Option<&PointId>) -> Result<Uuid, Status> {
    match id.and_then(|id| id.point_id_options.as_ref()) {
        Some(PointIdOptions::Uuid(text)) => Uuid::try_parse(text)
            .map_err(|_| Status::invalid_argument(format!("Unable to parse UUID: {text}"))),
        _ => Err(Status::invalid_argument("the stand-in knows UUIDs only")),
    }
}

pub(super) fn text<'a>(payload: &'a Payload, key: &str) -> Option<&'a str> {
    match payload.get(key)?.kind.as_ref()? {
        Kind::StringValue(text) => Some(text),
        _ => None,
    }
}

/// The texts under a key: one, or those of a list.
pub(super) fn texts<'a>(payload: &'a Payload, key: &str) -> Vec<&'a str> {
    match payload.get(key).and_then(|value| value.kind.as_ref()) {
        Some(Kind::StringValue(text)) => vec![text],
        Some(Kind::ListValue(list)) => {
            let texts = list.values.iter().filter_map(|value| match &value.kind {
                Some(Kind::StringValue(text)) => Some(text.as_str()),
                _ => None,
            });
            texts.collect()
        }
        _ => Vec::new(),
    }
}

/// A point as it is answered.
#[expect(deprecated, reason = "the message has fields for clients before 1.16")]
pub(super) fn retrieved(id: &Uuid, point: &Point, with_vectors: bool) -> RetrievedPoint {
    let vectors = point.vector.as_ref().filter(|_| with_vectors).map(|vector| {
        let dense = vector_output::Vector::Dense(vector.clone().into());
        VectorsOutput {
            vectors_options: Some(vectors_output::VectorsOptions::Vector(VectorOutput {
                data: Vec::new(),
                indices: None,
                vectors_count: None,
                vector: Some(dense),
            })),
        }
    });
    RetrievedPoint {
        id: Some(id.to_string().into()),
        payload: point.payload.clone(),
        vectors,
        ..RetrievedPoint::default()
    }
}
