//! Which points a filter finds.

use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::{Condition, FieldCondition, Filter, Value};
use uuid::Uuid;

use super::data::{Payload, id};

pub(super) fn matches(filter: &Filter, point: &Uuid, payload: &Payload) -> bool {
    let holds = |condition: &Condition| holds(condition, point, payload);
    filter.must.iter().all(holds)
        && !filter.must_not.iter().any(holds)
        && (filter.should.is_empty() || filter.should.iter().any(holds))
}

/// The ids that a filter names outright; none when it names none.
pub(super) fn named(filter: &Filter) -> Option<Vec<Uuid>> {
    let mut conditions = filter.must.iter().map(|condition| &condition.condition_one_of);
    conditions.find_map(|condition| match condition.as_ref().unwrap() {
        ConditionOneOf::HasId(ids) => Some(
            ids.has_id
                .iter()
                .map(|wanted| id(Some(wanted)).unwrap())
                .collect(),
        ),
        _ => None,
    })
}

fn holds(condition: &Condition, point: &Uuid, payload: &Payload) -> bool {
    match condition.condition_one_of.as_ref().unwrap() {
        ConditionOneOf::HasId(ids) => ids
            .has_id
            .iter()
            .any(|wanted| id(Some(wanted)).unwrap() == *point),
        ConditionOneOf::Filter(filter) => matches(filter, point, payload),
        ConditionOneOf::Field(field) => payload
            .get(&field.key)
            .is_some_and(|value| values(value).any(|value| fits(field, value))),
        other => unimplemented!("the stand-in does not know {other:?}"),
    }
}

/// Of an array each element counts.
fn values(value: &Value) -> Box<dyn Iterator<Item = &Kind> + '_> {
    match value.kind.as_ref() {
        Some(Kind::ListValue(list)) => Box::new(list.values.iter().flat_map(values)),
        kind => Box::new(kind.into_iter()),
    }
}

fn fits(field: &FieldCondition, value: &Kind) -> bool {
    if let Some(range) = &field.range {
        let value = match value {
            Kind::IntegerValue(value) => *value as f64,
            Kind::DoubleValue(value) => *value,
            _ => return false,
        };
        return range.lt.is_none_or(|limit| value < limit)
            && range.lte.is_none_or(|limit| value <= limit)
            && range.gt.is_none_or(|limit| value > limit)
            && range.gte.is_none_or(|limit| value >= limit);
    }
    let wanted = field
        .r#match
        .as_ref()
        .and_then(|wanted| wanted.match_value.as_ref());
    match (wanted.unwrap(), value) {
        (MatchValue::Keyword(wanted), Kind::StringValue(value)) => wanted == value,
        (MatchValue::Keywords(wanted), Kind::StringValue(value)) => wanted.strings.contains(value),
        (MatchValue::Integer(wanted), Kind::IntegerValue(value)) => wanted == value,
        (MatchValue::Boolean(wanted), Kind::BoolValue(value)) => wanted == value,
        (
            MatchValue::Keyword(_)
            | MatchValue::Keywords(_)
            | MatchValue::Integer(_)
            | MatchValue::Boolean(_),
            _,
        ) => false,
        (other, _) => unimplemented!("the stand-in does not know {other:?}"),
    }
}
