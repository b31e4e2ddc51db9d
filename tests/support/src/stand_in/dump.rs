//! A stand-in's collections as JSON, and back: what a server would hold, point by point.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::{CreateCollection, FieldType, ListValue, Struct, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::StandIn;
use super::copies::Copies;
use super::data::{Collection, Data, Payload, Point};

/// Every collection.
#[derive(Serialize, Deserialize)]
pub struct Dump(Vec<DumpedCollection>);

#[derive(Serialize, Deserialize)]
struct DumpedCollection {
    name: String,
    /// Base64 of the message that it was made with.
    made_as: String,
    /// Which fields are indexed, each with what the protocol calls its kind.
    indexed: Vec<(String, String)>,
    points: Vec<DumpedPoint>,
}

#[derive(Serialize, Deserialize)]
struct DumpedPoint {
    id: Uuid,
    payload: serde_json::Map<String, Json>,
    /// Base64 of the vector's numbers, four bytes each, little-endian.
    vector: Option<String>,
}

impl StandIn {
    /// Everything that it holds.
    #[must_use]
    pub fn dump(&self) -> Dump {
        let collections = self.copies.data[0].collections.lock().unwrap();
        let mut dumped: Vec<_> = collections.iter().map(DumpedCollection::of).collect();
        dumped.sort_by(|a, b| a.name.cmp(&b.name));
        Dump(dumped)
    }

    /// A stand-in that holds this.
    #[must_use]
    pub fn holding(dump: Dump) -> Self {
        let collections: HashMap<_, _> = dump.0.into_iter().map(DumpedCollection::restored).collect();
        let data = Data {
            collections: Mutex::new(collections),
        };
        Self {
            copies: Arc::new(Copies::of(vec![Arc::new(data)])),
            ..Self::default()
        }
    }
}

impl DumpedCollection {
    fn of((name, collection): (&String, &Collection)) -> Self {
        let mut indexed: Vec<_> = collection
            .indexed
            .iter()
            .map(|(field, kind)| (field.clone(), kind.as_str_name().to_owned()))
            .collect();
        indexed.sort();
        Self {
            name: name.clone(),
            made_as: STANDARD.encode(collection.made_as.encode_to_vec()),
            indexed,
            points: collection.points.iter().map(DumpedPoint::of).collect(),
        }
    }

    fn restored(self) -> (String, Collection) {
        let made_as = STANDARD.decode(self.made_as).unwrap();
        let indexed = self
            .indexed
            .into_iter()
            .map(|(field, kind)| (field, FieldType::from_str_name(&kind).unwrap()));
        let collection = Collection {
            made_as: CreateCollection::decode(&*made_as).unwrap(),
            indexed: indexed.collect(),
            points: self.points.into_iter().map(DumpedPoint::restored).collect(),
        };
        (self.name, collection)
    }
}

impl DumpedPoint {
    fn of((id, point): (&Uuid, &Point)) -> Self {
        let bytes = |vector: &Vec<f32>| vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self {
            id: *id,
            payload: json_of_fields(&point.payload),
            vector: point
                .vector
                .as_ref()
                .map(|vector| STANDARD.encode::<Vec<u8>>(bytes(vector))),
        }
    }

    fn restored(self) -> (Uuid, Point) {
        let numbers = |text: String| {
            let bytes = STANDARD.decode(text).unwrap();
            let four = |piece: &[u8]| f32::from_le_bytes(piece.try_into().unwrap());
            bytes.chunks_exact(4).map(four).collect()
        };
        let point = Point {
            payload: fields_of_json(self.payload),
            vector: self.vector.map(numbers),
        };
        (self.id, point)
    }
}

fn json_of_fields(fields: &Payload) -> serde_json::Map<String, Json> {
    // In the order of the keys, so that two dumps of one thing are equal.
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(key, _)| *key);
    fields
        .into_iter()
        .map(|(key, value)| (key.clone(), json(value)))
        .collect()
}

fn fields_of_json(fields: serde_json::Map<String, Json>) -> Payload {
    fields.into_iter().map(|(key, json)| (key, value(json))).collect()
}

fn json(value: &Value) -> Json {
    match &value.kind {
        None | Some(Kind::NullValue(_)) => Json::Null,
        Some(Kind::BoolValue(it)) => (*it).into(),
        Some(Kind::IntegerValue(it)) => (*it).into(),
        Some(Kind::DoubleValue(it)) => (*it).into(),
        Some(Kind::StringValue(it)) => it.as_str().into(),
        Some(Kind::ListValue(list)) => list.values.iter().map(json).collect(),
        Some(Kind::StructValue(it)) => Json::Object(json_of_fields(&it.fields)),
    }
}

/// A number with a point or an exponent is a double, one without is an integer; JSON's writer here keeps them apart.
fn value(json: Json) -> Value {
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(it) => Kind::BoolValue(it),
        Json::Number(it) => match it.as_i64() {
            Some(it) => Kind::IntegerValue(it),
            None => Kind::DoubleValue(it.as_f64().unwrap()),
        },
        Json::String(it) => Kind::StringValue(it),
        Json::Array(list) => Kind::ListValue(ListValue {
            values: list.into_iter().map(value).collect(),
        }),
        Json::Object(fields) => Kind::StructValue(Struct {
            fields: fields_of_json(fields),
        }),
    };
    Value { kind: Some(kind) }
}
