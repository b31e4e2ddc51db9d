//! What stands on a line of an archive, and beside an archive that is being read.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::correction::CorrectionJson;
use super::event::LoggedEventJson;
use super::face::FaceJson;
use super::header::Header;
use super::photo::PhotoJson;
use super::redirect::{FlagsJson, RedirectJson, RejectionJson};
use super::stored::Stored;
use crate::store::archive::{Done, Totals};
use crate::store::error::Cause;

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::store) enum Line {
    /// The first.
    Archive(Header),
    Face(Box<FaceJson>),
    Photo(Box<PhotoLine>),
    Cluster(ClusterLine),
    /// Comes before the line of the lesser of the two: a cluster, or a redirect in an archive of format 2 or later.
    Distinction(Uuid, Uuid),
    /// Comes where a distinction does. Not there in an archive of format 2.
    Unsure(Uuid, Uuid),
    Redirect(RedirectJson),
    Rejection(RejectionJson),
    Event(LoggedEventJson),
    /// Comes in archives of format 3.
    Correction(Box<CorrectionJson>),
    /// The last.
    End(TotalsJson),
}

/// A photo's record.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct PhotoLine {
    /// Where the export goes on from; of no meaning elsewhere.
    pub(in crate::store) position: u64,
    pub(in crate::store) photo: PhotoJson,
}

/// A cluster.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ClusterLine {
    pub(in crate::store) cluster_id: Uuid,
    pub(in crate::store) representative: Uuid,
    /// Not there in an archive of format 2.
    #[serde(flatten)]
    pub(in crate::store) flags: FlagsJson,
}

/// How many rows each kind has.
#[derive(Serialize, Deserialize)]
pub struct TotalsJson {
    faces: u64,
    portraits: u64,
    photos: u64,
    clusters: u64,
    distinctions: u64,
    /// Not there in an archive of format 2.
    #[serde(default)]
    unsure: u64,
    redirects: u64,
    rejections: u64,
    /// Not there in an archive of format 1.
    #[serde(default)]
    events: u64,
    /// Not there in an archive of format 2.
    #[serde(default)]
    corrections: u64,
}

impl Stored for Totals {
    type Json = TotalsJson;

    fn to_stored(&self) -> TotalsJson {
        TotalsJson {
            faces: self.faces,
            portraits: self.portraits,
            photos: self.photos,
            clusters: self.clusters,
            distinctions: self.distinctions,
            unsure: self.unsure,
            redirects: self.redirects,
            rejections: self.rejections,
            events: self.events,
            corrections: self.corrections,
        }
    }

    fn from_stored(json: TotalsJson) -> Result<Self, Cause> {
        Ok(Self {
            faces: json.faces,
            portraits: json.portraits,
            photos: json.photos,
            clusters: json.clusters,
            distinctions: json.distinctions,
            unsure: json.unsure,
            redirects: json.redirects,
            rejections: json.rejections,
            events: json.events,
            corrections: json.corrections,
        })
    }
}

/// How far an import has come.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct DoneJson {
    archive: Header,
    target: String,
    end: u64,
    lines: u64,
    totals: TotalsJson,
}

impl Stored for Done {
    type Json = DoneJson;

    fn to_stored(&self) -> DoneJson {
        DoneJson {
            archive: self.archive.clone(),
            target: self.target.clone(),
            end: self.end,
            lines: self.lines,
            totals: self.totals.to_stored(),
        }
    }

    fn from_stored(json: DoneJson) -> Result<Self, Cause> {
        Ok(Self {
            archive: json.archive,
            target: json.target,
            end: json.end,
            lines: json.lines,
            totals: Stored::from_stored(json.totals)?,
        })
    }
}
