//! Live answers held against the document that the worker serves about itself.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;
use test_support::Form;

use test_support::worker::{ADMIN, Worker};

/// The keys that a worker under test must have.
pub(crate) const KEYS: [(&str, &str); 2] = [("API_KEY", "api-secret"), ADMIN];

/// A worker, its document, and which operations have been tried.
pub(crate) struct Contract<'a> {
    worker: &'a Worker,
    document: Value,
    tried: BTreeSet<String>,
}

/// What is sent with a request.
pub(crate) enum Body {
    Nothing,
    Json(Value),
    Component(Vec<u8>),
    /// One photo.
    Photo(Vec<u8>),
    Form(Form),
}

impl<'a> Contract<'a> {
    pub(crate) async fn of(worker: &'a Worker) -> Self {
        let (status, document) = worker.get("/openapi.json").await;
        assert_eq!(status, 200);
        Self {
            worker,
            document,
            tried: BTreeSet::new(),
        }
    }

    /// Calls an operation by its id with these path parameters and this query, and holds request and answer against
    /// what the document says of them. Gives the status and the JSON body; null when the answer is something else.
    pub(crate) async fn call(
        &mut self,
        id: &str,
        parameters: &[&str],
        query: &str,
        body: Body,
    ) -> (u16, Value) {
        let (path, method, operation) = operations(&self.document)
            .find(|(_, _, operation)| operation["operationId"] == id)
            .unwrap_or_else(|| panic!("there is no operation {id}"));
        let mut parameters = parameters.iter();
        let path: Vec<&str> = path
            .split('/')
            .map(|segment| match segment.starts_with('{') {
                true => *parameters.next().unwrap(),
                false => segment,
            })
            .collect();
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let mut request = self.worker.request(method, &format!("{}{query}", path.join("/")));
        for requirement in operation["security"].as_array().into_iter().flatten() {
            for header in requirement.as_object().unwrap().keys() {
                let [api, admin] = KEYS;
                let (_, key) = if header == "X-Admin-Key" { admin } else { api };
                request = request.header(header, key);
            }
        }
        let request = match body {
            Body::Nothing => request,
            Body::Json(body) => {
                let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                self.assert_fits(&format!("body of {id}"), schema, &body);
                request.json(&body)
            }
            Body::Component(body) => {
                assert!(operation["requestBody"]["content"]["application/wasm"].is_object());
                request.header("Content-Type", "application/wasm").body(body)
            }
            Body::Photo(photo) => {
                assert!(operation["requestBody"]["content"]["image/*"].is_object());
                request.header("Content-Type", "image/jpeg").body(photo)
            }
            Body::Form(form) => {
                assert!(operation["requestBody"]["content"]["multipart/form-data"].is_object());
                request
                    .header("Content-Type", Form::content_type())
                    .body(form.body())
            }
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let documented = &operation["responses"][status.to_string()];
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        let kind = kind.split(';').next().unwrap();
        let what = format!("{id}, {status} {kind}");
        let content = &documented["content"][kind];
        assert!(content.is_object(), "{what} is not documented");
        let answer = if kind == "application/x-ndjson" {
            let body = response.text().await.unwrap();
            let lines: Vec<Value> = body
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            for line in &lines {
                self.assert_fits(&what, &content["schema"], line);
            }
            Value::Array(lines)
        } else if kind.ends_with("json") {
            let answer = response.json().await.unwrap();
            self.assert_fits(&what, &content["schema"], &answer);
            answer
        } else {
            Value::Null
        };
        if status < 400 {
            self.tried.insert(id.to_owned());
        }
        (status, answer)
    }

    /// Calls an operation that must succeed; its JSON body.
    pub(crate) async fn succeed(&mut self, id: &str, parameters: &[&str], body: Body) -> Value {
        let (status, answer) = self.call(id, parameters, "", body).await;
        assert_eq!(status, 200, "{id}: {answer}");
        answer
    }

    /// The operations that did not succeed yet.
    pub(crate) fn untried(&self) -> Vec<&str> {
        operations(&self.document)
            .map(|(_, _, operation)| operation["operationId"].as_str().unwrap())
            .filter(|id| !self.tried.contains(*id))
            .collect()
    }

    /// Panics when a value is not of a schema, or has a field that the schema does not name.
    fn assert_fits(&self, what: &str, schema: &Value, value: &Value) {
        let errors: Vec<String> = validator(&self.document, schema)
            .iter_errors(value)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{what}: {errors:#?}\n{value:#}");
    }
}

/// Path, method and description of every operation.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods
            .iter()
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// Takes a value with the fields that a schema of the document names, and no others.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut schema = inline(document, schema);
    close(&mut schema);
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

fn inline(document: &Value, schema: &Value) -> Value {
    match schema {
        Value::Object(object) => match object.get("$ref").and_then(Value::as_str) {
            Some(reference) => inline(document, document.pointer(&reference[1..]).unwrap()),
            None => object
                .iter()
                .map(|(key, value)| (key.clone(), inline(document, value)))
                .collect(),
        },
        Value::Array(items) => items.iter().map(|item| inline(document, item)).collect(),
        other => other.clone(),
    }
}

/// Parts of an `allOf` describe one object together, so that it is closed as a whole.
fn close(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if object.contains_key("properties") || object.contains_key("allOf") {
        object.insert("unevaluatedProperties".to_owned(), false.into());
    }
    for (key, value) in object.iter_mut() {
        match key.as_str() {
            "properties" => value.as_object_mut().unwrap().values_mut().for_each(close),
            "items" | "additionalProperties" => close(value),
            "oneOf" => value.as_array_mut().unwrap().iter_mut().for_each(close),
            "allOf" => {
                for part in value.as_array_mut().unwrap() {
                    close(part);
                    part.as_object_mut().unwrap().remove("unevaluatedProperties");
                }
            }
            _ => {}
        }
    }
}

#[test_support::test]
fn a_missing_and_an_undocumented_field_are_found() {
    let document = serde_json::json!({ "components": { "schemas": {
        "Name": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } },
        "Id": { "type": "string", "format": "uuid" },
    } } });
    let name = serde_json::json!({ "$ref": "#/components/schemas/Name" });
    // As utoipa describes a flattened field.
    let both = serde_json::json!({ "allOf": [
        name,
        { "type": "object", "required": ["id"], "properties": { "id": { "$ref": "#/components/schemas/Id" } } },
    ] });
    let list = serde_json::json!({ "type": "array", "items": both });
    let id = "00000000-0000-4000-8000-000000000000";
    for (fits, schema, value) in [
        (true, &name, serde_json::json!({ "name": "a" })),
        (false, &name, serde_json::json!({})),
        (false, &name, serde_json::json!({ "name": "a", "more": 1 })),
        (true, &list, serde_json::json!([{ "name": "a", "id": id }])),
        (false, &list, serde_json::json!([{ "name": "a", "id": "b" }])),
        (false, &list, serde_json::json!([{ "name": "a" }])),
        (
            false,
            &list,
            serde_json::json!([{ "name": "a", "id": id, "more": 1 }]),
        ),
    ] {
        assert_eq!(validator(&document, schema).is_valid(&value), fits, "{value}");
    }
}
