//! What a line does to a store, and how it is counted.

use super::Totals;
use crate::store::change::Change;
use crate::store::error::Cause;
use crate::store::format::{Header, Line, Stored};
use crate::store::record::{Counts, WholeFace};

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

impl Line {
    /// What puts the line's row into a store; nothing for the first and the last line.
    pub(in crate::store) fn changes(self) -> Result<Vec<Change>, Cause> {
        Ok(match self {
            Self::Archive(_) | Self::End(_) => Vec::new(),
            Self::Face(face) => WholeFace::from_stored(*face)?.changes(),
            Self::Photo(line) => vec![Change::PutPhoto(Box::new(Stored::from_stored(line.photo)?))],
            Self::Cluster(line) => vec![Change::PutCluster {
                cluster: line.cluster_id.into(),
                representative: line.representative.into(),
                flags: Stored::from_stored(line.flags)?,
            }],
            Self::Distinction(one, other) => vec![Change::PutDistinction(one.into(), other.into())],
            Self::Unsure(one, other) => vec![Change::PutUnsure(one.into(), other.into())],
            Self::Redirect(redirect) => vec![Change::PutRedirect(Stored::from_stored(redirect)?)],
            Self::Rejection(rejection) => vec![Change::PutRejection(Stored::from_stored(rejection)?)],
            Self::Event(logged) => vec![Change::PutLogged(Stored::from_stored(logged)?)],
            Self::Correction(correction) => vec![Change::PutCorrection(Stored::from_stored(correction)?)],
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
            Line::Cluster(_) => self.clusters += 1,
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
