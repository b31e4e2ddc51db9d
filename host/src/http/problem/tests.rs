#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use super::*;
use crate::photo::PhotoError;

fn of_source(retry_after: Option<Duration>) -> Response {
    let busy = PhotoError::SourceBusy {
        status: 429,
        retry_after,
    };
    Problem::from(PipelineError::from(busy)).into_response()
}

#[test]
fn a_wait_is_in_the_header_and_in_the_body_rounded_up() {
    for (wait, seconds) in [
        (Duration::ZERO, 1),
        (Duration::from_millis(1), 1),
        (Duration::from_millis(1001), 2),
        (Duration::from_secs(90), 90),
    ] {
        let response = of_source(Some(wait));
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(
            response.headers()[header::RETRY_AFTER],
            seconds.to_string(),
            "{wait:?}"
        );
        let problem = serde_json::to_value(response.extensions().get::<Problem>()).unwrap();
        assert_eq!(
            (&problem["code"], &problem["retry_after"]),
            (&"photo_source_busy".into(), &seconds.into())
        );
    }
}

#[test]
fn without_a_wait_there_is_neither_header_nor_field() {
    let response = of_source(None);
    assert!(!response.headers().contains_key(header::RETRY_AFTER));
    let problem = serde_json::to_value(response.extensions().get::<Problem>()).unwrap();
    assert_eq!(problem["code"], "photo_source_busy");
    assert!(problem.get("retry_after").is_none(), "{problem}");
}

#[test]
fn what_is_wrong_with_a_source_has_its_code() {
    let cause = || -> Box<dyn std::error::Error + Send + Sync> { "cause".into() };
    for (error, status, code) in [
        (PhotoError::Unreachable(cause()), 422, "photo_unreachable"),
        (PhotoError::Broken(cause()), 422, "photo_unreachable"),
        (PhotoError::SourceStatus(404), 422, "photo_not_available"),
        (
            PhotoError::NotHttp("words".into(), cause()),
            422,
            "photo_source_invalid",
        ),
        (
            PhotoError::HeadTooLarge {
                headers: 1000,
                kib: 408,
            },
            422,
            "photo_source_invalid",
        ),
        (PhotoError::Compressed("gzip".into()), 415, "photo_compressed"),
    ] {
        let problem = photo::of_photo(&error);
        assert_eq!((problem.status, problem.code_name()), (status, code), "{error}");
    }
}
