//! What can be written into a store, one row at a time.

use super::correction::Correction;
use super::event::{Event, LoggedEvent};
use super::flags::ClusterFlags;
use super::record::{
    Explanation, PhotoDescription, PhotoRecord, Redirect, Rejection, StoredAnswer, StoredFace, WholeFace,
};
use crate::domain::{ClusterId, FaceId, FileId};

/// One change. Each may be repeated without harm, and what is removed need not be there.
#[derive(Clone, Debug)]
pub enum Change {
    /// Writes a face in place of what was there under its id. It goes to the end of the order.
    PutFace(StoredFace),
    /// Removes a face with its portrait and its explanation.
    RemoveFace(FaceId),
    /// Keeps the JPEG of a face.
    PutPortrait(FaceId, Vec<u8>),
    /// Keeps why a face is where it is.
    Explain(FaceId, Explanation),
    /// Keeps nothing of why a face is where it is.
    RemoveExplanation(FaceId),
    /// Puts faces into a cluster, and says whether somebody wanted them there; none leaves that as it is.
    Assign {
        /// Which faces; those that are gone are passed over.
        faces: Vec<FaceId>,
        /// Where to.
        cluster: ClusterId,
        /// What becomes of [`StoredFace::corrected`].
        corrected: Option<bool>,
    },
    /// Writes a cluster's row.
    PutCluster {
        /// Which.
        cluster: ClusterId,
        /// One of its faces.
        representative: FaceId,
        /// What else is known of the person.
        flags: ClusterFlags,
    },
    /// Removes a cluster's row.
    RemoveCluster(ClusterId),
    /// Writes a redirect in place of the source's earlier one.
    PutRedirect(Redirect),
    /// Removes the redirect of this source.
    RemoveRedirect(ClusterId),
    /// What had these two ids when it was said are different people; the order does not matter. Either may have been
    /// merged away since.
    PutDistinction(ClusterId, ClusterId),
    /// Takes that back.
    RemoveDistinction(ClusterId, ClusterId),
    /// Somebody could not say whether what had these two ids are different people; the order does not matter. Either may
    /// have been merged away since.
    PutUnsure(ClusterId, ClusterId),
    /// Takes that back.
    RemoveUnsure(ClusterId, ClusterId),
    /// Writes a photo's record in place of what was there under its name. It goes to the end of the order.
    PutPhoto(Box<PhotoRecord>),
    /// Replaces what is said about a photo, if it is there, and leaves what was seen in it.
    Describe(FileId, PhotoDescription),
    /// Removes a photo's record, its rejections and the answers that speak of it, but not its faces.
    RemovePhoto(FileId),
    /// Keeps that something is no face.
    PutRejection(Rejection),
    /// Takes back that what had this id is no face.
    RemoveRejection(FaceId),
    /// Keeps an answer in place of the key's earlier one.
    PutAnswer(StoredAnswer),
    /// Removes the answers that speak of a photo.
    RemoveAnswersOf(FileId),
    /// Removes the answers that were given before this moment, in seconds since 1970.
    RemoveAnswersBefore(u64),
    /// Adds that something happened, at this moment in seconds since 1970. It gets the next position, so that this is
    /// the one change that adds another row when it is repeated; a batch is made once.
    Log(Event, u64),
    /// Puts what happened in another store at its position there. What is logged afterwards comes later.
    PutLogged(LoggedEvent),
    /// Removes what happened, but for the last so many.
    TrimLog(u64),
    /// Writes an entry of the history in place of what was there at its position.
    PutCorrection(Box<Correction>),
    /// Removes the entry at this position, which is not given again.
    RemoveCorrection(u64),
    /// Removes the entries of the history, but for the last so many positions.
    TrimCorrections(u64),
}

impl WholeFace {
    /// What puts the face into a store.
    pub(crate) fn changes(self) -> Vec<Change> {
        let Self {
            face,
            portrait,
            explanation,
        } = self;
        let face_id = face.face_id;
        let mut changes = vec![Change::PutFace(face)];
        changes.extend(portrait.map(|jpeg| Change::PutPortrait(face_id, jpeg)));
        changes.extend(explanation.map(|why| Change::Explain(face_id, why)));
        changes
    }
}
