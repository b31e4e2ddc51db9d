//! Clusters that were merged away, and what is no face.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::stored::Stored;
use crate::store::error::Cause;
use crate::store::flags::ClusterFlags;
use crate::store::record::{Redirect, Rejection};

/// What is known of a person besides the faces. A flag stands only where it is set; it stands among the fields of what
/// the person is known by.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct FlagsJson {
    #[serde(default, skip_serializing_if = "is_unset")]
    hidden: bool,
    #[serde(default, skip_serializing_if = "is_unset")]
    provisional: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_unset(flag: &bool) -> bool {
    !flag
}

impl Stored for ClusterFlags {
    type Json = FlagsJson;

    fn to_stored(&self) -> FlagsJson {
        FlagsJson {
            hidden: self.hidden,
            provisional: self.provisional,
        }
    }

    fn from_stored(json: FlagsJson) -> Result<Self, Cause> {
        Ok(Self {
            hidden: json.hidden,
            provisional: json.provisional,
        })
    }
}

/// Where a cluster went that was merged away.
#[derive(Serialize, Deserialize)]
pub struct RedirectJson {
    pub(in crate::store) source: Uuid,
    target: Uuid,
    representative: Option<Uuid>,
    faces: Vec<Uuid>,
    distinctions: Vec<Uuid>,
    /// Not there in an archive of format 1.
    #[serde(default)]
    moment: u64,
    /// Not there in an archive of format 1.
    #[serde(default)]
    automatic: bool,
    #[serde(flatten)]
    flags: FlagsJson,
}

impl Stored for Redirect {
    type Json = RedirectJson;

    fn to_stored(&self) -> RedirectJson {
        RedirectJson {
            source: self.source.to_stored(),
            target: self.target.to_stored(),
            representative: self.representative.to_stored(),
            faces: self.faces.to_stored(),
            distinctions: self.distinctions.to_stored(),
            moment: self.moment,
            automatic: self.automatic,
            flags: self.flags.to_stored(),
        }
    }

    fn from_stored(json: RedirectJson) -> Result<Self, Cause> {
        Ok(Self {
            source: Stored::from_stored(json.source)?,
            target: Stored::from_stored(json.target)?,
            representative: Stored::from_stored(json.representative)?,
            faces: Stored::from_stored(json.faces)?,
            distinctions: Stored::from_stored(json.distinctions)?,
            moment: json.moment,
            automatic: json.automatic,
            flags: Stored::from_stored(json.flags)?,
        })
    }
}

/// Something that was found to be a face and is none.
#[derive(Serialize, Deserialize)]
pub struct RejectionJson {
    pub(in crate::store) face_id: Uuid,
    file_id: String,
    bounding_box: [u32; 4],
}

impl Stored for Rejection {
    type Json = RejectionJson;

    fn to_stored(&self) -> RejectionJson {
        RejectionJson {
            face_id: self.face_id.to_stored(),
            file_id: self.file_id.to_stored(),
            bounding_box: self.bounding_box.to_stored(),
        }
    }

    fn from_stored(json: RejectionJson) -> Result<Self, Cause> {
        Ok(Self {
            face_id: Stored::from_stored(json.face_id)?,
            file_id: Stored::from_stored(json.file_id)?,
            bounding_box: Stored::from_stored(json.bounding_box)?,
        })
    }
}
