//! What a store keeps, row by row: faces, photos, clusters, and what belongs to them.

use super::flags::ClusterFlags;
use crate::domain::{
    BoundingBox, BySlot, ClusterId, Embedding, FaceId, FileId, Neighbour, Scene, SceneFace, ScoredTag,
    SourceUrl,
};

/// A face as it is kept. Every stored face is in exactly one cluster; a cluster exists as long as it has a face.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFace {
    /// Its identity.
    pub face_id: FaceId,
    /// The caller's id of the photo that the face is in.
    pub file_id: FileId,
    /// The person.
    pub cluster_id: ClusterId,
    /// Its vector.
    pub embedding: Embedding,
    /// Where it is in the photo.
    pub bounding_box: BoundingBox,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// The quality of the face: how reliably it can be told from other faces, 0 to 1.
    pub quality: f32,
    /// Somebody put it where it is; nothing automatic moves it.
    pub corrected: bool,
    /// When it was first placed, in microseconds since 1970; 0 when that was by a version that did not keep it.
    pub joined: u64,
}

impl StoredFace {
    /// It as a neighbour of a vector, in whose photo it is or not.
    pub(crate) fn neighbour_of(&self, embedding: &Embedding, same_photo: bool) -> Neighbour {
        Neighbour {
            face_id: self.face_id,
            cluster_id: self.cluster_id,
            similarity: embedding.cosine(&self.embedding).clamp(-1.0, 1.0),
            quality: self.quality,
            same_photo,
        }
    }
}

/// A face with everything that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WholeFace {
    pub(crate) face: StoredFace,
    /// A JPEG.
    pub(crate) portrait: Option<Vec<u8>>,
    /// Why it is where it is.
    pub(crate) explanation: Option<Explanation>,
}

/// One Indonesian phrase as it was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredContext {
    /// The phrase.
    pub phrase: String,
    /// How sure the context mapper was of it, 0 to 1.
    pub confidence: f32,
}

/// The plugins that made an answer, each by the SHA-256 of its component file in hexadecimal; empty for a slot that there was
/// not when the answer was stored.
pub type PluginDigests = BySlot<String>;

/// What plugins said about a photo; all of it can be computed again from the scene.
#[derive(Clone, Debug, PartialEq)]
pub struct PhotoDescription {
    /// The tags exactly as the caller got them: at or above the tag threshold of that moment, best first. What was
    /// below it is not kept: it can be had again from the scene, and the context was made without it.
    pub tags: Vec<ScoredTag>,
    /// The phrase.
    pub context: StoredContext,
    /// The plugins that answered.
    pub plugins: PluginDigests,
}

/// One processed photo, without its pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct PhotoRecord {
    /// The caller's id for the photo.
    pub file_id: FileId,
    /// All that was observed, its faces in the order of the stored ones.
    pub scene: Scene,
    /// SHA-256 of the tagger whose prompts `scene.similarities` and `scene.text_similarities` follow. It stays when
    /// the photo is described anew by another tagger, because the scene stays.
    pub prompts_of: String,
    /// What was said about it.
    pub description: PhotoDescription,
    /// The model set that observed.
    pub model_set: String,
    /// Where the photo was fetched from, as far as `STORE_URLS` said to keep it; none in archives of versions that did not.
    pub source_url: Option<SourceUrl>,
}

/// Everything that is stored of a photo, read at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPhoto {
    /// Its faces, in the order of the scene's.
    pub faces: Vec<StoredFace>,
    /// None when it was processed by a version that kept faces only.
    pub record: Option<PhotoRecord>,
}

impl StoredPhoto {
    /// Whether the stored faces are those of the record's scene, in its order. They are, unless the two were read at
    /// different moments, or something is damaged.
    pub(crate) fn is_in_step(&self) -> bool {
        let Some(record) = &self.record else { return true };
        let seen = record.scene.faces.iter().map(|face| face.bounding_box);
        self.faces.iter().map(|face| face.bounding_box).eq(seen)
    }

    /// Its faces, each with what was seen of it: in the same place of the scene, or where the two are not in step, with the
    /// same box.
    pub(crate) fn seen_faces(&self) -> Vec<(&StoredFace, Option<&SceneFace>)> {
        let record = self.record.as_ref();
        let scene = record.map_or([].as_slice(), |record| &record.scene.faces);
        let is_in_step = self.is_in_step();
        let faces = self.faces.iter().enumerate();
        let joined = faces.map(|(index, face)| {
            let seen = if is_in_step {
                scene.get(index)
            } else {
                scene.iter().find(|seen| seen.bounding_box == face.bounding_box)
            };
            (face, seen)
        });
        joined.collect()
    }

    /// What was seen of one of its faces, and at which place among them.
    pub(crate) fn seen(&self, face: &FaceId) -> Option<(usize, &SceneFace)> {
        let faces = self.seen_faces();
        let index = faces.iter().position(|(stored, _)| stored.face_id == *face)?;
        Some((index, faces[index].1?))
    }

    /// Its record, with what was seen of those faces only that are wanted.
    pub(crate) fn record_of(mut self, is_wanted: impl Fn(&FaceId) -> bool) -> Option<PhotoRecord> {
        let wanted = self.seen_faces().into_iter();
        let wanted = wanted.filter(|(stored, _)| is_wanted(&stored.face_id));
        let seen = wanted.filter_map(|(_, seen)| seen.cloned()).collect();
        let mut record = self.record.take()?;
        record.scene.faces = seen;
        Some(record)
    }
}

/// A face and its place in the order of storing.
#[derive(Clone, Debug, PartialEq)]
pub struct SequencedFace {
    /// Where to go on from; grows along the order, otherwise without meaning.
    pub position: u64,
    /// The face.
    pub face: StoredFace,
}

/// A photo's record and its place in the order of writing.
#[derive(Clone, Debug, PartialEq)]
pub struct SequencedPhoto {
    /// Where to go on from; grows along the order, otherwise without meaning.
    pub position: u64,
    /// The record.
    pub photo: PhotoRecord,
}

/// Who put a face into its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecidedBy {
    /// The clustering policy, when the photo was processed.
    Policy,
    /// The clustering policy, asked again when clusters were consolidated.
    Consolidation,
    /// Somebody who corrected it.
    Person,
    /// A comparison of two people, when their merge was taken back.
    Unmerge,
}

/// Why a face is in its cluster. Merges of whole clusters do not change it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Who decided.
    pub decided_by: DecidedBy,
    /// The rule that decided, in one sentence.
    pub reason: String,
    /// When, in seconds since 1970.
    pub at: u64,
    /// SHA-256 of the policy's component file in hexadecimal; null if no policy decided.
    pub policy: Option<String>,
    /// The network that made the vectors.
    pub embedding_model: String,
    /// The similarity threshold that the policy was given: at or above it, two faces are one person.
    pub threshold: f32,
    /// The most similar faces that the policy saw, most similar first, at most [`Self::NEIGHBOURS`].
    pub neighbours: Vec<Neighbour>,
}

impl Explanation {
    /// How many neighbours are kept: enough to see which clusters were near.
    pub const NEIGHBOURS: usize = 10;
}

/// One person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its identity.
    pub cluster_id: ClusterId,
    /// The face whose picture stands for the person.
    pub representative: FaceId,
    /// How many faces it has, at least 1.
    pub faces: u64,
    /// What else is known of the person.
    pub flags: ClusterFlags,
}

/// The order in which clusters are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterOrder {
    /// By their ids.
    Id,
    /// Most faces first.
    Faces,
    /// The one first whose face was written last; see [`FaceStore::faces`](super::FaceStore::faces).
    Latest,
}

/// Where a cluster went that was merged away, and what it takes to undo that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The cluster that is gone.
    pub source: ClusterId,
    /// The cluster that its faces went to; may be gone too by now.
    pub target: ClusterId,
    /// What stood for the person; none when the merge is of a version that did not keep it.
    pub representative: Option<FaceId>,
    /// The faces that moved; empty when the merge is of a version that did not keep them.
    pub faces: Vec<FaceId>,
    /// The clusters that were known to be other people than the source, and not yet than the target, when a version
    /// merged them that kept such marks with the target only. Empty otherwise.
    pub distinctions: Vec<ClusterId>,
    /// When they were merged, in microseconds since 1970; 0 when that was by a version that did not keep it.
    pub moment: u64,
    /// Consolidation merged them, and nobody by hand.
    pub automatic: bool,
    /// What else was known of the person of the source.
    pub flags: ClusterFlags,
}

/// Something that was found to be a face and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What it was called.
    pub face_id: FaceId,
    /// The caller's id of the photo that the face is in.
    pub file_id: FileId,
    /// Where it was in the photo.
    pub bounding_box: BoundingBox,
}

/// An answer that is given again when its request is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the request, in hexadecimal.
    pub request: String,
    /// The answer's JSON.
    pub body: String,
    /// The photo that the answer speaks of.
    pub file_id: Option<FileId>,
    /// When it was given, in seconds since 1970.
    pub at: u64,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Faces.
    pub faces: u64,
    /// Clusters.
    pub clusters: u64,
    /// Photos with a record.
    pub photos: u64,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn bounding_box(x1: u32) -> BoundingBox {
        BoundingBox {
            x1,
            y1: 0,
            x2: x1 + 10,
            y2: 10,
        }
    }

    fn face(x1: u32) -> StoredFace {
        StoredFace {
            face_id: FaceId::random(),
            file_id: FileId::new("a photo").unwrap(),
            cluster_id: ClusterId::random(),
            embedding: Embedding::stored(vec![0.6, -0.8]).unwrap(),
            bounding_box: bounding_box(x1),
            confidence: 0.9,
            quality: 0.8,
            corrected: false,
            joined: 0,
        }
    }

    /// A photo with faces at these places, in whose scene a face at a place has an age.
    fn photo(stored: &[u32], seen: &[(u32, f32)]) -> StoredPhoto {
        let seen = seen.iter().map(|(x1, age)| SceneFace {
            bounding_box: bounding_box(*x1),
            confidence: 0.9,
            age: Some(*age),
            gender: None,
            quality: 0.8,
        });
        StoredPhoto {
            faces: stored.iter().map(|x1| face(*x1)).collect(),
            record: Some(PhotoRecord {
                file_id: FileId::new("a photo").unwrap(),
                scene: Scene {
                    faces: seen.collect(),
                    ..Scene::default()
                },
                prompts_of: String::new(),
                description: PhotoDescription {
                    tags: Vec::new(),
                    context: StoredContext {
                        phrase: String::new(),
                        confidence: 0.0,
                    },
                    plugins: PluginDigests::default(),
                },
                model_set: String::new(),
                source_url: None,
            }),
        }
    }

    fn ages(photo: &StoredPhoto) -> Vec<Option<f32>> {
        let faces = photo.seen_faces().into_iter();
        faces.map(|(_, seen)| seen?.age).collect()
    }

    #[test]
    fn faces_in_step_with_their_scene_are_joined_by_their_places() {
        // Two have one box.
        let photo = photo(&[5, 5, 0], &[(5, 20.0), (5, 30.0), (0, 40.0)]);
        assert!(photo.is_in_step());
        assert_eq!(ages(&photo), [Some(20.0), Some(30.0), Some(40.0)]);
        let second = photo.faces[1].face_id;
        let (index, seen) = photo.seen(&second).unwrap();
        assert_eq!((index, seen.age), (1, Some(30.0)));
        let record = photo.record_of(|face| *face != second).unwrap();
        let left: Vec<Option<f32>> = record.scene.faces.iter().map(|face| face.age).collect();
        assert_eq!(left, [Some(20.0), Some(40.0)]);
    }

    #[test]
    fn faces_that_are_not_in_step_with_their_scene_are_joined_by_their_boxes() {
        let photo = photo(&[0, 5, 9], &[(5, 30.0), (0, 40.0)]);
        assert!(!photo.is_in_step());
        assert_eq!(ages(&photo), [Some(40.0), Some(30.0), None]);
        assert_eq!(photo.seen(&photo.faces[2].face_id), None);
    }

    #[test]
    fn nothing_was_seen_of_faces_without_a_record() {
        let photo = StoredPhoto {
            record: None,
            ..photo(&[0], &[])
        };
        assert_eq!(ages(&photo), [None]);
        assert_eq!(photo.record_of(|_| true), None);
    }
}
