//! What stands on a line.

use serde::{Deserialize, Serialize};

use super::Totals;
use super::face_line::{FaceLine, FaceParts};
use crate::domain::{ClusterId, FaceId};
use crate::store::change::Change;
use crate::store::correction::Correction;
use crate::store::error::Cause;
use crate::store::event::LoggedEvent;
use crate::store::flags::ClusterFlags;
use crate::store::record::{Counts, PhotoRecord, Redirect, Rejection};

/// Raised whenever earlier versions could not read the lines.
pub(super) const FORMAT: u32 = 3;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// The first.
    Archive(Header),
    Face(Box<FaceLine>),
    Photo(Box<PhotoLine>),
    Cluster {
        cluster_id: ClusterId,
        representative: FaceId,
        /// Not there in an archive of format 2.
        #[serde(flatten)]
        flags: ClusterFlags,
    },
    /// Comes before the line of the lesser of the two: a cluster, or a redirect in an archive of format 2 or later.
    Distinction(ClusterId, ClusterId),
    /// Comes where a distinction does. Not there in an archive of format 2.
    Unsure(ClusterId, ClusterId),
    Redirect(Redirect),
    Rejection(Rejection),
    Event(LoggedEvent),
    /// Comes in archives of format 3.
    Correction(Box<Correction>),
    /// The last.
    End(Totals),
}

/// What the archive is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: u32,
    /// The network whose vectors there are.
    pub(super) embedding_model: String,
    /// Width of the vectors.
    pub(super) dimension: usize,
    /// Where it was exported from, for people.
    pub(super) source: String,
    /// How often the store had been changed.
    pub(super) revision: u64,
    pub(super) faces: u64,
    pub(super) clusters: u64,
    pub(super) photos: u64,
}

impl Header {
    pub(super) fn counts(&self) -> Counts {
        Counts {
            faces: self.faces,
            clusters: self.clusters,
            photos: self.photos,
        }
    }

    /// How many steps of progress there are.
    pub(super) fn steps(&self) -> u64 {
        self.faces + self.photos + self.clusters
    }
}

/// A photo's record.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PhotoLine {
    /// Where the export goes on from; of no meaning elsewhere.
    pub(super) position: u64,
    pub(super) photo: PhotoRecord,
}

impl FaceLine {
    /// What puts the face into a store.
    pub(crate) fn changes(self) -> Result<Vec<Change>, Cause> {
        let FaceParts {
            face,
            portrait,
            explanation,
        } = self.parts()?;
        let face_id = face.face_id;
        let mut changes = vec![Change::PutFace(face)];
        changes.extend(portrait.map(|jpeg| Change::PutPortrait(face_id, jpeg)));
        changes.extend(explanation.map(|why| Change::Explain(face_id, why)));
        Ok(changes)
    }
}

impl Line {
    /// What puts the line's row into a store; nothing for the first and the last line.
    pub(super) fn changes(self) -> Result<Vec<Change>, Cause> {
        Ok(match self {
            Self::Archive(_) | Self::End(_) => Vec::new(),
            Self::Face(face) => return face.changes(),
            Self::Photo(photo) => vec![Change::PutPhoto(Box::new(photo.photo))],
            Self::Cluster {
                cluster_id,
                representative,
                flags,
            } => vec![Change::PutCluster {
                cluster: cluster_id,
                representative,
                flags,
            }],
            Self::Distinction(one, other) => vec![Change::PutDistinction(one, other)],
            Self::Unsure(one, other) => vec![Change::PutUnsure(one, other)],
            Self::Redirect(redirect) => vec![Change::PutRedirect(redirect)],
            Self::Rejection(rejection) => vec![Change::PutRejection(rejection)],
            Self::Event(logged) => vec![Change::PutLogged(logged)],
            Self::Correction(correction) => vec![Change::PutCorrection(correction)],
        })
    }
}

impl Totals {
    /// Counts a line.
    pub(super) fn add(&mut self, line: &Line) {
        match line {
            Line::Archive(_) | Line::End(_) => {}
            Line::Face(face) => {
                self.faces += 1;
                self.portraits += u64::from(face.has_portrait());
            }
            Line::Photo(_) => self.photos += 1,
            Line::Cluster { .. } => self.clusters += 1,
            Line::Distinction(..) => self.distinctions += 1,
            Line::Unsure(..) => self.unsure += 1,
            Line::Redirect(_) => self.redirects += 1,
            Line::Rejection(_) => self.rejections += 1,
            Line::Event(_) => self.events += 1,
            Line::Correction(_) => self.corrections += 1,
        }
    }

    /// How many steps of progress are done.
    pub(super) fn steps(&self) -> u64 {
        self.faces + self.photos + self.clusters
    }
}
