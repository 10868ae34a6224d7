//! Which capabilities were taken back: a forest of derivations.
//!
//! Every capability names one node. Whoever derives a capability makes a node below the one that his
//! own names; revoking a node revokes all that stands below it. To ask whether a capability still
//! holds is one load. A node stays for as long as a capability names it or a node stands below it, so
//! a number that a capability names never means another derivation.

/// Nodes that can exist at once, the root not counted.
pub const NODES: usize = 256;
/// How deep derivations may stand one below the other.
pub const DEPTH: u8 = 16;
/// The node of what nobody can take back. It is never revoked.
pub const ROOT: u16 = 0;

/// Why nothing can be derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoNode {
    /// The capability itself was taken back.
    Revoked,
    /// It would stand deeper than `DEPTH`.
    Depth,
    /// All nodes are in use.
    Full,
}

#[derive(Clone, Copy)]
struct Node {
    /// Capabilities that name it, its revoker, and the nodes right below it; 0 for a free one.
    holders: u32,
    parent: u16,
    depth: u8,
    revoked: bool,
    who: u64,
}

const FREE: Node = Node {
    holders: 0,
    parent: ROOT,
    depth: 0,
    revoked: false,
    who: 0,
};

/// All derivations. `who` is whatever the owner of this wants to know about who made a node.
pub struct Revocation {
    nodes: [Node; NODES + 1],
    used: usize,
}

impl Default for Revocation {
    fn default() -> Self {
        Self::new()
    }
}

impl Revocation {
    /// No derivations.
    pub const fn new() -> Self {
        Self {
            nodes: [FREE; NODES + 1],
            used: 0,
        }
    }

    /// Nodes in use.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Whether what names this node was taken back. A number that names no node was.
    #[inline]
    pub fn is_revoked(&self, node: u16) -> bool {
        self.nodes
            .get(usize::from(node))
            .is_none_or(|node| node.revoked)
    }

    /// Makes a node below `parent`, with one holder.
    pub fn derive(&mut self, parent: u16, who: u64) -> Result<u16, NoNode> {
        let above = self.nodes.get(usize::from(parent)).ok_or(NoNode::Revoked)?;
        if above.revoked {
            return Err(NoNode::Revoked);
        }
        let depth = above.depth.saturating_add(1);
        if depth > DEPTH {
            return Err(NoNode::Depth);
        }
        let mut below = (0..self.nodes.len()).zip(&mut self.nodes).skip(1);
        let free = below.find(|(_, node)| node.holders == 0);
        let (place, slot) = free.ok_or(NoNode::Full)?;
        *slot = Node {
            holders: 1,
            parent,
            depth,
            revoked: false,
            who,
        };
        self.used = self.used.saturating_add(1);
        self.hold(parent);
        Ok(place as u16)
    }

    /// One holder more.
    #[inline]
    pub fn hold(&mut self, node: u16) {
        if node != ROOT
            && let Some(node) = self.nodes.get_mut(usize::from(node))
        {
            node.holders = node.holders.saturating_add(1);
        }
    }

    /// One holder less. Without any the node is free, and its parent has one less too: `freed` is
    /// told who made each node that went.
    #[inline]
    pub fn let_go(&mut self, node: u16, freed: impl FnMut(u64)) {
        if node != ROOT {
            self.drop_holder(node, freed);
        }
    }

    fn drop_holder(&mut self, mut node: u16, mut freed: impl FnMut(u64)) {
        while node != ROOT
            && let Some(found) = self.nodes.get_mut(usize::from(node))
            && found.holders > 0
        {
            found.holders = found.holders.saturating_sub(1);
            if found.holders > 0 {
                return;
            }
            let gone = core::mem::replace(found, FREE);
            self.used = self.used.saturating_sub(1);
            freed(gone.who);
            node = gone.parent;
        }
    }

    /// Revokes a node and all below it; says how many were not revoked before. The root stays.
    pub fn revoke(&mut self, node: u16) -> u32 {
        let mut count = 0_u32;
        if node == ROOT || self.is_revoked(node) {
            return count;
        }
        for place in 1..self.nodes.len() {
            let place = place as u16;
            if self.is_live(place) && !self.is_revoked(place) && self.stands_below(place, node) {
                count = count.saturating_add(1);
                if let Some(found) = self.nodes.get_mut(usize::from(place)) {
                    found.revoked = true;
                }
            }
        }
        count
    }

    /// A node's holders and what stands above it.
    #[cfg(test)]
    pub fn node(&self, node: u16) -> (u32, u16, u64) {
        let node = self.nodes[usize::from(node)];
        (node.holders, node.parent, node.who)
    }

    fn is_live(&self, node: u16) -> bool {
        self.nodes
            .get(usize::from(node))
            .is_some_and(|node| node.holders > 0)
    }

    /// Whether a node is `above`, or stands somewhere below it. Depth bounds the way up.
    fn stands_below(&self, mut node: u16, above: u16) -> bool {
        for _ in 0..=DEPTH {
            if node == above {
                return true;
            }
            node = match self.nodes.get(usize::from(node)) {
                Some(found) if node != ROOT => found.parent,
                _ => return false,
            };
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{DEPTH, NODES, NoNode, ROOT, Revocation};

    #[test]
    fn what_stands_below_goes_too_and_nothing_else() {
        let mut tree = Revocation::new();
        let a = tree.derive(ROOT, 1).unwrap();
        let b = tree.derive(a, 2).unwrap();
        let c = tree.derive(b, 3).unwrap();
        let other = tree.derive(ROOT, 4).unwrap();
        assert_eq!(tree.revoke(b), 2);
        let revoked = [a, b, c, other, ROOT].map(|node| tree.is_revoked(node));
        assert_eq!(revoked, [false, true, true, false, false]);
        assert_eq!((tree.revoke(b), tree.revoke(a)), (0, 1));
        assert_eq!(tree.derive(c, 5), Err(NoNode::Revoked));
        assert_eq!(tree.revoke(ROOT), 0);
    }

    #[test]
    fn a_node_stays_for_as_long_as_something_names_it() {
        let mut tree = Revocation::new();
        let a = tree.derive(ROOT, 1).unwrap();
        let b = tree.derive(a, 2).unwrap();
        let mut freed = Vec::new();
        tree.let_go(a, |who| freed.push(who));
        assert_eq!((freed.len(), tree.used()), (0, 2), "b stands below a");
        tree.hold(b);
        tree.let_go(b, |who| freed.push(who));
        assert_eq!(tree.used(), 2);
        tree.let_go(b, |who| freed.push(who));
        assert_eq!((freed, tree.used()), (vec![2, 1], 0));
    }

    #[test]
    fn bounds() {
        let mut tree = Revocation::new();
        let mut node = ROOT;
        for _ in 0..DEPTH {
            node = tree.derive(node, 0).unwrap();
        }
        assert_eq!(tree.derive(node, 0), Err(NoNode::Depth));
        for _ in usize::from(DEPTH)..NODES {
            tree.derive(ROOT, 0).unwrap();
        }
        assert_eq!(tree.derive(ROOT, 0), Err(NoNode::Full));
        assert!(tree.is_revoked(u16::MAX));
        tree.let_go(u16::MAX, |_| panic!("there is no such node"));
    }

    /// The same forest as a list of live nodes with their parents, revoked by walking.
    #[test]
    fn random_forests_behave_as_the_model() {
        let mut seed = 0x1234_5678_9abc_def1_u64;
        let mut random = move |bound: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed >> 33) as usize % bound
        };
        for _ in 0..50 {
            let mut tree = Revocation::new();
            // Node, parent's index in this list, capabilities that name it, revoked.
            let mut model: Vec<(u16, Option<usize>, u32, bool)> = Vec::new();
            for _ in 0..300 {
                match random(4) {
                    0 | 1 => {
                        let live: Vec<usize> =
                            (0..model.len()).filter(|at| model[*at].2 > 0).collect();
                        let above = live.get(random(live.len() + 1)).copied();
                        let parent = above.map_or(ROOT, |at| model[at].0);
                        match tree.derive(parent, 0) {
                            Ok(node) => model.push((node, above, 1, false)),
                            Err(NoNode::Revoked) => assert!(model[above.unwrap()].3),
                            Err(_) => {}
                        }
                    }
                    2 if !model.is_empty() => {
                        let at = random(model.len());
                        if model[at].2 > 0 {
                            model[at].2 -= 1;
                            tree.let_go(model[at].0, |_| {});
                        }
                    }
                    _ if !model.is_empty() => {
                        let at = random(model.len());
                        if model[at].2 == 0 {
                            continue;
                        }
                        let mut count = 0;
                        for node in 0..model.len() {
                            let mut up = Some(node);
                            while up.is_some_and(|up| up != at) {
                                up = model[up.unwrap()].1;
                            }
                            let kept = holds(&model, node);
                            if up == Some(at) && !model[node].3 && kept {
                                (model[node].3, count) = (true, count + 1);
                            }
                        }
                        assert_eq!(tree.revoke(model[at].0), count);
                    }
                    _ => {}
                }
                for (at, (node, _, caps, revoked)) in model.iter().enumerate() {
                    if *caps > 0 {
                        assert_eq!(tree.is_revoked(*node), *revoked, "{at}");
                    }
                }
                let kept = (0..model.len()).filter(|at| holds(&model, *at)).count();
                assert_eq!(tree.used(), kept);
            }
        }
    }

    /// Whether a capability names the node or one below it.
    fn holds(model: &[(u16, Option<usize>, u32, bool)], at: usize) -> bool {
        model[at].2 > 0 || (0..model.len()).any(|low| model[low].1 == Some(at) && holds(model, low))
    }
}
