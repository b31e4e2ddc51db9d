//! The problems that an operation may answer, as the OpenAPI document lists them.

use std::collections::BTreeMap;

use utoipa::ToSchema as _;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::code::{Code, PROBLEM_JSON};
use super::problem::Problem;

/// Answers of an operation by status, as OpenAPI lists them.
pub(super) type Answers = BTreeMap<String, RefOr<Response>>;

/// Adds the problems of these codes to an operation's answers, one answer a status.
pub(super) fn document(answers: &mut Answers, codes: &[Code]) {
    for code in codes {
        let text = format!("`{}`: {}.", code.name(), code.meaning());
        let answer = answers
            .entry(code.status().as_str().to_owned())
            .or_insert_with(|| RefOr::T(answer(*code)));
        if let RefOr::T(answer) = answer
            && !answer.description.contains(&text)
        {
            if !answer.description.is_empty() {
                answer.description.push(' ');
            }
            answer.description.push_str(&text);
        }
    }
}

fn answer(code: Code) -> Response {
    let schema = Ref::from_schema_name(Problem::name());
    let answer = ResponseBuilder::new().content(
        PROBLEM_JSON,
        ContentBuilder::new().schema(Some(RefOr::Ref(schema))).build(),
    );
    match code {
        Code::Busy
        | Code::RateLimited
        | Code::PhotoSourceBusy
        | Code::ShuttingDown
        | Code::TooManyWrongKeys
        | Code::StoreUnavailable
        | Code::StoreNotWritable => answer.header(
            "Retry-After",
            HeaderBuilder::new()
                .schema(Some(
                    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)),
                ))
                .description(Some("Seconds to wait before another attempt."))
                .build(),
        ),
        _ => answer,
    }
    .build()
}

/// Makes a type that lists an operation's own problems in its `responses(...)`; what the middleware before it refuses
/// is added by [`openapi`](super::openapi).
macro_rules! problems {
    ($name:ident: $($codes:expr),+ $(,)?) => {
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> $crate::http::problem_docs::Answers {
                let mut answers = $crate::http::problem_docs::Answers::new();
                $($crate::http::problem_docs::document(&mut answers, &$codes);)+
                answers
            }
        }
    };
}
pub(super) use problems;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn codes_of_one_status_share_one_answer() {
        let mut answers = Answers::new();
        document(&mut answers, &[Code::PhotoTimedOut, Code::Busy]);
        document(&mut answers, &[Code::DeadlineExceeded]);
        let answers = serde_json::to_value(&answers).unwrap();
        assert_eq!(
            answers["504"]["description"],
            "`photo_timed_out`: the photo's server took too long. `deadline_exceeded`: the request took longer than \
             its time limit and was stopped."
        );
        assert_eq!(answers["429"]["headers"]["Retry-After"]["schema"]["minimum"], 1);
    }
}
