//! What is counted is there, and what operators are given asks for nothing else.

use super::*;

#[test]
fn what_happened_is_there_under_its_name_and_labels() {
    request("/api/process", 200, Duration::from_millis(30));
    photo("described");
    stage(Stage::Inference, Duration::from_millis(20));
    inference("yunet", Duration::from_millis(7), false);
    store_call("nearest", Duration::from_micros(300), true);
    let text = text(&Level {
        working: (3, 4),
        queued: (0, 64),
        batches: 1,
        decoded_pixels: 2_048,
        store_circuit_open: true,
    });
    for line in [
        r#"ai_worker_requests_total{route="/api/process",status="200"}"#,
        r#"ai_worker_photos_total{outcome="described"}"#,
        r#"ai_worker_stage_duration_seconds_count{stage="inference"}"#,
        r#"ai_worker_inference_failures_total{model="yunet"} 1"#,
        r#"ai_worker_store_call_duration_seconds_bucket{le="0.0004",operation="nearest"}"#,
        "ai_worker_photos_working 3",
        "ai_worker_photos_working_limit 4",
        "ai_worker_store_circuit_open 1",
        "ai_worker_decoded_pixels 2048",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

/// What dashboards and alerts ask for is there once each thing has happened: a series of that name, with the labels.
#[test]
fn what_operators_are_given_asks_for_what_is_measured() -> Result<(), regex::Error> {
    let took = Duration::from_millis(5);
    request("/api/process", 200, took);
    photo("described");
    stage(Stage::Queue, took);
    photo_size(1_000_000, (4_000, 3_000));
    photo_faces(3);
    detector_looks(4);
    // Counters are the process's: another test counts those of "yunet".
    inference("sface", took, false);
    inference_images("sface", 2);
    plugin_call("tagger", took, false);
    store_call("apply", took, false);
    lookups("answers", true, 1);
    connection_ended("room");
    let text = text(&Level {
        working: (0, 4),
        queued: (0, 64),
        batches: 0,
        decoded_pixels: 0,
        store_circuit_open: false,
    });
    let series: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let asked = regex::Regex::new(r#"\b(ai_worker_[a-z_]+)(?:\{((?:[^}"]|"[^"]*")*)\})?"#)?;
    let label = regex::Regex::new(r"([a-z_]+)\s*(?:=~|!~|!=|=)")?;
    for (file, queries) in [
        ("alerts.yaml", include_str!("../../../docs/deploy/alerts.yaml")),
        (
            "grafana-dashboard.json",
            include_str!("../../../docs/deploy/grafana-dashboard.json"),
        ),
    ] {
        let queries = queries.replace(r#"\""#, "\"");
        let mut count = 0;
        for query in asked.captures_iter(&queries) {
            count += 1;
            let name = &query[1];
            let labels = query.get(2).map_or("", |labels| labels.as_str());
            // Those that Prometheus adds itself.
            let mut names = label
                .captures_iter(labels)
                .map(|label| label[1].to_owned())
                .filter(|label| !["job", "instance"].contains(&label.as_str()));
            let is_there = |line: &&&str| {
                line.strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with(['{', ' ']))
            };
            let found = series.iter().find(is_there);
            assert!(found.is_some(), "{file}: there is no {name}");
            let found = found.copied().unwrap_or_default();
            assert!(
                names.all(|label| found.contains(&format!("{label}=\""))),
                "{file}: {name} has not all of {labels}"
            );
        }
        assert!(count > 10, "{file} asks for {count} series");
    }
    Ok(())
}
