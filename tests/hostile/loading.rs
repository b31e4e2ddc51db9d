//! Files that are no plugin for their slot, or not the one that was expected.

use ai_worker::audit::Who;
use ai_worker::plugins::cases::{self, Case};
use ai_worker::plugins::{Graphs, Slot, Trust, digest};
use minisign::KeyPair;
use wasm_encoder::ComponentSection as _;
use wit_parser::Resolve;

use crate::guest::on_photos;
use crate::host::{Attack, Kind, repel, settings, with_host};
use test_support::guests::{COMPONENTS, WIT, component};

fn good() -> Vec<u8> {
    on_photos("", "(i32.const 64)")
}

fn strict_policy() -> Vec<u8> {
    let file = format!("{COMPONENTS}/examples/strict-cluster-policy/strict-cluster-policy.wasm");
    std::fs::read(file).unwrap()
}

/// A tagger made for another edition of the interfaces: each text is replaced in all of them.
fn edition(replacements: &[(&str, &str)]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let neural = "deps/wasi-nn/wasi-nn.wit";
    std::fs::create_dir_all(folder.path().join("deps/wasi-nn")).unwrap();
    std::fs::copy(format!("{WIT}/{neural}"), folder.path().join(neural)).unwrap();
    for name in ["types", "log", "photo", "tagger"] {
        let mut text = std::fs::read_to_string(format!("{WIT}/{name}.wit")).unwrap();
        for (old, new) in replacements {
            text = text.replace(old, new);
        }
        std::fs::write(folder.path().join(format!("{name}.wit")), text).unwrap();
    }
    let mut resolve = Resolve::default();
    resolve.push_dir(folder.path()).unwrap();
    let package = resolve
        .packages
        .iter()
        .find(|(_, package)| package.name.namespace == "ai-worker");
    let interface = format!(
        "{}/tagger@{}",
        "ai-worker:plugin",
        package.unwrap().1.name.version.clone().unwrap()
    );
    let module = format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "{interface}#describe") (result i32) (i32.const 0))
            (func (export "{interface}#tag") (param {}) (result i32) (i32.const 64)))"#,
        "i32 ".repeat(16)
    );
    // Of another edition the functions may have other names and parameters.
    let module = if replacements.iter().any(|(_, new)| new.starts_with("name: func")) {
        module.replace("#describe", "#name")
    } else if replacements.iter().any(|(_, new)| new.contains("hint: string")) {
        module.replace(&format!("(param {})", "i32 ".repeat(16)), "(param i32)")
    } else {
        module
    };
    component(&resolve, "ai-worker:plugin/tagger-plugin", &module)
}

/// A tagger that imports a function from the given interface, whose text is the rest of a package.
fn importing(interface: &str, import: &str) -> Vec<u8> {
    let world = format!(
        "package hostile:guest; {interface} world guest {{ include ai-worker:plugin/tagger-plugin@1.0.0; import secrets; }}"
    );
    in_world(&world, import)
}

/// A tagger that imports the network, as componentize-js makes them unless told otherwise.
fn wasi_http() -> Vec<u8> {
    let world = "package hostile:guest;
        world guest { include ai-worker:plugin/tagger-plugin@1.0.0; import wasi:http/outgoing-handler@0.2.10; }
        package wasi:http@0.2.10 { interface outgoing-handler { handle: func(); } }";
    in_world(
        world,
        r#"(import "wasi:http/outgoing-handler@0.2.10" "handle" (func))"#,
    )
}

/// A tagger of the world `guest`, which the text of a package has, with this import of its module.
fn in_world(world: &str, import: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_dir(WIT).unwrap();
    resolve.push_str("guest.wit", world).unwrap();
    let tagger = "ai-worker:plugin/tagger@1.0.0";
    let module = format!(
        r#"(module
            {import}
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "{tagger}#describe") (result i32) (i32.const 0))
            (func (export "{tagger}#tag") (param {}) (result i32) (i32.const 64)))"#,
        "i32 ".repeat(16)
    );
    component(&resolve, "hostile:guest/guest", &module)
}

#[test]
fn files_that_are_no_plugin_are_refused() {
    let refused = |name, file, says| Attack(name, file, Kind::Load, says);
    let half = good();
    let flipped = {
        let mut file = good();
        let middle = file.len() / 2;
        file[middle..middle + 8].fill(0xff);
        file
    };
    repel(
        Slot::Tagger,
        vec![
            refused("nothing", Vec::new(), "cannot be used"),
            refused("text", b"#!/bin/sh\nrm -rf /\n".to_vec(), "cannot be used"),
            refused(
                "noise",
                (0..=255).cycle().take(10_000).collect(),
                "cannot be used",
            ),
            refused(
                "a core module",
                wat::parse_str("(module)").unwrap(),
                "componentize",
            ),
            refused("half a file", half[..half.len() / 2].to_vec(), "unexpected end"),
            refused("a damaged file", flipped, "cannot be used"),
            refused(
                "a file that is too large",
                vec![0; (4 << 20) + 1],
                "it has 4194305 bytes and PLUGIN_FILE_BYTES allows 4194304",
            ),
        ],
    );
}

#[test]
fn components_for_something_else_are_refused() {
    let refused = |name, file, says| Attack(name, file, Kind::Load, says);
    let secrets = "interface secrets { read: func(); }";
    let reads = r#"(import "hostile:guest/secrets" "read" (func $read))"#;
    repel(
        Slot::Tagger,
        vec![
            refused(
                "another slot's plugin",
                strict_policy(),
                "ai-worker:plugin/tagger",
            ),
            refused(
                "no interface",
                wat::parse_str("(component)").unwrap(),
                "ai-worker:plugin/tagger",
            ),
            refused(
                "another slot's plugin, in its author's words",
                strict_policy(),
                "it is a plugin for the cluster-policy slot: put it there",
            ),
            refused(
                "the next major version",
                edition(&[("@1.0.0", "@2.0.0")]),
                "it exports ai-worker:plugin/tagger@2.0.0; this worker speaks 1.1.0 and 1.0.0: `ai-worker plugin wit wit`",
            ),
            refused(
                "the version before the first",
                edition(&[("@1.0.0", "@0.9.0")]),
                "it exports ai-worker:plugin/tagger@0.9.0; this worker speaks 1.1.0 and 1.0.0",
            ),
            refused(
                "the right version with another case",
                edition(&[("        other(string),", "        other(string), late,")]),
                "its function `tag`: the variant `plugin-error` has the cases unsupported, failed, other, late, and \
                 unsupported, failed, other are expected",
            ),
            refused(
                "a later minor version with other flags",
                edition(&[("@1.0.0", "@1.2.0")]),
                "its function `describe`: the flags `evidence` has the names labels, similarities, caption, demographics, \
                 pixels, text-similarities, and labels, similarities, caption, demographics, pixels, text-similarities, \
                 objects, text, surroundings are expected",
            ),
            refused(
                "the right version with another field",
                edition(&[("score: f32,", "score: f32, colour: u32,")]),
                "has the fields name, score, colour, and name, score are expected",
            ),
            refused(
                "the right version with another type",
                edition(&[("score: f32,", "score: f64,")]),
                "is f64, and f32 is expected",
            ),
            refused(
                "the right version with a function that is missing",
                edition(&[(
                    "describe: func() -> tagger-description;",
                    "name: func() -> tagger-description;",
                )]),
                "its function `describe` is missing",
            ),
            refused(
                "the right version with a function that takes more",
                edition(&[("tag: func(scene: scene)", "tag: func(scene: scene, hint: string)")]),
                "its function `tag` takes (scene: scene, hint: string), and (scene: scene) is expected",
            ),
            refused(
                "an import that nobody has",
                importing(secrets, reads),
                "it imports hostile:guest/secrets, which no worker has",
            ),
            refused(
                "the network",
                wasi_http(),
                "it imports wasi:http/outgoing-handler@0.2.10, which no slot may have: plugins have no network. \
                 componentize-js and jco bring it unless told otherwise: `jco componentize --disable http fetch-event`",
            ),
        ],
    );
}

/// The cases that a component brings are run before it is put into its slot, so there are a thousand of them at most.
#[test]
fn cases_of_its_own_do_not_help_a_plugin() {
    let case = |text: &str| -> Case { serde_json::from_str(text).unwrap() };
    let holds = case(r#"{"scene": {"width": 2, "height": 2, "faces": []}, "expect": {"tags": []}}"#);
    let fails = case(r#"{"scene": {"width": 2, "height": 2, "faces": []}, "expect": {"has": ["beach"]}}"#);
    let with = |cases: &[Case]| cases::embed(&good(), cases).unwrap();
    let mut broken = good();
    wasm_encoder::CustomSection {
        name: "ai-worker-cases".into(),
        data: b"[{".into(),
    }
    .append_to_component(&mut broken);
    let refused = |name, file, says| Attack(name, file, Kind::CaseFailed, says);
    repel(
        Slot::Tagger,
        vec![
            refused(
                "1,001 cases",
                with(&vec![holds.clone(); 1_001]),
                "there are 1001 cases; the limit is 1000",
            ),
            refused("a case that fails", with(&[holds, fails]), "- beach"),
            refused("cases that are none", broken, "no list of cases"),
        ],
    );
}

#[test]
fn only_trusted_keys_and_pinned_digests_get_in() {
    let (ours, theirs) = (
        KeyPair::generate_unencrypted_keypair().unwrap(),
        KeyPair::generate_unencrypted_keypair().unwrap(),
    );
    let sign = |keys: &KeyPair, bytes: &[u8]| {
        minisign::sign(None, &keys.sk, bytes, None, None)
            .unwrap()
            .into_string()
    };
    let plugin = good();
    let signed = sign(&ours, &plugin);
    let forged = [
        ("no signature", None, "not signed"),
        (
            "another's signature",
            Some(sign(&theirs, &plugin)),
            "not in PLUGIN_TRUST",
        ),
        (
            "the signature of another file",
            Some(sign(&ours, b"harmless")),
            "for other bytes",
        ),
        (
            "text for a signature",
            Some("trust me".to_owned()),
            "not a minisign signature",
        ),
        (
            "a signature with other words in it",
            Some(signed.replacen("timestamp", "timestomp", 1)),
            "PLUGIN_TRUST",
        ),
    ];
    let settings = ai_worker::plugins::PluginSettings {
        trust: Trust {
            keys: vec![ours.pk.to_base64().parse().unwrap()],
            pins: vec![
                format!("context-mapper={}", digest(Slot::ContextMapper.built_in()))
                    .parse()
                    .unwrap(),
            ],
        },
        ..settings()
    };
    with_host(settings, Graphs::new(), move |host| {
        for (name, signature, says) in forged {
            let outcome = host.plugins.swap(
                Slot::Tagger,
                &plugin,
                signature.as_deref(),
                "a test",
                &Who::default(),
            );
            let text = ai_worker::report(&outcome.unwrap_err());
            assert!(text.contains(says), "{name}: {text}");
            host.serves_on(name);
        }
        let signature = Some(signed.as_str());
        let pinned = host
            .plugins
            .swap(Slot::ContextMapper, &plugin, signature, "a test", &Who::default());
        assert!(pinned.unwrap_err().to_string().contains("PLUGIN_PIN"));
        host.serves_on("a wrong digest");
        assert!(
            host.plugins
                .swap(Slot::Tagger, &plugin, signature, "a test", &Who::default())
                .unwrap()
                .changed
        );
    });
}
