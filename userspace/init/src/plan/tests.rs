//! One manifest per rule.

use super::{EXPORTS, Fault, Plan, SERVICES};
use crate::service::{Export, Grant, Source, What};
use capos_abi::generated::BootManifestWriter;
use capos_abi::wire::MessageWriter;

#[derive(Clone)]
struct Service {
    name: String,
    binary: u16,
    args: usize,
    grants: Vec<(String, Source<'static>)>,
    exports: Vec<String>,
}

fn service(name: &str) -> Service {
    Service {
        name: name.into(),
        binary: 1,
        args: 0,
        grants: vec![("console".into(), Source::Console)],
        exports: Vec::new(),
    }
}

fn manifest(services: &[Service]) -> Vec<u8> {
    let mut buffer = vec![0; 512 * 1024];
    let mut message = MessageWriter::new(&mut buffer);
    let mut manifest = BootManifestWriter::root(&mut message).unwrap();
    manifest.set_schema_version(1);
    manifest.set_image("test").unwrap();
    let mut binaries = manifest.init_binaries(2).unwrap();
    for (index, name) in ["init", "program"].into_iter().enumerate() {
        binaries.get(index).unwrap().set_name(name).unwrap();
    }
    let mut list = manifest.init_services(services.len()).unwrap();
    for (index, service) in services.iter().enumerate() {
        let mut writer = list.get(index).unwrap();
        writer.set_name(&service.name).unwrap();
        writer.set_binary(service.binary);
        let mut args = writer.init_args(service.args).unwrap();
        (0..service.args).for_each(|index| args.set_text(index, "arg").unwrap());
        let mut grants = writer.init_grants(service.grants.len()).unwrap();
        for (index, (name, source)) in service.grants.iter().enumerate() {
            let mut grant = grants.get(index).unwrap();
            grant.set_name(name).unwrap();
            match source {
                Source::Console => grant.source().set_console(),
                Source::Init(held) => grant.source().set_init(held).unwrap(),
                Source::Export { service, export } => {
                    let mut source = grant.source();
                    let mut reference = source.init_export().unwrap();
                    reference.set_service(service).unwrap();
                    reference.set_export(export).unwrap();
                }
            }
        }
        let mut exports = writer.init_exports(service.exports.len()).unwrap();
        for (index, name) in service.exports.iter().enumerate() {
            exports.get(index).unwrap().set_name(name).unwrap();
        }
        writer.set_wait(true);
        writer.set_expect(-3);
    }
    message.finish().to_vec()
}

fn read(message: &[u8]) -> Result<Plan<'_>, Fault<'_>> {
    Plan::read(message, |name| {
        ["console", "spawner", "block.data"].contains(&name)
    })
}

fn fault(services: &[Service]) -> String {
    read(&manifest(services)).expect_err("a fault").to_string()
}

#[test]
fn a_sound_manifest_is_read() {
    let mut store = service("store");
    store
        .grants
        .push(("block".into(), Source::Init("block.data")));
    store.exports.push("store".into());
    let mut client = service("store-client");
    client.args = 2;
    // The owner may come later in the list.
    client.grants.push((
        "store".into(),
        Source::Export {
            service: "store",
            export: "store",
        },
    ));
    let message = manifest(&[client, store]);
    let plan = read(&message).unwrap();
    assert_eq!(
        (plan.image(), plan.len(), plan.is_empty()),
        ("test", 2, false)
    );
    let client = plan.service(0).unwrap();
    assert_eq!((client.name, client.binary), ("store-client", "program"));
    assert_eq!(
        (client.wait, client.expect, client.args[..].len()),
        (true, -3, 2)
    );
    let source = Source::Export {
        service: "store",
        export: "store",
    };
    assert_eq!(
        client.grants[1],
        Grant {
            name: "store",
            source
        }
    );
    let store = plan.service(1).unwrap();
    assert_eq!(
        store.exports[..],
        [Export {
            name: "store",
            interface_id: 0
        }]
    );
    assert_eq!(plan.services().count(), 2);
}

#[test]
fn each_rule_is_checked() {
    let with = |edit: &dyn Fn(&mut Service)| {
        let mut bad = service("bad");
        edit(&mut bad);
        fault(&[service("good"), bad])
    };
    assert_eq!(
        with(&|bad| bad.binary = 2),
        "service 1 \"bad\": there is no binary 2"
    );
    assert_eq!(
        with(&|bad| bad.args = 17),
        "service 1 \"bad\": too many arguments"
    );
    assert_eq!(
        with(&|bad| bad.name = "good".into()),
        "service 1 \"good\": \"good\" stands for two things"
    );
    for name in ["", "Bad", "a.b", "a/b", &"x".repeat(25)] {
        let expected = format!("service 1 \"{name}\": \"{name}\" is not a name");
        assert_eq!(with(&|bad| bad.name = name.into()), expected);
    }
    let grant =
        |name: &str, source: Source<'static>| with(&|bad| bad.grants.push((name.into(), source)));
    assert_eq!(
        grant("", Source::Console),
        "service 1 \"bad\": \"\" is not a name"
    );
    assert_eq!(
        grant("console", Source::Console),
        "service 1 \"bad\": \"console\" stands for two things"
    );
    assert_eq!(
        grant("b", Source::Init("block.other")),
        "service 1 \"bad\": init has no \"block.other\" to give"
    );
    assert_eq!(
        grant("b", Source::Init("console")),
        "service 1 \"bad\": init has no \"console\" to give"
    );
    for (service, export) in [("good", "store"), ("nobody", "store")] {
        let expected = format!("service 1 \"bad\": {service} exports no \"store\"");
        assert_eq!(grant("s", Source::Export { service, export }), expected);
    }
    let many = |grants: usize, exports: usize| {
        with(&move |bad| {
            bad.grants = (0..grants)
                .map(|n| (format!("g{n}"), Source::Console))
                .collect();
            bad.exports = (0..exports).map(|n| format!("e{n}")).collect();
        })
    };
    assert_eq!(many(9, 0), "service 1 \"bad\": too many grants");
    assert_eq!(many(0, 9), "service 1 \"bad\": too many exports");
    assert_eq!(many(5, 4), "service 1 \"bad\": too many grants and exports");
    let same = with(&|bad| bad.exports.push("console".into()));
    assert_eq!(same, "service 1 \"bad\": \"console\" stands for two things");
}

#[test]
fn counts_of_the_whole_manifest_are_bounded() {
    let mut buffer = vec![0; 64 * 1024];
    let mut message = MessageWriter::new(&mut buffer);
    let mut writer = BootManifestWriter::root(&mut message).unwrap();
    writer.set_schema_version(1);
    writer.init_services(SERVICES + 1).unwrap();
    let many = read(message.finish()).err().map(|fault| fault.what);
    assert_eq!(many, Some(What::TooMany("services")));
    let mut exporting: Vec<Service> = (0..=EXPORTS / 8)
        .map(|number| Service {
            grants: Vec::new(),
            exports: (0..8).map(|number| format!("e{number}")).collect(),
            ..service(&format!("s{number}"))
        })
        .collect();
    assert_eq!(fault(&exporting), "manifest: too many exports");
    exporting.pop();
    assert!(read(&manifest(&exporting)).is_ok());
}

#[test]
fn damage_is_a_fault_and_never_a_panic() {
    let mut store = service("store");
    store.exports.push("store".into());
    let mut client = service("client");
    client.grants.push((
        "store".into(),
        Source::Export {
            service: "store",
            export: "store",
        },
    ));
    let message = manifest(&[store, client]);
    for at in 0..message.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bad = message.clone();
            bad[at] = value;
            if let Ok(plan) = read(&bad) {
                assert!(plan.services().all(|service| service.is_ok()));
            }
        }
    }
    assert!(matches!(
        read(&[]),
        Err(Fault {
            what: What::Message(_),
            ..
        })
    ));
    let mut other = message.clone();
    let version = other.iter().skip(8).position(|byte| *byte == 1).unwrap() + 8;
    other[version] = 2;
    assert_eq!(
        read(&other).err().map(|fault| fault.what),
        Some(What::Version(2))
    );
}
