//! What an entry of the history changed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::explanation::ExplanationJson;
use super::face::FaceJson;
use super::redirect::{FlagsJson, RedirectJson, RejectionJson};
use super::scene::SceneFaceJson;
use super::stored::Stored;
use crate::store::correction::{HeldFace, Lead, Place, Row, Step};
use crate::store::error::Cause;
use crate::store::mark::Mark;

/// One change.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepJson {
    /// Faces went from one place to another.
    Placed {
        /// The faces.
        faces: Vec<Uuid>,
        /// Where they were.
        from: PlaceJson,
        /// Where they are.
        to: PlaceJson,
    },
    /// A face was removed.
    Removed(Box<HeldFaceJson>),
    /// A face came back.
    Returned {
        /// The face.
        face: Uuid,
        /// The photo it is in.
        file: String,
        /// The person.
        cluster: Uuid,
    },
    /// Why a face is where it is was said anew.
    Explained {
        /// The face.
        face: Uuid,
        /// What was said before.
        before: Option<Box<ExplanationJson>>,
    },
    /// An id led elsewhere.
    Led {
        /// The id.
        source: Uuid,
        /// Where it led.
        before: Option<RedirectJson>,
        /// Where it leads.
        after: Option<LeadJson>,
    },
    /// Something was said of two ids, or not any more.
    Said {
        /// What.
        mark: MarkJson,
        /// One of them.
        one: Uuid,
        /// The other.
        other: Uuid,
        /// It was said before.
        before: bool,
    },
    /// Something was said to be no face, or not any more.
    Rejected {
        /// What.
        rejection: RejectionJson,
        /// It was said before.
        before: bool,
    },
    /// A cluster's row changed.
    Stood {
        /// The cluster.
        cluster: Uuid,
        /// Its row before.
        before: Option<RowJson>,
        /// Its row after.
        after: Option<RowJson>,
    },
}

impl Stored for Step {
    type Json = StepJson;

    fn to_stored(&self) -> StepJson {
        match self {
            Self::Placed { faces, from, to } => StepJson::Placed {
                faces: faces.to_stored(),
                from: from.to_stored(),
                to: to.to_stored(),
            },
            Self::Removed(held) => StepJson::Removed(held.to_stored()),
            Self::Returned { face, file, cluster } => StepJson::Returned {
                face: face.to_stored(),
                file: file.to_stored(),
                cluster: cluster.to_stored(),
            },
            Self::Explained { face, before } => StepJson::Explained {
                face: face.to_stored(),
                before: before.to_stored(),
            },
            Self::Led {
                source,
                before,
                after,
            } => StepJson::Led {
                source: source.to_stored(),
                before: before.to_stored(),
                after: after.to_stored(),
            },
            Self::Said {
                mark,
                one,
                other,
                before,
            } => StepJson::Said {
                mark: mark.to_stored(),
                one: one.to_stored(),
                other: other.to_stored(),
                before: *before,
            },
            Self::Rejected { rejection, before } => StepJson::Rejected {
                rejection: rejection.to_stored(),
                before: *before,
            },
            Self::Stood {
                cluster,
                before,
                after,
            } => StepJson::Stood {
                cluster: cluster.to_stored(),
                before: before.to_stored(),
                after: after.to_stored(),
            },
        }
    }

    fn from_stored(json: StepJson) -> Result<Self, Cause> {
        Ok(match json {
            StepJson::Placed { faces, from, to } => Self::Placed {
                faces: Stored::from_stored(faces)?,
                from: Stored::from_stored(from)?,
                to: Stored::from_stored(to)?,
            },
            StepJson::Removed(held) => Self::Removed(Stored::from_stored(held)?),
            StepJson::Returned { face, file, cluster } => Self::Returned {
                face: Stored::from_stored(face)?,
                file: Stored::from_stored(file)?,
                cluster: Stored::from_stored(cluster)?,
            },
            StepJson::Explained { face, before } => Self::Explained {
                face: Stored::from_stored(face)?,
                before: Stored::from_stored(before)?,
            },
            StepJson::Led {
                source,
                before,
                after,
            } => Self::Led {
                source: Stored::from_stored(source)?,
                before: Stored::from_stored(before)?,
                after: Stored::from_stored(after)?,
            },
            StepJson::Said {
                mark,
                one,
                other,
                before,
            } => Self::Said {
                mark: Stored::from_stored(mark)?,
                one: Stored::from_stored(one)?,
                other: Stored::from_stored(other)?,
                before,
            },
            StepJson::Rejected { rejection, before } => Self::Rejected {
                rejection: Stored::from_stored(rejection)?,
                before,
            },
            StepJson::Stood {
                cluster,
                before,
                after,
            } => Self::Stood {
                cluster: Stored::from_stored(cluster)?,
                before: Stored::from_stored(before)?,
                after: Stored::from_stored(after)?,
            },
        })
    }
}

/// Where a face is, and whether somebody wants it there.
#[derive(Serialize, Deserialize)]
pub(crate) struct PlaceJson {
    cluster: Uuid,
    corrected: bool,
}

impl Stored for Place {
    type Json = PlaceJson;

    fn to_stored(&self) -> PlaceJson {
        PlaceJson {
            cluster: self.cluster.to_stored(),
            corrected: self.corrected,
        }
    }

    fn from_stored(json: PlaceJson) -> Result<Self, Cause> {
        Ok(Self {
            cluster: Stored::from_stored(json.cluster)?,
            corrected: json.corrected,
        })
    }
}

/// A face that is not in the store any more.
#[derive(Serialize, Deserialize)]
pub(crate) struct HeldFaceJson {
    line: FaceJson,
    /// What was seen of it, and at which place among the faces of its photo.
    scene: Option<(usize, SceneFaceJson)>,
}

impl Stored for HeldFace {
    type Json = HeldFaceJson;

    fn to_stored(&self) -> HeldFaceJson {
        HeldFaceJson {
            line: self.whole.to_stored(),
            scene: self
                .scene
                .as_ref()
                .map(|(index, scene)| (*index, scene.to_stored())),
        }
    }

    fn from_stored(json: HeldFaceJson) -> Result<Self, Cause> {
        let scene = |(index, scene)| Ok::<_, Cause>((index, Stored::from_stored(scene)?));
        Ok(Self {
            whole: Stored::from_stored(json.line)?,
            scene: json.scene.map(scene).transpose()?,
        })
    }
}

/// A cluster's row.
#[derive(Serialize, Deserialize)]
pub(crate) struct RowJson {
    representative: Option<Uuid>,
    flags: FlagsJson,
}

impl Stored for Row {
    type Json = RowJson;

    fn to_stored(&self) -> RowJson {
        RowJson {
            representative: self.representative.to_stored(),
            flags: self.flags.to_stored(),
        }
    }

    fn from_stored(json: RowJson) -> Result<Self, Cause> {
        Ok(Self {
            representative: Stored::from_stored(json.representative)?,
            flags: Stored::from_stored(json.flags)?,
        })
    }
}

/// Where an id led.
#[derive(Serialize, Deserialize)]
pub(crate) struct LeadJson {
    target: Uuid,
    moment: u64,
}

impl Stored for Lead {
    type Json = LeadJson;

    fn to_stored(&self) -> LeadJson {
        LeadJson {
            target: self.target.to_stored(),
            moment: self.moment,
        }
    }

    fn from_stored(json: LeadJson) -> Result<Self, Cause> {
        Ok(Self {
            target: Stored::from_stored(json.target)?,
            moment: json.moment,
        })
    }
}

words! {
    /// What somebody said of two people.
    pub(crate) Mark as MarkJson {
        Distinct = "distinct",
        Unsure = "unsure",
    }
}
