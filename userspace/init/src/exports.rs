//! The endpoints behind the services' exports, until they are handed out.

use crate::Failure;
use crate::tools::Tools;
use capos_init::plan::{EXPORTS, Plan};
use capos_init::service::{Service, Source};
use capos_rt::client::Interface;
use capos_rt::{Cap, Ring};

/// Every export of the image. Init makes all endpoints first, so that a service can be given a client
/// of one that starts later.
pub struct Exports<'a> {
    list: [Option<Made<'a>>; EXPORTS],
}

struct Made<'a> {
    service: &'a str,
    name: &'a str,
    /// Moves to the service that exports it.
    owner: Option<Cap<Ring>>,
    /// Is copied to each service that is granted it, and given up after the last: a server ends when
    /// nobody can call it any more, and init would be somebody.
    client: Option<Cap<Ring>>,
    waiting: usize,
}

impl<'a> Exports<'a> {
    /// Makes an endpoint for each export.
    pub fn make(plan: &Plan<'a>, tools: &Tools) -> Result<Exports<'a>, Failure<'a>> {
        let mut exports = Exports {
            list: [const { None }; EXPORTS],
        };
        let mut places = exports.list.iter_mut();
        for service in plan.services() {
            let service = service.map_err(Failure::Manifest)?;
            for (export, place) in service.exports.iter().zip(places.by_ref()) {
                let made = tools.endpoints.create(export.interface_id);
                let (owner, client) =
                    made.map_err(|error| Failure::Call(service.name, "make an endpoint", error))?;
                *place = Some(Made {
                    service: service.name,
                    name: export.name,
                    owner: Some(owner.into_cap()),
                    client: Some(client),
                    waiting: clients_of(plan, service.name, export.name),
                });
            }
        }
        exports.drop_unneeded();
        Ok(exports)
    }

    /// The client facet of an export.
    pub fn client(&self, service: &str, export: &str) -> Option<&Cap<Ring>> {
        let mut list = self.list.iter().flatten();
        list.find(|made| made.service == service && made.name == export)?
            .client
            .as_ref()
    }

    /// Takes the owner sides of a service's exports, with their names.
    pub fn take_owners(&mut self, service: &str) -> [Option<(&'a str, Cap<Ring>)>; EXPORTS] {
        core::array::from_fn(|index| {
            let made = self
                .list
                .get_mut(index)?
                .as_mut()
                .filter(|made| made.service == service)?;
            Some((made.name, made.owner.take()?))
        })
    }

    /// A service has been started: it has its clients.
    pub fn served(&mut self, started: &Service<'a>) {
        for made in self.list.iter_mut().flatten() {
            made.waiting = made
                .waiting
                .saturating_sub(wants(started, made.service, made.name));
        }
        self.drop_unneeded();
    }

    fn drop_unneeded(&mut self) {
        for made in self
            .list
            .iter_mut()
            .flatten()
            .filter(|made| made.waiting == 0)
        {
            made.client = None;
        }
    }
}

/// How many grants in the image name an export.
fn clients_of(plan: &Plan<'_>, service: &str, export: &str) -> usize {
    plan.services()
        .flatten()
        .map(|client| wants(&client, service, export))
        .sum()
}

fn wants(client: &Service<'_>, service: &str, export: &str) -> usize {
    let wanted = Source::Export { service, export };
    client
        .grants
        .iter()
        .filter(|grant| grant.source == wanted)
        .count()
}
