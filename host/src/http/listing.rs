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
    /// Lists only photos with this tag.
    #[param(nullable = false)]
    tag: Option<String>,
    /// Lists only photos with this person; the id of a cluster that was merged into another one means the cluster that
    /// contains it now.
    #[param(nullable = false)]
    cluster_id: Option<ClusterId>,
    /// The position before which the page starts: `next` of the previous page, requested with the same `tag` and
    /// `cluster_id`. Without it, the list starts with the newest photo.
    #[param(nullable = false, value_type = Option<u64>)]
    before: Option<Position>,
    /// The most entries to return.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 500, default = 50)]
    limit: PageSize<50, 500>,
}

/// A page of photos, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct FilesPage {
    /// The photos. With both `tag` and `cluster_id`, a page may have fewer photos than `limit`, or none, although
    /// `next` is not null.
    files: Vec<ListedFile>,
    /// Where the next page begins; null at the end.
    #[schema(required)]
    next: Option<u64>,
}

/// A photo of a list.
#[derive(Debug, Serialize, ToSchema)]
struct ListedFile {
    /// The caller's id for the photo.
    file_id: FileId,
    /// Best tag first; null if the photo was processed by a version that did not store tags.
    #[schema(required)]
    tags: Option<Vec<String>>,
    /// One Indonesian phrase; null if the photo was processed by a version that did not store contexts.
    #[schema(required)]
    context: Option<String>,
    /// How many faces are stored for the photo.
    faces: u64,
    /// The people in the photo, each once, in the order of their faces; the clusters are the present ones, after all
    /// merges.
    cluster_ids: Vec<ClusterId>,
    /// Whether the photo's URL is stored (`STORE_URLS`).
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

/// Lists processed photos, newest first: all, those with a tag, those with a person, or those with both.
///
/// Photos are listed in the order in which they were last processed; with `cluster_id`, in the order in which the
/// person's faces were stored. Photos that were only processed with a store before version 2 are listed with
/// `cluster_id` only. If a photo is processed or a replay is applied while a client reads page by page, photos may move
/// between pages.
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
    /// The most entries to return.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 1000, default = 200)]
    limit: PageSize<200, 1000>,
}

/// Tags of photos.
#[derive(Debug, Serialize, ToSchema)]
struct TagList {
    /// The tags, the most frequent first; tags with the same number of photos are in the order of their names.
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

/// The tags of the stored photos, the most frequent first.
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
