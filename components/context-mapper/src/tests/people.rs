//! Who is in a photo, and in which words.

use super::*;

#[test]
fn three_or_more_are_counted_only_where_they_pose() {
    assert_eq!(who(&scene(adults(5))), "lima orang");
    assert_eq!(who(&scene(adults(8))), "sejumlah orang");
    let mut busy = adults(5);
    for face in &mut busy {
        face.quality = 0.1;
        face.bounding_box.x1 -= 250;
        face.bounding_box.x2 -= 250;
    }
    assert_eq!(who(&scene(busy)), "beberapa orang");
}

#[test]
fn who_turns_away_is_counted_by_the_figure() {
    let table = [
        (1, 5, "Beberapa orang"),
        (1, 14, "Banyak orang"),
        (3, 2, "Tiga orang"),
        (0, 1, "Seseorang"),
        (0, 2, "Dua orang"),
    ];
    for (faces, seen, expected) in table {
        let mut scene = scene(adults(faces));
        for face in &mut scene.faces {
            face.quality = 0.1;
        }
        scene.objects = figures(seen, 0.8);
        assert_eq!(who(&scene), expected.to_lowercase());
        scene.objects = figures(seen, 0.3);
        assert_ne!(context(&scene, &[]).phrase, "Banyak orang");
    }
}

#[test]
fn a_photo_of_one_person_is_so_whoever_passes_by() {
    let mut portrait = scene(vec![face(Some(35.0), Some(Gender::Male)), face(None, None)]);
    portrait.faces[0].bounding_box = object("", 0.0, [250, 40, 390, 220]).bounding_box;
    portrait.faces[1].bounding_box = object("", 0.0, [520, 150, 540, 175]).bounding_box;
    let sitter = object("person", 0.9, [180, 20, 460, 480]);
    let passer_by = object("person", 0.8, [500, 140, 560, 300]);
    portrait.objects = Some(vec![sitter.clone(), passer_by]);
    assert_eq!(context(&portrait, &[]).phrase, "Seorang laki-laki");
    let beside = object("person", 0.8, [20, 60, 170, 480]);
    portrait.objects = Some(vec![sitter, beside]);
    assert_eq!(context(&portrait, &[]).phrase, "Dua orang");
}

#[test]
fn figures_far_away_are_not_whom_a_photo_is_of() {
    let far = object("person", 0.9, [300, 200, 310, 230]);
    let scene = Scene {
        objects: Some(vec![far, object("bench", 0.8, [100, 250, 500, 450])]),
        ..scene(Vec::new())
    };
    assert_eq!(context(&scene, &tags(&["outdoor"])).phrase, "Bangku");
}

#[test]
fn who_sits_on_chairs_does_not_pose() {
    let mut seated = scene(adults(6));
    assert_eq!(
        context(&seated, &tags(&["indoor"])).phrase,
        "Foto bersama sejumlah orang di dalam ruangan"
    );
    let chair = |index: u32| object("chair", 0.7, [100 * index, 300, 100 * index + 80, 400]);
    seated.objects = Some((0..3).map(chair).collect());
    assert_eq!(
        context(&seated, &tags(&["indoor"])).phrase,
        "Beberapa orang duduk di dalam ruangan"
    );
}

#[test]
fn two_people_pose_who_look_into_the_camera_side_by_side() {
    let pair = |apart: u32, quality: f32| {
        let mut faces = vec![face(None, None); 2];
        faces[1].bounding_box.x1 += apart;
        faces[1].bounding_box.x2 += apart;
        for face in &mut faces {
            face.quality = quality;
        }
        context(&scene(faces), &[]).phrase
    };
    assert_eq!(pair(100, 0.75), "Dua orang berpose");
    assert_eq!(pair(200, 0.75), "Dua orang");
    assert_eq!(pair(200, 0.85), "Dua orang berpose");
    assert_eq!(pair(100, 0.6), "Dua orang");
}

#[test]
fn one_person_is_named_no_more_closely_than_seen() {
    let table = [
        (None, None, "Seseorang"),
        (Some(30.0), None, "Seseorang"),
        (Some(30.0), Some(Gender::Male), "Seorang laki-laki"),
        (Some(5.0), Some(Gender::Male), "Seorang anak"),
        (Some(5.0), None, "Seorang anak"),
        (Some(14.0), Some(Gender::Female), "Seseorang"),
        (Some(80.0), Some(Gender::Female), "Seorang perempuan lanjut usia"),
        (Some(f32::NAN), Some(Gender::Female), "Seseorang"),
    ];
    for (age, gender, expected) in table {
        assert_eq!(context(&scene(vec![face(age, gender)]), &[]).phrase, expected);
    }
    let children = row(&face(Some(6.0), None), 3);
    assert_eq!(context(&scene(children), &[]).phrase, "Foto bersama tiga anak");
    let mut blurred = face(Some(30.0), Some(Gender::Male));
    blurred.quality = 0.4;
    assert_eq!(context(&scene(vec![blurred]), &[]).phrase, "Seseorang");
}

#[test]
fn a_cat_has_no_portrait() {
    let mut cat = scene(vec![face(Some(35.0), Some(Gender::Male))]);
    cat.objects = Some(vec![Object {
        name: "cat".to_owned(),
        score: 0.9,
        bounding_box: cat.faces[0].bounding_box,
    }]);
    assert_eq!(context(&cat, &tags(&["cat", "animal"])).phrase, "Seekor kucing");
}
