//! The first difference between an interface as a component has it and as the worker has it, in words of WIT.

use std::fmt::Display;

use wit_parser::{Handle, InterfaceId, Resolve, Type, TypeDef, TypeDefKind};

/// How deep a type is written out: those that have names are named.
const MAX_DEPTH: usize = 6;

/// What a component has otherwise than the worker expects; none when every function fits. An interface that is exported
/// must be `whole`; functions that the worker does not know do not matter.
pub(super) fn difference(
    found: (&Resolve, InterfaceId),
    expected: (&Resolve, InterfaceId),
    whole: bool,
) -> Option<String> {
    let types = Types {
        found: found.0,
        expected: expected.0,
    };
    let found = &types.found.interfaces[found.1];
    let expected = &types.expected.interfaces[expected.1];
    found
        .functions
        .iter()
        .find_map(|(name, found)| {
            let expected = expected.functions.get(name)?;
            let signature = |resolve: &Resolve, function: &wit_parser::Function| {
                let parameters = function.params.iter();
                let parameters: Vec<String> = parameters
                    .map(|parameter| format!("{}: {}", parameter.name, written(resolve, &parameter.ty, 0)))
                    .collect();
                format!("({})", parameters.join(", "))
            };
            if found.params.len() != expected.params.len() {
                return Some(format!(
                    "its function `{name}` takes {}, and {} is expected",
                    signature(types.found, found),
                    signature(types.expected, expected)
                ));
            }
            let parameters = found.params.iter().zip(&expected.params);
            parameters
                .into_iter()
                .find_map(|(found, expected)| {
                    types.difference(
                        &found.ty,
                        &expected.ty,
                        &format!("its parameter `{}`", found.name),
                    )
                })
                .or_else(|| match (&found.result, &expected.result) {
                    (Some(found), Some(expected)) => types.difference(found, expected, "its result"),
                    (None, None) => None,
                    (Some(found), None) => Some(format!(
                        "it returns {}, and nothing is expected",
                        written(types.found, found, 0)
                    )),
                    (None, Some(expected)) => Some(format!(
                        "it returns nothing, and {} is expected",
                        written(types.expected, expected, 0)
                    )),
                })
                .map(|difference| format!("its function `{name}`: {difference}"))
        })
        .or_else(|| {
            let mut names = expected.functions.keys().filter(|_| whole);
            let missing = names.find(|name| !found.functions.contains_key(*name))?;
            Some(format!("its function `{missing}` is missing"))
        })
}

/// Both sides.
struct Types<'a> {
    found: &'a Resolve,
    expected: &'a Resolve,
}

impl Types<'_> {
    /// The first difference of two types; `place` says what is of these types.
    fn difference(&self, found: &Type, expected: &Type, place: &str) -> Option<String> {
        let others = || {
            Some(format!(
                "{place} is {}, and {} is expected",
                written(self.found, found, 0),
                written(self.expected, expected, 0)
            ))
        };
        let (found, expected) = match (resolved(self.found, found), resolved(self.expected, expected)) {
            (Ok(found), Ok(expected)) => (found, expected),
            (Err(found), Err(expected)) if found == expected => return None,
            _ => return others(),
        };
        let named = |kind: &str| match &expected.name {
            Some(name) => format!("the {kind} `{name}`"),
            None => place.to_owned(),
        };
        match (&found.kind, &expected.kind) {
            (TypeDefKind::Record(found), TypeDefKind::Record(expected)) => {
                let record = named("record");
                names(
                    &record,
                    "fields",
                    found.fields.iter().map(|field| &field.name),
                    expected.fields.iter().map(|field| &field.name),
                )
                .or_else(|| {
                    let mut fields = found.fields.iter().zip(&expected.fields);
                    fields.find_map(|(found, expected)| {
                        let place = format!("the field `{}` of {record}", found.name);
                        self.difference(&found.ty, &expected.ty, &place)
                    })
                })
            }
            (TypeDefKind::Variant(found), TypeDefKind::Variant(expected)) => {
                let variant = named("variant");
                names(
                    &variant,
                    "cases",
                    found.cases.iter().map(|case| &case.name),
                    expected.cases.iter().map(|case| &case.name),
                )
                .or_else(|| {
                    let mut cases = found.cases.iter().zip(&expected.cases);
                    cases.find_map(|(found, expected)| {
                        let place = format!("the case `{}` of {variant}", found.name);
                        self.optional(found.ty.as_ref(), expected.ty.as_ref(), &place)
                    })
                })
            }
            (TypeDefKind::Enum(found), TypeDefKind::Enum(expected)) => names(
                &named("enum"),
                "cases",
                found.cases.iter().map(|case| &case.name),
                expected.cases.iter().map(|case| &case.name),
            ),
            (TypeDefKind::Flags(found), TypeDefKind::Flags(expected)) => names(
                &named("flags"),
                "names",
                found.flags.iter().map(|flag| &flag.name),
                expected.flags.iter().map(|flag| &flag.name),
            ),
            (TypeDefKind::Tuple(found), TypeDefKind::Tuple(expected))
                if found.types.len() == expected.types.len() =>
            {
                let mut types = found.types.iter().zip(&expected.types);
                types.find_map(|(found, expected)| self.difference(found, expected, place))
            }
            (TypeDefKind::List(found), TypeDefKind::List(expected)) => {
                self.difference(found, expected, &format!("an element of {place}"))
            }
            (TypeDefKind::Option(found), TypeDefKind::Option(expected)) => {
                self.difference(found, expected, place)
            }
            (TypeDefKind::Result(found), TypeDefKind::Result(expected)) => self
                .optional(found.ok.as_ref(), expected.ok.as_ref(), place)
                .or_else(|| {
                    let place = format!("the error of {place}");
                    self.optional(found.err.as_ref(), expected.err.as_ref(), &place)
                }),
            (TypeDefKind::Resource, TypeDefKind::Resource)
            | (TypeDefKind::Handle(Handle::Own(_)), TypeDefKind::Handle(Handle::Own(_)))
            | (TypeDefKind::Handle(Handle::Borrow(_)), TypeDefKind::Handle(Handle::Borrow(_))) => None,
            _ => others(),
        }
    }

    fn optional(&self, found: Option<&Type>, expected: Option<&Type>, place: &str) -> Option<String> {
        let nothing = || "nothing".to_owned();
        match (found, expected) {
            (Some(found), Some(expected)) => self.difference(found, expected, place),
            (None, None) => None,
            (found, expected) => Some(format!(
                "{place} is {}, and {} is expected",
                found.map_or_else(nothing, |found| written(self.found, found, 0)),
                expected.map_or_else(nothing, |expected| written(self.expected, expected, 0))
            )),
        }
    }
}

/// What differs between two lists of names.
fn names<'a>(
    of: &str,
    what: &str,
    found: impl Iterator<Item = &'a String> + Clone,
    expected: impl Iterator<Item = &'a String> + Clone,
) -> Option<String> {
    (!found.clone().eq(expected.clone())).then(|| {
        format!(
            "{of} has the {what} {}, and {} are expected",
            listed(found),
            listed(expected)
        )
    })
}

fn listed(names: impl Iterator<Item: Display>) -> String {
    let names: Vec<String> = names.map(|name| name.to_string()).collect();
    names.join(", ")
}

/// The definition behind names for names, or the primitive type.
fn resolved<'a>(resolve: &'a Resolve, found: &'a Type) -> Result<&'a TypeDef, &'a Type> {
    let mut found = found;
    while let Type::Id(id) = found {
        let definition = &resolve.types[*id];
        match &definition.kind {
            TypeDefKind::Type(other) => found = other,
            _ => return Ok(definition),
        }
    }
    Err(found)
}

/// A type as WIT writes it.
fn written(resolve: &Resolve, found: &Type, depth: usize) -> String {
    let definition = match resolved(resolve, found) {
        Err(primitive) => return format!("{primitive:?}").to_lowercase(),
        Ok(definition) => definition,
    };
    if let Some(name) = &definition.name {
        return name.clone();
    }
    if depth > MAX_DEPTH {
        return "…".to_owned();
    }
    let within = |inner: &Type| written(resolve, inner, depth + 1);
    let or_none = |inner: &Option<Type>| inner.as_ref().map_or_else(|| "_".to_owned(), within);
    match &definition.kind {
        TypeDefKind::List(inner) => format!("list<{}>", within(inner)),
        TypeDefKind::Option(inner) => format!("option<{}>", within(inner)),
        TypeDefKind::Result(result) => format!("result<{}, {}>", or_none(&result.ok), or_none(&result.err)),
        TypeDefKind::Tuple(tuple) => format!("tuple<{}>", listed(tuple.types.iter().map(within))),
        other => format!("a {}", other.as_str()),
    }
}
