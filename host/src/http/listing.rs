//! `GET /api/files` and `GET /api/tags`: photos page by page (pagination by position), by tag and by person,
//! and the tags that there are.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{ClusterId, FileId, each};
use super::code::{Code, STORE};
use super::extract::QueryString;
use super::people::{PageSize, Position};
use super::problem::Problem;
use super::problem_docs::problems;
use crate::app::App;
use crate::domain;
use crate::store::{ListedPhoto, TagCount};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(files)).routes(routes!(tags))
}

problems!(FilesProblems: STORE, [Code::MalformedRequest, Code::UnknownCluster]);
problems!(TagsProblems: STORE, [Code::MalformedRequest]);

/// Which photos to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FilesOptions {
    /// Only those with this tag.
    #[param(nullable = false)]
    tag: Option<String>,
    /// Only those with this person; the id of a cluster that was merged away means the one it is in now.
    #[param(nullable = false)]
    cluster_id: Option<ClusterId>,
    /// Only those before this position: `next` of the page before, which was asked for with the same `tag` and `cluster_id`.
    /// From the newest unless given.
    #[param(nullable = false, value_type = Option<u64>)]
    before: Option<Position>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 500, default = 50)]
    limit: PageSize<50, 500>,
}

/// A page of photos, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct FilesPage {
    /// The photos. With both `tag` and `cluster_id` there may be fewer than `limit`, or none, although `next` is not null.
    files: Vec<ListedFile>,
    /// Where the next page begins; null at the end.
    #[schema(required)]
    next: Option<u64>,
}

/// A photo of a list.
#[derive(Debug, Serialize, ToSchema)]
struct ListedFile {
    /// The caller's name for it.
    file_id: FileId,
    /// Best first; null when the photo was processed by a version that did not keep tags.
    #[schema(required)]
    tags: Option<Vec<String>>,
    /// One Indonesian phrase; null when the photo was processed by a version that did not keep contexts.
    #[schema(required)]
    context: Option<String>,
    /// How many faces are stored of it.
    faces: u64,
    /// The people in it, each once, in the order of their faces: where the faces are now, after all merges.
    cluster_ids: Vec<ClusterId>,
    /// The URL it was fetched from is stored, as `STORE_URLS` says.
    has_url: bool,
}

impl From<ListedPhoto> for ListedFile {
    fn from(photo: ListedPhoto) -> Self {
        let faces = photo.clusters.len() as u64;
        let mut cluster_ids = Vec::new();
        for cluster in photo.clusters {
            if !cluster_ids.contains(&cluster) {
                cluster_ids.push(cluster);
            }
        }
        Self {
            file_id: photo.file_id.into(),
            tags: photo.tags,
            context: photo.context,
            faces,
            cluster_ids: each(cluster_ids),
            has_url: photo.has_url,
        }
    }
}

/// Photos that were processed, the newest first: all, those with a tag, those with a person, or those with both.
///
/// The order is that in which photos were processed last; of a person's photos, that in which the faces were. Photos that
/// only a version before 2 of the store has seen are listed with `cluster_id` only. A photo that is processed, or a replay
/// that is applied, while somebody pages may move photos between pages.
#[utoipa::path(
    get,
    path = "/api/files",
    operation_id = "list_files",
    tag = "photos",
    params(FilesOptions),
    responses((status = OK, description = "The page.", body = FilesPage), FilesProblems)
)]
async fn files(
    State(app): State<Arc<App>>,
    QueryString(options): QueryString<FilesOptions>,
) -> Result<Json<FilesPage>, Problem> {
    let before = options.before.map(|before| before.0);
    let cluster = options.cluster_id.map(domain::ClusterId::from);
    let page = app
        .people
        .list_photos(options.tag.as_deref(), cluster.as_ref(), before, options.limit.0)
        .await?;
    Ok(Json(FilesPage {
        files: each(page.photos),
        next: page.next,
    }))
}

/// How many tags to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TagsOptions {
    /// How many at most.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 1000, default = 200)]
    limit: PageSize<200, 1000>,
}

/// Tags of photos.
#[derive(Debug, Serialize, ToSchema)]
struct TagList {
    /// Those of most photos first, and of equals in the order of their names.
    tags: Vec<ListedTag>,
}

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
struct ListedTag {
    /// The tag.
    name: String,
    /// How many photos have it.
    #[schema(minimum = 1)]
    photos: u64,
}

impl From<TagCount> for ListedTag {
    fn from(TagCount { name, photos }: TagCount) -> Self {
        Self { name, photos }
    }
}

/// The tags that stored photos have, those of most photos first.
#[utoipa::path(
    get,
    path = "/api/tags",
    operation_id = "list_tags",
    tag = "photos",
    params(TagsOptions),
    responses((status = OK, description = "The tags.", body = TagList), TagsProblems)
)]
async fn tags(
    State(app): State<Arc<App>>,
    QueryString(options): QueryString<TagsOptions>,
) -> Result<Json<TagList>, Problem> {
    let tags = app.people.tags(options.limit.0).await?;
    Ok(Json(TagList { tags: each(tags) }))
}
