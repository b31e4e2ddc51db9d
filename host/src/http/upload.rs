//! Photos in the body of a request: the file itself, or a form that holds it.
//!
//! A photo is read when it has its place among those in work, as one is fetched then: no more files are in memory than
//! photos are in work. Each may have as many bytes and take as long as one that is fetched.

use std::sync::Arc;

use axum::body::{Body, BodyDataStream};
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::code::Code;
use super::extract::JsonBody;
use super::middleware::discard;
use super::problem::Problem;
use crate::app::App;
use crate::photo::FileLimits;
use crate::pipeline::Place;

/// The most bytes of a field of a form that is no photo.
const MAX_FIELD: u64 = 4_096;
/// What a form has besides its photos: boundaries, headers, and fields that are none.
const FORM_OVERHEAD: u64 = 64 << 10;
/// The most photos in one form.
const MAX_PHOTOS: u64 = 2;

/// The problems of a photo that was sent, besides those that any photo may have.
pub(super) const UPLOAD: [Code; 2] = [Code::MalformedRequest, Code::UploadTimedOut];

/// A photo as the body.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub(super) struct PhotoFile(#[expect(dead_code, reason = "it is only described")] Vec<u8>);

/// What a request brings: JSON, or photos that are still to be read.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one a request, until its body is read"
)]
pub(super) enum Sent<T> {
    /// The JSON of a request that names photos by their URLs.
    Json(T),
    /// A form, or one photo.
    Photos(Upload),
}

/// A body with photos of which nothing was read.
pub(super) struct Upload {
    request: Request,
    is_form: bool,
    limits: FileLimits,
}

/// A body that is being read.
pub(super) struct Parts {
    body: Reading,
    limits: FileLimits,
}

enum Reading {
    /// None when it was read.
    File(Option<BodyDataStream>),
    Form(Multipart),
}

/// A part of a form. A body that is a photo has one, which is called `photo`.
pub(super) enum Part {
    /// A photo file, by the name of its part.
    Photo(&'static str, Bytes),
    /// A text, by the name of its field.
    Text(&'static str, String),
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let media_type = media_type(request.headers());
        let is_form = media_type == "multipart/form-data";
        if !is_form && !media_type.starts_with("image/") && media_type != "application/octet-stream" {
            return match JsonBody::from_request(request, app).await {
                Ok(JsonBody(body)) => Ok(Self::Json(body)),
                Err(problem) => Err(problem.or_photos()),
            };
        }
        let upload = Upload {
            request,
            is_form,
            limits: app.file_limits,
        };
        let announced = announced(upload.request.headers());
        if announced.is_some_and(|announced| announced > upload.most()) {
            let problem = Problem::upload_too_large(&upload.limits);
            return Err(upload.refuse(problem).await);
        }
        Ok(Self::Photos(upload))
    }
}

impl Upload {
    /// Whether it is a form, which may hold several photos.
    pub(super) fn is_form(&self) -> bool {
        self.is_form
    }

    /// Takes a place among the photos in work, and begins to read.
    pub(super) async fn admitted(self, app: &App) -> Result<(Place, Parts), Problem> {
        match app.admissions.photo().await {
            Ok(place) => Ok((place, self.open().await?)),
            Err(refusal) => Err(self.refuse(Problem::refused(refusal)).await),
        }
    }

    /// Reads away what is refused, so that its sender gets to see why.
    pub(super) async fn refuse(self, problem: Problem) -> Problem {
        let most = 2 * self.most();
        discard(self.request.into_body().into_data_stream(), most).await;
        problem
    }

    async fn open(self) -> Result<Parts, Problem> {
        let (limits, most) = (self.limits, self.most());
        let mut request = self.request;
        let body = if self.is_form {
            DefaultBodyLimit::max(usize::try_from(most).unwrap_or(usize::MAX)).apply(&mut request);
            let form = Multipart::from_request(request, &()).await;
            Reading::Form(form.map_err(|rejection| Problem::malformed_form(&rejection.body_text()))?)
        } else {
            Reading::File(Some(Body::into_data_stream(request.into_body())))
        };
        Ok(Parts { body, limits })
    }

    /// The most bytes that its body may have.
    fn most(&self) -> u64 {
        if self.is_form {
            MAX_PHOTOS
                .saturating_mul(self.limits.max_bytes)
                .saturating_add(FORM_OVERHEAD)
        } else {
            self.limits.max_bytes
        }
    }
}

impl Parts {
    /// The next part, which has one of these names; none at the end.
    pub(super) async fn next(
        &mut self,
        photos: &[&'static str],
        texts: &[&'static str],
    ) -> Result<Option<Part>, Problem> {
        let limits = self.limits;
        match timeout(limits.timeout, self.read(photos, texts)).await {
            Ok(part) => part,
            Err(_) => Err(Problem::upload_timed_out(limits.timeout)),
        }
    }

    /// The only photo, and the field of this name.
    ///
    /// # Errors
    /// When there is no photo, or any part twice.
    pub(super) async fn only(
        mut self,
        text: Option<&'static str>,
    ) -> Result<(Bytes, Option<String>), Problem> {
        let (mut photo, mut field) = (None, None);
        while let Some(part) = self.next(&["photo"], text.as_slice()).await? {
            let before = match part {
                Part::Photo(name, bytes) => photo.replace(bytes).map(|_| name),
                Part::Text(name, value) => field.replace(value).map(|_| name),
            };
            if let Some(name) = before {
                return Err(Problem::repeated_part(name));
            }
        }
        let photo = photo.ok_or_else(|| Problem::missing_part("photo"))?;
        Ok((photo, field))
    }

    async fn read(
        &mut self,
        photos: &[&'static str],
        texts: &[&'static str],
    ) -> Result<Option<Part>, Problem> {
        match &mut self.body {
            Reading::Form(form) => {
                let part = next_part(form, &self.limits, (photos, texts)).await;
                if part.is_err() {
                    // So that its sender gets to see why, as far as the form may be long.
                    while let Ok(Some(_)) = form.next_field().await {}
                }
                part
            }
            Reading::File(body) => {
                let Some(body) = body.take() else { return Ok(None) };
                Ok(Some(Part::Photo("photo", file(body, &self.limits).await?)))
            }
        }
    }
}

/// The next part of a form, which is a photo or a text with one of these names.
async fn next_part(
    form: &mut Multipart,
    limits: &FileLimits,
    (photos, texts): (&[&'static str], &[&'static str]),
) -> Result<Option<Part>, Problem> {
    let failed = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::upload_too_large(limits),
        _ => Problem::malformed_form(&error.body_text()),
    };
    let Some(mut field) = form.next_field().await.map_err(failed)? else {
        return Ok(None);
    };
    let called = field.name().unwrap_or_default();
    let named = |names: &[&'static str]| names.iter().find(|name| **name == called).copied();
    let (name, is_photo) = match (named(photos), named(texts)) {
        (Some(name), _) => (name, true),
        (None, Some(name)) => (name, false),
        (None, None) => return Err(Problem::unknown_part(called, photos, texts)),
    };
    let most = if is_photo { limits.max_bytes } else { MAX_FIELD };
    let mut value = BytesMut::new();
    while let Some(chunk) = field.chunk().await.map_err(failed)? {
        if (value.len() + chunk.len()) as u64 > most {
            return Err(if is_photo {
                Problem::upload_too_large(limits)
            } else {
                Problem::field_too_large(name, MAX_FIELD)
            });
        }
        value.extend_from_slice(&chunk);
    }
    if is_photo {
        return Ok(Some(Part::Photo(name, value.freeze())));
    }
    let text =
        String::from_utf8(value.into()).map_err(|_| Problem::malformed_form("a field is not UTF-8"))?;
    Ok(Some(Part::Text(name, text)))
}

async fn file(mut chunks: BodyDataStream, limits: &FileLimits) -> Result<Bytes, Problem> {
    let mut file = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::unreadable_photo())?;
        if (file.len() + chunk.len()) as u64 > limits.max_bytes {
            drop(file);
            discard(chunks, limits.max_bytes).await;
            return Err(Problem::upload_too_large(limits));
        }
        file.extend_from_slice(&chunk);
    }
    Ok(file.freeze())
}

/// What a body is said to be, without parameters, in lower case.
fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
