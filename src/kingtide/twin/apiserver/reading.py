"""Get and list: one object, or all that a selection selects, as of now."""

from __future__ import annotations

from typing import Any

from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.options import ReadOptions
from kingtide.twin.apiserver.pages import Pages
from kingtide.twin.apiserver.paths import Target
from kingtide.twin.apiserver.presenting import Presenter
from kingtide.twin.apiserver.refusals import (
    bad_request,
    expired,
    no_such_resource,
    not_found,
    version_too_large,
)
from kingtide.twin.apiserver.selecting import Selection, field_terms, label_requirements


class Reading:
    """Answers gets and lists."""

    def __init__(self, objects: Objects) -> None:
        self.pages = Pages()
        self._objects = objects

    def find(self, target: Target) -> Entry:
        """Return the object that a request names.

        Raises:
            ApiRefusal: 404, there is none.
        """
        found = self._objects.table(target.resource).entries.get((target.namespace, target.name))
        if found is None:
            raise not_found(target.resource, target.name)
        return found

    def get(self, target: Target, options: ReadOptions) -> bytes:
        """Return the text of one object; its status is read with it.

        Raises:
            ApiRefusal: there is none.
        """
        if target.subresource not in ("", "status"):
            raise no_such_resource()
        self._check_revision(options)
        return self.presenter(target, options).one(self.find(target))

    def list_all(self, target: Target, options: ReadOptions) -> bytes:
        """Return the text of a list, or of a page of one.

        Raises:
            ApiRefusal: a selector or token is none, or the list is forgotten.
        """
        presenter = self.presenter(target, options)
        if options.continues:
            revision, page, token, left = self.pages.go_on(options.continues, options.limit)
            return presenter.all(page, _metadata(revision, token, left))
        self._check_revision(options)
        entries = self.selected(target, options)
        revision, limit = self._objects.revision, options.limit
        if not limit or len(entries) <= limit:
            return presenter.all(entries, _metadata(revision))
        token, left = self.pages.begin(revision, entries, limit)
        return presenter.all(entries[:limit], _metadata(revision, token, left))

    def selected(self, target: Target, options: ReadOptions) -> list[Entry]:
        """Return the objects that a request selects, in order.

        Raises:
            ApiRefusal: 400, a selector is none.
        """
        wanted = selection(target, options)
        found = self._objects.table(target.resource).ordered()
        return found if wanted.is_all else [it for it in found if wanted.selects(it)]

    def presenter(self, target: Target, options: ReadOptions) -> Presenter:
        """Return what writes the objects of a request."""
        objects = self._objects
        return Presenter(target.resource, options.form, options.included, lambda: objects.now_ms)

    def _check_revision(self, options: ReadOptions) -> None:
        """Everything is shown as of now, which is what all but `Exact` allow."""
        asked, current = options.revision, self._objects.revision
        if options.match and options.revision is None:
            raise bad_request(
                "resourceVersionMatch is forbidden unless resourceVersion is provided"
            )
        if asked is not None and asked > current:
            raise version_too_large(asked, current)
        if options.match == "Exact" and asked != current:
            raise expired(
                "The provided resource version is too old: only what is there now is kept"
            )


def selection(target: Target, options: ReadOptions) -> Selection:
    """Return what a list or watch selects.

    Raises:
        ApiRefusal: 400, a selector is none.
    """
    return Selection(
        target.namespace,
        target.name,
        label_requirements(options.label_selector),
        field_terms(target.resource, options.field_selector),
    )


def _metadata(revision: int, token: str = "", left: int = 0) -> dict[str, Any]:
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    if token:
        metadata |= {"continue": token, "remainingItemCount": left}
    return metadata
