//! Guests that want more memory than they may have.

use ai_worker::audit::Who;
use ai_worker::metrics::resident_memory;
use ai_worker::plugins::{Graphs, Slot};
use wasm_encoder::{ComponentSection as _, InstanceSection, RawSection};

use crate::guest::on_photos;
use crate::host::{Attack, Kind, repel, settings, with_host_alone};

const MEBIBYTE: u64 = 1 << 20;

/// A tagger that brings a module besides its own, instantiated so many times.
fn with_instances(module: &str, count: u32) -> Vec<u8> {
    let mut component = on_photos("", "(i32.const 64)");
    let modules = wasmparser::Parser::new(0)
        .parse_all(&component)
        .filter(|payload| matches!(payload, Ok(wasmparser::Payload::ModuleSection { .. })))
        .count();
    RawSection {
        id: wasm_encoder::ComponentSectionId::CoreModule.into(),
        data: &wat::parse_str(module).unwrap(),
    }
    .append_to_component(&mut component);
    let mut instances = InstanceSection::new();
    for _ in 0..count {
        let nothing: [(&str, wasm_encoder::ModuleArg); 0] = [];
        instances.instantiate(u32::try_from(modules).unwrap(), nothing);
    }
    instances.append_to_component(&mut component);
    component
}

#[test]
fn memory_ends_at_its_limit() {
    let bomb = "(loop (drop (memory.grow (i32.const 16))) (br 0)) unreachable";
    let once = "(drop (memory.grow (i32.const 65535))) (i32.const 64)";
    // The limit is 256 pages, of a guest and not of each of its memories.
    let five = "(memory 60) (func $touch (memory.fill (i32.const 0) (i32.const 1) (i32.const 3900000))) (start $touch)";
    let table = "(table 1 funcref)";
    let grow_table = "(loop (drop (table.grow 0 (ref.null func) (i32.const 1000))) (br 0)) unreachable";
    repel(
        Slot::Tagger,
        vec![
            Attack(
                "memory without end",
                on_photos("", bomb),
                Kind::Trapped,
                "PLUGIN_MEMORY_BYTES",
            ),
            Attack(
                "4 GiB at once",
                on_photos("", once),
                Kind::Trapped,
                "PLUGIN_MEMORY_BYTES",
            ),
            Attack(
                "4 GiB from the start",
                with_instances("(module (memory 65536))", 1),
                Kind::Trapped,
                "PLUGIN_MEMORY_BYTES",
            ),
            Attack(
                "many memories, each of which is small enough",
                with_instances(&format!("(module {five})"), 5),
                Kind::Trapped,
                "PLUGIN_MEMORY_BYTES",
            ),
            Attack(
                "a table without end",
                on_photos(table, grow_table),
                Kind::Trapped,
                "PLUGIN_TABLE_ELEMENTS",
            ),
            Attack(
                "many tables, each of which is small enough",
                with_instances("(module (table 9000 funcref))", 5),
                Kind::Trapped,
                "PLUGIN_TABLE_ELEMENTS",
            ),
            Attack(
                "more instances than allowed",
                with_instances("(module)", 17),
                Kind::Trapped,
                "instance count too high",
            ),
        ],
    );
}

/// A small file may ask for a large memory with something in every corner; the host must not hold all of it.
#[test]
fn data_in_every_corner_costs_what_it_holds() {
    let corners: String = (0..255)
        .map(|page| format!("(data (i32.const {}) \"x\")", page * 65_536 + 32_768))
        .collect();
    let crumbs = "(data (i32.const 0) \"x\")".repeat(50_000);
    let huge = with_instances("(module (memory 65536) (data (i32.const -1) \"x\"))", 1);
    let corners = with_instances(&format!("(module (memory 255) {corners})"), 1);
    let crumbs = with_instances(&format!("(module (memory 1) {crumbs})"), 1);
    let many = with_instances("(module)", 100_000);
    with_host_alone(settings(), Graphs::new(), move |host| {
        let before = resident();
        for _ in 0..5 {
            host.repels(
                Slot::Tagger,
                &Attack(
                    "data at the end of 4 GiB",
                    huge.clone(),
                    Kind::Trapped,
                    "PLUGIN_MEMORY_BYTES",
                ),
            );
            for (name, component) in [("corners", &corners), ("crumbs", &crumbs)] {
                host.plugins
                    .swap(Slot::Tagger, component, None, name, &Who::default())
                    .unwrap();
                host.call(Slot::Tagger).unwrap();
                host.plugins.roll_back(Slot::Tagger, &Who::default()).unwrap();
            }
        }
        assert!(
            host.plugins
                .swap(Slot::Tagger, &many, None, "a test", &Who::default())
                .is_err()
        );
        let grown = resident().saturating_sub(before);
        assert!(grown < 64 * MEBIBYTE, "{grown} bytes more");
        host.serves_on("components of many parts");
    });
}

/// What a guest took is given back when its call is over, however it ended.
#[test]
fn nothing_leaks() {
    let takes = |end: &str| {
        on_photos(
            "",
            &format!(
                "(drop (memory.grow (i32.const 200))) (memory.fill (i32.const 65536) (i32.const 1) (i32.const 13000000)) {end}"
            ),
        )
    };
    let guests = ["unreachable", "(i32.const 128)", "(call $deeper)"].map(takes);
    with_host_alone(settings(), Graphs::new(), move |host| {
        let round = || {
            for guest in &guests {
                host.plugins
                    .swap(Slot::Tagger, guest, None, "a test", &Who::default())
                    .unwrap();
                let _ = host.call(Slot::Tagger);
            }
        };
        (0..5).for_each(|_| round());
        let (before, files) = (resident(), open_files());
        (0..30).for_each(|_| round());
        let grown = resident().saturating_sub(before);
        assert!(
            grown < 32 * MEBIBYTE,
            "{grown} bytes more after 90 calls of 13 MB each"
        );
        assert!(open_files() <= files + 8, "files stay open");
    });
}

/// Bytes of this process in memory; 0 where the system does not tell.
fn resident() -> u64 {
    resident_memory().unwrap_or(0)
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}
