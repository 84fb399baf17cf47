//! The responses that a conversation handle has seen, found by id and by parent.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::forest::{Response, ResponseId};

/// Responses in the order in which they became known.
#[derive(Debug, Default)]
pub(super) struct Index {
    responses: FxHashMap<ResponseId, Arc<Response>>,
    /// Ids by parent; roots under `None`.
    children: FxHashMap<Option<ResponseId>, Vec<ResponseId>>,
}

impl Index {
    /// Adds a response, or replaces the one of that id.
    pub(super) fn insert(&mut self, response: Arc<Response>) {
        let (id, parent) = (response.id.clone(), response.parent.clone());
        match self.responses.insert(id.clone(), response) {
            Some(old) if old.parent == parent => return,
            Some(old) => {
                if let Some(siblings) = self.children.get_mut(&old.parent) {
                    siblings.retain(|sibling| *sibling != id);
                }
            }
            None => {}
        }
        self.children.entry(parent).or_default().push(id);
    }

    pub(super) fn get(&self, id: &ResponseId) -> Option<&Arc<Response>> {
        self.responses.get(id)
    }

    /// Remembers that a response is public now.
    pub(super) fn mark_shared(&mut self, id: &ResponseId) {
        if let Some(response) = self.responses.get_mut(id) {
            Arc::make_mut(response).shared = true;
        }
    }

    /// What answers `parent`; for `None` the roots.
    pub(super) fn children(
        &self,
        parent: Option<&ResponseId>,
    ) -> impl Iterator<Item = &Arc<Response>> {
        let ids = self.children.get(&parent.cloned()).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.responses.get(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Time;

    fn id(text: &str) -> ResponseId {
        ResponseId::parse(text).unwrap()
    }

    fn response(name: &str, parent: Option<&str>) -> Arc<Response> {
        let response = Response::human(id(name), name, Time(0));
        Arc::new(Response { parent: parent.map(id), ..response })
    }

    fn names(index: &Index, parent: Option<&str>) -> Vec<String> {
        index.children(parent.map(id).as_ref()).map(|child| child.id.to_string()).collect()
    }

    #[test]
    fn children_keep_the_order_in_which_they_came() {
        let mut index = Index::default();
        for (name, parent) in [("a", None), ("b", Some("a")), ("c", Some("a")), ("d", None)] {
            index.insert(response(name, parent));
        }
        assert_eq!(names(&index, None), ["a", "d"]);
        assert_eq!(names(&index, Some("a")), ["b", "c"]);
        assert!(names(&index, Some("d")).is_empty());
    }

    #[test]
    fn a_response_that_comes_again_is_replaced_not_doubled() {
        let mut index = Index::default();
        index.insert(response("a", None));
        index.insert(response("b", None));
        index.insert(response("b", None));
        assert_eq!(names(&index, None), ["a", "b"]);
        index.insert(response("b", Some("a")));
        assert_eq!(names(&index, None), ["a"]);
        assert_eq!(names(&index, Some("a")), ["b"]);
    }
}
