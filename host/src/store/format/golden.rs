//! What is stored, held against the texts in `golden/`: a text that changes is a store that earlier workers cannot read.
//!
//! `golden/NAME` has what this version writes, one text a line; `golden/earlier/NAME` what earlier ones wrote of the same
//! values. `UPDATE_STORED=1` writes the first anew. What was there before then goes to the second, with what it must read as.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::archive::{ClusterLine, Header, Line, PhotoLine};
use super::{FaceJson, Stored, VERSION, from_text, to_text};
use crate::domain::{
    BoundingBox, ClusterId, Embedding, FaceId, FileId, Gender, Label, Neighbour, Scene, SceneFace,
    SceneObject, ScoredTag, SourceUrl, TextLine,
};
use crate::store::archive::{Done, Totals};
use crate::store::correction::{
    Correction, CorrectionKind, HeldFace, Lead, Lost, Place, Row, Step, WholeFace,
};
use crate::store::erasures::{Erased, Erasure};
use crate::store::event::{Event, LoggedEvent};
use crate::store::flags::ClusterFlags;
use crate::store::mark::Mark;
use crate::store::record::{
    DecidedBy, Explanation, PhotoDescription, PhotoRecord, PluginDigests, Redirect, Rejection, StoredContext,
    StoredFace,
};

/// Holds the texts of values against a file, and reads them back.
fn check<T: Stored + PartialEq + Debug>(name: &str, values: &[T]) {
    let texts: Vec<String> = values.iter().map(|value| to_text(value).unwrap()).collect();
    assert_golden(name, &texts);
    for (text, value) in texts.iter().zip(values) {
        assert_eq!(&from_text::<T>(text).unwrap(), value, "{name}");
    }
}

fn assert_golden(name: &str, texts: &[String]) {
    let path = golden(name);
    let written = texts.join("\n") + "\n";
    if std::env::var_os("UPDATE_STORED").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    assert_eq!(written, std::fs::read_to_string(&path).unwrap(), "{name}");
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/store/format/golden")
        .join(name)
}

fn face_id(number: u128) -> FaceId {
    uuid::Uuid::from_u128(0xface << 64 | number).into()
}

fn cluster_id(number: u128) -> ClusterId {
    uuid::Uuid::from_u128(0xc1 << 64 | number).into()
}

fn file_id() -> FileId {
    FileId::new("anna é/1 \"a\".jpg").unwrap()
}

fn bounding_box() -> BoundingBox {
    BoundingBox {
        x1: 1,
        y1: 2,
        x2: 30,
        y2: 40,
    }
}

fn scene_face() -> SceneFace {
    SceneFace {
        bounding_box: bounding_box(),
        confidence: 0.9,
        age: Some(21.5),
        gender: Some(Gender::Female),
        quality: 0.8,
    }
}

fn scene() -> Scene {
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

fn tags() -> Vec<ScoredTag> {
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

fn description() -> PhotoDescription {
    PhotoDescription {
        tags: tags(),
        context: StoredContext {
            phrase: "Dua orang di pantai".to_owned(),
            confidence: 0.75,
        },
        plugins: PluginDigests {
            tagger: "aa".to_owned(),
            context_mapper: "bb".to_owned(),
            cluster_policy: "cc".to_owned(),
        },
    }
}

fn photo() -> PhotoRecord {
    PhotoRecord {
        file_id: file_id(),
        scene: scene(),
        prompts_of: "aa".to_owned(),
        description: description(),
        model_set: "open".to_owned(),
        source_url: SourceUrl::full("https://photos.example/a.jpg?b=c"),
    }
}

fn bare_photo() -> PhotoRecord {
    PhotoRecord {
        scene: Scene::default(),
        source_url: None,
        ..photo()
    }
}

fn explanation(decided_by: DecidedBy, policy: Option<&str>) -> Explanation {
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

fn explanations() -> [Explanation; 4] {
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

fn events() -> [Event; 6] {
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

fn redirects() -> [Redirect; 2] {
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

fn rejection() -> Rejection {
    Rejection {
        face_id: face_id(1),
        file_id: file_id(),
        bounding_box: bounding_box(),
    }
}

fn face() -> StoredFace {
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

fn whole_face() -> WholeFace {
    let [policy, ..] = explanations();
    WholeFace {
        face: face(),
        portrait: Some(b"a jpeg".to_vec()),
        explanation: Some(policy),
    }
}

fn bare_face() -> WholeFace {
    WholeFace {
        face: face(),
        portrait: None,
        explanation: None,
    }
}

fn steps() -> Vec<Step> {
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

const KINDS: [CorrectionKind; 16] = [
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

fn corrections() -> Vec<Correction> {
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

fn header() -> Header {
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

fn totals() -> Totals {
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

fn lines() -> Vec<Line> {
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

fn erasures() -> [Erasure; 2] {
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

#[test]
fn what_is_stored_is_written_as_it_always_was() {
    check("scene.jsonl", &[scene(), Scene::default()]);
    check("tags.jsonl", &[tags()]);
    check("description.jsonl", &[description()]);
    check("explanation.jsonl", &explanations());
    check("event.jsonl", &events());
    check("face_ids.jsonl", &[vec![face_id(1), face_id(2)], Vec::new()]);
    check(
        "cluster_ids.jsonl",
        &[vec![cluster_id(1), cluster_id(2)], Vec::new()],
    );
    check("correction.jsonl", &corrections());
    check("erasure.jsonl", &erasures());
}

#[test]
fn the_lines_of_an_archive_are_written_as_they_always_were() {
    let line = |line: &Line| serde_json::to_string(line).unwrap();
    let texts: Vec<String> = lines().iter().map(line).collect();
    assert_golden("archive.jsonl", &texts);
    for text in texts {
        assert_eq!(line(&serde_json::from_str(&text).unwrap()), text);
    }
    let done = Done {
        archive: header(),
        target: "a collection".to_owned(),
        end: 1_234,
        lines: 5,
        totals: totals(),
    };
    assert_golden("import.jsonl", &[to_text(&done).unwrap()]);
}

/// The texts of an earlier version.
fn earlier(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(golden("earlier").join(name)).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Before text was compared in words, and before objects, text and surroundings were evidence.
#[test]
fn a_scene_with_fewer_kinds_of_evidence_is_read() {
    let expected = Scene {
        text_similarities: None,
        objects: None,
        text: None,
        indoor: None,
        ..scene()
    };
    for text in earlier("scene.jsonl") {
        assert_eq!(from_text::<Scene>(&text).unwrap(), expected);
    }
}

/// Lines of archives of formats 1 and 2: everything that they say is read, and what they do not say is nothing.
#[test]
fn the_lines_of_earlier_archives_are_read() {
    for (format, count) in [(1, 8), (2, 9)] {
        let texts = earlier(&format!("archive-{format}.jsonl"));
        assert_eq!(texts.len(), count);
        for text in texts {
            let line: Line = serde_json::from_str(&text).unwrap();
            let now = serde_json::to_value(&line).unwrap();
            assert_said(&text, &serde_json::from_str(&text).unwrap(), &now);
            line.changes().unwrap();
        }
    }
}

/// Panics unless everything that was said is said now, and nothing besides but what is empty.
fn assert_said(line: &str, before: &Value, now: &Value) {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            for (key, now) in now {
                match before.get(key) {
                    Some(before) => assert_said(line, before, now),
                    None => assert!(
                        matches!(now, Value::Null | Value::Bool(false)) || *now == 0,
                        "{key} of {line}"
                    ),
                }
            }
            let lost = before.keys().find(|key| !now.contains_key(*key));
            assert_eq!(lost, None, "{line}");
        }
        (Value::Array(before), Value::Array(now)) => {
            assert_eq!(before.len(), now.len(), "{line}");
            for (before, now) in before.iter().zip(now) {
                assert_said(line, before, now);
            }
        }
        // Both as a file has them.
        _ => assert_eq!(before.to_string(), now.to_string(), "{line}"),
    }
}
