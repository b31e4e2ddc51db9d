//! One value of everything that is stored, with all that it may say, and with as little as it may say.

use crate::domain::{
    BoundingBox, ClusterId, Embedding, FaceId, FileId, Gender, Label, Neighbour, Scene, SceneFace,
    SceneObject, ScoredTag, SourceUrl, TextLine,
};
use crate::store::archive::Totals;
use crate::store::correction::{Correction, CorrectionKind, HeldFace, Lead, Lost, Place, Row, Step};
use crate::store::erasures::{Erased, Erasure};
use crate::store::event::{Event, LoggedEvent};
use crate::store::flags::ClusterFlags;
use crate::store::format::archive::{ClusterLine, Line, PhotoLine};
use crate::store::format::{FaceJson, Header, Stored as _, VERSION};
use crate::store::mark::Mark;
use crate::store::record::{
    DecidedBy, Explanation, PhotoDescription, PhotoRecord, PluginDigests, Redirect, Rejection, StoredContext,
    StoredFace, WholeFace,
};

pub(super) fn face_id(number: u128) -> FaceId {
    uuid::Uuid::from_u128(0xface << 64 | number).into()
}

pub(super) fn cluster_id(number: u128) -> ClusterId {
    uuid::Uuid::from_u128(0xc1 << 64 | number).into()
}

pub(super) fn file_id() -> FileId {
    FileId::new("anna é/1 \"a\".jpg").unwrap()
}

pub(super) fn bounding_box() -> BoundingBox {
    BoundingBox {
        x1: 1,
        y1: 2,
        x2: 30,
        y2: 40,
    }
}

pub(super) fn scene_face() -> SceneFace {
    SceneFace {
        bounding_box: bounding_box(),
        confidence: 0.9,
        age: Some(21.5),
        gender: Some(Gender::Female),
        quality: 0.8,
    }
}

pub(super) fn scene() -> Scene {
    let plain = SceneFace {
        age: None,
        gender: None,
        ..scene_face()
    };
    let man = SceneFace {
        gender: Some(Gender::Male),
        ..scene_face()
    };
    Scene {
        width: 640,
        height: 480,
        faces: vec![scene_face(), man, plain],
        labels: Some(vec![Label {
            name: "groom".to_owned(),
            score: 0.25,
        }]),
        similarities: Some(vec![0.1, -0.5]),
        caption: Some("two people on a beach".to_owned()),
        text_similarities: Some(vec![1.0, 0.3]),
        objects: Some(vec![SceneObject {
            name: "cake".to_owned(),
            score: 0.7,
            bounding_box: bounding_box(),
        }]),
        text: Some(vec![TextLine {
            text: "Selamat".to_owned(),
            score: 0.95,
            bounding_box: bounding_box(),
            turn: -2.5,
        }]),
        indoor: Some(0.125),
    }
}

pub(super) fn tags() -> Vec<ScoredTag> {
    vec![
        ScoredTag {
            name: "wedding".to_owned(),
            score: 0.6,
            reason: None,
        },
        ScoredTag {
            name: "people".to_owned(),
            score: 1.0,
            reason: None,
        },
    ]
}

pub(super) fn description() -> PhotoDescription {
    PhotoDescription {
        tags: tags(),
        context: StoredContext {
            phrase: "Dua orang di pantai".to_owned(),
            confidence: 0.75,
        },
        plugins: PluginDigests::new(|slot| String::from(char::from(b'a' + slot as u8)).repeat(2)),
    }
}

pub(super) fn photo() -> PhotoRecord {
    PhotoRecord {
        file_id: file_id(),
        scene: scene(),
        prompts_of: "aa".to_owned(),
        description: description(),
        model_set: "open".to_owned(),
        source_url: SourceUrl::full("https://photos.example/a.jpg?b=c"),
    }
}

pub(super) fn bare_photo() -> PhotoRecord {
    PhotoRecord {
        scene: Scene::default(),
        source_url: None,
        ..photo()
    }
}

pub(super) fn explanation(decided_by: DecidedBy, policy: Option<&str>) -> Explanation {
    Explanation {
        decided_by,
        reason: "similarity 0.7 with 2 faces".to_owned(),
        at: 1_700_000_000,
        policy: policy.map(str::to_owned),
        embedding_model: "arcface".to_owned(),
        threshold: 0.4,
        neighbours: vec![Neighbour {
            face_id: face_id(2),
            cluster_id: cluster_id(2),
            similarity: 0.7,
            quality: 0.6,
            same_photo: false,
        }],
    }
}

pub(super) fn explanations() -> [Explanation; 4] {
    [
        explanation(DecidedBy::Policy, Some("cc")),
        explanation(DecidedBy::Consolidation, Some("cc")),
        Explanation {
            neighbours: Vec::new(),
            ..explanation(DecidedBy::Person, None)
        },
        explanation(DecidedBy::Unmerge, None),
    ]
}

pub(super) fn events() -> [Event; 6] {
    let (from, to) = (cluster_id(1), cluster_id(2));
    [
        Event::Face {
            face: face_id(1),
            from: None,
            to: Some(to),
        },
        Event::Face {
            face: face_id(1),
            from: Some(from),
            to: None,
        },
        Event::Merged { from, to },
        Event::Unmerged { from, to },
        Event::Split { from, to },
        Event::Deleted { from },
    ]
}

pub(super) fn redirects() -> [Redirect; 2] {
    [
        Redirect {
            source: cluster_id(1),
            target: cluster_id(2),
            representative: Some(face_id(1)),
            faces: vec![face_id(1), face_id(2)],
            distinctions: vec![cluster_id(3)],
            moment: 1_700_000_000_000_001,
            automatic: true,
            flags: ClusterFlags {
                hidden: true,
                provisional: true,
            },
        },
        Redirect {
            source: cluster_id(1),
            target: cluster_id(2),
            representative: None,
            faces: Vec::new(),
            distinctions: Vec::new(),
            moment: 0,
            automatic: false,
            flags: ClusterFlags::default(),
        },
    ]
}

pub(super) fn rejection() -> Rejection {
    Rejection {
        face_id: face_id(1),
        file_id: file_id(),
        bounding_box: bounding_box(),
    }
}

pub(super) fn face() -> StoredFace {
    StoredFace {
        face_id: face_id(1),
        file_id: file_id(),
        cluster_id: cluster_id(1),
        embedding: Embedding::stored(vec![0.6, -0.8]).unwrap(),
        bounding_box: bounding_box(),
        confidence: 0.9,
        quality: 0.8,
        corrected: true,
        joined: 1_700_000_000_000_001,
    }
}

pub(super) fn whole_face() -> WholeFace {
    let [policy, ..] = explanations();
    WholeFace {
        face: face(),
        portrait: Some(b"a jpeg".to_vec()),
        explanation: Some(policy),
    }
}

pub(super) fn bare_face() -> WholeFace {
    WholeFace {
        face: face(),
        portrait: None,
        explanation: None,
    }
}

pub(super) fn steps() -> Vec<Step> {
    let place = |number, corrected| Place {
        cluster: cluster_id(number),
        corrected,
    };
    let row = |representative, hidden| Row {
        representative,
        flags: ClusterFlags {
            hidden,
            provisional: false,
        },
    };
    let [redirect, bare_redirect] = redirects();
    let [policy, ..] = explanations();
    let said = |mark, before| Step::Said {
        mark,
        one: cluster_id(1),
        other: cluster_id(2),
        before,
    };
    vec![
        Step::Placed {
            faces: vec![face_id(1), face_id(2)],
            from: place(1, false),
            to: place(2, true),
        },
        Step::Removed(Box::new(HeldFace {
            whole: whole_face(),
            scene: Some((3, scene_face())),
        })),
        Step::Removed(Box::new(HeldFace {
            whole: bare_face(),
            scene: None,
        })),
        Step::Returned {
            face: face_id(1),
            file: file_id(),
            cluster: cluster_id(1),
        },
        Step::Explained {
            face: face_id(1),
            before: Some(Box::new(policy)),
        },
        Step::Explained {
            face: face_id(1),
            before: None,
        },
        Step::Led {
            source: cluster_id(1),
            before: Some(bare_redirect),
            after: Some(Lead::from(&redirect)),
        },
        Step::Led {
            source: cluster_id(1),
            before: None,
            after: None,
        },
        said(Mark::Distinct, true),
        said(Mark::Unsure, false),
        Step::Rejected {
            rejection: rejection(),
            before: false,
        },
        Step::Stood {
            cluster: cluster_id(1),
            before: Some(row(Some(face_id(1)), true)),
            after: Some(row(None, false)),
        },
        Step::Stood {
            cluster: cluster_id(1),
            before: None,
            after: None,
        },
    ]
}

pub(super) const KINDS: [CorrectionKind; 16] = [
    CorrectionKind::Merged,
    CorrectionKind::Unmerged,
    CorrectionKind::Split,
    CorrectionKind::FaceMoved,
    CorrectionKind::RepresentativeChosen,
    CorrectionKind::ClustersDistinguished,
    CorrectionKind::ClusterDistinctionWithdrawn,
    CorrectionKind::FacesDistinguished,
    CorrectionKind::FaceDistinctionWithdrawn,
    CorrectionKind::FaceRejected,
    CorrectionKind::FaceRejectionWithdrawn,
    CorrectionKind::Hidden,
    CorrectionKind::Shown,
    CorrectionKind::MarkedUnsure,
    CorrectionKind::UnsureWithdrawn,
    CorrectionKind::Consolidated,
];

pub(super) fn corrections() -> Vec<Correction> {
    let bare = |kind, lost| Correction {
        position: 2,
        at: 1_700_000_000,
        key: None,
        kind,
        cluster_ids: vec![cluster_id(1)],
        face_ids: Vec::new(),
        faces: 0,
        undoes: 1,
        undone: true,
        lost,
        steps: Vec::new(),
    };
    let whole = Correction {
        position: 1,
        key: Some("a key".to_owned()),
        face_ids: vec![face_id(1)],
        faces: 1,
        undoes: 0,
        undone: false,
        steps: steps(),
        ..bare(CorrectionKind::Merged, None)
    };
    let mut all = vec![
        whole,
        bare(CorrectionKind::Merged, Some(Lost::Deleted)),
        bare(CorrectionKind::Merged, Some(Lost::Embedder)),
    ];
    all.extend(KINDS.map(|kind| bare(kind, None)));
    all
}

pub(super) fn header() -> Header {
    Header {
        format: VERSION,
        embedding_model: "arcface".to_owned(),
        dimension: 2,
        source: "the embedded store".to_owned(),
        revision: 7,
        faces: 1,
        clusters: 2,
        photos: 3,
    }
}

pub(super) fn totals() -> Totals {
    Totals {
        faces: 1,
        portraits: 2,
        photos: 3,
        clusters: 4,
        distinctions: 5,
        unsure: 6,
        redirects: 7,
        rejections: 8,
        events: 9,
        corrections: 10,
    }
}

pub(super) fn lines() -> Vec<Line> {
    let cluster = |hidden, provisional| {
        Line::Cluster(ClusterLine {
            cluster_id: cluster_id(1).to_stored(),
            representative: face_id(1).to_stored(),
            flags: ClusterFlags { hidden, provisional }.to_stored(),
        })
    };
    let [redirect, _] = redirects();
    vec![
        Line::Archive(header()),
        Line::Face(Box::new(FaceJson::at(5, &whole_face()))),
        Line::Face(Box::new(FaceJson::at(6, &bare_face()))),
        Line::Photo(Box::new(PhotoLine {
            position: 7,
            photo: photo().to_stored(),
        })),
        Line::Photo(Box::new(PhotoLine {
            position: 8,
            photo: bare_photo().to_stored(),
        })),
        Line::Distinction(cluster_id(1).to_stored(), cluster_id(2).to_stored()),
        Line::Unsure(cluster_id(1).to_stored(), cluster_id(2).to_stored()),
        cluster(true, true),
        cluster(false, false),
        Line::Redirect(redirect.to_stored()),
        Line::Rejection(rejection().to_stored()),
        Line::Event(
            LoggedEvent {
                position: 9,
                at: 1_700_000_000,
                event: events()[2],
            }
            .to_stored(),
        ),
        Line::Correction(Box::new(corrections().remove(1).to_stored())),
        Line::End(totals().to_stored()),
    ]
}

pub(super) fn erasures() -> [Erasure; 2] {
    [
        Erasure {
            at: 1_700_000_000_000_001,
            revision: 7,
            erased: Erased::Photo {
                sha256: "ab".to_owned(),
            },
        },
        Erasure {
            at: 1_700_000_000_000_002,
            revision: 0,
            erased: Erased::Person {
                clusters: vec![cluster_id(1)],
                faces: vec![face_id(1)],
            },
        },
    ]
}
