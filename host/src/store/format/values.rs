//! Identifiers and other single values.

use uuid::Uuid;

use super::stored::Stored;
use crate::domain::{BoundingBox, ClusterId, FaceId, FileId, SourceUrl};
use crate::store::error::Cause;

impl Stored for FaceId {
    type Json = Uuid;

    fn to_stored(&self) -> Uuid {
        self.as_uuid()
    }

    fn from_stored(json: Uuid) -> Result<Self, Cause> {
        Ok(json.into())
    }
}

impl Stored for ClusterId {
    type Json = Uuid;

    fn to_stored(&self) -> Uuid {
        self.as_uuid()
    }

    fn from_stored(json: Uuid) -> Result<Self, Cause> {
        Ok(json.into())
    }
}

impl Stored for FileId {
    type Json = String;

    fn to_stored(&self) -> String {
        self.as_str().to_owned()
    }

    fn from_stored(json: String) -> Result<Self, Cause> {
        Ok(Self::new(json)?)
    }
}

impl Stored for SourceUrl {
    type Json = String;

    fn to_stored(&self) -> String {
        self.as_str().to_owned()
    }

    fn from_stored(json: String) -> Result<Self, Cause> {
        Ok(Self::stored(json))
    }
}

/// `[x1, y1, x2, y2]`.
impl Stored for BoundingBox {
    type Json = [u32; 4];

    fn to_stored(&self) -> [u32; 4] {
        [self.x1, self.y1, self.x2, self.y2]
    }

    fn from_stored([x1, y1, x2, y2]: [u32; 4]) -> Result<Self, Cause> {
        Ok(Self { x1, y1, x2, y2 })
    }
}
