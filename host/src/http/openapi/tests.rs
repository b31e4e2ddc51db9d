#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn value() -> Value {
    serde_json::to_value(document()).unwrap()
}

/// Path, method and description of every operation.
fn operations_of(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

/// Every `$ref` within a value.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|part| references(part, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn the_committed_document_is_of_these_routes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../clients/openapi.json");
    let expected = document().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert_eq!(
        committed, expected,
        "run the tests with UPDATE_OPENAPI=1 to write it anew"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own_and_what_it_needs() {
    let document = value();
    let tags: BTreeSet<&str> = TAGS.iter().map(|(name, _)| *name).collect();
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations_of(&document) {
        let what = format!("{method} {path}");
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{what}");
        assert!(
            operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
            "{what}"
        );
        assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{what}");
        let documented: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let named: BTreeSet<&str> = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        assert_eq!(documented, named, "{what}");
    }
    assert!(names.len() >= 15, "{names:?}");
}

#[test]
fn every_operation_lists_its_problems_and_the_keys_it_asks_for() {
    let document = value();
    for (path, method, operation) in operations_of(&document) {
        let what = format!("{method} {path}");
        let answers = operation["responses"].as_object().unwrap();
        let key = operation["security"][0]
            .as_object()
            .and_then(|key| key.keys().next());
        assert_eq!(key.is_some(), path.starts_with("/api/"), "{what}");
        assert_eq!(answers.contains_key("401"), key.is_some(), "{what}");
        assert!(
            answers.contains_key("403") && answers.contains_key("504"),
            "{what}"
        );
        assert!(answers.keys().any(|status| status.starts_with('2')), "{what}");
        for (status, answer) in answers.iter().filter(|(status, _)| status.as_str() >= "400") {
            let schema = &answer["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{what} {status}");
        }
        if let Some(key) = key {
            let scheme = &document["components"]["securitySchemes"][key];
            assert_eq!(
                (&scheme["in"], &scheme["name"]),
                (&"header".into(), &key.as_str().into())
            );
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = value();
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let reference = format!("#/components/schemas/{name}");
        assert!(found.contains(&reference.as_str()), "{name} is not used");
    }
}

/// serde writes an absent `Option` as null or leaves it out. A field of an answer that may be null must therefore be
/// declared as always there, and one that is left out must not be declared as null.
#[test]
fn a_field_of_an_answer_is_null_or_absent_but_not_either() {
    let document = value();
    let mut pending = Vec::new();
    for (_, _, operation) in operations_of(&document) {
        references(&operation["responses"], &mut pending);
    }
    let mut seen = BTreeSet::new();
    let mut nullable = 0;
    while let Some(reference) = pending.pop() {
        if !seen.insert(reference) {
            continue;
        }
        let schema = document.pointer(&reference[1..]).unwrap();
        references(schema, &mut pending);
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            if field.to_string().contains("\"null\"") {
                nullable += 1;
                assert!(required.contains(&name.as_str().into()), "{reference}: {name}");
            }
        }
    }
    assert!(nullable > 10, "{nullable}");
}
