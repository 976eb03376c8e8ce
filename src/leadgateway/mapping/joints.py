"""Leaves that share native keys: name parts, and a stage that is a status as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leadgateway.mapping.choices import Choice, coded
from leadgateway.mapping.codecs import expect
from leadgateway.mapping.leaves import is_empty
from leadgateway.mapping.rules import MISSING, JointCodec, Limit, Reading, Writing
from leadgateway.normalize.assembly import assembled
from leadgateway.normalize.name import join, split
from leadgateway.taxonomy import Fidelity, LeadStatus
from leadgateway.values import PersonName


@dataclass(frozen=True)
class NameParts(JointCodec):
    """A name in two keys, both demanded; a part that does not exist takes the placeholder."""

    given_key: str
    family_key: str
    fidelity = Fidelity.NORMALIZED
    conditions = ("a full name is split", "one token needs name_placeholder")

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        given, family = native.get(self.given_key), native.get(self.family_key)
        for part in (given, family):
            if part is not None and not expect(part, str, path, reading):
                return {}
        nobody = (None, "", reading.terms.name_placeholder)
        if given in nobody:
            given = None
        if family in nobody:
            family = None
        if given is None and family is None:
            return {path: None}
        parts = {
            "full": join(given, family), "given": given, "family": family, "inferred": False,
        }  # fmt: skip
        return {path: assembled(PersonName, parts, {"full", "given", "family"})}

    def write(self, value: Any, path: str, limit: Limit | None, writing: Writing) -> Any:
        given, family = self._parts(value.get(path), path, writing)
        body = {}
        for key, part in ((self.given_key, given), (self.family_key, family)):
            text = part or writing.terms.name_placeholder
            if not part:
                reason = "placeholder" if text else "part_missing"
                writing.lose(path, Fidelity.NORMALIZED if text else Fidelity.DROPPED, reason)
            fitted = MISSING if text is None else writing.fit(path, text, limit)
            if fitted is not MISSING:
                body[key] = fitted
        return body

    @staticmethod
    def _parts(
        name: PersonName | None, path: str, writing: Writing
    ) -> tuple[str | None, str | None]:
        if name is None:
            return None, None
        explicit = name.given is not None or name.family is not None
        given, family = (name.given, name.family) if explicit else split(name.full)
        if name.inferred or not explicit:
            writing.lose(path, Fidelity.NORMALIZED, "split")
        if join(given, family) != name.full:
            given, family = split(name.full)
            if explicit and not name.inferred:
                writing.lose(path, Fidelity.NARROWED, "parts_contradict_full")
        if "" in (given, family) or (given, family) == (None, None):
            writing.lose(path, Fidelity.NARROWED if given or family else Fidelity.DROPPED, "empty")
        if writing.terms.name_placeholder in {given, family} - {None}:
            writing.lose(path, Fidelity.NARROWED, "reads_as_placeholder")
        return given, family


@dataclass(frozen=True)
class StageIsStatus(JointCodec):
    """One open-ended text that is both the lead's stage and, where it is known, its status."""

    key: str
    choice: Choice
    fidelity = Fidelity.NORMALIZED
    conditions = ("status and stage share one text", "needs stage_map for stages from elsewhere")

    @property
    def vocabulary(self) -> frozenset[str]:  # type: ignore[override]  # depends on the vendor
        return self.choice.vocabulary

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        word = native[self.key]
        if word is None:
            return {"status": None, "stage.slug": None}
        if not expect(word, str, path, reading):
            return {}
        value = LeadStatus(self.choice.decode(word, reading.terms))
        return {"status": coded(value, word), "stage.slug": word}

    def write(self, value: Any, path: str, limit: Limit | None, writing: Writing) -> Any:
        # A partner that did not change has no say: it follows.
        said = {leaf: v for leaf, v in value.items() if not is_empty(v) and writing.says(leaf)}
        status, slug = said.get("status"), said.get("stage.slug")
        word: Any = self._own_stage(slug, status, writing)
        if word is None and status is not None:
            word = self.choice.word_for(status, "status", writing)
        elif status is not None:
            self.choice.compare(status, word, "status", writing)
        if slug is not None and word != slug:
            self._lose_stage(slug, word, writing)
        if word is None or word is MISSING:
            return {}
        fitted = {writing.fit(leaf, word, limit) for leaf in said}
        return {} if fitted == {MISSING} else {self.key: fitted.pop()}

    def _own_stage(self, slug: str | None, status: Any, writing: Writing) -> str | None:
        """Return the stage's text if it may be written and says the same as the status."""
        if slug is None:
            return None
        mapped = writing.terms.stage_map.get(slug, None if writing.from_elsewhere else slug)
        if mapped is None or status is None:
            return mapped
        return mapped if self.choice.decode(mapped, writing.terms) == status.value else None

    @staticmethod
    def _lose_stage(slug: str, word: Any, writing: Writing) -> None:
        """Say why the stage's own text is not the one that is written."""
        path, mapped = "stage.slug", writing.terms.stage_map.get(slug)
        if mapped is not None and mapped == word:
            writing.lose(path, Fidelity.NORMALIZED, "stage_map")
        elif mapped is None and writing.from_elsewhere:
            writing.lose(path, Fidelity.DROPPED, "stage_unmapped", "name it in stage_map")
        else:
            writing.lose(path, Fidelity.DROPPED, "contradicts_status")
