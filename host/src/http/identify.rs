//! `POST /api/identify` and `POST /api/compare`: what would be said of a photo, and how alike the faces of two are. Nothing
//! is stored.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{ClusterId, FaceId, Gender, Slot, each};
use super::code::{Code, JSON_BODY, STORE};
use super::extract::{QueryString, whole};
use super::people::thumbnail_path;
use super::problem::Problem;
use super::problem_docs::problems;
use super::process::{Details, PHOTO};
use super::upload::{Part, PhotoFile, Sent, UPLOAD};
use crate::app::App;
use crate::audit::{AuditEntry, AuditEvent, Who};
use crate::domain::SceneFace;
use crate::pipeline::{Description, FoundFaces, IdentifiedFace, Place};
use crate::store::Cluster;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(identify))
        .routes(routes!(compare))
}

problems!(IdentifyProblems: JSON_BODY, UPLOAD, STORE, PHOTO, [Code::PluginFailed]);
problems!(CompareProblems: JSON_BODY, UPLOAD, PHOTO, [Code::Internal]);

/// A photo to identify.
#[derive(Debug, Deserialize, ToSchema)]
struct IdentifyRequest {
    /// The URL of the photo; http or https.
    #[schema(format = "uri")]
    image_url: String,
}

/// A form with a photo to identify.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is only described")]
struct IdentifyForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    photo: Vec<u8>,
}

/// How many people are ranked.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct IdentifyOptions {
    /// The most people to return for each face.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 20, default = 5)]
    people: Ranked,
}

/// How many people are ranked for a face.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
struct Ranked(usize);

impl Default for Ranked {
    fn default() -> Self {
        Self(5)
    }
}

impl TryFrom<f64> for Ranked {
    type Error = String;

    fn try_from(number: f64) -> Result<Self, String> {
        whole("people", number, 1..=20).map(Self)
    }
}

/// The description that a photo would get.
#[derive(Debug, Serialize, ToSchema)]
struct IdentifyAnswer {
    /// Width of the upright photo in pixels.
    width: u32,
    /// Height of the upright photo in pixels.
    height: u32,
    /// Largest face first.
    faces: Vec<IdentifyFace>,
    /// Best tag first.
    tags: Vec<String>,
    /// One Indonesian phrase.
    context: String,
    /// Slots whose plugin failed and whose answer was replaced by a fallback.
    degraded: Vec<Slot>,
    /// How the answer was made.
    details: Details,
}

/// A face, and the people whom it resembles.
#[derive(Debug, Serialize, ToSchema)]
struct IdentifyFace {
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    #[schema(min_items = 4, max_items = 4)]
    bounding_box: [u32; 4],
    /// The detector's score, 0 to 1.
    confidence: f32,
    /// The quality of the face: how reliably it can be told from other faces, 0 to 1.
    quality: f32,
    /// Apparent age in years, under the conditions of `POST /api/process`.
    #[schema(required)]
    age: Option<f32>,
    /// Apparent gender, under the same conditions.
    #[schema(required)]
    gender: Option<Gender>,
    /// The person that the cluster policy would choose; null if it would create a new one.
    #[schema(required)]
    cluster_id: Option<ClusterId>,
    /// The policy's reason.
    reason: String,
    /// The people whom the face resembles, most similar first.
    people: Vec<IdentifyCandidate>,
}

/// A person whom a face resembles.
#[derive(Debug, Serialize, ToSchema)]
struct IdentifyCandidate {
    /// The person.
    cluster_id: ClusterId,
    /// Cosine similarity of the person's most similar face, -1 to 1.
    similarity: f32,
    /// How many faces the person has.
    faces: u64,
    /// The face whose picture is the person's thumbnail.
    representative_face_id: FaceId,
    /// The path of the thumbnail.
    thumbnail: String,
}

impl From<(Cluster, f32)> for IdentifyCandidate {
    fn from((cluster, similarity): (Cluster, f32)) -> Self {
        Self {
            cluster_id: cluster.cluster_id.into(),
            similarity,
            faces: cluster.faces,
            representative_face_id: cluster.representative.into(),
            thumbnail: thumbnail_path(&cluster.cluster_id),
        }
    }
}

impl From<IdentifiedFace> for IdentifyFace {
    fn from(IdentifiedFace { scene, identified }: IdentifiedFace) -> Self {
        Self {
            bounding_box: scene.bounding_box.into(),
            confidence: scene.confidence,
            quality: scene.quality,
            age: scene.age,
            gender: scene.gender.map(Into::into),
            cluster_id: identified.cluster.map(Into::into),
            reason: identified.reason,
            people: each(identified.people),
        }
    }
}

impl IdentifyAnswer {
    fn new(model_set: &str, description: Description<IdentifiedFace>) -> Self {
        let reasons = description.faces.iter();
        let reasons = reasons.map(|face| face.identified.reason.clone()).collect();
        Self {
            width: description.size.0,
            height: description.size.1,
            details: Details::new(model_set, &description, reasons),
            faces: each(description.faces),
            tags: description.tags.into_iter().map(|tag| tag.name).collect(),
            context: description.context.phrase,
            degraded: each(description.degraded),
        }
    }
}

/// Describes a photo and finds whom each face resembles, without storing anything.
///
/// The photo is described with the active plugins as by `POST /api/process`, waits in the same queue, and is compared
/// with all stored people. Send JSON, a form with the part `photo`, or the photo itself.
#[utoipa::path(
    post,
    path = "/api/identify",
    operation_id = "identify_photo",
    tag = "photos",
    params(IdentifyOptions),
    request_body(content(
        (IdentifyRequest = "application/json"), (inline(IdentifyForm) = "multipart/form-data"), (inline(PhotoFile) = "image/*"),
        (inline(PhotoFile) = "application/octet-stream")
    )),
    responses(
        (
            status = OK, description = "The description of the photo, and the people whom its faces resemble.",
            body = IdentifyAnswer
        ),
        IdentifyProblems
    )
)]
async fn identify(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    QueryString(options): QueryString<IdentifyOptions>,
    sent: Sent<IdentifyRequest>,
) -> Result<Json<IdentifyAnswer>, Problem> {
    let (place, photo) = match sent {
        Sent::Json(request) => {
            let place = app.admissions.photo().await.map_err(Problem::refused)?;
            (place, app.pipeline.fetch(&request.image_url).await?)
        }
        Sent::Photos(upload) => {
            let (place, parts) = upload.admitted(&app).await?;
            (place, parts.only(None).await?.0)
        }
    };
    let description = app.pipeline.identify(place, photo, options.people.0).await?;
    note(&app, AuditEvent::Identified, &who).await;
    Ok(Json(IdentifyAnswer::new(app.model_set(), description)))
}

/// Two photos to compare.
#[derive(Debug, Deserialize, ToSchema)]
struct CompareRequest {
    /// The URLs of the first and the second photo; http or https.
    #[schema(min_items = 2, max_items = 2)]
    image_urls: [ImageUrl; 2],
}

/// The URL of a photo; http or https.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = "uri")]
struct ImageUrl(String);

/// A form with two photos that are compared.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is only described")]
struct CompareForm {
    /// The first photo, a file.
    #[schema(value_type = String, format = Binary)]
    first: Vec<u8>,
    /// The second photo, a file.
    #[schema(value_type = String, format = Binary)]
    second: Vec<u8>,
}

/// How similar the faces of two photos are.
#[derive(Debug, Serialize, ToSchema)]
struct CompareAnswer {
    /// The first photo.
    first: ComparedPhoto,
    /// The second photo.
    second: ComparedPhoto,
    /// One row per face of the first photo: its cosine similarity with each face of the second photo, -1 to 1.
    similarities: Vec<Vec<f32>>,
    /// The similarity at or above which policies that use one threshold take two faces for one person:
    /// `SIMILARITY_THRESHOLD`.
    threshold: f32,
    /// The two faces that are most similar; null if a photo has no face.
    #[schema(required)]
    best: Option<BestPair>,
}

/// A photo that was compared.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedPhoto {
    /// Width of the upright photo in pixels.
    width: u32,
    /// Height of the upright photo in pixels.
    height: u32,
    /// The faces, largest first.
    faces: Vec<ComparedFace>,
}

/// A face that was compared.
#[derive(Debug, Serialize, ToSchema)]
struct ComparedFace {
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    #[schema(min_items = 4, max_items = 4)]
    bounding_box: [u32; 4],
    /// The detector's score, 0 to 1.
    confidence: f32,
    /// The quality of the face: how reliably it can be told from other faces, 0 to 1.
    quality: f32,
}

/// The two faces that are most similar.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct BestPair {
    /// The index of the face in the first photo, from 0.
    first: usize,
    /// The index of the face in the second photo, from 0.
    second: usize,
    /// Their cosine similarity, -1 to 1.
    similarity: f32,
    /// Whether the similarity is at least the threshold.
    same: bool,
}

impl From<&FoundFaces> for ComparedPhoto {
    fn from(found: &FoundFaces) -> Self {
        let face = |face: &SceneFace| ComparedFace {
            bounding_box: face.bounding_box.into(),
            confidence: face.confidence,
            quality: face.quality,
        };
        Self {
            width: found.size.0,
            height: found.size.1,
            faces: found.faces.iter().map(|(scene, _)| face(scene)).collect(),
        }
    }
}

impl CompareAnswer {
    fn new(first: &FoundFaces, second: &FoundFaces, threshold: f32) -> Self {
        let similarities: Vec<Vec<f32>> = first
            .faces
            .iter()
            .map(|(_, one)| {
                let others = second.faces.iter();
                others
                    .map(|(_, other)| one.cosine(other).clamp(-1.0, 1.0))
                    .collect()
            })
            .collect();
        let pairs = similarities.iter().enumerate().flat_map(|(first, row)| {
            row.iter().enumerate().map(move |(second, similarity)| BestPair {
                first,
                second,
                similarity: *similarity,
                same: *similarity >= threshold,
            })
        });
        Self {
            best: pairs.max_by(|a, b| a.similarity.total_cmp(&b.similarity)),
            first: first.into(),
            second: second.into(),
            similarities,
            threshold,
        }
    }
}

/// Compares the faces of two photos, without storing anything.
///
/// The two photos take one place in the queue of photos together and are processed one after the other. Send JSON, or a
/// form with the parts `first` and `second`.
#[utoipa::path(
    post,
    path = "/api/compare",
    operation_id = "compare_photos",
    tag = "photos",
    request_body(content((CompareRequest = "application/json"), (inline(CompareForm) = "multipart/form-data"))),
    responses((status = OK, description = "How similar the faces are.", body = CompareAnswer), CompareProblems)
)]
async fn compare(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Who>,
    sent: Sent<CompareRequest>,
) -> Result<Json<CompareAnswer>, Problem> {
    let (first, second) = match sent {
        Sent::Json(CompareRequest { image_urls }) => {
            let place = app.admissions.photo().await.map_err(Problem::refused)?;
            let [ImageUrl(first), ImageUrl(second)] = image_urls;
            let first = app.pipeline.fetch(&first).await?;
            let first = faces(&app, &place, first).await?;
            let second = app.pipeline.fetch(&second).await?;
            (first, faces(&app, &place, second).await?)
        }
        Sent::Photos(upload) if !upload.is_form() => {
            return Err(upload.refuse(Problem::not_a_pair()).await);
        }
        Sent::Photos(upload) => {
            let (place, mut parts) = upload.admitted(&app).await?;
            let (mut first, mut second) = (None, None);
            // Each is looked at before the next is read, so that one file is in memory at a time.
            while let Some(Part::Photo(name, photo)) = parts.next(&["first", "second"], &[]).await? {
                let found = if name == "first" { &mut first } else { &mut second };
                if found.is_some() {
                    return Err(Problem::repeated_part(name));
                }
                *found = Some(faces(&app, &place, photo).await?);
            }
            let first = first.ok_or_else(|| Problem::missing_part("first"))?;
            let second = second.ok_or_else(|| Problem::missing_part("second"))?;
            (first, second)
        }
    };
    note(&app, AuditEvent::Compared, &who).await;
    let threshold = app.people.embedding_model().threshold;
    Ok(Json(CompareAnswer::new(&first, &second, threshold)))
}

async fn faces(app: &App, place: &Place, photo: Bytes) -> Result<FoundFaces, Problem> {
    Ok(app.pipeline.find_faces(place, photo).await?)
}

/// Tells the audit log that somebody looked; not at what.
async fn note(app: &App, event: AuditEvent, who: &Who) {
    app.audit.note(AuditEntry::new(event, who)).await;
}
