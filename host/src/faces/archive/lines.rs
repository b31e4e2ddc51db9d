//! What stands on a line.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::Totals;
use crate::domain::{BoundingBox, ClusterId, Embedding, FaceId, FileId};
use crate::faces::change::{Change, Redirect, Rejection};
use crate::faces::event::LoggedEvent;
use crate::faces::flags::ClusterFlags;
use crate::faces::history::Correction;
use crate::faces::record::{Explanation, PhotoRecord};
use crate::faces::store::{Cause, Counts, StoredFace};

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

/// A face with everything that belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::faces) struct FaceLine {
    /// Where the export goes on from; of no meaning elsewhere.
    pub(super) position: u64,
    face_id: FaceId,
    file_id: FileId,
    cluster_id: ClusterId,
    /// Base64 of the vector's numbers, four bytes each, little-endian.
    embedding: String,
    bounding_box: BoundingBox,
    confidence: f32,
    quality: f32,
    corrected: bool,
    /// Not there in an archive of format 1.
    #[serde(default)]
    joined: u64,
    /// Base64 of a JPEG.
    portrait: Option<String>,
    explanation: Option<Explanation>,
}

/// A photo's record.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PhotoLine {
    /// Where the export goes on from; of no meaning elsewhere.
    pub(super) position: u64,
    pub(super) photo: PhotoRecord,
}

impl FaceLine {
    pub(in crate::faces) fn new(
        position: u64,
        face: &StoredFace,
        portrait: Option<&[u8]>,
        explanation: Option<Explanation>,
    ) -> Self {
        Self {
            position,
            face_id: face.face_id,
            file_id: face.file_id.clone(),
            cluster_id: face.cluster_id,
            embedding: STANDARD.encode(face.embedding.to_bytes()),
            bounding_box: face.bounding_box,
            confidence: face.confidence,
            quality: face.quality,
            corrected: face.corrected,
            joined: face.joined,
            portrait: portrait.map(|jpeg| STANDARD.encode(jpeg)),
            explanation,
        }
    }

    pub(in crate::faces) fn face_id(&self) -> FaceId {
        self.face_id
    }

    pub(in crate::faces) fn file_id(&self) -> &FileId {
        &self.file_id
    }

    pub(in crate::faces) fn cluster_id(&self) -> ClusterId {
        self.cluster_id
    }

    pub(in crate::faces) fn bounding_box(&self) -> BoundingBox {
        self.bounding_box
    }

    pub(in crate::faces) fn quality(&self) -> f32 {
        self.quality
    }

    pub(in crate::faces) fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_ref()
    }

    pub(in crate::faces) fn explanation_mut(&mut self) -> Option<&mut Explanation> {
        self.explanation.as_mut()
    }

    /// The face without why it is where it is, which names others.
    pub(in crate::faces) fn alone(self) -> Self {
        Self {
            explanation: None,
            ..self
        }
    }

    /// Puts another vector in the place of the face's.
    pub(super) fn set_embedding(&mut self, embedding: &Embedding) {
        self.embedding = STANDARD.encode(embedding.to_bytes());
    }

    /// What puts the face into a store.
    pub(in crate::faces) fn changes(self) -> Result<Vec<Change>, Cause> {
        let mut changes = vec![Change::PutFace(StoredFace {
            face_id: self.face_id,
            file_id: self.file_id,
            cluster_id: self.cluster_id,
            embedding: Embedding::from_bytes(&STANDARD.decode(&self.embedding)?)?,
            bounding_box: self.bounding_box,
            confidence: self.confidence,
            quality: self.quality,
            corrected: self.corrected,
            joined: self.joined,
        })];
        if let Some(portrait) = self.portrait {
            changes.push(Change::PutPortrait(self.face_id, STANDARD.decode(portrait)?));
        }
        if let Some(explanation) = self.explanation {
            changes.push(Change::Explain(self.face_id, explanation));
        }
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
                self.portraits += u64::from(face.portrait.is_some());
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
